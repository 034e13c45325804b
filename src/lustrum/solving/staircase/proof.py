"""Proofs that there is no optimum: a Farkas vector where there is no plan, a ray where the objective has no limit.

Both are optima of linear programs of the same structure, solved by the same iterations and then checked
against the explicit problem; what does not pass its check proves nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from lustrum.lp.certificate import proves_no_limit, proves_no_plan
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.device import ONE_THREAD, Machine
from lustrum.solving.staircase.interior import Aim, interior_point
from lustrum.solving.staircase.reduce import Reduced, reduce_problem


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
