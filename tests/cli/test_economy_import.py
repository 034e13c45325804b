"""`lustrum economy import`: what it guesses and says, what it writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import Result

from lustrum.accounts.embedded import embedded_folder
from lustrum.accounts.readers.folder import read_folder

Lustrum = Callable[..., Result]


OFFICES = Path(__file__).parents[1] / "accounts" / "readers" / "offices"


def test_a_file_of_an_office_becomes_accounts_with_their_provenance(lustrum: Lustrum, tmp_path: Path) -> None:
    out = tmp_path / "us"
    result = lustrum("economy", "import", OFFICES / "bea", "-o", out)
    assert result.exit_code == 0, result.output
    for words in (
        "read as layout: the layout bea_use_make",
        "4 products, 4 activities, base year 2021",
        "What was moved",
        f"lustrum economy check {out}",
        f"lustrum new my-plan --economy {out}",
    ):
        assert words in " ".join(result.stdout.split()), words
    economy = read_folder(out)
    assert economy.values("output").sum() == pytest.approx(41_404_770)
    assert np.array_equal(economy.values("output")[:3], [526_044, 628_513, 643_958])
    assert any(c.step == "totals" for c in economy.provenance)
    assert lustrum("economy", "check", out).exit_code == 0


def test_json_says_the_same(lustrum: Lustrum, tmp_path: Path) -> None:
    result = lustrum("economy", "import", OFFICES / "wiod_national.xlsx", "-o", tmp_path / "rus", "--json")
    document = json.loads(result.stdout)
    assert (document["format"], document["base_year"], document["activities"]) == ("layout", 2014, 2)
    assert document["published_residuals"]["rows"]["share_of_output"] < 1e-8
    assert any(c["where"].startswith("PURR: ") for c in document["provenance"])


def test_purchasers_prices_and_a_named_model(lustrum: Lustrum, test_data: Path, tmp_path: Path) -> None:
    source = test_data / "offices" / "ons-sut-bb24" / "supublicationtablesbb24.xlsx"
    out = tmp_path / "uk"
    result = lustrum("economy", "import", source, "--year", "2019", "--symmetric", "D", "--name", "uk", "-o", out)
    assert result.exit_code == 0, result.output
    economy = read_folder(out)
    assert economy.source.name == "uk"
    assert economy.codes("product") == economy.codes("activity")
    steps = {c.step for c in economy.provenance}
    assert {"valuation", "symmetric table", "supply matrix"} <= steps


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "there is nothing"),
        (["."], "abs.xlsx (layout); bea (layout); belgium.xlsx (layout)"),
        (["../offices/../../assemble"], "no reader knows this table"),
        (["bea", "--format", "wade"], "unknown format 'wade'"),
        (["bea", "--format", "office"], "no such file"),
        (["abs.xlsx", "--year", "2018"], "the table is of another year"),
        (["bea", "--year", "1990"], "there is no table of this year"),
        (["bea", "--region", "FRA"], "layout tables are of one country"),
        (["bea", "--outside-imports", "aside"], "none can be left aside"),
        (["scotland.xlsx", "--labour", "people"], "people"),
    ],
)
def test_refusals_are_in_words_and_leave_nothing(
    lustrum: Lustrum, tmp_path: Path, arguments: list[str], words: str
) -> None:
    out = tmp_path / "out"
    result = lustrum("economy", "import", OFFICES / arguments[0], *arguments[1:], "-o", out)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())


def test_a_rectangular_table_needs_a_model_for_it(lustrum: Lustrum, test_data: Path, tmp_path: Path) -> None:
    source = test_data / "offices" / "bea-sector"
    result = lustrum("economy", "import", source, "--symmetric", "A", "-o", tmp_path / "out")
    assert result.exit_code == 2 and "take model B or D" in " ".join(result.stderr.split())


def test_a_folder_with_something_in_it_is_never_written_to(lustrum: Lustrum, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    result = lustrum("economy", "import", OFFICES / "bea", "-o", tmp_path)
    assert result.exit_code == 2 and "not empty" in result.stderr
    onto = lustrum("economy", "import", OFFICES / "bea", "-o", tmp_path / "mine.csv")
    assert onto.exit_code == 2 and "there is a file of this name" in onto.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_accounts_of_our_own_form_are_taken_as_they_are(lustrum: Lustrum, tmp_path: Path) -> None:
    folder = embedded_folder("island") / "economy"
    result = lustrum("economy", "import", folder, "-o", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "read as lustrum" in result.stdout
    assert read_folder(tmp_path / "again").digest == read_folder(folder).digest
    refused = lustrum("economy", "import", folder, "--year", "2019", "-o", tmp_path / "no")
    assert refused.exit_code == 2 and "--year is for published tables" in refused.stderr


def test_a_file_of_an_office_is_reconciled_on_the_screen_and_in_json(lustrum: Lustrum, tmp_path: Path) -> None:
    result = lustrum("economy", "import", OFFICES / "scotland.xlsx", "-o", tmp_path / "a")
    words = " ".join(result.stdout.split())
    assert result.exit_code == 0 and "read as layout: the layout scotland" in words, result.output
    assert "Totals that the source prints" in words and "268,339.62 268,339.62" in words
    document = json.loads(
        lustrum("economy", "import", OFFICES / "scotland.xlsx", "-o", tmp_path / "b", "--json").stdout
    )
    totals = document["reconciliation"]
    assert document["questions"] == [] and len(totals) > 50
    assert {"total", "source", "ours", "difference", "where"} <= set(totals[0])
    wages = next(t for t in totals if t["total"] == "Compensation of employees × Total intermediate use")
    assert wages["source"] == pytest.approx(84_040.26, abs=0.01) == wages["ours"]


def test_a_mapping_is_asked_about_what_it_leaves_out(lustrum: Lustrum, tmp_path: Path) -> None:
    layout = Path(__file__).parents[2] / "src" / "lustrum" / "accounts" / "layouts" / "scotland.yaml"
    text = layout.read_text(encoding="utf-8")
    mapping = tmp_path / "import.yaml"
    text = text.replace('at: "8:"', 'at: "8:11"')
    mapping.write_text(text.replace("      - {code: CoE, is: wages}\n", ""), encoding="utf-8")
    arguments = ["economy", "import", OFFICES / "scotland.xlsx", "--map", mapping, "-o", tmp_path / "out"]
    result = lustrum(*arguments, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 2 and document["error"]["kind"] == "Questions"
    (question,) = document["questions"]
    assert "CoE" in question["what"] and "wages" in question["choices"] and question["where"].endswith("IxI!A18")
    assert not (tmp_path / "out").exists() and "one question is open" in lustrum(*arguments).stderr
    mapping.write_text(text, encoding="utf-8")
    assert lustrum(*arguments).exit_code == 0
    assert "leave --region out" in lustrum(*arguments[:-1], tmp_path / "no", "--region", "SCO").stderr


def test_a_mapping_is_guessed_shown_and_used(lustrum: Lustrum, tmp_path: Path) -> None:
    source, mapping = OFFICES / "abs.xlsx", tmp_path / "import.yaml"
    result = lustrum("economy", "import", source, "--guess", mapping)
    words = " ".join(result.stdout.split())
    assert result.exit_code == 0, result.output
    assert "as it was understood" in words and "4:7 product use check final check" in words
    assert "would not be imported" in words and "money is not answered" in words
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace('money: "?"', "money: million dollars"), encoding="utf-8")
    out = tmp_path / "out"
    assert lustrum("economy", "import", source, "--map", mapping, "--year", "2017", "-o", out).exit_code == 0
    assert lustrum("economy", "check", out).exit_code == 0
    again = lustrum("economy", "import", source, "--guess", mapping)
    assert again.exit_code == 2 and "nothing is ever overwritten" in again.stderr
    document = json.loads(lustrum("economy", "import", source, "--guess", tmp_path / "b.yaml", "--json").stdout)
    assert document["sheet"] == "Table 5" and document["blocks"][0][2] == "C:F" and document["questions"] == []
    assert "leave -o and --map out" in lustrum("economy", "import", source, "--guess", mapping, "-o", out).stderr
    assert "--sheet goes with --guess" in lustrum("economy", "import", source, "--sheet", "x", "-o", out).stderr


def test_a_workbook_of_others_is_not_called_ours(lustrum: Lustrum, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Tabelle1"
    for row in (["", "a", "b", "c"], ["a", 1, 2, 3], ["b", 2, 3, 4], ["c", 3, 4, 5]):
        book.active.append(row)
    book.save(tmp_path / "other.xlsx")
    result = lustrum("economy", "import", tmp_path / "other.xlsx", "-o", tmp_path / "out")
    assert result.exit_code == 2 and "no reader knows this table" in result.stderr and "--guess" in result.stderr
