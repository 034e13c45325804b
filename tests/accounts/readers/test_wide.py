"""The wide folders: by hand on two sectors, and the published tables with their pitfalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tools.derived_tables import guess
from tools.derived_tables.wide import read

from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

#: Two sectors that balance: imports and taxes are rows of VA, with their part in final use beside.
FILES = {
    "sectors.csv": "code,name\nA,Farms\nB,Mills\n",
    "Z_dom.csv": ",A,B\nA,10,30\nB,5,20\n",
    "F_dom.csv": ",P3_S14,P51G,P61EU,P61RW\nA,50,0,6,4\nB,40,30,10,5\n",
    "VA.csv": ",A,B\nIMP_cif,15,10\nTLS_products,2,3\nD1,40,30\nB2B3,28,17\n",
    "x.csv": ",output\nA,100\nB,110\n",
    "F_imports_taxes.csv": ",P3_S14,P51G,P61EU,P61RW\nIMP_cif,20,8,2,1\nTLS_products,9,4,0,0\n",
}


def write(folder: Path, **changed: str | None) -> Path:
    """Write the folder, with files changed or left out."""
    target = folder / "land_2020"
    target.mkdir()
    for name, text in FILES.items():
        content = changed.get(name.split(".")[0], text)
        if content is not None:
            (target / name).write_text(content, encoding="utf-8")
    return target


def test_imports_of_a_row_become_a_product_without_a_producer(tmp_path: Path) -> None:
    table = read(write(tmp_path), Wanted())
    assert table.products.codes == ("A", "B", "IMP_cif")
    assert table.activities.codes == ("A", "B")
    assert table.supply.tolist() == [[100, 0], [0, 110], [0, 0]]
    assert table.use.tolist() == [[10, 30], [5, 20], [15, 10]]
    assert table.final[2].tolist() == [20, 8, 2, 1]
    assert table.total_imports.tolist() == [0, 0, 15 + 10 + 20 + 8 + 2 + 1]
    assert np.array_equal(table.use_imported, [[0, 0], [0, 0], [15, 10]])
    assert not table.row_residuals().any() and not table.column_residuals().any()
    moved = {c.where: c.amount for c in table.provenance}
    assert moved["VA: IMP_cif"] == 56
    assert moved["TLS_products: P3_S14, P51G"] == 13


def test_columns_of_final_use_have_their_kind(tmp_path: Path) -> None:
    table = read(write(tmp_path), Wanted())
    assert [u.kind for u in table.final_uses] == ["household", "investment", "exports", "exports"]
    assert table.source.publisher == "Office for National Statistics"
    assert (table.source.base_year, table.source.money) == (2020, "million pounds")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"VA": None}, ["VA.csv is missing", "copy the whole folder"]),
        ({"F_dom": FILES["F_dom.csv"].replace("P51G", "P51X")}, ["unknown column of final use 'P51X'", "P51G"]),
        ({"Z_dom": ",B,A\nA,10,30\nB,5,20\n"}, ["labels of columns of Z_dom and sectors differ", "same order"]),
        ({"Z_dom": ",A,B\nA,10,30\nC,5,20\n"}, ["rows of Z_dom", "'C'"]),
        ({"Z_dom": ",A,B\nA,10,n/a\nB,5,20\n"}, ["Z_dom.csv:2:B", "not a number", "find the figure"]),
        ({"Z_dom": ",A,B\nA,10,\nB,5,20\n"}, ["Z_dom.csv:2:B", "not a number", "write 0 if it is zero"]),
        ({"Z_dom": ",A,B\nA,10,30\nA,5,20\n"}, ["row 'A' stands twice"]),
        ({"Z_dom": ",A,B\nA,10"}, ["different number of cells"]),
        ({"x": ",output\nB,110\nA,100\n"}, ["x.csv does not fit the sectors"]),
        ({"x": ",output\nA,0\nB,0\n"}, ["the table has no output"]),
        ({"x": ",output\nA,100\nB,1100\n"}, ["rows do not close", "'B': 990"]),
        ({"F_imports_taxes": ",P3_S14\nIMPORTS,2\n"}, ["row 'IMPORTS' is not a row of VA"]),
        ({"sectors": "code,name\n"}, ["no sectors are listed"]),
        ({"sectors": "code,name\nA,Farms\nA,Mills\n"}, ["code 'A' stands twice"]),
        ({"Z_dom": ",A,B\nA,10,30\nB,5,20\n" + "C,0,0\n" * 60_000}, ["too large for this table"]),
    ],
)
def test_a_broken_file_is_refused_with_place_and_mend(
    tmp_path: Path, changed: dict[str, str | None], words: list[str]
) -> None:
    with pytest.raises(LustrumError) as error:
        read(write(tmp_path, **changed), Wanted())
    for word in words:
        assert word in str(error.value)


def test_the_year_must_be_that_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(LustrumError, match="another year"):
        read(write(tmp_path), Wanted(year=2019))
    unnamed = (tmp_path / "land_2020").rename(tmp_path / "land")
    with pytest.raises(LustrumError, match="does not say its year"):
        read(unnamed, Wanted())
    assert read(unnamed, Wanted(year=2019)).source.base_year == 2019


# --- published tables ----------------------------------------------------------------------------------

#: Folder, sectors, largest residual of rows and of columns that its README states.
PUBLISHED = [
    ("us_bea_summary71/ixi_2017", 71, 9.0, 9.0),
    ("us_bea_summary71/ixi_2019", 71, 9.0, 9.0),
    ("us_bea_summary71/ixi_2020", 71, 9.0, 9.0),
    ("us_bea_summary71/ixi_2023", 71, 9.0, 9.0),
    ("us_bea_sector16/ixi_2019", 16, 23.0, 23.0),
    ("us_bea_sector16/ixi_2023", 16, 23.0, 23.0),
    ("uk_ons_ioat/ixi_2019", 105, 1.1e-3, 1.1e-3),  # four decimals in the files
    ("uk_ons_ioat/ixi_2020", 105, 1.1e-3, 1.1e-3),
    ("wiod2016_national/USA_2014", 56, 0.05, 0.05),  # three decimals
]


@pytest.mark.parametrize(("folder", "sectors", "rows", "columns"), PUBLISHED)
def test_published_tables_close_as_their_readme_says(
    test_data: Path, folder: str, sectors: int, rows: float, columns: float
) -> None:
    found, reason = guess(test_data / folder)
    assert (found.name, "Z_dom.csv" in reason) == ("wide", True)
    table = found.read(test_data / folder, Wanted())
    assert len(table.activities.codes) == sectors
    assert np.abs(table.row_residuals()).max() <= rows
    assert np.abs(table.column_residuals()).max() <= columns
    assert table.use_imported is not None and table.imports is not None
    imported = table.use_imported.sum() + np.asarray(table.final_imported).sum()
    assert imported == pytest.approx(table.imports.sum(), rel=1e-12)


@pytest.fixture(scope="module")
def us(test_data: Path) -> FlowTable:
    return read(test_data / "us_bea_summary71" / "ixi_2019", Wanted())


def test_noncomparable_imports_and_used_goods_are_imported_products(us: FlowTable) -> None:
    row = dict(zip(us.products.codes, us.total_imports, strict=True))
    assert row["IMP_Other"] == 281_728  # the row Other of F050 in the use table
    assert row["IMP_Used"] == 17_378  # the row Used: 17,375, its cells rounded one by one
    assert not us.supply[[us.products.codes.index(c) for c in ("IMP_Other", "IMP_Used")]].any()


def test_duties_and_freight_are_an_adjustment_that_closes_rows(us: FlowTable) -> None:
    adjustment = us.final_of("adjustment")
    assert adjustment.sum() == pytest.approx(101_767, abs=9)  # F050 less the import matrix, in the use table
    without = us.row_residuals() + adjustment
    assert np.abs(without).max() > 70_000 > 9 > np.abs(us.row_residuals()).max()


def test_purchases_of_visitors_are_taken_out_on_both_sides(us: FlowTable) -> None:
    change = next(c for c in us.provenance if c.step == "purchases of visitors")
    assert "GFGN" in change.where and change.amount == pytest.approx(200_937, abs=1)
    home = us.columns("household")
    assert (us.final[:, home] - np.asarray(us.final_imported)[:, home]).min() > -1e-9


def test_negative_inventories_and_subsidies_stay_as_published(test_data: Path) -> None:
    table = read(test_data / "us_bea_summary71" / "ixi_2020", Wanted())
    taxes = table.value_added[table.value_added_rows.codes.index("V002")]
    assert (taxes < 0).sum() == 28  # the industries that the folder's README counts
    assert table.final_of("inventories").min() < 0
    uk = read(test_data / "uk_ons_ioat" / "ixi_2020", Wanted())
    assert (uk.value_added < 0).sum() == 104  # furlough, booked as a subsidy on production


def test_a_sector_without_output_stays_and_is_named(test_data: Path) -> None:
    table = read(test_data / "wiod2016_national" / "USA_2014", Wanted())
    assert table.output[table.activities.codes.index("U")] == 0
    assert any(c.where == "x: U" for c in table.provenance)
    visitors = next(c for c in table.provenance if c.where == "PURNR: CONS_h")
    assert visitors.amount == 185_796  # PURNR in the file


def test_one_row_of_imports_is_all_imports_of_the_uk(test_data: Path) -> None:
    table = read(test_data / "uk_ons_ioat" / "ixi_2019", Wanted())
    assert table.products.codes[-1] == "IMP_cif"
    assert table.total_imports[:-1].sum() == 0
    # 737,872 in the supply table of the same year; the analytical table nets purchases by visitors
    assert table.total_imports[-1] == pytest.approx(735_802, abs=0.5)
