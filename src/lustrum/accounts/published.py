"""Published tables made into accounts: reader, mapping, basic prices, economy (`import_table`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.assemble.interpretation import Options
from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.national.transform import symmetric as make_symmetric
from lustrum.accounts.national.transform import to_basic
from lustrum.accounts.readers.forms import NAMES
from lustrum.accounts.readers.mapped import read_layout, read_mapped
from lustrum.accounts.readers.mapping import read_mapping
from lustrum.accounts.readers.reconciliation import Total
from lustrum.accounts.readers.seam import Wanted, guess, reader
from lustrum.accounts.readers.workbook import ECONOMY
from lustrum.accounts.readers.workbook_open import Book
from lustrum.errors import TableError


class Imported(NamedTuple):
    """Accounts made of a published table, and how: reader, its reason, the table, totals of the source beside ours."""

    economy: Economy
    reader: str
    reason: str
    table: FlowTable | None
    totals: tuple[Total, ...]


def import_table(
    source: str | Path,
    *,
    mapping: str | Path | None = None,
    form: str | None = None,
    year: int | None = None,
    region: str | None = None,
    symmetric: str | None = None,
    needs: str | Path | None = None,
    labour: str | None = None,
    assets: Literal["one", "kinds"] = "kinds",
    outside_imports: Literal["product", "aside"] = "product",
    name: str = "",
    title: str = "",
) -> Economy:
    """Make accounts of a published table; the keys are the options of `lustrum economy import`.

    Parameters
    ----------
    source
        A file or folder of a statistical office, a world table, or accounts of our own form.
    mapping
        A mapping file (docs/import.md) for a layout that is not known.

    Raises
    ------
    TableError
        If it cannot be read, a total that it prints is missed, or a row needs an answer.

    Examples
    --------
    >>> import lustrum as lu
    >>> economy = lu.import_table("wiot_2011.parquet", region="BRA")  # doctest: +SKIP
    """
    options = Options(
        name=name,
        title=title,
        needs=None if needs is None else Path(needs),
        labour=labour,
        assets=assets,
        outside_imports=outside_imports,
    )
    where = None if mapping is None else Path(mapping)
    return import_published(Path(source), where, form, year, region, symmetric, options).economy


def import_published(
    source: Path,
    mapping: Path | None,
    form: str | None,
    year: int | None,
    region: str | None,
    symmetric: str | None,
    options: Options,
) -> Imported:
    """Make accounts of a published table, and say how: see `import_table`."""
    given = {
        "--year": year,
        "--region": region,
        "--symmetric": symmetric,
        "--needs": options.needs,
        "--labour": options.labour,
    }
    asked = [k for k, v in given.items() if v is not None]
    if form is None and mapping is None and (own := own_accounts(source, asked)):
        named = replace(own.source, name=options.name or own.source.name, title=options.title or own.source.title)
        reason = "accounts in a form of our own, taken as they are"
        return Imported(replace(own, source=named), "lustrum", reason, None, ())
    if mapping is not None:
        table, totals = read_with(source, mapping, form, year, region)
        found, reason = "map", f"as {mapping} says"
    else:
        found, reason, table, totals = read_table(source, form, year, region)
    return Imported(to_economy(prepared(table, symmetric), options), found, reason, table, totals)


def own_accounts(source: Path, asked: Sequence[str]) -> Economy | None:
    """Read a folder, workbook or NetCDF file that holds accounts of our own form; None for anything else.

    Raises
    ------
    TableError
        If they are damaged, or something was asked for that only published tables have.
    """
    workbook = source.is_file() and source.suffix.lower() in (".xlsx", ".xlsm", ".nc")
    if not workbook and not (source / "economy.yaml").is_file():
        return None

    if workbook:
        try:
            guess(source)
            return None  # a published table in a workbook
        except TableError:
            if _foreign(source):
                return None
    if asked:
        raise TableError(
            f"{asked[0]} is for published tables",
            where=str(source),
            found="accounts ready for a plan",
            mend=f"leave {asked[0]} out",
        )
    return load_economy(source)


def _foreign(workbook: Path) -> bool:
    """Whether a sound workbook has no sheet that accounts of our form have."""

    if workbook.suffix.lower() == ".nc":
        return False
    try:
        return not {ECONOMY, *NAMES} & set(Book(workbook).sheets)
    except TableError:
        return False  # damaged: whoever reads it says how


def read_table(
    source: Path, fmt: str | None, year: int | None, region: str | None
) -> tuple[str, str, FlowTable, tuple[Total, ...]]:
    """Read a table; say which format it is, and why, and how it compares with the totals that the source prints.

    Raises
    ------
    TableError
        If there is nothing at `source`, no reader knows it, or the one that does cannot read it.
    """

    if not source.exists():
        raise TableError("there is nothing", where=str(source), mend="check the path")
    if fmt is not None:
        chosen, reason = reader(fmt), "named with --format"
    else:
        try:
            chosen, reason = guess(source)
        except TableError as e:
            if inside := _known_inside(source):
                what = "the folder holds several tables" if len(inside) > 1 else "the table is further inside"
                raise TableError(
                    what, where=str(source), found="; ".join(inside), mend="name one of them, not the folder"
                ) from None
            raise e
    if region is not None and not chosen.regions:
        raise TableError(
            "--region is for tables of several countries",
            where=str(source),
            found=region,
            mend=f"leave --region out: {chosen.name} tables are of one country",
        )
    if chosen.name == "layout":
        imported = read_layout(source, Wanted(year, region))
        return chosen.name, reason, imported.table, imported.reconciliation
    return chosen.name, reason, chosen.read(source, Wanted(year, region)), ()


def _known_inside(folder: Path) -> list[str]:
    """What the readers know among the files and folders directly inside."""

    found: list[str] = []
    if not folder.is_dir():
        return found
    for path in sorted(folder.iterdir())[:100]:
        try:
            reader, _ = guess(path)
        except TableError:
            continue
        found.append(f"{path.name} ({reader.name})")
    return found


def read_with(
    source: Path, mapping: Path, fmt: str | None, year: int | None, region: str | None
) -> tuple[FlowTable, tuple[Total, ...]]:

    if fmt is not None or region is not None:
        what = "--format" if fmt is not None else "--region"
        raise TableError(f"{what} and --map do not go together", where=str(source), mend=f"leave {what} out")
    if not source.exists():
        raise TableError("there is nothing", where=str(source), mend="check the path")
    imported = read_mapped(source, read_mapping(mapping), Wanted(year))
    return imported.table, imported.reconciliation


def prepared(table: FlowTable, symmetric: str | None) -> FlowTable:
    """Bring a table to basic prices where it is not, and make it symmetric where that is asked for."""
    if table.valuation == "purchaser" or table.supply_columns:
        table = to_basic(table)
    if symmetric is not None:
        table = make_symmetric(table, symmetric)
    return table
