"""Two economies side by side, on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.charts import bar
from lustrum.reporting.words import amount, change, name, percent

Document = dict[str, Any]

#: Relative differences below this are the computer's rounding: they stand in --json, and not on the screen.
ROUNDING = 1e-9


def compare_screen(document: Document, width: int) -> Iterator[RenderableType]:
    """Yield what differs, by how much, and where most."""
    yield Text.assemble((name(document["a"]), "bold"), " and ", (name(document["b"]), "bold"))
    for side, key in ((document["a"], "only_a"), (document["b"], "only_b")):
        for what, codes in document[key].items():
            more = f" and {len(codes) - 6} more" if len(codes) > 6 else ""
            yield Text(f" only in {name(side)}: {what} {name(', '.join(codes[:6]))}{more}", style="yellow")
    for text in document["notes"]:
        yield Text(f" {name(text)}", style="dim")
    if document["equal"]:
        yield Text(" no figure differs")
        return
    if all(t["wape"] < ROUNDING for t in document["tables"]):
        yield Text(" no figure differs by more than the computer's rounding")
        return
    yield Text()
    yield _tables(document)
    found = document["coefficients"]
    weighted = found.get("weighted absolute difference")
    yield Text(
        f"\n input coefficients: mean absolute difference {found['mean absolute difference']:.3g}"
        + (f", weighted {percent(weighted)} %" if weighted is not None else "")
    )
    for key, title in (
        ("intermediate use", "Cells of intermediate use that differ most"),
        ("output multipliers", "Output multipliers that differ most"),
    ):
        table = document["multipliers"] if key == "output multipliers" else _named(document, key)
        if table and any(map(_differs, table["largest"])):
            yield Text()
            yield Text(title, style="bold")
            yield _largest(table, width, 8)


def _differs(cell: Document) -> bool:
    """Whether two figures differ by more than the computer's rounding."""
    return bool(abs(cell["b"] - cell["a"]) > ROUNDING * max(abs(cell["a"]), abs(cell["b"])))


def _named(document: Document, title: str) -> Document | None:
    return next((t for t in document["tables"] if t["name"] == title), None)


def _tables(document: Document) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    table.add_column("What", header_style="bold", no_wrap=True)
    for title in ("sum, first", "second", "change, %", "moved", "WAPE, %"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", style="magenta", no_wrap=True)
    for t in document["tables"]:
        if t["wape"] < ROUNDING:
            continue
        grown = t["total_b"] / t["total_a"] - 1 if t["total_a"] else None
        table.add_row(
            f" {t['name'].replace('_', ' ')}",
            amount(t["total_a"]),
            amount(t["total_b"]),
            change(grown),
            amount(t["moved"]),
            percent(t["wape"]),
            bar(min(t["wape"], 1.0), 8),
        )
    return table


def _largest(table: Document, width: int, most: int) -> Table:
    out = Table(box=None, pad_edge=False, padding=0, show_header=False)
    cells = [c for c in table["largest"] if _differs(c)][:most]
    figures = [(amount(c["a"]), amount(c["b"]), change(c["b"] / c["a"] - 1 if c["a"] else None)) for c in cells]
    size = max(len(x) for f in figures for x in f) + 2
    out.add_column(width=max(width - 3 * size - 4, 20), no_wrap=True, overflow="ellipsis")
    for _ in range(3):
        out.add_column(width=size, justify="right", no_wrap=True)
    out.add_column(width=3)
    for c, (a, b, grown) in zip(cells, figures, strict=True):
        out.add_row(f" {name(' → '.join(c['labels']))}", a, b, grown, " %" if grown != "–" else "")
    return out
