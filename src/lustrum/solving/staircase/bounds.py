"""Bounds with their slacks and duals, and what an interior point ends with.

Several plans go through the iterations at once: every array has one row for each plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients


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

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be found."""
        return self.optimal or self.reason == REFUTED


#: The reason of an outcome whose multipliers prove that there is no plan.
REFUTED = "no plan"


class Bounds:
    """One-sided slacks of p with their duals: those below first, then those above."""

    def __init__(self, below: np.ndarray, above: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self.split = below.size
        self.at = np.concatenate([below, above])
        self.sign = np.repeat([1.0, -1.0], [below.size, above.size])
        self.side = np.concatenate([low[:, below], high[:, above]], axis=1)
        self.s = np.ones(self.side.shape)
        self.z = np.ones(self.side.shape)

    def of(self, p: np.ndarray) -> np.ndarray:
        """Changes of slacks that changes of p mean."""
        return np.asarray(self.sign * taken(p, self.at))

    def spread(self, values: np.ndarray, size: int) -> np.ndarray:
        """Values of slacks added up, with their signs, at what they bound."""
        out = np.zeros((values.shape[0], size))
        below, above = self.at[: self.split], self.at[self.split :]
        for row, own in zip(out, values, strict=True):
            row[below] = own[: self.split]
            row[above] -= own[self.split :]
        return out

    def residual(self, p: np.ndarray) -> np.ndarray:
        """What the slack is short of the distance to the bound."""
        return self.of(p) - self.sign * self.side - self.s

    def keep(self, plans: np.ndarray) -> None:
        """Go on with some of the plans only."""
        self.side, self.s, self.z = self.side[plans], self.s[plans], self.z[plans]


def longest(rates: np.ndarray) -> np.ndarray:
    """Longest step of each plan, at most 1, that leaves all at zero or above; rates: what they lose in one."""
    return np.asarray(1 / np.maximum(1.0, rates.max(axis=1, initial=0.0)))


def taken(x: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Figures of each plan at some places; x[:, at] takes four times as long."""
    return np.take(x, at, axis=1)


def put(x: np.ndarray, at: np.ndarray, values: np.ndarray) -> None:
    """Figures of each plan to some places; so does x[:, at] = values."""
    for row, own in zip(x, values, strict=True):
        row[at] = own


def times(matrix: sparse.csr_matrix | Coefficients, x: np.ndarray) -> np.ndarray:
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
