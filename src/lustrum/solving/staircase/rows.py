"""What rows tie together: kinds of rows, and pieces that hang together outside the core.

Every row is linking (kept with its own multiplier), local to one piece, or on the core alone (pure).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lustrum.lp.lexicographic import BOUND
from lustrum.solving.staircase.reduce import Reduced

#: Families that tie many pieces together.
LINKING = ("task", BOUND, "exchange", "labour", "resource", "total")


def kinds_of_rows(p: Reduced, core: np.ndarray, cut: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows are linking, local, pure (a mask each)."""
    outside, inside = p.matrix.counts(~core), p.matrix.counts(core)
    families = np.array([name in LINKING for name in p.names])[p.kind]
    linking = (families & (outside > 0)) | (p.low == p.high)
    if cut:  # a sum over years would tie all of them
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


def _span(p: Reduced) -> np.ndarray:
    """Years between the first and the last variable of every row."""
    coo = p.matrix.entries.tocoo()
    use = p.column_year[coo.col] >= 0
    row, year = coo.row[use], p.column_year[coo.col[use]]
    first, last = np.full(p.matrix.shape[0], np.iinfo(np.int64).max), np.full(p.matrix.shape[0], -1)
    np.minimum.at(first, row, year)
    np.maximum.at(last, row, year)
    for table in p.matrix.tables:
        years = p.column_year[table.columns]
        if (years >= 0).any():
            first[table.rows] = np.minimum(first[table.rows], years[years >= 0].min())
            last[table.rows] = np.maximum(last[table.rows], years.max())
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
