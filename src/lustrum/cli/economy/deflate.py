"""`lustrum economy deflate`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.making import file_option, finish, making, require_free
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples
from lustrum.cli.working import working


@click.command(
    "deflate",
    short_help="Bring accounts to the prices of another year.",
    epilog=examples(
        "lustrum economy deflate us-2019-16 --prices prices.csv --label 'prices of 2017' -o us-2019-at-2017",
        "lustrum economy deflate my-country/economy --prices index.csv -o constant-prices",
    ),
)
@making
@file_option("--prices", required=True, help="Price levels by product, CSV: product,price.")
@click.option("--label", default="", metavar="TEXT", help="Added to the money unit, such as 'prices of 2017'.")
def command(
    source: str | None, output: Path, name: str | None, workspace: Path, as_json: bool, prices: Path, label: str
) -> None:
    """Divide every flow of a product by its price, whoever uses it (double deflation).

    A price is the level of the accounts' year over that of the wanted year: 1.10 for a product that became 10 %
    dearer. A published index may stay as it is if a line `base` gives its value in the wanted year. `all` is the
    price of products without a line.

    \b
    product,price
    base,100
    farms,108.2
    mills,104.9
    all,103
    """
    require_free(output)
    with working("deflating"):
        from lustrum.accounts.national.deflate import deflate_economy, read_prices

        economy = accounts(source, workspace)
        made = deflate_economy(economy, read_prices(prices, economy.codes("product")), label)
    finish(made, len(economy.provenance), output, name, as_json)
