"""The core, dense rows and products on a device: the same plans as by the processor's own code.

There is no graphics card here. Strict arrays stand for one (`strict`), which mix with numpy's as little as CuPy's do.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from tests.solving.staircase.cases import drawn, embedded, stages
from tests.solving.staircase.strict import Travels, numpy_namespace, strict_namespace

from lustrum.errors import BadInput
from lustrum.lp import coefficients
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options
from lustrum.solving.stages import solve_problem
from lustrum.solving.staircase import device, kkt, maximise_staircase
from lustrum.solving.staircase import maximise as module
from lustrum.solving.staircase.device import (
    DeviceCoefficients,
    DeviceCore,
    DeviceRows,
    Namespace,
    namespace,
)
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.structure import HostRows, Structure, analyse

SPACES = {"numpy": numpy_namespace, "strict": strict_namespace}


@pytest.fixture(params=SPACES)
def space(request: pytest.FixtureRequest) -> Namespace:
    """numpy in the place of the device's library, and strict arrays."""
    return SPACES[request.param]()


@pytest.fixture
def on_arrays(monkeypatch: pytest.MonkeyPatch, space: Namespace) -> None:
    """Let these arrays stand for the device's library."""
    monkeypatch.setattr(module, "namespace", lambda device: space if device == "gpu" else None)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables are kept as tables, too."""
    monkeypatch.setattr(coefficients, "LEAST", 100)


def directions(s: Structure, matrix: Coefficients, space: Namespace | None) -> tuple[np.ndarray, np.ndarray]:
    """Directions of a factor for drawn weights and right-hand sides."""
    rng = np.random.default_rng(3)
    m, n = matrix.shape
    e, w = 10 ** rng.uniform(-2, 2, (1, n)), 10 ** rng.uniform(-2, 2, (1, m))
    xi, zeta = rng.normal(size=(1, n)), rng.normal(size=(1, m))
    factor = KktFactor(s, matrix, 1, space)
    factor.update(e, w, 1 / w)
    assert not factor.failed.any()
    return factor.solve(xi, zeta)


def near(found: tuple[np.ndarray, np.ndarray], known: tuple[np.ndarray, np.ndarray]) -> None:
    """Both parts are the same but for rounding."""
    for ours, theirs in zip(found, known, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize("name", ["island", "us-2019-16", 7, 11, 32])
def test_solves_as_the_processor_does(name: str | int, space: Namespace) -> None:
    """Directions of both for the same weights, linking rows and several years among them."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    r = reduce_problem(p, p.goals[0].gradient).equilibrated()
    s = analyse(r)
    near(directions(s, r.matrix, space), directions(s, r.matrix, None))


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("entries_from", [0, 10**6])
def test_tables_are_sent_once(entries_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With tables in the matrix: the same directions, and in a step nothing travels that is as large as a table."""
    monkeypatch.setattr(device, "ENTRIES_FROM", entries_from)
    p = embedded("us-2019-16")
    r = reduce_problem(p, p.goals[0].gradient).equilibrated()
    s, travels = analyse(r), Travels()
    assert r.matrix.tables
    near(directions(s, r.matrix, strict_namespace(travels)), directions(s, r.matrix, None))
    size = r.matrix.tables[0].matrix.size
    assert travels.sent[size] == 1


@pytest.mark.usefixtures("tables")
def test_a_step_sends_vectors_only() -> None:
    """Once all is there, weights, single figures and right-hand sides travel, and no dense row."""
    p = embedded("us-2019-16")
    r = reduce_problem(p, p.goals[0].gradient).equilibrated()
    s, travels = analyse(r), Travels()
    m, n = r.matrix.shape
    factor = KktFactor(s, r.matrix, 1, strict_namespace(travels))
    factor.update(np.ones((1, n)), np.ones((1, m)), np.ones((1, m)))
    factor.solve(np.ones((1, n)), np.ones((1, m)))
    travels.sent.clear()
    travels.back.clear()
    factor.update(np.full((1, n), 2.0), np.ones((1, m)), np.ones((1, m)))
    factor.solve(np.ones((1, n)), np.ones((1, m)))
    assert sum(travels.sent.values()) > 0
    assert travels.largest() <= max(m, n, factor._map.direct.size, s.linking.size * s.core.size)


@pytest.mark.parametrize("seed", [16, 30])
def test_linking_rows_that_stay_sparse(seed: int, monkeypatch: pytest.MonkeyPatch, space: Namespace) -> None:
    """They become dense on the device only, and mean the same there."""
    monkeypatch.setattr(kkt, "PLACES", 0)
    monkeypatch.setattr(kkt, "SHARE", 1.0)
    p = drawn(seed)
    r = reduce_problem(p, p.goals[0].gradient).equilibrated()
    s = analyse(r)
    assert KktFactor(s, r.matrix)._sparse_links is not None
    near(directions(s, r.matrix, space), directions(s, r.matrix, None))


def test_products_are_those_of_the_coefficients(monkeypatch: pytest.MonkeyPatch, space: Namespace) -> None:
    """With entries on the device and without, one vector and two, and transposed."""
    rng = np.random.default_rng(5)
    monkeypatch.setattr(coefficients, "LEAST", 4)
    entries = sparse.random(30, 20, 0.2, format="csr", random_state=7)
    matrix = rng.random((9, 6))
    places = ((np.arange(9), np.arange(6)), (rng.permutation(21) + 9, rng.permutation(14)[:8] + 6))
    tables = tuple(
        coefficients.Table(
            rows,
            columns,
            rng.random(rows.size),
            rng.random(columns.size),
            matrix,
            np.arange(rows.size) % 9,
            np.arange(columns.size) % 6,
        )
        for rows, columns in places
    )
    plain = Coefficients(entries, tables)
    for least in (0, 10**6):
        monkeypatch.setattr(device, "ENTRIES_FROM", least)
        there = DeviceCoefficients(plain, space)
        for ours, theirs in ((there, plain), (there.T, plain.T)):
            for v in (rng.random(theirs.shape[1]), rng.random((theirs.shape[1], 2))):
                np.testing.assert_allclose(ours @ v, theirs @ v, rtol=1e-12)


def test_forms_answer_as_those_of_the_processor(space: Namespace) -> None:
    """All that the assembly asks: columns that are a run and others, factors with one figure a row and with more."""
    rng = np.random.default_rng(9)
    for columns in (np.arange(2, 7), np.array([0, 3, 4, 6, 7])):
        form = HostRows(np.array([4, 1, 2]), columns, rng.random((3, 5)))
        other = HostRows(np.array([0, 3]), columns, rng.random((2, 5)))
        there, beside = DeviceRows(form, space), DeviceRows(other, space)
        core, rows, weight = rng.random((8, 1)), rng.random((3, 1)), rng.random(3)
        for x in (sparse.csr_matrix(np.diag([2.0, 3.0, 4.0])), sparse.csr_matrix(np.array([[1.0, 0, 5], [0, 2, 0]]))):
            np.testing.assert_allclose(space.back(there.premultiplied(x)), form.premultiplied(x))
        np.testing.assert_allclose(space.back(there.weighted(weight)), form.weighted(weight))
        at, to = np.array([0, 2, 2]), np.array([1, 0, 1])
        np.testing.assert_allclose(
            space.back(there.weighted_product(at, weight, beside, to)), form.weighted_product(at, weight, other, to)
        )
        ours, theirs = space.send(core.copy()), core.copy()
        np.testing.assert_allclose(space.back(there.times(ours)), form.times(theirs))
        there.add_transposed(ours, rows)
        form.add_transposed(theirs, rows)
        np.testing.assert_allclose(space.back(ours), theirs)


def test_figures_between_years(space: Namespace) -> None:
    """A rectangle and its transpose, at runs and elsewhere, and single figures: the same matrix as written by hand."""
    core, known = DeviceCore(6, 0, space), 9 * np.eye(6)
    part, right = np.arange(6.0).reshape(2, 3) / 10, np.arange(6.0)
    core.entries(np.arange(6), np.arange(6)).add(np.full(6, 9.0))
    for rows, columns in ((np.array([0, 1]), np.array([3, 4, 5])), (np.array([0, 2]), np.array([1, 3, 5]))):
        core.rectangle(rows, columns).add(space.send(part))
        known[np.ix_(rows, columns)] += part
        known[np.ix_(columns, rows)] += part.T
    for columns in (np.array([1, 2, 3]), np.array([0, 2, 5])):
        core.gram(columns).add(space.send(part))
        known[np.ix_(columns, columns)] += part.T @ part
    np.testing.assert_allclose(space.back(core.h), known)
    core.factorise(False, core.clear)
    np.testing.assert_allclose(known @ core.solve(right), right, atol=1e-12)


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
    monkeypatch.setattr(DeviceCore, "factorise", lambda self, *a: used.append(self.size) or factorise(self, *a))
    solution = solve_problem(embedded("island"), Options("staircase", threads=1, device="gpu"), 1e-6)
    assert solution.status == "optimal"
    assert used


@pytest.mark.parametrize("figures", [(1.0, 2.0, 1.0), (1.0, np.nan, 1.0), (1.0, 0.0, np.inf)])
def test_a_core_that_is_not_definite_is_told(figures: tuple[float, float, float], space: Namespace) -> None:
    """As the processor's: more regularisation is for the caller."""
    a, b, c = figures
    core = DeviceCore(2, 0, space)
    core.entries(np.array([0, 1, 0, 1]), np.array([0, 1, 1, 0])).add(np.array([a, c, b, b]))
    with pytest.raises(FloatingPointError, match="not positive definite"):
        core.factorise(False, core.clear)


def test_a_card_too_small_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the library's own words alone, and not by going to the processor."""

    def full(shape: tuple[int, ...]) -> np.ndarray:
        raise MemoryError(f"no room for {shape}")

    monkeypatch.setattr(module, "namespace", lambda _: replace(numpy_namespace(), zeros=full))
    p = embedded("island")
    with pytest.raises(BadInput, match=r"memory is too small(.|\n)*no room for(.|\n)*device: cpu"):
        maximise_staircase(p, p.goals[0].gradient, device="gpu")


def test_what_was_not_sent_is_refused() -> None:
    """The strict arrays themselves: numpy's mix with them in no order, and do not become them by assignment."""
    space = strict_namespace()
    there, here = space.zeros((2, 2)), np.ones((2, 2))
    for forgotten in (
        lambda: there @ here,
        lambda: here @ there,
        lambda: here + there,
        lambda: there * here,
        lambda: there[np.array([0, 1])],
        lambda: np.asarray(there),
        lambda: np.abs(there),
        lambda: np.where(here > 0, there, here),
        lambda: here.__setitem__(0, there[0]),
        lambda: there.__setitem__(0, here[0]),
        lambda: there.__iadd__(here),
    ):
        with pytest.raises((TypeError, ValueError)):
            forgotten()
    assert float((2.0 * np.float64(1) + space.back(there + there))[0, 0]) == 2.0


def test_a_missing_library_is_named_with_its_line_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silent way back to the processor."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BadInput, match=r"lustrum\[gpu\]"):
        namespace("gpu")
    assert namespace("cpu") is None
