"""The linear algebra of one iteration: pieces are eliminated onto the core, the core is factorised, both are solved.

With E ≥ 0 on variables and D > 0 on rows (W = 1/D), the KKT system of a step is

    E du − Gᵀ dy = ξ,      G du + D dy = ζ.

Local and pure rows enter as weights, G_Lᵀ W G_L. A piece with matrices B (its variables), F (functionals) and N
(linking rows) is eliminated by the orthogonal factors of [√W B; √E]. Its Schur complement is a sum of squares of the
projected √W F, so that nothing cancels if W is many orders of magnitude above E; dy comes from projections too. Every
array has one row for each plan; only the cores are factorised one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.solving.staircase.core import Core
from lustrum.solving.staircase.device import DeviceCoefficients, DeviceCore, DeviceStructure, Namespace
from lustrum.solving.staircase.kernels import matvec, put, sum_at, take
from lustrum.solving.staircase.pieces import EliminatedPieces, apply, apply_t, eliminate
from lustrum.solving.staircase.structure import DenseRows, Structure

#: A solve with a larger relative residual is repeated with a core factorised with pivoting.
LOOSE = 1e-8
#: Rounds of iterative refinement, at most; a relative residual below this needs none.
ROUNDS, GOAL = 3, 1e-10
#: Linking rows stay sparse if dense they had at least this many entries, and have at most this share of them.
PLACES, SHARE = 1_000_000, 0.05

Pair = tuple[np.ndarray, np.ndarray]


class KktFactor:
    """Factorisation for one structure and a number of plans: `update` computes it for new weights, `solve` uses it.

    Of each plan, `residual` is the relative residual of the last solve, `failed` says that there is no factor, and
    `pivoting` that its core is factorised with pivoting.
    """

    def __init__(self, s: Structure, matrix: Coefficients, plans: int = 1, space: Namespace | None = None) -> None:
        self.s = s
        self.g = DeviceCoefficients(matrix, space) if space else matrix
        self.gt = self.g.T
        self._dense = dense = DeviceStructure(s, space) if space else s
        nt, nq, ones = s.functional_count, s.linking.size, s.rank_one
        self._one = sparse.csr_matrix((ones.weight, tuple(ones.functional)), shape=(ones.rows.size, nt))
        self._one_t, self._pure_t = sparse.csr_matrix(self._one.T), sparse.csr_matrix(s.pure_functionals.T)
        link = ones.link
        self._link_t = sparse.csr_matrix(link.T)
        self._linked = np.flatnonzero(np.diff(link.indptr))
        row = np.repeat(np.arange(link.shape[0]), np.diff(link.indptr))
        self._pull_codes = np.searchsorted(self._linked, row) * ones.rows.size + ones.piece[link.indices]
        self._map = AssemblyMap(s, self._one)
        pattern = self._map.pattern()
        self._another: Callable[[], Assembly] = lambda: Assembly(self._map, pattern, dense, space)
        self._cores: list[Assembly] = []
        self.begin(plans)
        codes = [p.links[:, None] * np.int64(nt + 1) + np.minimum(p.functionals, nt) for p in s.pieces]
        self._link_codes = [np.minimum(c, nq * (nt + 1) + nt).ravel() for c in codes]
        self._sparse_links = SparseLinking(s) if SparseLinking.suits(s, self._link_codes) else None
        self._qq_codes = [(p.links[:, None] * np.int64(nq + 1) + p.links).ravel() for p in s.pieces]

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix that is factorised."""
        return self._cores[0].core.widest

    def begin(self, plans: int) -> None:
        """Begin anew, with this many plans."""
        self.residual = np.zeros(plans)
        self.failed = np.zeros(plans, dtype=bool)
        self.pivoting = np.zeros(plans, dtype=bool)
        self._cores += [self._another() for _ in range(plans - len(self._cores))]

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only, from the next update on."""
        self.pivoting, self.residual, self.failed = self.pivoting[plans], self.residual[plans], self.failed[plans]

    def update(self, e: np.ndarray, w: np.ndarray, d: np.ndarray) -> None:
        """Factorise for weights e of variables, w of rows, and d = 1/w (used for linking rows)."""
        s, t = self.s, self._map
        self.e, self.w, self.d = e, w, d
        plans = e.shape[0]
        ep = np.concatenate([e, np.ones((plans, 1))], axis=1)
        wp = np.concatenate([w, np.zeros((plans, 1))], axis=1)
        nt, nq = s.functional_count, s.linking.size
        values = [take(e, s.core), take(w, s.pure[t.pure[0]]) * t.pure[1]]
        few = self._sparse_links
        coupling = few.begin(plans) if few else np.zeros((plans, (nq + 1) * (nt + 1)))
        schur = np.zeros((plans, (nq + 1) * (nq + 1)))
        self._done: list[EliminatedPieces] = []
        for k, piece in enumerate(s.pieces):
            done = eliminate(piece, take(ep, piece.variables), take(wp, piece.rows))
            self._done.append(done)
            values.append(take(done.schur.reshape(plans, -1), t.keep[k]))
            if piece.links.size:
                response = np.einsum("qsk,psfk->pqfk", piece.n, done.response)
                coupling -= few.sums(k, response) if few else sum_at(self._link_codes[k], response, coupling.shape[1])
                half = np.einsum("qsk,pstk->pqtk", piece.n, done.r_inverse)
                schur += sum_at(self._qq_codes[k], np.einsum("pqtk,prtk->pqrk", half, half), schur.shape[1])
        ones = s.rank_one
        self._e_inverse = 1 / take(e, ones.variables)
        self._eb = self._e_inverse * ones.b
        weight = take(wp, ones.rows)
        self._one_weight = weight / (1 + weight * sum_at(ones.piece, self._eb * ones.b, ones.rows.size))
        values.append(take(self._one_weight, t.ones[0]) * t.ones[1])
        found = t.sums(values)
        if not few:
            coupling = coupling.reshape(plans, nq + 1, nt + 1)[:, :nq, :nt]
        schur = schur.reshape(plans, nq + 1, nq + 1)[:, :nq, :nq]
        if ones.link.nnz:
            self._link_rank_one(coupling, schur)
        at = np.arange(nq)
        schur[:, at, at] += d[:, s.linking]
        for k, core in enumerate(self._cores[:plans]):
            core.set(found[k], few.matrix(coupling[k]) if few else coupling[k], schur[k])
            self._factorise(k, bool(self.pivoting[k]))

    def _link_rank_one(self, coupling: np.ndarray, schur: np.ndarray) -> None:
        """Add the part of rank-one blocks to linking rows, and to their coupling with functionals."""
        link, use = self.s.rank_one.link, self._linked
        size = self._one_weight.shape[1]
        pulls = sum_at(self._pull_codes, link.data * self._eb[:, link.indices], use.size * size)
        for k, pull in enumerate(pulls.reshape(-1, use.size, size)):
            weighted = pull * self._one_weight[k]
            coupling[k, use] -= (self._one_t @ weighted.T).T
            data = link.data * self._e_inverse[k, link.indices]
            own = sparse.csr_matrix((data, link.indices, link.indptr), link.shape)
            schur[k][np.ix_(use, use)] -= weighted @ pull.T
            schur[k] += (own @ self._link_t).toarray()

    def _factorise(self, plan: int, pivoting: bool) -> None:
        try:
            self._cores[plan].factorise(pivoting)
            self.failed[plan] = False
        except FloatingPointError:
            self.failed[plan] = True

    def solve_once(self, xi: np.ndarray, zeta: np.ndarray) -> Pair:
        """One solve through the elimination, without refinement."""
        s = self.s
        plans = xi.shape[0]
        nc, nt, nq = s.core.size, s.functional_count, s.linking.size
        none = np.zeros((plans, 1))
        xp, zp = np.concatenate([xi, none], axis=1), np.concatenate([zeta, none], axis=1)
        ends = np.zeros((plans, nt + 1))
        link = np.zeros((plans, nq + 1))
        own: list[Pair] = []
        for piece, done in zip(s.pieces, self._done, strict=True):
            x, z = take(xp, piece.variables), take(zp, piece.rows)
            z = done.sqrt_w * z
            own_z = apply_t(done.q, z)
            half = apply_t(done.r_inverse, x)
            inner = apply(done.r_inverse, half + own_z)
            # √W (ζ − B inner), without subtracting a product
            own.append((inner, z - apply(done.q, own_z + half)))
            ends += sum_at(piece.functionals.ravel(), apply_t(done.projected, z) - apply_t(done.response, x), nt + 1)
            if piece.links.size:
                link -= sum_at(piece.links.ravel(), apply(piece.n[None], inner), nq + 1)
        ones = s.rank_one
        sx, sz = take(xi, ones.variables), take(zp, ones.rows)
        pull = self._one_weight * (sz - sum_at(ones.piece, self._eb * sx, ones.rows.size))
        inner_one = self._e_inverse * sx + self._eb * take(pull, ones.piece)
        ends[:, :nt] += matvec(self._one_t, pull)
        link[:, :nq] -= matvec(ones.link, inner_one)
        ends[:, :nt] += matvec(self._pure_t, take(self.w, s.pure) * take(zeta, s.pure))
        right = np.concatenate([ends[:, :nc] + take(xi, s.core), link[:, :nq] + take(zeta, s.linking)], axis=1)
        self._dense.add_transposed(right[:, :nc].T, ends[:, nc:nt].T)
        solution = np.zeros_like(right)
        for k in np.flatnonzero(~self.failed):
            solution[k] = self._cores[k].core.solve(right[k])
        u, dy_q = solution[:, :nc], -solution[:, nc:]
        ends = np.zeros((plans, nt + 1))
        ends[:, :nc] = u
        ends[:, nc:nt] = self._dense.times(u.T).T
        du = np.zeros((plans, s.shape[1] + 1))
        dy = np.zeros((plans, s.shape[0] + 1))
        dq = np.concatenate([dy_q, none], axis=1)
        for piece, done, (inner, left) in zip(s.pieces, self._done, own, strict=True):
            at = take(ends, piece.functionals)
            step, multiplier = inner - apply(done.response, at), left - apply(done.projected, at)
            if piece.links.size:
                half = apply_t(done.r_inverse, apply_t(piece.n[None], take(dq, piece.links)))
                step += apply(done.r_inverse, half)
                multiplier -= apply(done.q, half)
            put(du, piece.variables, step)
            put(dy, piece.rows, done.sqrt_w * multiplier)
        put(du, s.core, u)
        from_link = matvec(self._link_t, dy_q)
        back = matvec(self._one, ends[:, :nt]) + sum_at(ones.piece, self._eb * from_link, ones.rows.size)
        back = self._one_weight * back
        put(du, ones.variables, inner_one + self._e_inverse * from_link - self._eb * take(back, ones.piece))
        put(dy, ones.rows, pull - back)
        put(dy, s.linking, dy_q)
        put(dy, s.pure, take(self.w, s.pure) * (take(zeta, s.pure) - matvec(s.pure_functionals, ends[:, :nt])))
        return du[:, :-1], dy[:, :-1]

    def solve(self, xi: np.ndarray, zeta: np.ndarray) -> Pair:
        """Solve with iterative refinement on both equations; if that does not suffice, pivot from now on."""
        du, dy = self._refined(xi, zeta)
        again = ~(self.residual <= LOOSE) & ~self.failed
        again &= [core.core.may_pivot for core in self._cores[: again.size]]
        if again.any():
            before = self.residual
            for k in np.flatnonzero(again):
                self.pivoting[k] = True
                self._factorise(int(k), True)
            du, dy = _chosen(again, self._refined(xi, zeta), (du, dy))
            self.residual = np.where(again, self.residual, before)
        return du, dy

    def _refined(self, xi: np.ndarray, zeta: np.ndarray) -> Pair:
        size = np.maximum(np.maximum(_largest(xi), _largest(zeta)), 1e-300)
        best = np.full(xi.shape[0], np.inf)
        kept = du, dy = self.solve_once(xi, zeta)
        for k in range(ROUNDS + 1):
            r1 = xi - self.e * du + matvec(self.gt, dy)
            r2 = zeta - matvec(self.g, du) - self.d * dy
            error = np.maximum(_largest(r1), _largest(r2)) / size
            go = (error < 0.5 * best) & (error > GOAL)
            better = error < best
            best = np.where(better, error, best)
            kept = (du, dy) if better.all() else _chosen(better, (du, dy), kept)
            if k == ROUNDS or not go.any():
                break
            a, b = self.solve_once(r1, r2)
            if not go.all():
                a, b = np.where(go[:, None], a, 0.0), np.where(go[:, None], b, 0.0)
            du, dy = du + a, dy + b
        self.residual = np.where(self.failed, np.inf, best)
        return kept


def _chosen(which: np.ndarray, a: Pair, b: Pair) -> Pair:
    """Of the plans in `which` the first pair, of the others the second."""
    return np.where(which[:, None], a[0], b[0]), np.where(which[:, None], a[1], b[1])


def _largest(x: np.ndarray) -> np.ndarray:
    """Largest absolute value of each plan."""
    return np.maximum(x.max(axis=1, initial=0.0), -x.min(axis=1, initial=0.0))


# ---- assembly of the core


class AssemblyMap:
    """Where every entry of the core comes from and goes to: found once, so that an iteration only adds and copies.

    Core variables, pure rows, pieces and rank-one blocks contribute, in this order, to pairs of functionals. Of a pair
    and its mirror image one is kept: that whose first functional ranks higher, dense rows above core variables.
    """

    def __init__(self, s: Structure, one: sparse.csr_matrix) -> None:
        self.s = s
        nc, nt = s.core.size, s.functional_count
        rank = np.arange(nt + 1)
        for k, own in enumerate(s.dense_rows):
            rank[nc + own.numbers] = nc + k * s.dense_count + np.arange(own.numbers.size)
        codes = [np.arange(nc) * (nt + 1)]

        def halves(m: sparse.csr_matrix) -> Pair:
            row, a, b = _row_pairs(m.indptr)
            use = rank[m.indices[a]] >= rank[m.indices[b]]
            row, a, b = row[use], a[use], b[use]
            codes.append(m.indices[a].astype(np.int64) * nt + m.indices[b])
            return row, m.data[a] * m.data[b]

        self.pure = halves(s.pure_functionals)
        self.keep: list[np.ndarray] = []
        for piece in s.pieces:
            f = piece.functionals
            real = f < nt
            keep = real[:, None] & real & (rank[f][:, None] >= rank[f])
            codes.append((f[:, None] * np.int64(nt) + f)[keep])
            self.keep.append(np.flatnonzero(keep))
        self.ones = halves(one)
        unique, self._back = np.unique(np.concatenate(codes), return_inverse=True)
        self._size = unique.size
        row, col = self.unique = unique // nt, unique % nt
        self.direct = np.flatnonzero((row < nc) & (col < nc))
        self._map_dense_rows(row, col)

    def _map_dense_rows(self, row: np.ndarray, col: np.ndarray) -> None:
        """Pairs of two dense rows (`blocks` and `diagonal`), and of a dense row with a core variable (`mixed`)."""
        nc, nt, years = self.s.core.size, self.s.functional_count, self.s.dense_rows
        place, year = np.full(nt, -1), np.full(nt, -1)  # of each dense row: its place within its year, that year
        for k, own in enumerate(years):
            year[nc + own.numbers], place[nc + own.numbers] = k, np.arange(own.numbers.size)
        both = (row >= nc) & (col >= nc)
        self.blocks = []
        for k in range(len(years)):
            for j in range(k + 1):
                at = np.flatnonzero(both & (year[row] == k) & (year[col] == j) & ((k != j) | (row >= col)))
                if k == j:
                    at = at[row[at] != col[at]]
                if at.size:
                    self.blocks.append((k, j, at, place[row[at]], place[col[at]]))
        self.mixed = []
        self.diagonal = []
        for k, own in enumerate(years):
            at = np.flatnonzero((row >= nc) & (col < nc) & (year[row] == k))
            rows, number = np.unique(col[at], return_inverse=True)
            position = np.arange(1.0, at.size + 1)  # tells where each entry ends up in the sparse matrix
            x = sparse.csr_matrix((position, (number, place[row[at]])), shape=(rows.size, own.numbers.size))
            self.mixed.append((at[x.data.astype(np.int64) - 1], x, rows))
            diagonal = np.full(own.numbers.size, -1)
            at = np.flatnonzero(both & (row == col) & (year[row] == k))
            diagonal[place[row[at]]] = at
            self.diagonal.append(diagonal)

    def sums(self, values: list[np.ndarray]) -> np.ndarray:
        """The sum for every pair, of each plan, from the contributions in their order."""
        return sum_at(self._back, np.concatenate(values, axis=1), self._size)

    def _several_years(self, columns: np.ndarray) -> bool:
        """Whether columns belong to several years of the core."""
        at = np.searchsorted(self.s.starts, columns, side="right")
        return bool(columns.size and at.min() != at.max())

    def pattern(self) -> sparse.csr_matrix:
        """Where the core can have entries, apart from the dense block of each year."""
        nc, years = self.s.core.size, self.s.dense_rows
        row, col = (index[self.direct] for index in self.unique)
        rectangles = [(years[k].columns, years[j].columns) for k, j, *_ in self.blocks if k != j]
        rectangles += [(own.columns, own.columns) for own in years if self._several_years(own.columns)]
        mixed = ((rows, own.columns) for own, (_, _, rows) in zip(years, self.mixed, strict=True))
        rectangles += [(a, b) for a, b in mixed if self._several_years(np.concatenate([a, b]))]
        rows = np.concatenate([row, *(np.repeat(a, b.size) for a, b in rectangles)])
        cols = np.concatenate([col, *(np.tile(b, a.size) for a, b in rectangles)])
        pattern = sparse.csr_matrix((np.ones(rows.size), (rows, cols)), shape=(nc, nc))
        return sparse.csr_matrix(pattern + pattern.T)


class Assembly:
    """The core of one plan, filled by way of an `AssemblyMap`, and factorised."""

    def __init__(
        self,
        targets: AssemblyMap,
        pattern: sparse.csr_matrix,
        dense: Structure | DeviceStructure,
        space: Namespace | None,
    ) -> None:
        self._t, self._dense = targets, dense
        s = targets.s
        size, links = s.core.size, s.linking.size
        self.core = core = DeviceCore(size, links, space) if space else Core(size, links, s.starts, pattern)
        row, col = targets.unique
        years = s.dense_rows
        self._direct_to = core.entries(row[targets.direct], col[targets.direct])
        self._own_to = [core.gram(own.columns) for own in years]
        self._pair_to = [core.rectangle(years[k].columns, years[j].columns) for k, j, *_ in targets.blocks]
        self._mixed_to = [
            core.rectangle(rows, own.columns) if rows.size else None
            for own, (_, _, rows) in zip(years, targets.mixed, strict=True)
        ]

    def set(self, found: np.ndarray, coupling: np.ndarray | sparse.csr_matrix, q: np.ndarray) -> None:
        """Set the sums of all pairs, the linking rows on functionals, and Q.

        Sparse, the linking rows are on the core's variables, and complete.
        """
        self._found = found
        self.core.q[...] = q
        self.core.link = self._dense.link_rows(coupling) if isinstance(coupling, np.ndarray) else coupling

    def factorise(self, pivoting: bool) -> None:
        """Assemble and factorise the core; with pivoting if asked for, or if it is not positive definite."""
        self._assemble()
        self.core.factorise(pivoting, self._assemble)

    def _assemble(self) -> None:
        found, t = self._found, self._t
        years: Sequence[DenseRows] = self._dense.dense_rows
        self.core.clear()
        self._direct_to.add(found[t.direct])
        for own, target, diagonal in zip(years, self._own_to, t.diagonal, strict=True):
            weight = np.where(diagonal >= 0, found[np.maximum(diagonal, 0)], 0.0)
            target.add(own.weighted(np.sqrt(np.maximum(weight, 0.0))))
        for (k, j, at, rows, cols), pair in zip(t.blocks, self._pair_to, strict=True):
            pair.add(years[k].weighted_product(rows, found[at], years[j], cols))
        for own, (at, x, _), mixed in zip(years, t.mixed, self._mixed_to, strict=True):
            if mixed is not None:
                x.data[:] = found[at]
                mixed.add(own.premultiplied(x))


def _row_pairs(indptr: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ordered pairs of entries within each row of a sparse matrix: row, first, second."""
    none = np.zeros(0, dtype=np.int64)
    rows, first, second = [none], [none], [none]
    width = np.diff(indptr)
    for size in np.unique(width[width > 0]):
        at = np.flatnonzero(width == size)
        own = indptr[at][:, None] + np.arange(size)[None, :]
        first.append(np.repeat(own, size, axis=1).ravel())
        second.append(np.tile(own, (1, size)).ravel())
        rows.append(np.repeat(at, size * size))
    return np.concatenate(rows), np.concatenate(first), np.concatenate(second)


class SparseLinking:
    """Linking rows that touch few core variables each, as those of one region among many do: kept sparse.

    Their entries on the core's variables are their own coefficients and the contributions of pieces.
    """

    def __init__(self, s: Structure) -> None:
        self.shape = (s.linking.size, s.core.size)
        row, column = np.nonzero(s.link_core)
        codes = [row * self.shape[1] + column]
        self._use: list[np.ndarray] = []
        for piece in s.pieces:
            real = (piece.links[:, None] < self.shape[0]) & (piece.functionals < s.functional_count)
            self._use.append(np.flatnonzero(real))
            code = piece.links[:, None] * np.int64(self.shape[1]) + piece.functionals
            codes.append(code.ravel()[self._use[-1]])
        places, back = np.unique(np.concatenate(codes), return_inverse=True)
        parts = np.split(back, np.cumsum([c.size for c in codes])[:-1])
        self._at = parts[1:]
        self._own = np.bincount(parts[0], s.link_core[row, column], places.size)
        self._indices = (places % self.shape[1]).astype(np.int32)
        self._ptr = np.searchsorted(places, np.arange(self.shape[0] + 1) * self.shape[1]).astype(np.int32)

    @staticmethod
    def suits(s: Structure, codes: list[np.ndarray]) -> bool:
        """Whether there are many linking rows, coupled by pieces only, and to the core's own variables only."""
        size, nt = s.linking.size * s.core.size, s.functional_count
        if size < PLACES or s.rank_one.link.nnz:
            return False
        taken = np.count_nonzero(s.link_core)
        for piece, code in zip(s.pieces, codes, strict=True):
            at = code % (nt + 1)
            real = (code < s.linking.size * (nt + 1)) & (at < nt)
            if piece.links.size and (at[real] >= s.core.size).any():
                return False
            taken += int(real.sum()) if piece.links.size else 0
        return bool(taken < SHARE * size)

    def begin(self, plans: int) -> np.ndarray:
        """The rows' own coefficients, of each plan."""
        return np.repeat(self._own[None], plans, axis=0)

    def sums(self, k: int, response: np.ndarray) -> np.ndarray:
        """The contributions of the k-th stack of pieces."""
        flat = response.reshape(response.shape[0], -1)
        return sum_at(self._at[k], flat[:, self._use[k]], self._own.size)

    def matrix(self, values: np.ndarray) -> sparse.csr_matrix:
        """The rows of one plan."""
        return sparse.csr_matrix((values, self._indices, self._ptr), shape=self.shape)
