"""Write the tables of docs/imported-tables.md: every published table imported, checked and planned, or refused.

    python -m tools.build_imported_docs [--data DIR]

It takes some twenty minutes. The column of seconds is of the machine it ran on; all else follows from the tables.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tools.derived_tables import guess
from tools.imported_cases import NO_ECONOMIES, Case, Judged, cases, run

from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import TableError

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "imported-tables.md"

HEAD = (
    "table",
    "products × activities",
    "rows miss",
    "moved",
    "needs",
    "labour in",
    "consumption per head",
    "output",
    "investment",
    "worst year",
    "kink",
    "on band",
    "strongest limits",
    "seconds",
)


#: How each column is written: the attribute of `Judged`, its factor, its format.
COLUMNS: tuple[tuple[str, float, str], ...] = (
    ("residual", 1, ".0e"),
    ("moved", 1, ".1%"),
    ("consumption", 100, ".1f"),
    ("output", 100, ".1f"),
    ("investment", 100, ".1f"),
    ("lowest_investment", 1, "+.1%"),
    ("kink", 1, ".1%"),
    ("stuck", 1, ".0f"),
    ("stuck_share", 1, ".1%"),
    ("seconds", 1, ".0f"),
)


def line(name: str, found: Sequence[Judged]) -> list[str]:
    """One row of the table, with ranges where it stands for several tables."""
    sizes = sorted({f"{j.products} × {j.activities}" for j in found})
    figures = {n: _range([getattr(j, n) * factor for j in found], shape) for n, factor, shape in COLUMNS}
    stuck, share = figures.pop("stuck"), figures.pop("stuck_share")
    limits = dict.fromkeys(t.split(":")[0] if t.startswith("labour") else t for j in found for t in j.limits)
    before, after = list(figures.values())[:2], list(figures.values())[2:]
    return [
        name,
        ", ".join(sizes),
        *before,
        str(max(j.needs for j in found)),
        found[0].labour,
        *after[:-1],
        f"{stuck} ({share})",
        "; ".join(limits),
        after[-1],
    ]


def _range(values: Sequence[float], shape: str) -> str:
    low, high = (format(0.0 if abs(v) < 1e-12 else v, shape) for v in (min(values), max(values)))
    return (low if low == high else f"{low} to {high}").replace("0e+00", "0")


def refusal(e: TableError) -> str:
    """Why a table is no economy, in the reader's words without the path."""
    return e.what + (f" (found: {e.found})" if e.found else "")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(c).replace("|", "/") for c in r) + " |" for r in lines)


def build(data: Path) -> dict[str, str]:
    """Run every case; return the text of each marked table."""
    planned: dict[str, dict[str, list[Judged]]] = {"national": {}, "carved": {}}
    refused: list[list[str]] = []
    for case in cases():
        try:
            _, judged = run(case, data)
        except TableError as e:
            refused.append([case.name, refusal(e)])
            continue
        planned["carved" if case.country else "national"].setdefault(label(case), []).append(judged)
        print(case.name, flush=True)
    for path in NO_ECONOMIES:
        try:
            guess(data / path)[0].read(data / path, Wanted())
        except TableError as e:
            refused.append([path, refusal(e)])
    tables = {n: markdown(HEAD, [line(_counted(k, v), v) for k, v in found.items()]) for n, found in planned.items()}
    return tables | {"refused": markdown(("path", "why"), refused)}


def label(case: Case) -> str:
    """The row of the documentation that a case belongs to: its file, or its country."""
    return f"{case.country} ({re.sub(r'.*_|[.].*', '', case.path)})" if case.country else case.path


def _counted(name: str, found: Sequence[Judged]) -> str:
    return f"{name}, {len(found)} years" if len(found) > 1 else name


def fill(text: str, tables: dict[str, str]) -> str:
    """Put the tables between their marks."""
    for name, table in tables.items():
        start, end = f"<!-- built: {name} -->", "<!-- end -->"
        before, rest = text.split(start, 1)
        text = before + f"{start}\n{table}\n{end}" + rest.split(end, 1)[1]
    return text


def main() -> None:
    """Read the command line and build."""
    named = os.environ.get("LUSTRUM_TEST_DATA")
    data = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    parser = argparse.ArgumentParser(description="Rebuild the tables of docs/imported-tables.md.")
    parser.add_argument("--data", type=Path, default=data, help="folder of the published tables")
    arguments = parser.parse_args()
    tables = build(arguments.data)
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
