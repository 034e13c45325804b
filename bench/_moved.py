"""us-2019 solved again after one floor moved, as a slider in an app would ask; HiGHS from its own last basis."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from _linprog import formulate
from _rows import INTERIOR, Row, Way, same, timed

from lustrum.solving.draws import Draws
from lustrum.solving.highs import _engine, _read
from lustrum.solving.staircase import Prepared


def moved(way: Way) -> Row:
    """us-2019 solved again after one floor moved: ours from where it passed before, HiGHS from its own last basis."""
    problem = formulate("us-2019", 5)
    goal = problem.goals[0]
    engine, column, row, weight = _engine(problem, goal.gradient, replace(INTERIOR, time_limit=way.limit))
    engine.run()
    plan = _read(engine, column, row, weight, "ipm", "")
    engine.setOptionValue("solver", "simplex")
    engine.setOptionValue("presolve", "off")  # else it would begin again from nothing where a change is large
    basis = engine.getBasis()
    prepared = Prepared(problem, goal.gradient, natural=goal.size)
    prepared.solve(Draws.of(problem, 1))
    consumption = problem.variables["consumption"].index
    ours, theirs, agree = [], [], []
    for need in range(consumption.shape[1]):
        at = int(consumption[0, need, need % 5])
        floor, top = 1.01 * float(plan.values[at]), float(problem.upper[at] / column[at])
        changed = Draws.of(problem, 1)
        changed.lower[0, at] = floor
        mine = timed(lambda: prepared.solve(changed)[0])  # noqa: B023
        engine.setOptionValue("time_limit", engine.getRunTime() + 10)  # the limit counts all runs
        engine.changeColBounds(at, floor / column[at], top)
        began = time.perf_counter()
        engine.run()
        spent = time.perf_counter() - began
        warm = _read(engine, column, row, weight, "simplex", "")
        engine.changeColBounds(at, float(problem.lower[at] / column[at]), top)
        if warm.status != "optimal":
            engine.setBasis(basis)
        engine.setOptionValue("time_limit", engine.getRunTime() + 30)
        engine.run()
        if mine[0].status != "optimal" or warm.status != "optimal":
            continue  # such a floor cannot be kept
        ours.append(mine[1])
        theirs.append(spent)
        a, b = (float(goal.gradient @ v) for v in (mine[0].values, warm.values))
        agree.append(same(a, b))
    return {
        "work": f"moved: us-2019, one of {len(ours)} floors up 1 %, median", "ours": "staircase, from where it passed",
        "theirs": "HiGHS simplex, from its own last basis", "ours_s": round(float(np.median(ours)), 3),
        "theirs_s": round(float(np.median(theirs)), 3), "ours_slowest_s": round(max(ours), 3),
        "theirs_slowest_s": round(max(theirs), 3), "ratio": round(float(np.median(theirs) / np.median(ours)), 2),
        "agree": all(agree),
    }  # fmt: skip
