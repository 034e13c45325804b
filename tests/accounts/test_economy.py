"""Economy: labelled, immutable accounts; labels that differ are an error that names both sides."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.economies import random_case

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME, FIELDS, FLOWS, SETS
from lustrum.errors import BadInput, LabelError, LustrumError, TableError
from lustrum.labels import labelled, require_equal, same_labels, unknown_label

SETS_GIVEN: dict[str, Any] = {"product": ["corn", "iron"], "activity": ["farm", "mill"]}
CORE: dict[str, Any] = {"supply": np.eye(2), "use": [[0.1, 0.2], [0.3, 0.4]]}


def economy(**more: Any) -> Economy:
    return Economy.build(Source("test", base_year=2020, money="M"), SETS_GIVEN, {**CORE, **more})


def yearly(*years: int) -> Economy:
    """Accounts with labour supply of 1 in each of the years."""
    sets = {**SETS_GIVEN, "skill": ["all"]}
    supply = {"labour_supply": np.ones((1, len(years)))}
    return Economy.build(Source("test", base_year=2020, money="M"), sets, {**CORE, **supply}, {"labour_supply": years})


# labels -------------------------------------------------------------------------------------------------


def test_a_label_has_a_name_or_is_its_own() -> None:
    labels = Labels(("A", "B"), names=("Agriculture", ""))
    assert labels.name("A") == "Agriculture"
    assert labels.name("B") == "B"
    assert labels.units == labels.regions == ("", "")


def test_codes_stand_once() -> None:
    with pytest.raises(LabelError, match="'A' stands twice"):
        Labels(("A", "B", "A"))


@pytest.mark.parametrize("attribute", ["names", "units", "regions"])
def test_what_stands_beside_codes_is_as_long(attribute: str) -> None:
    with pytest.raises(LabelError, match=f"{attribute} do not fit"):
        Labels(("A", "B"), **{attribute: ("one",)})


def test_labels_and_source_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Labels(("A",)).codes = ("B",)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Source("x").name = "y"  # type: ignore[misc]


def test_two_arrays_meet_only_with_equal_labels_in_the_same_order() -> None:
    a = labelled([1, 2], ["product"], {"product": ["corn", "iron"]}, "a")
    same_labels(a, labelled([3, 4], ["product"], {"product": ["corn", "iron"]}, "b"), "product")
    with pytest.raises(LabelError, match=r"a\.product and b\.product differ") as e:
        same_labels(a, labelled([3, 4], ["product"], {"product": ["iron", "corn"]}, "b"), "product")
    assert "position 1: 'corn' in a.product, 'iron' in b.product" in str(e.value)
    with pytest.raises(LabelError, match="'corn' meant to be 'korn'"):
        same_labels(a, labelled([3, 4], ["product"], {"product": ["korn", "iron"]}, "b"), "product")
    with pytest.raises(LabelError, match=r"only in left: \['b'\]"):
        require_equal(["a", "b"], ["a"], "left", "right")


def test_an_array_fits_its_labels() -> None:
    with pytest.raises(LabelError, match="does not fit its labels"):
        labelled([1.0, 2.0, 3.0], ["product"], {"product": ["corn", "iron"]})


def test_an_unknown_label_is_met_with_the_nearest() -> None:
    expected, mend = unknown_label("irn", ["corn", "iron"], "product")
    assert expected == "one of the 2 product codes: corn, iron"
    assert mend == "did you mean 'iron'?"
    assert unknown_label("zzz", [str(k) for k in range(20)], "year")[0].endswith("7, …")


def test_errors_form_one_tree() -> None:
    assert issubclass(LabelError, BadInput)
    assert issubclass(BadInput, LustrumError)
    text = str(TableError("what", where="use.csv:3", found=0, expected="a number", mend="write it"))
    assert text == "use.csv:3: what\n  found:    0\n  expected: a number\n  mend:     write it"
    assert TableError("x").exit_code == 2


# conformity ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("needed", ["product", "activity"])
def test_products_and_activities_are_needed(needed: str) -> None:
    with pytest.raises(TableError, match=f"at least one {needed}"):
        Economy(Source("x"), {k: Labels(tuple(v)) for k, v in SETS_GIVEN.items() if k != needed}, {})
    with pytest.raises(TableError, match=f"at least one {needed}"):
        Economy(Source("x"), {k: Labels(tuple(v) if k != needed else ()) for k, v in SETS_GIVEN.items()}, {})


@pytest.mark.parametrize("needed", ["supply", "use"])
def test_supply_and_use_are_needed(needed: str) -> None:
    data = {k: v for k, v in CORE.items() if k != needed}
    with pytest.raises(TableError, match=f"needs '{needed}'"):
        Economy.build(Source("x"), SETS_GIVEN, data)


def test_an_unknown_field_is_an_error_with_the_nearest_spelling() -> None:
    with pytest.raises(TableError, match=r"unknown field 'outputs'(.|\n)*did you mean 'output'"):
        economy(outputs=[1, 2])
    with pytest.raises(TableError, match="unknown field"):
        Economy(Source("x"), {k: Labels(tuple(v)) for k, v in SETS_GIVEN.items()}, {"nonsense": xr.DataArray([1.0])})


def test_a_field_whose_set_is_not_there_is_an_error() -> None:
    with pytest.raises(LabelError, match="needs the sets"):
        economy(imports=[[1.0], [2.0]])
    array = labelled([[1.0], [2.0]], ("product", "partner"), {"product": ["corn", "iron"], "partner": ["world"]})
    with pytest.raises(LabelError, match="needs the set 'partner'"):
        economy().with_data(imports=array)


def test_labels_of_a_field_are_those_of_its_set_and_both_sides_are_named() -> None:
    array = labelled([1.0, 2.0], ("activity",), {"activity": ["farm", "milk"]}, "output")
    with pytest.raises(LabelError) as e:
        economy().with_data(output=array)
    assert "output.activity and set activity differ" in str(e.value)
    assert "'milk'" in str(e.value)
    assert "'mill'" in str(e.value)
    turned = labelled([2.0, 1.0], ("activity",), {"activity": ["mill", "farm"]}, "output")
    with pytest.raises(LabelError, match="same order"):
        economy().with_data(output=turned)  # never a silent reindex


def test_dimensions_may_stand_in_any_order_but_must_be_those_of_the_field() -> None:
    use = economy().data["use"]
    np.testing.assert_array_equal(economy().with_data(use=use.transpose()).values("use"), CORE["use"])
    with pytest.raises(LabelError, match="wrong dimensions"):
        economy().with_data(use=use.isel(activity=0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_every_figure_is_finite_and_the_place_is_named(bad: float) -> None:
    with pytest.raises(TableError, match="product=iron, activity=farm"):
        economy(use=[[0.1, 0.2], [bad, 0.4]])


def test_years_rise_and_only_some_fields_have_them() -> None:
    assert list(yearly(2020, 2025).data["labour_supply"]["year"].values) == [2020, 2025]
    for years in ([2021, 2020], [2020, 2020]):
        with pytest.raises(LabelError, match="must rise"):
            yearly(*years)
    with pytest.raises(LabelError, match="wrong dimensions"):
        Economy.build(Source("x"), SETS_GIVEN, {**CORE, "output": np.ones((2, 1))}, {"output": [2020]})


# reading ------------------------------------------------------------------------------------------------


def test_fields_are_attributes() -> None:
    e = economy(output=[1.0, 2.0])
    assert e.output is e.data["output"]
    assert e.investment is None
    with pytest.raises(AttributeError, match="no field 'profit'"):
        _ = e.profit


def test_values_by_year() -> None:
    sets = {**SETS_GIVEN, "skill": ["all"]}
    e = Economy.build(
        Source("x", base_year=2020), sets, {**CORE, "labour_supply": [[1.0, 2.0]]}, {"labour_supply": [2020, 2022]}
    )
    assert e.values("labour_supply") == 1.0
    assert e.values("labour_supply", 2022) == 2.0
    with pytest.raises(TableError, match=r"no figures for 2021(.|\n)*labour_supply\.csv"):
        e.values("labour_supply", 2021)
    np.testing.assert_array_equal(e.values("use", 1900), CORE["use"])
    with pytest.raises(TableError, match="no 'investment'"):
        e.values("investment")
    np.testing.assert_array_equal(e.value_or("output", 7.0), [7, 7])
    assert e.has("use", "supply")
    assert not e.has("use", "output")


def test_names_units_and_regions() -> None:
    e = Economy.build(
        Source("x", money="M EUR"),
        {
            "product": Labels(("corn", "iron"), ("Corn", ""), ("t", ""), ("north", "south")),
            "activity": ["farm", "mill"],
            "region": ["south", "north"],
        },
        CORE,
    )
    assert (e.name_of("product", "corn"), e.name_of("product", "iron")) == ("Corn", "iron")
    assert (e.unit_of("product", "corn"), e.unit_of("product", "iron")) == ("t", "M EUR")
    np.testing.assert_array_equal(e.product_region, [1, 0])
    np.testing.assert_array_equal(economy().product_region, [0, 0])
    wrong = Economy.build(
        Source("x"),
        {
            "product": Labels(("corn", "iron"), regions=("north", "east")),
            "activity": ["farm", "mill"],
            "region": ["south", "north"],
        },
        CORE,
    )
    with pytest.raises(TableError, match=r"products\.csv: product 'iron' has no known region"):
        _ = wrong.product_region
    assert economy().codes("asset") == ()
    assert economy().size("asset") == 0


def test_what_can_be_stored() -> None:
    assert not economy().storable_products.any()
    assert list(economy(opening_stock=[0.0, 1.0]).storable_products) == [False, True]
    both = economy(opening_stock=[0.0, 1.0], storable=np.array([True, True]))
    assert list(both.storable_products) == [True, True]
    with pytest.raises(TableError, match="cannot be stored"):
        economy(opening_stock=[0.0, 1.0], storable=np.array([True, False]))


def test_capital_coefficients_are_given_or_follow_from_stocks() -> None:
    sets = {**SETS_GIVEN, "asset": ["plant"]}
    stocks: dict[str, Any] = {"capital_stock": [[50.0, 30.0]], "output": [100.0, 0.0], "utilisation": [0.8, 1.0]}
    e = Economy.build(Source("x"), sets, {**CORE, **stocks})
    np.testing.assert_allclose(np.asarray(e.capacity_coefficients()), [[0.4, 0.0]])
    np.testing.assert_allclose(np.asarray(e.with_data(utilisation=None).capacity_coefficients()), [[0.5, 0.0]])
    np.testing.assert_allclose(
        np.asarray(e.with_data(capital_coefficient=[[2.0, 3.0]]).capacity_coefficients()), [[2, 3]]
    )
    assert e.with_data(output=None).capacity_coefficients() is None


# immutability, digest -----------------------------------------------------------------------------------


def test_accounts_cannot_be_changed() -> None:
    given = np.array([[0.1, 0.2], [0.3, 0.4]])
    e = economy(use=given)
    given[0, 0] = 99.0
    assert e.values("use")[0, 0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        e.values("use")[0, 0] = 1.0
    with pytest.raises(TypeError):
        e.data["use"] = e.data["supply"]  # type: ignore[index]
    with pytest.raises(TypeError):
        e.sets["product"] = Labels(("x",))  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        e.source = Source("y")  # type: ignore[misc]


def test_a_changed_copy_leaves_the_first_as_it_was() -> None:
    e = economy(output=[1.0, 2.0])
    other = e.with_data(output=[5.0, 6.0], opening_stock=[1.0, 1.0], use=CORE["use"])
    assert list(e.values("output")) == [1, 2]
    assert list(other.values("output")) == [5, 6]
    assert not e.has("opening_stock")
    assert not other.with_data(output=None).has("output")
    with pytest.raises(LabelError):
        e.with_data(output=[1.0, 2.0, 3.0])


def test_equal_accounts_have_equal_digests() -> None:
    assert economy().digest == economy().digest
    assert economy(output=[0.0, 1.0]).digest == economy(output=[-0.0, 1.0]).digest
    assert economy(output=[1, 2]).digest == economy(output=[1.0, 2.0]).digest
    a, b = Economy.build(Source("t"), SETS_GIVEN, CORE), Economy.build(Source("t", title="A title"), SETS_GIVEN, CORE)
    assert a.digest == b.digest  # words about the accounts are not the accounts


def test_any_difference_changes_the_digest() -> None:
    def named(**beside: tuple[str, str]) -> Economy:
        sets = {**SETS_GIVEN, "product": Labels(("corn", "iron"), **beside)}
        return Economy.build(Source("test", base_year=2020, money="M"), sets, CORE)

    sets = {**SETS_GIVEN, "skill": ["all"]}
    others = [
        economy(),
        economy(use=np.nextafter(CORE["use"], 1)),
        economy(output=[1.0, 2.0]),
        economy(output=[2.0, 1.0]),
        economy(storable=np.array([True, False])),
        yearly(2020, 2021),
        yearly(2020, 2022),
        named(names=("Corn", "Iron")),
        named(units=("t", "t")),
        named(regions=("a", "b")),
        Economy.build(Source("other", base_year=2020, money="M"), SETS_GIVEN, CORE),
        Economy.build(Source("test", base_year=2021, money="M"), SETS_GIVEN, CORE),
        Economy.build(Source("test", base_year=2020, money="N"), SETS_GIVEN, CORE),
        Economy.build(Source("test", base_year=2020, money="M"), {**SETS_GIVEN, "product": ["corn", "ironx"]}, CORE),
        Economy.build(Source("test", base_year=2020, money="M"), sets, CORE),
    ]
    digests = [e.digest for e in others]
    assert len(set(digests)) == len(digests)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.data())
def test_one_figure_in_the_last_digit_changes_the_digest(seed: int, data: st.DataObject) -> None:
    e, _ = random_case(seed, 6, 3)
    name = data.draw(st.sampled_from([n for n in e.data if e.data[n].dtype != bool]))
    array = e.data[name].copy(data=np.array(e.data[name].values))
    at = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
    before = array.values[at]
    array.values[at] = np.nextafter(before, np.inf) if before else 1e-99  # what is smaller is refused
    assert e.with_data(**{name: array}).digest != e.digest


# the table of fields ------------------------------------------------------------------------------------


def test_the_table_of_fields_is_sound() -> None:
    assert len(BY_NAME) == len(FIELDS)
    for f in FIELDS:
        assert set(f.dims) <= set(SETS), f.name
        assert f.sign in (">=0", ">0", "0..1", "any", "bool"), f.name
        assert f.unit, f.name
        assert f.meaning, f.name
    for flow in FLOWS:
        assert flow.gives in BY_NAME
        assert flow.name not in BY_NAME
    assert len(set(SETS.values())) == len(SETS)
