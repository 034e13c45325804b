"""The workbook: a template that people can fill in, and a reader that takes what spreadsheets write."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook
from tests.accounts.made import assert_same
from tests.bad_input.books import archive, book, edit, parts, sheet_part

from lustrum.accounts.economy import Economy, Source
from lustrum.accounts.embedded import embedded_folder, embedded_names, load_economy
from lustrum.accounts.fields import FIELDS, FLOWS, SETS
from lustrum.accounts.readers.forms import KEYS, NAMES, PROVENANCE
from lustrum.accounts.readers.workbook import read_workbook
from lustrum.accounts.readers.workbook_guide import KEY_WORDS, STEPS, field_rows, guide_rows, hint, sheet_order
from lustrum.accounts.readers.workbook_scan import MAX_CELLS, letters
from lustrum.accounts.readers.workbook_write import (
    MAX_COLUMNS,
    write_example,
    write_example_of,
    write_forms,
    write_sheets,
    write_workbook,
)
from lustrum.errors import TableError


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Every sheet as a spreadsheet shows it."""
    whole = CalamineWorkbook.from_path(path)
    return {name: whole.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in whole.sheet_names}


# the template -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", embedded_names())
def test_the_template_holds_an_example_that_is_read_as_the_folder(name: str, tmp_path: Path) -> None:
    write_example(tmp_path / "t.xlsx", embedded_folder(name) / "economy")
    assert_same(read_workbook(tmp_path / "t.xlsx"), load_economy(name))


def test_the_template_has_a_sheet_for_every_table_and_explains_every_one(tmp_path: Path) -> None:
    assert write_example(tmp_path / "t.xlsx", embedded_folder("island") / "economy") == len(NAMES) - 1
    found = sheets(tmp_path / "t.xlsx")
    assert set(found) == {"guide", "fields", "economy", *NAMES} - {PROVENANCE}
    explained = {str(row[0]) for row in found["guide"]}
    assert {"economy", *NAMES} <= explained
    assert [str(row[0]) for row in found["fields"]] == ["sheet", *(f.name for f in FIELDS), *(f.name for f in FLOWS)]
    meanings = {str(row[0]): str(row[6]) for row in found["fields"]}
    assert all(f.meaning == meanings[f.name] for f in FIELDS)
    assert {str(row[0]) for row in found["economy"]} == {"key", *KEYS}
    # flows stand as flows: what a statistical office publishes is what people see
    assert found["use_flows"][1][1] == 2000.0


def test_every_sheet_is_named_once_and_in_an_order_of_work() -> None:
    named = [name for _, names, _ in STEPS for name in names]
    assert len(set(named)) == len(named)
    assert set(named) <= {"economy", *NAMES}
    assert sorted(sheet_order()) == sorted(["economy", *NAMES])
    assert set(KEY_WORDS) == set(KEYS)
    assert all(len(hint(name)) <= 255 for name in NAMES)
    assert len(field_rows()) == 1 + len(FIELDS) + len(FLOWS)
    assert sum(row[0] == "sheet" for row in guide_rows([], "x")) == 1 + len(NAMES)


def test_forms_that_nobody_filled_in_are_not_there(tmp_path: Path) -> None:
    write_forms(tmp_path / "t.xlsx", products=3)
    found = sheets(tmp_path / "t.xlsx")
    assert found["use_flows"] == [
        ["product \\ activity", "s1", "s2", "s3"],
        *([f"s{k}", "", "", ""] for k in (1, 2, 3)),
    ]
    assert found["output"] == [["activity", "value"], ["s1", ""], ["s2", ""], ["s3", ""]]
    with pytest.raises(TableError, match=r"t\.xlsx: economy!B5: base_year is not a year"):
        read_workbook(tmp_path / "t.xlsx")
    with pytest.raises(TableError, match="out of range"):
        write_forms(tmp_path / "u.xlsx", products=3_000)
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


def test_empty_forms_keep_the_labels_of_an_example(tmp_path: Path) -> None:
    write_example(tmp_path / "t.xlsx", embedded_folder("island") / "economy", empty=True)
    found = sheets(tmp_path / "t.xlsx")
    assert [row[0] for row in found["products"]][1:] == list(load_economy("island").codes("product"))
    assert all(cell == "" for row in found["use_flows"][1:] for cell in row[1:])
    write_workbook(load_economy("island"), tmp_path / "island.xlsx")
    write_example_of(tmp_path / "u.xlsx", tmp_path / "island.xlsx")
    assert_same(read_workbook(tmp_path / "u.xlsx"), load_economy("island"))
    write_example_of(tmp_path / "v.xlsx", tmp_path / "island.xlsx", empty=True)
    assert sheets(tmp_path / "v.xlsx")["products"] == found["products"]


def test_what_is_typed_into_a_label_column_stays_text(tmp_path: Path) -> None:
    """Columns of codes have the format Text, so that a program keeps 01; those of figures round nothing."""
    write_forms(tmp_path / "t.xlsx", products=2)
    content = parts(tmp_path / "t.xlsx")
    formats = content["xl/styles.xml"].decode()
    assert 'numFmtId="49"' in formats  # the number of the format Text
    part = f"xl/worksheets/sheet{[*sheets(tmp_path / 't.xlsx')].index('products') + 1}.xml"
    assert b'<col min="1" max="1"' in content[part] and b'style="' in content[part].split(b"</cols>")[0]


# the reader ---------------------------------------------------------------------------------------------


def test_calculated_formulas_are_read_by_their_values(tmp_path: Path) -> None:
    book(tmp_path / "x.xlsx", touch=lambda s, _: s["output"].write_formula(1, 1, "=50+50", None, 100))
    edit(tmp_path / "x.xlsx", "xl/workbook.xml", b' fullCalcOnLoad="1"', b"")
    assert read_workbook(tmp_path / "x.xlsx").digest == read_workbook(book(tmp_path / "y.xlsx")).digest


@pytest.mark.parametrize("figure", [b"0.1", b"1E-3", b"-0", b"12345678901234567890e-19", b"0.30000000000000004"])
def test_figures_are_read_to_the_last_bit_however_they_are_written(tmp_path: Path, figure: bytes) -> None:
    edit(
        book(tmp_path / "x.xlsx"), sheet_part("use_flows"), b'<c r="B2"><v>20</v>', b'<c r="B2"><v>' + figure + b"</v>"
    )
    assert read_workbook(tmp_path / "x.xlsx").values("use")[0, 0] == float(figure) / 100


def test_workbooks_of_other_programs_are_read(tmp_path: Path) -> None:
    """Prefixed elements, absolute targets, texts in the cells themselves, cells without their places."""
    plain = read_workbook(book(tmp_path / "plain.xlsx")).digest
    path = book(tmp_path / "x.xlsx")
    edit(path, "xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet1.xml"', b'Target="/xl/worksheets/sheet1.xml"')
    old = parts(path)[sheet_part("skills")]
    start = old.index(b"<sheetData>")
    rows = (
        b'<sheetData><row><c t="inlineStr"><is><t>code</t></is></c></row>'
        b'<row><c t="inlineStr"><is><r><t>ha</t></r><r><t>nds</t></r></is></c></row></sheetData>'
    )
    content = parts(path)
    output = re.sub(rb"<(/?)(\w+)(?=[\s>/])(?! version)", rb"<\1x:\2", content[sheet_part("output")])
    content[sheet_part("output")] = output.replace(b"xmlns=", b"xmlns:x=")
    path.write_bytes(archive(content))
    edit(path, sheet_part("skills"), old[start : old.index(b"</sheetData>") + 12], rows)
    assert read_workbook(path).digest == plain


def test_a_table_too_large_for_a_sheet_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["product", *(f"c{k}" for k in range(MAX_COLUMNS))]]
    with pytest.raises(TableError, match="too large for a sheet"):
        write_sheets(tmp_path / "x.xlsx", Source("x"), {"use": rows}, "x")
    assert not list(tmp_path.iterdir())


def test_a_large_table_is_read(tmp_path: Path) -> None:
    """As many cells as 300 sectors have, no two of them alike."""
    n = 300
    codes = [f"s{k}" for k in range(n)]
    use = np.random.default_rng(0).random((n, n)) / n
    economy = Economy.build(
        Source("wide", base_year=2020), {"product": codes, "activity": codes}, {"supply": np.eye(n), "use": use}
    )
    write_workbook(economy, tmp_path / "x.xlsx")
    assert_same(read_workbook(tmp_path / "x.xlsx"), economy)
    assert n * n < MAX_CELLS


def test_letters_of_columns() -> None:
    assert [letters(k) for k in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@pytest.mark.parametrize(("library", "what"), [("python_calamine", "read"), ("xlsxwriter", "write")])
def test_a_missing_library_is_named(library: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "x.xlsx")
    monkeypatch.setitem(sys.modules, library, None)  # as Python knows a module that is not there
    with pytest.raises(TableError, match=r"pip install 'lustrum\[excel\]'"):
        read_workbook(path) if what == "read" else write_workbook(load_economy("island"), tmp_path / "y.xlsx")


def test_only_what_holds_cells_is_unpacked(tmp_path: Path) -> None:
    """Pictures and macros are never looked into: they may hold anything."""
    path = book(tmp_path / "x.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/picture.png", b"<!DOCTYPE x>")
        archive.writestr("xl/vbaProject.bin", b"\x00")
    assert read_workbook(path).digest == read_workbook(book(tmp_path / "y.xlsx")).digest


def test_sets_and_label_sheets_have_the_same_names() -> None:
    assert {file.removesuffix(".csv") for file in SETS.values()} <= set(NAMES)
