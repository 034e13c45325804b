"""The sheets of a workbook: each as cells from A1 on, or the reason why it cannot be taken as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from lustrum.accounts.extras import require
from lustrum.accounts.readers.workbook_grid import SheetGrid
from lustrum.accounts.readers.workbook_scan import (
    MAX_CELLS,
    letters,
    require_bounded_text,
    scan_sheet,
    shared_lengths,
    walk,
)
from lustrum.accounts.readers.workbook_zip import damaged, open_parts, packed
from lustrum.errors import TableError

_UNKNOWN = "its values were never calculated: open the workbook in a spreadsheet program and save it"


@dataclass(frozen=True)
class Sheet:
    """What the workbook says of one sheet."""

    name: str
    part: str
    hidden: bool


class Book:
    """An .xlsx file that was looked over.

    Raises
    ------
    TableError
        If it is no workbook, is damaged, or would grow beyond measure.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts = open_parts(path)
        self.sheets = {s.name: s for s in self._list()}
        shared = [n for n in self._parts if n.startswith("xl/sharedStrings")]
        self._lengths = [length for n in shared for length in shared_lengths(path, n, self._parts[n])]
        for name in self._parts:
            if not name.startswith(("xl/worksheets/", "xl/sharedStrings")):
                walk(path, name, self._parts[name], lambda _, __: None)
        self._open: Any = None

    def _list(self) -> list[Sheet]:
        targets: dict[str, str] = {}
        sheets: list[tuple[str, str, bool]] = []
        self._never_calculated = False

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                place = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
                targets[attributes.get("Id", "")] = place

        def sheet(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet":
                found = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes.get("name", ""), found, hidden))
            elif name == "calcPr":
                self._never_calculated = attributes.get("fullCalcOnLoad") in ("1", "true")

        relations = "xl/_rels/workbook.xml.rels"
        if relations not in self._parts:
            raise damaged(self.path, f"{relations} is missing")
        walk(self.path, relations, self._parts[relations], relation)
        walk(self.path, "xl/workbook.xml", self._parts["xl/workbook.xml"], sheet)
        names = [name for name, _, _ in sheets]
        for name in names:
            if names.count(name) > 1:
                raise damaged(self.path, f"two sheets are called {name[:31]!r}")
        return [Sheet(name, targets.get(found, ""), hidden) for name, found, hidden in sheets]

    def _read(self, read: Callable[[Any], Any]) -> Any:
        """Ask python-calamine, whose errors and panics over damaged files become ours."""
        calamine = require("python_calamine", "excel", "workbooks need")
        try:
            if self._open is None:
                self._open = calamine.CalamineWorkbook.from_filelike(packed(self._parts))
            return read(self._open)
        except BaseException as e:
            if isinstance(e, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            raise damaged(self.path, str(e) or type(e).__name__) from None

    def grid(self, name: str) -> SheetGrid | None:
        """Return the cells of a sheet; None where it is a form nobody filled in.

        Raises
        ------
        TableError
            With the cell, for what would be read as something else than people see: hidden rows, columns
            or sheets, merged cells, formula errors, formulas without values.
        """
        sheet = self.sheets[name]
        if sheet.hidden:
            raise TableError(
                "a sheet with a table's name is hidden",
                where=f"{self.path.name}: {name}!A1",
                mend="unhide it, or delete it",
            )
        if sheet.part not in self._parts:
            raise TableError(
                "not a sheet of cells",
                where=f"{self.path.name}: {name}!A1",
                found="a chart or macro sheet, or nothing",
                mend="put the table on a worksheet",
            )
        formulas = self._scan(sheet)
        rows = self._read(lambda book: book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        grid = SheetGrid(f"{self.path.name}: {name}", _table(self.path.name, name, rows))
        for cell in formulas:
            row, column = _position(cell)
            if row >= len(rows) or column >= len(rows[row]) or rows[row][column] == "":
                raise TableError(
                    "formula without a value", where=f"{self.path.name}: {name}!{cell}", found="empty", mend=_UNKNOWN
                )
        return None if _unfilled(grid.rows) else grid

    def cells(self, name: str) -> list[list[Any]]:
        """Return the cells of an office's sheet as they stand, whatever it hides or merges.

        A cell with a formula error holds `#ERROR`, a formula without a value `#UNCALCULATED`: neither may pass as
        an empty cell.
        """
        sheet = self.sheets[name]
        if sheet.part not in self._parts:
            return []
        content = self._parts[sheet.part]
        scan = scan_sheet(self.path, sheet.name, sheet.part, content)
        require_bounded_text(self.path, sheet.name, sheet.part, content, scan, self._lengths)
        rows: list[list[Any]] = self._read(lambda book: book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        marks = [(cell, "#ERROR") for cell, _ in scan.errors] + [(cell, "#UNCALCULATED") for cell in scan.formulas]
        for cell, mark in marks:
            row, column = _position(cell)
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
                rows[row][column] = mark
        return rows

    def _scan(self, sheet: Sheet) -> list[str]:
        """Refuse what would be read as something else than people see; return the cells with formulas."""
        content = self._parts[sheet.part]
        scan = scan_sheet(self.path, sheet.name, sheet.part, content)
        require_bounded_text(self.path, sheet.name, sheet.part, content, scan, self._lengths)
        at = f"{self.path.name}: {sheet.name}!"
        if scan.hidden_rows:
            raise TableError(
                "a row is hidden",
                where=f"{at}A{scan.hidden_rows[0]}",
                found=f"{len(scan.hidden_rows):,} hidden or filtered rows, the first row {scan.hidden_rows[0]}",
                mend="clear the filter and unhide all rows, or delete what does not belong",
            )
        if scan.hidden_columns:
            first, last = scan.hidden_columns[0]
            raise TableError(
                "a column is hidden",
                where=f"{at}{letters(first - 1)}1",
                found=f"columns {letters(first - 1)} to {letters(min(last, 16_384) - 1)}",
                mend="unhide all columns, or delete those that do not belong",
            )
        if scan.merged:
            raise TableError(
                "cells are merged",
                where=f"{at}{scan.merged[0]}",
                found=f"{len(scan.merged)} merged ranges",
                mend="unmerge them: one figure, one cell",
            )
        if scan.errors:
            cell, text = scan.errors[0]
            raise TableError(
                "cell holds a formula error",
                where=f"{at}{cell}",
                found=text or "an error",
                expected="a number",
                mend="mend the formula",
            )
        if scan.formulas and self._never_calculated:
            raise TableError(
                "formula without a value",
                where=f"{at}{scan.formulas[0]}",
                found="a workbook that is to be calculated when it is opened",
                mend=_UNKNOWN,
            )
        return scan.formulas


def _table(book: str, sheet: str, rows: list[list[Any]]) -> list[list[Any]]:
    """Rows of the table: as wide as its header, blank rows at the end left out."""
    while rows and _blank(rows[-1]):
        rows.pop()
    if not rows:
        return []
    width = max((k + 1 for k, c in enumerate(rows[0]) if c != ""), default=0)
    if not width or rows[0][0] == "":
        raise TableError(
            "the table does not begin in the cell A1",
            where=f"{book}: {sheet}!A1",
            found="empty",
            expected="the header of the first column",
            mend="delete the rows above and the columns left of the table; a wide table may have any word in A1",
        )
    out = []
    for r, row in enumerate(rows):
        if _blank(row):
            raise TableError(
                "a row within the table is blank",
                where=f"{book}: {sheet}!A{r + 1}",
                mend="delete the row; one table a sheet",
            )
        outside = next((k for k in range(width, len(row)) if row[k] != ""), None)
        if outside is not None:
            raise TableError(
                "a cell stands outside of the table",
                where=f"{book}: {sheet}!{letters(outside)}{r + 1}",
                found=str(row[outside])[:60],
                expected=f"a header in {letters(outside)}1, or nothing",
                mend="move notes to a sheet whose name begins with #",
            )
        out.append(row[:width])
    return out


def _blank(row: list[Any]) -> bool:
    return all(c == "" for c in row)


def _unfilled(rows: Any) -> bool:
    """A form as the template gives it: a header alone, or labels without a single figure."""
    if len(rows) <= 1:
        return True
    header = rows[0]
    if "value" in header:
        k = header.index("value")
        return all(row[k] == "" for row in rows[1:])
    if "code" in header or "step" in header or "key" in header:
        return False
    return all(_blank(row[1:]) for row in rows[1:])


def _position(cell: str) -> tuple[int, int]:
    """Row and column, from 0, of a cell such as C7."""
    name = cell.rstrip("0123456789")
    column = 0
    for c in name:
        column = column * 26 + ord(c) - 64
    return int(cell[len(name) :]) - 1, column - 1


__all__ = ["MAX_CELLS", "Book", "Sheet"]
