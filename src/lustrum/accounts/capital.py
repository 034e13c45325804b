"""Capital stocks by perpetual inventory: equation (3) of docs/model.md run over past investment."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lustrum.errors import LabelError, TableError

Figures = NDArray[np.float64]


def deflate(values: ArrayLike, price: ArrayLike, base: int = -1) -> Figures:
    """Bring money figures of several years to the prices of one of them.

    Parameters
    ----------
    values
        Figures in prices of their own year; years run along the last axis.
    price
        Price index, of the same shape as `values` or one that broadcasts to it from the last axes; any base.
    base
        Position of the year whose prices are wanted, counted along the last axis.

    Returns
    -------
    array like `values`
        ``values[..., t] · price[..., base] / price[..., t]``

    Raises
    ------
    TableError
        If a price is not above zero.
    LabelError
        If the years of the two do not fit.
    """
    money, index = np.asarray(values, dtype=float), np.asarray(price, dtype=float)
    if index.ndim == 0 or money.ndim == 0 or index.shape[-1] != money.shape[-1]:
        raise LabelError(
            "figures and prices cover different years",
            found=f"{money.shape} and {index.shape}",
            mend="give one price for each year",
        )
    if not np.all(index > 0):
        at = tuple(int(k) for k in np.argwhere(~(index > 0))[0])
        raise TableError(
            "a price is not above zero",
            where=f"price{list(at)}",
            found=index[at],
            mend="give a price above zero for every year",
        )
    return np.asarray(money * index[..., [base]] / index)


def opening_stock(investment: ArrayLike, delta: ArrayLike, growth: ArrayLike) -> Figures:
    """Stock at the start of the first year of a series, had investment always grown at `growth`.

    The steady-state rule for what predates the data: K = n / (g + δ), where n is the investment of the
    first year. It is only as good as that year is normal: give a mean of several years where one is not.

    Raises
    ------
    TableError
        If growth plus depreciation is not above zero, so that no steady state exists.
    """
    rate = np.asarray(growth, dtype=float) + np.asarray(delta, dtype=float)
    if not np.all(rate > 0):
        raise TableError(
            "no steady state: growth plus depreciation is not above zero",
            found=float(np.min(rate)),
            mend="give a published stock as the opening stock instead",
        )
    return np.asarray(np.asarray(investment, dtype=float) / rate)


def perpetual_inventory(
    opening: ArrayLike, investment: ArrayLike, delta: ArrayLike, *, first_year: float = 0.0
) -> Figures:
    """Run stocks forward through years of investment, all in the prices of one year.

    ``K[t+1] = (1 − δ) K[t] + (1 − first_year · δ) n[t]``

    Parameters
    ----------
    opening
        Stock at the start of the first year.
    investment
        Assets put in place; years along the last axis, the other axes as in `opening`.
    delta
        Depreciation rate, of the shape of `opening` or one number.
    first_year
        Share of a year's depreciation that new assets bear in the year they are put in place: 0 is
        equation (3) of docs/model.md, 0.5 the mid-year convention of the US Bureau of Economic Analysis.

    Returns
    -------
    array, one year longer than `investment`
        Stock at the start of each year and, last, at the close of the last one.

    Raises
    ------
    TableError
        If a rate or `first_year` lies outside 0..1.
    LabelError
        If the shapes do not fit.
    """
    n = np.asarray(investment, dtype=float)
    start, rate = np.asarray(opening, dtype=float), np.asarray(delta, dtype=float)
    if n.ndim == 0 or n.shape[:-1] != start.shape or rate.shape not in ((), start.shape):
        raise LabelError(
            "stocks, investment and rates do not fit",
            found=f"shapes {start.shape}, {n.shape}, {rate.shape}",
            expected="investment as the opening stock, with years behind it",
        )
    if np.any(rate < 0) or np.any(rate > 1) or not 0 <= first_year <= 1:
        raise TableError(
            "a depreciation rate lies outside 0..1",
            found=f"{rate.min():g}..{rate.max():g}, first year {first_year:g}",
            mend="give shares per year, not per cent",
        )
    stock = np.empty((*start.shape, n.shape[-1] + 1))
    stock[..., 0] = start
    for t in range(n.shape[-1]):
        stock[..., t + 1] = (1 - rate) * stock[..., t] + (1 - first_year * rate) * n[..., t]
    return stock
