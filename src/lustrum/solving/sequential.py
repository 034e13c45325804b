"""Many plans over one matrix by the simplex, one after the other: each goes on from the basis of the one before.

What a run claims is checked here: an optimum by its certificate, no plan by a Farkas vector.

Plans are put in an order in which each is like the one before, so that few pivots lead from one optimum to the next.
What a change of limits costs the simplex is guessed by what it is worth: the change of every side, in the solver's
scale, times the price of its row or variable in one plan. Sides without a price may come to count, so each has a
thousandth of the largest.
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
from lustrum.solving.simplex_session import LARGER, Basis, Point, SimplexSession
from lustrum.solving.stages import certified
from lustrum.solving.workers import in_workers

#: A plan with a coarser certificate than GOOD, or behind a lock that is broken by more than THIN, is left to others.
GOOD, THIN = 1e-7, 1e-8
#: Plans in a row that begin from the stored basis together, at most.
STRETCH = 40

Found = tuple[RawSolution, StageSolution]

#: Pivots that one plan may take. On us-2019 one plan in fifty would take more. Some of them have no optimum, and HiGHS
#: goes on for thousands of pivots without saying so.
MAX_PIVOTS = 1_000

#: What a side without a price counts, as a share of the largest price.
UNPRICED = 1e-3
#: Sides that differ from draw to draw are looked at up to this number, the weightiest ones.
SIDES = 1_000
#: Plans that are put in order together, at most: memory and time grow with their square.
TOGETHER = 2_500
#: Plans in a row that are moved to a better place together, at most.
SEGMENT = 3


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
    order = order_scenarios(draws, _prices(first, goal.gradient - middle.coefficients.T @ first.first.row_dual))
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


@dataclass(frozen=True, eq=False)
class Prices:
    """What one size of a side is worth, and that size: of rows, and of variables' bounds."""

    row: np.ndarray
    row_size: np.ndarray
    bound: np.ndarray
    size: np.ndarray

    @staticmethod
    def of(row_dual: np.ndarray, row_size: np.ndarray, reduced: np.ndarray, size: np.ndarray) -> Prices:
        """Those of a plan: its row duals and reduced costs; the sizes are those by which a solver scales."""
        return Prices(np.abs(row_dual) * row_size, row_size, np.abs(reduced) * size, size)


def order_scenarios(draws: LimitSets, prices: Prices) -> np.ndarray:
    """All draws in an order that is short by the worth of what changes."""
    from scipy.spatial.distance import cdist  # takes 0.15 s to import, and most solves need no order

    places = features(draws, prices)
    groups = np.array_split(np.arange(draws.count), max(-(-draws.count // TOGETHER), 1))
    orders = []
    for group in groups:
        apart = cdist(places[group], places[group], "cityblock").astype(np.float32)
        orders.append(group[shortened(nearest(apart), apart)])
    return np.concatenate(orders)


def features(draws: LimitSets, prices: Prices) -> np.ndarray:
    """Worth of the sides that differ, draws × sides; the distance of two draws is the sum of absolute differences."""
    p = prices
    sides = (
        (draws.row_lower, p.row, p.row_size),
        (draws.row_upper, p.row, p.row_size),
        (draws.lower, p.bound, p.size),
        (draws.upper, p.bound, p.size),
    )
    kept = []
    for side, price, size in sides:
        differ = np.flatnonzero((side != side[:1]).any(axis=0))
        finite = np.isfinite(side[:, differ])
        known = np.where(finite, side[:, differ], 0.0)
        # no limit is as far away as the furthest
        known = np.where(finite, known, np.sign(side[:, differ]) * np.abs(known).max(axis=0, initial=0.0))
        kept.append(((known - known.mean(axis=0)) / size[differ], price[differ]))
    values, weight = np.concatenate([k[0] for k in kept], axis=1), np.concatenate([k[1] for k in kept])
    values = values * (weight + UNPRICED * weight.max() if weight.any() else 1.0)
    spread = np.abs(values).sum(axis=0)
    return values[:, np.argsort(-spread, kind="stable")[:SIDES]]


def nearest(apart: np.ndarray) -> np.ndarray:
    """From the draw that is nearest to all others, each time to the nearest that is left."""
    count = apart.shape[0]
    order, left = np.empty(count, dtype=np.int64), np.ones(count, dtype=bool)
    at = int(apart.sum(axis=1).argmin())
    for k in range(count):
        order[k], left[at] = at, False
        if k + 1 < count:
            others = np.flatnonzero(left)
            at = int(others[apart[at, others].argmin()])
    return order


def shortened(order: np.ndarray, apart: np.ndarray, rounds: int = 30) -> np.ndarray:
    """The order with stretches turned round (2-opt) and short ones moved (Or-opt), until no such change helps."""
    order = order.copy()
    for _ in range(rounds):
        before = length(order, apart)
        for at in range(order.size - 1):
            _turn(order, apart, at)
        for size in range(1, SEGMENT + 1):
            for at in range(order.size - size):
                order = _move(order, apart, at, size)
        if length(order, apart) > before * (1 - 1e-4):
            break
    return order


def length(order: np.ndarray, apart: np.ndarray) -> float:
    """Sum of distances along the order."""
    return float(apart[order[:-1], order[1:]].sum())


def _turn(order: np.ndarray, apart: np.ndarray, at: int) -> None:
    """Turn the stretch after `at` round that saves most, in place; the last one may be the whole rest."""
    here, after, ends = order[at], order[at + 1], order[at + 1 :]
    gain = apart[here, after] - apart[here, ends]
    gain[:-1] += apart[ends[:-1], ends[1:]] - apart[after, ends[1:]]
    best = int(gain.argmax())
    if gain[best] > 1e-6 * apart[here, after]:
        order[at + 1 : at + 2 + best] = order[at + 1 : at + 2 + best][::-1].copy()


def _move(order: np.ndarray, apart: np.ndarray, at: int, size: int) -> np.ndarray:
    """Put the `size` draws from `at` on where they fit best, either way round."""
    first, last = order[at], order[at + size - 1]
    rest = np.concatenate([order[:at], order[at + size :]])
    left = apart[order[at - 1], first] if at else 0.0
    right = apart[last, order[at + size]] if at + size < order.size else 0.0
    closed = apart[order[at - 1], order[at + size]] if at and at + size < order.size else 0.0
    saved = left + right - closed
    gaps = apart[rest[:-1], rest[1:]]
    straight = apart[first, rest[:-1]] + apart[last, rest[1:]] - gaps
    turned = apart[last, rest[:-1]] + apart[first, rest[1:]] - gaps
    cost = np.minimum(straight, turned)
    best = int(cost.argmin()) if cost.size else 0
    if not cost.size or saved - cost[best] <= 1e-6 * saved:
        return order
    own = order[at : at + size] if straight[best] <= turned[best] else order[at : at + size][::-1]
    return np.concatenate([rest[: best + 1], own, rest[best + 1 :]])


def _prices(session: SimplexSession, reduced: np.ndarray) -> Prices:
    """Prices of a session's first solve in HiGHS's scale, zero where it had no optimum; its reduced costs are given."""
    found = session.first.status == "optimal"
    return Prices.of(session.first.row_dual * found, LARGER / session.row, reduced * found, session.column * LARGER)
