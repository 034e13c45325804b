"""Presolve: from a `Problem` to its reduced program, in three exact steps, each undone by `Postsolve`.

1. Totals. The investments of all activities in one asset and year enter balances and labour with the same
   coefficients; a total N = Σ_j n_j takes their place there.
2. Equations. Each equation (accumulation, distances from a proportion) is solved for one of its variables, which is
   eliminated; its bounds become a row.
3. Scaling by powers of two: variables to natural size, rows to their largest coefficient, the objective to its terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.lexicographic import BOUND
from lustrum.lp.problem import Grid, Problem
from lustrum.lp.scaling import power_of_two, typical
from lustrum.lp.table import Table
from lustrum.solving.staircase.reduced_program import Postsolve, ReducedProgram, one_if_zero

#: Families of rows whose coefficients must be the same for all members of a total, and one where they may be.
SHARED, PARTLY = ("product_balance", "labour"), ("task",)
#: Families of variables that are summed, and the dimension over which.
SUMMED = {"investment": "activity"}
#: Family of the rows that define totals.
TOTAL = "total"
#: Families of variables that many rows share.
CORE = ("output", "consumption", "debt", "lowest", "assortment")
#: A variable in this many product balances is a mix of products, not a flow of one (a stock is in two).
MIXED = 3
#: Rounds of solving equations; each takes one year of a chain whose investments are all given.
ROUNDS = 400
#: A variable is eliminated only if that fills in at most this many coefficients.
FILL = 4000.0


def reduce_problem(problem: Problem, gradient: np.ndarray) -> ReducedProgram:
    """Bring one stage of a problem into the reduced form (see the module docstring)."""
    names = (*problem.rows, TOTAL)
    linking = problem.linking | {BOUND, TOTAL}
    family, row_year = _families_of(problem, names)
    column_year = _years_of(problem.variables, problem.shape[1])
    a, totals, heads = with_totals(problem)
    column_year = np.concatenate([column_year, column_year[heads]])
    m, n = a.shape
    extra = n - problem.shape[1]
    low = np.concatenate([problem.row_lower, np.zeros(extra)])
    high = np.concatenate([problem.row_upper, np.zeros(extra)])
    family = np.concatenate([family, np.full(extra, len(names) - 1)])
    row_year = np.concatenate([row_year, np.full(extra, -1)])
    lower = np.concatenate([problem.lower, np.full(extra, -np.inf)])
    upper = np.concatenate([problem.upper, np.full(extra, np.inf)])
    cost = np.concatenate([-gradient, np.zeros(extra)])
    column = power_of_two(np.concatenate([problem.scale, totals]))
    row = power_of_two(1 / one_if_zero(a.largest(column)))
    a = a.scaled(row, column)
    cost = cost * column
    objective_scale = float(power_of_two(np.array([1 / typical(cost)]))[0])
    cost, low, high = cost * objective_scale, low * row, high * row
    lower, upper = lower / column, upper / column

    core = _core(problem, a)
    a = a.untabled(low == high, ~core)
    rows, columns = pair_equations(a, low, high, lower, upper, family == len(names) - 1, core)
    expansion, offset = express_variables(a.entries, low, lower, upper, rows, columns)
    free = np.setdiff1d(np.flatnonzero(lower < upper), columns)
    # a table keeps the columns of variables that stay or are fixed
    eliminated = np.diff(expansion.indptr) > 0
    eliminated[free] = False
    a = a.untabled(np.zeros(m, dtype=bool), eliminated)
    keep = np.ones(m, dtype=bool)
    keep[rows] = False
    kept = np.flatnonzero(keep & (np.isfinite(low) | np.isfinite(high)))
    matrix = _on_free_variables(a, kept, expansion, free)
    some = matrix.counts() > 0  # a row without a free variable decides nothing
    kept, matrix = kept[some], matrix.picked_rows(some)
    bounded = columns[np.isfinite(lower[columns]) | np.isfinite(upper[columns])]
    bound_rows = expansion[bounded]
    useful = np.diff(bound_rows.indptr) > 0
    bounded, bound_rows = bounded[useful], bound_rows[useful]
    bound_scale = power_of_two(1 / one_if_zero(Coefficients(bound_rows).largest()))
    bound_rows = bound_rows.multiply(bound_scale[:, None])
    bound_rows = sparse.csr_matrix(bound_rows)
    bound_rows.eliminate_zeros()
    equation_of = np.full(n, -1)
    equation_of[columns] = rows
    sources = np.concatenate([kept, equation_of[bounded]])  # the row that each reduced row comes from
    back = Postsolve(
        expansion,
        offset,
        a,
        cost,
        kept,
        free,
        bounded,
        rows,
        columns,
        row,
        bound_scale,
        column,
        objective_scale,
        problem.shape,
    )
    activity = (a @ offset)[kept]
    return ReducedProgram(
        matrix.with_rows(bound_rows),
        back.row_limits(low, lower, activity, offset),
        back.row_limits(high, upper, activity, offset),
        lower[free],
        upper[free],
        expansion.T @ cost,
        np.array([name in linking for name in names])[family[sources]],
        np.array([name == BOUND for name in names])[family[sources]],
        row_year[sources],
        column_year[free],
        core[free],
        back,
        np.ones(sources.size),
        np.ones(free.size),
    )


def _families_of(problem: Problem, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Family and year of every row."""
    family = np.zeros(problem.shape[0], dtype=np.int64)
    for k, name in enumerate(names[:-1]):
        index = problem.rows[name].index
        family[index[index >= 0]] = k
    return family, _years_of(problem.rows, problem.shape[0])


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


def _members(families: Mapping[str, Grid], names: Iterable[str], size: int) -> np.ndarray:
    """Mask of the rows or variables of some families."""
    out = np.zeros(size, dtype=bool)
    for name in names:
        if name in families:
            index = families[name].index
            out[index[index >= 0]] = True
    return out


def _core(problem: Problem, a: Coefficients) -> np.ndarray:
    """Variables that many rows share: by family, by their mix of products, and totals."""
    core = a.T.counts(_members(problem.rows, ("product_balance",), a.shape[0])) >= MIXED
    core[problem.shape[1] :] = True
    return core | _members(problem.variables, CORE, a.shape[1])


def _on_free_variables(
    a: Coefficients, kept: np.ndarray, expansion: sparse.csr_matrix, free: np.ndarray
) -> Coefficients:
    """Some rows as functions of the free variables; tables are unchanged there."""
    entries = sparse.csr_matrix(a.entries[kept] @ expansion)
    entries.eliminate_zeros()
    entries.sort_indices()
    row_to, column_to = np.full(a.shape[0], -1), np.full(a.shape[1], -1)
    row_to[kept], column_to[free] = np.arange(kept.size), np.arange(free.size)
    tables = (table.picked(row_to, column_to) for table in a.tables)
    return Coefficients(entries, tuple(t for t in tables if t is not None))


# ---- totals


def with_totals(problem: Problem) -> tuple[Coefficients, np.ndarray, np.ndarray]:
    """Coefficients with totals in place of their members where all members have the same coefficient.

    That they are the same is checked on the entries; of a table with one column for all of them it is known.

    Returns
    -------
    tuple
        The coefficients, natural sizes of the totals, and the first member of each.
    """
    must = _members(problem.rows, SHARED, problem.shape[0])
    whole, alike = _same_columns(problem, must)
    a = whole.entries
    shared = must | _members(problem.rows, PARTLY, a.shape[0])
    part = sparse.csc_matrix(sparse.diags_array(shared.astype(float)) @ a)
    part.eliminate_zeros()
    members, rows, values, heads, sizes = [], [], [], [], []
    for group in _groups(problem):
        tables = alike.get(group.tobytes(), [])
        found = _common_rows(part, group, must, sum(t.rows.size for t in tables)) if group.size >= 3 else None
        if found is not None:
            members.append(group)
            rows.append(found[0])
            values.append(found[1])
            heads.append([(found[0], found[1]), *((t.rows, t.left * t.matrix[t.row_of, 0]) for t in tables)])
            sizes.append(float(problem.scale[group].sum()))
            alike.pop(group.tobytes(), None)
    a = Coefficients(a, tuple(t for tables in alike.values() for t in tables)).explicit
    if not members:
        return Coefficients(a, whole.tables), np.zeros(0), np.zeros(0, dtype=np.int64)
    count = len(members)
    chosen = np.concatenate(members)
    which = np.repeat(np.arange(count), [g.size for g in members])
    # coefficients that move from the members to their totals
    own_rows = np.concatenate([np.tile(r, g.size) for r, g in zip(rows, members, strict=True)])
    own_columns = np.concatenate([np.repeat(g, r.size) for r, g in zip(rows, members, strict=True)])
    own_values = np.concatenate([np.tile(v, g.size) for v, g in zip(values, members, strict=True)])
    remaining = sparse.csr_matrix(a - sparse.csr_matrix((own_values, (own_rows, own_columns)), shape=a.shape))
    remaining.eliminate_zeros()
    own = [(r, np.full(r.size, k), v) for k, parts in enumerate(heads) for r, v in parts]
    r, c, v = (np.concatenate([x[k] for x in own]) for k in range(3))
    upper = sparse.hstack([remaining, sparse.csr_matrix((v, (r, c)), shape=(a.shape[0], count))])
    define = sparse.csr_matrix((np.ones(chosen.size), (which, chosen)), shape=(count, a.shape[1]))
    lower = sparse.hstack([define, -sparse.eye_array(count)])
    first = np.array([g[0] for g in members])
    entries = sparse.csr_matrix(sparse.vstack([upper, lower]))
    return Coefficients(entries, whole.tables), np.array(sizes), first


def _groups(problem: Problem) -> Iterator[np.ndarray]:
    """Groups of variables that a total may stand for."""
    for name, dim in SUMMED.items():
        if (grid := problem.variables.get(name)) is not None:
            axis = grid.dims.index(dim)
            for group in np.moveaxis(grid.index, axis, -1).reshape(-1, grid.index.shape[axis]):
                yield group[group >= 0]


def _same_columns(problem: Problem, must: np.ndarray) -> tuple[Coefficients, dict[bytes, list[Table]]]:
    """Coefficients without tables on variables that may be summed; and by group, tables with one column for all."""
    summed = np.zeros(problem.shape[1], dtype=bool)
    groups = set()
    for group in _groups(problem):
        summed[group] = True
        groups.add(group.tobytes())
    alike: dict[bytes, list[Table]] = {}
    rest = []
    for table in problem.coefficients.tables:
        key = table.columns.tobytes()
        if key in groups and table.matrix.shape[1] == 1 and must[table.rows].all() and (table.right == 1).all():
            alike.setdefault(key, []).append(table)
        else:
            rest.append(table)
    whole = Coefficients(problem.coefficients.entries, tuple(rest))
    return whole.untabled(np.zeros(problem.shape[0], dtype=bool), summed), alike


def _common_rows(
    part: sparse.csc_matrix, group: np.ndarray, must: np.ndarray, known: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows in which all members of a group have one coefficient, and that coefficient.

    None if these are fewer than two (`known` ones of tables included), or lack a row in which they must agree.
    """
    own = part[:, group].tocoo()
    places, back, times = np.unique(own.row, return_inverse=True, return_counts=True)
    low, high = np.full(places.size, np.inf), np.full(places.size, -np.inf)
    np.minimum.at(low, back, own.data)
    np.maximum.at(high, back, own.data)
    same = (times == group.size) & (low == high)
    if same.sum() + known < 2 or not same[must[places]].all():
        return None
    return places[same], low[same]


# ---- equations


def pair_equations(
    whole: Coefficients,
    low: np.ndarray,
    high: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    keep: np.ndarray,
    core: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Pair equations with the variables they are solved for, so that the pairs form a triangular matrix.

    Equations with one open variable come first (stocks at the opening, given investments), round by round; if there
    are none, variables that are in one open equation only (the investment of a year).
    """
    a = whole.entries  # no equation is in a table
    equation = (low == high) & ~keep
    rows, columns = [], []
    open_columns = lower < upper
    often = whole.T.counts()
    wide = np.diff(a.indptr)
    for _ in range(ROUNDS):
        at = np.flatnonzero(equation)
        if not at.size:
            break
        sub = a[at].tocoo()
        use = open_columns[sub.col] & (sub.data != 0)
        r, c, v = sub.row[use], sub.col[use], np.abs(sub.data[use])
        width = np.bincount(r, minlength=at.size)
        single = np.flatnonzero(width[r] == 1)
        chosen: np.ndarray
        if single.size:
            # if two equations have the same variable, the first gets it
            _, first = np.unique(c[single], return_index=True)
            chosen = single[first]
        else:
            times = np.bincount(c, minlength=a.shape[1])
            fill = often[c].astype(float) * wide[at[r]]
            good = np.flatnonzero((times[c] == 1) & (v >= 1e-3) & ~core[c] & (fill <= FILL))
            # of several, the largest coefficient is the most stable pivot
            order = good[np.lexsort((c[good], -v[good], r[good]))]
            _, first = np.unique(r[order], return_index=True)
            chosen = order[first]
        if not chosen.size:
            break
        rows.append(at[r[chosen]])
        columns.append(c[chosen])
        equation[rows[-1]] = False
        open_columns[columns[-1]] = False
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(rows), np.concatenate(columns)


def express_variables(
    a: sparse.csr_matrix, low: np.ndarray, lower: np.ndarray, upper: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """All variables as expansion @ (free ones) + offset, by repeated substitution."""
    n = a.shape[1]
    free = np.setdiff1d(np.flatnonzero(lower < upper), columns)
    fixed = np.where(lower >= upper, lower, 0.0)
    own = sparse.csr_matrix((np.ones(free.size), (free, np.arange(free.size))), shape=(n, free.size))
    if not rows.size:
        return own, fixed
    equations = a[rows]
    pivot = np.asarray(equations[np.arange(rows.size), columns]).ravel()
    place = sparse.csr_matrix((np.ones(rows.size), (columns, np.arange(rows.size))), shape=(n, rows.size))
    rest = sparse.csr_matrix(sparse.diags_array(1 / pivot) @ equations - place.T)
    rest.eliminate_zeros()
    known = low[rows] / pivot
    expansion, offset = own, fixed
    for _ in range(ROUNDS):
        new = (own - place @ (rest @ expansion)).tocsr()
        new.eliminate_zeros()
        new_offset = fixed + place @ (known - rest @ offset)
        done = new.nnz == expansion.nnz and abs(new - expansion).max() == 0 and np.array_equal(new_offset, offset)
        expansion, offset = new, new_offset
        if done:
            break
    return expansion, offset
