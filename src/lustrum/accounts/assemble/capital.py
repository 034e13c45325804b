"""Capital by asset and activity: investment, stocks, rates, coefficients (docs/model.md (2), (3)).

Every figure that is not in the source follows from a rule named in the provenance. Investment always adds up to the
table's fixed capital formation by asset, so that P n0 is the table's by product. Stocks are published ones, or come
from perpetual inventory: equation (3) run over past investment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.assemble.assets import Assets, by_industry, find_assets
from lustrum.accounts.assemble.flows import Flows, clean
from lustrum.accounts.assemble.interpretation import DEPRECIATION, Options, regions_of, within
from lustrum.accounts.national.table import Figures, Satellite
from lustrum.accounts.provenance import Change
from lustrum.errors import LabelError, TableError


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


#: Rates that follow from published stocks are used between these bounds, else the default.
SLOWEST, FASTEST = 0.005, 0.6


@dataclass(frozen=True)
class Capital:
    """Asset × activity: investment n0, stock at the opening of plan year 1, rate δ, need per unit of output κ."""

    investment: Figures
    stock: Figures
    depreciation: Figures
    coefficient: Figures


def build_capital(flows: Flows, assets: Assets, options: Options, income: str) -> Capital:
    """Investment by activity, then stocks, then what output needs of them.

    Parameters
    ----------
    income
        What `assets.holders` was weighted with, in words.
    """
    say = flows.changes.append
    total = assets.total
    rate = _rates(assets, options)
    published = _satellite(flows, "capital")
    given = by_industry(flows, assets)
    investment = given if given is not None else assets.holders
    if given is None and published is None:
        say(
            Change(
                "capital",
                "investment by activity",
                f"shared out in proportion to {income}",
                float(total.sum()),
                float(total.sum()),
                "the source has investment by product only; activities of real estate get buildings only",
            )
        )
    investment = _to_totals(investment, total)
    if published is not None:
        stock = _published_stock(flows, published, assets, investment, rate, options.growth)
        if given is None:
            upkeep = (options.growth + rate)[:, None] * stock
            investment = _to_totals(np.where(upkeep.sum(axis=1, keepdims=True) > 0, upkeep, investment), total)
            say(
                Change(
                    "capital",
                    "investment by activity",
                    "shared out as the published stocks need upkeep and growth",
                    float(total.sum()),
                    float(total.sum()),
                    "the source has investment by product only",
                )
            )
        rate = _implied(flows, assets, stock, total, rate, options)
    elif options.history:
        stock = from_history(flows, assets, options, investment, rate)
    else:
        stock = opening_stock(investment, rate[:, None], options.growth) * (1 + options.growth)
        say(
            Change(
                "capital",
                "stocks",
                "K = (1 + g) I / (g + δ), g = "
                + f"{options.growth:g}, δ = "
                + ", ".join(f"{k} {r:g}" for k, r in dict(zip(assets.kinds, rate.tolist(), strict=True)).items()),
                float(stock.sum()),
                0.0,
                "no stocks in the source: as if investment had always grown at g; rates rounded from EU KLEMS",
            )
        )
    delta = _by_activity(flows, stock, rate, published is not None)
    kept_up = np.divide(investment, delta, out=np.zeros_like(stock), where=delta > 0)
    need = np.minimum(stock, kept_up) * (1 - options.room)
    idle = float((stock - np.minimum(stock, kept_up)).sum())
    output = flows.output
    kappa = np.divide(need, output, out=np.zeros_like(need), where=output > 0)
    say(
        Change(
            "capital",
            "capital_coefficient",
            f"opening stock per unit of output, less {options.room:.0%} of room, and no "
            "more than base investment keeps up",
            idle,
            float(stock.sum()),
            "who does not replace an asset does not need all of it",
        )
    )
    return Capital(investment, stock, delta, kappa)


def _rates(assets: Assets, options: Options) -> Figures:
    return np.array([options.depreciation.get(k, DEPRECIATION[k]) for k in assets.kinds])


def _to_totals(shares: Figures, total: Figures) -> Figures:
    """Scale each asset's row to its total."""
    size = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(shares * total[:, None], size, out=np.zeros_like(shares), where=size > 0))


def _satellite(flows: Flows, kind: str) -> Satellite | None:
    return next((s for s in flows.table.satellites.values() if s.kind == kind and s.figures.sum() > 0), None)


def _published_stock(
    flows: Flows, satellite: Satellite, assets: Assets, investment: Figures, rate: Figures, growth: float
) -> Figures:
    """Published stocks by asset where their labels are assets; else their sum, split as steady growth would have it."""
    figures = satellite.figures.clip(min=0)
    kinds = list(satellite.labels.codes)
    prior = investment / (growth + rate)[:, None]
    if set(assets.kinds) <= set(kinds):
        regions = np.array(
            [
                within(flows.table.activities.regions, label.split(":")[0] if ":" in label else "")
                for label in assets.labels.codes
            ]
        )
        stock = figures[[kinds.index(k) for k in assets.kinds]] * regions
        words = "by asset, as published"
    else:
        total = figures.sum(axis=0)
        size = prior.sum(axis=0)
        shares = np.divide(prior, size, out=np.zeros_like(prior), where=size > 0)
        bare = (size == 0) & (total > 0)
        shares[:, bare] = (prior.sum(axis=1) / prior.sum())[:, None]
        stock = shares * total
        words = f"{', '.join(kinds[:4])} as published, split over kinds of assets as steady growth would have it"
    flows.changes.append(
        Change(
            "capital",
            "stocks",
            words,
            float(stock.sum()),
            float(figures.sum()),
            "taken as stocks at the close of the base year, in its prices",
        )
    )
    return np.asarray(stock)


def _implied(
    flows: Flows, assets: Assets, stock: Figures, total: Figures, default: Figures, options: Options
) -> Figures:
    """Rates at which base investment keeps published stocks growing at g: δ = (1 + g) n / K − g."""
    held = stock.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (1 + options.growth) * total / held - options.growth
    chosen = np.array([k in options.depreciation for k in assets.kinds])
    usable = np.isfinite(rate) & (rate >= SLOWEST) & (rate <= FASTEST) & ~chosen
    out = np.where(usable, rate, default)
    words = ", ".join(f"{k} {r:.3f}" for k, r in zip(assets.labels.codes, out.tolist(), strict=True))
    flows.changes.append(
        Change(
            "capital",
            "depreciation",
            f"δ = (1 + g) I / K − g, g = {options.growth:g}: {words}"
            + ("" if usable.all() else "; the default rate where that is no rate"),
            0.0,
            0.0,
            "the rates at which the investment of the base year keeps the stocks growing",
        )
    )
    return np.asarray(out)


def _by_activity(flows: Flows, stock: Figures, rate: Figures, known: bool) -> Figures:
    """Rates by asset; beside published stocks, scaled by activity so that they give published depreciation."""
    delta = np.where(stock > 0, rate[:, None], 0.0)
    worn = _satellite(flows, "depreciation")
    if worn is None:
        return delta
    amount = worn.figures.clip(min=0).sum(axis=0)
    if not known:
        flows.changes.append(
            Change(
                "capital",
                "depreciation",
                "published depreciation left aside",
                float(amount.sum()),
                0.0,
                "there are no published stocks beside it",
            )
        )
        return delta
    ours = (delta * stock).sum(axis=0)
    factor = np.divide(amount, ours, out=np.ones_like(amount), where=(ours > 0) & (amount > 0))
    scaled = np.minimum(delta * factor, 1.0)
    flows.changes.append(
        Change(
            "capital",
            "depreciation",
            "rates scaled by activity to published depreciation",
            float(np.abs((scaled - delta) * stock).sum()),
            float(amount.sum()),
        )
    )
    return np.asarray(scaled)


def regional_income(flows: Flows, income: Figures) -> Figures:
    """Income of capital with output in its place in regions where it is nowhere above zero."""
    out = income.copy()
    for region in regions_of(flows.table.activities):
        here = np.array(within(flows.table.activities.regions, region))
        if out[here].sum() <= 0:
            out[here] = flows.output[here]
    return out


#: Years whose mean investment opens the inventory.
OPENING_YEARS = 3


def from_history(flows: Flows, assets: Assets, options: Options, investment: Figures, rate: Figures) -> Figures:
    """Stocks at the close of the base year from investment by asset of `options.history` and the table itself.

    Raises
    ------
    TableError
        If the years are not an unbroken run that ends before the base year, or a price is missing.
    """
    base = flows.table.source.base_year
    tables = sorted(options.history, key=lambda t: t.source.base_year)
    years = [*(t.source.base_year for t in tables), base]
    if years != list(range(years[0], base + 1)):
        raise TableError(
            "the years of investment have gaps",
            where="history",
            found=str(years),
            expected=f"every year up to {base - 1}",
            mend="give one table for each year",
        )
    money = np.zeros((len(assets.kinds), len(years)))
    for t, table in enumerate(tables):
        past = clean(table, options)
        found = find_assets(past, options, past.output)
        if found is None:
            raise TableError(
                "a table of the history has no investment", where=str(years[t]), mend="begin the history later"
            )
        for a, label in enumerate(assets.labels.codes):
            if label in found.labels.codes:
                money[a, t] = found.total[found.labels.codes.index(label)]
    money[:, -1] = assets.total
    if options.prices:
        if missing := [y for y in years if y not in options.prices]:
            raise TableError(
                "a price of investment is missing",
                where="prices",
                found=f"none for {missing[0]}",
                mend="give a price for every year of the history",
            )
        money = deflate(money, [options.prices[y] for y in years])
    first = money[:, : min(OPENING_YEARS, len(years))].mean(axis=1)
    held = perpetual_inventory(opening_stock(first, rate, options.growth), money, rate)[:, -1]
    size = investment.sum(axis=1, keepdims=True)
    stock = np.divide(investment * held[:, None], size, out=np.zeros_like(investment), where=size > 0)
    flows.changes.append(
        Change(
            "capital",
            "stocks",
            f"perpetual inventory {years[0]}–{base} by asset, opened at I / (g + δ) of "
            f"the first {min(OPENING_YEARS, len(years))} years, shared out as investment",
            float(stock.sum()),
            0.0,
            "in the prices of each year" if not options.prices else "in prices of the base year",
        )
    )
    return np.asarray(stock)
