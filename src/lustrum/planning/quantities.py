"""Quantities of a plan year by year as plain arrays; t = 0 is the base year as the accounts have it.

No constraint is written here. Labour is that of docs/model.md (4), as it is spent in year t.
"""

from __future__ import annotations

import numpy as np

from lustrum.planning.plan import Plan, Stage
from lustrum.planning.tasks import ResolvedTask, ResolvedTerm


def main_stage(plan: Plan) -> Stage:
    """Return the stage of the plan's own aim: the last one but for a tie break, which only picks among equals."""
    named = [s for s in plan.stages if s.name == plan.spec.objective.kind]
    return named[-1] if named else plan.stages[-1]


def objective(plan: Plan) -> float:
    """Value of the plan's own aim (a cost is given as a cost)."""
    value = main_stage(plan).objective
    return -value if plan.spec.objective.kind == "least_cost" else value


def variable(plan: Plan, name: str, t: int) -> np.ndarray:
    """Return a variable in year t without its year axis; zero where the plan has no such variable or year."""
    d = plan.data
    base = {
        "output": lambda: d.base_output,
        "investment": lambda: d.base_investment,
        "imports": lambda: d.base_imports,
        "exports": lambda: d.base_exports,
        "consumption": lambda: d.base_consumption,
        "stock": lambda: d.opening_stock,
        "capital": lambda: d.capital_stock,
        "debt": lambda: d.opening_debt,
    }
    array = plan.values.get(name)
    year = d.calendar.year(t)
    if array is not None and year in array["year"].values:
        return np.nan_to_num(np.asarray(array.sel(year=year).values))
    return np.asarray(base[name]()) if t == 0 else np.zeros_like(np.asarray(base[name]()))


def production(plan: Plan, t: int) -> np.ndarray:
    """(S x)_i."""
    return np.asarray(plan.data.supply(max(t, 0)) @ variable(plan, "output", t))


def imports(plan: Plan, t: int) -> np.ndarray:
    """Imports by product from all partners."""
    return np.asarray(variable(plan, "imports", t).sum(axis=1))


def exports(plan: Plan, t: int) -> np.ndarray:
    """Exports by product to all partners."""
    return np.asarray(variable(plan, "exports", t).sum(axis=1))


def import_bill(plan: Plan, t: int) -> np.ndarray:
    """Π m by region, in foreign currency."""
    return _by_region(plan, plan.data.import_price(t) * imports(plan, t))


def export_earnings(plan: Plan, t: int) -> np.ndarray:
    """Πᵉ e by region, in foreign currency."""
    return _by_region(plan, plan.data.export_price(t) * exports(plan, t))


def _by_region(plan: Plan, by_product: np.ndarray) -> np.ndarray:
    region = plan.economy.product_region
    return np.bincount(region, weights=by_product, minlength=len(plan.data.regions))


def labour(plan: Plan, t: int) -> np.ndarray:
    """Labour spent in year t by skill: on the output whose inputs are of that year, and on building.

    In the base year: on base output and base investment.
    """
    d, cal = plan.data, plan.data.calendar
    if t == 0 and cal.lag == 0:
        return np.asarray(
            d.labour_coefficient(0) @ d.base_output + d.building_labour(0) @ d.base_investment.sum(axis=1)
        )
    served, factor = t + cal.lag, 1.0
    if served > cal.last_output:
        growing = cal.post == 0 and plan.spec.terminal.rule == "growth"
        served, factor = cal.plan, (1 + plan.spec.terminal.growth if growing else 0.0)
    spent = factor * d.labour_coefficient(served) @ variable(plan, "output", served)
    if t in cal.balance_years:
        spent = spent + d.building_labour(t) @ building_work(plan, t)
    return np.asarray(spent)


def building_work(plan: Plan, t: int) -> np.ndarray:
    """Assets worked on in year t, whole units: Σ_j Σ_τ φ_τa n_{a,j,t+τ}."""
    d = plan.data
    out = np.zeros(plan.economy.size("asset"))
    for a, shares in enumerate(d.gestation):
        for lead, share in enumerate(shares):
            if share > 0 and t + lead in d.investment_years(a):
                out[a] += share * variable(plan, "investment", t + lead)[a].sum()
    return out


def consumption_per_head(plan: Plan, t: int) -> np.ndarray:
    """Consumption by need over base consumption of as many people: 1 is the base level per head (NaN: no base)."""
    d = plan.data
    base = (d.base_consumption * d.population_ratio(t)[:, None]).sum(axis=0)
    now = variable(plan, "consumption", t).sum(axis=0)
    return np.divide(now, base, out=np.full_like(base, np.nan), where=base > 0)


def floor_per_head(plan: Plan, t: int) -> np.ndarray:
    """Floors under consumption on the same measure, by household and need; NaN where there is none."""
    d = plan.data
    base = d.base_consumption * d.population_ratio(t)[:, None]
    return np.divide(d.limits.consumption_floor[:, :, t - 1], base, out=np.full_like(base, np.nan), where=base > 0)


def level_per_head(plan: Plan, t: int) -> np.ndarray:
    """Consumption on the same measure, by household and need."""
    d = plan.data
    base = d.base_consumption * d.population_ratio(t)[:, None]
    return np.divide(variable(plan, "consumption", t), base, out=np.full_like(base, np.nan), where=base > 0)


def share_at_home(plan: Plan, t: int) -> float:
    """Domestic output over output + imports - exports, all products together: the FAO ratio."""
    made = production(plan, t).sum()
    use = made + imports(plan, t).sum() - exports(plan, t).sum()
    return float(made / use) if use > 0 else float("nan")


def term_value(plan: Plan, term: ResolvedTerm) -> float:
    """Value of one term of a task."""
    of, t = term.of, term.t
    if of == "labour":
        values = labour(plan, t)
    elif of == "production":
        values = production(plan, t)
    elif of == "resource":
        values = plan.data.resource_coefficient(t) @ variable(plan, "output", t)
    else:
        values = variable(plan, of, t)
    return float(term.factor * values[np.ix_(*term.where)].sum())


def task_value(plan: Plan, task: ResolvedTask) -> float:
    """What the plan reaches of a task."""
    return sum(term_value(plan, term) for term in task.terms)


def index_to_base(plan: Plan, dim: str, now: np.ndarray, base: np.ndarray) -> float:
    """Total against the base year.

    Where the labels are counted in different units nothing can be added up: the mean of each label's own
    ratio then stands for it.
    """
    units = {plan.economy.unit_of(dim, c) for c in plan.economy.codes(dim)}
    if len(units) <= 1:
        return float(now.sum() / base.sum()) if base.sum() > 0 else float("nan")
    known = base > 0
    return float((now[known] / base[known]).mean()) if known.any() else float("nan")
