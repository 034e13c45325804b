"""The world table comes in as one table; what is wrong with a file is said with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lustrum.accounts.readers.seam import Wanted, guess, reader
from lustrum.accounts.readers.wiod_world import read_world
from lustrum.errors import TableError

Columns = dict[str, list[object]]


def small() -> Columns:
    """Two regions, two sectors, five final uses each; rows fall 1 or 2 short of output."""
    rng = np.random.default_rng(1)
    rows = [f"{r}.{s}" for r in ("AUS", "RoW") for s in ("c1", "c2")]
    uses = [f"{r}.{u}" for r in ("AUS", "RoW") for u in ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN")]
    flows = rng.integers(0, 40, (4, 14))
    flows[:, 4] += 100
    flows[2, 8] = -5
    columns: Columns = {name: flows[:, k].tolist() for k, name in enumerate([*rows, *uses])}
    columns["GO"] = (flows.sum(axis=1) + np.array([1, 2, 1, 2])).tolist()
    columns["row"] = list(rows)
    return columns


def write(path: Path, columns: Columns) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_rounding_goes_where_it_is_asked_to_go(tmp_path: Path) -> None:
    path = write(tmp_path / "wiot_2000.parquet", small())
    found, why = guess(path)
    assert found.name == "world" and "world table" in why
    table = found.read(path, Wanted())
    assert not np.abs(table.row_residuals()).any() and not np.abs(table.column_residuals()).any()
    rounding = table.columns("adjustment")
    assert [table.final_uses[k].region for k in rounding] == ["AUS", "RoW"]
    assert table.final[:, rounding].tolist() == [[1, 0], [2, 0], [0, 1], [0, 2]]
    assert [(c.amount, c.step) for c in table.provenance if c.amount == 6] == [(6.0, "residual of rows")]
    kept = read_world(path, residual="none")
    assert kept.row_residuals().tolist() == [1, 2, 1, 2]
    stocks = read_world(path, residual="inventories")
    at = stocks.columns("inventories")
    assert (stocks.final[:, at] - kept.final[:, at]).tolist() == [[1, 0], [2, 0], [0, 1], [0, 2]]


def test_kinds_regions_and_value_added(tmp_path: Path) -> None:
    table = read_world(write(tmp_path / "wiot_2000.parquet", small()))
    assert table.symmetric and table.imports is None
    assert table.products.regions == ("AUS", "AUS", "RoW", "RoW")
    assert [u.kind for u in table.final_uses[:5]] == [
        "household",
        "nonprofit",
        "government",
        "investment",
        "inventories",
    ]
    np.testing.assert_array_equal(table.value_added[0], table.output - table.use.sum(axis=0))
    assert table.final[2, 4] == -5  # inventories drawn down stay negative


def test_of_several_years_the_latest_or_the_one_asked_for(tmp_path: Path) -> None:
    for year in (2000, 2005):
        write(tmp_path / f"wiot_{year}.parquet", small())
    (tmp_path / "sectors.csv").write_text("code,name\nc1,Farms\nc2,Mills\n", encoding="utf-8")
    assert guess(tmp_path)[1] == "world tables of 2000, 2005: wiot_YYYY.parquet"
    table = read_world(tmp_path)
    assert table.source.base_year == 2005 and table.provenance[0].step == "choice of year"
    assert table.products.names[3] == "RoW: Mills"
    assert read_world(tmp_path, 2000).source.base_year == 2000
    with pytest.raises(TableError, match=r"no world table of 1999(.|\n)*2000, 2005"):
        read_world(tmp_path, 1999)
    with pytest.raises(TableError, match="the file is of another year"):
        read_world(tmp_path / "wiot_2000.parquet", 2005)


def _drop(name: str) -> Callable[[Columns], Columns]:
    return lambda c: {k: v for k, v in c.items() if k != name}


def _set(name: str, values: list[object]) -> Callable[[Columns], Columns]:
    return lambda c: {**c, name: values}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_drop("GO"), "columns are not those of a world table"),
        (_drop("row"), "columns are not those of a world table"),
        (_drop("RoW.c2"), r"rows and columns differ(.|\n)*RoW.c2"),
        (_set("row", ["AUS.c1", "AUS.c1", "RoW.c1", "RoW.c2"]), "a row stands twice"),
        (_set("row", ["AUS.c1", "AUSc2", "RoW.c1", "RoW.c2"]), "'AUSc2' has no region"),
        (_set("AUS.c2", [1, None, 3, 4]), "column 'AUS.c2' has empty cells"),
        (_set("AUS.c2", ["1", "2", "3", "x"]), "column 'AUS.c2' does not hold figures"),
        (_set("AUS.INVEN", [9e9, 0, 0, 0]), "rows do not close"),
        (_set("AUS.GIFTS", [0, 0, 0, 0]), "column 'AUS.GIFTS' is no sector and no known final use"),
        (_set("NZL.GFCF", [0, 0, 0, 0]), "regions of rows and of final use differ"),
        (_set("GO", [0, 0, 0, 0]), "the table has no output"),
        (_set("RoW.c1", [1.0, float("nan"), 3.0, 4.0]), "no finite number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(spoil: Callable[[Columns], Columns], words: str, tmp_path: Path) -> None:
    path = write(tmp_path / "wiot_2000.parquet", spoil(small()))
    with pytest.raises(TableError, match=words):
        read_world(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    whole = write(tmp_path / "wiot_2000.parquet", small()).read_bytes()
    cut = tmp_path / "wiot_2001.parquet"
    for size in (0, 3, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        assert reader("world").guess(cut) is None
        with pytest.raises(TableError, match="no readable parquet file"):
            read_world(cut)


def test_the_world_of_2011(test_data: Path) -> None:
    folder = test_data / "wiod2013_mrio"
    assert guess(folder)[0].name == "world"
    table = read_world(folder)
    assert table.use.shape == (1435, 1435) and len(set(table.products.regions)) == 41
    # figures of the folder's README: 22 sectors without output, rows off by at most 113, 0.04 % of world output
    assert int((table.output == 0).sum()) == 22
    rounding = np.abs(table.final_of("adjustment"))
    assert rounding.max() == 108 and rounding.sum() / table.output.sum() == pytest.approx(0.0004, abs=5e-5)
    assert not table.row_residuals().any() and not table.column_residuals().any()
    assert (table.value_added >= 0).all() and (table.use >= 0).all()
