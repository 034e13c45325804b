"""Lines, YAML and Python say the same change; what does not fit is refused with the nearest names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Case, Change
from lustrum.scenario.edits import changed_spec, in_plan_file
from lustrum.scenario.grammar import read_line

ECONOMY = load_economy("us-2019-16")
SPEC = PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")

LINES = [
    "floor housing >= 1.04 in 2022",
    "floor food, housing >= 1 to 1.2",
    "floor food >= 2021: 1, 2022: 1.1",
    "floor all >= 0.9 growing 0.01",
    "floor housing household=all >= 1.02 in 2021-2022, 2024",
    "imports 22 <= 0.5",
    "imports all partner=all >= 10 absolute",
    "exports 22 >= 0.5 in 2022",
    "self_sufficiency 11 >= 0.9",
    "investment structures activity=23 <= 1.1",
    "output 21 <= 1.02 in 2021-2022",
    "set trade.export_band = 0.05",
    "set living_standard.no_fall = false",
    "set objective.weights[food] = 2",
    "delete tasks[structures]",
    'task "structures" >= 700000 in 2021',
    'task "new" output 11 + 2 * imports 11 >= 3 sum',
    'task "mild" output 23 <= 3 elastic 2 0.5',
    "scale labour_supply 0.98 in 2021-2022",
    "scale use 1.01 product=22 activity=11,23",
    "lose 10% of structures 23 in 2021",
    "lose 2.5% of structures",
    "stop imports 22 in 2021-2022",
    "stop exports 11,22",
    "scale limit:labour 0.98 in 2021",
    "scale limit:capacity 1.01 asset=structures activity=23 in 2021",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_a_mapping_and_a_change_say_the_same(line: str) -> None:
    change = read_line(line, ECONOMY, SPEC)
    assert Change.from_dict(change.to_dict()) == change
    assert read_line(str(change), ECONOMY, SPEC) == change
    case = Case("one", change)
    assert Case.from_yaml(case.to_yaml()) == Case("one", str(change))
    if in_plan_file(change):
        assert changed_spec(SPEC, [change], ECONOMY) != SPEC


def test_short_words_stand_for_what_people_scale() -> None:
    assert read_line("scale labour 0.98", ECONOMY, SPEC) == Change("datum:labour_supply", times=0.98)
    assert read_line("lose 0.1 of structures 23 in 2021", ECONOMY, SPEC) == read_line(LINES[20], ECONOMY, SPEC)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("flor housing >= 1", "did you mean 'floor'"),
        ("floor hosing >= 1", "did you mean 'housing'"),
        ("stop imports", "no product is named"),
        ("stop wages 22", "imports or exports"),
        ("scale labur 0.9", "did you mean 'labour'"),
        ("scale labour 5%% in 2021", "not a share"),
        ("lose 120% of structures", "out of range"),
        ("lose 10% structures", "`of` belongs here"),
        ("lose 10% of structure 23", "did you mean 'structures'"),
        ("set trade.export_bnd = 1", "did you mean 'trade.export_band'"),
        ("delete tasks[structure]", "did you mean"),
        ("floor housing >= 1 in 2022 please", "one change on one line"),
        ("imports 22 <= 5 Mt absolute", "another unit"),
    ],
)
def test_what_cannot_be_read_says_how_to_mend_it(line: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        read_line(line, ECONOMY, SPEC)


def test_a_change_has_one_value_and_a_known_kind() -> None:
    with pytest.raises(SpecError, match="exactly one"):
        Change("datum:use", times=1.0, plus=1.0)
    with pytest.raises(SpecError, match="exactly one"):
        Change("datum:use")
    with pytest.raises(SpecError, match="did you mean 'limit'"):
        Change("limt:labour", times=1.0)


def test_arrays_on_labels_go_through_plain_data() -> None:
    array = xr.DataArray([[1.0, 2.0]], dims=["activity", "year"], coords={"activity": ["11"], "year": [2020, 2021]})
    change = Change("decision:output", to=array)
    again = Change.from_dict(change.to_dict())
    assert again == change
    np.testing.assert_array_equal(again.to.values, array.values)
    assert Case.from_yaml(Case("held", change).to_yaml()) == Case("held", change)


def test_a_case_is_a_value(tmp_path: Path) -> None:
    one = Case("a", "floor housing >= 1.04", Change("datum:use", times=1.01))
    assert one == Case("a", "floor housing >= 1.04", Change("datum:use", times=1.01))
    assert len({one, Case("a", one), Case("b", one)}) == 2
    file = tmp_path / "a.yaml"
    file.write_text(one.to_yaml(), encoding="utf-8")
    assert Case.read(file) == Case("a", *map(str, one.changes))
    with pytest.raises(SpecError, match="cannot be read"):
        Case.read(tmp_path / "none.yaml")
    with pytest.raises(SpecError, match="unknown key"):
        Case.from_yaml("case: x\nchange: [floor food >= 1]\n")


def test_years_of_a_line_leave_the_others_as_they_were() -> None:
    once = changed_spec(SPEC, [read_line("floor housing >= 1.01", ECONOMY, SPEC)], ECONOMY)
    twice = changed_spec(once, [read_line("floor housing >= 1.04 in 2022", ECONOMY, once)], ECONOMY)
    (floor,) = twice.living_standard.floors
    assert floor.at_least == {2020: 1.01, 2021: 1.01, 2022: 1.04, 2023: 1.01, 2024: 1.01}


def test_a_ceiling_after_a_stop_is_an_entry_of_its_own() -> None:
    """Only the years that were stopped lift the band; the ceiling keeps it."""
    stopped = changed_spec(SPEC, [read_line("stop imports 22 in 2021", ECONOMY, SPEC)], ECONOMY)
    spec = changed_spec(stopped, [read_line("imports 22 <= 0.9 in 2022", ECONOMY, stopped)], ECONOMY)
    limits = [(x.at_most, x.overrides_band) for x in spec.trade.limits if x.product == ["22"]]
    assert limits == [({2021: 0.0}, True), ({2022: 0.9}, False)]
