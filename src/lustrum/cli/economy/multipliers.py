"""`lustrum economy multipliers`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples, json_option, print_json, show, workspace_option
from lustrum.cli.working import working

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lustrum.accounts.economy import Economy


@click.command(
    "multipliers",
    short_help="Output and Ghosh multipliers of every sector, and its content of labour and resources.",
    epilog=examples(
        "lustrum economy multipliers us-2019-16", "lustrum economy multipliers my-country --count 10 --json"
    ),
)
@click.argument("source", required=False, metavar="[SRC]")
@click.option(
    "--count", type=click.IntRange(1), help="Sectors shown, those with the largest multipliers first.  [default: all]"
)
@workspace_option
@json_option
def command(source: str | None, count: int | None, workspace: Path, as_json: bool) -> None:
    """Compute multipliers of the base year.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own. Accounts
    hold domestic and imported inputs together, so imported inputs are counted as if they were made at home. An
    output multiplier is output in all behind a unit of final use; a Ghosh multiplier is output in all that a unit of
    a sector's primary inputs reaches. Every activity must make one product of its own code.
    """
    with working("computing"):
        document = _document(accounts(source, workspace), count)
    if as_json:
        print_json(document)
        return
    show(_screen(document))


def _document(economy: Economy, count: int | None) -> dict[str, Any]:
    import numpy as np

    from lustrum.accounts.national.from_economy import flows_of
    from lustrum.accounts.national.multipliers import multipliers

    table = flows_of(economy)
    # value added is left out: with imports counted as made at home, its content is 1 everywhere
    beside = [s for s in table.satellites.values() if s.kind in ("labour", "resource")]
    rows = [s.figures for s in beside] or [np.zeros((0, len(table.activities.codes)))]
    names = [code for s in beside for code in s.labels.codes]
    titles = [s.labels.name(code) for s in beside for code in s.labels.codes]
    found = multipliers(table, "total", np.vstack(rows))
    order = np.argsort(-found.output, kind="stable")[:count].tolist()
    sectors = [
        {
            "code": found.labels.codes[j],
            "name": found.labels.names[j] or found.labels.codes[j],
            "output": float(found.output[j]),
            "ghosh": float(found.ghosh[j]),
            "content": {n: float(found.inputs[k, j]) for k, n in enumerate(names)},
        }
        for j in order
    ]
    return {
        "economy": economy.source.name,
        "base_year": economy.base_year,
        "use": "domestic and imported",
        "contents": dict(zip(names, titles, strict=True)),
        "sectors": sectors,
    }


def _screen(document: dict[str, Any]) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from lustrum.reporting.layout import name

    yield Text.assemble((f"Multipliers of {name(document['economy'])}", "bold"), f", {document['base_year']}")
    yield Text(" imported inputs are counted as if they were made at home", style="dim")
    contents = document["contents"]
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    table.add_column("Sector", no_wrap=True)
    for title in ("output", "Ghosh", *contents.values()):
        table.add_column(name(title), justify="right", no_wrap=True)
    for s in document["sectors"]:
        figures = [f"{s['output']:.3f}", f"{s['ghosh']:.3f}", *(f"{s['content'][c]:.4g}" for c in contents)]
        label = name(s["name"])
        table.add_row(f" {label[:38]}…" if len(label) > 39 else f" {label}", *figures)
    yield table
