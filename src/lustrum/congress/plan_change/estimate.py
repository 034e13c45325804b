"""What an amendment can cost, before it is solved: the marginal values of the plan as it stands, put on the amended
problem, bound its objective (weak duality). The bound is never wrong, and often close where a limit moves a little."""

from __future__ import annotations

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.lp.certificate import dual_bound
from lustrum.lp.problem import Grid
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec

#: Largest relative dual residual under which the bound counts.
TOLERANCE = 1e-6


def objective_bound(economy: Economy, spec: PlanSpec, plan_before: Plan) -> float | None:
    """Return what the amended plan's objective cannot exceed (for a cost: cannot fall below).

    None where the marginal values of the old plan prove nothing about the new problem: it has several stages, another
    objective, or rates in its coefficients changed.
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
            grid.vector(_on_labels(array, grid), dual)
    goal = problem.goals[0]
    worth = abs(plan_before.stages[0].objective)
    residual, bound = dual_bound(problem, goal.gradient, dual, worth=worth)
    if residual > TOLERANCE or not np.isfinite(bound):
        return None
    value = bound + goal.constant
    return -value if spec.objective.kind == "least_cost" else value


def _on_labels(array: xr.DataArray, grid: Grid) -> xr.DataArray:
    """An array on the labels of a family, NaN where it has none: a limit that is new has no marginal value yet."""
    out = array
    for dim in grid.dims:
        known = {label: k for k, label in enumerate(array[dim].values.tolist())}
        at = [known.get(label, -1) for label in grid.labels[dim]]
        taken = out.isel({dim: [max(k, 0) for k in at]})
        keep = xr.DataArray([k >= 0 for k in at], dims=dim)
        out = taken.assign_coords({dim: list(grid.labels[dim])}).where(keep)
    return out.transpose(*grid.dims)
