"""Workbooks for the tests of bad input: a small sound one, and ways to spoil its cells, its sheets and its bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

Sheets = dict[str, list[list[Any]]]
#: Something done to the open workbook (xlsxwriter): sheets by name, and the workbook.
Touch = Callable[[Mapping[str, Any], Any], object]

#: The dale of `tests.bad_input.reading`, made smaller: all kinds of tables in as few sheets as may be.
DALE: Sheets = {
    "economy": [
        ["key", "value"],
        ["format", "lustrum-economy/1"],
        ["name", "dale"],
        ["base_year", 2025],
        ["money", "crowns"],
        ["notes", "Made up."],
    ],
    "products": [["code", "name", "unit"], ["corn", "Corn", ""], ["cloth", "Cloth", ""], ["tools", "Tools", "pieces"]],
    "activities": [["code", "name"], ["farms", "Farms"], ["mills", "Mills"], ["forges", "Forges"]],
    "skills": [["code"], ["hands"]],
    "output": [["activity", "value"], ["farms", 100], ["mills", 50], ["forges", 40]],
    "supply": [["product", "activity", "value"], ["corn", "farms", 1], ["cloth", "mills", 1], ["tools", "forges", 1]],
    "use_flows": [
        ["product \\ activity", "farms", "mills", "forges"],
        ["corn", 20, 5, 0],
        ["cloth", 0, 5, 0],
        ["tools", 10, 5, 5],
    ],
    "labour_supply": [["skill", "year", "value"], ["hands", 2025, 90.5], ["hands", 2026, 91.5]],
    "storable": [["product", "value"], ["corn", True], ["cloth", False], ["tools", False]],
}


def book(path: Path, changes: Mapping[str, list[list[Any]] | None] | None = None, touch: Touch | None = None) -> Path:
    """Write the dale with sheets changed, added or (None) left out, and something done to it before it is closed."""
    sheets: Mapping[str, list[list[Any]] | None] = {**DALE, **(changes or {})}
    workbook = xlsxwriter.Workbook(path)
    made = {}
    for name, rows in sheets.items():
        if rows is None:
            continue
        made[name] = workbook.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                put(made[name], r, c, cell)
    if touch is not None:
        touch(made, workbook)
    workbook.close()
    return path


def put(sheet: Any, row: int, column: int, cell: Any) -> None:
    """Write a cell as what it is; text stays text, and None is nothing."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell)


def cell(sheet: str, row: int, column: int, value: Any) -> dict[str, list[list[Any]]]:
    """One cell of a sheet changed; rows and columns from 0."""
    rows = [list(r) for r in DALE[sheet]]
    while len(rows) <= row:
        rows.append([None] * len(rows[0]))
    rows[row] += [None] * (column + 1 - len(rows[row]))
    rows[row][column] = value
    return {sheet: rows}


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(contents: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED, level: int = 1) -> bytes:
    """Parts put together again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how, compresslevel=level) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return out.getvalue()


def edit(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Replace something in the XML of a part."""
    contents = parts(path)
    assert old in contents[part], (part, old, contents[part][:2000])
    contents[part] = contents[part].replace(old, new, 1)
    path.write_bytes(archive(contents))
    return path


def sheet_part(name: str) -> str:
    """The part of a sheet of the dale."""
    return f"xl/worksheets/sheet{[*DALE].index(name) + 1}.xml"
