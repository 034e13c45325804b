"""The iterate: variables, row activities, slacks and multipliers of several plans at once, and Newton directions.

Variables and row activities p = (u, r), r = G u, lie between limits. Every finite limit has a slack and a dual that are
stored themselves, so that neither loses digits as a difference. Equations have D near zero and no slack. Every array
has one row for each plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lustrum.solving.staircase.kernels import dot, matvec, take
from lustrum.solving.staircase.kkt import KktFactor, Pair
from lustrum.solving.staircase.reduced_program import ReducedLimits

#: Regularisation, added to the weights of variables and to D: at the start, at least (while the iterates do not stall),
#: and at most.
REGULARISATION, LEAST, MOST = 1e-9, 1e-10, 1e-6
#: It falls to here if solves are accurate but the iterates stall: a variable far from its optimum comes nearer by
#: (residual / regularisation) per step only.
FINEST = 1e-15
#: The first slacks and duals are this much larger if their mean product is below the residual of the rows.
WIDER = 3.0
#: At a warm start slacks times duals are this share of the starting point's largest violation, within these limits.
WARM_SHARE, WARM_LEAST, WARM_MOST = 0.3, 1e-3, 3e-2
#: Arrays of the iterate that are used from one step to the next.
PER_PLAN = (
    *("u", "r", "y", "target", "regularisation", "least", "size_b", "size_c"),
    *("rd", "rdr", "rp", "rs", "mu", "objective"),
)


@dataclass(frozen=True, eq=False)
class StartingPoint:
    """Variables and multipliers of one plan to begin near (a warm start)."""

    u: np.ndarray
    y: np.ndarray


class StepDirection(NamedTuple):
    """Changes of variables, row activities, multipliers, slacks and duals."""

    u: np.ndarray
    r: np.ndarray
    y: np.ndarray
    s: np.ndarray
    z: np.ndarray


class Bounds:
    """One-sided limits of p with their slacks s and duals z: lower limits first, then upper ones."""

    def __init__(self, below: np.ndarray, above: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self.split = below.size
        self.at = np.concatenate([below, above])
        self.sign = np.repeat([1.0, -1.0], [below.size, above.size])
        self.limit = np.concatenate([low[:, below], high[:, above]], axis=1)
        self.s = np.ones(self.limit.shape)
        self.z = np.ones(self.limit.shape)

    def signed(self, p: np.ndarray) -> np.ndarray:
        """p at each limit, with the limit's sign: the change of slacks for a change of p."""
        return np.asarray(self.sign * take(p, self.at))

    def scatter(self, values: np.ndarray, size: int) -> np.ndarray:
        """The transpose of `signed`: values of slacks, with their signs, added up at what they limit."""
        out = np.zeros((values.shape[0], size))
        below, above = self.at[: self.split], self.at[self.split :]
        for row, own in zip(out, values, strict=True):
            row[below] = own[: self.split]
            row[above] -= own[self.split :]
        return out

    def residual(self, p: np.ndarray) -> np.ndarray:
        """Distance to the limit, less the slack."""
        return self.signed(p) - self.sign * self.limit - self.s

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.limit, self.s, self.z = self.limit[plans], self.s[plans], self.z[plans]


class Iterate:
    """The state of the iterations, and Newton directions from it."""

    def __init__(self, factor: KktFactor, limits: ReducedLimits) -> None:
        self.limits = limits
        self.plans = limits.cost.shape[0]
        self.factor = factor
        factor.begin(self.plans)
        self.g, self.gt = self.factor.g, self.factor.gt
        self.m, self.n = m, n = self.g.shape
        low = np.concatenate([limits.lower, limits.row_lower], axis=1)
        high = np.concatenate([limits.upper, limits.row_upper], axis=1)
        self.equal = limits.row_lower[0] == limits.row_upper[0]
        bounded = np.concatenate([np.ones(n, bool), ~self.equal])
        below, above = (np.flatnonzero(np.isfinite(side[0]) & bounded) for side in (low, high))
        self.bounds = Bounds(below, above, low, high)
        self.target = np.where(self.equal, limits.row_lower, 0.0)
        self.u, self.r, self.y = np.zeros((self.plans, n)), np.zeros((self.plans, m)), np.zeros((self.plans, m))
        self.count = max(self.bounds.at.size, 1)
        self.regularisation = np.full(self.plans, REGULARISATION)
        self.least = np.full(self.plans, LEAST)
        self.size_b = 1 + np.abs(np.concatenate([self.bounds.limit, self.target], axis=1)).max(axis=1)
        self.size_c = 1 + np.abs(limits.cost).max(axis=1, initial=0)

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.limits = self.limits.some(plans)
        for name in PER_PLAN:
            setattr(self, name, getattr(self, name)[plans])
        self.bounds.keep(plans)
        self.factor.keep(plans)
        self.plans = self.u.shape[0]

    def factorise(self) -> None:
        """Factorise the KKT system for the weights z/s of this iterate."""
        n, b = self.n, self.bounds
        self.inverse = 1 / b.s
        self.weight = b.z * self.inverse
        theta = b.scatter(b.sign * self.weight, n + self.m)
        self.tight = theta[:, n:] > 1
        e = theta[:, :n] + self.regularisation[:, None]
        w = np.clip(theta[:, n:], 1e-18, 1e30)
        self.d_true = 1 / w
        d = np.where(self.equal, 0.0, self.d_true) + self.regularisation[:, None]
        self.factor.update(e, 1 / d, d)

    def start(self, share: float) -> None:
        """Mehrotra's starting point: near the least-squares solution, moved well inside the limits.

        `share`: first slacks and duals as a share of what his rule gives.
        """
        n, m, q = self.n, self.m, self.limits
        one = np.ones((self.plans, m))
        self.factor.update(np.ones((self.plans, n)), one, np.where(self.equal, REGULARISATION, one))
        # 1 in the scaled variables is their natural size
        u0 = np.clip(np.where(np.isfinite(q.lower) | np.isfinite(q.upper), 1.0, 0.0), q.lower, q.upper)
        mid = np.isfinite(q.row_lower) & np.isfinite(q.row_upper)
        g0 = matvec(self.g, u0)
        r0 = np.clip(g0, q.row_lower, q.row_upper)
        middle = 0.5 * (np.where(mid, q.row_lower, 0) + np.where(mid, q.row_upper, 0))
        r0 = np.where(mid & ~self.equal, middle, r0)
        du, _ = self.factor.solve(np.zeros_like(u0), np.where(self.equal, self.target, r0) - g0)
        self.u = u0 + du
        self.r = matvec(self.g, self.u)
        _, dy = self.factor.solve(q.cost, np.zeros_like(one))
        self.y = -dy  # stationarity of the penalised program
        b = self.bounds
        s, z = self._distances(self.y)
        two = np.bincount(b.at, minlength=n + m)[b.at] == 2
        z[:, two] = np.maximum(z[:, two], 0.0)
        s, z = (v + np.maximum(-1.5 * v.min(axis=1, keepdims=True, initial=0), 0.0) for v in (s, z))
        product = dot(s, z)[:, None]
        more_s, more_z = (0.5 * product / np.maximum(v.sum(axis=1, keepdims=True), 1e-300) for v in (z, s))
        # none far below the others: lexicographic bounds leave almost no slack, and one small slack would shorten
        # every step
        b.s, b.z = (
            share * np.maximum(v + more, np.maximum(v.sum(axis=1, keepdims=True) / self.count + more, 1.0))
            for v, more in ((s, more_s), (z, more_z))
        )
        self._set_multipliers(self.y)
        self.update_residuals()
        close = self.mu < self.measures()[:, 0]
        if close.any():  # nearer to the limits than to feasibility: every step would be short
            wider = np.where(close, WIDER, 1.0)[:, None]
            b.s, b.z = wider * b.s, wider * b.z
            self._set_multipliers(self.y)

    def warm_start(self, near: StartingPoint) -> None:
        """Begin near a point, with equal products of slacks and duals: of each pair the larger is kept, if sensible."""
        ones = np.ones((self.plans, 1))
        b = self.bounds
        self.u = near.u * ones
        self.r = matvec(self.g, self.u)
        y = near.y * ones
        s, z = self._distances(y)
        mu = np.clip(WARM_SHARE * -s.min(axis=1, keepdims=True, initial=0.0), WARM_LEAST, WARM_MOST)
        slack, free = (np.maximum(v, np.sqrt(mu)) for v in (s, z))
        b.s, b.z = np.where(s >= z, slack, mu / free), np.where(s >= z, mu / slack, free)
        self._set_multipliers(y)

    def _distances(self, y: np.ndarray) -> Pair:
        """Distances to the limits, and the duals that stationarity gives for multipliers y."""
        b = self.bounds
        s = b.residual(np.concatenate([self.u, self.r], axis=1)) + b.s
        return s, b.signed(np.concatenate([self.limits.cost - matvec(self.gt, y), y], axis=1))

    def _set_multipliers(self, y: np.ndarray) -> None:
        """Multipliers of equations as in y, of other rows from the duals."""
        self.y = np.where(self.equal, y, self.bounds.scatter(self.bounds.z, self.n + self.m)[:, self.n :])

    def update_residuals(self) -> None:
        """Residuals of stationarity, rows and limits, and μ, the mean product of slacks and duals."""
        b = self.bounds
        z = b.scatter(b.z, self.n + self.m)
        gu = matvec(self.g, self.u)
        self.rd = self.limits.cost - matvec(self.gt, self.y) - z[:, : self.n]
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
        self.objective = dot(self.limits.cost, self.u)
        bound = dot(self.target, self.y) + dot(self.bounds.limit, self.bounds.sign * self.bounds.z)
        gap = np.abs(self.objective - bound) / (1e-3 + np.maximum(np.abs(self.objective), np.abs(bound)))
        return np.stack([primal, dual, gap], axis=1)

    def direction(self, c: np.ndarray, only_complementarity: bool = False) -> StepDirection:
        """Newton direction for a given right-hand side of complementarity."""
        b, n = self.bounds, self.n
        c = c * self.inverse
        if only_complementarity:
            push = b.scatter(c, n + self.m)
            xi, eta = push[:, :n], push[:, n:]
            zeta = np.where(self.equal, 0.0, eta * self.d_true)
        else:
            push = b.scatter(c - self.weight * self.rs, n + self.m)
            xi, eta = push[:, :n] - self.rd, push[:, n:] - self.rdr
            zeta = np.where(self.equal, 0.0, eta * self.d_true) - self.rp
        du, dy = self.factor.solve(xi, zeta)
        activity = matvec(self.g, du)
        if not only_complementarity:
            activity += self.rp
        # from the multiplier if the row is tight, from the variables if it is slack: the other way round, each would
        # carry the rounding of the other, multiplied by the weight
        dr = np.where(self.tight, (eta - dy) * self.d_true, activity)
        dr[:, self.equal] = 0.0
        ds = b.signed(np.concatenate([du, dr], axis=1))
        if not only_complementarity:
            ds += self.rs
        return StepDirection(du, dr, dy, ds, c - self.weight * ds)

    def decrease(self, d: StepDirection) -> np.ndarray:
        """By which share of themselves slacks, then duals, decrease in a full step."""
        half = d.s.shape[1]
        out = np.empty((d.s.shape[0], 2 * half))
        np.multiply(d.s, self.inverse, out=out[:, :half])
        np.divide(d.z, self.bounds.z, out=out[:, half:])
        return np.negative(out, out=out)

    def step(self, d: StepDirection, primal: np.ndarray, dual: np.ndarray) -> None:
        """Take a step of these lengths."""
        ap, ad = primal[:, None], dual[:, None]
        self.u += ap * d.u
        self.r += ap * d.r
        self.y += ad * d.y
        self.bounds.s += ap * d.s
        self.bounds.z += ad * d.z


def step_length(decrease: np.ndarray) -> np.ndarray:
    """Longest step of each plan, at most 1, that leaves all at zero or above; `decrease` as in `Iterate`."""
    return np.asarray(1 / np.maximum(1.0, decrease.max(axis=1, initial=0.0)))
