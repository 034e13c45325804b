"""The core in arrays of a namespace, with numpy as the namespace: the same plans as by the processor's own code."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded, stages

from lustrum.errors import BadInput
from lustrum.solving.highs import Options
from lustrum.solving.stages import solve_problem
from lustrum.solving.staircase import maximise as module
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.device import DeviceCore, namespace, numpy_namespace
from lustrum.solving.staircase.factor import Factor
from lustrum.solving.staircase.reduce import reduce_problem
from lustrum.solving.staircase.structure import analyse


@pytest.fixture
def on_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let numpy stand for the device's library."""
    monkeypatch.setattr(module, "namespace", lambda device: numpy_namespace() if device == "gpu" else None)


@pytest.mark.parametrize("name", ["island", "us-2019-16", 7, 11, 32])
def test_solves_as_the_processor_does(name: str | int) -> None:
    """Directions of both cores for the same weights, linking rows and several years among them."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    r = reduce_problem(p, p.goals[0].gradient).balanced()
    s = analyse(r)
    rng = np.random.default_rng(3)
    m, n = r.matrix.shape
    e, w = 10 ** rng.uniform(-2, 2, (1, n)), 10 ** rng.uniform(-2, 2, (1, m))
    xi, zeta = rng.normal(size=(1, n)), rng.normal(size=(1, m))
    found = []
    for space in (None, numpy_namespace()):
        factor = Factor(s, r.matrix, 1, space)
        factor.update(e, w, 1 / w)
        found.append(factor.solve_once(xi, zeta))
        assert not factor.failed.any()
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.usefixtures("on_arrays")
@pytest.mark.parametrize("name", ["us-2019-16", 23])
def test_comes_to_the_optimum(name: str | int) -> None:
    """The whole way on arrays of the namespace: HiGHS's objective, and a certificate."""
    case = next(stages(embedded(name) if isinstance(name, str) else drawn(name)))
    found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size, device="gpu")
    assert found.status == "optimal"
    ours, theirs = case.objective(found.values), case.objective(case.known.values)
    assert abs(ours - theirs) <= 1e-7 * max(abs(ours), abs(theirs), case.goal.size)
    assert case.certificate(found).holds


@pytest.mark.usefixtures("on_arrays")
def test_the_plan_file_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options hand the device on: the core that works is the device's."""
    used: list[int] = []
    factorise = DeviceCore.factorise
    monkeypatch.setattr(DeviceCore, "factorise", lambda self, *a: used.append(self.own) or factorise(self, *a))
    solution = solve_problem(embedded("island"), Options("staircase", threads=1, device="gpu"), 1e-6)
    assert solution.status == "optimal"
    assert used


def test_a_core_that_is_not_definite_is_told() -> None:
    """As the processor's: more regularisation is for the caller."""
    core = DeviceCore(2, 0, numpy_namespace())
    core.entries(np.array([0, 1, 0, 1]), np.array([0, 1, 1, 0])).add(np.array([1.0, 1.0, 2.0, 2.0]))
    with pytest.raises(FloatingPointError, match="not positive definite"):
        core.factorise(False, core.clear)


def test_a_missing_library_is_named_with_its_line_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silent way back to the processor."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BadInput, match=r"lustrum\[gpu\]"):
        namespace("gpu")
    assert namespace("cpu") is None
