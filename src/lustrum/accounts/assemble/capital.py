"""Capital by asset and activity: investment, stocks, rates, coefficients (docs/model.md (2), (3)).

Every figure that is not in the source follows from a rule named in the provenance; investment always adds up to
the table's fixed capital formation by asset, so that P n0 is the table's by product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.accounts.assemble.assets import Assets
from lustrum.accounts.assemble.clean import Flows
from lustrum.accounts.assemble.codes import regions_of, within
from lustrum.accounts.assemble.inventory import from_history
from lustrum.accounts.assemble.investors import by_industry
from lustrum.accounts.assemble.options import DEPRECIATION, Options
from lustrum.accounts.capital import opening_stock
from lustrum.accounts.national.table import Figures, Satellite
from lustrum.accounts.provenance import Change

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
