"""The core of one iteration factorised: dense, but the first years by way of their inverse.

Years of the core hang together by few figures a variable: bands of output from year to year, capital by a diagonal
between any two years. With P the inverse of the years before, and C the sparse block that ties a year to them,

    S = H_t - C P Cᵀ,    [P + Gᵀ S⁻¹ G  -Gᵀ S⁻¹; -S⁻¹ G  S⁻¹],    G = C P

is the inverse with that year, and P Cᵀ costs next to nothing: a dense factor would have multiplied through it. The
years after the first p are left to Cholesky, once their block is less C P Cᵀ.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

#: Added to every pivot of the careful factor, relative to its own diagonal.
TINY = 1e-16
#: Figures of C for each row of it and each year, at most; more would make the products with it dense.
SPARSE = 8
#: A smaller core is not worth blocks.
WORTH = 150


class Core:
    """[H Cᵀ; C −Q] factorised, H of size `own` and positive definite, Q of the linking rows."""

    def __init__(self, own: int, links: int, starts: np.ndarray, ties: sparse.csr_matrix) -> None:
        self.own, self.links = own, links
        # symmetric, column by column; whoever assembles writes into it
        self.matrix = np.zeros((own + links, own + links), order="F")
        self.starts = np.concatenate([[0], starts, [own]])
        self.careful = False
        self._years = self._choose(ties)
        self.cut = int(self.starts[self._years])
        spans = zip(self.starts[: self._years], self.starts[1 : self._years + 1], strict=True)
        self._tied = [Tie(ties, a, e, 0, a) for a, e in spans] + [Tie(ties, self.cut, own, 0, self.cut)]

    def factorise(self, careful: bool) -> None:
        """Factorise `matrix`, which is kept: by Cholesky, with pivoting where asked for or where that breaks down."""
        if not np.isfinite(np.diagonal(self.matrix)).all():
            raise FloatingPointError("weights out of range")
        self.careful = careful or not self._definite()
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
            inner = self._times(first)
            second, link = second - self._below @ inner, link - self._link_first @ inner
        half = _lower(self._second, second)
        v = _solved(self._last, self._w.T @ half - link) if self.links else link
        x[nc:] = v
        u = x[p:nc] = _lower(self._second, half - self._w @ v, trans=1)
        if p:
            x[:p] = self._times(first - self._below_t @ u - v @ self._link_first)
        return x

    def _times(self, right: np.ndarray) -> np.ndarray:
        """H₁⁻¹ times a vector."""
        return np.asarray(blas.dsymv(1.0, self._inverse, right, lower=1))

    def _choose(self, ties: sparse.csr_matrix) -> int:
        """Number of first years that makes the factor cheapest."""
        if self.own < WORTH:
            return 0
        best, chosen, spent = self.own**3 / 3, 0, 0.0
        for k, size in enumerate(np.diff(self.starts)[:-1].astype(float)):
            before, cut = float(self.starts[k]), self.starts[k + 1]
            spent += size**3 + 2 * before * size**2 + before**2 * size
            if ties[cut:, :cut].nnz > SPARSE * (k + 1) * (self.own - cut):
                break
            cost = spent + (self.own - cut) ** 3 / 3
            if cost < best:
                best, chosen = cost, k + 1
        return chosen

    def _definite(self) -> bool:
        k, p, nc = self.matrix, self.cut, self.own
        s = np.array(k[p:nc, p:nc], order="F")
        b = k[nc:, p:nc]
        q = -k[nc:, nc:]
        if p:
            if not self._invert():
                return False
            self._below = self._tied[-1].read(k)
            self._below_t = sparse.csr_matrix(self._below.T)
            self._link_first = np.ascontiguousarray(k[nc:, :p])
            s.T[...] -= self._below @ np.ascontiguousarray((self._below @ self._inverse.T).T)
            if self.links:
                x = blas.dsymm(1.0, self._inverse, np.asfortranarray(self._link_first.T), lower=1)
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

    def _invert(self) -> bool:
        """The inverse of the first years, year by year; False where it is not positive definite."""
        k = self.matrix
        if self._years == 1:
            inverse = _inverse_of(np.array(k[: self.cut, : self.cut], order="F"))
            if inverse is None:
                return False
            self._inverse = inverse[0]
            return True
        whole = np.empty((self.cut, self.cut), order="F")
        for known in self._tied[:-1]:
            a, e = known.first, known.last
            s = np.array(k[a:e, a:e], order="F")
            if a:
                tie = known.read(k)
                g = tie @ whole[:a, :a].T  # symmetric, and by rows
                s.T[...] -= tie @ np.ascontiguousarray(g.T)
            found = _inverse_of(s)
            if found is None:
                return False
            whole[a:e, a:e], factor = found
            if a:
                w = blas.dtrsm(1.0, factor, np.asfortranarray(g), lower=1, overwrite_b=1)
                rank = blas.dsyrk(1.0, w, trans=1, lower=1)
                rank += np.tril(rank, -1).T
                whole[:a, :a] += rank
                x = blas.dtrsm(-1.0, factor, w, lower=1, trans_a=1, overwrite_b=1)
                whole[a:e, :a], whole[:a, a:e] = x, x.T
        self._inverse = whole
        return True

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


class Tie:
    """The sparse block of a symmetric matrix in rows first:last and columns begin:end; where it is, is known once."""

    def __init__(self, pattern: sparse.csr_matrix, first: int, last: int, begin: int, end: int) -> None:
        self.first, self.last = int(first), int(last)
        part = sparse.csr_matrix(pattern[first:last, begin:end], dtype=float)
        part.sort_indices()
        self._rows = np.repeat(np.arange(first, last), np.diff(part.indptr))
        self._columns = part.indices + begin
        self._part = part

    def read(self, matrix: np.ndarray) -> sparse.csr_matrix:
        """The block's figures; the same object each time."""
        self._part.data[:] = matrix[self._columns, self._rows]  # symmetric
        return self._part


def _inverse_of(s: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Inverse and Cholesky factor of a positive definite matrix (which is overwritten); None where it is not."""
    factor, info = lapack.dpotrf(s, lower=1, overwrite_a=1)
    if info:
        return None
    inverse, _ = lapack.dpotri(factor, lower=1)
    inverse += np.tril(inverse, -1).T
    return inverse, factor


def _solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    x, _ = lapack.dpotrs(factor, right, lower=1)
    return np.asarray(x).ravel()


def _lower(factor: np.ndarray, right: np.ndarray, trans: int = 0) -> np.ndarray:
    return np.asarray(blas.dtrsv(factor, right, lower=1, trans=trans)) if right.size else right
