"""us-2019 solved again after one floor moved, as a slider in an app would ask; HiGHS from its own last basis.

Every need in two years goes up by 1 %, and then back. A floor that cannot be kept counts too: both sides say so, ours
with a proof. HiGHS goes on from where it ended, with no limit but 10 s; going back is not counted on either side,
nor is the run with which HiGHS begins again from a good basis where it does not find back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import xarray as xr
from _linprog import embedded, formulate
from _rows import Row, Way, same

from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.scenario.change import Change
from lustrum.scenario.scenario import Scenario
from lustrum.solving.simplex_session import SimplexSession

T = TypeVar("T")
#: Years whose floors move, as positions.
YEARS = (0, 3)
SECONDS, PIVOTS = 10.0, 1_000_000


def moved(way: Way) -> Row:
    """One row: medians, means, slowest; and how much of it the first few pivots decided."""
    problem = formulate("us-2019", 5)
    goal = problem.goals[0]
    scenario = Scenario(*embedded("us-2019", 5), kept=True)
    plan = scenario.plan
    scenario.solve("floor housing >= 0.5 in 2020")  # the solver that is kept is made with the first question
    hot = SimplexSession(problem, goal.gradient, way.limit or 600.0)
    start = LimitSets.of(problem, 1)
    hot.solve(start, 0, PIVOTS, SECONDS)  # the first run finds the weights of every row
    ours, theirs, agree, methods, statuses, undecided = [], [], [], [], [], 0
    for change, floor in floors(problem, plan.values["consumption"]):
        mine, spent = _timed(lambda: scenario.solve(change))  # noqa: B023
        warm, took = _timed(lambda: hot.solve(floor, 0, PIVOTS, SECONDS).raw)  # noqa: B023
        if hot.solve(start, 0, PIVOTS, SECONDS).raw.status != "optimal":  # then its last good basis was put back
            hot.solve(start, 0, PIVOTS, SECONDS)
        ours.append(spent)
        theirs.append(took)
        methods.append(mine.way)
        statuses.append(mine.status)
        if warm.status == "optimal":
            agree.append(
                mine.status == "optimal" and same(mine.objective - goal.constant, float(goal.gradient @ warm.values))
            )
        elif warm.status != "limit":
            agree.append(mine.status == warm.status)
        undecided += warm.status == "limit"
    possible = [s for s, status in zip(ours, statuses, strict=True) if status == "optimal"]
    easy = np.array(["HiGHS" in m for m in methods])
    return {
        "work": f"moved: us-2019, one of {len(ours)} floors up 1 %, median",
        "ours": "Scenario, kept: few pivots, then the interior point",
        "theirs": "HiGHS simplex, from its own last basis",
        "ours_s": _round(np.median(ours)),
        "theirs_s": _round(np.median(theirs)),
        "ours_mean_s": _round(np.mean(ours)),
        "theirs_mean_s": _round(np.mean(theirs)),
        "ours_p95_of_kept_floors_s": _round(np.quantile(possible, 0.95)),
        "ours_slowest_s": _round(max(ours)),
        "theirs_slowest_s": _round(max(theirs)),
        "ratio": _round(np.median(theirs) / np.median(ours)),
        "ratio_of_sums": _round(sum(theirs) / sum(ours)),
        "by_few_pivots": int(easy.sum()),
        "without_a_plan": statuses.count("infeasible"),
        "undecided_by_highs": undecided,
        "agree": all(agree),
    }


def floors(problem: Problem, plan: xr.DataArray) -> list[tuple[Change, LimitSets]]:
    """One floor each, 1 % above what the plan gives: as a change of the plan file, and as a bound for HiGHS."""
    grid, out = problem.variables["consumption"], []
    for year in YEARS:
        for k, need in enumerate(grid.labels["need"]):
            at, label = grid.index[0, k, year], grid.labels["year"][year]
            value = 1.01 * float(plan.sel(need=need, year=label).values[0])
            if at >= 0 and value > 1e-6 * problem.scale[at]:
                limits = LimitSets.of(problem, 1)
                limits.lower[0, at] = value
                where, years = {"need": [str(need)]}, [int(str(label))]
                out.append(
                    (Change("limit:consumption_floor", where, years, to=value, more={"basis": "absolute"}), limits)
                )
    return out


def _timed(solve: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return solve(), time.perf_counter() - began


def _round(value: float) -> float:
    return round(float(value), 3)
