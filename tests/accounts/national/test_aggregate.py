"""Concordance files, and merging tables of flows and economies by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.accounts.national.us71 import us71

from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.aggregate import (
    Concordance,
    aggregate_economy,
    aggregate_table,
    concordances,
    read_concordance,
)
from lustrum.accounts.national.table import FinalUse, flows_of
from lustrum.errors import TableError


def halves(codes: tuple[str, ...], where: str = "halves") -> Concordance:
    half = len(codes) // 2
    return Concordance(
        {c: (("first" if k < half else "second", 1.0),) for k, c in enumerate(codes)},
        {"first": "First half", "second": "Second half"},
        where,
    )


def test_table_and_economy_merge_to_the_same_flows() -> None:
    economy = load_economy("us-2019-16")
    found = halves(economy.codes("product"))
    merged = flows_of(aggregate_economy(economy, products=found, activities=found))
    table = aggregate_table(flows_of(economy), products=found, activities=found)
    for name in ("supply", "use", "final", "imports", "value_added"):
        np.testing.assert_allclose(getattr(merged, name), getattr(table, name), rtol=1e-9, atol=1e-3, err_msg=name)
    assert table.products.names == ("First half", "Second half")
    np.testing.assert_allclose(table.row_residuals(), 0, atol=1e-6)


def test_every_sum_of_a_real_table_stays(test_data: Path) -> None:
    table = us71(test_data, 2019)
    products, activities = halves(table.products.codes), halves(table.activities.codes)
    into = FinalUse("I", "Investment", "investment")
    final = {f.code: into for f in table.final_uses if f.kind == "investment"}
    merged = aggregate_table(table, products=products, activities=activities, final=final)
    assert merged.use.shape == (2, 2) and merged.final.shape[1] == table.final.shape[1] - len(final) + 1
    for name in ("supply", "use", "final", "imports", "use_imported", "final_imported", "value_added"):
        assert getattr(merged, name).sum() == pytest.approx(getattr(table, name).sum()), name
    np.testing.assert_allclose(merged.column_residuals().sum(), table.column_residuals().sum(), atol=1e-3)
    assert merged.provenance[-1].step == "aggregation"


def test_a_sector_shared_between_two_by_weights() -> None:
    economy = load_economy("us-2019-16")
    codes = economy.codes("product")
    shares = dict(halves(codes).shares) | {"42": (("first", 0.3), ("second", 0.7))}
    found = Concordance(shares, {"first": "", "second": ""})
    made = aggregate_economy(economy, products=found, activities=found)
    report = check_economy(made)
    assert report.ok and report.residuals["rows"] < 1e-9
    whole = dict(zip(codes, economy.values("output"), strict=True))
    first = sum(v * dict(shares[c]).get("first", 0.0) for c, v in whole.items())
    assert made.values("output")[0] == pytest.approx(first)


def test_products_and_activities_by_files_of_their_own(tmp_path: Path) -> None:
    island = load_economy("island")
    (tmp_path / "a.csv").write_text(
        "old,new\nfarms,land\nforestry,land\nsteam,power\nwind,power\nworkshops,workshops\nhomes,homes\n",
        encoding="utf-8",
    )
    codes = set(island.codes("activity"))
    found = concordances(island, activities=tmp_path / "a.csv")
    assert found["products"] is None and codes == set(found["activities"].shares)  # type: ignore[union-attr]


def write(folder: Path, text: str) -> Path:
    path = folder / "by.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_names_order_and_weights(tmp_path: Path) -> None:
    text = "old,new,weight,name\nb,y,,Late\na,x,0.25,Early\na,y,0.75,\n"
    found = read_concordance(write(tmp_path, text), ["a", "b"])
    assert list(found.names.items()) == [("y", "Late"), ("x", "Early")]
    np.testing.assert_allclose(found.matrix(["a", "b"]), [[0.75, 1], [0.25, 0]])


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("from,to\na,x\n", "columns", "by.csv:1"),
        ("old,new\na,x\nc,x\n", "unknown sector", "by.csv:3:old"),
        ("old,new\na,\n", "empty", "by.csv:2:new"),
        ("old,new\na,x\na,y\n", "weight is missing", "by.csv:2:weight"),
        ("old,new,weight\na,x,0.5\na,y,0.6\n", "do not add up", "by.csv:2:weight"),
        ("old,new,weight\na,x,0.5\na,x,0.5\n", "twice", "by.csv:3"),
        ("old,new,weight\na,x,-1\n", "below zero", "by.csv:2:weight"),
        ('old,new,weight\na,x,"0,5"\n', "not a number", "by.csv:2:weight"),
        ("old,new,name\na,x,One\nb,x,Two\n", "two names", "by.csv:3:name"),
        ("old,new\n", "no sector is mapped", "by.csv"),
        ("old;new\na;x\n", "semicolons", "by.csv:1"),
    ],
)
def test_wrong_concordances(tmp_path: Path, text: str, words: str, where: str) -> None:
    with pytest.raises(TableError) as caught:
        read_concordance(write(tmp_path, text), ["a", "b"])
    assert words in caught.value.what and caught.value.where == where and caught.value.mend


def test_a_concordance_must_be_whole(tmp_path: Path) -> None:
    economy = load_economy("us-2019-16")
    with pytest.raises(TableError, match="leaves out 15 of the product codes"):
        concordances(economy, write(tmp_path, "old,new\n11,x\n"))
