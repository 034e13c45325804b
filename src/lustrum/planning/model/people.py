"""People and nature: labour (4), living standard (10), resources (11)."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model


def define_labour(m: Model) -> None:
    """(4): ℓ x_{t+λ} + Σ φ ℓᵏ n_{t+τ} <= L_t. Marginal value: worth of one more unit of labour, >= 0."""
    d, cal = m.d, m.cal
    if not d.labour_limited:
        return
    supply = np.stack([d.labour_supply(t) for t in cal.labour_years], axis=-1)
    rows = m.add_rows("labour", m.sets("skill") | m.years(cal.labour_years), upper=supply)
    for t in cal.labour_years:
        for columns, values in labour_terms(m, t):
            m.put(m.row(rows, t)[:, None], columns[None, :], values)


def labour_terms(m: Model, t: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Labour spent in year t: positions of variables and coefficients (skill × variable)."""
    d = m.d
    out: list[tuple[np.ndarray, np.ndarray]] = []
    if served := m.served_output(t):
        columns, year, factor = served
        out.append((columns, factor * d.labour_coefficient(year)))
    if t in m.cal.balance_years:
        work = d.building_labour(t)
        for a, columns, share in m.building(t):
            out.append((columns, share * work[:, a : a + 1] * np.ones(columns.size)))
    return out


def define_consumption_floors(m: Model) -> None:
    """(10): y_t >= floor. Marginal value <= 0: what one more unit of the floor costs."""
    floor = m.d.limits.consumption_floor
    rows = m.add_rows(
        "consumption_floor", m.sets("household", "need") | m.years(m.cal.plan_years), ~np.isnan(floor), lower=floor
    )
    for t in m.cal.plan_years:
        m.put(m.row(rows, t), m.var("consumption", t), 1.0)


def define_no_fall(m: Model) -> None:
    """(10): consumption per head does not fall from year to year."""
    d, cal = m.d, m.cal
    if not d.spec.living_standard.no_fall or not d.has_needs:
        return
    base = d.base_consumption
    lower = np.zeros((*base.shape, cal.plan))
    lower[:, :, 0] = base * (d.population_ratio(1) / d.population_ratio(0))[:, None]
    rows = m.add_rows(
        "no_fall", m.sets("household", "need") | m.years(cal.plan_years), (base > 0)[:, :, None], lower=lower
    )
    for t in cal.plan_years:
        growth = (d.population_ratio(t) / d.population_ratio(t - 1))[:, None]
        m.put(m.row(rows, t), m.var("consumption", t), 1.0)
        m.put(m.row(rows, t), m.var("consumption", t - 1), -growth)


def define_post_plan_consumption(m: Model) -> None:
    """(14): in post-plan years consumption stays at least at its level."""
    years = range(m.cal.plan + 1, m.cal.last_balance + 1)
    if not m.d.has_needs or not years:
        return
    rows = m.add_rows("post_plan_consumption", m.sets("household", "need") | m.years(years), lower=0.0)
    for t in years:
        m.put(m.row(rows, t), m.var("consumption", t), 1.0)
        m.put(m.row(rows, t), m.var("consumption", t - 1), -1.0)


def define_resources(m: Model) -> None:
    """(11): ρ x_t <= budget_t. Marginal value: worth of one more unit of the resource, >= 0."""
    d, cal = m.d, m.cal
    if not d.has_resources:
        return
    budget = m.by_year(d.limits.resource_budget, cal.trade_years)
    rows = m.add_rows("resource", m.sets("resource") | m.years(cal.trade_years), ~np.isnan(budget), upper=budget)
    for t in cal.trade_years:
        m.put(m.row(rows, t)[:, None], m.var("output", t)[None, :], d.resource_coefficient(t))
