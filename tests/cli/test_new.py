"""`lustrum new` makes a whole workspace or none, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum

import lustrum as lu
from lustrum.accounts.embedded import embedded_folder, embedded_names


@pytest.mark.parametrize("name", embedded_names())
def test_a_new_workspace_holds_the_embedded_accounts(lustrum: Lustrum, tmp_path: Path, name: str) -> None:
    result = lustrum("new", tmp_path / "w", "--economy", name, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["economy"] == name
    home = lu.Workspace.open(tmp_path / "w")
    spec, _ = home.plan_file()
    assert home.economy(spec).digest == lu.load_economy(name).digest


def test_the_plan_file_speaks_of_the_copied_tables_so_that_changing_them_counts(
    lustrum: Lustrum, tmp_path: Path
) -> None:
    lustrum("new", tmp_path / "w", "--economy", "island")
    table = tmp_path / "w" / "economy" / "labour_supply.csv"
    before = lu.Workspace.open(tmp_path / "w").economy(lu.PlanSpec.from_yaml(tmp_path / "w" / "lustrum.yaml")).digest
    table.write_text("skill,value\nworkers,4400\n", encoding="utf-8")
    home = lu.Workspace.open(tmp_path / "w")
    assert home.economy(home.plan_file()[0]).digest != before


def test_editors_find_the_schema(lustrum: Lustrum, tmp_path: Path) -> None:
    lustrum("new", tmp_path / "w", "--economy", "island")
    first = (tmp_path / "w" / "lustrum.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=lustrum.schema.json"
    schema = json.loads((tmp_path / "w" / "lustrum.schema.json").read_text(encoding="utf-8"))
    assert "horizon" in schema["properties"]


def test_a_folder_of_ones_own_tables_gets_a_commented_plan_file_that_can_be_read(
    lustrum: Lustrum, tmp_path: Path
) -> None:
    result = lustrum("new", tmp_path / "w", "--economy", embedded_folder("island") / "economy", "--json")
    assert result.exit_code == 0
    # beside the embedded tables stands a plan file, which comes along; alone they get the template
    tables = tmp_path / "tables"
    lu.write_folder(lu.load_economy("island"), tables)
    assert lustrum("new", tmp_path / "v", "--economy", tables).exit_code == 0
    spec, text = lu.Workspace.open(tmp_path / "v").plan_file()
    assert spec == lu.PlanSpec.from_text("name: First plan")
    assert b"# length of the plan" in text


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(lustrum: Lustrum, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = lustrum("new", tmp_path, "--economy", "island")
    assert result.exit_code == 2
    assert "mine.txt" in result.stderr and "overwritten" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(lustrum: Lustrum, tmp_path: Path) -> None:
    (tmp_path / "w" / ".git").mkdir(parents=True)
    assert lustrum("new", tmp_path / "w", "--economy", "island").exit_code == 0
    names = {p.name for p in (tmp_path / "w").iterdir()}
    assert names == {".git", "economy", "lustrum.yaml", "lustrum.schema.json"} | (names & {"actuals"})


def test_a_file_in_the_way_is_refused(lustrum: Lustrum, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("", encoding="utf-8")
    assert lustrum("new", tmp_path / "w").exit_code == 2


def test_a_misspelt_economy_names_the_nearest(lustrum: Lustrum, tmp_path: Path) -> None:
    result = lustrum("new", tmp_path / "w", "--economy", "islnd")
    assert result.exit_code == 2
    assert "island" in result.stderr
    assert not (tmp_path / "w").exists()


def test_tables_that_cannot_be_read_leave_nothing_behind(lustrum: Lustrum, tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    lu.write_folder(lu.load_economy("island"), tables)
    (tables / "use.csv").write_text("not,a,table\n", encoding="utf-8")
    result = lustrum("new", tmp_path / "w", "--economy", tables)
    assert result.exit_code == 2
    assert "use.csv" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["tables"]
