"""Linking rows that touch few functionals each, as those of one region do among many: kept sparse."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lustrum.solving.staircase.kernels import sum_at
from lustrum.solving.staircase.structure import Structure

#: Fewer places than this are not worth it; nor is a larger share of them taken.
PLACES, SHARE = 1_000_000, 0.05


class FewLinks:
    """Figures of linking rows in the core's variables: those of their own and those that pieces bring."""

    def __init__(self, s: Structure, ends: int) -> None:
        self.shape = (s.linking.size, s.core.size)
        row, column = np.nonzero(s.link_core)
        codes = [row * self.shape[1] + column]
        self._use: list[np.ndarray] = []
        for piece in s.pieces:
            real = (piece.links[:, None] < self.shape[0]) & (piece.functionals < ends)
            self._use.append(np.flatnonzero(real))
            code = piece.links[:, None] * np.int64(self.shape[1]) + piece.functionals
            codes.append(code.ravel()[self._use[-1]])
        places, back = np.unique(np.concatenate(codes), return_inverse=True)
        parts = np.split(back, np.cumsum([c.size for c in codes])[:-1])
        self._at = parts[1:]
        self._own = np.bincount(parts[0], s.link_core[row, column], places.size)
        self._indices = (places % self.shape[1]).astype(np.int32)
        self._ptr = np.searchsorted(places, np.arange(self.shape[0] + 1) * self.shape[1]).astype(np.int32)

    @staticmethod
    def fit(s: Structure, ends: int, codes: list[np.ndarray]) -> bool:
        """Whether that is so: many linking rows, tied by pieces alone, to the core's own variables alone."""
        size = s.linking.size * s.core.size
        if size < PLACES or s.stars.link.nnz:
            return False
        taken = np.count_nonzero(s.link_core)
        for piece, code in zip(s.pieces, codes, strict=True):
            at = code % (ends + 1)
            real = (code < s.linking.size * (ends + 1)) & (at < ends)
            if piece.links.size and (at[real] >= s.core.size).any():
                return False
            taken += int(real.sum()) if piece.links.size else 0
        return bool(taken < SHARE * size)

    def begin(self, plans: int) -> np.ndarray:
        """The rows' own figures, of each plan."""
        return np.repeat(self._own[None], plans, axis=0)

    def sums(self, k: int, response: np.ndarray) -> np.ndarray:
        """What the k-th stack of pieces brings."""
        flat = response.reshape(response.shape[0], -1)
        return sum_at(self._at[k], flat[:, self._use[k]], self._own.size)

    def matrix(self, figures: np.ndarray) -> sparse.csr_matrix:
        """The rows of one plan."""
        return sparse.csr_matrix((figures, self._indices, self._ptr), shape=self.shape)
