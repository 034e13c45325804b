"""What interior points leave over is cleared away; behind thin locks the sides are found with some room."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.staircase.cases import Case, drawn, small, stages

from lustrum.solving.certificate import certify
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.interior import Aim, interior_point
from lustrum.solving.staircase.polish import eased, polish
from lustrum.solving.staircase.reduce import reduce_problem


def worst(case: Case) -> float:
    """Largest figure of the certificate of what the solver calls an optimum."""
    found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size)
    assert found.status == "optimal"
    c = case.certificate(found)
    return max(c.primal_residual, c.dual_residual, c.gap)


def test_a_rough_point_becomes_exact() -> None:
    """Two products in three workshops, stopped at 1e-4: 2 and 6 at prices 0, 3/2 and 1, to the last figure."""
    inf = np.inf
    p = small([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]], [-inf] * 3, [4.0, 12.0, 18.0], [3.0, 5.0], inf)
    aim = p.goals[0].gradient
    reduced = reduce_problem(p, aim).balanced()
    rough = interior_point(reduced, Aim(1e-4))

    def judge(u: np.ndarray, y: np.ndarray) -> float:
        c = certify(p, aim, 0.0, *reduced.restore(u, y), 1e-8)
        return max(c.primal_residual, c.dual_residual, c.gap)

    assert judge(rough.u, rough.y) > 1e-12
    u, y = polish(reduced, rough.u, rough.y, judge)
    values, dual = reduced.restore(u, y)
    np.testing.assert_allclose(values, [2.0, 6.0], rtol=1e-14)
    np.testing.assert_allclose(dual, [0.0, 1.5, 1.0], rtol=1e-14, atol=0)


@pytest.mark.parametrize("seed", [27, 44, 110, 129])
def test_nothing_is_left_over(seed: int) -> None:
    """Iterations alone ended between 2e-7 and 5e-7 here: outputs without capital, prices of goods in plenty."""
    assert worst(next(iter(stages(drawn(seed))))) <= 1e-10


def test_an_objective_that_cannot_move_has_no_prices() -> None:
    """Employment where no plan may change it: zero, at prices of zero."""
    case = list(stages(drawn(143)))[1]
    assert not case.goal.gradient.any()
    assert worst(case) <= 1e-10


@pytest.mark.parametrize(("seed", "stage"), [(45, 1), (131, 1)])
def test_behind_a_thin_lock(seed: int, stage: int) -> None:
    """The lock leaves 1e-7 of room: with more of it the sides are found, and then the point without."""
    case = list(stages(drawn(seed)))[stage]
    assert worst(case) <= 1e-10


def test_room_is_given_to_locks_only() -> None:
    """Other rows keep their sides."""
    case = list(stages(drawn(45)))[1]
    reduced = reduce_problem(case.problem, case.goal.gradient)
    moved = np.flatnonzero(eased(reduced, 1e-3).low != reduced.low)
    assert {reduced.names[k] for k in reduced.kind[moved]} == {"stage_lock"}
    np.testing.assert_allclose(reduced.low[moved] - eased(reduced, 1e-3).low[moved], 1e-3)
