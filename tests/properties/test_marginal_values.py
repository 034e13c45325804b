"""A marginal value is the gain in the objective for one more unit of the right-hand side (docs/model.md section 6).

The value of a plan is concave in its right-hand sides, so for every row and every h, of either sign,

    V(b + h) - V(b) <= λ h      which is both      V(b + h) - V(b) <= λ h <= V(b) - V(b - h).

Held by re-solving with one row of the explicit problem moved.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.properties.economies import random_case, scaled_case

from lustrum.accounts.economy import Economy, Source
from lustrum.errors import SpecError
from lustrum.lp.elastic import row_sizes
from lustrum.lp.highs import Options
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem

MODEL = Path(__file__).resolve().parents[2] / "docs" / "model.md"
OPTIONS = Options("simplex", 60.0, 1)
TOLERANCE = 1e-6

#: Random cases are looked at in this order until every family has a marginal value other than zero in one.
LIKELY = (-7, -8, 1, 2, 5, 8, 9, 13, 14, 16, 21, 26, 29, 35, 38, 41, 42, 53, 97, 127, 188, 192)
MOST = 600

#: Families beside those of the table in docs/model.md: rows that serve the formulation of the objective.
OF_THE_OBJECTIVE = {"lowest", "basket", "utility", "proportion", "lexicographic_bound"}


def exact(spec: PlanSpec) -> PlanSpec:
    """The plan with earlier stages held exactly."""
    return spec.model_copy(update={"objective": spec.objective.model_copy(update={"stage_tolerance": 0.0})})


def held(problem: Problem, solution: Solution) -> Problem:
    """The last stage alone, every earlier one locked at the value it has."""
    for goal, stage in zip(problem.goals[:-1], solution.stages, strict=False):
        problem = with_bound(problem, goal, stage.objective)
    return replace(problem, goals=problem.goals[-1:])


@cache
def solved(seed: int) -> tuple[Problem, Solution]:
    """Last stage of a random case (a seed below zero: a scaled one), and its solution.

    With elastic tasks or people_first, rows that protect earlier stages are in it.
    """
    economy, spec = random_case(seed, 6, 3) if seed >= 0 else scaled_case(-seed)
    problem = build_problem(PlanData(economy, exact(spec)))
    solution = solve_problem(problem, OPTIONS, TOLERANCE)
    return (held(problem, solution) if solution.status == "optimal" else problem), solution


def moved(problem: Problem, row: int, h: float) -> float | None:
    """Value with the right-hand side of one row moved by h (both sides of an equation); None if there is no plan."""
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    lower[row] += h
    upper[row] += h
    solution = solve_problem(replace(problem, row_lower=lower, row_upper=upper), OPTIONS, TOLERANCE)
    return solution.stages[-1].objective if solution.status == "optimal" else None


def largest(problem: Problem, dual: np.ndarray, rows: np.ndarray, count: int) -> list[int]:
    """The rows of a family whose marginal values weigh most."""
    weight = np.abs(dual[rows]) * row_sizes(problem)[rows]
    return [int(rows[k]) for k in np.argsort(-weight)[:count] if weight[k] > 0]


def family_rows(problem: Problem, family: str) -> np.ndarray:
    index = problem.rows[family].index
    return np.asarray(index[index >= 0])


def families_of_the_statement() -> set[str]:
    """Names in the first column of the table of constraint families in docs/model.md."""
    table = MODEL.read_text(encoding="utf-8").split("| family |")[1].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


FAMILIES = sorted(families_of_the_statement() | OF_THE_OBJECTIVE)


def felt(seed: int) -> set[str]:
    """Families with a marginal value other than zero in the last stage of a random case."""
    try:
        problem, solution = solved(seed)
    except SpecError:  # a drawn plan may ask for what drawn accounts do not have
        return set()
    if solution.status != "optimal":
        return set()
    stage = solution.stages[-1]
    weight = np.abs(stage.row_dual) * row_sizes(problem)
    least = 1e-6 * max(1.0, abs(stage.objective))
    return {family for family in problem.rows if weight[family_rows(problem, family)].max() > least}


@cache
def cases_by_family() -> dict[str, list[int]]:
    """Seeds of at most two cases for each family, out of as few as it takes."""
    found: dict[str, list[int]] = {f: [] for f in FAMILIES}
    for seed in dict.fromkeys((*LIKELY, *range(MOST))):
        if all(found.values()):
            break
        for family in felt(seed):
            if len(found.setdefault(family, [])) < 2:
                found[family].append(seed)
    return found


def all_cases() -> list[int]:
    return sorted({seed for seeds in cases_by_family().values() for seed in seeds})


def test_no_family_is_left_out() -> None:
    """Every family of the exact statement has a marginal value other than zero in a case; there are no others."""
    assert [f for f, seeds in cases_by_family().items() if not seeds] == []
    assert sorted(cases_by_family()) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_re_solving_never_beats_the_marginal_value(family: str) -> None:
    """V(b + h) - V(b) <= λ h for steps up and down in the rows of a family that weigh most."""
    compared = 0
    for seed in cases_by_family()[family]:
        problem, solution = solved(seed)
        stage = solution.stages[-1]
        sizes = row_sizes(problem)
        for row in largest(problem, stage.row_dual, family_rows(problem, family), 3):
            for h in (1e-2 * sizes[row], -1e-2 * sizes[row]):
                value = moved(problem, row, h)
                if value is None:  # no plan at all: V is minus infinity and the inequality holds
                    continue
                slack = 1e-6 * max(1.0, abs(stage.objective), abs(stage.row_dual[row] * h))
                assert value - stage.objective <= stage.row_dual[row] * h + slack, (seed, problem.row_label(row), h)
                compared += 1
    assert compared


def test_for_a_small_step_the_marginal_value_is_the_gain() -> None:
    """Between its two one-sided slopes λ is pinned where they meet: most rows of a plan are such."""
    met, tried = 0, 0
    for seed in all_cases():
        problem, solution = solved(seed)
        stage = solution.stages[-1]
        sizes = row_sizes(problem)
        for family in problem.rows:
            for row in largest(problem, stage.row_dual, family_rows(problem, family), 1):
                h = 1e-4 * sizes[row]
                expected = abs(stage.row_dual[row] * h)
                if expected < 1e-5 * max(1.0, abs(stage.objective)):
                    continue
                values = [v for v in (moved(problem, row, h), moved(problem, row, -h)) if v is not None]
                tried += bool(values)
                met += any(abs(abs(v - stage.objective) - expected) <= 1e-2 * expected for v in values)
    assert tried >= 40
    assert met >= 0.8 * tried


def test_limits_from_above_are_worth_something_and_floors_cost() -> None:
    """λ >= 0 on `<=` rows and <= 0 on `>=` rows, 0 where neither side is there: in every stage, its locks held."""
    for seed in all_cases():
        problem, solution = solved(seed)
        for stage in solution.stages:
            count = stage.row_dual.size  # locks are the last rows: an earlier stage has fewer of them
            worth = stage.row_dual * row_sizes(problem)[:count]
            small = 1e-7 * np.abs(worth).max(initial=0.0)
            above, below = np.isfinite(problem.row_upper[:count]), np.isfinite(problem.row_lower[:count])
            assert (worth[above & ~below] >= -small).all(), (seed, stage.name)
            assert (worth[below & ~above] <= small).all(), (seed, stage.name)
            np.testing.assert_allclose(worth[~above & ~below], 0, atol=small)


def test_more_of_a_resource_can_lower_the_last_stage() -> None:
    """More of what an earlier stage lacks is more for that stage, perhaps at the expense of the last one.

    The last stage's own values hold the earlier stage at what it is. What a unit does in all is its own value
    and what it gives the earlier stage, at the price of the lock: one sum, though neither part need be unique.

    One labour force makes guns and butter; guns are wanted first, and more so than labour can give.
    With more steel (used by guns alone) there are more guns, hence less butter.
    """
    economy = Economy.build(
        Source("guns and butter", base_year=0),
        {
            "product": ["gun", "butter"],
            "activity": ["forge", "dairy"],
            "skill": ["hand"],
            "resource": ["steel"],
            "need": ["food"],
            "household": ["all"],
        },
        {
            "supply": np.eye(2),
            "use": np.zeros((2, 2)),
            "output": [1.0, 1.0],
            "labour_coefficient": [[1.0, 1.0]],
            "labour_supply": [10.0],
            "resource_coefficient": [[1.0, 0.0]],
            "resource_budget": [4.0],
            "need_composition": [[0.0], [1.0]],
            "consumption": [[1.0]],
        },
    )
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        tasks: [{name: guns, terms: [{of: output, activity: forge}], at_least: 20.0, elastic: {}}]
        objective: {kind: assortment, stage_tolerance: 0.0}
    """)
    plan = solve_plan(economy, spec)
    more = solve_plan(economy.with_data(resource_budget=np.array([5.0])), spec)
    assert [s.name for s in plan.stages] == ["shortfall 1", "assortment"]
    assert [s.objective for s in plan.stages] == pytest.approx([-16 / 20, 6.0])
    assert [s.objective for s in more.stages] == pytest.approx([-15 / 20, 5.0])
    assert plan.stages[0].marginal_values["resource"].item() == pytest.approx(1 / 20)
    own, lock = plan.marginal_values("resource").item(), plan.marginal_values("lexicographic_bound").item()
    assert own >= 0
    assert lock < 0
    assert own + lock * plan.stages[0].marginal_values["resource"].item() == pytest.approx(-1.0)
