"""Many plans over one matrix by the simplex, one after the other: each goes on from the basis of the one before.

What a run claims is checked here: an optimum by its certificate, no plan by a Farkas vector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lustrum.lp.certificate import proves_no_plan
from lustrum.lp.highs import RawSolution
from lustrum.lp.lexicographic import is_bounded
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Goal, Problem
from lustrum.lp.solution import StageSolution
from lustrum.solving.ordering import order_scenarios
from lustrum.solving.simplex_session import Basis, Point, SimplexSession
from lustrum.solving.stages import certified
from lustrum.solving.workers import in_workers

#: A plan with a coarser certificate than GOOD, or behind a lock that is broken by more than THIN, is left to others.
GOOD, THIN = 1e-7, 1e-8
#: Plans in a row that begin from the stored basis together, at most.
STRETCH = 25

Found = tuple[RawSolution, StageSolution]

#: Pivots that one plan may take. On us-2019 one plan in fifty would take more. Some of them have no optimum, and HiGHS
#: goes on for thousands of pivots without saying so.
MAX_PIVOTS = 1_000


def maximise_in_sequence(
    problem: Problem,
    goal: Goal,
    draws: LimitSets,
    *,
    seconds: float = 600.0,
    tolerance: float = 1e-6,
    workers: int = 1,
    max_pivots: int = MAX_PIVOTS,
    progress: Callable[[int], None] | None = None,
    near: Point | None = None,
) -> list[Found | None]:
    """Maximise a goal for every set of limits, with `workers` processes.

    One process solves a plan in the middle of all, from nothing or near a known optimum. Its prices put the others in
    order, so that each is like the one before. The order is cut into stretches, and each stretch begins at the basis of
    that first plan. So results are the same to the last bit whatever the number of workers.

    A plan is `optimal`, with a certificate of GOOD or finer; `infeasible`, its row duals a checked Farkas vector; or
    None, and for another solver to go on with. Seconds count for each plan.
    """
    if draws.count == 0:
        return []
    middle = draws.middle().problem(problem, 0)
    first = SimplexSession(middle, goal.gradient, seconds, near=near)
    order = order_scenarios(draws, first.prices(goal.gradient - middle.coefficients.T @ first.first.row_dual))
    stretches = np.array_split(order, -(-order.size // STRETCH))
    given = (middle, goal, seconds, tolerance, max_pivots, first.basis())
    pieces = [draws.some(own) for own in stretches]

    def told(done: int) -> None:
        if progress:
            progress(sum(own.size for own in stretches[:done]))

    found = in_workers(Stretches, given, Stretches.solve, pieces, workers, told)
    out = dict(zip(order.tolist(), (one for some in found for one in some), strict=True))
    return [out[plan] for plan in range(draws.count)]


@dataclass(frozen=True, eq=False)
class Stretches:
    """What every process needs to solve a stretch: the program, and the basis at which each stretch begins."""

    problem: Problem
    goal: Goal
    seconds: float
    tolerance: float
    max_pivots: int
    basis: Basis

    def solve(self, draws: LimitSets) -> list[Found | None]:
        """Solve plans one after the other, from the stored basis on."""
        session = SimplexSession(self.problem, self.goal.gradient, self.seconds, self.basis)
        solver = SequentialSolver(self.problem, self.goal, self.seconds, self.tolerance, self.max_pivots, session)
        return solver.along(draws)


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
