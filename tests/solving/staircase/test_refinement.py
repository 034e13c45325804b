"""Remainders of the interior point are removed; where bounds leave no slack, relaxed programs find the active set."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.staircase.cases import Case, drawn, small, stages

from lustrum.lp.certificate import certify
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.interior_point import StoppingCriteria, interior_point
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.refinement import refine_active_set


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
    reduced = reduce_problem(p, aim).equilibrated()
    rough = interior_point(reduced, StoppingCriteria(1e-4))

    def judge(u: np.ndarray, y: np.ndarray) -> float:
        c = certify(p, aim, 0.0, *reduced.restore(u, y), 1e-8)
        return max(c.primal_residual, c.dual_residual, c.gap)

    assert judge(rough.u, rough.y) > 1e-12
    u, y = refine_active_set(reduced, rough.u, rough.y, judge)
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
def test_a_bound_that_leaves_almost_no_slack(seed: int, stage: int) -> None:
    """The lexicographic bound leaves 1e-7: with more slack, or violated at a price, the active set is found."""
    case = list(stages(drawn(seed)))[stage]
    assert worst(case) <= 1e-8


def test_far_from_natural_size() -> None:
    """Outputs of ten million times the base year's."""
    assert worst(next(iter(stages(drawn(192))))) <= 1e-8


def test_programs_put_differently_are_the_same() -> None:
    """A point has the same values, duals and terms on each; only lexicographic bounds are relaxed."""
    case = list(stages(drawn(45)))[1]
    reduced = reduce_problem(case.problem, case.goal.gradient).equilibrated()
    rng = np.random.default_rng(1)
    u, y = 100 * rng.random(reduced.matrix.shape[1]), rng.random(reduced.matrix.shape[0])
    values, dual = reduced.restore(u, y)

    far = reduced.rescaled(u)
    v, p = u * reduced.column_scale / far.column_scale, y * reduced.row_scale / far.row_scale
    assert np.abs(v).max() <= 50
    np.testing.assert_allclose(far.restore(v, p)[0], values, rtol=1e-12)
    np.testing.assert_allclose(far.restore(v, p)[1], dual, rtol=1e-9, atol=1e-12)
    assert far.cost @ v == pytest.approx(reduced.cost @ u)

    at_a_price = reduced.penalised(8.0, 5.0)
    (bound,) = np.flatnonzero(reduced.lexicographic)
    broken = at_a_price.matrix @ np.append(u, 2.0)
    assert broken[bound] == pytest.approx(8 * (reduced.matrix @ u)[bound] + 2)
    np.testing.assert_allclose(np.delete(broken, bound), np.delete(reduced.matrix @ u, bound))
    assert at_a_price.cost @ np.append(u, 2.0) == pytest.approx(reduced.cost @ u + 10)

    moved = np.flatnonzero(reduced.relaxed(1e-3).row_lower != reduced.row_lower)
    assert moved.tolist() == [bound]
    np.testing.assert_allclose(reduced.row_lower[bound] - reduced.relaxed(1e-3).row_lower[bound], 1e-3)
