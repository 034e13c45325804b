"""People and nature: labour, living standards, resources (constraints 4, 10, 11)."""

from __future__ import annotations

import numpy as np

from lustrum.solving.verify.family import Family, at_least, at_most, family, follow, limit
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Cells, Ledger, Terms, Values, gather, plain, times

NEEDS = ("household", "need")


def people_families(f: Frame) -> list[Family]:
    """Labour, consumption floors, no fall, consumption after the plan, resources."""
    d, cal = f.d, f.calendar
    out: list[Family] = []
    if d.labour_limited:
        supply = f.over(cal.labour_years, d.labour_supply, ("skill",))

        def spent(f: Frame, v: Values, left: Ledger) -> None:
            for t in cal.labour_years:
                left.add(t, labour(f, v, t))

        def wages(f: Frame, wage: Cells, charge: Prices) -> None:
            for t in cal.labour_years:
                price_labour(f, t, wage.at(t), charge)

        out.append(family(f, "labour", ("skill",), cal.labour_years, at_most(supply), spent, wages))
    if d.has_needs:
        out += living_families(f)
    if d.has_resources:
        years = cal.trade_years

        def used(f: Frame, v: Values, left: Ledger) -> None:
            for t in years:
                left.add(t, resource_use(f, v, t))

        def royalties(f: Frame, royalty: Cells, charge: Prices) -> None:
            for t in years:
                price_resource_use(f, t, royalty.at(t), charge)

        budget = f.yearly(d.limits.resource_budget, years)
        out.append(family(f, "resource", ("resource",), years, at_most(budget), used, royalties))
    return out


def living_families(f: Frame) -> list[Family]:
    """Return the families on consumption.

    consumption_floor: y ≥ figure. no_fall: y_t − (N_t/N_{t−1}) y_{t−1} ≥ 0. post_plan_consumption:
    y_t − y_{t−1} ≥ 0 in the years after the plan.
    """
    d, cal = f.d, f.calendar
    out = [limit(f, "consumption_floor", "consumption", at_least(d.limits.consumption_floor), cal.plan_years)]
    if d.spec.living_standard.no_fall:

        def growth(t: int) -> np.ndarray:
            return np.asarray((d.population_ratio(t) / d.population_ratio(t - 1))[:, None])

        floor = np.zeros((*f.shape(NEEDS), cal.plan))
        floor[..., 0] = growth(1) * d.base_consumption
        rows = np.repeat(f.living[:, :, None], cal.plan, axis=2)
        out.append(follow(f, "no_fall", "consumption", at_least(floor), cal.plan_years, rows, growth, before=0))
    after = range(cal.plan + 1, cal.last_balance + 1)
    if len(after):
        zero = np.zeros((*f.shape(NEEDS), len(after)))
        rows = np.ones(zero.shape, dtype=bool)
        out.append(
            follow(f, "post_plan_consumption", "consumption", at_least(zero), after, rows, lambda t: 1.0, before=0)
        )
    return out


def labour(f: Frame, v: Values, t: int) -> Terms:
    """Labour spent in year t (s): ℓ_{t+λ} x_{t+λ} + Σ_a Σ_τ φ_τa ℓᵏ_{a,t} Σ_j n_{a,t+τ}."""
    d, cal = f.d, f.calendar
    out = plain(np.zeros(f.size("skill")))
    if served := f.served(t):
        year, factor = served
        out += times(factor * d.labour_coefficient(t + cal.lag), v["output"].at(year))
    if t in cal.balance_years:
        for tau in f.building_years:
            built = gather(v["investment"].at(t + tau), axis=1)
            out += times(d.building_labour(t) * f.building_share(tau), built)
    return out


def price_labour(f: Frame, t: int, wage: np.ndarray, charge: Prices) -> None:
    """Charge output and building for the labour they take in year t, at a wage by skill."""
    d, cal = f.d, f.calendar
    if served := f.served(t):
        year, factor = served
        charge.add("output", year, times(factor * d.labour_coefficient(t + cal.lag).T, wage))
    if t in cal.balance_years:
        for tau in f.building_years:
            cost = times((d.building_labour(t) * f.building_share(tau)).T, wage)
            charge.add("investment", t + tau, cost.spread(1))


def resource_use(f: Frame, v: Values, t: int) -> Terms:
    """ρ_t x_t (q)."""
    return times(f.d.resource_coefficient(t), v["output"].at(t))


def price_resource_use(f: Frame, t: int, royalty: np.ndarray, charge: Prices) -> None:
    """Charge output for the resources it uses."""
    charge.add("output", t, times(f.d.resource_coefficient(t).T, royalty))
