"""Assets: capacity (2), accumulation (3), building under way and after the plan (1), absorption (9)."""

from __future__ import annotations

import numpy as np

from lustrum.lp.problem import Grid
from lustrum.planning.model.context import Model


def define_capacity(m: Model) -> None:
    """(2): κ x_t - k_t <= 0. Marginal value: worth of one more unit of the asset in that year, >= 0."""
    d, cal = m.d, m.cal
    kappa = {t: d.capital_coefficient(t) for t in cal.output_years}
    exists = np.stack([kappa[t] > 0 for t in cal.output_years], axis=-1)
    rows = m.add_rows("capacity", m.sets("asset", "activity") | m.years(cal.output_years), exists, upper=0.0)
    for t in cal.output_years:
        r = m.row(rows, t)
        m.put(r, m.var("output", t)[None, :], kappa[t])
        m.put(r, m.var("capital", t), -1.0)


def define_accumulation(m: Model) -> None:
    """(3): k_{t+1} - σ_{t+1} ((1 - δ) k_t + n_t) = 0; k_1 = σ_1 K0 (+ σ_1 n_0 where year 0 is a decision year).

    σ is the share that survives losses at the start of a year, 1 where the plan file scales no stock by year.
    """
    d, cal = m.d, m.cal
    known = np.zeros((*d.pairs.shape, len(cal.stock_years)))
    known[:, :, 0] = d.surviving(1) * d.capital_stock
    rows = m.add_rows(
        "accumulation",
        m.sets("asset", "activity") | m.years(cal.stock_years),
        d.pairs[:, :, None],
        lower=known,
        upper=known,
    )
    for t in cal.stock_years:
        r = m.row(rows, t)
        m.put(r, m.var("capital", t), 1.0)
        survives = d.surviving(t)
        m.put(r, m.var("capital", t - 1), survives * (d.depreciation - 1))
        if t - 1 >= cal.first_balance:
            m.put(r, m.var("investment", t - 1), -survives)


def _under_construction(m: Model) -> np.ndarray:
    """Mask on the investment variables: put in place in a year whose building began before the plan."""
    grid = m.variables["investment"]
    years: tuple[int, ...] = grid.labels["year"]  # type: ignore[assignment]
    mask = np.zeros(grid.index.shape, dtype=bool)
    for a in range(m.e.size("asset")):
        for k, year in enumerate(years):
            mask[a, :, k] = m.d.is_under_construction(a, year - m.cal.base)
    return mask & (grid.index >= 0)


def _rows_like_investment(m: Model, name: str, exists: np.ndarray, **sides: np.ndarray | float) -> Grid:
    """Add rows on the labels of the investment variables and put each row on its own variable."""
    grid = m.variables["investment"]
    rows = m.add_rows(name, grid.labels, exists & (grid.index >= 0), **sides)
    m.put(rows.index, grid.index, 1.0)
    return rows


def define_under_construction(m: Model) -> None:
    """Assets whose building began before the first balance year are data: n_t = n̄_t."""
    mask = _under_construction(m)
    grid = m.variables["investment"]
    figures = np.zeros(grid.index.shape)
    for k, year in enumerate(grid.labels["year"]):
        if mask[..., k].any():
            figures[..., k] = m.d.under_construction(int(year) - m.cal.base)  # type: ignore[call-overload]
    _rows_like_investment(m, "under_construction", mask, lower=figures, upper=figures)


def define_after_plan(m: Model) -> None:
    """Assets put in place after the last balance year: at least (1 + g) times the base level."""
    grid = m.variables["investment"]
    later = np.array([int(y) > m.cal.year(m.cal.last_balance) for y in grid.labels["year"]])  # type: ignore[call-overload]
    base = m.d.base_investment[:, :, None]
    exists = later[None, None, :] & (base > 0) & ~_under_construction(m)
    floor = (1 + m.d.spec.terminal.growth) * base
    _rows_like_investment(m, "after_plan", exists, lower=floor)


def _plan_mask(m: Model, t: int) -> np.ndarray:
    """Pairs whose investment in year t is a decision."""
    fixed = np.array([m.d.is_under_construction(a, t) for a in range(m.e.size("asset"))], dtype=bool)
    return m.d.pairs & ~fixed[:, None]


def define_absorption(m: Model) -> None:
    """(9): n_t <= (δ + cap) k_t: an activity's stock grows no faster than it can take in."""
    cap, d, cal = m.d.spec.investment.stock_growth_cap, m.d, m.cal
    if cap is None or not d.has_assets:
        return
    exists = np.stack([_plan_mask(m, t) & (d.capital_stock > 0) for t in cal.plan_years], axis=-1)
    rows = m.add_rows("absorption", m.sets("asset", "activity") | m.years(cal.plan_years), exists, upper=0.0)
    for t in cal.plan_years:
        m.put(m.row(rows, t), m.var("investment", t), 1.0)
        m.put(m.row(rows, t), m.var("capital", t), -(d.depreciation + cap))


def define_investment_ceilings(m: Model) -> None:
    """(9): n_t <= ceiling."""
    d, cal = m.d, m.cal
    ceiling = d.limits.investment_ceiling
    exists = np.stack([_plan_mask(m, t) for t in cal.plan_years], axis=-1) & ~np.isnan(ceiling)
    rows = m.add_rows(
        "investment_ceiling", m.sets("asset", "activity") | m.years(cal.plan_years), exists, upper=ceiling
    )
    for t in cal.plan_years:
        m.put(m.row(rows, t), m.var("investment", t), 1.0)
