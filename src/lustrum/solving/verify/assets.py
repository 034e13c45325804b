"""Assets: capacity, accumulation, what is under construction, and what may be built (constraints 2, 3, 9)."""

from __future__ import annotations

import numpy as np

from lustrum.solving.verify.family import Family, at_least, at_most, equal, family, limit
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import UNDATED, Cells, Ledger, Values

DIMS = ("asset", "activity")


def asset_families(f: Frame) -> list[Family]:
    """Capacity, accumulation, building and its limits, terminal stocks and growth."""
    d, cal = f.d, f.calendar
    if not d.has_assets:
        return []
    kappa = f.over(cal.output_years, d.capital_coefficient, DIMS)
    opening = np.zeros((*f.shape(DIMS), len(cal.stock_years)))
    opening[..., 0] = d.surviving(1) * d.capital_stock
    has_pair = np.repeat(d.pairs[:, :, None], len(cal.stock_years), axis=2)

    years = f.investment_years
    started = d.pairs[:, :, None] & f.started[:, None, :]
    begun = np.full(started.shape, np.nan)
    for k, t in enumerate(years):
        if started[..., k].any():
            begun[..., k] = d.under_construction(t)
    after = np.array([t > cal.last_balance for t in years])
    base = np.repeat(d.base_investment[:, :, None], len(years), axis=2)
    going_on = after & (base > 0) & ~f.started[:, None, :]

    out = [
        family(
            f, "capacity", DIMS, cal.output_years, at_most(np.zeros(kappa.shape)), capacity, price_capacity, kappa > 0
        ),
        family(f, "accumulation", DIMS, cal.stock_years, equal(opening), accumulation, price_accumulation, has_pair),
        limit(f, "under_construction", "investment", equal(begun), years, started),
        limit(f, "after_plan", "investment", at_least((1 + d.spec.terminal.growth) * base), years, going_on),
        limit(
            f,
            "investment_ceiling",
            "investment",
            at_most(d.limits.investment_ceiling),
            cal.plan_years,
            f.free_to_invest(cal.plan_years),
        ),
        limit(
            f, "terminal_stocks", "capital", at_least(d.limits.closing_capital[:, :, None]), UNDATED, year=cal.plan + 1
        ),
    ]
    if d.spec.investment.stock_growth_cap is not None:
        rows = f.free_to_invest(cal.plan_years) & (d.capital_stock > 0)[:, :, None]
        out.append(
            family(
                f, "absorption", DIMS, cal.plan_years, at_most(np.zeros(rows.shape)), absorption, price_absorption, rows
            )
        )
    if d.spec.terminal.rule == "growth":
        rows = (d.capital_coefficient(cal.plan) > 0)[:, :, None]
        out.append(
            family(
                f,
                "terminal_growth",
                DIMS,
                UNDATED,
                at_most(np.zeros(rows.shape)),
                terminal_growth,
                price_terminal_growth,
                rows,
                dated=False,
            )
        )
    return out


def capacity(f: Frame, v: Values, left: Ledger) -> None:
    """Assets needed minus assets there are: κ_t x_t − k_t."""
    for t in f.calendar.output_years:
        left.add(t, f.d.capital_coefficient(t) * v["output"].at(t))
        left.add(t, -v["capital"].at(t))


def price_capacity(f: Frame, rent: Cells, charge: Prices) -> None:
    """Output pays rent on the assets it needs; assets earn it."""
    for t in f.calendar.output_years:
        due = f.d.capital_coefficient(t) * rent.at(t)
        for asset in due:
            charge.add("output", t, asset)
        charge.add("capital", t, -rent.at(t))


def accumulation(f: Frame, v: Values, left: Ledger) -> None:
    """k_t − σ_t (1−δ) k_{t−1} − σ_t n_{t−1}; the opening stock stands on the right."""
    first = f.calendar.stock_years.start
    for t in f.calendar.stock_years:
        left.add(t, v["capital"].at(t))
        if t > first:
            left.add(t, -f.d.surviving(t) * (1 - f.d.depreciation) * v["capital"].at(t - 1))
        if t - 1 in f.investment_years:
            left.add(t, -f.d.surviving(t) * v["investment"].at(t - 1))


def price_accumulation(f: Frame, worth: Cells, charge: Prices) -> None:
    """A stock pays its worth of this year, earns what is left of it next year; investment earns it too."""
    first = f.calendar.stock_years.start
    for t in f.calendar.stock_years:
        charge.add("capital", t, worth.at(t))
        if t > first:
            charge.add("capital", t - 1, -f.d.surviving(t) * (1 - f.d.depreciation) * worth.at(t))
        if t - 1 in f.investment_years:
            charge.add("investment", t - 1, -f.d.surviving(t) * worth.at(t))


def absorption(f: Frame, v: Values, left: Ledger) -> None:
    """Investment beyond what stocks can absorb: n_t − (δ + cap) k_t."""
    rate = f.d.depreciation + (f.d.spec.investment.stock_growth_cap or 0.0)
    for t in f.calendar.plan_years:
        left.add(t, v["investment"].at(t))
        left.add(t, -rate * v["capital"].at(t))


def price_absorption(f: Frame, premium: Cells, charge: Prices) -> None:
    """Investment pays the premium, stocks earn (δ + cap) of it."""
    rate = f.d.depreciation + (f.d.spec.investment.stock_growth_cap or 0.0)
    for t in f.calendar.plan_years:
        charge.add("investment", t, premium.at(t))
        charge.add("capital", t, -rate * premium.at(t))


def terminal_growth(f: Frame, v: Values, left: Ledger) -> None:
    """Assets that growth after the plan needs, minus those it leaves: κ_T (1+g) x_T − k_{T+1}."""
    last, growth = f.calendar.plan, f.d.spec.terminal.growth
    left.add(0, f.d.capital_coefficient(last) * (1 + growth) * v["output"].at(last))
    left.add(0, -v["capital"].at(last + 1))


def price_terminal_growth(f: Frame, rent: Cells, charge: Prices) -> None:
    """Output of the last year pays for the growth it must leave room for."""
    last, growth = f.calendar.plan, f.d.spec.terminal.growth
    for asset in f.d.capital_coefficient(last) * (1 + growth) * rent.at(0):
        charge.add("output", last, asset)
    charge.add("capital", last + 1, -rent.at(0))
