"""The staircase solver side by side with HiGHS on the same linear programs.

    OMP_NUM_THREADS=1 python bench/staircase.py               embedded economies and synthetic ones up to 200 x 10
    OMP_NUM_THREADS=1 python bench/staircase.py --only 400    the rows whose work holds these words, large ones too
    OMP_NUM_THREADS=1 python bench/staircase.py --json        one JSON document

Each row solves one linear program twice: by `maximise_staircase`, and by HiGHS with one thread. For embedded
economies HiGHS runs as lustrum runs it (the quickest of its algorithms counts), for synthetic ones as interior point
without crossover. Both sides get the same problem; HiGHS stops at HIGHS_LIMIT seconds of wall time. `cpu` is processor
time of the process, which other work on the machine disturbs less than wall time; `ratio` is theirs / ours of
processor time. `agree` says that both objectives are the same to 1e-7; `ours_worst` and `theirs_worst` are the largest
figures of the certificates.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _linprog import formulate
from _synthetic import synthetic

from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.certificate import certify
from lustrum.solving.highs import Options, RawSolution, maximise
from lustrum.solving.problem import Problem
from lustrum.solving.staircase import maximise_staircase

Row = dict[str, object]
HIGHS_LIMIT = 1200.0
#: Name, largest ones last; those from LARGE on run only when asked for by --only.
EMBEDDED = (("island", 5), ("us-2019-16", 5), ("us-2019-16", 10), ("us-2019", 5))
SYNTHETIC = ((60, 5), (200, 5), (200, 10), (400, 5), (400, 10))
LARGE = 400


def timed(solve: Callable[[], RawSolution]) -> tuple[RawSolution, float, float]:
    """Solution, wall time and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = solve()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def compare(work: str, problem: Problem, ways: tuple[Options, ...], runs: int) -> Row:
    """One row: both sides in turn, the best processor time of each."""
    goal = problem.goals[0]

    def worst(found: RawSolution) -> float:
        c = certify(problem, goal.gradient, goal.constant, found.values, found.row_dual, 1e-6, goal.size)
        return max(c.primal_residual, c.dual_residual, c.gap)

    ours, theirs = [], []
    for _ in range(runs):
        ours.append(timed(lambda: maximise_staircase(problem, goal.gradient, natural=goal.size)))
        theirs += [timed(lambda way=way: maximise(problem, goal.gradient, way)) for way in ways]  # type: ignore[misc]
    mine, best = min(ours, key=lambda r: r[2]), min(theirs, key=lambda r: r[2])
    a, b = (float(goal.gradient @ r[0].values) for r in (mine, best))
    return {
        "work": work, "rows": problem.shape[0], "columns": problem.shape[1],
        "ours_cpu": round(mine[2], 3), "theirs_cpu": round(best[2], 3), "ratio": round(best[2] / mine[2], 2),
        "ours_s": round(mine[1], 3), "theirs_s": round(best[1], 3),
        "agree": bool(abs(a - b) <= 1e-7 * max(abs(a), abs(b))),
        "ours_worst": worst(mine[0]), "theirs_worst": worst(best[0]), "ours": mine[0].method, "theirs": best[0].method,
    }  # fmt: skip


def rows(only: str) -> list[Row]:
    """Run the rows whose work holds `only`."""
    out = []
    quickest = (Options("ipm", HIGHS_LIMIT, 1), Options("simplex", HIGHS_LIMIT, 1))
    for name, years in EMBEDDED:
        if only in (work := f"{name}, {years} years"):
            out.append(compare(work, formulate(name, years), quickest, 3))
    interior = (Options("ipm", HIGHS_LIMIT, 1, crossover=False),)
    for sectors, years in SYNTHETIC:
        work = f"synthetic {sectors} x {years}"
        if only in work and (only or sectors < LARGE):
            problem = build_problem(PlanData(*synthetic(sectors, years)))
            out.append(compare(work, problem, interior, 1 if sectors >= 200 else 3))
    return out


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", default="", help="rows whose work holds these words")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    found = rows(asked.only)
    if asked.json:
        print(json.dumps({"rows": found}))
        return
    print("| work | ours, cpu s | HiGHS, cpu s | ratio | agree | our certificate | HiGHS's |")
    print("|---|--:|--:|--:|---|--:|--:|")
    for r in found:
        print(f"| {r['work']} | {r['ours_cpu']} | {r['theirs_cpu']} | {r['ratio']} | {'yes' if r['agree'] else 'no'} "
              f"| {r['ours_worst']:.0e} | {r['theirs_worst']:.0e} |")  # fmt: skip


if __name__ == "__main__":
    main()
