"""`lustrum economy template`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.new_file import write_new
from lustrum.cli.output import examples, json_option, print_json


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
def command(file: Path, economy: str | None, empty: bool, products: int | None, published: bool, as_json: bool) -> None:
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
    write = _write_published if published else _write
    write_new(file, lambda path: sheets.append(write(path, economy, empty, products)))
    if as_json:
        print_json({"workbook": str(file), "sheets": sheets[0]})
        return
    click.echo(f"Wrote {file}: {sheets[0]} sheets for tables, `guide` says how to fill them in.")
    click.echo(f"Next: lustrum economy {f'import {file} -o my-country' if published else f'check {file}'}")


def _write(path: Path, economy: str | None, empty: bool, products: int | None) -> int:
    from lustrum.accounts.embedded import embedded_folder
    from lustrum.accounts.readers.workbook_write import write_example, write_example_of, write_forms

    if products is not None or (empty and economy is None):
        return write_forms(path, products or 0)
    given = Path(economy or "island")
    if given.is_file():
        return write_example_of(path, given, empty)
    return write_example(path, given if given.is_dir() else embedded_folder(str(given)) / "economy", empty)


def _write_published(path: Path, economy: str | None, empty: bool, products: int | None) -> int:
    from lustrum.accounts.embedded import load_economy
    from lustrum.accounts.readers.office_sheets import SHEETS
    from lustrum.accounts.readers.office_write import printed, write_office, write_office_forms

    if products is not None or empty:
        write_office_forms(path, products or 10)
    else:
        write_office(path, printed(load_economy(economy or "us-2019-16")))
    return len(SHEETS)
