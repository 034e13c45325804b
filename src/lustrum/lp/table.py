"""A large dense table that stands at several places of a linear program, each with figures of its own beside it.

A leaf of `coefficients`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

#: Rows of a table that are worked on at a time, so that what is computed from them stays in the cache.
STRIP = 64


class Plain(NamedTuple):
    """What of a table is the matrix's own order."""

    rows: bool
    columns: bool


@dataclass(frozen=True, eq=False)
class Table:
    """left_i · matrix[row_of_i, column_of_j] · right_j at rows_i × columns_j, each of which is named once.

    Rows and columns of the matrix may be used many times: investments of all activities in one asset need the same
    products, which is a matrix of one column.
    """

    rows: np.ndarray
    columns: np.ndarray
    left: np.ndarray
    right: np.ndarray
    matrix: np.ndarray
    row_of: np.ndarray
    column_of: np.ndarray

    @property
    def turned(self) -> Table:
        """The transposed table."""
        return Table(self.columns, self.rows, self.right, self.left, self.matrix.T, self.column_of, self.row_of)

    @cached_property
    def plain(self) -> Plain:
        """Whether it has all of the matrix's rows, and of its columns, in order."""
        return Plain(_whole(self.row_of, self.matrix.shape[0]), _whole(self.column_of, self.matrix.shape[1]))

    def given(self, v: np.ndarray) -> np.ndarray:
        """What the matrix is multiplied by, for vectors (rows of v): a row for each."""
        part = v[:, self.columns] * self.right
        return part if self.plain.columns else _gathered(part, self.column_of, self.matrix)

    def add(self, product: np.ndarray, out: np.ndarray) -> None:
        """Add what came of the matrix, a row for each vector, to the rows of `out`."""
        if not self.plain.rows:
            product = product[:, self.row_of]
        out[:, self.rows] += product * self.left

    def largest(self, weight: np.ndarray) -> np.ndarray:
        """Largest |figure| · weight of its column, for each row."""
        right = np.zeros(self.matrix.shape[1])
        np.maximum.at(right, self.column_of, np.abs(self.right) * weight[self.columns])
        if self.matrix.flags.f_contiguous and not self.matrix.flags.c_contiguous:
            found = np.zeros(self.matrix.shape[0])
            for k in range(0, right.size, STRIP):
                strip = np.abs(self.matrix.T[k : k + STRIP])
                strip *= right[k : k + STRIP, None]
                np.maximum(found, strip.max(axis=0), out=found)
        else:
            found = np.empty(self.matrix.shape[0])
            for k in range(0, found.size, STRIP):
                strip = np.abs(self.matrix[k : k + STRIP])
                strip *= right
                found[k : k + STRIP] = strip.max(axis=1, initial=0.0)
        return np.abs(self.left) * found[self.row_of]

    def counts(self, use: np.ndarray | None = None) -> np.ndarray:
        """Figures other than zero in each row, in all of its columns or in those of the whole that a mask names."""
        column_of = self.column_of if use is None else self.column_of[use[self.columns]]
        if _whole(column_of, self.matrix.shape[1]):
            return np.count_nonzero(self.matrix, axis=1)[self.row_of]
        times = np.bincount(column_of, minlength=self.matrix.shape[1])
        used = np.flatnonzero(times)
        found = np.zeros(self.matrix.shape[0], dtype=np.int64)
        for k in range(0, found.size, STRIP):
            found[k : k + STRIP] = (self.matrix[k : k + STRIP, used] != 0) @ times[used]
        return found[self.row_of]

    def picked(self, row_to: np.ndarray, column_to: np.ndarray) -> Table | None:
        """The table where rows and columns of the whole have gone (-1: are no more); None where nothing is left."""
        r, c = np.flatnonzero(row_to[self.rows] >= 0), np.flatnonzero(column_to[self.columns] >= 0)
        if not r.size or not c.size:
            return None
        return Table(
            row_to[self.rows[r]],
            column_to[self.columns[c]],
            self.left[r],
            self.right[c],
            self.matrix,
            self.row_of[r],
            self.column_of[c],
        )

    def written(self, shape: tuple[int, int]) -> sparse.coo_matrix:
        """The table's figures one by one."""
        part = self.matrix[as_slice(self.row_of)][:, as_slice(self.column_of)]
        i, j = np.nonzero(part)
        values = self.left[i] * part[i, j] * self.right[j]
        keep = values != 0
        at = (self.rows[i[keep]].astype(np.int32), self.columns[j[keep]].astype(np.int32))
        return sparse.coo_matrix((values[keep], at), shape=shape)


class Alike:
    """Tables of one matrix: a product reads the matrix once for all its places."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables, self.matrix = tables, tables[0].matrix
        rows, columns = (np.concatenate([getattr(t, side) for t in tables]) for side in ("rows", "columns"))
        # places one after the other, where all of them are the matrix's own order and no two share a row
        self._columns = columns if all(t.plain.columns for t in tables) else None
        self._rows = rows if all(t.plain.rows for t in tables) and np.unique(rows).size == rows.size else None
        self._right, self._left = (np.concatenate([getattr(t, side) for t in tables]) for side in ("right", "left"))

    def add(self, v: np.ndarray, out: np.ndarray, product: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
        """Add the tables' products with vectors (rows of v) to the rows of `out`; `product` is what multiplies."""
        places = (v.shape[0], len(self.tables))
        if self._columns is None:
            parts = np.stack([t.given(v) for t in self.tables], axis=1)
        else:
            parts = np.take(v, self._columns, axis=1)
            parts *= self._right
        made = product(parts.reshape(places[0] * places[1], -1), self.matrix).reshape(*places, -1)
        if self._rows is None:
            for k, table in enumerate(self.tables):
                table.add(made[:, k], out)
            return
        out[:, self._rows] += made.reshape(places[0], -1) * self._left


def _gathered(part: np.ndarray, index: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Sums, for each column of a matrix, of the parts that have its index."""
    return np.stack([np.bincount(index, row, matrix.shape[1]) for row in part])


def _whole(index: np.ndarray, size: int) -> bool:
    """Whether an index is all places in order."""
    return index.size == size and (size == 0 or (int(index[0]) == 0 and bool((np.diff(index) == 1).all())))


def as_slice(index: np.ndarray) -> slice | np.ndarray:
    """An index as a slice where it is a run."""
    if index.size and int(index[-1]) - int(index[0]) + 1 == index.size and bool((np.diff(index) == 1).all()):
        return slice(int(index[0]), int(index[-1]) + 1)
    return index
