"""Products: the balance of each product (1), the source of exports (1), output ceilings (6b) and reserves (8)."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model


def define_product_balance(m: Model) -> None:
    """(1): inputs + consumption + exports + building + closing stock - output - imports - opening stock <= -f.

    Marginal value: worth of one more unit of the product, >= 0.
    """
    d, cal = m.d, m.cal
    supply_known = np.stack([-d.committed(t) for t in cal.balance_years], axis=-1)
    kept = 1 - d.storage_loss
    supply_known[:, 0] += kept * d.opening_stock
    rows = m.add_rows("product_balance", m.sets("product") | m.years(cal.balance_years), upper=supply_known)
    for t in cal.balance_years:
        r = m.row(rows, t)
        if served := m.served_output(t):
            columns, year, factor = served
            m.put_matrix(r, columns, d.use(year), factor)
        m.put(r, m.var("stock", t), 1.0)
        m.put(r, m.var("stock", t - 1), -kept)
        for a, columns, share in m.building(t):
            m.put_same(r, columns, share * d.asset_composition[:, a])
        if t >= 1:
            m.put_matrix(r, m.var("output", t), d.supply(t), -1.0)
            m.put(r[:, None], m.var("imports", t), -1.0)
            m.put(r[:, None], m.var("exports", t), 1.0)
            if d.has_needs:
                for columns in m.var("consumption", t):
                    m.put(r[:, None], columns[None, :], d.need_composition(t))


def define_export_source(m: Model) -> None:
    """(1): exports <= own output + opening stock, unless the product is a re-export good."""
    d, cal = m.d, m.cal
    exists = (~d.re_export & d.exportable.any(axis=1) & d.has_trade)[:, None]
    upper = np.zeros((m.e.size("product"), len(cal.trade_years)))
    kept = 1 - d.storage_loss
    if cal.first_balance == 1:
        upper[:, 0] = kept * d.opening_stock
    rows = m.add_rows("export_source", m.sets("product") | m.years(cal.trade_years), exists, upper=upper)
    for t in cal.trade_years:
        r = m.row(rows, t)
        m.put(r[:, None], m.var("exports", t), 1.0)
        m.put_rows(r, m.var("output", t), d.supply(t), -np.ones(r.size))
        m.put(r, m.var("stock", t - 1), -kept)


def define_output_ceilings(m: Model) -> None:
    """(6b): x_t <= ceiling. Marginal value: worth of being allowed one more unit of output, >= 0."""
    ceiling = m.by_year(m.d.limits.output_ceiling, m.cal.output_years)
    rows = m.add_rows(
        "output_ceiling", m.sets("activity") | m.years(m.cal.output_years), ~np.isnan(ceiling), upper=ceiling
    )
    for t in m.cal.output_years:
        m.put(m.row(rows, t), m.var("output", t), 1.0)


def define_reserves(m: Model) -> None:
    """(8): closing stock of a year >= reserve."""
    floor = m.d.limits.reserve
    rows = m.add_rows("reserve", m.sets("product") | m.years(m.cal.plan_years), ~np.isnan(floor), lower=floor)
    for t in m.cal.plan_years:
        m.put(m.row(rows, t), m.var("stock", t), 1.0)
