"""Tasks are the plan's own figures; fulfilment is shown against the first and the current target; nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.sector_tasks import Observation, Target, corrected, fulfilment, overdue, tasks_of
from lustrum.errors import BadInput
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

TARGETS = [
    Target("output", 2026, 1, 100.0),
    Target("output", 2027, 1, 110.0),
    Target("output", 2027, 2, 99.0, "drought"),
    Target("labour:all", 2026, 1, 5.0),
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve_plan(load_economy("us-2019-16"), PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml"))


def test_there_is_one_task_for_each_sector_with_the_plans_figures(plan: Plan) -> None:
    tasks = tasks_of(plan)
    assert [t.sector for t in tasks] == list(plan.economy.codes("activity"))
    assert len({t.id for t in tasks}) == 16
    for task in tasks:
        output = plan.values["output"].sel(activity=task.sector)
        assert task.of("output") == pytest.approx({int(y): float(output.sel(year=y)) for y in output["year"].values})
        assert {t.version for t in task.targets} == {1}
        assert task.indicators[0].id == "output"
        assert task.indicators[0].unit == "million USD"
        assert all(
            task.of("capacity")[y] >= v * (1 - 1e-6) for y, v in task.of("output").items() if task.of("capacity")
        )
    investment = sum(
        v for t in tasks for i in t.indicators if i.id == "investment:equipment" for v in t.of(i.id).values()
    )
    whole = plan.values["investment"].sel(asset="equipment", year=slice(2020, 2024)).sum()
    assert investment == pytest.approx(float(whole), rel=1e-9)


def test_a_task_says_in_words_what_it_serves(plan: Plan) -> None:
    construction = next(t for t in tasks_of(plan) if t.sector == "23")
    assert construction.text.startswith("Construction: output of 1,7")
    assert "Serves: structures" in construction.text
    assert construction.to_json()["targets"][0]["indicator"] == "output"


def test_fulfilment_is_against_the_first_and_the_current_target() -> None:
    seen = [
        Observation("output", 2026, 1, 90.0),
        Observation("output", 2026, 2, 95.0),
        Observation("output", 2027, 1, 99.0),
    ]
    rows = {(f.indicator, f.year): f for f in fulfilment(TARGETS, seen)}
    assert rows["output", 2026].observed == 95.0
    assert rows["output", 2026].against_first == rows["output", 2026].against_current == 0.95
    assert rows["output", 2027].against_first == 0.9
    assert rows["output", 2027].against_current == 1.0
    assert rows["labour:all", 2026].observed is None
    assert rows["labour:all", 2026].against_first is None


def test_a_correction_is_a_new_row_and_the_old_one_stays() -> None:
    new = corrected(TARGETS, "output", 2027, 105.0, "rain")
    assert (new.version, new.value) == (3, 105.0)
    after = {f.year: f for f in fulfilment([*TARGETS, new], []) if f.indicator == "output"}
    assert (after[2027].first, after[2027].current) == (110.0, 105.0)
    with pytest.raises(BadInput, match="without a reason"):
        corrected(TARGETS, "output", 2027, 105.0, " ")
    with pytest.raises(BadInput, match="no target to correct"):
        corrected(TARGETS, "output", 2031, 105.0, "rain")


def test_a_target_overwritten_or_lost_is_noticed() -> None:
    with pytest.raises(BadInput, match="do not count up"):
        fulfilment([Target("output", 2026, 1, 100.0), Target("output", 2026, 1, 80.0)], [])
    with pytest.raises(BadInput, match="do not count up"):
        fulfilment([Target("output", 2026, 2, 100.0)], [])
    with pytest.raises(BadInput, match="without a target"):
        fulfilment(TARGETS, [Observation("output", 2031, 1, 9.0)])


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2027, 3, 31), []),
        (date(2027, 4, 1), [2026]),
        (date(2028, 4, 1), [2026, 2027]),
    ],
)
def test_overdue_follows_from_dates_alone(today: date, years: list[int]) -> None:
    assert overdue(TARGETS, [], today) == years
    assert overdue(TARGETS, [Observation("output", 2026, 1, 90.0)], today) == [y for y in years if y != 2026]
