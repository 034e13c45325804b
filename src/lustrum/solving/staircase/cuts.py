"""Whether the core has variables of lasting pieces in it, and of which years: what makes it cheapest to factorise.

A piece that lasts, such as the capital of one asset in one activity, ties any year of the core to any other. With its
variables of one year in the core, the years before are tied to those after through them alone. More variables, but
less to multiply: a few such cuts make the work linear in years.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lustrum.solving.staircase.order import kinds_of_ties, plan
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.rows import kinds_of_rows, pieces_of

#: Cuts are made where they save at least this share of the operations.
SAVING = 0.1
#: Years between two cuts that are tried.
STEPS = (1, 2, 3, 4)
#: Orders followed at once for each of them: enough to tell them apart.
BEAM = 2
#: Fewer years are not worth a cut; a smaller core neither.
YEARS, WORTH = 5, 500


def with_cuts(p: ReducedProgram, core: np.ndarray) -> np.ndarray | None:
    """The core with variables of lasting pieces of some years, where that pays; None elsewhere."""
    years = p.column_year
    calendar = np.unique(years[core])
    if calendar.size < YEARS or core.sum() < WORTH or calendar[0] < 0:
        return None
    local = kinds_of_rows(p, core, False)[1]
    column_of, _, count = pieces_of(p.matrix.entries, core, local)
    out = np.flatnonzero(column_of >= 0)
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, column_of[out], years[out])
    np.maximum.at(last, column_of[out], years[out])
    lasting = np.zeros(core.size, dtype=bool)
    lasting[out] = (first < last)[column_of[out]]
    if not lasting.any() or (years[lasting] < 0).any():
        return None
    linking = kinds_of_rows(p, core | lasting, True)[0]
    inside = _counts(p, core, calendar, ~linking)
    outside = p.matrix.entries[:, np.flatnonzero(~core)].tocsr()  # tables stand in the core alone
    best, wider = (1 - SAVING) * _cost(p, core, core, calendar, inside, outside, linking), None
    for step in STEPS:
        cut = lasting & np.isin(years, calendar[step : calendar.size - 1 : step] if step > 1 else calendar)
        cost = _cost(p, core, core | cut, calendar, inside, outside, linking)
        if cost < best:
            best, wider = cost, core | cut
    return wider


def _counts(p: ReducedProgram, core: np.ndarray, calendar: np.ndarray, rows: np.ndarray) -> sparse.csr_matrix:
    """How many core variables of each year every row has."""
    at = np.flatnonzero(core)
    year = sparse.csr_matrix(
        (np.ones(at.size), (at, np.searchsorted(calendar, p.column_year[at]))), shape=(core.size, calendar.size)
    )
    g = p.matrix.entries
    found = sparse.csr_matrix((np.ones(g.nnz), g.indices, g.indptr), shape=g.shape) @ year
    for table in p.matrix.tables:
        for number in np.unique(p.column_year[table.columns]):
            count = table.counts(p.column_year == number)
            places = (table.rows, np.full(count.size, np.searchsorted(calendar, number)))
            found = found + sparse.csr_matrix((count.astype(float), places), shape=found.shape)
    return sparse.csr_matrix(sparse.diags(rows.astype(float)) @ found)


def _cost(
    p: ReducedProgram,
    core: np.ndarray,
    wider: np.ndarray,
    calendar: np.ndarray,
    inside: sparse.csr_matrix,
    outside: sparse.csr_matrix,
    linking: np.ndarray,
) -> float:
    """Operations to factorise a core that has more variables in it."""
    m = outside.shape[0]
    free, cut = np.flatnonzero(~wider[~core]), np.flatnonzero(wider[~core])
    rest = outside[:, free].tocoo()
    use = ~linking[rest.row]
    graph = sparse.coo_matrix(
        (np.ones(int(use.sum())), (rest.row[use], m + rest.col[use])), shape=(m + free.size, m + free.size)
    )
    _, label = connected_components(graph, directed=False)
    label = label[:m]  # rows of one piece have one label
    known = np.unique(p.column_year[wider])
    year = np.searchsorted(known, p.column_year[np.flatnonzero(~core)[cut]])
    added = sparse.csr_matrix((np.ones(cut.size), (np.arange(cut.size), year)), shape=(cut.size, known.size))
    there = outside[:, cut].tocsr()
    there.data[:] = 1.0
    there = sparse.diags((~linking).astype(float)) @ there @ added
    gather = sparse.csr_matrix((np.ones(m), (label, np.arange(m))))
    node = sparse.hstack([inside, there]).tocsr()
    size = np.concatenate(
        [
            np.bincount(np.searchsorted(calendar, p.column_year[core]), minlength=calendar.size),
            np.bincount(year, minlength=known.size),
        ]
    )
    time = np.argsort(np.concatenate([2 * calendar, 2 * known + 1]), kind="stable")
    time = time[size[time] > 0]
    by_piece = (gather @ node)[:, time]
    figures = np.asarray((by_piece.T @ by_piece).todense())
    ties = kinds_of_ties(figures, size[time])
    return plan(size[time], ties, int(linking.sum()), BEAM).cost
