"""The staircase solver side by side with HiGHS on the same linear programs.

    python bench/staircase.py                 embedded economies and synthetic ones up to 200 x 10
    python bench/staircase.py --only 400      the rows whose work holds these words, large ones too
    python bench/staircase.py --large         all of those, 400 x 5 and 400 x 10 too, in one run
    python bench/staircase.py --only horizon  one economy of 200 sectors over 5 to 40 years: growth with the horizon
    python bench/staircase.py --only world    the world table as one plan (LUSTRUM_TEST_DATA: the published tables)
    python bench/staircase.py --only 3465     3,465 sectors x 5 years by the bound below, and memory (also 800, 1600)
    python bench/staircase.py --only moved    us-2019 solved again after one floor moved
    python bench/staircase.py --only hazards  1,000 hazard draws of us-2019 (--count), HiGHS on 20 of them (--draws)
    python bench/staircase.py --device gpu    the processor beside a graphics card: 400 x 10, world, 3465; or --only one
    python bench/staircase.py --json          one JSON document

Each row solves one linear program twice: by `maximise_staircase` with `--threads` threads (else 2), and by HiGHS.
For embedded economies HiGHS runs as lustrum runs it (the quickest of its algorithms counts), for synthetic ones as
interior point without crossover. Both sides get the same problem; HiGHS stops at `--limit` seconds of wall time (1200).
`ratio` is theirs / ours of wall time; `ours_cpu` and `theirs_cpu` are processor time, which other work on the machine
disturbs less. `agree` says that both objectives are the same to 1e-7 (none: HiGHS came to no optimum within the limit,
and its time is the limit); `ours_worst` and `theirs_worst` are the largest figures of the certificates.

HiGHS's newer interior point, HiPO, is printed beside (`hipo_s`) where it is installed. lustrum does not ask for it:

    pip install 'highspy[extras]>=1.15,<1.16'   with another highspy, or without highspy-extras, the column stays empty

The bound of a plan with n sectors and T years is 3 T n³ operations an iteration at the rate at which `dsyrk` makes the
product of an n × n matrix and its transpose in the same run, with the same threads. `times_bound` is by wall time,
`cpu_times_bound` by processor time on both sides; `peak_mb` is the largest memory the process ever held.

With `--device gpu` HiGHS is left out. The card solves twice: in the first run CuPy compiles, once on a machine.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _bound import bound
from _device import beside, device_table
from _hazards import hazards
from _linprog import formulate
from _moved import moved
from _rows import INTERIOR, QUICKEST, Row, Way, compare, table
from _synthetic import synthetic
from _world import world

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.staircase.device import namespace

#: Name, largest ones last; those from LARGE on run only when asked for by --only or --large.
EMBEDDED = (("island", 5), ("us-2019-16", 5), ("us-2019-16", 10), ("us-2019", 5))
SYNTHETIC = ((60, 5), (200, 5), (200, 10), (400, 5), (400, 10))
LARGE = 400
#: Sectors of the plans over five years that are measured against the bound.
BOUND = (800, 1600, 3465)
#: What runs on the processor and on a graphics card.
DEVICE: dict[str, Callable[[], Problem]] = {
    "synthetic 400 x 10": lambda: build_problem(PlanData(*synthetic(400, 10))),
    "world: 1,413 products of 41 regions x 5": lambda: world(5),
    "synthetic 3465 x 5": lambda: build_problem(PlanData(*synthetic(3465, 5))),
}


def horizon(way: Way) -> list[Row]:
    """Growth of time with the number of years: the exponent between the first and the last."""
    out = []
    for years in (5, 10, 20, 40):
        problem = build_problem(PlanData(*synthetic(200, years)))
        out.append(compare(f"horizon: 200 sectors x {years}", problem, (), 1, Way(way.threads, 0.0)))
    times = [float(str(r["ours_s"])) for r in out]
    out[-1]["exponent"] = round(math.log(times[-1] / times[0]) / math.log(8), 2)
    return out


def rows(asked: argparse.Namespace) -> list[Row]:
    """Run the rows that were asked for; each is told on stderr as it comes, since some take an hour."""
    only, way = asked.only, Way(asked.threads, asked.limit)
    out = []

    def add(row: Row) -> None:
        print(json.dumps(row, default=str), file=sys.stderr, flush=True)
        out.append(row)

    for name, years in EMBEDDED:
        if only in (work := f"{name}, {years} years"):
            add(compare(work, formulate(name, years), QUICKEST, 3, way))
    interior = (replace(INTERIOR, crossover=False),)
    for sectors, years in SYNTHETIC:
        work = f"synthetic {sectors} x {years}"
        if only in work and (only or asked.large or sectors < LARGE):
            problem = build_problem(PlanData(*synthetic(sectors, years)))
            add(compare(work, problem, interior, 1 if sectors >= 200 else 3, way))
    if only == "world":
        add(compare("world: 1,413 products of 41 regions x 5", world(5), interior, 1, way))
    if only == "horizon":
        out += horizon(way)
    for sectors in BOUND:
        if only == str(sectors):
            add(bound(sectors, 5, way))
    if only == "moved":
        add(moved(way))
    if only == "hazards":
        add(hazards(way, asked.count, asked.draws))
    return out


def device_rows(asked: argparse.Namespace) -> list[Row]:
    """The rows on the processor and on the card, those that were asked for."""
    namespace(asked.device)  # told before the processor has worked for minutes
    way, only, out = Way(asked.threads, 0.0), asked.only, []
    for name, build in DEVICE.items():
        if only in name:
            out.append(beside(name, build(), way))
            print(json.dumps(out[-1], default=str), file=sys.stderr, flush=True)
    return out


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", default="", help="rows whose work holds these words")
    parser.add_argument("--large", action="store_true", help="the large synthetic ones too")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="gpu: the processor beside a card")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--threads", type=int, default=2, help="threads of the staircase solver")
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for HiGHS; 0: leave it out")
    parser.add_argument("--count", type=int, default=1000, help="hazard draws that ours solves")
    parser.add_argument("--draws", type=int, default=20, help="hazard draws that HiGHS solves; the rest is scaled up")
    asked = parser.parse_args()
    on_card = asked.device == "gpu"
    found = device_rows(asked) if on_card else rows(asked)
    print(json.dumps({"rows": found}) if asked.json else (device_table if on_card else table)(found))


if __name__ == "__main__":
    main()
