"""One stage of a problem by the staircase solver: reduce, iterate, restore."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lustrum.errors import BadInput
from lustrum.lp.certificate import certify, proves_no_plan
from lustrum.lp.highs import RawSolution
from lustrum.lp.lexicographic import is_bounded
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.again import BEHIND_LOCKS, rescaled
from lustrum.solving.staircase.bounds import REFUTED, Outcome
from lustrum.solving.staircase.device import Machine, namespace
from lustrum.solving.staircase.interior import ENOUGH, Aim, interior_point
from lustrum.solving.staircase.point import Guess
from lustrum.solving.staircase.polish import polish
from lustrum.solving.staircase.proof import farkas, ray
from lustrum.solving.staircase.reduce import Reduced, reduce_problem
from lustrum.solving.staircase.stacks import Unfit

#: The residuals of the certificate that are aimed at; the gap is to be a tenth of it.
WANTED = 1e-8


def maximise_staircase(
    problem: Problem,
    gradient: np.ndarray,
    *,
    seconds: float = 600.0,
    tolerance: float = 1e-9,
    natural: float = 0.0,
    workers: int = 0,
    device: str = "cpu",
    near: tuple[np.ndarray, np.ndarray] | None = None,
    trace: Callable[[str], None] | None = None,
) -> RawSolution:
    """Maximise gradient · v over the problem's rows and bounds, with `workers` threads (0: as the environment has it)
    and dense matrices on `device` (cpu, gpu); `near`: values and row duals to begin near.

    Where no optimum was reached, the status is `infeasible` or `unbounded` with a checked proof, and otherwise
    `limit`; whether the problem has an optimum is then for another solver to say. The values of `unbounded` are a ray
    along which any plan could go on; the row duals of `infeasible` are a Farkas vector.

    Raises
    ------
    BadInput
        If there is no such device, or its memory is too small.
    """
    machine = Machine(workers, namespace(device))
    until = time.perf_counter() + seconds
    locked = is_bounded(problem)

    def finish(p: Reduced, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return within(problem, *p.restore(u, y))

    def judge(p: Reduced, u: np.ndarray, y: np.ndarray) -> float:
        return short_of(problem, gradient, *finish(p, u, y), natural)

    def refute(p: Reduced, u: np.ndarray, y: np.ndarray) -> bool:
        return not locked and proves_no_plan(problem, finish(p, u, y)[1])

    search = _Search(judge, refute, tolerance, until, machine, trace)
    proof = None
    try:
        reduced = reduce_problem(problem, gradient).balanced()
        search.walk(reduced, near=Guess(*reduced.placed(*near)) if near else None)
        # behind locks the stage before has found a plan, and no limit to this objective would have shown in the first
        if search.least > 1 and locked:
            for way in BEHIND_LOCKS:
                search.walk(search.rescaled(), way)
        elif search.least > ENOUGH and search.best.reason != REFUTED:
            proof = _no_optimum(problem, gradient, until, f"staircase ({search.iterations} iterations)", machine)
            if proof is None:
                search.walk(search.rescaled())
        values, dual = finish(search.program, search.best.u, search.best.y)
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as why:  # SuperLU raises the last
        return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), f"staircase: {why}")
    except MemoryError as why:
        if machine.space is None:
            raise
        raise BadInput(
            "the graphics card's memory is too small for this plan",
            where="solver.device",
            found=str(why),
            expected="room for the core twice",
            mend="solver.device: cpu",
        ) from why
    return proof or told(search.found(), values, dual)


class _Search:
    """The best point so far by the judge, and the program it was found on; all iterations are counted."""

    def __init__(
        self,
        judge: Callable[[Reduced, np.ndarray, np.ndarray], float],
        refute: Callable[[Reduced, np.ndarray, np.ndarray], bool],
        tolerance: float,
        until: float,
        machine: Machine,
        trace: Callable[[str], None] | None,
    ) -> None:
        self.judge, self.refute, self.tolerance = judge, refute, tolerance
        self.until, self.machine, self.trace = until, machine, trace
        self.least, self.iterations = np.inf, 0

    def walk(
        self, program: Reduced, way: Callable[[Reduced], Reduced] | None = None, near: Guess | None = None
    ) -> None:
        """Iterations on a program, or on what a way makes of it, then the last step on the program itself."""
        first = self.iterations == 0
        if self.least <= 1 or (not first and time.perf_counter() > self.until):
            return

        def judge(u: np.ndarray, y: np.ndarray) -> float:
            return self.judge(program, u, y)

        other = way(program) if way else program
        aim = Aim(
            self.tolerance,
            seconds=self.until - time.perf_counter(),
            trace=self.trace,
            accept=None if way else lambda _, u, y: judge(u, y),
            refute=None if way else lambda _, u, y: self.refute(program, u, y),
        )
        found = interior_point(other, aim, self.machine, near)
        self.iterations += found.iterations
        u, y = found.u[: program.matrix.shape[1]], found.y * (other.y_scale / program.y_scale)
        if found.reason != REFUTED and judge(u, y) > 1 and time.perf_counter() < self.until:
            u, y = polish(program, u, y, judge, self.machine)
        now = judge(u, y)
        self.last = program, u
        if now < self.least or first or found.reason == REFUTED:
            self.least, self.program, self.best = now, program, replace(found, u=u, y=y)

    def rescaled(self) -> Reduced:
        """The last program, scaled by where its variables came to."""
        return rescaled(*self.last)

    def found(self) -> Outcome:
        """The best point, with what is to be said of it."""
        if self.best.reason == REFUTED:
            return replace(self.best, iterations=self.iterations)
        reason = self.best.reason if self.least > 1 else ""
        return replace(self.best, iterations=self.iterations, optimal=self.least <= ENOUGH, reason=reason)


def within(problem: Problem, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values within their bounds, and row duals of the signs that the rows' sides leave them."""
    values = np.clip(values, problem.lower, problem.upper)
    dual = np.where(np.isinf(problem.row_upper), np.minimum(dual, 0.0), dual)
    return values, np.where(np.isinf(problem.row_lower), np.maximum(dual, 0.0), dual)


def short_of(problem: Problem, gradient: np.ndarray, values: np.ndarray, dual: np.ndarray, natural: float) -> float:
    """How far values and row duals are from what is wanted; up to 1 is good enough, up to ENOUGH an optimum."""
    c = certify(problem, gradient, 0.0, values, dual, WANTED, natural)
    # a lock is thinner than what passes elsewhere for rounding: what breaks it may gain a lot, and its price can be so
    # large that prices and gaps which pass elsewhere leave the objective short
    thin = ENOUGH if is_bounded(problem) else 1.0
    worth = max(c.dual_residual, c.gap)
    return max(thin * c.primal_residual, worth * (thin if worth > WANTED else 1.0), 10 * c.gap) / WANTED


def told(found: Outcome, values: np.ndarray, dual: np.ndarray) -> RawSolution:
    """What the iterations came to."""
    if found.reason == REFUTED:
        name = f"staircase ({found.iterations} iterations): Farkas vector"
        return RawSolution("infeasible", np.zeros_like(values), dual, name)
    name = f"staircase ({found.iterations} iterations) {found.reason}".strip()
    return RawSolution("optimal" if found.optimal else "limit", values, dual, name)


def _no_optimum(
    problem: Problem, gradient: np.ndarray, until: float, name: str, machine: Machine
) -> RawSolution | None:
    """A proof that there is no plan, or else that the objective has no limit where there is one."""
    values, dual = np.zeros(problem.shape[1]), np.zeros(problem.shape[0])
    try:
        vector = farkas(problem, until - time.perf_counter(), machine)
        if vector is not None:
            return RawSolution("infeasible", values, vector, f"{name}: Farkas vector")
        way = ray(problem, gradient, until - time.perf_counter(), machine)
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError):
        return None
    return None if way is None else RawSolution("unbounded", way, dual, f"{name}: ray")
