"""GRAS: RAS for matrices with negative cells.

Junius and Oosterhaven, Economic Systems Research 15 (2003) 87-96; objective as corrected by Lenzen, Wood and
Gallego, 19 (2007) 461-465; rows without positive cells as in Temurshoev, Miller and Bouwmeester, 25 (2013) 361-367.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.national.balance.dual import Dual, newton
from lustrum.accounts.national.balance.ras import ROUNDS, WHY
from lustrum.accounts.national.balance.result import TOLERANCE, Balanced, Figures, what_moved
from lustrum.accounts.national.balance.totals import clear_impossible, far, not_met, possible, prepare


def gras(
    Z0: ArrayLike,
    row_totals: ArrayLike,
    column_totals: ArrayLike,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = ROUNDS,
) -> Balanced:
    """Balance a matrix with cells of both signs: Z = diag(r) P diag(s) − diag(1/r) N diag(1/s), Z0 = P − N.

    Of all tables with these totals and the signs of Z0 the result minimises Σ |z0| a ln(a/e), where a = z/z0.

    Parameters
    ----------
    Z0
        (m, n) the old figures. Zeros stay zero and signs stay as they are.
    row_totals, column_totals
        (m,) and (n,) totals of any sign, with one sum.
    rows, columns
        Names for messages.
    tolerance
        Largest residual allowed, as a share of what stands in the row or column (absolute values).
    max_iterations
        Rounds over rows and columns before Newton steps on the multipliers take over.

    Raises
    ------
    TableError
        If a total cannot be met with the signs there are, the totals differ in sum, or no table meets all.
    """
    old, u, v, row, column = prepare(Z0, row_totals, column_totals, rows, columns)
    matrix = clear_impossible(old, u, v)
    possible(matrix, u, row, "row")
    possible(matrix.T, v, column, "column")
    P, N = np.maximum(matrix, 0), np.maximum(-matrix, 0)
    r, s = np.ones(len(u)), np.ones(len(v))
    now, iterations = matrix, 0
    while not far(now, u, v) <= tolerance and iterations < max_iterations:
        iterations += 1
        r = _multiplier(u, P @ s, N @ (1 / s))
        s = _multiplier(v, r @ P, (1 / r) @ N)
        now = r[:, None] * P * s - N / r[:, None] / s
    if not far(now, u, v) <= tolerance:
        dual = newton(Dual.margins(matrix, u, v), start=(np.log(r), np.log(s)), tolerance=tolerance)
        now, iterations = dual.matrix, iterations + dual.iterations
        if not far(now, u, v) <= tolerance:
            raise not_met("gras", iterations, now, u, v, row, column)
        r, s = dual.multipliers()
    return Balanced(
        "gras",
        now,
        np.where(matrix.any(axis=1) | ~old.any(axis=1), r, np.nan),
        np.where(matrix.any(axis=0) | ~old.any(axis=0), s, np.nan),
        iterations,
        now.sum(axis=1) - u,
        now.sum(axis=0) - v,
        what_moved("gras", old, now, row, column, iterations, WHY),
    )


def _multiplier(total: Figures, up: Figures, down: Figures) -> Figures:
    """Solve up·r − down/r = total for r > 0, row by row, without cancellation; 1 for a row without cells."""
    root = np.sqrt(total**2 + 4 * up * down)
    plus = np.divide(total + root, 2 * up, out=np.ones_like(total), where=(total >= 0) & (up > 0))
    return np.divide(2 * down, root - total, out=plus, where=(total < 0) & (down > 0))
