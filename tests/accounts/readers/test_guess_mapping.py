"""A guessed mapping: what figures and standards prove is right, what words suggest is marked, the rest is asked."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy as np
import pytest
from tools.cut_office_files import SMALL, write

from lustrum.accounts.readers.guess_mapping import Guess, guess_mapping
from lustrum.accounts.readers.mapped import Imported, read_layout, read_mapped
from lustrum.accounts.readers.mapped_cells import Questions
from lustrum.accounts.readers.mapping import mapping_of
from lustrum.accounts.readers.primary_rows import known_kind, suggested_kind
from lustrum.accounts.readers.raw_sheets import RawFile
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import TableError


def read(path: Path, guess: Guess, **answers: str) -> Imported:
    text = guess.text
    for key, value in answers.items():
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
    return read_mapped(path, mapping_of(text, "import.yaml"), Wanted())


@pytest.mark.parametrize(
    ("name", "sheet", "answers"),
    [
        ("scotland.xlsx", "IxI", {}),
        ("ons_ioat.xlsx", "IOT", {}),
        ("chile_2013.xlsx", "1", {}),
        ("abs.xlsx", None, {"year": "2017", "money": "million dollars"}),
    ],
)
def test_a_guess_gives_what_the_shipped_layout_gives(name: str, sheet: str | None, answers: dict[str, str]) -> None:
    path = SMALL / name
    guess = guess_mapping(path, sheet)
    assert guess.open == 0
    got, right = read(path, guess, **answers).table, read_layout(path, Wanted()).table
    np.testing.assert_allclose(got.use[:4], right.use[:4], rtol=1e-12)
    np.testing.assert_allclose(got.output, right.output, rtol=1e-12)
    assert got.total_imports.sum() == pytest.approx(right.total_imports.sum())
    kinds = [[u.kind for u in t.final_uses] for t in (got, right)]
    assert kinds[0] == kinds[1]


def test_the_original_is_understood_too(test_data: Path) -> None:
    path = test_data / "offices" / "ons-ioat-2019" / "ONS_UK_IO_2019.xlsx"
    guess = guess_mapping(path)
    assert guess.sheet == "IOT" and guess.open == 0
    assert read(path, guess).table.total_imports.sum() == pytest.approx(735_802)
    picture = guess.picture()
    assert picture[0][2:] == ["C:DC", "DD:DE", "DF:DN", "DO"]
    assert ["7:111", "product", "use", "check", "final", "check"] in picture


def test_each_line_says_on_what_it_rests() -> None:
    text = guess_mapping(SMALL / "scotland.xlsx", "IxI").text
    rows = [line for line in text.splitlines() if line.strip().startswith("- {")]
    assert rows and all("#" in line for line in rows)
    assert any("adds up" in line for line in rows) and any("GUESS from" in line for line in rows)


def translated(names: dict[str, str], tmp_path: Path) -> Path:
    """The table of Scotland with other names of its rows and no codes of the standards."""
    raw = RawFile(SMALL / "scotland.xlsx")
    sheets = copy.deepcopy({s: raw.grid(s) for s in raw.sheets})
    for row in sheets["IxI"]:
        if len(row) > 2 and row[1] in names:
            row[1], row[2] = "", names[str(row[1])]
    write({"other.xlsx": sheets}, tmp_path)
    return tmp_path / "other.xlsx"


GERMAN = {
    "RUKImp": "Einfuhr aus dem übrigen Königreich",
    "RoWImp": "Einfuhr aus der übrigen Welt",
    "TlSPrds": "Gütersteuern abzüglich Subventionen",
    "TlSPrdn": "Sonstige Abgaben abzüglich Subventionen",
    "CoE": "Arbeitnehmerentgelt",
    "GOS": "Bruttobetriebsüberschuss",
    "GVA": "Bruttowertschöpfung",
    "TOut": "Produktionswert",
}
SPANISH = {
    "RUKImp": "Importaciones del resto del Reino",
    "RoWImp": "Importaciones del resto del mundo",
    "TlSPrds": "Impuestos netos sobre los productos",
    "TlSPrdn": "Impuestos netos sobre la producción",
    "CoE": "Remuneración de los asalariados",
    "GOS": "Excedente bruto de explotación",
    "GVA": "Valor agregado bruto",
    "TOut": "Producción precios básicos",
}
UNKNOWN = {k: f"xyzzy {n}" for n, k in enumerate(GERMAN)}


@pytest.mark.parametrize("names", [GERMAN, SPANISH], ids=["German", "Spanish"])
def test_words_of_other_languages_are_marked_as_guesses(names: dict[str, str], tmp_path: Path) -> None:
    path = translated(names, tmp_path)
    guess = guess_mapping(path, "IxI")
    lines = {g.called: g for g in guess.rows}
    for code in ("RUKImp", "CoE", "GOS"):
        assert not lines[names[code]].sure and "GUESS" in lines[names[code]].why
    table = read(path, guess).table
    assert table.total_imports.sum() == pytest.approx(69_129.37 + 35_324.88, abs=0.01)


def test_what_no_word_explains_is_asked(tmp_path: Path) -> None:
    path = translated(UNKNOWN, tmp_path)
    guess = guess_mapping(path, "IxI")
    assert guess.open >= 5 and 'is: "?"' in guess.text
    with pytest.raises(Questions) as e:
        read(path, guess)
    assert len(e.value.questions) >= 5 and "xyzzy" in e.value.questions[0]["what"]


def test_a_file_without_a_block_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    file.write_text("a,b\n1,2\n3,4\n5,6\n7,8\n", encoding="utf-8")
    with pytest.raises(TableError, match="no block of figures with labels"):
        guess_mapping(file)
    with pytest.raises(TableError, match="the sheet is not there"):
        guess_mapping(SMALL / "abs.xlsx", "Table 6")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Taxes on production and imports, less subsidies", "taxes_on_production"),
        ("Import duties", "taxes_on_products"),
        ("Compensation of employees", "wages"),
        ("Use of imported products, cif", "imports"),
        ("Löhne und Gehälter", None),
        ("imports and wages together", None),
    ],
)
def test_only_standards_decide(words: str, kind: str | None) -> None:
    assert known_kind("", words) == kind
    if kind is None:
        assert suggested_kind("", words) is not None
