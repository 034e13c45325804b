"""An amendment is solved before it is voted on: what it costs, who pays, what then binds; or why there is no plan."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from tests.congress.plan_change.conftest import Write

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.documents import Version
from lustrum.congress.plan_change import amended, combine, consequences, operation_of, plan_version, told
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.consequences import _conflict, solved
from lustrum.solving.solve import solve_plan

Case = tuple[Economy, PlanSpec, Version]


def test_a_higher_floor_costs_the_whole_and_says_who_pays(us16: Case, on_us16: Write) -> None:
    economy, spec, version = us16
    found = consequences(economy, spec, None, [on_us16("floor housing >= 1.1 in 2022")])
    json.dumps(found, allow_nan=False)
    assert found["feasible"]
    assert found["certificate"]["holds"]
    assert found["objective"]["comparable"]
    assert found["objective"]["change"] < -1e4
    assert found["needs"][0]["code"] == "housing"
    assert found["needs"][0]["after"]["2022"] == pytest.approx(1.1, abs=1e-6)
    assert found["needs"][-1]["change"] < -0.02
    assert any(x["name"] == "consumption_floor" and x["status"] == "new" for x in found["limits"])
    assert found["version"]["before"] == version.hash
    assert [c["unit"] for c in found["changes"]] == ["living_standard.floors[need=housing]"]


def test_figures_are_those_of_the_plans_themselves(us16: Case, on_us16: Write) -> None:
    economy, spec, version = us16
    one = on_us16("set trade.export_band = 0.02")
    found = consequences(economy, spec, None, [one])
    before, after = solve_plan(economy, spec), solve_plan(economy, amended(version, [one])[1])
    assert found["objective"]["before"] == pytest.approx(before.objective, rel=1e-9)
    assert found["objective"]["after"] == pytest.approx(after.objective, rel=1e-9)
    labour = found["employment"]["all"] if "all" in found["employment"] else next(iter(found["employment"].values()))
    assert set(labour["after"]) == {"2020", "2021", "2022", "2023", "2024"}
    rows = {r["sector"]: r for r in found["sectors"]["output"]["most"]}
    for code, row in rows.items():
        total = float(np.nansum(after.values["output"].sel(activity=code).values))
        assert row["after"] == pytest.approx(total, rel=1e-6)
    assert [r["change"] for r in found["sectors"]["output"]["most"]] == sorted(
        (r["change"] for r in rows.values()), reverse=True
    )


@pytest.mark.parametrize(
    "line",
    [
        "set trade.export_band = 0.02",
        "task structures >= 680000 growing 0.018",
        "floor food >= 1.06 in 2024",
        "task equipment >= 1300000 growing 0.018",
    ],
)
def test_the_estimate_before_solving_is_never_below_what_solving_finds(line: str, us16: Case, on_us16: Write) -> None:
    objective = consequences(us16[0], us16[1], None, [on_us16(line)])["objective"]
    assert objective["at_best"] is not None
    assert objective["after"] <= objective["at_best"] + 1e-6 * abs(objective["at_best"])


def test_a_small_step_costs_what_the_marginal_values_say(us16: Case, on_us16: Write) -> None:
    objective = consequences(us16[0], us16[1], None, [on_us16("task dwellings >= 827100 growing 0.018")])["objective"]
    assert objective["change"] < 0
    assert objective["at_best"] - objective["before"] == pytest.approx(objective["change"], rel=0.05)


def test_easing_a_limit_never_hurts(us16: Case, on_us16: Write) -> None:
    for line in ("set adjustment.output.up = 0.08", "delete tasks[structures]", "set living_standard.no_fall = false"):
        assert consequences(us16[0], us16[1], None, [on_us16(line)])["objective"]["change"] >= -1e-3


def test_an_amendment_that_cannot_be_names_the_conflict_and_advice_that_works(island: Case, on_island: Write) -> None:
    economy, spec, _ = island
    found = consequences(economy, spec, None, [on_island("floor food household=town >= 1.3")])
    assert found["status"] == "infeasible"
    assert found["proved"]
    assert any(x["name"] == "consumption_floor" and "Food" in x["text"] for x in found["conflict"])
    assert found["advice"]
    assert found["advice_works"]
    assert "These clash" in found["words"]
    json.dumps(found, allow_nan=False)


def test_groups_of_people_are_set_side_by_side(island: Case, on_island: Write) -> None:
    found = consequences(island[0], island[1], None, [on_island("floor energy household=country >= 1.12 in 2030")])
    assert found["households"][0]["code"] == "country"
    assert found["trade"]["balance"]["before"].keys() == found["trade"]["balance"]["after"].keys()


def test_an_amendment_that_stays_words_is_said_to(us16: Case, on_us16: Write) -> None:
    """The accounts give labour supply by year, so that the plan file's rate of growth is not used."""
    found = consequences(us16[0], us16[1], None, [on_us16("set labour.supply_growth = 0.01")])
    assert not found["effect"]
    assert found["objective"]["change"] == 0
    assert "does not use" in told(found)[-1]
    assert consequences(us16[0], us16[1], None, [on_us16("floor food >= 0.9")])["effect"]


def test_another_objective_is_not_compared(island: Case, on_island: Write) -> None:
    found = consequences(island[0], island[1], None, [on_island("set objective.discount = 0.9")])
    assert found["feasible"]
    assert not found["objective"]["comparable"]


def test_amendments_together_are_solved_together(us16: Case, on_us16: Write) -> None:
    economy, spec, _ = us16
    some = {"a": [on_us16("floor housing >= 1.05 in 2022")], "b": [on_us16("set trade.export_band = 0.02")]}
    both = combine(economy, spec, None, some)
    assert both["clashes"] == []
    assert both["feasible"]
    again = consequences(economy, spec, None, [*some["b"], *some["a"]])
    assert both["version"] == again["version"]
    assert both["objective"] == again["objective"]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("set trade.export_band = 0.02", "set trade.export_band = 0.03", "same number"),
        ("floor housing >= 1.05 in 2022", "floor housing,food >= 1.02", "both set the consumption floor"),
        ("delete tasks[structures]", "task structures >= 700000", "deletes"),
        ("floor housing >= 1.05 in 2022", "floor housing >= 1.06 in 2023", "both insert"),
    ],
)
def test_amendments_that_exclude_each_other_are_named(
    one: str, other: str, why: str, us16: Case, on_us16: Write
) -> None:
    found = combine(us16[0], us16[1], None, {"a": [on_us16(one)], "b": [on_us16(other)]})
    assert found["status"] == "clash"
    assert [(c["one"], c["other"]) for c in found["clashes"]] == [("a", "b")]
    assert why in found["clashes"][0]["why"]


def test_two_entries_that_say_the_same_do_not_clash(us16: Case, on_us16: Write) -> None:
    some = {"a": [on_us16("floor food >= 1.0")], "b": [on_us16("floor food,housing >= 1.0")]}
    assert combine(us16[0], us16[1], None, some)["clashes"] == []


def test_an_entry_hidden_by_a_later_one_is_a_clash() -> None:
    economy = load_economy("us-2019-16")
    text = (embedded_folder("us-2019-16") / "lustrum.yaml").read_text(encoding="utf-8")
    spec = PlanSpec.from_text(text.replace("no_fall: true", "no_fall: true\n  floors: [{need: food, at_least: 1.0}]"))
    version = plan_version(spec)
    lines = {"a": "floor food >= 1.01", "b": "floor food,housing >= 1.0"}
    some = {name: [operation_of(line, version, economy)] for name, line in lines.items()}
    found = combine(economy, spec, None, some)
    assert "together they set the consumption floor of all, food" in found["clashes"][0]["why"]


def test_the_same_plan_file_is_solved_once(us16: Case) -> None:
    assert solved(us16[0], us16[1]) is solved(us16[0], PlanSpec.from_text(us16[1].to_yaml()))


@pytest.mark.slow
def test_the_plan_of_71_sectors_is_amended() -> None:
    economy = load_economy("us-2019")
    spec = PlanSpec.from_yaml(embedded_folder("us-2019") / "lustrum.yaml")
    one = operation_of("task dwellings >= 840000 growing 0.018", plan_version(spec), economy)
    found = consequences(economy, spec, None, [one])
    assert found["feasible"]
    assert found["objective"]["change"] < 0
    assert found["objective"]["at_best"] >= found["objective"]["after"]
    assert len(json.dumps(found)) < 60_000


@pytest.mark.parametrize(
    "line",
    [
        "floor food household=town >= 1.3",
        'task "new houses" >= 400',
        "reserve food >= 90000 in 2027",
    ],
)
def test_how_far_an_amendment_could_go_is_how_far_it_goes(line: str, island: Case, on_island: Write) -> None:
    """The figures named, rounded to four digits, give a plan; 1 % beyond the first of them gives none."""
    economy, spec, _ = island
    found = consequences(economy, spec, None, [on_island(line)])
    figures = {
        int(year): float(value.replace(",", ""))
        for words in found["as_far_as"]
        for year, value in re.findall(r"in (20\d\d) from [\d,.]+ (?:of base )?to ([\d,.]*\d)", words)
        or [(y, v) for v, y in re.findall(r"at_least ([\d,.]+) in (20\d\d)", words)]
    }
    assert figures
    start = line.split(" >= ")[0]
    feasible = {}
    for share in (1.0, 1.01):
        by_year = ", ".join(f"{y}: {v * (share if y == min(figures) else 1)}" for y, v in sorted(figures.items()))
        feasible[share] = consequences(economy, spec, None, [on_island(f"{start} >= {by_year}")])["feasible"]
    assert feasible == {1.0: True, 1.01: False}


def test_consequences_are_told_in_words(island: Case, on_island: Write) -> None:
    economy, spec, _ = island
    lines = {
        "floor energy household=country >= 1.12 in 2030": ("The objective falls from", "Gain, of the groups: Country"),
        "floor housing >= 1.0": ("it costs nothing", "No needs gain or pay"),
        "set objective.discount = 0.9": ("counts something else", "certificate holds"),
        "floor food household=town >= 1.3": ("cannot be had together", "If only this amendment gives way"),
    }
    for line, wanted in lines.items():
        said = "\n".join(told(consequences(economy, spec, None, [on_island(line)])))
        assert said.startswith("Amendment: ")
        assert [w for w in wanted if w not in said] == []
    clash = combine(economy, spec, None, {"a": [on_island("floor food >= 1.0")], "b": [on_island("floor food >= 1.1")]})
    assert told(clash) == ["a and b exclude each other: both insert living_standard.floors[need=food]"]


def test_a_reason_not_found_in_time_is_not_called_a_proof(us16: Case, on_us16: Write) -> None:
    """The search for the conflict ends at the plan file's time limit: nothing is claimed beyond what is known."""
    economy, spec, version = us16
    hurried = amended(version, [on_us16("floor housing >= 3 in 2022")])[1]
    hurried = hurried.model_copy(update={"solver": hurried.solver.model_copy(update={"time_limit": 0.01})})
    found = _conflict(economy, spec, hurried, None)
    assert not found["proved"]
    assert found["conflict"] == []
    assert "not proven" in found["words"]
