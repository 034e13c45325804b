"""The core eliminated in place, group by group.

    P = V⁻¹,  Y = P B,   later figures −= (B, T)ᵀ P (B, T),     the last by Cholesky

with V the block of a group of nodes, B its dense ties to later nodes, T its sparse ties (by rows of the later node).
Linking rows C come after all others, with −Q below. Everything but what a sparse product needs is done in place: V
holds P afterwards, B holds Y.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lustrum.solving.staircase import kernels
from lustrum.solving.staircase.kernels import dense_product, mirror, solve_cholesky, solve_lower, symmetric_product
from lustrum.solving.staircase.layout import Group, Layout

#: Linking rows with a smaller share of figures are multiplied as sparse ones.
THIN = 0.1


class Elimination(Layout):
    """Layout and factor for one plan."""

    def factorise(self, link: np.ndarray | sparse.csr_matrix, q: np.ndarray) -> bool:
        """Factorise in place; False where what is there is not positive definite (it is lost then)."""
        self.links = q.shape[0]
        rows = self._placed(link)
        self._border = np.array(q, order="F")
        touched: set[int] = set()
        for group in self.groups[:-1]:
            few = rows[:, group.span].tocsr() if rows is not None and not touched & set(group.nodes) else None
            if not self._invert(group, None if few is not None else self._y[group.span]):
                return False
            if self.links:
                self._link(group, few)
                touched |= {u for u, _ in group.wide} | set(group.ties)
            self._sparse(group)
        group = self.groups[-1]
        c = self._y[group.span]
        if not kernels.cholesky(group.v):
            return False
        kernels.trsm(group.v, c)
        kernels.syrk(1.0, c, 1.0, self._border)
        return kernels.cholesky(self._border)

    def _placed(self, link: np.ndarray | sparse.csr_matrix) -> sparse.csc_matrix | None:
        """Linking rows in the order of elimination as columns of `_y`; and as sparse rows, where they are."""
        if isinstance(link, np.ndarray):
            self._y = np.empty((self.order.size, self.links), order="F")
            for u, span in self.spans.items():
                self._y[span] = link[:, self.starts[u] : self.starts[u + 1]].T
            thin = np.count_nonzero(link) < THIN * link.size
            return sparse.csc_matrix(self._y.T) if thin else None
        if getattr(self, "_y", np.zeros(0)).shape != (self.order.size, self.links):
            self._y = np.empty((self.order.size, self.links), order="F")
            self._turned = np.argsort(self.order)
        self._y.fill(0.0)
        at = link.tocoo()
        where = self._turned[at.col]
        self._y[where, at.row] = at.data
        return sparse.csc_matrix((at.data, (at.row, where)), shape=link.shape)

    def _invert(self, group: Group, c: np.ndarray | None) -> bool:
        """V becomes P, B becomes Y, and what dense ties mean is taken from later figures; links' c in the same way."""
        v, b = group.v, group.b
        if len(group.nodes) > 1:
            if not self._grow(group):
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
            self._dense(group)
        if c is not None and c.size:
            kernels.trmm(1.0, v, c)
            kernels.syrk(1.0, c, 1.0, self._border)
            for u, columns in group.wide:
                kernels.gemm(-1.0, b[:, columns], c, 1.0, self._y[self.spans[u]], ta=True)
            kernels.trmm(1.0, v, c, trans=True)
        if b.size:
            kernels.trmm(1.0, v, b, trans=True)
        kernels.square(v)
        mirror(v)
        return True

    def _dense(self, group: Group) -> None:
        """What dense ties alone mean for later figures, by their half W."""
        for k, (u, columns) in enumerate(group.wide):
            kernels.syrk(-1.0, group.b[:, columns], 1.0, self.block(u))
            for w, others in group.wide[:k]:
                target = self.between(u, w)
                assert target is not None
                first, second = group.b[:, columns], group.b[:, others]
                if target.strides[0] == target.itemsize:
                    kernels.gemm(-1.0, first, second, 1.0, target, ta=True)
                else:
                    kernels.gemm(-1.0, second, first, 1.0, target.T, ta=True)

    def _link(self, group: Group, few: sparse.csr_matrix | None) -> None:
        """Linking rows: Y and the border where they are sparse, and what sparse ties mean for later ones."""
        y = self._y[group.span]
        if few is not None:
            found = np.asarray(few @ group.v.T)
            self._border += few @ np.ascontiguousarray(found.T)
            y[...] = found.T
            for u, columns in group.wide:
                self._y[self.spans[u]] -= np.asarray(few @ np.ascontiguousarray(group.b[:, columns])).T
        for u, tie in group.ties.items():
            tie.into(y, self._y[self.spans[u]])

    def _sparse(self, group: Group) -> None:
        """What sparse ties mean for later figures."""
        ties = list(group.ties.items())
        for k, (u, tie) in enumerate(ties):
            for w, other in ties[: k + 1]:
                target = self.between(u, w)
                assert target is not None
                if target.strides[0] == target.itemsize:
                    tie.between(group.v, other, target)
                else:
                    other.between(group.v, tie, target.T)
            for w, columns in group.wide:
                target = self.between(u, w)
                assert target is not None
                tie.into(group.b[:, columns], target)

    def _grow(self, group: Group) -> bool:
        """The inverse of a group, node by node."""
        v = group.v
        for i, (a, e) in enumerate(zip(group.offsets[:-1], group.offsets[1:], strict=True)):
            m, g, before = v[a:e, a:e], v[a:e, :a], v[:a, :a]
            if i:
                tie = group.inner[i]
                mirror(before)
                g.fill(0.0)
                tie.into(before, g)
                tie.between(before, tie, m)
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
            if group.wide:
                x[group.wide_at] -= dense_product(group.b, r, True)
            if group.ties:
                x[group.tied_at] -= group.tied @ z
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
            if group.ties:
                z = z - symmetric_product(group.v, group.tied_t @ x[group.tied_at])
            if group.wide:
                z = z - dense_product(group.b, x[group.wide_at])
            if self.links:
                z = z - self._y[group.span] @ v
            x[group.span] = z
        out = np.empty_like(right)
        out[self.order], out[own:] = x, v
        return out


def written(link: np.ndarray | sparse.csr_matrix) -> np.ndarray:
    """Linking rows written out."""
    return link if isinstance(link, np.ndarray) else link.toarray()
