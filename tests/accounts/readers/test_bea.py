"""Supply-use tables of the BEA: published totals, what is peculiar to them, and files that are no economy."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tools.derived_tables import guess
from tools.derived_tables.bea import read_bea

from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

NEW = "bea_summary_use_import_make_2012_2023.parquet"
OLD = "bea_summary_v2022_use_make_1997_2021.parquet"


@pytest.fixture(scope="module")
def us(test_data: Path) -> FlowTable:
    return read_bea(test_data / "us_bea_summary71" / NEW, Wanted(year=2019))


def row(table: FlowTable, code: str) -> int:
    return table.products.codes.index(code)


@pytest.mark.parametrize(("file", "years"), [(NEW, range(2012, 2024)), (OLD, (1997, 2008, 2021))])
def test_rows_and_columns_close_to_the_rounding_of_cells(test_data: Path, file: str, years: range) -> None:
    path = test_data / "us_bea_summary71" / file
    assert guess(path)[0].name == "bea"
    for year in years:
        table = read_bea(path, Wanted(year=year))
        assert (len(table.products.codes), len(table.activities.codes)) == (73, 71)
        assert np.abs(table.row_residuals()).max() <= 9  # the folder's README: rows 9, columns 8
        assert np.abs(table.column_residuals()).max() <= 8
        assert table.valuation == "producer"


def test_output_and_value_added_are_the_published_ones(us: FlowTable, test_data: Path) -> None:
    for name, ours in (("gross_output_1997_2023", us.output), ("value_added_1997_2023", us.value_added.sum(axis=0))):
        with (test_data / "us_bea_summary71" / f"{name}.csv").open(encoding="utf-8") as file:
            published = [float(r["2019"]) for r in csv.DictReader(file)]
        assert ours.sum() == pytest.approx(sum(published), abs=400)


def test_imports_are_the_sums_of_the_import_matrix(us: FlowTable) -> None:
    assert us.use_imported is not None and us.final_imported is not None
    cells = us.use_imported.sum(axis=1) + us.final_imported.sum(axis=1)
    assert np.array_equal(us.total_imports, cells)
    assert us.total_imports[row(us, "211")] == pytest.approx(138_012, abs=9)  # F050 of crude oil, 2019


def test_duties_and_freight_are_apart_from_imports(us: FlowTable) -> None:
    adjustment = us.final_of("adjustment")
    # F050 less the import matrix: wholesale (duties), transport and insurance (c.i.f./f.o.b.)
    for code, amount in (("42", 77_752), ("481", 980), ("483", 13_011), ("484", 5_363), ("487OS", 3_535), ("524", 730)):
        assert adjustment[row(us, code)] == pytest.approx(amount, abs=9)
    assert np.sort(np.abs(adjustment))[-8] <= 9  # the other products: rounding only


def test_noncomparable_imports_are_imported_only_and_visitors_taken_out(us: FlowTable) -> None:
    i = row(us, "Other")
    assert us.total_imports[i] == 281_728
    change = next(c for c in us.provenance if c.step == "purchases of visitors")
    assert change.amount == 73_794 + 129_024  # F010 of Other, less its imported part
    home, away = us.columns("household")[0], us.columns("exports")[0]
    assert us.final[i, home] == 129_024 and us.final[i, away] == 207_173 - 202_818


def test_second_hand_goods_stay_below_zero_where_they_are_sold(us: FlowTable) -> None:
    i = row(us, "Used")
    column = [u.code for u in us.final_uses].index("F02E")
    assert us.final[i, column] == -129_367  # the printed cell
    change = next(c for c in us.provenance if c.where.startswith("use: Used"))
    assert change.amount == 3_021 + 129_367 + 946 + 4 + 553 + 18_748
    assert us.supply[i].sum() == pytest.approx(11_197, abs=5)  # scrap that industries make


def test_every_makers_row_is_kept_rectangular(us: FlowTable) -> None:
    assert not us.symmetric
    assert np.count_nonzero(us.supply) > 300
    assert us.activities.name("111CA") == "Farms" and us.products.name("Used").startswith("Scrap")


def test_the_older_vintage_has_imports_but_no_split(test_data: Path) -> None:
    table = read_bea(test_data / "us_bea_summary71" / OLD, Wanted(year=2019))
    assert table.use_imported is None
    assert table.total_imports.min() >= 0 and table.total_imports.sum() > 2.5e6


def test_tables_without_a_make_table_are_refused(test_data: Path) -> None:
    path = test_data / "us_bea_summary71" / "bea_summary_v2017_use_import_1997_2016.parquet"
    with pytest.raises(LustrumError, match="not an economy: there is no make table"):
        read_bea(path, Wanted(year=2012))


def change_cell(data: dict[str, list[Any]], table: str, column: str, value: object) -> None:
    at = next(k for k, t in enumerate(data["table"]) if t == table and not str(data["col"][k]).startswith("Total"))
    data[column][at] = value


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda d: change_cell(d, "use", "table", "uses"), "unknown table 'uses'"),
        (lambda d: change_cell(d, "use", "row", "111XX"), "unknown row '111XX'"),
        (lambda d: change_cell(d, "use", "col", "F99"), "unknown column 'F99'"),
        (lambda d: change_cell(d, "use", "value", 9e6), "'Total Commodity Output' is not the sum of its cells"),
        (lambda d: d.update(table=["use"] * len(d["table"])), "there is no make table"),
    ],
)
def test_mislabelled_tables_are_refused(
    test_data: Path, tmp_path: Path, damage: Callable[[dict[str, list[Any]]], None], words: str
) -> None:
    source = pq.read_table(test_data / "us_bea_summary71" / NEW, filters=[("year", "=", 2019)])
    data = {name: source[name].to_pylist() for name in source.column_names}
    damage(data)
    pq.write_table(pa.table(data), tmp_path / "us.parquet")
    with pytest.raises(LustrumError, match=words):
        read_bea(tmp_path / "us.parquet", Wanted())
