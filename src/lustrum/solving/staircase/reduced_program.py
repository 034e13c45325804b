"""The reduced program: what the interior point works on, how its solutions become those of the problem, and variants.

    minimise  cost · u,   row_lower <= G u <= row_upper,   lower <= u <= upper

`presolve` makes it from a `Problem`: it has inequalities only, wherever that can be had exactly. `Postsolve` undoes the
reduction. Scaled variants serve iterations that stall; relaxed, penalised and elastic ones have other optima.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.scaling import power_of_two

#: A variable further from zero than this, in scaled units, is scaled by its size.
FAR = 30.0


@dataclass(frozen=True, eq=False)
class Postsolve:
    """The way from a reduced solution to one of the problem.

    Attributes
    ----------
    expansion, offset
        All variables, scaled, are expansion @ (kept ones) + offset.
    coefficients, cost
        The scaled program before variables were eliminated, totals included.
    kept_rows, kept_columns
        Rows and variables that the reduced program has.
    bound_columns
        Eliminated variables whose bounds are rows of the reduced program, after the kept ones.
    pivot_rows, pivot_columns
        Equations, and the variables that they were solved for.
    row_scale, bound_scale, column_scale, objective_scale
        Powers of two.
    shape
        That of the problem.
    """

    expansion: sparse.csr_matrix
    offset: np.ndarray
    coefficients: Coefficients
    cost: np.ndarray
    kept_rows: np.ndarray
    kept_columns: np.ndarray
    bound_columns: np.ndarray
    pivot_rows: np.ndarray
    pivot_columns: np.ndarray
    row_scale: np.ndarray
    bound_scale: np.ndarray
    column_scale: np.ndarray
    objective_scale: float
    shape: tuple[int, int]

    @cached_property
    def pivots(self) -> SuperLU:
        """Factors of the transposed square matrix of equations and the variables they were solved for."""
        square = self.coefficients.entries[self.pivot_rows][:, self.pivot_columns].tocsc()
        return splu(sparse.csc_matrix(square.T), permc_spec="COLAMD", diag_pivot_thresh=0.1)

    def restore(self, u: np.ndarray, y: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and row duals of the problem."""
        values = (self.expansion @ u + offset) * self.column_scale
        dual = np.zeros(self.coefficients.shape[0])
        split = self.kept_rows.size
        dual[self.kept_rows] = y[:split]
        if self.pivot_rows.size:
            rest = self.cost - self.coefficients.T @ dual
            rest[self.bound_columns] -= y[split:] * self.bound_scale
            dual[self.pivot_rows] = self.pivots.solve(rest[self.pivot_columns])
        return values[: self.shape[1]], -(dual * self.row_scale / self.objective_scale)[: self.shape[0]]

    def restrict(self, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Reduced variables and multipliers for values and row duals of the problem."""
        m, n = self.shape
        extra = self.coefficients.shape[1] - n
        v = np.concatenate([values, np.zeros(extra)]) / self.column_scale
        p = np.concatenate([-dual * self.objective_scale, np.zeros(extra)]) / self.row_scale
        if extra:  # totals from the rows that define them, and the duals of these rows from the totals' own columns
            own = self.coefficients.entries[m:][:, n:].diagonal()
            v[n:] = -(self.coefficients.entries[m:] @ v) / own
            p[m:] = -(self.coefficients.T @ p)[n:] / own
        rest = (self.cost - self.coefficients.T @ p)[self.bound_columns] / self.bound_scale
        return v[self.kept_columns], np.concatenate([p[self.kept_rows], rest])

    def row_limits(self, rows: np.ndarray, bounds: np.ndarray, activity: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Limits of the reduced rows, from those of all rows and variables (scaled, one plan or a row for each).

        `activity`: row activities at `offset`.
        """
        at = self.bound_columns
        return np.concatenate(
            [rows[..., self.kept_rows] - activity, (bounds[..., at] - offset[..., at]) * self.bound_scale], axis=-1
        )


@dataclass(frozen=True, eq=False)
class ReducedProgram:
    """The reduced program.

    Attributes
    ----------
    matrix, row_lower, row_upper, lower, upper, cost
        See the module docstring.
    linking, lexicographic
        Masks of rows: those of families that tie many pieces together, and those that protect earlier objectives.
        Bounds of an eliminated variable count as rows of the family of its equation.
    row_year, column_year
        Years, -1 for none.
    core
        Variables that many rows share.
    postsolve, row_scale, column_scale
        The way back to the problem: first unscale, then postsolve.
    """

    matrix: Coefficients
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray
    linking: np.ndarray
    lexicographic: np.ndarray
    row_year: np.ndarray
    column_year: np.ndarray
    core: np.ndarray
    postsolve: Postsolve
    row_scale: np.ndarray
    column_scale: np.ndarray

    def restore(self, u: np.ndarray, y: np.ndarray, offset: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Values and row duals (marginal values, for the maximisation) of the problem it came from.

        `offset`: that of a program with other limits (see `reduced_limits`).
        """
        back = self.postsolve
        return back.restore(u * self.column_scale, y * self.row_scale, back.offset if offset is None else offset)

    def restrict(self, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The other way round: variables and multipliers for values and row duals of the problem."""
        u, y = self.postsolve.restrict(values, dual)
        return u / self.column_scale, y / self.row_scale

    def scaled(self, row: np.ndarray, column: np.ndarray) -> ReducedProgram:
        """The same program with rows multiplied by `row` and variables divided by `column`."""
        return replace(
            self,
            matrix=self.matrix.scaled(row, column),
            row_lower=self.row_lower * row,
            row_upper=self.row_upper * row,
            lower=self.lower / column,
            upper=self.upper / column,
            cost=self.cost * column,
            column_scale=self.column_scale * column,
            row_scale=self.row_scale * row,
        )

    def equilibrated(self, passes: int = 4) -> ReducedProgram:
        """Rows and columns brought near 1, in turn, by powers of two (Ruiz 2001)."""
        a = self.matrix
        r, c = np.ones(a.shape[0]), np.ones(a.shape[1])
        for _ in range(passes):
            before = r.copy()  # rows and columns are both scaled by the maxima before this pass
            r = r / np.sqrt(one_if_zero(r * a.largest(c)))
            c = c / np.sqrt(one_if_zero(c * a.T.largest(before)))
        return self.scaled(power_of_two(r), power_of_two(c))

    def rescaled(self, u: np.ndarray) -> ReducedProgram:
        """Variables far from their natural size scaled by their size at u, then rows by their largest coefficient."""
        column = power_of_two(np.where(np.abs(u) > FAR, np.abs(u), 1.0))
        return self.scaled(power_of_two(1 / one_if_zero(self.matrix.largest(column))), column)

    def relaxed(self, room: float) -> ReducedProgram:
        """Lexicographic bounds with some slack: mostly, the same bounds are then active as without it."""
        return replace(self, row_lower=np.where(self.lexicographic, self.row_lower - room, self.row_lower))

    def penalised(self, weight: float, price: float) -> ReducedProgram:
        """Lexicographic bounds, times a weight, may be violated at a price, which limits their duals.

        If the price is high enough, the optimum violates none. The violations come after all other variables.
        """
        rows = np.flatnonzero(self.lexicographic)
        wider = self.scaled(np.where(self.lexicographic, weight, 1.0), np.ones(self.cost.size))
        return wider._with_columns(rows, np.ones(rows.size), price)

    def elastic(self) -> ReducedProgram:
        """Minimise the sum of violations: every row may be violated at its finite limits at a price of 1."""
        below, above = np.flatnonzero(np.isfinite(self.row_lower)), np.flatnonzero(np.isfinite(self.row_upper))
        signs = np.repeat([1.0, -1.0], [below.size, above.size])
        return replace(self, cost=0 * self.cost)._with_columns(np.concatenate([below, above]), signs, 1.0)

    def _with_columns(self, rows: np.ndarray, signs: np.ndarray, price: float) -> ReducedProgram:
        """With one more variable, at least zero, for each of the rows."""
        count = rows.size
        more = sparse.csr_matrix((signs, (rows, np.arange(count))), shape=(self.matrix.shape[0], count))
        zero, one = np.zeros(count), np.ones(count)
        return replace(
            self,
            matrix=self.matrix.with_columns(more),
            cost=np.concatenate([self.cost, price * one]),
            lower=np.concatenate([self.lower, zero]),
            upper=np.concatenate([self.upper, np.inf * one]),
            core=np.concatenate([self.core, zero > 0]),
            column_scale=np.concatenate([self.column_scale, one]),
            column_year=np.concatenate([self.column_year, self.row_year[rows]]),
        )


@dataclass(frozen=True, eq=False)
class ReducedLimits:
    """Limits of rows and variables, and costs, of several plans over one matrix: one row for each plan.

    Which of them are finite, and which rows are equations, is the same in all plans.
    """

    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray

    @staticmethod
    def of(p: ReducedProgram) -> ReducedLimits:
        """Those of one reduced program."""
        return ReducedLimits(*(np.atleast_2d(x) for x in (p.row_lower, p.row_upper, p.lower, p.upper, p.cost)))

    def program(self, p: ReducedProgram, plan: int) -> ReducedProgram:
        """The reduced program of one plan."""
        one = self.some(np.array([plan]))
        return replace(p, **{name: value[0] for name, value in vars(one).items()})

    def some(self, plans: np.ndarray) -> ReducedLimits:
        """Those of some plans."""
        return ReducedLimits(*(x[plans] for x in vars(self).values()))


def reduced_limits(program: ReducedProgram, limits: LimitSets) -> tuple[ReducedLimits, np.ndarray]:
    """Limits of several plans in the reduced form, and their offsets for `restore`."""
    back = program.postsolve
    extra = back.coefficients.shape[1] - back.shape[1]
    zero, inf = np.zeros((limits.count, extra)), np.full((limits.count, extra), np.inf)
    low, high = (np.concatenate([x, zero], axis=1) * back.row_scale for x in (limits.row_lower, limits.row_upper))
    lower = np.concatenate([limits.lower, -inf], axis=1) / back.column_scale
    upper = np.concatenate([limits.upper, inf], axis=1) / back.column_scale
    offset = np.where(lower >= upper, lower, 0.0)
    rows, columns = back.pivot_rows, back.pivot_columns
    if rows.size:
        offset[:, columns] = 0.0
        known = low[:, rows].T - back.coefficients.entries[rows] @ offset.T
        offset[:, columns] = back.pivots.solve(np.ascontiguousarray(known), "T").T  # type: ignore[call-overload]
    activity = (back.coefficients @ offset.T)[back.kept_rows].T
    row_lower, row_upper = (
        back.row_limits(r, b, activity, offset) * program.row_scale for r, b in ((low, lower), (high, upper))
    )
    kept = back.kept_columns
    cost = np.broadcast_to(program.cost, (limits.count, program.cost.size))
    scale = program.column_scale
    return ReducedLimits(row_lower, row_upper, lower[:, kept] / scale, upper[:, kept] / scale, cost), offset


def one_if_zero(size: np.ndarray) -> np.ndarray:
    """Sizes, 1 in the place of 0."""
    return np.where(size == 0, 1.0, size)
