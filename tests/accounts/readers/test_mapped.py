"""Files of statistical offices by mapping: every printed total is met, or the file is refused with the reason.

The small files in `offices` are cut from the originals by `tools.cut_office_files`; the originals are not part of the
project, and tests of them ask for `test_data`. Printed figures are those of the offices, read off their sheets.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tools.cut_office_files import SMALL, SOURCES, cut, same, write

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.checks import check_economy
from lustrum.accounts.national.transform import to_basic
from lustrum.accounts.readers.mapped import Imported, layouts, read_layout, read_mapped, recognised
from lustrum.accounts.readers.mapped_cells import Questions, years_in
from lustrum.accounts.readers.mapping import mapping_of
from lustrum.accounts.readers.raw_sheets import RawFile
from lustrum.accounts.readers.seam import Wanted, guess
from lustrum.errors import TableError

#: File below `offices` -> layout, products, industries, and figures that the office prints: output, imports, wages.
PRINTED: dict[str, tuple[str, int, int, float, float, float]] = {
    "abs-io-table5/520905500105.xls": ("abs_table5", 115, 114, 3_441_809, 395_645, 872_589),
    "bcch-chile-mip-2008/mip_2008_bcch_111x111.xlsx": (
        "chile_111",
        112,
        111,
        183_577_845.83,
        23_051_912.42,
        34_133_031.37,
    ),
    "bcch-chile-mip-2013/mip_2013_bcch_12x12.xlsx": ("chile_12", 13, 12, 249_017.22, 24_338.89, 52_887.07),
    "bea-sector": ("bea_use_make", 17, 15, 41_404_764, 3_142_062, 12_549_140),
    "bea-summary": ("bea_use_make", 73, 71, 36_478_052, 2_574_826, 11_580_088),
    "fpb-belgium-io-2015/vR64_nl_20191213.xlsx": ("fpb_belgium", 64, 64, 847_248.05, 309_776.47, 208_128),
    "oecd-iots-2021ed-gbr-2018/OECD_UK_IO_2018.xlsx": ("oecd_stat_domimp", 45, 45, 4_867_905.40, 797_487.60, 0),
    "oecd-iots-bel-2020/BEL2020ttl.csv": ("oecd_iots_csv", 50, 50, 1_054_181.50, 259_063.30, 0),
    "ons-ioat-2019/ONS_UK_IO_2019.xlsx": ("ons_ioat", 106, 105, 3_824_433, 735_802, 1_090_157),
    "ons-sut-bb24/supublicationtablesbb24.xlsx": ("ons_sut", 104, 104, 4_548_357, 892_166, 1_243_584),
    "scb-sweden-io-2015-2020/input_output_produkt_2015-2020_korr.xlsx": (
        "scb_sweden",
        66,
        65,
        9_133_513,
        1_885_646 + 97_709,
        2_420_048,
    ),
    "scotgov-io-2019/Scotland_IO_2019.xlsx": ("scotland", 100, 98, 268_339.62, 69_129.37 + 35_324.88, 84_040.26),
    "wiod-2016-niot/RUS_NIOT_nov16.xlsx": ("wiod2016_national", 58, 56, 3_381_079.37, 432_503.78, 0),
}


def small(name: str) -> Imported:
    return read_layout(SMALL / name, Wanted())


# --- the files of offices ------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SOURCES.values()))
def test_a_small_file_is_recognised_and_meets_its_totals(name: str) -> None:
    reader, reason = guess(SMALL / name)
    assert reader.name == "layout" and "the layout" in reason
    got = small(name)
    assert sum(t.count for t in got.reconciliation) > 50
    assert all(t.agrees or t.why for t in got.reconciliation)
    table = to_basic(got.table) if got.table.supply_columns else got.table
    assert check_economy(to_economy(table)).ok


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_the_small_files_hold_the_cells_of_the_originals(source: str, test_data: Path) -> None:
    name = SOURCES[source]
    books = cut(test_data / "offices" / source, name)
    assert same(books, SMALL if name.endswith(".xlsx") else SMALL / name) == []


@pytest.mark.parametrize("source", sorted(PRINTED))
def test_an_original_is_imported_with_the_totals_it_prints(source: str, test_data: Path) -> None:
    layout, products, industries, output, imports, wages = PRINTED[source]
    path = test_data / "offices" / source
    found = recognised(path)
    assert found is not None and found[0] == layout
    got = read_layout(path, Wanted())
    table = got.table
    assert (len(table.products.codes), len(table.activities.codes)) == (products, industries)
    assert table.output.sum() == pytest.approx(output, abs=10)
    assert table.total_imports.sum() == pytest.approx(imports, abs=2)
    paid = [k for k, c in enumerate(table.value_added_rows.codes) if c.startswith(("D1", "V001", "CoE", "P1"))]
    assert table.value_added[paid].sum() == pytest.approx(wages, abs=10)
    assert all(t.agrees or t.why for t in got.reconciliation)


@pytest.mark.parametrize(
    "source", ["bea-sector", "bea-summary", "scb-sweden-io-2015-2020", "wiod-2016-niot", "ons-sut-bb24"]
)
def test_every_year_of_a_file_is_imported(source: str, test_data: Path) -> None:
    folder = test_data / "offices" / source
    path = folder if source.startswith("bea") else next(folder.iterdir())
    found = recognised(path)
    assert found is not None
    years = years_in(found[1], path)
    assert len(years) >= 6
    for year in years[:: max(len(years) // 3, 1)]:
        got = read_mapped(path, found[1], Wanted(year))
        assert got.table.source.base_year == year
        assert all(t.agrees or t.why for t in got.reconciliation)


def test_a_publishers_own_imbalance_is_shown(test_data: Path) -> None:
    got = read_layout(test_data / "offices" / "oecd-iots-bel-2020" / "BEL2020ttl.csv", Wanted())
    stated = [t for t in got.reconciliation if not t.agrees]
    assert {t.why for t in stated} and any(t.difference == pytest.approx(-595, abs=1) for t in stated)
    assert got.table.column_residuals().max() == pytest.approx(595, abs=1)
    assert any("differs" in c.what for c in got.table.provenance)


def test_files_that_are_no_whole_table_are_refused_with_the_reason(test_data: Path) -> None:
    offices = test_data / "offices"
    brazil = next((offices / "ibge-brazil-mip-2015").iterdir())
    reader, _ = guess(brazil)
    with pytest.raises(TableError, match=r"no whole table.*\n.*\n.*no rows of value added"):
        reader.read(brazil, Wanted())
    slice_ = next((offices / "eurostat-sdmx-csv-slice").iterdir())
    reader, _ = guess(slice_)
    assert reader.name == "sdmx"
    with pytest.raises(TableError, match="rows and columns have no sector in common"):
        reader.read(slice_, Wanted(2010, "BE"))


def test_rows_of_imports_keep_their_part_in_final_use_and_their_partner() -> None:
    table = small("scotland.xlsx").table
    assert table.partners.codes == ("rest_of_uk", "rest_of_world") and table.imports is not None
    np.testing.assert_allclose(table.imports.sum(axis=0), [69_129.37, 35_324.88], atol=0.01)
    row = table.products.codes.index("imports_rest_of_uk")
    assert table.final[row, table.columns("household")].sum() == pytest.approx(23_880.91, abs=0.01)
    assert table.final[row, table.columns("exports")].sum() == pytest.approx(2_463.10, abs=0.01)  # re-exports


def test_subsidies_printed_above_zero_are_taken_away() -> None:
    table = small("belgium.xlsx").table
    row = table.value_added[table.value_added_rows.codes.index("D39")]
    assert row.sum() == pytest.approx(-12_555.2)


def test_imports_that_only_industries_have_are_said_to_be_so() -> None:
    notes = small("chile_2013.xlsx").table.provenance
    assert any("does not say how much of it final users buy" in c.what for c in notes)


def test_margins_booked_with_imports_become_adjustments(test_data: Path) -> None:
    table = read_layout(test_data / "offices" / "bea-sector", Wanted()).table
    (column,) = table.columns("adjustment")
    assert table.final_uses[column].code == "imports_adjustment"
    assert table.final[table.products.codes.index("42"), column] == pytest.approx(89_101)  # wholesale trade
    assert table.valuation == "producer" and table.imports is not None and table.imports.min() >= 0


def test_a_supply_matrix_is_estimated_only_where_the_mapping_says_so() -> None:
    table = small("ons_sut.xlsx").table
    assert any(c.step == "supply matrix" for c in table.provenance)
    assert set(table.supply_columns) == {"margins", "taxes"} and table.valuation == "purchaser"
    strict = layouts()["ons_sut"].model_copy(update={"estimate_supply": False})
    with pytest.raises(TableError, match="nothing says what each industry makes"):
        read_mapped(SMALL / "ons_sut.xlsx", strict, Wanted())


# --- damaged copies ------------------------------------------------------------------------------

Books = dict[str, dict[str, list[list[Any]]]]
Damage = Callable[[list[list[Any]], int, np.random.Generator], None]

#: Small file -> the sheet of its table, first row and column of the block of four sectors (from 0).
BLOCKS: dict[str, tuple[str, int, int]] = {
    "abs.xlsx": ("Table 5", 3, 2),
    "belgium.xlsx": ("tbl_10bis", 2, 2),
    "chile_2008.xlsx": ("111x111", 11, 2),
    "chile_2013.xlsx": ("1", 11, 2),
    "ons_ioat.xlsx": ("IOT", 6, 2),
    "scotland.xlsx": ("IxI", 7, 3),
    "sweden.xlsx": ("DOM 2020", 9, 3),
}


def _scaled(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """A row in another unit."""
    row = rows[first + int(draw.integers(4))]
    row[block : block + 4] = [c / 1000 for c in row[block : block + 4]]


def _shifted(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """The block one column to the right."""
    for row in rows[first : first + 4]:
        row[block : block + 4] = [0.0, *row[block : block + 3]]


def _transposed(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """Rows for columns."""
    square = np.array([r[block : block + 4] for r in rows[first : first + 4]], dtype=float).T
    for row, new in zip(rows[first : first + 4], square.tolist(), strict=True):
        row[block : block + 4] = new


def _exchanged(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """One sector's row under the label of another."""
    a, b = first, first + 3
    rows[a][:block], rows[b][:block] = rows[b][:block], rows[a][:block]


def _twice(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """A sector that stands twice."""
    rows.insert(first, list(rows[first + int(draw.integers(3))]))


def _gone(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """A sector that is not there."""
    del rows[first + int(draw.integers(4))]


def _slip(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """A figure with a digit too many."""
    row = rows[first + int(draw.integers(4))]
    column = block + int(np.argmax(row[block : block + 4]))
    row[column] = row[column] * 10


def _words(rows: list[list[Any]], first: int, draw: np.random.Generator, block: int) -> None:
    """A word in place of a figure."""
    rows[first + int(draw.integers(4))][block + int(draw.integers(4))] = "n/a"


DAMAGES = (_scaled, _shifted, _transposed, _exchanged, _twice, _gone, _slip, _words)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__.strip("_"))
@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_no_damaged_copy_is_imported(name: str, damage: Callable[..., None], tmp_path: Path) -> None:
    sheet, first, block = BLOCKS[name]
    raw = RawFile(SMALL / name)
    sound = {s: raw.grid(s) for s in raw.sheets}
    for seed in range(2):
        sheets = copy.deepcopy(sound)
        damage(sheets[sheet], first, np.random.default_rng(seed), block)
        folder = tmp_path / str(seed)
        write({name: sheets}, folder)
        with pytest.raises(TableError):
            read_layout(folder / name, Wanted())


def test_half_of_the_imports_cannot_get_lost(tmp_path: Path) -> None:
    raw = RawFile(SMALL / "ons_ioat.xlsx")
    sheets = copy.deepcopy({s: raw.grid(s) for s in raw.sheets})
    row = next(r for r in sheets["IOT"] if "imported products" in str(r[1]))
    row[2:4] = [0.0, 0.0]
    write({"ons_ioat.xlsx": sheets}, tmp_path)
    with pytest.raises(TableError, match="totals of the source are not met") as e:
        read_layout(tmp_path / "ons_ioat.xlsx", Wanted())
    assert "Use of imported products, cif × Total" in str(e.value)


# --- mappings of one's own -----------------------------------------------------------------------

MAPPING = """
format: lustrum-import/1
title: Three Valleys
year: 2024
money: million crowns
decimal: ","
thousands: "."
marks: {"-": 0}
tables:
  - holds: domestic
    row_codes: A
    column_codes: 1
    rows:
      - {code: [corn, iron], is: product}
      - {code: sum, is: total, of: [product]}
      - {code: Einfuhr, is: imports, partner: abroad}
      - {code: Löhne, is: wages}
      - {code: Überschuss, is: surplus}
      - {code: Wert, is: output}
      - {code: Köpfe, is: jobs}
    columns:
      - {code: [corn, iron], is: industry}
      - {code: Haushalte, is: household}
      - {code: Ausfuhr, is: exports}
      - {code: sum, is: total, of: [industry, final]}
"""
CSV = """;corn;iron;Haushalte;Ausfuhr;sum
corn;200;300;1.500;-;2.000
iron;400;250,5;300;1.049,5;2.000
sum;600;550,5;1.800;1.049,5;4.000
Einfuhr;100;149,5;50;-;299,5
Löhne;900;800;;;
Überschuss;400;500;;;
Wert;2.000;2.000;;;
Köpfe;12;7;;;
"""


def own(tmp_path: Path, content: str = CSV, mapping: str = MAPPING) -> Imported:
    file = tmp_path / "valleys.csv"
    file.write_text(content, encoding="utf-8")
    return read_mapped(file, mapping_of(mapping, "import.yaml"), Wanted())


def test_a_mapping_reads_signs_of_other_countries(tmp_path: Path) -> None:
    table = own(tmp_path).table
    assert table.products.codes == ("corn", "iron", "Einfuhr") and table.partners.codes == ("abroad",)
    np.testing.assert_allclose(table.use, [[200, 300], [400, 250.5], [100, 149.5]])
    assert table.final[1].tolist() == [300, 1049.5] and table.total_imports.tolist() == [0, 0, 299.5]
    assert table.value_added_rows.codes == ("D1_Löhne", "B2A3G_Überschuss")
    assert table.satellites["jobs"].kind == "labour" and table.satellites["jobs"].figures.sum() == 19
    assert np.abs(table.column_residuals()).max() < 1e-9


def test_what_no_line_names_is_a_question(tmp_path: Path) -> None:
    with pytest.raises(Questions) as e:
        own(tmp_path, mapping=MAPPING.replace("      - {code: Einfuhr, is: imports, partner: abroad}\n", ""))
    (question,) = e.value.questions
    assert question["where"] == "valleys.csv: A5" and "Einfuhr" in question["what"] and "imports" in question["choices"]


def test_all_cells_without_a_figure_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="4 cells hold no figure") as e:
        own(tmp_path, CSV.replace("200;300", "..;.."), MAPPING.replace('"-": 0', '"x": 0'))
    assert "(B2, C2)" in str(e.value) and '".."' in e.value.mend and '"-"' in e.value.mend


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("is: wages", "is: Einfuhr", "cannot be 'Einfuhr'"),
        ("of: [product]", "off: [product]", "Extra inputs"),
        ("{code: sum, is: total, of: [product]}", "{code: sum, is: total}", "a total needs `of`"),
        ("holds: domestic", "holds: everything", "Input should be"),
        ("    column_codes: 1\n", "", "give column_codes or column_names"),
        ("money: million crowns\n", "", "Field required"),
        ('decimal: ","', 'decimal: "."', "cannot be the same sign"),
        ("format: lustrum-import/1", "format: lustrum-import/9", "lustrum-import/1"),
    ],
)
def test_a_mistake_in_a_mapping_is_told_by_its_line(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as e:
        own(tmp_path, mapping=MAPPING.replace(old, new))
    assert words in str(e.value) and "import.yaml:" in e.value.where


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sum;600", "sum;601", "totals of the source are not met"),
        ("Wert;2.000", "Wert;2.001", "totals of the source are not met"),
        ("iron;400", "corn;400", "two rows have the role product and the code 'corn'"),
        ("Köpfe;12;7;;;", "Köpfe;12;7;;;\ncoal;1;2;3;4;10", "what is it"),
        ("Haushalte", "Familien", "no column fits the line"),
    ],
)
def test_a_slip_in_the_file_is_not_imported(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as e:
        own(tmp_path, CSV.replace(old, new))
    assert words in str(e.value)


def test_a_row_that_is_declared_wrongly_breaks_a_total(tmp_path: Path) -> None:
    """Wages declared as imports: the printed output is met, but the sums of what imports are are not ours to know."""
    with pytest.raises(TableError, match="no whole table: it has no value added"):
        own(tmp_path, mapping=MAPPING.replace("is: wages", "is: imports").replace("is: surplus", "is: imports, as: b"))


def test_every_layout_says_which_release_was_seen() -> None:
    every = layouts()
    assert len(every) >= 12
    for name, mapping in every.items():
        assert mapping.seen and mapping.recognise is not None and mapping.publisher and mapping.money, name
