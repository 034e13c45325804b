"""`lustrum economy project`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.making import file_option, finish, making, require_free
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples
from lustrum.cli.working import working


@click.command(
    "project",
    short_help="Bring an old table to a new year by its totals.",
    epilog=examples(
        "lustrum economy project us-2019-16 --totals totals-2023.csv --year 2023 -o us-2023-16",
        "lustrum economy project my-country/economy --totals totals.csv --year 2026 -o projected --method ras",
    ),
)
@making
@file_option("--totals", required=True, help="Totals of the new year, CSV: total,code,value; every output is needed.")
@click.option("--year", type=click.IntRange(1000, 9999), required=True, help="The new base year.")
@click.option(
    "--method",
    type=click.Choice(["ras", "gras"]),
    default="gras",
    show_default=True,
    help="ras: no negative cells, imports move in proportion. gras: keeps signs.",
)
def command(
    source: str | None,
    output: Path,
    name: str | None,
    workspace: Path,
    as_json: bool,
    totals: Path,
    year: int,
    method: str,
) -> None:
    """Make the table of another year that is nearest to this one and has that year's totals.

    Outputs of all activities are needed. Value added that is not given keeps its share of output; final use and imports
    that are not given move by one factor, which makes GDP the same from both sides. Assets per unit of output stay, and
    so does labour unless it is given.

    \b
    A file of totals has one figure a line:
      total,code,value
      output,farms,1260
      value_added,farms,520
      consumption,all,930
      exports,all,260
      imports,all,85
      labour,all,160
    """
    require_free(output)
    with working("projecting"):
        from lustrum.accounts.national.from_economy import flows_of
        from lustrum.accounts.national.known_figures import read_totals
        from lustrum.accounts.national.project import project_economy

        economy = accounts(source, workspace)
        known = read_totals(totals, flows_of(economy))
        made, result, assumed = project_economy(economy, known, year, method)  # type: ignore[arg-type]
    finish(
        made,
        len(economy.provenance),
        output,
        name,
        as_json,
        method=method,
        rounds=result.iterations,
        factor_of_what_was_not_given=assumed.scale,
    )
