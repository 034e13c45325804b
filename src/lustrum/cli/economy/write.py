"""Commands that write files: accounts in another form, and a workbook to fill in. Nothing is ever overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lustrum.cli.economy import accounts
from lustrum.cli.output import examples, json_option, print_json, working, workspace_option

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

_FORMS = {".xlsx": "workbook", ".nc": "NetCDF file", ".parquet": "Parquet file", "": "folder of CSV files"}


def write_new(target: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file or folder aside, and put it in its place if the place is free.

    Raises
    ------
    WorkspaceError
        If something is there already, or the place cannot be written.
    """
    from lustrum.errors import WorkspaceError
    from lustrum.workspace.aside import aside_folder, flush_tree, plain_errors, take_place

    taken = WorkspaceError(
        "something is there already, and nothing is ever overwritten",
        where=str(target),
        mend="choose another name, or delete it first",
    )
    with plain_errors("writing", target):
        if os.path.lexists(target):
            raise taken
        with aside_folder(target.parent) as aside:
            made = aside / target.name
            write(made)
            flush_tree(aside)
            if made.is_dir():
                if not take_place(made, target):
                    raise taken
                return
            try:
                os.link(made, target)  # fails where another was quicker
            except FileExistsError:
                raise taken from None
            except OSError:  # a disk without links
                if os.path.lexists(target):
                    raise taken from None
                os.rename(made, target)


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
def export_command(source: str | None, target: Path, workspace: Path, as_json: bool) -> None:
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


@click.command(
    "template",
    short_help="Write a workbook to fill in, with a worked example.",
    epilog=examples(
        "lustrum economy template my-table.xlsx --published --products 35",
        "lustrum economy template my-country.xlsx",
        "lustrum economy template my-country.xlsx --empty",
        "lustrum economy template my-country.xlsx --products 35",
        "lustrum economy template my-country.xlsx --economy us-2019-16",
    ),
)
@click.argument("file", metavar="FILE.xlsx", type=click.Path(path_type=Path))
@click.option("--economy", metavar="NAME|FOLDER|FILE", help="The worked example.  [default: island]")
@click.option("--empty", is_flag=True, help="Forms only; with --economy they keep its labels.")
@click.option("--products", type=int, metavar="N", help="Forms for N products made by N industries.")
@click.option("--published", is_flag=True, help="The form for an input-output table as an office publishes it.")
@json_option
def template_command(
    file: Path, economy: str | None, empty: bool, products: int | None, published: bool, as_json: bool
) -> None:
    """Write a workbook with one sheet for each table, and sheets that explain how to fill it in.

    With --published it is the shorter form for a table as a statistical office prints it: use, final use, value
    added. `lustrum economy import` makes accounts of it and says what it had to assume.

    Without, it is the whole of the accounts, capital and labour included. Every sheet that is left empty is not
    part of the plan. Check the workbook with `lustrum economy check`, plan with it by `lustrum new DIR --economy
    FILE.xlsx`.
    """
    if file.suffix.lower() != ".xlsx":
        raise click.BadParameter("the name must end in .xlsx", param_hint="FILE.xlsx")
    if products is not None and economy is not None:
        raise click.UsageError("--products is for forms of your own, --economy for those of another: give one")
    if products is not None and products < 1:
        raise click.BadParameter("must be 1 or more", param_hint="--products")
    sheets: list[int] = []
    write = _write_published if published else _write_accounts
    write_new(file, lambda path: sheets.append(write(path, economy, empty, products)))
    if as_json:
        print_json({"workbook": str(file), "sheets": sheets[0]})
        return
    click.echo(f"Wrote {file}: {sheets[0]} sheets for tables, `guide` says how to fill them in.")
    click.echo(f"Next: lustrum economy {f'import {file} -o my-country' if published else f'check {file}'}")


def _write_published(path: Path, economy: str | None, empty: bool, products: int | None) -> int:
    from lustrum.accounts.embedded import load_economy
    from lustrum.accounts.readers.office_sheets import SHEETS
    from lustrum.accounts.readers.office_write import printed, write_office, write_office_forms

    if products is not None or empty:
        write_office_forms(path, products or 10)
    else:
        write_office(path, printed(load_economy(economy or "us-2019-16")))
    return len(SHEETS)


def _write_accounts(path: Path, economy: str | None, empty: bool, products: int | None) -> int:
    from lustrum.accounts.embedded import embedded_folder
    from lustrum.accounts.readers.workbook_write import write_example, write_example_of, write_forms

    if products is not None or (empty and economy is None):
        return write_forms(path, products or 0)
    given = Path(economy or "island")
    if given.is_file():
        return write_example_of(path, given, empty)
    return write_example(path, given if given.is_dir() else embedded_folder(str(given)) / "economy", empty)
