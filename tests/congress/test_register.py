"""Tasks drawn from a plan's sheets are the plan's own figures, one for each sector."""

from __future__ import annotations

import pytest

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.register import TaskProposal, tasks_of
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve_plan(load_economy("us-2019-16"), PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml"))


def _targets(task: TaskProposal, indicator: str) -> dict[int, float]:
    return next((i.targets for i in task.indicators if i.id == indicator), {})


def test_there_is_one_task_for_each_sector_with_the_plans_figures(plan: Plan) -> None:
    tasks = tasks_of(plan)
    assert [t.sector for t in tasks] == list(plan.economy.codes("activity"))
    assert len({t.id for t in tasks}) == 16
    for task in tasks:
        output = plan.values["output"].sel(activity=task.sector)
        assert _targets(task, "output") == pytest.approx(
            {int(y): float(output.sel(year=y)) for y in output["year"].values}
        )
        assert task.indicators[0].id == "output"
        assert task.indicators[0].unit == "million USD"
        capacity = _targets(task, "capacity")
        assert all(capacity[y] >= v * (1 - 1e-6) for y, v in _targets(task, "output").items() if capacity)
    investment = sum(v for t in tasks for v in _targets(t, "investment:equipment").values())
    whole = plan.values["investment"].sel(asset="equipment", year=slice(2020, 2024)).sum()
    assert investment == pytest.approx(float(whole), rel=1e-9)


def test_a_task_says_in_words_what_it_serves(plan: Plan) -> None:
    construction = next(t for t in tasks_of(plan) if t.sector == "23")
    assert construction.text.startswith("Construction: output of 1,7")
    assert "Serves: structures" in construction.text
