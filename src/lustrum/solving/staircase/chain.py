"""A core in which years hang together with the year before only: eliminated from year to year, linear in years.

    S_1 = H_1,    S_t = H_t − B_t S_{t−1}⁻¹ B_tᵀ

with B_t the sparse block between a year and the one before, so that each year costs its inverse and little more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

from lustrum.solving.staircase.dense import cholesky, inverse, solved, squeezed

if TYPE_CHECKING:
    from lustrum.solving.staircase.core import Core


class Chain:
    """Factors of S_t, and the linking rows carried along."""

    def __init__(self, core: Core) -> None:
        self.starts, self.own, self.links = core.starts, core.own, core.links

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix."""
        return int(np.diff(self.starts).max())

    @staticmethod
    def cost(sizes: np.ndarray) -> float:
        """Operations."""
        return float((sizes[:-1].astype(float) ** 3).sum() + float(sizes[-1]) ** 3 / 3)

    def factorise(self, core: Core) -> bool:
        """Factorise; False where the core is not positive definite."""
        self._factors: list[np.ndarray] = []
        self._before: list[sparse.csr_matrix] = []
        self._after: list[sparse.csr_matrix] = []
        self._pull: list[np.ndarray] = []
        q = np.array(core.q, order="F")
        last = len(core.blocks) - 1
        room = np.empty_like(core.blocks[0], order="F")
        previous = room
        for t, block in enumerate(core.blocks):
            a, e = self.starts[t], self.starts[t + 1]
            s = np.array(block, order="F")
            f = np.array(core.link[:, a:e].T, order="F")
            if t:
                tie = core.ties[a:e, self.starts[t - 1] : a]
                self._before.append(tie)
                self._after.append(tie.T.tocsr())
                s.T[...] -= squeezed(tie, previous)
                if self.links:
                    f -= tie @ self._pull[-1]
            factor = cholesky(s)
            if factor is None:
                return False
            self._factors.append(factor)
            if t < last:
                previous = inverse(factor, room if room.shape == factor.shape else None)
            if self.links:
                pull, _ = lapack.dpotrs(factor, f, lower=1)
                self._pull.append(pull)
                q += blas.dgemm(1.0, f, pull, trans_a=1)
        if self.links:
            end = cholesky(q)
            if end is None:
                return False
            self._end = end
        return True

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        spans = list(zip(self.starts[:-1], self.starts[1:], strict=True))
        link = -right[self.own :]
        parts: list[np.ndarray] = []
        for t, (a, e) in enumerate(spans):
            r = right[a:e] - self._before[t - 1] @ parts[-1] if t else right[a:e]
            parts.append(solved(self._factors[t], r))
            if self.links:
                link = link + self._pull[t].T @ r
        x = np.empty(right.size)
        v = x[self.own :] = solved(self._end, link) if self.links else link
        after = np.zeros(0)
        for t in range(len(spans) - 1, -1, -1):
            u = parts[t] - self._pull[t] @ v if self.links else parts[t]
            if t + 1 < len(spans):
                u = u - solved(self._factors[t], self._after[t] @ after)
            x[spans[t][0] : spans[t][1]] = after = u
        return x
