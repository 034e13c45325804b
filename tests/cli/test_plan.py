"""`lustrum plan`: one screen, one document, one folder; and what it says when there is no plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum, Program

import lustrum as lu

FIELDS = {
    "status",
    "objective",
    "method",
    "seconds",
    "plan_id",
    "certificate",
    "needs",
    "activity",
    "investment",
    "limits",
    "conflict",
}


def test_the_screen_tells_needs_limits_and_certificate(lustrum: Lustrum, planned: Path) -> None:
    result = lustrum("plan", "-w", planned)
    assert result.exit_code == 0, result.output
    for words in (
        "Needs",
        "output",
        "investment",
        "labour used",
        "balance",
        "self-sufficiency",
        "What holds the plan back most",
        "Certificate  optimal",
        "Saved",
    ):
        assert words in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("columns", ["1", "20", "60", "80", "100", "500", "nonsense"])
def test_no_line_is_wider_than_a_page_and_no_figure_is_cut(
    lustrum: Lustrum, planned: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = lustrum("show", "-w", planned)
    assert shown.exit_code == 0
    assert max(len(line) for line in shown.stdout.splitlines()) <= 100
    figures = [line for line in shown.stdout.splitlines() if line.startswith((" output", " exports", " balance"))]
    assert figures and not any("…" in line for line in figures)


def test_the_document_has_the_stable_fields(lustrum: Lustrum, planned: Path) -> None:
    result = lustrum("plan", "-w", planned, "--json")
    document = json.loads(result.stdout)
    assert document.keys() >= FIELDS
    assert document["status"] == "optimal" and document["conflict"] == []
    assert document["certificate"].keys() >= {"primal_residual", "dual_residual", "gap"}
    assert all(x.keys() >= {"name", "label", "year", "marginal_value"} for x in document["limits"])
    assert set(document["activity"]) == {"2026", "2027", "2028", "2029", "2030"}
    assert all(set(series) == set(document["activity"]) for series in document["needs"].values())
    assert result.stderr == ""


def test_the_document_says_what_the_plan_says(lustrum: Lustrum, planned: Path) -> None:
    document = json.loads(lustrum("plan", "-w", planned, "--json").stdout)
    plan = lu.load_plan(planned / "plans" / document["plan_id"])
    assert document["objective"] == plan.objective
    consumption, population = plan.values["consumption"], 1.01
    food = float(consumption.sel(need="food", year=2026).sum())
    base = float(plan.economy.values("consumption")[:, plan.economy.codes("need").index("food")].sum())
    assert document["needs"]["food"]["2026"] == pytest.approx(food / (base * population))


def test_plans_are_numbered_and_never_overwritten(lustrum: Lustrum, planned: Path) -> None:
    first = {p: p.read_bytes() for p in planned.rglob("*") if p.is_file()}
    ids = [json.loads(lustrum("plan", "-w", planned, "--json").stdout)["plan_id"] for _ in range(2)]
    assert len(set(ids)) == 2
    assert lu.Workspace.open(planned).plan_ids()[-2:] == ids
    assert {p: p.read_bytes() for p in first} == first


def test_the_plan_file_is_kept_byte_for_byte(lustrum: Lustrum, planned: Path) -> None:
    file = planned / "lustrum.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n") + b"# my remark \xc3\xa9\r\n")
    document = json.loads(lustrum("plan", "-w", planned, "--json").stdout)
    assert (planned / "plans" / document["plan_id"] / "lustrum.yaml").read_bytes() == file.read_bytes()
    assert lustrum("verify", "-w", planned).exit_code == 0


def test_a_plan_that_cannot_be_says_what_clashes_and_what_helps(lustrum: Lustrum, infeasible: Path) -> None:
    before = lu.Workspace.open(infeasible).plan_ids()
    result = lustrum("plan", "-w", infeasible)
    assert result.exit_code == 1
    assert "No plan satisfies all limits" in result.stdout and "food" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
    document = json.loads(lustrum("plan", "-w", infeasible, "--json").stdout)
    assert document.keys() >= FIELDS and document["status"] == "infeasible"
    assert all(m.keys() >= {"name", "label", "year", "relax_by"} for m in document["conflict"])
    assert any(m["name"] == "consumption_floor" for m in document["conflict"])
    assert document["relaxation"]
    assert lu.Workspace.open(infeasible).plan_ids() == before


def test_an_unbounded_plan_is_no_plan(lustrum: Lustrum, planned: Path) -> None:
    (planned / "lustrum.yaml").write_text(
        "labour: {enforce: false}\ncapacity: {enforce: false}\ntrade: {exchange: false}\n"
        "terminal: {rule: none}\nobjective: {kind: employment}\n",
        encoding="utf-8",
    )
    result = lustrum("plan", "-w", planned, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "unbounded"
    assert "nothing limits" in lustrum("plan", "-w", planned).stderr


def test_a_time_limit_is_never_called_optimal(lustrum: Lustrum, tmp_path: Path) -> None:
    lustrum("new", tmp_path / "w", "--economy", "us-2019")
    with (tmp_path / "w" / "lustrum.yaml").open("a", encoding="utf-8") as file:
        file.write("solver: {time_limit: 0.01}\n")
    result = lustrum("plan", "-w", tmp_path / "w", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "limit"
    assert not (tmp_path / "w" / "plans").exists()


def test_errors_name_line_field_and_mend(lustrum: Lustrum, planned: Path) -> None:
    file = planned / "lustrum.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "horizn: {years: 5}\n", encoding="utf-8")
    result = lustrum("plan", "-w", planned)
    assert result.exit_code == 2 and result.stdout == ""
    assert "horizn" in result.stderr and "horizon" in result.stderr and "mend" in result.stderr
    document = json.loads(lustrum("plan", "-w", planned, "--json").stdout)
    assert document["error"]["kind"] == "SpecError" and document["error"]["exit_code"] == 2


def test_outside_a_workspace_it_says_how_to_make_one(lustrum: Lustrum, tmp_path: Path) -> None:
    result = lustrum("plan", "-w", tmp_path)
    assert result.exit_code == 2
    assert "lustrum new" in result.stderr


def test_in_a_subfolder_it_says_where_the_workspace_is(lustrum: Lustrum, planned: Path) -> None:
    result = lustrum("plan", "-w", planned / "economy")
    assert result.exit_code == 2
    assert str(planned) in result.stderr


def test_two_at_once_get_two_ids(program: Program, planned: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: program("plan", "-w", planned, "--json"), range(4)))
    assert [r.returncode for r in results] == [0] * 4
    ids = {json.loads(r.stdout)["plan_id"] for r in results}
    assert len(ids) == 4
    assert all(lu.verify(planned / "plans" / i).ok for i in ids)
