"""Writing a workbook that `read_workbook` reads back exactly, and that a person likes to look at.

The same tables give the same bytes.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lustrum.accounts.economy import Economy, Source
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.readers.folder import read_folder, read_source
from lustrum.accounts.readers.forms import (
    FORMAT,
    KEYS,
    LABEL_COLUMNS,
    LABEL_TABLES,
    NAMES,
    PROVENANCE,
    TABLES,
    Cell,
    Rows,
    contents_of,
    contents_of_folder,
)
from lustrum.accounts.readers.workbook import ECONOMY, FOR_PEOPLE, require_excel
from lustrum.accounts.readers.workbook_guide import (
    KEY_WORDS,
    field_rows,
    guide_rows,
    hint,
    need_of,
    sheet_order,
)
from lustrum.errors import TableError

#: Rows and columns that a sheet can have.
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_COLOURS = {"needed": "#C0392B", "flows": "#2E6DA4", "labels": "#3C8D5A", "other": "#8C8C8C", "people": "#E0A030"}
_DAY = datetime.datetime(2020, 1, 1)  # a date in the file would make no two writings alike


def write_workbook(economy: Economy, path: str | Path) -> None:
    """Write an economy to one .xlsx file, aside first and then renamed.

    Raises
    ------
    TableError
        If a table has more rows or columns than a sheet can hold, or xlsxwriter is not installed.
    """
    title = economy.source.title or economy.source.name
    write_sheets(path, economy.source, contents_of(economy), f"The accounts: {title}")


def write_sheets(
    path: str | Path,
    source: Source | None,
    contents: Mapping[str, Rows],
    title: str,
    forms: Mapping[str, Rows] | None = None,
) -> None:
    """Write tables as sheets, with the sheets that explain them.

    Parameters
    ----------
    source
        What the sheet `economy` says; None leaves its form empty.
    contents
        Table -> header and rows.
    forms
        Tables to write as forms that are still to be filled in.
    """
    xlsxwriter = require_excel("xlsxwriter")

    every = {**(forms or {}), **contents}
    for name, rows in every.items():
        if len(rows) > MAX_ROWS or max(map(len, rows)) > MAX_COLUMNS:
            raise TableError(
                "table is too large for a sheet",
                where=name,
                found=f"{len(rows):,} rows, {max(map(len, rows)):,} columns",
                expected=f"at most {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns",
                mend="write .parquet or .nc instead, or aggregate first",
            )
    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        book = xlsxwriter.Workbook(str(aside), {"in_memory": True})
        book.set_properties({"title": title, "created": _DAY, "comments": "Tables of an economy, for lustrum."})
        book.set_size(2400, 1400)
        _write(_Pen(book), source, contents, every, title)
        book.close()
        os.replace(aside, target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()


class _Pen:
    """A workbook with its formats."""

    def __init__(self, book: Any) -> None:
        from xlsxwriter.worksheet import Worksheet

        class Exact(Worksheet):  # type: ignore[misc]
            """xlsxwriter writes sixteen digits; seventeen are needed for every float to come back."""

            def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
                words = "".join(f' {key}="{value}"' for key, value in attributes)
                self.fh.write(f"<c{words}><v>{number!r}</v></c>")

        self.book, self._sheet = book, Exact
        # 49 is the format Text: what is typed stays as it is typed
        self.text = book.add_format({"num_format": 49})
        self.number = book.add_format({"num_format": "General"})
        head = {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "bottom_color": "#7A8CA0", "num_format": 49}
        self.head = book.add_format(head)
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F3A5A"})
        self.step = book.add_format({"bold": True, "font_color": "#1F3A5A", "top": 1, "valign": "top"})
        self.words = book.add_format({"text_wrap": True, "top": 1, "valign": "top"})
        self.link = book.add_format({"font_color": "#2E6DA4", "underline": 1, "valign": "top"})
        self.faint = book.add_format({"font_color": "#6B6B6B", "text_wrap": True, "valign": "top"})

    def sheet(self, name: str, colour: str) -> Any:
        """Add a sheet."""
        sheet = self.book.add_worksheet(name, self._sheet)
        sheet.set_tab_color(_COLOURS[colour])
        return sheet


def _write(
    pen: _Pen, source: Source | None, contents: Mapping[str, Rows], every: Mapping[str, Rows], title: str
) -> None:
    order = [name for name in sheet_order() if name in every or name == ECONOMY]
    filled = [*contents, *([ECONOMY] if source else [])]
    _guide(pen, guide_rows(filled, title), {*order, *FOR_PEOPLE})
    _fields(pen, set(order))
    for name in order:
        if name == ECONOMY:
            _economy(pen, source)
        else:
            _table(pen, name, every[name])


def _guide(pen: _Pen, rows: Sequence[tuple[str, ...]], links: set[str]) -> None:
    sheet = pen.sheet(FOR_PEOPLE[0], "people")
    sheet.hide_gridlines(2)
    for column, width in enumerate((24, 26, 11, 92)):
        sheet.set_column(column, column, width)
    for r, (kind, *cells) in enumerate(rows):
        if kind == "title":
            sheet.write_string(r, 0, cells[0], pen.title)
            sheet.set_row(r, 26)
        elif kind == "text":
            sheet.merge_range(r, 0, r, 3, cells[0], pen.wrapped)
            sheet.set_row(r, 33)
        elif kind == "step":
            sheet.write_string(r, 0, cells[0], pen.step)
            sheet.merge_range(r, 1, r, 3, cells[1], pen.words)
            sheet.set_row(r, 34)
        else:
            for c, cell in enumerate(cells):
                sheet.write_string(r, c, cell, pen.head if kind == "head" else pen.wrapped)
            if kind == "sheet" and cells[0] in links:
                sheet.write_url(r, 0, f"internal:'{cells[0]}'!A1", pen.link, cells[0])
    sheet.activate()


def _fields(pen: _Pen, links: set[str]) -> None:
    sheet = pen.sheet(FOR_PEOPLE[1], "people")
    sheet.hide_gridlines(2)
    for column, width in enumerate((24, 12, 12, 22, 34, 14, 78)):
        sheet.set_column(column, column, width)
    for r, row in enumerate(field_rows()):
        for c, cell in enumerate(row):
            sheet.write_string(r, c, cell, pen.wrapped if r else pen.head)
        if r and row[0] in links:
            sheet.write_url(r, 0, f"internal:'{row[0]}'!A1", pen.link, row[0])
    sheet.freeze_panes(1, 1)


def _economy(pen: _Pen, source: Source | None) -> None:
    sheet = pen.sheet(ECONOMY, "needed")
    for column, (width, look) in enumerate(((14, pen.text), (60, pen.text), (70, None))):
        sheet.set_column(column, column, width, look)
    for c, word in enumerate(("key", "value", "meaning")):
        sheet.write_string(0, c, word, pen.head)
    values: list[tuple[str, Cell]] = []
    for key in KEYS:
        if key == "format":
            values.append((key, FORMAT))
        elif key == "notes":
            values += [(key, note) for note in source.notes] if source and source.notes else [(key, "")]
        else:
            values.append((key, getattr(source, key) if source else ""))
    for r, (key, value) in enumerate(values, 1):
        sheet.write_string(r, 0, key, pen.text)
        if key == "base_year" and value == "":  # in a cell of the format Text a year would become a word
            sheet.write_blank(r, 1, None, pen.number)
        else:
            _cell(pen, sheet, r, 1, value)
        needed, words = KEY_WORDS[key]
        if key != "notes" or values[r - 2][0] != "notes":
            sheet.write_string(r, 2, f"{'needed' if needed else 'optional'}: {words}", pen.faint)
    sheet.freeze_panes(1, 1)


def _table(pen: _Pen, name: str, rows: Rows) -> None:
    needed = need_of(name).startswith("needed")
    colour = "needed" if needed else "labels" if name not in TABLES else "flows" if _usual(name) else "other"
    sheet = pen.sheet(name, colour)
    header = rows[0]
    wide = name in TABLES and "value" not in header
    for column, word in enumerate(header):
        figures = (wide and column > 0) or word in ("value", "year", "amount", "of")
        width = 13 if figures else 46 if word in ("name", "what", "why") else 24
        sheet.set_column(column, column, max(width, min(len(str(word)) + 2, 30)), pen.number if figures else pen.text)
    if name in TABLES and len(header) == 1:  # codes of the columns are still to come
        sheet.set_row(0, None, pen.text)
    for c, word in enumerate(header):
        sheet.write_string(0, c, str(word), pen.head)
    for r, row in enumerate(rows[1:], 1):
        for c, cell in enumerate(row):
            _cell(pen, sheet, r, c, cell)
    sheet.freeze_panes(1, 1 if name in TABLES or "code" in header else 0)
    sheet.data_validation(0, 0, 0, 0, {"validate": "any", "input_title": name[:32], "input_message": hint(name)})


def _usual(name: str) -> bool:
    from lustrum.accounts.readers.workbook_guide import STEPS

    return any(name in sheets for _, sheets, _ in STEPS)


def _cell(pen: _Pen, sheet: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, float | int):
        sheet.write_number(row, column, cell, pen.number)
    elif cell:
        sheet.write_string(row, column, cell, pen.text)


#: Forms with more cells than this have their header only.
MAX_FORM = 100_000
MOST_PRODUCTS = 2_000


def write_example(path: str | Path, folder: Path, empty: bool = False) -> int:
    """Write a template filled in with the tables of a folder, as they stand there.

    Parameters
    ----------
    empty
        Keep the labels only: the figures are left to fill in.

    Returns
    -------
    int
        Number of sheets for tables.

    Raises
    ------
    TableError
        If the folder cannot be read.
    """
    economy = read_folder(folder)
    contents = contents_of_folder(folder)
    title = economy.source.title or economy.source.name
    source: Source | None = read_source(folder / "economy.yaml")
    if empty:
        contents = {k: v for k, v in contents.items() if k in LABEL_TABLES.values()}
        return _write_like(path, None, contents, f"A workbook to fill in, with the labels of: {title}")
    return _write_like(path, source, contents, f"A worked example, to look at and to replace: {title}")


def write_example_of(path: str | Path, file: Path, empty: bool = False) -> int:
    """Write a template filled in with an economy from a file, its flows already turned into coefficients."""
    from lustrum.accounts.embedded import load_economy

    economy = load_economy(file)
    contents = contents_of(economy)
    title = economy.source.title or economy.source.name
    if empty:
        contents = {k: v for k, v in contents.items() if k in LABEL_TABLES.values()}
        return _write_like(path, None, contents, f"A workbook to fill in, with the labels of: {title}")
    return _write_like(path, economy.source, contents, f"A worked example, to look at and to replace: {title}")


def write_forms(path: str | Path, products: int = 0) -> int:
    """Write a template without figures, for `products` products that are made by as many industries.

    Raises
    ------
    TableError
        If there are more products than a plan can be made for.
    """
    if not 0 <= products <= MOST_PRODUCTS:
        raise TableError(
            "number of products is out of range",
            where="--products",
            found=products,
            expected=f"1 to {MOST_PRODUCTS:,}",
            mend="give a number within it",
        )
    contents: dict[str, Rows] = {}
    if products:
        codes = [f"s{k:0{len(str(products))}}" for k in range(1, products + 1)]
        rows: Rows = [[code, "", ""] for code in codes]
        contents = {name: [["code", "name", "unit"], *rows] for name in ("products", "activities")}
    return _write_like(path, None, contents, "A workbook to fill in: the tables of an economy")


def _write_like(path: str | Path, source: Source | None, contents: Mapping[str, Rows], title: str) -> int:
    forms = {name: _form(name, contents) for name in NAMES if name not in contents and name != PROVENANCE}
    write_sheets(path, source, contents, title, forms)
    return len(forms) + len(contents)


def _form(name: str, contents: Mapping[str, Rows]) -> Rows:
    """A sheet still to be filled in, with the labels where they are known."""
    if name not in TABLES:
        columns = LABEL_COLUMNS if name == "products" else LABEL_COLUMNS[:3]
        return [[*columns]]
    dims = TABLES[name].dims
    labels = [_codes(contents, LABEL_TABLES[d]) for d in dims]
    if len(dims) == 1:
        rows: Rows = [[code, ""] for code in labels[0]]
        return [[dims[0], "value"], *rows]
    head = f"{dims[0]} \\ {dims[1]}"
    sparse = name in BY_NAME and BY_NAME[name].yearly and name not in ("use", "supply")
    if not all(labels) or len(labels[0]) * len(labels[1]) > MAX_FORM or sparse:
        return [[*dims, "value"]] if sparse else [[head]]
    blank = [""] * len(labels[1])
    wide: Rows = [[code, *blank] for code in labels[0]]
    return [[head, *labels[1]], *wide]


def _codes(contents: Mapping[str, Rows], table: str) -> Sequence[str]:
    rows = contents.get(table)
    return [] if rows is None else [str(row[rows[0].index("code")]) for row in rows[1:]]
