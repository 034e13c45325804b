"""The worth curve of `living_standard`, its value, and what its conjugate proves (docs/model.md section 5).

The pieces of the curve are variables of the linear program but not of the plan, so their part of the
dual bound is worked out in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lustrum.solving.verify.frame import Frame


@dataclass(frozen=True, eq=False)
class Curve:
    """u(r): chords through the breakpoints; slope of the floor below them, of the last chord above.

    `starts` and `slopes` of the pieces from r = 0 on; r = 1 starts a piece; the last piece has no end.
    """

    starts: np.ndarray
    slopes: np.ndarray

    @cached_property
    def lengths(self) -> np.ndarray:
        """Length of every piece; the last is infinite."""
        return np.append(np.diff(self.starts), np.inf)

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """u(r) for r ≥ 0, counted from r = 1."""
        above = self.starts >= 1
        used = np.clip(r[..., None] - self.starts, 0.0, self.lengths)
        missed = np.where(above, 0.0, self.lengths) - np.where(above, 0.0, used)
        return np.asarray(np.where(above, used, 0.0) @ self.slopes - missed @ self.slopes)


def worth(r: np.ndarray, elasticity: float) -> np.ndarray:
    """(r^{1−η} − 1)/(1−η), ln r for η = 1."""
    if elasticity == 1.0:
        return np.asarray(np.log(r))
    return np.asarray((r ** (1 - elasticity) - 1) / (1 - elasticity))


def worth_curve(floor: float, ceiling: float, segments: int, elasticity: float) -> Curve:
    """Cut the curve into `segments` equal ratios between floor and ceiling, split at r = 1."""
    below = above = 0
    if floor < 1:
        below = max(1, round(segments * math.log(1 / floor) / math.log(ceiling / floor)))
    if ceiling > 1:
        above = max(1, segments - below)
    points = [floor ** (1 - k / below) for k in range(below)] + [1.0]
    points += [ceiling ** (k / above) for k in range(1, above + 1)]
    r = np.array(points)
    u = worth(r, elasticity)
    first = r[0] ** -elasticity
    chords = np.diff(u) / np.diff(r)
    # the slope of the last chord goes on for ever, as a piece of its own
    return Curve(np.append(0.0, r), np.concatenate([[first], chords, chords[-1:] if chords.size else [first]]))


@dataclass(frozen=True, eq=False)
class LivingStandard:
    """Σ_t β^t Σ_{h,g} w_hg u(r_hgt), r = y / (y0 N_t/N_0), w = y0 · weight_g."""

    f: Frame

    @cached_property
    def curve(self) -> Curve:
        """The worth curve of the plan file."""
        o = self.f.d.spec.objective
        return worth_curve(o.utility_floor, o.utility_ceiling, o.segments, o.elasticity)

    @cached_property
    def weight(self) -> np.ndarray:
        """β^t w (h, g, t), zero without base consumption."""
        f, o = self.f, self.f.d.spec.objective
        by_need = np.array([o.weights.get(need, 1.0) for need in f.labels("need")])
        w = np.where(f.living, f.d.base_consumption * by_need, 0.0)
        return np.asarray(w[:, :, None] * o.discount ** np.array(f.calendar.plan_years))

    @cached_property
    def level(self) -> np.ndarray:
        """y0 N_t / N_0 (h, g, t), 1 without base consumption."""
        return np.where(self.f.living[:, :, None], self.f.base_level.values, 1.0)

    @cached_property
    def size(self) -> float:
        """Natural size of the aim: Σ β^t w, what base spending of all years is worth at the base level."""
        return float(self.weight.sum())

    def value(self, consumption: np.ndarray) -> tuple[float, float]:
        """Value of consumption (h, g, plan years), and the natural size of the aim."""
        u = self.curve(np.maximum(consumption, 0.0) / self.level)
        return float((self.weight * u).sum()), self.size

    def conjugate(self, factor: float, price: np.ndarray) -> tuple[float, np.ndarray]:
        """What the pieces can add to the bound at prices q of consumption, and the residual of the last.

        Counted from the base level, so that nothing cancels: Σ max(0, s_k − q) · length_k over pieces above
        it, Σ max(0, q − s_k) · length_k over those below, less q times the base level; s = factor·β^t w slope
        / level. The last piece has no end: what it earns above its price is a residual, relative to the
        larger of both.
        """
        living = np.broadcast_to(self.f.living[:, :, None], price.shape)
        bound = -float((price * self.level)[living].sum())
        earned = factor * self.weight / self.level
        pieces = zip(self.curve.starts[:-1], self.curve.slopes[:-1], self.curve.lengths[:-1], strict=True)
        for start, slope, length in pieces:
            profit = earned * slope - price if start >= 1 else price - earned * slope
            bound += float((np.maximum(profit, 0.0) * length * self.level)[living].sum())
        last = earned * self.curve.slopes[-1]
        size = np.maximum(np.maximum(np.abs(last), np.abs(price)), np.finfo(float).tiny)
        return bound, np.where(living, np.maximum(last - price, 0.0) / size, 0.0)
