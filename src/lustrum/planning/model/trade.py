"""Trade: foreign exchange (5), partners (6), self-sufficiency and import shares (7)."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model


def define_exchange(m: Model) -> None:
    """(5): Σ π m - Σ πᵉ e - D_t + (1+r) D_{t-1} <= transfers_t, by region. Marginal value >= 0."""
    d, cal = m.d, m.cal
    if not d.exchange_enforced:
        return
    factor = 1 + d.spec.trade.interest_rate
    known = np.stack([d.transfers(t) for t in cal.trade_years], axis=-1)
    known[:, 0] -= factor * d.opening_debt
    rows = m.add_rows("exchange", m.sets("region") | m.years(cal.trade_years), upper=known)
    for t in cal.trade_years:
        r = m.row(rows, t)
        of_product = r[d.economy.product_region][:, None]
        m.put(of_product, m.var("imports", t), d.import_price(t)[:, None])
        m.put(of_product, m.var("exports", t), -d.export_price(t)[:, None])
        m.put(r, m.var("debt", t), -1.0)
        m.put(r, m.var("debt", t - 1), factor)


def define_debt_ceiling(m: Model) -> None:
    """(5): D_t <= ceiling."""
    d, cal = m.d, m.cal
    if not d.exchange_enforced:
        return
    ceiling = m.by_year(d.limits.debt_ceiling, cal.trade_years)
    rows = m.add_rows("debt_ceiling", m.sets("region") | m.years(cal.trade_years), ~np.isnan(ceiling), upper=ceiling)
    for t in cal.trade_years:
        m.put(m.row(rows, t), m.var("debt", t), 1.0)


def _on_flow(m: Model, family: str, flow: str, figures: np.ndarray, *, floor: bool) -> None:
    """Add rows `flow >= figures` or `flow <= figures`, by product, partner and year."""
    years = m.cal.trade_years
    side = m.by_year(figures, years)
    exists = ~np.isnan(side) & (m.variables[flow].index >= 0)
    labels = m.sets("product", "partner") | m.years(years)
    rows = m.add_rows(family, labels, exists, **({"lower": side} if floor else {"upper": side}))
    m.put(rows.index, m.variables[flow].index, 1.0)


def define_trade_limits(m: Model) -> None:
    """(6): ceilings and floors on imports and exports by product and partner."""
    limits = m.d.limits
    _on_flow(m, "import_ceiling", "imports", limits.import_ceiling, floor=False)
    _on_flow(m, "import_floor", "imports", limits.import_floor, floor=True)
    _on_flow(m, "export_ceiling", "exports", limits.export_ceiling, floor=False)
    _on_flow(m, "export_floor", "exports", limits.export_floor, floor=True)


def define_export_bands(m: Model) -> None:
    """(6): exports stay near base exports grown with foreign demand."""
    _on_flow(m, "export_band_low", "exports", m.d.limits.export_band_low, floor=True)
    _on_flow(m, "export_band_high", "exports", m.d.limits.export_band_high, floor=False)


def _share_of_use(m: Model, rows: np.ndarray, t: int, share: np.ndarray) -> None:
    """Put m - share · (S x + m - e), by product, into rows; entries with no share are passed over."""
    c = np.nan_to_num(share)
    m.put(rows[:, None], m.var("imports", t), (1 - c)[:, None])
    m.put(rows[:, None], m.var("exports", t), c[:, None])
    m.put_rows(rows, m.var("output", t), m.d.supply(t), -c)


def define_import_shares(m: Model) -> None:
    """(7): the import share in domestic use moves away from the base share at a limited speed."""
    limits, years = m.d.limits, m.cal.trade_years
    labels = m.sets("product") | m.years(years)
    for family, share, sides in (
        ("import_share_low", limits.import_share_low, {"lower": 0.0}),
        ("import_share_high", limits.import_share_high, {"upper": 0.0}),
    ):
        rows = m.add_rows(family, labels, ~np.isnan(m.by_year(share, years)), **sides)
        for t in years:
            _share_of_use(m, m.row(rows, t), t, m.limit(share, t))


def define_self_sufficiency(m: Model) -> None:
    """(7): S x - σ (S x + m - e) >= 0: the FAO ratio."""
    sigma, years = m.d.limits.self_sufficiency, m.cal.trade_years
    rows = m.add_rows(
        "self_sufficiency", m.sets("product") | m.years(years), ~np.isnan(m.by_year(sigma, years)), lower=0.0
    )
    for t in years:
        r, level = m.row(rows, t), np.nan_to_num(m.limit(sigma, t))
        m.put_rows(r, m.var("output", t), m.d.supply(t), 1 - level)
        m.put(r[:, None], m.var("imports", t), -level[:, None])
        m.put(r[:, None], m.var("exports", t), level[:, None])
