"""The certificate of a stage, computed from the explicit problem and nothing the solver says of itself."""

from __future__ import annotations

import numpy as np

from lustrum.lp.lexicographic import BOUND
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Certificate

#: A proof may have relative residuals up to SOUND, must be wrong by CLEAR of its largest term, and may be escaped
#: only by variables REACH times their natural size.
SOUND, CLEAR, REACH = 1e-7, 1e-7, 1e4
#: Wrong-signed parts of a ray's rows, relative to their largest terms, and the least gain of its own terms.
STRAIGHT, GAIN = 1e-9, 1e-4
#: A row whose own terms are all near zero is measured against this share of its natural size.
GUARD = 1e-6
#: A column whose price terms are all near zero is measured against the price at which all variables of its
#: family together would be worth this share of the objective.
PRICE_GUARD = 1e-3


def certify(
    problem: Problem,
    gradient: np.ndarray,
    constant: float,
    values: np.ndarray,
    row_dual: np.ndarray,
    tolerance: float,
    natural: float = 0.0,
) -> Certificate:
    """Measure how far values and row duals are from an optimal pair of

        max gradient · v + constant,  row_lower <= A v <= row_upper,  lower <= v <= upper.

    Row duals are marginal values: >= 0 where the upper side holds, <= 0 where the lower does. Residuals are
    relative to the largest of a row's (column's) own terms. The gap is the objective's distance to the
    bound that the duals prove, relative to the larger of both, the largest term of the objective,
    its `natural` size, and GUARD times the largest term at its natural size.
    """
    primal = primal_residuals(problem, values).max(initial=0.0)
    objective = float(gradient @ values) + constant
    worth = max(float(np.abs(gradient * values).sum()), natural) + _locked(problem, row_dual)
    dual, bound = dual_bound(problem, gradient, row_dual, values, worth)
    bound += constant
    # an objective that comes out at zero is measured against what rounding leaves of its natural size
    guard = GUARD * float(np.abs(gradient * problem.scale).max(initial=0.0))
    terms = float(np.abs(gradient * values).max(initial=0.0))
    size = max(abs(objective), abs(bound), terms, abs(constant), natural, guard, 1e-12)
    return Certificate(float(primal), float(dual), abs(bound - objective) / size, tolerance)


def primal_residuals(problem: Problem, values: np.ndarray) -> np.ndarray:
    """Relative violation of every row, then of every variable's bounds."""
    a = problem.coefficients
    activity = a @ values
    violation = np.maximum(np.maximum(problem.row_lower - activity, activity - problem.row_upper), 0.0)
    sides = np.maximum(_finite(problem.row_lower), _finite(problem.row_upper))
    size = np.maximum(a.largest(np.abs(values)), sides)
    natural = GUARD * problem.natural
    if BOUND in problem.rows:  # an earlier objective is measured as its own gap was
        grid = problem.rows[BOUND]
        sizes = {goal.name: goal.size for goal in problem.goals}
        natural[grid.index] = np.maximum(natural[grid.index], [sizes.get(str(s), 0.0) for s in grid.labels["stage"]])
    rows = violation / np.maximum(size, np.maximum(natural, 1e-300))
    out = np.maximum(np.maximum(problem.lower - values, values - problem.upper), 0.0)
    bounds = out / np.maximum(np.abs(values), problem.scale)
    return np.concatenate([rows, bounds])


def dual_bound(
    problem: Problem,
    gradient: np.ndarray,
    row_dual: np.ndarray,
    values: np.ndarray | None = None,
    worth: float = 0.0,
) -> tuple[float, float]:
    """Largest relative dual residual, and the bound on the objective that the duals prove.

    A reduced cost of the wrong sign is measured against the largest price term of its column or, if that is
    smaller, against PRICE_GUARD · `worth` / Σ |v| over the family of its variable, `worth` being the size of
    the objective. Without one (a proof that there is no plan), the largest price term of all stands for it.
    A dual of the wrong sign is measured by what it would change in the column it matters most to.
    """
    a = problem.coefficients
    up, down = np.maximum(row_dual, 0.0), np.minimum(row_dual, 0.0)
    lost = np.where(np.isinf(problem.row_upper), up, 0.0) + np.where(np.isinf(problem.row_lower), down, 0.0)
    held = row_dual - lost
    reduced = gradient - a.T @ held
    size = np.maximum(np.abs(gradient), a.T.largest(np.abs(held)))
    if worth > 0:
        guard = PRICE_GUARD * worth / _whole(problem, problem.scale if values is None else values)
    else:
        guard = PRICE_GUARD * float((size * problem.scale).max(initial=0.0)) / problem.scale
    size = np.maximum(size, np.maximum(guard, 1e-300))
    gain, loss = np.maximum(reduced, 0.0), np.minimum(reduced, 0.0)
    wrong = np.where(np.isinf(problem.upper), gain, 0.0) - np.where(np.isinf(problem.lower), loss, 0.0)
    residual = float((wrong / size).max(initial=0.0))
    if lost.any():
        residual = max(residual, float((np.abs(lost) * a.largest(1 / size)).max()))
    bound = (
        held[held > 0] @ problem.row_upper[held > 0]
        + held[held < 0] @ problem.row_lower[held < 0]
        + _times(gain, problem.upper)
        + _times(loss, problem.lower)
    )
    return residual, float(bound)


def proves_no_plan(problem: Problem, dual: np.ndarray) -> bool:
    """Whether max 0 · v over rows and bounds is below zero by these row duals."""
    dual = np.where(np.isinf(problem.row_upper), np.minimum(dual, 0.0), dual)
    dual = np.where(np.isinf(problem.row_lower), np.maximum(dual, 0.0), dual)
    if not np.isfinite(dual).all() or not dual.any():
        return False
    residual, bound = dual_bound(problem, np.zeros(problem.shape[1]), dual)
    sides = np.where(dual > 0, problem.row_upper, problem.row_lower)
    terms = float(np.abs(dual * np.where(dual == 0, 0.0, sides)).max())
    priced = -np.asarray(problem.coefficients.T @ dual)
    wrong = np.where(np.isinf(problem.upper), np.maximum(priced, 0.0), 0.0)
    wrong += np.where(np.isinf(problem.lower), np.maximum(-priced, 0.0), 0.0)
    bounds = np.where(priced > 0, problem.upper, problem.lower)
    terms = max(terms, float(np.abs(np.where(np.isfinite(bounds), bounds, 0.0) * priced).max(initial=0.0)))
    return residual <= SOUND and bound < -CLEAR * terms and -bound >= REACH * float(wrong @ problem.scale)


def proves_no_limit(problem: Problem, gradient: np.ndarray, way: np.ndarray) -> bool:
    """Whether v + t · way stays within all rows and bounds for every t > 0, and gains."""
    if not np.isfinite(way).all():
        return False
    low = np.isfinite(problem.lower) & (way < 0)
    high = np.isfinite(problem.upper) & (way > 0)
    if low.any() or high.any():
        return False
    moved = problem.coefficients @ way
    wrong = np.where(np.isfinite(problem.row_lower), np.maximum(-moved, 0.0), 0.0)
    wrong = np.maximum(wrong, np.where(np.isfinite(problem.row_upper), np.maximum(moved, 0.0), 0.0))
    gain = float(gradient @ way)
    # measured by natural sizes: a way that hardly moves is none
    size = float(np.abs(gradient * problem.scale).max())
    return bool((wrong <= STRAIGHT * problem.natural).all()) and gain > GAIN * size


def _whole(problem: Problem, values: np.ndarray) -> np.ndarray:
    """Σ |v| over the family of each variable, at least at natural size."""
    out = np.maximum(np.abs(values), problem.scale)
    for grid in problem.variables.values():
        here = grid.index[grid.index >= 0]
        out[here] = max(float(np.abs(values[here]).sum()), float(problem.scale[here].sum()))
    return out


def _locked(problem: Problem, row_dual: np.ndarray) -> float:
    """What the stages before this one are worth at the marginal values of their locks."""
    if BOUND not in problem.rows:
        return 0.0
    grid = problem.rows[BOUND]
    goals = {goal.name: goal for goal in problem.goals}
    worth = 0.0
    for row, name in zip(grid.index, grid.labels["stage"], strict=True):
        goal = goals.get(str(name))  # a problem may keep the locks of goals that it no longer has
        kept = abs(problem.row_lower[row] + (goal.constant if goal else 0.0))
        worth += max(0.0, -float(row_dual[row])) * max(goal.size if goal else 0.0, kept)
    return worth


def _times(weights: np.ndarray, bounds: np.ndarray) -> float:
    use = (weights != 0) & np.isfinite(bounds)
    return float(weights[use] @ bounds[use])


def _finite(side: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(side), np.abs(side), 0.0)
