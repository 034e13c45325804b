"""The core of one iteration: its figures by years, and a factor of them that knows how years hang together.

    [H Cᵀ; C −Q],  H positive definite with a dense block for each year and few figures between years,

C and Q of the linking rows. The order in which its parts are eliminated is chosen once (`order`), and the work is done
in place (`elimination`). Where that is not sound, the whole is factorised at once with pivoting.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

from lustrum.solving.staircase import kernels
from lustrum.solving.staircase.elimination import Elimination, written
from lustrum.solving.staircase.order import kinds_of_ties, plan

#: Added to every pivot of the careful factor, relative to its own diagonal.
TINY = 1e-16
#: A smaller core is not worth blocks.
WORTH = 150
#: A larger core is not factorised as a whole with pivoting: that would take minutes and gigabytes.
WHOLE = 4000


class Entries:
    """Places of single figures (those above the diagonal go nowhere)."""

    def __init__(self, core: Core, row: np.ndarray, col: np.ndarray) -> None:
        use = np.flatnonzero(row >= col)
        room, loose = core.factor.places(row[use], col[use])
        self._parts = [
            (data, use[at >= 0], at[at >= 0]) for data, at in ((core.factor.room, room), (core.factor.loose, loose))
        ]

    def add(self, values: np.ndarray) -> None:
        """Add figures; no two of them may have the same place."""
        for data, use, at in self._parts:
            data[at] += values[use]


class Rectangle:
    """Places of a rectangle and of its transpose."""

    def __init__(self, core: Core, rows: np.ndarray, columns: np.ndarray) -> None:
        u, w = core.of[rows[0]], core.of[columns[0]]
        self._dense: np.ndarray | None = None
        if (core.of[rows] == u).all() and (core.of[columns] == w).all():
            self._dense = core.factor.between(u, w)
            self._symmetric = u == w
            self._at = block_index(rows - core.starts[u], columns - core.starts[w])
        if self._dense is not None:
            return
        r, c = np.repeat(rows, columns.size), np.tile(columns, rows.size)
        places, self._back = np.unique(np.maximum(r, c) * core.own + np.minimum(r, c), return_inverse=True)
        self._twice = np.where(r == c, 2.0, 1.0)
        self._entries = Entries(core, places // core.own, places % core.own)

    def add(self, part: np.ndarray) -> None:
        """Add part at rows × columns, and its transpose at columns × rows."""
        if self._dense is None:
            self._entries.add(np.bincount(self._back, part.ravel() * self._twice))
            return
        self._dense[self._at] += part
        if self._symmetric:
            self._dense.T[self._at] += part


class Gram:
    """Place of the product of dense rows with themselves; their columns may belong to several nodes."""

    def __init__(self, core: Core, columns: np.ndarray) -> None:
        self._rectangle: Rectangle | None = None
        if not columns.size or core.of[columns[0]] != core.of[columns[-1]]:
            self._rectangle = core.rectangle(columns, columns)
            return
        t = core.of[columns[0]]
        self._block, at = core.factor.block(t), columns - core.starts[t]
        index = block_index(at, at)
        self._at = None if isinstance(index[0], slice) else index
        if self._at is None:
            self._block = self._block[index]

    def add(self, rows: np.ndarray) -> None:
        """Add the product of the columns of `rows`."""
        if self._rectangle is not None:
            self._rectangle.add(0.5 * (rows.T @ rows))
        elif self._at is None:
            kernels.syrk(1.0, np.ascontiguousarray(rows).T, 1.0, self._block, ta=False)
        else:
            self._block[self._at] += blas.dsyrk(1.0, rows.T, lower=1)  # its upper half is never read


def block_index(rows: np.ndarray, columns: np.ndarray) -> tuple[slice | np.ndarray, slice | np.ndarray]:
    """Index of the block of some rows and columns, by slices where both are contiguous."""
    if all(x.size and x[-1] - x[0] + 1 == x.size for x in (rows, columns)):
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return rows[:, None], columns[None, :]


class Core:
    """Figures and factor of the core; `own` variables, `links` linking rows.

    `starts` says where a node begins: a year, or those of its variables that dense rows do not touch. Whoever assembles
    clears, adds by `entries`, `rectangle` and `gram`, and fills `link` and `q`.
    """

    def __init__(self, own: int, links: int, starts: np.ndarray, pattern: sparse.csr_matrix) -> None:
        self.own, self.links = own, links
        inner = starts[(starts > 0) & (starts < own)]
        self.starts = np.concatenate([[0], inner, [own]]).astype(np.int64)
        if own < WORTH:
            self.starts = np.array([0, own], dtype=np.int64)
        self.of = np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))
        pattern = sparse.csr_matrix(abs(pattern) + abs(pattern.T))
        kinds = self._kinds(pattern)
        self.factor = Elimination(self.starts, pattern, kinds, plan(np.diff(self.starts), kinds, links))
        self.link: np.ndarray | sparse.csr_matrix = np.zeros((links, own))
        self.q = np.zeros((links, links))
        self.careful = False

    def _kinds(self, pattern: sparse.csr_matrix) -> np.ndarray:
        """Whether each two nodes are tied by no, few or many figures."""
        coo, count = pattern.tocoo(), self.starts.size - 1
        figures = np.bincount(self.of[coo.row] * count + self.of[coo.col], minlength=count**2).reshape(count, count)
        return kinds_of_ties(figures, np.diff(self.starts))

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix."""
        return max(group.size for group in self.factor.groups)

    @property
    def may_pivot(self) -> bool:
        """Whether the whole can be factorised with pivoting, and is not already."""
        return not self.careful and self.own + self.links <= WHOLE

    def entries(self, row: np.ndarray, col: np.ndarray) -> Entries:
        """Where single figures go (those above the diagonal go nowhere)."""
        return Entries(self, row, col)

    def rectangle(self, rows: np.ndarray, columns: np.ndarray) -> Rectangle:
        """Where a rectangle and its transpose go."""
        return Rectangle(self, rows, columns)

    def gram(self, columns: np.ndarray) -> Gram:
        """Where the product of dense rows with themselves goes."""
        return Gram(self, columns)

    def clear(self) -> None:
        """Set all figures to zero."""
        self.factor.room.fill(0.0)
        self.factor.loose.fill(0.0)

    def factorise(self, careful: bool, again: Callable[[], None]) -> None:
        """Factorise what is there, in its place; with pivoting where asked for or where nothing else is sound.

        `again` assembles once more what a first attempt has lost.
        """
        if not all(np.isfinite(np.diagonal(self.factor.block(u))).all() for u in range(self.starts.size - 1)):
            raise FloatingPointError("weights out of range")
        self.careful = careful
        if not careful and not self.factor.factorise(self.link, self.q):
            self.careful = True
            if self.own + self.links <= WHOLE:
                again()
        if self.careful and self.own + self.links:
            if self.own + self.links > WHOLE:
                raise FloatingPointError("core not positive definite")
            self._pivoted()

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side, or several as columns."""
        if not right.size:
            return right
        if self.careful:
            scale = self._scale if right.ndim == 1 else self._scale[:, None]
            x, _ = lapack.dsytrs(self._ldu, self._pivots, right * scale, lower=1)
            return np.asarray(x).reshape(right.shape) * scale
        return self.factor.solve(right)

    def whole(self) -> np.ndarray:
        """All figures in one array; only the lower half counts."""
        nc = self.own
        k = np.zeros((nc + self.links, nc + self.links), order="F")
        for u in range(self.starts.size - 1):
            for w in range(u + 1):
                k[self.starts[u] : self.starts[u + 1], self.starts[w] : self.starts[w + 1]] = self.factor.figures(u, w)
        k[nc:, :nc], k[nc:, nc:] = written(self.link), -self.q
        return k

    def _pivoted(self) -> None:
        """The whole at once, symmetric and indefinite: no order has to be right beforehand."""
        nc = self.own
        k = self.whole()
        size = np.abs(np.diagonal(k)).copy()
        c = np.abs(written(self.link)).max(axis=1, initial=0.0)
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
