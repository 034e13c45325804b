"""Balancing with side constraints, fixed cells and figures that contradict each other.

In the manner of KRAS (Lenzen, Gallego and Wood, Economic Systems Research 21 (2009) 23-44): any linear constraint
on any cells with any coefficients, and constraints that give way by their reliability. KRAS moves contradicting
totals step by step while it scales; here the compromise is the minimum of one function (see `dual`), so
that it does not depend on the order of the constraints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.national.balance.conflict import contradiction
from lustrum.accounts.national.balance.dual import Dual, newton, side_matrix
from lustrum.accounts.national.balance.result import TOLERANCE, Balanced, Constraint, Figures, what_moved
from lustrum.accounts.national.balance.totals import names
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

WHY = "the table nearest to the old one that meets the totals and the known figures, each as far as its reliability"


def kras(
    Z0: ArrayLike,
    row_totals: ArrayLike | None = None,
    column_totals: ArrayLike | None = None,
    constraints: Sequence[Constraint] = (),
    *,
    readiness: ArrayLike | None = None,
    row_give: ArrayLike = 0.0,
    column_give: ArrayLike = 0.0,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 200,
) -> Balanced:
    """Balance a matrix to totals and to any known sums of cells.

    Parameters
    ----------
    Z0
        (m, n) the old figures; zeros and signs stay.
    row_totals, column_totals
        (m,) and (n,); NaN, or None for all, where a total is not known.
    constraints
        Known figures: Σ coefficients · cells = value, each with its `give`.
    readiness
        (m, n) how readily each cell moves: 1 as usual, 0 fixed, 4 for one that is four times less certain (its
        variance is that many times its size).
    row_give, column_give
        How readily totals give way; see `Constraint.give`.
    rows, columns
        Names for messages.
    tolerance
        Largest residual allowed, as a share of what stands in the sum. A figure that gives way has no residual: what it
        gave is in the changes.

    Returns
    -------
    Balanced
        Minimises Σ |z0| (a ln a − a)/readiness + Σ (sum − figure)²/(2 · give · |figure|), a = z/z0.

    Raises
    ------
    TableError
        If shapes do not fit, or exact figures contradict each other; those at fault are named.
    """
    old = np.array(Z0, dtype=float)
    m, n = old.shape
    row, column = names(rows, m, "row"), names(columns, n, "column")
    u = np.full(m, np.nan) if row_totals is None else np.array(row_totals, dtype=float)
    v = np.full(n, np.nan) if column_totals is None else np.array(column_totals, dtype=float)
    ready = np.ones_like(old) if readiness is None else np.array(readiness, dtype=float)
    if u.shape != (m,) or v.shape != (n,) or ready.shape != (m, n):
        raise TableError(
            "totals do not fit the matrix",
            found=f"{u.shape}, {v.shape} and {ready.shape} for {old.shape}",
            mend="give one total for each row and column, NaN for none",
        )
    if not np.isfinite(old).all() or not (ready >= 0).all():
        raise TableError(
            "a cell or its readiness is no finite number of 0 or more", where="matrix", mend="give numbers"
        )
    for c in constraints:
        _fits(c, m, n)
    value = np.array([c.value for c in constraints], dtype=float)
    cleared = _clear(old, u, v, ready, np.broadcast_to(row_give, m), np.broadcast_to(column_give, n))
    problem = Dual(
        cleared,
        ready,
        u,
        v,
        _variance(row_give, u),
        _variance(column_give, v),
        side_matrix(constraints, (m, n)),
        value,
        _variance([c.give for c in constraints], value),
    )
    found = newton(problem, tolerance=tolerance, max_iterations=max_iterations)
    if not found.residual <= tolerance:
        raise contradiction(problem, found.matrix, row, column, [c.name for c in constraints])
    new = found.matrix
    r, s = found.multipliers()
    side = np.asarray(problem.side @ new.ravel()) - value
    gaps = (new.sum(axis=1) - u, new.sum(axis=0) - v, side)
    changes = what_moved("kras", old, new, row, column, found.iterations, WHY)
    labels = ([f"row {r}" for r in row], [f"column {c}" for c in column], [c.name for c in constraints])
    gives = (problem.row_give, problem.column_give, problem.side_give)
    gave = [
        _gave(name, float(t), float(g))
        for names_, totals, gap, soft in zip(labels, (u, v, value), gaps, gives, strict=True)
        for name, t, g, s in zip(names_, totals, gap, soft, strict=True)
        if s > 0 and abs(g) > tolerance * abs(t)
    ]
    return Balanced(
        "kras",
        new,
        np.where(np.isnan(u), np.nan, r),
        np.where(np.isnan(v), np.nan, s),
        found.iterations,
        gaps[0],
        gaps[1],
        (*changes, *gave),
        np.exp(np.clip(found.side, -700, 700)),
        side,
    )


def _fits(c: Constraint, m: int, n: int) -> None:
    rows, columns = np.asarray(c.rows), np.asarray(c.columns)
    if not len(rows) or len(rows) != len(columns) or len(rows) != len(np.asarray(c.coefficients)):
        raise TableError(
            "a constraint names no cells, or not as many rows as columns and coefficients",
            where=c.name,
            mend="give a row, a column and a coefficient for each of its cells",
        )
    if rows.min() < 0 or columns.min() < 0 or rows.max() >= m or columns.max() >= n:
        raise TableError(
            "a constraint names a cell outside the matrix",
            where=c.name,
            expected=f"{m} by {n} cells",
            mend="correct its position",
        )
    if not np.isfinite([c.value, c.give]).all() or c.give < 0:
        raise TableError(
            "a constraint's value or give is no number, or give is below 0",
            where=c.name,
            found=f"value {c.value}, give {c.give}",
            mend="give is 0 (exact) or more",
        )


def _variance(give: ArrayLike, totals: Figures) -> Figures:
    """Return τ = give · |total|: the same measure as a cell's, whose variance is its size times its readiness."""
    return np.broadcast_to(np.asarray(give, dtype=float), totals.shape) * np.nan_to_num(np.abs(totals))


def _clear(old: Figures, u: Figures, v: Figures, ready: Figures, row_give: Figures, column_give: Figures) -> Figures:
    """Set to zero what an exact total of zero leaves no choice about: free cells of one sign."""
    out = old.copy()
    while True:
        before = np.count_nonzero(out)
        for totals, give, axis in ((u, row_give, 1), (v, column_give, 0)):
            both = (out > 0).any(axis=axis) & (out < 0).any(axis=axis)
            zero = (totals == 0) & (give == 0) & ~both
            mask = (zero[:, None] if axis else zero[None, :]) & (ready > 0)
            out[np.broadcast_to(mask, out.shape)] = 0.0
        if np.count_nonzero(out) == before:  # a cleared cell may leave its other side with one sign
            break
    return out


def _gave(name: str, total: float, gap: float) -> Change:
    return Change(
        "balancing",
        name,
        f"the figure {total:.6g} gave way to {total + gap:.6g}",
        abs(gap),
        abs(total),
        "it was declared less than certain, and pulls against the old table and other figures",
    )
