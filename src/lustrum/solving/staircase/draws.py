"""Many plans over one matrix: what differs is bounds and right-hand sides, as in draws of a hazard.

The structure is found once. Stacks of plans then go through the iterations together, as arrays; workers share out the
stacks. A plan whose limits are finite, equal or shut in other places than those of the others makes a stack of its kind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np

from lustrum.solving.highs import RawSolution
from lustrum.solving.problem import Problem
from lustrum.solving.staircase.interior import ENOUGH, Aim, interior_points
from lustrum.solving.staircase.maximise import WANTED, told, within
from lustrum.solving.certificate import certify
from lustrum.solving.staircase.point import Sides
from lustrum.solving.staircase.reduce import Reduced, reduce_problem
from lustrum.solving.staircase.structure import Unfit, analyse

#: Figures a stack may hold in dense cores at once, and plans in it at most.
ROOM, MOST = 20_000_000, 48


@dataclass(frozen=True, eq=False)
class Draws:
    """Limits of many plans: one row for each plan, in place of the problem's own."""

    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def count(self) -> int:
        """Number of plans."""
        return self.row_lower.shape[0]

    def some(self, plans: np.ndarray) -> Draws:
        """Limits of some plans."""
        return Draws(self.row_lower[plans], self.row_upper[plans], self.lower[plans], self.upper[plans])

    def problem(self, base: Problem, plan: int) -> Problem:
        """The linear program of one plan."""
        return replace(base, row_lower=self.row_lower[plan], row_upper=self.row_upper[plan], lower=self.lower[plan],
                       upper=self.upper[plan])  # fmt: skip

    def kinds(self) -> Iterator[np.ndarray]:
        """Plans whose limits are finite, equal and shut in the same places."""
        marks = np.concatenate(
            [np.isfinite(x) for x in (self.row_lower, self.row_upper, self.lower, self.upper)]
            + [self.row_lower == self.row_upper, self.lower < self.upper], axis=1,
        )  # fmt: skip
        _, kind = np.unique(np.packbits(marks, axis=1), axis=0, return_inverse=True)
        for k in range(int(kind.max(initial=-1)) + 1):
            yield np.flatnonzero(kind.ravel() == k)


def maximise_draws(problem: Problem, gradient: np.ndarray, draws: Draws, *, seconds: float = 600.0,
                   tolerance: float = 1e-9, natural: float = 0.0, workers: int = 1) -> list[RawSolution]:  # fmt: skip
    """Maximise gradient · v for every draw, with `workers` processes.

    Statuses are `optimal` or `limit`; a plan that came to no optimum is for `maximise_staircase` or another solver to
    go on with. Seconds count for each stack.
    """
    out: list[RawSolution | None] = [None] * draws.count
    stacks = [part for kind in draws.kinds() for part in _stacks(problem, kind, workers)]
    ask = [(problem, gradient, draws.some(plans), seconds, tolerance, natural) for plans in stacks]
    if workers > 1 and len(stacks) > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            answers = list(pool.map(_stack, *zip(*ask, strict=True)))
    else:
        answers = [_stack(*a) for a in ask]
    for plans, answer in zip(stacks, answers, strict=True):
        for plan, raw in zip(plans, answer, strict=True):
            out[plan] = raw
    return [raw for raw in out if raw is not None]


def _stacks(problem: Problem, plans: np.ndarray, workers: int) -> list[np.ndarray]:
    """Plans shared out to stacks that are about as large as each other and fit into memory."""
    most = min(MOST, max(1, ROOM // max(problem.shape[1], 1) ** 1))
    count = max(-(-plans.size // most), min(workers, plans.size))
    return np.array_split(plans, count)


def _stack(problem: Problem, gradient: np.ndarray, draws: Draws, seconds: float, tolerance: float, natural: float
           ) -> list[RawSolution]:  # fmt: skip
    first = draws.problem(problem, 0)
    try:
        reduced = reduce_problem(first, gradient).balanced()
        structure = analyse(reduced)
        sides, fixed = sides_of(reduced, draws)
    except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as why:
        none = RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), f"staircase: {why}")
        return [none] * draws.count
    problems = [draws.problem(problem, k) for k in range(draws.count)]

    def finish(plan: int, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return within(problems[plan], *reduced.restore(u, y, fixed[plan]))

    def judge(plan: int, u: np.ndarray, y: np.ndarray) -> float:
        c = certify(problems[plan], gradient, 0.0, *finish(plan, u, y), WANTED, natural)
        return max(c.primal_residual, c.dual_residual, 10 * c.gap) / WANTED

    found = interior_points(reduced, sides, Aim(tolerance, seconds=seconds, accept=judge), 1, structure)
    return [told(o, *finish(k, o.u, o.y)) for k, o in enumerate(found)]


def sides_of(reduced: Reduced, draws: Draws) -> tuple[Sides, np.ndarray]:
    """Limits of every draw in the reduced form, and what its eliminated variables are where the others are zero."""
    back = reduced.back
    extra = back.full.shape[1] - back.shape[1]
    none, free = np.zeros((draws.count, extra)), np.full((draws.count, extra), np.inf)
    low, high = (np.concatenate([x, none], axis=1) * back.row_scale for x in (draws.row_lower, draws.row_upper))
    lower = np.concatenate([draws.lower, -free], axis=1) / back.column_scale
    upper = np.concatenate([draws.upper, free], axis=1) / back.column_scale
    fixed = np.where(lower >= upper, lower, 0.0)
    rows, columns = back.solved_rows, back.solved_columns
    if rows.size:
        fixed[:, columns] = 0.0
        known = low[:, rows].T - back.full[rows] @ fixed.T
        fixed[:, columns] = back.pivots.solve(np.ascontiguousarray(known), "T").T
    moved = (back.full[back.kept_rows] @ fixed.T).T
    gone = back.bound_of
    scale = reduced.y_scale
    rows_low, rows_high = (
        np.concatenate([a[:, back.kept_rows] - moved, (b[:, gone] - fixed[:, gone]) * back.bound_scale], axis=1) * scale
        for a, b in ((low, lower), (high, upper))
    )
    return Sides(
        rows_low, rows_high, lower[:, back.left] / reduced.u_scale, upper[:, back.left] / reduced.u_scale,
        np.broadcast_to(reduced.cost, (draws.count, reduced.cost.size)),
    ), fixed  # fmt: skip
