"""Small random economies and plan files that between them have rows of every constraint family.

The base year of each economy balances by construction, with some slack in labour and exchange, so that
plans near the base are feasible.
"""

from __future__ import annotations

import numpy as np
import pytest

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.planning.data import PlanData
from lustrum.planning.spec import PlanSpec
from lustrum.solving.verify.check import all_families
from lustrum.solving.verify.frame import Frame

BASE = 2020


def closed_economy(seed: int = 0) -> Economy:
    """Three products, one activity each, one asset, one skill, one household; no trade."""
    rng = np.random.default_rng(seed)
    use = rng.uniform(0.02, 0.2, (3, 3))
    x0 = rng.uniform(50, 150, 3)
    k0 = rng.uniform(1, 2, (1, 3)) * x0
    delta = rng.uniform(0.04, 0.1, (1, 3))
    n0 = delta * k0
    composition = np.array([[0.0], [0.4], [0.6]])
    need = np.array([[0.9, 0.0], [0.1, 0.3], [0.0, 0.7]])
    left = x0 - use @ x0 - composition @ n0.sum(axis=1)
    y0 = 0.5 * np.array([[left[0], max(left[1], left[2])]])
    return Economy.build(
        Source("closed", base_year=BASE),
        {
            "product": ["a", "b", "c"],
            "activity": ["a", "b", "c"],
            "asset": ["plant"],
            "skill": ["all"],
            "household": ["all"],
            "need": ["food", "other"],
        },
        {
            "supply": np.eye(3),
            "use": use,
            "output": x0,
            "asset_composition": composition,
            "depreciation": delta,
            "investment": n0,
            "capital_stock": k0,
            "utilisation": np.array([0.9, 0.95, 0.92]),
            "labour_coefficient": rng.uniform(0.5, 1, (1, 3)),
            "labour_supply": np.array([1.1 * x0.sum()]),
            "need_composition": need,
            "consumption": y0,
            "committed_demand": left - need @ y0.sum(axis=0),
        },
    )


def open_economy(seed: int = 0, decision_year: bool = False) -> Economy:
    """Four products in two regions, five activities (two techniques, one by-product), twos of all else.

    With `decision_year` opening stocks can feed the inputs of year 1.
    """
    rng = np.random.default_rng(seed)
    supply = np.array([[1, 0, 0, 0, 0.1], [0, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1.0]])
    use = rng.uniform(0.01, 0.12, (4, 5))
    x0 = np.append(rng.uniform(50, 150, 2), [0.0, *rng.uniform(50, 150, 2)])
    kappa = rng.uniform(0.5, 2, (2, 5))
    kappa[1, 0] = 0.0
    k0 = kappa * x0 * rng.uniform(1.05, 1.2, (2, 5))
    delta = rng.uniform(0.04, 0.15, (2, 5))
    n0 = delta * k0
    composition = np.array([[0, 0.1], [0.5, 0], [0.5, 0.3], [0, 0.6]])
    imports = np.array([[5, 0], [3, 4], [0, 6], [2.0, 2]])
    exports = np.array([[4, 0], [3, 3], [0, 0], [2.0, 3]])
    need = np.array([[0.8, 0.0, 0.2], [0.2, 0.3, 0.0], [0.0, 0.7, 0.3], [0, 0, 0.5]])
    y0 = np.array([[10, 8, 6], [5, 7, 0.0]])
    years = [BASE + t for t in range(8)]
    made = supply @ x0 + imports.sum(axis=1) - exports.sum(axis=1)
    wanted = use @ x0 + need @ y0.sum(axis=0) + composition @ n0.sum(axis=1)
    committed = (made - wanted)[:, None] * np.append(0.1, np.full(7, 0.8))
    labour = rng.uniform(0.5, 1, (2, 5))
    build = rng.uniform(0.0, 0.1, (2, 2))
    spent = labour @ x0 + build @ n0.sum(axis=1)
    price = rng.uniform(0.8, 1.2, 4)
    stock = np.array([6.0, 4.0, 0.0, 0.0]) + (1.3 * wanted if decision_year else 0.0)
    region = np.array([[1, 1, 0, 0], [0, 0, 1, 1.0]])
    deficit = region @ (price * (imports - exports).sum(axis=1))
    rho = rng.uniform(0, 1, (2, 5))
    return Economy.build(
        Source("open", base_year=BASE),
        {
            "product": Labels(("a", "b", "c", "d"), regions=("n", "n", "s", "s")),
            "activity": ["a", "b1", "b2", "c", "d"],
            "asset": ["building", "machine"],
            "skill": ["high", "low"],
            "household": ["rich", "poor"],
            "need": ["food", "home", "care"],
            "partner": ["east", "west"],
            "resource": ["land", "water"],
            "region": ["n", "s"],
        },
        {
            "supply": supply,
            "use": np.repeat(use[:, :, None], 8, axis=2) * 0.99 ** np.arange(8),
            "output": x0,
            "capital_coefficient": kappa,
            "asset_composition": composition,
            "depreciation": delta,
            "investment": n0,
            "capital_stock": k0,
            "labour_coefficient": labour,
            "building_labour": build,
            "labour_supply": np.outer(1.1 * spent, 1.01 ** np.arange(8)),
            "need_composition": need,
            "consumption": y0,
            "population": np.outer([10, 20.0], 1.01 ** np.arange(8)),
            "committed_demand": committed,
            "imports": imports,
            "exports": exports,
            "import_price": price,
            "export_price": 0.95 * price,
            "opening_stock": stock,
            "storage_loss": np.array([0.1, 0.0, 0.2, 0.0]),
            "storable": np.array([1, 1, decision_year, decision_year], dtype=float),
            "re_export": np.array([0, 0, 0, 1.0]),
            "opening_debt": np.array([10, -5.0]),
            "transfers": deficit + 8.0,
            "resource_coefficient": rho,
            "resource_budget": 1.3 * rho @ x0,
        },
        years=dict.fromkeys(("use", "labour_supply", "population", "committed_demand"), years),
    )


PLANS: dict[str, tuple[str, str]] = {
    "closed": (
        "closed",
        """
horizon: {years: 3}
adjustment: {output: {down: 0.2, up: 0.2}, investment: {down: 0.5}}
""",
    ),
    "closed, building takes three years": (
        "closed",
        """
horizon: {years: 4}
technology: {gestation: {plant: [0.2, 0.5, 0.3]}}
terminal: {growth: 0.01}
adjustment: {investment: {down: 0.5, up: 0.5}}
living_standard: {no_fall: false, floors: [{at_least: 0.7, need: food}]}
investment: {stock_growth_cap: 0.2, ceilings: [{at_most: 3.0}]}
""",
    ),
    "closed, people first": (
        "closed",
        """
horizon: {years: 2}
living_standard: {no_fall: true}
objective: {people_first: true, tie_break: true, elasticity: 1.0, segments: 7}
""",
    ),
    "open": (
        "open",
        """
horizon: {years: 3}
trade: {import_share_band: 0.3, export_band: 0.4, export_growth: 0.02, interest_rate: 0.03,
  self_sufficiency: [{product: [a, c], at_least: {from: 0.3, to: 0.4}}],
  limits: [{flow: imports, product: a, at_most: 2.0},
           {flow: exports, product: b, at_least: 0.3, partner: west},
           {flow: imports, product: b, at_least: 0.2},
           {flow: exports, product: d, at_most: 40, basis: absolute}],
  debt_ceiling: 30}
reserves: [{product: a, at_least: 2.0}]
resources: [{resource: land, at_most: 1.1, basis: base}]
adjustment: {output: {down: 0.5, up: 0.6, step: 5, exempt: [d]}, investment: {down: 0.9, up: 0.9, step: 4}}
terminal: {growth: 0.01}
tasks:
- {name: steel, terms: [{of: production, product: b}, {of: stock, product: a}], at_least: 30}
- {name: work, terms: [{of: labour, skill: low}, {of: debt, factor: 0.01}], at_most: 500,
   elastic: {priority: 2}}
- {name: land, terms: [{of: resource, resource: land, factor: {start: 1, growth: 0.1}}], over: sum,
   at_least: 1000, elastic: {priority: 1}}
- {name: mix, terms: [{of: consumption, need: food}, {of: exports, factor: -0.1}, {of: imports, factor: 0.1}],
   equals: 16, years: [2022], elastic: {priority: 2, weight: 3}}
- {name: build, terms: [{of: investment, asset: machine}, {of: capital, factor: 0.01}],
   at_most: {2021: 400, 2023: 500}}
objective: {discount: 0.95, weights: {food: 2}, segments: 9}
""",
    ),
    "open, output floor after the plan": (
        "open",
        """
horizon: {years: 2}
technology: {gestation: {building: [0.5, 0.5]}, labour_productivity_growth: 0.01}
terminal: {rule: output_floor, years: 3, growth: 0.02,
  output_floors: [{at_least: 0.5, basis: base, activity: [a, c]}]}
trade: {new_trade: true, export_band: 0.1, debt_ceiling: {2021: 20},
  limits: [{flow: exports, at_most: 50, basis: absolute}]}
objective: {kind: assortment, basket: [
  {need: food, amount: 1.0}, {need: home, household: poor, amount: 9, basis: absolute}]}
""",
    ),
    "open, stocks at the close": (
        "open",
        """
horizon: {years: 3}
terminal: {rule: stocks, stocks: [
  {at_least: 0.8}, {asset: machine, activity: b2, at_least: 3, basis: absolute}]}
trade: {enabled: false}
labour: {enforce: false}
adjustment: {output: {down: 0.9, up: 0.3}}
objective: {kind: terminal_capacity, weights: {a: 3}, tie_break: true}
""",
    ),
    "decision year": (
        "decision",
        """
horizon: {years: 3}
technology: {input_lag: 1, gestation: {machine: [0.6, 0.4]}}
terminal: {growth: 0.01, product_stocks: false}
trade: {exchange: false, limits: [{flow: imports, at_most: 4.0}]}
adjustment: {investment: {down: 0.9, up: 1.0, exempt: [d]}}
tasks: [{name: jobs, terms: [{of: labour}], at_least: 10}]
objective: {kind: employment}
""",
    ),
    "decision year, output floor after the plan": (
        "decision",
        """
horizon: {years: 2}
technology: {input_lag: 1}
terminal: {rule: output_floor, years: 2, product_stocks: false,
  output_floors: [{at_least: 0.3, basis: base, activity: [c]}]}
living_standard: {floors: [{at_least: 0.5}]}
investment: {stock_growth_cap: 0.4}
objective: {kind: least_cost, discount: 0.9, costs: [
  {of: labour}, {of: production, product: c, factor: 0.1, years: [2022]},
  {of: imports, factor: 2}, {of: resource, factor: 0.01}, {of: consumption, factor: 0.1}, {of: investment},
  {of: debt, factor: 0.1}]}
""",
    ),
    "decision year, stocks": (
        "decision",
        """
horizon: {years: 2}
technology: {input_lag: 1}
terminal: {rule: none}
objective: {kind: output, years: [2022], weights: {a: 2, c: 0.5}}
""",
    ),
}


def case(name: str) -> tuple[Economy, PlanSpec]:
    """Return economy and plan file of a case."""
    which, text = PLANS[name]
    economy = closed_economy() if which == "closed" else open_economy(decision_year=which == "decision")
    return economy, PlanSpec.from_text(text)


def frame(name: str) -> Frame:
    """Return the frame of a case."""
    return Frame(PlanData(*case(name)))


FAMILIES = {
    "product_balance",
    "export_source",
    "capacity",
    "accumulation",
    "under_construction",
    "after_plan",
    "labour",
    "exchange",
    "debt_ceiling",
    "import_ceiling",
    "import_floor",
    "export_ceiling",
    "export_floor",
    "export_band_low",
    "export_band_high",
    "import_share_low",
    "import_share_high",
    "self_sufficiency",
    "reserve",
    "absorption",
    "investment_ceiling",
    "consumption_floor",
    "no_fall",
    "post_plan_consumption",
    "resource",
    "task",
    "output_down",
    "output_up",
    "investment_down",
    "investment_up",
    "terminal_growth",
    "terminal_stocks",
    "output_floor",
    "closing_stock",
    "utility",
    "basket",
    "lowest",
    "proportion",
}


def test_the_cases_have_rows_of_every_family() -> None:
    seen = {family.name for name in PLANS for family in all_families(frame(name)) if family.exists.any()}
    assert seen == FAMILIES


@pytest.mark.parametrize("name", PLANS)
def test_row_bounds_are_consistent(name: str) -> None:
    for family in all_families(frame(name)):
        assert family.exists.shape == family.lower.shape == family.upper.shape, family.name
        lower, upper = family.lower[family.exists], family.upper[family.exists]
        assert not np.isnan(lower).any() and not np.isnan(upper).any(), family.name
        both = np.isfinite(lower) & np.isfinite(upper)
        assert (lower[both] == upper[both]).all(), family.name
