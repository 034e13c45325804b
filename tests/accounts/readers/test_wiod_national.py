"""National tables of WIOD: identities of every year, the accounts beside them, and a damaged copy."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tools.derived_tables import guess
from tools.derived_tables.wide import read as read_wide
from tools.derived_tables.wiod_national import read_wiod

from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

NIOT, SEA = "USA_NIOT_2000_2014.parquet", "USA_SEA_2000_2014.csv.gz"


@pytest.fixture
def copy(test_data: Path, tmp_path: Path) -> Path:
    """A copy of the folder that a test may damage."""
    for name in (NIOT, SEA, "columns.csv"):
        shutil.copy(test_data / "wiod2016_national" / name, tmp_path / name)
    return tmp_path


def test_all_years_close(test_data: Path) -> None:
    found, reason = guess(test_data / "wiod2016_national")
    assert found.name == "wiod-national" and NIOT in reason
    for year in range(2000, 2015):
        table = read_wiod(test_data / "wiod2016_national", Wanted(year=year))
        assert np.abs(table.row_residuals()).max() <= 1e-9 * table.output.max()  # the folder's README: 1e-9
        assert np.abs(table.column_residuals()).max() <= 1e-7 * table.output.max()


def test_it_is_the_wide_table_of_2014(test_data: Path) -> None:
    national = read_wiod(test_data / "wiod2016_national", Wanted())
    wide = read_wide(test_data / "wiod2016_national" / "USA_2014", Wanted())
    assert (national.source.base_year, national.activities.codes) == (2014, wide.activities.codes)
    assert set(national.products.codes) == set(wide.products.codes)
    order = [national.products.codes.index(c) for c in wide.products.codes]
    assert np.abs(national.use[order] - wide.use).max() < 1.1e-3
    assert np.abs(national.final[order] - wide.final).max() < 1.2e-3


def test_jobs_hours_and_capital_are_those_of_the_accounts(test_data: Path) -> None:
    table = read_wiod(test_data / "wiod2016_national", Wanted(year=2014))
    kinds = {name: s.kind for name, s in table.satellites.items()}
    assert (kinds["EMP"], kinds["H_EMPE"], kinds["K"]) == ("labour", "other", "capital")
    column = table.activities.codes.index("T")
    # the row T, 2014 of the published file
    assert table.satellites["EMP"].figures[0, column] == 262.445
    assert table.satellites["K"].figures[0, column] == 20099.285
    assert table.satellites["EMP"].labels.units == ("thousand persons",)


def test_a_sector_of_nothing_and_transport_margins_are_said(test_data: Path) -> None:
    table = read_wiod(test_data / "wiod2016_national", Wanted())
    assert any(c.where == "x: U" and "without output" in c.what for c in table.provenance)
    margins = table.products.codes.index("IntTTM")
    assert table.total_imports[margins] == pytest.approx(128_490, abs=1)
    assert table.value_added.min() < 0  # product taxes below zero stay


def test_without_the_accounts_it_says_so(copy: Path) -> None:
    (copy / SEA).unlink()
    table = read_wiod(copy, Wanted())
    assert not table.satellites
    assert any(SEA in c.what for c in table.provenance)


def test_other_currencies_are_converted_in_the_open(copy: Path) -> None:
    text = gzip.decompress((copy / SEA).read_bytes()).decode()
    lines = [line[: -len("1.0")] + "0.5" if line.endswith(",1.0") else line for line in text.splitlines()]
    (copy / SEA).write_bytes(gzip.compress("\n".join(lines).encode()))
    table = read_wiod(copy, Wanted())
    assert table.satellites["K"].figures[0, table.activities.codes.index("T")] == 0.5 * 20099.285
    assert any(c.step == "currency" and c.amount > 0 for c in table.provenance)


def test_output_that_differs_between_rows_and_columns_is_refused(copy: Path) -> None:
    table = pq.read_table(copy / NIOT)
    codes, values = table["code"].to_pylist(), table["A01"].to_pylist()
    changed = [v + 1e6 if c == "GO" else v for c, v in zip(codes, values, strict=True)]
    pq.write_table(table.set_column(table.column_names.index("A01"), "A01", [changed]), copy / NIOT)
    with pytest.raises(LustrumError, match=r"A01: output of rows and of columns differ"):
        read_wiod(copy, Wanted())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not gzip", "cannot be unpacked"),
        (gzip.compress(b"country,code\nUSA,A01\n"), "header is not understood"),
        (gzip.compress(b"country,code,year,EMP\nUSA,A01,2014,1\n"), "no row for sector 'A02'"),
        (gzip.compress(b"\0" * (65 * 2**20)), "file is too large"),
    ],
    ids=["not gzip", "no columns", "one row", "too large"],  # packed bytes hold the time: no name for a test
)
def test_damaged_accounts_are_refused(copy: Path, content: bytes, words: str) -> None:
    (copy / SEA).write_bytes(content)
    with pytest.raises(LustrumError, match=words):
        read_wiod(copy, Wanted())
