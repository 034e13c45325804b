"""What interior points leave over is cleared away; behind thin locks the sides are found with some room."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.staircase.cases import Case, drawn, small, stages

from lustrum.lp.certificate import certify
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.again import eased, priced, rescaled
from lustrum.solving.staircase.interior import Aim, interior_point
from lustrum.solving.staircase.polish import polish
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


@pytest.mark.parametrize(("seed", "stage"), [(45, 1), (130, 3)])
def test_behind_a_thin_lock(seed: int, stage: int) -> None:
    """The lock leaves 1e-7 of room: with more of it, or where it may be broken at a price, the sides are found."""
    case = list(stages(drawn(seed)))[stage]
    assert worst(case) <= 1e-8


def test_far_from_natural_size() -> None:
    """Outputs of ten million times the base year's."""
    assert worst(next(iter(stages(drawn(192))))) <= 1e-8


def test_programs_put_differently_are_the_same() -> None:
    """A point has the same values, prices and terms on each of them; room is given to locks alone."""
    case = list(stages(drawn(45)))[1]
    reduced = reduce_problem(case.problem, case.goal.gradient).balanced()
    rng = np.random.default_rng(1)
    u, y = 100 * rng.random(reduced.matrix.shape[1]), rng.random(reduced.matrix.shape[0])
    values, dual = reduced.restore(u, y)

    far = rescaled(reduced, u)
    v, p = u * reduced.u_scale / far.u_scale, y * reduced.y_scale / far.y_scale
    assert np.abs(v).max() <= 50
    np.testing.assert_allclose(far.restore(v, p)[0], values, rtol=1e-12)
    np.testing.assert_allclose(far.restore(v, p)[1], dual, rtol=1e-9, atol=1e-12)
    assert far.cost @ v == pytest.approx(reduced.cost @ u)

    at_a_price = priced(reduced, 8.0, 5.0)
    (lock,) = np.flatnonzero(reduced.kind == reduced.names.index("lexicographic_bound"))
    broken = at_a_price.matrix @ np.append(u, 2.0)
    assert broken[lock] == pytest.approx(8 * (reduced.matrix @ u)[lock] + 2)
    np.testing.assert_allclose(np.delete(broken, lock), np.delete(reduced.matrix @ u, lock))
    assert at_a_price.cost @ np.append(u, 2.0) == pytest.approx(reduced.cost @ u + 10)

    moved = np.flatnonzero(eased(reduced, 1e-3).low != reduced.low)
    assert moved.tolist() == [lock]
    np.testing.assert_allclose(reduced.low[lock] - eased(reduced, 1e-3).low[lock], 1e-3)
