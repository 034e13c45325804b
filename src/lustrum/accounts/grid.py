"""A header and rows of cells, wherever they come from, with the words for every place in them.

Tables are read from a `Grid` (`lustrum.accounts.tables`), so that a CSV file and a sheet of a workbook take
the same walk. Rows and columns count from 0, the header being row 0.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from lustrum.accounts import cells
from lustrum.strict_yaml import clip


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
        return cells.number(self.rows[row][column], self.place(row, column))

    def any_number(self, row: int, column: int) -> float:
        """A figure of any size; not a number where there is none."""
        try:
            return float(self.rows[row][column])
        except ValueError:
            return math.nan

    def boolean(self, row: int, column: int) -> float:
        """true/false, yes/no, 1/0."""
        return cells.boolean(self.rows[row][column], self.place(row, column))

    def year(self, row: int, column: int) -> int:
        """A calendar year."""
        return cells.year(self.rows[row][column], self.place(row, column))
