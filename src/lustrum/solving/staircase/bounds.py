"""Bounds with their slacks and duals, and what an interior point ends with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where the iterations ended: u, y, relative residuals and gap, iterations."""

    u: np.ndarray
    y: np.ndarray
    primal: float
    dual: float
    gap: float
    iterations: int
    optimal: bool
    reason: str


class Bounds:
    """One-sided slacks of p with their duals."""

    def __init__(self, at: np.ndarray, side: np.ndarray, sign: float) -> None:
        self.at, self.side, self.sign = at, side, sign
        self.s = np.ones(at.size)
        self.z = np.ones(at.size)

    def residual(self, p: np.ndarray) -> np.ndarray:
        """What the slack is short of the distance to the bound."""
        return self.sign * (p[self.at] - self.side) - self.s


def longest(value: np.ndarray, change: np.ndarray) -> float:
    """Longest step, at most 1, that leaves value + step · change at zero or above."""
    return 1 / max(1.0, float((-change / value).max(initial=0.0)))
