"""Many plans over one matrix through the iterations together.

The structure is found once. Stacks of plans then go through the iterations together, as arrays; workers share out the
stacks. Plans whose limits are finite, equal and shut in the same places are of one kind, and go into stacks of it.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from lustrum.lp.certificate import proves_no_plan
from lustrum.lp.highs import RawSolution
from lustrum.lp.lexicographic import is_bounded
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.interior import Aim, Program
from lustrum.solving.staircase.kernels import keep_memory
from lustrum.solving.staircase.maximise import short_of, told, within
from lustrum.solving.staircase.pieces import FAILURES
from lustrum.solving.staircase.polish import polish
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import reduced_limits

#: Variables in a stack and plans in it, at most: more would leave the processor's caches.
VARIABLES, PLANS = 60_000, 8


def maximise_batch(
    problem: Problem,
    gradient: np.ndarray,
    draws: LimitSets,
    *,
    seconds: float = 600.0,
    tolerance: float = 1e-9,
    natural: float = 0.0,
    workers: int = 1,
) -> list[RawSolution]:
    """Maximise gradient · v for every draw, with `workers` processes.

    Statuses are `optimal`, `infeasible` with a checked Farkas vector as row duals, or `limit`: such a plan is for
    `maximise_staircase` or another solver to go on with. Seconds count for each stack.
    """
    size = min(PLANS, max(1, VARIABLES // max(problem.shape[1], 1)))
    stacks = [
        part
        for kind in draws.kinds()
        for part in np.array_split(kind, max(-(-kind.size // size), min(workers, kind.size)))
    ]
    limits = [draws.some(plans) for plans in stacks]
    given = (problem, gradient, seconds, tolerance, natural)
    if workers > 1 and len(stacks) > 1:
        with ProcessPoolExecutor(workers, get_context("spawn"), _begin, given) as pool:
            answers = list(pool.map(_work, limits))
    else:
        answers = list(map(Prepared(*given).solve, limits))
    out = {
        int(plan): raw
        for plans, answer in zip(stacks, answers, strict=True)
        for plan, raw in zip(plans, answer, strict=True)
    }
    return [out[plan] for plan in range(draws.count)]


class Prepared:
    """A plan to be solved for limits that change: its structure is found once, and plans begin near the first optimum.

    Parameters
    ----------
    problem, gradient
        Rows and variables, and the objective.
    seconds, tolerance, natural
        As for `maximise_batch`.
    """

    def __init__(
        self,
        problem: Problem,
        gradient: np.ndarray,
        seconds: float = 600.0,
        tolerance: float = 1e-9,
        natural: float = 0.0,
    ) -> None:
        self.problem, self.gradient, self.natural = problem, gradient, natural
        self.seconds, self.tolerance = seconds, tolerance
        self._kind: bytes = b""

    def solve(self, draws: LimitSets) -> list[RawSolution]:
        """Solve for limits of one kind (`LimitSets.kinds`), together."""
        try:
            if draws.kind() != self._kind:
                self.program = Program(reduce_problem(draws.problem(self.problem, 0), self.gradient).equilibrated())
                self._kind = draws.kind()
                first, rest = np.arange(draws.count)[:1], np.arange(draws.count)[1:]
                found = self._iterate(draws.some(first))  # the others begin near its optimum
                return found + (self._iterate(draws.some(rest)) if rest.size else [])
            return self._iterate(draws)
        except FAILURES as why:
            none = np.zeros(self.problem.shape[1]), np.zeros(self.problem.shape[0])
            return [RawSolution("limit", *none, f"staircase: {why}")] * draws.count

    def _iterate(self, draws: LimitSets) -> list[RawSolution]:
        reduced = self.program.reduced
        limits, offset = reduced_limits(reduced, draws)
        problems = [draws.problem(self.problem, k) for k in range(draws.count)]
        locked = is_bounded(self.problem)

        def finish(plan: int, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return within(problems[plan], *reduced.restore(u, y, offset[plan]))

        def judge(plan: int, u: np.ndarray, y: np.ndarray) -> float:
            return short_of(problems[plan], self.gradient, *finish(plan, u, y), self.natural)

        def refute(plan: int, u: np.ndarray, y: np.ndarray) -> bool:
            return not locked and proves_no_plan(problems[plan], finish(plan, u, y)[1])

        found = self.program.solve(limits, Aim(self.tolerance, seconds=self.seconds, accept=judge, refute=refute))
        for k, o in enumerate(found):
            if o.optimal and judge(k, o.u, o.y) > 1:
                u, y = polish(limits.program(reduced, k), o.u, o.y, lambda u, y, k=k: judge(k, u, y))  # type: ignore[misc]
                found[k] = replace(o, u=u, y=y)
        return [told(o, *finish(k, o.u, o.y)) for k, o in enumerate(found)]


_worker: Prepared


def _begin(problem: Problem, gradient: np.ndarray, seconds: float, tolerance: float, natural: float) -> None:
    global _worker
    keep_memory()
    _worker = Prepared(problem, gradient, seconds, tolerance, natural)


def _work(draws: LimitSets) -> list[RawSolution]:
    return _worker.solve(draws)
