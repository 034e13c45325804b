"""Which of the matrices that stand in a problem become shared tables, and which are written out.

Matrices at the same rows and columns (inputs and supply of one year) are added up first, once for all years in which
they meet in the same way. A table has to be large and dense, and alone at its places; everything else is written out,
so that the sum of entries and tables is the problem in every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.lp import coefficients
from lustrum.lp.table import STRIP, Table

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Block:
    """A coefficient matrix that stands at `rows` × `columns` times `factor` (-1: nothing there).

    With `same`, its only column stands at each of the columns.
    """

    rows: np.ndarray
    columns: np.ndarray
    matrix: np.ndarray
    factor: float
    same: bool = False

    def table(self) -> Table:
        """Where the matrix stands."""
        r, c = np.flatnonzero(self.rows >= 0), np.flatnonzero(self.columns >= 0)
        return Table(
            self.rows[r],
            self.columns[c],
            np.full(r.size, self.factor),
            np.ones(c.size),
            self.matrix,
            r,
            np.zeros_like(c) if self.same else c,
        )

    def entries(self, shape: tuple[int, int]) -> Entries:
        """Rows, columns and figures other than zero."""
        found = self.table().written(shape)
        return found.row, found.col, found.data


def shared_tables(
    blocks: Sequence[Block], entries: Sequence[Entries], shape: tuple[int, int]
) -> tuple[tuple[Table, ...], list[Entries]]:
    """The tables, and the entries of all blocks that are none."""
    known: dict[int, bool] = {}
    found: list[tuple[Table, list[Block]]] = []
    written = []
    for block, parts in _merged(blocks):
        table = block.table()
        alone = all(not _meet(table, other) for other, _ in found)
        if alone and _worth(table, known):
            found.append((table, parts))
        else:
            written += [part.entries(shape) for part in parts]
    tables = []
    for table, parts in found:
        if _met(table, [*entries, *written], shape):
            written += [part.entries(shape) for part in parts]
        else:
            tables.append(table)
    return tuple(tables), written


def _merged(blocks: Iterable[Block]) -> list[tuple[Block, list[Block]]]:
    """Blocks at the same places added up, with what they were added up from; equal sums are one array."""
    places: dict[tuple[bytes, bytes], list[Block]] = {}
    for block in blocks:
        key = b"" if block.same else block.columns.tobytes()
        places.setdefault((block.rows.tobytes(), key), []).append(block)
    sums: dict[tuple[object, ...], np.ndarray] = {}
    out = []
    for parts in places.values():
        first = parts[0]
        if len(parts) == 1 or first.same or first.matrix.size < coefficients.LEAST:
            out += [(part, [part]) for part in parts]
            continue
        named = tuple(x for part in parts for x in (*in_memory(part.matrix), part.factor))
        if named not in sums:
            total = first.factor * first.matrix
            for part in parts[1:]:
                for k in range(0, total.shape[0], STRIP):
                    total[k : k + STRIP] += part.factor * part.matrix[k : k + STRIP]
            sums[named] = total
        out.append((Block(first.rows, first.columns, sums[named], 1.0), parts))
    return out


def in_memory(matrix: np.ndarray) -> tuple[object, ...]:
    """What tells whether two arrays are the same figures in memory."""
    return matrix.__array_interface__["data"][0], matrix.shape, matrix.strides


def _worth(table: Table, known: dict[int, bool]) -> bool:
    """Whether a table is large and dense enough to be kept as one."""
    if table.rows.size * table.columns.size < coefficients.LEAST:
        return False
    key = id(table.matrix)
    if key not in known:
        known[key] = bool(np.count_nonzero(table.matrix) >= coefficients.DENSE * table.matrix.size)
    return known[key]


def _meet(a: Table, b: Table) -> bool:
    """Whether two tables share a place."""
    return bool(np.isin(a.rows, b.rows).any() and np.isin(a.columns, b.columns).any())


def _met(table: Table, entries: Sequence[Entries], shape: tuple[int, int]) -> bool:
    """Whether an entry stands where a table does."""
    row, column = np.zeros(shape[0], dtype=bool), np.zeros(shape[1], dtype=bool)
    row[table.rows], column[table.columns] = True, True
    return any(bool((row[r] & column[c]).any()) for r, c, _ in entries)
