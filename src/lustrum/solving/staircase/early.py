"""A core in which any two years hang together by few figures: the first years by way of their inverse.

With P the inverse of the years before, and C the sparse block that ties a year to them,

    S = H_t − C P Cᵀ,    [P + Gᵀ S⁻¹ G  −Gᵀ S⁻¹; −S⁻¹ G  S⁻¹],    G = C P

is the inverse with that year, and C P costs next to nothing: a dense factor would have multiplied through it. The
years after the first p are left to Cholesky, once C P Cᵀ is taken from their block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import blas

from lustrum.solving.staircase.dense import cholesky, inverse, lower, mirror, solved, squeezed

if TYPE_CHECKING:
    from lustrum.solving.staircase.core import Core


class Early:
    """Inverse of the first `years` years, Cholesky of the others."""

    def __init__(self, core: Core) -> None:
        self.starts = core.starts
        self.years = Early.cost(np.diff(core.starts))[1]
        self.cut = int(core.starts[self.years])
        self.own = core.own

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix."""
        return max(self.cut, self.own - self.cut)

    @staticmethod
    def cost(sizes: np.ndarray) -> tuple[float, int]:
        """Fewest operations, and the number of years to invert for them."""
        whole = float(sizes.sum())
        best, years, spent, before = whole**3 / 3, 0, 0.0, 0.0
        for k, size in enumerate(sizes[:-1].astype(float)):
            spent += size**3 + 2 * before * size**2 + before**2 * size
            before += size
            cost = spent + (whole - before) ** 3 / 3
            if cost < best:
                best, years = cost, k + 1
        return best, years

    def factorise(self, core: Core) -> bool:
        """Factorise; False where the core is not positive definite."""
        p, nc, links = self.cut, core.own, core.links
        if p and not self._invert(core):
            return False
        s = np.zeros((nc - p, nc - p), order="F")
        for t in range(self.years, len(core.blocks)):
            a, e = self.starts[t] - p, self.starts[t + 1] - p
            s[a:e, a:e] = core.blocks[t]
        rest = core.ties[p:]
        later = rest[:, p:].tocoo()
        s[later.row, later.col] = later.data
        b, q = np.array(core.link[:, p:].T, order="F"), np.array(core.q)
        if p:
            self._below = rest[:, :p].tocsr()
            self._below_t = self._below.T.tocsr()
            self._link_first = np.ascontiguousarray(core.link[:, :p])
            s.T[...] -= squeezed(self._below, self._inverse)  # symmetric: rows are columns, one after the other
            if links:
                x = blas.dsymm(1.0, self._inverse, np.asfortranarray(self._link_first.T), lower=1)
                b -= np.asarray(self._below @ x)
                q += self._link_first @ x
        factor = cholesky(s)
        if factor is None:
            return False
        self._second = factor
        self._w = blas.dtrsm(1.0, factor, b, lower=1, overwrite_b=1) if links and s.size else b
        if links:
            q += blas.dgemm(1.0, self._w, self._w, trans_a=1) if s.size else 0.0
            last = cholesky(np.asfortranarray(q))
            if last is None:
                return False
            self._last = last
        self.links = links
        return True

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        p, nc = self.cut, self.own
        first, second, link = right[:p], right[p:nc], right[nc:]
        x = np.empty(right.size)
        if p:
            inner = self._times(first)
            second, link = second - self._below @ inner, link - self._link_first @ inner
        half = lower(self._second, second)
        v = x[nc:] = solved(self._last, self._w.T @ half - link) if self.links else link
        u = x[p:nc] = lower(self._second, half - self._w @ v, trans=1)
        if p:
            x[:p] = self._times(first - self._below_t @ u - v @ self._link_first)
        return x

    def _times(self, right: np.ndarray) -> np.ndarray:
        return np.asarray(blas.dsymv(1.0, self._inverse, right, lower=1))

    def _invert(self, core: Core) -> bool:
        """The inverse of the first years, year by year; False where they are not positive definite."""
        whole = np.empty((self.cut, self.cut), order="F")
        for t in range(self.years):
            a, e = int(self.starts[t]), int(self.starts[t + 1])
            s = np.array(core.blocks[t], order="F")
            if a:
                tie = core.ties[a:e, :a]
                g = np.asarray(tie @ whole[:a, :a].T)  # symmetric; by rows
                s.T[...] -= np.asarray(tie @ np.ascontiguousarray(g.T))
            factor = cholesky(s)
            if factor is None:
                return False
            whole[a:e, a:e] = inverse(factor)
            if a:
                w = blas.dtrsm(1.0, factor, np.asfortranarray(g), lower=1, overwrite_b=1)
                rank = blas.dsyrk(1.0, w, trans=1, lower=1)
                mirror(rank)
                whole[:a, :a] += rank
                x = blas.dtrsm(-1.0, factor, w, lower=1, trans_a=1, overwrite_b=1)
                whole[a:e, :a], whole[:a, a:e] = x, x.T
        self._inverse = whole
        return True
