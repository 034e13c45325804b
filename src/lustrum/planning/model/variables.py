"""The variables of docs/model.md section 3, with a natural size each so that the solver sees numbers near 1."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model


def define_variables(m: Model) -> None:
    """x, n, k, m, e, s, y, D, all >= 0 but debt, only where the plan has them."""
    d, cal = m.d, m.cal
    size = _typical(m)
    m.add_variables(
        "output", m.sets("activity") | m.years(cal.output_years), scale=_sized(d.base_output, size)[:, None]
    )
    _define_assets(m, size)
    trade = m.years(cal.trade_years)
    flows = m.sets("product", "partner") | trade
    m.add_variables(
        "imports", flows, (d.importable & d.has_trade)[:, :, None], scale=_sized(d.base_imports, size)[:, :, None]
    )
    m.add_variables(
        "exports", flows, (d.exportable & d.has_trade)[:, :, None], scale=_sized(d.base_exports, size)[:, :, None]
    )
    m.add_variables(
        "stock",
        m.sets("product") | m.years(cal.balance_years),
        d.storable[:, None],
        scale=_sized(d.opening_stock, size)[:, None],
    )
    m.add_variables(
        "consumption",
        m.sets("household", "need") | trade,
        d.consumes[:, :, None],
        scale=_sized(d.base_consumption, size)[:, :, None],
    )
    money = max(float(d.base_imports.sum()), size)
    exchange = np.full((len(d.regions), 1), d.exchange_enforced)
    m.add_variables("debt", m.sets("region") | trade, exchange, lower=-np.inf, scale=money)


def _define_assets(m: Model, size: float) -> None:
    d, cal = m.d, m.cal
    lead = max((d.build_lead(a) for a in range(m.e.size("asset"))), default=0)
    years = range(cal.first_balance, cal.last_balance + lead + 1)
    mask = np.zeros((*d.pairs.shape, len(years)), dtype=bool)
    for a in range(m.e.size("asset")):
        for k, t in enumerate(years):
            mask[a, :, k] = d.pairs[a] & (t in d.investment_years(a))
    m.add_variables(
        "investment",
        m.sets("asset", "activity") | m.years(years),
        mask,
        scale=_sized(d.base_investment, size)[:, :, None],
    )
    m.add_variables(
        "capital",
        m.sets("asset", "activity") | m.years(cal.stock_years),
        d.pairs[:, :, None],
        scale=_sized(d.capital_stock, size)[:, :, None],
    )


def _typical(m: Model) -> float:
    """Return a typical size of a flow in these accounts."""
    for values in (m.d.base_output, m.d.committed(1), m.d.capital_stock, m.d.opening_stock):
        positive = np.abs(values[values != 0])
        if positive.size:
            return float(positive.mean())
    return 1.0


def _sized(values: np.ndarray, typical: float) -> np.ndarray:
    """Base value as the size of a variable; a small share of the typical flow where the base is near zero."""
    return np.maximum(values, 1e-3 * typical)
