"""A rebuild of uk-2019 from the published tables gives the shipped files, byte for byte; their totals are the ONS's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyarrow.parquet import read_table

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy

TOOL = Path(__file__).resolve().parents[2] / "tools" / "build_uk.py"


def published(folder: Path, name: str, column: str) -> dict[str, float]:
    """Sums of 2019 by a column of a published file."""
    out: dict[str, float] = {}
    for r in read_table(folder / "uk_ons_sut_1997_2022" / f"{name}.parquet").to_pylist():
        if r["year"] == 2019:
            out[r[column]] = out.get(r[column], 0.0) + r["value"]
    return out


@pytest.fixture(scope="module")
def economy() -> Economy:
    return load_economy("uk-2019")


def test_a_rebuild_gives_the_same_bytes(test_data: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(TOOL), "--data", str(test_data), "--out", str(tmp_path)]
    subprocess.run(command, check=True, timeout=300)
    shipped, fresh = embedded_folder("uk-2019"), tmp_path / "uk-2019"
    here = {p.relative_to(shipped) for p in shipped.rglob("*") if p.is_file() and p.name != "lustrum.yaml"}
    assert here == {p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file()}
    for path in sorted(here):
        assert (fresh / path).read_bytes() == (shipped / path).read_bytes(), path


def test_output_by_product_and_industry_is_the_published_one(test_data: Path, economy: Economy) -> None:
    rows = read_table(test_data / "uk_ons_sut_1997_2022" / "supply.parquet").to_pylist()
    made = {
        r["product"].removeprefix("CPA_"): r["value"]
        for r in rows
        if r["year"] == 2019 and r["item"] == "domestic_output_basic"
    }
    ours = economy.values("supply") @ economy.values("output")
    for code, value in zip(economy.codes("product"), ours.tolist(), strict=True):
        assert value == pytest.approx(made.get(code, 0.0), abs=6), code  # 104 cells, each rounded to 0.1


def test_value_added_is_the_published_one_and_taxes_on_products(test_data: Path, economy: Economy) -> None:
    items = published(test_data, "value_added_output", "item")
    x = economy.values("output")
    over = x.sum() - (economy.values("use") @ x).sum()
    taxes = over - sum(items[i] for i in ("D1", "B2B3", "D29X39"))
    # producers pay what is left of 238 billion of taxes on products after final users' 138 billion
    assert taxes == pytest.approx(238_213 - 137_909, abs=50)


def test_consumption_is_the_published_one_less_taxes(test_data: Path, economy: Economy) -> None:
    spent = published(test_data, "final_demand_purchasers", "category")["P3_households"]
    assert economy.values("consumption").sum() == pytest.approx(spent - 106_257, abs=20)


def test_jobs_are_those_of_the_survey(test_data: Path, economy: Economy) -> None:
    lines = (test_data / "uk_ons_ioat" / "employment_bres_2019.csv").read_text(encoding="utf-8").splitlines()[1:]
    total = sum(float(line.rsplit(",", 4)[1]) for line in lines) / 1000
    servants = economy.values("labour_coefficient")[0, -1] * economy.values("output")[-1]
    assert economy.values("labour_supply")[0] - servants == pytest.approx(total, abs=0.5)
    assert np.isclose(
        economy.values("labour_coefficient")[0] @ economy.values("output"), economy.values("labour_supply")[0]
    )
