"""The shipped US economies: the base year replicates, signs hold, totals are BEA's."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.readers.folder import read_folder

NAMES = ("us-2019", "us-2019-16")
SIZES = {"us-2019": 71, "us-2019-16": 16}

#: Gross domestic product of 2019: value added of the 71 industries, BEA, release of September 2024.
GDP_2019 = 21_539_981
#: Used and noncomparable imports that industries buy: they are in no product's row.
OUTSIDE_INPUTS = 150_229


@pytest.fixture(params=NAMES)
def economy(request: pytest.FixtureRequest) -> Economy:
    return read_folder(embedded_folder(request.param) / "economy")


def column(path: Path, value: str = "value") -> np.ndarray:
    with path.open(encoding="utf-8") as file:
        return np.array([float(row[value]) for row in csv.DictReader(file)])


def balance_gap(e: Economy) -> np.ndarray:
    """x + m − (U x + b y + P n + f + e), as a share of the row's total: (1) of docs/model.md in the base year."""
    supply = e.values("supply") @ e.values("output") + e.values("imports").sum(axis=1)
    use = e.values("use") @ e.values("output")
    need = e.values("need_composition") @ e.values("consumption").sum(axis=0)
    build = e.values("asset_composition") @ e.values("investment").sum(axis=1)
    demand = use + need + build + e.values("committed_demand") + e.values("exports").sum(axis=1)
    return np.abs(supply - demand) / supply


def test_base_year_replicates(economy: Economy) -> None:
    assert balance_gap(economy).max() < 1e-9


def test_foreign_exchange_closes_without_debt(economy: Economy) -> None:
    gap = economy.values("imports").sum() - economy.values("exports").sum() - economy.values("transfers").sum()
    assert abs(gap) < 1e-3
    assert economy.values("opening_debt") == 0


def test_signs_are_those_of_the_field_table(economy: Economy) -> None:
    for name in economy.data:
        values, sign = np.asarray(economy.data[name].values), BY_NAME[name].sign
        if sign == ">=0":
            assert values.min() >= 0, name
        elif sign == ">0":
            assert values.min() > 0, name
        elif sign == "0..1":
            assert values.min() >= 0, name
            assert values.max() <= 1, name


def test_technology_is_productive(economy: Economy) -> None:
    radius = np.abs(np.linalg.eigvals(economy.values("use"))).max()
    assert 0.4 < radius < 0.6


def test_mixes_add_up(economy: Economy) -> None:
    assert np.allclose(economy.values("need_composition").sum(axis=0), 1, atol=1e-12)
    assert np.allclose(economy.values("asset_composition").sum(axis=0), 1, atol=1e-12)


def test_gross_domestic_product(economy: Economy) -> None:
    x = economy.values("output")
    product = x.sum() - (economy.values("use") @ x).sum() - OUTSIDE_INPUTS
    assert product == pytest.approx(GDP_2019, abs=400)  # 360 of negative use stand in committed demand


def test_labour_is_the_employment_of_2019(economy: Economy) -> None:
    engaged = (economy.values("labour_coefficient") @ economy.values("output"))[0]
    assert engaged == pytest.approx(157_538, abs=0.1)
    assert engaged == pytest.approx(economy.values("labour_supply", 2019)[0], rel=1e-6)


def test_every_activity_has_capital_and_dwellings_serve_housing_alone() -> None:
    e = read_folder(embedded_folder("us-2019") / "economy")
    stock = e.values("capital_stock")
    assert np.all(stock.sum(axis=0) > 0)
    dwellings = stock[e.codes("asset").index("housing")]
    assert [c for c, k in zip(e.codes("activity"), dwellings, strict=True) if k > 0] == ["HS"]
    assert np.all((e.values("investment") > 0) <= (stock > 0))


def test_the_base_year_lies_on_a_path_of_balanced_growth(economy: Economy) -> None:
    """Investment of 2019, grown once, lets every stock grow as output does at trend (tools/us_trend.py)."""
    n, k, d = (economy.values(f) for f in ("investment", "capital_stock", "depreciation"))
    n_1 = n.sum(axis=1) * 1.018
    growth = (n_1 - (d * k).sum(axis=1)) / k.sum(axis=1)
    assert growth.min() > 0.006  # government
    assert growth.max() < 0.020


def test_opening_stocks_make_the_base_output_at_trend_growth(economy: Economy) -> None:
    need = economy.values("capital_coefficient") * economy.values("output")
    stock = economy.values("capital_stock")
    assert np.all(need <= stock / 1.008)
    assert 0.97 < need.sum() / stock.sum() < 0.985


def test_wear_is_near_the_published_depreciation_on_the_whole() -> None:
    e = read_folder(embedded_folder("us-2019") / "economy")
    with (embedded_folder("us-2019") / "wear.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for a, asset in enumerate(e.codes("asset")):
        of_asset = [r for r in rows if r["asset"] == asset]
        at = [e.codes("activity").index(r["activity"]) for r in of_asset]
        stock = e.values("capital_stock")[a, at]
        wear, bea = (np.array([float(r[c]) for r in of_asset]) @ stock / stock.sum() for c in ("wear", "bea_rate"))
        assert wear == pytest.approx(e.values("depreciation")[a, at] @ stock / stock.sum(), rel=1e-6)
        assert abs(wear - bea) < 0.035, asset


def test_exports_stay_within_output(economy: Economy) -> None:
    assert np.all(economy.values("exports").sum(axis=1) <= economy.values("output"))
    assert not economy.has("re_export")


def test_needs_are_the_divisions_of_coicop(economy: Economy) -> None:
    spending = dict(zip(economy.codes("need"), economy.values("consumption")[0], strict=True))
    assert len(spending) == 13
    assert max(spending, key=lambda g: spending[g]) == "health"
    assert 2.4e6 < spending["housing"] < 2.8e6  # rents, imputed rents and household energy


def test_actuals_balance_in_constant_prices() -> None:
    for name in NAMES:
        e = read_folder(embedded_folder(name) / "economy")
        for year in (2020, 2021, 2022, 2023):
            folder = embedded_folder(name) / "actuals" / str(year)
            part = {p.stem: column(p) for p in folder.glob("*.csv")}
            supply = part["output"] + part["imports"]
            demand = sum(
                part[k]
                for k in (
                    "intermediate_use",
                    "consumption_by_product",
                    "investment",
                    "exports",
                    "committed_demand",
                )
            )
            assert np.abs(supply - demand).max() < 0.05
            assert part["consumption"].sum() == pytest.approx(part["consumption_by_product"].sum(), rel=1e-9)
            assert part["output"].size == SIZES[name] == e.size("product")


def test_the_pandemic_year_is_in_the_actuals() -> None:
    e = read_folder(embedded_folder("us-2019") / "economy")
    flights = e.codes("product").index("481")
    output = column(embedded_folder("us-2019") / "actuals" / "2020" / "output.csv")
    assert output[flights] < 0.65 * e.values("output")[flights]
    assert output.sum() < e.values("output").sum()


def test_history_covers_every_activity_and_year() -> None:
    for name in NAMES:
        growth = column(embedded_folder(name) / "history.csv", "output_growth")
        assert growth.size == 5 * SIZES[name]
        assert 0 < np.median(growth) < 0.05


def test_stocks_were_checked_against_the_published_ones() -> None:
    with (embedded_folder("us-2019") / "capital_check.csv").open(encoding="utf-8") as file:
        rows = {(r["fa_industry"], r["asset"]): r for r in csv.DictReader(file)}
    for asset, most in (
        ("structures", 0.02),
        ("equipment", 0.02),
        ("intellectual_property", 0.06),
        ("all", 0.02),
    ):
        for start in ("2007", "1997"):
            assert abs(float(rows["all", asset][f"difference_{start}"])) < most


def test_the_folders_stay_small_and_name_no_machine() -> None:
    files = [p for name in NAMES for p in embedded_folder(name).rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 1_500_000
    for path in files:
        assert "/work" not in path.read_text(encoding="utf-8"), path
