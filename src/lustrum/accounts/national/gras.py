"""Balancing of a matrix: the nearest one that meets totals and other known figures (GRAS with constraints).

One algorithm. GRAS (Junius and Oosterhaven, Economic Systems Research 15 (2003) 87-96; objective as corrected by
Lenzen, Wood and Gallego, 19 (2007) 461-465; rows without positive cells as in Temurshoev, Miller and Bouwmeester, 25
(2013) 361-367) scales rows and columns in turn. Without negative cells it is RAS (Stone 1961; Bacharach 1970; Miller
and Blair, Input-Output Analysis, 2nd ed. 2009, section 7.4). Where scaling is slow, Newton steps on the multipliers
take over. With known figures beside the totals, fixed cells, or figures that give way, it is Newton steps alone, in the
manner of KRAS (Lenzen, Gallego and Wood, Economic Systems Research 21 (2009) 23-44): any linear constraint on any
cells, and constraints that give way by their reliability. KRAS moves contradicting totals step by step while it scales;
here the compromise is the minimum of one function (see `newton`), so that it does not depend on the order of the
constraints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from lustrum.accounts.national.newton import Dual, contradiction, newton
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

Method = Literal["ras", "gras", "kras"]
#: A residual counts as zero below this share of what stands in the row or column.
TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Constraint:
    """A known figure: Σ coefficients · cells = value.

    Attributes
    ----------
    name
        What the figure is, for messages.
    rows, columns
        Positions of the cells, of one length.
    coefficients
        As long; 1 where the cells add up.
    value
        What the sum must be.
    give
        How readily the figure gives way: 0 not at all; 1 as readily as a cell of its own size.
    """

    name: str
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    coefficients: Figures
    value: float
    give: float = 0.0


@dataclass(frozen=True, eq=False)
class Balanced:
    """A balanced matrix.

    Attributes
    ----------
    method
        ``ras``, ``gras`` or ``kras``.
    matrix
        (m, n) the new figures.
    row_multipliers, column_multipliers
        r and s: a positive cell became r·z·s, a negative one z/(r·s). NaN where all cells were cleared, or (kras)
        no total was given.
    constraint_multipliers
        exp(λ) of each side constraint; empty for ras and gras.
    iterations
        Rounds over rows and columns, and Newton steps.
    row_residuals, column_residuals, constraint_residuals
        Sum minus total; NaN where no total was given.
    changes
        Entries for the provenance: how much was moved, and which cells were cleared.
    """

    method: Method
    matrix: Figures
    row_multipliers: Figures
    column_multipliers: Figures
    iterations: int
    row_residuals: Figures
    column_residuals: Figures
    changes: tuple[Change, ...]
    constraint_multipliers: Figures = field(default_factory=lambda: np.zeros(0))
    constraint_residuals: Figures = field(default_factory=lambda: np.zeros(0))

    @property
    def moved(self) -> float:
        """Σ |new − old| over all cells."""
        return self.changes[0].amount if self.changes else 0.0


#: Sums of row and column totals that differ by less than this are one sum with the computer's rounding.
SAME = 1e-9
#: Rounds after which Newton steps take over: totals that a table can only just reach make rounds slow.
ROUNDS = 40
WHY: dict[Method, str] = {
    "ras": "the table nearest to the old one (least information added) that has the new totals",
    "gras": "the table nearest to the old one (least information added) that has the new totals",
    "kras": "the table nearest to the old one that meets the totals and the known figures, each as far as its "
    "reliability",
}


def gras(
    Z0: ArrayLike,
    row_totals: ArrayLike | None = None,
    column_totals: ArrayLike | None = None,
    constraints: Sequence[Constraint] = (),
    *,
    method: Method = "gras",
    readiness: ArrayLike | None = None,
    row_give: ArrayLike = 0.0,
    column_give: ArrayLike = 0.0,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
) -> Balanced:
    """Balance a matrix: Z = diag(r) P diag(s) − diag(1/r) N diag(1/s), where Z0 = P − N.

    Parameters
    ----------
    Z0
        (m, n) the old figures. Zeros stay zero and signs stay as they are.
    row_totals, column_totals
        (m,) and (n,) totals, with one sum; for kras NaN, or None for all, where a total is not known.
    constraints
        For kras: Σ coefficients · cells = value, each with its `give`.
    method
        ``gras``: two exact totals. ``ras``: the same, and a negative cell is refused. ``kras``: with known figures.
    readiness
        For kras: (m, n) how readily each cell moves: 1 as usual, 0 fixed, 4 for one that is four times less certain
        (its variance is that many times its size).
    row_give, column_give
        For kras: how readily totals give way; see `Constraint.give`.
    rows, columns
        Names for messages.
    tolerance
        Largest residual allowed, as a share of what stands in the sum (absolute values). A figure that gives way has
        no residual: what it gave is in the changes.

    Returns
    -------
    Balanced
        Minimises Σ |z0| (a ln a − a)/readiness + Σ (sum − figure)²/(2 · give · |figure|), a = z/z0.

    Raises
    ------
    TableError
        If a total cannot be met with the signs there are, the totals differ in sum, no table meets all, or (kras)
        exact figures contradict each other: those at fault are named.
    """
    old = np.array(Z0, dtype=float)
    m, n = old.shape
    row, column = _names(rows, m, "row"), _names(columns, n, "column")
    u = np.full(m, np.nan) if row_totals is None else np.array(row_totals, dtype=float)
    v = np.full(n, np.nan) if column_totals is None else np.array(column_totals, dtype=float)
    ready = np.ones_like(old) if readiness is None else np.array(readiness, dtype=float)
    _check(old, u, v, ready, row, column, method)
    for c in constraints:
        _fits(c, m, n)
    value = np.array([c.value for c in constraints], dtype=float)
    soft = [np.broadcast_to(row_give, m), np.broadcast_to(column_give, n), np.array([c.give for c in constraints])]
    matrix = _clear(old, u, v, ready, soft[0], soft[1])
    totals = np.concatenate([u, v, value])
    # the same measure as a cell's, whose variance is its size times its readiness
    give = np.concatenate(soft) * np.nan_to_num(np.abs(totals))
    problem = Dual(matrix, ready, totals, give, _side_matrix(constraints, (m, n)))
    new, r, s, iterations, side = matrix, np.ones(m), np.ones(n), 0, np.zeros(len(value))
    if method != "kras":
        _possible(matrix, u, row, "row")
        _possible(matrix.T, v, column, "column")
        P, N = np.maximum(matrix, 0), np.maximum(-matrix, 0)
        while not problem.residual(new) <= tolerance and iterations < ROUNDS:
            iterations += 1
            r = _multiplier(u, P @ s, N @ (1 / s))
            s = _multiplier(v, r @ P, (1 / r) @ N)
            new = r[:, None] * P * s - N / r[:, None] / s
    if method == "kras" or not problem.residual(new) <= tolerance:
        found = newton(problem, start=(np.log(r), np.log(s)), tolerance=tolerance)
        new, side, iterations = found.matrix, found.side, iterations + found.iterations
        if not found.residual <= tolerance:
            if method == "kras":
                raise contradiction(problem, new, row, column, [c.name for c in constraints])
            raise _not_met(method, iterations, new, u, v, row, column)
        r, s = found.multipliers()
    gap = problem.sums(new) - totals
    labels = [*(f"row {r}" for r in row), *(f"column {c}" for c in column), *(c.name for c in constraints)]
    gave = [
        _gave(labels[k], float(totals[k]), float(gap[k]))
        for k in np.flatnonzero((give > 0) & (np.abs(gap) > tolerance * np.abs(totals))).tolist()
    ]
    return Balanced(
        method,
        new,
        np.where(np.isnan(u) | old.any(axis=1) & ~matrix.any(axis=1), np.nan, r),
        np.where(np.isnan(v) | old.any(axis=0) & ~matrix.any(axis=0), np.nan, s),
        iterations,
        gap[:m],
        gap[m : m + n],
        (*_what_moved(method, old, new, row, column, iterations), *gave),
        np.exp(np.clip(side, -700, 700)),
        gap[m + n :],
    )


def _names(given: Sequence[str] | None, count: int, what: str) -> list[str]:
    """Return names of rows or columns: those given, or numbers from 1."""
    return [str(g) for g in given] if given is not None else [f"{what} {k + 1}" for k in range(count)]


def _check(
    old: Figures, u: Figures, v: Figures, ready: Figures, row: Sequence[str], column: Sequence[str], method: Method
) -> None:
    """Check shapes, finiteness, and (but for kras, whose figures may be unknown or give way) the two grand totals."""
    if u.shape != old.shape[:1] or v.shape != old.shape[1:] or ready.shape != old.shape:
        raise TableError(
            "totals do not fit the matrix",
            found=f"{u.shape}, {v.shape} and {ready.shape} for {old.shape}",
            mend="give one total for each row and each column; NaN for none where known figures are given (kras)",
        )
    if not (ready >= 0).all():
        raise TableError("the readiness of a cell is no finite number of 0 or more", mend="give numbers")
    for figures, words in ((old, "a cell"), (u, "a row total"), (v, "a column total")):
        wrong = np.isinf(figures) | np.isnan(figures) & (method != "kras" or figures is old)
        if wrong.any():
            at = np.argwhere(wrong)[0].tolist()
            where = f"{row[at[0]]}, {column[at[1]]}" if len(at) == 2 else (row if figures is u else column)[at[0]]
            raise TableError(f"{words} is no finite number", where=where, mend="give a number")
    if method == "kras":
        return
    size, gap = max(float(np.abs(u).sum()), float(np.abs(v).sum())), float(u.sum() - v.sum())
    if abs(gap) > SAME * size:
        raise TableError(
            "row totals and column totals add up to different sums",
            where="totals",
            found=f"rows {u.sum():.12g}, columns {v.sum():.12g}, difference {gap:.6g}",
            expected="one grand total",
            mend="correct a total, or spread the difference first",
        )
    if method == "ras" and (old < 0).any():
        i, j = np.argwhere(old < 0)[0].tolist()
        raise TableError(
            "RAS takes no negative cells",
            where=f"{row[i]}, {column[j]}",
            found=f"{old[i, j]:.6g}",
            mend="use GRAS, which keeps signs",
        )


def _possible(matrix: Figures, totals: Figures, labels: Sequence[str], what: str) -> None:
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


def _multiplier(total: Figures, up: Figures, down: Figures) -> Figures:
    """Solve up·r − down/r = total for r > 0, row by row, without cancellation; 1 for a row without cells."""
    root = np.sqrt(total**2 + 4 * up * down)
    plus = np.divide(total + root, 2 * up, out=np.ones_like(total), where=(total >= 0) & (up > 0))
    return np.divide(2 * down, root - total, out=plus, where=(total < 0) & (down > 0))


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


def _side_matrix(constraints: Sequence[Constraint], shape: tuple[int, int]) -> csr_array:
    """Return the coefficients of side constraints, one row each, over the cells of the table in order."""
    at = [np.full(len(c.rows), k) for k, c in enumerate(constraints)]
    cells = [np.asarray(c.rows) * shape[1] + np.asarray(c.columns) for c in constraints]
    coefficients = [np.asarray(c.coefficients, dtype=float) for c in constraints]
    if not constraints:
        return csr_array((0, shape[0] * shape[1]))
    data = (np.concatenate(coefficients), (np.concatenate(at), np.concatenate(cells)))
    return csr_array(data, shape=(len(constraints), shape[0] * shape[1]))


def _not_met(
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


def _what_moved(
    method: Method, old: Figures, new: Figures, rows: Sequence[str], columns: Sequence[str], iterations: int
) -> tuple[Change, ...]:
    """Return the changes from one matrix to another: all cells together, then those cleared."""
    gap = np.abs(new - old)
    amount, of = float(gap.sum()), float(np.abs(old).sum())
    if amount == 0:
        return ()
    i, j = (int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
    largest = f"largest: {rows[i]}, {columns[j]} from {old[i, j]:.6g} to {new[i, j]:.6g}"
    changes = [
        Change(
            "balancing",
            f"{old.shape[0]} rows × {old.shape[1]} columns",
            f"{int(np.count_nonzero(gap))} cells moved by {method.upper()} in {iterations} rounds; {largest}",
            amount,
            of,
            WHY[method],
        )
    ]
    cleared = (old != 0) & (new == 0)
    if cleared.any():
        where = [f"{rows[i]}, {columns[j]}" for i, j in np.argwhere(cleared)[:5].tolist()]
        more = f" and {int(cleared.sum()) - 5} more" if cleared.sum() > 5 else ""
        changes.append(
            Change(
                "balancing",
                "; ".join(where) + more,
                f"{int(cleared.sum())} cells set to zero",
                float(np.abs(old[cleared]).sum()),
                of,
                "their row or column has the total zero, and cells of one sign only",
            )
        )
    return tuple(changes)
