"""Stages in order: each is kept by those after it, within its tolerance and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from lustrum.accounts.economy import Economy, Source
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Goal, Problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem

OPTIONS = Options("simplex", 60.0, 1)


def guns_and_butter(tolerance: float = 0.0, constant: float = 0.0) -> Problem:
    """100 hands make guns or butter, at most 30 guns: guns first, then butter."""
    return Problem(
        Coefficients(sparse.csr_matrix(np.array([[1.0, 1.0], [1.0, 0.0]]))),
        np.full(2, -np.inf),
        np.array([100.0, 30.0]),
        np.zeros(2),
        np.full(2, np.inf),
        np.ones(2),
        {},
        {},
        (Goal("guns", np.array([1.0, 0.0]), constant, tolerance), Goal("butter", np.array([0.0, 1.0]), 0.0, 0.0)),
    )


@pytest.mark.parametrize("tolerance", [0.0, 1e-7, 1e-3, 0.1])
def test_a_later_stage_takes_what_the_tolerance_gives_and_no_more(tolerance: float) -> None:
    solution = solve_problem(guns_and_butter(tolerance), OPTIONS, 1e-6)
    assert solution.status == "optimal"
    assert [s.name for s in solution.stages] == ["guns", "butter"]
    assert [s.objective for s in solution.stages] == pytest.approx([30.0, 70.0 + 30.0 * tolerance], rel=1e-9)
    assert solution.values == pytest.approx([30.0 * (1 - tolerance), 70.0 + 30.0 * tolerance], rel=1e-9)


def test_the_tolerance_is_of_one_where_the_value_is_smaller() -> None:
    """1e-3 · max(1, |V|): a value near zero may still move a little."""
    solution = solve_problem(guns_and_butter(1e-3, constant=-30.0), OPTIONS, 1e-6)
    assert [s.objective for s in solution.stages] == pytest.approx([0.0, 70.0 + 1e-3], abs=1e-9)


def test_the_constant_of_a_goal_is_in_its_value_and_out_of_its_lock() -> None:
    plain, moved = (solve_problem(guns_and_butter(0.0, c), OPTIONS, 1e-6) for c in (0.0, 1000.0))
    assert moved.stages[0].objective == pytest.approx(plain.stages[0].objective + 1000)
    assert moved.values == pytest.approx(plain.values)


def test_a_lock_is_a_row_with_a_label() -> None:
    problem = guns_and_butter(0.01)
    once = with_bound(problem, problem.goals[0], 30.0)
    twice = with_bound(once, problem.goals[1], 70.0)
    assert problem.shape == (2, 2)
    assert twice.shape == (4, 2)
    assert twice.rows["lexicographic_bound"].labels == {"stage": ("guns", "butter")}
    np.testing.assert_array_equal(twice.rows["lexicographic_bound"].index, [2, 3])
    np.testing.assert_allclose(twice.row_lower[2:], [30 - 0.01 * 30, 70.0])
    np.testing.assert_array_equal(twice.matrix.toarray()[2:], [[1, 0], [0, 1]])
    assert "lexicographic_bound" not in problem.rows


def test_every_stage_has_its_own_dual_vector() -> None:
    """The first stage prices the gun limit; the last, hands and the lock."""
    solution = solve_problem(guns_and_butter(), OPTIONS, 1e-6)
    guns, butter = solution.stages
    np.testing.assert_allclose(guns.row_dual, [0, 1], atol=1e-9)
    assert butter.row_dual.size == 3
    assert butter.row_dual[0] == pytest.approx(1.0)
    assert butter.row_dual[1] + butter.row_dual[2] == pytest.approx(-1.0)  # a gun costs a pound of butter
    assert all(s.certificate.holds for s in solution.stages)


def test_the_first_stage_without_an_optimum_ends_it() -> None:
    problem = guns_and_butter()
    boundless = replace(problem, row_upper=np.array([np.inf, 30.0]))
    solution = solve_problem(boundless, OPTIONS, 1e-6)
    assert solution.status == "unbounded"
    assert [s.name for s in solution.stages] == ["guns"]
    impossible = replace(problem, row_lower=np.array([200.0, -np.inf]))
    solution = solve_problem(impossible, OPTIONS, 1e-6)
    assert solution.status == "infeasible"
    assert solution.stages == ()


def test_a_certificate_that_does_not_hold_is_no_optimum() -> None:
    """With a tolerance no arithmetic can meet, nothing is called optimal."""
    thirds = Coefficients(sparse.csr_matrix(np.array([[1 / 3, 0.1], [0.7, 0.0]])))
    third = replace(guns_and_butter(), coefficients=thirds)
    solution = solve_problem(third, OPTIONS, -1.0)
    assert solution.status == "limit"
    assert solution.stages == ()


def test_progress_names_each_stage() -> None:
    said: list[str] = []
    solve_problem(guns_and_butter(), OPTIONS, 1e-6, said.append)
    assert said == ["stage 1 of 2: guns", "stage 2 of 2: butter"]


def economy() -> Economy:
    return Economy.build(
        Source("three needs", base_year=2000),
        {"product": ["a", "b"], "activity": ["a", "b"], "skill": ["all"], "household": ["h"], "need": ["a", "b"]},
        {
            "supply": np.eye(2),
            "use": np.zeros((2, 2)),
            "output": [10.0, 30.0],
            "labour_coefficient": [[1.0, 1.0]],
            "labour_supply": [50.0],
            "need_composition": np.eye(2),
            "consumption": [[10.0, 30.0]],
        },
    )


def test_the_order_of_stages_is_that_of_the_statement() -> None:
    """Shortfalls class by class, the lowest standard, the main aim, base proportions."""
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        tasks:
          - {name: later, terms: [{of: output, activity: b}], at_least: 45.0, elastic: {priority: 2}}
          - {name: first, terms: [{of: output, activity: a}], at_least: 12.0, elastic: {priority: 1}}
        objective: {kind: output, people_first: true, tie_break: true, stage_tolerance: 0.0}
    """)
    plan = solve_plan(economy(), spec)
    assert [s.name for s in plan.stages] == ["shortfall 1", "shortfall 2", "people_first", "output", "tie_break"]
    values = [s.objective for s in plan.stages]
    # 12 of a, so 38 of b for a target of 45; the lowest standard is the lesser of 12/10 and 38/30; output is 50
    assert values[:4] == pytest.approx([0.0, -7 / 45, 1.2, 50.0])
    # growth of all is 50/40; weights are shares of base output
    assert values[4] == pytest.approx(-(abs(1.2 - 1.25) * 0.25 + abs(38 / 30 - 1.25) * 0.75))
    assert plan.objective == values[4]


def test_equal_optima_are_settled_by_base_proportions() -> None:
    """Total output says nothing of its make-up; the last stage takes the growth of all for each."""
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        objective: {kind: output, tie_break: true}
    """)
    plan = solve_plan(economy(), spec)
    np.testing.assert_allclose(plan.values["output"].values[:, 0], [12.5, 37.5], rtol=1e-4)
