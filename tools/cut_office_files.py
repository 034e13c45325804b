"""Cut the files of statistical offices down to a few sectors, for the tests: `python -m tools.cut_office_files`.

The files themselves are not part of the project. Of each table the first three sectors stay as they are, cell by cell,
and all others become one, added up under the label of the last. Totals, taxes, imports and value added stay where
they stand, so that every total of the small file is one that the office printed, or a sum of those.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from math import isclose
from pathlib import Path
from typing import Any

from lustrum.accounts.readers.mapped import recognised
from lustrum.accounts.readers.mapped_cells import PRODUCTS, Item, SheetReading, choose_year, read_sheets
from lustrum.accounts.readers.mapping import ImportMap
from lustrum.accounts.readers.raw_sheets import RawFile, fits, position
from lustrum.accounts.readers.workbook import require_excel

REPOSITORY = Path(__file__).resolve().parents[1]
SMALL = REPOSITORY / "tests" / "accounts" / "readers" / "offices"
KEPT = 3
SECTORS = (*PRODUCTS, "industry", "product")

#: Below `offices`: a file, or a folder with several files of one release -> name of the small file or folder.
#: Rounded tables (the BEA's summary, the OECD's) are not here: what rounding leaves of many sectors would meet in one.
SOURCES: dict[str, str] = {
    "abs-io-table5/520905500105.xls": "abs.xlsx",
    "bcch-chile-mip-2008/mip_2008_bcch_111x111.xlsx": "chile_2008.xlsx",
    "bcch-chile-mip-2013/mip_2013_bcch_12x12.xlsx": "chile_2013.xlsx",
    "bea-sector": "bea",
    "fpb-belgium-io-2015/vR64_nl_20191213.xlsx": "belgium.xlsx",
    "ons-ioat-2019/ONS_UK_IO_2019.xlsx": "ons_ioat.xlsx",
    "ons-sut-bb24/supublicationtablesbb24.xlsx": "ons_sut.xlsx",
    "scb-sweden-io-2015-2020/input_output_produkt_2015-2020_korr.xlsx": "sweden.xlsx",
    "scotgov-io-2019/Scotland_IO_2019.xlsx": "scotland.xlsx",
    "wiod-2016-niot/RUS_NIOT_nov16.xlsx": "wiod_national.xlsx",
}

Rows = list[list[Any]]
#: File -> sheet -> rows.
Books = dict[str, dict[str, Rows]]


def cut(source: Path, name: str) -> Books:
    """The small files made of one release, cell by cell."""
    found = recognised(source)
    if found is None:
        raise SystemExit(f"{source}: no layout fits")
    mapping = found[1]
    books: Books = {}
    for sheet in read_sheets(mapping, source, choose_year(mapping, source, None)):
        file = name if source.is_file() else sheet.file.path.name
        book = books.setdefault(file, {})
        book[sheet.sheet] = small(sheet)
        _beside(mapping, sheet, book)
    return books


def small(sheet: SheetReading) -> Rows:
    """The rows of a sheet with all but the first sectors added up."""
    kept = {i.at for i in sheet.rows} if sheet.table.years else set(range(len(sheet.grid)))
    rows = [g for g in _groups(sheet.rows, len(sheet.grid)) if g[-1] in kept or g[-1] < sheet.first_row]
    columns = _groups(sheet.columns, sheet.width)
    read_rows, read_columns = {i.at for i in sheet.rows}, {i.at for i in sheet.columns}
    return [
        [
            _sum([sheet.grid[r][c] for r in group for c in across])
            if group[-1] in read_rows and across[-1] in read_columns
            else sheet.grid[group[-1]][across[-1]]
            for across in columns
        ]
        for group in rows
    ]


def _groups(items: Sequence[Item], count: int) -> list[list[int]]:
    """Positions of lines that become one: of each role all sectors beyond the first, under the last of them."""
    together: dict[int, list[int]] = {}
    dropped: set[int] = set()
    for role in SECTORS:
        places = [i.at for i in items if i.role == role]
        if len(places) > KEPT + 1:
            together[places[-1]] = places[KEPT:]
            dropped.update(places[KEPT:-1])
    return [together.get(at, [at]) for at in range(count) if at not in dropped]


def _sum(cells: Sequence[Any]) -> Any:
    """Sum of figures; the last cell where there are none, or only labels."""
    figures = [c for c in cells if isinstance(c, float | int) and not isinstance(c, bool)]
    texts = [c for c in cells if isinstance(c, str)]
    if figures and all(t in ("", "...") for t in texts):
        return sum(figures)
    return cells[-1]


def _beside(mapping: ImportMap, sheet: SheetReading, book: dict[str, Rows]) -> None:
    """Sheets by which the layout is known, with the cells that it looks at, and the list of names."""
    names = sheet.table.names
    if names is not None:
        book[names.sheet] = sheet.file.grid(names.sheet)
    known = mapping.recognise
    assert known is not None
    for pattern in known.sheets:
        if not any(fits(pattern, s) for s in book):
            book[next(s for s in sheet.file.sheets if fits(pattern, s))] = [["a sheet of the original"]]
    for cell in known.cells:
        pattern, _, place = cell.rpartition("!")
        name = next((s for s in book if fits(pattern, s)), None) or next(
            s for s in sheet.file.sheets if fits(pattern, s)
        )
        row, column = position(place)
        rows = book.setdefault(name, [])
        while len(rows) <= row:
            rows.append([])
        rows[row] += [""] * (column + 1 - len(rows[row]))
        if rows[row][column] == "" or rows[row][column] == "a sheet of the original":
            rows[row][column] = sheet.file.grid(name)[row][column]
    if "!" in str(mapping.year):
        _year_cell(str(mapping.year), sheet, book)


def _year_cell(address: str, sheet: SheetReading, book: dict[str, Rows]) -> None:
    pattern, _, place = address.rpartition("!")
    name = next(s for s in sheet.file.sheets if fits(pattern, s))
    row, column = position(place)
    if name not in book or len(book[name]) <= row:
        book[name] = [list(r[: column + 1]) for r in sheet.file.grid(name)[: row + 1]]


def write(books: Books, folder: Path) -> None:
    """Write the small files; figures as numbers, all else as text."""
    excel = require_excel("xlsxwriter")
    folder.mkdir(parents=True, exist_ok=True)
    for file, sheets in books.items():
        path = folder / file
        book = excel.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, float | int) and not isinstance(cell, bool):
                        page.write_number(r, c, cell)
                    elif cell != "":
                        page.write_string(r, c, str(cell))
        book.close()


def offices() -> Path:
    """The folder with the originals."""
    named = os.environ.get("LUSTRUM_TEST_DATA")
    return (Path(named) if named else REPOSITORY.parent / "shared" / "data") / "offices"


def same(books: Books, folder: Path) -> list[str]:
    """Cells of committed files that differ from what the originals give."""
    wrong = []
    for file, sheets in books.items():
        raw = RawFile(folder / file)
        for name, rows in sheets.items():
            there = raw.grid(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    got = there[r][c] if r < len(there) and c < len(there[r]) else ""
                    if (
                        isinstance(got, float | int)
                        and isinstance(cell, float | int)
                        and isclose(got, cell, rel_tol=1e-15)
                    ):
                        continue  # xlsx keeps sixteen digits
                    if str(got).strip() != str(cell).strip():
                        wrong.append(f"{file}: {name} row {r + 1} column {c + 1}: {got!r}, original {cell!r}")
    return wrong


def main() -> None:
    """Make all small files again."""
    for source, name in SOURCES.items():
        folder = SMALL if name.endswith(".xlsx") else SMALL / name
        books = cut(offices() / source, name)
        write(books, folder)
        sys.stdout.write(f"{source}: {', '.join(books)}\n")


if __name__ == "__main__":
    main()
