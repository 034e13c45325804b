"""`lustrum show` reads back what `lustrum plan` wrote, in tables, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum

import lustrum as lu


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def latest(workspace: Path) -> Path:
    return workspace / "plans" / lu.Workspace.open(workspace).plan_ids()[-1]


def test_the_overview_is_the_screen_of_the_plan(lustrum: Lustrum, planned: Path) -> None:
    screen = lustrum("plan", "-w", planned).stdout
    shown = lustrum("show", "-w", planned).stdout
    assert shown.strip() in screen


def test_json_is_the_document_of_the_plan(lustrum: Lustrum, planned: Path) -> None:
    document = json.loads(lustrum("show", "-w", planned, "--json").stdout)
    assert document == json.loads((latest(planned) / "summary.json").read_text(encoding="utf-8"))


def test_csv_has_every_digit(lustrum: Lustrum, planned: Path) -> None:
    rows = table(lustrum("show", "-w", planned, "--csv").stdout)
    document = json.loads(lustrum("show", "-w", planned, "--json").stdout)
    food = {r["year"]: float(r["value"]) for r in rows if r["section"] == "needs" and r["item"] == "food"}
    assert food == document["needs"]["food"]


@pytest.mark.parametrize("how", ["id", "path", "latest"])
def test_a_plan_is_named_by_id_by_path_or_not_at_all(lustrum: Lustrum, planned: Path, how: str) -> None:
    folder = latest(planned)
    named = {"id": [folder.name], "path": [folder], "latest": []}[how]
    result = lustrum("show", *named, *(["-w", planned] if how != "path" else []))
    assert result.exit_code == 0
    assert folder.name in result.stdout


def test_every_sector_has_tasks_ways_and_means(lustrum: Lustrum, planned: Path) -> None:
    for code in lu.load_plan(latest(planned)).economy.codes("activity"):
        shown = lustrum("show", "-w", planned, "--sector", code)
        assert shown.exit_code == 0
        assert all(word in shown.stdout for word in ("Tasks", "Ways", "Means", "output", "growth"))
        sheet = json.loads(lustrum("show", "-w", planned, "--sector", code, "--json").stdout)
        assert sheet.keys() >= {"tasks", "ways", "means"}
        rows = table(lustrum("show", "-w", planned, "--sector", code, "--csv").stdout)
        output = {r["year"]: float(r["value"]) for r in rows if r["item"] == "output"}
        assert output == sheet["tasks"]["output"]


def test_marginal_values_of_a_limit(lustrum: Lustrum, planned: Path) -> None:
    rows = table(lustrum("show", "-w", planned, "--limit", "labour", "--csv").stdout)
    array = lu.load_plan(latest(planned)).marginal_values("labour")
    assert {int(r["year"]): float(r["marginal_value"]) for r in rows} == {
        int(y): float(v) for y, v in zip(array["year"].values, array.values[0], strict=True)
    }
    assert "Marginal values of labour" in lustrum("show", "-w", planned, "--limit", "labour").stdout
    document = json.loads(lustrum("show", "-w", planned, "--limit", "labour", "--json").stdout)
    assert len(document["rows"]) == len(rows)


@pytest.mark.parametrize("name", ["output", "investment", "capital", "imports", "exports", "consumption", "debt"])
def test_tables_of_the_plan(lustrum: Lustrum, planned: Path, name: str) -> None:
    array = lu.load_plan(latest(planned)).values[name]
    rows = table(lustrum("show", "-w", planned, "--table", name, "--csv").stdout)
    assert sum(float(r["value"]) for r in rows) == pytest.approx(float(array.sum()))
    assert lustrum("show", "-w", planned, "--table", name).exit_code == 0
    json.loads(lustrum("show", "-w", planned, "--table", name, "--json").stdout)


def test_plans_are_listed(lustrum: Lustrum, planned: Path) -> None:
    assert latest(planned).name in lustrum("show", "-w", planned, "--plans").stdout
    listed = json.loads(lustrum("show", "-w", planned, "--plans", "--json").stdout)["plans"]
    assert [p["plan_id"] for p in listed] == lu.Workspace.open(planned).plan_ids()
    assert len(table(lustrum("show", "-w", planned, "--plans", "--csv").stdout)) == len(listed)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--sector", "farm"], "farms"),
        (["--limit", "capasity"], "capacity"),
        (["--limit", "output_ceiling"], "set output.ceilings in the plan file"),
        (["--table", "outputs"], "output"),
        (["1999-01-01-001"], "no plan"),
        (["--sector", "farms", "--limit", "labour"], "exclude"),
        (["--json", "--csv"], "exclude"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest_name(
    lustrum: Lustrum, planned: Path, args: list[str], words: str
) -> None:
    result = lustrum("show", "-w", planned, *args)
    assert result.exit_code == 2
    assert words in result.stderr + result.stdout


def test_a_workspace_without_plans_says_what_to_do(lustrum: Lustrum, tmp_path: Path) -> None:
    lustrum("new", tmp_path / "w", "--economy", "island")
    result = lustrum("show", "-w", tmp_path / "w")
    assert result.exit_code == 2
    assert "lustrum plan" in result.stderr
