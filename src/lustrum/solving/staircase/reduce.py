"""From a `Problem` to the form the interior point works on: inequalities only, wherever that can be had exactly.

    minimise  cost · u,   low <= G u <= high,   lower <= u <= upper

Three exact steps, in this order, each undone by `Reduced.restore`:

1. Totals. Investments of all activities in one asset and year enter balances and labour with the same
   coefficients; a total N = Σ_j n_j takes their place there.
2. Equations. Each equation (accumulation, distances from a proportion) is solved for one of its variables, which
   disappears; its bounds become a row.
3. Scaling by powers of two: variables to natural size, rows to their largest entry, the objective to its terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.problem import Grid, Problem
from lustrum.lp.scaling import power_of_two, typical
from lustrum.solving.staircase.equations import expansion, solved
from lustrum.solving.staircase.totals import with_totals

#: A variable in this many product balances is a mix of products, not a flow of one (a stock is in two).
MIXED = 3


@dataclass(frozen=True, eq=False)
class Reduced:
    """The reduced program, and the way back.

    `kind` names the family of each row (index into `names`; bounds of eliminated variables carry the family
    of their equation), `year` its year, `column_year` that of each variable (-1: none). `core` marks variables that
    many rows share.
    """

    matrix: Coefficients
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray
    kind: np.ndarray
    names: tuple[str, ...]
    year: np.ndarray
    column_year: np.ndarray
    core: np.ndarray
    back: _Back
    u_scale: np.ndarray
    y_scale: np.ndarray

    def restore(self, u: np.ndarray, y: np.ndarray, fixed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Values and row duals (marginal values, for the maximisation) of the problem it came from.

        `fixed`: what eliminated variables are where the others are zero, in a program with other sides.
        """
        return self.back.restore(u * self.u_scale, y * self.y_scale, self.back.fixed if fixed is None else fixed)

    def placed(self, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The other way round: variables and multipliers for values and row duals of the problem."""
        u, y = self.back.placed(values, dual)
        return u / self.u_scale, y / self.y_scale

    def balanced(self, passes: int = 4) -> Reduced:
        """The same program with rows and columns brought near 1, in turn, by powers of two (Ruiz 2001)."""
        a = self.matrix
        r, c = np.ones(a.shape[0]), np.ones(a.shape[1])
        for _ in range(passes):
            # both of the same figures: rows and columns in turn
            was = r.copy()
            r = r / np.sqrt(_or_one(r * a.largest(c)))
            c = c / np.sqrt(_or_one(c * a.T.largest(was)))
        r, c = power_of_two(r), power_of_two(c)
        return replace(
            self,
            matrix=a.scaled(r, c),
            low=self.low * r,
            high=self.high * r,
            lower=self.lower / c,
            upper=self.upper / c,
            cost=self.cost * c,
            u_scale=self.u_scale * c,
            y_scale=self.y_scale * r,
        )


@dataclass(frozen=True, eq=False)
class _Back:
    expand: sparse.csr_matrix
    fixed: np.ndarray
    full: Coefficients
    cost: np.ndarray
    kept_rows: np.ndarray
    bound_of: np.ndarray
    left: np.ndarray
    solved_rows: np.ndarray
    solved_columns: np.ndarray
    row_scale: np.ndarray
    bound_scale: np.ndarray
    column_scale: np.ndarray
    weight: float
    shape: tuple[int, int]

    @cached_property
    def pivots(self) -> SuperLU:
        """Factors of the equations' coefficients of the variables they were solved for, transposed."""
        square = self.full.entries[self.solved_rows][:, self.solved_columns].tocsc()
        return splu(sparse.csc_matrix(square.T), permc_spec="COLAMD", diag_pivot_thresh=0.1)

    def restore(self, u: np.ndarray, y: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = (self.expand @ u + fixed) * self.column_scale
        dual = np.zeros(self.full.shape[0])
        split = self.kept_rows.size
        dual[self.kept_rows] = y[:split]
        if self.solved_rows.size:
            rest = self.cost - self.full.T @ dual
            rest[self.bound_of] -= y[split:] * self.bound_scale
            dual[self.solved_rows] = self.pivots.solve(rest[self.solved_columns])
        return values[: self.shape[1]], -(dual * self.row_scale / self.weight)[: self.shape[0]]

    def placed(self, values: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        m, n = self.shape
        extra = self.full.shape[1] - n
        v = np.concatenate([values, np.zeros(extra)]) / self.column_scale
        p = np.concatenate([-dual * self.weight, np.zeros(extra)]) / self.row_scale
        if extra:  # totals and their prices, from the rows that define them and from what they are worth
            own = self.full.entries[m:][:, n:].diagonal()
            v[n:] = -(self.full.entries[m:] @ v) / own
            p[m:] = -(self.full.T @ p)[n:] / own
        rest = (self.cost - self.full.T @ p)[self.bound_of] / self.bound_scale
        return v[self.left], np.concatenate([p[self.kept_rows], rest])


def reduce_problem(problem: Problem, gradient: np.ndarray) -> Reduced:
    """Bring one stage of a problem into the reduced form (see the module docstring)."""
    names = (*problem.rows, "total")
    kind, year = _rows_of(problem, names)
    column_year = _years_of(problem.variables, problem.shape[1])
    a, totals, heads = with_totals(problem)
    column_year = np.concatenate([column_year, column_year[heads]])
    m, n = a.shape
    extra = n - problem.shape[1]
    low = np.concatenate([problem.row_lower, np.zeros(extra)])
    high = np.concatenate([problem.row_upper, np.zeros(extra)])
    kind = np.concatenate([kind, np.full(extra, len(names) - 1)])
    year = np.concatenate([year, np.full(extra, -1)])
    lower = np.concatenate([problem.lower, np.full(extra, -np.inf)])
    upper = np.concatenate([problem.upper, np.full(extra, np.inf)])
    cost = np.concatenate([-gradient, np.zeros(extra)])
    column = power_of_two(np.concatenate([problem.scale, totals]))
    row = power_of_two(1 / _or_one(a.largest(column)))
    a = a.scaled(row, column)
    cost = cost * column
    weight = float(power_of_two(np.array([1 / typical(cost)]))[0])
    cost, low, high = cost * weight, low * row, high * row
    lower, upper = lower / column, upper / column

    core = _core(problem, a)
    a = a.untabled(low == high, ~core)
    rows, columns = solved(a, low, high, lower, upper, kind == len(names) - 1, core)
    expand, fixed = expansion(a.entries, low, lower, upper, rows, columns)
    free = np.setdiff1d(np.flatnonzero(lower < upper), columns)
    # a table keeps columns that are left as they are, or that are data by now
    written_by_others = np.diff(expand.indptr) > 0
    written_by_others[free] = False
    a = a.untabled(np.zeros(m, dtype=bool), written_by_others)
    keep = np.ones(m, dtype=bool)
    keep[rows] = False
    kept = np.flatnonzero(keep & (np.isfinite(low) | np.isfinite(high)))
    left = _expanded(a, kept, expand, free)
    some = left.counts() > 0  # the others say nothing of what is left to decide
    kept, left = kept[some], left.picked_rows(some)
    gone = columns[np.isfinite(lower[columns]) | np.isfinite(upper[columns])]
    bound_rows = expand[gone]
    useful = np.diff(bound_rows.indptr) > 0
    gone, bound_rows = gone[useful], bound_rows[useful]
    bound_scale = power_of_two(1 / _or_one(Coefficients(bound_rows).largest()))
    bound_rows = bound_rows.multiply(bound_scale[:, None])
    bound_rows = sparse.csr_matrix(bound_rows)
    bound_rows.eliminate_zeros()
    moved = (a @ fixed)[kept]
    equation_of = np.full(n, -1)
    equation_of[columns] = rows
    back = _Back(
        expand, fixed, a, cost, kept, gone, free, rows, columns, row, bound_scale, column, weight, problem.shape
    )
    return Reduced(
        left.with_rows(bound_rows),
        np.concatenate([low[kept] - moved, (lower[gone] - fixed[gone]) * bound_scale]),
        np.concatenate([high[kept] - moved, (upper[gone] - fixed[gone]) * bound_scale]),
        lower[free],
        upper[free],
        expand.T @ cost,
        np.concatenate([kind[kept], kind[equation_of[gone]]]),
        names,
        np.concatenate([year[kept], year[equation_of[gone]]]),
        column_year[free],
        core[free],
        back,
        np.ones(free.size),
        np.ones(kept.size + gone.size),
    )


def _rows_of(problem: Problem, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Family and year of every row."""
    kind = np.zeros(problem.shape[0], dtype=np.int64)
    for k, name in enumerate(names[:-1]):
        index = problem.rows[name].index
        kind[index[index >= 0]] = k
    return kind, _years_of(problem.rows, problem.shape[0])


def _years_of(families: Mapping[str, Grid], size: int) -> np.ndarray:
    """Year of every row or variable, -1 where it has none."""
    out = np.full(size, -1)
    for grid in families.values():
        if "year" in grid.dims:
            years = np.array([int(str(y)) for y in grid.labels["year"]])
            shape = [1] * grid.index.ndim
            shape[grid.dims.index("year")] = -1
            here = grid.index >= 0
            out[grid.index[here]] = np.broadcast_to(years.reshape(shape), grid.index.shape)[here]
    return out


def _expanded(a: Coefficients, kept: np.ndarray, expand: sparse.csr_matrix, free: np.ndarray) -> Coefficients:
    """Some rows, on the variables that are left: tables stay as they are on those."""
    entries = sparse.csr_matrix(a.entries[kept] @ expand)
    entries.eliminate_zeros()
    entries.sort_indices()
    row_to, column_to = np.full(a.shape[0], -1), np.full(a.shape[1], -1)
    row_to[kept], column_to[free] = np.arange(kept.size), np.arange(free.size)
    tables = (table.picked(row_to, column_to) for table in a.tables)
    return Coefficients(entries, tuple(t for t in tables if t is not None))


def _or_one(size: np.ndarray) -> np.ndarray:
    """Sizes, 1 where there is none."""
    return np.where(size == 0, 1.0, size)


def _core(problem: Problem, a: Coefficients) -> np.ndarray:
    """Variables that many rows share: by family, by their mix of products, and totals."""
    core = np.zeros(a.shape[1], dtype=bool)
    if "product_balance" in problem.rows:
        index = problem.rows["product_balance"].index
        balances = np.zeros(a.shape[0], dtype=bool)
        balances[index[index >= 0]] = True
        core = a.T.counts(balances) >= MIXED
    core[problem.shape[1] :] = True
    for name in ("output", "consumption", "debt", "lowest", "assortment"):
        if name in problem.variables:
            index = problem.variables[name].index
            core[index[index >= 0]] = True
    return core
