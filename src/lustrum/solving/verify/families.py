"""The constraints of docs/model.md on products, assets, trade, people and adjustment, each family stated once.

To add a family, yield it in the function of its subject: its name and labels, its years, its right-hand sides and its
terms. Left-hand sides, prices, guards and tests follow from the terms. Tasks and the rows that carry an objective stand
in `objective`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from lustrum.planning.limits import base_import_share
from lustrum.planning.sections import InvestmentBand, OutputBand
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.terms import UNDATED, Array, Family, Mask, Matrix, Repeat, Scale, Term, Total

ASSETS = ("asset", "activity")
NEEDS = ("household", "need")

Sides = tuple[Array, Array]


def at_most(figures: Array) -> Sides:
    """Return the sides of rows ≤ figures."""
    return np.full(figures.shape, -np.inf), figures


def at_least(figures: Array) -> Sides:
    """Return the sides of rows ≥ figures."""
    return figures, np.full(figures.shape, np.inf)


def equal(figures: Array) -> Sides:
    """Return the sides of rows = figures."""
    return figures, figures


def family(
    name: str,
    dims: tuple[str, ...],
    years: range | None,
    sides: Sides,
    terms: Iterable[Term],
    rows: Mask | None = None,
) -> Family:
    """Make a family; without `years` it is undated.

    A row stands wherever its right-hand side is a number, and `rows` (if given) is true.
    """
    lower, upper = sides
    mask = ~np.isnan(lower) & ~np.isnan(upper)
    if rows is not None:
        mask &= rows
    dated = years is not None
    return Family(name, dims, UNDATED if years is None else years, mask, dated, lower, upper, tuple(terms))


def limit(f: Frame, name: str, variable: str, sides: Sides, years: range | int, rows: Mask | bool = True) -> Family:
    """Make a family of limits on single variables: v ≤ figure, v ≥ figure or v = figure.

    With one year instead of a range the family is undated, and about that year.
    """
    var = f.variables[variable]
    dated = None if isinstance(years, int) else years
    pairs = [(0, years)] if isinstance(years, int) else [(t, t) for t in years]
    exists = var.exists[..., [at - var.years.start for _, at in pairs]]
    terms = [Term(row, variable, at) for row, at in pairs]
    return family(name, var.dims, dated, sides, terms, exists & rows)


def follow(
    f: Frame,
    name: str,
    variable: str,
    sides: Sides,
    years: range,
    rows: Mask,
    factors: Array,
    opening: bool = True,
) -> Family:
    """Make a family that ties a year to the one before it: v_t − factor_t v_{t−1}, `factors` by year.

    The year before the first is a figure, and stands on the right; with `opening` false it is a variable too.
    """
    terms = []
    for k, t in enumerate(years):
        terms.append(Term(t, variable, t))
        if k > 0 or not opening:
            terms.append(Term(t, variable, t - 1, Scale(-factors[..., k])))
    return family(name, f.variables[variable].dims, years, sides, terms, rows)


# --- quantities that several families and aims speak of -----------------------------------------------


def production(f: Frame, t: int) -> Term:
    """S_t x_t (i)."""
    return Term(t, "output", t, Matrix(f.d.supply(t)))


def labour(f: Frame, t: int) -> Iterator[Term]:
    """Labour spent in year t (s): ℓ_{t+λ} x_{t+λ} + Σ_a Σ_τ φ_τa ℓᵏ_{a,t} Σ_j n_{a,t+τ}."""
    d, cal = f.d, f.calendar
    if served := f.served(t):
        year, factor = served
        yield Term(t, "output", year, Matrix(factor * d.labour_coefficient(t + cal.lag)))
    if t in cal.balance_years:
        for tau in f.building_years:
            effort = Matrix(d.building_labour(t) * f.building_share(tau))
            yield Term(t, "investment", t + tau, effort @ Total((1,)))


def resource_use(f: Frame, t: int) -> Term:
    """ρ_t x_t (q)."""
    return Term(t, "output", t, Matrix(f.d.resource_coefficient(t)))


# --- products: constraints 1 and 8 --------------------------------------------------------------------


def product_families(f: Frame) -> Iterator[Family]:
    """Product balance, reserves, closing stock, and sources of exports."""
    d, cal, limits = f.d, f.calendar, f.d.limits
    kept = (1 - d.storage_loss) * d.opening_stock
    available = -f.over(cal.balance_years, d.committed, ("product",))
    available[:, 0] += kept
    yield family("product_balance", ("product",), cal.balance_years, at_most(available), product_balance(f))
    yield limit(f, "reserve", "stock", at_least(limits.reserve), cal.plan_years)
    yield limit(f, "closing_stock", "stock", at_least(limits.closing_product_stock[:, None]), cal.plan)
    if d.has_trade:
        source = np.zeros((f.size("product"), len(cal.trade_years)))
        if cal.first_balance == 1:
            source[:, 0] = kept
        held = d.exportable.any(axis=1) & ~d.re_export
        rows = np.repeat(held[:, None], len(cal.trade_years), axis=1)
        yield family("export_source", ("product",), cal.trade_years, at_most(source), export_source(f), rows)


def product_balance(f: Frame) -> Iterator[Term]:
    """What is needed of each product, minus what there is.

    U_{t+λ} x_{t+λ} + b_t Σ_h y_t + Σ_p e_t + Σ_a Σ_τ φ_τa P_a Σ_j n_{a,t+τ} + s_t
    − S_t x_t − Σ_p m_t − (1−θ) s_{t−1}
    """
    d, cal = f.d, f.calendar
    building = {tau: Matrix(d.asset_composition * f.building_share(tau)) @ Total((1,)) for tau in f.building_years}
    for t in cal.balance_years:
        if served := f.served(t):
            year, factor = served
            yield Term(t, "output", year, Matrix(factor * d.use(t + cal.lag)))
        for tau, materials in building.items():
            yield Term(t, "investment", t + tau, materials)
        yield Term(t, "stock", t)
        if t > cal.first_balance:
            yield Term(t, "stock", t - 1, Scale(-(1 - d.storage_loss)))
        if t < 1:
            continue
        yield production(f, t).then(Scale(-1.0))
        if d.has_needs:
            yield Term(t, "consumption", t, Matrix(d.need_composition(t)) @ Total((0,)))
        yield Term(t, "exports", t, Total((1,)))
        yield Term(t, "imports", t, Scale(-1.0) @ Total((1,)))


def export_source(f: Frame) -> Iterator[Term]:
    """Exports beyond own output and stock: Σ_p e_t − S_t x_t − (1−θ) s_{t−1}."""
    for t in f.calendar.trade_years:
        yield Term(t, "exports", t, Total((1,)))
        yield production(f, t).then(Scale(-1.0))
        if t > f.calendar.first_balance:
            yield Term(t, "stock", t - 1, Scale(-(1 - f.d.storage_loss)))


# --- assets: constraints 2, 3, 9 and 14 ---------------------------------------------------------------


def asset_families(f: Frame) -> Iterator[Family]:
    """Capacity, accumulation, what is under construction, what may be built, terminal stocks and growth."""
    d, cal = f.d, f.calendar
    if not d.has_assets:
        return
    kappa = f.over(cal.output_years, d.capital_coefficient, ASSETS)
    yield family("capacity", ASSETS, cal.output_years, at_most(np.zeros(kappa.shape)), capacity(f), kappa > 0)
    opening = np.zeros((*f.shape(ASSETS), len(cal.stock_years)))
    opening[..., 0] = d.surviving(1) * d.capital_stock
    has_pair = np.repeat(d.pairs[:, :, None], len(cal.stock_years), axis=2)
    yield family("accumulation", ASSETS, cal.stock_years, equal(opening), accumulation(f), has_pair)

    years = f.investment_years
    started = d.pairs[:, :, None] & f.started[:, None, :]
    begun = np.full(started.shape, np.nan)
    for k, t in enumerate(years):
        if started[..., k].any():
            begun[..., k] = d.under_construction(t)
    yield limit(f, "under_construction", "investment", equal(begun), years, started)
    after = np.array([t > cal.last_balance for t in years])
    base = np.repeat(d.base_investment[:, :, None], len(years), axis=2)
    going_on = after & (base > 0) & ~f.started[:, None, :]
    growth = 1 + d.spec.terminal.growth
    yield limit(f, "after_plan", "investment", at_least(growth * base), years, going_on)
    free = f.free_to_invest(cal.plan_years)
    yield limit(f, "investment_ceiling", "investment", at_most(d.limits.investment_ceiling), cal.plan_years, free)
    yield limit(f, "terminal_stocks", "capital", at_least(d.limits.closing_capital[:, :, None]), cal.plan + 1)

    if (cap := d.spec.investment.stock_growth_cap) is not None:
        rows = free & (d.capital_stock > 0)[:, :, None]
        yield family("absorption", ASSETS, cal.plan_years, at_most(np.zeros(rows.shape)), absorption(f, cap), rows)
    if d.spec.terminal.rule == "growth":
        needed = d.capital_coefficient(cal.plan)
        # κ_T (1+g) x_T − k_{T+1}: assets that growth after the plan needs, beyond those it leaves
        terms = [
            Term(0, "output", cal.plan, Scale(needed * growth) @ Repeat((0,))),
            Term(0, "capital", cal.plan + 1, Scale(-1.0)),
        ]
        zero = np.zeros((*needed.shape, 1))
        yield family("terminal_growth", ASSETS, None, at_most(zero), terms, (needed > 0)[:, :, None])


def capacity(f: Frame) -> Iterator[Term]:
    """Assets needed minus assets there are: κ_t x_t − k_t."""
    for t in f.calendar.output_years:
        yield Term(t, "output", t, Scale(f.d.capital_coefficient(t)) @ Repeat((0,)))
        yield Term(t, "capital", t, Scale(-1.0))


def accumulation(f: Frame) -> Iterator[Term]:
    """k_t − σ_t (1−δ) k_{t−1} − σ_t n_{t−1}; the opening stock stands on the right."""
    first = f.calendar.stock_years.start
    for t in f.calendar.stock_years:
        yield Term(t, "capital", t)
        if t > first:
            yield Term(t, "capital", t - 1, Scale(-f.d.surviving(t) * (1 - f.d.depreciation)))
        if t - 1 in f.investment_years:
            yield Term(t, "investment", t - 1, Scale(-f.d.surviving(t)))


def absorption(f: Frame, cap: float) -> Iterator[Term]:
    """Investment beyond what stocks can absorb: n_t − (δ + cap) k_t."""
    for t in f.calendar.plan_years:
        yield Term(t, "investment", t)
        yield Term(t, "capital", t, Scale(-(f.d.depreciation + cap)))


# --- trade: constraints 5, 6 and 7 --------------------------------------------------------------------


def trade_families(f: Frame) -> Iterator[Family]:
    """Self-sufficiency, limits and bands on flows, import shares, exchange and debt."""
    d, limits, years = f.d, f.d.limits, f.calendar.trade_years
    shares = f.yearly(limits.self_sufficiency, years)
    terms = share_of_use(f, shares, of_output=True)
    yield family("self_sufficiency", ("product",), years, at_least(np.zeros(shares.shape)), terms, ~np.isnan(shares))
    if not d.has_trade:
        return
    for flow, name in (("imports", "import"), ("exports", "export")):
        ceiling, floor = getattr(limits, f"{name}_ceiling"), getattr(limits, f"{name}_floor")
        yield limit(f, f"{name}_ceiling", flow, at_most(f.yearly(ceiling, years)), years)
        yield limit(f, f"{name}_floor", flow, at_least(f.yearly(floor, years)), years)
    yield limit(f, "export_band_low", "exports", at_least(f.yearly(limits.export_band_low, years)), years)
    yield limit(f, "export_band_high", "exports", at_most(f.yearly(limits.export_band_high, years)), years)
    if d.spec.trade.import_share_band is not None:
        known = ~np.isnan(base_import_share(d))[:, None]
        for side, sides in (("low", at_least), ("high", at_most)):
            shares = f.yearly(np.where(known, getattr(limits, f"import_share_{side}"), np.nan), years)
            terms, rows = share_of_use(f, shares, of_output=False), ~np.isnan(shares)
            yield family(f"import_share_{side}", ("product",), years, sides(np.zeros(shares.shape)), terms, rows)
    if d.exchange_enforced:
        coming_in = f.over(years, d.transfers, ("region",))
        coming_in[:, 0] -= (1 + d.spec.trade.interest_rate) * d.opening_debt
        yield family("exchange", ("region",), years, at_most(coming_in), exchange(f))
        yield limit(f, "debt_ceiling", "debt", at_most(f.yearly(limits.debt_ceiling, years)), years)


def exchange(f: Frame) -> Iterator[Term]:
    """Foreign exchange spent minus earned: Σ π m − Σ πᵉ e − D_t + (1+ρ) D_{t−1}, by region."""
    d = f.d
    regions = np.arange(f.size("region"))[:, None]
    belongs = np.asarray(d.economy.product_region[None, :] == regions, dtype=float)
    for t in f.calendar.trade_years:
        yield Term(t, "imports", t, Matrix(belongs * d.import_price(t)) @ Total((1,)))
        yield Term(t, "exports", t, Matrix(-belongs * d.export_price(t)) @ Total((1,)))
        yield Term(t, "debt", t, Scale(-1.0))
        if t > 1:
            yield Term(t, "debt", t - 1, Scale(1 + d.spec.trade.interest_rate))


def share_of_use(f: Frame, shares: Array, of_output: bool) -> Iterator[Term]:
    """Output or imports beyond a share c of domestic use, use = S x + Σ_p m − Σ_p e.

    S x − c · use with `of_output`, else Σ_p m − c · use.
    """
    for t in f.calendar.trade_years:
        c = np.nan_to_num(shares[:, t - 1])
        yield production(f, t).then(Scale(float(of_output) - c))
        yield Term(t, "imports", t, Scale(float(not of_output) - c) @ Total((1,)))
        yield Term(t, "exports", t, Scale(c) @ Total((1,)))


# --- people and nature: constraints 4, 10 and 11 ------------------------------------------------------


def people_families(f: Frame) -> Iterator[Family]:
    """Labour, living standards, consumption after the plan, resources."""
    d, cal = f.d, f.calendar
    if d.labour_limited:
        supply = f.over(cal.labour_years, d.labour_supply, ("skill",))
        terms = [term for t in cal.labour_years for term in labour(f, t)]
        yield family("labour", ("skill",), cal.labour_years, at_most(supply), terms)
    if d.has_needs:
        yield limit(f, "consumption_floor", "consumption", at_least(d.limits.consumption_floor), cal.plan_years)
        if d.spec.living_standard.no_fall:
            growth = np.array([(d.population_ratio(t) / d.population_ratio(t - 1))[:, None] for t in cal.plan_years])
            growth = np.moveaxis(growth, 0, -1)
            floor = np.zeros((*f.shape(NEEDS), cal.plan))
            floor[..., 0] = growth[..., 0] * d.base_consumption
            rows = np.repeat(f.living[:, :, None], cal.plan, axis=2)
            yield follow(f, "no_fall", "consumption", at_least(floor), cal.plan_years, rows, growth)
        after = range(cal.plan + 1, cal.last_balance + 1)
        if len(after):
            zero = np.zeros((*f.shape(NEEDS), len(after)))
            rows = np.ones(zero.shape, dtype=bool)
            sides = at_least(zero)
            yield follow(
                f, "post_plan_consumption", "consumption", sides, after, rows, np.ones(len(after)), opening=False
            )
    if d.has_resources:
        budget = f.yearly(d.limits.resource_budget, cal.trade_years)
        terms = [resource_use(f, t) for t in cal.trade_years]
        yield family("resource", ("resource",), cal.trade_years, at_most(budget), terms)


# --- adjustment: constraints 13 and 14 ----------------------------------------------------------------


def adjustment_families(f: Frame) -> Iterator[Family]:
    """Bands on output and investment from year to year, and floors on output after the plan.

    The year before the first band is the base year, a figure. Accounts without output have bands from year 2.
    """
    d, cal, bands = f.d, f.calendar, f.d.spec.adjustment
    years = cal.plan_years
    rows = np.ones((f.size("activity"), len(years)), dtype=bool)
    rows[:, 0] = d.has_base_output
    fresh = (d.base_output <= 0) & d.has_base_output
    yield from band_families(f, "output", bands.output, years, rows, d.base_output, fresh)
    if d.has_assets:
        years, base = range(cal.first_balance, cal.plan + 1), d.base_investment
        yield from band_families(f, "investment", bands.investment, years, f.free_to_invest(years), base, base <= 0)
    after = range(cal.plan + 1, cal.last_output + 1)
    if len(after):
        floor = np.repeat(d.limits.output_floor[:, None], len(after), axis=1)
        yield limit(f, "output_floor", "output", at_least(floor), after)


def band_families(
    f: Frame, variable: str, band: OutputBand | InvestmentBand, years: range, rows: Mask, base: Array, fresh: Mask
) -> Iterator[Family]:
    """v_t − (1−a⁻) v_{t−1} ≥ 0 and v_t − (1+a⁺) v_{t−1} ≤ 0, or a step where the base is nothing (`fresh`)."""
    rows = rows & np.array([code not in band.exempt for code in f.labels("activity")])[:, None]
    if band.step is None:
        rows &= ~fresh[..., None]
    step = np.where(fresh, band.step or 0.0, 0.0)
    for name, rate, sides, extra in (
        ("down", None if band.down is None else 1 - band.down, at_least, np.zeros(base.shape)),
        ("up", None if band.up is None else 1 + band.up, at_most, step),
    ):
        if rate is not None:
            figure = np.repeat(extra[..., None], len(years), axis=-1)
            figure[..., 0] += rate * base
            yield follow(f, f"{variable}_{name}", variable, sides(figure), years, rows, np.full(len(years), rate))
