"""`lustrum economy template` and `export`: the workbook to fill in, and accounts from one form into another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum

import lustrum as lu


def test_from_the_template_to_a_plan(lustrum: Lustrum, tmp_path: Path) -> None:
    book = tmp_path / "mine.xlsx"
    assert lustrum("economy", "template", book).exit_code == 0
    assert lustrum("economy", "check", book).exit_code == 0
    assert lustrum("new", tmp_path / "w", "--economy", book).exit_code == 0
    home = lu.Workspace.open(tmp_path / "w")
    assert home.economy(home.plan_file()[0]).digest == lu.load_economy("island").digest


def test_a_plan_file_may_name_a_workbook(lustrum: Lustrum, tmp_path: Path) -> None:
    lustrum("new", tmp_path / "w", "--economy", "island")
    lustrum("economy", "export", "us-2019-16", "-o", tmp_path / "w" / "us.xlsx")
    file = tmp_path / "w" / "lustrum.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("economy: economy", "economy: us.xlsx"), encoding="utf-8")
    home = lu.Workspace.open(tmp_path / "w")
    assert home.economy(home.plan_file()[0]).digest == lu.load_economy("us-2019-16").digest


def test_one_form_after_the_other_ends_where_it_began(lustrum: Lustrum, tmp_path: Path) -> None:
    source = "us-2019-16"
    for target in ("a.xlsx", "b.parquet", "c.nc", "d", "e.xlsx"):
        result = lustrum("economy", "export", source, "-o", tmp_path / target, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["digest"] == lu.load_economy("us-2019-16").digest
        source = str(tmp_path / target)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "e.xlsx").read_bytes()


def test_a_workspace_is_exported_by_itself(lustrum: Lustrum, tmp_path: Path) -> None:
    lustrum("new", tmp_path / "w", "--economy", "island")
    assert lustrum("economy", "export", "-w", tmp_path / "w", "-o", tmp_path / "x.xlsx").exit_code == 0
    assert lu.load_economy(tmp_path / "x.xlsx").digest == lu.load_economy("island").digest


@pytest.mark.parametrize("target", ["x.xlsx", "x.parquet", "x.nc", "x"])
def test_nothing_is_overwritten(lustrum: Lustrum, tmp_path: Path, target: str) -> None:
    (tmp_path / target).write_text("mine", encoding="utf-8")
    for command in ("export island -o", *(["template"] if target.endswith("xlsx") else [])):
        result = lustrum("economy", *command.split(), tmp_path / target)
        assert result.exit_code == 2
        assert "overwritten" in result.stderr and target in result.stderr
        assert (tmp_path / target).read_text(encoding="utf-8") == "mine"
        assert [p.name for p in tmp_path.iterdir()] == [target]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["template", "x.xls"], ".xlsx"),
        (["template", "x.xlsx", "--products", "0"], "1 or more"),
        (["template", "x.xlsx", "--products", "5000"], "out of range"),
        (["template", "x.xlsx", "--products", "5", "--economy", "island"], "give one"),
        (["template", "x.xlsx", "--economy", "iland"], "'island'"),
        (["template", "no/such/x.xlsx"], "check the path"),
        (["export", "island", "-o", "x.csv"], "no form goes by"),
        (["export", "iland", "-o", "x.nc"], "'island'"),
        (["export", "island", "-o", "no/such/x.nc"], "check the path"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(
    lustrum: Lustrum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = lustrum("economy", *args)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


def test_templates_say_what_they_are(lustrum: Lustrum, tmp_path: Path) -> None:
    for name, args in (("a", ["--empty"]), ("b", ["--products", "35"]), ("c", ["--empty", "--economy", "us-2019-16"])):
        result = lustrum("economy", "template", tmp_path / f"{name}.xlsx", *args, "--json")
        assert json.loads(result.stdout)["sheets"] == 45
        refused = lustrum("economy", "check", tmp_path / f"{name}.xlsx")
        assert refused.exit_code == 2
        assert f"{name}.xlsx: economy!B5: base_year is not a year" in refused.stderr
