"""What rows tie together: kinds of rows, pieces that hang together outside the core, and whether years form a chain.

Every row is linking (kept with its own multiplier), local to one piece, or on the core alone (pure). A piece that
lasts, such as the capital of one asset in one activity, ties any year of the core to any other. With its variables in
the core, a year is tied to its neighbours only: a larger core for each year, but a factor linear in years.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lustrum.solving.staircase.chain import Chain
from lustrum.solving.staircase.early import Early
from lustrum.solving.staircase.reduce import Reduced

#: Families that tie many pieces together.
LINKING = ("task", "stage_lock", "exchange", "labour", "resource", "total")
#: The chain is taken where it saves at least this share of the operations.
SAVING = 0.15
#: Rows may tie this many years in a row, at most, for a chain.
FARTHEST = 3


def kinds_of_rows(p: Reduced, core: np.ndarray, chained: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows are linking, local, pure (a mask each)."""
    coo = p.matrix.tocoo()
    m = p.matrix.shape[0]
    outside = np.bincount(coo.row[~core[coo.col]], minlength=m)
    inside = np.bincount(coo.row[core[coo.col]], minlength=m)
    families = np.array([name in LINKING for name in p.names])[p.kind]
    linking = (families & (outside > 0)) | (p.low == p.high)
    if chained:  # a sum over years would tie all of them
        linking |= families & (_span(p) > 0)
    return linking, ~linking & (outside > 0), ~linking & (outside == 0) & (inside > 0)


def pieces_of(g: sparse.csr_matrix, core: np.ndarray, local: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Number of the piece of every variable and row (-1: of none), and how many there are."""
    m, n = g.shape
    coo = g.tocoo()
    satellite = ~core
    use = local[coo.row] & satellite[coo.col]
    graph = sparse.coo_matrix((np.ones(use.sum()), (coo.row[use], m + coo.col[use])), shape=(m + n, m + n))
    _, label = connected_components(graph, directed=False)
    column_of, row_of = label[m:].copy(), label[:m].copy()
    column_of[core], row_of[~local] = -1, -1
    ids = np.unique(column_of[satellite])
    column_of[satellite] = np.searchsorted(ids, column_of[satellite])
    row_of[local] = np.searchsorted(ids, row_of[local])
    return column_of, row_of, ids.size


def by_chain(p: Reduced, core: np.ndarray) -> np.ndarray | None:
    """The core with the variables of lasting pieces in it, where that makes a chain that pays; None elsewhere."""
    local = kinds_of_rows(p, core, False)[1]
    column_of, _, count = pieces_of(p.matrix, core, local)
    out = np.flatnonzero(column_of >= 0)
    years = p.column_year
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, column_of[out], years[out])
    np.maximum.at(last, column_of[out], years[out])
    wider = core.copy()
    wider[out] = (first < last)[column_of[out]]
    if (years[wider] < 0).any():
        return None
    linking = kinds_of_rows(p, wider, True)[0]
    step = reach(p, wider, linking)
    if step > FARTHEST:
        return None
    calendar = np.unique(years[wider])
    if calendar.size < 2 * step + 1:
        return None
    group = np.searchsorted(calendar, years[wider]) // step
    chain = Chain.cost(np.bincount(group))
    dense = Early.cost(np.unique(years[core], return_counts=True)[1])[0]
    return wider if chain < (1 - SAVING) * dense else None


def reach(p: Reduced, core: np.ndarray, linking: np.ndarray) -> int:
    """How many years apart the core variables of one row are, at most (at least 1)."""
    span = _span(p, core)
    return max(int(span[~linking].max(initial=0)), 1)


def _span(p: Reduced, core: np.ndarray | None = None) -> np.ndarray:
    """Years between the first and the last variable of every row (of the core's variables alone)."""
    coo = p.matrix.tocoo()
    use = p.column_year[coo.col] >= 0
    if core is not None:
        use &= core[coo.col]
    row, year = coo.row[use], p.column_year[coo.col[use]]
    first, last = np.full(p.matrix.shape[0], np.iinfo(np.int64).max), np.full(p.matrix.shape[0], -1)
    np.minimum.at(first, row, year)
    np.maximum.at(last, row, year)
    return np.where(last >= 0, last - first, 0)


def pairs(indptr: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ordered pairs of entries within each row: row, first, second."""
    rows, first, second = [], [], []
    for size in np.unique(width):
        at = np.flatnonzero(width == size)
        if size == 0:
            continue
        own = indptr[at][:, None] + np.arange(size)[None, :]
        first.append(np.repeat(own, size, axis=1).ravel())
        second.append(np.tile(own, (1, size)).ravel())
        rows.append(np.repeat(at, size * size))
    if not rows:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    return np.concatenate(rows), np.concatenate(first), np.concatenate(second)
