"""Linking rows kept sparse: the same directions and the same optimum as with rows written out."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded, stages

from lustrum.solving.staircase import kkt, maximise_staircase
from lustrum.solving.staircase.kkt import KktFactor, SparseLinking
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.structure import analyse

#: Plans whose linking rows are tied by pieces alone, to the core's own variables.
SEEDS = (16, 30, 50)


@pytest.mark.parametrize("seed", SEEDS)
def test_directions_are_those_of_rows_written_out(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two plans at once, careful and not."""
    p = drawn(seed)
    r = reduce_problem(p, p.goals[0].gradient).equilibrated()
    s = analyse(r)
    m, n = r.matrix.shape
    rng = np.random.default_rng(seed)
    e, w = 10 ** rng.uniform(-2, 2, (2, n)), 10 ** rng.uniform(-2, 2, (2, m))
    xi, zeta = rng.normal(size=(2, n)), rng.normal(size=(2, m))
    found = []
    for places, share in ((1, 2.0), (10**9, 0.0)):
        monkeypatch.setattr(kkt, "PLACES", places)
        monkeypatch.setattr(kkt, "SHARE", share)
        factor = KktFactor(s, r.matrix, 2)
        for careful in (False, True):
            factor.pivoting[:] = careful
            factor.update(e, w, 1 / w)
            found.append(factor.solve_once(xi, zeta))
    for du, dy in found[:3]:
        np.testing.assert_allclose(du, found[3][0], rtol=1e-6, atol=1e-9 * np.abs(found[3][0]).max())
        np.testing.assert_allclose(dy, found[3][1], rtol=1e-6, atol=1e-9 * np.abs(found[3][1]).max())


@pytest.mark.parametrize("seed", SEEDS)
def test_comes_to_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS's objective, and a certificate."""
    monkeypatch.setattr(kkt, "PLACES", 1)
    monkeypatch.setattr(kkt, "SHARE", 2.0)
    case = next(stages(drawn(seed)))
    found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size)
    assert found.status == "optimal"
    assert case.certificate(found).holds
    ours, theirs = case.objective(found.values), case.objective(case.known.values)
    assert abs(ours - theirs) <= 1e-7 * max(abs(ours), abs(theirs), case.goal.size)


def test_rows_that_feel_dense_rows_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchange is tied to product balances by trade; such rows touch a whole year."""
    monkeypatch.setattr(kkt, "PLACES", 1)
    monkeypatch.setattr(kkt, "SHARE", 2.0)
    p = embedded("us-2019-16")
    s = analyse(reduce_problem(p, p.goals[0].gradient).equilibrated())
    codes = KktFactor(s, reduce_problem(p, p.goals[0].gradient).equilibrated().matrix)._link_codes
    assert not SparseLinking.suits(s, codes)
