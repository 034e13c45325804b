"""Balancing of a matrix: the nearest one that meets totals and other known figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from lustrum.accounts.national.newton import Dual, contradiction, newton
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

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

    method: str
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


def what_moved(
    method: str, old: Figures, new: Figures, rows: Sequence[str], columns: Sequence[str], iterations: int, why: str
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
            why,
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


WHY_FIGURES = (
    "the table nearest to the old one that meets the totals and the known figures, each as far as it is reliable"
)


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
    changes = what_moved("kras", old, new, row, column, found.iterations, WHY_FIGURES)
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


def side_matrix(constraints: Sequence[Constraint], shape: tuple[int, int]) -> csr_array:
    """Return the coefficients of side constraints, one row each, over the cells of the table in order."""
    at = [np.full(len(c.rows), k) for k, c in enumerate(constraints)]
    cells = [np.asarray(c.rows) * shape[1] + np.asarray(c.columns) for c in constraints]
    coefficients = [np.asarray(c.coefficients, dtype=float) for c in constraints]
    if not constraints:
        return csr_array((0, shape[0] * shape[1]))
    data = (np.concatenate(coefficients), (np.concatenate(at), np.concatenate(cells)))
    return csr_array(data, shape=(len(constraints), shape[0] * shape[1]))
