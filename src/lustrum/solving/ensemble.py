"""Many plans over one matrix, every stage of each proven: stacks through the staircase solver, the rest one by one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from lustrum.errors import BadInput
from lustrum.solving.draws import Draws
from lustrum.solving.highs import Options, RawSolution
from lustrum.solving.problem import Problem
from lustrum.solving.solution import Solution, StageSolution
from lustrum.solving.stages import attempts, judged, lock_level, settled, with_lock
from lustrum.solving.staircase import maximise_draws

Progress = Callable[[str], None]


def solve_draws(
    problem: Problem, draws: Draws, options: Options, tolerance: float, workers: int = 1,
    progress: Progress | None = None,
) -> list[Solution]:  # fmt: skip
    """Solve every stage of a problem for each of many sets of limits.

    Parameters
    ----------
    problem
        Rows, variables and goals that all plans share; its own limits count for none of them.
    draws
        Limits of each plan.
    options
        Of solvers for plans that the stacks do not solve; the time limit counts for each stack, then for each of
        these plans.
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
        raise BadInput("limits of draws do not fit the plan",
                       found=f"{draws.row_lower.shape[1]} rows, {draws.lower.shape[1]} variables",
                       expected=f"{problem.shape[0]} rows, {problem.shape[1]} variables",
                       mend="build them from this plan's own problem")  # fmt: skip
    began = time.perf_counter()
    stages: list[list[StageSolution]] = [[] for _ in range(draws.count)]
    last = [_nothing(problem)] * draws.count
    going = np.arange(draws.count)
    for k, goal in enumerate(problem.goals):
        if k:
            before = problem.goals[k - 1]
            problem = with_lock(problem, before, 0.0)
            levels = np.array([lock_level(before, own[-1].objective) if own else 0.0 for own in stages])
            draws = draws.with_row(levels, np.inf)
        if progress:
            progress(f"stage {k + 1} of {len(problem.goals)}: {goal.name}, {going.size} plans")
        found = maximise_draws(problem, goal.gradient, draws.some(going), seconds=options.time_limit,
                               natural=goal.size, workers=workers)  # fmt: skip
        alone = 0
        for plan, raw in zip(going, found, strict=True):
            own = draws.problem(problem, int(plan))
            raw, stage = judged(own, goal, raw, tolerance)
            if raw.status != "optimal" or not stage.certificate.holds:
                alone += 1
                raw, stage = attempts(own, goal, options, tolerance, time.perf_counter())
            last[plan] = settled(own, raw, stage, options)
            if last[plan].status == "optimal":
                stages[plan].append(stage)
        if progress and alone:
            progress(f"{goal.name}: {alone} of {going.size} plans solved one by one")
        going = going[[last[plan].status == "optimal" for plan in going]]
    seconds = (time.perf_counter() - began) / max(draws.count, 1)
    return [Solution(raw.status, raw.values, tuple(own), raw.method, seconds)
            for raw, own in zip(last, stages, strict=True)]  # fmt: skip


def _nothing(problem: Problem) -> RawSolution:
    return RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), "none")
