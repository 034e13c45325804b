"""Cells of tables: text to a number, a truth value or a year, and grids of cells that name each place.

Tables are read from a `Grid` (`lustrum.accounts.tables`), so that a CSV file and a sheet of a workbook are read by the
same code. Rows and columns count from 0, the header being row 0.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lustrum.errors import TableError
from lustrum.strict_yaml import clip

#: Sizes of the figures that accounts can hold.
LARGEST, SMALLEST = 1e18, 1e-100

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_MENDS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda c: c == "", "write 0 if it is zero"),
    (lambda c: c.startswith("#"), "this is a spreadsheet error: mend the formula and export again"),
    (lambda c: c.startswith("="), "this is a formula: export its value"),
    (
        lambda c: c.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "", "..", "…"),
        "find the figure, or write 0 if it is zero",
    ),
    (lambda c: c.endswith("%"), "write a share: 0.05 for 5 %"),
    (lambda c: "," in c or "_" in c or " " in c, "write it without thousands separators, with a decimal point"),
    (lambda c: c[0] in "−–—", "write the minus sign as a hyphen"),
    (lambda c: c.startswith("("), "write negative numbers with a minus sign"),
)


def number(cell: str, where: str) -> float:
    """Turn one cell into a finite number, or say what is wrong with it.

    An empty cell is not zero: it is an error, because a silent zero in accounts is a wrong figure. So are
    figures that no measurement has, below 1e-100 and above 1e18 in size: they are slips, and nothing can be
    reckoned with them.
    """
    if not _NUMBER.fullmatch(cell):
        raise TableError(
            "cell is not a number", where=where, found=clip(cell), expected="a number", mend=number_mend(cell)
        )
    return sized(float(cell), cell, where)


def looks_like_number(cell: str) -> bool:
    """Tell whether text is a number as `number` reads it."""
    return _NUMBER.fullmatch(cell) is not None


def number_mend(cell: str) -> str:
    """What to do about text that is no number."""
    return next((words for sign, words in _MENDS if sign(cell)), "write a plain number with a decimal point")


def sized(value: float, cell: object, where: str) -> float:
    """Return a figure whose size can be measured, or say that it cannot."""
    if abs(value) > LARGEST:
        raise TableError(
            "number is too large for accounts",
            where=where,
            found=clip(cell),
            expected=f"at most {LARGEST:g}",
            mend="count in larger units, such as millions",
        )
    if value != 0 and abs(value) < SMALLEST:
        raise TableError(
            "number is too small for accounts",
            where=where,
            found=clip(cell),
            expected=f"0, or at least {SMALLEST:g}",
            mend="write 0",
        )
    return value


def boolean(cell: str, where: str) -> float:
    """Turn true/false, yes/no, 1/0 into 1.0 or 0.0."""
    known = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "": 0.0}
    if cell.lower() not in known:
        raise TableError(
            "cell is not true or false",
            where=where,
            found=clip(cell),
            expected="true or false",
            mend="write true or false",
        )
    return known[cell.lower()]


def year(cell: str, where: str) -> int:
    """Turn one cell into a calendar year."""
    if not (cell.isascii() and cell.isdigit()) or not 1 <= len(cell) <= 4:
        raise TableError(
            "cell is not a year",
            where=where,
            found=clip(cell),
            expected="a calendar year such as 2025",
            mend="write the year with four digits",
        )
    return int(cell)


class Grid(ABC):
    """Cells of one table. Every row is as long as the header.

    Attributes
    ----------
    name
        The table as a whole, for errors: "use.csv".
    rows
        The cells as the source gives them.
    """

    def __init__(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        self.name, self.rows = name, rows

    @property
    def header(self) -> list[str]:
        """The cells of the first row, as text."""
        return [self.text(0, k) for k in range(len(self.rows[0]))]

    def column(self, k: int) -> list[str]:
        """The cells of a column below the header, as text."""
        return [self.text(r, k) for r in range(1, len(self.rows))]

    def shown(self, row: int) -> str:
        """A row in short, for errors."""
        return clip(",".join(map(str, self.rows[row])), 80)

    @abstractmethod
    def place(self, row: int, column: int | None = None) -> str:
        """Name a row or cell, for errors."""

    @abstractmethod
    def line(self, row: int) -> str:
        """Name a row within the table: "line 3"."""

    @abstractmethod
    def text(self, row: int, column: int) -> str:
        """A label or word."""

    @abstractmethod
    def number(self, row: int, column: int) -> float:
        """A finite figure."""

    @abstractmethod
    def any_number(self, row: int, column: int) -> float:
        """A figure of any size; not a number where there is none."""

    @abstractmethod
    def boolean(self, row: int, column: int) -> float:
        """A truth value, as 1 or 0."""

    @abstractmethod
    def year(self, row: int, column: int) -> int:
        """A calendar year."""

    def figures(self, row: int, is_bool: bool) -> np.ndarray:
        """The figures of a row, from the second cell on."""
        read = self.boolean if is_bool else self.number
        return np.array([read(row, k) for k in range(1, len(self.rows[row]))])


class CsvGrid(Grid):
    """Rows of a CSV file; cells are text whose ends are trimmed."""

    def place(self, row: int, column: int | None = None) -> str:
        """`use.csv:3`, `use.csv:3:value`, or, in the header, `use.csv:1:column 2`."""
        at = f"{self.name}:{row + 1}"
        if column is None:
            return at
        return f"{at}:{self.rows[0][column]}" if row else f"{at}:column {column + 1}"

    def line(self, row: int) -> str:
        """`line 3`."""
        return f"line {row + 1}"

    def text(self, row: int, column: int) -> str:
        """A label or word, as it stands."""
        return str(self.rows[row][column])

    def number(self, row: int, column: int) -> float:
        """A finite figure."""
        return number(self.rows[row][column], self.place(row, column))

    def any_number(self, row: int, column: int) -> float:
        """A figure of any size; not a number where there is none."""
        try:
            return float(self.rows[row][column])
        except ValueError:
            return math.nan

    def boolean(self, row: int, column: int) -> float:
        """true/false, yes/no, 1/0."""
        return boolean(self.rows[row][column], self.place(row, column))

    def year(self, row: int, column: int) -> int:
        """A calendar year."""
        return year(self.rows[row][column], self.place(row, column))
