"""The staircase solver held to HiGHS on random plans: status, objective and certificate, stage by stage.

    python bench/agreement.py                       200 plans of 3 to 60 products and 1 to 12 years
    python bench/agreement.py --plans 1000          as many as are asked for; --from is the first seed
    python bench/agreement.py --draw suite          plans as the tests draw them: up to 40 products and 6 years
    python bench/agreement.py --largest 20 --longest 5 --processes 2 --json
    python bench/agreement.py --whole               as `lustrum plan` solves them, HiGHS taking over where it has to

Plans are those of `tests/reference/drawn_wide.py`: every family on and off, degenerate ones, and ones whose floors are
a thousandth or a hundred-thousandth below or above what is possible. A stage is given to both solvers as the same
linear program; HiGHS's objective locks it for the next. *Solved* stages are those for which the staircase solver claims
an optimum, or proves that there is none; the others it hands over. *Differ* counts claims that are not HiGHS's: another
status, or an objective that is not the same to 1e-7 of its size. *Only ours* counts those where HiGHS, with its first
settings, has no answer or a certificate above 1e-6. Each of both is listed with its seed, as is what was handed over
and every certificate above 1e-8.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.properties.economies import random_case
from tests.reference.drawn_wide import wide_case

from lustrum.lp.certificate import certify
from lustrum.lp.highs import Options, RawSolution, maximise
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Goal, Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.stages import solve_problem
from lustrum.solving.staircase import maximise_staircase

#: Objectives may differ by SAME of their size; certificates are to be at most FINE, and count as none above VALID.
SAME, FINE, VALID = 1e-7, 1e-8, 1e-6


@dataclass(frozen=True)
class Stage:
    """What both made of one stage; `theirs` and `ours` are statuses, then the largest figures of the certificates."""

    seed: int
    kind: str
    stage: str
    locked: bool
    theirs: str
    ours: str
    theirs_worst: float
    worst: float
    apart: float
    seconds: float
    theirs_seconds: float

    @property
    def differs(self) -> bool:
        """Whether our claim is not HiGHS's, and HiGHS's own holds."""
        if self.ours == "limit" or self.theirs == "limit":
            return False
        if self.theirs == "optimal" and self.theirs_worst > VALID:
            return False
        return self.ours != self.theirs or (self.ours == "optimal" and not self.apart <= SAME)

    @property
    def decided(self) -> bool:
        """Whether HiGHS has no answer that holds where ours does."""
        none = self.theirs == "limit" or (self.theirs == "optimal" and self.theirs_worst > VALID)
        return none and self.ours != "limit"

    def __str__(self) -> str:
        place = "locked" if self.locked else "first"
        return (
            f"{self.seed:5d} {self.kind:10s} {self.stage:19s} {place:6s} ours {self.ours} {self.worst:.0e}"
            f", HiGHS {self.theirs} {self.theirs_worst:.0e}, apart {self.apart:.0e}"
        )


def drawn(seed: int, draw: str, largest: int, longest: int) -> tuple[str, Problem]:
    """Kind and linear program of a seed."""
    if draw == "wide":
        return wide_case(seed, largest, longest)
    return "plain", build_problem(PlanData(*random_case(seed, min(largest, 40), min(longest, 6))))


def worst(problem: Problem, goal: Goal, found: RawSolution) -> float:
    """Largest figure of the certificate."""
    c = certify(problem, goal.gradient, 0.0, found.values, found.row_dual, VALID, goal.size)
    return max(c.primal_residual, c.dual_residual, c.gap)


def stage_by_stage(seed: int, *, draw: str, largest: int, longest: int, limit: float) -> list[Stage]:
    """Both solvers on every stage of a plan, as far as HiGHS finds an optimum."""
    kind, problem = drawn(seed, draw, largest, longest)
    out, locked = [], problem
    for k, goal in enumerate(problem.goals):
        began = time.perf_counter()
        theirs = maximise(locked, goal.gradient, Options(threads=1, time_limit=limit))
        between = time.perf_counter()
        ours = maximise_staircase(locked, goal.gradient, natural=goal.size, seconds=limit, workers=1)
        took = time.perf_counter() - between
        figures = [worst(locked, goal, x) if x.status == "optimal" else 0.0 for x in (theirs, ours)]
        a, b = (float(goal.gradient @ x.values) for x in (theirs, ours))
        apart = abs(a - b) / max(abs(a), abs(b), goal.size, 1e-300) if a != b else 0.0
        both = theirs.status == ours.status == "optimal"
        out.append(
            Stage(
                seed,
                kind,
                goal.name,
                k > 0,
                theirs.status,
                ours.status,
                figures[0],
                figures[1],
                apart if both else 0.0,
                took,
                between - began,
            )
        )
        if theirs.status != "optimal":
            break
        locked = with_bound(locked, goal, a + goal.constant)
    return out


def as_a_whole(seed: int, *, draw: str, largest: int, longest: int, limit: float) -> list[Stage]:
    """A plan as it is solved for a user, once with each method: one row a stage, `ours` says who solved it last."""
    kind, problem = drawn(seed, draw, largest, longest)
    said: list[str] = []
    began = time.perf_counter()
    ours = solve_problem(problem, Options("staircase", limit, 1), VALID, said.append)
    between = time.perf_counter()
    theirs = solve_problem(problem, Options("auto", limit, 1), VALID)
    ended = time.perf_counter()
    handed = {line.split(":")[0] for line in said if "trying other settings" in line}
    out = []
    for k, goal in enumerate(problem.goals):
        both = k < min(len(ours.stages), len(theirs.stages))
        status = ["optimal" if k < len(x.stages) else x.status for x in (theirs, ours)]
        figures = [x.stages[k].certificate.largest if k < len(x.stages) else 0.0 for x in (theirs, ours)]
        apart = 0.0
        if both and k == 0:  # later stages stand behind locks that are not the same
            a, b = theirs.stages[k].objective, ours.stages[k].objective
            apart = abs(a - b) / max(abs(a), abs(b), goal.size, 1e-300)
        name = f"{goal.name}{' (HiGHS)' if goal.name in handed else ''}"
        out.append(
            Stage(
                seed,
                kind,
                name,
                k > 0,
                status[0],
                status[1],
                figures[0],
                figures[1],
                apart,
                between - began,
                ended - between,
            )
        )
        if not both:
            break
    return out


def table(stages: list[Stage], whole: bool) -> Iterator[str]:
    """Counts for each kind of plan, then every stage that is not as it should be."""
    heads = (
        "plans",
        "number",
        "stages",
        "first",
        "solved",
        "first solved",
        "handed over",
        "none proven",
        "differ",
        "only ours",
        "at most 1e-8",
        "largest",
    )
    yield f"| {' | '.join(heads)} |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for kind in [*sorted({s.kind for s in stages}), "all"]:
        own = [s for s in stages if kind in (s.kind, "all")]
        best = [s for s in own if s.ours == "optimal"]
        over = [s for s in own if (s.stage.endswith("(HiGHS)") if whole else s.ours == "limit")]
        kept = [s for s in own if s not in over] if whole else [s for s in own if s.ours != "limit"]
        fine = sum(s.worst <= FINE for s in best)
        cells = [
            kind,
            len({s.seed for s in own}),
            len(own),
            sum(not s.locked for s in own),
            len(kept),
            sum(not s.locked for s in kept),
            len(over),
            sum(s.ours in ("infeasible", "unbounded") for s in own),
            sum(s.differs for s in own),
            sum(s.decided for s in own),
            f"{100 * fine / max(len(best), 1):.1f} %",
            f"{max((s.worst for s in best), default=0.0):.0e}",
        ]
        yield "| " + " | ".join(str(c) for c in cells) + " |"
    for title, chosen in (
        ("differ", [s for s in stages if s.differs]),
        ("only ours holds", [s for s in stages if s.decided]),
        ("certificate above 1e-8", [s for s in stages if s.ours == "optimal" and s.worst > FINE]),
        ("handed over", [s for s in stages if s.ours == "limit"]),
    ):
        if chosen:
            yield f"\n{title}:"
            yield from (str(s) for s in chosen)
    yield f"\nseconds: ours {sum(s.seconds for s in stages):.0f}, HiGHS {sum(s.theirs_seconds for s in stages):.0f}"
    yield f"HiGHS's statuses: {dict(Counter(s.theirs for s in stages))}"


def main() -> None:
    """Print a table and the exceptions, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--plans", type=int, default=200, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--draw", choices=("wide", "suite"), default="wide", help="which plans")
    parser.add_argument("--largest", type=int, default=60, help="products at most")
    parser.add_argument("--longest", type=int, default=12, help="years at most")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for a stage (--whole: for a plan)")
    parser.add_argument("--processes", type=int, default=1, help="plans worked on at once")
    parser.add_argument("--whole", action="store_true", help="as `lustrum plan` solves them")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    work = partial(
        as_a_whole if asked.whole else stage_by_stage,
        draw=asked.draw,
        largest=asked.largest,
        longest=asked.longest,
        limit=asked.limit,
    )
    seeds = range(asked.first, asked.first + asked.plans)
    with ProcessPoolExecutor(asked.processes) as pool:
        tasks = {pool.submit(work, seed): seed for seed in seeds}
        found, failed = [], 0
        for done, task in enumerate(as_completed(tasks), 1):
            try:
                found += task.result()
            except Exception as why:  # a solver that fails on one plan is to be seen, and the others still compared
                failed += 1
                print(f"seed {tasks[task]} FAILED: {why!r}", file=sys.stderr, flush=True)
            if done % 50 == 0:
                print(f"{done} of {len(seeds)} plans", file=sys.stderr, flush=True)
    found.sort(key=lambda s: s.seed)
    if asked.json:
        print(json.dumps({"rows": [vars(s) | {"differs": s.differs, "decided": s.decided} for s in found]}))
        return
    for line in table(found, asked.whole):
        print(line)
    if failed:
        sys.exit(f"{failed} plans failed")


if __name__ == "__main__":
    main()
