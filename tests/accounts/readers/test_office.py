"""The table workbook: what is written is read, every part finds its place, and what is wrong is told by its cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.table import FinalUse, FlowTable, flows_of
from lustrum.accounts.readers.office import READER
from lustrum.accounts.readers.office_write import by_kind, printed, write_office, write_office_forms
from lustrum.accounts.readers.seam import Wanted, guess
from lustrum.errors import TableError


@pytest.fixture(scope="module")
def us16() -> FlowTable:
    return by_kind(flows_of(load_economy("us-2019-16")))


def back(table: FlowTable, tmp_path: Path, change: Callable[[Any], None] | None = None) -> FlowTable:
    """Written, perhaps changed by hand, and read again."""
    file = tmp_path / "table.xlsx"
    write_office(file, table)
    if change:
        book = openpyxl.load_workbook(file)
        change(book)
        book.save(file)
    return READER.read(file, Wanted())


def test_a_table_comes_back(us16: FlowTable, tmp_path: Path) -> None:
    got = back(us16, tmp_path)
    assert got.products.codes == us16.products.codes and got.products.names == us16.products.names
    assert got.final_uses == us16.final_uses
    assert replace(got.source, notes=us16.source.notes) == us16.source
    for name in ("use", "final", "value_added", "supply", "imports"):
        np.testing.assert_allclose(getattr(got, name), getattr(us16, name), rtol=1e-14, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(got.satellites["jobs"].figures, us16.satellites["labour_coefficient"].figures)
    assert any("output" in c.step for c in got.provenance)


def test_a_rectangular_table_comes_back(tmp_path: Path) -> None:
    table = by_kind(flows_of(load_economy("uk-2019")))
    assert not table.symmetric
    got = back(table, tmp_path)
    np.testing.assert_allclose(got.supply, table.supply, rtol=1e-14)
    assert got.partners.codes == table.partners.codes
    np.testing.assert_allclose(got.row_residuals(), table.row_residuals(), atol=1e-5)


def test_accounts_made_of_it_are_sound(us16: FlowTable, tmp_path: Path) -> None:
    economy = to_economy(back(us16, tmp_path))
    assert check_economy(economy).ok
    np.testing.assert_allclose(economy.values("output"), load_economy("us-2019-16").values("output"), rtol=1e-12)


def test_the_worked_example_keeps_purposes_and_who_invests(tmp_path: Path) -> None:
    old = load_economy("uk-2019")
    new = to_economy(back(printed(old), tmp_path))
    for name in ("consumption", "need_composition"):
        np.testing.assert_allclose(new.values(name), old.values(name), rtol=1e-9, atol=1e-9, err_msg=name)
    invested = [e.values("investment").sum(axis=0) for e in (old, new)]
    np.testing.assert_allclose(invested[1], invested[0], rtol=1e-9, atol=1e-3)


def test_imports_may_stand_below_zero_in_final_use(us16: FlowTable, tmp_path: Path) -> None:
    assert us16.imports is not None
    printed = replace(
        us16,
        imports=None,
        final=np.column_stack([us16.final, -us16.imports.sum(axis=1)]),
        final_uses=(*us16.final_uses, FinalUse("less_imports", "Less: imports", "adjustment")),
    )

    def kind(book: Any) -> None:
        cell = next(r[2] for r in book["final_uses"].iter_rows() if r[0].value == "less_imports")
        cell.value = "imports"

    got = back(printed, tmp_path, kind)
    assert got.imports is not None and got.final_uses == us16.final_uses
    np.testing.assert_allclose(got.imports, us16.imports, rtol=1e-14)
    assert any("imports printed as final use" in c.what for c in got.provenance)


def test_domestic_and_imported_parts_add_up(us16: FlowTable, tmp_path: Path) -> None:
    quarter = replace(
        us16,
        imports=None,
        use=0.75 * us16.use,
        final=0.75 * us16.final,
        use_imported=0.25 * us16.use,
        final_imported=0.25 * us16.final,
    )

    def domestic(book: Any) -> None:
        next(r for r in book["about"].iter_rows() if r[0].value == "use_holds")[1].value = "domestic"

    got = back(quarter, tmp_path, domestic)
    np.testing.assert_allclose(got.use, us16.use, rtol=1e-12)
    np.testing.assert_allclose(got.final, us16.final, rtol=1e-12, atol=1e-9)
    assert got.imports is not None
    np.testing.assert_allclose(got.imports[:, 0], 0.25 * (us16.use.sum(axis=1) + us16.final.sum(axis=1)), rtol=1e-9)


def test_the_empty_form_is_known_and_says_what_to_fill_in(tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    write_office_forms(file, 7)
    reader, reason = guess(file)
    assert reader.name == "office" and "use" in reason
    with pytest.raises(TableError, match=r"about!A1: name is missing"):
        READER.read(file, Wanted())


def _set(sheet: str, cell: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][cell].value = value

    return change


def _sheet(name: str, new: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[name].title = new

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("use", "C3", "12,5"), r"use!C3"),
        (_set("use", "C3", "#REF!"), r"use!C3"),
        (_set("use", "C3", None), r"use!C3"),
        (_set("use", "C1", "nowhere"), r"use!C1: unknown industry"),
        (_set("use", "A2", "nothing"), r"use!A2: unknown product"),
        (_set("final_uses", "C2", "families"), r"final_uses!C2: unknown kind of final use"),
        (_set("final_uses", "C1", "sort"), r"final_uses!A1"),
        (_set("about", "B2", "other/1"), r"about!A1: format is not understood"),
        (_set("about", "B5", "last year"), r"about!B5"),
        (_set("about", "A5", "yeer"), r"about!A5: unknown key"),
        (_set("about", "B9", "retail"), r"about!A1: valuation is not understood"),
        (_set("products", "A3", "AGR"), r"stands twice|products"),
        (_sheet("use", "usage"), r"usage'!A1: no part of a table goes by the name"),
        (_sheet("final", "# final"), r"final!A1: the sheet final is missing"),
        (_sheet("products", "# products"), r"products!A1: the sheet products is missing"),
        (_sheet("about", "# about"), r"about!A1"),
    ],
)
def test_what_is_wrong_is_told_by_its_cell(
    us16: FlowTable, tmp_path: Path, change: Callable[[Any], None], words: str
) -> None:
    code = us16.products.codes[0]
    with pytest.raises(TableError) as error:
        back(us16, tmp_path, change if words != r"stands twice|products" else _set("products", "A3", code))
    assert re.search(words, str(error.value)), error.value
    assert "table.xlsx" in str(error.value)
    assert error.value.mend


def test_imports_cannot_stand_twice(us16: FlowTable, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="imports stand twice"):
        back(us16, tmp_path, _set("final_uses", "C2", "imports"))


def test_who_takes_it_for_accounts_is_told_to_import_it(us16: FlowTable, tmp_path: Path) -> None:
    write_office(tmp_path / "table.xlsx", us16)
    with pytest.raises(TableError, match=r"holds no accounts yet(.|\n)*lustrum economy import table\.xlsx"):
        load_economy(str(tmp_path / "table.xlsx"))


def test_another_year_is_refused(us16: FlowTable, tmp_path: Path) -> None:
    file = tmp_path / "table.xlsx"
    write_office(file, us16)
    with pytest.raises(TableError, match="of another year"):
        READER.read(file, Wanted(year=1999))
