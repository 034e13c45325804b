"""The core of one iteration: its figures by years, and a factor of them that knows how years hang together.

    [H Cᵀ; C −Q],  H positive definite with a dense block for each year and few figures between years,

C and Q of the linking rows. Where years are tied to the next alone: from year to year (`chain`). Where any two are: the
first by their inverse, the others by Cholesky (`early`). Where neither is sound, the whole at once with pivoting.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from lustrum.solving.staircase.chain import Chain
from lustrum.solving.staircase.early import Early

#: Added to every pivot of the careful factor, relative to its own diagonal.
TINY = 1e-16
#: Figures between years for each row and other year, at most; more would make the products with them dense.
SPARSE = 8
#: A smaller core is not worth blocks.
WORTH = 150
#: A larger core is not factorised as a whole with pivoting: that would take minutes and gigabytes.
WHOLE = 9000


class Entries:
    """Places of single figures: in the block of a year, or between years."""

    def __init__(self, core: Core, row: np.ndarray, col: np.ndarray) -> None:
        block, across = core.of[row], core.of[row] > core.of[col]
        self._own = []
        for t, start in enumerate(core.starts[:-1]):
            use = np.flatnonzero((block == t) & (core.of[col] == t) & (row >= col))
            if use.size:
                r, c = row[use] - start, col[use] - start
                self._own.append((core.blocks[t].T.reshape(-1), use, c * core.blocks[t].shape[0] + r))
        self._use = np.flatnonzero(across)
        known = np.repeat(np.arange(core.own), np.diff(core.ties.indptr)) * core.own + core.ties.indices
        self._at = np.searchsorted(known, row[self._use] * core.own + col[self._use])
        self._ties = core.ties.data

    def add(self, values: np.ndarray) -> None:
        """Add figures; no two of them may have the same place."""
        for flat, use, at in self._own:
            flat[at] += values[use]
        self._ties[self._at] += values[self._use]


class Rectangle:
    """Places of a rectangle and of its transpose."""

    def __init__(self, core: Core, rows: np.ndarray, columns: np.ndarray) -> None:
        t = core.of[rows[0]]
        self._block: np.ndarray | None = None
        if (core.of[rows] == t).all() and (core.of[columns] == t).all():
            self._block = core.blocks[t]
            self._rows, self._columns = rows - core.starts[t], columns - core.starts[t]
            return
        r, c = np.repeat(rows, columns.size), np.tile(columns, rows.size)
        places, self._back = np.unique(np.maximum(r, c) * core.own + np.minimum(r, c), return_inverse=True)
        self._twice = np.where(r == c, 2.0, 1.0)
        self._entries = Entries(core, places // core.own, places % core.own)

    def add(self, part: np.ndarray) -> None:
        """Add part at rows × columns, and its transpose at columns × rows."""
        if self._block is not None:
            self._block[block_index(self._rows, self._columns)] += part
            self._block[block_index(self._columns, self._rows)] += part.T
        else:
            self._entries.add(np.bincount(self._back, part.ravel() * self._twice))


def block_index(rows: np.ndarray, columns: np.ndarray) -> tuple[slice | np.ndarray, slice | np.ndarray]:
    """Index of the block of some rows and columns, by slices where both are contiguous."""
    if all(x.size and x[-1] - x[0] + 1 == x.size for x in (rows, columns)):
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return rows[:, None], columns[None, :]


class _Factor(Protocol):
    @property
    def widest(self) -> int: ...

    def factorise(self, core: Core) -> bool: ...

    def solve(self, right: np.ndarray) -> np.ndarray: ...


class Core:
    """Figures and factor of the core; `own` variables, `links` linking rows.

    Whoever assembles fills `blocks` (lower halves, column by column), `ties.data` (rows of later years, columns of
    earlier ones), `link` and `q`.
    """

    def __init__(self, own: int, links: int, starts: np.ndarray, pattern: sparse.csr_matrix) -> None:
        self.own, self.links = own, links
        inner = starts[(starts > 0) & (starts < own)]
        self.starts = np.concatenate([[0], inner, [own]]).astype(np.int64)
        if own < WORTH or not self._apart(pattern):
            self.starts = np.array([0, own], dtype=np.int64)
        self.of = np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))
        coo = sparse.csr_matrix(pattern).tocoo()
        between = self.of[coo.row] > self.of[coo.col]
        self.ties = sparse.csr_matrix(
            (np.zeros(int(between.sum())), (coo.row[between], coo.col[between])), shape=(own, own)
        )
        self.ties.sort_indices()
        sizes = np.diff(self.starts)
        self.blocks = [np.zeros((b, b), order="F") for b in sizes]
        self.link = np.zeros((links, own))
        self.q = np.zeros((links, links))
        apart = self.of[coo.row[between]] - self.of[coo.col[between]]
        near = bool((apart <= 1).all())
        self.kind: _Factor = Chain(self) if near and Chain.cost(sizes) < Early.cost(sizes)[0] else Early(self)
        self.careful = False

    def _apart(self, pattern: sparse.csr_matrix) -> bool:
        """Whether the blocks between years are sparse."""
        spans = list(zip(self.starts[:-1], self.starts[1:], strict=True))
        return all(pattern[a:e, :a].nnz <= SPARSE * max(k, 1) * (e - a) for k, (a, e) in enumerate(spans))

    def entries(self, row: np.ndarray, col: np.ndarray) -> Entries:
        """Where single figures go (those above the diagonal go nowhere)."""
        return Entries(self, row, col)

    def rectangle(self, rows: np.ndarray, columns: np.ndarray) -> Rectangle:
        """Where a rectangle and its transpose go."""
        return Rectangle(self, rows, columns)

    def clear(self) -> None:
        """Set all figures to zero."""
        for block in self.blocks:
            block.fill(0.0)
        self.ties.data.fill(0.0)

    def factorise(self, careful: bool) -> None:
        """Factorise what is there, which is kept; with pivoting where asked for or where nothing else is sound."""
        if not all(np.isfinite(np.diagonal(b)).all() for b in self.blocks):
            raise FloatingPointError("weights out of range")
        self.careful = careful or not self.kind.factorise(self)
        if self.careful and self.own + self.links:
            if self.own + self.links > WHOLE:
                raise FloatingPointError("core not positive definite")
            self._pivoted()

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        if not right.size:
            return right
        if self.careful:
            x, _ = lapack.dsytrs(self._ldu, self._pivots, right * self._scale, lower=1)
            return np.asarray(x).ravel() * self._scale
        return self.kind.solve(right)

    def whole(self) -> np.ndarray:
        """All figures in one array; only the lower half counts."""
        nc = self.own
        k = np.zeros((nc + self.links, nc + self.links), order="F")
        for a, e, block in zip(self.starts[:-1], self.starts[1:], self.blocks, strict=True):
            k[a:e, a:e] = block
        coo = self.ties.tocoo()
        k[coo.row, coo.col] = coo.data
        k[nc:, :nc], k[nc:, nc:] = self.link, -self.q
        return k

    def _pivoted(self) -> None:
        """The whole at once, symmetric and indefinite: no order has to be right beforehand."""
        nc = self.own
        k = self.whole()
        size = np.abs(np.diagonal(k)).copy()
        c = np.abs(self.link).max(axis=1, initial=0.0)
        size[nc:] = np.maximum(size[nc:], c**2 / max(size[:nc].max(initial=0.0), 1e-300))
        self._scale = 1 / np.sqrt(np.maximum(size, 1e-12))
        k *= self._scale[:, None]
        k *= self._scale[None, :]
        at = np.arange(size.size)
        k[at, at] += np.where(at < nc, TINY, -TINY)
        if not np.isfinite(k).all():
            raise FloatingPointError("weights out of range")
        self._ldu, self._pivots, info = lapack.dsytrf(k, lower=1, overwrite_a=1, lwork=64 * size.size)
        if info > 0:
            raise FloatingPointError("singular core")
