"""Equations paired with the variables they are solved for, and all variables written by those that are left."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients

#: Rounds of solving equations; each takes one year of a chain whose investments are all data.
ROUNDS = 400
#: A variable is solved for only where that writes at most this many coefficients.
FILL = 4000.0


def solved(
    whole: Coefficients,
    low: np.ndarray,
    high: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    keep: np.ndarray,
    core: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Pair equations with the variables they are solved for, so that the pairs form a triangle.

    First variables that stand in one equation only (the investment of a year); then, round by round, equations
    with one variable left (stocks at the opening, investments that are data); then the same again.
    """
    a = whole.entries  # no equation stands in a table
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
            # two equations may want the same variable: the first takes it
            _, first = np.unique(c[single], return_index=True)
            chosen = single[first]
        else:
            times = np.bincount(c, minlength=a.shape[1])
            fill = often[c].astype(float) * wide[at[r]]
            good = np.flatnonzero((times[c] == 1) & (v >= 1e-3) & ~core[c] & (fill <= FILL))
            # variables without bounds would leave no row behind; the largest coefficient is the safest otherwise
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


def expansion(
    a: sparse.csr_matrix, low: np.ndarray, lower: np.ndarray, upper: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """All variables as expand @ (those left) + fixed."""
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
    expand, value = own, fixed
    for _ in range(ROUNDS):
        new = (own - place @ (rest @ expand)).tocsr()
        new.eliminate_zeros()
        new_value = fixed + place @ (known - rest @ value)
        done = new.nnz == expand.nnz and abs(new - expand).max() == 0 and np.array_equal(new_value, value)
        expand, value = new, new_value
        if done:
            break
    return expand, value
