"""The core's figures, laid out in the order they are eliminated: dense ones in one array, sparse ones in another.

A group of nodes has its block V, dense ties B to later nodes as columns beside it, and sparse ties T by rows of the
later node.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from lustrum.solving.staircase.order import DENSE, Plan, filled

#: Rows of a sparse product done at once: what it needs besides stays small.
PANEL = 512
#: Columns done at once where there is nothing but figures to scale: they stay in the nearest memory.
NARROW = 32


def sharing(
    data: np.ndarray, indices: np.ndarray, ptr: np.ndarray, shape: tuple[int, int], by_columns: bool = False
) -> Any:
    """A sparse matrix on figures that others change; scipy's constructor would copy parts of a larger array."""
    form = sparse.csc_matrix if by_columns else sparse.csr_matrix
    out = form((np.zeros(data.size), indices, ptr), shape=shape)
    out.data = data
    return out


class _Line:
    """Figures of a tie that are in step, at most one in a row: one vector, and products with it need no indices."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, at: np.ndarray) -> None:
        first, last = int(rows[0]), int(rows[-1]) + 1
        shift = int(columns[0]) - first
        self.rows, self.columns = slice(first, last), slice(first + shift, last + shift)
        self._where, self._at = rows - first, at

    def figures(self, data: np.ndarray) -> np.ndarray:
        out = np.zeros(self.rows.stop - self.rows.start)
        out[self._where] = data[self._at]
        return out


class Tie:
    """A sparse tie T: figures at (rows of a later node × columns of a group, whose nodes begin at `offsets`)."""

    def __init__(self, loose: np.ndarray, start: int, pattern: sparse.csr_matrix, offsets: np.ndarray) -> None:
        ptr, ind = pattern.indptr, pattern.indices
        self.at = slice(start, start + pattern.nnz)
        self.by_rows = sharing(loose[self.at], ind, ptr, pattern.shape)
        self.panels = []
        for a in range(0, pattern.shape[0], PANEL):
            e = min(a + PANEL, pattern.shape[0])
            data = loose[start + ptr[a] : start + ptr[e]]
            part = sharing(data, ind[ptr[a] : ptr[e]], ptr[a : e + 1] - ptr[a], (e - a, pattern.shape[1]))
            self.panels.append((a, e, part))
        rows = np.repeat(np.arange(pattern.shape[0]), np.diff(ptr))
        node = np.searchsorted(offsets, ind, side="right")
        self._lines: list[_Line] | None = []
        for k in np.unique(node):
            at = np.flatnonzero(node == k)
            if (ind[at] - rows[at] != ind[at[0]] - rows[at[0]]).any():
                self._lines = None
                break
            self._lines.append(_Line(rows[at], ind[at], at))

    def between(self, p: np.ndarray, other: Tie, target: np.ndarray) -> None:
        """Target −= T P Oᵀ for the symmetric P, column by column; the lower half counts where O is T."""
        if self._lines is None or other._lines is None:
            for a, e, part in self.panels:
                half = np.ascontiguousarray(np.asarray(part @ p.T).T)
                target[a:e] -= np.asarray(other.by_rows @ half).T
            return
        for line in self._lines:
            for across in other._lines:
                first, second = line.figures(self.by_rows.data), across.figures(other.by_rows.data)
                source, to = p[line.columns, across.columns], target[line.rows, across.rows]
                apart = across.rows.start - line.rows.start
                for a in range(0, second.size, NARROW):
                    k, low = slice(a, a + NARROW), max(apart + a, 0) if other is self else 0
                    part = source[low:, k] * first[low:, None]
                    part *= second[k]
                    to[low:, k] -= part

    def into(self, y: np.ndarray, target: np.ndarray) -> None:
        """Target −= T Y."""
        if self._lines is None:
            target -= self.by_rows @ np.ascontiguousarray(y)
            return
        for line in self._lines:
            figures = line.figures(self.by_rows.data)[:, None]
            for a in range(0, y.shape[1], NARROW):
                target[line.rows, a : a + NARROW] -= y[line.columns, a : a + NARROW] * figures


class Group:
    """Nodes that are eliminated together: where they are, and what ties them to later ones."""

    def __init__(self, nodes: tuple[int, ...], offsets: np.ndarray, start: int) -> None:
        self.nodes, self.offsets, self.size = nodes, offsets, int(offsets[-1])
        self.span = slice(start, start + self.size)  # among all variables, in the order of elimination
        self.wide: list[tuple[int, slice]] = []  # later nodes with dense ties, and their columns of `b`
        self.inner: dict[int, Tie] = {}  # within the group: place of a node, its tie to those before
        self.ties: dict[int, Tie] = {}  # sparse ties to later nodes
        self.wide_at = self.tied_at = np.zeros(0, dtype=np.int64)
        self.v: np.ndarray
        self.b: np.ndarray
        self.tied: sparse.csr_matrix
        self.tied_t: sparse.csc_matrix


class Layout:
    """The figures of a core, laid out for one plan."""

    def __init__(self, starts: np.ndarray, pattern: sparse.csr_matrix, kinds: np.ndarray, plan: Plan) -> None:
        self.starts, self.sizes, self.plan = starts, np.diff(starts), plan
        self.place = {v: (k, i) for k, group in enumerate(plan.groups) for i, v in enumerate(group)}
        self.order = np.concatenate([np.arange(starts[v], starts[v + 1]) for group in plan.groups for v in group])
        self.groups: list[Group] = []
        self.spans: dict[int, slice] = {}  # of each node, in the order of elimination
        at = 0
        for nodes in plan.groups:
            offsets = np.concatenate([[0], np.cumsum(self.sizes[list(nodes)])])
            self.groups.append(Group(nodes, offsets, at))
            for v, a, e in zip(nodes, offsets[:-1], offsets[1:], strict=True):
                self.spans[v] = slice(int(at + a), int(at + e))
            at += int(offsets[-1])
        self._lay_out(pattern[self.order][:, self.order].tocsr(), kinds)

    def _lay_out(self, pattern: sparse.csr_matrix, kinds: np.ndarray) -> None:
        """Where every figure is: ties that are still sparse when their group's turn comes stay sparse."""
        ties, needed = kinds, 0
        few: list[tuple[Group, dict[int, Tie], int, slice, slice]] = []
        for group in self.groups:
            here = list(group.nodes)
            at = 0
            for u in sorted(
                (u for u in self.place if u not in here and ties[here, u].any()), key=self.place.__getitem__
            ):
                if (ties[here, u] == DENSE).any():
                    group.wide.append((u, slice(at, at + int(self.sizes[u]))))
                    at += int(self.sizes[u])
                else:
                    few.append((group, group.ties, u, self.spans[u], group.span))
            needed += group.size * (group.size + at)
            if group is not self.groups[-1]:
                for i, v in enumerate(group.nodes[1:], 1):
                    before = slice(group.span.start, self.spans[v].start)
                    few.append((group, group.inner, i, self.spans[v], before))
                ties = filled(ties, group.nodes)
        self.room, at = np.zeros(needed), 0
        for group in self.groups:
            group.v, at = self._part(at, group.size, group.size)
            spans = [self.spans[u] for u, _ in group.wide]
            group.wide_at = np.concatenate([group.wide_at, *(np.arange(s.start, s.stop) for s in spans)])
            group.b, at = self._part(at, group.size, group.wide_at.size)
        parts = [pattern[rows][:, columns].tocsr() for *_, rows, columns in few]
        self.loose, at = np.zeros(sum(part.nnz for part in parts)), 0
        for (group, table, key, _, _), part in zip(few, parts, strict=True):
            part.sort_indices()
            table[key] = Tie(self.loose, at, part, group.offsets)
            at += part.nnz
        for group in self.groups:
            self._stack(group)

    def _stack(self, group: Group) -> None:
        """All sparse ties of a group as one, for solves; it shares their figures."""
        parts = [tie.by_rows for tie in group.ties.values()]
        at = [self.spans[u] for u in group.ties]
        group.tied_at = np.concatenate([group.tied_at, *(np.arange(s.start, s.stop) for s in at)])
        start = group.ties[next(iter(group.ties))].at.start if parts else 0
        data = self.loose[start : start + sum(p.nnz for p in parts)]
        indices = np.concatenate([np.zeros(0, np.int32), *(p.indices for p in parts)]).astype(np.int32)
        counts = np.concatenate([np.zeros(0, np.int32), *(np.diff(p.indptr) for p in parts)])
        used = np.flatnonzero(counts)
        group.tied_at = group.tied_at[used]
        ptr = np.concatenate([[0], np.cumsum(counts[used])]).astype(np.int32)
        shape = (used.size, group.size)
        group.tied = sharing(data, indices, ptr, shape)
        group.tied_t = sharing(data, indices, ptr, shape[::-1], by_columns=True)

    def _part(self, at: int, rows: int, columns: int) -> tuple[np.ndarray, int]:
        end = at + rows * columns
        return self.room[at:end].reshape((rows, columns), order="F"), end

    def block(self, u: int) -> np.ndarray:
        """The block of a node; its lower half counts."""
        k, i = self.place[u]
        a, e = self.groups[k].offsets[i : i + 2]
        return self.groups[k].v[a:e, a:e]

    def between(self, u: int, w: int) -> np.ndarray | None:
        """The dense figures of rows u and columns w, None where they are not dense."""
        if u == w:
            return self.block(u)
        (k, i), (later, j) = self.place[u], self.place[w]
        if (k, i) > (later, j):
            other = self.between(w, u)
            return None if other is None else other.T
        group = self.groups[k]
        if k == later:
            if k < len(self.groups) - 1:
                return None
            return group.v[group.offsets[j] : group.offsets[j + 1], group.offsets[i] : group.offsets[i + 1]].T
        for node, columns in group.wide:
            if node == w:
                return group.b[group.offsets[i] : group.offsets[i + 1], columns]
        return None

    def figures(self, u: int, w: int) -> np.ndarray:
        """The figures of rows u and columns w, which is not after u."""
        dense = self.between(u, w)
        if dense is not None:
            return dense
        out = np.zeros((self.sizes[u], self.sizes[w]))
        first, second = sorted((u, w), key=self.place.__getitem__)
        group = self.groups[self.place[first][0]]
        i = self.place[first][1]
        same = self.place[second][0] == self.place[first][0]
        tie = group.inner.get(self.place[second][1]) if same else group.ties.get(second)
        if tie is not None:
            part = tie.by_rows[:, group.offsets[i] : group.offsets[i + 1]].toarray()
            out[...] = part if second == u else part.T
        return out

    def places(self, row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where single figures (row, col of the core) are in `room` and in `loose`; -1 where they are not."""
        node = np.repeat(np.arange(self.sizes.size), self.sizes)
        pair = node[row] * self.sizes.size + node[col]
        room, loose = np.full(row.size, -1), np.full(row.size, -1)
        for code in np.unique(pair):
            use = np.flatnonzero(pair == code)
            u, w = divmod(int(code), self.sizes.size)
            r, c = row[use] - self.starts[u], col[use] - self.starts[w]
            dense = self.between(u, w)
            if dense is not None:
                start = (dense.__array_interface__["data"][0] - self.room.__array_interface__["data"][0]) // 8
                room[use] = start + r * (dense.strides[0] // 8) + c * (dense.strides[1] // 8)
            else:
                loose[use] = self._loose(u, w, r, c)
        return room, loose

    def _loose(self, u: int, w: int, r: np.ndarray, c: np.ndarray) -> np.ndarray:
        if self.place[u] < self.place[w]:
            u, w, r, c = w, u, c, r
        group = self.groups[self.place[w][0]]
        same = self.place[u][0] == self.place[w][0]
        tie = group.inner[self.place[u][1]] if same else group.ties[u]
        c = c + group.offsets[self.place[w][1]]
        p = tie.by_rows
        known = np.repeat(np.arange(p.shape[0]), np.diff(p.indptr)) * p.shape[1] + p.indices
        return np.asarray(tie.at.start + np.searchsorted(known, r * p.shape[1] + c))
