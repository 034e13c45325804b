"""The teaching economy: its base year can be added up by hand, and its plan is one a planner would sign."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import Infeasible
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan


@pytest.fixture(scope="module")
def island() -> Economy:
    return load_economy("island")


@pytest.fixture(scope="module")
def spec() -> PlanSpec:
    return PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")


@pytest.fixture(scope="module")
def plan(island: Economy, spec: PlanSpec) -> Plan:
    return solve_plan(island, spec)


def path(plan: Plan, name: str, base: np.ndarray, **labels: str) -> np.ndarray:
    """Base-year figure and plan figures of one label, in a row."""
    values = plan.values[name].sel(year=slice(None, 2030))
    start = xr.DataArray(base, dims=values.dims[:-1], coords={d: values[d] for d in values.dims[:-1]})
    rest = [d for d in values.dims[:-1] if d not in labels]
    return np.concatenate([[float(start.sel(labels).sum())], values.sel(labels).sum(rest)])


def test_five_sectors_two_techniques_two_households(island: Economy) -> None:
    assert island.size("product") == 5
    assert island.size("activity") == 6
    assert (island.values("supply") > 0).sum(axis=1).tolist() == [1, 1, 2, 1, 1]
    assert island.size("household") == 2


def test_base_year_products_balance_to_the_last_unit(island: Economy) -> None:
    v = island.values
    supply = v("supply") @ v("output") + v("imports").sum(axis=1)
    uses = (
        v("use") @ v("output")
        + v("need_composition") @ v("consumption").sum(axis=0)
        + v("asset_composition") @ v("investment").sum(axis=1)
        + v("committed_demand")
        + v("exports").sum(axis=1)
    )
    np.testing.assert_allclose(supply, uses, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(supply, np.round(supply))


def test_base_year_exchange_balances(island: Economy) -> None:
    v = island.values
    earned = v("import_price") @ v("exports").sum(axis=1)
    spent = v("import_price") @ v("imports").sum(axis=1) + 0.04 * v("opening_debt").sum()
    assert earned == spent == 10_000


def test_twenty_of_the_base_years_workforce_are_without_work(island: Economy) -> None:
    v = island.values
    work = v("labour_coefficient") @ v("output") + v("building_labour") @ v("investment").sum(axis=1)
    assert float(v("labour_supply")[0] - work[0]) == pytest.approx(20)


def test_opening_stocks_follow_from_the_base_year(island: Economy) -> None:
    """Fully used at the start of 2025 (but for ten of steam), less what wore out, and what was put in place."""
    v = island.values
    start = v("capital_coefficient") * v("output")
    start[island.codes("asset").index("machines"), island.codes("activity").index("steam")] += 10
    np.testing.assert_allclose(start * (1 - v("depreciation")) + v("investment"), v("capital_stock"), atol=1e-9)


def test_readme_shows_the_balance_table(island: Economy) -> None:
    """Every figure of the product table in README.md, and that its rows add up."""
    text = (embedded_folder("island") / "README.md").read_text(encoding="utf-8")
    v = island.values
    for product in ("food", "timber", "power", "goods", "housing"):
        cells = next(line for line in text.splitlines() if re.match(rf"\| {product}, .*\| \| ", line)).split("|")
        figures = [float(c.replace(",", "")) for c in cells[2:] if re.fullmatch(r"\s*[\d,]+\s*", c)]
        assert sum(figures[:2]) == sum(figures[2:])
        i = island.codes("product").index(product)
        inputs = np.delete(v("use")[i] * v("output"), island.codes("activity").index("wind"))
        np.testing.assert_allclose(figures[2:7], inputs, atol=1e-9)
        assert figures[0] == v("supply")[i] @ v("output")
        assert figures[-1] == v("exports")[i].sum()


def test_readme_shows_the_plan(plan: Plan, island: Economy) -> None:
    text = (embedded_folder("island") / "README.md").read_text(encoding="utf-8")
    table = {
        cells[1].strip(): [float(c.replace(",", "")) for c in cells[2:-1]]
        for line in text.splitlines()
        if len(cells := line.split("|")) == 9 and re.search(r"\d", cells[2]) and "2025" not in cells[2]
    }
    for activity, unit in (
        ("farms", "t"),
        ("forestry", "t"),
        ("steam", "MWh"),
        ("wind", "MWh"),
        ("workshops", "crates"),
        ("homes", "house-years"),
    ):
        shown = path(plan, "output", island.values("output"), activity=activity)
        np.testing.assert_allclose(table[f"{activity}, {unit}"], shown, atol=0.5)
    for asset in ("machines", "houses"):
        shown = path(plan, "investment", island.values("investment"), asset=asset)
        np.testing.assert_allclose(table[f"{asset} put in place"], shown, atol=0.5)
    shown = path(plan, "debt", island.values("opening_debt"), region="island")
    np.testing.assert_allclose(table["debt, thalers"], shown, atol=0.5)


def test_plan_is_certified(plan: Plan) -> None:
    assert plan.status == "optimal"
    assert max(plan.certificate.primal_residual, plan.certificate.dual_residual, plan.certificate.gap) <= 1e-6


def test_no_kink_in_any_year(plan: Plan, island: Economy) -> None:
    """Old activities move by at most 4 % a year, and investment never falls by a twentieth nor jumps by a tenth."""
    for activity in ("farms", "forestry", "steam", "workshops", "homes"):
        x = path(plan, "output", island.values("output"), activity=activity)
        assert np.all(np.abs(x[1:] / x[:-1] - 1) <= 0.04 + 1e-6), activity
    for asset in ("machines", "houses"):
        n = path(plan, "investment", island.values("investment"), asset=asset)
        assert np.all(n[1:] / n[:-1] >= 0.95), asset
        assert np.all(n[1:] / n[:-1] <= 1.1), asset


def test_wind_is_taken_up_and_steam_run_down(plan: Plan) -> None:
    x = plan.values["output"]
    wind, steam = x.sel(activity="wind").values, x.sel(activity="steam").values
    assert wind[0] == pytest.approx(0, abs=1e-6)
    assert np.all(np.diff(wind) > 100)
    assert np.all(np.diff(steam) < 0)
    assert wind[-1] / (wind[-1] + steam[-1]) == pytest.approx(0.166, abs=0.005)


def test_the_reason_is_timber(plan: Plan, island: Economy, spec: PlanSpec) -> None:
    """The forest is cut in full once its machines are there; with a larger one there is more steam."""
    assert np.all(plan.marginal_values("resource").values[0, 1:] > 1)
    richer = solve_plan(island, _forest(spec, 15_000.0, 15_000.0))
    steam = [float(p.values["output"].sel(activity="steam", year=2030)) for p in (plan, richer)]
    assert steam[1] / steam[0] == pytest.approx(1.07, abs=0.01)


def test_without_wind_the_promises_cannot_be_kept(island: Economy, spec: PlanSpec) -> None:
    output = spec.adjustment.output.model_copy(update={"step": 0.0})
    adjustment = spec.adjustment.model_copy(update={"output": output})
    with pytest.raises(Infeasible):
        solve_plan(island, spec.model_copy(update={"adjustment": adjustment}))


def test_nobody_has_less_in_2030_and_only_energy_is_held(plan: Plan, island: Economy) -> None:
    d = plan.data
    base = d.base_consumption * d.population_ratio(5)[:, None]
    level = plan.values["consumption"].sel(year=2030).values / base
    assert np.all(level >= 1 - 1e-9)
    needs = island.codes("need")
    assert [g for g, row in zip(needs, level.T, strict=True) if row.min() < 1.04] == ["energy"]
    assert np.all(level <= 1.14)


def test_the_strongest_limits_are_those_of_the_readme(plan: Plan, island: Economy, spec: PlanSpec) -> None:
    stock = island.values("capital_stock")
    forestry = island.codes("activity").index("forestry")
    changes = {
        "houses": (island.with_data(capital_stock=stock * np.array([[1.0], [1.01]])), spec),
        "forest": (island, _forest(spec, 10_100 * 1.01, 10_350 * 1.01)),
        "labour": (island.with_data(labour_supply=island.values("labour_supply") * 1.01), spec),
        "exchange": (island.with_data(transfers=np.array([100.0])), spec),
        "forestry": (island.with_data(capital_stock=_more(stock, 0, forestry)), spec),
        "steam": (island.with_data(capital_stock=_more(stock, 0, forestry + 1)), spec),
    }
    gain = {name: solve_plan(*c).objective - plan.objective for name, c in changes.items()}
    assert sorted(gain, key=lambda name: -gain[name]) == list(changes)
    shown = {"houses": 1916, "forest": 795, "labour": 783, "exchange": 392, "forestry": 229, "steam": 0}
    for name, figure in shown.items():
        assert gain[name] == pytest.approx(figure, abs=0.6)


def _forest(spec: PlanSpec, begin: float, end: float) -> PlanSpec:
    """The plan with another path of the forest's growth."""
    text = spec.model_dump(by_alias=True, exclude_unset=True)
    path = {"resource": "forest", "at_most": {"from": begin, "to": end}}
    return PlanSpec.model_validate(text | {"resources": [path]})


def _more(stock: np.ndarray, a: int, j: int) -> np.ndarray:
    out = stock.copy()
    out[a, j] *= 1.01
    return out


def test_base_year_can_be_lived_again(island: Economy) -> None:
    """With everything fixed at its base level the base year is a plan: x = x0."""
    spec = PlanSpec.from_text(
        """
name: again
horizon: {years: 1}
trade:
  interest_rate: 0.04
  limits: [{flow: imports, at_least: 1.0, at_most: 1.0}, {flow: exports, at_least: 1.0, at_most: 1.0}]
living_standard: {floors: [{at_least: 1.0}]}
adjustment: {investment: {down: 0.0, up: 0.0, step: 0.0}}
terminal: {rule: none}
reserves: [{product: food, at_least: 2000.0}, {product: timber, at_least: 500.0}]
objective: {kind: least_cost, costs: [{of: labour}, {of: output, factor: 0.001}]}
"""
    )
    again = solve_plan(island, spec)
    np.testing.assert_allclose(again.values["output"].values[:, 0], island.values("output"), atol=1e-6)
    assert again.values["debt"].values[0, 0] == pytest.approx(10_000)
    labour = island.values("labour_coefficient") @ again.values["output"].values[:, 0]
    assert labour[0] + 320 == pytest.approx(4_420)
