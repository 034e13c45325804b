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

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from lustrum.solving.highs import _power_of_two, _row_size, _typical
from lustrum.solving.problem import Problem
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
    of their equation), `year` its year (-1: none). `core` marks variables that many rows share.
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
    core: np.ndarray
    back: _Back
    u_scale: np.ndarray
    y_scale: np.ndarray

    def restore(self, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and row duals (marginal values, for the maximisation) of the problem it came from."""
        return self.back.restore(u * self.u_scale, y * self.y_scale)

    def balanced(self, passes: int = 4) -> Reduced:
        """The same program with rows and columns brought near 1, in turn, by powers of two (Ruiz 2001)."""
        a = self.matrix
        r, c = np.ones(a.shape[0]), np.ones(a.shape[1])
        for _ in range(passes):
            now = abs(sparse.diags_array(r) @ a @ sparse.diags_array(c)).tocsr()
            r = r / np.sqrt(_row_size(now))
            c = c / np.sqrt(_row_size(now.T.tocsr()))
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
    solved_rows: np.ndarray
    solved_columns: np.ndarray
    row_scale: np.ndarray
    bound_scale: np.ndarray
    column_scale: np.ndarray
    weight: float
    shape: tuple[int, int]

    def restore(self, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = (self.expand @ u + self.fixed) * self.column_scale
        dual = np.zeros(self.full.shape[0])
        split = self.kept_rows.size
        dual[self.kept_rows] = y[:split]
        if self.solved_rows.size:
            rest = self.cost - self.full.T @ dual
            rest[self.bound_of] -= y[split:] * self.bound_scale
            pivots = self.full[self.solved_rows][:, self.solved_columns].tocsc()
            solver = splu(sparse.csc_matrix(pivots.T), permc_spec="COLAMD", diag_pivot_thresh=0.1)
            right = rest[self.solved_columns]
            dual[self.solved_rows] = solver.solve(right)
        return values[: self.shape[1]], -(dual * self.row_scale / self.weight)[: self.shape[0]]


def reduce_problem(problem: Problem, gradient: np.ndarray) -> Reduced:
    """Bring one stage of a problem into the reduced form (see the module docstring)."""
    names = (*problem.rows, "total")
    kind, year = _rows_of(problem, names)
    a, totals = _with_totals(problem)
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
    row = _power_of_two(1 / np.maximum(_row_size(a), 1e-300))
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
    bound_scale = _power_of_two(1 / np.maximum(_row_size(bound_rows), 1e-300))
    bound_rows = bound_rows.multiply(bound_scale[:, None])
    matrix = sparse.vstack([left, bound_rows], format="csr")
    matrix.eliminate_zeros()
    moved = a[kept] @ fixed
    equation_of = np.full(n, -1)
    equation_of[columns] = rows
    back = _Back(expand, fixed, a, cost, kept, gone, rows, columns, row, bound_scale, column, weight, problem.shape)
    free = np.setdiff1d(np.flatnonzero(lower < upper), columns)
    return Reduced(
        matrix, np.concatenate([low[kept] - moved, (lower[gone] - fixed[gone]) * bound_scale]),
        np.concatenate([high[kept] - moved, (upper[gone] - fixed[gone]) * bound_scale]),
        lower[free], upper[free], expand.T @ cost,
        np.concatenate([kind[kept], kind[equation_of[gone]]]), names,
        np.concatenate([year[kept], year[equation_of[gone]]]), core[free], back,
        np.ones(free.size), np.ones(kept.size + gone.size),
    )  # fmt: skip


def _rows_of(problem: Problem, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Family and year of every row."""
    kind = np.zeros(problem.shape[0], dtype=np.int64)
    year = np.full(problem.shape[0], -1)
    for k, name in enumerate(names[:-1]):
        grid = problem.rows[name]
        here = grid.index >= 0
        kind[grid.index[here]] = k
        if "year" in grid.dims:
            years = np.array([int(str(y)) for y in grid.labels["year"]])
            shape = [1] * grid.index.ndim
            shape[grid.dims.index("year")] = -1
            year[grid.index[here]] = np.broadcast_to(years.reshape(shape), grid.index.shape)[here]
    return kind, year


def _with_totals(problem: Problem) -> tuple[sparse.csr_matrix, np.ndarray]:
    """The matrix with totals in place of their members in the rows of `SHARED`; natural sizes of the totals."""
    a = problem.matrix
    shared = np.zeros(a.shape[0], dtype=bool)
    for name in SHARED:
        if name in problem.rows:
            index = problem.rows[name].index
            shared[index[index >= 0]] = True
    part = sparse.diags_array(shared.astype(float)) @ a
    part = sparse.csc_matrix(part)
    members, heads, sizes = [], [], []
    for name, dim in SUMMED.items():
        grid = problem.variables.get(name)
        if grid is None:
            continue
        index = np.moveaxis(grid.index, grid.dims.index(dim), -1).reshape(-1, grid.index.shape[grid.dims.index(dim)])
        for group in index:
            group = group[group >= 0]
            if group.size < 3:
                continue
            starts, ends = part.indptr[group], part.indptr[group + 1]
            length = ends[0] - starts[0]
            if length < 2 or np.any(ends - starts != length):
                continue
            at = starts[:, None] + np.arange(length)[None, :]
            if np.any(part.indices[at] != part.indices[at[:1]]) or np.any(part.data[at] != part.data[at[:1]]):
                continue
            members.append(group)
            heads.append(group[0])
            sizes.append(float(problem.scale[group].sum()))
    if not members:
        return a, np.zeros(0)
    count = len(members)
    chosen = np.concatenate(members)
    which = np.repeat(np.arange(count), [g.size for g in members])
    own = np.zeros(a.shape[1])
    own[chosen] = 1.0
    remaining = sparse.csr_matrix(a - part @ sparse.diags_array(own))
    remaining.eliminate_zeros()
    define = sparse.csr_matrix((np.ones(chosen.size), (which, chosen)), shape=(count, a.shape[1]))
    upper = sparse.hstack([remaining, part[:, heads]])
    lower = sparse.hstack([define, -sparse.eye_array(count)])
    return sparse.csr_matrix(sparse.vstack([upper, lower])), np.array(sizes)


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
