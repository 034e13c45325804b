"""Our own workbook: the tables of docs/tables.md as the sheets of one .xlsx file.

The sheet `economy` says where the accounts come from, key by key. Every other sheet is called as a table of
the folder and laid out as it. The sheets `guide` and `fields`, and those whose name begins with `#`, are for
people. Cells are read with python-calamine, written with xlsxwriter (`lustrum[excel]`).
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from lustrum.accounts.cells import Grid
from lustrum.accounts.economy import Economy, Source
from lustrum.accounts.extras import require
from lustrum.accounts.readers.forms import NAMES, Form, assemble, source_of
from lustrum.accounts.readers.workbook_open import Book
from lustrum.errors import BadInput, TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

#: Sheets that are for people alone, beside those whose name begins with this sign.
FOR_PEOPLE, COMMENT = ("guide", "fields"), "#"
ECONOMY = "economy"

_FILE = re.compile(rf"\b({'|'.join(NAMES)})\.csv\b")


def read_workbook(path: str | Path) -> Economy:
    """Read an economy from a workbook.

    Raises
    ------
    TableError
        With file, sheet and cell, what was found, what was expected and how to mend it. Also for a sheet
        that belongs to no table: a misspelt table is never passed over.
    """
    require_excel("python_calamine")
    file = Path(path)
    book = Book(file)
    if ECONOMY not in book.sheets and {"about", "use", "final"} <= set(book.sheets):
        raise TableError(
            "a table workbook holds no accounts yet",
            where=f"{file.name}: about!A1",
            mend=f"make accounts of it: lustrum economy import {file.name} -o my-country",
        )
    for name, sheet in book.sheets.items():
        if name in NAMES or name in (ECONOMY, *FOR_PEOPLE) or name.startswith(COMMENT):
            continue
        expected, mend = unknown_label(name, [ECONOMY, *NAMES], "sheet")
        hidden = ", hidden" if sheet.hidden else ""
        raise TableError(
            "no table goes by the name of this sheet",
            where=f"{file.name}: {clip(name, 40)}!A1",
            found=f"sheet {clip(name, 40)}{hidden}",
            expected=expected,
            mend=f"{mend}; a sheet whose name begins with {COMMENT} is passed over",
        )
    if ECONOMY not in book.sheets:
        raise TableError(
            "the sheet economy is missing",
            where=f"{file.name}: {ECONOMY}!A1",
            mend="take it from our template: lustrum economy template FILE.xlsx",
        )

    def grid(name: str) -> Grid | None:
        return book.grid(name) if name in book.sheets else None

    try:
        return assemble(Form(file.name, lambda name: f"sheet {name}", grid), _source(book))
    except BadInput as e:
        where = e.where if file.name in e.where else f"{file.name}: {e.where}" if e.where else file.name
        raise type(e)(
            _sheets(e.what), where=_sheets(where), found=e.found, expected=_sheets(e.expected), mend=_sheets(e.mend)
        ) from None


def _sheets(text: str) -> str:
    """Call tables by their sheets, where an error that all forms share calls them by their files."""
    return _FILE.sub(r"sheet \1", text)


def _source(book: Book) -> Source:
    grid = book.grid(ECONOMY)
    if grid is None:
        raise TableError(
            "the sheet economy is not filled in",
            where=f"{book.path.name}: {ECONOMY}!B2",
            mend="give format, name and base_year",
        )
    if grid.header[:2] != ["key", "value"]:
        raise TableError(
            "the columns of the sheet economy are not understood",
            where=f"{book.path.name}: {ECONOMY}!A1",
            expected="key, value",
            mend="name the first two columns key and value",
        )
    raw: dict[str, object] = {}
    rows: dict[str, int] = {}
    notes: list[str] = []
    for row in range(1, len(grid.rows)):
        key = grid.text(row, 0)
        if grid.rows[row][1] == "":
            rows.setdefault(key, row)
            continue  # a key of the form that nobody filled in
        if key == "notes":
            notes.append(grid.text(row, 1))
        elif key in raw:  # never twice, as in economy.yaml
            raise TableError(
                f"key {clip(key)} stands twice",
                where=grid.place(row),
                found=f"first in {grid.line(rows[key])}",
                mend="keep one of the two",
            )
        else:
            raw[key] = grid.year(row, 1) if key == "base_year" else grid.text(row, 1)
        rows[key] = row
    if notes:
        raw["notes"] = notes
    return source_of(raw, lambda key: grid.place(rows.get(key, 0), 1 if key in rows else None))


def require_excel(library: str) -> ModuleType:
    """Import a library of workbooks; where it is missing or damaged, say what to install."""
    return require(library, "excel", "workbooks need")
