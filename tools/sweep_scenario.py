"""Large sweeps of what the tests of `scenario` show on a few economies; a tenth of each is in the suite.

python tools/sweep_scenario.py cases 300      a case equals a fresh build, three kinds of changes
python tools/sweep_scenario.py fixed 100      fixing a plan's own first years reproduces it
python tools/sweep_scenario.py soft 200       without a shock nothing gives way
python tools/sweep_scenario.py stops us-2019  any one product's imports stopped for two years: always an answer
python tools/sweep_scenario.py limits us-2019 30 limits moved by 1 %, one by one
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.properties.economies import random_case
from tests.properties.test_what_if import KINDS, differs, history_differs, softness_differs

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.planning.spec import PlanSpec
from lustrum.planning.summary import every_limit
from lustrum.scenario.change import Case, Change
from lustrum.scenario.scenario import Scenario

FIRST = 5_000


def cases(count: int) -> list[str]:
    """Random economies times three kinds of changes."""
    return [line for seed in range(FIRST, FIRST + count) for kind in KINDS for line in differs(seed, kind)]


def fixed(count: int) -> list[str]:
    """Plans with their own first years held."""
    return [line for seed in range(FIRST, FIRST + count) for line in history_differs(seed)]


def soft(count: int) -> list[str]:
    """Plans with soft limits and no shock."""
    return [line for seed in range(FIRST, FIRST + count) for line in softness_differs(random_case(seed, 8, 4))]


def scenario_of(name: str) -> Scenario:
    """The scenario of an embedded economy."""
    return Scenario(load_economy(name), PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml"))


def stops(name: str) -> list[str]:
    """Imports of every product stopped in the second and third year, hard and soft."""
    base = scenario_of(name)
    cal, economy = base.program.data.calendar, base.economy
    years = f"{cal.year(2)}-{cal.year(3)}"
    wrong, seconds, hard = [], [], 0
    print(base.first)
    traded = [c for c, m in zip(economy.codes("product"), economy.values("imports").sum(axis=1), strict=True) if m > 0]
    for code in traded:
        line = f'stop imports "{code}" in {years}'
        hard += base.solve(line).ok
        began = time.process_time()
        result = base.solve(line, soft=True)
        seconds.append(time.process_time() - began)
        left = np.nan_to_num(result.plan.values["imports"].sel(product=code, year=[cal.year(2), cal.year(3)]).values)
        if not result.ok or np.abs(left).max() > 1e-6 * economy.values("imports").sum():
            wrong.append(f"{line}: {result}")
        print(f"{code:8} {result.objective:16,.0f} {len(result.gave_way):4} gave way {seconds[-1]:6.2f} s", flush=True)
    print(
        f"{len(traded)} products, {hard} with a hard answer; soft: median {np.median(seconds):.2f} s, most "
        f"{max(seconds):.2f} s of processor time"
    )
    return wrong


def limits(name: str) -> list[str]:
    """The 30 strongest limits eased by 1 %: exact gains beside those by marginal values."""
    base = scenario_of(name)
    found = every_limit(base.plan)[:30]
    cases = []
    for limit in found:
        grid = base.program.problem.rows[limit.family]
        row = int(grid.index[grid.index >= 0][0])
        ease = 1.01 if np.isfinite(base.program.problem.row_upper[row]) else 0.99
        where = {d: [c] for d, c in zip([d for d in grid.dims if d != "year"], limit.labels, strict=True)}
        cases.append(Case(limit.text, Change(f"limit:{limit.family}", where, times=ease)))
    began = time.process_time()
    results = base.solve_many(cases)
    spent = time.process_time() - began
    for limit, result in zip(found, results, strict=True):
        print(f"{result.objective - base.first.objective:14,.0f} {limit.gain:14,.0f} {limit.text}")
    print(f"30 limits in {spent:.2f} s of processor time")
    return [f"{r}" for r in results if not r.ok]


if __name__ == "__main__":
    what, size = sys.argv[1:3]
    began = time.perf_counter()
    sweeps = {"cases": cases, "fixed": fixed, "soft": soft}
    problems = sweeps[what](int(size)) if what in sweeps else {"stops": stops, "limits": limits}[what](size)
    print("\n".join(problems) or "no difference", f"({what} {size}, {time.perf_counter() - began:.0f} s)")
    sys.exit(bool(problems))
