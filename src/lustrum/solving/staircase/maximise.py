"""One stage of a problem by the staircase solver: reduce, iterate, restore."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lustrum.solving.certificate import certify
from lustrum.solving.highs import RawSolution
from lustrum.solving.problem import Problem
from lustrum.solving.staircase.bounds import Outcome
from lustrum.solving.staircase.interior import ENOUGH, Aim, interior_point
from lustrum.solving.staircase.polish import Judge, eased, polish
from lustrum.solving.staircase.proof import farkas, ray
from lustrum.solving.staircase.reduce import Reduced, reduce_problem
from lustrum.solving.staircase.structure import Unfit

#: The residuals of the certificate that are aimed at; the gap is to be a tenth of it.
WANTED = 1e-8
#: Room given to locks, one after the other, where a stage behind them has too little for the iterations.
ROOM = (1e-6, 1e-5)


def maximise_staircase(problem: Problem, gradient: np.ndarray, *, seconds: float = 600.0, tolerance: float = 1e-9,
                       natural: float = 0.0, workers: int = 0,
                       trace: Callable[[str], None] | None = None) -> RawSolution:  # fmt: skip
    """Maximise gradient · v over the problem's rows and bounds, with `workers` threads (0: as the environment has it).

    Where no optimum was reached, the status is `infeasible` or `unbounded` with a checked proof, and otherwise
    `limit`; whether the problem has an optimum is then for another solver to say. The values of `unbounded` are a ray
    along which any plan could go on; the row duals of `infeasible` are a Farkas vector.
    """
    until = time.perf_counter() + seconds
    locked = "stage_lock" in problem.rows

    def finish(u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return within(problem, *reduced.restore(u, y))

    def judge(u: np.ndarray, y: np.ndarray) -> float:
        c = certify(problem, gradient, 0.0, *finish(u, y), WANTED, natural)
        # a lock is thinner than what passes elsewhere for rounding: what breaks it may gain a lot
        return max((ENOUGH if locked else 1.0) * c.primal_residual, c.dual_residual, 10 * c.gap) / WANTED

    try:
        reduced = reduce_problem(problem, gradient).balanced()
        found = _best(reduced, judge, (0.0, *ROOM) if locked else (0.0,), tolerance, until, workers, trace)
        values, dual = finish(found.u, found.y)
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as why:  # SuperLU raises the last
        return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), f"staircase: {why}")
    name = f"staircase ({found.iterations} iterations)"
    if found.optimal:
        return RawSolution("optimal", values, dual, f"{name} {found.reason}".strip())
    # behind locks the stage before has found a plan, and no limit to this objective would have shown in the first
    if not locked:
        proof = _no_optimum(problem, gradient, until, name)
        if proof is not None:
            return proof
    return RawSolution("limit", values, dual, f"{name} {found.reason}".strip())


def _best(reduced: Reduced, judge: Judge, rooms: tuple[float, ...], tolerance: float, until: float, workers: int,
          trace: Callable[[str], None] | None) -> Outcome:  # fmt: skip
    """The best point by the judge, without room behind locks first; all iterations are counted."""
    best, least, iterations = None, np.inf, 0
    for room in rooms:
        aim = Aim(tolerance, seconds=until - time.perf_counter(), trace=trace,
                  accept=None if room else lambda _, u, y: judge(u, y))  # fmt: skip
        found = interior_point(eased(reduced, room) if room else reduced, aim, workers)
        iterations += found.iterations
        u, y = found.u, found.y
        if judge(u, y) > 1 and time.perf_counter() < until:
            u, y = polish(reduced, u, y, judge, workers)
        judged = judge(u, y)
        if best is None or judged < least:
            best, least = replace(found, u=u, y=y, reason="" if judged <= 1 else found.reason), judged
        if least <= 1 or time.perf_counter() > until:
            break
    assert best is not None
    return replace(best, iterations=iterations, optimal=least <= ENOUGH)


def within(problem: Problem, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values within their bounds, and row duals of the signs that the rows' sides leave them."""
    values = np.clip(values, problem.lower, problem.upper)
    dual = np.where(np.isinf(problem.row_upper), np.minimum(dual, 0.0), dual)
    return values, np.where(np.isinf(problem.row_lower), np.maximum(dual, 0.0), dual)


def told(found: Outcome, values: np.ndarray, dual: np.ndarray) -> RawSolution:
    """What the iterations came to."""
    name = f"staircase ({found.iterations} iterations) {found.reason}".strip()
    return RawSolution("optimal" if found.optimal else "limit", values, dual, name)


def _no_optimum(problem: Problem, gradient: np.ndarray, until: float, name: str) -> RawSolution | None:
    """A proof that there is no plan, or else that the objective has no limit where there is one."""
    values, dual = np.zeros(problem.shape[1]), np.zeros(problem.shape[0])
    try:
        vector = farkas(problem, until - time.perf_counter())
        if vector is not None:
            return RawSolution("infeasible", values, vector, f"{name}: Farkas vector")
        way = ray(problem, gradient, until - time.perf_counter())
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError):
        return None
    return None if way is None else RawSolution("unbounded", way, dual, f"{name}: ray")
