"""Many plans over one matrix by the simplex, one after the other along a tour: each goes on from the one before.

One process solves a plan in the middle of all from nothing; its prices make the tours (`tour`), its basis is where the
other processes begin. What a run claims is checked here: an optimum by its certificate, no plan by a Farkas vector.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np

from lustrum.lp.certificate import proves_no_plan
from lustrum.lp.highs import RawSolution
from lustrum.lp.lexicographic import is_bounded
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Goal, Problem
from lustrum.lp.solution import StageSolution
from lustrum.solving.ordering import order_scenarios
from lustrum.solving.simplex_session import Basis, SimplexSession
from lustrum.solving.stages import certified

#: A plan with a coarser certificate than GOOD, or behind a lock that is broken by more than THIN, is left to others.
GOOD, THIN = 1e-7, 1e-8
#: Plans that a process is handed at a time.
STRETCH = 20

Found = tuple[RawSolution, StageSolution]


#: Pivots that one plan may take. On us-2019 one plan in fifty would take more. Some of them have no optimum, and HiGHS
#: goes on for thousands of pivots without saying so.
MAX_PIVOTS = 1_000

Given = tuple[Problem, Goal, float, float, int, Basis]


def maximise_in_sequence(
    problem: Problem,
    goal: Goal,
    draws: LimitSets,
    *,
    seconds: float = 600.0,
    tolerance: float = 1e-6,
    workers: int = 1,
    max_pivots: int = MAX_PIVOTS,
) -> list[Found | None]:
    """Maximise a goal for every draw, with `workers` processes.

    A plan is `optimal`, with a certificate of GOOD or finer; `infeasible`, its row duals a checked Farkas vector; or
    None, and for another solver to go on with. Seconds count for each plan.
    """
    if draws.count == 0:
        return []
    middle = draws.middle().problem(problem, 0)
    hot = SimplexSession(middle, goal.gradient, seconds)
    order = order_scenarios(draws, hot.prices(goal.gradient - middle.coefficients.T @ hot.first.row_dual))
    out: dict[int, Found | None] = {}
    workers = min(workers, draws.count)
    if workers > 1:
        _share(draws, order, workers, (middle, goal, seconds, tolerance, max_pivots, hot.basis()), out)
    else:
        walk = SequentialSolver(middle, goal, seconds, tolerance, max_pivots, hot)
        out.update(zip(order.tolist(), walk.along(draws.some(order)), strict=True))
    return [out[plan] for plan in range(draws.count)]


def _share(draws: LimitSets, order: np.ndarray, workers: int, given: Given, out: dict[int, Found | None]) -> None:
    """Two processes on each part of the order: one from its beginning, one from its end, until they meet."""
    ends = np.minimum(np.arange(0, workers + 2, 2), workers) * order.size // workers
    parts = [
        deque(np.split(own, range(STRETCH, own.size, STRETCH)))
        for own in (order[a:b] for a, b in pairwise(ends.tolist()))
    ]

    def serve(worker: int) -> None:
        part, back = parts[worker // 2], worker % 2
        with ProcessPoolExecutor(1, get_context("spawn"), _begin, given) as process:
            while part:
                try:
                    own = part.pop()[::-1] if back else part.popleft()
                except IndexError:  # the other one took the last
                    break
                out.update(zip(own.tolist(), process.submit(_work, draws.some(own)).result(), strict=True))

    with ThreadPoolExecutor(workers) as threads:
        for done in [threads.submit(serve, worker) for worker in range(workers)]:
            done.result()


class SequentialSolver:
    """Plans one after the other by one HiGHS object, each judged."""

    def __init__(
        self,
        problem: Problem,
        goal: Goal,
        seconds: float,
        tolerance: float,
        max_pivots: int,
        hot: SimplexSession,
        back: bool = True,
    ) -> None:
        self.problem, self.goal, self.hot, self.back = problem, goal, hot, back
        self.seconds, self.tolerance, self.max_pivots = seconds, tolerance, max_pivots

    def along(self, draws: LimitSets) -> list[Found | None]:
        """All draws, in their order."""
        return [self.solve(draws, plan) for plan in range(draws.count)]

    def solve(self, draws: LimitSets, plan: int) -> Found | None:
        """One of the draws."""
        own = draws.problem(self.problem, plan)
        run = self.hot.solve(draws, plan, self.max_pivots, self.seconds, self.back)
        locked = is_bounded(own)
        if run.raw.status == "limit" or (run.raw.status != "optimal" and locked):
            return None  # behind a lock there is a plan: what else is said there is rounding
        raw, stage = certified(own, self.goal, run.raw, self.tolerance)
        if raw.status == "infeasible":
            return (raw, stage) if proves_no_plan(own, raw.row_dual) else None
        c = stage.certificate
        sound = c.largest <= min(GOOD, self.tolerance) and (not locked or c.primal_residual <= THIN)
        return (raw, stage) if raw.status == "optimal" and sound else None


_worker: SequentialSolver


def _begin(problem: Problem, goal: Goal, seconds: float, tolerance: float, max_pivots: int, basis: Basis) -> None:
    global _worker
    _worker = SequentialSolver(
        problem, goal, seconds, tolerance, max_pivots, SimplexSession(problem, goal.gradient, seconds, basis)
    )


def _work(draws: LimitSets) -> list[Found | None]:
    return _worker.along(draws)
