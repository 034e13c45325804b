"""`lustrum verify` trusts nobody: not the seals, not the summary, not who made the plan."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum

import lustrum as lu


def folder_of(workspace: Path) -> Path:
    return workspace / "plans" / lu.Workspace.open(workspace).plan_ids()[-1]


def seal_again(folder: Path) -> None:
    """What a forger would do: put the right sums beside wrong files."""
    record = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    for name in record["sha256"]:
        record["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "certificate.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_plan_verifies(lustrum: Lustrum, planned: Path) -> None:
    result = lustrum("verify", "-w", planned)
    assert result.exit_code == 0, result.output
    assert "verified" in result.stdout and "the same as in the workspace" in result.stdout
    document = json.loads(lustrum("verify", "-w", planned, "--json").stdout)
    assert document["ok"] is True and document["problems"] == []
    assert document.keys() >= {"ok", "certificate", "worst"}
    assert document["economy"]["same_as_workspace"] is True


def test_a_plan_verifies_far_from_its_workspace(lustrum: Lustrum, planned: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(folder_of(planned), tmp_path / "received"))
    shutil.rmtree(planned)
    document = json.loads(lustrum("verify", moved, "--json").stdout)
    assert document["ok"] is True
    assert document["economy"]["same_as_workspace"] is None


def test_accounts_that_changed_since_are_told_and_change_nothing(lustrum: Lustrum, planned: Path) -> None:
    table = planned / "economy" / "labour_supply.csv"
    table.write_text("skill,value\nworkers,4400\n", encoding="utf-8")
    document = json.loads(lustrum("verify", "-w", planned, "--json").stdout)
    assert document["ok"] is True
    assert document["economy"]["same_as_workspace"] is False


@pytest.mark.parametrize(
    "name", ["plan.nc", "economy.nc", "lustrum.yaml", "summary.json", "sheets.csv", "sheets/farms.json"]
)
@pytest.mark.parametrize("harm", ["cut", "flip", "remove"])
def test_a_harmed_file_is_found(lustrum: Lustrum, planned: Path, name: str, harm: str) -> None:
    file = folder_of(planned) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    {
        "cut": lambda: file.write_bytes(file.read_bytes()[: len(content) // 2]),
        "flip": lambda: file.write_bytes(content),
        "remove": file.unlink,
    }[harm]()
    result = lustrum("verify", "-w", planned, "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert any(name in problem for problem in document["problems"])
    assert lustrum("verify", "-w", planned).exit_code == 1


def forge_summary(folder: Path) -> None:
    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    document["needs"]["food"]["2030"] *= 1.05
    (folder / "summary.json").write_text(json.dumps(document), encoding="utf-8")


def forge_sheet(folder: Path) -> None:
    sheet = json.loads((folder / "sheets" / "farms.json").read_text(encoding="utf-8"))
    sheet["tasks"]["output"]["2030"] *= 0.9
    (folder / "sheets" / "farms.json").write_text(json.dumps(sheet), encoding="utf-8")


def forge_table(folder: Path) -> None:
    rows = (folder / "sheets.csv").read_text(encoding="utf-8").splitlines()
    (folder / "sheets.csv").write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")


def forge_objective(folder: Path) -> None:
    record = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    record["stages"][0]["objective"] *= 1.01
    (folder / "certificate.json").write_text(json.dumps(record), encoding="utf-8")


def forge_plan_file(folder: Path) -> None:
    text = (folder / "lustrum.yaml").read_text(encoding="utf-8")
    assert "start: 100.0" in text  # houses put in place
    (folder / "lustrum.yaml").write_text(text.replace("start: 100.0", "start: 150.0"), encoding="utf-8")


@pytest.mark.parametrize("forge", [forge_summary, forge_sheet, forge_table, forge_objective, forge_plan_file])
def test_forgeries_with_fresh_seals_are_found(lustrum: Lustrum, planned: Path, forge: Callable[[Path], None]) -> None:
    folder = folder_of(planned)
    forge(folder)
    seal_again(folder)
    result = lustrum("verify", "-w", planned, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False


def test_a_folder_that_is_no_plan_is_bad_input(lustrum: Lustrum, planned: Path) -> None:
    result = lustrum("verify", planned / "economy", "--json")
    assert result.exit_code == 2
    assert "certificate.json" in json.loads(result.stdout)["error"]["message"]


def test_a_certificate_that_is_no_json_is_bad_input(lustrum: Lustrum, planned: Path) -> None:
    (folder_of(planned) / "certificate.json").write_text("{", encoding="utf-8")
    assert lustrum("verify", "-w", planned).exit_code == 2
    (folder_of(planned) / "certificate.json").write_text("[]", encoding="utf-8")
    assert lustrum("verify", "-w", planned).exit_code == 2
