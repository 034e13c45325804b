"""What the rows of staircase.py share: time both sides, certify both, put a row together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy

from lustrum.lp.certificate import certify
from lustrum.lp.highs import Options, RawSolution, _Engine, _engine, _read, maximise
from lustrum.lp.problem import Problem
from lustrum.solving.staircase import maximise_staircase

Row = dict[str, object]
#: HiGHS's algorithms, one thread each.
INTERIOR = Options("ipm", threads=1)
SIMPLEX = Options("simplex", threads=1)
QUICKEST = (INTERIOR, SIMPLEX)


@dataclass(frozen=True)
class Way:
    """How both sides run: threads of ours, seconds HiGHS may take, or 0 to leave HiGHS out."""

    threads: int
    limit: float


def timed(solve: Callable[[], RawSolution]) -> tuple[RawSolution, float, float]:
    """Solution, wall time and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = solve()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def worst(problem: Problem, found: RawSolution) -> float:
    """Largest figure of the certificate."""
    goal = problem.goals[0]
    c = certify(problem, goal.gradient, goal.constant, found.values, found.row_dual, 1e-6, goal.size)
    return c.largest


def same(a: float, b: float) -> bool:
    """Whether two objectives agree to 1e-7."""
    return bool(abs(a - b) <= 1e-7 * max(abs(a), abs(b)))


def has_hipo() -> bool:
    """Whether the installed highspy comes with HiPO."""
    engine = _Engine()
    engine.setOptionValue("output_flag", False)
    return bool(engine.setOptionValue("solver", "hipo") == highspy.HighsStatus.kOk)


def by_hipo(problem: Problem, options: Options) -> RawSolution:
    """HiPO, with the augmented system: quicker than the normal equations it chooses itself, on all of these plans."""
    engine, column, row, weight = _engine(problem, problem.goals[0].gradient, replace(options, method="hipo"))  # type: ignore[arg-type]
    engine.setOptionValue("hipo_system", "augmented")
    engine.run()
    return _read(engine, column, row, weight, "hipo", "")


def steps(found: RawSolution) -> int | None:
    """Iterations of the staircase solver, which its name tells."""
    words = found.method.replace("(", " ").split()
    return int(words[words.index("iterations)") - 1]) if "iterations)" in words else None


def compare(work: str, problem: Problem, methods: tuple[Options, ...], runs: int, way: Way) -> Row:
    """One row: both sides in turn, the best time of each; HiPO, where there is one, once."""
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
    objective = float(goal.gradient @ mine[0].values)
    row: Row = {
        "work": work,
        "rows": problem.shape[0],
        "columns": problem.shape[1],
        "nonzeros": problem.nonzeros,
        "ours": mine[0].method,
        "iterations": steps(mine[0]),
        "ours_s": round(mine[1], 3),
        "ours_cpu": round(mine[2], 3),
        "ours_worst": worst(problem, mine[0]),
    }
    if not theirs:
        return row
    best = min(theirs, key=lambda r: (r[0].status != "optimal", r[1]))
    done = best[0].status == "optimal"
    row |= {
        "theirs": best[0].method,
        "theirs_s": round(best[1], 3),
        "theirs_cpu": round(best[2], 3),
        "ratio": round(best[1] / mine[1], 2),
        "agree": same(objective, float(goal.gradient @ best[0].values)) if done else None,
        "theirs_worst": worst(problem, best[0]) if done else None,
    }
    if has_hipo():
        found, spent, cpu = timed(lambda: by_hipo(problem, replace(methods[0], time_limit=way.limit)))
        row |= {
            "hipo_s": round(spent, 3),
            "hipo_cpu": round(cpu, 3),
            "hipo_status": found.status,
            "hipo_worst": worst(problem, found) if found.status == "optimal" else None,
        }
    return row


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, with what only some of them have below it."""
    lines = [
        "| work | ours, s | iterations | HiGHS, s | HiPO, s | ratio | agree | our certificate | HiGHS's | "
        "ours, cpu s | HiGHS, cpu s |",
        "|---|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|",
    ]
    notes = []
    for r in rows:
        first = ("ours_s", "iterations", "theirs_s", "hipo_s", "ratio", "agree")
        cells = [
            r["work"],
            *(_cell(r.get(k)) for k in first),
            *(f"{r[k]:.0e}" if r.get(k) is not None else "" for k in ("ours_worst", "theirs_worst")),
            *(_cell(r.get(k)) for k in ("ours_cpu", "theirs_cpu")),
        ]
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
        notes += [f"{r['work']}: {key.replace('_', ' ')} {r[key]}" for key in NOTES if key in r]
    return "\n".join([*lines, "", *notes])


#: What a row may tell beside the table.
NOTES = (
    "exponent",
    "ours_mean_s",
    "theirs_mean_s",
    "ours_p95_of_kept_floors_s",
    "ours_slowest_s",
    "theirs_slowest_s",
    "ratio_of_sums",
    "by_few_pivots",
    "without_a_plan",
    "undecided_by_highs",
    "how",
    "methods",
    "counts",
    "cold_s",
    "warm_s",
    "cold_cpu_a_draw",
    "warm_cpu_a_draw",
    "ours_cpu_a_draw",
    "cold_worst",
    "warm_worst",
    "statuses",
    "cold_statuses",
    "warm_statuses",
    "disagree",
    "build_s",
    "syrk_gflops",
    "bound_s",
    "times_bound",
    "cpu_times_bound",
    "peak_mb",
)


def _cell(value: object) -> object:
    return "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else value
