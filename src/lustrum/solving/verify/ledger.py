"""Sums that remember their largest term, so that errors can be measured against what was added up.

Rows of the primal and prices of the dual are both kept this way: `total` is Σ a_j v_j and `largest` is
max |a_j v_j| over the single terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The years of something that has none: a single column.
UNDATED = range(1)


@dataclass(frozen=True, eq=False)
class Terms:
    """A sum of terms, cell by cell, and the size of the largest term in each."""

    total: Array
    largest: Array

    def __add__(self, other: Terms) -> Terms:
        return Terms(self.total + other.total, np.maximum(self.largest, other.largest))

    def __neg__(self) -> Terms:
        return Terms(-self.total, self.largest)

    def __mul__(self, factor: float | Array) -> Terms:
        return Terms(self.total * factor, self.largest * np.abs(factor))

    def spread(self, axis: int) -> Terms:
        """Repeat over a new axis: a price that is the same for all labels there."""
        return Terms(np.expand_dims(self.total, axis), np.expand_dims(self.largest, axis))


def plain(values: Array) -> Terms:
    """One term a cell."""
    return Terms(values, np.abs(values))


def gather(values: Array, axis: int) -> Terms:
    """Σ over an axis."""
    return Terms(values.sum(axis=axis), np.abs(values).max(axis=axis, initial=0.0))


def times(matrix: Array, vector: Array | Terms) -> Terms:
    """Matrix times vector: Σ_j A_ij v_j, largest max_j |A_ij v_j|."""
    v = vector if isinstance(vector, Terms) else plain(vector)
    return Terms(matrix @ v.total, (np.abs(matrix) * v.largest).max(axis=1, initial=0.0))


@dataclass(frozen=True, eq=False)
class Cells:
    """Figures by label and year; the last axis is the year, t counted from the base year."""

    values: Array
    years: range

    def at(self, t: int) -> Array:
        """Return the figures of year t."""
        if t not in self.years:
            raise IndexError(f"year {t} outside {self.years}")
        return self.values[..., t - self.years.start]


#: The figures of a plan: variable name -> cells, zero where the plan has no such variable.
Values = Mapping[str, Cells]


class Ledger:
    """Sums by label and year that terms are added to."""

    def __init__(self, shape: tuple[int, ...], years: range) -> None:
        self.years = years
        self.total: Array = np.zeros((*shape, len(years)))
        self.largest: Array = np.zeros((*shape, len(years)))

    def add(self, t: int, terms: Terms | Array) -> None:
        """Add terms to the sums of year t."""
        if t not in self.years:
            raise IndexError(f"year {t} outside {self.years}")
        new = terms if isinstance(terms, Terms) else plain(terms)
        k = t - self.years.start
        self.total[..., k] += new.total
        np.maximum(self.largest[..., k], new.largest, out=self.largest[..., k])

    def include(self, other: Ledger, factor: float = 1.0) -> None:
        """Add another ledger of the same labels and years, times a factor."""
        self.total += factor * other.total
        np.maximum(self.largest, abs(factor) * other.largest, out=self.largest)
