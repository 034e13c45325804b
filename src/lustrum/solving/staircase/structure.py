"""Which variables are the core, and into which small pieces the rest falls: found once, before the first iteration.

The core is what dense blocks touch: outputs, totals, consumption, debt. A *functional* is a linear form of core
variables through which pieces feel the core: one core variable, or one dense row such as Σ_j (U − S)_ij x_j + …
(a row of `forms`). Every row is one of

    linking   kept with its own multiplier: it ties many pieces together (exchange, tasks, totals, stage locks)
    local     belongs to one piece: coefficients on the piece's variables and on functionals
    pure      coefficients on the core only

Pieces of like shape are stacked, so that the numerical work is done on arrays and no Python loop runs over rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from lustrum.solving.coefficients import Coefficients
from lustrum.solving.staircase.cuts import with_cuts
from lustrum.solving.staircase.forms import Form
from lustrum.solving.staircase.reduce import Reduced
from lustrum.solving.staircase.rows import kinds_of_rows, pieces_of

#: A variable with more coefficients than this belongs to the core.
WIDE_COLUMN = 40
#: A row with more core coefficients than this is a functional of its own.
DIRECT = 3
#: A form of a table takes the other columns of its year along where they are at most this share of all: what it adds to
#: the core is added in place then.
WHOLE_YEAR = 0.05
#: A core with more variables than this is beyond one dense factor on the machines this is for (5 GB, minutes).
LARGEST_CORE = 24_000
#: Pieces larger than this are beyond what small dense inverses are good for.
LARGEST = 160
SIZES = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 240, 320, 480, 640])


class Unfit(Exception):
    """The problem does not have the structure this solver lives on; another one has to take it."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Stacked pieces of one shape: (variables s, rows r, functionals f, linking rows q) × count; B, F and N likewise.

    Places beyond a piece's own size point at a dummy: variable n, row m, functional `ends`, linking row `links`.
    """

    variables: np.ndarray
    rows: np.ndarray
    functionals: np.ndarray
    links: np.ndarray
    b: np.ndarray
    f: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, eq=False)
class Stars:
    """Pieces with one row or none: diagonal plus one outer product, of any size."""

    variables: np.ndarray
    piece: np.ndarray
    rows: np.ndarray
    b: np.ndarray
    functional: np.ndarray
    weight: np.ndarray
    link: sparse.csr_matrix


@dataclass(frozen=True, eq=False)
class Structure:
    """The symbolic part. `core` are the core's variables; functionals number core first, then forms.

    `starts` says where in the core each year begins.
    """

    shape: tuple[int, int]
    core: np.ndarray
    starts: np.ndarray
    linking: np.ndarray
    pure: np.ndarray
    pieces: tuple[Pieces, ...]
    stars: Stars
    forms: tuple[Form, ...]
    count_forms: int
    link_core: np.ndarray
    pure_functionals: sparse.csr_matrix

    @property
    def ends(self) -> int:
        """Number of functionals."""
        return self.core.size + self.count_forms

    @cached_property
    def _shared(self) -> Coefficients:
        """All forms with tables as one: what reads a table once does so for all years."""
        shared = [(form, form.matrix) for form in self.forms if isinstance(form.matrix, Coefficients)]
        row, column, value, tables = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)], []
        for form, matrix in shared:
            coo = matrix.entries.tocoo()
            row.append(form.at[coo.row])
            column.append(form.columns[coo.col])
            value.append(coo.data)
            tables += [replace(t, rows=form.at[t.rows], columns=form.columns[t.columns]) for t in matrix.tables]
        at = (np.concatenate(row), np.concatenate(column))
        entries = sparse.csr_matrix((np.concatenate(value), at), shape=(self.count_forms, self.core.size))
        return Coefficients(entries, tuple(tables))

    def times(self, core: np.ndarray) -> np.ndarray:
        """Values of all forms at values of the core's variables (one column for each plan)."""
        out = self._shared @ core
        for form in self.forms:
            if not isinstance(form.matrix, Coefficients):
                out[form.at] = form.times(core)
        return out

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add to the core's variables what values of all forms mean for them."""
        core += self._shared.T @ rows
        for form in self.forms:
            if not isinstance(form.matrix, Coefficients):
                form.add_transposed(core, rows[form.at])

    def linked(self, coupling: np.ndarray) -> np.ndarray:
        """Linking rows in the core's variables: their own figures, and theirs with all functionals."""
        c: np.ndarray = self.link_core + coupling[:, : self.core.size]
        for form in self.forms:
            part = coupling[:, self.core.size + form.at]
            if part.any():
                form.add_transposed(c.T, part.T)
        return c


def analyse(p: Reduced) -> Structure:
    """Find the structure of a reduced program."""
    g = p.matrix.entries
    m, n = g.shape
    core = p.core | (p.matrix.T.counts() > WIDE_COLUMN) | (np.isinf(p.lower) & np.isinf(p.upper))
    inner = core
    cut = with_cuts(p, core)
    if cut is not None:
        core = cut
    elif core.sum() > LARGEST_CORE:
        raise Unfit(f"a core of {core.sum()} variables is too large for one dense factor")
    linking, local, pure = kinds_of_rows(p, core, cut is not None)
    coo = g.tocoo()
    inside = p.matrix.counts(core)
    column_of, row_of, count = pieces_of(g, core, local)

    # functionals
    dense = np.flatnonzero((local | pure) & ((inside > DIRECT) | p.matrix.tabled()))
    core_at, starts = _by_year(p, np.flatnonzero(core), dense, ~inner[core])
    position = np.full(n, -1)
    position[core_at] = np.arange(core_at.size)
    form_of = np.full(m, -1)
    form_of[dense] = np.arange(dense.size)
    direct = core[coo.col] & (form_of[coo.row] < 0) & (local | pure)[coo.row]
    fr = np.concatenate([coo.row[direct], dense])
    fc = np.concatenate([position[coo.col[direct]], core_at.size + form_of[dense]])
    fv = np.concatenate([coo.data[direct], np.ones(dense.size)])
    functional = sparse.csr_matrix((fv, (fr, fc)), shape=(m, core_at.size + dense.size))
    links = np.flatnonzero(linking)
    link = p.matrix.chosen(links)
    rows_in = np.bincount(row_of[local], minlength=count)
    star = rows_in <= 1
    stars = _stars(g, functional, link, column_of, row_of, star, local)
    pieces = _pieces(g, functional, link, column_of, row_of, ~star)
    forms = _forms(p, dense, core_at, position, starts)
    return Structure(
        (m, n), core_at, starts, links, np.flatnonzero(pure), pieces, stars, forms,
        dense.size, link[:, core_at].toarray(), functional[np.flatnonzero(pure)].tocsr(),
    )  # fmt: skip


def _by_year(
    p: Reduced, core: np.ndarray, dense: np.ndarray, added: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Core variables year by year, those of dense rows first and added ones last, and where years and added ones begin.

    The year is that of the first dense row which has the variable, or else its own.
    """
    coo = p.matrix.entries[dense].tocoo()
    none = np.iinfo(np.int64).max
    first = np.full(p.matrix.shape[1], none)
    known = p.year[dense][coo.row] >= 0
    np.minimum.at(first, coo.col[known], p.year[dense][coo.row[known]])
    here = np.zeros(p.matrix.shape[0], dtype=bool)
    here[dense] = True
    for table in p.matrix.tables:
        years = p.year[table.rows[here[table.rows]]]
        if (years >= 0).any():
            first[table.columns] = np.minimum(first[table.columns], years[years >= 0].min())
    year = np.where((first < none)[core] & ~added, first[core], p.column_year[core])
    order = np.lexsort((first[core] == none, added, year))
    return core[order], np.unique((2 * year + added)[order], return_index=True)[1]


def _forms(
    p: Reduced, dense: np.ndarray, core: np.ndarray, position: np.ndarray, starts: np.ndarray
) -> tuple[Form, ...]:
    """Dense rows gathered by year, on the core columns that any of them touches; tables stay shared."""
    out = []
    for year in np.unique(p.year[dense]):
        at = np.flatnonzero(p.year[dense] == year)
        row_to = np.full(p.matrix.shape[0], -1)
        row_to[dense[at]] = np.arange(at.size)
        tables = [t for t in (t.picked(row_to, position) for t in p.matrix.tables) if t is not None]
        part = p.matrix.entries[dense[at]][:, core].tocsc()
        touched = np.diff(part.indptr) > 0
        for table in tables:
            touched[table.columns] = True
        columns = np.flatnonzero(touched)
        if not tables:
            out.append(Form(at, columns, part[:, columns].toarray()))
            continue
        first, last = np.searchsorted(starts, columns[[0, -1]], side="right")
        whole = np.arange(starts[first - 1], np.append(starts, core.size)[first])
        if first == last and whole.size <= (1 + WHOLE_YEAR) * columns.size:
            columns = whole
        own = part[:, columns]
        column_to = np.full(core.size, -1)
        column_to[columns] = np.arange(columns.size)
        tables = [t for t in (t.picked(np.arange(at.size), column_to) for t in tables) if t is not None]
        out.append(Form(at, columns, Coefficients(sparse.csr_matrix(own), tuple(tables))))
    return tuple(out)


def _stars(
    g: sparse.csr_matrix, functional: sparse.csr_matrix, link: sparse.csr_matrix, column_of: np.ndarray,
    row_of: np.ndarray, star: np.ndarray, local: np.ndarray,
) -> Stars:  # fmt: skip
    """Pieces with at most one row."""
    variables = np.flatnonzero(_belongs(column_of, star))
    number = np.full(star.size, -1)
    number[np.flatnonzero(star)] = np.arange(star.sum())
    rows = np.full(int(star.sum()), g.shape[0])
    own = np.flatnonzero(local & _belongs(row_of, star))
    rows[number[row_of[own]]] = own
    piece = number[column_of[variables]]
    b = np.zeros(variables.size)
    sub = g[own][:, variables].tocoo()
    b[sub.col] = sub.data
    # functionals of the rows, as entries (piece, functional, coefficient)
    f = functional[own].tocoo()
    weight = sparse.csr_matrix((f.data, (number[row_of[own]][f.row], f.col)), shape=(rows.size, functional.shape[1]))
    w = weight.tocoo()
    return Stars(variables, piece, rows, b, np.vstack([w.row, w.col]), w.data, link[:, variables].tocsr())


def _pieces(
    g: sparse.csr_matrix, functional: sparse.csr_matrix, link: sparse.csr_matrix, column_of: np.ndarray,
    row_of: np.ndarray, real: np.ndarray,
) -> tuple[Pieces, ...]:  # fmt: skip
    """Stack the other pieces by shape."""
    m, n = g.shape
    count = real.size
    var_at, var_piece = _ordered(column_of, real)
    row_at, row_piece = _ordered(row_of, real)
    in_piece = np.full(m, -1)
    in_piece[row_at] = row_piece
    f = functional[row_at].tocoo()
    f_piece, f_id, f_back = _distinct(row_piece[f.row], f.col, functional.shape[1])
    lk = link.tocsc()[:, var_at].tocoo()
    q_piece, q_id, q_back = _distinct(var_piece[lk.col], lk.row, max(link.shape[0], 1))
    parts = [_places(p, count) for p in (var_piece, row_piece, f_piece, q_piece)]
    sizes = [np.bincount(p, minlength=count) for p in (var_piece, row_piece, f_piece, q_piece)]
    if var_at.size and sizes[0].max() > LARGEST:
        raise Unfit(f"a piece of {sizes[0].max()} variables hangs together outside the core")
    if max(s.max(initial=0) for s in sizes) > SIZES[-1]:
        raise Unfit("a piece has too many rows")
    shape = np.stack([SIZES[np.searchsorted(SIZES, s)] for s in sizes], axis=1)
    alive = np.flatnonzero(real)
    out = []
    b = g[row_at][:, var_at].tocoo()
    for key in np.unique(shape[alive], axis=0):
        which = alive[(shape[alive] == key).all(axis=1)]
        at = np.full(count, -1)
        at[which] = np.arange(which.size)
        s, r, nf, nq = (int(k) for k in key)
        arrays = []
        for ids, piece, place, width, dummy in (
            (var_at, var_piece, parts[0], s, n), (row_at, row_piece, parts[1], r, m),
            (f_id, f_piece, parts[2], nf, functional.shape[1]), (q_id, q_piece, parts[3], nq, link.shape[0]),
        ):  # fmt: skip
            filled = np.full((which.size, width), dummy)
            mine = at[piece] >= 0
            filled[at[piece[mine]], place[mine]] = ids[mine]
            arrays.append(filled)
        bb, ff, nn = np.zeros((which.size, r, s)), np.zeros((which.size, r, nf)), np.zeros((which.size, nq, s))
        use = at[row_piece[b.row]] >= 0
        bb[at[row_piece[b.row[use]]], parts[1][b.row[use]], parts[0][b.col[use]]] = b.data[use]
        use = at[row_piece[f.row]] >= 0
        ff[at[row_piece[f.row[use]]], parts[1][f.row[use]], parts[2][f_back[use]]] = f.data[use]
        use = at[var_piece[lk.col]] >= 0
        nn[at[var_piece[lk.col[use]]], parts[3][q_back[use]], parts[0][lk.col[use]]] = lk.data[use]
        out.append(Pieces(*(np.ascontiguousarray(np.moveaxis(a, 0, -1)) for a in (*arrays, bb, ff, nn))))
    return tuple(out)


def _belongs(piece: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Whether each belongs to a piece that is chosen; -1 belongs to none, and there may be no pieces at all."""
    return np.append(chosen, False)[piece]


def _ordered(piece: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Members of real pieces, in order of their piece, and the piece of each."""
    at = np.flatnonzero(_belongs(piece, real))
    at = at[np.argsort(piece[at], kind="stable")]
    return at, piece[at]


def _distinct(piece: np.ndarray, what: np.ndarray, base: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct pairs (piece, what) in order, and where each pair went."""
    code, back = np.unique(piece.astype(np.int64) * base + what, return_inverse=True)
    return code // base, code % base, back


def _places(piece: np.ndarray, count: int) -> np.ndarray:
    """Place of each member within its piece (members are in order of their piece)."""
    start = np.concatenate([[0], np.cumsum(np.bincount(piece, minlength=count))])
    return np.arange(piece.size) - start[piece]
