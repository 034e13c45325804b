"""Where every figure of the core comes from and goes to: found once, so that an iteration only adds up and copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from lustrum.solving.staircase.core import Core
from lustrum.solving.staircase.device import Namespace
from lustrum.solving.staircase.device_core import DeviceCore
from lustrum.solving.staircase.device_tables import DeviceForms
from lustrum.solving.staircase.forms import DenseRows
from lustrum.solving.staircase.kernels import sum_at
from lustrum.solving.staircase.rows import pairs
from lustrum.solving.staircase.structure import Structure


class Targets:
    """Pairs of functionals that the core's variables, pure rows, pieces and stars contribute to, in this order.

    Of a pair and its mirror image one is kept: that of which the first functional ranks higher, forms above variables.
    """

    def __init__(self, s: Structure, star: sparse.csr_matrix) -> None:
        self.s = s
        nc, nt = s.core.size, s.ends
        rank = np.arange(nt + 1)
        for k, form in enumerate(s.forms):
            rank[nc + form.at] = nc + k * s.count_forms + np.arange(form.at.size)
        codes = [np.arange(nc) * (nt + 1)]

        def halves(m: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
            row, a, b = pairs(m.indptr, np.diff(m.indptr))
            use = rank[m.indices[a]] >= rank[m.indices[b]]
            row, a, b = row[use], a[use], b[use]
            codes.append(m.indices[a].astype(np.int64) * nt + m.indices[b])
            return row, m.data[a] * m.data[b]

        self.pure = halves(s.pure_functionals)
        self.keep: list[np.ndarray] = []
        for piece in s.pieces:
            f = piece.functionals
            real = f < nt
            keep = real[:, None] & real & (rank[f][:, None] >= rank[f])
            codes.append((f[:, None] * np.int64(nt) + f)[keep])
            self.keep.append(np.flatnonzero(keep))
        self.star = halves(star)
        unique, self._back = np.unique(np.concatenate(codes), return_inverse=True)
        self._size = unique.size
        row, col = self.unique = unique // nt, unique % nt
        self.direct = np.flatnonzero((row < nc) & (col < nc))
        self._of_forms(row, col)

    def _of_forms(self, row: np.ndarray, col: np.ndarray) -> None:
        nc, nt, forms = self.s.core.size, self.s.ends, self.s.forms
        place, group = np.full(nt, -1), np.full(nt, -1)  # place within the form, number of the form
        for k, form in enumerate(forms):
            group[nc + form.at], place[nc + form.at] = k, np.arange(form.at.size)
        both = (row >= nc) & (col >= nc)
        self.blocks = []
        for k in range(len(forms)):
            for l in range(k + 1):  # noqa: E741
                at = np.flatnonzero(both & (group[row] == k) & (group[col] == l) & ((k != l) | (row >= col)))
                if k == l:
                    at = at[row[at] != col[at]]
                if at.size:
                    self.blocks.append((k, l, at, place[row[at]], place[col[at]]))
        self.mixed = []
        self.diagonal = []
        for k, form in enumerate(forms):
            at = np.flatnonzero((row >= nc) & (col < nc) & (group[row] == k))
            rows, own = np.unique(col[at], return_inverse=True)
            number = np.arange(1.0, at.size + 1)  # where each figure ends up in the sparse matrix
            x = sparse.csr_matrix((number, (own, place[row[at]])), shape=(rows.size, form.at.size))
            self.mixed.append((at[x.data.astype(np.int64) - 1], x, rows))
            diagonal = np.full(form.at.size, -1)
            at = np.flatnonzero(both & (row == col) & (group[row] == k))
            diagonal[place[row[at]]] = at
            self.diagonal.append(diagonal)

    def found(self, values: list[np.ndarray]) -> np.ndarray:
        """What every pair gets, of each plan, from the contributions in their order."""
        return sum_at(self._back, np.concatenate(values, axis=1), self._size)

    def spread(self, columns: np.ndarray) -> bool:
        """Whether columns belong to several years of the core."""
        at = np.searchsorted(self.s.starts, columns, side="right")
        return bool(columns.size and at.min() != at.max())

    def ties(self) -> sparse.csr_matrix:
        """Where the core can have figures, apart from the dense block of each form."""
        nc, forms = self.s.core.size, self.s.forms
        row, col = (index[self.direct] for index in self.unique)
        rectangles = [(forms[k].columns, forms[l].columns) for k, l, *_ in self.blocks if k != l]  # noqa: E741
        rectangles += [(form.columns, form.columns) for form in forms if self.spread(form.columns)]
        mixed = ((rows, form.columns) for form, (_, _, rows) in zip(forms, self.mixed, strict=True))
        rectangles += [(a, b) for a, b in mixed if self.spread(np.concatenate([a, b]))]  # a node's block is dense
        rows = np.concatenate([row, *(np.repeat(a, b.size) for a, b in rectangles)])
        cols = np.concatenate([col, *(np.tile(b, a.size) for a, b in rectangles)])
        pattern = sparse.csr_matrix((np.ones(rows.size), (rows, cols)), shape=(nc, nc))
        return sparse.csr_matrix(pattern + pattern.T)


class Assembly:
    """The core of one plan: filled from what `Targets` found, factorised, solved."""

    def __init__(
        self, targets: Targets, ties: sparse.csr_matrix, dense: Structure | DeviceForms, space: Namespace | None
    ) -> None:
        self._t, self._dense = targets, dense
        s = targets.s
        own, links = s.core.size, s.linking.size
        self.core = core = DeviceCore(own, links, space) if space else Core(own, links, s.starts, ties)
        row, col = targets.unique
        self._direct_to = core.entries(row[targets.direct], col[targets.direct])
        self._own_to = [core.gram(form.columns) for form in s.forms]
        self._pair_to = [core.rectangle(s.forms[k].columns, s.forms[l].columns) for k, l, *_ in targets.blocks]  # noqa: E741
        self._mixed_to = [
            core.rectangle(rows, form.columns) if rows.size else None
            for form, (_, _, rows) in zip(s.forms, targets.mixed, strict=True)
        ]

    def give(self, found: np.ndarray, coupling: np.ndarray | sparse.csr_matrix, q: np.ndarray) -> None:
        """Figures of all pairs, of linking rows with functionals, of linking rows with each other.

        Sparse, they are those with the core's variables, and complete.
        """
        self._found = found
        self.core.q[...] = q
        if not isinstance(coupling, np.ndarray):
            self.core.link = coupling
            return
        self.core.link = self._dense.linked(coupling)

    def factorise(self, careful: bool) -> None:
        """Factorise the core for the figures given; with pivoting where asked for or where nothing else is sound."""
        self._assemble()
        self.core.factorise(careful, self._assemble)

    def _assemble(self) -> None:
        """The core's figures at their places."""
        found, t = self._found, self._t
        forms: Sequence[DenseRows] = self._dense.forms
        self.core.clear()
        self._direct_to.add(found[t.direct])
        for form, place, diagonal in zip(forms, self._own_to, t.diagonal, strict=True):
            weight = np.where(diagonal >= 0, found[np.maximum(diagonal, 0)], 0.0)
            place.add(form.weighted(np.sqrt(np.maximum(weight, 0.0))))
        for (k, l, at, rows, cols), pair in zip(t.blocks, self._pair_to, strict=True):  # noqa: E741
            pair.add(forms[k].paired(rows, found[at], forms[l], cols))
        for form, (at, x, _), mixed in zip(forms, t.mixed, self._mixed_to, strict=True):
            if mixed is not None:
                x.data[:] = found[at]
                mixed.add(form.left(x))
