"""The core of one iteration factorised: dense, but the first years by way of their inverse.

Years of the core hang together by few figures a variable: bands of output from year to year, capital by a diagonal
between any two years. With H₁ the block of the first years and C the sparse block below it, the Schur complement
H₂ − C H₁⁻¹ Cᵀ costs the inverse of H₁ and next to nothing more; a dense factor would have multiplied
through it. For first years that make up a third of the core, the whole costs 2/5 of the dense factor.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

#: Added to every pivot of the careful factor, relative to its own diagonal.
TINY = 1e-16
#: Figures of C for each row of it, at most; more would make the products with it dense.
SPARSE = 8
#: A smaller core is not worth two blocks.
WORTH = 150


class Core:
    """[H Cᵀ; C −Q] factorised, H of size `own` and positive definite, Q of the linking rows."""

    def __init__(self, own: int, links: int, cuts: np.ndarray) -> None:
        self.own, self.links = own, links
        # symmetric, column by column; whoever assembles writes into it
        self.matrix = np.zeros((own + links, own + links), order="F")
        self.cuts = cuts
        self.cut = -1
        self.careful = False

    def factorise(self, careful: bool) -> None:
        """Factorise `matrix`, which is kept: by Cholesky, with pivoting where asked for or where that breaks down."""
        if not np.isfinite(np.diagonal(self.matrix)).all():
            raise FloatingPointError("weights out of range")
        self.careful = careful or not self._cholesky()
        if self.careful and self.matrix.size:
            self._pivoted()

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        if not right.size:
            return right
        if self.careful:
            x, _ = lapack.dsytrs(self._ldu, self._pivots, right * self._scale, lower=1)
            return np.asarray(x).ravel() * self._scale
        p, nc = self.cut, self.own
        first, link = right[:p], right[nc:]
        x = np.empty(right.size)
        second = right[p:nc]
        if p:
            inner = _definite(self._first, first)
            second, link = second - self._below @ inner, link - self._link_first @ inner
        half = _lower(self._second, second)
        v = _definite(self._last, self._w.T @ half - link) if self.links else link
        x[nc:] = v
        u = x[p:nc] = _lower(self._second, half - self._w @ v, trans=1)
        if p:
            x[:p] = _definite(self._first, first - self._below_t @ u - v @ self._link_first)
        return x

    def _choose(self) -> int:
        """The first years that make the factor cheapest."""
        best, chosen = self.own**3 / 3, 0
        if self.own < WORTH:
            return 0
        for cut in self.cuts:
            cost = float(cut) ** 3 + (self.own - cut) ** 3 / 3
            if cost < best and np.count_nonzero(self.matrix[:cut, cut : self.own]) <= SPARSE * (self.own - cut):
                best, chosen = cost, int(cut)
        return chosen

    def _cholesky(self) -> bool:
        if self.cut < 0:
            self.cut = self._choose()
        k, p, nc = self.matrix, self.cut, self.own
        s = np.array(k[p:nc, p:nc], order="F")
        b = k[nc:, p:nc]
        q = -k[nc:, nc:]
        if p:
            self._first, info = lapack.dpotrf(np.array(k[:p, :p], order="F"), lower=1, overwrite_a=1)
            if info:
                return False
            inverse, _ = lapack.dpotri(self._first, lower=1)
            inverse += np.tril(inverse, -1).T
            self._below = sparse.csr_matrix(k[:p, p:nc].T)  # symmetric: so read in the order it lies in memory
            self._below_t = sparse.csr_matrix(self._below.T)
            self._link_first = np.ascontiguousarray(k[nc:, :p])
            s.T[...] -= self._below @ np.ascontiguousarray((self._below @ inverse).T)
            if self.links:
                x, _ = lapack.dpotrs(self._first, np.asfortranarray(self._link_first.T), lower=1)
                b = b - (self._below @ x).T
                q = q + self._link_first @ x
        self._second = s
        if s.size:
            self._second, info = lapack.dpotrf(s, lower=1, overwrite_a=1)
            if info:
                return False
        self._w = np.zeros((nc - p, self.links), order="F")
        if self.links:
            self._w = blas.dtrsm(1.0, self._second, np.asfortranarray(b.T), lower=1) if s.size else self._w
            self._last, info = lapack.dpotrf(q + self._w.T @ self._w, lower=1)
            if info:
                return False
            return bool(np.isfinite(np.diagonal(self._last)).all())
        return bool(np.isfinite(np.diagonal(self._second)).all())

    def _pivoted(self) -> None:
        """The whole at once, symmetric and indefinite: no order has to be right beforehand."""
        nc = self.own
        size = np.abs(np.diagonal(self.matrix)).copy()
        c = np.abs(self.matrix[nc:, :nc]).max(axis=1, initial=0.0)
        size[nc:] = np.maximum(size[nc:], c**2 / max(size[:nc].max(initial=0.0), 1e-300))
        self._scale = 1 / np.sqrt(np.maximum(size, 1e-12))
        k = self.matrix * self._scale[:, None]
        k *= self._scale[None, :]
        at = np.arange(size.size)
        k[at, at] += np.where(at < nc, TINY, -TINY)
        if not np.isfinite(k).all():
            raise FloatingPointError("weights out of range")
        self._ldu, self._pivots, info = lapack.dsytrf(k, lower=1, overwrite_a=1, lwork=64 * size.size)
        if info > 0:
            raise FloatingPointError("singular core")


def _definite(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    x, _ = lapack.dpotrs(factor, right, lower=1)
    return np.asarray(x).ravel()


def _lower(factor: np.ndarray, right: np.ndarray, trans: int = 0) -> np.ndarray:
    return np.asarray(blas.dtrsv(factor, right, lower=1, trans=trans)) if right.size else right
