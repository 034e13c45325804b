"""Aggregation keeps every sum, and so every identity of the base year."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.aggregate import aggregate
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.errors import LabelError, TableError

PRODUCTS = ("wheat", "bread", "tools", "care")
ACTIVITIES = ("farm", "mill", "works", "homes", "robots")
YEARS = (2019, 2020, 2021)


def random_economy(seed: int) -> Economy:
    """An economy with every field; `robots` is a technique without base output."""
    draw = np.random.default_rng(seed)
    sets: dict[str, Labels] = {
        "product": Labels(PRODUCTS, units=("t", "t", "t", "t")),
        "activity": Labels(ACTIVITIES),
        "asset": Labels(("sheds", "machines")),
        "skill": Labels(("all",)),
        "household": Labels(("town", "land")),
        "need": Labels(("food", "health")),
        "partner": Labels(("north", "south")),
        "resource": Labels(("land",)),
        "region": Labels(("here",)),
    }
    n = {d: len(s.codes) for d, s in sets.items()}
    output = draw.uniform(1, 9, n["activity"])
    output[-1] = 0.0
    mix, build = draw.uniform(0, 1, (n["product"], 2)), draw.uniform(0, 1, (n["product"], 2))
    years = len(YEARS)
    data = {
        "supply": draw.uniform(0, 1, (n["product"], n["activity"])),
        "use": draw.uniform(0, 0.3, (n["product"], n["activity"], years)),
        "output": output,
        "capital_coefficient": draw.uniform(0, 3, (2, n["activity"])),
        "asset_composition": build / build.sum(axis=0),
        "depreciation": draw.uniform(0, 1, (2, n["activity"])),
        "investment": draw.uniform(0, 1, (2, n["activity"])),
        "capital_stock": draw.uniform(0, 5, (2, n["activity"])),
        "utilisation": draw.uniform(0.5, 1, n["activity"]),
        "under_construction": draw.uniform(0, 1, (2, n["activity"], years)),
        "labour_coefficient": draw.uniform(0, 1, (1, n["activity"], years)),
        "building_labour": draw.uniform(0, 1, (1, 2)),
        "labour_supply": draw.uniform(50, 60, (1, years)),
        "need_composition": mix / mix.sum(axis=0),
        "consumption": draw.uniform(0, 4, (2, 2)),
        "population": draw.uniform(1, 2, (2, years)),
        "committed_demand": draw.uniform(-1, 1, (n["product"], years)),
        "imports": draw.uniform(0, 2, (n["product"], 2)),
        "exports": draw.uniform(0, 2, (n["product"], 2)),
        "import_price": draw.uniform(0.5, 2, (n["product"], years)),
        "opening_stock": draw.uniform(0, 2, n["product"]) * [1, 1, 1, 0],
        "storage_loss": draw.uniform(0, 1, n["product"]),
        "storable": np.array([True, True, True, False]),
        "re_export": np.array([False, False, False, True]),
        "opening_debt": np.zeros(1),
        "transfers": np.ones(1),
        "resource_coefficient": draw.uniform(0, 1, (1, n["activity"])),
        "resource_budget": np.full(1, 99.0),
    }
    yearly = (
        "use",
        "under_construction",
        "labour_coefficient",
        "labour_supply",
        "population",
        "committed_demand",
        "import_price",
    )
    return Economy.build(Source("random", base_year=2019), sets, data, dict.fromkeys(yearly, YEARS))


FOOD = {"wheat": "food", "bread": "food", "tools": "tools", "care": "care"}
LAND = {"farm": "land", "mill": "land", "robots": "land", "works": "works", "homes": "homes"}


def gather(values: np.ndarray, concordance: dict[str, str], new: tuple[str, ...], axis: int = 0) -> np.ndarray:
    """Sums by label, written out plainly."""
    parts = np.moveaxis(values, axis, 0)
    out = np.zeros((len(new), *parts.shape[1:]))
    for part, target in zip(parts, concordance.values(), strict=True):
        out[new.index(target)] += part
    return np.moveaxis(out, 0, axis)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_flows_add_up_in_every_year(seed: int) -> None:
    e = random_economy(seed)
    land = {a: LAND[a] for a in ACTIVITIES}
    small = aggregate(e, product=FOOD, activity=land)
    products, activities = small.codes("product"), small.codes("activity")
    x, X = e.values("output"), small.values("output")
    assert np.allclose(X, gather(x, land, activities))
    for year in YEARS:
        flows = gather(gather(e.values("use", year) * x, FOOD, products), land, activities, axis=1)
        assert np.allclose(small.values("use", year) * X, flows)
        jobs = gather(e.values("labour_coefficient", year) * x, land, activities, axis=1)
        assert np.allclose(small.values("labour_coefficient", year) * X, jobs)
        assert np.allclose(
            small.values("committed_demand", year), gather(e.values("committed_demand", year), FOOD, products)
        )
        paid = e.values("import_price", year)[:, None] * e.values("imports")
        assert np.allclose(
            small.values("import_price", year) * small.values("imports").sum(axis=1),
            gather(paid.sum(axis=1), FOOD, products),
        )
        built = gather(e.values("under_construction", year), land, activities, axis=1)
        assert np.allclose(small.values("under_construction", year), built)
    for name in ("supply", "capital_coefficient", "resource_coefficient"):
        flows = gather(e.values(name) * x, land, activities, axis=1)
        flows = gather(flows, FOOD, products) if name == "supply" else flows
        assert np.allclose(small.values(name) * X, flows), name


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_stocks_wear_and_capacity_add_up(seed: int) -> None:
    e = random_economy(seed)
    land = {a: LAND[a] for a in ACTIVITIES}
    small = aggregate(e, activity=land)
    k, K = e.values("capital_stock"), small.values("capital_stock")
    names = small.codes("activity")
    assert np.allclose(K, gather(k, land, names, axis=1))
    wear = gather(k * e.values("depreciation"), land, names, axis=1)
    assert np.allclose(K * small.values("depreciation"), wear)
    used = gather((k * e.values("utilisation")).sum(axis=0), land, names)
    assert np.allclose(K.sum(axis=0) * small.values("utilisation"), used)
    assert np.array_equal(small.values("asset_composition"), e.values("asset_composition"))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_final_demand_adds_up(seed: int) -> None:
    e = random_economy(seed)
    small = aggregate(e, product=FOOD)
    products = small.codes("product")
    for left, right in (("need_composition", "consumption"), ("asset_composition", "investment")):
        total = e.values(right).sum(axis=0 if right == "consumption" else 1)
        assert np.allclose(small.values(left) @ total, gather(e.values(left) @ total, FOOD, products))
    assert np.allclose(small.values("need_composition").sum(axis=0), 1)
    lost = gather(e.values("storage_loss") * e.values("opening_stock"), FOOD, products)
    assert np.allclose(small.values("storage_loss") * small.values("opening_stock"), lost)
    assert list(small.values("storable")) == [True, True, False]
    assert list(small.values("re_export")) == [False, False, True]


def test_mapping_every_label_to_itself_changes_nothing() -> None:
    e = random_economy(1)
    same = aggregate(e, product={c: c for c in PRODUCTS}, activity={c: c for c in ACTIVITIES})
    assert same.sets["product"] == e.sets["product"]
    for name in e.data:
        assert np.allclose(same.data[name].values, e.data[name].values, rtol=1e-12), name


def test_two_steps_are_one() -> None:
    e = random_economy(2)
    once = aggregate(e, product={"wheat": "goods", "bread": "goods", "tools": "goods", "care": "care"})
    twice = aggregate(aggregate(e, product=FOOD), product={"food": "goods", "tools": "goods", "care": "care"})
    for name in e.data:
        assert np.allclose(once.data[name].values, twice.data[name].values), name


def test_merging_identical_activities_changes_no_coefficient() -> None:
    e = random_economy(3)
    twins = e.values("use", 2019).copy()
    twins[:, 1] = twins[:, 0]
    small = aggregate(e.with_data(use=twins), activity={a: LAND[a] for a in ACTIVITIES})
    assert np.allclose(small.values("use")[:, 0], twins[:, 0])


def test_a_group_without_output_takes_the_mean() -> None:
    e = random_economy(4)
    idle = e.with_data(output=np.array([1.0, 1.0, 1.0, 0.0, 0.0]))
    small = aggregate(
        idle, activity={"farm": "farm", "mill": "mill", "works": "works", "homes": "new", "robots": "new"}
    )
    assert np.allclose(small.values("use", 2020)[:, -1], e.values("use", 2020)[:, 3:].mean(axis=1))


def test_order_and_names_can_be_given() -> None:
    labels = Labels(("care", "tools", "food"), ("Care", "Tools", "Food"))
    e = random_economy(5)
    small = aggregate(e, product=FOOD, products=labels)
    assert small.codes("product") == ("care", "tools", "food")
    assert small.name_of("product", "food") == "Food"
    assert np.allclose(small.values("imports")[2], e.values("imports")[:2].sum(axis=0))


def test_labels_that_do_not_fit_are_errors() -> None:
    e = random_economy(6)
    with pytest.raises(LabelError, match="leaves out 1 of the product"):
        aggregate(e, product={"wheat": "food", "bread": "food", "tools": "tools"})
    with pytest.raises(LabelError, match="did you mean 'wheat'"):
        aggregate(e, product={**FOOD, "wheet": "food"})
    with pytest.raises(LabelError, match="only listed"):
        aggregate(e, product=FOOD, products=Labels(("food", "tools", "care", "steel")))


def test_different_units_do_not_merge() -> None:
    e = random_economy(7)
    sets = {**e.sets, "product": Labels(PRODUCTS, units=("t", "loaves", "t", "t"))}
    with pytest.raises(TableError, match="different units"):
        aggregate(Economy(e.source, sets, e.data), product=FOOD)
