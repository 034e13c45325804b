"""Many plans over one matrix, every stage of each proven: in a row or in stacks, the rest one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import numpy as np

from lustrum.errors import BadInput
from lustrum.lp.highs import Method, Options, RawSolution
from lustrum.lp.lexicographic import bound_level, is_bounded, with_bound
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Goal, Problem
from lustrum.lp.solution import Solution, StageSolution
from lustrum.solving.sequential import Found, maximise_in_sequence
from lustrum.solving.simplex_session import Point
from lustrum.solving.stages import certified, final_status, solve_with_fallbacks
from lustrum.solving.staircase import maximise_batch
from lustrum.solving.staircase.maximise import farkas_vector
from lustrum.solving.staircase.pieces import FAILURES

Progress = Callable[[str], None]
Way = Literal["row", "stacks", "alone"]

#: Up to this many coefficients, and from this many plans on, plans in a row by the simplex are quicker than stacks
#: (solver.md section 2).
ROW_UP_TO, ROW_FROM = 100_000, 40


def solve_batch(
    problem: Problem,
    draws: LimitSets,
    options: Options,
    tolerance: float,
    workers: int = 1,
    progress: Progress | None = None,
    first: Way | None = None,
    near: Point | None = None,
) -> list[Solution]:
    """Solve every stage of a problem for each of many sets of limits.

    Parameters
    ----------
    problem
        Rows, variables and goals that all plans share; its own limits count for none of them.
    draws
        Limits of each plan.
    options
        `method` says how plans are solved together: simplex in a row, staircase in stacks, ipm not at all; auto
        goes by size and number, and stacks take what those in a row leave. What is left is solved one by one, with
        these options, in this process. The time limit counts for each plan in a row, for each stack, then for each
        of these plans.
    first
        How plans are solved together, where that is not left to `options.method`.
    near
        Values and row duals of an optimum of the first stage for limits like these: plans in a row begin there.
    tolerance
        What every certificate must keep.
    workers
        Processes.
    progress
        Called with a line of words now and then.

    Returns
    -------
    list of Solution
        One for each plan. A plan is `optimal` where every stage has a certificate that holds.

    Raises
    ------
    BadInput
        If the limits do not fit the problem.
    """
    if draws.row_lower.shape[1] != problem.shape[0] or draws.lower.shape[1] != problem.shape[1]:
        raise BadInput(
            "limits of draws do not fit the plan",
            found=f"{draws.row_lower.shape[1]} rows, {draws.lower.shape[1]} variables",
            expected=f"{problem.shape[0]} rows, {problem.shape[1]} variables",
            mend="build them from this plan's own problem",
        )
    began = time.perf_counter()
    stages: list[list[StageSolution]] = [[] for _ in range(draws.count)]
    last = [_nothing(problem)] * draws.count
    going = np.arange(draws.count)
    for k, goal in enumerate(problem.goals):
        if k:
            before = problem.goals[k - 1]
            problem = with_bound(problem, before, 0.0)
            levels = np.array([bound_level(before, own[-1].objective) if own else 0.0 for own in stages])
            draws = draws.with_row(levels, np.inf)
        if progress:
            progress(f"stage {k + 1} of {len(problem.goals)}: {goal.name}, {going.size} plans")
        found = _together(problem, goal, draws.some(going), options, tolerance, workers, first, None if k else near)
        alone = 0
        for plan, one in zip(going, found, strict=True):
            own = draws.problem(problem, int(plan))
            if one is None:
                alone += 1
                one = solve_with_fallbacks(own, goal, options, tolerance, time.perf_counter())
            last[plan] = final_status(own, *one, options)
            if last[plan].status == "optimal":
                stages[plan].append(one[1])
        if progress and alone:
            progress(f"{goal.name}: {alone} of {going.size} plans solved one by one")
        going = going[[last[plan].status == "optimal" for plan in going]]
    seconds = (time.perf_counter() - began) / max(draws.count, 1)
    return [
        Solution(raw.status, raw.values, tuple(own), raw.method, seconds) for raw, own in zip(last, stages, strict=True)
    ]


def way(method: Method, problem: Problem, count: int) -> Way:
    """How plans are solved together: in a row, in stacks, or not; whatever the number of workers."""
    if method == "ipm":
        return "alone"
    if method != "auto":
        return "row" if method == "simplex" else "stacks"
    return "row" if problem.nonzeros <= ROW_UP_TO and count >= ROW_FROM else "stacks"


def _together(
    problem: Problem,
    goal: Goal,
    draws: LimitSets,
    options: Options,
    tolerance: float,
    workers: int,
    first: Way | None = None,
    near: Point | None = None,
) -> list[Found | None]:
    """What is proven of each plan in a row or in stacks; None where nothing is."""
    first = first or way(options.method, problem, draws.count)
    out: list[Found | None] = [None] * draws.count
    if first == "row":
        out = maximise_in_sequence(
            problem, goal, draws, seconds=options.time_limit, tolerance=tolerance, workers=workers, near=near
        )
    left = np.array([k for k, one in enumerate(out) if one is None], dtype=np.int64)
    if left.size and (first == "stacks" or (first == "row" and options.method == "auto")):
        found = maximise_batch(
            problem, goal.gradient, draws.some(left), seconds=options.time_limit, natural=goal.size, workers=workers
        )
        for k, raw in zip(left, found, strict=True):
            raw, stage = certified(draws.problem(problem, int(k)), goal, raw, tolerance)
            if raw.status == "infeasible" or (raw.status == "optimal" and stage.certificate.holds):
                out[k] = raw, stage
            else:
                out[k] = without_plan(draws.problem(problem, int(k)), goal, options.time_limit, tolerance)
    return out


def without_plan(problem: Problem, goal: Goal, seconds: float, tolerance: float) -> Found | None:
    """A checked proof that there is no plan, as row duals; None where none is found, or behind locks."""
    if is_bounded(problem):
        return None
    try:
        vector = farkas_vector(problem, seconds)
    except FAILURES:
        return None
    if vector is None:
        return None
    raw = RawSolution("infeasible", np.zeros(problem.shape[1]), vector, "staircase: Farkas vector")
    return certified(problem, goal, raw, tolerance)


def _nothing(problem: Problem) -> RawSolution:
    return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), "none")
