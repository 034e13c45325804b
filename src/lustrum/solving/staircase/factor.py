"""The linear algebra of one iteration: pieces eliminated onto the core, the core factorised, solves with both.

The system is, with E ≥ 0 on variables and D > 0 on rows (1/W = D),

    E du − Gᵀ dy = ξ,      G du + D dy = ζ.

Local and pure rows enter as weights, G_Lᵀ W G_L. A piece with matrices B (its own variables), F (functionals) and
N (linking rows) is eliminated by the orthogonal factors of [√W B; √E]. Its share in the core is a sum of squares of
what is left of √W F after projection, so that nothing cancels where W is many orders above E; dy comes from
projections too. Every array has one row for each plan; only the cores are factorised one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.solving.staircase.assembly import Assembly, Targets
from lustrum.solving.staircase.bounds import put, summed, taken, times
from lustrum.solving.staircase.device import Namespace
from lustrum.solving.staircase.device_tables import DeviceCoefficients, DeviceForms
from lustrum.solving.staircase.few import FewLinks
from lustrum.solving.staircase.pieces import Eliminated, apply, apply_t, eliminate
from lustrum.solving.staircase.structure import Structure

#: A solve with a larger relative residual is repeated with a core factorised with pivoting.
LOOSE = 1e-8


class Factor:
    """Factorisation for one structure and `plans` plans; `update` refreshes it for new weights, `solve` uses it.

    `error` is the relative residual of the last solve, `failed` says where there is no factor; of each plan.
    """

    def __init__(self, s: Structure, matrix: Coefficients, plans: int = 1, space: Namespace | None = None) -> None:
        self.s = s
        self.g = DeviceCoefficients(matrix, space) if space else matrix
        self.gt = self.g.T
        self._dense = dense = DeviceForms(s, space) if space else s
        nt, nq = s.ends, s.linking.size
        self._star = sparse.csr_matrix((s.stars.weight, tuple(s.stars.functional)), shape=(s.stars.rows.size, nt))
        self._star_t, self._pure_t = sparse.csr_matrix(self._star.T), sparse.csr_matrix(s.pure_functionals.T)
        link = s.stars.link
        self._link_t = sparse.csr_matrix(link.T)
        self._linked = np.flatnonzero(np.diff(link.indptr))
        row = np.repeat(np.arange(link.shape[0]), np.diff(link.indptr))
        self._pull_codes = np.searchsorted(self._linked, row) * s.stars.rows.size + s.stars.piece[link.indices]
        self._targets = Targets(s, self._star)
        ties = self._targets.ties()
        self._another: Callable[[], Assembly] = lambda: Assembly(self._targets, ties, dense, space)
        self._cores: list[Assembly] = []
        self.begin(plans)
        codes = [p.links[:, None] * np.int64(nt + 1) + np.minimum(p.functionals, nt) for p in s.pieces]
        self._link_codes = [np.minimum(c, nq * (nt + 1) + nt).ravel() for c in codes]
        self._few = FewLinks(s, nt) if FewLinks.fit(s, nt, self._link_codes) else None
        self._qq_codes = [(p.links[:, None] * np.int64(nq + 1) + p.links).ravel() for p in s.pieces]

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix that is factorised."""
        return self._cores[0].core.widest

    def begin(self, plans: int) -> None:
        """Begin anew, with so many plans."""
        self.error = np.zeros(plans)
        self.failed = np.zeros(plans, dtype=bool)
        self.careful = np.zeros(plans, dtype=bool)
        self._cores += [self._another() for _ in range(plans - len(self._cores))]

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only, from the next update on."""
        self.careful, self.error, self.failed = self.careful[plans], self.error[plans], self.failed[plans]

    def update(self, e: np.ndarray, w: np.ndarray, d: np.ndarray) -> None:
        """Factorise for weights e (variables), w (rows; 1/d) and d (linking rows use this)."""
        s, t = self.s, self._targets
        self.e, self.w, self.d = e, w, d
        plans = e.shape[0]
        ep = np.concatenate([e, np.ones((plans, 1))], axis=1)
        wp = np.concatenate([w, np.zeros((plans, 1))], axis=1)
        nt, nq = s.ends, s.linking.size
        values = [taken(e, s.core), taken(w, s.pure[t.pure[0]]) * t.pure[1]]
        few = self._few
        coupling = few.begin(plans) if few else np.zeros((plans, (nq + 1) * (nt + 1)))
        schur = np.zeros((plans, (nq + 1) * (nq + 1)))
        self._done: list[Eliminated] = []
        for k, piece in enumerate(s.pieces):
            done = eliminate(piece, taken(ep, piece.variables), taken(wp, piece.rows))
            self._done.append(done)
            values.append(taken(done.share.reshape(plans, -1), t.keep[k]))
            if piece.links.size:
                response = np.einsum("qsk,psfk->pqfk", piece.n, done.v)
                coupling -= few.sums(k, response) if few else summed(self._link_codes[k], response, coupling.shape[1])
                half = np.einsum("qsk,pstk->pqtk", piece.n, done.u)
                schur += summed(self._qq_codes[k], np.einsum("pqtk,prtk->pqrk", half, half), schur.shape[1])
        star = s.stars
        self._se = 1 / taken(e, star.variables)
        self._seb = self._se * star.b
        sw = taken(wp, star.rows)
        self._sw = sw / (1 + sw * summed(star.piece, self._seb * star.b, star.rows.size))
        values.append(taken(self._sw, t.star[0]) * t.star[1])
        found = t.found(values)
        if not few:
            coupling = coupling.reshape(plans, nq + 1, nt + 1)[:, :nq, :nt]
        schur = schur.reshape(plans, nq + 1, nq + 1)[:, :nq, :nq]
        if star.link.nnz:
            self._link_stars(coupling, schur)
        at = np.arange(nq)
        schur[:, at, at] += d[:, s.linking]
        for k, core in enumerate(self._cores[:plans]):
            core.give(found[k], few.matrix(coupling[k]) if few else coupling[k], schur[k])
            self._factorise(k, bool(self.careful[k]))

    def _link_stars(self, coupling: np.ndarray, schur: np.ndarray) -> None:
        """What stars mean for linking rows, and through them for functionals."""
        link, use = self.s.stars.link, self._linked
        size = self._sw.shape[1]
        pulls = summed(self._pull_codes, link.data * self._seb[:, link.indices], use.size * size)
        for k, pull in enumerate(pulls.reshape(-1, use.size, size)):
            weighted = pull * self._sw[k]
            coupling[k, use] -= (self._star_t @ weighted.T).T
            own = sparse.csr_matrix((link.data * self._se[k, link.indices], link.indices, link.indptr), link.shape)
            schur[k][np.ix_(use, use)] -= weighted @ pull.T
            schur[k] += (own @ self._link_t).toarray()

    def _factorise(self, plan: int, careful: bool) -> None:
        try:
            self._cores[plan].factorise(careful)
            self.failed[plan] = False
        except FloatingPointError:
            self.failed[plan] = True

    def solve_once(self, xi: np.ndarray, zeta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One pass through the elimination, without refinement."""
        s = self.s
        plans = xi.shape[0]
        nc, nt, nq = s.core.size, s.ends, s.linking.size
        none = np.zeros((plans, 1))
        xp, zp = np.concatenate([xi, none], axis=1), np.concatenate([zeta, none], axis=1)
        ends = np.zeros((plans, nt + 1))
        link = np.zeros((plans, nq + 1))
        own: list[tuple[np.ndarray, np.ndarray]] = []
        for piece, done in zip(s.pieces, self._done, strict=True):
            x, z = taken(xp, piece.variables), taken(zp, piece.rows)
            z = done.root * z
            own_z = apply_t(done.q, z)
            half = apply_t(done.u, x)
            inner = apply(done.u, half + own_z)
            # √W (ζ − B inner), without taking the difference of what was multiplied
            own.append((inner, z - apply(done.q, own_z + half)))
            ends += summed(piece.functionals.ravel(), apply_t(done.rest, z) - apply_t(done.v, x), nt + 1)
            if piece.links.size:
                link -= summed(piece.links.ravel(), apply(piece.n[None], inner), nq + 1)
        star = s.stars
        sx, sz = taken(xi, star.variables), taken(zp, star.rows)
        pull = self._sw * (sz - summed(star.piece, self._seb * sx, star.rows.size))
        inner_star = self._se * sx + self._seb * taken(pull, star.piece)
        ends[:, :nt] += times(self._star_t, pull)
        link[:, :nq] -= times(star.link, inner_star)
        ends[:, :nt] += times(self._pure_t, taken(self.w, s.pure) * taken(zeta, s.pure))
        right = np.concatenate([ends[:, :nc] + taken(xi, s.core), link[:, :nq] + taken(zeta, s.linking)], axis=1)
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
            at = taken(ends, piece.functionals)
            step, multiplier = inner - apply(done.v, at), left - apply(done.rest, at)
            if piece.links.size:
                half = apply_t(done.u, apply_t(piece.n[None], taken(dq, piece.links)))
                step += apply(done.u, half)
                multiplier -= apply(done.q, half)
            put(du, piece.variables, step)
            put(dy, piece.rows, done.root * multiplier)
        put(du, s.core, u)
        from_link = times(self._link_t, dy_q)
        back = self._sw * (times(self._star, ends[:, :nt]) + summed(star.piece, self._seb * from_link, star.rows.size))
        put(du, star.variables, inner_star + self._se * from_link - self._seb * taken(back, star.piece))
        put(dy, star.rows, pull - back)
        put(dy, s.linking, dy_q)
        put(dy, s.pure, taken(self.w, s.pure) * (taken(zeta, s.pure) - times(s.pure_functionals, ends[:, :nt])))
        return du[:, :-1], dy[:, :-1]

    def solve(
        self, xi: np.ndarray, zeta: np.ndarray, rounds: int = 3, goal: float = 1e-10
    ) -> tuple[np.ndarray, np.ndarray]:
        """Solve, refining the residual of both blocks while that helps; where it does not, pivot from now on."""
        du, dy = self._refined(xi, zeta, rounds, goal)
        again = ~(self.error <= LOOSE) & ~self.failed
        again &= [core.core.may_pivot for core in self._cores[: again.size]]
        if again.any():
            before = self.error
            for k in np.flatnonzero(again):
                self.careful[k] = True
                self._factorise(int(k), True)
            a, b = self._refined(xi, zeta, rounds, goal)
            du, dy = np.where(again[:, None], a, du), np.where(again[:, None], b, dy)
            self.error = np.where(again, self.error, before)
        return du, dy

    def _refined(self, xi: np.ndarray, zeta: np.ndarray, rounds: int, goal: float) -> tuple[np.ndarray, np.ndarray]:
        size = np.maximum(np.maximum(_largest(xi), _largest(zeta)), 1e-300)
        best = np.full(xi.shape[0], np.inf)
        kept = du, dy = self.solve_once(xi, zeta)
        for k in range(rounds + 1):
            r1 = xi - self.e * du + times(self.gt, dy)
            r2 = zeta - times(self.g, du) - self.d * dy
            error = np.maximum(_largest(r1), _largest(r2)) / size
            go = (error < 0.5 * best) & (error > goal)
            better = error < best
            best = np.where(better, error, best)
            kept = (du, dy) if better.all() else _chosen(better, (du, dy), kept)
            if k == rounds or not go.any():
                break
            a, b = self.solve_once(r1, r2)
            if not go.all():
                a, b = np.where(go[:, None], a, 0.0), np.where(go[:, None], b, 0.0)
            du, dy = du + a, dy + b
        self.error = np.where(self.failed, np.inf, best)
        return kept


def _chosen(
    which: np.ndarray, a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Of the plans in `which` the first pair, of the others the second."""
    return np.where(which[:, None], a[0], b[0]), np.where(which[:, None], a[1], b[1])


def _largest(x: np.ndarray) -> np.ndarray:
    """Largest absolute figure of each plan."""
    return np.maximum(x.max(axis=1, initial=0.0), -x.min(axis=1, initial=0.0))
