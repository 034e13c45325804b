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
from lustrum.solving.staircase.maximise import short_of, told, within
from lustrum.solving.staircase.point import Sides
from lustrum.solving.staircase.polish import polish
from lustrum.solving.staircase.reduce import Reduced, reduce_problem
from lustrum.solving.staircase.stacks import Unfit
from lustrum.solving.staircase.threads import keep_memory

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
                self.program = Program(reduce_problem(draws.problem(self.problem, 0), self.gradient).balanced())
                self._kind = draws.kind()
                first, rest = np.arange(draws.count)[:1], np.arange(draws.count)[1:]
                found = self._iterate(draws.some(first))  # the others begin near its optimum
                return found + (self._iterate(draws.some(rest)) if rest.size else [])
            return self._iterate(draws)
        except (Unfit, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as why:
            none = np.zeros(self.problem.shape[1]), np.zeros(self.problem.shape[0])
            return [RawSolution("limit", *none, f"staircase: {why}")] * draws.count

    def _iterate(self, draws: LimitSets) -> list[RawSolution]:
        reduced = self.program.reduced
        sides, fixed = sides_of(reduced, draws)
        problems = [draws.problem(self.problem, k) for k in range(draws.count)]
        locked = is_bounded(self.problem)

        def finish(plan: int, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return within(problems[plan], *reduced.restore(u, y, fixed[plan]))

        def judge(plan: int, u: np.ndarray, y: np.ndarray) -> float:
            return short_of(problems[plan], self.gradient, *finish(plan, u, y), self.natural)

        def refute(plan: int, u: np.ndarray, y: np.ndarray) -> bool:
            return not locked and proves_no_plan(problems[plan], finish(plan, u, y)[1])

        found = self.program.solve(sides, Aim(self.tolerance, seconds=self.seconds, accept=judge, refute=refute))
        for k, o in enumerate(found):
            if o.optimal and judge(k, o.u, o.y) > 1:
                u, y = polish(sides.put(reduced, k), o.u, o.y, lambda u, y, k=k: judge(k, u, y))  # type: ignore[misc]
                found[k] = replace(o, u=u, y=y)
        return [told(o, *finish(k, o.u, o.y)) for k, o in enumerate(found)]


_worker: Prepared


def _begin(problem: Problem, gradient: np.ndarray, seconds: float, tolerance: float, natural: float) -> None:
    global _worker
    keep_memory()
    _worker = Prepared(problem, gradient, seconds, tolerance, natural)


def _work(draws: LimitSets) -> list[RawSolution]:
    return _worker.solve(draws)


def sides_of(reduced: Reduced, draws: LimitSets) -> tuple[Sides, np.ndarray]:
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
        known = low[:, rows].T - back.full.entries[rows] @ fixed.T
        fixed[:, columns] = back.pivots.solve(np.ascontiguousarray(known), "T").T  # type: ignore[call-overload]
    moved = (back.full @ fixed.T)[back.kept_rows].T
    gone = back.bound_of
    scale = reduced.y_scale
    rows_low, rows_high = (
        np.concatenate([a[:, back.kept_rows] - moved, (b[:, gone] - fixed[:, gone]) * back.bound_scale], axis=1) * scale
        for a, b in ((low, lower), (high, upper))
    )
    return Sides(
        rows_low,
        rows_high,
        lower[:, back.left] / reduced.u_scale,
        upper[:, back.left] / reduced.u_scale,
        np.broadcast_to(reduced.cost, (draws.count, reduced.cost.size)),
    ), fixed
