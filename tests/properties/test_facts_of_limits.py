"""Looser limits are never worse, a solved plan carries its proof, and otherwise there is none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.economies import Case, random_case
from tests.properties.facts import (
    FEW,
    OPTIONS,
    TOLERANCE,
    Document,
    cases,
    hold_exactly,
    problem_of,
    rewritten,
    setting,
    solve,
    times,
    without_absolutes,
)

from lustrum.errors import AnswerIsNo, Infeasible, SpecError
from lustrum.lp.highs import maximise
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem

# relaxing a limit ---------------------------------------------------------------------------------------


def assert_not_worse(relaxed: Problem, before: Solution, note: object) -> None:
    """Lexicographic: at the first stage that differs, better. A relaxed plan without bound is better still.

    Stages that are level are locked at the value they had before, so that rounding is not taken for a gain.
    """
    goals = relaxed.goals
    for k, stage in enumerate(before.stages):
        if k:
            relaxed = with_bound(relaxed, goals[k - 1], before.stages[k - 1].objective)
        got = solve_problem(replace(relaxed, goals=goals[k : k + 1]), OPTIONS, TOLERANCE)
        if got.status == "unbounded":
            return
        assert got.status == "optimal", (got.status, note)
        room = 1e-6 * max(1.0, abs(stage.objective))
        gain = got.stages[0].objective - stage.objective
        assert gain >= -room, (stage.name, gain, note)
        if gain > room:
            return


@FEW
@given(cases(), st.floats(0.01, 0.5))
def test_relaxing_a_family_of_limits_never_worsens_the_stages(case: Case, share: float) -> None:
    """Every family of rows in turn, moved outwards by a share of the size of its limits; equations held."""
    problem, solution = solve(case)
    natural = np.asarray(abs(problem.matrix.multiply(problem.scale[None, :])).max(axis=1).todense()).ravel()
    for family, grid in problem.rows.items():
        here = grid.index[grid.index >= 0]
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        if (lower[here] == upper[here]).all():
            continue
        lower[here] -= share * natural[here]
        upper[here] += share * natural[here]
        assert_not_worse(replace(problem, row_lower=lower, row_upper=upper), solution, family)


def _each(section: str, key: str, entry_key: str, factor: float) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        for entry in d[section][key] if key else d[section]:
            if entry.get(entry_key) is not None:
                entry[entry_key] = times(entry[entry_key], factor)

    return change


def _wider(part: str) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        band = d["adjustment"][part]
        band["down"] = None if band["down"] is None else min(1.0, 2 * band["down"])
        band["up"] = None if band["up"] is None else 2 * band["up"]

    return change


def _no_hard_tasks(d: Document) -> None:
    d["tasks"] = [t for t in d["tasks"] if t["elastic"]]


#: Every switch and figure of the plan file that limits, made looser.
LOOSER: dict[str, Callable[[Document], None]] = {
    "labour not enforced": setting("labour", "enforce", value=False),
    "capacity not enforced": setting("capacity", "enforce", value=False),
    "no exchange balance": setting("trade", "exchange", value=False),
    "trade in everything": setting("trade", "new_trade", value=True),
    "no import share band": setting("trade", "import_share_band", value=None),
    "no export band": setting("trade", "export_band", value=None),
    "higher trade ceilings": _each("trade", "limits", "at_most", 1.2),
    "lower trade floors": _each("trade", "limits", "at_least", 0.8),
    "less self-sufficiency": _each("trade", "self_sufficiency", "at_least", 0.8),
    "lower reserves": _each("reserves", "", "at_least", 0.5),
    "no absorption cap": setting("investment", "stock_growth_cap", value=None),
    "higher investment ceilings": _each("investment", "ceilings", "at_most", 1.5),
    "lower floors": _each("living_standard", "floors", "at_least", 0.8),
    "falls allowed": setting("living_standard", "no_fall", value=False),
    "more of the resources": _each("resources", "", "at_most", 1.2),
    "wider bands on output": _wider("output"),
    "wider bands on investment": _wider("investment"),
    "no hard task": _no_hard_tasks,
    "lower closing stocks": _each("terminal", "stocks", "at_least", 0.8),
    "lower output floors": _each("terminal", "output_floors", "at_least", 0.8),
    "product stocks may be used up": setting("terminal", "product_stocks", value=False),
}


def _looser_debt(d: Document) -> None:
    for key in ("debt_ceiling", "final_debt_ceiling"):
        if d["trade"][key] is not None:
            d["trade"][key] = times(d["trade"][key], 1.5)


LOOSER["more debt"] = _looser_debt


def _speaks_of_debt(spec: PlanSpec) -> bool:
    return any(term.of == "debt" for task in spec.tasks for term in task.terms)


@pytest.mark.parametrize("name", sorted(LOOSER))
def test_loosening_a_plan_file_never_worsens_the_stages(name: str) -> None:
    """Each kind of limit of a plan file in turn, over plans that have it."""
    tried = 0
    for seed in (*RICH, *range(300)):
        if tried == 3:
            return
        case = rewritten(random_case(seed, 5, 2), hold_exactly)
        looser = rewritten(case, LOOSER[name])
        if looser[1] == case[1] or (name == "no exchange balance" and _speaks_of_debt(case[1])):
            continue
        if name == "trade in everything" and any(x.basis == "absolute" for x in case[1].trade.limits):
            continue  # a limit on a flow that was not there would come to speak
        try:
            problem, other = (build_problem(PlanData(*c)) for c in (case, looser))
        except SpecError:
            continue
        before = solve_problem(problem, OPTIONS, TOLERANCE)
        if before.status != "optimal":
            continue
        assert_not_worse(other, before, (name, seed))
        tried += 1
    raise AssertionError(f"no plan has it: {name}")


#: Random cases with many kinds of limits at once.
RICH = (127, 131, 137, 192)


# strong duality, complementary slackness ----------------------------------------------------------------


@FEW
@given(cases())
def test_every_solved_plan_carries_its_proof(case: Case) -> None:
    """Strong duality and complementary slackness in every stage; the last stage's plan is best in all of them."""
    problem, solution = solve(case)
    locked, values = problem, solution.values
    for k, (goal, stage) in enumerate(zip(problem.goals, solution.stages, strict=True)):
        if k:
            locked = with_bound(locked, problem.goals[k - 1], solution.stages[k - 1].objective)
        assert stage.certificate.holds
        scale = max(1.0, abs(stage.objective), float(np.abs(goal.gradient * values).max(initial=0.0)))
        assert float(goal.gradient @ values) + goal.constant >= stage.objective - 1e-6 * scale
        activity = locked.matrix @ values
        dual, reduced = stage.row_dual, stage.reduced_cost
        np.testing.assert_allclose(reduced, goal.gradient - locked.matrix.T @ dual, atol=1e-12 * scale)
        room_up = np.where(np.isfinite(locked.row_upper), locked.row_upper - activity, 0.0)
        room_down = np.where(np.isfinite(locked.row_lower), activity - locked.row_lower, 0.0)
        assert np.abs(np.maximum(dual, 0) * room_up).max(initial=0.0) <= 1e-5 * scale
        assert np.abs(np.minimum(dual, 0) * room_down).max(initial=0.0) <= 1e-5 * scale
        at_top = np.where(np.isfinite(locked.upper), locked.upper - values, 0.0)
        at_floor = np.where(np.isfinite(locked.lower), values - locked.lower, 0.0)
        assert np.abs(np.maximum(reduced, 0) * at_top).max(initial=0.0) <= 1e-5 * scale
        assert np.abs(np.minimum(reduced, 0) * at_floor).max(initial=0.0) <= 1e-5 * scale


# what cannot be ------------------------------------------------------------------------------------------


@FEW
@given(cases())
def test_a_plan_is_best_or_there_is_none(case: Case) -> None:
    """`solve_plan` returns a proven optimum or says why not; the problem with no aim at all agrees on which."""
    problem = problem_of(case)
    any_plan = maximise(problem, np.zeros(problem.shape[1]), OPTIONS).status
    try:
        plan = solve_plan(*rewritten(case, setting("solver", "threads", value=1)))
    except Infeasible:
        assert any_plan == "infeasible"
    except AnswerIsNo:
        assert any_plan == "optimal"
    else:
        assert any_plan == "optimal"
        assert plan.certificate.holds


def test_documents_are_not_shared_between_cases() -> None:
    """The rewriting above leaves its case as it was."""
    case = random_case(7, 5, 2)
    before = copy.deepcopy(case[1].model_dump(mode="json"))
    rewritten(case, without_absolutes)
    assert case[1].model_dump(mode="json") == before
