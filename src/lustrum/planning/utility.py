"""The worth curve u(r) = (r^{1-η} - 1)/(1-η) as pieces, with its error stated (docs/model.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True, eq=False)
class WorthCurve:
    """Concave chords through u, with u(1) = 0.

    Attributes
    ----------
    start, slope, length
        Of each piece from r = 0 on, slopes falling; r = 1 is the start of a piece; the last is endless.
    error
        Largest distance to u between the first and the last breakpoint.
    """

    start: np.ndarray
    slope: np.ndarray
    length: np.ndarray
    error: float

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """Worth at level r, counted from r = 1."""
        above = self.start >= 1
        used = np.clip(np.asarray(r, dtype=float)[..., None] - self.start, 0.0, self.length)
        missed = np.where(above, 0.0, self.length) - np.where(above, 0.0, used)
        return np.asarray((np.where(above, used, 0.0) * self.slope).sum(-1) - (missed * self.slope).sum(-1))


def utility(r: np.ndarray, elasticity: float) -> np.ndarray:
    """u(r): ln r for η = 1."""
    if elasticity == 1.0:
        return np.log(r)
    return np.asarray((r ** (1 - elasticity) - 1) / (1 - elasticity))


@cache
def worth_curve(elasticity: float, floor: float, ceiling: float, segments: int) -> WorthCurve:
    """Build the pieces: equal ratios between floor and ceiling with 1 always a breakpoint, linear outside."""
    whole = np.log(ceiling / floor)
    below = max(1, round(segments * float(-np.log(floor) / whole))) if floor < 1 else 0
    above = max(1, segments - below) if ceiling > 1 else 0
    points = np.concatenate(
        [np.geomspace(floor, 1.0, below + 1)[:-1], [1.0], np.geomspace(1.0, ceiling, above + 1)[1:]]
    )
    values = utility(points, elasticity)
    chords = np.diff(values) / np.diff(points)
    first = floor ** (-elasticity)
    slope = np.concatenate([[first], chords, chords[-1:] if chords.size else [first]])
    length = np.concatenate([[points[0]], np.diff(points), [np.inf]])
    mean = np.linspace(points[:-1], points[1:], 33)
    chord = values[:-1] + chords * (mean - points[:-1])
    error = float(np.max(np.abs(utility(mean, elasticity) - chord), initial=0.0))
    return WorthCurve(np.concatenate([[0.0], points]), slope, length, error)
