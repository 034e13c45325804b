"""`scale` in a plan file: figures of the accounts changed for one plan, and limits that override a band."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.planning.test_data import data

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.fields import FIELDS
from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.verify import verify_plan


def scaled(*entries: dict[str, Any], **more: Any) -> Any:
    return data({"scale": list(entries), **more})


def test_entries_apply_in_their_order_and_after_the_growth_of_the_plan_file() -> None:
    d = scaled(
        {"datum": "labour_supply", "times": 0.5},
        {"datum": "labour_supply", "plus": 10.0, "years": [2022]},
        labour={"supply_growth": 0.1},
    )
    assert d.labour_supply(1) == pytest.approx([110.0])
    assert d.labour_supply(2) == pytest.approx([131.0])
    assert scaled({"datum": "labour_supply", "to": 7.0}, labour={"supply_growth": 0.1}).labour_supply(3) == [7.0]


def test_a_label_names_the_cells_and_the_accounts_stay_as_they_are() -> None:
    d = scaled({"datum": "use", "product": "corn", "activity": ["farm", "lab"], "times": 2.0})
    assert d.use(1) == pytest.approx(np.array([[0.2, 0.1, 0.2], [0.1, 0.1, 0.1]]))
    assert d.economy.values("use") == pytest.approx(np.full((2, 3), 0.1))
    assert d.use(1) is d.use(3), "one matrix for all years, so that the solver keeps it once"


def test_losses_lower_the_stock_and_never_the_coefficient() -> None:
    whole = scaled({"datum": "capital_stock", "asset": "plant", "times": 0.9})
    assert whole.capital_stock == pytest.approx(np.array([[72.0, 36.0, 0.0], [10.0, 0.0, 0.0]]))
    assert whole.capital_coefficient(1) == pytest.approx(data().capital_coefficient(1))
    lost = scaled({"datum": "capital_stock", "asset": "plant", "activity": "mill", "times": 0.9, "years": [2022]})
    assert lost.capital_stock == pytest.approx(data().capital_stock)
    assert lost.surviving(1).min() == 1.0
    assert lost.surviving(2) == pytest.approx(np.array([[1.0, 0.9, 1.0], [1.0, 1.0, 1.0]]))


def test_what_the_accounts_derive_from_another_figure_stays_as_it_was() -> None:
    dearer = scaled({"datum": "import_price", "times": 1.2})
    assert dearer.import_price(1) == pytest.approx([1.2, 1.2])
    assert dearer.export_price(1) == pytest.approx([1.0, 1.0])
    better = scaled({"datum": "capital_coefficient", "times": 0.5, "years": [2023]})
    assert better.capital_coefficient(3) == pytest.approx(0.5 * data().capital_coefficient(3))
    assert better.capital_coefficient(2) == pytest.approx(data().capital_coefficient(2))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"datum": "labour_suply", "times": 1.0}, "did you mean 'labour_supply'"),
        ({"datum": "labour_supply", "skill": "hnad", "times": 1.0}, "did you mean 'hand'"),
        ({"datum": "labour_supply", "product": "corn", "times": 1.0}, "labour_supply has no product"),
        ({"datum": "transfers", "times": 1.0}, "the accounts have no transfers to scale"),
        ({"datum": "consumption", "times": 0.9, "years": [2021]}, "one figure for the whole plan"),
        ({"datum": "labour_supply", "times": 0.9, "years": [2020]}, "2020 is not a year of this plan"),
        ({"datum": "capital_stock", "to": 5.0, "years": [2021]}, "only by what is lost"),
        ({"datum": "capital_stock", "times": 1.5, "years": [2021]}, "only by what is lost"),
        ({"datum": "utilisation", "times": 0.9}, "scaling utilisation has no effect"),
        ({"datum": "investment", "times": 0.9}, "scaling investment has no effect"),
        ({"datum": "labour_supply", "times": 1.0, "plus": 1.0}, "give exactly one of times, plus, to"),
        ({"datum": "labour_supply"}, "give exactly one of times, plus, to"),
    ],
)
def test_what_cannot_be_scaled_is_refused_with_the_mend(entry: dict[str, Any], words: str) -> None:
    with pytest.raises(Exception, match=words) as error:
        scaled(entry)
    assert "scale" in str(error.value)


def test_a_figure_out_of_its_range_is_refused_where_it_is_read() -> None:
    with pytest.raises(SpecError, match="out of its range"):
        scaled({"datum": "labour_supply", "plus": -1000.0}).labour_supply(1)


def test_what_a_switch_turns_off_cannot_be_scaled() -> None:
    with pytest.raises(SpecError, match="labour_supply has no effect"):
        scaled({"datum": "labour_supply", "times": 0.9}, labour={"enforce": False})
    with pytest.raises(SpecError, match="imports has no effect"):
        scaled({"datum": "imports", "times": 0.9}, trade={"enabled": False})


@pytest.mark.parametrize(
    "name", sorted({f.name for f in FIELDS} - {"utilisation", "population", "storable", "re_export"})
)
def test_every_other_field_of_the_island_can_be_scaled(name: str) -> None:
    """A field is either refused with a reason, or changes the problem."""
    from lustrum.planning.data import PlanData
    from lustrum.planning.model import build_problem

    economy = load_economy("island")
    change = {"times": 0.99} if economy.has(name) and economy.values(name).any() else {"plus": 0.01}
    spec = PlanSpec.model_validate({"scale": [{"datum": name, **change}]})
    try:
        changed = build_problem(PlanData(economy, spec))
    except SpecError as error:
        assert "has no effect" in str(error) or "accounts have no" in str(error)
        return
    plain = build_problem(PlanData(economy, PlanSpec()))
    same = all(
        np.array_equal(a, b)
        for a, b in (
            (changed.row_lower, plain.row_lower),
            (changed.row_upper, plain.row_upper),
            (changed.goals[0].gradient, plain.goals[0].gradient),
        )
    )
    figures = np.random.default_rng(0).random(plain.shape[1])
    assert not (same and np.array_equal(changed.coefficients @ figures, plain.coefficients @ figures))


def test_a_loss_in_a_year_is_missing_from_the_stock_of_that_year() -> None:
    economy = load_economy("island")
    loss = {"datum": "capital_stock", "asset": "houses", "times": 0.9, "years": [2027]}
    plan = solve_plan(economy, PlanSpec.model_validate({"scale": [loss]}))
    k, n = (plan.values[name].sel(asset="houses", activity="homes") for name in ("capital", "investment"))
    rate = float(economy.data["depreciation"].sel(asset="houses", activity="homes"))
    before = float(k.sel(year=2026)) * (1 - rate) + float(n.sel(year=2026))
    assert float(k.sel(year=2027)) == pytest.approx(0.9 * before)
    assert verify_plan(economy, plan.spec, plan.values, plan.stages).ok
    whole = verify_plan(economy, PlanSpec(), plan.values, plan.stages)
    assert not whole.ok, "without the loss these stocks do not follow"


def test_imports_stop_although_their_share_has_a_band() -> None:
    economy = load_economy("island")
    stop = {"flow": "imports", "product": "goods", "at_most": {2027: 0.0}}
    trade = {"import_share_band": 0.05, "limits": [{**stop, "overrides_band": True}]}
    plan = solve_plan(economy, PlanSpec.model_validate({"trade": trade}))
    rows = plan.stages[-1].marginal_values["import_share_low"]
    assert np.isnan(rows.sel(product="goods", year=2027)) and not np.isnan(rows.sel(product="goods", year=2028))
    assert float(plan.values["imports"].sel(product="goods", year=2027).sum()) == pytest.approx(0.0, abs=1e-6)
    assert verify_plan(economy, plan.spec, plan.values, plan.stages).ok


def test_a_limit_on_exports_overrides_the_band_of_the_partners_it_names() -> None:
    spec = {
        "trade": {
            "export_band": 0.1,
            "limits": [{"flow": "exports", "product": "iron", "at_most": {2022: 0.0}, "overrides_band": True}],
        }
    }
    low = data(spec).limits.export_band_low
    assert np.isnan(low[1, 1, 1]) and np.isfinite(low[1, 1, [0, 2]]).all() and np.isfinite(low[0, 1]).all()
