"""The core of one iteration on the processor: its entries, its factor, and solves with it.

    [H Cᵀ; C −Q],  H positive definite with a dense block for each year and few entries between years,

with C and Q those of the linking rows. Groups of nodes are eliminated in place, in the order that `layout` chose:

    P = V⁻¹,  Y = P B,   later entries −= (B, T)ᵀ P (B, T),     the last group by Cholesky

with V the block of a group, B its dense couplings to later nodes, T its sparse ones (by rows of the later node). V is
overwritten by P, B by Y. Linking rows come after all others. If a block is not positive definite, the whole is
factorised at once as a symmetric indefinite matrix, with pivoting.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

from lustrum.solving.staircase import kernels
from lustrum.solving.staircase.kernels import (
    dense_product,
    mirror,
    solve_cholesky,
    solve_lower,
    symmetric_product,
)
from lustrum.solving.staircase.layout import Group, Layout, coupling_kinds, find_order

#: Linking rows with a smaller share of nonzeros are multiplied as sparse ones.
THIN = 0.1
#: Added to every pivot of the factor with pivoting, relative to its own diagonal.
TINY = 1e-16
#: A smaller core is one block.
WORTH = 150
#: A larger core is not factorised as a whole with pivoting: that would take minutes and gigabytes.
WHOLE = 4000


class Elimination(Layout):
    """Layout and factor for one order of elimination."""

    def factorise(self, link: np.ndarray | sparse.csr_matrix, q: np.ndarray) -> bool:
        """Factorise in place; False if the matrix is not positive definite (its entries are lost then)."""
        self.links = q.shape[0]
        rows = self._permute_links(link)
        self._border = np.array(q, order="F")
        touched: set[int] = set()
        for group in self.groups[:-1]:
            few = rows[:, group.span].tocsr() if rows is not None and not touched & set(group.nodes) else None
            if not self._invert(group, None if few is not None else self._y[group.span]):
                return False
            if self.links:
                self._eliminate_links(group, few)
                touched |= {u for u, _ in group.dense} | set(group.sparse)
            self._eliminate_sparse(group)
        group = self.groups[-1]
        c = self._y[group.span]
        if not kernels.cholesky(group.v):
            return False
        kernels.trsm(group.v, c)
        kernels.syrk(1.0, c, 1.0, self._border)
        return kernels.cholesky(self._border)

    def _permute_links(self, link: np.ndarray | sparse.csr_matrix) -> sparse.csc_matrix | None:
        """Linking rows in the order of elimination as columns of `_y`; also as sparse rows if they are sparse."""
        if isinstance(link, np.ndarray):
            self._y = np.empty((self.order.size, self.links), order="F")
            for u, span in self.spans.items():
                self._y[span] = link[:, self.starts[u] : self.starts[u + 1]].T
            thin = np.count_nonzero(link) < THIN * link.size
            return sparse.csc_matrix(self._y.T) if thin else None
        if getattr(self, "_y", np.zeros(0)).shape != (self.order.size, self.links):
            self._y = np.empty((self.order.size, self.links), order="F")
            self._inverse_order = np.argsort(self.order)
        self._y.fill(0.0)
        at = link.tocoo()
        where = self._inverse_order[at.col]
        self._y[where, at.row] = at.data
        return sparse.csc_matrix((at.data, (at.row, where)), shape=link.shape)

    def _invert(self, group: Group, c: np.ndarray | None) -> bool:
        """V becomes P, B becomes Y, and the Schur complement of dense couplings is taken from later entries.

        `c`: the linking rows on this group, transposed; they are treated in the same way.
        """
        v, b = group.v, group.b
        if len(group.nodes) > 1:
            if not self._extend_inverse(group):
                return False
            mirror(v)
            if c is not None and c.size:
                y = np.empty_like(c, order="F")
                kernels.symm(1.0, v, c, 0.0, y)
                kernels.gemm(1.0, c, y, 1.0, self._border, ta=True)
                c[...] = y
            return True
        if not kernels.cholesky(v):
            return False
        kernels.invert_triangle(v)
        if b.size:
            kernels.trmm(1.0, v, b)
            self._eliminate_dense(group)
        if c is not None and c.size:
            kernels.trmm(1.0, v, c)
            kernels.syrk(1.0, c, 1.0, self._border)
            for u, columns in group.dense:
                kernels.gemm(-1.0, b[:, columns], c, 1.0, self._y[self.spans[u]], ta=True)
            kernels.trmm(1.0, v, c, trans=True)
        if b.size:
            kernels.trmm(1.0, v, b, trans=True)
        kernels.square(v)
        mirror(v)
        return True

    def _eliminate_dense(self, group: Group) -> None:
        """Subtract WᵀW from later entries, for the half-solved dense couplings W = L⁻¹ B."""
        for k, (u, columns) in enumerate(group.dense):
            kernels.syrk(-1.0, group.b[:, columns], 1.0, self.block(u))
            for w, others in group.dense[:k]:
                target = self._target(u, w)
                first, second = group.b[:, columns], group.b[:, others]
                if target.strides[0] == target.itemsize:
                    kernels.gemm(-1.0, first, second, 1.0, target, ta=True)
                else:
                    kernels.gemm(-1.0, second, first, 1.0, target.T, ta=True)

    def _eliminate_links(self, group: Group, few: sparse.csr_matrix | None) -> None:
        """Linking rows: Y and the border if they are sparse (`few`), and the part of sparse couplings."""
        y = self._y[group.span]
        if few is not None:
            found = np.asarray(few @ group.v.T)
            self._border += few @ np.ascontiguousarray(found.T)
            y[...] = found.T
            for u, columns in group.dense:
                self._y[self.spans[u]] -= np.asarray(few @ np.ascontiguousarray(group.b[:, columns])).T
        for u, coupling in group.sparse.items():
            coupling.subtract_product(y, self._y[self.spans[u]])

    def _eliminate_sparse(self, group: Group) -> None:
        """Subtract from later entries the products that involve sparse couplings."""
        couplings = list(group.sparse.items())
        for k, (u, coupling) in enumerate(couplings):
            for w, other in couplings[: k + 1]:
                target = self._target(u, w)
                if target.strides[0] == target.itemsize:
                    coupling.subtract_congruence(group.v, other, target)
                else:
                    other.subtract_congruence(group.v, coupling, target.T)
            for w, columns in group.dense:
                coupling.subtract_product(group.b[:, columns], self._target(u, w))

    def _target(self, u: int, w: int) -> np.ndarray:
        """The block of two later nodes, which fill-in has made dense."""
        target = self.dense_block(u, w)
        assert target is not None
        return target

    def _extend_inverse(self, group: Group) -> bool:
        """The inverse of a group's block, node by node."""
        v = group.v
        for i, (a, e) in enumerate(zip(group.offsets[:-1], group.offsets[1:], strict=True)):
            m, g, before = v[a:e, a:e], v[a:e, :a], v[:a, :a]
            if i:
                coupling = group.inner[i]
                mirror(before)
                g.fill(0.0)
                coupling.subtract_product(before, g)
                coupling.subtract_congruence(before, coupling, m)
            if not kernels.cholesky(m):
                return False
            kernels.invert_triangle(m)
            if i:
                kernels.trmm(1.0, m, g)
                kernels.syrk(1.0, g, 1.0, before)
                kernels.trmm(1.0, m, g, trans=True)
            kernels.square(m)
        return True

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side, or several as columns."""
        own = self.order.size
        x = right[self.order]
        link = right[own:].copy()
        halves = []
        for group in self.groups[:-1]:
            r = x[group.span]
            z = symmetric_product(group.v, r)
            halves.append(z)
            if group.dense:
                x[group.dense_at] -= dense_product(group.b, r, True)
            if group.sparse:
                x[group.sparse_at] -= group.stacked @ z
            if self.links:
                link -= self._y[group.span].T @ r
        end = self.groups[-1]
        half = solve_lower(end.v, x[end.span])
        v = link
        if self.links:
            v = -solve_cholesky(self._border, link - self._y[end.span].T @ half)
            half = half - self._y[end.span] @ v
        x[end.span] = solve_lower(end.v, half, trans=1)
        for group, z in zip(reversed(self.groups[:-1]), reversed(halves), strict=True):
            if group.sparse:
                z = z - symmetric_product(group.v, group.stacked_t @ x[group.sparse_at])
            if group.dense:
                z = z - dense_product(group.b, x[group.dense_at])
            if self.links:
                z = z - self._y[group.span] @ v
            x[group.span] = z
        out = np.empty_like(right)
        out[self.order], out[own:] = x, v
        return out


class Entries:
    """Destination of single entries (those above the diagonal are ignored)."""

    def __init__(self, core: Core, row: np.ndarray, col: np.ndarray) -> None:
        use = np.flatnonzero(row >= col)
        factor = core.factor
        places = zip((factor.dense_values, factor.sparse_values), factor.places(row[use], col[use]), strict=True)
        self._parts = [(data, use[at >= 0], at[at >= 0]) for data, at in places]

    def add(self, values: np.ndarray) -> None:
        """Add entries; no two of them may have the same place."""
        for data, use, at in self._parts:
            data[at] += values[use]


class Rectangle:
    """Destination of a rectangle and of its transpose."""

    def __init__(self, core: Core, rows: np.ndarray, columns: np.ndarray) -> None:
        u, w = core.node_of[rows[0]], core.node_of[columns[0]]
        self._dense: np.ndarray | None = None
        if (core.node_of[rows] == u).all() and (core.node_of[columns] == w).all():
            self._dense = core.factor.dense_block(u, w)
            self._symmetric = u == w
            self._at = block_index(rows - core.starts[u], columns - core.starts[w])
        if self._dense is not None:
            return
        r, c = np.repeat(rows, columns.size), np.tile(columns, rows.size)
        places, self._back = np.unique(np.maximum(r, c) * core.size + np.minimum(r, c), return_inverse=True)
        self._twice = np.where(r == c, 2.0, 1.0)
        self._entries = Entries(core, places // core.size, places % core.size)

    def add(self, part: np.ndarray) -> None:
        """Add part at rows × columns, and its transpose at columns × rows."""
        if self._dense is None:
            self._entries.add(np.bincount(self._back, part.ravel() * self._twice))
            return
        self._dense[self._at] += part
        if self._symmetric:
            self._dense.T[self._at] += part


class Gram:
    """Destination of the product AᵀA of dense rows A; their columns may belong to several nodes."""

    def __init__(self, core: Core, columns: np.ndarray) -> None:
        self._rectangle: Rectangle | None = None
        if not columns.size or core.node_of[columns[0]] != core.node_of[columns[-1]]:
            self._rectangle = core.rectangle(columns, columns)
            return
        t = core.node_of[columns[0]]
        self._block, at = core.factor.block(t), columns - core.starts[t]
        index = block_index(at, at)
        self._at = None if isinstance(index[0], slice) else index
        if self._at is None:
            self._block = self._block[index]

    def add(self, rows: np.ndarray) -> None:
        """Add the product for `rows`."""
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
    """Entries and factor of the core.

    Whoever assembles it clears it, adds to what `entries`, `rectangle` and `gram` return, and sets `link` and `q`.

    Parameters
    ----------
    size, links
        Numbers of the core's variables and of linking rows.
    starts
        Where each node begins: a year, or those of its variables that no dense row touches.
    pattern
        Where there can be entries apart from the nodes' own blocks.
    """

    def __init__(self, size: int, links: int, starts: np.ndarray, pattern: sparse.csr_matrix) -> None:
        self.size, self.links = size, links
        inner = starts[(starts > 0) & (starts < size)]
        self.starts = np.concatenate([[0], inner, [size]]).astype(np.int64)
        if size < WORTH:
            self.starts = np.array([0, size], dtype=np.int64)
        self.node_of = np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))
        pattern = sparse.csr_matrix(abs(pattern) + abs(pattern.T))
        coo, count = pattern.tocoo(), self.starts.size - 1
        found = np.bincount(self.node_of[coo.row] * count + self.node_of[coo.col], minlength=count**2)
        kinds = coupling_kinds(found.reshape(count, count), np.diff(self.starts))
        self.factor = Elimination(self.starts, pattern, kinds, find_order(np.diff(self.starts), kinds, links))
        self.link: np.ndarray | sparse.csr_matrix = np.zeros((links, size))
        self.q = np.zeros((links, links))
        self.pivoting = False

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix."""
        return max(group.size for group in self.factor.groups)

    @property
    def may_pivot(self) -> bool:
        """Whether the whole can be factorised with pivoting, and is not already."""
        return not self.pivoting and self.size + self.links <= WHOLE

    def entries(self, row: np.ndarray, col: np.ndarray) -> Entries:
        """Destination of single entries (those above the diagonal are ignored)."""
        return Entries(self, row, col)

    def rectangle(self, rows: np.ndarray, columns: np.ndarray) -> Rectangle:
        """Destination of a rectangle and its transpose."""
        return Rectangle(self, rows, columns)

    def gram(self, columns: np.ndarray) -> Gram:
        """Destination of the product of dense rows with themselves."""
        return Gram(self, columns)

    def clear(self) -> None:
        """Set all entries to zero."""
        self.factor.dense_values.fill(0.0)
        self.factor.sparse_values.fill(0.0)

    def factorise(self, pivoting: bool, assemble: Callable[[], None]) -> None:
        """Factorise in place; with pivoting if asked for, or if the matrix is not positive definite.

        `assemble` restores the entries that a first attempt has overwritten.

        Raises
        ------
        FloatingPointError
            If there is no factor.
        """
        if not all(np.isfinite(np.diagonal(self.factor.block(u))).all() for u in range(self.starts.size - 1)):
            raise FloatingPointError("weights out of range")
        self.pivoting = pivoting
        if not pivoting and not self.factor.factorise(self.link, self.q):
            self.pivoting = True
            if self.size + self.links <= WHOLE:
                assemble()
        if self.pivoting and self.size + self.links:
            if self.size + self.links > WHOLE:
                raise FloatingPointError("core not positive definite")
            self._factorise_whole()

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side, or several as columns."""
        if not right.size:
            return right
        if self.pivoting:
            scale = self._scale if right.ndim == 1 else self._scale[:, None]
            x, _ = lapack.dsytrs(self._ldl, self._pivots, right * scale, lower=1)
            return np.asarray(x).reshape(right.shape) * scale
        return self.factor.solve(right)

    def whole(self) -> np.ndarray:
        """All entries in one array; only the lower half counts."""
        nc = self.size
        k = np.zeros((nc + self.links, nc + self.links), order="F")
        for u in range(self.starts.size - 1):
            for w in range(u + 1):
                k[self.starts[u] : self.starts[u + 1], self.starts[w] : self.starts[w + 1]] = self.factor.entries(u, w)
        k[nc:, :nc], k[nc:, nc:] = self.link if isinstance(self.link, np.ndarray) else self.link.toarray(), -self.q
        return k

    def _factorise_whole(self) -> None:
        """The whole at once, as a symmetric indefinite matrix (Bunch-Kaufman)."""
        nc = self.size
        k = self.whole()
        size = np.abs(np.diagonal(k)).copy()
        c = np.abs(k[nc:, :nc]).max(axis=1, initial=0.0)
        size[nc:] = np.maximum(size[nc:], c**2 / max(size[:nc].max(initial=0.0), 1e-300))
        self._scale = 1 / np.sqrt(np.maximum(size, 1e-12))
        k *= self._scale[:, None]
        k *= self._scale[None, :]
        at = np.arange(size.size)
        k[at, at] += np.where(at < nc, TINY, -TINY)
        if not np.isfinite(k).all():
            raise FloatingPointError("weights out of range")
        self._ldl, self._pivots, info = lapack.dsytrf(k, lower=1, overwrite_a=1, lwork=64 * size.size)
        if info > 0:
            raise FloatingPointError("singular core")
