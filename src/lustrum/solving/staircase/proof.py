"""Proofs that there is no optimum: a Farkas vector where there is no plan, a ray where the objective has no limit.

Both are optima of linear programs of the same structure, solved by the same iterations and then checked
against the explicit problem; what does not pass its check proves nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lustrum.lp.certificate import proves_no_limit, proves_no_plan
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.device import ONE_THREAD, Machine
from lustrum.solving.staircase.interior import Aim, interior_point
from lustrum.solving.staircase.presolve import reduce_problem


def farkas(problem: Problem, seconds: float, machine: Machine = ONE_THREAD) -> np.ndarray | None:
    """Row duals that prove that there is no plan: the prices of the least sum of violations; None without a proof."""
    reduced = reduce_problem(problem, np.zeros(problem.shape[1])).equilibrated()
    found = interior_point(reduced.elastic(), Aim(seconds=seconds), machine)
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
    reduced = reduce_problem(along, gradient).equilibrated()
    found = interior_point(reduced, Aim(seconds=seconds), machine)
    values = np.clip(reduced.restore(found.u, found.y)[0], along.lower, along.upper)
    return values if proves_no_limit(problem, gradient, values) else None
