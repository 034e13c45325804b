"""What a tool did to accounts, on the screen and as a document: changes, the check after them, where they went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.accounts.checks.report import Report
from lustrum.accounts.economy import Economy
from lustrum.accounts.provenance import Change
from lustrum.reporting.words import amount, name, percent


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
