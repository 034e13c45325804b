"""A primal-dual interior point for the reduced program: Mehrotra's predictor and corrector, Gondzio's correctors.

Variables and row activities p = (u, r), r = G u, lie between bounds; every finite bound has a slack and a dual, both
carried as figures of their own, so that neither is lost in a difference. Equations have D near zero and no slack.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from lustrum.solving.staircase.bounds import Bounds, Outcome, longest
from lustrum.solving.staircase.factor import Factor
from lustrum.solving.staircase.reduce import Reduced
from lustrum.solving.staircase.structure import analyse
from lustrum.solving.staircase.threads import threads

#: What is added to the weights of variables and to D, at first and at most; more where solves lose figures.
REGULAR, LOWEST, HIGHEST = 1e-9, 1e-10, 1e-6
#: A solve with a larger relative residual is repeated with more regularisation.
SOUND = 1e-6
#: The first slacks and prices, as a share of what Mehrotra's rule gives: figures near 1 are near their place.
#: Iterations that get stuck begin again without it.
NEARER, STUCK = 0.1, "no progress"
#: Narrower dense matrices are too little work for threads to share: waiting for each other costs more, most of all when
#: the machine has other work.
SHARED_FROM = 2500
#: Gondzio's correctors, at most.
CORRECTORS = 3
#: Steps after convergence, while the certificate is not as good as wanted.
POLISH = 8
#: A point is judged from this multiple of the tolerance on; one up to ENOUGH is an optimum.
NEAR, ENOUGH = 100.0, 100.0


#: Judges values and multipliers on the problem they are for; below 1 is good enough.
Accept = Callable[[np.ndarray, np.ndarray], float]


def interior_point(problem: Reduced, tolerance: float = 1e-9, limit: int = 120, seconds: float = 600.0,
                   workers: int = 0, trace: Callable[[str], None] | None = None,
                   accept: Accept | None = None) -> Outcome:  # fmt: skip
    """Solve the reduced program; `accept` has the last word on when to stop, and the best point by it is returned."""
    until = time.perf_counter() + seconds
    walk = _Walk(problem, trace, accept)
    with threads(workers if walk.factor.widest >= SHARED_FROM else 1):
        found = walk.run(tolerance, limit, until)
        if not found.optimal and found.reason == STUCK:
            walk.near, walk.polishing, walk.regular = 1.0, False, REGULAR
            found = walk.run(tolerance, limit, until)
        return found


class _Walk:
    def __init__(self, problem: Reduced, trace: Callable[[str], None] | None, accept: Accept | None = None) -> None:
        self.accept = accept
        self.q = problem
        self.g = problem.matrix
        self.m, self.n = self.g.shape
        self.trace = trace
        self.factor = Factor(analyse(problem), self.g)
        self.gt = self.factor.gt
        low = np.concatenate([problem.lower, problem.low])
        high = np.concatenate([problem.upper, problem.high])
        self.equal = problem.low == problem.high
        free_row = np.concatenate([np.zeros(self.n, bool), self.equal])
        self.lo = Bounds(np.flatnonzero(np.isfinite(low) & ~free_row), low[np.isfinite(low) & ~free_row], 1.0)
        self.hi = Bounds(np.flatnonzero(np.isfinite(high) & ~free_row), high[np.isfinite(high) & ~free_row], -1.0)
        self.target = np.where(self.equal, problem.low, 0.0)
        self.u = np.zeros(self.n)
        self.r = np.zeros(self.m)
        self.y = np.zeros(self.m)
        self.count = max(self.lo.at.size + self.hi.at.size, 1)
        self.cost = problem.cost
        self.regular = REGULAR
        self.near = NEARER
        self.polishing = False
        self.size_b = 1 + np.abs(np.concatenate([self.lo.side, self.hi.side, self.target])).max(initial=0)
        self.size_c = 1 + np.abs(self.cost).max(initial=0)

    def weigh(self) -> None:
        size = self.n + self.m
        theta = np.bincount(self.lo.at, self.lo.z / self.lo.s, size) + np.bincount(
            self.hi.at, self.hi.z / self.hi.s, size)  # fmt: skip
        self.theta = theta
        e = theta[: self.n] + self.regular
        w = np.clip(theta[self.n :], 1e-18, 1e30)
        self.d_true = 1 / w
        d = np.where(self.equal, 0.0, 1 / w) + self.regular
        w = 1 / d
        self.w, self.d = w, d
        self.factor.update(e, w, d)

    def start(self) -> None:
        """A point near the least-squares solution, moved well inside the bounds."""
        n, m = self.n, self.m
        one = np.ones(m)
        self.factor.update(np.ones(n), one, np.where(self.equal, REGULAR, one))
        # a natural point: 1 in the scaled variables, within the bounds
        low, high = self.q.lower, self.q.upper
        u0 = np.clip(np.where(np.isfinite(low) | np.isfinite(high), 1.0, 0.0), low, high)
        mid = np.isfinite(self.q.low) & np.isfinite(self.q.high)
        r0 = np.clip(self.g @ u0, self.q.low, self.q.high)
        r0 = np.where(mid & ~self.equal, 0.5 * (np.where(mid, self.q.low, 0) + np.where(mid, self.q.high, 0)), r0)
        du, _ = self.factor.solve(np.zeros(n), np.where(self.equal, self.target, r0) - self.g @ u0)
        self.u = u0 + du
        self.r = np.asarray(self.g @ self.u)
        du, dy = self.factor.solve(self.cost, np.zeros(m))
        self.y = -dy  # stationarity of the penalised program
        p: np.ndarray = np.concatenate([self.u, self.r])
        reduced = np.concatenate([self.cost - self.gt @ self.y, self.y])
        for b in (self.lo, self.hi):
            b.s = b.sign * (p[b.at] - b.side)
            b.z = b.sign * reduced[b.at]
        both = np.zeros(n + m)
        both[self.lo.at] += 1
        both[self.hi.at] += 1
        for b in (self.lo, self.hi):
            two = both[b.at] == 2
            b.z[two] = np.where(b.z[two] > 0, b.z[two], 0.0)
        s = np.concatenate([self.lo.s, self.hi.s])
        z = np.concatenate([self.lo.z, self.hi.z])
        ds = max(-1.5 * s.min(initial=0), 0.0)
        dz = max(-1.5 * z.min(initial=0), 0.0)
        s, z = s + ds, z + dz
        product = float(s @ z)
        ds2 = 0.5 * product / max(z.sum(), 1e-300)
        dz2 = 0.5 * product / max(s.sum(), 1e-300)
        # none far below the others: a plan behind a lock has hardly any room, and a small slack would end every step
        least_s, least_z = max(float(s.mean()) + ds2, 1.0), max(float(z.mean()) + dz2, 1.0)
        for b in (self.lo, self.hi):
            b.s, b.z = np.maximum(b.s + ds + ds2, least_s) * self.near, np.maximum(b.z + dz + dz2, least_z) * self.near
        self.y = np.where(self.equal, self.y, self._signed()[n:])

    def _signed(self) -> np.ndarray:
        out = np.bincount(self.lo.at, self.lo.z, self.n + self.m)
        return np.asarray(out - np.bincount(self.hi.at, self.hi.z, self.n + self.m))

    def residuals(self) -> None:
        z = self._signed()
        gu = self.g @ self.u
        self.rd = self.cost - self.gt @ self.y - z[: self.n]
        self.rdr = np.where(self.equal, 0.0, self.y - z[self.n :])
        self.rp = np.where(self.equal, gu - self.target, gu - self.r)
        p = np.concatenate([self.u, self.r])
        self.rl, self.ru = self.lo.residual(p), self.hi.residual(p)
        self.mu = float(self.lo.s @ self.lo.z + self.hi.s @ self.hi.z) / self.count

    def measures(self) -> tuple[float, float, float]:
        parts = (self.rp, self.rl, self.ru)
        primal = max(float(np.abs(v).max(initial=0)) for v in parts) / self.size_b
        dual = max(float(np.abs(v).max(initial=0)) for v in (self.rd, self.rdr)) / self.size_c
        objective = float(self.cost @ self.u)
        bound = float(self.target @ self.y + self.lo.side @ self.lo.z - self.hi.side @ self.hi.z)
        self.objective = objective
        return primal, dual, abs(objective - bound) / (1e-3 + max(abs(objective), abs(bound)))

    def direction(self, cl: np.ndarray, cu: np.ndarray, only_complementarity: bool = False) -> tuple[np.ndarray, ...]:
        """Newton direction for given right-hand sides of the complementarity."""
        lo, hi, n = self.lo, self.hi, self.n
        k = 0.0 if only_complementarity else 1.0
        bl = (cl - k * lo.z * self.rl) / lo.s
        bu = (cu - k * hi.z * self.ru) / hi.s
        beta = np.bincount(lo.at, bl, n + self.m) - np.bincount(hi.at, bu, n + self.m)
        xi = beta[:n] - k * self.rd
        push = beta[n:] - k * self.rdr
        zeta = -k * self.rp + np.where(self.equal, 0.0, push * self.d_true)
        du, dy = self.factor.solve(xi, zeta)
        # from the multiplier where the row holds tightly, from the variables where it is slack: the other way
        # round each would carry the rounding of the other, blown up by the weight
        dr = np.where(self.theta[n:] > 1, (push - dy) * self.d_true, self.g @ du + k * self.rp)
        dr[self.equal] = 0.0
        dp = np.concatenate([du, dr])
        dsl = dp[lo.at] + k * self.rl
        dsu = -dp[hi.at] + k * self.ru
        dzl = (cl - lo.z * dsl) / lo.s
        dzu = (cu - hi.z * dsu) / hi.s
        return du, dr, dy, dsl, dsu, dzl, dzu

    def weighted(self, first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...], least: float
                 ) -> tuple[tuple[np.ndarray, ...], float, float]:  # fmt: skip
        """first + weight · second with the weight, at least `least`, that lets both steps be longest."""
        best: tuple[float, float, float, float] | None = None
        value = np.concatenate([self.lo.s, self.hi.s, self.lo.z, self.hi.z])
        a, b = -np.concatenate(first[3:]) / value, -np.concatenate(second[3:]) / value
        split = self.lo.at.size + self.hi.at.size
        weights = np.linspace(max(min(least, 1.0), 0.05), 1.0, 6)[::-1]
        for weight in weights:
            rate = a + weight * b
            ap, ad = (min(1.0, 1 / max(float(r.max(initial=0.0)), 1e-300)) for r in (rate[:split], rate[split:]))
            if best is None or ap * ad > 1.02 * best[0]:
                best = (ap * ad, weight, ap, ad)
            if ap * ad > 0.9:
                break
        assert best is not None
        _, weight, ap, ad = best
        return tuple(x + weight * y for x, y in zip(first, second, strict=True)), ap, ad

    def lengths(self, d: tuple[np.ndarray, ...]) -> tuple[float, float]:
        primal = min(longest(self.lo.s, d[3]), longest(self.hi.s, d[4]))
        dual = min(longest(self.lo.z, d[5]), longest(self.hi.z, d[6]))
        return primal, dual

    def run(self, tolerance: float, limit: int, until: float) -> Outcome:
        best: tuple[float, Outcome] | None = None
        polished = 0
        stalled, lowest = 0, np.full(3, np.inf)
        reason = "iterations"
        with np.errstate(all="ignore"):
            self.start()
            for k in range(limit):
                self.residuals()
                primal, dual, gap = self.measures()
                worst = max(primal, dual, gap)
                if self.trace:
                    self.trace(f"{k:3d} {self.objective: .10e} p {primal:.1e} d {dual:.1e} gap {gap:.1e}"
                               f" mu {self.mu:.1e} err {self.factor.error:.0e} reg {self.regular:.0e}")  # fmt: skip
                if not np.isfinite(worst):
                    reason = "numbers out of range"
                    break
                now = np.array([primal, dual, self.mu])
                if (now < 0.7 * lowest).any():
                    stalled = 0
                lowest = np.minimum(lowest, now)
                near = self.accept is not None and worst <= NEAR * tolerance
                judged = self.accept(self.u, self.y) if self.accept and near else 1e6 * worst / tolerance
                if best is None or judged < best[0]:
                    good = judged <= ENOUGH if near else worst <= tolerance
                    best = (judged, Outcome(self.u.copy(), self.y.copy(), primal, dual, gap, k, good, ""))
                if judged <= 1 or (self.accept is None and worst <= tolerance):
                    return best[1]
                self.polishing = self.polishing or worst <= tolerance
                polished += self.polishing or best[1].optimal
                if polished > POLISH:
                    reason = "as good as it gets"
                    break
                stalled += 1
                if stalled > 12:
                    reason = STUCK
                    break
                if time.perf_counter() > until:
                    reason = "time"
                    break
                try:
                    self.step(tolerance)
                except (FloatingPointError, np.linalg.LinAlgError) as error:
                    reason = str(error)
                    break
        assert best is not None
        o = best[1]
        return Outcome(o.u, o.y, o.primal, o.dual, o.gap, o.iterations, o.optimal, reason)

    def step(self, tolerance: float) -> None:
        lo, hi = self.lo, self.hi
        while True:
            last = self.regular >= HIGHEST
            try:
                self.weigh()
                affine = self.direction(-lo.s * lo.z, -hi.s * hi.z)
            except FloatingPointError:
                if last:
                    raise
            else:
                if self.factor.error <= SOUND or last:
                    break
            self.regular *= 10
        if self.factor.error <= 1e-3 * SOUND:
            self.regular = max(LOWEST, 0.3 * self.regular)
        ap, ad = self.lengths(affine)
        after = (lo.s + ap * affine[3]) @ (lo.z + ad * affine[5]) + (hi.s + ap * affine[4]) @ (hi.z + ad * affine[6])
        sigma = min(max((float(after) / self.count / max(self.mu, 1e-300)) ** 3, 1e-6), 1.0)
        floor = (0.1 if not self.polishing else 0.003) * tolerance * (1e-3 + abs(self.objective)) / self.count
        target = max(sigma * self.mu, floor)
        # the corrector counts as much as lets the longest step through (Colombo and Gondzio 2008)
        most = 100 * max(self.mu, target)  # a slack near zero would turn more than that into rounding
        cross = [np.clip(affine[k] * affine[k + 2], -most, most) for k in (3, 4)]
        second = self.direction(target - cross[0], target - cross[1], True)
        d, ap, ad = self.weighted(affine, second, ap * ad)
        for _ in range(CORRECTORS):
            if min(ap, ad) > 0.9:
                break
            wp, wd = min(1.0, 1.5 * ap + 0.3), min(1.0, 1.5 * ad + 0.3)
            corrections = []
            for b, ds, dz in ((lo, d[3], d[5]), (hi, d[4], d[6])):
                product = (b.s + wp * ds) * (b.z + wd * dz)
                t = np.clip(product, 0.1 * target, 10 * target) - product
                corrections.append(np.maximum(t, -10 * target))
            extra = self.direction(corrections[0], corrections[1], True)
            new, np_, nd = self.weighted(d, extra, 0.1)
            gained = (np_ >= ap + 0.05 or nd >= ad + 0.05) and np_ >= 0.95 * ap and nd >= 0.95 * ad
            if np_ + nd > ap + ad:
                d, ap, ad = new, np_, nd
            if not gained:
                break
        keep = max(0.9, 1 - max(self.mu, 1e-6)) if min(ap, ad) > 0.5 else 0.9
        keep = min(max(keep, 0.995 if min(ap, ad) > 0.9 else 0.95), 0.9999)
        ap, ad = min(1.0, keep * ap), min(1.0, keep * ad)
        self.u += ap * d[0]
        self.r += ap * d[1]
        self.y += ad * d[2]
        lo.s += ap * d[3]
        hi.s += ap * d[4]
        lo.z += ad * d[5]
        hi.z += ad * d[6]
