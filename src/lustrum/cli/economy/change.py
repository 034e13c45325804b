"""Commands that make new accounts of old ones: aggregate, disaggregate, balance, project, deflate.

Each of them is a function from the accounts of SRC to new accounts and further entries of the JSON document. `making`
adds the options that all have, refuses a place that is taken before any work is done, writes the new accounts and says
what was moved.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.economy import accounts, file_option
from lustrum.cli.economy.write import write_new
from lustrum.cli.output import Command, examples, json_option, working, workspace_option

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

    Read = Callable[[], Economy]
    Made = tuple[Economy, dict[str, Any]]


def making(words: str) -> Callable[[Command], Command]:
    """Make a command of a function that takes `read` (which gives the accounts of SRC) and its own options.

    Parameters
    ----------
    words
        What is shown while it works: "balancing".
    """

    def add(function: Command) -> Command:
        @wraps(function)
        def command(
            source: str | None, output: Path, name: str | None, workspace: Path, as_json: bool, **own: Any
        ) -> None:
            held: list[Economy] = []

            def read() -> Economy:
                _require_free(output)
                held.append(accounts(source, workspace))
                return held[0]

            with working(words):
                economy, more = function(read, **own)
            _finish(economy, len(held[0].provenance), output, name, as_json, more)

        made: Command = command
        for option in (
            json_option,
            workspace_option,
            click.option("--name", metavar="NAME", help="Short name of the new accounts; SRC's own if left out."),
            click.option(
                "-o",
                "--output",
                type=click.Path(path_type=Path),
                required=True,
                metavar="DIR",
                help="Folder to write; nothing may be there yet.",
            ),
            click.argument("source", required=False, metavar="[SRC]"),
        ):
            made = option(made)
        return made

    return add


def _require_free(folder: Path) -> None:
    """Refuse, before any work is done, a place that something is in already."""
    from lustrum.errors import WorkspaceError

    if os.path.lexists(folder):
        raise WorkspaceError(
            "something is there already, and nothing is ever overwritten",
            where=str(folder),
            mend="choose another folder with -o, or delete it first",
        )


def _finish(economy: Economy, before: int, output: Path, name: str | None, as_json: bool, more: dict[str, Any]) -> None:
    """Write accounts in one move, check them, and say what was moved on the way.

    Parameters
    ----------
    before
        Entries that the provenance had when the accounts were read: what came after is said.
    more
        Further entries of the JSON document.
    """
    from lustrum.accounts.checks import check_economy
    from lustrum.accounts.economy import Economy as Accounts
    from lustrum.accounts.readers.folder import write_folder
    from lustrum.cli.output import print_json, show
    from lustrum.reporting.accounts import made_document, made_screen

    if name:
        economy = Accounts(replace(economy.source, name=name), economy.sets, economy.data, economy.provenance)
    write_new(output, lambda aside: write_folder(economy, aside))
    document = made_document(economy, economy.provenance[before:], check_economy(economy), str(output), more)
    if as_json:
        print_json(document)
    else:
        show(made_screen(document))


@click.command(
    "aggregate",
    short_help="Merge sectors by a concordance.",
    epilog=examples(
        "lustrum economy aggregate us-2019 --by groups.csv -o us-small",
        "lustrum economy aggregate my-country/economy --products products.csv --activities industries.csv -o small",
    ),
)
@making("aggregating")
@file_option("--by", help="Concordance for products and activities alike, CSV: old,new[,weight][,name].")
@file_option("--products", help="Concordance for products only.")
@file_option("--activities", help="Concordance for activities only.")
def aggregate_command(read: Read, by: Path | None, products: Path | None, activities: Path | None) -> Made:
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
    economy = read()
    from lustrum.accounts.national.aggregate import aggregate_economy, concordances

    return aggregate_economy(economy, **concordances(economy, by, products, activities)), {}


@click.command(
    "disaggregate",
    short_help="Split sectors by weights.",
    epilog=examples("lustrum economy disaggregate us-2019-16 --weights parts.csv -o us-finer"),
)
@making("splitting")
@file_option("--weights", required=True, help="Parts of sectors, CSV: new,old,weight[,name][,exports,imports,…].")
def disaggregate_command(read: Read, weights: Path) -> Made:
    """Split products and activities into parts by shares of output. Sectors that are not listed stay as they are.

    Parts have the inputs, labour and users of the whole. Where more is known, columns imports, exports, consumption,
    investment and committed_demand give their shares of those; what a part sells to producers then closes its row.
    Aggregating the parts again gives the old accounts.

    \b
    new,old,weight,name,exports
    wheat,farms,0.6,Wheat,0.9
    cattle,farms,0.4,Cattle,0.1
    """
    economy = read()
    from lustrum.accounts.national.disaggregate import disaggregate, read_weights

    known = list(dict.fromkeys((*economy.codes("product"), *economy.codes("activity"))))
    return disaggregate(economy, read_weights(weights, known)), {}


@click.command(
    "balance",
    short_help="Make a table close: RAS, GRAS, or with known figures.",
    epilog=examples(
        "lustrum economy balance my-country/economy -o balanced",
        "lustrum economy balance us-2019-16 -o balanced --totals totals.csv --method gras",
        "lustrum economy balance us-2019-16 -o balanced --method kras --constraints known.yaml",
    ),
)
@making("balancing")
@click.option(
    "--method",
    type=click.Choice(["ras", "gras", "kras"]),
    default="gras",
    show_default=True,
    help="ras: no negative cells, imports stand still. gras: keeps signs. kras: with known figures.",
)
@file_option("--totals", help="Known totals, CSV: total,code,value (output,farms,1200).")
@file_option("--constraints", help="Known figures, YAML, for kras: sums of cells, fixed cells, readiness.")
def balance_command(read: Read, method: str, totals: Path | None, constraints: Path | None) -> Made:
    """Move cells as little as possible until supply of every product is its use, and totals are met.

    SRC is a folder, a file, an embedded economy, or nothing for the workspace's own. Zeros stay zero and signs
    stay as they are. Everything that was moved is listed, and kept in provenance.csv.

    \b
    A file of totals has one figure a line:      A file of known figures, for kras:
      total,code,value                             constraints:
      output,farms,1200                              - name: oil for refineries
      value_added,farms,500                            value: 90
      consumption,food,900                             give: 0.05
      investment,all,300                               cells: [{product: oil, column: refineries}]
      exports,all,250                              fixed: [{product: coal, column: all}]
      imports,all,80                               readiness: [{product: all, column: committed_demand, times: 4}]

    Columns are activities, need:CODE, asset:CODE, committed_demand, exports:PARTNER and imports:PARTNER. What gives way
    is measured like a cell: 0 is exact, 1 gives way as readily as a cell of its own size.
    """
    if constraints is not None and method != "kras":
        raise click.UsageError("--constraints needs --method kras")
    economy = read()
    from lustrum.accounts.national.balance import balance, frame_of
    from lustrum.accounts.national.known_figures import read_constraints, read_totals
    from lustrum.accounts.national.table import flows_of, put_back

    table = flows_of(economy)
    known = read_totals(totals, table) if totals else None
    figures, readiness = read_constraints(constraints, frame_of(table)) if constraints else ([], None)
    balanced, result = balance(table, known, method, figures, readiness)  # type: ignore[arg-type]
    return put_back(economy, balanced), {"method": method, "rounds": result.iterations}


@click.command(
    "project",
    short_help="Bring an old table to a new year by its totals.",
    epilog=examples(
        "lustrum economy project us-2019-16 --totals totals-2023.csv --year 2023 -o us-2023-16",
        "lustrum economy project my-country/economy --totals totals.csv --year 2026 -o projected --method ras",
    ),
)
@making("projecting")
@file_option("--totals", required=True, help="Totals of the new year, CSV: total,code,value; every output is needed.")
@click.option("--year", type=click.IntRange(1000, 9999), required=True, help="The new base year.")
@click.option(
    "--method",
    type=click.Choice(["ras", "gras"]),
    default="gras",
    show_default=True,
    help="ras: no negative cells, imports move in proportion. gras: keeps signs.",
)
def project_command(read: Read, totals: Path, year: int, method: str) -> Made:
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
    economy = read()
    from lustrum.accounts.national.known_figures import read_totals
    from lustrum.accounts.national.project import project_economy
    from lustrum.accounts.national.table import flows_of

    known = read_totals(totals, flows_of(economy))
    made, result, scale = project_economy(economy, known, year, method)  # type: ignore[arg-type]
    more = {"method": method, "rounds": result.iterations, "factor_of_what_was_not_given": scale}
    return made, more


@click.command(
    "deflate",
    short_help="Bring accounts to the prices of another year.",
    epilog=examples(
        "lustrum economy deflate us-2019-16 --prices prices.csv --label 'prices of 2017' -o us-2019-at-2017",
        "lustrum economy deflate my-country/economy --prices index.csv -o constant-prices",
    ),
)
@making("deflating")
@file_option("--prices", required=True, help="Price levels by product, CSV: product,price.")
@click.option("--label", default="", metavar="TEXT", help="Added to the money unit, such as 'prices of 2017'.")
def deflate_command(read: Read, prices: Path, label: str) -> Made:
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
    economy = read()
    from lustrum.accounts.national.deflate import deflate_economy, read_prices

    return deflate_economy(economy, read_prices(prices, economy.codes("product")), label), {}
