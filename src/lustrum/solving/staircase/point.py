"""A point of the iterations, of several plans at once: variables, activities, slacks and prices; what it lacks.

Variables and row activities p = (u, r), r = G u, lie between bounds; every finite bound has a slack and a dual, both
carried as figures of their own, so that neither is lost in a difference. Equations have D near zero and no slack.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lustrum.solving.staircase.bounds import Bounds, longest, times
from lustrum.solving.staircase.factor import Factor
from lustrum.solving.staircase.reduce import Reduced
from lustrum.solving.staircase.structure import Structure

#: What is added to the weights of variables and to D, at first and at most; more where solves lose figures.
REGULAR, LOWEST, HIGHEST = 1e-9, 1e-10, 1e-6

#: A direction: changes of u, r, y, of the slacks below and above, and of their duals.
Direction = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Sides:
    """Bounds of rows and variables, and costs: one row for each plan.

    Which of them are finite, and which rows are equations, is the same in all plans.
    """

    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray

    @staticmethod
    def of(p: Reduced) -> Sides:
        """The sides of one reduced program."""
        return Sides(*(np.atleast_2d(x) for x in (p.low, p.high, p.lower, p.upper, p.cost)))

    def put(self, p: Reduced, plan: int) -> Reduced:
        """The reduced program of one plan."""
        return replace(p, low=self.low[plan], high=self.high[plan], lower=self.lower[plan], upper=self.upper[plan],
                       cost=self.cost[plan])  # fmt: skip

    def some(self, plans: np.ndarray) -> Sides:
        """The sides of some plans."""
        return Sides(*(x[plans] for x in (self.low, self.high, self.lower, self.upper, self.cost)))


class Point:
    """The state of the iterations, and Newton directions from it."""

    def __init__(self, problem: Reduced, structure: Structure, sides: Sides) -> None:
        self.q = sides
        self.plans = sides.cost.shape[0]
        self.factor = Factor(structure, problem.matrix, self.plans)
        self.g, self.gt = self.factor.g, self.factor.gt
        self.m, self.n = m, n = self.g.shape
        low = np.concatenate([sides.lower, sides.low], axis=1)
        high = np.concatenate([sides.upper, sides.high], axis=1)
        self.equal = sides.low[0] == sides.high[0]
        bounded = np.concatenate([np.ones(n, bool), ~self.equal])
        below, above = (np.flatnonzero(np.isfinite(side[0]) & bounded) for side in (low, high))
        self.lo, self.hi = Bounds(below, low[:, below], 1.0), Bounds(above, high[:, above], -1.0)
        self.target = np.where(self.equal, sides.low, 0.0)
        self.u, self.r, self.y = np.zeros((self.plans, n)), np.zeros((self.plans, m)), np.zeros((self.plans, m))
        self.count = max(self.lo.at.size + self.hi.at.size, 1)
        self.regular = np.full(self.plans, REGULAR)
        self.size_b = 1 + np.abs(np.concatenate([self.lo.side, self.hi.side, self.target], axis=1)).max(axis=1)
        self.size_c = 1 + np.abs(sides.cost).max(axis=1, initial=0)

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.q = self.q.some(plans)
        own = ("u", "r", "y", "target", "regular", "size_b", "size_c", "rd", "rdr", "rp", "rl", "ru", "mu", "objective")
        for name in own:
            setattr(self, name, getattr(self, name)[plans])
        self.lo.keep(plans)
        self.hi.keep(plans)
        self.factor.keep(plans)
        self.plans = self.u.shape[0]

    def weigh(self) -> None:
        """Factorise for the weights z/s of this point."""
        n = self.n
        theta = np.zeros((self.plans, n + self.m))
        theta[:, self.lo.at] = self.lo.z / self.lo.s
        theta[:, self.hi.at] += self.hi.z / self.hi.s
        self.theta = theta
        e = theta[:, :n] + self.regular[:, None]
        w = np.clip(theta[:, n:], 1e-18, 1e30)
        self.d_true = 1 / w
        d = np.where(self.equal, 0.0, self.d_true) + self.regular[:, None]
        self.factor.update(e, 1 / d, d)

    def start(self, near: float) -> None:
        """A point near the least-squares solution, moved well inside the bounds; `near`: less far by this share."""
        n, m, q = self.n, self.m, self.q
        one = np.ones((self.plans, m))
        self.factor.update(np.ones((self.plans, n)), one, np.where(self.equal, REGULAR, one))
        # a natural point: 1 in the scaled variables, within the bounds
        u0 = np.clip(np.where(np.isfinite(q.lower) | np.isfinite(q.upper), 1.0, 0.0), q.lower, q.upper)
        mid = np.isfinite(q.low) & np.isfinite(q.high)
        g0 = times(self.g, u0)
        r0 = np.clip(g0, q.low, q.high)
        r0 = np.where(mid & ~self.equal, 0.5 * (np.where(mid, q.low, 0) + np.where(mid, q.high, 0)), r0)
        du, _ = self.factor.solve(np.zeros_like(u0), np.where(self.equal, self.target, r0) - g0)
        self.u = u0 + du
        self.r = times(self.g, self.u)
        _, dy = self.factor.solve(q.cost, np.zeros_like(one))
        self.y = -dy  # stationarity of the penalised program
        p: np.ndarray = np.concatenate([self.u, self.r], axis=1)
        reduced = np.concatenate([q.cost - times(self.gt, self.y), self.y], axis=1)
        both = np.zeros(n + m)
        for b in (self.lo, self.hi):
            b.s = b.sign * (p[:, b.at] - b.side)
            b.z = b.sign * reduced[:, b.at]
            both[b.at] += 1
        for b in (self.lo, self.hi):
            two = both[b.at] == 2
            b.z[:, two] = np.maximum(b.z[:, two], 0.0)
        s = np.concatenate([self.lo.s, self.hi.s], axis=1)
        z = np.concatenate([self.lo.z, self.hi.z], axis=1)
        ds, dz = (np.maximum(-1.5 * v.min(axis=1, initial=0), 0.0)[:, None] for v in (s, z))
        s, z = s + ds, z + dz
        product = dot(s, z)[:, None]
        more_s, more_z = (0.5 * product / np.maximum(v.sum(axis=1, keepdims=True), 1e-300) for v in (z, s))
        # none far below the others: a plan behind a lock has hardly any room, and a small slack would end every step
        least_s, least_z = (
            np.maximum(v.sum(axis=1, keepdims=True) / max(v.shape[1], 1) + more, 1.0)
            for v, more in ((s, more_s), (z, more_z))
        )
        for b in (self.lo, self.hi):
            b.s = np.maximum(b.s + ds + more_s, least_s) * near
            b.z = np.maximum(b.z + dz + more_z, least_z) * near
        self.y = np.where(self.equal, self.y, self._signed()[:, n:])

    def _signed(self) -> np.ndarray:
        out = np.zeros((self.plans, self.n + self.m))
        out[:, self.lo.at] = self.lo.z
        out[:, self.hi.at] -= self.hi.z
        return out

    def residuals(self) -> None:
        """What stationarity, rows and bounds are short of, and the mean product of slacks and prices."""
        z = self._signed()
        gu = times(self.g, self.u)
        self.rd = self.q.cost - times(self.gt, self.y) - z[:, : self.n]
        self.rdr = np.where(self.equal, 0.0, self.y - z[:, self.n :])
        self.rp = np.where(self.equal, gu - self.target, gu - self.r)
        p = np.concatenate([self.u, self.r], axis=1)
        self.rl, self.ru = self.lo.residual(p), self.hi.residual(p)
        self.mu = (dot(self.lo.s, self.lo.z) + dot(self.hi.s, self.hi.z)) / self.count

    def measures(self) -> np.ndarray:
        """Relative residuals, primal and dual, and the relative gap: three for each plan."""
        primal, dual = (
            np.max([np.abs(v).max(axis=1, initial=0) for v in parts], axis=0) / size
            for parts, size in (((self.rp, self.rl, self.ru), self.size_b), ((self.rd, self.rdr), self.size_c))
        )
        self.objective = dot(self.q.cost, self.u)
        bound = dot(self.target, self.y) + dot(self.lo.side, self.lo.z) - dot(self.hi.side, self.hi.z)
        gap = np.abs(self.objective - bound) / (1e-3 + np.maximum(np.abs(self.objective), np.abs(bound)))
        return np.stack([primal, dual, gap], axis=1)

    def direction(self, cl: np.ndarray, cu: np.ndarray, only_complementarity: bool = False) -> Direction:
        """Newton direction for given right-hand sides of the complementarity."""
        lo, hi, n = self.lo, self.hi, self.n
        k = 0.0 if only_complementarity else 1.0
        beta = np.zeros((self.plans, n + self.m))
        beta[:, lo.at] = (cl - k * lo.z * self.rl) / lo.s
        beta[:, hi.at] -= (cu - k * hi.z * self.ru) / hi.s
        xi = beta[:, :n] - k * self.rd
        push = beta[:, n:] - k * self.rdr
        zeta = -k * self.rp + np.where(self.equal, 0.0, push * self.d_true)
        du, dy = self.factor.solve(xi, zeta)
        # from the multiplier where the row holds tightly, from the variables where it is slack: the other way
        # round each would carry the rounding of the other, blown up by the weight
        dr = np.where(self.theta[:, n:] > 1, (push - dy) * self.d_true, times(self.g, du) + k * self.rp)
        dr[:, self.equal] = 0.0
        dp = np.concatenate([du, dr], axis=1)
        dsl = np.take(dp, lo.at, axis=1) + k * self.rl
        dsu = -np.take(dp, hi.at, axis=1) + k * self.ru
        dzl = (cl - lo.z * dsl) / lo.s
        dzu = (cu - hi.z * dsu) / hi.s
        return du, dr, dy, dsl, dsu, dzl, dzu

    def lengths(self, d: Direction) -> tuple[np.ndarray, np.ndarray]:
        """Longest steps of slacks and of prices."""
        primal = np.minimum(longest(self.lo.s, d[3]), longest(self.hi.s, d[4]))
        dual = np.minimum(longest(self.lo.z, d[5]), longest(self.hi.z, d[6]))
        return primal, dual

    def move(self, d: Direction, primal: np.ndarray, dual: np.ndarray) -> None:
        """Take a step of these lengths."""
        ap, ad = primal[:, None], dual[:, None]
        self.u += ap * d[0]
        self.r += ap * d[1]
        self.y += ad * d[2]
        self.lo.s += ap * d[3]
        self.hi.s += ap * d[4]
        self.lo.z += ad * d[5]
        self.hi.z += ad * d[6]


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner product of each plan."""
    return np.einsum("bk,bk->b", a, b)
