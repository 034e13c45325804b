"""The certificate: each kind of wrong shows in its own figure, and only a proven optimum passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.properties.economies import random_case

from lustrum.errors import SpecError
from lustrum.lp.certificate import certify, dual_bound, primal_residuals
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options
from lustrum.lp.problem import Goal, Grid, Problem
from lustrum.lp.solution import Certificate
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.stages import solve_problem

TOLERANCE = 1e-6
GRADIENT = np.array([3.0, 5.0])
VALUES = np.array([2.0, 6.0])
DUAL = np.array([0.0, 1.5, 1.0])


def wyndor(factor: float = 1.0) -> Problem:
    """max 3 x + 5 y, x <= 4, 2 y <= 12, 3 x + 2 y <= 18 (limits times a factor)."""
    return Problem(
        Coefficients(sparse.csr_matrix(np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]))),
        np.full(3, -np.inf),
        factor * np.array([4.0, 12.0, 18.0]),
        np.zeros(2),
        np.full(2, np.inf),
        np.full(2, factor),
        {},
        {},
        (Goal("aim", GRADIENT, 0.0, 0.0),),
    )


def check(values: np.ndarray = VALUES, dual: np.ndarray = DUAL, problem: Problem | None = None) -> Certificate:
    return certify(problem or wyndor(), GRADIENT, 0.0, np.asarray(values), np.asarray(dual), TOLERANCE)


def test_an_optimal_pair_holds() -> None:
    found = check()
    assert found.holds
    assert found == Certificate(0.0, 0.0, 0.0, TOLERANCE)


def test_too_much_of_a_row_is_a_primal_residual() -> None:
    found = check(VALUES + np.array([0.0, 0.006]))
    assert not found.holds
    assert found.primal_residual == pytest.approx(0.012 / 12.012)  # against the row's largest term
    assert found.dual_residual == 0


def test_a_value_outside_its_bounds_is_a_primal_residual() -> None:
    found = check(np.array([-0.1, 6.0]))
    assert found.primal_residual == pytest.approx(0.1)
    assert not found.holds


def test_too_little_is_a_gap() -> None:
    found = check(np.array([1.9, 6.0]))
    assert found.primal_residual == found.dual_residual == 0
    assert found.gap == pytest.approx(0.3 / 36)
    assert not found.holds


def test_prices_that_leave_a_profit_are_a_dual_residual() -> None:
    found = check(dual=np.array([0.0, 1.5, 0.9]))
    assert found.dual_residual == pytest.approx(0.3 / 3)  # 3 - 0.9 · 3 is left on the first product
    assert not found.holds


def test_a_price_of_the_wrong_sign_is_a_dual_residual() -> None:
    """A ceiling cannot have a marginal value below zero: there is no lower side to hold it."""
    found = check(dual=np.array([-0.5, 1.5, 1.0]))
    assert found.dual_residual > 0.01
    assert not found.holds


def test_prices_too_high_are_a_gap() -> None:
    found = check(dual=np.array([0.1, 1.5, 1.0]))
    assert found.dual_residual == 0  # still a proof, but of a weaker bound
    assert found.gap == pytest.approx(0.4 / 36.4)
    assert not found.holds


def test_the_bound_counts_the_bounds_of_variables() -> None:
    capped = replace(wyndor(), upper=np.array([1.0, np.inf]))
    found = certify(capped, GRADIENT, 0.0, np.array([1.0, 6.0]), np.array([0.0, 2.5, 0.0]), TOLERANCE)
    assert found.holds
    assert dual_bound(capped, GRADIENT, np.array([0.0, 2.5, 0.0])) == (0.0, 33.0)


def test_a_free_variable_may_earn_nothing() -> None:
    free = replace(wyndor(), lower=np.array([-np.inf, 0.0]))
    assert not certify(free, np.array([2.0, 5.0]), 0.0, VALUES, DUAL, TOLERANCE).holds


def test_a_figure_that_is_no_number_never_holds() -> None:
    assert not check(np.array([np.nan, 6.0])).holds
    assert not check(dual=np.array([0.0, np.nan, 1.0])).holds
    assert not Certificate(0.0, 0.0, float("nan"), TOLERANCE).holds


def test_the_constant_is_part_of_the_objective() -> None:
    found = certify(wyndor(), GRADIENT, -36.0, VALUES, DUAL, TOLERANCE)
    assert found.holds


def test_a_small_base_does_not_excuse_a_profit() -> None:
    """An activity that hardly exists may grow: its prices are judged by what its whole family is worth."""
    small = replace(
        wyndor(),
        coefficients=Coefficients(sparse.csr_matrix(np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [3.0, 2.0, 0.0]]))),
        lower=np.zeros(3),
        upper=np.full(3, np.inf),
        scale=np.array([1.0, 1.0, 1e-6]),
        variables={"output": Grid("output", ("activity",), {"activity": ("a", "b", "c")}, np.arange(3))},
    )
    gradient = np.append(GRADIENT, 1e-5)
    found = certify(small, gradient, 0.0, np.append(VALUES, 0.0), DUAL, TOLERANCE)
    assert found.dual_residual == pytest.approx(1e-5 / (1e-3 * 36 / 8))
    assert not found.holds


def test_a_wrong_sign_is_judged_where_it_matters_most() -> None:
    """A large price elsewhere does not hide it."""
    dual = np.array([-1e-3, 1.5, 1.0])
    assert check(dual=dual).dual_residual == pytest.approx(1e-3 / 3)
    apart = replace(wyndor(), row_upper=np.array([4.0, 12e-9, 18.0]), scale=np.array([1.0, 1e-9]))
    found = certify(apart, np.array([3.0, 5e9]), 0.0, np.array([4.0, 6e-9]), np.array([-1e-3, 2.5e9, 0.0]), TOLERANCE)
    assert found.dual_residual > 1e-4


def test_an_objective_of_zero_is_not_judged_by_rounding() -> None:
    """Nothing can be had: objective and bound are zero but for rounding, and that proves an optimum."""
    nothing = replace(wyndor(), row_upper=np.array([0.0, 0.0, 0.0]))
    found = certify(nothing, GRADIENT, 0.0, np.array([0.0, 3e-15]), DUAL, TOLERANCE)
    assert found.gap < TOLERANCE
    assert found.holds
    assert not certify(nothing, GRADIENT, 0.0, np.array([0.0, 1e-7]), DUAL, TOLERANCE).holds


@given(st.floats(-8, 8))
def test_the_unit_of_money_is_no_matter(exponent: float) -> None:
    """Residuals are relative: the same plan in cents or in millions has the same certificate."""
    factor = 10.0**exponent
    slightly = np.array([1.9, 6.0005])
    small, large = check(slightly), check(slightly * factor, problem=wyndor(factor))
    for a, b in ((small.primal_residual, large.primal_residual), (small.gap, large.gap)):
        assert a == pytest.approx(b, rel=1e-6)


def test_residuals_are_listed_by_row_then_by_variable() -> None:
    residuals = primal_residuals(wyndor(), np.array([5.0, -1.0]))
    np.testing.assert_allclose(residuals, [1 / 5, 0, 0, 0, 1.0])


def test_the_worst_of_two() -> None:
    a, b = Certificate(1e-9, 2e-7, 0.0, 1e-6), Certificate(1e-8, 1e-9, 3e-7, 1e-5)
    assert a.worst(b) == Certificate(1e-8, 2e-7, 3e-7, 1e-6)


def drawn_problem(seed: int, largest: int, longest: int) -> Problem:
    """A random plan as a linear program; a drawn plan may ask for what drawn accounts do not have."""
    try:
        return build_problem(PlanData(*random_case(seed, largest, longest)))
    except SpecError:
        reject()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.integers(0, 10**6), st.data())
def test_no_spoilt_plan_passes(seed: int, data: st.DataObject) -> None:
    """One value that matters a tenth higher, or one marginal value that matters turned round."""
    problem = drawn_problem(seed, 6, 2)
    problem = replace(problem, goals=problem.goals[:1])
    solution = solve_problem(problem, Options("simplex", 60.0, 1), TOLERANCE)
    assume(solution.status == "optimal")
    stage, goal = solution.stages[0], problem.goals[0]
    values, dual = solution.values.copy(), stage.row_dual.copy()
    felt = 1e-3 * max(1e-12, abs(stage.objective), float(np.abs(goal.gradient * values).max(initial=0.0)))
    if data.draw(st.booleans(), "value rather than price"):
        heavy = np.flatnonzero(np.abs(goal.gradient * values) > felt)
        assume(heavy.size)
        values[data.draw(st.sampled_from(list(heavy)))] *= 1.1
    else:
        sides = np.nan_to_num(np.where(dual > 0, problem.row_upper, problem.row_lower), posinf=0.0, neginf=0.0)
        heavy = np.flatnonzero(np.abs(dual * sides) > felt)
        assume(heavy.size)
        dual[data.draw(st.sampled_from(list(heavy)))] *= -1.0
    found = certify(problem, goal.gradient, goal.constant, values, dual, TOLERANCE)
    assert not found.holds
