"""One stage of a problem by the staircase solver: reduce, iterate, restore."""

from __future__ import annotations

import numpy as np

from lustrum.solving.highs import RawSolution
from lustrum.solving.problem import Problem
from lustrum.solving.staircase.interior import interior_point
from lustrum.solving.staircase.reduce import reduce_problem
from lustrum.solving.staircase.structure import Unfit


def maximise_staircase(problem: Problem, gradient: np.ndarray, *, seconds: float = 600.0, tolerance: float = 1e-9,
                       trace: bool = False) -> RawSolution:  # fmt: skip
    """Maximise gradient · v over the problem's rows and bounds.

    The status is `limit` where no optimum was reached; whether the problem has one is then for another solver
    to say.
    """
    try:
        reduced = reduce_problem(problem, gradient).balanced()
        found = interior_point(reduced, tolerance=tolerance, seconds=seconds, trace=trace)
    except Unfit as why:
        return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), f"staircase: {why}")
    values, dual = reduced.restore(found.u, found.y)
    values = np.clip(values, problem.lower, problem.upper)
    dual = np.where(np.isinf(problem.row_upper), np.minimum(dual, 0.0), dual)
    dual = np.where(np.isinf(problem.row_lower), np.maximum(dual, 0.0), dual)
    status = "optimal" if found.optimal else "limit"
    return RawSolution(status, values, dual, f"staircase ({found.iterations} iterations) {found.reason}".strip())
