"""Malformed plan files, one by one: each is refused with its place, what is wrong there, and a mend."""

from __future__ import annotations

import time

import pytest
from tests.bad_input.reading import PLAN, TABLES, read_tables, refused, resolve

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import load_economy
from lustrum.errors import BadInput, SpecError
from lustrum.planning.plan_file import locate
from lustrum.planning.spec import PlanSpec


@pytest.fixture(scope="module")
def dale(tmp_path_factory: pytest.TempPathFactory) -> Economy:
    return read_tables(tmp_path_factory.mktemp("dale"), dict(TABLES))


def test_the_sound_plan_is_read(dale: Economy) -> None:
    assert len(resolve(dale, PLAN).tasks) == 2


AIM = "kind: living_standard, elasticity: 2.0, weights: {food: 1.5},"

SPEC: list[tuple[str, str, str, str, str]] = [
    # old, new, place, words, mend
    (
        "{start: 5.0, growth: 0.01}",
        "{start: 5.0, growth: abc}",
        "lustrum.yaml:16: reserves[0].at_least.growth",
        "text where a number belongs",
        "plain number",
    ),
    ("{start: 5.0, growth: 0.01}", "{start: 5.0}", "reserves[0].at_least", "'growth' is missing", "add `growth:`"),
    ("{start: 5.0, growth: 0.01}", "{start: 5.0, growth: 11}", "reserves[0].at_least.growth", "out of range", ""),
    ("{start: 5.0, growth: 0.01}", "{start: 5.0, grwth: 0.01}", "at_least.grwth", "unknown key 'grwth'", "'growth'"),
    ("{start: 5.0, growth: 0.01}", "{begin: 5.0}", "reserves[0].at_least.begin", "unknown key 'begin'", "year"),
    ("{start: 5.0, growth: 0.01}", "{}", "reserves[0].at_least", "empty", "number"),
    ("{start: 5.0, growth: 0.01}", "[1, 2]", "reserves[0].at_least", "a list where a figure belongs", "{2026"),
    ("{start: 5.0, growth: 0.01}", "{'2026': 5}", "reserves[0].at_least.2026", "year in quotes", "remove the quotes"),
    (
        "{start: 5.0, growth: 0.01}",
        "{2040: 5}",
        "lustrum.yaml:16: reserves[0].at_least.2040",
        "not a year of this plan",
        "horizon",
    ),
    ("{start: 5.0, growth: 0.01}", "{-2026: 5}", "reserves[0].at_least.-2026", "not a year of this plan", ""),
    ("{start: 5.0, growth: 0.01}", '"5.0"', "reserves[0].at_least", "text where a number belongs", "remove the quotes"),
    ("{start: 5.0, growth: 0.01}", "true", "reserves[0].at_least", "true or false where a number belongs", ""),
    ("{start: 5.0, growth: 0.01}", ".nan", "reserves[0].at_least", "not a finite number", ""),
    ("{start: 5.0, growth: 0.01}", ".inf", "reserves[0].at_least", "not a finite number", "no limit"),
    ("{start: 5.0, growth: 0.01}", "1e400", "reserves[0].at_least", "not a finite number", ""),
    ("{start: 5.0, growth: 0.01}", "1" + "0" * 300, "reserves[0].at_least", "too large", ""),
    ("{start: 5.0, growth: 0.01}", "1" + "0" * 5000, "lustrum.yaml:16:", "5001 digits", "fewer digits"),
    ("{start: 5.0, growth: 0.01}", "{start: 1.0e17, growth: 9}", "reserves[0].at_least", "too large", "growth"),
    ("{start: 5.0, growth: 0.01}", "2026-01-01", "reserves[0].at_least", "text where a number", "the year alone: 2026"),
    ("{start: 5.0, growth: 0.01}", "5%", "reserves[0].at_least", "text where a number belongs", "0.05 for 5 %"),
    ("{start: 5.0, growth: 0.01}", "5_000", "reserves[0].at_least", "text where a number", "thousands separators"),
    ("{start: 5.0, growth: 0.01}", "012", "reserves[0].at_least", "text where a number belongs", "zeros in front"),
    ("{start: 5.0, growth: 0.01}", "null", "reserves[0].at_least", "nothing where a figure", ""),
    (
        "product: corn, at_least",
        "product: cron, at_least",
        "lustrum.yaml:16: reserves[0].product",
        "unknown product 'cron'",
        "'corn'",
    ),
    ("product: corn, at_least", "product: cloth, at_least", "reserves[0].product", "cannot be stored", "storable.csv"),
    ("product: corn, at_least", "product: [], at_least", "reserves[0].product", "the list is empty", ""),
    ("product: corn, at_least", "product: 22, at_least", "reserves[0].product", "a number where text belongs", "'22'"),
    ("product: corn, at_least", "product: true, at_least", "reserves[0].product", "true or false where text", "'true'"),
    (
        "product: corn, at_least",
        "product: [corn, all], at_least",
        "reserves[0].product",
        "`all` stands beside",
        "alone",
    ),
    (
        "need: [food, clothing]",
        "need: [fod]",
        "lustrum.yaml:9: living_standard.floors[0].need",
        "unknown need 'fod'",
        "'food'",
    ),
    ("household: land", "household: lnd", "living_standard.floors[0].household", "unknown household 'lnd'", "'land'"),
    ("years: 5", "years: '5'", "lustrum.yaml:4: horizon.years", "text where a number belongs", "remove the quotes"),
    ("years: 5", "years: 5.5", "horizon.years", "not a whole number", "fraction"),
    ("years: 5", "years: true", "horizon.years", "true or false where a number", ""),
    ("years: 5", "years: 0", "horizon.years", "out of range", ""),
    ("years: 5", "years: -3", "horizon.years", "out of range", ""),
    ("years: 5", "years: 99999999999999999999", "horizon.years", "too large", ""),
    ("years: 5", "years: 60", "labour_supply.csv", "no figures for 2031", "plan for 5 years"),
    ("years: 5}", "years: 5, yaers: 6}", "lustrum.yaml:4: horizon.yaers", "unknown key 'yaers'", "'years'"),
    ("horizon: {years: 5}", "horizon:", "lustrum.yaml:4: horizon", "nothing stands after the key", "remove the key"),
    ("horizon: {years: 5}", "horizon: 5", "lustrum.yaml:4: horizon", "a number where a section belongs", "indent"),
    ("horizon: {years: 5}", "horizon: [years]", "horizon", "a list where a section belongs", ""),
    ("horizon: {years: 5}", "horizn: {years: 5}", "lustrum.yaml:4: horizn", "unknown key 'horizn'", "'horizon'"),
    ("horizon: {years: 5}", "2026: {years: 5}", "lustrum.yaml:4: 2026", "unknown key 2026", ""),
    ("machines: [0.5, 0.5]", "machine: [0.5, 0.5]", "technology.gestation", "unknown asset 'machine'", "assets.csv"),
    ("machines: [0.5, 0.5]", "machines: [0.5, 0.6]", "technology.gestation", "sum to 1", "[0.4, 0.6]"),
    ("machines: [0.5, 0.5]", "machines: []", "technology.gestation", "sum to 1", ""),
    ("machines: [0.5, 0.5]", "machines: 1", "technology.gestation.machines", "a number where a list belongs", ""),
    ("machines: [0.5, 0.5]", "7: [0.5, 0.5]", "technology.gestation.7", "a number where a label belongs", "'7'"),
    (
        "no_fall: false",
        "no_fall: 1",
        "living_standard.no_fall",
        "a number where true or false belongs",
        "true or false",
    ),
    ("no_fall: false", "no_fall: maybe", "living_standard.no_fall", "text where true or false belongs", ""),
    ("at_most: 2.0}", "at_most: -2.0}", "trade.limits[0].at_most", "cannot be negative", "write 0"),
    ("at_most: 2.0}", "basis: base}", "lustrum.yaml:14: trade.limits[0]", "give at_most or at_least", "add"),
    ("flow: exports", "flow: export", "trade.limits[0].flow", "not one of the choices", "'exports'"),
    ("flow: exports", "flow: 1", "trade.limits[0].flow", "not one of the choices", "imports or exports"),
    (
        "product: corn, partner: abroad, at_most: 2.0",
        "product: tools, basis: absolute, at_least: 2.0",
        "lustrum.yaml:14: trade.limits[0].at_least",
        "exports of 'tools' with 'abroad'",
        "new_trade",
    ),
    (
        "flow: exports, product: corn, partner: abroad, at_most: 2.0",
        "flow: imports, basis: absolute, at_least: {2027: 1}",
        "trade.limits[0].at_least",
        "imports of 'corn' with 'abroad'",
        "new_trade",
    ),
    ("partner: abroad", "partner: abrod", "trade.limits[0].partner", "unknown partner 'abrod'", "'abroad'"),
    ("export_band: 0.05", "export_band: 50", "trade.export_band", "out of range", "0.05 for 5 %"),
    ("asset: machines", "asset: machinse", "investment.ceilings[0].asset", "unknown asset 'machinse'", "'machines'"),
    ("at_most: 5.0}", "at_most: -5.0}", "investment.ceilings[0].at_most", "cannot be negative", ""),
    (
        "exempt: [forges]",
        "exempt: [forge]",
        "lustrum.yaml:21: adjustment.output.exempt",
        "unknown activity 'forge'",
        "'forges'",
    ),
    ("exempt: [forges]", "exempt: forges", "adjustment.output.exempt", "text where a list belongs", "[one, another]"),
    ("terms: [{of: output", "terms: [] #", "tasks[0].terms", "the list is empty", "at least one"),
    ("terms: [{of: output", "terms: [{of: outpt", "tasks[0].terms[0].of", "not one of the choices", "'output'"),
    (
        "of: output, activity: mills",
        "of: output, product: corn",
        "lustrum.yaml:24: tasks[0].terms[0].product",
        "output has no product",
        "remove product",
    ),
    ("of: output, activity: mills", "of: resource", "tasks[0].terms[0].of", "no resource", "remove the term"),
    ("of: output, activity: mills", "of: output, activity: mils", "tasks[0].terms[0].activity", "'mils'", "'mills'"),
    ("years: [2027, 2028]", "years: []", "lustrum.yaml:25: tasks[0].years", "the list is empty", "remove the key"),
    ("years: [2027, 2028]", "years: [2027, 2050]", "tasks[0].years", "2050 is not a year of this plan", "horizon"),
    ("years: [2027, 2028]", "years: 2027", "tasks[0].years", "a number where a list belongs", "[one, another]"),
    ("years: [2027, 2028]", "years: [2027]", "tasks[0].years", "has a target for 2028", "add the year"),
    ("priority: 1", "priority: 0", "tasks[0].elastic.priority", "out of range", "choose one in that range"),
    ("weight: 2.0", "weight: 0", "tasks[0].elastic.weight", "out of range", ""),
    ("name: clothes for all", "name: ''", "tasks[0].name", "text is empty", "give it a name"),
    ("name: clothes for all", "name: " + "x" * 200, "tasks[0].name", "too long", "shorten"),
    ("name: clothes for all", 'name: "a\\e[31mb"', "tasks[0].name", "control character", "one line"),
    ("    elastic:", "    equals: 4\n    elastic:", "tasks[0]", "exactly one of", "keep one"),
    ("rule: growth,", "rule: grow,", "terminal.rule", "not one of the choices", "'growth'"),
    ("rule: growth,", "rule: growth, stocks: [{at_least: 1}],", "terminal.stocks", "does not use them", "rule: stocks"),
    ("rule: growth,", "rule: growth, output_floors: [{at_least: 1}],", "terminal.output_floors", "does not use", ""),
    ("food: 1.5", "fod: 1.5", "lustrum.yaml:29: objective.weights", "unknown need 'fod'", "'food'"),
    ("food: 1.5", "food: -1.5", "objective.weights.food", "out of range", ""),
    ("kind: living_standard,", "kind: output, years: [],", "objective.years", "the list is empty", "remove the key"),
    (
        "kind: living_standard,",
        "kind: employment,",
        "lustrum.yaml:29: objective",
        "says nothing under kind employment",
        "leave the key out",
    ),
    ("kind: living_standard,", "kind: living_standard, years: [2021],", "objective", "it belongs to output", "leave"),
    (AIM, "kind: least_cost,", "objective", "at least one cost", "add `costs:`"),
    (
        AIM,
        "kind: least_cost, costs: [{of: labour, skill: arms}],",
        "objective.costs[0].skill",
        "unknown skill 'arms'",
        "",
    ),
    (AIM, "kind: least_cost, costs: [{of: resource}],", "objective.costs[0].of", "no resource", ""),
    (
        AIM,
        "kind: assortment, basket: [{need: foot, amount: 1}],",
        "objective.basket[0].need",
        "unknown need 'foot'",
        "'food'",
    ),
    (
        "solver: {time_limit: 60}",
        "solver: {time_limit: 60}\nsolver: {}",
        "lustrum.yaml:31:1",
        "stands twice",
        "keep one",
    ),
    (
        "solver: {time_limit: 60}",
        "solver:\n\ttime_limit: 60",
        "lustrum.yaml:31:",
        "cannot start any token",
        "spaces, not tabs",
    ),
    ("solver: {time_limit: 60}", "solver: &s {time_limit: 60}", "lustrum.yaml:30:", "anchors", "where it is used"),
    ("solver: {time_limit: 60}", "solver: *s", "lustrum.yaml:30:", "aliases", ""),
    ("solver: {time_limit: 60}", "solver: !!python/object:os.system {}", "lustrum.yaml:30:", "tags", ""),
    ("solver: {time_limit: 60}", "solver: " + "[" * 5000, "lustrum.yaml:30:", "nested", "brackets"),
    ("solver: {time_limit: 60}", "solver: {time_limit: 60", "lustrum.yaml:31:", "not well-formed", "bracket"),
    ("solver: {time_limit: 60}", "solver: a: b", "lustrum.yaml:30:", "mapping values", "second colon"),
    ("solver: {time_limit: 60}", "---\na: b", "lustrum.yaml:30:", "another document", "one document"),
    ("solver: {time_limit: 60}", "solver: \x00", "lustrum.yaml:30", "no text", "UTF-8"),
    ("solver: {time_limit: 60}", "true: 60", "lustrum.yaml:30:", "no word or year", "quotes"),
    ("lustrum: 1\n", "lustrum: 2\n", "lustrum.yaml:1: lustrum", "not one of the choices", "newer lustrum"),
    ("lustrum: 1\n", "- 1\n", "lustrum.yaml:2:1", "not well-formed YAML", "indentation"),
    (PLAN, "", "lustrum.yaml", "plan file is empty", "lustrum new"),
    (PLAN, "# nothing\n", "lustrum.yaml", "plan file is empty", "lustrum new"),
    (PLAN, "- name: x\n", "lustrum.yaml:1", "must be `key: value` lines", "colon"),
    (PLAN, "just words\n", "lustrum.yaml:1", "must be `key: value` lines", "colon"),
    (PLAN, "a: " + "x" * 600_000, "lustrum.yaml", "too large", "tables"),
]


@pytest.mark.parametrize(("old", "new", "where", "words", "mend"), SPEC, ids=[f"{c[2]} {c[3]}"[:60] for c in SPEC])
def test_a_malformed_plan_is_refused(dale: Economy, old: str, new: str, where: str, words: str, mend: str) -> None:
    assert PLAN.count(old) >= 1, old
    began = time.perf_counter()
    with pytest.raises(BadInput) as caught:
        resolve(dale, PLAN.replace(old, new, 1))
    refused(caught.value, where, words, mend)
    assert time.perf_counter() - began < 2.0


def test_figures_by_year_may_leave_a_term_out_but_not_every_term(dale: Economy) -> None:
    text = PLAN.replace("{of: output, activity: mills}, ", "").replace("{2027: 1.0, 2028: 1.0}", "{2027: 1.0}")
    with pytest.raises(SpecError) as caught:
        resolve(dale, text)
    refused(caught.value, "tasks[0].terms", "has a factor for 2028", "factor")


def test_flat_worth_is_allowed(dale: Economy) -> None:
    """A floor and a ceiling of 1 make the worth curve one straight line."""
    text = PLAN.replace("segments: 20", "utility_floor: 1.0, utility_ceiling: 1.0, segments: 20")
    assert resolve(dale, text).spec.objective.utility_ceiling == 1.0


def test_words_that_yaml_takes_for_something_else(dale: Economy) -> None:
    text = PLAN.replace("no_fall: false", "no_fall: yes").replace("time_limit: 60", "time_limit: 1e2")
    spec = resolve(dale, text).spec
    assert spec.living_standard.no_fall is True
    assert spec.solver.time_limit == 100.0
    norway = PlanSpec.from_text(PLAN.replace("partner: abroad", "partner: [NO, 'on', 017]"))
    assert norway.trade.limits[0].partner == ["NO", "on", "017"]


def test_a_zero_floor_needs_no_flow(dale: Economy) -> None:
    text = PLAN.replace("flow: exports, product: corn, partner: abroad, at_most: 2.0", "flow: exports, at_least: 0.5")
    assert resolve(dale, text).limits.export_floor[2, 0, 0] == 0.0
    later = text.replace(
        "at_least: 0.5}",
        "basis: absolute, at_least: 1.0}\n    - {flow: exports, product: tools, basis: absolute, at_least: 0.0}",
    )
    assert resolve(dale, later).limits.export_floor[2, 0, 0] == 0.0


def test_the_line_is_added_only_where_it_is_known() -> None:
    error = SpecError("x", where="tasks[7].name", mend="m")
    assert locate(SpecError("x", where="labour_supply.csv: year"), PLAN, "p.yaml").where == "labour_supply.csv: year"
    assert locate(error, PLAN, "p.yaml").where == "p.yaml:22: tasks[7].name"
    assert locate(locate(error, PLAN, "p.yaml"), PLAN, "p.yaml").where == "p.yaml:22: tasks[7].name"


@pytest.mark.parametrize("name", ["island", "us-2019"])
def test_a_plan_longer_than_its_figures_says_how_long_it_may_be(name: str) -> None:
    text = f"economy: {name}\nhorizon: {{years: 60}}\n"
    if name == "island":
        assert resolve(load_economy(name), text).calendar.plan == 60  # no figures by year
        return
    with pytest.raises(BadInput) as caught:
        resolve(load_economy(name), text)
    refused(caught.value, ".csv: year", "no figures for 2036", "plan for 16 years")
