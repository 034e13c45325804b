"""Small files in the layouts of EXIOBASE, OECD, WIOD, Eora and GLORIA, read through pymrio."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pymrio
import pytest
from tests.accounts.readers.mrio_layouts import SECTORS, World, write_eora, write_gloria, write_oecd, write_wiod

from lustrum.accounts.national.extract_region import extract_region
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted, guess, reader
from lustrum.errors import BadInput, TableError


def read(path: Path, year: int | None = None, region: str | None = None) -> FlowTable:
    return reader("mrio").read(path, Wanted(year, region))


def closes(table: FlowTable) -> bool:
    size = float(np.abs(table.output).max())
    return bool(
        np.abs(table.row_residuals()).max() < 1e-9 * size and np.abs(table.column_residuals()).max() < 1e-9 * size
    )


def steps(table: FlowTable) -> list[str]:
    return [c.step for c in table.provenance]


OECD_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")


def test_oecd(tmp_path: Path) -> None:
    world = World(("AUS", "USA"), ("01T02", "03"), len(OECD_USES))
    path = write_oecd(tmp_path / "ICIO2021_2018.csv", world, OECD_USES)
    assert guess(path) == (reader("mrio"), "OECD ICIO, by the names of its files")
    table = read(path)
    np.testing.assert_allclose(table.use, world.z)
    np.testing.assert_allclose(table.final, world.y)
    np.testing.assert_allclose(table.value_added, world.va)
    np.testing.assert_allclose(table.output, world.x)
    assert (
        closes(table) and table.source.base_year == 2018 and not {"residual of rows", "empty cells"} & set(steps(table))
    )
    assert read(tmp_path, 2018, "USA").partners.codes == ("AUS",)
    with pytest.raises(TableError, match="the year is not known"):
        read(tmp_path)


def test_oecd_parts_of_china_are_added_up_and_their_output_too(tmp_path: Path) -> None:
    world = World(("CHN", "CN1", "USA"), ("01T02", "03"), len(OECD_USES))
    table = read(write_oecd(tmp_path / "ICIO2021_2018.csv", world, OECD_USES))
    assert sorted(set(table.products.regions)) == ["CHN", "USA"] and closes(table)
    assert table.output.sum() == pytest.approx(world.x.sum())
    assert table.use.sum() == pytest.approx(world.z.sum())


def test_oecd_empty_cells_and_wrong_totals_are_found_though_pymrio_passes_over_them(tmp_path: Path) -> None:
    world = World(("AUS", "USA"), ("01T02", "03"), len(OECD_USES))
    path = write_oecd(tmp_path / "ICIO2021_2018.csv", world, OECD_USES)
    text = path.read_text(encoding="utf-8")
    rows = text.split("\n")
    cells = rows[2].split(",")
    rows[2] = ",".join([*cells[:3], "", *cells[4:]])
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(TableError, match="rows do not add up to the printed output"):
        read(path)
    cells[-1] = repr(float(cells[-1]) - float(cells[3]))
    rows[2] = ",".join([*cells[:3], "", *cells[4:]])
    path.write_text("\n".join(rows), encoding="utf-8")
    assert any("1 empty cells were read as 0" in c.what for c in read(path).provenance)


def test_wiod(tmp_path: Path) -> None:
    world = World(("AUS", "USA"), SECTORS, 5)
    path = write_wiod(tmp_path / "wiot11_row_sep12.xlsx", world)
    assert "WIOD 2013" in guess(path)[1]
    table = read(path)
    assert table.products.codes == ("AUS.c1", "AUS.c35", "USA.c1", "USA.c35")
    assert table.source.base_year == 2011 and table.source.money == "million USD"
    np.testing.assert_allclose(table.use, world.z)
    np.testing.assert_allclose(table.final, world.y)
    np.testing.assert_allclose(table.value_added, world.va)  # r60 and r69 are totals
    assert [u.kind for u in table.final_uses[:5]] == [
        "household",
        "nonprofit",
        "government",
        "investment",
        "inventories",
    ]
    assert closes(table)


def test_eora_keeps_the_output_that_pymrio_makes_smaller(tmp_path: Path) -> None:
    world = World(("AUS", "USA", "ROW"), SECTORS, 6, last=0.01)
    path = write_eora(tmp_path / "Eora26_2015_bp.zip", world, 2015)
    assert "Eora26" in guess(path)[1]
    table = read(path)
    assert set(table.products.regions) == {"AUS", "USA"} and closes(table)
    np.testing.assert_allclose(table.output, world.x[:4])
    np.testing.assert_allclose(table.use, world.z[:4, :4])
    # sales to ROW are the residual of rows, purchases from it that of columns
    np.testing.assert_allclose(table.final_of("adjustment"), world.z[:4, 4:].sum(axis=1) + world.y[:4, 12:].sum(axis=1))
    np.testing.assert_allclose(table.value_added[-1], world.z[4:, :4].sum(axis=0))
    dropped = next(c for c in table.provenance if c.where == "region ROW")
    assert dropped.amount == pytest.approx(
        table.final_of("adjustment").sum() + world.z[4:, :4].sum() + world.y[4:, :12].sum()
    )
    assert table.satellites["q"].kind == "resource" and table.source.money == "thousand USD"
    inside = tmp_path / "unpacked"
    shutil.unpack_archive(path, inside)
    np.testing.assert_array_equal(read(inside, 2015).use, table.use)


def test_gloria_stays_supply_and_use(tmp_path: Path) -> None:
    world = World(("AUS", "USA"), SECTORS, 3, 3)
    folder = write_gloria(tmp_path, world, 2014)
    assert "GLORIA" in guess(folder)[1]
    table = read(folder, 2014)
    np.testing.assert_allclose(table.supply, np.diag(world.x))
    np.testing.assert_allclose(table.use, world.z)
    np.testing.assert_allclose(table.value_added, world.va)
    assert closes(table) and table.satellites["satellites"].labels.units == ("t", "t")
    assert extract_region(table, "AUS").partners.codes == ("USA",)


def test_exiobase_keeps_value_added_apart_from_the_other_satellites(tmp_path: Path) -> None:
    world = World(("AU", "US"), ("Paddy rice", "Wheat"), 7, 3)
    index = pd.MultiIndex.from_tuples(world.rows(), names=["region", "sector"])
    uses = pymrio.load_test().Y.columns[:7].get_level_values(1)
    columns = pd.MultiIndex.from_tuples([(r, u) for r in world.regions for u in uses], names=["region", "category"])
    names = [
        "Taxes less subsidies on products purchased: Total",
        "Compensation of employees",
        "Operating surplus",
        "Employment: Low-skilled male",
        "CO2 - combustion - air",
    ]
    flows = pd.DataFrame(np.vstack([world.va, np.arange(8.0).reshape(2, 4)]), index=names, columns=index)
    units = pd.DataFrame({"unit": ["M.EUR"] * 3 + ["1000 p", "kg"]}, index=names)
    satellite = {"name": "satellite", "F": flows, "unit": units}
    io = pymrio.IOSystem(
        Z=pd.DataFrame(world.z, index, index),
        Y=pd.DataFrame(world.y, index, columns),
        unit=pd.DataFrame({"unit": ["M.EUR"] * 4}, index=index),
        satellite=satellite,
    )
    folder = tmp_path / "IOT_2011_pxp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        io.calc_all()
        io.save_all(folder)
    assert "EXIOBASE" in guess(folder)[1]
    table = read(folder)
    assert table.source.base_year == 2011 and table.source.money == "million EUR"
    np.testing.assert_allclose(table.use, world.z)
    np.testing.assert_allclose(table.value_added, world.va)
    assert table.satellites["satellite.labour"].labels.codes == ("Employment: Low-skilled male",)
    assert table.satellites["satellite"].labels.codes == ("CO2 - combustion - air",)
    assert closes(table)
    assert read(Path(shutil.make_archive(str(folder), "zip", folder))).source.base_year == 2011


def test_a_system_saved_by_pymrio(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pymrio.load_test().save_all(tmp_path / "mine")
    with pytest.raises(TableError, match="the year is not known"):
        read(tmp_path / "mine")
    table = read(tmp_path / "mine", 2010, "reg3")
    assert table.partners.codes == ("reg1", "reg2", "reg4", "reg5", "reg6") and closes(table)
    assert table.source.name == "reg3-2010"


@pytest.mark.parametrize(
    "name", ["ICIO2021_2018.csv", "wiot11_row_sep12.xlsx", "Eora26_2015_bp.zip", "IOT_2011_ixi.zip"]
)
@pytest.mark.parametrize("content", [b"", b"not a table", b"PK\x03\x04 cut"])
def test_files_that_are_none_are_refused_without_a_traceback(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read(tmp_path / name)
    assert name in str(refused.value)


def test_other_files_are_not_taken_for_world_tables(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("code,name\n", encoding="utf-8")
    assert reader("mrio").guess(tmp_path) is None and reader("mrio").guess(tmp_path / "table.csv") is None
    with pytest.raises(TableError, match="none of the tables that pymrio reads"):
        read(tmp_path)
