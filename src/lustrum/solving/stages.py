"""Stages solved in order, each kept within its tolerance by the ones after it (docs/model.md section 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lustrum.lp.certificate import certify
from lustrum.lp.highs import VERTEX_UP_TO, Method, Options, RawSolution, choose, maximise, prefer, to_vertex
from lustrum.lp.lexicographic import is_bounded, with_bound
from lustrum.lp.problem import Goal, Problem
from lustrum.lp.solution import Certificate, Solution, StageSolution, Status
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.warm_start import WarmStart

Progress = Callable[[str], None]

#: A vertex is taken instead of a point inside whose certificate is finer only up to these figures.
FINE = 1e-8
#: How much more the objective counts where prices near zero were left with the wrong sign.
SHARP = 2.0**8


def solve_problem(
    problem: Problem,
    options: Options,
    tolerance: float,
    progress: Progress | None = None,
    near: WarmStart | None = None,
) -> Solution:
    """Solve every stage. Stops at the first that has no optimum; its status is the solution's.

    The staircase solver begins near another plan, if there is one.

    A stage is optimal only when its certificate, computed from the explicit problem, holds: a solver's own
    word is not enough. Where it does not, other settings and the simplex are tried within the time limit.
    """
    began = time.perf_counter()
    method, why = prefer(options.method, problem, near is not None)
    options = replace(options, method=method)
    stages: list[StageSolution] = []
    locked = problem
    raw = RawSolution("limit", np.zeros(problem.shape[1]), np.zeros(problem.shape[0]), "none")
    for k, goal in enumerate(problem.goals):
        if progress:
            progress(f"stage {k + 1} of {len(problem.goals)}: {goal.name}")
        if k:
            locked = with_bound(locked, problem.goals[k - 1], stages[-1].objective)
        raw, stage = solve_with_fallbacks(locked, goal, options, tolerance, began, progress, near)
        raw = final_status(locked, raw, stage, options)
        if raw.status != "optimal":
            proof = raw.row_dual if raw.status == "infeasible" else None
            return Solution(raw.status, raw.values, tuple(stages), raw.method, time.perf_counter() - began, proof)
        stages.append(stage)
    told = f"{raw.method} ({why})" if why else raw.method
    return Solution("optimal", raw.values, tuple(stages), told, time.perf_counter() - began)


def solve_with_fallbacks(
    problem: Problem,
    goal: Goal,
    options: Options,
    tolerance: float,
    began: float,
    progress: Progress | None = None,
    near: WarmStart | None = None,
) -> tuple[RawSolution, StageSolution]:
    """Solve one stage: try settings in turn until one ends in a proof: exact, looser, and last without presolve."""
    first = choose(options.method, problem)
    other: Method = "simplex" if first == "ipm" else "ipm"
    for k, chosen in enumerate(_ladder(options, first, other)):
        left = max(options.time_limit - (time.perf_counter() - began), 0.01)
        if k and progress:
            progress(f"{goal.name}: no proof yet, trying other settings")
        raw, stage = _solve_stage(problem, goal, replace(chosen, time_limit=left), tolerance, near)
        proven = raw.status == "optimal" and stage.certificate.holds
        if proven or raw.status == "unbounded" or left <= 0.01:
            break
        if raw.status == "infeasible" and not is_bounded(problem):
            break
    return raw, stage


def _ladder(options: Options, first: Method, other: Method) -> list[Options]:
    """Settings in the order they are tried; each came in because some plan needed it."""
    own = [options] if options.method == "staircase" else []
    return [
        *own,
        replace(options, method=first),
        replace(options, method=first, emphasis=SHARP),
        replace(options, method=other),
        replace(options, method=first, exact=False),
        replace(options, method=other, exact=False),
        replace(options, method="ipm", plain=True),
        replace(options, method="ipm", plain=True, emphasis=1 / SHARP),
        replace(options, method="simplex", exact=False, plain=True),
    ]


def _solve_stage(
    problem: Problem, goal: Goal, options: Options, tolerance: float, near: WarmStart | None
) -> tuple[RawSolution, StageSolution]:
    if options.method == "staircase":
        began = time.perf_counter()
        raw = maximise_staircase(
            problem,
            goal.gradient,
            seconds=options.time_limit,
            natural=goal.size,
            workers=options.threads,
            device=options.device,
            near=near.guess(problem, goal) if near else None,
        )
        vertex = problem.nonzeros <= VERTEX_UP_TO if options.vertex is None else options.vertex
        if vertex and raw.status == "optimal":
            left = max(options.time_limit - (time.perf_counter() - began), 0.01)
            corner = to_vertex(problem, goal.gradient, raw, replace(options, time_limit=left))
            figures = [_certified(problem, goal, found, tolerance)[1].largest for found in (corner, raw)]
            if corner.status == "optimal" and figures[0] <= max(FINE, figures[1]):
                raw = corner
    else:
        raw = maximise(problem, goal.gradient, options)
    return certified(problem, goal, raw, tolerance)


def certified(problem: Problem, goal: Goal, raw: RawSolution, tolerance: float) -> tuple[RawSolution, StageSolution]:
    """What a solver found as a stage with its certificate."""
    raw, certificate = _certified(problem, goal, raw, tolerance)
    reduced = goal.gradient - problem.coefficients.T @ raw.row_dual
    objective = float(goal.gradient @ raw.values) + goal.constant
    return raw, StageSolution(goal.name, objective, raw.row_dual, reduced, certificate)


def _certified(problem: Problem, goal: Goal, raw: RawSolution, tolerance: float) -> tuple[RawSolution, Certificate]:
    """The solution within its bounds, and the certificate, which measures what that moved: rounding is not a plan."""
    values = np.clip(raw.values, problem.lower, problem.upper)
    certificate = certify(problem, goal.gradient, goal.constant, values, raw.row_dual, tolerance, goal.size)
    return replace(raw, values=values), certificate


def final_status(problem: Problem, raw: RawSolution, stage: StageSolution, options: Options) -> RawSolution:
    """What was found, with the status that it proves: no optimum without a certificate."""
    status: Status = raw.status
    if status == "infeasible" and is_bounded(problem):
        status = "limit"  # the stage before it found a plan: this is rounding, not a proof
    if status == "optimal" and not stage.certificate.holds:
        status = "limit"
    return replace(raw, status=_resolve(problem, status, options))


def _resolve(problem: Problem, status: Status, options: Options) -> Status:
    """Tell infeasible from unbounded where the solver left both open: is there any plan at all?"""
    if status != "unbounded":
        return status
    found = maximise(problem, np.zeros(problem.shape[1]), replace(options, method="simplex")).status
    return "unbounded" if found == "optimal" else found
