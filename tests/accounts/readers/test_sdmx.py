"""Input-output datasets of Eurostat, FIGARO and the OECD come in from SDMX-CSV, SDMX-ML and SDMX-JSON files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.accounts.readers import sdmx_layouts as layouts
from tests.accounts.readers.sdmx_layouts import Record

from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted, guess, reader
from lustrum.errors import TableError

WRITERS: dict[str, Callable[[Path, list[Record]], Path]] = {
    "table.csv": layouts.write_csv,
    "table2.csv": layouts.write_csv2,
    "generic.xml": layouts.write_generic,
    "specific.xml": layouts.write_specific,
    "table.json": layouts.write_json,
}


def read(path: Path, year: int | None = None, region: str | None = None) -> FlowTable:
    return reader("sdmx").read(path, Wanted(year, region))


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(name: str, tmp_path: Path) -> None:
    path = WRITERS[name](tmp_path / name, layouts.eurostat())
    found, why = guess(path)
    table = read(path)
    assert found.name == "sdmx" and "Eurostat" in why
    assert table.products.codes == table.activities.codes == layouts.SECTORS
    np.testing.assert_array_equal(table.use, layouts.Z_DOM + layouts.Z_IMP)
    np.testing.assert_array_equal(table.use_imported, layouts.Z_IMP)
    np.testing.assert_array_equal(table.final, layouts.F_DOM + layouts.F_IMP)
    np.testing.assert_array_equal(table.final_imported, layouts.F_IMP)
    np.testing.assert_allclose(table.output, layouts.OUTPUT)
    assert [u.code for u in table.final_uses] == list(layouts.FINAL)  # P3, P5G and TFU are sums
    assert table.value_added_rows.codes == ("D21X31", "D1", "D29X39", "B2A3G")  # so is B1G
    assert (table.source.name, table.source.base_year, table.source.money) == ("xx-2020", 2020, "million EUR")
    assert np.abs(table.row_residuals()).max() < 1e-9 and np.abs(table.column_residuals()).max() < 1e-9


def test_total_flows_alone_give_imports_by_product_and_no_imported_part(tmp_path: Path) -> None:
    table = read(layouts.write_csv(tmp_path / "t.csv", layouts.eurostat(("TOTAL",))))
    assert table.use_imported is None
    np.testing.assert_allclose(table.total_imports, layouts.Z_IMP.sum(axis=1) + layouts.F_IMP.sum(axis=1))
    assert np.abs(table.row_residuals()).max() < 1e-9


@pytest.mark.parametrize("variables", [("TTL", "DOM", "IMP"), ("TTL",)])
def test_national_tables_of_the_oecd(variables: tuple[str, ...], tmp_path: Path) -> None:
    path = layouts.write_csv2(tmp_path / "iots.csv", layouts.oecd(variables))
    assert guess(path)[0].name == "sdmx"
    table = read(path)
    assert table.source.name == "ita-2018" and table.source.money == "million USD"
    assert table.products.codes == ("D01T03", "D05T39", "D41T98")
    np.testing.assert_allclose(table.total_imports, layouts.Z_IMP.sum(axis=1) + layouts.F_IMP.sum(axis=1))
    assert (table.use_imported is not None) == ("IMP" in variables)
    assert np.abs(table.row_residuals()).max() < 1e-9 and np.abs(table.column_residuals()).max() < 1e-9


def test_figaro_is_a_world_table_and_a_region_is_carved_out_of_it(tmp_path: Path) -> None:
    path = layouts.write_csv(tmp_path / "figaro.csv", layouts.figaro(), "ESTAT:NAIO_10_FCP_II4(1.0)")
    world = read(path)
    assert world.products.codes == ("BE.A01", "BE.C10-12", "FIGW1.A01", "FIGW1.C10-12")
    assert world.imports is None and set(world.products.regions) == {"BE", "FIGW1"}
    assert np.abs(world.row_residuals()).max() < 1e-9 and np.abs(world.column_residuals()).max() < 1e-9
    assert any(c.step == "cells not listed" for c in world.provenance)
    assert sum(c.amount for c in world.provenance if c.step == "left out") == 12.0
    country = read(path, region="BE")
    assert country.partners.codes == ("FIGW1",) and country.imports is not None
    assert country.imports.sum() == world.use[2:, :2].sum() + world.final[2:, :5].sum()


def test_what_one_country_buys_is_no_world_table(tmp_path: Path) -> None:
    bought = [r for r in layouts.figaro() if r["c_dest"] == "BE"]
    with pytest.raises(TableError, match="regions that deliver and regions that use differ"):
        read(layouts.write_csv(tmp_path / "t.csv", bought))


def test_of_several_countries_and_years_one_is_named(tmp_path: Path) -> None:
    records = [
        r
        for geo, factor in (("XX", 1.0), ("YY", 2.0))
        for year in ("2015", "2020")
        for r in layouts.eurostat(geo=geo, year=year, factor=factor)
    ]
    path = layouts.write_csv(tmp_path / "t.csv", records)
    with pytest.raises(TableError, match=r"several countries(.|\n)*XX, YY(.|\n)*--region"):
        read(path)
    with pytest.raises(TableError, match=r"several years(.|\n)*2015, 2020(.|\n)*--year"):
        read(path, region="YY")
    with pytest.raises(TableError, match=r"no region 'ZZ'(.|\n)*XX, YY"):
        read(path, region="ZZ")
    table = read(path, 2015, "YY")
    assert table.source.name == "yy-2015"
    np.testing.assert_allclose(table.output, 2 * layouts.OUTPUT)


def test_two_units_in_one_file_are_refused(tmp_path: Path) -> None:
    records = [*layouts.eurostat(), *layouts.eurostat(unit="MIO_NAC", factor=7.45)]
    with pytest.raises(TableError, match=r"several units(.|\n)*MIO_EUR, MIO_NAC"):
        read(layouts.write_csv(tmp_path / "t.csv", records))


@pytest.mark.parametrize("name", ["table.csv", "generic.xml", "specific.xml", "table.json"])
def test_a_confidential_figure_is_named_and_never_a_zero(name: str, tmp_path: Path) -> None:
    records = layouts.eurostat()
    records[4] = {**records[4], "OBS_VALUE": "", "OBS_FLAG": "c"}
    with pytest.raises(TableError, match=r"1 figures are missing, 1 of them confidential") as refused:
        WRITERS[name](tmp_path / name, records)
        read(tmp_path / name)
    assert f"{records[4]['prd_ava']}, {records[4]['prd_use']}" in str(refused.value)


def test_flagged_figures_are_counted(tmp_path: Path) -> None:
    records = [{**r, "OBS_FLAG": "e" if k < 7 else ""} for k, r in enumerate(layouts.eurostat())]
    table = read(layouts.write_csv(tmp_path / "t.csv", records))
    assert any("7 figures carry the flag 'e'" in c.what for c in table.provenance)


def test_a_cell_that_is_not_listed_is_told_and_its_gap_found(tmp_path: Path) -> None:
    records = layouts.eurostat(("DOM", "IMP"))
    small = next(k for k, r in enumerate(records) if r["prd_ava"] == "CPA_A" and r["prd_use"] == "P3_S13")
    table = read(layouts.write_csv(tmp_path / "t.csv", [r for k, r in enumerate(records) if k != small]))
    told = [c.what for c in table.provenance if c.step == "cells not listed"]
    assert told and told[0].startswith("1 of 30")
    assert np.abs(table.row_residuals()).max() == pytest.approx(1.0)  # the domestic cell was 1
    large = [r for r in records if not (r["prd_ava"] == "CPA_G-T" and r["prd_use"] == "P3_S14")]
    with pytest.raises(TableError, match="rows do not close"):
        read(layouts.write_csv(tmp_path / "u.csv", large))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda r: [*r, r[3]], "a cell stands twice"),
        (lambda r: [{**x, "OBS_VALUE": "1 234.5"} if k == 2 else x for k, x in enumerate(r)], "a figure is no number"),
        (lambda r: [{**x, "OBS_VALUE": "inf"} if k == 2 else x for k, x in enumerate(r)], "not finite"),
        (lambda r: [{**x, "TIME_PERIOD": "2020-Q1"} for x in r], "the period is no year"),
        (lambda r: [x for x in r if x["stk_flow"] == "IMP"], "imported flows only"),
        (lambda r: [x for x in r if x["prd_ava"] != "P1"], "no output"),
        (lambda r: [x for x in r if x["prd_use"].startswith("CPA")], "no final use"),
        (lambda r: [{**x, "prd_ava": "X" + x["prd_ava"]} for x in r], "no sector in common"),
        (
            lambda r: [{**x, "OBS_VALUE": repr(3 * float(x["OBS_VALUE"]))} if x["stk_flow"] == "IMP" else x for x in r],
            "do not add up to the total",
        ),
        (lambda r: [{k: v for k, v in x.items() if k != "prd_use"} for x in r], "no dimension of columns"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    spoil: Callable[[list[Record]], list[Record]], words: str, tmp_path: Path
) -> None:
    path = layouts.write_csv(tmp_path / "t.csv", spoil(layouts.eurostat()))
    with pytest.raises(TableError, match=words) as refused:
        read(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xml", '<?xml version="1.0"?><m xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><cut'),
        ("b.xml", '<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><cut'),
        ("c.xml", '<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>'),
        ("a.json", '{"data": {"dataSets": [{"series": {"0:9": {"observations": {"0": [1]}}}}], "structures": [{}]}}'),
        ("a.json", '{"data": {"dataSets": [], "structures": [{}]}}'),
        ("b.csv", "DATAFLOW,freq\nESTAT:X(1.0)\n"),
        ("c.csv", "DATAFLOW,freq,OBS_VALUE\n"),
    ],
)
def test_a_cut_message_is_refused_without_a_traceback(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(TableError):
        read(tmp_path / name)


def test_other_files_are_not_taken_for_sdmx(tmp_path: Path) -> None:
    for name, text in (
        ("a.csv", "code,name\nA,Farms\n"),
        ("a.json", "{}"),
        ("a.xml", "<html/>"),
        ("a.txt", "DATAFLOW,"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert reader("sdmx").guess(tmp_path / name) is None
