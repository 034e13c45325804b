"""One stage of a problem by the staircase solver: presolve, iterate, refine, retry, postsolve; and proofs.

If the iterations end without an optimum, variants of the program are tried. In later stages the row that protects an
earlier objective (the lexicographic bound) leaves almost no slack, and its dual can reach 1e7. Other plans end far from
the natural size of their variables, with outputs of a million times the base year's.

That there is no optimum is said only with a proof: a Farkas vector if there is no plan, a ray if the objective is
unbounded. Both are optima of linear programs of the same structure, and checked against the explicit problem.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lustrum.errors import BadInput
from lustrum.lp.certificate import certify, proves_no_limit, proves_no_plan
from lustrum.lp.highs import RawSolution
from lustrum.lp.lexicographic import is_bounded
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.device import ONE_THREAD, Machine, namespace
from lustrum.solving.staircase.interior_point import (
    ACCEPTABLE,
    REFUTED,
    Outcome,
    StoppingCriteria,
    interior_point,
)
from lustrum.solving.staircase.iterate import StartingPoint
from lustrum.solving.staircase.pieces import FAILURES
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.refinement import refine_active_set

#: The residuals of the certificate that are aimed at; the gap is to be a tenth of it.
WANTED = 1e-8

#: A way to change a program.
Variant = Callable[[ReducedProgram], ReducedProgram]
#: What is tried in later stages after the program itself. Each was added because some stage needed it.
RETRIES: tuple[Variant, ...] = (
    lambda p: p.relaxed(1e-6),
    lambda p: p.relaxed(1e-5),
    lambda p: p.penalised(2.0**10, 1e3),
    lambda p: p.penalised(2.0**10, 10.0),
    lambda p: p.penalised(2.0**17, 1e3),
)


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
    """Maximise gradient · v over the problem's rows and bounds.

    Parameters
    ----------
    problem, gradient
        Rows and variables, and the objective.
    seconds, tolerance
        Time limit, and tolerance of the iterations.
    natural
        Natural size of the objective.
    workers
        Threads (0: as many as the environment allows).
    device
        Where dense matrices are multiplied and factorised: cpu or gpu.
    near
        Values and row duals to begin near (a warm start).
    trace
        Called with a line for each iteration.

    Returns
    -------
    RawSolution
        If no optimum was reached, the status is `infeasible` or `unbounded` with a checked proof, and otherwise
        `limit`; then another solver has to say whether there is an optimum. The values of `unbounded` are a ray along
        which any plan could go on; the row duals of `infeasible` are a Farkas vector.

    Raises
    ------
    BadInput
        If there is no such device, or its memory is too small.
    """
    machine = Machine(workers, namespace(device))
    until = time.perf_counter() + seconds
    later_stage = is_bounded(problem)
    judge = Judge(problem, gradient, natural)
    search = _Search(judge, tolerance, until, machine, trace)
    proof = None
    try:
        reduced = reduce_problem(problem, gradient).equilibrated()
        search.run(reduced, near=StartingPoint(*reduced.restrict(*near)) if near else None)
        # later stages have a plan, and an unbounded objective would have shown in the first
        if search.score > 1 and later_stage:
            for variant in RETRIES:
                search.run(search.rescaled(), variant)
        elif search.score > ACCEPTABLE and search.best.reason != REFUTED:
            proof = _no_optimum(problem, gradient, until, f"staircase ({search.iterations} iterations)", machine)
            if proof is None:
                search.run(search.rescaled())
        values, dual = judge.restore(search.program, search.best.u, search.best.y)
    except FAILURES as why:
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
    return proof or raw_solution(search.outcome(), values, dual)


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges points of a reduced program on the problem it comes from; `natural` is the objective's natural size."""

    problem: Problem
    gradient: np.ndarray
    natural: float

    def restore(
        self, program: ReducedProgram, u: np.ndarray, y: np.ndarray, offset: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Values within their bounds, and row duals with the signs that the rows' limits allow."""
        p = self.problem
        values, dual = program.restore(u, y, offset)
        dual = np.where(np.isinf(p.row_upper), np.minimum(dual, 0.0), dual)
        return np.clip(values, p.lower, p.upper), np.where(np.isinf(p.row_lower), np.maximum(dual, 0.0), dual)

    def score(self, program: ReducedProgram, u: np.ndarray, y: np.ndarray, offset: np.ndarray | None = None) -> float:
        """See `certificate_score`."""
        values, dual = self.restore(program, u, y, offset)
        return certificate_score(self.problem, self.gradient, values, dual, self.natural)

    def refutes(self, program: ReducedProgram, u: np.ndarray, y: np.ndarray, offset: np.ndarray | None = None) -> bool:
        """Whether the multipliers prove that there is no plan; in later stages there is one."""
        return not is_bounded(self.problem) and proves_no_plan(self.problem, self.restore(program, u, y, offset)[1])


def certificate_score(
    problem: Problem, gradient: np.ndarray, values: np.ndarray, dual: np.ndarray, natural: float
) -> float:
    """How far the certificate is from what is wanted; up to 1 is good enough, up to ACCEPTABLE an optimum."""
    c = certify(problem, gradient, 0.0, values, dual, WANTED, natural)
    # to violate a lexicographic bound by what passes for rounding elsewhere may gain a lot, and with its large dual,
    # residuals and gaps that pass elsewhere leave the objective short
    strict = ACCEPTABLE if is_bounded(problem) else 1.0
    worth = max(c.dual_residual, c.gap)
    return max(strict * c.primal_residual, worth * (strict if worth > WANTED else 1.0), 10 * c.gap) / WANTED


def raw_solution(found: Outcome, values: np.ndarray, dual: np.ndarray) -> RawSolution:
    """What the iterations ended with."""
    if found.reason == REFUTED:
        name = f"staircase ({found.iterations} iterations): Farkas vector"
        return RawSolution("infeasible", np.zeros_like(values), dual, name)
    name = f"staircase ({found.iterations} iterations) {found.reason}".strip()
    return RawSolution("optimal" if found.optimal else "limit", values, dual, name)


class _Search:
    """The best point so far, and the program it was found on; counts all iterations."""

    def __init__(
        self,
        judge: Judge,
        tolerance: float,
        until: float,
        machine: Machine,
        trace: Callable[[str], None] | None,
    ) -> None:
        self.judge, self.tolerance = judge, tolerance
        self.until, self.machine, self.trace = until, machine, trace
        self.score, self.iterations = np.inf, 0

    def run(self, program: ReducedProgram, variant: Variant | None = None, near: StartingPoint | None = None) -> None:
        """Iterate on a program, or on a variant of it, then refine the result on the program itself."""
        first = self.iterations == 0
        if self.score <= 1 or (not first and time.perf_counter() > self.until):
            return

        def score(u: np.ndarray, y: np.ndarray) -> float:
            return self.judge.score(program, u, y)

        other = variant(program) if variant else program
        criteria = StoppingCriteria(
            self.tolerance,
            seconds=self.until - time.perf_counter(),
            trace=self.trace,
            score=None if variant else lambda _, u, y: score(u, y),
            refute=None if variant else lambda _, u, y: self.judge.refutes(program, u, y),
        )
        found = interior_point(other, criteria, self.machine, near)
        self.iterations += found.iterations
        u, y = found.u[: program.matrix.shape[1]], found.y * (other.row_scale / program.row_scale)
        if found.reason != REFUTED and score(u, y) > 1 and time.perf_counter() < self.until:
            u, y = refine_active_set(program, u, y, score, self.machine)
        now = score(u, y)
        self.last = program, u
        if now < self.score or first or found.reason == REFUTED:
            self.score, self.program, self.best = now, program, replace(found, u=u, y=y)

    def rescaled(self) -> ReducedProgram:
        """The last program, with variables scaled by their size where it ended."""
        program, u = self.last
        return program.rescaled(u)

    def outcome(self) -> Outcome:
        """The best point, with its status."""
        if self.best.reason == REFUTED:
            return replace(self.best, iterations=self.iterations)
        reason = self.best.reason if self.score > 1 else ""
        return replace(self.best, iterations=self.iterations, optimal=self.score <= ACCEPTABLE, reason=reason)


# ---- proofs that there is no optimum


def _no_optimum(
    problem: Problem, gradient: np.ndarray, until: float, name: str, machine: Machine
) -> RawSolution | None:
    """A proof that there is no plan, or else that the objective is unbounded if there is one."""
    values, dual = np.zeros(problem.shape[1]), np.zeros(problem.shape[0])
    try:
        vector = farkas_vector(problem, until - time.perf_counter(), machine)
        if vector is not None:
            return RawSolution("infeasible", values, vector, f"{name}: Farkas vector")
        ray = unbounded_ray(problem, gradient, until - time.perf_counter(), machine)
    except FAILURES:
        return None
    return None if ray is None else RawSolution("unbounded", ray, dual, f"{name}: ray")


def farkas_vector(problem: Problem, seconds: float, machine: Machine = ONE_THREAD) -> np.ndarray | None:
    """Row duals that prove that there is no plan: those of the least sum of violations; None without a proof."""
    reduced = reduce_problem(problem, np.zeros(problem.shape[1])).equilibrated()
    found = interior_point(reduced.elastic(), StoppingCriteria(seconds=seconds), machine)
    dual = reduced.restore(np.zeros(reduced.matrix.shape[1]), found.y)[1]
    return dual if proves_no_plan(problem, dual) else None


def unbounded_ray(
    problem: Problem, gradient: np.ndarray, seconds: float, machine: Machine = ONE_THREAD
) -> np.ndarray | None:
    """A direction in which every plan can go on for ever and gains: the best within a box; None without a proof."""
    along = replace(
        problem,
        row_lower=np.where(np.isfinite(problem.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(problem.row_upper), 0.0, np.inf),
        lower=np.where(np.isfinite(problem.lower), 0.0, -problem.scale),
        upper=np.where(np.isfinite(problem.upper), 0.0, problem.scale),
    )
    reduced = reduce_problem(along, gradient).equilibrated()
    found = interior_point(reduced, StoppingCriteria(seconds=seconds), machine)
    values = np.clip(reduced.restore(found.u, found.y)[0], along.lower, along.upper)
    return values if proves_no_limit(problem, gradient, values) else None
