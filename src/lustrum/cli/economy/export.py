"""`lustrum economy export`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lustrum.cli.economy.new_file import write_new
from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples, json_option, print_json, workspace_option
from lustrum.cli.working import working

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

_FORMS = {".xlsx": "workbook", ".nc": "NetCDF file", ".parquet": "Parquet file", "": "folder of CSV files"}


@click.command(
    "export",
    short_help="Write accounts as a folder, workbook, NetCDF or Parquet file.",
    epilog=examples(
        "lustrum economy export us-2019 -o us.xlsx",
        "lustrum economy export my-country.xlsx -o my-country",
        "lustrum economy export -o accounts.parquet",
    ),
)
@click.argument("source", required=False, metavar="[SRC]")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Where to: NAME.xlsx, NAME.nc, NAME.parquet, or a folder.",
)
@workspace_option
@json_option
def command(source: str | None, target: Path, workspace: Path, as_json: bool) -> None:
    """Write accounts in another form, every figure and label exact.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own.
    The name of the output says which form. Flows are written as the coefficients that follow from them.
    Nothing is ever overwritten.
    """
    suffix = target.suffix.lower()
    if suffix not in _FORMS:
        raise click.BadParameter(
            f"no form goes by {target.suffix!r}: end it in .xlsx, .nc or .parquet, "
            "or give the name of a folder without a point",
            param_hint="-o",
        )
    with working("writing"):
        economy = accounts(source, workspace)
        write_new(target, lambda path: _writer(suffix)(economy, path))
    if as_json:
        print_json(
            {
                "output": str(target),
                "form": _FORMS[suffix],
                "economy": economy.source.name,
                "base_year": economy.base_year,
                "fields": len(economy.data),
                "digest": economy.digest,
            }
        )
        return
    click.echo(
        f"Wrote {target}: {economy.source.title or economy.source.name}, {len(economy.data)} tables, "
        f"a {_FORMS[suffix]}."
    )


def _writer(suffix: str) -> Callable[[Economy, Path], None]:
    if suffix == ".xlsx":
        from lustrum.accounts.readers.workbook_write import write_workbook

        return write_workbook
    if suffix == ".nc":
        from lustrum.accounts.readers.netcdf import write_netcdf

        return write_netcdf
    if suffix == ".parquet":
        from lustrum.accounts.readers.parquet import write_parquet

        return write_parquet
    from lustrum.accounts.readers.folder import write_folder

    return write_folder
