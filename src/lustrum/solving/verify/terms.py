"""Constraint families as lists of terms: each is stated once, and can be applied and transposed.

A term puts one variable of one year into the rows of one year, through a linear map. Applied to a plan, the terms
add up to the left-hand sides F v of the rows. Transposed and applied to marginal values λ, they say what the rows
charge each variable, F* λ. Sums remember their largest single term, so that errors can be measured against what was
added up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: The years of something that has none: a single column.
UNDATED = range(1)


@dataclass(frozen=True, eq=False)
class Cells:
    """Figures by label and year; the last axis is the year, t counted from the base year."""

    values: Array
    years: range

    def at(self, t: int) -> Array:
        """Return the figures of year t."""
        return self.values[..., _column(t, self.years)]


#: The figures of a plan: variable name -> cells, zero where the plan has no such variable.
Values = Mapping[str, Cells]


# --- linear maps ------------------------------------------------------------------------------------


class LinearMap(ABC):
    """A linear map between arrays of labels; `a @ b` is b first, then a."""

    @abstractmethod
    def apply(self, values: Array) -> Array:
        """Σ_j A_ij v_j."""

    @abstractmethod
    def largest(self, sizes: Array) -> Array:
        """max_j |A_ij| s_j for sizes s ≥ 0."""

    @property
    @abstractmethod
    def transposed(self) -> LinearMap:
        """The transposed map."""

    def __matmul__(self, first: LinearMap) -> LinearMap:
        return Chain(first, self)


@dataclass(frozen=True, eq=False)
class Chain(LinearMap):
    """One map after another; what reaches a label by several ways counts as several terms."""

    first: LinearMap
    then: LinearMap

    def apply(self, values: Array) -> Array:
        return self.then.apply(self.first.apply(values))

    def largest(self, sizes: Array) -> Array:
        return self.then.largest(self.first.largest(sizes))

    @property
    def transposed(self) -> LinearMap:
        return Chain(self.then.transposed, self.first.transposed)


@dataclass(frozen=True, eq=False)
class Scale(LinearMap):
    """Times a factor: one for all labels, or one for each."""

    factor: float | Array

    def apply(self, values: Array) -> Array:
        return np.asarray(values * self.factor)

    def largest(self, sizes: Array) -> Array:
        return np.asarray(sizes * np.abs(self.factor))

    @property
    def transposed(self) -> LinearMap:
        return self


@dataclass(frozen=True, eq=False)
class Matrix(LinearMap):
    """Matrix times vector."""

    matrix: Array

    def apply(self, values: Array) -> Array:
        return np.asarray(self.matrix @ values)

    def largest(self, sizes: Array) -> Array:
        return np.asarray((np.abs(self.matrix) * sizes).max(axis=1, initial=0.0))

    @property
    def transposed(self) -> LinearMap:
        return Matrix(self.matrix.T)


@dataclass(frozen=True, eq=False)
class Total(LinearMap):
    """The sum over axes.

    Its transpose has length 1 along them. To sum what a matrix gives, put a `Scale` with a factor for each label
    between the two.
    """

    axes: tuple[int, ...]

    def apply(self, values: Array) -> Array:
        return np.asarray(values.sum(axis=self.axes))

    def largest(self, sizes: Array) -> Array:
        return np.asarray(sizes.max(axis=self.axes, initial=0.0))

    @property
    def transposed(self) -> LinearMap:
        return Repeat(self.axes)


@dataclass(frozen=True, eq=False)
class Repeat(LinearMap):
    """The same figure for all labels of new axes (NumPy broadcasts their length 1)."""

    axes: tuple[int, ...]

    def apply(self, values: Array) -> Array:
        return np.expand_dims(values, self.axes)

    def largest(self, sizes: Array) -> Array:
        return np.expand_dims(sizes, self.axes)

    @property
    def transposed(self) -> LinearMap:
        return Total(self.axes)


@dataclass(frozen=True, eq=False)
class Select(LinearMap):
    """The cells at a NumPy index of an array of the given shape."""

    index: Any
    shape: tuple[int, ...]

    def apply(self, values: Array) -> Array:
        return np.asarray(values[self.index])

    def largest(self, sizes: Array) -> Array:
        return np.asarray(sizes[self.index])

    @property
    def transposed(self) -> LinearMap:
        return Place(self.index, self.shape)


@dataclass(frozen=True, eq=False)
class Place(LinearMap):
    """Figures put at a NumPy index of an array of zeros."""

    index: Any
    shape: tuple[int, ...]

    def apply(self, values: Array) -> Array:
        out = np.zeros(self.shape)
        out[self.index] = values
        return out

    def largest(self, sizes: Array) -> Array:
        return self.apply(sizes)

    @property
    def transposed(self) -> LinearMap:
        return Select(self.index, self.shape)


SAME = Scale(1.0)


# --- terms and their sums ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Term:
    """`variable` of year `at`, through `map`, in the rows of year `row` (0 for what has no years)."""

    row: int
    variable: str
    at: int
    map: LinearMap = SAME

    def then(self, last: LinearMap, row: int | None = None) -> Term:
        """Return the term with one more map after its own, and perhaps in another year's rows."""
        return replace(self, map=last @ self.map, row=self.row if row is None else row)


class TermSum:
    """Sums by label and year that terms are added to.

    Attributes
    ----------
    total
        Σ a_j v_j.
    largest
        max |a_j v_j| over the single terms.
    """

    def __init__(self, shape: tuple[int, ...], years: range) -> None:
        self.years = years
        self.total: Array = np.zeros((*shape, len(years)))
        self.largest: Array = np.zeros((*shape, len(years)))

    def add(self, t: int, linear: LinearMap, values: Array) -> None:
        """Add a map of values to the sums of year t."""
        k = _column(t, self.years)
        self.total[..., k] += linear.apply(values)
        np.maximum(self.largest[..., k], linear.largest(np.abs(values)), out=self.largest[..., k])

    def include(self, other: TermSum, factor: float = 1.0) -> None:
        """Add another sum of the same labels and years, times a factor."""
        self.total += factor * other.total
        np.maximum(self.largest, abs(factor) * other.largest, out=self.largest)


#: What one more unit of every variable costs: variable name -> sums by label and year.
Prices = Mapping[str, TermSum]


def apply_terms(terms: Iterable[Term], v: Values, left: TermSum) -> None:
    """Add terms of a plan to the left-hand sides of rows: F v."""
    for term in terms:
        left.add(term.row, term.map, v[term.variable].at(term.at))


def transpose_terms(terms: Iterable[Term], lam: Cells, charge: Prices) -> None:
    """Add what rows charge each variable at their marginal values λ: F* λ."""
    for term in terms:
        price = lam.at(term.row)
        if price.any():
            charge[term.variable].add(term.at, term.map.transposed, price)


# --- families ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the figures of a variable or of a constraint family stand.

    Attributes
    ----------
    name, dims
        As in docs/model.md; `dims` without the year.
    years
        Years of the last axis; `UNDATED` where `dated` is false.
    exists
        Where there is a variable or a row; labels, and the year as its last axis.
    dated
        Whether the stored array has a dimension `year`.
    """

    name: str
    dims: tuple[str, ...]
    years: range
    exists: Mask
    dated: bool


@dataclass(frozen=True, eq=False)
class Family(Layout):
    """One constraint family of docs/model.md.

    Attributes
    ----------
    lower, upper
        Right-hand sides as docs/model.md prints them; -inf and inf where a side is open.
    terms
        The left-hand sides. Variables that are not of the plan (pieces of the worth curve) are left out.
    """

    lower: Array
    upper: Array
    terms: tuple[Term, ...]

    @property
    def rhs(self) -> Array:
        """The finite side of every row (both are equal where both are finite); 0 where there is no row."""
        side = np.where(np.isfinite(self.upper), self.upper, self.lower)
        return np.where(self.exists & np.isfinite(side), side, 0.0)

    def apply(self, v: Values) -> TermSum:
        """Return the left-hand sides of a plan, F v."""
        left = TermSum(self.exists.shape[:-1], self.years)
        apply_terms(self.terms, v, left)
        return left

    def transpose(self, lam: Array, charge: Prices) -> None:
        """Add to prices what the rows' marginal values λ charge, F* λ; λ is zero where there is no row."""
        transpose_terms(self.terms, Cells(lam, self.years), charge)


def _column(t: int, years: range) -> int:
    """Return the position of a year; years outside are an error, never a wrap-around."""
    if t not in years:
        raise IndexError(f"year {t} outside {years}")
    return t - years.start
