"""What a notebook or a terminal shows of an object fits one screen, and is made of real figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

import lustrum as lu
from lustrum.accounts.embedded import embedded_folder


@pytest.fixture(scope="module")
def plan() -> lu.Plan:
    spec = lu.PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")
    return lu.solve(lu.load_economy("us-2019-16"), spec)


def test_reprs_fit_one_screen(plan: lu.Plan) -> None:
    base = lu.Scenario.of(plan)
    result = base.solve("floor housing >= 1.1 in 2022")
    shown = [plan, plan.economy, plan.spec, plan.stages[0], base.first, result, base.solve_many([None]), base]
    shown += [lu.compare(plan, result), lu.Case("one", "floor housing >= 1"), lu.Change("datum:use", times=1.0)]
    for thing in shown:
        assert len(repr(thing)) <= 4_000, type(thing)
        assert len(repr(thing).splitlines()) <= 40, type(thing)
    assert "United States" in repr(plan.economy)
    assert "First plan" in repr(plan) and "2024" in repr(plan)
    assert plan._repr_html_().count("<tr") >= len(plan.economy.codes("need"))
    assert "labour_supply" in plan.economy._repr_html_()


def test_tables_of_a_plan_are_its_arrays(plan: lu.Plan, tmp_path: Path) -> None:
    output = plan.to_frame("output")
    np.testing.assert_array_equal(output.to_numpy(), plan.values["output"].values)
    assert list(output.columns) == [2020, 2021, 2022, 2023, 2024]
    needs = plan.to_frame()
    base = plan.economy.values("consumption")[0]
    housing = float(plan.values["consumption"].sel(need="housing", year=2024).sum())
    at = list(plan.economy.codes("need")).index("housing")
    people = plan.economy.data["population"].isel(household=0)
    growth = float(people.sel(year=2024) / people.sel(year=2019))
    assert float(needs.iloc[at][2024]) == pytest.approx(housing / (base[at] * growth), rel=1e-12)
    with pytest.raises(lu.SpecError, match="did you mean 'output'"):
        plan.to_frame("outptu")
    book = openpyxl.load_workbook(plan.to_excel(tmp_path / "plan.xlsx"), read_only=True)
    assert {"needs", "output", "price labour"} <= set(book.sheetnames)
    rows = list(book["output"].iter_rows(values_only=True))
    assert rows[1][1] == pytest.approx(float(output.iloc[0, 0]), rel=1e-12)


def test_an_impossible_plan_knows_its_conflict() -> None:
    spec = lu.PlanSpec.from_text("economy: island\nliving_standard: {floors: [{need: food, at_least: 3.0}]}")
    with pytest.raises(lu.Infeasible) as caught:
        lu.solve(lu.load_economy("island"), spec)
    assert "food" in str(caught.value.conflict)
