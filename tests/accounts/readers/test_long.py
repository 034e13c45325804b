"""The long tables: the same figures as the wide folders, satellites, refusals, and damaged parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tools.derived_tables import guess
from tools.derived_tables.long import READER, read_long
from tools.derived_tables.wide import read as read_wide

from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

Rows = list[tuple[int, str, str, str, float]]

SMALL: Rows = [
    (2020, "Z_dom", "A", "A", 10.0),
    (2020, "Z_dom", "A", "B", 30.0),
    (2020, "Z_dom", "B", "B", 20.0),
    (2020, "Z_imp", "A", "B", 5.0),
    (2020, "F_dom", "A", "P3_S14", 60.0),
    (2020, "F_dom", "B", "P6", 80.0),
    (2020, "F_imp", "B", "P3_S14", 7.0),
    (2020, "VA", "D1", "A", 90.0),
    (2020, "VA", "D1", "B", 45.0),
    (2020, "x", "A", "output", 100.0),
    (2020, "x", "B", "output", 100.0),
    (2020, "EXT", "co2_kt", "B", 3.0),
]


def write(path: Path, rows: Rows, **columns: Any) -> Path:
    """Write a long table; named columns replace those of `rows`."""
    names = ("year", "table", "row", "col", "value")
    data = {name: [row[k] for row in rows] for k, name in enumerate(names)} | columns
    pq.write_table(pa.table({k: v for k, v in data.items() if v is not None}), path)
    return path


def test_a_small_table_is_what_stands_in_it(tmp_path: Path) -> None:
    table = read_long(write(tmp_path / "t.parquet", SMALL), Wanted())
    assert table.use.tolist() == [[10, 35], [0, 20]]
    assert np.asarray(table.use_imported).tolist() == [[0, 5], [0, 0]]
    assert table.total_imports.tolist() == [5, 7]
    assert [u.kind for u in table.final_uses] == ["household", "exports"]
    assert table.satellites["co2_kt"].kind == "resource"
    assert table.satellites["co2_kt"].figures.tolist() == [[0, 3]]
    assert not table.row_residuals().any() and not table.column_residuals().any()


def test_zeros_are_left_out_and_every_year_is_apart(tmp_path: Path) -> None:
    later: Rows = [(2021, t, r, c, 2 * v) for _, t, r, c, v in SMALL]
    path = write(tmp_path / "t.parquet", SMALL + later)
    assert read_long(path, Wanted()).source.base_year == 2021
    assert read_long(path, Wanted()).output.tolist() == [200, 200]
    assert read_long(path, Wanted(year=2020)).output.tolist() == [100, 100]
    with pytest.raises(LustrumError, match=r"no year 2019(.|\n)*2020, 2021"):
        read_long(path, Wanted(year=2019))


def truncated(path: Path) -> None:
    """Cut a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("rows", "columns", "after", "words"),
    [
        (SMALL, {}, truncated, ["cannot be read as parquet", "copy it again"]),
        (SMALL, {}, lambda p: p.write_bytes(b""), ["cannot be read as parquet"]),
        (SMALL, {"value": None}, None, ["not a long table"]),
        (SMALL, {"value": ["1"] * len(SMALL)}, None, ["column 'value' does not hold numbers"]),
        (SMALL, {"value": [float("nan")] * len(SMALL)}, None, ["row 1, column value", "NaN"]),
        (SMALL, {"row": [None] * len(SMALL)}, None, ["column 'row' does not hold labels"]),
        (SMALL, {"year": ["2020"] * len(SMALL)}, None, ["column 'year' does not hold numbers"]),
        ([*SMALL, SMALL[0]], {}, None, ["a cell stands twice", "A, A"]),
        ([*SMALL, (2020, "Zdom", "A", "A", 1.0)], {}, None, ["unknown part 'Zdom'", "Z_dom"]),
        ([*SMALL, (2020, "Z_dom", "C", "A", 1.0)], {}, None, ["unknown label 'C'"]),
        ([*SMALL, (2020, "F_dom", "A", "P33", 1.0)], {}, None, ["unknown column of final use 'P33'"]),
        ([r for r in SMALL if r[1] != "VA"], {}, None, ["not an economy: the table has no value added"]),
        ([r for r in SMALL if r[1] != "F_dom"], {}, None, ["no final use"]),
        ([(y, t, r, c, 9 * v if t == "x" else v) for y, t, r, c, v in SMALL], {}, None, ["rows do not close"]),
    ],
)
def test_a_damaged_table_is_refused_in_words(
    tmp_path: Path, rows: Rows, columns: dict[str, Any], after: Callable[[Path], Any] | None, words: list[str]
) -> None:
    path = write(tmp_path / "t.parquet", rows, **columns)
    if after:
        after(path)
    with pytest.raises(LustrumError) as error:
        read_long(path, Wanted())
    for word in words:
        assert word in str(error.value)


def test_a_file_of_more_rows_than_a_table_has_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.derived_tables.long_parquet.MOST_ROWS", 5)
    with pytest.raises(LustrumError, match="too large for a national table"):
        read_long(write(tmp_path / "t.parquet", SMALL), Wanted())


def test_a_cut_file_is_said_to_be_cut_when_guessing(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", SMALL)
    truncated(path)
    with pytest.raises(LustrumError, match="cannot be read as parquet"):
        guess(path)


# --- published tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("us_bea_summary71/ixi_derived_2012_2023.parquet", "us_bea_summary71/ixi_2019"),
        ("us_bea_sector16/ixi_derived_2012_2023.parquet", "us_bea_sector16/ixi_2019"),
    ],
)
def test_long_and_wide_are_the_same_table(test_data: Path, file: str, folder: str) -> None:
    long, wide = read_long(test_data / file, Wanted(year=2019)), read_wide(test_data / folder, Wanted())
    n = len(wide.activities.codes)
    assert long.activities.codes == wide.activities.codes
    assert np.abs(long.use[:n] - wide.use[:n]).max() < 6e-4  # the wide files have three decimals
    order = [[u.code for u in long.final_uses].index(u.code) for u in wide.final_uses]
    assert np.abs(long.final[:n, order] - wide.final[:n]).max() < 2e-3
    assert np.array_equal(long.output, wide.output)


def test_every_year_of_sweden_closes_exactly(test_data: Path) -> None:
    path = test_data / "sweden_siot_2008_2016" / "siot_2008_2016.parquet"
    for year in range(2008, 2017):
        table = read_long(path, Wanted(year=year))
        assert len(table.activities.codes) == 59
        assert np.abs(table.row_residuals()).max() < 1e-14 * table.output.sum()
        assert np.abs(table.column_residuals()).max() < 1e-14 * table.output.sum()


def test_jobs_hours_and_emissions_of_sweden_stand_beside_the_table(test_data: Path) -> None:
    table = read_long(test_data / "sweden_siot_2008_2016", Wanted(year=2016))
    jobs, hours, co2 = (table.satellites[n] for n in ("employed_persons", "hours_10k", "co2_kt"))
    assert (jobs.kind, hours.kind, co2.kind) == ("labour", "other", "resource")
    # hours are in 10,000: about 1,620 a person and year
    assert 1500 < hours.figures.sum() * 1e4 / jobs.figures.sum() < 1700
    assert [u.kind for u in table.final_uses].count("investment") == 2


def test_product_flows_alone_are_no_economy(test_data: Path) -> None:
    path = test_data / "uk_ons_ioat" / "pxp_domestic_2017_2022.parquet"
    assert READER.guess(path)
    with pytest.raises(LustrumError, match=r"not an economy: the table has no final use, no value added"):
        read_long(path, Wanted())


def test_the_estimated_import_split_of_the_older_vintage_is_named(test_data: Path) -> None:
    path = test_data / "us_bea_summary71" / "ixi_derived_v2022_1997_2021.parquet"
    table = read_long(path, Wanted(year=1997))
    assert any(c.step == "import split" and "estimate" in c.what for c in table.provenance)
    assert np.abs(table.row_residuals()).max() <= 9 and np.abs(table.column_residuals()).max() <= 9
