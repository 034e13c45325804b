"""From accounts and plan file to a certified plan: build, solve, label (the main walk)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.errors import AnswerIsNo, Infeasible, LimitReached, Unbounded
from lustrum.lp.highs import Options
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan, Stage
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict import explain
from lustrum.solving.stages import solve_problem
from lustrum.solving.warm_start import Groups, WarmStart

#: Variables that only serve the formulation and are not part of a plan.
_INNER = ("segment",)


def solve_plan(
    economy: Economy,
    spec: PlanSpec,
    progress: Callable[[str], None] | None = None,
    *,
    near: Plan | None = None,
    groups: Groups | None = None,
) -> Plan:
    """Compute the best plan and prove it.

    Parameters
    ----------
    economy, spec
        Accounts and plan file.
    progress
        Called with a line of words whenever a new part of the work begins.
    near
        Another plan to begin near: another scenario, an amended plan file, last year's plan, fewer or more years. It
        saves the staircase solver a third of its iterations or more where the two are alike, and changes no result
        beyond `spec.solver.tolerance`; the other solvers pass it over.
    groups
        Where `near` has fewer products or activities: dimension -> own label -> label there, such as
        `{"product": {...}, "activity": {...}}`.

    Returns
    -------
    Plan
        With values, marginal values and certificate; always optimal within `spec.solver.tolerance`.

    Raises
    ------
    SpecError
        If the plan file does not fit the accounts.
    Infeasible, Unbounded, LimitReached
        If there is no optimal plan, or none was proven in time. `lustrum.solving.conflict` explains an
        infeasible plan.
    """
    data = PlanData(economy, spec)
    if progress:
        progress("writing the model")
    problem = build_problem(data)
    begin = None
    if near is not None:
        begin = WarmStart(near.values, {stage.name: stage.marginal_values for stage in near.stages}, groups or {})
    solution = solve_problem(problem, options_of(spec), spec.solver.tolerance, progress, begin)
    if solution.status != "optimal":
        raise no_plan(solution, spec, lambda: explain(economy, spec))
    return label_plan(data, problem, solution)


def no_plan(solution: Solution, spec: PlanSpec, explain: Callable[[], Any]) -> AnswerIsNo:
    """Return what is to be said where there is no optimal plan; `explain` finds the conflict when it is asked for."""
    if solution.status == "infeasible":
        return Infeasible(explain=explain)
    if solution.status == "unbounded":
        return Unbounded(
            "nothing limits the objective: some activity, import or export can grow without end\n"
            "  mend:     switch on labour, capacity or exchange, or add a ceiling or a band"
        )
    return LimitReached(
        f"the solver stopped before an optimum was proven (limit {spec.solver.time_limit:g} s, {solution.method})\n"
        "  mend:     raise solver.time_limit, or solver.tolerance, or try another solver.method"
    )


def options_of(spec: PlanSpec) -> Options:
    """Solver options of a plan file."""
    return Options(
        spec.solver.method,
        spec.solver.time_limit,
        spec.solver.threads,
        vertex=spec.solver.vertex,
        device=spec.solver.device,
    )


def label_plan(data: PlanData, problem: Problem, solution: Solution) -> Plan:
    """Put a solution on the labels of the plan."""
    values = {
        name: grid.array(solution.values)
        for name, grid in problem.variables.items()
        if name not in _INNER and (grid.index >= 0).any()
    }
    if "consumption" in values:  # what nobody has a use for has no variable
        values["consumption"] = values["consumption"].fillna(0.0)
    stages, locked = [], problem
    for k, stage in enumerate(solution.stages):
        if k:
            locked = with_bound(locked, problem.goals[k - 1], solution.stages[k - 1].objective)
        duals: dict[str, xr.DataArray] = {name: g.array(stage.row_dual) for name, g in locked.rows.items()}
        stages.append(Stage(stage.name, stage.objective, duals, stage.certificate))
    return Plan(
        data.economy,
        data.spec,
        solution.status,
        values,
        tuple(stages),
        solution.method,
        float(np.round(solution.seconds, 3)),
    )
