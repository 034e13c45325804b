"""Can totals be met at all: checks before balancing starts, each with the row or column at fault."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.national.balance.result import Figures
from lustrum.errors import TableError

#: Sums of row and column totals that differ by less than this are one sum with the computer's rounding.
SAME = 1e-9


def prepare(
    Z0: ArrayLike,
    row_totals: ArrayLike,
    column_totals: ArrayLike,
    rows: Sequence[str] | None,
    columns: Sequence[str] | None,
) -> tuple[Figures, Figures, Figures, list[str], list[str]]:
    """Check shapes, finiteness and the two grand totals; name what has no name.

    Raises
    ------
    TableError
        If shapes do not fit, a figure is not finite, or row and column totals have different sums.
    """
    matrix = np.array(Z0, dtype=float)
    u, v = np.array(row_totals, dtype=float), np.array(column_totals, dtype=float)
    if matrix.ndim != 2 or u.shape != matrix.shape[:1] or v.shape != matrix.shape[1:]:
        raise TableError(
            "totals do not fit the matrix",
            found=f"{u.shape} and {v.shape} for {matrix.shape}",
            mend="give one total for each row and each column",
        )
    row, column = names(rows, len(u), "row"), names(columns, len(v), "column")
    for figures, words in ((matrix, "a cell"), (u, "a row total"), (v, "a column total")):
        if not np.isfinite(figures).all():
            at = np.argwhere(~np.isfinite(figures))[0].tolist()
            where = f"{row[at[0]]}, {column[at[1]]}" if len(at) == 2 else (row if figures is u else column)[at[0]]
            raise TableError(f"{words} is no finite number", where=where, mend="give a number")
    size = max(float(np.abs(u).sum()), float(np.abs(v).sum()))
    gap = float(u.sum() - v.sum())
    if abs(gap) > SAME * size:
        raise TableError(
            "row totals and column totals add up to different sums",
            where="totals",
            found=f"rows {u.sum():.12g}, columns {v.sum():.12g}, difference {gap:.6g}",
            expected="one grand total",
            mend="correct a total, or spread the difference first",
        )
    return matrix, u, v, row, column


def names(given: Sequence[str] | None, count: int, what: str) -> list[str]:
    """Return names of rows or columns: those given, or numbers from 1."""
    return [str(g) for g in given] if given is not None else [f"{what} {k + 1}" for k in range(count)]


def possible(matrix: Figures, totals: Figures, labels: Sequence[str], what: str) -> None:
    """Refuse a total that the signs of its row's cells cannot make.

    Raises
    ------
    TableError
        Naming the row or column: empty with a total, or cells of the other sign only.
    """
    up, down = np.asarray((matrix > 0).any(axis=1)), np.asarray((matrix < 0).any(axis=1))
    for k in np.flatnonzero((totals > 0) & ~up | (totals < 0) & ~down)[:1].tolist():
        empty = not up[k] and not down[k]
        cells = "no cell is other than zero" if empty else f"only {'positive' if up[k] else 'negative'} cells"
        raise TableError(
            f"the total of {what} {labels[k]!r} cannot be met",
            where=f"{what} {labels[k]}",
            found=f"total {totals[k]:.6g}, {cells}",
            expected="a total that its cells can add up to",
            mend="give the total 0, leave it out, or put a first estimate in a cell: zeros and signs stay as they are",
        )


def clear_impossible(matrix: Figures, u: Figures, v: Figures) -> Figures:
    """Return the matrix without cells that must be zero: total zero, and cells of one sign only. Runs to the end."""
    out = matrix.copy()
    while True:
        empty_rows = (u == 0) & ~((out > 0).any(axis=1) & (out < 0).any(axis=1)) & out.any(axis=1)
        out[empty_rows] = 0.0
        empty_columns = (v == 0) & ~((out > 0).any(axis=0) & (out < 0).any(axis=0)) & out.any(axis=0)
        out[:, empty_columns] = 0.0
        if not empty_rows.any() and not empty_columns.any():
            return out


def not_met(
    method: str, iterations: int, matrix: Figures, u: Figures, v: Figures, rows: Sequence[str], columns: Sequence[str]
) -> TableError:
    """Say which total was furthest from being met when balancing stopped."""
    worst: list[tuple[float, str, float, float]] = []
    for what, sums, totals, labels in (
        ("row", matrix.sum(axis=1), u, rows),
        ("column", matrix.sum(axis=0), v, columns),
    ):
        gap = np.abs(sums - totals)
        k = int(np.argmax(gap))
        worst.append((float(gap[k]), f"{what} {labels[k]}", float(sums[k]), float(totals[k])))
    _, where, reached, asked = max(worst)
    return TableError(
        f"{method.upper()} does not converge: no table with these zeros and signs has these totals",
        where=where,
        found=f"{reached:.6g} after {iterations} rounds",
        expected=f"{asked:.6g}",
        mend="check this total and those of the cells' other side; put an estimate where a zero should not be one",
    )


def far(matrix: Figures, u: Figures, v: Figures) -> float:
    """Return the largest residual, relative to what stands in its row or column."""
    size = np.abs(matrix)
    gaps = [
        np.abs(matrix.sum(axis=a) - t) / np.maximum(size.sum(axis=a) + np.abs(t), 1e-300) for a, t in ((1, u), (0, v))
    ]
    return max((float(g.max()) for g in gaps if g.size), default=0.0)
