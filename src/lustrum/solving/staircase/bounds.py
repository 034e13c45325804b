"""Bounds with their slacks and duals, and what an interior point ends with.

Several plans go through the iterations at once: every array has one row for each plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where the iterations of one plan ended: u, y, relative residuals and gap, iterations."""

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
        self.s = np.ones(side.shape)
        self.z = np.ones(side.shape)

    def residual(self, p: np.ndarray) -> np.ndarray:
        """What the slack is short of the distance to the bound."""
        return self.sign * (np.take(p, self.at, axis=1) - self.side) - self.s

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.side, self.s, self.z = self.side[plans], self.s[plans], self.z[plans]


def longest(value: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Longest step of each plan, at most 1, that leaves value + step · change at zero or above."""
    return np.asarray(1 / np.maximum(1.0, (-change / value).max(axis=1, initial=0.0)))


def times(matrix: sparse.csr_matrix, x: np.ndarray) -> np.ndarray:
    """The matrix times the vector of each plan."""
    if x.shape[0] == 1:
        return np.asarray(matrix @ x[0])[None]
    return np.ascontiguousarray((matrix @ np.ascontiguousarray(x.T)).T)


def summed(codes: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Values of each plan added up by their codes."""
    out = np.empty((values.shape[0], size))
    for row, own in zip(out, values.reshape(values.shape[0], -1), strict=True):
        row[:] = np.bincount(codes, own, size)
    return out
