"""us-2019 solved again after one floor moved, as a slider in an app would ask; HiGHS from its own last basis.

Every need in two years goes up by 1 %, and then back. A floor that cannot be kept counts too: both sides say so, ours
with a proof. HiGHS goes on from where it ended, with no limit but 10 s; going back is not counted on either side,
nor is the run with which HiGHS begins again from a good basis where it does not find back.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from _linprog import formulate
from _rows import INTERIOR, Row, Way, same

from lustrum.lp.highs import RawSolution
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.solving.persistent import PersistentSolver
from lustrum.solving.simplex_session import SimplexSession

#: Years whose floors move, as positions.
YEARS = (0, 3)
SECONDS, PIVOTS = 10.0, 1_000_000


def moved(way: Way) -> Row:
    """One row: medians, means, slowest; and how much of it the first few pivots decided."""
    problem = formulate("us-2019", 5)
    goal = problem.goals[0]
    ready = PersistentSolver(problem, goal, INTERIOR, 1e-6)
    hot = SimplexSession(problem, goal.gradient, way.limit or 600.0)
    start = LimitSets.of(problem, 1)
    ready.solve(start)
    hot.solve(start, 0, PIVOTS, SECONDS)  # the first run finds the weights of every row
    ours, theirs, agree, methods, statuses, undecided = [], [], [], [], [], 0
    for floor in floors(problem, ready.first[0].values):
        mine, spent = _timed(lambda: ready.solve(floor)[0])  # noqa: B023
        ready.solve(start)
        warm, took = _timed(lambda: hot.solve(floor, 0, PIVOTS, SECONDS).raw)  # noqa: B023
        if hot.solve(start, 0, PIVOTS, SECONDS).raw.status != "optimal":  # then its last good basis was put back
            hot.solve(start, 0, PIVOTS, SECONDS)
        ours.append(spent)
        theirs.append(took)
        methods.append(mine.method)
        statuses.append(mine.status)
        if warm.status == "optimal":
            agree.append(mine.status == "optimal" and same(*(float(goal.gradient @ r.values) for r in (mine, warm))))
        elif warm.status != "limit":
            agree.append(mine.status == warm.status)
        undecided += warm.status == "limit"
    easy = np.array([m.startswith("HiGHS") for m in methods])
    return {
        "work": f"moved: us-2019, one of {len(ours)} floors up 1 %, median",
        "ours": "few pivots, then the interior point",
        "theirs": "HiGHS simplex, from its own last basis",
        "ours_s": _round(np.median(ours)),
        "theirs_s": _round(np.median(theirs)),
        "ours_mean_s": _round(np.mean(ours)),
        "theirs_mean_s": _round(np.mean(theirs)),
        "ours_slowest_s": _round(max(ours)),
        "theirs_slowest_s": _round(max(theirs)),
        "ratio": _round(np.median(theirs) / np.median(ours)),
        "ratio_of_sums": _round(sum(theirs) / sum(ours)),
        "by_few_pivots": int(easy.sum()),
        "without_a_plan": statuses.count("infeasible"),
        "undecided_by_highs": undecided,
        "agree": all(agree),
    }


def floors(problem: Problem, values: np.ndarray) -> list[LimitSets]:
    """Limits with one floor each, 1 % above what the plan gives."""
    out = []
    for year in YEARS:
        for at in problem.variables["consumption"].index[0, :, year]:
            if at >= 0 and values[at] > 1e-6 * problem.scale[at]:
                limits = LimitSets.of(problem, 1)
                limits.lower[0, at] = 1.01 * values[at]
                out.append(limits)
    return out


def _timed(solve: Callable[[], RawSolution]) -> tuple[RawSolution, float]:
    began = time.perf_counter()
    return solve(), time.perf_counter() - began


def _round(value: float) -> float:
    return round(float(value), 3)
