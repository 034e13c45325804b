"""What is wanted and what limits it: labour, living standard, resources (4, 10, 11), trade (5-7), and tasks (12)."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model
from lustrum.planning.tasks import ResolvedTask, ResolvedTerm


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
    m.bound("consumption_floor", "consumption", m.d.limits.consumption_floor, m.cal.plan_years, floor=True)


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
    if m.d.exchange_enforced:
        m.bound("debt_ceiling", "debt", m.by_year(m.d.limits.debt_ceiling, m.cal.trade_years), m.cal.trade_years)


def _on_flow(m: Model, family: str, flow: str, figures: np.ndarray, *, floor: bool) -> None:
    """Add rows `flow >= figures` or `flow <= figures` by product, partner and year, where there is such a flow."""
    years = m.cal.trade_years
    m.bound(family, flow, m.by_year(figures, years), years, floor=floor, exists=m.variables[flow].index >= 0)


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


def define_tasks(m: Model) -> None:
    """lower <= Σ terms + shortfall - excess <= upper."""
    tasks = m.d.tasks
    labels = {"task": [task_label(t) for t in tasks]}
    lower, upper = np.array([t.lower for t in tasks]), np.array([t.upper for t in tasks])
    elastic = np.array([t.elastic is not None for t in tasks], dtype=bool)
    rows = m.add_rows("task", labels, lower=lower, upper=upper)
    size = np.array([t.target for t in tasks])
    m.add_variables("shortfall", labels, elastic & np.isfinite(lower), scale=size)
    m.add_variables("excess", labels, elastic & np.isfinite(upper), scale=size)
    m.put(rows.index, m.variables["shortfall"].index, 1.0)
    m.put(rows.index, m.variables["excess"].index, -1.0)
    for row, task in zip(rows.index, tasks, strict=True):
        for term in task.terms:
            for columns, values in term_parts(m, term):
                m.put(row, columns, values)


def task_label(task: ResolvedTask) -> str:
    """Name and year of a task's row."""
    return f"{task.name} @ {task.year}"


def term_parts(m: Model, term: ResolvedTerm) -> list[tuple[np.ndarray, np.ndarray | float]]:
    """Positions and coefficients of a term; what the plan has no variable for counts as zero."""
    t, f = term.t, term.factor
    if term.of == "labour":
        skills = term.where[0]
        return [(columns, f * values[skills].sum(axis=0)) for columns, values in labour_terms(m, t)]
    if term.of == "production":
        return [(m.var("output", t), f * m.d.supply(t)[term.where[0]].sum(axis=0))]
    if term.of == "resource":
        return [(m.var("output", t), f * m.d.resource_coefficient(t)[term.where[0]].sum(axis=0))]
    return [(m.var(term.of, t)[np.ix_(*term.where)], f)]
