"""`lustrum economy aggregate`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.making import file_option, finish, making, require_free
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples
from lustrum.cli.working import working


@click.command(
    "aggregate",
    short_help="Merge sectors by a concordance.",
    epilog=examples(
        "lustrum economy aggregate us-2019 --by groups.csv -o us-small",
        "lustrum economy aggregate my-country/economy --products products.csv --activities industries.csv -o small",
    ),
)
@making
@file_option("--by", help="Concordance for products and activities alike, CSV: old,new[,weight][,name].")
@file_option("--products", help="Concordance for products only.")
@file_option("--activities", help="Concordance for activities only.")
def command(
    source: str | None,
    output: Path,
    name: str | None,
    workspace: Path,
    as_json: bool,
    by: Path | None,
    products: Path | None,
    activities: Path | None,
) -> None:
    """Merge products and activities: flows and stocks add up, coefficients are weighted by base-year output.

    Every code needs a line. A code with several lines is shared out by its weights, which add up to 1. New sectors
    stand in the order of the file.

    \b
    old,new,weight,name
    farms,food_chain,,Food from field to plate
    mills,food_chain,,
    trade,food_chain,0.3,
    trade,other,0.7,Everything else
    """
    if by is not None and (products is not None or activities is not None):
        raise click.UsageError("--by is for products and activities alike: give it alone")
    if by is None and products is None and activities is None:
        raise click.UsageError("give --by FILE, or --products and --activities")
    require_free(output)
    with working("aggregating"):
        from lustrum.accounts.national.aggregate import aggregate_economy, concordances

        economy = accounts(source, workspace)
        made = aggregate_economy(economy, **concordances(economy, by, products, activities))
    finish(made, len(economy.provenance), output, name, as_json)
