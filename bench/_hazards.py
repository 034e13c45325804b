"""A thousand hazard draws of us-2019: all of them as `solve_batch` chooses, some by HiGHS in a pool of processes.

HiGHS goes two ways, and the quicker one counts: each draw from nothing, by the quickest of its algorithms, and each
from the last basis of the draw before it, with one HiGHS object kept in a process and only bounds and sides changed.
Its seconds are those within its solves, divided by the processes: starting them, handing over and certifying are not
counted. What it would take for all draws is scaled up from those it did. Ours is all of that.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
from _draws import draws, same_as_rebuilt
from _rows import INTERIOR, QUICKEST, Row, Way, same, timed, worst

from lustrum.lp.highs import Options, RawSolution, maximise
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution
from lustrum.solving.batch import solve_batch
from lustrum.solving.simplex_session import SimplexSession

#: LimitSets that are compared with the plan written anew from changed accounts.
REBUILT = 5
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Outcome:
    """What a process of the pool tells of one draw."""

    seconds: float
    cpu: float
    status: str
    objective: float
    worst: float


def _cpu() -> float:
    return sum(os.times()[:4])


class Cold:
    """HiGHS on each draw from nothing."""

    def __init__(self, problem: Problem, options: Options) -> None:
        self.options = options

    def solve(self, changed: Problem) -> RawSolution:
        """One draw."""
        return maximise(changed, changed.goals[0].gradient, self.options)


class Warm:
    """One HiGHS object: bounds and sides changed, the simplex from the last basis, in the order of the draws."""

    def __init__(self, problem: Problem, options: Options) -> None:
        self.hot, self.limit = (
            SimplexSession(problem, problem.goals[0].gradient, options.time_limit),
            options.time_limit,
        )

    def solve(self, changed: Problem) -> RawSolution:
        """One draw."""
        sides = (changed.row_lower, changed.row_upper, changed.lower, changed.upper)
        return self.hot.solve(LimitSets(*(side[None] for side in sides)), 0, UNLIMITED, self.limit).raw


class Worker:
    """What a process of the pool keeps from one draw to the next."""

    solver: Cold | Warm
    problem: Problem


def _begin(kind: type[Cold] | type[Warm], problem: Problem, options: Options) -> None:
    Worker.solver, Worker.problem = kind(problem, options), problem


def _one(sides: tuple[np.ndarray, ...]) -> Outcome:
    row_lower, row_upper, lower, upper = sides
    changed = replace(Worker.problem, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper)
    found, seconds, cpu = timed(lambda: Worker.solver.solve(changed))
    objective = float(changed.goals[0].gradient @ found.values)
    return Outcome(seconds, cpu, found.status, objective, worst(changed, found) if found.status == "optimal" else 0.0)


def pool(
    kind: type[Cold] | type[Warm], problem: Problem, options: Options, several: LimitSets, count: int, processes: int
) -> list[Outcome]:
    """The first draws by HiGHS in a pool of processes."""
    sides = [(several.row_lower[k], several.row_upper[k], several.lower[k], several.upper[k]) for k in range(count)]
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (kind, problem, options)) as executor:
        return list(executor.map(_one, sides))


def hazards(way: Way, count: int, measured: int, processes: int = 2) -> Row:
    """One row: `count` draws by ours, the first `measured` of them by HiGHS."""
    problem, several, events = draws(count, seed=1)
    for k in range(min(count, REBUILT)):
        if not same_as_rebuilt(several.problem(problem, k), events[k]):
            raise AssertionError(f"draw {k} is not what the changed accounts and plan file give")
    began, cpu = time.perf_counter(), _cpu()
    ours = solve_batch(problem, several, replace(INTERIOR, method="auto"), 1e-6, processes)
    spent, cpu = time.perf_counter() - began, _cpu() - cpu
    row: Row = {
        "work": f"hazards: {count:,} draws of us-2019",
        "rows": problem.shape[0],
        "columns": problem.shape[1],
        "ours_s": round(spent, 3),
        "ours_cpu": round(cpu, 3),
        "ours_cpu_a_draw": round(cpu / count, 4),
        "ours_worst": max((r.certificate.largest for r in ours if r.status == "optimal"), default=None),
        "statuses": dict(Counter(r.status for r in ours)),
        "methods": dict(Counter(r.method.split("(")[0] for r in ours)),
    }
    measured = min(measured, count)
    if not way.limit or not measured:
        return row
    if measured < count:
        row["work"] = f"{row['work']} (HiGHS: {measured} of them, scaled up)"
    first = several.problem(problem, 0)
    limited = [replace(m, time_limit=way.limit) for m in QUICKEST]
    quick = min(limited, key=lambda m: timed(lambda: maximise(first, first.goals[0].gradient, m))[2])  # by one draw
    row["how"] = f"HiGHS in {processes} processes: from nothing (cold) by {quick.method}, or from the last basis (warm)"
    both = {k.__name__.lower(): pool(k, problem, quick, several, measured, processes) for k in (Cold, Warm)}
    return row | _theirs(both, processes, count, spent) | _agreement(both, ours, problem.goals[0].gradient)


def _theirs(both: dict[str, list[Outcome]], processes: int, count: int, spent: float) -> Row:
    """Times of HiGHS, scaled up to all draws; the quicker way counts."""
    seconds = {k: sum(o.seconds for o in outcomes) / len(outcomes) for k, outcomes in both.items()}
    cpu = {k: sum(o.cpu for o in outcomes) / len(outcomes) for k, outcomes in both.items()}
    taken = min(seconds, key=lambda k: seconds[k])
    whole = {k: s / processes * count for k, s in seconds.items()}
    return {
        "counts": taken,
        "theirs_s": round(whole[taken], 1),
        "theirs_cpu": round(cpu[taken] * count, 1),
        "cold_s": round(whole["cold"], 1),
        "warm_s": round(whole["warm"], 1),
        "ratio": round(whole[taken] / spent, 2),
        "ratio_cold": round(whole["cold"] / spent, 2),
        "ratio_warm": round(whole["warm"] / spent, 2),
        "cold_cpu_a_draw": round(cpu["cold"], 4),
        "warm_cpu_a_draw": round(cpu["warm"], 4),
    }


def _agreement(both: dict[str, list[Outcome]], ours: list[Solution], gradient: np.ndarray) -> Row:
    """Whether statuses and objectives are the same both ways, and HiGHS's own certificates."""
    mine = [(r.status, float(gradient @ r.values)) for r in ours]
    disagree = {
        f"draw {k} {way}": f"ours {mine[k][0]} {mine[k][1]:.10g}, HiGHS {o.status} {o.objective:.10g}"
        for way, outcomes in both.items()
        for k, o in enumerate(outcomes)
        if o.status != mine[k][0] or (o.status == "optimal" and not same(o.objective, mine[k][1]))
    }
    return {
        "agree": not disagree,
        "disagree": disagree,
        **{f"{way}_statuses": dict(Counter(o.status for o in outcomes)) for way, outcomes in both.items()},
        **{f"{way}_worst": max(o.worst for o in outcomes) for way, outcomes in both.items()},
    }
