"""Workspaces that an earlier lustrum made keep working and keep their meaning; `lustrum migrate` says where they stand.

`old/*.zip` were made by commit 02003b2 with `lustrum new` and `lustrum plan`. `meaning.json` in each holds every
setting that it read from the plan file, defaults included. `island-stages` has four stages: a task that may be missed,
people first, living standard, tie break.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import lustrum as lu
from lustrum.cli import cli

OLD = Path(__file__).parent / "old"
NAMES = ("island", "island-stages", "us-2019-16")


@pytest.fixture(params=NAMES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An old workspace with one plan."""
    with zipfile.ZipFile(OLD / f"{request.param}.zip") as archive:
        archive.extractall(tmp_path / "old")
    return tmp_path / "old"


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args])


def saved(home: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(next((home / "plans").glob("*/summary.json")).read_bytes())
    return content


def holds(now: Any, then: Any) -> bool:
    """Everything that was said then is said now; new keys may have come in."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(key in now and holds(now[key], value) for key, value in then.items())
    if isinstance(then, list):
        return isinstance(now, list) and len(now) == len(then) and all(map(holds, now, then))
    return bool(now == then)


def test_a_plan_file_keeps_its_meaning(old: Path) -> None:
    now = lu.PlanSpec.from_yaml(old / "lustrum.yaml").model_dump(mode="json", by_alias=True)
    assert holds(now, json.loads((old / "meaning.json").read_bytes()))


def test_an_old_plan_is_verified_and_shown(old: Path) -> None:
    then = saved(old)
    told = json.loads(run("verify", "-w", old, "--json").stdout)
    assert told["ok"] and told["problems"] == [] and told["economy"]["same_as_workspace"]
    assert told["plan_id"] == then["plan_id"]
    shown = run("show", "-w", old, "--json")
    assert shown.exit_code == 0 and holds(json.loads(shown.stdout), then)
    assert run("show", "-w", old).exit_code == 0
    assert run("show", "-w", old, "--sector", then["first_sector"]).exit_code == 0


def test_planning_again_gives_the_same_figures(old: Path) -> None:
    (folder,) = (old / "plans").iterdir()
    then = lu.load_plan(folder)
    done = run("plan", "-w", old, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    now = lu.load_plan(document["folder"])
    assert now.economy.digest == then.economy.digest
    assert [s.name for s in now.stages] == [s.name for s in then.stages]
    for a, b in zip(now.stages, then.stages, strict=True):
        assert a.objective == pytest.approx(b.objective, rel=1e-9)
    assert set(now.values) >= set(then.values)
    for name, array in then.values.items():
        size = max(1.0, float(np.nanmax(np.abs(array.values), initial=0.0)))
        np.testing.assert_allclose(now.values[name].values, array.values, rtol=1e-6, atol=1e-6 * size, err_msg=name)


def test_migrate_names_every_file_and_changes_none(old: Path) -> None:
    before = {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}
    told = json.loads(run("migrate", "-w", old, "--json").stdout)
    assert {file["file"].split("/")[0] for file in told["files"]} == {"lustrum.yaml", "economy", "plans"}
    assert all(file["version"] == 1 for file in told["files"]) and told["changed"] == []
    assert "there is nothing to do" in run("migrate", "-w", old).stdout
    assert before == {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("file", "written", "newer"),
    [
        ("lustrum.yaml", "lustrum: 1", "lustrum: 2"),
        ("economy/economy.yaml", "lustrum-economy/1", "lustrum-economy/2"),
        ("plans/*/certificate.json", "lustrum-plan/1", "lustrum-plan/2"),
    ],
)
def test_migrate_refuses_a_file_of_a_newer_version(file: str, written: str, newer: str, old: Path) -> None:
    (path,) = old.glob(file)
    path.write_bytes(path.read_bytes().replace(written.encode(), newer.encode()))
    refused = run("migrate", "-w", old)
    assert refused.exit_code == 2
    for words in ("was written by a newer lustrum", "version 2", "version 1 or older", "pip install --upgrade lustrum"):
        assert words in refused.stderr


@pytest.mark.parametrize("old", ["island"], indirect=True)
def test_plan_names_the_way_out_for_a_plan_file_of_a_newer_version(old: Path) -> None:
    path = old / "lustrum.yaml"
    path.write_bytes(path.read_bytes().replace(b"lustrum: 1", b"lustrum: 2"))
    refused = run("plan", "-w", old)
    assert refused.exit_code == 2 and "pip install --upgrade lustrum" in refused.stderr


@pytest.mark.parametrize("old", ["island"], indirect=True)
@pytest.mark.parametrize(
    ("file", "written", "spoilt", "words"),
    [
        ("lustrum.yaml", "lustrum: 1", "lustrum: one", "does not say which version"),
        ("economy/economy.yaml", "lustrum-economy/1", "lustrum-economy", "does not say which version"),
        ("lustrum.yaml", "years: 5", "years: five", "horizon.years"),
    ],
)
def test_migrate_refuses_a_file_that_it_cannot_read(
    file: str, written: str, spoilt: str, words: str, old: Path
) -> None:
    path = old / file
    path.write_bytes(path.read_bytes().replace(written.encode(), spoilt.encode()))
    refused = run("migrate", "-w", old)
    assert refused.exit_code == 2 and words in refused.stderr
