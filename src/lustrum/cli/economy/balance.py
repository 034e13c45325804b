"""`lustrum economy balance`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.making import file_option, finish, making, require_free
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples
from lustrum.cli.working import working


@click.command(
    "balance",
    short_help="Make a table close: RAS, GRAS, or with known figures.",
    epilog=examples(
        "lustrum economy balance my-country/economy -o balanced",
        "lustrum economy balance us-2019-16 -o balanced --totals totals.csv --method gras",
        "lustrum economy balance us-2019-16 -o balanced --method kras --constraints known.yaml",
    ),
)
@making
@click.option(
    "--method",
    type=click.Choice(["ras", "gras", "kras"]),
    default="gras",
    show_default=True,
    help="ras: no negative cells, imports stand still. gras: keeps signs. kras: with known figures.",
)
@file_option("--totals", help="Known totals, CSV: total,code,value (output,farms,1200).")
@file_option("--constraints", help="Known figures, YAML, for kras: sums of cells, fixed cells, readiness.")
def command(
    source: str | None,
    output: Path,
    name: str | None,
    workspace: Path,
    as_json: bool,
    method: str,
    totals: Path | None,
    constraints: Path | None,
) -> None:
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
    require_free(output)
    with working("balancing"):
        from lustrum.accounts.national.balance import balance, frame_of
        from lustrum.accounts.national.from_economy import flows_of, put_back
        from lustrum.accounts.national.known_figures import read_constraints, read_totals

        economy = accounts(source, workspace)
        table = flows_of(economy)
        known = read_totals(totals, table) if totals else None
        figures, readiness = read_constraints(constraints, frame_of(table)) if constraints else ([], None)
        balanced, result = balance(table, known, method, figures, readiness)  # type: ignore[arg-type]
        made = put_back(economy, balanced)
    finish(made, len(economy.provenance), output, name, as_json, method=method, rounds=result.iterations)
