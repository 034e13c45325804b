"""Planning side by side with what a user would take instead.

    python bench/planning.py                all rows, a table
    python bench/planning.py --only NAME    the rows whose work holds NAME
    python bench/planning.py --json         one JSON document

Each row has `work`, `ours_s`, `theirs_s`, `ratio` (theirs / ours: above 1 lustrum is quicker) and `agree`: both
sides came to the same optimum, to 1e-6 of it. Times are the best of a few runs, in turn, in
seconds of wall time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _linprog import by_linprog, by_plain_highs, embedded, formulate

from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import options_of
from lustrum.solving.stages import solve_problem

Row = dict[str, object]
HERE = Path(__file__).parent
LUSTRUM = str(Path(sys.executable).with_name("lustrum"))


def row(work: str, ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> Row:
    """Time two ways to the same figure, in turn, so that what else the machine does weighs on both."""
    times: tuple[list[float], list[float]] = ([], [])
    figures = [0.0, 0.0]
    for _ in range(runs):
        for side, way in enumerate((ours, theirs)):
            began = time.perf_counter()
            figures[side] = way()
            times[side].append(time.perf_counter() - began)
    ours_s, theirs_s = min(times[0]), min(times[1])
    agree = abs(figures[0] - figures[1]) <= 1e-6 * max(abs(figures[0]), abs(figures[1]), 1e-9)
    return {
        "work": work,
        "ours_s": round(ours_s, 3),
        "theirs_s": round(theirs_s, 3),
        "ratio": round(theirs_s / ours_s, 2),
        "agree": bool(agree),
    }


def ours(name: str, years: int) -> float:
    """Build, solve and certify, as `lustrum plan` does; return the objective."""
    _, spec = embedded(name, years)
    return _solved(formulate(name, years), spec)


def _solved(problem: object, spec: PlanSpec) -> float:
    found = solve_problem(problem, options_of(spec), spec.solver.tolerance)  # type: ignore[arg-type]
    return found.stages[-1].objective if found.status == "optimal" else float("nan")


def command(*words: str) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def start() -> Row:
    """`lustrum --help`, against the imports of a script that would solve the program by hand."""
    script = "import numpy, scipy.optimize, scipy.sparse, pandas, yaml"
    try:
        command(sys.executable, "-c", script)
    except subprocess.CalledProcessError:
        script = "import numpy, scipy.optimize, scipy.sparse, yaml"
    return row(
        "start: lustrum --help",
        lambda: float(bool(command(LUSTRUM, "--help"))),
        lambda: float(command(sys.executable, "-c", script) == ""),
        5,
    )


def whole(name: str) -> Row:
    """`lustrum plan` in a workspace (plan, certificate and sheets written), against a script with linprog."""
    with tempfile.TemporaryDirectory() as folder:
        command(LUSTRUM, "new", f"{folder}/w", "--economy", name)

        def plan() -> float:
            return float(json.loads(command(LUSTRUM, "plan", "--workspace", f"{folder}/w", "--json"))["objective"])

        script = str(HERE / "_linprog.py")
        return row(f"command: plan {name}", plan, lambda: float(command(sys.executable, script, name)), 2)


def against_linprog(name: str, years: int, runs: int) -> Row:
    """Formulate and solve, certificate included, against formulate and linprog."""
    return row(
        f"linprog: {name}, {years} years", lambda: ours(name, years), lambda: by_linprog(formulate(name, years)), runs
    )


def against_highs(name: str, years: int, runs: int) -> Row:
    """Solve with our scaling and choice of method, certificate included, against HiGHS as it comes."""
    problem, (_, spec) = formulate(name, years), embedded(name, years)
    return row(
        f"plain HiGHS: {name}, {years} years", lambda: _solved(problem, spec), lambda: by_plain_highs(problem), runs
    )


ROWS: dict[str, Callable[[], Row]] = {
    "start: lustrum --help": start,
    "command: plan island": lambda: whole("island"),
    "command: plan us-2019-16": lambda: whole("us-2019-16"),
    "command: plan us-2019": lambda: whole("us-2019"),
    **{
        f"{kind}: {name}, {years} years": lambda f=f, name=name, years=years, runs=runs: f(name, years, runs)
        for kind, f in (("linprog", against_linprog), ("plain HiGHS", against_highs))
        for name, years, runs in (("island", 5, 5), ("us-2019-16", 5, 3), ("us-2019-16", 10, 3), ("us-2019", 5, 3))
    },
}


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| work | lustrum, s | instead, s | ratio | agree |", "|---|--:|--:|--:|---|"]
    lines += [
        f"| {r['work']} | {r['ours_s']:.3f} | {r['theirs_s']:.3f} | {r['ratio']:.2f} | "
        f"{'yes' if r['agree'] else 'NO'} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the rows; exit code 1 if two sides disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--only", metavar="NAME", default="", help="the rows whose work holds NAME")
    asked = parser.parse_args()
    chosen = [name for name in ROWS if asked.only in name]
    if not chosen:
        parser.error(f"no row holds {asked.only!r}; there are: {'; '.join(ROWS)}")
    rows = []
    for name in chosen:
        if sys.stderr.isatty():
            print(name, file=sys.stderr)
        rows.append(ROWS[name]())
    print(json.dumps({"rows": rows}, indent=1) if asked.json else table(rows))
    return 0 if all(r["agree"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
