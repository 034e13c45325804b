"""Totals: investments of all activities in one asset and year, as one variable where all that counts is their sum.

They enter balances and labour with the same coefficients. That they are the same is checked on the entries; of tables
with one column for all of them it is known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.problem import Problem
from lustrum.lp.table import Table

#: Rows whose coefficients are the same for all members of a total.
SHARED = ("product_balance", "labour")
#: Families whose members are summed, and the dimension over which.
SUMMED = {"investment": "activity"}


def with_totals(problem: Problem) -> tuple[Coefficients, np.ndarray, np.ndarray]:
    """The coefficients with totals in place of their members in the rows of `SHARED`; natural sizes of the totals, and
    the first member of each."""
    whole, alike = _same_columns(problem)
    a = whole.entries
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
    members, rows, values, heads, sizes = [], [], [], [], []
    for group in _groups(problem):
        tables = alike.get(group.tobytes(), [])
        found = _alike(part, group, must, sum(t.rows.size for t in tables)) if group.size >= 3 else None
        if found is not None:
            members.append(group)
            rows.append(found[0])
            values.append(found[1])
            heads.append([(found[0], found[1]), *((t.rows, t.left * t.matrix[t.row_of, 0]) for t in tables)])
            sizes.append(float(problem.scale[group].sum()))
            alike.pop(group.tobytes(), None)
    left = tuple(t for tables in alike.values() for t in tables)
    a = Coefficients(a, left).explicit
    if not members:
        return Coefficients(a, whole.tables), np.zeros(0), np.zeros(0, dtype=np.int64)
    count = len(members)
    chosen = np.concatenate(members)
    which = np.repeat(np.arange(count), [g.size for g in members])
    # what members leave to their totals
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
    """The variables that a total may stand for."""
    for name, dim in SUMMED.items():
        if (grid := problem.variables.get(name)) is not None:
            axis = grid.dims.index(dim)
            for group in np.moveaxis(grid.index, axis, -1).reshape(-1, grid.index.shape[axis]):
                yield group[group >= 0]


def _same_columns(problem: Problem) -> tuple[Coefficients, dict[bytes, list[Table]]]:
    """Coefficients without any table of variables that may be summed; tables that say the same of all of a group."""
    shared = np.zeros(problem.shape[0], dtype=bool)
    for name in SHARED:
        if name in problem.rows:
            index = problem.rows[name].index
            shared[index[index >= 0]] = True
    summed = np.zeros(problem.shape[1], dtype=bool)
    groups = set()
    for group in _groups(problem):
        summed[group] = True
        groups.add(group.tobytes())
    alike: dict[bytes, list[Table]] = {}
    rest = []
    for table in problem.coefficients.tables:
        key = table.columns.tobytes()
        if key in groups and table.matrix.shape[1] == 1 and shared[table.rows].all() and (table.right == 1).all():
            alike.setdefault(key, []).append(table)
        else:
            rest.append(table)
    whole = Coefficients(problem.coefficients.entries, tuple(rest))
    return whole.untabled(np.zeros(problem.shape[0], dtype=bool), summed), alike


def _alike(
    part: sparse.csc_matrix, group: np.ndarray, must: np.ndarray, known: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows in which all members of a group have one coefficient, and that; None unless these are at least two (with
    those that are known) and every row in which they must agree."""
    own = part[:, group].tocoo()
    places, back, times = np.unique(own.row, return_inverse=True, return_counts=True)
    low, high = np.full(places.size, np.inf), np.full(places.size, -np.inf)
    np.minimum.at(low, back, own.data)
    np.maximum.at(high, back, own.data)
    same = (times == group.size) & (low == high)
    if same.sum() + known < 2 or not same[must[places]].all():
        return None
    return places[same], low[same]
