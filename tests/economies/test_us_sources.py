"""A rebuild from the published tables gives the shipped economies, byte for byte."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from lustrum.accounts.embedded import embedded_folder
from lustrum.accounts.readers.folder import read_folder

TOOL = Path(__file__).resolve().parents[2] / "tools" / "build_us.py"
BUILT = (
    "README.md",
    "actuals/**/*.csv",
    "capital_check.csv",
    "economy/*",
    "history.csv",
    "history_assets.csv",
    "history_products.csv",
    "wear.csv",
)


@pytest.fixture(scope="module")
def rebuilt(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("economies")
    command = [sys.executable, str(TOOL), "--data", str(test_data), "--out", str(out)]
    subprocess.run(command, check=True, timeout=300)
    return out


@pytest.mark.parametrize("name", ["us-2019", "us-2019-16"])
def test_rebuild_gives_the_same_bytes(rebuilt: Path, name: str) -> None:
    shipped, fresh = embedded_folder(name), rebuilt / name
    here = {p.relative_to(shipped) for pattern in BUILT for p in shipped.glob(pattern) if p.is_file()}
    there = {p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file()}
    assert here == there
    for path in sorted(there):
        assert (fresh / path).read_bytes() == (shipped / path).read_bytes(), path


def test_output_and_use_are_those_of_the_published_table(test_data: Path) -> None:
    economy = read_folder(embedded_folder("us-2019") / "economy")
    folder = test_data / "us_bea_summary71" / "ixi_2019"
    x = np.loadtxt(folder / "x.csv", delimiter=",", skiprows=1, usecols=1)
    columns = range(1, 72)
    domestic = np.loadtxt(folder / "Z_dom.csv", delimiter=",", skiprows=1, usecols=columns)
    imported = np.loadtxt(folder / "Z_imp.csv", delimiter=",", skiprows=1, usecols=columns)
    value_added = np.loadtxt(folder / "VA.csv", delimiter=",", skiprows=1, usecols=columns)
    assert np.array_equal(economy.values("output"), x)
    use = economy.values("use") * x
    assert np.abs(use - np.maximum(domestic + imported, 0)).max() < 1e-3
    # columns close: use, value added and the imports outside the products make up output
    assert np.abs(use.sum(axis=0) + value_added.sum(axis=0) - x).max() < 361


def test_totals_are_those_of_bea(test_data: Path) -> None:
    economy = read_folder(embedded_folder("us-2019") / "economy")
    folder = test_data / "us_bea_summary71"
    for name, ours in (
        ("gross_output_1997_2023", economy.values("output").sum()),
        (
            "value_added_1997_2023",
            economy.values("output").sum() - economy.values("use").dot(economy.values("output")).sum(),
        ),
    ):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            published = sum(float(row["2019"]) for row in csv.DictReader(file))
        outside = 150_229 if name.startswith("value") else 0
        assert ours - outside == pytest.approx(published, abs=400)
    rows = pq.read_table(folder / "bea_summary_use_import_make_2012_2023.parquet").to_pylist()
    use = [r for r in rows if r["year"] == 2019 and r["table"] == "use" and not r["row"].startswith("Total")]
    exports = sum(r["value"] for r in use if r["col"] == "F040")
    assert economy.values("exports").sum() == pytest.approx(exports, abs=20)


def test_the_aggregate_is_the_published_16_sector_table(test_data: Path) -> None:
    economy = read_folder(embedded_folder("us-2019-16") / "economy")
    folder = test_data / "us_bea_sector16" / "ixi_2019"
    x = np.loadtxt(folder / "x.csv", delimiter=",", skiprows=1, usecols=1)
    Z = sum(np.loadtxt(folder / f"Z_{k}.csv", delimiter=",", skiprows=1, usecols=range(1, 17)) for k in ("dom", "imp"))
    F = sum(np.loadtxt(folder / f"F_{k}.csv", delimiter=",", skiprows=1, usecols=range(1, 8)) for k in ("dom", "imp"))
    assert np.array_equal(economy.values("output"), x)
    assert np.abs(economy.values("use") * x - Z).max() < 361  # the negative cells that went to committed demand
    assert np.abs(economy.values("exports")[:, 0] - F[:, 5]).max() < 0.01
    assert economy.values("imports").sum() == pytest.approx(2_579_513)


#: Products whose make-up is alike in both countries: commodity here, products of the ONS table there.
ALIKE = {
    "311FT": ("CPA_C10", "CPA_C11"),
    "315AL": ("CPA_C14", "CPA_C15"),
    "324": ("CPA_C19",),
    "327": ("CPA_C23",),
    "334": ("CPA_C26",),
    "3361MV": ("CPA_C29",),
    "3364OT": ("CPA_C30",),
    "337": ("CPA_C31",),
    "512": ("CPA_J59",),
    "532RL": ("CPA_N77",),
    "61": ("CPA_P85",),
}


def test_needs_agree_with_the_british_table_where_products_match(test_data: Path) -> None:
    with (TOOL.parent / "needs_us.csv").open(encoding="utf-8") as file:
        ours = [r for r in csv.DictReader(file) if r["commodity"] in ALIKE]
    needs = (
        "food",
        "alcohol_tobacco",
        "clothing",
        "housing",
        "furnishings",
        "health",
        "transport",
        "communication",
        "recreation",
        "education",
        "restaurants_hotels",
    )
    rows = pq.read_table(test_data / "uk_ons_sut_1997_2022" / "hhfce_by_coicop.parquet").to_pylist()
    for commodity, prefixes in ALIKE.items():
        spent = dict.fromkeys((*needs, "other"), 0.0)
        for row in rows:
            if row["year"] != 2019 or not row["product"].startswith(prefixes) or not row["coicop"][:2].isdigit():
                continue
            division = int(row["coicop"][:2])
            need = needs[division - 1] if division <= 11 else "other"
            # COICOP 2018 has audio-visual and computing goods under communication
            spent["communication" if row["coicop"] == "09.1" else need] += row["value"]
        total = sum(spent.values())
        for need in needs:
            share = sum(float(r["share"]) for r in ours if r["commodity"] == commodity and r["need"] == need)
            assert share == pytest.approx(spent[need] / total, abs=0.12), (commodity, need)
