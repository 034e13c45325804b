"""`lustrum economy show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lustrum.cli.economy.making import file_option
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import csv_option, examples, json_option, page, print_bytes, print_json, show, workspace_option
from lustrum.cli.working import working

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy


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
def command(
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

    from lustrum.accounts.checks.report import figures_or_zero
    from lustrum.accounts.national.picture import final_uses

    flows = figures_or_zero(economy, "use") * economy.values("output")
    users = [*economy.codes("activity"), *final_uses(economy)]
    matrix = np.column_stack([flows, *final_uses(economy).values()])
    rows = [["product", "user", "value", "unit"]]
    for i, j in np.argwhere(matrix != 0).tolist():
        code = economy.codes("product")[i]
        rows.append([code, users[j], repr(float(matrix[i, j])), economy.unit_of("product", code)])
    return rows
