"""What a changed plan file would do, solved: whether there is a plan, what it costs, who gains and who pays, what then
holds it back; or why there is none, what must give way, and how far the change could go."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import Infeasible, LimitReached, Unbounded
from lustrum.lp.certificate import dual_bound
from lustrum.lp.elastic import Elastic
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import IDENTITIES
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.compare import differences
from lustrum.scenario.scenario import aligned
from lustrum.solving.conflict import explain
from lustrum.solving.conflict.advice import advise, expressible
from lustrum.solving.conflict.words import Row, label_rows
from lustrum.solving.solve import solve_plan

Progress = Callable[[str], None]

#: Largest relative dual residual under which a bound counts.
TOLERANCE = 1e-6
#: Shares of a row's size below this are rounding.
_ROUNDING = 1e-9


def consequences(
    economy: Economy,
    before: PlanSpec,
    after: PlanSpec,
    plan_before: Plan | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Solve a changed plan file, and set its plan beside the one before.

    Parameters
    ----------
    economy
        Accounts.
    before, after
        The plan file, and the same with its changes.
    plan_before
        The plan of `before`; None: it is solved here.
    progress
        Called with a line of words whenever a new part of the work begins.

    Returns
    -------
    dict
        For JSON. Always: `effect` (False where nothing that is solved changes), `status`, `feasible`. Feasible: the
        tables of `compare.differences`. Infeasible: `conflict`, `advice`, `as_far_as` (the figures that this change
        alone would have to take), `words`.
    """
    first = plan_before if plan_before is not None else solved(economy, before, progress)
    effect = not same_problem(economy, before, after)
    bound = objective_bound(economy, after, first)
    try:
        second = solved(economy, after, progress)
    except Infeasible:
        found = _conflict(economy, before, after, progress)
        return {"effect": effect, "status": "infeasible", "feasible": False, **found}
    except (Unbounded, LimitReached) as e:
        status = "unbounded" if isinstance(e, Unbounded) else "limit"
        none: dict[str, Any] = {"conflict": [], "advice": [], "as_far_as": [], "words": str(e)}
        return {"effect": effect, "status": status, "feasible": False, **none}
    return {"effect": effect, "status": second.status, "feasible": True, **differences(first, second, bound)}


def _conflict(economy: Economy, before: PlanSpec, after: PlanSpec, progress: Progress | None) -> dict[str, Any]:
    """The conflict in the planner's words, the least relaxation, and how far the change itself could go."""
    try:
        found = explain(economy, after, progress)
    except LimitReached as e:
        # The solver found no plan, but neither a proof nor the reason in time; people then know just that.
        words = f"The solver finds no such plan; that is not proven, and the reason was not found in time. {e}"
        return {"conflict": [], "advice": [], "advice_works": False, "as_far_as": [], "proved": False, "words": words}
    way = found.advice
    return {
        "conflict": [{**entry, "text": m.sentence} for entry, m in zip(found.to_list(), found.members, strict=True)],
        "advice": [entry.advice for entry in way.entries] if way is not None else [],
        "advice_works": way is not None and way.works,
        "as_far_as": as_far_as(economy, before, after),
        "proved": found.proof is not None,
        "words": str(found),
    }


def as_far_as(economy: Economy, before: PlanSpec, after: PlanSpec) -> list[str]:
    """Return the figures that an impossible change would have to take, all else as it stands.

    Nothing where it moves no limit that the plan file gives a figure, or where that would not help.
    """
    data, old_data = PlanData(economy, after), PlanData(economy, before)
    problem, old = build_problem(data), build_problem(old_data)
    rows = label_rows(data, problem)
    known = {_key(r): _sides(old, r) for r in label_rows(old_data, old)}
    moved = np.array(
        [r.name not in IDENTITIES and known.get(_key(r)) != _sides(problem, r) and expressible(data, r) for r in rows],
        dtype=bool,
    )
    if not moved.any():
        return []
    model = Elastic(problem, moved, after.solver.time_limit)
    answer = model.solve(np.where(moved, 1.0, 0.0))
    if answer is None:
        return []
    gave = [row for row in rows if answer.amount[row.index] > _ROUNDING * model.size[row.index]]
    advice = advise(data, problem, answer.values, gave)
    return list(dict.fromkeys(advice.words[row.index] for row in gave))


def _key(row: Row) -> tuple[str, str, int]:
    return row.name, row.label, row.year


def _sides(problem: Problem, row: Row) -> tuple[float, float]:
    return float(problem.row_lower[row.index]), float(problem.row_upper[row.index])


def same_problem(economy: Economy, one: PlanSpec, other: PlanSpec) -> bool:
    """Whether two plan files ask for one and the same problem: every coefficient, side, bound and goal alike."""
    a, b = (build_problem(PlanData(economy, spec)) for spec in (one, other))
    return a.shape == b.shape and a.rows.keys() == b.rows.keys() and len(a.goals) == len(b.goals) and _alike(a, b)


def _alike(a: Problem, b: Problem) -> bool:
    pairs = [(a.row_lower, b.row_lower), (a.row_upper, b.row_upper), (a.lower, b.lower), (a.upper, b.upper)]
    pairs += [(x.gradient, y.gradient) for x, y in zip(a.goals, b.goals, strict=True)]
    goals = all(
        (x.name, x.constant, x.tolerance) == (y.name, y.constant, y.tolerance)
        for x, y in zip(a.goals, b.goals, strict=True)
    )
    pairs += [(getattr(a.matrix, part), getattr(b.matrix, part)) for part in ("indptr", "indices", "data")]
    return goals and all(np.array_equal(x, y) for x, y in pairs)


def objective_bound(economy: Economy, spec: PlanSpec, plan_before: Plan) -> float | None:
    """Return what a changed plan's objective cannot exceed (for a cost: cannot fall below), before it is solved.

    The marginal values of the plan as it stands, put on the changed problem, bound its objective (weak duality). The
    bound is never wrong, and often close where a limit moves a little. None where they prove nothing: the plan has
    several stages, another objective, or rates in its coefficients changed.
    """
    if len(plan_before.stages) != 1:
        return None
    problem = build_problem(PlanData(economy, spec))
    if len(problem.goals) != 1 or problem.goals[0].name != plan_before.stages[0].name:
        return None
    dual = np.zeros(problem.shape[0])
    for name, array in plan_before.stages[0].marginal_values.items():
        if name in problem.rows:
            grid = problem.rows[name]
            grid.vector(aligned(array, grid), dual)
    goal = problem.goals[0]
    worth = abs(plan_before.stages[0].objective)
    residual, bound = dual_bound(problem, goal.gradient, dual, worth=worth)
    if residual > TOLERANCE or not np.isfinite(bound):
        return None
    value = bound + goal.constant
    return -value if spec.objective.kind == "least_cost" else value


def solved(economy: Economy, spec: PlanSpec, progress: Progress | None = None) -> Plan:
    """Return the plan of a plan file; the last few are kept, by accounts and by everything the plan file says."""
    plan = _solved(economy, spec.to_yaml())
    if progress is not None:
        progress("solved")
    return plan


@lru_cache(maxsize=16)
def _solved(economy: Economy, text: str) -> Plan:
    return solve_plan(economy, PlanSpec.from_text(text))
