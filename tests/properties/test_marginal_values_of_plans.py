"""Whole plans from other accounts or another plan file move as marginal values say."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.properties.economies import Case

from lustrum.accounts.economy import Economy, Source
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

BASE = 2000
YEARS = 3


def workshop() -> Economy:
    """A country with corn, cloth and tools where everything is scarce at some time: all figures in one unit."""
    years = [BASE + t for t in range(YEARS + 1)]
    use = np.array([[0.1, 0.1, 0.05], [0.0, 0.2, 0.1], [0.1, 0.1, 0.1]])
    x0 = np.array([100.0, 80.0, 60.0])
    kappa = np.array([[1.5, 1.0, 1.2]])
    labour = np.array([[0.6, 0.4, 0.3]])
    grow = 1.01 ** np.arange(YEARS + 1)
    return Economy.build(
        Source("workshop", base_year=BASE),
        {
            "product": ["corn", "cloth", "tool"],
            "activity": ["farm", "mill", "smithy"],
            "asset": ["plant"],
            "skill": ["hand"],
            "household": ["people"],
            "need": ["food", "clothing"],
            "partner": ["world"],
            "resource": ["land"],
            "region": ["land"],
        },
        {
            "supply": np.eye(3),
            "use": use,
            "output": x0,
            "capital_coefficient": kappa,
            "asset_composition": [[0.0], [0.0], [1.0]],
            "depreciation": np.full((1, 3), 0.05),
            "investment": 0.06 * kappa * x0,
            "capital_stock": 1.02 * kappa * x0,
            "labour_coefficient": labour,
            "labour_supply": (labour @ x0)[:, None] * grow,
            "need_composition": [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]],
            "consumption": [[70.0, 50.0]],
            "imports": [[5.0], [8.0], [6.0]],
            "exports": [[12.0], [4.0], [0.0]],
            "opening_debt": [0.0],
            "transfers": np.full((1, YEARS + 1), 3.0),
            "resource_coefficient": [[1.0, 0.0, 0.0]],
            "resource_budget": np.full((1, YEARS + 1), 100.0),
        },
        {"labour_supply": years, "transfers": years, "resource_budget": years},
    )


PLAN = """
horizon: {years: 3}
terminal: {rule: growth, growth: 0.01}
living_standard:
  floors: [{need: clothing, basis: absolute, at_least: {2002: 75.0}}]
trade:
  limits: [{flow: imports, product: corn, basis: absolute, at_most: {2001: 12.0, 2002: 12.0, 2003: 12.0}}]
objective: {kind: living_standard, elasticity: 2.0}
"""


@cache
def workshop_plan() -> Plan:
    return solve_plan(workshop(), PlanSpec.from_text(PLAN))


def _shift(economy: Economy, name: str, t: int, h: float) -> Economy:
    array = economy.data[name].copy(deep=True)
    values = np.array(array.values)
    values[..., t] += h
    return economy.with_data(**{name: array.copy(data=values)})


def _with_labour(t: int, h: float) -> Case:
    return _shift(workshop(), "labour_supply", t, h), PlanSpec.from_text(PLAN)


def _with_transfers(t: int, h: float) -> Case:
    return _shift(workshop(), "transfers", t, h), PlanSpec.from_text(PLAN)


def _with_land(t: int, h: float) -> Case:
    return _shift(workshop(), "resource_budget", t, h), PlanSpec.from_text(PLAN)


def _with_floor(t: int, h: float) -> Case:
    return workshop(), PlanSpec.from_text(PLAN.replace("2002: 75.0}", f"2002: {75.0 + h}}}"))


def _with_ceiling(t: int, h: float) -> Case:
    return workshop(), PlanSpec.from_text(PLAN.replace(f"{BASE + t}: 12.0", f"{BASE + t}: {12.0 + h}"))


WHOLE: list[tuple[str, dict[str, Any], tuple[int, ...], Callable[[int, float], Case], float]] = [
    ("labour", {"skill": "hand"}, (1, 2, 3), _with_labour, 0.5),
    ("exchange", {"region": "land"}, (1, 2, 3), _with_transfers, 0.2),
    ("resource", {"resource": "land"}, (1, 2, 3), _with_land, 0.5),
    ("consumption_floor", {"need": "clothing", "household": "people"}, (2,), _with_floor, 0.2),
    ("import_ceiling", {"product": "corn", "partner": "world"}, (1, 2, 3), _with_ceiling, 0.2),
]


@pytest.mark.parametrize(("family", "labels", "years", "change", "h"), WHOLE, ids=[w[0] for w in WHOLE])
def test_other_accounts_or_another_plan_file_move_the_plan_as_the_marginal_value_says(
    family: str, labels: dict[str, Any], years: tuple[int, ...], change: Callable[[int, float], Case], h: float
) -> None:
    plan = workshop_plan()
    values = [float(plan.marginal_values(family).sel(year=BASE + t, **labels)) for t in years]
    assert max(abs(v) for v in values) > 1e-6, "the case says nothing if the limit is not felt"
    for t, value in zip(years, values, strict=True):
        for step in (h, -h):
            gain = solve_plan(*change(t, step)).objective - plan.objective
            assert gain <= value * step + 1e-6 * max(1.0, abs(plan.objective)), t
        small = 1e-3 * h
        gain = solve_plan(*change(t, small)).objective - plan.objective
        if abs(value * small) > 1e-5:
            assert gain == pytest.approx(value * small, rel=0.05), t


def test_an_opening_asset_is_worth_its_capacity_in_every_year() -> None:
    """λ of K0 = Σ_t (1 - δ)^(t-1) · λ of capacity in t, and the close: what a machine earns over its life."""
    plan, economy = workshop_plan(), workshop()
    felt = 0
    for activity in economy.codes("activity"):
        earned = plan.marginal_values("capacity").sel(asset="plant", activity=activity)
        life = sum(0.95 ** (t - 1) * float(earned.sel(year=BASE + t)) for t in range(1, YEARS + 1))
        life += 0.95**YEARS * float(plan.marginal_values("terminal_growth").sel(asset="plant", activity=activity))
        owned = float(plan.marginal_values("accumulation").sel(asset="plant", activity=activity, year=BASE + 1))
        assert owned == pytest.approx(life, abs=1e-7 * max(1.0, owned))
        j = economy.codes("activity").index(activity)
        for h in (0.5, -0.5):
            stock = np.array(economy.values("capital_stock"))
            stock[0, j] += h
            gain = solve_plan(economy.with_data(capital_stock=stock), plan.spec).objective - plan.objective
            assert gain <= owned * h + 1e-6 * max(1.0, abs(plan.objective))
        felt += owned > 1e-6
    assert felt


def test_worth_at_base_level_is_one_a_unit_in_every_need() -> None:
    """With weights equal to base spending one more unit of any need, at its base level, is worth about β^t."""
    economy = workshop()
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        capacity: {enforce: false}
        trade: {enabled: false}
        objective: {kind: living_standard, elasticity: 2.0, discount: 0.9, segments: 400}
    """)
    plan = solve_plan(economy, spec)
    level = (plan.values["consumption"].values[0, :, 0] / economy.values("consumption")[0]) ** -2.0
    balance = plan.marginal_values("product_balance").sel(year=BASE + 1, product=["corn", "cloth"])
    np.testing.assert_allclose(balance, 0.9 * level, rtol=0.02)
