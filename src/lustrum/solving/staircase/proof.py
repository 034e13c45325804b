"""Proofs that there is no optimum: a Farkas vector where there is no plan, a ray where the objective has no limit.

Both are optima of linear programs of the same structure, solved by the same iterations and then checked
against the explicit problem; what does not pass its check proves nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from lustrum.solving.certificate import dual_bound
from lustrum.solving.problem import Problem
from lustrum.solving.staircase.device import ONE_THREAD, Machine
from lustrum.solving.staircase.interior import Aim, interior_point
from lustrum.solving.staircase.reduce import Reduced, reduce_problem

#: A proof may have relative residuals up to SOUND, must be wrong by CLEAR of its largest term, and may be escaped
#: only by variables REACH times their natural size.
SOUND, CLEAR, REACH = 1e-7, 1e-7, 1e4
#: Wrong-signed parts of a ray's rows, relative to their largest terms, and the least gain of its own terms.
STRAIGHT, GAIN = 1e-9, 1e-4


def farkas(problem: Problem, seconds: float, machine: Machine = ONE_THREAD) -> np.ndarray | None:
    """Row duals that prove that there is no plan: the prices of the least sum of violations; None without a proof."""
    reduced = reduce_problem(problem, np.zeros(problem.shape[1])).balanced()
    found = interior_point(_elastic(reduced), Aim(seconds=seconds), machine)
    dual = reduced.restore(np.zeros(reduced.matrix.shape[1]), found.y)[1]
    return dual if proves_no_plan(problem, dual) else None


def ray(problem: Problem, gradient: np.ndarray, seconds: float, machine: Machine = ONE_THREAD) -> np.ndarray | None:
    """A direction in which every plan can go on for ever and gains: the best within a box; None without a proof."""
    along = replace(
        problem,
        row_lower=np.where(np.isfinite(problem.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(problem.row_upper), 0.0, np.inf),
        lower=np.where(np.isfinite(problem.lower), 0.0, -problem.scale),
        upper=np.where(np.isfinite(problem.upper), 0.0, problem.scale),
    )
    reduced = reduce_problem(along, gradient).balanced()
    found = interior_point(reduced, Aim(seconds=seconds), machine)
    values = np.clip(reduced.restore(found.u, found.y)[0], along.lower, along.upper)
    return values if proves_no_limit(problem, gradient, values) else None


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


def _elastic(p: Reduced) -> Reduced:
    """Minimise how far rows are missed: every row may give way on its finite sides at a price of 1."""
    m = p.matrix.shape[0]
    up, down = np.flatnonzero(np.isfinite(p.low)), np.flatnonzero(np.isfinite(p.high))
    rows, signs = np.concatenate([up, down]), np.repeat([1.0, -1.0], [up.size, down.size])
    give = sparse.csr_matrix((signs, (rows, np.arange(rows.size))), shape=(m, rows.size))
    zero, one = np.zeros(rows.size), np.ones(rows.size)
    return replace(
        p,
        matrix=p.matrix.with_columns(give),
        cost=np.concatenate([0 * p.cost, one]),
        lower=np.concatenate([p.lower, zero]),
        upper=np.concatenate([p.upper, np.inf * one]),
        core=np.concatenate([p.core, zero > 0]),
        column_year=np.concatenate([p.column_year, p.year[rows]]),
        u_scale=np.concatenate([p.u_scale, one]),
    )
