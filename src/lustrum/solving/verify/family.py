"""A family of constraints: rows with bounds, the terms in each, and the transposed map for prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lustrum.solving.verify.frame import Frame, Mask, Prices
from lustrum.solving.verify.ledger import Cells, Ledger, Values


@dataclass(frozen=True, eq=False)
class Family:
    """One constraint family of docs/model.md.

    Attributes
    ----------
    name, dims
        As in docs/model.md; `dims` without the year.
    years
        Years of the last axis; `UNDATED` where `dated` is false.
    rows
        Where there is a row; labels and year.
    lower, upper
        Right-hand sides as docs/model.md prints them; -inf and inf where a side is open.
    forward
        The left-hand sides of a plan, F v.
    adjoint
        What the rows' marginal values λ charge each variable, F* λ (λ is zero where there is no row).
    """

    name: str
    dims: tuple[str, ...]
    years: range
    rows: Mask
    lower: np.ndarray
    upper: np.ndarray
    forward: Callable[[Values], Ledger]
    adjoint: Callable[[Cells], Prices]
    dated: bool = True

    @property
    def rhs(self) -> np.ndarray:
        """The finite side of every row (both are equal where both are finite); 0 where there is no row."""
        side = np.where(np.isfinite(self.upper), self.upper, self.lower)
        return np.where(self.rows & np.isfinite(side), side, 0.0)


def at_most(figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sides of rows ≤ figures."""
    return np.full(figures.shape, -np.inf), figures


def at_least(figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sides of rows ≥ figures."""
    return figures, np.full(figures.shape, np.inf)


def equal(figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sides of rows = figures."""
    return figures, figures


def family(
    f: Frame,
    name: str,
    dims: tuple[str, ...],
    years: range,
    sides: tuple[np.ndarray, np.ndarray],
    forward: Callable[[Frame, Values, Ledger], None],
    adjoint: Callable[[Frame, Cells, Prices], None],
    rows: Mask | None = None,
    dated: bool = True,
) -> Family:
    """Make a family from functions that fill a ledger of rows, and prices.

    Without `rows`, a row stands wherever its right-hand side is a number.
    """
    lower, upper = sides
    mask = ~np.isnan(lower) & ~np.isnan(upper)
    if rows is not None:
        mask &= rows

    def left(v: Values) -> Ledger:
        ledger = Ledger(f.shape(dims), years)
        forward(f, v, ledger)
        return ledger

    def charged(lam: Cells) -> Prices:
        prices = Prices(f)
        adjoint(f, lam, prices)
        return prices

    return Family(name, dims, years, mask, lower, upper, left, charged, dated)


def limit(
    f: Frame,
    name: str,
    variable: str,
    sides: tuple[np.ndarray, np.ndarray],
    years: range,
    rows: Mask | None = None,
    year: int | None = None,
) -> Family:
    """Make a family of limits on single variables: v ≤ figure, v ≥ figure or v = figure.

    With `year` the family is undated and speaks of that one year.
    """
    var = f.variables[variable]
    here = {t: t if year is None else year for t in years}
    exists = var.exists[..., [at - var.years.start for at in here.values()]]

    def forward(f: Frame, v: Values, left: Ledger) -> None:
        for t, at in here.items():
            left.add(t, v[variable].at(at))

    def adjoint(f: Frame, lam: Cells, price: Prices) -> None:
        for t, at in here.items():
            price.add(variable, at, lam.at(t))

    mask = exists if rows is None else exists & rows
    return family(f, name, var.dims, years, sides, forward, adjoint, mask, dated=year is None)


def follow(
    f: Frame,
    name: str,
    variable: str,
    sides: tuple[np.ndarray, np.ndarray],
    years: range,
    rows: Mask,
    factor: Callable[[int], float | np.ndarray],
    before: int,
) -> Family:
    """Make a family that ties a year to the one before it: v_t − factor_t v_{t−1}.

    In years t with t − 1 ≤ `before` the earlier year is a figure, and stands on the right.
    """

    def forward(f: Frame, v: Values, left: Ledger) -> None:
        for t in years:
            left.add(t, v[variable].at(t))
            if t - 1 > before:
                left.add(t, -v[variable].at(t - 1) * factor(t))

    def adjoint(f: Frame, lam: Cells, price: Prices) -> None:
        for t in years:
            price.add(variable, t, lam.at(t))
            if t - 1 > before:
                price.add(variable, t - 1, -lam.at(t) * factor(t))

    return family(f, name, f.variables[variable].dims, years, sides, forward, adjoint, rows)
