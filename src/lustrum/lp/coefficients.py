"""Coefficients of a linear program: sparse entries, and large dense tables that are kept once for all their places.

The same input-output table stands in every year of a plan. A `Table` says where: rows and columns of the whole, and a
figure for each of them that the table's own figure is multiplied by. Whatever is asked of the coefficients (products,
largest figures, counts) is answered from entries and tables; nothing is written out but by `explicit` and `dense`.

A leaf of `problem`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy import sparse

from lustrum.lp.table import STRIP, Alike, Table, as_slice

#: A smaller matrix is written out: sparse products with it are as quick (60 sectors were; 100 were not).
LEAST = 10_000
#: So is one with fewer figures other than zero, as a share of all.
DENSE = 0.25
#: Rows of a product with a table that are worked on at a time.
WIDE = 128


class Coefficients:
    """Sparse entries and tables; the figure at a place is the sum of both.

    Parameters
    ----------
    entries
        What is written out, canonical (sorted, each place once).
    tables
        Dense tables, no two of which share a place. In a `Problem` no entry and table do.
    """

    def __init__(self, entries: sparse.csr_matrix, tables: tuple[Table, ...] = ()) -> None:
        self.entries = entries
        self.tables = tables
        self.shape: tuple[int, int] = entries.shape

    @cached_property
    def explicit(self) -> sparse.csr_matrix:
        """All figures one by one: for those who need them so, and for small plans."""
        if not self.tables:
            return self.entries
        found = self.entries
        for table in self.tables:
            found = found + table.written(self.shape).tocsr()
        return sparse.csr_matrix(found)

    @cached_property
    def nonzeros(self) -> int:
        """Number of figures other than zero."""
        return int(self.entries.nnz + sum(int(t.counts().sum()) for t in self.tables))

    @cached_property
    def T(self) -> Coefficients:  # noqa: N802 - as arrays name it
        """The transposed coefficients; tables are shared."""
        found = Coefficients(sparse.csr_matrix(self.entries.T), tuple(t.turned for t in self.tables))
        return found

    def __matmul__(self, v: np.ndarray) -> np.ndarray:
        """Product with a vector, or with a stack of vectors side by side."""
        out = self._by_entries(v)
        if not self.tables:
            return out
        given, added = np.atleast_2d(v.T), np.zeros(np.atleast_2d(v.T).shape[:1] + self.shape[:1])
        for tables in self._alike:
            tables.add(given, added, self._by_table)
        out += added[0] if v.ndim == 1 else added.T
        return out

    def _by_entries(self, v: np.ndarray) -> np.ndarray:
        """What entries make of vectors."""
        return np.asarray(self.entries @ v)

    def _by_table(self, parts: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """What a table's matrix makes of vectors, a row each."""
        return np.asarray(parts @ matrix.T)

    @cached_property
    def _alike(self) -> list[Alike]:
        """Tables of one matrix together."""
        found: dict[tuple[object, ...], list[Table]] = {}
        for t in self.tables:
            found.setdefault((t.matrix.__array_interface__["data"][0], t.matrix.shape, t.matrix.strides), []).append(t)
        return list(map(Alike, found.values()))

    def largest(self, weight: np.ndarray | None = None) -> np.ndarray:
        """Largest |figure| · weight of its column, for each row; 0 where there is none. Weights are not negative."""
        data = np.abs(self.entries.data) if weight is None else np.abs(self.entries.data) * weight[self.entries.indices]
        out = _row_max(self.entries.indptr, data)
        one = np.ones(self.shape[1]) if weight is None else weight
        for table in self.tables:
            out[table.rows] = np.maximum(out[table.rows], table.largest(one))
        return out

    def counts(self, use: np.ndarray | None = None) -> np.ndarray:
        """Figures in each row, in all columns or in those that a mask names."""
        if use is None:
            out = np.diff(self.entries.indptr).astype(np.int64)
        else:
            row = np.repeat(np.arange(self.shape[0]), np.diff(self.entries.indptr))
            out = np.bincount(row[use[self.entries.indices]], minlength=self.shape[0])
        for table in self.tables:
            out[table.rows] += table.counts(use)
        return out

    def scaled(self, row: np.ndarray, column: np.ndarray) -> Coefficients:
        """Rows and columns times a figure each."""
        e = self.entries
        data = e.data * column[e.indices] * np.repeat(row, np.diff(e.indptr))
        tables = (replace(t, left=t.left * row[t.rows], right=t.right * column[t.columns]) for t in self.tables)
        return Coefficients(sparse.csr_matrix((data, e.indices, e.indptr), shape=e.shape), tuple(tables))

    def chosen(self, rows: np.ndarray) -> sparse.csr_matrix:
        """Some rows, written out; a row may be asked for many times."""
        some, back = np.unique(rows, return_inverse=True)
        place = np.full(self.shape[0], -1)
        place[some] = np.arange(some.size)
        found = self.entries[some]
        for table in self.tables:
            part = table.picked(place, np.arange(self.shape[1]))
            if part is not None:
                found = found + part.written(found.shape).tocsr()
        return sparse.csr_matrix(found)[back]

    def picked_rows(self, use: np.ndarray) -> Coefficients:
        """The rows that a mask names; where that is all, the same."""
        if use.all():
            return self
        row_to = np.where(use, np.cumsum(use) - 1, -1)
        tables = (t.picked(row_to, np.arange(self.shape[1])) for t in self.tables)
        return Coefficients(self.entries[np.flatnonzero(use)], tuple(t for t in tables if t is not None))

    def untabled(self, rows: np.ndarray, columns: np.ndarray) -> Coefficients:
        """The same with every table written out that has one of these rows or columns (masks)."""
        touched = [bool(rows[t.rows].any() or columns[t.columns].any()) for t in self.tables]
        if not any(touched):
            return self
        out = Coefficients(self.entries, tuple(t for t, hit in zip(self.tables, touched, strict=True) if hit)).explicit
        return Coefficients(out, tuple(t for t, hit in zip(self.tables, touched, strict=True) if not hit))

    def tabled(self) -> np.ndarray:
        """Mask of the rows in which a table stands."""
        out = np.zeros(self.shape[0], dtype=bool)
        for table in self.tables:
            out[table.rows] = True
        return out

    def with_rows(self, more: sparse.csr_matrix) -> Coefficients:
        """The same with entries in further rows below."""
        return Coefficients(sparse.vstack([self.entries, more], format="csr"), self.tables)

    def with_columns(self, more: sparse.csr_matrix) -> Coefficients:
        """The same with entries in further columns to the right."""
        return Coefficients(sparse.csr_matrix(sparse.hstack([self.entries, more])), self.tables)

    def dense(self, weight: np.ndarray) -> np.ndarray:
        """Rows times a figure each, as a plain array by rows."""
        out = np.zeros(self.shape)
        for t in self.tables:
            rows, columns, down, across = map(as_slice, (t.rows, t.columns, t.row_of, t.column_of))
            lead = weight[t.rows] * t.left
            if not all(isinstance(x, slice) for x in (rows, columns, down, across)):
                out[t.rows[:, None], t.columns] = lead[:, None] * t.matrix[down][:, across] * t.right
                continue
            place, part = out[rows, columns], t.matrix[down, across]
            for k in range(0, lead.size, STRIP):
                strip = place[k : k + STRIP]
                np.multiply(part[k : k + STRIP], t.right, out=strip)
                strip *= lead[k : k + STRIP, None]
        row = np.repeat(np.arange(self.shape[0]), np.diff(self.entries.indptr))
        out[row, self.entries.indices] += self.entries.data * weight[row]
        return out

    def left(self, few: sparse.csr_matrix) -> np.ndarray:
        """A sparse matrix times the coefficients, as a plain array."""
        out: np.ndarray = (few @ self.entries).toarray()
        for t in self.tables:
            place, lead = np.zeros(self.shape[0], dtype=np.int64), np.zeros(self.shape[0])
            place[t.rows], lead[t.rows] = t.row_of, t.left
            columns, across = as_slice(t.columns), as_slice(t.column_of)
            one = bool((np.diff(few.indptr) == 1).all()) and isinstance(columns, slice) and isinstance(across, slice)
            for k in range(0, out.shape[0], WIDE):
                e = min(k + WIDE, out.shape[0])
                at = slice(few.indptr[k], few.indptr[e])
                run = as_slice(place[few.indices[at]])
                if one and isinstance(run, slice):  # rows of the matrix themselves
                    strip = t.matrix[run, across] * t.right
                    strip *= (few.data[at] * lead[few.indices[at]])[:, None]
                    out[k:e, columns] += strip
                    continue
                strip = (
                    sparse.csr_matrix(
                        (
                            few.data[at] * lead[few.indices[at]],
                            place[few.indices[at]],
                            few.indptr[k : e + 1] - few.indptr[k],
                        ),
                        shape=(e - k, t.matrix.shape[0]),
                    )
                    @ t.matrix
                )
                strip = strip[:, across]
                strip *= t.right
                out[k:e, columns] += strip
        return out

    def toarray(self) -> np.ndarray:
        """All figures as a plain array."""
        return self.dense(np.ones(self.shape[0]))


def _row_max(indptr: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Largest figure of each row, none of them negative; 0 where a row is empty."""
    out = np.zeros(indptr.size - 1)
    some = np.flatnonzero(np.diff(indptr))
    if some.size:
        out[some] = np.maximum.reduceat(data, indptr[some])
    return out
