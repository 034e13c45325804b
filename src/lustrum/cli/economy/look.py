"""Commands that look into accounts: check, show, compare, multipliers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.economy import accounts, file_option
from lustrum.cli.output import (
    csv_option,
    examples,
    json_option,
    page,
    print_bytes,
    print_json,
    show,
    working,
    workspace_option,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lustrum.accounts.economy import Economy


@click.command(
    "check",
    short_help="Check identities, signs, labels and productivity.",
    epilog=examples("lustrum economy check", "lustrum economy check my-country/economy --json"),
)
@click.argument("source", required=False, metavar="[SRC]")
@workspace_option
@json_option
@click.pass_context
def check_command(ctx: click.Context, source: str | None, workspace: Path, as_json: bool) -> None:
    """Check accounts: identities of the base year, signs, labels, units, and whether they can produce.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own.
    An error means that a plan from these accounts would be wrong; `lustrum plan` then refuses them.
    """
    with working("checking"):
        from lustrum.accounts.checks import check_economy

        report = check_economy(accounts(source, workspace))
    if as_json:
        print_json(report.document())
    else:
        from lustrum.reporting.accounts import check_screen

        show(check_screen(report))
    if not report.ok:
        ctx.exit(1)


@click.command(
    "show",
    short_help="Draw who feeds whom; one sector's suppliers and customers.",
    epilog=examples(
        "lustrum economy show us-2019",
        "lustrum economy show us-2019 --sector 324",
        "lustrum economy show us-2019 --by groups.csv",
        "lustrum economy show my-country/economy --csv > flows.csv",
    ),
)
@click.argument("source", required=False, metavar="[SRC]")
@click.option("--sector", metavar="CODE", help="One sector: suppliers, customers, needs, labour, assets.")
@file_option("--by", help="Merge sectors by this concordance first, CSV: old,new[,weight][,name].")
@workspace_option
@json_option
@csv_option
def show_command(
    source: str | None, sector: str | None, by: Path | None, workspace: Path, as_json: bool, as_csv: bool
) -> None:
    """Draw an economy: where its products come from and go to, the largest flows, needs and trade.

    SRC is a folder, a file, an embedded economy, or nothing for the workspace's own. Figures are those of the base
    year. --csv prints every flow between product and activity or final use.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    with working("looking"):
        from lustrum.accounts.national.aggregate import aggregate_economy, concordances
        from lustrum.accounts.national.picture import picture
        from lustrum.accounts.national.picture import sector as one_sector

        economy = accounts(source, workspace)
        if by is not None:
            economy = aggregate_economy(economy, **concordances(economy, by))
        document = one_sector(economy, sector) if sector else picture(economy)
    if as_json:
        print_json(document)
        return
    from lustrum.reporting.answers import csv_text
    from lustrum.reporting.picture import flow_rows, picture_screen, sector_screen

    if as_csv:
        print_bytes(csv_text(flow_rows(document) if sector else _every_flow(economy)).encode())
    else:
        show((sector_screen if sector else picture_screen)(document, page().width))


def _every_flow(economy: Economy) -> list[list[str]]:
    """Every flow that is not zero: product, user, figure, unit."""
    import numpy as np

    from lustrum.accounts.checks.report import figures_or_zero, final_uses

    flows = figures_or_zero(economy, "use") * economy.values("output")
    users = [*economy.codes("activity"), *final_uses(economy)]
    matrix = np.column_stack([flows, *final_uses(economy).values()])
    rows = [["product", "user", "value", "unit"]]
    for i, j in np.argwhere(matrix != 0).tolist():
        code = economy.codes("product")[i]
        rows.append([code, users[j], repr(float(matrix[i, j])), economy.unit_of("product", code)])
    return rows


@click.command(
    "compare",
    short_help="Tell what differs between two tables, and by how much.",
    epilog=examples(
        "lustrum economy compare us-2019-16 us-2019",
        "lustrum economy compare my-country/economy balanced --json > differences.json",
    ),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@json_option
def compare_command(a: str, b: str, as_json: bool) -> None:
    """Compare two economies: sums, cells, input coefficients and output multipliers.

    A and B are folders, files or embedded economies. Only what both have is compared; what one has alone is listed. The
    weighted absolute percentage error, WAPE, is the sum of all differences over the sum of A's figures.
    """
    with working("comparing"):
        from lustrum.accounts.embedded import load_economy
        from lustrum.accounts.national.compare import compare

        document = compare(load_economy(a), load_economy(b)).document()
    if as_json:
        print_json(document)
    else:
        from lustrum.reporting.accounts import compare_screen

        show(compare_screen(document, page().width))


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
def multipliers_command(source: str | None, count: int | None, workspace: Path, as_json: bool) -> None:
    """Compute multipliers of the base year.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own. Accounts
    hold domestic and imported inputs together, so imported inputs are counted as if they were made at home. An
    output multiplier is output in all behind a unit of final use; a Ghosh multiplier is output in all that a unit of
    a sector's primary inputs reaches. Every activity must make one product of its own code.
    """
    with working("computing"):
        document = _multipliers(accounts(source, workspace), count)
    if as_json:
        print_json(document)
        return
    show(_multipliers_screen(document))


def _multipliers(economy: Economy, count: int | None) -> dict[str, Any]:
    import numpy as np

    from lustrum.accounts.national.multipliers import multipliers
    from lustrum.accounts.national.table import flows_of

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


def _multipliers_screen(document: dict[str, Any]) -> Iterator[RenderableType]:
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
