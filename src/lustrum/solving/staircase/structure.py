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

from lustrum.lp.coefficients import Coefficients
from lustrum.solving.staircase.cuts import with_cuts
from lustrum.solving.staircase.forms import Form
from lustrum.solving.staircase.reduce import Reduced
from lustrum.solving.staircase.rows import kinds_of_rows, pieces_of
from lustrum.solving.staircase.stacks import Pieces, Stars, Unfit, stacks_of, stars_of

#: A variable with more coefficients than this belongs to the core.
WIDE_COLUMN = 40
#: A row with more core coefficients than this is a functional of its own.
DIRECT = 3
#: A form of a table takes the other columns of its year along where they are at most this share of all: what it adds to
#: the core is added in place then.
WHOLE_YEAR = 0.05
#: A core with more variables than this is beyond one dense factor on the machines this is for (5 GB, minutes).
LARGEST_CORE = 24_000


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
    stars = stars_of(g, functional, link, column_of, row_of, star, local)
    pieces = stacks_of(g, functional, link, column_of, row_of, ~star)
    forms = _forms(p, dense, core_at, position, starts)
    return Structure(
        (m, n),
        core_at,
        starts,
        links,
        np.flatnonzero(pure),
        pieces,
        stars,
        forms,
        dense.size,
        link[:, core_at].toarray(),
        functional[np.flatnonzero(pure)].tocsr(),
    )


def _by_year(p: Reduced, core: np.ndarray, dense: np.ndarray, added: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
