"""Trade: foreign exchange and debt, partners, shares and self-sufficiency (constraints 5, 6, 7)."""

from __future__ import annotations

import numpy as np

from lustrum.planning.limits import base_import_share
from lustrum.solving.verify.family import Family, at_least, at_most, family, limit
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Cells, Ledger, Values, gather, times
from lustrum.solving.verify.products import price_production, production


def trade_families(f: Frame) -> list[Family]:
    """Exchange, debt ceiling, limits and bands on flows, import shares, self-sufficiency."""
    d, limits, years = f.d, f.d.limits, f.calendar.trade_years
    out = [share_family(f, "self_sufficiency", limits.self_sufficiency)]
    if not d.has_trade:
        return out
    for flow, name in (("imports", "import"), ("exports", "export")):
        ceiling, floor = getattr(limits, f"{name}_ceiling"), getattr(limits, f"{name}_floor")
        out.append(limit(f, f"{name}_ceiling", flow, at_most(f.yearly(ceiling, years)), years))
        out.append(limit(f, f"{name}_floor", flow, at_least(f.yearly(floor, years)), years))
    out += [
        limit(f, "export_band_low", "exports", at_least(f.yearly(limits.export_band_low, years)), years),
        limit(f, "export_band_high", "exports", at_most(f.yearly(limits.export_band_high, years)), years),
    ]
    if d.spec.trade.import_share_band is not None:
        known = ~np.isnan(base_import_share(d))[:, None]
        for side in ("low", "high"):
            share = np.where(known, getattr(limits, f"import_share_{side}"), np.nan)
            out.append(share_family(f, f"import_share_{side}", share))
    if d.exchange_enforced:
        coming_in = f.over(years, d.transfers, ("region",))
        coming_in[:, 0] -= (1 + d.spec.trade.interest_rate) * d.opening_debt
        out.append(family(f, "exchange", ("region",), years, at_most(coming_in), exchange, price_exchange))
        out.append(limit(f, "debt_ceiling", "debt", at_most(f.yearly(limits.debt_ceiling, years)), years))
    return out


def products_of_regions(f: Frame) -> np.ndarray:
    """(r, i): 1 where a product belongs to a region."""
    regions = np.arange(f.size("region"))[:, None]
    return np.asarray(f.d.economy.product_region[None, :] == regions, dtype=float)


def exchange(f: Frame, v: Values, left: Ledger) -> None:
    """Foreign exchange spent minus earned: Σ π m − Σ πᵉ e − D_t + (1+ρ) D_{t−1}, by region."""
    d, belongs = f.d, products_of_regions(f)
    for t in f.calendar.trade_years:
        left.add(t, times(belongs * d.import_price(t), gather(v["imports"].at(t), axis=1)))
        left.add(t, -times(belongs * d.export_price(t), gather(v["exports"].at(t), axis=1)))
        left.add(t, -v["debt"].at(t))
        if t > 1:
            left.add(t, (1 + d.spec.trade.interest_rate) * v["debt"].at(t - 1))


def price_exchange(f: Frame, rate: Cells, charge: Prices) -> None:
    """Imports pay the worth of foreign exchange, exports earn it; debt brings it now and takes it later."""
    d, belongs = f.d, products_of_regions(f)
    for t in f.calendar.trade_years:
        worth = rate.at(t)
        charge.add("imports", t, times((belongs * d.import_price(t)).T, worth).spread(1))
        charge.add("exports", t, -times((belongs * d.export_price(t)).T, worth).spread(1))
        charge.add("debt", t, -worth)
        if t > 1:
            charge.add("debt", t - 1, (1 + d.spec.trade.interest_rate) * worth)


def share_family(f: Frame, name: str, shares: np.ndarray) -> Family:
    """A share of domestic use, use = S x + Σ_p m − Σ_p e, of imports or of own output.

    import_share_low, import_share_high: Σ_p m − c · use ≥ 0, ≤ 0. self_sufficiency: S x − σ · use ≥ 0.
    """
    years = f.calendar.trade_years
    by_year = f.yearly(shares, years)
    of_output = name == "self_sufficiency"
    zero = np.zeros(by_year.shape)

    def forward(f: Frame, v: Values, left: Ledger) -> None:
        for t in years:
            c = np.nan_to_num(by_year[:, t - 1])
            left.add(t, production(f, v, t) * ((1.0 if of_output else 0.0) - c))
            left.add(t, gather(v["imports"].at(t), axis=1) * ((0.0 if of_output else 1.0) - c))
            left.add(t, gather(v["exports"].at(t), axis=1) * c)

    def adjoint(f: Frame, premium: Cells, charge: Prices) -> None:
        for t in years:
            c, p = np.nan_to_num(by_year[:, t - 1]), premium.at(t)
            price_production(f, t, p * ((1.0 if of_output else 0.0) - c), charge)
            charge.add("imports", t, (p * ((0.0 if of_output else 1.0) - c))[:, None])
            charge.add("exports", t, (p * c)[:, None])

    sides = at_most(zero) if name == "import_share_high" else at_least(zero)
    return family(f, name, ("product",), years, sides, forward, adjoint, ~np.isnan(by_year))
