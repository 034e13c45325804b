"""PlanData: accounts and plan file resolved to one number for every label and year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lustrum.accounts.economy import Economy, Source
from lustrum.errors import BadInput, SpecError, TableError
from lustrum.planning.data import PlanData
from lustrum.planning.limits import base_import_share
from lustrum.planning.spec import PlanSpec

BASE = 2020
SETS: dict[str, Any] = {
    "product": ["corn", "iron"],
    "activity": ["farm", "mill", "lab"],
    "asset": ["plant", "herd"],
    "skill": ["hand"],
    "household": ["town", "land"],
    "need": ["food", "tools"],
    "partner": ["near", "far"],
    "resource": ["soil", "coal"],
}
DATA: dict[str, Any] = {
    "supply": [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]],
    "use": np.full((2, 3), 0.1),
    "output": [100.0, 50.0, 0.0],
    "capital_stock": [[80.0, 40.0, 0.0], [10.0, 0.0, 0.0]],
    "utilisation": [0.8, 1.0, 1.0],
    "investment": [[8.0, 4.0, 0.0], [0.0, 0.0, 0.0]],
    "depreciation": np.full((2, 3), 0.1),
    "asset_composition": [[0.0, 1.0], [1.0, 0.0]],
    "labour_coefficient": [[1.0, 2.0, 3.0]],
    "building_labour": [[0.5, 0.0]],
    "labour_supply": [200.0],
    "need_composition": np.eye(2),
    "consumption": [[10.0, 20.0], [30.0, 0.0]],
    "committed_demand": [5.0, -1.0],
    "imports": [[10.0, 0.0], [0.0, 0.0]],
    "exports": [[0.0, 5.0], [0.0, 3.0]],
    "opening_stock": [20.0, 0.0],
    "storage_loss": [0.1, 0.0],
    "resource_coefficient": [[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]],
    "resource_budget": [120.0, 60.0],
}


def data(spec: dict[str, Any] | None = None, years: dict[str, list[int]] | None = None, **changes: Any) -> PlanData:
    fields = {k: v for k, v in {**DATA, **changes}.items() if v is not None}
    economy = Economy.build(Source("test", base_year=BASE), SETS, fields, years)
    return PlanData(economy, PlanSpec.model_validate({"horizon": {"years": 3}, **(spec or {})}))


# paths --------------------------------------------------------------------------------------------------


def test_rates_make_paths_until_the_last_plan_year() -> None:
    d = data(
        {
            "labour": {"supply_growth": 0.1},
            "committed_demand": {"growth": 0.2},
            "population": {"growth": 0.05},
            "technology": {"labour_productivity_growth": 0.25},
            "terminal": {"rule": "output_floor", "years": 3},
        }
    )
    assert d.labour_supply(0) == 200
    np.testing.assert_allclose([d.labour_supply(t)[0] for t in (1, 2, 3)], [220, 242, 266.2])
    np.testing.assert_allclose(d.committed(2), [7.2, -1.44])
    np.testing.assert_allclose(d.labour_coefficient(1), [[0.8, 1.6, 2.4]])
    np.testing.assert_allclose(d.building_labour(2), [[0.32, 0.0]])
    np.testing.assert_allclose(d.population_ratio(3), [1.05**3] * 2)
    for name in ("labour_supply", "committed", "labour_coefficient", "building_labour", "population_ratio"):
        np.testing.assert_array_equal(getattr(d, name)(5), getattr(d, name)(3))  # post-plan years are like year T


def test_figures_by_year_speak_over_rates() -> None:
    years = [2020, 2021, 2022, 2023]
    d = data(
        {"labour": {"supply_growth": 0.5}, "technology": {"labour_productivity_growth": 0.25}},
        {"labour_supply": years, "labour_coefficient": years},
        labour_supply=[[1.0, 2.0, 3.0, 4.0]],
        labour_coefficient=np.ones((1, 3, 4)),
    )
    assert [d.labour_supply(t)[0] for t in (0, 1, 2, 3, 4)] == [1, 2, 3, 4, 4]
    np.testing.assert_array_equal(d.labour_coefficient(3), np.ones((1, 3)))
    np.testing.assert_allclose(d.building_labour(1), [[0.4, 0.0]])  # has no years, so the rate holds


def test_population_counts_from_the_base_year() -> None:
    years = [2020, 2021, 2022, 2023]
    people = np.array([[10.0, 11.0, 12.0, 13.0], [4.0, 4.0, 4.0, 4.0]])
    d = data({"population": {"growth": 0.5}}, {"population": years}, population=people)
    np.testing.assert_allclose(d.population_ratio(2), [1.2, 1.0])
    np.testing.assert_allclose(data({"population": {"growth": 0.5}}, population=[3.0, 7.0]).population_ratio(1), 1.5)


def test_committed_demand_of_a_decision_year_is_only_what_is_given_for_it() -> None:
    lag = {"technology": {"input_lag": 1}, "committed_demand": {"growth": 0.1}}
    np.testing.assert_array_equal(data(lag).committed(0), [0, 0])
    np.testing.assert_allclose(data(lag).committed(1), [5.5, -1.1])
    given = np.stack([np.full(2, float(t)) for t in range(4)], axis=-1) + 1
    np.testing.assert_array_equal(
        data(lag, {"committed_demand": [2020, 2021, 2022, 2023]}, committed_demand=given).committed(0), [1, 1]
    )
    np.testing.assert_array_equal(
        data(lag, {"committed_demand": [2021, 2022, 2023]}, committed_demand=given[:, 1:]).committed(0), [0, 0]
    )
    np.testing.assert_array_equal(data(committed_demand=None).committed(1), [0, 0])


def test_accounts_that_end_before_the_plan_are_an_error() -> None:
    with pytest.raises(TableError, match="2023"):
        _ = data({}, {"labour_supply": [2020, 2021, 2022]}, labour_supply=[[1.0, 2.0, 3.0]]).limits


# assets -------------------------------------------------------------------------------------------------


def test_an_activity_holds_an_asset_if_any_table_says_so() -> None:
    assert data().pairs.tolist() == [[True, True, False], [True, False, False]]
    more = data(capital_coefficient=[[0.0, 0.0, 0.4], [0.0, 0.0, 0.0]], investment=[[0.0] * 3, [0.0, 2.0, 0.0]])
    assert more.pairs.tolist() == [[True, True, True], [True, True, False]]
    assert not data(capital_stock=None, investment=None).has_assets


def test_capacity_follows_from_stocks_or_is_given_or_off() -> None:
    np.testing.assert_allclose(data().capital_coefficient(1), [[0.64, 0.8, 0], [0.08, 0, 0]])
    given = np.full((2, 3), 0.5)
    np.testing.assert_array_equal(data(capital_coefficient=given).capital_coefficient(2), given)
    assert not data({"capacity": {"enforce": False}}).capital_coefficient(1).any()


def test_gestation_and_what_is_under_construction() -> None:
    d = data({"technology": {"gestation": {"plant": [0.5, 0.25, 0.25, 0.0]}}})
    assert [len(g) for g in d.gestation] == [3, 1]
    assert (d.build_lead(0), d.build_lead(1)) == (2, 0)
    assert d.investment_years(0) == range(1, 6)
    assert d.investment_years(1) == range(1, 4)
    assert [d.is_under_construction(0, t) for t in (1, 2, 3)] == [True, True, False]
    assert not d.is_under_construction(1, 1)
    np.testing.assert_array_equal(d.under_construction(1), DATA["investment"])
    np.testing.assert_array_equal(data(under_construction=np.ones((2, 3))).under_construction(2), np.ones((2, 3)))
    years = {"under_construction": [2021, 2022]}
    by_year = np.stack([np.ones((2, 3)), np.full((2, 3), 2.0)], axis=-1)
    np.testing.assert_array_equal(data({}, years, under_construction=by_year).under_construction(2), by_year[..., 1])


def test_an_unknown_asset_of_gestation_is_an_error() -> None:
    with pytest.raises(SpecError, match=r"gestation(.|\n)*'ship'"):
        data({"technology": {"gestation": {"ship": [1.0]}}})


# limits -------------------------------------------------------------------------------------------------

NAN = np.nan


def test_without_limits_there_are_none() -> None:
    limits = data().limits
    for name in (
        "consumption_floor",
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
        "investment_ceiling",
        "closing_capital",
        "output_floor",
    ):
        assert np.isnan(getattr(limits, name)).all(), name
    np.testing.assert_array_equal(limits.debt_ceiling, [[0, 0, 0]])  # the opening debt
    np.testing.assert_array_equal(limits.resource_budget, [[120] * 3, [60] * 3])
    np.testing.assert_array_equal(limits.closing_product_stock, [20, NAN])


def test_floors_grow_with_people_and_later_ones_speak_over_earlier() -> None:
    d = data(
        {
            "population": {"growth": 0.1},
            "living_standard": {
                "floors": [
                    {"at_least": 0.5},
                    {"need": "food", "household": "land", "at_least": {2022: 0.9}},
                    {"need": "tools", "household": "town", "basis": "absolute", "at_least": 7.0},
                ]
            },
        }
    )
    floor = d.limits.consumption_floor
    grown = 1.1 ** np.arange(1, 4)
    np.testing.assert_allclose(floor[0, 0], 5 * grown)
    np.testing.assert_allclose(floor[1, 0], [15 * grown[0], 27 * grown[1], 15 * grown[2]])
    np.testing.assert_allclose(floor[0, 1], 7.0)
    np.testing.assert_allclose(floor[1, 1], 0.0)


@pytest.mark.parametrize(
    ("asked", "spec"),
    [
        (False, {}),
        (False, {"living_standard": {"floors": [{"at_least": 0.5}]}}),
        (True, {"living_standard": {"floors": [{"need": "tools", "basis": "absolute", "at_least": 7.0}]}}),
        (True, {"tasks": [{"name": "tools", "terms": [{"of": "consumption", "need": "tools"}], "at_least": 1.0}]}),
        (
            True,
            {"objective": {"kind": "least_cost", "costs": [{"of": "consumption", "need": "tools", "factor": -1.0}]}},
        ),
        (True, {"objective": {"kind": "assortment"}}),
    ],
)
def test_a_need_of_nobody_is_consumed_only_where_the_plan_asks_for_it(asked: bool, spec: dict[str, Any]) -> None:
    assert data(spec).consumes.tolist() == [[True, True], [True, asked]]


def test_trade_limits_by_product_partner_and_side() -> None:
    d = data(
        {
            "trade": {
                "limits": [
                    {"flow": "imports", "at_most": 1.5},
                    {"flow": "imports", "product": "corn", "partner": "near", "at_least": 0.5},
                    {
                        "flow": "exports",
                        "product": "iron",
                        "partner": "far",
                        "basis": "absolute",
                        "at_most": {2021: 9.0},
                    },
                ]
            }
        }
    )
    limits = d.limits
    np.testing.assert_allclose(limits.import_ceiling[:, :, 0], [[15, 0], [0, 0]])
    np.testing.assert_allclose(limits.import_floor[0, 0], 5)
    assert np.isnan(limits.import_floor[1]).all()
    np.testing.assert_array_equal(limits.export_ceiling[1, 1], [9, NAN, NAN])


def test_bands_open_with_the_years_around_the_base() -> None:
    d = data({"trade": {"export_band": 0.1, "export_growth": 0.02, "import_share_band": 0.2}})
    t = np.arange(1, 4)
    limits = d.limits
    np.testing.assert_allclose(limits.export_band_low[1, 1], 3 * 1.02**t * 0.9**t)
    np.testing.assert_allclose(limits.export_band_high[0, 1], 5 * 1.02**t * 1.1**t)
    assert np.isnan(limits.export_band_low[0, 0]).all()  # no exports, no band
    share = 10 / (100 + 10 - 5)
    np.testing.assert_allclose(base_import_share(d), [share, NAN])
    np.testing.assert_allclose(limits.import_share_low[0], share * 0.8**t)
    np.testing.assert_allclose(limits.import_share_high[0], share * 1.2**t)
    assert not data({"trade": {"import_share_band": 5.0}}).limits.import_share_low[0].any()
    assert np.isnan(base_import_share(data(output=None, utilisation=None))).all()


def test_reserves_ceilings_budgets_and_debt() -> None:
    d = data(
        {
            "reserves": [{"product": "corn", "basis": "base", "at_least": 0.5}],
            "investment": {"ceilings": [{"asset": "plant", "at_most": 2.0}]},
            "resources": [
                {"resource": "soil", "basis": "base", "at_most": {"start": 1.0, "growth": 0.1}},
                {"resource": "coal", "at_most": {2023: 5.0}},
            ],
            "trade": {"debt_ceiling": {2021: 50.0}, "final_debt_ceiling": 10.0},
        }
    )
    limits = d.limits
    np.testing.assert_array_equal(limits.reserve[0], [10, 10, 10])
    np.testing.assert_array_equal(limits.investment_ceiling[0, :, 0], [16, 8, 0])
    assert np.isnan(limits.investment_ceiling[1]).all()
    np.testing.assert_allclose(limits.resource_budget[0], 120 * 1.1 ** np.arange(1, 4))
    np.testing.assert_allclose(limits.resource_budget[1], [60, 60, 5])
    np.testing.assert_array_equal(limits.debt_ceiling, [[50, NAN, 10]])


def test_the_close() -> None:
    stocks = {"rule": "stocks", "stocks": [{"asset": "plant", "at_least": 1.1}], "growth": 0.1}
    limits = data({"terminal": stocks}).limits
    np.testing.assert_allclose(limits.closing_capital, [[88, 44, NAN], [NAN] * 3])
    np.testing.assert_allclose(limits.closing_product_stock, [20 * 1.1**3, NAN])
    floors = {
        "rule": "output_floor",
        "output_floors": [{"basis": "base", "at_least": 0.9}, {"activity": "lab", "at_least": 3.0}],
    }
    np.testing.assert_allclose(data({"terminal": floors}).limits.output_floor, [90, 45, 3])
    assert np.isnan(data({"terminal": {"rule": "none"}}).limits.closing_product_stock).all()
    assert np.isnan(data({"terminal": {"product_stocks": False}}).limits.closing_product_stock).all()


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "unknown need": ({"living_standard": {"floors": [{"need": "foot", "at_least": 1}]}}, {}, "'food'"),
    "no needs": ({"living_standard": {"floors": [{"at_least": 1}]}}, {"need_composition": None}, "no needs"),
    "year before the plan": ({"living_standard": {"floors": [{"at_least": {2020: 1.0}}]}}, {}, "2020 is not a year"),
    "trade off": ({"trade": {"enabled": False, "limits": [{"flow": "imports", "at_most": 1}]}}, {}, "no trade"),
    "negative ceiling": ({"trade": {"limits": [{"flow": "imports", "at_most": -1.0}]}}, {}, "cannot be negative"),
    "a floor on nothing": (
        {"trade": {"limits": [{"flow": "imports", "product": "iron", "basis": "absolute", "at_least": 1.0}]}},
        {},
        "none in the base year",
    ),
    "not storable": ({"reserves": [{"product": "iron", "at_least": 1}]}, {}, "cannot be stored"),
    "budget of nothing": (
        {"resources": [{"resource": "soil", "basis": "base", "at_most": 1}]},
        {"resource_budget": None},
        "no resource_budget",
    ),
    "stocks under another rule": ({"terminal": {"rule": "none", "stocks": [{"at_least": 1}]}}, {}, "rule: none"),
    "floors under another rule": ({"terminal": {"output_floors": [{"at_least": 1}]}}, {}, "rule: growth"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_limit_on_what_is_not_there_is_an_error(name: str) -> None:
    spec, changes, message = WRONG[name]
    with pytest.raises(BadInput, match=message):
        _ = data(spec, **changes).limits


# tasks --------------------------------------------------------------------------------------------------


def task(**keys: Any) -> dict[str, Any]:
    return {"tasks": [{"name": "steel", "terms": [{"of": "output", "activity": "mill"}], **keys}]}


def test_a_task_holds_in_each_of_its_years() -> None:
    resolved = data(task(at_least={2021: 60.0, 2023: 80.0})).tasks
    assert [(t.year, t.lower, t.upper, t.target) for t in resolved] == [(2021, 60, np.inf, 60), (2023, 80, np.inf, 80)]
    assert [t.year for t in data(task(at_most=60.0, years=[2023, 2021])).tasks] == [2021, 2023]
    equal = data(task(equals=0.0)).tasks[0]
    assert (equal.lower, equal.upper, equal.target) == (0, 0, 1)


def test_a_task_over_the_sum_of_years_is_one_statement() -> None:
    (one,) = data(task(at_least=100.0, over="sum", years=[2021, 2022])).tasks
    assert one.year == 2022
    assert [t.t for t in one.terms] == [1, 2]


def test_a_factor_may_be_set_for_some_years_only() -> None:
    spec = {
        "tasks": [
            {"name": "mix", "terms": [{"of": "output", "factor": {2022: 2.0}}, {"of": "production"}], "at_least": 1.0}
        ]
    }
    assert [[(t.of, t.factor) for t in r.terms] for r in data(spec).tasks] == [
        [("production", 1.0)],
        [("output", 2.0), ("production", 1.0)],
        [("production", 1.0)],
    ]


def test_a_debt_term_needs_no_regions_in_the_accounts() -> None:
    (first, *_) = data({"tasks": [{"name": "debt", "terms": [{"of": "debt"}], "at_most": 5.0}]}).tasks
    assert first.terms[0].where[0].tolist() == [0]


@pytest.mark.parametrize(
    ("term", "changes", "message"),
    [
        ({"of": "output", "product": "corn"}, {}, "output has no product"),
        ({"of": "consumption"}, {"need_composition": None}, "no consumption"),
        ({"of": "labour"}, {"labour_coefficient": None}, "no labour"),
        ({"of": "resource"}, {"resource_coefficient": None}, "no resource"),
        ({"of": "stock"}, {"opening_stock": None}, "no stock"),
        ({"of": "output", "activity": "mil"}, {}, "'mill'"),
    ],
)
def test_a_term_of_what_is_not_there_is_an_error(term: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        _ = data({"tasks": [{"name": "x", "terms": [term], "at_least": 1.0}]}, **changes).tasks
