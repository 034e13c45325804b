"""Shipped concordances: complete, adding up, chosen by codes as offices write them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.concordances import ASSETS, asset_of, classify, isic4_divisions, need_names, need_shares, rows
from lustrum.accounts.embedded import embedded_folder, load_economy


@pytest.mark.parametrize(
    ("code", "divisions"),
    [
        ("A01", "A01"),
        ("C10T12", "C10 C11 C12"),
        ("C10-C12", "C10 C11 C12"),
        ("B05-09", "B05 B06 B07 B08 B09"),
        ("C31_C32", "C31 C32"),
        ("J59_60", "J59 J60"),
        ("R90T92", "R90 R91 R92"),
        ("CPA_C102_3", "C10"),
        ("C1101T1106 & C12", "C11 C12"),
        ("CPA_K65.1-2 & K65.3", "K65"),
        ("L68BXL683", "L68"),
        ("C20A", "C20"),
        ("I", "I55 I56"),
        ("T-U", "T97 T98 U99"),
        ("R_S", "R90 R91 R92 R93 S94 S95 S96"),
        ("F41, F42 & F43", "F41 F42 F43"),
        ("TOTAL", ""),
        ("31G_D", ""),
        ("V001", ""),
        ("", ""),
        ("C77", ""),
        ("A10", ""),
    ],
)
def test_codes_of_isic4_are_read_as_offices_write_them(code: str, divisions: str) -> None:
    assert isic4_divisions(code) == tuple(divisions.split())


def test_every_division_has_needs_that_add_up_and_a_kind_of_asset() -> None:
    divisions = [r["division"] for r in rows("isic4_divisions.csv")]
    assert len(divisions) == len(set(divisions)) == 88
    found = classify(divisions)
    assert found is not None
    for code in divisions:
        shares = need_shares(found, code)
        assert shares is not None
        assert shares.sum() == pytest.approx(1)
        assert shares.min() >= 0
        assert asset_of(found, code) in ASSETS
    assert {r["need"] for r in rows("isic4_needs.csv")} == set(need_names())


@pytest.mark.parametrize("name", ["wiod2013", "isic3", "eora26", "exiobase3_ixi", "exiobase3_pxp", "bea71", "bea16"])
def test_every_list_is_recognised_and_stands_on_known_divisions(name: str) -> None:
    codes = [r["code"] for r in rows("lists.csv") if r["list"] == name]
    found = classify(codes)
    assert found is not None
    assert found.name == name
    known = {r["division"] for r in rows("isic4_divisions.csv")}
    for code in codes:
        assert set(found.divisions[code]) <= known
        shares = need_shares(found, code)
        assert shares is not None
        assert shares.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("name", "economy"), [("bea71", "us-2019"), ("bea16", "us-2019-16")])
def test_beas_shares_are_those_of_the_embedded_economies(name: str, economy: str) -> None:
    with (embedded_folder(economy) / "economy" / "need_shares.csv").open(encoding="utf-8") as file:
        assert [list(r.values()) for r in rows(f"{name}_needs.csv")] == list(csv.reader(file))[1:]
    assert tuple(need_names()) == load_economy(economy).codes("need")


def test_a_sector_of_several_divisions_weighs_them_by_what_households_spend() -> None:
    found = classify(["C10T12"])
    assert found is not None
    weights = {r["division"]: float(r["weight"]) for r in rows("isic4_divisions.csv")}
    parts = {d: need_shares(classify([d]), d) for d in ("C10", "C11", "C12")}  # type: ignore[arg-type]
    total = sum(weights[d] for d in parts)
    mix = sum(weights[d] / total * np.asarray(v) for d, v in parts.items())
    assert need_shares(found, "C10T12") == pytest.approx(mix)


def test_names_of_exiobase_are_those_of_its_own_list() -> None:
    pymrio = pytest.importorskip("pymrio")
    for name, model, size in (("exiobase3_ixi", "exio3_ixi", 163), ("exiobase3_pxp", "exio3_pxp", 200)):
        ours = [r["code"] for r in rows("lists.csv") if r["list"] == name]
        assert len(ours) == size
        assert ours == [str(s).strip() for s in pymrio.get_classification(model).sectors.ExioName]


def test_codes_of_no_list_are_not_forced_into_one() -> None:
    assert classify(["steel", "bread", "transport services"]) is None
    assert classify([]) is None
    assert need_shares(classify(["A01"]), "A02") is None  # type: ignore[arg-type]


def test_weights_are_those_of_british_households(test_data: Path) -> None:
    """The weights are rounded household spending of 2019 by division, ONS supply and use tables (Blue Book 2024)."""
    from pyarrow.parquet import read_table

    spent: dict[str, float] = {}
    for r in read_table(test_data / "uk_ons_sut_1997_2022" / "hhfce_by_coicop.parquet").to_pylist():
        if r["year"] == 2019 and r["coicop"] == "TOT_DOM":
            divisions = isic4_divisions(r["product"])
            if len(divisions) == 1 and not divisions[0].startswith("G"):
                spent[divisions[0]] = spent.get(divisions[0], 0.0) + r["value"] / 1000
    weights = {r["division"]: float(r["weight"]) for r in rows("isic4_divisions.csv")}
    for division, value in spent.items():
        if value > 3 and division not in ("C11", "C27", "C28"):
            assert weights[division] == pytest.approx(value, rel=0.25), division
