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
from lustrum.accounts.assemble.interpretation import role
from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.table import FinalUse, FlowTable, flows_of
from lustrum.accounts.readers.mapped_cells import Questions
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


# --- what goes wrong when people fill it in ------------------------------------------------------

FILLED: dict[str, list[list[Any]]] = {
    "about": [["key", "value"], ["format", "lustrum-table/1"], ["name", "x"], ["year", 2020], ["money", "million"]],
    "products": [["code", "name"], ["01", "Landwirtschaft"], ["02", "Industrie"], ["03", "Dienste"]],
    "final_uses": [
        ["code", "name", "kind"],
        *([k, k, k] for k in ("household", "government", "investment", "inventories", "exports")),
    ],
    "use": [["p", "01", "02", "03"], ["01", 10, 40, 5], ["02", 20, 1300.5, 60], ["03", 15, 90, 120]],
    "final": [
        ["p", "household", "government", "investment", "inventories", "exports"],
        ["01", 50, 5, 0, -3, 13],
        ["02", 300, 40, 200, 10, 500],
        ["03", 400, 250, 30, 0, 44],
    ],
    "value_added": [["row", "01", "02", "03"], ["wages", 27, 180, 428.4], ["surplus", 18, 120, 285.6]],
    "imports": [["product", "world"], ["01", 30], ["02", 700], ["03", 50]],
}


def filled(tmp_path: Path, **sheets: list[list[Any]]) -> FlowTable:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in {**FILLED, **sheets}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "filled.xlsx")
    return READER.read(tmp_path / "filled.xlsx", Wanted())


def added(*rows: list[Any]) -> list[list[Any]]:
    return [*FILLED["value_added"][:2], *rows]


def test_the_filled_table_is_read(tmp_path: Path) -> None:
    table = filled(tmp_path)
    assert table.output.sum() == pytest.approx(2719.5) and table.total_imports.sum() == 780
    assert table.value_added_rows.codes == ("wages", "surplus")


@pytest.mark.parametrize(
    ("label", "guess"), [("Einfuhr", "imports"), ("Importations", "imports"), ("Steuern", "taxes_on_production")]
)
def test_a_row_in_another_language_is_a_question(label: str, guess: str, tmp_path: Path) -> None:
    row = [label, 18, 120, 285.6]
    with pytest.raises(Questions) as e:
        filled(tmp_path, value_added=added(row))
    (question,) = e.value.questions
    assert question["where"] == "filled.xlsx: value_added!A3" and guess in question["what"]
    kinds = ["kind", "wages", guess]
    answered = [[r[0], k, *r[1:]] for r, k in zip(added(row), kinds, strict=True)]
    economy = to_economy(filled(tmp_path, value_added=answered, imports=FILLED["imports"]))
    imported = economy.values("imports").sum() if "imports" in economy.data else 0.0
    assert (label in " ".join(c.where for c in economy.provenance)) or imported >= 780


def test_taxes_on_production_and_imports_are_no_imports(tmp_path: Path) -> None:
    surplus, taxes = ["surplus", 13.5, 90, 214.2], ["Taxes on production and imports, less subsidies", 4.5, 30, 71.4]
    table = filled(tmp_path, value_added=added(surplus, taxes))
    assert [role(c, "") for c in table.value_added_rows.codes] == ["wages", "surplus", "taxes"]
    assert to_economy(table).size("product") == 3


def test_import_duties_are_no_imports(tmp_path: Path) -> None:
    table = filled(tmp_path, value_added=added(["surplus", 13.5, 90, 214.2], ["Import duties", 4.5, 30, 71.4]))
    assert [role(c, "") for c in table.value_added_rows.codes] == ["wages", "surplus", "taxes"]


def test_an_unknown_kind_is_told_by_its_cell(tmp_path: Path) -> None:
    rows = [["row", "kind", "01", "02", "03"], ["a", "wages", 27, 180, 428.4], ["b", "profit", 18, 120, 285.6]]
    with pytest.raises(TableError, match=r"value_added!B3: unknown kind of input"):
        filled(tmp_path, value_added=rows)
    rows[2][1:3] = ["surplus", "x"]
    with pytest.raises(TableError, match=r"value_added!C3: cell is not a number"):
        filled(tmp_path, value_added=rows)


def test_a_total_is_not_taken_for_a_sector(tmp_path: Path) -> None:
    use = [[*r, "Total" if not k else sum(r[1:])] for k, r in enumerate(FILLED["use"])]
    use.append(["Total", *(sum(r[c] for r in use[1:]) for c in range(1, 5))])
    final = [*FILLED["final"], ["Total", 750, 295, 230, 7, 557]]
    value_added = [[*r, "Total" if not k else sum(r[1:])] for k, r in enumerate(FILLED["value_added"])]
    products = [*FILLED["products"], ["Total", "Total"]]
    imports = [*FILLED["imports"], ["Total", 780]]
    with pytest.raises(TableError, match="'Total' is the sum of the others"):
        filled(tmp_path, use=use, final=final, value_added=value_added, products=products, imports=imports)


def test_a_transposed_block_is_named(tmp_path: Path) -> None:
    square = list(zip(*(r[1:] for r in FILLED["use"][1:]), strict=True))
    use = [FILLED["use"][0], *([r[0], *c] for r, c in zip(FILLED["use"][1:], square, strict=True))]
    with pytest.raises(TableError, match="looks transposed"):
        filled(tmp_path, use=use)


def test_a_row_of_totals_beside_jobs_or_value_added_counts_once(tmp_path: Path) -> None:
    jobs = [["row", "01", "02", "03"], ["men", 5, 6, 7], ["women", 4, 5, 6], ["total", 9, 11, 13]]
    gross = ["Bruttowertschöpfung", 45, 300, 714]
    table = filled(tmp_path, jobs=jobs, value_added=[*FILLED["value_added"], gross])
    assert table.satellites["jobs"].figures.sum() == 33
    assert table.value_added.sum() == pytest.approx(1059) and table.output.sum() == pytest.approx(2719.5)
    assert sum("sum of the others" in c.what for c in table.provenance) == 2


def test_all_cells_that_are_no_figures_are_told_at_once(tmp_path: Path) -> None:
    dashes = [FILLED["use"][0], *([c, "-", "-", "-"] for c in ("01", "02", "03"))]
    final = [list(r) for r in FILLED["final"]]
    final[1][3] = ".."
    with pytest.raises(TableError, match="10 cells hold no figure") as e:
        filled(tmp_path, use=dashes, final=final)
    assert "'-' in 9 cells" in str(e.value) and "final!D2" in str(e.value) and "Find and Replace" in e.value.mend


def test_names_in_place_of_codes_are_told_with_the_codes(tmp_path: Path) -> None:
    use = [["p", "Landwirtschaft", "02", "03"], *FILLED["use"][1:]]
    with pytest.raises(TableError, match="use!B1: a name stands in place of a code") as e:
        filled(tmp_path, use=use)
    assert "'Landwirtschaft' is '01'" in str(e.value)
