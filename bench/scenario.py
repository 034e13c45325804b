"""Questions to a plan of us-2019, beside what a user would do instead.

    python bench/scenario.py                all rows, a table
    python bench/scenario.py --only NAME    the rows whose work holds NAME
    python bench/scenario.py --json         one JSON document

Both sides get the same accounts, the first plan is solved before the clock starts, and both write the changed
programs themselves, except where HiGHS gets them written. Times are of one run, in seconds of wall time; `ratio` is
theirs / ours. `agree`: the same optima, to 1e-6.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _linprog import embedded
from planning import Row, table

from lustrum.lp.highs import Options
from lustrum.lp.limit_sets import LimitSets
from lustrum.planning.summary import every_limit
from lustrum.scenario.change import Case, Change
from lustrum.scenario.scenario import Scenario
from lustrum.solving.simplex_session import SimplexSession
from lustrum.solving.solve import options_of
from lustrum.solving.stages import solve_problem

Figures = list[float]
#: Seconds that HiGHS may take for one limit.
SECONDS = 10.0


def scenario() -> Scenario:
    """The scenario of us-2019, its first plan solved."""
    base = Scenario(*embedded("us-2019", 5))
    _ = base.plan
    return base


def row(work: str, ours: Callable[[], Figures], theirs: Callable[[], Figures]) -> Row:
    """Time two ways to the same optima; nan: there is no plan; inf: not decided in time, not compared."""
    found, spent = [], []
    for way in (ours, theirs):
        began = time.perf_counter()
        found.append(way())
        spent.append(time.perf_counter() - began)
    mine, other = map(np.array, found)
    decided = ~np.isinf(other)
    agree = bool(np.allclose(mine[decided], other[decided], rtol=1e-6, atol=0.0, equal_nan=True))
    ratio = round(spent[1] / spent[0], 2)
    return {"work": work, "ours_s": round(spent[0], 3), "theirs_s": round(spent[1], 3), "ratio": ratio, "agree": agree}


def thirty(base: Scenario) -> list[Case]:
    """The 30 strongest limits eased by 1 %, one each."""
    problem, out = base.program.problem, []
    for limit in every_limit(base.plan)[:30]:
        grid = problem.rows[limit.family]
        at = int(grid.index[grid.index >= 0][0])
        where = {d: [c] for d, c in zip([d for d in grid.dims if d != "year"], limit.labels, strict=True)}
        ease = 1.01 if np.isfinite(problem.row_upper[at]) else 0.99
        out.append(Case(limit.text, Change(f"limit:{limit.family}", where, times=ease)))
    return out


def _without_vertex(base: Scenario) -> Options:
    """The plan file's options; as on our side, of equally good plans the one where the interior point ends."""
    return replace(options_of(base.spec), vertex=False)


def fresh(base: Scenario, case: Case) -> float:
    """The optimum of a case, its program written and solved from nothing."""
    found = solve_problem(base.case_program(case).problem, _without_vertex(base), base.spec.solver.tolerance)
    return found.stages[-1].objective if found.status == "optimal" else float("nan")


def many(base: Scenario, cases: list[Case]) -> Figures:
    """`Scenario.solve_many`."""
    return [r.objective if r.ok else float("nan") for r in base.solve_many(cases)]


def limits_fresh() -> Row:
    """30 limits together, against one after the other from nothing."""
    base = scenario()
    cases = thirty(base)
    return row(
        "limits: 30 moved by 1 %, against fresh solves",
        lambda: many(base, cases),
        lambda: [fresh(base, case) for case in cases],
    )


def limits_by_hand() -> Row:
    """30 limits together, against HiGHS that goes on from its last basis; its programs are written for it."""
    base = scenario()
    cases, problem = thirty(base), base.program.problem
    written = [base.case_program(case).problem for case in cases]
    goal = problem.goals[0]

    def by_hand() -> Figures:
        session = SimplexSession(problem, goal.gradient)
        out = []
        for p in written:
            found = session.solve(LimitSets.of(p, 1), 0, 1_000_000, SECONDS).raw
            undecided = np.inf if found.status == "limit" else np.nan
            decided = found.status == "optimal"
            out.append(float(goal.gradient @ found.values) + goal.constant if decided else undecided)
        return out

    return row("limits: 30 moved by 1 %, against HiGHS from its last basis", lambda: many(base, cases), by_hand)


def whatif() -> Row:
    """Labour 2 % less, near the first plan, against solving afresh."""
    base, case = scenario(), Case("", "scale labour 0.98 in 2021-2022")
    return row(
        "what if: labour -2 % in two years, against a fresh solve",
        lambda: [base.solve(case).objective],
        lambda: [fresh(base, case)],
    )


def stop() -> Row:
    """Soft answer of a stopped import near the first plan, against the same soft program solved from nothing."""
    base, case = scenario(), Case("", "stop imports 334 in 2021-2022")
    softening = base.solve(case, soft=True).soft  # the other side gets it written, prices included
    assert softening is not None

    def ours() -> Figures:
        return [base.solve(case, soft=True).solution.stages[-1].objective]

    def theirs() -> Figures:
        found = solve_problem(softening.problem, _without_vertex(base), base.spec.solver.tolerance)
        return [found.stages[-1].objective]

    return row("stopped import: soft answer, against its program from nothing", ours, theirs)


ROWS: dict[str, Callable[[], Row]] = {
    "limits: 30 moved by 1 %, against fresh solves": limits_fresh,
    "limits: 30 moved by 1 %, against HiGHS from its last basis": limits_by_hand,
    "what if: labour -2 % in two years, against a fresh solve": whatif,
    "stopped import: soft answer, against its program from nothing": stop,
}


def main() -> int:
    """Run the rows; exit code 1 if two sides disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--only", metavar="NAME", default="", help="the rows whose work holds NAME")
    asked = parser.parse_args()
    chosen = [name for name in ROWS if asked.only in name]
    if not chosen:
        parser.error(f"no row holds {asked.only!r}; there are: {'; '.join(ROWS)}")
    rows = [ROWS[name]() for name in chosen]
    print(json.dumps({"rows": rows}, indent=1) if asked.json else table(rows))
    return 0 if all(r["agree"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
