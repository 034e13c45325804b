"""A point of the iterations, of several plans at once: variables, activities, slacks and prices; what it lacks.

Variables and row activities p = (u, r), r = G u, lie between bounds; every finite bound has a slack and a dual, both
carried as figures of their own, so that neither is lost in a difference. Equations have D near zero and no slack.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.solving.staircase.bounds import Bounds
from lustrum.solving.staircase.kernels import dot, matvec
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.reduced_program import ReducedLimits

#: What is added to the weights of variables and to D, at first and at most; more where solves lose figures.
REGULAR, LOWEST, HIGHEST = 1e-9, 1e-10, 1e-6
#: What is added goes down to here where solves are exact and nothing moves: a variable far from its place comes nearer
#: by (residual / what is added) a step only.
FINEST = 1e-15

#: First slacks and prices are so much larger where the mean of their products is below the residual of rows.
WIDER = 3.0
#: Products of slacks and prices at a point near a guess: this share of what the guess breaks, within these limits.
APART, NEAREST, FARTHEST = 0.3, 1e-3, 3e-2

#: A direction: changes of u, r, y, of slacks and of their duals.
Direction = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Guess:
    """Variables and multipliers to begin near, of one plan."""

    u: np.ndarray
    y: np.ndarray


class Point:
    """The state of the iterations, and Newton directions from it."""

    def __init__(self, factor: KktFactor, sides: ReducedLimits) -> None:
        self.q = sides
        self.plans = sides.cost.shape[0]
        self.factor = factor
        factor.begin(self.plans)
        self.g, self.gt = self.factor.g, self.factor.gt
        self.m, self.n = m, n = self.g.shape
        low = np.concatenate([sides.lower, sides.row_lower], axis=1)
        high = np.concatenate([sides.upper, sides.row_upper], axis=1)
        self.equal = sides.row_lower[0] == sides.row_upper[0]
        bounded = np.concatenate([np.ones(n, bool), ~self.equal])
        below, above = (np.flatnonzero(np.isfinite(side[0]) & bounded) for side in (low, high))
        self.bounds = Bounds(below, above, low, high)
        self.target = np.where(self.equal, sides.row_lower, 0.0)
        self.u, self.r, self.y = np.zeros((self.plans, n)), np.zeros((self.plans, m)), np.zeros((self.plans, m))
        self.count = max(self.bounds.at.size, 1)
        self.regular = np.full(self.plans, REGULAR)
        self.lowest = np.full(self.plans, LOWEST)
        self.size_b = 1 + np.abs(np.concatenate([self.bounds.side, self.target], axis=1)).max(axis=1)
        self.size_c = 1 + np.abs(sides.cost).max(axis=1, initial=0)

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.q = self.q.some(plans)
        own = (
            "u",
            "r",
            "y",
            "target",
            "regular",
            "lowest",
            "size_b",
            "size_c",
            "rd",
            "rdr",
            "rp",
            "rs",
            "mu",
            "objective",
        )
        for name in own:
            setattr(self, name, getattr(self, name)[plans])
        self.bounds.keep(plans)
        self.factor.keep(plans)
        self.plans = self.u.shape[0]

    def weigh(self) -> None:
        """Factorise for the weights z/s of this point."""
        n, b = self.n, self.bounds
        self.inverse = 1 / b.s
        self.weight = b.z * self.inverse
        theta = b.spread(b.sign * self.weight, n + self.m)
        self.tight = theta[:, n:] > 1
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
        mid = np.isfinite(q.row_lower) & np.isfinite(q.row_upper)
        g0 = matvec(self.g, u0)
        r0 = np.clip(g0, q.row_lower, q.row_upper)
        r0 = np.where(mid & ~self.equal, 0.5 * (np.where(mid, q.row_lower, 0) + np.where(mid, q.row_upper, 0)), r0)
        du, _ = self.factor.solve(np.zeros_like(u0), np.where(self.equal, self.target, r0) - g0)
        self.u = u0 + du
        self.r = matvec(self.g, self.u)
        _, dy = self.factor.solve(q.cost, np.zeros_like(one))
        self.y = -dy  # stationarity of the penalised program
        b = self.bounds
        s = b.residual(np.concatenate([self.u, self.r], axis=1)) + b.s
        z = b.of(np.concatenate([q.cost - matvec(self.gt, self.y), self.y], axis=1))
        two = np.bincount(b.at, minlength=n + m)[b.at] == 2
        z[:, two] = np.maximum(z[:, two], 0.0)
        s, z = (v + np.maximum(-1.5 * v.min(axis=1, keepdims=True, initial=0), 0.0) for v in (s, z))
        product = dot(s, z)[:, None]
        more_s, more_z = (0.5 * product / np.maximum(v.sum(axis=1, keepdims=True), 1e-300) for v in (z, s))
        # none far below the others: a plan behind a lock has hardly any room, and a small slack would end every step
        b.s, b.z = (
            near * np.maximum(v + more, np.maximum(v.sum(axis=1, keepdims=True) / self.count + more, 1.0))
            for v, more in ((s, more_s), (z, more_z))
        )
        self.y = np.where(self.equal, self.y, b.spread(b.z, n + m)[:, n:])
        self.residuals()
        close = self.mu < self.measures()[:, 0]
        if close.any():  # nearer to the bounds than to what rows ask for, every step would be short
            wider = np.where(close, WIDER, 1.0)[:, None]
            b.s, b.z = wider * b.s, wider * b.z
            self.y = np.where(self.equal, self.y, b.spread(b.z, n + m)[:, n:])

    def begin_near(self, guess: Guess) -> None:
        """Near a guess, where slacks times prices are all alike: of each pair the larger is kept, within reason."""
        ones = np.ones((self.plans, 1))
        b, n, m = self.bounds, self.n, self.m
        self.u = guess.u * ones
        self.r = matvec(self.g, self.u)
        y = guess.y * ones
        s = b.residual(np.concatenate([self.u, self.r], axis=1)) + b.s
        z = b.of(np.concatenate([self.q.cost - matvec(self.gt, y), y], axis=1))
        apart = np.clip(APART * -s.min(axis=1, keepdims=True, initial=0.0), NEAREST, FARTHEST)
        slack, free = (np.maximum(v, np.sqrt(apart)) for v in (s, z))
        b.s, b.z = np.where(s >= z, slack, apart / free), np.where(s >= z, apart / slack, free)
        self.y = np.where(self.equal, y, b.spread(b.z, n + m)[:, n:])

    def residuals(self) -> None:
        """What stationarity, rows and bounds are short of, and the mean product of slacks and prices."""
        b = self.bounds
        z = b.spread(b.z, self.n + self.m)
        gu = matvec(self.g, self.u)
        self.rd = self.q.cost - matvec(self.gt, self.y) - z[:, : self.n]
        self.rdr = np.where(self.equal, 0.0, self.y - z[:, self.n :])
        self.rp = np.where(self.equal, gu - self.target, gu - self.r)
        self.rs = b.residual(np.concatenate([self.u, self.r], axis=1))
        self.mu = dot(b.s, b.z) / self.count

    def measures(self) -> np.ndarray:
        """Relative residuals, primal and dual, and the relative gap: three for each plan."""
        primal, dual = (
            np.max([np.abs(v).max(axis=1, initial=0) for v in parts], axis=0) / size
            for parts, size in (((self.rp, self.rs), self.size_b), ((self.rd, self.rdr), self.size_c))
        )
        self.objective = dot(self.q.cost, self.u)
        bound = dot(self.target, self.y) + dot(self.bounds.side, self.bounds.sign * self.bounds.z)
        gap = np.abs(self.objective - bound) / (1e-3 + np.maximum(np.abs(self.objective), np.abs(bound)))
        return np.stack([primal, dual, gap], axis=1)

    def direction(self, c: np.ndarray, only_complementarity: bool = False) -> Direction:
        """Newton direction for a given right-hand side of the complementarity."""
        b, n = self.bounds, self.n
        c = c * self.inverse
        if only_complementarity:
            push = b.spread(c, n + self.m)
            xi, eta = push[:, :n], push[:, n:]
            zeta = np.where(self.equal, 0.0, eta * self.d_true)
        else:
            push = b.spread(c - self.weight * self.rs, n + self.m)
            xi, eta = push[:, :n] - self.rd, push[:, n:] - self.rdr
            zeta = np.where(self.equal, 0.0, eta * self.d_true) - self.rp
        du, dy = self.factor.solve(xi, zeta)
        activity = matvec(self.g, du)
        if not only_complementarity:
            activity += self.rp
        # from the multiplier where the row holds tightly, from the variables where it is slack: the other way
        # round each would carry the rounding of the other, blown up by the weight
        dr = np.where(self.tight, (eta - dy) * self.d_true, activity)
        dr[:, self.equal] = 0.0
        ds = b.of(np.concatenate([du, dr], axis=1))
        if not only_complementarity:
            ds += self.rs
        return du, dr, dy, ds, c - self.weight * ds

    def rates(self, d: Direction) -> np.ndarray:
        """What slacks, then prices, lose of themselves in a whole step."""
        half = d[3].shape[1]
        out = np.empty((d[3].shape[0], 2 * half))
        np.multiply(d[3], self.inverse, out=out[:, :half])
        np.divide(d[4], self.bounds.z, out=out[:, half:])
        return np.negative(out, out=out)

    def move(self, d: Direction, primal: np.ndarray, dual: np.ndarray) -> None:
        """Take a step of these lengths."""
        ap, ad = primal[:, None], dual[:, None]
        self.u += ap * d[0]
        self.r += ap * d[1]
        self.y += ad * d[2]
        self.bounds.s += ap * d[3]
        self.bounds.z += ad * d[4]
