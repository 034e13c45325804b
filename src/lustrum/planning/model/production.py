"""Production: products (1, 6b, 8), assets (1, 2, 3, 9), how fast both may move (13), what the close must leave (14)."""

from __future__ import annotations

import numpy as np

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.lp.problem import Grid
from lustrum.planning.model.context import Model
from lustrum.planning.sections import InvestmentBand, OutputBand


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
    years = m.cal.output_years
    m.bound("output_ceiling", "output", m.by_year(m.d.limits.output_ceiling, years), years)


def define_reserves(m: Model) -> None:
    """(8): closing stock of a year >= reserve."""
    m.bound("reserve", "stock", m.d.limits.reserve, m.cal.plan_years, floor=True)


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
    years = m.cal.plan_years
    exists = np.stack([_plan_mask(m, t) for t in years], axis=-1)
    m.bound("investment_ceiling", "investment", m.d.limits.investment_ceiling, years, exists=exists)


def _under_band(m: Model, band: OutputBand | InvestmentBand, where: str) -> np.ndarray:
    """Activities under a band."""
    codes = m.e.codes("activity")
    for code in band.exempt:
        if code not in codes:
            expected, mend = unknown_label(code, codes, "activity")
            raise SpecError(f"unknown activity {code!r}", where=where, expected=expected, mend=mend)
    return np.array([c not in band.exempt for c in codes])


def define_output_bands(m: Model) -> None:
    """(13): x_t within (1 - a⁻) and (1 + a⁺) of the year before; the first year is held to base output, if known."""
    band, d = m.d.spec.adjustment.output, m.d
    years = range(1 if d.has_base_output else 2, m.cal.plan + 1)
    exists = _under_band(m, band, "adjustment.output.exempt")[:, None]
    _define_bands(m, "output", band, d.base_output, years, exists, known=d.has_base_output)


def define_investment_bands(m: Model) -> None:
    """(13): the same for assets put in place; nothing is asked of what is already under construction."""
    band, d = m.d.spec.adjustment.investment, m.d
    exists = _under_band(m, band, "adjustment.investment.exempt")
    if d.has_assets:
        years = range(m.cal.first_balance, m.cal.plan + 1)
        decided = np.stack([_plan_mask(m, t) for t in years], axis=-1)
        _define_bands(m, "investment", band, d.base_investment, years, decided & exists[None, :, None], known=True)


def _define_bands(
    m: Model,
    variable: str,
    band: OutputBand | InvestmentBand,
    base: np.ndarray,
    years: range,
    exists: np.ndarray,
    *,
    known: bool,
) -> None:
    """Add rows `down` and `up` of a variable; what has no base has a step each year, or no band."""
    new = (base <= 0) & known
    if band.step is None:
        exists = exists & ~new[..., None]
    step = np.where(new, band.step or 0.0, 0.0)
    dims = (dim for dim in m.variables[variable].dims if dim != "year")
    labels = m.sets(*dims) | m.years(years)
    for side, rate, sign, key in (("down", band.down, -1.0, "lower"), ("up", band.up, 1.0, "upper")):
        if rate is None or not years:
            continue
        factor = 1 + sign * rate
        figures = np.repeat((step if sign > 0 else 0.0 * step)[..., None], len(years), axis=-1)
        if known:
            figures[..., 0] += factor * base
        rows = m.add_rows(f"{variable}_{side}", labels, exists, **{key: figures})
        for t in years:
            m.put(m.row(rows, t), m.var(variable, t), 1.0)
            m.put(m.row(rows, t), m.var(variable, t - 1), -factor)


def define_terminal(m: Model) -> None:
    """Capacity able to grow at g (`growth`), given stocks (`stocks`), or output after the plan (`output_floor`)."""
    d, cal, terminal = m.d, m.cal, m.d.spec.terminal
    closing = m.var("capital", cal.plan + 1)
    pairs = m.sets("asset", "activity")
    if terminal.rule == "growth":
        kappa = d.capital_coefficient(cal.plan)
        rows = m.add_rows("terminal_growth", pairs, kappa > 0, upper=0.0)
        m.put(rows.index, m.var("output", cal.plan)[None, :], (1 + terminal.growth) * kappa)
        m.put(rows.index, closing, -1.0)
    elif terminal.rule == "stocks":
        floor = d.limits.closing_capital
        rows = m.add_rows("terminal_stocks", pairs, ~np.isnan(floor), lower=floor)
        m.put(rows.index, closing, 1.0)
    elif terminal.rule == "output_floor":
        years = range(cal.plan + 1, cal.last_output + 1)
        floor = np.repeat(d.limits.output_floor[:, None], len(years), axis=1)
        m.bound("output_floor", "output", floor, years, floor=True)


def define_closing_stocks(m: Model) -> None:
    """Product stocks at the close of at least s0 (1 + g)^T."""
    floor = m.d.limits.closing_product_stock
    rows = m.add_rows("closing_stock", m.sets("product"), ~np.isnan(floor), lower=floor)
    m.put(rows.index, m.var("stock", m.cal.plan), 1.0)
