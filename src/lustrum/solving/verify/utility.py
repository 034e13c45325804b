"""The worth curve of `living_standard`, its value, and what its conjugate proves (MODEL.md section 5).

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

    `starts` and `slopes` of the pieces from r = 0 on; the last piece has no end. `at_zero` is u(0), so
    that u(1) = 0.
    """

    starts: np.ndarray
    slopes: np.ndarray
    at_zero: float

    @cached_property
    def lengths(self) -> np.ndarray:
        """Length of every piece; the last is infinite."""
        return np.append(np.diff(self.starts), np.inf)

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """u(r) for r ≥ 0."""
        used = np.clip(r[..., None] - self.starts, 0.0, self.lengths)
        return np.asarray(self.at_zero + used @ self.slopes)


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
    starts = np.append(0.0, r[:-1])  # the last chord goes on for ever
    return Curve(starts, np.append(first, chords), float(u[0] - first * r[0]))


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

    def value(self, consumption: np.ndarray) -> tuple[float, float]:
        """Value of consumption (h, g, plan years), and Σ of what each need adds above nothing."""
        u = self.curve(np.maximum(consumption, 0.0) / self.level)
        return float((self.weight * u).sum()), float((self.weight * (u - self.curve.at_zero)).sum())

    def conjugate(self, factor: float, price: np.ndarray) -> tuple[float, np.ndarray]:
        """What the pieces can add to the bound at prices q of consumption, and the residual of the last.

        Σ max(0, factor·β^t w slope_k / level − q) · length_k · level + factor · Σ β^t w u(0). The last piece
        has no end: what it earns above its price is a residual, relative to the larger of both.
        """
        bound = factor * float(self.weight.sum()) * self.curve.at_zero
        for slope, length in zip(self.curve.slopes[:-1], self.curve.lengths[:-1], strict=True):
            profit = np.maximum(factor * self.weight * slope / self.level - price, 0.0)
            bound += float((profit * length * self.level)[self.f.living].sum())
        earned = factor * self.weight * self.curve.slopes[-1] / self.level
        size = np.maximum(np.maximum(np.abs(earned), np.abs(price)), np.finfo(float).tiny)
        residual = np.where(self.f.living[:, :, None], np.maximum(earned - price, 0.0) / size, 0.0)
        return bound, residual
