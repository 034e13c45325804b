"""Accounts side by side with pymrio: multipliers, and the import of a world table.

    python bench/accounts.py                 all rows, a table
    python bench/accounts.py --only NAME     the rows whose work holds NAME
    python bench/accounts.py --runs 3        so many runs of each side, in turn; the best counts (default 2)
    python bench/accounts.py --json          one JSON document

Each row has `work`, `ours_s`, `theirs_s`, `ratio` (theirs / ours: above 1 lustrum is quicker), `ours_mb`, `theirs_mb`
(peak resident memory of the process), and `agree`: both sides came to the same figure, to 1e-9 of it. Every side of
every run is a process of its own with the same threads. What is timed begins when libraries and data are in memory,
or, for imports, when the libraries are.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

Row = dict[str, object]
HERE = Path(__file__)
DATA = Path(os.environ.get("LUSTRUM_TEST_DATA") or HERE.parents[2] / "shared" / "data") / "wiod2013_mrio"
YEAR = 2011


# --- one side, in its own process ------------------------------------------------------------------


def invented(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Intermediate and final use of n sectors; half of output is used up."""
    rng = np.random.default_rng(n)
    z = rng.random((n, n))
    return z, z.sum(axis=0)[:, None] * 2 - z.sum(axis=1)[:, None]


def ours_multipliers(n: int) -> Callable[[], float]:
    from lustrum.accounts.economy import Labels, Source
    from lustrum.accounts.national.multipliers import multipliers
    from lustrum.accounts.national.table import FinalUse, FlowTable

    z, y = invented(n)
    labels = Labels(tuple(f"s{k}" for k in range(n)))
    x = z.sum(axis=1) + y[:, 0]
    table = FlowTable(
        Source("bench"),
        labels,
        labels,
        np.diag(x),
        z,
        (FinalUse("y", "y", "household"),),
        y,
        Labels(("VA",)),
        (x - z.sum(axis=0))[None, :],
    )
    return lambda: float(multipliers(table).output.sum())


def theirs_multipliers(n: int, everything: bool) -> Callable[[], float]:
    import pandas as pd
    import pymrio

    z, y = invented(n)
    index = pd.MultiIndex.from_product([["r"], [f"s{k}" for k in range(n)]], names=["region", "sector"])
    columns = pd.MultiIndex.from_product([["r"], ["y"]], names=["region", "category"])
    io = pymrio.IOSystem(Z=pd.DataFrame(z, index, index), Y=pd.DataFrame(y, index, columns))

    def work() -> float:
        if everything:
            io.calc_all()
            return float(io.L.to_numpy().sum(axis=0).sum())
        x = pymrio.calc_x(io.Z, io.Y)
        inverse = pymrio.calc_L(pymrio.calc_A(io.Z, x))
        return float(inverse.to_numpy().sum(axis=0).sum())

    return work


def ours_world(source: str) -> Callable[[], float]:
    from lustrum.accounts.readers.wiod_world import read_world

    return lambda: float(read_world(Path(source), residual="none").use.sum())


def theirs_world(source: str) -> Callable[[], float]:
    import pymrio

    return lambda: float(pymrio.load_all(Path(source)).Z.to_numpy().sum())


def theirs_wiod(source: str) -> Callable[[], float]:
    import pymrio

    return lambda: float(pymrio.parse_wiod(Path(source)).Z.to_numpy().sum())


SIDES: dict[str, Callable[..., Callable[[], float]]] = {
    "ours-multipliers": lambda n: ours_multipliers(int(n)),
    "theirs-L": lambda n: theirs_multipliers(int(n), False),
    "theirs-all": lambda n: theirs_multipliers(int(n), True),
    "ours-world": ours_world,
    "theirs-world": theirs_world,
    "theirs-wiod": theirs_wiod,
}


def side(name: str, argument: str) -> None:
    """Prepare, time the work, and print seconds, peak memory in MB and the figure."""
    warnings.simplefilter("ignore")
    work = SIDES[name](argument)
    began = time.perf_counter()
    figure = work()
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "mb": peak_mb(), "figure": figure}))


def peak_mb() -> float:
    """Peak resident memory of this process; `ru_maxrss` would begin at that of the parent."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(float(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


# --- both sides ------------------------------------------------------------------------------------


def run(name: str, argument: str) -> dict[str, float]:
    found = subprocess.run(
        [sys.executable, str(HERE), "--side", name, argument], capture_output=True, text=True, check=True
    )
    result: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    return result


def row(work: str, ours: tuple[str, str], theirs: tuple[str, str], runs: int) -> Row:
    """Run two ways to the same figure, in turn, so that what else the machine does weighs on both."""
    results: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    for _ in range(runs):
        for kept, way in zip(results, (ours, theirs), strict=True):
            kept.append(run(*way))
    best = [min(r["seconds"] for r in side) for side in results]
    memory = [min(r["mb"] for r in side) for side in results]
    figures = [side[0]["figure"] for side in results]
    return {
        "work": work,
        "ours_s": round(best[0], 3),
        "theirs_s": round(best[1], 3),
        "ratio": round(best[1] / best[0], 2),
        "ours_mb": round(memory[0]),
        "theirs_mb": round(memory[1]),
        "agree": bool(abs(figures[0] - figures[1]) <= 1e-9 * abs(figures[1])),
    }


def written_for_pymrio(folder: Path, form: str) -> Path:
    """The world table as pymrio saves and loads it: not timed."""
    import pandas as pd
    import pymrio

    from lustrum.accounts.readers.wiod_world import read_world

    world = read_world(DATA, YEAR, "none")

    def index(codes: list[str], second: str) -> Any:
        return pd.MultiIndex.from_tuples([tuple(c.split(".", 1)) for c in codes], names=["region", second])

    rows = index(list(world.products.codes), "sector")
    uses = index([u.code for u in world.final_uses], "category")
    io = pymrio.IOSystem(
        Z=pd.DataFrame(world.use, rows, rows),
        Y=pd.DataFrame(world.final, rows, uses),
        unit=pd.DataFrame({"unit": ["M.USD"] * len(rows)}, index=rows),
        factor_inputs={"name": "factor_inputs", "F": pd.DataFrame(world.value_added, ["VA"], rows)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        io.save_all(folder / form, table_format=form)
    return folder / form


def world(form: str, runs: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        if form == "xlsx":
            from _wiot_xlsx import write_wiot

            return row(
                f"world table {YEAR}, 1,435 rows: pymrio.parse_wiod (xlsx)",
                ("ours-world", str(DATA / f"wiot_{YEAR}.parquet")),
                ("theirs-wiod", str(write_wiot(DATA, YEAR, Path(folder)))),
                1,
            )
        theirs = written_for_pymrio(Path(folder), form)
        ours = DATA / f"wiot_{YEAR}.parquet"
        return row(
            f"world table {YEAR}, 1,435 rows: pymrio.load_all ({form})",
            ("ours-world", str(ours)),
            ("theirs-world", str(theirs)),
            runs,
        )


def _multipliers(n: int, theirs: str, words: str) -> Callable[[int], Row]:
    return lambda runs: row(
        f"multipliers, {n:,} sectors: pymrio {words}", ("ours-multipliers", str(n)), (theirs, str(n)), runs
    )


ROWS: dict[str, Callable[[int], Row]] = {
    **{
        f"multipliers, {n:,} sectors: pymrio {words}": _multipliers(n, theirs, words)
        for n in (2000, 5000)
        for theirs, words in (("theirs-L", "calc_L"), ("theirs-all", "calc_all"))
    },
    "world table: parquet": lambda runs: world("parquet", runs),
    "world table: txt": lambda runs: world("txt", runs),
    "world table: xlsx": lambda runs: world("xlsx", runs),
}


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| work | lustrum, s | pymrio, s | ratio | lustrum, MB | pymrio, MB | agree |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    lines += [
        f"| {r['work']} | {r['ours_s']:.3f} | {r['theirs_s']:.3f} | {r['ratio']:.2f} | {r['ours_mb']:,} | "
        f"{r['theirs_mb']:,} | {'yes' if r['agree'] else 'NO'} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the rows; exit code 1 if two sides disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--only", metavar="NAME", default="", help="the rows whose work holds NAME")
    parser.add_argument("--runs", type=int, default=2, help="runs of each side, in turn")
    parser.add_argument("--side", nargs=2, metavar=("NAME", "ARGUMENT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        side(*asked.side)
        return 0
    chosen = [name for name in ROWS if asked.only in name]
    if not chosen:
        parser.error(f"no row holds {asked.only!r}; there are: {'; '.join(ROWS)}")
    if not DATA.is_dir():
        chosen = [name for name in chosen if not name.startswith("world")]
        print(f"no world table at {DATA}: its rows are left out", file=sys.stderr)
    rows = [ROWS[name](asked.runs) for name in chosen]
    print(json.dumps({"rows": rows}, indent=1) if asked.json else table(rows))
    return 0 if all(r["agree"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
