"""Deflation: quantities of the United States at the prices of another year, and what prices cannot change."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.deflate import deflate_economy, read_prices
from lustrum.accounts.national.table import flows_of
from lustrum.errors import TableError


def published(test_data: Path, name: str, year: str) -> dict[str, float]:
    with (test_data / "us_bea_summary71" / name).open(encoding="utf-8") as file:
        return {row["code"]: float(row[year]) for row in csv.DictReader(file)}


def test_output_of_2019_at_prices_of_2017(test_data: Path) -> None:
    """BEA's gross output over its price index is what the deflated accounts say of every industry."""
    index = published(test_data, "gross_output_price_index_2017eq100_1997_2023.csv", "2019")
    output = published(test_data, "gross_output_1997_2023.csv", "2019")
    economy = load_economy("us-2019")
    made = deflate_economy(economy, {c: index[c] / 100 for c in economy.codes("product")}, "prices of 2017")
    for code, value in zip(made.codes("activity"), made.values("output"), strict=True):
        assert value == pytest.approx(output[code] / index[code] * 100, abs=10), code  # the tables' own rounding
    report = check_economy(made)
    assert report.ok and report.residuals["rows"] < 1e-9 and report.residuals["columns"] < 1e-9
    assert made.source.money == "million USD, prices of 2017"
    # double deflation: value added is what deflated output leaves over deflated inputs
    table = flows_of(made)
    assert table.value_added.sum() == pytest.approx(table.output.sum() - table.use.sum())
    grown = table.value_added.sum() / flows_of(economy).value_added.sum()
    assert 0.93 < grown < 0.98  # prices rose by some four per cent in these two years


def test_prices_that_all_rise_alike_change_no_coefficient() -> None:
    economy = load_economy("us-2019-16")
    made = deflate_economy(economy, dict.fromkeys(economy.codes("product"), 1.25))
    for name in ("use", "supply", "need_composition", "asset_composition", "capital_coefficient", "depreciation"):
        np.testing.assert_allclose(made.values(name), economy.values(name), rtol=1e-12)
    for name in ("output", "imports", "consumption", "capital_stock", "committed_demand", "transfers"):
        np.testing.assert_allclose(made.values(name), economy.values(name) / 1.25, rtol=1e-12)
    spent = made.values("labour_coefficient") @ made.values("output")
    np.testing.assert_allclose(spent, economy.values("labour_coefficient") @ economy.values("output"))


def test_there_and_back_again() -> None:
    """Prices and their inverse give the same accounts, in physical accounts with techniques too."""
    for name in ("us-2019-16", "island"):
        economy = load_economy(name)
        rng = np.random.default_rng(3)
        prices = dict(zip(economy.codes("product"), rng.uniform(0.5, 2, economy.size("product")).tolist(), strict=True))
        there = deflate_economy(economy, prices)
        back = deflate_economy(there, {p: 1 / v for p, v in prices.items()})
        for field in economy.data:
            if field not in (
                "opening_debt",
                "transfers",
            ):  # nominal: divided by a mean, which is not the same both ways
                np.testing.assert_allclose(
                    back.data[field].values, economy.data[field].values, rtol=1e-9, err_msg=field
                )


def write(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_index_with_base_and_all(tmp_path: Path) -> None:
    path = write(tmp_path, "product,price\nbase,50\na,100\nall,60\n")
    assert read_prices(path, ("a", "b")) == {"a": 2.0, "b": 1.2}


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("product,index\na,1\n", "columns", "prices.csv:1"),
        ("product,price\na,1\nb,0\n", "above zero", "prices.csv:3:price"),
        ("product,price\na,1\nb,1,5\n", "different number of cells", "prices.csv:3"),
        ("product,price\na,1\nx,1\n", "unknown product", "prices.csv:3:product"),
        ("product,price\na,1\na,1\n", "stands twice", "prices.csv:3"),
        ("product,price\na,1\n", "missing", "prices.csv"),
        ("product,price\na,1\nb,5 %\n", "not a number", "prices.csv:3:price"),
    ],
)
def test_wrong_price_files(tmp_path: Path, text: str, words: str, where: str) -> None:
    with pytest.raises(TableError) as caught:
        read_prices(write(tmp_path, text), ("a", "b"))
    assert words in caught.value.what and caught.value.where == where and caught.value.mend
