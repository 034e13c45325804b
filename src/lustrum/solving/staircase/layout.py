"""Layout of the core: the order in which its blocks are eliminated, and where its entries lie in memory.

A *node* is a block of core variables with a dense matrix within. Two nodes are coupled not at all, by a few entries
(sparse), or densely. Eliminating a node couples all its neighbours densely (fill-in). If its couplings are sparse, the
Schur complement needs the inverse of its block, but no dense product of full size. Nodes with sparse couplings only may
be eliminated as a group: the inverse of the first is extended by the second, and the Schur complement still takes two
sparse products. The nodes left to the end are factorised as one.

The order is chosen once, from sizes and couplings alone, by a beam search. All dense entries then lie in one array, in
the order of elimination, and all sparse ones in another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse

NONE, SPARSE, DENSE = 0, 1, 2
#: With more entries between two nodes than this, for each row of the smaller one, the coupling counts as dense.
FEW = 8
#: Overhead of a group and of a coupling, in operations: calls, and solves that pass through them.
GROUP, TIE = 2e7, 3e6
#: Partial orders kept by the search; nodes tried next in each: the first and last years, and the cheapest.
BEAM, FIRST, LAST, CHEAP = 8, 4, 2, 1
#: Weight of the present elimination costs of the remaining nodes when partial orders are compared.
AHEAD = 0.3
#: Rows of a sparse product computed at once, which bounds its temporary memory.
PANEL = 512
#: Columns scaled at once where that is all there is to do: they stay in the first-level cache.
NARROW = 32


@dataclass(frozen=True)
class EliminationOrder:
    """Groups of nodes in the order they are eliminated, the last factorised as one; and the operations it takes."""

    groups: tuple[tuple[int, ...], ...]
    cost: float


@dataclass(frozen=True, eq=False)
class _State:
    """A partial order: groups so far, nodes left, couplings without and with the fill-in of the last group."""

    gone: tuple[tuple[int, ...], ...]
    left: tuple[int, ...]
    couplings: np.ndarray
    cost: float
    after: np.ndarray


def coupling_kinds(entries: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Whether each two nodes are coupled not, sparsely or densely, from the number of entries between them."""
    many = entries > FEW * np.minimum.outer(sizes, sizes)
    return np.where(entries == 0, NONE, np.where(many, DENSE, SPARSE)).astype(np.int8)


def fill_in(couplings: np.ndarray, group: tuple[int, ...]) -> np.ndarray:
    """Couplings after a group of nodes is eliminated."""
    out = couplings.copy()
    here = list(group)
    near = np.asarray(couplings[here].any(axis=0))
    near[here] = False
    at = np.flatnonzero(near)
    out[at[:, None], at] = DENSE
    out[at, at] = out[here] = out[:, here] = NONE
    return out


def elimination_cost(sizes: np.ndarray, couplings: np.ndarray) -> np.ndarray:
    """Operations to eliminate each node alone."""
    a = sizes.astype(float)
    wide = (couplings == DENSE) @ a
    return np.asarray(a**3 + a * wide * (2 * a + wide) + GROUP + TIE * np.count_nonzero(couplings, axis=1))


def extension_cost(sizes: np.ndarray, group: tuple[int, ...], v: int) -> float:
    """Operations to extend the inverse of a group by another node."""
    a, g = float(sizes[v]), float(sizes[list(group)].sum())
    return a**3 + 2 * a * a * g + a * g * g + 3 * TIE


def cholesky_cost(sizes: np.ndarray, left: tuple[int, ...], links: int) -> float:
    """Operations of one Cholesky factor of the remaining nodes, bordered by the linking rows."""
    n = float(sizes[list(left)].sum())
    return n**3 / 3 + n * n * links + n * links**2 + links**3 / 3 + GROUP


def find_order(sizes: np.ndarray, couplings: np.ndarray, links: int = 0, beam: int = BEAM) -> EliminationOrder:
    """The cheapest order found.

    Parameters
    ----------
    sizes, couplings
        Of the nodes; couplings symmetric.
    links
        Number of linking rows, which come last and are coupled to all nodes.
    beam
        Partial orders kept at each step.
    """
    key = (tuple(int(s) for s in sizes), tuple(map(tuple, np.asarray(couplings, dtype=int).tolist())), int(links))
    return _find_order(*key, beam)


@lru_cache(maxsize=64)
def _find_order(
    sizes_: tuple[int, ...], couplings_: tuple[tuple[int, ...], ...], links: int, width: int
) -> EliminationOrder:
    sizes = np.array(sizes_, dtype=np.int64)
    couplings = np.array(couplings_, dtype=np.int8).reshape(len(sizes_), len(sizes_))
    np.fill_diagonal(couplings, NONE)
    every = tuple(range(sizes.size))
    beam = [_State((), every, couplings, 0.0, couplings)]
    best = EliminationOrder((every,), cholesky_cost(sizes, every, links))
    for _ in range(sizes.size - 1):
        found: dict[tuple[frozenset[int], tuple[int, ...]], tuple[float, _State]] = {}
        for state in beam:
            for new in _extensions(sizes, state, links):
                end = new.cost + cholesky_cost(sizes, new.left, links)
                if end < best.cost:
                    best = EliminationOrder((*new.gone, new.left), end)
                key = (frozenset(new.left), new.gone[-1])
                ahead = float(elimination_cost(sizes, new.after)[list(new.left)].sum())
                if key not in found or new.cost + AHEAD * ahead < found[key][0]:
                    found[key] = (new.cost + AHEAD * ahead, new)
        beam = [state for _, state in sorted(found.values(), key=lambda x: x[0])[:width]]
        if not beam or min(state.cost for state in beam) >= best.cost:
            break
    return best


def _extensions(sizes: np.ndarray, state: _State, links: int) -> list[_State]:
    """Partial orders with one more node: alone, or added to the last group."""
    out = []
    couplings = state.after
    each = elimination_cost(sizes, couplings)
    cheap = sorted(state.left, key=lambda v: float(each[v]))[:CHEAP]
    for v in sorted({*state.left[:FIRST], *state.left[-LAST:], *cheap}):
        a = float(sizes[v])
        spent = state.cost + float(each[v]) + a * links * min(a, links)
        left = tuple(u for u in state.left if u != v)
        out.append(_State((*state.gone, (v,)), left, couplings, spent, fill_in(couplings, (v,))))
    if state.gone and not (state.couplings[list(state.gone[-1])] == DENSE).any():
        group = state.gone[-1]
        for v in state.left:
            if not (state.couplings[v] == DENSE).any() and state.couplings[v, list(group)].any():
                spent = state.cost + extension_cost(sizes, group, v)
                left = tuple(u for u in state.left if u != v)
                gone = (*state.gone[:-1], (*group, v))
                out.append(_State(gone, left, state.couplings, spent, fill_in(state.couplings, gone[-1])))
    return out


# ---- memory


def sharing(
    data: np.ndarray, indices: np.ndarray, ptr: np.ndarray, shape: tuple[int, int], by_columns: bool = False
) -> Any:
    """A sparse matrix on an array that others write to; scipy's constructor would copy a part of a larger array."""
    form = sparse.csc_matrix if by_columns else sparse.csr_matrix
    out = form((np.zeros(data.size), indices, ptr), shape=shape)
    out.data = data
    return out


class _Diagonal:
    """Entries on one diagonal of a sparse coupling: one vector, and products with it need no indices."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, at: np.ndarray) -> None:
        first, last = int(rows[0]), int(rows[-1]) + 1
        shift = int(columns[0]) - first
        self.rows, self.columns = slice(first, last), slice(first + shift, last + shift)
        self._where, self._at = rows - first, at

    def values(self, data: np.ndarray) -> np.ndarray:
        out = np.zeros(self.rows.stop - self.rows.start)
        out[self._where] = data[self._at]
        return out


class SparseCoupling:
    """A sparse coupling T: rows of a later node × columns of a group, whose nodes begin at `offsets`."""

    def __init__(self, values: np.ndarray, start: int, pattern: sparse.csr_matrix, offsets: np.ndarray) -> None:
        ptr, ind = pattern.indptr, pattern.indices
        self.at = slice(start, start + pattern.nnz)
        self.by_rows = sharing(values[self.at], ind, ptr, pattern.shape)
        self.panels = []
        for a in range(0, pattern.shape[0], PANEL):
            e = min(a + PANEL, pattern.shape[0])
            data = values[start + ptr[a] : start + ptr[e]]
            part = sharing(data, ind[ptr[a] : ptr[e]], ptr[a : e + 1] - ptr[a], (e - a, pattern.shape[1]))
            self.panels.append((a, e, part))
        rows = np.repeat(np.arange(pattern.shape[0]), np.diff(ptr))
        node = np.searchsorted(offsets, ind, side="right")
        self._diagonals: list[_Diagonal] | None = []
        for k in np.unique(node):
            at = np.flatnonzero(node == k)
            if (ind[at] - rows[at] != ind[at[0]] - rows[at[0]]).any():
                self._diagonals = None
                break
            self._diagonals.append(_Diagonal(rows[at], ind[at], at))

    def subtract_congruence(self, p: np.ndarray, other: SparseCoupling, target: np.ndarray) -> None:
        """Target −= T P Oᵀ for the symmetric P, column by column; only the lower half counts if O is T."""
        if self._diagonals is None or other._diagonals is None:
            for a, e, part in self.panels:
                half = np.ascontiguousarray(np.asarray(part @ p.T).T)
                target[a:e] -= np.asarray(other.by_rows @ half).T
            return
        for line in self._diagonals:
            for across in other._diagonals:
                first, second = line.values(self.by_rows.data), across.values(other.by_rows.data)
                source, to = p[line.columns, across.columns], target[line.rows, across.rows]
                apart = across.rows.start - line.rows.start
                for a in range(0, second.size, NARROW):
                    k, low = slice(a, a + NARROW), max(apart + a, 0) if other is self else 0
                    part = source[low:, k] * first[low:, None]
                    part *= second[k]
                    to[low:, k] -= part

    def subtract_product(self, y: np.ndarray, target: np.ndarray) -> None:
        """Target −= T Y."""
        if self._diagonals is None:
            target -= self.by_rows @ np.ascontiguousarray(y)
            return
        for line in self._diagonals:
            values = line.values(self.by_rows.data)[:, None]
            for a in range(0, y.shape[1], NARROW):
                target[line.rows, a : a + NARROW] -= y[line.columns, a : a + NARROW] * values


class Group:
    """Nodes that are eliminated together, with block V, dense couplings B and sparse couplings T to later nodes."""

    def __init__(self, nodes: tuple[int, ...], offsets: np.ndarray, start: int) -> None:
        self.nodes, self.offsets, self.size = nodes, offsets, int(offsets[-1])
        self.span = slice(start, start + self.size)  # among all variables, in the order of elimination
        self.dense: list[tuple[int, slice]] = []  # later nodes with dense couplings, and their columns of `b`
        self.inner: dict[int, SparseCoupling] = {}  # within the group: position of a node -> coupling to those before
        self.sparse: dict[int, SparseCoupling] = {}  # later nodes with sparse couplings
        self.dense_at = self.sparse_at = np.zeros(0, dtype=np.int64)
        self.v: np.ndarray
        self.b: np.ndarray
        self.stacked: sparse.csr_matrix
        self.stacked_t: sparse.csc_matrix


class Layout:
    """The entries of a core, laid out for one order of elimination."""

    def __init__(
        self, starts: np.ndarray, pattern: sparse.csr_matrix, kinds: np.ndarray, order: EliminationOrder
    ) -> None:
        self.starts, self.sizes = starts, np.diff(starts)
        self.place = {v: (k, i) for k, group in enumerate(order.groups) for i, v in enumerate(group)}
        self.order = np.concatenate([np.arange(starts[v], starts[v + 1]) for group in order.groups for v in group])
        self.groups: list[Group] = []
        self.spans: dict[int, slice] = {}  # of each node, in the order of elimination
        at = 0
        for nodes in order.groups:
            offsets = np.concatenate([[0], np.cumsum(self.sizes[list(nodes)])])
            self.groups.append(Group(nodes, offsets, at))
            for v, a, e in zip(nodes, offsets[:-1], offsets[1:], strict=True):
                self.spans[v] = slice(int(at + a), int(at + e))
            at += int(offsets[-1])
        self._lay_out(pattern[self.order][:, self.order].tocsr(), kinds)

    def _lay_out(self, pattern: sparse.csr_matrix, kinds: np.ndarray) -> None:
        """Assign memory; a coupling that is sparse when its group is eliminated is stored sparse."""
        couplings, needed = kinds, 0
        few: list[tuple[Group, dict[int, SparseCoupling], int, slice, slice]] = []
        for group in self.groups:
            here = list(group.nodes)
            at = 0
            later = (u for u in self.place if u not in here and couplings[here, u].any())
            for u in sorted(later, key=self.place.__getitem__):
                if (couplings[here, u] == DENSE).any():
                    group.dense.append((u, slice(at, at + int(self.sizes[u]))))
                    at += int(self.sizes[u])
                else:
                    few.append((group, group.sparse, u, self.spans[u], group.span))
            needed += group.size * (group.size + at)
            if group is not self.groups[-1]:
                for i, v in enumerate(group.nodes[1:], 1):
                    before = slice(group.span.start, self.spans[v].start)
                    few.append((group, group.inner, i, self.spans[v], before))
                couplings = fill_in(couplings, group.nodes)
        self.dense_values, at = np.zeros(needed), 0
        for group in self.groups:
            group.v, at = self._part(at, group.size, group.size)
            spans = [self.spans[u] for u, _ in group.dense]
            group.dense_at = np.concatenate([group.dense_at, *(np.arange(s.start, s.stop) for s in spans)])
            group.b, at = self._part(at, group.size, group.dense_at.size)
        parts = [pattern[rows][:, columns].tocsr() for *_, rows, columns in few]
        self.sparse_values, at = np.zeros(sum(part.nnz for part in parts)), 0
        for (group, table, key, _, _), part in zip(few, parts, strict=True):
            part.sort_indices()
            table[key] = SparseCoupling(self.sparse_values, at, part, group.offsets)
            at += part.nnz
        for group in self.groups:
            self._stack(group)

    def _stack(self, group: Group) -> None:
        """All sparse couplings of a group as one matrix, for solves; it shares their values."""
        parts = [coupling.by_rows for coupling in group.sparse.values()]
        at = [self.spans[u] for u in group.sparse]
        group.sparse_at = np.concatenate([group.sparse_at, *(np.arange(s.start, s.stop) for s in at)])
        start = group.sparse[next(iter(group.sparse))].at.start if parts else 0
        data = self.sparse_values[start : start + sum(p.nnz for p in parts)]
        indices = np.concatenate([np.zeros(0, np.int32), *(p.indices for p in parts)]).astype(np.int32)
        counts = np.concatenate([np.zeros(0, np.int32), *(np.diff(p.indptr) for p in parts)])
        used = np.flatnonzero(counts)
        group.sparse_at = group.sparse_at[used]
        ptr = np.concatenate([[0], np.cumsum(counts[used])]).astype(np.int32)
        shape = (used.size, group.size)
        group.stacked = sharing(data, indices, ptr, shape)
        group.stacked_t = sharing(data, indices, ptr, shape[::-1], by_columns=True)

    def _part(self, at: int, rows: int, columns: int) -> tuple[np.ndarray, int]:
        end = at + rows * columns
        return self.dense_values[at:end].reshape((rows, columns), order="F"), end

    def block(self, u: int) -> np.ndarray:
        """The diagonal block of a node; its lower half counts."""
        k, i = self.place[u]
        a, e = self.groups[k].offsets[i : i + 2]
        return self.groups[k].v[a:e, a:e]

    def dense_block(self, u: int, w: int) -> np.ndarray | None:
        """The block of rows of u and columns of w; None if it is not stored densely."""
        if u == w:
            return self.block(u)
        (k, i), (later, j) = self.place[u], self.place[w]
        if (k, i) > (later, j):
            other = self.dense_block(w, u)
            return None if other is None else other.T
        group = self.groups[k]
        if k == later:
            if k < len(self.groups) - 1:
                return None
            return group.v[group.offsets[j] : group.offsets[j + 1], group.offsets[i] : group.offsets[i + 1]].T
        for node, columns in group.dense:
            if node == w:
                return group.b[group.offsets[i] : group.offsets[i + 1], columns]
        return None

    def entries(self, u: int, w: int) -> np.ndarray:
        """The block of rows of u and columns of w as a dense array, however it is stored."""
        dense = self.dense_block(u, w)
        if dense is not None:
            return dense
        out = np.zeros((self.sizes[u], self.sizes[w]))
        first, second = sorted((u, w), key=self.place.__getitem__)
        if (coupling := self._sparse_coupling(first, second)) is not None:
            group, i = self.groups[self.place[first][0]], self.place[first][1]
            part = coupling.by_rows[:, group.offsets[i] : group.offsets[i + 1]].toarray()
            out[...] = part if second == u else part.T
        return out

    def places(self, row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions of entries (row, col of the core) in `dense_values` and in `sparse_values`; -1 if not there."""
        node = np.repeat(np.arange(self.sizes.size), self.sizes)
        pair = node[row] * self.sizes.size + node[col]
        dense_at, sparse_at = np.full(row.size, -1), np.full(row.size, -1)
        base = self.dense_values.__array_interface__["data"][0]
        for code in np.unique(pair):
            use = np.flatnonzero(pair == code)
            u, w = divmod(int(code), self.sizes.size)
            r, c = row[use] - self.starts[u], col[use] - self.starts[w]
            dense = self.dense_block(u, w)
            if dense is not None:
                start = (dense.__array_interface__["data"][0] - base) // 8
                dense_at[use] = start + r * (dense.strides[0] // 8) + c * (dense.strides[1] // 8)
            else:
                sparse_at[use] = self._sparse_places(u, w, r, c)
        return dense_at, sparse_at

    def _sparse_places(self, u: int, w: int, r: np.ndarray, c: np.ndarray) -> np.ndarray:
        if self.place[u] < self.place[w]:
            u, w, r, c = w, u, c, r
        coupling = self._sparse_coupling(w, u)
        assert coupling is not None
        c = c + self.groups[self.place[w][0]].offsets[self.place[w][1]]
        p = coupling.by_rows
        known = np.repeat(np.arange(p.shape[0]), np.diff(p.indptr)) * p.shape[1] + p.indices
        return np.asarray(coupling.at.start + np.searchsorted(known, r * p.shape[1] + c))

    def _sparse_coupling(self, first: int, second: int) -> SparseCoupling | None:
        """The sparse coupling of a node to the group of an earlier one, or to those before it in its own group."""
        (k, _), (later, j) = self.place[first], self.place[second]
        group = self.groups[k]
        return group.inner.get(j) if k == later else group.sparse.get(second)
