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

from lustrum.solving.highs import _power_of_two, _typical
from lustrum.solving.problem import Grid, Problem
from lustrum.solving.staircase.equations import expansion, solved

#: Rows whose coefficients are the same for all members of a total.
SHARED = ("product_balance", "labour")
#: Families whose members are summed, and the dimension over which.
SUMMED = {"investment": "activity"}
#: A variable in this many product balances is a mix of products, not a flow of one (a stock is in two).
MIXED = 3


@dataclass(frozen=True, eq=False)
class Reduced:
    """The reduced program, and the way back.

    `kind` names the family of each row (index into `names`; bounds of eliminated variables carry the family
    of their equation), `year` its year, `column_year` that of each variable (-1: none). `core` marks variables that
    many rows share.
    """

    matrix: sparse.csr_matrix
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

    def balanced(self, passes: int = 4) -> Reduced:
        """The same program with rows and columns brought near 1, in turn, by powers of two (Ruiz 2001)."""
        a = self.matrix
        r, c = np.ones(a.shape[0]), np.ones(a.shape[1])
        for _ in range(passes):
            now = abs(sparse.diags_array(r) @ a @ sparse.diags_array(c)).tocsr()
            r = r / np.sqrt(_largest(now))
            c = c / np.sqrt(_largest(now.T.tocsr()))
        r, c = _power_of_two(r), _power_of_two(c)
        matrix = sparse.csr_matrix(sparse.diags_array(r) @ a @ sparse.diags_array(c))
        return replace(
            self, matrix=matrix, low=self.low * r, high=self.high * r, lower=self.lower / c, upper=self.upper / c,
            cost=self.cost * c, u_scale=self.u_scale * c, y_scale=self.y_scale * r,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Back:
    expand: sparse.csr_matrix
    fixed: np.ndarray
    full: sparse.csr_matrix
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
        square = self.full[self.solved_rows][:, self.solved_columns].tocsc()
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


def reduce_problem(problem: Problem, gradient: np.ndarray) -> Reduced:
    """Bring one stage of a problem into the reduced form (see the module docstring)."""
    names = (*problem.rows, "total")
    kind, year = _rows_of(problem, names)
    column_year = _years_of(problem.variables, problem.shape[1])
    a, totals, heads = _with_totals(problem)
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
    column = _power_of_two(np.concatenate([problem.scale, totals]))
    a = a.multiply(column[None, :]).tocsr()
    row = _power_of_two(1 / np.maximum(_largest(a), 1e-300))
    a = a.multiply(row[:, None]).tocsr()
    cost = cost * column
    weight = float(_power_of_two(np.array([1 / _typical(cost)]))[0])
    cost, low, high = cost * weight, low * row, high * row
    lower, upper = lower / column, upper / column

    core = _core(problem, a)
    rows, columns = solved(a, low, high, lower, upper, kind == len(names) - 1, core)
    expand, fixed = expansion(a, low, lower, upper, rows, columns)
    keep = np.ones(m, dtype=bool)
    keep[rows] = False
    kept = np.flatnonzero(keep & (np.isfinite(low) | np.isfinite(high)))
    left = a[kept] @ expand
    left.eliminate_zeros()
    some = np.diff(left.indptr) > 0  # the others say nothing of what is left to decide
    kept, left = kept[some], left[some]
    gone = columns[np.isfinite(lower[columns]) | np.isfinite(upper[columns])]
    bound_rows = expand[gone]
    useful = np.diff(bound_rows.indptr) > 0
    gone, bound_rows = gone[useful], bound_rows[useful]
    bound_scale = _power_of_two(1 / np.maximum(_largest(bound_rows), 1e-300))
    bound_rows = bound_rows.multiply(bound_scale[:, None])
    matrix = sparse.vstack([left, bound_rows], format="csr")
    matrix.eliminate_zeros()
    moved = a[kept] @ fixed
    equation_of = np.full(n, -1)
    equation_of[columns] = rows
    free = np.setdiff1d(np.flatnonzero(lower < upper), columns)
    back = _Back(expand, fixed, a, cost, kept, gone, free, rows, columns, row, bound_scale, column, weight,
                 problem.shape)  # fmt: skip
    return Reduced(
        matrix, np.concatenate([low[kept] - moved, (lower[gone] - fixed[gone]) * bound_scale]),
        np.concatenate([high[kept] - moved, (upper[gone] - fixed[gone]) * bound_scale]),
        lower[free], upper[free], expand.T @ cost,
        np.concatenate([kind[kept], kind[equation_of[gone]]]), names,
        np.concatenate([year[kept], year[equation_of[gone]]]), column_year[free], core[free], back,
        np.ones(free.size), np.ones(kept.size + gone.size),
    )  # fmt: skip


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


def _with_totals(problem: Problem) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """The matrix with totals in place of their members in the rows of `SHARED`; natural sizes of the totals, and the
    first member of each."""
    a = problem.matrix
    shared = np.zeros(a.shape[0], dtype=bool)
    must = np.zeros(a.shape[0], dtype=bool)
    for names, mark in ((SHARED, must), (("task",), shared)):
        for name in names:
            if name in problem.rows:
                index = problem.rows[name].index
                mark[index[index >= 0]] = True
    shared |= must
    part = sparse.csc_matrix(sparse.diags_array(shared.astype(float)) @ a)
    part.eliminate_zeros()
    members, rows, values, sizes = [], [], [], []
    for name, dim in SUMMED.items():
        grid = problem.variables.get(name)
        if grid is None:
            continue
        index = np.moveaxis(grid.index, grid.dims.index(dim), -1).reshape(-1, grid.index.shape[grid.dims.index(dim)])
        for group in index:
            group = group[group >= 0]
            found = _alike(part, group, must) if group.size >= 3 else None
            if found is not None:
                members.append(group)
                rows.append(found[0])
                values.append(found[1])
                sizes.append(float(problem.scale[group].sum()))
    if not members:
        return a, np.zeros(0), np.zeros(0, dtype=np.int64)
    count = len(members)
    chosen = np.concatenate(members)
    which = np.repeat(np.arange(count), [g.size for g in members])
    # what members leave to their totals
    own_rows = np.concatenate([np.tile(r, g.size) for r, g in zip(rows, members, strict=True)])
    own_columns = np.concatenate([np.repeat(g, r.size) for r, g in zip(rows, members, strict=True)])
    own_values = np.concatenate([np.tile(v, g.size) for v, g in zip(values, members, strict=True)])
    remaining = sparse.csr_matrix(a - sparse.csr_matrix((own_values, (own_rows, own_columns)), shape=a.shape))
    remaining.eliminate_zeros()
    heads = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.repeat(np.arange(count), [r.size for r in rows]))),
        shape=(a.shape[0], count),
    )
    define = sparse.csr_matrix((np.ones(chosen.size), (which, chosen)), shape=(count, a.shape[1]))
    upper = sparse.hstack([remaining, heads])
    lower = sparse.hstack([define, -sparse.eye_array(count)])
    first = np.array([g[0] for g in members])
    return sparse.csr_matrix(sparse.vstack([upper, lower])), np.array(sizes), first


def _alike(part: sparse.csc_matrix, group: np.ndarray, must: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows in which all members of a group have one coefficient, and that; None unless these are at least two and
    every row in which they must agree."""
    own = part[:, group].tocoo()
    places, back, times = np.unique(own.row, return_inverse=True, return_counts=True)
    low, high = np.full(places.size, np.inf), np.full(places.size, -np.inf)
    np.minimum.at(low, back, own.data)
    np.maximum.at(high, back, own.data)
    same = (times == group.size) & (low == high)
    if same.sum() < 2 or not same[must[places]].all():
        return None
    return places[same], low[same]


def _largest(matrix: sparse.csr_matrix) -> np.ndarray:
    """Largest absolute figure of each row, 1 where there is none."""
    size = np.asarray(abs(matrix).max(axis=1).todense()).ravel() if matrix.shape[1] else np.ones(matrix.shape[0])
    size[size == 0] = 1.0
    return size


def _core(problem: Problem, a: sparse.csr_matrix) -> np.ndarray:
    """Variables that many rows share: by family, by their mix of products, and totals."""
    core = np.zeros(a.shape[1], dtype=bool)
    if "product_balance" in problem.rows:
        index = problem.rows["product_balance"].index
        core = np.bincount(a[index[index >= 0]].indices, minlength=a.shape[1]) >= MIXED
    core[problem.shape[1] :] = True
    for name in ("output", "consumption", "debt", "lowest", "assortment"):
        if name in problem.variables:
            index = problem.variables[name].index
            core[index[index >= 0]] = True
    return core
