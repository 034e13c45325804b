"""Supply and use tables of the ONS: published identities, tables beside them, and the estimated supply matrix."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.derived_tables import guess
from tools.derived_tables.ons import read_ons

from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.adjustments import least_secondary
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

FOLDER = "uk_ons_sut_1997_2022"


@pytest.fixture(scope="module")
def uk(test_data: Path) -> FlowTable:
    return read_ons(test_data / FOLDER, Wanted(year=2019))


def test_every_year_is_the_published_one(test_data: Path) -> None:
    found, reason = guess(test_data / FOLDER)
    assert found.name == "ons" and "value_added_output" in reason
    with (test_data / FOLDER / "checks.csv").open(encoding="utf-8") as file:
        published = {int(r["year"]): float(r["output_total"]) for r in csv.DictReader(file)}
    assert sorted(published) == list(range(1997, 2023))
    for year in (1997, 2004, 2009, 2016, 2020, 2022):
        table = read_ons(test_data / FOLDER, Wanted(year=year))
        assert table.output.sum() == pytest.approx(published[year], rel=1e-12)
        assert np.abs(table.row_residuals()).max() < 1e-6
        assert np.abs(table.column_residuals()).max() < 1e-6


def test_margins_sum_to_nothing_and_are_earned_in_trade(uk: FlowTable) -> None:
    margins = uk.supply_columns["margins"]
    assert margins.sum() == 0
    assert {uk.products.codes[i] for i in np.flatnonzero(margins < 0)} == {"CPA_G45", "CPA_G46", "CPA_G47"}
    assert uk.supply_columns["taxes"].sum() == 238_213
    assert uk.valuation == "purchaser"


def test_trade_in_goods_is_with_the_eu_and_the_rest_of_the_world(uk: FlowTable) -> None:
    assert uk.imports is not None
    assert dict(zip(uk.partners.codes, uk.imports.sum(axis=0), strict=True)) == {
        "EU": 270_928,
        "RoW": 243_622,
        "services": 223_322,
    }
    exports = {u.partner: uk.final[:, k].sum() for k, u in enumerate(uk.final_uses) if u.kind == "exports"}
    assert exports == {"EU": 172_176, "RoW": 196_027, "services": 338_493}


def test_consumption_by_purpose_is_kept(uk: FlowTable) -> None:
    needs = uk.tables["needs"]
    assert needs.figures.sum() == 1_357_018  # the published total on the domestic concept
    food = needs.figures[:, needs.labels.codes.index("01.1")]
    assert needs.labels.name("01.1") == "Food"
    assert food[uk.products.codes.index("CPA_C101")] > 15_000  # meat
    # electrical equipment and machinery stand in one row of the source
    both = needs.figures[[uk.products.codes.index(c) for c in ("CPA_C27", "CPA_C28")]]
    assert both.sum() == pytest.approx(20_072)
    change = next(c for c in uk.provenance if "CPA_C27 & C28" in c.where)
    assert change.amount == 20_072


def test_investment_by_industry_is_kept(uk: FlowTable) -> None:
    table = uk.tables["investment_by_industry"]
    assert "Total GFCF" not in table.labels.codes and "Dwellings" in table.labels.codes
    gap = uk.final_of("investment").sum() - table.figures.sum()
    assert 0 < gap < 0.002 * table.figures.sum()  # suppressed cells: 0.05-0.2 % of the total, says the README
    assert next(c for c in uk.provenance if c.step == "investment by industry").amount > 0


def test_the_supply_matrix_has_the_totals_and_the_largest_diagonal(uk: FlowTable) -> None:
    change = next(c for c in uk.provenance if c.step == "supply matrix")
    assert change.amount == pytest.approx(188_049) and change.share == pytest.approx(0.0491, abs=1e-4)
    assert uk.supply.min() >= 0


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=12).filter(
        lambda pairs: sum(q for q, _ in pairs) == 0 or sum(g for _, g in pairs) > 0
    )
)
def test_least_secondary_output(pairs: list[tuple[int, int]]) -> None:
    q = np.array([p for p, _ in pairs], float)
    g = np.array([p for _, p in pairs], float)
    g = g * q.sum() / g.sum() if g.sum() > 0 else g
    supply, moved = least_secondary(q, g)
    assert np.allclose(supply.sum(axis=1), q, atol=1e-9) and np.allclose(supply.sum(axis=0), g, atol=1e-9)
    assert supply.min() >= 0
    # no matrix with these totals has more on its diagonal
    assert np.allclose(np.diagonal(supply), np.minimum(q, g), atol=1e-9)
    assert moved == pytest.approx(supply.sum() - np.trace(supply), abs=1e-9)


def test_totals_that_do_not_fit_are_refused() -> None:
    with pytest.raises(LustrumError, match="different sums"):
        least_secondary(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    with pytest.raises(LustrumError, match="do not fit"):
        least_secondary(np.array([1.0, 2.0]), np.array([3.0]))


@pytest.fixture
def copy(test_data: Path, tmp_path: Path) -> Path:
    target = tmp_path / "uk"
    shutil.copytree(test_data / FOLDER, target, ignore=shutil.ignore_patterns("*.md"))
    return target


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "value_added_output.parquet").unlink()
    assert guess(copy)[0].name == "ons"
    with pytest.raises(LustrumError, match=r"value_added_output\.parquet is missing"):
        read_ons(copy, Wanted())


def test_without_purposes_and_investment_the_table_is_still_read(copy: Path) -> None:
    for name in ("hhfce_by_coicop", "gfcf_product_by_industry"):
        (copy / f"{name}.parquet").unlink()
    assert not read_ons(copy, Wanted()).tables


@pytest.mark.parametrize(
    ("file", "column", "value", "words"),
    [
        ("supply", "product", "CPA_Z99", "unknown label 'CPA_Z99'"),
        ("supply", "value", 10**7, "total supply is not the sum of its parts"),
        ("use_intermediate_purchasers", "industry", "Z99", "unknown label 'Z99'"),
        ("final_demand_purchasers", "category", "P99", "unknown column of final use 'P99'"),
        ("hhfce_by_coicop", "product", "CPA_Z99", "unknown product 'CPA_Z99'"),
    ],
)
def test_mislabelled_cells_are_refused(copy: Path, file: str, column: str, value: object, words: str) -> None:
    path = copy / f"{file}.parquet"
    table = pq.read_table(path)
    years = table["year"].to_pylist()
    cells = table[column].to_pylist()
    cells[years.index(2019)] = value
    pq.write_table(table.set_column(table.column_names.index(column), column, [cells]), path)
    with pytest.raises(LustrumError, match=words):
        read_ons(copy, Wanted(year=2019))
