"""Accounts on the screen: what a check finds, what a tool changed, how two economies differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.accounts.checks import Report
from lustrum.accounts.economy import Economy
from lustrum.accounts.provenance import Change
from lustrum.reporting.layout import Column, amount, bar, change, grid, name, percent

_STYLE = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check_screen(report: Report) -> Iterable[RenderableType]:
    """Return the findings on accounts, errors first, and the figures they rest on."""
    yield Text(f"{report.economy}  {report.sectors} activities", style="bold")
    residuals = report.residuals
    yield Text(f" balance of the base year: largest residual {residuals['rows']:.1e} of a product's total")
    yield Text(f" columns that should sum to 1: largest difference {residuals['columns']:.1e}")
    radius = "" if report.spectral_radius is None else f", spectral radius {report.spectral_radius:.3f}"
    yield Text(f" {'productive' if report.productive else 'not productive'}{radius}")
    if report.findings:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        table.add_column()
        table.add_column(overflow="fold")
        for f in report.findings:
            words = Text(f"{f.where}: {f.what}")
            if f.mend:
                words.append(f"\nmend: {f.mend}", style="dim")
            table.add_row(Text(f.severity, style=_STYLE[f.severity]), words)
        yield table
    errors = sum(f.severity == "error" for f in report.findings)
    yield Text("sound" if report.ok else f"{errors} error{'s' if errors > 1 else ''}: a plan from these would be wrong")


def made_document(
    economy: Economy, changes: Sequence[Change], report: Report, folder: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document of a command that made new accounts."""
    source = economy.source
    return {
        "economy": {
            "name": source.name,
            "title": source.title,
            "base_year": source.base_year,
            "money": source.money,
            "products": economy.size("product"),
            "activities": economy.size("activity"),
        },
        "folder": folder,
        "changes": [{**asdict(c), "share": c.share} for c in changes],
        "check": {
            "ok": report.ok,
            "residuals": report.residuals,
            "errors": [f"{f.where}: {f.what}" for f in report.findings if f.severity == "error"],
        },
        **more,
    }


def made_screen(document: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield what was done, how the new accounts stand, and where they are."""
    e = document["economy"]
    yield Text.assemble(
        (name(e["name"]), "bold"), f"  {e['base_year']}, {e['products']} products, {e['activities']} activities"
    )
    yield from changes_table(document["changes"])
    check = document["check"]
    yield Text.assemble(
        (" check  ", "bold"),
        ("sound" if check["ok"] else "errors", "green" if check["ok"] else "bold red"),
        f", largest residual {check['residuals']['rows']:.1e} of a product's total",
    )
    for error in check["errors"][:5]:
        yield Text(f"   {name(error)}", style="red")
    yield Text.assemble((" saved  ", "bold"), name(document["folder"]))


def changes_table(changes: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Yield entries of a provenance: what was done, to what, by how much, why."""
    if not changes:
        yield Text(" nothing had to be moved")
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for c in changes:
        words = Text(f"{name(c['where'])}: {name(c['what'])}")
        if c["amount"]:
            share = f", {percent(c['share'])} %" if c["of"] else ""
            words.append(f"  [{amount(c['amount'])}{share}]", style="bold")
        if c["why"]:
            words.append(f"\n{name(c['why'])}", style="dim")
        table.add_row(f" {name(c['step'])}", words)
    yield table


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
    cells = [c for c in table["largest"] if _differs(c)][:most]
    figures = [(amount(c["a"]), amount(c["b"]), change(c["b"] / c["a"] - 1 if c["a"] else None)) for c in cells]
    size = max(len(x) for f in figures for x in f) + 2
    figure: Column = ("", size, "right", "")
    out = grid(("", max(width - 3 * size - 4, 20), "left", ""), figure, figure, figure, ("", 3, "left", ""))
    for c, (a, b, grown) in zip(cells, figures, strict=True):
        out.add_row(f" {name(' → '.join(c['labels']))}", a, b, grown, " %" if grown != "–" else "")
    return out
