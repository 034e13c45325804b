"""Cells of a sheet: what each holds is a number, a word or a truth value, and anything else is told by its cell."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lustrum.accounts import cells
from lustrum.accounts.cells import Grid
from lustrum.accounts.readers.workbook_scan import letters
from lustrum.errors import TableError
from lustrum.strict_yaml import CONTROL, clip

_DATES = (datetime.date, datetime.time, datetime.timedelta)


class SheetGrid(Grid):
    """The cells of a sheet from A1 on, as a spreadsheet gives them: floats, texts, truth values, dates."""

    def __init__(self, name: str, rows: Sequence[Sequence[Any]], skipped: int | None = None) -> None:
        super().__init__(name, rows)
        self.skipped = skipped

    def without(self, column: int) -> SheetGrid:
        """The same cells without a column; places stay those of the sheet."""
        return SheetGrid(self.name, [[*row[:column], *row[column + 1 :]] for row in self.rows], column)

    def place(self, row: int, column: int | None = None) -> str:
        """`accounts.xlsx: use!C7`."""
        at = column or 0
        return f"{self.name}!{letters(at + (self.skipped is not None and at >= self.skipped))}{row + 1}"

    def line(self, row: int) -> str:
        """`row 7`."""
        return f"row {row + 1}"

    def text(self, row: int, column: int) -> str:
        """A label or word, its ends trimmed."""
        cell = self.rows[row][column]
        if not isinstance(cell, str):
            raise self._no_text(cell, row, column)
        if CONTROL.search(text := cell.strip()):
            raise TableError(
                "cell holds a line break or control character",
                where=self.place(row, column),
                found=clip(text),
                mend="write the cell on one line, as plain text",
            )
        return text

    def _no_text(self, cell: object, row: int, column: int) -> TableError:
        what, mend = "a number", "give the cell the format Text and type it again, so that 01 stays 01"
        if isinstance(cell, bool):
            what, mend = "TRUE or FALSE", "give the cell the format Text and type the word again"
        elif isinstance(cell, _DATES):
            what, mend = "a date", "the program took a code such as 1-2 for a date: format as Text, type it again"
        return TableError(
            f"{what} stands where a label or word belongs",
            where=self.place(row, column),
            found=_shown(cell),
            expected="text",
            mend=mend,
        )

    def number(self, row: int, column: int) -> float:
        """A finite figure. Text that looks like one is refused: formulas of the workbook pass it over."""
        cell = self.rows[row][column]
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            if not math.isfinite(cell):
                raise TableError(
                    "cell is not a number",
                    where=self.place(row, column),
                    found=_shown(cell),
                    expected="a number",
                    mend="write the figure again",
                )
            return cells.sized(float(cell), cell, self.place(row, column))
        raise self._no_number(cell, row, column)

    def _no_number(self, cell: object, row: int, column: int) -> TableError:
        where = self.place(row, column)
        if isinstance(cell, bool):
            return TableError(
                "TRUE or FALSE stands where a number belongs",
                where=where,
                found=_shown(cell),
                expected="a number",
                mend="write the figure",
            )
        if isinstance(cell, _DATES):
            return TableError(
                "a date stands where a number belongs",
                where=where,
                found=_shown(cell),
                expected="a number",
                mend="the program took a figure such as 1.5 for a date: format as Number, type the figure again",
            )
        text = str(cell).strip()
        if cells.looks_like_number(text):
            return TableError(
                "a number is stored as text",
                where=where,
                found=clip(cell),
                expected="a number",
                mend="select the cells and choose 'Convert to number', or type it again",
            )
        if "," in text and cells.looks_like_number(text.replace(",", ".", 1)):
            return TableError(
                "a number with a decimal comma is stored as text",
                where=where,
                found=clip(cell),
                expected="a number",
                mend="replace the comma by the decimal sign of your program, so that the cell becomes a number",
            )
        return TableError(
            "cell is not a number" if text else "cell is empty",
            where=where,
            found=clip(cell),
            expected="a number",
            mend=cells.number_mend(text),
        )

    def any_number(self, row: int, column: int) -> float:
        """A figure of any size; not a number where there is none."""
        cell = self.rows[row][column]
        return float(cell) if isinstance(cell, float | int) and not isinstance(cell, bool) else math.nan

    def boolean(self, row: int, column: int) -> float:
        """TRUE/FALSE, 1/0, or the words true/false, yes/no."""
        cell = self.rows[row][column]
        if isinstance(cell, bool):
            return float(cell)
        if isinstance(cell, float | int) and cell in (0, 1):
            return float(cell)
        return cells.boolean(str(cell).strip(), self.place(row, column))

    def year(self, row: int, column: int) -> int:
        """A calendar year, as a whole number or as text of digits, which cannot be mistaken."""
        cell = self.rows[row][column]
        if isinstance(cell, str):
            return cells.year(cell.strip(), self.place(row, column))
        if isinstance(cell, float | int) and not isinstance(cell, bool) and 0 <= cell <= 9999 and cell == int(cell):
            return int(cell)
        mend = "write the year as a number"
        if isinstance(cell, _DATES):
            mend = "format the cell as Number and write the year alone"
        raise TableError(
            "cell is not a year",
            where=self.place(row, column),
            found=_shown(cell),
            expected="a calendar year such as 2025",
            mend=mend,
        )

    def figures(self, row: int, is_bool: bool) -> np.ndarray:
        """The figures of a row, from the second cell on."""
        given = self.rows[row][1:]
        if not is_bool and all(type(c) is float for c in given):
            values = np.array(given)
            sizes = np.abs(values)
            if np.all((sizes <= cells.LARGEST) & ((sizes >= cells.SMALLEST) | (sizes == 0))):
                return values
        return super().figures(row, is_bool)


def _shown(cell: object) -> str:
    """A cell as people see it."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return clip(cell) if isinstance(cell, str) else str(cell)[:60]
