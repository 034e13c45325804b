"""The staircase solver side by side with HiGHS on the same linear programs.

    python bench/staircase.py                 embedded economies and synthetic ones up to 200 x 10
    python bench/staircase.py --only 400      the rows whose work holds these words, large ones too
    python bench/staircase.py --only horizon  one economy of 200 sectors over 5 to 40 years: growth with the horizon
    python bench/staircase.py --only world    the world table as one plan (LUSTRUM_TEST_DATA: the published tables)
    python bench/staircase.py --only moved    us-2019 solved again after one floor moved
    python bench/staircase.py --json          one JSON document

Each row solves one linear program twice: by `maximise_staircase` with `--threads` threads (else 2), and by HiGHS.
For embedded economies HiGHS runs as lustrum runs it (the quickest of its algorithms counts), for synthetic ones as
interior point without crossover. Both sides get the same problem; HiGHS stops at `--limit` seconds of wall time (1200).
`ratio` is theirs / ours of wall time; `ours_cpu` and `theirs_cpu` are processor time, which other work on the machine
disturbs less. `agree` says that both objectives are the same to 1e-7 (none: HiGHS came to no optimum within the limit,
and its time is the limit); `ours_worst` and `theirs_worst` are the largest figures of the certificates.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _linprog import formulate
from _synthetic import synthetic
from _world import world

from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.certificate import certify
from lustrum.solving.highs import Options, RawSolution, _engine, _read, maximise
from lustrum.solving.problem import Problem
from lustrum.solving.staircase import maximise_staircase

Row = dict[str, object]
#: Name, largest ones last; those from LARGE on run only when asked for by --only.
EMBEDDED = (("island", 5), ("us-2019-16", 5), ("us-2019-16", 10), ("us-2019", 5))
SYNTHETIC = ((60, 5), (200, 5), (200, 10), (400, 5), (400, 10))
LARGE = 400


def timed(solve: Callable[[], RawSolution]) -> tuple[RawSolution, float, float]:
    """Solution, wall time and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = solve()
    return found, time.perf_counter() - wall, time.process_time() - cpu


@dataclass(frozen=True)
class Way:
    """How both sides run: threads of ours, seconds HiGHS may take, or 0 to leave HiGHS out."""

    threads: int
    limit: float


def worst(problem: Problem, found: RawSolution) -> float:
    """Largest figure of the certificate."""
    goal = problem.goals[0]
    c = certify(problem, goal.gradient, goal.constant, found.values, found.row_dual, 1e-6, goal.size)
    return max(c.primal_residual, c.dual_residual, c.gap)


def compare(work: str, problem: Problem, methods: tuple[Options, ...], runs: int, way: Way) -> Row:
    """One row: both sides in turn, the best time of each."""
    goal = problem.goals[0]
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(timed(lambda: maximise_staircase(problem, goal.gradient, natural=goal.size, workers=way.threads)))
        if way.limit:
            theirs += [
                timed(lambda m=m: maximise(problem, goal.gradient, replace(m, time_limit=way.limit)))  # type: ignore[misc]
                for m in methods
            ]
    mine = min(ours, key=lambda r: r[1])
    row: Row = {
        "work": work, "rows": problem.shape[0], "columns": problem.shape[1], "nonzeros": problem.matrix.nnz,
        "ours": mine[0].method, "ours_s": round(mine[1], 3), "ours_cpu": round(mine[2], 3),
        "ours_worst": worst(problem, mine[0]),
    }  # fmt: skip
    if not theirs:
        return row
    best = min(theirs, key=lambda r: (r[0].status != "optimal", r[1]))
    a, b = (float(goal.gradient @ r[0].values) for r in (mine, best))
    done = best[0].status == "optimal"
    return row | {
        "theirs": best[0].method, "theirs_s": round(best[1], 3), "theirs_cpu": round(best[2], 3),
        "ratio": round(best[1] / mine[1], 2), "agree": bool(abs(a - b) <= 1e-7 * max(abs(a), abs(b))) if done else None,
        "theirs_worst": worst(problem, best[0]) if done else None,
    }  # fmt: skip


def horizon(way: Way) -> list[Row]:
    """Growth of time with the number of years: the exponent between the first and the last."""
    out = []
    for years in (5, 10, 20, 40):
        problem = build_problem(PlanData(*synthetic(200, years)))
        out.append(compare(f"horizon: 200 sectors x {years}", problem, (), 1, Way(way.threads, 0.0)))
    times = [float(str(r["ours_s"])) for r in out]
    out[-1]["exponent"] = round(math.log(times[-1] / times[0]) / math.log(8), 2)
    return out


def moved(way: Way) -> Row:
    """us-2019 solved again after one floor moved: ours from nothing, HiGHS going on from its own last basis."""
    problem = formulate("us-2019", 5)
    goal = problem.goals[0]
    engine, column, row, weight = _engine(problem, goal.gradient, Options("ipm", way.limit, 1))
    engine.run()
    plan = _read(engine, column, row, weight, "ipm", "")
    engine.setOptionValue("solver", "simplex")
    engine.setOptionValue("presolve", "off")  # else it would begin again from nothing where a change is large
    basis = engine.getBasis()
    consumption = problem.variables["consumption"].index
    ours, theirs, agree = [], [], []
    for need in range(consumption.shape[1]):
        at = int(consumption[0, need, need % 5])
        floor, top = 1.01 * float(plan.values[at]), float(problem.upper[at] / column[at])
        lower = problem.lower.copy()
        lower[at] = floor
        changed = replace(problem, lower=lower)
        mine = timed(lambda: maximise_staircase(changed, goal.gradient, natural=goal.size, workers=way.threads))  # noqa: B023
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
        agree.append(abs(a - b) <= 1e-7 * abs(a))
    return {
        "work": f"moved: us-2019, one of {len(ours)} floors up 1 %, median", "ours": "staircase, from nothing",
        "theirs": "HiGHS simplex, from its own last basis", "ours_s": round(float(np.median(ours)), 3),
        "theirs_s": round(float(np.median(theirs)), 3), "ours_slowest_s": round(max(ours), 3),
        "theirs_slowest_s": round(max(theirs), 3), "ratio": round(float(np.median(theirs) / np.median(ours)), 2),
        "agree": all(agree),
    }  # fmt: skip


def rows(only: str, way: Way) -> list[Row]:
    """Run the rows whose work holds `only`."""
    out = []
    quickest = (Options("ipm", threads=1), Options("simplex", threads=1))
    for name, years in EMBEDDED:
        if only in (work := f"{name}, {years} years"):
            out.append(compare(work, formulate(name, years), quickest, 3, way))
    interior = (Options("ipm", threads=1, crossover=False),)
    for sectors, years in SYNTHETIC:
        work = f"synthetic {sectors} x {years}"
        if only in work and (only or sectors < LARGE):
            problem = build_problem(PlanData(*synthetic(sectors, years)))
            out.append(compare(work, problem, interior, 1 if sectors >= 200 else 3, way))
    if only == "world":
        out.append(compare("world: 1,413 products of 41 regions x 5", world(5), interior, 1, way))
    if only == "horizon":
        out += horizon(way)
    if only == "moved":
        out.append(moved(way))
    return out


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", default="", help="rows whose work holds these words")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--threads", type=int, default=2, help="threads of the staircase solver")
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for HiGHS; 0: leave it out")
    asked = parser.parse_args()
    found = rows(asked.only, Way(asked.threads, asked.limit))
    if asked.json:
        print(json.dumps({"rows": found}))
        return
    print("| work | ours, s | HiGHS, s | ratio | agree | our certificate | HiGHS's | ours, cpu s | HiGHS, cpu s |")
    print("|---|--:|--:|--:|---|--:|--:|--:|--:|")
    for r in found:
        cells = [r["work"], r["ours_s"], r.get("theirs_s", ""), r.get("ratio", ""),
                 {True: "yes", False: "no"}.get(r.get("agree"), ""),  # type: ignore[call-overload]
                 *(f"{r[k]:.0e}" if r.get(k) is not None else "" for k in ("ours_worst", "theirs_worst")),
                 r.get("ours_cpu", ""), r.get("theirs_cpu", "")]  # fmt: skip
        print("| " + " | ".join(str(c) for c in cells) + " |")
        for key in ("exponent", "ours_slowest_s", "theirs_slowest_s"):
            if key in r:
                print(f"\n{key}: {r[key]}")


if __name__ == "__main__":
    main()
