"""The linear algebra of one iteration: pieces eliminated onto the core, the core factorised, solves with both.

The system is, with E ≥ 0 on variables and D > 0 on rows (1/W = D),

    E du − Gᵀ dy = ξ,      G du + D dy = ζ.

Local and pure rows enter as weights, G_Lᵀ W G_L. A piece with matrices B (its own variables), F (functionals) and
N (linking rows) is eliminated by the orthogonal factors of [√W B; √E]. Its share in the core is a sum of squares of
what is left of √W F after projection, so that nothing cancels where W is many orders above E; dy comes from
projections too.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lustrum.solving.staircase.core import Core
from lustrum.solving.staircase.pieces import Eliminated, apply, apply_t, eliminate
from lustrum.solving.staircase.rows import pairs
from lustrum.solving.staircase.structure import Structure

#: A solve with a larger relative residual is repeated with a core factorised with pivoting.
LOOSE = 1e-8


class Factor:
    """Factorisation for one structure; `update` refreshes it for new weights, `solve` uses it."""

    def __init__(self, s: Structure, matrix: sparse.csr_matrix) -> None:
        self.s = s
        self.g = matrix
        self.gt = sparse.csr_matrix(matrix.T)
        self.error = 0.0
        self.careful = False
        self._targets()
        self._core = Core(s.core.size, s.linking.size, s.starts, self._ties())
        row, col = self._unique
        self._direct_to = self._core.entries(row[self._direct], col[self._direct])
        self._own_to = [self._core.gram(form.columns) for form in s.forms]
        self._pair_to = [self._core.rectangle(s.forms[k].columns, s.forms[l].columns) for k, l, *_ in self._blocks]  # noqa: E741
        self._mixed_to = [
            self._core.rectangle(rows, form.columns) if rows.size else None
            for form, (_, _, rows) in zip(s.forms, self._mixed, strict=True)
        ]

    def _targets(self) -> None:
        """Where every contribution goes: computed once, so that an update is one weighted count."""
        s = self.s
        nc, nt, nq = s.core.size, s.ends, s.linking.size
        codes = [np.arange(nc) * (nt + 1)]
        pure = s.pure_functionals
        width = np.diff(pure.indptr)
        p_row, a, b = pairs(pure.indptr, width)
        codes.append(pure.indices[a].astype(np.int64) * nt + pure.indices[b])
        self._pure = (p_row, pure.data[a] * pure.data[b])
        self._keep: list[np.ndarray] = []
        for piece in s.pieces:
            f = piece.functionals
            real = f < nt
            keep = real[:, :, None] & real[:, None, :]
            codes.append((f[:, :, None] * np.int64(nt) + f[:, None, :])[keep])
            self._keep.append(keep)
        star = sparse.csr_matrix((s.stars.weight, tuple(s.stars.functional)), shape=(s.stars.rows.size, nt))
        self._star, self._star_t = star, sparse.csr_matrix(star.T)
        self._pure_t = sparse.csr_matrix(s.pure_functionals.T)
        link = s.stars.link
        self._link_t = sparse.csr_matrix(link.T)
        self._link_row = np.repeat(np.arange(link.shape[0]), np.diff(link.indptr))
        self._linked = np.flatnonzero(np.diff(link.indptr))
        star_row, a, b = pairs(star.indptr, np.diff(star.indptr))
        codes.append(star.indices[a].astype(np.int64) * nt + star.indices[b])
        self._star_pairs = (star_row, star.data[a] * star.data[b])
        unique, self._back = np.unique(np.concatenate(codes), return_inverse=True)
        row, col = unique // nt, unique % nt
        self._direct = np.flatnonzero((row < nc) & (col < nc))
        self._unique = (row, col)
        place = np.full(nt, -1)  # number of the form's group, place within it
        group = np.full(nt, -1)
        for k, form in enumerate(s.forms):
            group[nc + form.at], place[nc + form.at] = k, np.arange(form.at.size)
        both = (row >= nc) & (col >= nc)
        self._blocks = []
        for k in range(len(s.forms)):
            for l in range(k + 1):  # noqa: E741
                at = np.flatnonzero(both & (group[row] == k) & (group[col] == l) & ((k != l) | (row >= col)))
                if k == l:
                    at = at[row[at] != col[at]]
                if at.size:
                    self._blocks.append((k, l, at, place[row[at]], place[col[at]]))
        self._mixed = []
        self._diagonal = []
        for k, form in enumerate(s.forms):
            at = np.flatnonzero((row >= nc) & (col < nc) & (group[row] == k))
            rows, own = np.unique(col[at], return_inverse=True)
            number = np.arange(1.0, at.size + 1)  # where each figure ends up in the sparse matrix
            x = sparse.csr_matrix((number, (own, place[row[at]])), shape=(rows.size, form.at.size))
            self._mixed.append((at[x.data.astype(np.int64) - 1], x, rows))
            diagonal = np.full(form.at.size, -1)
            at = np.flatnonzero(both & (row == col) & (group[row] == k))
            diagonal[place[row[at]]] = at
            self._diagonal.append(diagonal)
        link_codes = [
            (p.links[:, :, None] * np.int64(nt + 1) + np.minimum(p.functionals, nt)[:, None, :]) for p in s.pieces
        ]
        self._link_codes = [np.minimum(c, nq * (nt + 1) + nt).ravel() for c in link_codes]
        self._qq_codes = [(p.links[:, :, None] * np.int64(nq + 1) + p.links[:, None, :]).ravel() for p in s.pieces]

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix that is factorised."""
        return self._core.widest

    def _spread(self, columns: np.ndarray) -> bool:
        """Whether columns belong to several years of the core."""
        at = np.searchsorted(self.s.starts, columns, side="right")
        return bool(columns.size and at.min() != at.max())

    def _ties(self) -> sparse.csr_matrix:
        """Where the core can have figures, apart from the dense block of each form."""
        nc, forms = self.s.core.size, self.s.forms
        row, col = (index[self._direct] for index in self._unique)
        rectangles = [(forms[k].columns, forms[l].columns) for k, l, *_ in self._blocks if k != l]  # noqa: E741
        rectangles += [(form.columns, form.columns) for form in forms if self._spread(form.columns)]
        rectangles += [(rows, form.columns) for form, (_, _, rows) in zip(forms, self._mixed, strict=True)]
        rows = np.concatenate([row, *(np.repeat(a, b.size) for a, b in rectangles)])
        cols = np.concatenate([col, *(np.tile(b, a.size) for a, b in rectangles)])
        pattern = sparse.csr_matrix((np.ones(rows.size), (rows, cols)), shape=(nc, nc))
        return sparse.csr_matrix(pattern + pattern.T)

    def update(self, e: np.ndarray, w: np.ndarray, d: np.ndarray) -> None:
        """Factorise for weights e (variables), w (rows; 1/d) and d (linking rows use this)."""
        s = self.s
        self.e, self.w, self.d = e, w, d
        ep, wp = np.append(e, 1.0), np.append(w, 0.0)
        nc, nt, nq = s.core.size, s.ends, s.linking.size
        values = [e[s.core], w[s.pure][self._pure[0]] * self._pure[1]]
        coupling = np.zeros((nq + 1) * (nt + 1))
        schur = np.zeros((nq + 1) * (nq + 1))
        self._done: list[Eliminated] = []
        for k, piece in enumerate(s.pieces):
            done = eliminate(piece, ep[piece.variables], wp[piece.rows])
            self._done.append(done)
            values.append(done.share[self._keep[k]])
            if piece.links.shape[1]:
                coupling -= np.bincount(self._link_codes[k], (piece.n @ done.v).ravel(), coupling.size)
                half = piece.n @ done.u
                schur += np.bincount(self._qq_codes[k], (half @ np.swapaxes(half, 1, 2)).ravel(), schur.size)
        star = s.stars
        se = 1 / e[star.variables]
        count = star.rows.size
        self._se, self._seb = se, se * star.b
        sw = wp[star.rows]
        self._sw = sw / (1 + sw * np.bincount(star.piece, self._seb * star.b, count))
        values.append(self._sw[self._star_pairs[0]] * self._star_pairs[1])
        found = np.bincount(self._back, np.concatenate(values), self._unique[0].size)
        coupling = coupling.reshape(nq + 1, nt + 1)[:nq, :nt]
        schur = schur.reshape(nq + 1, nq + 1)[:nq, :nq]
        if star.link.nnz:
            at, link = star.link.indices, star.link
            pull = np.zeros((nq, count))
            np.add.at(pull, (self._link_row, star.piece[at]), link.data * self._seb[at])
            use = self._linked
            coupling[use] -= (self._star_t @ (pull[use] * self._sw).T).T
            own = sparse.csr_matrix((link.data * se[at], at, link.indptr), shape=link.shape)
            schur[np.ix_(use, use)] -= (pull[use] * self._sw) @ pull[use].T
            schur = schur + (own @ self._link_t).toarray()
        c = s.link_core + coupling[:, :nc]
        for form in s.forms:
            part = coupling[:, nc + form.at]
            if part.any():
                form.add_transposed(c.T, part.T)
        self._coupling = coupling
        self._core.link[...] = c
        self._core.q[...] = schur + np.diag(d[s.linking])
        self._found = found
        self._assemble()
        self._core.factorise(self.careful, self._assemble)

    def _assemble(self) -> None:
        """The core's figures at their places."""
        found, forms = self._found, self.s.forms
        self._core.clear()
        self._direct_to.add(found[self._direct])
        for form, place, diagonal in zip(forms, self._own_to, self._diagonal, strict=True):
            weight = np.where(diagonal >= 0, found[np.maximum(diagonal, 0)], 0.0)
            place.add(form.weighted(np.sqrt(np.maximum(weight, 0.0))))
        for (k, l, at, rows, cols), pair in zip(self._blocks, self._pair_to, strict=True):  # noqa: E741
            pair.add((forms[k].chosen(rows) * found[at][:, None]).T @ forms[l].chosen(cols))
        for form, (at, x, _), mixed in zip(forms, self._mixed, self._mixed_to, strict=True):
            if mixed is not None:
                x.data[:] = found[at]
                mixed.add(form.left(x))

    def solve_once(self, xi: np.ndarray, zeta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One pass through the elimination, without refinement."""
        s = self.s
        nc, nt, nq = s.core.size, s.ends, s.linking.size
        xp, zp = np.append(xi, 0.0), np.append(zeta, 0.0)
        ends = np.zeros(nt + 1)
        link = np.zeros(nq + 1)
        own: list[tuple[np.ndarray, np.ndarray]] = []
        for piece, done in zip(s.pieces, self._done, strict=True):
            x, z = xp[piece.variables], zp[piece.rows]
            z = done.root * z
            own_z = apply_t(done.q, z)
            half = apply_t(done.u, x)
            inner = apply(done.u, half + own_z)
            # √W (ζ − B inner), without taking the difference of what was multiplied
            own.append((inner, z - apply(done.q, own_z + half)))
            ends += np.bincount(piece.functionals.ravel(), (apply_t(done.rest, z) - apply_t(done.v, x)).ravel(), nt + 1)
            link -= np.bincount(piece.links.ravel(), apply(piece.n, inner).ravel(), nq + 1)
        star = s.stars
        sx = xi[star.variables]
        sz = zp[star.rows]
        pull = self._sw * (sz - np.bincount(star.piece, self._seb * sx, star.rows.size))
        inner_star = self._se * sx + self._seb * pull[star.piece]
        ends[:nt] += self._star_t @ pull
        link[:nq] -= star.link @ inner_star
        ends[:nt] += self._pure_t @ (self.w[s.pure] * zeta[s.pure])
        right_core = ends[:nc] + xi[s.core]
        for form in s.forms:
            form.add_transposed(right_core, ends[nc + form.at])
        solution = self._core.solve(np.concatenate([right_core, link[:nq] + zeta[s.linking]]))
        u, dy_q = solution[:nc], -solution[nc:]
        ends = np.zeros(nt + 1)
        ends[:nc] = u
        for form in s.forms:
            ends[nc + form.at] = form.times(u)
        du = np.zeros(s.shape[1] + 1)
        dy = np.zeros(s.shape[0] + 1)
        dq = np.append(dy_q, 0.0)
        for piece, done, (inner, left) in zip(s.pieces, self._done, own, strict=True):
            at = ends[piece.functionals]
            step, multiplier = inner - apply(done.v, at), left - apply(done.rest, at)
            if piece.links.shape[1]:
                half = apply_t(done.u, apply_t(piece.n, dq[piece.links]))
                step += apply(done.u, half)
                multiplier -= apply(done.q, half)
            du[piece.variables] = step
            dy[piece.rows] = done.root * multiplier
        du[s.core] = u
        from_link = self._link_t @ dy_q
        back = self._sw * (self._star @ ends[:nt] + np.bincount(star.piece, self._seb * from_link, star.rows.size))
        du[star.variables] = inner_star + self._se * from_link - self._seb * back[star.piece]
        dy[star.rows] = pull - back
        dy[s.linking] = dy_q
        dy[s.pure] = self.w[s.pure] * (zeta[s.pure] - s.pure_functionals @ ends[:nt])
        return du[:-1], dy[:-1]

    def solve(
        self, xi: np.ndarray, zeta: np.ndarray, rounds: int = 3, goal: float = 1e-12
    ) -> tuple[np.ndarray, np.ndarray]:
        """Solve, refining the residual of both blocks while that helps; if that does not, pivot from now on."""
        found = self._refined(xi, zeta, rounds, goal)
        if self.error > LOOSE and not self._core.careful:
            self.careful = True
            self._assemble()
            self._core.factorise(True, self._assemble)
            found = self._refined(xi, zeta, rounds, goal)
        return found

    def _refined(self, xi: np.ndarray, zeta: np.ndarray, rounds: int, goal: float) -> tuple[np.ndarray, np.ndarray]:
        du, dy = self.solve_once(xi, zeta)
        size = max(np.abs(xi).max(initial=0), np.abs(zeta).max(initial=0), 1e-300)
        best, kept = np.inf, (du, dy)
        for k in range(rounds + 1):
            r1 = xi - self.e * du + self.gt @ dy
            r2 = zeta - self.g @ du - self.d * dy
            error = max(np.abs(r1).max(initial=0), np.abs(r2).max(initial=0)) / size
            if not error < 0.5 * best:
                if error > best:
                    du, dy = kept
                break
            best, kept = error, (du, dy)
            if error <= goal or k == rounds:
                break
            a, b = self.solve_once(r1, r2)
            du, dy = du + a, dy + b
        self.error = best
        return du, dy
