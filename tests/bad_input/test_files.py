"""Over a hundred malformed workbooks and files: each refused within 5 seconds and 1 GB, with its place and a mend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.bad_input.books import book
from tests.bad_input.limited import MEMORY, SECONDS
from tests.bad_input.malformed_books import BOOKS
from tests.bad_input.malformed_files import FILES
from tests.cli.conftest import Lustrum, lustrum
from tests.conftest import REPOSITORY

from lustrum.accounts.embedded import load_economy

__all__ = ["lustrum"]  # the fixture

Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """How reading every file ended, each in a process of 1 GB and 5 seconds of work."""
    folder = tmp_path_factory.mktemp("malformed")
    made: dict[str, Path] = {"a sound workbook": book(folder / "sound.xlsx")}
    for k, (name, (make, *_)) in enumerate(BOOKS.items()):
        (folder / f"b{k}").mkdir()
        made[name] = make(folder / f"b{k}" / "x.xlsx")
    for k, (name, (file, make, *_)) in enumerate(FILES.items()):
        (folder / f"f{k}").mkdir()
        made[name] = make(folder / f"f{k}" / file)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bad_input.limited"],
        cwd=REPOSITORY,
        text=True,
        timeout=600,
        input="".join(f"{p}\n" for p in made.values()),
        capture_output=True,
        check=True,
    )
    return dict(zip(made, map(json.loads, done.stdout.splitlines()), strict=True))


def refused(result: dict[str, Any], where: str, words: str, mend: str) -> None:
    assert result["kind"] in ("TableError", "LabelError"), result
    assert where in result["where"], result["text"]
    assert words in result["what"], result["text"]
    assert result["mend"] and mend in result["mend"], result["text"]
    assert len(result["text"]) < 1000, result["text"]
    assert result["seconds"] < SECONDS and result["bytes"] < MEMORY, result


def test_the_sound_workbook_is_read(results: Told) -> None:
    assert len(results["a sound workbook"]["read"]) == 64


@pytest.mark.parametrize("name", BOOKS)
def test_a_malformed_workbook_is_refused_with_its_cell(results: Told, name: str) -> None:
    _, where, words, mend = BOOKS[name]
    refused(results[name], where, words, mend)
    assert "x.xlsx" in results[name]["where"]


@pytest.mark.parametrize("name", FILES)
def test_a_malformed_file_is_refused(results: Told, name: str) -> None:
    file, _, words, mend = FILES[name]
    refused(results[name], "use.csv" if name == "zeros in a folder" else file, words, mend)


def test_what_people_leave_in_workbooks_is_no_mistake(tmp_path: Path) -> None:
    """Notes on sheets of their own, calculated formulas, percent formats, blank rows below, spaces around codes."""

    def touch(sheets: Any, workbook: Any) -> None:
        notes = workbook.add_worksheet("#notes")
        notes.merge_range("A1:C3", "mine")
        notes.hide()
        sheets["output"].write_string("A2", " farms ")
        sheets["output"].set_column("A:B", 30)
        sheets["labour_supply"].write_number("C2", 90.5, workbook.add_format({"num_format": "0%"}))
        sheets["output"].write_blank("D90", None, workbook.add_format({"bold": True}))
        sheets["output"].write_string("A80", "")
        workbook.set_calc_mode("auto")

    plain = load_economy(book(tmp_path / "plain.xlsx"))
    assert load_economy(book(tmp_path / "odd.xlsx", touch=touch)).digest == plain.digest


@pytest.mark.parametrize("name", ["#REF!", "a hidden row", "no products", "a sheet misspelt", "a decimal comma"])
def test_nothing_is_half_written(lustrum: Lustrum, tmp_path: Path, name: str) -> None:
    BOOKS[name][0](tmp_path / "x.xlsx")
    for args in (
        ["new", tmp_path / "w", "--economy", tmp_path / "x.xlsx"],
        ["economy", "export", tmp_path / "x.xlsx", "-o", tmp_path / "folder"],
        ["economy", "export", tmp_path / "x.xlsx", "-o", tmp_path / "y.parquet"],
        ["economy", "template", tmp_path / "y.xlsx", "--economy", tmp_path / "x.xlsx"],
        ["economy", "check", tmp_path / "x.xlsx"],
    ):
        result = lustrum(*args)
        assert result.exit_code == 2, result.output
        assert "x.xlsx" in result.stderr and "mend:" in result.stderr
        assert [p.name for p in tmp_path.iterdir()] == ["x.xlsx"]
