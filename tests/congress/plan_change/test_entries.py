"""A plan file is a document of entries: nothing is lost, nothing is added, and an amendment does what it says alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.embedded import embedded_folder, embedded_names, load_economy
from lustrum.congress.documents import (
    DocumentError,
    Operation,
    Unit,
    Version,
    apply,
    apply_all,
    delete,
    incompatible,
    insert,
    inverse,
    operation_from_json,
    replace_unit,
    set_number,
)
from lustrum.congress.plan_change import amended, clashes, diff, operation_of, plan_of, plan_version
from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec

ISLAND = load_economy("island")
SPEC = PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")
VERSION = plan_version(SPEC)


def _reloaded(version: Version) -> Version:
    return plan_version(PlanSpec.from_text(plan_of(version).to_yaml()), version.document)


@pytest.mark.parametrize("name", embedded_names())
def test_a_plan_file_is_what_its_document_says(name: str) -> None:
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    version = plan_version(spec)
    assert plan_of(version) == spec
    assert _reloaded(version).hash == version.hash
    assert Version.from_json(json.loads(json.dumps(version.to_json()))).hash == version.hash


figures = st.floats(0.5, 1.5, allow_subnormal=False).map(lambda v: round(v, 4))
years = st.lists(st.integers(2026, 2030), min_size=1, max_size=3, unique=True).map(lambda ys: ", ".join(map(str, ys)))
codes = st.lists(st.sampled_from(["food", "energy", "goods", "housing"]), min_size=1, max_size=2, unique=True)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """One line of an amendment, of any kind."""
    figure = draw(figures)
    when = f" in {draw(years)}" if draw(st.booleans()) else ""
    return draw(
        st.sampled_from(
            [
                f"floor {','.join(draw(codes))} >= {figure}{when}",
                f"floor energy,goods household=country >= {figure}{when}",
                f"reserve food >= {2000 * figure}{when}",
                f"self_sufficiency food >= {figure}{when}",
                f"imports goods partner=isles <= {figure + 1}{when}",
                f"exports timber >= {figure}{when}",
                f'task "new houses" >= {100 * figure}{when}',
                f'task "task {draw(st.integers(1, 3))}" output wind + 2 * exports food >= {100 * figure}{when}',
                f"set trade.export_band = {figure}",
                f"set objective.weights[food] = {figure + 1}",
                f"set trade.debt_ceiling = {10000 * figure}",
                "set adjustment.output.step = none",
                "set living_standard.no_fall = false",
                "delete tasks[new houses]",
                "delete reserves[product=food]",
            ]
        )
    )


@settings(max_examples=30)
@given(lines())
def test_the_adopted_plan_is_exactly_what_the_amendment_says(line: str) -> None:
    one = operation_of(line, VERSION, ISLAND)
    new, spec = amended(VERSION, [one])
    assert _reloaded(new).hash == new.hash
    assert plan_version(spec).hash == new.hash
    assert [u for u in new.units if u.id != one.unit] == [u for u in VERSION.units if u.id != one.unit]
    assert apply(new, inverse(VERSION, one)).hash == VERSION.hash
    assert operation_from_json(json.loads(json.dumps(one.to_json()))).hash == one.hash
    assert len(diff(SPEC, spec)) == 1


@settings(max_examples=15)
@given(st.lists(lines(), min_size=2, max_size=5), st.randoms())
def test_the_order_of_amendments_that_go_together_does_not_matter(some: list[str], random: object) -> None:
    chosen: list[Operation] = []
    for line in some:
        one = operation_of(line, VERSION, ISLAND)
        if not any(incompatible(one, other) for other in chosen):
            chosen.append(one)
    new, spec = amended(VERSION, chosen)
    assert _reloaded(new).hash == new.hash
    assert amended(VERSION, chosen[::-1])[1] == spec
    random.shuffle(chosen)  # type: ignore[attr-defined]
    assert apply_all(VERSION, chosen).hash == new.hash


@settings(max_examples=12)
@given(lines(), lines())
def test_amendments_that_do_not_clash_give_each_its_own(first: str, second: str) -> None:
    a, b = operation_of(first, VERSION, ISLAND), operation_of(second, VERSION, ISLAND)
    if clashes(ISLAND, VERSION, {"a": [a], "b": [b]}):
        return
    both = amended(VERSION, [a, b])[0]
    for one in (a, b):
        alone = apply(VERSION, one)
        if one.unit in alone and a.unit != b.unit:
            assert both.unit(one.unit) == alone.unit(one.unit)


def test_entries_with_the_same_labels_are_told_apart_by_their_order() -> None:
    text = "living_standard: {floors: [{need: food, at_least: {2026: 1.0}}, {need: food, at_least: {2027: 1.1}}]}"
    version = plan_version(PlanSpec.from_text(f"economy: island\n{text}"))
    ids = [u.id for u in version.units if u.id.startswith("living_standard.floors[")]
    assert ids == ["living_standard.floors[need=food]", "living_standard.floors[need=food]#2"]
    assert plan_of(apply(version, delete(version, ids[1]))).living_standard.floors[0].at_least == {2026: 1.0}
    with pytest.raises(SpecError, match="under another name"):
        plan_of(apply(version, delete(version, ids[0])))
    with pytest.raises(SpecError, match="several entries"):
        operation_of("floor food >= 1.2", version, ISLAND)


@pytest.mark.parametrize(
    ("unit", "value", "what"),
    [
        ("trade.export_band", "lots", "text where a number belongs"),
        ("trade.export_band", -1, "out of range"),
        ("tasks[new houses]", {"name": "other", "terms": [{"of": "output"}], "at_least": 1}, "under another name"),
        ("tasks[new houses]", {"name": "new houses", "terms": [], "at_least": 1}, "the list is empty"),
        ("tasks[new houses]", {"name": "new houses", "terms": [{"of": "output"}]}, "exactly one of"),
        ("living_standard.floors", "no list", "another form"),
        ("objective.kind", "wealth", "not one of the choices"),
        ("horizon.years", 2.5, "not a whole number"),
    ],
)
def test_an_operation_that_leaves_no_plan_file_is_refused(unit: str, value: object, what: str) -> None:
    with pytest.raises(SpecError, match=what):
        amended(VERSION, [replace_unit(VERSION, unit, value)])


@pytest.mark.parametrize(
    ("unit", "after"),
    [
        ("prices[steel]", "tasks"),
        ("name.of.it", "name"),
        ("tasks[x]", "name"),
        ("living_standard.ceiling", "name"),
        ("tasks[late]", "tasks"),
    ],
)
def test_an_insertion_that_is_no_entry_in_its_place_is_refused(unit: str, after: str) -> None:
    value = {"name": "y", "terms": [{"of": "output"}], "at_least": 1}
    with pytest.raises(SpecError):
        amended(VERSION, [insert(VERSION, unit, value, after)])


def test_the_accounts_are_not_changed_by_an_amendment() -> None:
    with pytest.raises(SpecError, match="not changed by an amendment"):
        amended(VERSION, [replace_unit(VERSION, "economy", "us-2019")])


def test_a_head_of_a_list_cannot_be_deleted() -> None:
    with pytest.raises((SpecError, DocumentError)):
        amended(VERSION, [delete(VERSION, "reserves")])


def test_a_document_that_is_no_plan_is_refused() -> None:
    with pytest.raises(SpecError):
        plan_of(Version("plan", (Unit("colour", "red"),)))


def test_a_document_of_an_earlier_lustrum_says_the_defaults_of_what_came_since() -> None:
    """Else every record of a congress would cease to verify when the plan file gains a parameter."""
    units = tuple(u for u in VERSION.units if u.id != "solver.method")
    earlier = Version(VERSION.document, units)
    assert plan_of(earlier) == SPEC
    new, spec = amended(earlier, [set_number(earlier, "trade.export_band", (), 0.03)])
    assert spec.trade.export_band == 0.03 and "solver.method" not in new
    odd = Version(VERSION.document, (*units, Unit("solver.colour", "red")))
    with pytest.raises(SpecError, match="colour"):
        plan_of(odd)


def test_a_parameter_is_not_struck_out() -> None:
    with pytest.raises(SpecError, match="set and not struck out"):
        amended(VERSION, [delete(VERSION, "trade.export_band")])
