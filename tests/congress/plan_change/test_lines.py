"""What a delegate writes is one typed operation, or a complaint that names the word, the nearest names and the mend."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.congress.plan_change.conftest import Write

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.documents import Version, apply, delete, insert, operation_from_json, replace_unit
from lustrum.congress.plan_change import operation_of, plan_of, plan_version, require_fit, sentence
from lustrum.errors import BadInput, SpecError
from lustrum.planning.spec import PlanSpec

ISLAND = load_economy("island")
VERSION = plan_version(PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml"))
Island = tuple[Economy, PlanSpec, Version]

READ = [
    ("floor housing >= 1.1 in 2027", "new: living_standard.floors[need=housing]: at_least 1.1 in 2027"),
    (
        "floor energy,goods household=country >= 1.0 to 1.1",
        "living_standard.floors[need=energy+goods,household=country]: at_least to: 1.1 instead of 1.08",
    ),
    (
        "floor household=town >= 2026: 1.0, 2028: 1.02",
        "new: living_standard.floors[household=town]: at_least 1 in 2026, 1.02 in 2028",
    ),
    ("reserve food >= 2000 growing 0.03", "reserves[product=food]: at_least growth: 0.03 instead of 0.02"),
    (
        "imports goods partner=isles <= 1.3",
        "trade.limits[imports,product=goods,partner=isles]: at_most: 1.3 instead of 1.2",
    ),
    (
        "exports timber partner=mainland <= 20 absolute",
        "new: trade.limits[exports,product=timber,partner=mainland,basis=absolute]: at_most 20",
    ),
    ("investment houses activity=homes <= 1.5", "new: investment.ceilings[asset=houses,activity=homes]: at_most 1.5"),
    (
        "resource forest <= 10200 in 2026-2028",
        "resources[resource=forest]: at_most 10,200 in 2026, 10,200 in 2027, 10,200 in 2028, 10,300 in 2029, "
        "10,350 in 2030 instead of at_most from 10,100 to 10,350",
    ),
    (
        'task "new houses" >= 105',
        "tasks[new houses]: investment of asset houses, at_least 105 "
        "instead of investment of asset houses, at_least 100 growing by 0.02 a year",
    ),
    (
        'task "trade" 2 * exports food + -8 * imports >= -2000 sum',
        "new: tasks[trade]: 2 × exports of product food + -8 × imports, over sum, at_least -2,000",
    ),
    (
        "task wind output wind >= 1000 in 2030 elastic 2 0.5",
        "new: tasks[wind]: output of activity wind, at_least 1,000 in 2030, elastic priority 2, weight 0.5",
    ),
    (
        "task steel output farms >= 1200 tonnes in 2027",
        "new: tasks[steel]: output of activity farms, at_least 1,200 in 2027",
    ),
    (
        "floor energy >= 700 MWh with firewood absolute",
        "new: living_standard.floors[need=energy,basis=absolute]: at_least 700",
    ),
    (
        'task "new houses" >= 105 houses growing 0.01',
        "tasks[new houses]: investment of asset houses, at_least 105 growing by 0.01 a year "
        "instead of investment of asset houses, at_least 100 growing by 0.02 a year",
    ),
    ("set trade.export_band = 0.03", "trade.export_band: 0.03 instead of 0.02"),
    ("set investment.stock_growth_cap = 0.5", "investment.stock_growth_cap: 0.5 instead of none"),
    ("set living_standard.no_fall = false", "living_standard.no_fall: false instead of true"),
    ("set technology.gestation[houses] = 0.5, 0.5", "new: technology.gestation[houses]: 0.5, 0.5"),
    (
        "delete tasks[new houses]",
        "struck: tasks[new houses] (was investment of asset houses, at_least 100 growing by 0.02 a year)",
    ),
]


@pytest.mark.parametrize(("line", "words"), READ, ids=[line for line, _ in READ])
def test_a_line_says_one_change(line: str, words: str, island: Island, on_island: Write) -> None:
    assert sentence(on_island(line), island[2]) == words


def test_a_figure_for_one_year_leaves_the_other_years_as_they_were(island: Island, on_island: Write) -> None:
    after = plan_of(apply(island[2], on_island("reserve food >= 2500 in 2028")))
    old = {2025 + t: 2000 * 1.02**t for t in range(1, 6)}
    assert after.reserves[0].at_least == pytest.approx({**old, 2028: 2500.0}, rel=1e-12)
    ramp = plan_of(apply(island[2], on_island("floor energy,goods household=country >= 1.2 in 2030")))
    assert ramp.living_standard.floors[0].at_least == pytest.approx(
        {2026: 1.016, 2027: 1.032, 2028: 1.048, 2029: 1.064, 2030: 1.2}, rel=1e-12
    )


REFUSED = [
    ("flor housing >= 1", "word 1: a line cannot begin with 'flor'", "'floor'"),
    ("floor housin >= 1.1", "word 2: unknown need 'housin'", "'housing'"),
    ("floor housing >= 1.1 in 2035", "2035 is not a year of this plan", "change the year"),
    ("floor housing >= 5%", "word 4: not a number", "0.05 for 5 %"),
    ("floor housing >= 5 %", "in per cent", "0.05 for 5 %"),
    ("floor housing >= 1.1 houses", "has no unit", "leave the unit out"),
    ("task steel output farms >= 12 Mt", "another unit\n  found:    Mt\n  expected: tonnes", "convert"),
    ("task steel output farms + output wind >= 12 tonnes", "MWh, tonnes", "convert"),
    ("task steel 2 * output farms >= 12 tonnes", "no unit of its own", "leave the unit out"),
    ("set trade.export_band = 0.03 tonnes", "a plain figure", "leave the unit out"),
    ("floor housing >= 1,100", "goes on where it should end", "one change on one line"),
    ("floor housing <= 1", "a comparison belongs here", "how the figure limits"),
    ("floor housing >=", "ends too early", "docs/amendments.md"),
    ("floor housing >= 1.1 in 2027 and food", "goes on where it should end", "one change"),
    ("reserve >= 3", "no product is named", "name one"),
    ("floor all, food >= 1", "`all` stands beside", "alone"),
    ("reserve goods >= 3", "cannot be stored", "storable.csv"),
    ('task "new house" >= 105', "no task 'new house'", "'new houses'"),
    ('task "new houses" output wind >= 3', "a task of this name is there", "another name"),
    ('task "new houses" <= 3', "no at_most to change", "delete it"),
    ("task steel made 331 >= 3", "unknown quantity 'made'", "quantity codes"),
    ("task steel output activity=farm >= 3", "unknown activity 'farm'", "'farms'"),
    ("set trade.exprt_band = 0.03", "unknown parameter", "'trade.export_band'"),
    ("set trade.export_band = -3", "out of range", "0.05 for 5 %"),
    ("set trade.export_band = 0.02", "says this already", "leave it out"),
    ("set trade.export_band 0.02", "`=` belongs here", "new value"),
    ("set economy = us-2019", "not changed by an amendment", "other accounts"),
    ("delete tasks[new house]", "no entry", "tasks[new houses]"),
    ('floor "housing >= 1', "cannot be read", "close the quotes"),
    ("", "ends too early", "docs/amendments.md"),
    ("set objective.kind = output", "unknown activity 'food'", "activity codes"),
]


@pytest.mark.parametrize(("line", "what", "mend"), REFUSED, ids=[line or "nothing" for line, _, _ in REFUSED])
def test_a_line_that_cannot_be_done_is_refused_with_its_mend(line: str, what: str, mend: str, on_island: Write) -> None:
    with pytest.raises(SpecError) as caught:
        on_island(line)
    assert what in str(caught.value)
    assert mend in caught.value.mend


_SAID = """floor reserve imports task set delete food housing 331 >= <= = , : + * in to growing sum elastic 2027
2026-2028 1.1 -1 1e999 ² household=town partner all none true tasks trade.export_band output
wind "x tasks[new houses]"""
_WORDS = st.sampled_from([*re.split(r"\s", _SAID), '"new houses"'])


@settings(max_examples=60)
@given(st.lists(_WORDS, max_size=9).map(" ".join) | st.text(max_size=40))
def test_whatever_is_written_is_an_operation_or_a_complaint(line: str) -> None:
    try:
        one = operation_of(line, VERSION, ISLAND)
    except BadInput as error:
        assert error.mend
    else:
        assert one.version == VERSION.hash


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "need", "terms", "at_least", "2027", "from"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_given_as_json_is_an_operation_or_a_complaint(data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(VERSION.units)).id
    made = data.draw(
        st.sampled_from(
            [delete(VERSION, unit), replace_unit(VERSION, unit, 1), insert(VERSION, "tasks[new]", 1, "tasks")]
        )
    ).to_json()
    key = data.draw(st.sampled_from(sorted(made)))
    with contextlib.suppress(BadInput):
        require_fit(VERSION, [operation_from_json({**made, key: data.draw(_JSON)})], ISLAND)


def test_a_name_in_place_of_a_code_finds_the_code(on_us16: Write) -> None:
    with pytest.raises(SpecError, match="unknown activity") as caught:
        on_us16("task steel output manufacturing >= 12")
    assert "31G_D" in caught.value.mend
