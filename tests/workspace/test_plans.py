"""A plan on disk is the plan: exact, whole, and never over another."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import lustrum as lu
from lustrum.workspace.aside import PREFIX, aside_folder, sweep, take_place
from lustrum.workspace.plans import plan_ids, read_arrays, sheet_files, write_arrays

TEXT = """\
name: staged
economy: island
adjustment: {output: {down: 0.05, up: 0.05}, investment: {down: 0.2, up: 0.2}}
tasks:
  - {name: more food, terms: [{of: output, activity: farms}], years: [2030], at_least: 1.0e+6, elastic: {priority: 1}}
objective: {kind: living_standard, people_first: true, tie_break: true}
"""


@pytest.fixture(scope="module")
def plan() -> lu.Plan:
    """A plan with four stages, an elastic task that must fall short, and rows without years."""
    return lu.solve(lu.load_economy("island"), lu.PlanSpec.from_text(TEXT))


def test_a_plan_comes_back_bit_for_bit(plan: lu.Plan, tmp_path: Path) -> None:
    back = lu.load_plan(lu.save_plan(plan, tmp_path, TEXT.encode()))
    assert back.spec == plan.spec and back.economy.digest == plan.economy.digest
    assert (back.status, back.method, back.seconds, back.notes) == (plan.status, plan.method, plan.seconds, plan.notes)
    assert [s.name for s in back.stages] == ["shortfall 1", "people_first", "living_standard", "tie_break"]
    pairs = [(plan.values, back.values)]
    pairs += [(a.marginal_values, b.marginal_values) for a, b in zip(plan.stages, back.stages, strict=True)]
    for mine, read in pairs:
        assert list(mine) == list(read)
        for name in mine:
            assert mine[name].identical(read[name])
            assert mine[name].values.tobytes() == read[name].values.tobytes()
    for a, b in zip(plan.stages, back.stages, strict=True):
        assert (a.name, a.objective, a.certificate) == (b.name, b.objective, b.certificate)


def test_a_plan_with_stages_verifies_from_its_folder(plan: lu.Plan, tmp_path: Path) -> None:
    found = lu.verify(lu.save_plan(plan, tmp_path))
    assert found.ok, found


@pytest.mark.parametrize("name", ["island", "us-2019-16"])
def test_a_plan_without_its_text_is_kept_with_one_that_reads_back_equal(name: str, tmp_path: Path) -> None:
    from lustrum.accounts.embedded import embedded_folder

    spec = lu.PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    spec = spec.model_copy(update={"name": "é: {plan} #1"})
    plan = lu.solve(lu.load_economy(name), spec)
    assert lu.load_plan(lu.save_plan(plan, tmp_path)).spec == spec


def test_the_text_kept_with_a_plan_must_be_its_own(plan: lu.Plan, tmp_path: Path) -> None:
    with pytest.raises(lu.WorkspaceError, match="the one it was made from"):
        lu.save_plan(plan, tmp_path, b"name: another\n")
    assert plan_ids(tmp_path) == []


def test_ids_rise_and_many_at_once_never_share_one(plan: lu.Plan, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: lu.save_plan(plan, tmp_path), range(8)))
    assert sorted(f.name for f in folders) == plan_ids(tmp_path)
    assert len({f.name for f in folders}) == 8
    assert [i[-3:] for i in plan_ids(tmp_path)] == [f"{k:03d}" for k in range(1, 9)]


def test_ids_sort_by_number_beyond_a_thousand(tmp_path: Path) -> None:
    for name in ("2026-11-23-999", "2026-11-23-1000", "2026-11-24-001", "2026-11-23-002", "notes", f"{PREFIX}x"):
        (tmp_path / name).mkdir()
    assert plan_ids(tmp_path) == ["2026-11-23-002", "2026-11-23-999", "2026-11-23-1000", "2026-11-24-001"]


def test_what_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").write_text("mine", encoding="utf-8")
    with aside_folder(tmp_path) as aside:
        assert not take_place(aside, tmp_path / "there")
    assert (tmp_path / "there" / "mine").read_text(encoding="utf-8") == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_leftovers_are_swept_when_they_are_old_and_only_then(plan: lu.Plan, tmp_path: Path) -> None:
    for name, age in ((f"{PREFIX}old", 7200), (f"{PREFIX}young", 10)):
        (tmp_path / name / "sheets").mkdir(parents=True)
        (tmp_path / name / "sheets" / "x.json").write_text("{", encoding="utf-8")
        os.utime(tmp_path / name, times=(os.stat(tmp_path).st_mtime - age,) * 2)
    lu.save_plan(plan, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} - set(plan_ids(tmp_path)) == {f"{PREFIX}young"}
    sweep(tmp_path, older_than=0)
    assert {p.name for p in tmp_path.iterdir()} == set(plan_ids(tmp_path))


def test_a_failure_while_saving_leaves_nothing(plan: lu.Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(lu.WorkspaceError, match="room on the disk"):
        lu.save_plan(plan, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_file_names_of_sectors_are_safe_and_distinct() -> None:
    codes = ["a/b", "a\\b", "..", ".", "A", "a", "x" * 300, "x" * 299, "US|C10T12", "é", "con:1", "a ", "", "%2F"]
    names = sheet_files(codes)
    assert len({n.casefold() for n in names.values()}) == len(codes)
    for name in names.values():
        assert "/" not in name and "\\" not in name and not name.startswith(".") and len(name.encode()) < 200


def test_arrays_with_the_same_dimension_and_other_labels_live_together(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {
        "output": xr.DataArray(
            rng.normal(size=(2, 3)),
            dims=("activity", "year"),
            coords={"activity": ["é", "b/c"], "year": [2020, 2021, 2022]},
            name="output",
        ),
        "year": xr.DataArray([-0.0, np.inf], dims=("year",), coords={"year": [2021, 2022]}, name="year"),
        "lowest": xr.DataArray(np.nan, name="lowest"),
    }
    write_arrays(tmp_path / "a.nc", {"values": arrays, "empty": {}})
    back = read_arrays(tmp_path / "a.nc")
    assert back["empty"] == {}
    for name, array in arrays.items():
        assert back["values"][name].identical(array)
        assert back["values"][name].values.tobytes() == np.asarray(array.values).tobytes()


@pytest.mark.parametrize("content", [b"", b"not a netcdf file", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_damaged_arrays_are_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.nc").write_bytes(content)
    with pytest.raises(lu.WorkspaceError, match="cannot be read"):
        read_arrays(tmp_path / "a.nc")
