"""Products: what is needed against what there is, sources of exports, reserves (constraints 1 and 8)."""

from __future__ import annotations

import numpy as np

from lustrum.solving.verify.family import Family, at_least, at_most, family, limit
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import UNDATED, Cells, Ledger, Terms, Values, gather, times


def product_families(f: Frame) -> list[Family]:
    """Product balance, export source, reserve and closing stock."""
    d, cal, limits = f.d, f.calendar, f.d.limits
    kept = (1 - d.storage_loss) * d.opening_stock
    available = -f.over(cal.balance_years, d.committed, ("product",))
    available[:, 0] += kept
    out = [
        family(
            f,
            "product_balance",
            ("product",),
            cal.balance_years,
            at_most(available),
            product_balance,
            price_product_balance,
        ),
        limit(f, "reserve", "stock", at_least(limits.reserve), cal.plan_years),
        limit(f, "closing_stock", "stock", at_least(limits.closing_product_stock[:, None]), UNDATED, year=cal.plan),
    ]
    if d.has_trade:
        source = np.zeros((f.size("product"), len(cal.trade_years)))
        if cal.first_balance == 1:
            source[:, 0] = kept
        held = d.exportable.any(axis=1) & ~d.re_export
        rows = np.repeat(held[:, None], len(cal.trade_years), axis=1)
        out.append(
            family(
                f,
                "export_source",
                ("product",),
                cal.trade_years,
                at_most(source),
                export_source,
                price_export_source,
                rows,
            )
        )
    return out


def product_balance(f: Frame, v: Values, need: Ledger) -> None:
    """What is needed of each product, minus what there is.

    U_{t+λ} x_{t+λ} + b_t Σ_h y_t + Σ_p e_t + Σ_a Σ_τ φ_τa P_a Σ_j n_{a,t+τ} + s_t
    − S_t x_t − Σ_p m_t − (1−θ) s_{t−1}
    """
    d, cal = f.d, f.calendar
    for t in cal.balance_years:
        if served := f.served(t):
            year, factor = served
            need.add(t, times(factor * d.use(t + cal.lag), v["output"].at(year)))
        for tau in f.building_years:
            built = gather(v["investment"].at(t + tau), axis=1)
            need.add(t, times(d.asset_composition * f.building_share(tau), built))
        need.add(t, v["stock"].at(t))
        if t > cal.first_balance:
            need.add(t, -(1 - d.storage_loss) * v["stock"].at(t - 1))
        if t < 1:
            continue
        need.add(t, -times(d.supply(t), v["output"].at(t)))
        if d.has_needs:
            need.add(t, times(d.need_composition(t), gather(v["consumption"].at(t), axis=0)))
        need.add(t, gather(v["exports"].at(t), axis=1))
        need.add(t, -gather(v["imports"].at(t), axis=1))


def price_product_balance(f: Frame, price: Cells, charge: Prices) -> None:
    """Charge every variable for the products it needs, and pay it for those it brings."""
    d, cal = f.d, f.calendar
    for t in cal.balance_years:
        p = price.at(t)
        if served := f.served(t):
            year, factor = served
            charge.add("output", year, times(factor * d.use(t + cal.lag).T, p))
        for tau in f.building_years:
            cost = times((d.asset_composition * f.building_share(tau)).T, p)
            charge.add("investment", t + tau, cost.spread(1))
        charge.add("stock", t, p)
        if t > cal.first_balance:
            charge.add("stock", t - 1, -(1 - d.storage_loss) * p)
        if t < 1:
            continue
        charge.add("output", t, -times(d.supply(t).T, p))
        if d.has_needs:
            charge.add("consumption", t, times(d.need_composition(t).T, p).spread(0))
        charge.add("exports", t, p[:, None])
        charge.add("imports", t, -p[:, None])


def export_source(f: Frame, v: Values, left: Ledger) -> None:
    """Exports beyond own output and stock: Σ_p e_t − S_t x_t − (1−θ) s_{t−1}."""
    d = f.d
    for t in f.calendar.trade_years:
        left.add(t, gather(v["exports"].at(t), axis=1))
        left.add(t, -times(d.supply(t), v["output"].at(t)))
        if t > f.calendar.first_balance:
            left.add(t, -(1 - d.storage_loss) * v["stock"].at(t - 1))


def price_export_source(f: Frame, premium: Cells, charge: Prices) -> None:
    """Exports pay the premium on own products; output and stocks earn it."""
    d = f.d
    for t in f.calendar.trade_years:
        p = premium.at(t)
        charge.add("exports", t, p[:, None])
        charge.add("output", t, -times(d.supply(t).T, p))
        if t > f.calendar.first_balance:
            charge.add("stock", t - 1, -(1 - d.storage_loss) * p)


def production(f: Frame, v: Values, t: int) -> Terms:
    """S_t x_t (i)."""
    return times(f.d.supply(t), v["output"].at(t))


def price_production(f: Frame, t: int, p: np.ndarray, charge: Prices) -> None:
    """Charge output for the products it makes at prices p (i)."""
    made = np.flatnonzero(p)
    charge.add("output", t, times(f.d.supply(t)[made].T, p[made]))
