"""Structure: which variables are the core, and into which pieces the rest falls. Found once, before the iterations.

The core is what dense blocks touch: outputs, totals, consumption, debt. A *functional* is a linear form of core
variables through which pieces depend on the core: one core variable, or one dense row such as Σ_j (U − S)_ij x_j + …
Functionals are numbered core variables first, then dense rows. Every row is one of

    linking   kept with its own multiplier: it ties many pieces together (exchange, tasks, totals, earlier objectives)
    local     belongs to one piece: coefficients on the piece's variables and on functionals
    pure      coefficients on the core only

A lasting piece, such as the capital of one asset in one activity, ties any year of the core to any other. With its
variables of one year in the core as *separators*, the years before are tied to those after through them alone: more
variables, but fewer operations. A few such separators make the work linear in the number of years.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lustrum.lp.coefficients import Coefficients
from lustrum.solving.staircase.layout import coupling_kinds, find_order
from lustrum.solving.staircase.pieces import (
    PieceStack,
    RankOneBlocks,
    UnsuitableStructure,
    rank_one_blocks,
    stack_pieces,
)
from lustrum.solving.staircase.reduced_program import ReducedProgram

#: A variable with more coefficients than this belongs to the core.
WIDE_COLUMN = 40
#: A row with more core coefficients than this is a functional of its own.
DIRECT = 3
#: Dense rows with a table include the other core variables of their year if these are at most this share of all: the
#: product of the rows with themselves can then be added in place.
WHOLE_YEAR = 0.05
#: A core with more variables than this is too large for the machines this is meant for (5 GB, minutes).
LARGEST_CORE = 24_000

#: Separators are used if they save at least this share of the operations.
SAVING = 0.1
#: Years from one separator to the next that are tried, with this many orders of elimination followed for each.
STEPS, BEAM = (1, 2, 3, 4), 2
#: For fewer years, or a smaller core, separators are not considered.
YEARS, WORTH = 5, 500

NEVER = np.iinfo(np.int64).max


class DenseRows(Protocol):
    """Dense rows of one year as the core is assembled from them, on the processor or on a device."""

    @property
    def numbers(self) -> np.ndarray:
        """The rows' numbers among all dense rows."""

    def add_transposed(self, core: Any, rows: np.ndarray) -> None:
        """Add the transposed rows, times values for each row, to values of the core's variables."""

    def weighted(self, weight: np.ndarray) -> Any:
        """Rows times their weights."""

    def premultiplied(self, matrix: sparse.csr_matrix) -> Any:
        """A sparse matrix times the rows."""

    def select(self, rows: np.ndarray) -> Any:
        """Some rows."""

    def weighted_product(self, rows: np.ndarray, weight: np.ndarray, other: Any, columns: np.ndarray) -> Any:
        """Sum of weighted outer products of some rows with some of another year."""


@dataclass(frozen=True, eq=False)
class HostRows:
    """Dense rows of one year on the processor: their numbers among all dense rows, core columns, coefficients."""

    numbers: np.ndarray
    columns: np.ndarray
    matrix: np.ndarray | Coefficients

    def times(self, core: np.ndarray) -> np.ndarray:
        """The rows times values of the core's variables."""
        return np.asarray(self.matrix @ core[self.columns])

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add the transposed rows, times values for each row, to values of the core's variables."""
        core[self.columns] += self.matrix.T @ rows

    def weighted(self, weight: np.ndarray) -> np.ndarray:
        """Rows times their weights, stored row by row."""
        if isinstance(self.matrix, Coefficients):
            return self.matrix.dense(weight)
        return np.asarray(weight[:, None] * self.matrix)

    def premultiplied(self, matrix: sparse.csr_matrix) -> np.ndarray:
        """A sparse matrix times the rows."""
        own = self.matrix
        return own.left(matrix) if isinstance(own, Coefficients) else np.asarray(matrix @ own)

    def select(self, rows: np.ndarray) -> np.ndarray:
        """Some rows."""
        return self.matrix.chosen(rows).toarray() if isinstance(self.matrix, Coefficients) else self.matrix[rows]

    def weighted_product(
        self, rows: np.ndarray, weight: np.ndarray, other: DenseRows, columns: np.ndarray
    ) -> np.ndarray:
        """Sum of weighted outer products of some rows with some of another year."""
        return np.asarray((self.select(rows) * weight[:, None]).T @ other.select(columns))


@dataclass(frozen=True, eq=False)
class Structure:
    """The symbolic part.

    Attributes
    ----------
    shape
        Rows and variables of the program.
    core, starts
        The core's variables, year by year, and where in the core a year or its separators begin.
    linking, pure
        Rows of these kinds.
    pieces, rank_one
        The rest of the variables, and the local rows.
    dense_rows, dense_count
        Dense rows by year, and how many there are.
    link_core
        Linking rows on the core.
    pure_functionals
        Pure rows on functionals.
    """

    shape: tuple[int, int]
    core: np.ndarray
    starts: np.ndarray
    linking: np.ndarray
    pure: np.ndarray
    pieces: tuple[PieceStack, ...]
    rank_one: RankOneBlocks
    dense_rows: tuple[HostRows, ...]
    dense_count: int
    link_core: np.ndarray
    pure_functionals: sparse.csr_matrix

    @property
    def functional_count(self) -> int:
        """Number of functionals."""
        return self.core.size + self.dense_count

    @cached_property
    def _shared(self) -> Coefficients:
        """All dense rows with tables as one: a product then reads a table once for all years."""
        shared = [(own, own.matrix) for own in self.dense_rows if isinstance(own.matrix, Coefficients)]
        row, column, value, tables = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)], []
        for own, matrix in shared:
            coo = matrix.entries.tocoo()
            row.append(own.numbers[coo.row])
            column.append(own.columns[coo.col])
            value.append(coo.data)
            tables += [replace(t, rows=own.numbers[t.rows], columns=own.columns[t.columns]) for t in matrix.tables]
        at = (np.concatenate(row), np.concatenate(column))
        entries = sparse.csr_matrix((np.concatenate(value), at), shape=(self.dense_count, self.core.size))
        return Coefficients(entries, tuple(tables))

    def times(self, core: np.ndarray) -> np.ndarray:
        """All dense rows times values of the core's variables (one column for each plan)."""
        out = self._shared @ core
        for own in self.dense_rows:
            if not isinstance(own.matrix, Coefficients):
                out[own.numbers] = own.times(core)
        return out

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add all transposed dense rows, times values for each row, to values of the core's variables."""
        core += self._shared.T @ rows
        for own in self.dense_rows:
            if not isinstance(own.matrix, Coefficients):
                own.add_transposed(core, rows[own.numbers])

    def link_rows(self, coupling: np.ndarray) -> np.ndarray:
        """Linking rows on the core's variables: their own coefficients, and those on functionals."""
        c: np.ndarray = self.link_core + coupling[:, : self.core.size]
        add_link_rows(self.dense_rows, c, coupling[:, self.core.size :])
        return c


def add_link_rows(dense_rows: Iterable[DenseRows], c: Any, coupling: np.ndarray) -> None:
    """Add linking rows on dense rows (`coupling`), written in the core's variables, to c."""
    for own in dense_rows:
        part = coupling[:, own.numbers]
        if part.any():
            own.add_transposed(c.T, part.T)


def analyse(p: ReducedProgram) -> Structure:
    """Find the structure of a reduced program.

    Raises
    ------
    UnsuitableStructure
        If the core or a piece is too large.
    """
    g = p.matrix.entries
    m, n = g.shape
    core = p.core | (p.matrix.T.counts() > WIDE_COLUMN) | (np.isinf(p.lower) & np.isinf(p.upper))
    inner = core
    wider = with_separators(p, core)
    if wider is not None:
        core = wider
    elif core.sum() > LARGEST_CORE:
        raise UnsuitableStructure(f"a core of {core.sum()} variables is too large for one dense factor")
    linking, local, pure = row_kinds(p, core, wider is not None)
    coo = g.tocoo()
    inside = p.matrix.counts(core)
    column_of, row_of, count = components(g, core, local)

    dense = np.flatnonzero((local | pure) & ((inside > DIRECT) | p.matrix.tabled()))
    core_at, starts = _by_year(p, np.flatnonzero(core), dense, ~inner[core])
    position = np.full(n, -1)
    position[core_at] = np.arange(core_at.size)
    number = np.full(m, -1)
    number[dense] = np.arange(dense.size)
    direct = core[coo.col] & (number[coo.row] < 0) & (local | pure)[coo.row]
    fr = np.concatenate([coo.row[direct], dense])
    fc = np.concatenate([position[coo.col[direct]], core_at.size + number[dense]])
    fv = np.concatenate([coo.data[direct], np.ones(dense.size)])
    functional = sparse.csr_matrix((fv, (fr, fc)), shape=(m, core_at.size + dense.size))
    links = np.flatnonzero(linking)
    link = p.matrix.chosen(links)
    one_row = np.bincount(row_of[local], minlength=count) <= 1
    return Structure(
        (m, n),
        core_at,
        starts,
        links,
        np.flatnonzero(pure),
        stack_pieces(g, functional, link, column_of, row_of, ~one_row),
        rank_one_blocks(g, functional, link, column_of, row_of, one_row, local),
        _dense_rows(p, dense, core_at, position, starts),
        dense.size,
        link[:, core_at].toarray(),
        functional[np.flatnonzero(pure)].tocsr(),
    )


def row_kinds(p: ReducedProgram, core: np.ndarray, separated: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows are linking, local, pure (a mask each)."""
    outside, inside = p.matrix.counts(~core), p.matrix.counts(core)
    linking = (p.linking & (outside > 0)) | (p.row_lower == p.row_upper)
    if separated:  # a row over several years would tie them all again
        linking |= p.linking & (_span(p) > 0)
    return linking, ~linking & (outside > 0), ~linking & (outside == 0) & (inside > 0)


def components(g: sparse.csr_matrix, core: np.ndarray, local: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Number of the piece of every variable and row (-1: of none), and how many pieces there are."""
    m, n = g.shape
    coo = g.tocoo()
    use = local[coo.row] & ~core[coo.col]
    graph = sparse.coo_matrix((np.ones(use.sum()), (coo.row[use], m + coo.col[use])), shape=(m + n, m + n))
    _, label = connected_components(graph, directed=False)
    column_of, row_of = label[m:].copy(), label[:m].copy()
    column_of[core], row_of[~local] = -1, -1
    ids = np.unique(column_of[~core])
    column_of[~core] = np.searchsorted(ids, column_of[~core])
    row_of[local] = np.searchsorted(ids, row_of[local])
    return column_of, row_of, ids.size


def _span(p: ReducedProgram) -> np.ndarray:
    """Years between the first and the last variable of every row."""
    coo = p.matrix.entries.tocoo()
    use = p.column_year[coo.col] >= 0
    row, year = coo.row[use], p.column_year[coo.col[use]]
    first, last = np.full(p.matrix.shape[0], NEVER), np.full(p.matrix.shape[0], -1)
    np.minimum.at(first, row, year)
    np.maximum.at(last, row, year)
    for table in p.matrix.tables:
        years = p.column_year[table.columns]
        if (years >= 0).any():
            first[table.rows] = np.minimum(first[table.rows], years[years >= 0].min())
            last[table.rows] = np.maximum(last[table.rows], years.max())
    return np.where(last >= 0, last - first, 0)


def _by_year(
    p: ReducedProgram, core: np.ndarray, dense: np.ndarray, added: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Core variables year by year, those of dense rows first, separators (`added`) last; and where each part begins.

    The year is that of the first dense row which has the variable, or else its own.
    """
    coo = p.matrix.entries[dense].tocoo()
    first = np.full(p.matrix.shape[1], NEVER)
    known = p.row_year[dense][coo.row] >= 0
    np.minimum.at(first, coo.col[known], p.row_year[dense][coo.row[known]])
    here = np.zeros(p.matrix.shape[0], dtype=bool)
    here[dense] = True
    for table in p.matrix.tables:
        years = p.row_year[table.rows[here[table.rows]]]
        if (years >= 0).any():
            first[table.columns] = np.minimum(first[table.columns], years[years >= 0].min())
    year = np.where((first < NEVER)[core] & ~added, first[core], p.column_year[core])
    order = np.lexsort((first[core] == NEVER, added, year))
    return core[order], np.unique((2 * year + added)[order], return_index=True)[1]


def _dense_rows(
    p: ReducedProgram, dense: np.ndarray, core: np.ndarray, position: np.ndarray, starts: np.ndarray
) -> tuple[HostRows, ...]:
    """Dense rows gathered by year, on the core columns that any of them touches; tables stay shared."""
    out = []
    for year in np.unique(p.row_year[dense]):
        at = np.flatnonzero(p.row_year[dense] == year)
        row_to = np.full(p.matrix.shape[0], -1)
        row_to[dense[at]] = np.arange(at.size)
        tables = [t for t in (t.picked(row_to, position) for t in p.matrix.tables) if t is not None]
        part = p.matrix.entries[dense[at]][:, core].tocsc()
        touched = np.diff(part.indptr) > 0
        for table in tables:
            touched[table.columns] = True
        columns = np.flatnonzero(touched)
        if not tables:
            out.append(HostRows(at, columns, part[:, columns].toarray()))
            continue
        first, last = np.searchsorted(starts, columns[[0, -1]], side="right")
        whole = np.arange(starts[first - 1], np.append(starts, core.size)[first])
        if first == last and whole.size <= (1 + WHOLE_YEAR) * columns.size:
            columns = whole
        column_to = np.full(core.size, -1)
        column_to[columns] = np.arange(columns.size)
        tables = [t for t in (t.picked(np.arange(at.size), column_to) for t in tables) if t is not None]
        out.append(HostRows(at, columns, Coefficients(sparse.csr_matrix(part[:, columns]), tuple(tables))))
    return tuple(out)


# ---- separators


def with_separators(p: ReducedProgram, core: np.ndarray) -> np.ndarray | None:
    """The core with variables of lasting pieces of some years, if that saves work; else None."""
    years = p.column_year
    calendar = np.unique(years[core])
    if calendar.size < YEARS or core.sum() < WORTH or calendar[0] < 0:
        return None
    local = row_kinds(p, core, False)[1]
    column_of, _, count = components(p.matrix.entries, core, local)
    out = np.flatnonzero(column_of >= 0)
    first, last = np.full(count, NEVER), np.full(count, -1)
    np.minimum.at(first, column_of[out], years[out])
    np.maximum.at(last, column_of[out], years[out])
    lasting = np.zeros(core.size, dtype=bool)
    lasting[out] = (first < last)[column_of[out]]
    if not lasting.any() or (years[lasting] < 0).any():
        return None
    linking = row_kinds(p, core | lasting, True)[0]
    inside = _counts(p, core, calendar, ~linking)
    outside = p.matrix.entries[:, np.flatnonzero(~core)].tocsr()  # tables are in the core alone
    best, wider = (1 - SAVING) * _operations(p, core, core, calendar, inside, outside, linking), None
    for step in STEPS:
        chosen = lasting & np.isin(years, calendar[step : calendar.size - 1 : step] if step > 1 else calendar)
        cost = _operations(p, core, core | chosen, calendar, inside, outside, linking)
        if cost < best:
            best, wider = cost, core | chosen
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


def _operations(
    p: ReducedProgram,
    core: np.ndarray,
    wider: np.ndarray,
    calendar: np.ndarray,
    inside: sparse.csr_matrix,
    outside: sparse.csr_matrix,
    linking: np.ndarray,
) -> float:
    """Operations to factorise the core `wider`, which contains `core`."""
    m = outside.shape[0]
    free, separators = np.flatnonzero(~wider[~core]), np.flatnonzero(wider[~core])
    rest = outside[:, free].tocoo()
    use = ~linking[rest.row]
    graph = sparse.coo_matrix(
        (np.ones(int(use.sum())), (rest.row[use], m + rest.col[use])), shape=(m + free.size, m + free.size)
    )
    _, label = connected_components(graph, directed=False)
    label = label[:m]  # rows of one piece have one label
    known = np.unique(p.column_year[wider])
    year = np.searchsorted(known, p.column_year[np.flatnonzero(~core)[separators]])
    added = sparse.csr_matrix(
        (np.ones(separators.size), (np.arange(separators.size), year)), (separators.size, known.size)
    )
    there = outside[:, separators].tocsr()
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
    entries = np.asarray((by_piece.T @ by_piece).todense())
    return find_order(size[time], coupling_kinds(entries, size[time]), int(linking.sum()), BEAM).cost
