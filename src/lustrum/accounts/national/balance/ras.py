"""RAS: rows and columns scaled in turn until both totals are met (Stone 1961; Bacharach 1970)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.national.balance.dual import Dual, newton
from lustrum.accounts.national.balance.result import TOLERANCE, Balanced, what_moved
from lustrum.accounts.national.balance.totals import clear_impossible, far, not_met, possible, prepare
from lustrum.errors import TableError

#: Rounds after which Newton steps take over: totals that a table can only just reach make rounds slow.
ROUNDS = 40
WHY = "the table nearest to the old one (least information added) that has the new totals"


def ras(
    Z0: ArrayLike,
    row_totals: ArrayLike,
    column_totals: ArrayLike,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = ROUNDS,
) -> Balanced:
    """Balance a matrix without negative cells: Z = diag(r) Z0 diag(s).

    Parameters
    ----------
    Z0
        (m, n) the old figures, none below zero.
    row_totals, column_totals
        (m,) and (n,) totals with one sum.
    rows, columns
        Names for messages.
    tolerance
        Largest residual allowed, as a share of what stands in the row or column.
    max_iterations
        Rounds over rows and columns before Newton steps on the multipliers take over; they have the same solution.

    Raises
    ------
    TableError
        If a cell is negative, a total cannot be met, the two totals differ in sum, or no table meets all.

    Notes
    -----
    Miller and Blair, Input-Output Analysis, 2nd ed. 2009, section 7.4. Of all tables with these totals the
    result minimises Σ z ln(z / z0).
    """
    old, u, v, row, column = prepare(Z0, row_totals, column_totals, rows, columns)
    if (old < 0).any():
        i, j = np.argwhere(old < 0)[0].tolist()
        raise TableError(
            "RAS takes no negative cells",
            where=f"{row[i]}, {column[j]}",
            found=f"{old[i, j]:.6g}",
            mend="use GRAS, which keeps signs",
        )
    matrix = clear_impossible(old, u, v)
    possible(matrix, u, row, "row")
    possible(matrix.T, v, column, "column")
    r, s = np.ones(len(u)), np.ones(len(v))
    now, iterations = matrix, 0
    while not far(now, u, v) <= tolerance and iterations < max_iterations:
        iterations += 1
        r = _ratio(u, matrix @ s)
        s = _ratio(v, r @ matrix)
        now = r[:, None] * matrix * s
    if not far(now, u, v) <= tolerance:
        dual = newton(Dual.margins(matrix, u, v), start=(np.log(r), np.log(s)), tolerance=tolerance)
        now, iterations = dual.matrix, iterations + dual.iterations
        if not far(now, u, v) <= tolerance:
            raise not_met("ras", iterations, now, u, v, row, column)
        r, s = dual.multipliers()
    return Balanced(
        "ras",
        now,
        np.where(matrix.any(axis=1) | (u == 0) & ~old.any(axis=1), r, np.nan),
        np.where(matrix.any(axis=0) | (v == 0) & ~old.any(axis=0), s, np.nan),
        iterations,
        now.sum(axis=1) - u,
        now.sum(axis=0) - v,
        what_moved("ras", old, now, row, column, iterations, WHY),
    )


def _ratio(total: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Total over present sum; 1 for a row that has neither (`possible` has refused one with a total and no cells)."""
    return np.divide(total, present, out=np.ones_like(total), where=present != 0)
