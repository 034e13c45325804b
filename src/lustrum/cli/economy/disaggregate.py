"""`lustrum economy disaggregate`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.making import file_option, finish, making, require_free
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples
from lustrum.cli.working import working


@click.command(
    "disaggregate",
    short_help="Split sectors by weights.",
    epilog=examples("lustrum economy disaggregate us-2019-16 --weights parts.csv -o us-finer"),
)
@making
@file_option("--weights", required=True, help="Parts of sectors, CSV: new,old,weight[,name][,exports,imports,…].")
def command(source: str | None, output: Path, name: str | None, workspace: Path, as_json: bool, weights: Path) -> None:
    """Split products and activities into parts by shares of output. Sectors that are not listed stay as they are.

    Parts have the inputs, labour and users of the whole. Where more is known, columns imports, exports, consumption,
    investment and committed_demand give their shares of those; what a part sells to producers then closes its row.
    Aggregating the parts again gives the old accounts.

    \b
    new,old,weight,name,exports
    wheat,farms,0.6,Wheat,0.9
    cattle,farms,0.4,Cattle,0.1
    """
    require_free(output)
    with working("splitting"):
        from lustrum.accounts.national.disaggregate import disaggregate, read_weights

        economy = accounts(source, workspace)
        known = list(dict.fromkeys((*economy.codes("product"), *economy.codes("activity"))))
        made = disaggregate(economy, read_weights(weights, known))
    finish(made, len(economy.provenance), output, name, as_json)
