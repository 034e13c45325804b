"""One stage of a problem by the staircase solver: reduce, iterate, restore."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lustrum.solving.certificate import certify
from lustrum.solving.highs import RawSolution
from lustrum.solving.problem import Problem
from lustrum.solving.solution import Status
from lustrum.solving.staircase.interior import ENOUGH, interior_point
from lustrum.solving.staircase.reduce import reduce_problem
from lustrum.solving.staircase.structure import Unfit

#: The residuals of the certificate that are aimed at; the gap is to be a tenth of it.
WANTED = 1e-8


def maximise_staircase(problem: Problem, gradient: np.ndarray, *, seconds: float = 600.0, tolerance: float = 1e-9,
                       natural: float = 0.0, trace: Callable[[str], None] | None = None) -> RawSolution:  # fmt: skip
    """Maximise gradient · v over the problem's rows and bounds.

    The status is `limit` where no optimum was reached; whether the problem has one is then for another solver
    to say.
    """

    def finish(u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, dual = reduced.restore(u, y)
        values = np.clip(values, problem.lower, problem.upper)
        dual = np.where(np.isinf(problem.row_upper), np.minimum(dual, 0.0), dual)
        return values, np.where(np.isinf(problem.row_lower), np.maximum(dual, 0.0), dual)

    def judge(u: np.ndarray, y: np.ndarray) -> float:
        c = certify(problem, gradient, 0.0, *finish(u, y), WANTED, natural)
        return max(c.primal_residual, c.dual_residual, 10 * c.gap) / WANTED

    try:
        reduced = reduce_problem(problem, gradient).balanced()
        found = interior_point(reduced, tolerance=tolerance, seconds=seconds, trace=trace, accept=judge)
        values, dual = finish(found.u, found.y)
        proven = found.optimal or judge(found.u, found.y) <= ENOUGH
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as why:  # SuperLU raises the last
        return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), f"staircase: {why}")
    status: Status = "optimal" if proven else "limit"
    return RawSolution(status, values, dual, f"staircase ({found.iterations} iterations) {found.reason}".strip())
