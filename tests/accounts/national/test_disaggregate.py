"""Splitting sectors: identities hold, and aggregating the parts again gives the old accounts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accounts.test_aggregate import random_economy

from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.aggregate import Concordance, aggregate_economy
from lustrum.accounts.national.disaggregate import OWN, Part, Parts, disaggregate, read_weights
from lustrum.errors import TableError


def together_again(economy: Economy, split: Economy, parts: Parts) -> Economy:
    back = {p.code: old for old, found in parts.items() for p in found}
    out = {}
    for dim in ("product", "activity"):
        old = economy.codes(dim)
        names = dict(zip(old, economy.sets[dim].names, strict=True))
        out[dim] = Concordance({c: ((back.get(c, c), 1.0),) for c in split.codes(dim)}, names)
    if economy.codes("product") == economy.codes("activity"):
        return aggregate_economy(split, products=out["product"], activities=out["product"])
    return aggregate_economy(split, products=out["product"], activities=out["activity"])


def equal(a: Economy, b: Economy) -> None:
    assert set(a.data) == set(b.data)
    for name in a.data:
        left, right = a.data[name].values, b.data[name].values
        size = np.abs(left.astype(float)).max()
        np.testing.assert_allclose(right.astype(float), left.astype(float), rtol=1e-9, atol=1e-12 * size, err_msg=name)


def some_parts(codes: tuple[str, ...], seed: int, own: bool = False) -> Parts:
    rng = np.random.default_rng(seed)
    out: dict[str, list[Part]] = {}
    for code in rng.choice(codes, size=2, replace=False).tolist():
        count = int(rng.integers(2, 4))
        weights = rng.uniform(0.5, 1, count)
        shares = {what: rng.uniform(0.7, 1, count) for what in OWN} if own else {}
        out[code] = [
            Part(
                f"{code}.{k}",
                "",
                float(weights[k] / weights.sum()),
                {w: float(s[k] / s.sum()) for w, s in shares.items()},
            )
            for k in range(count)
        ]
    return out


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.booleans())
def test_parts_close_and_add_up_to_the_whole(seed: int, own: bool) -> None:
    economy = load_economy("us-2019-16")
    parts = some_parts(economy.codes("product"), seed, own)
    try:
        split = disaggregate(economy, parts)
    except TableError as e:  # a part whose own shares of final use exceed what it makes
        assert own and "less than nothing" in e.what
        return
    report = check_economy(split)
    assert report.ok and report.residuals["rows"] < 1e-9
    assert split.size("product") == 14 + sum(map(len, parts.values()))
    equal(economy, together_again(economy, split, parts))


@settings(max_examples=4)
@given(st.integers(0, 10_000))
def test_rectangular_accounts_with_years_and_techniques(seed: int) -> None:
    """Products and activities under different codes, every field there is."""
    economy = random_economy(seed)
    for dim in ("product", "activity"):
        parts = some_parts(economy.codes(dim), seed)
        split = disaggregate(economy, parts)
        back = together_again(economy, split, parts)
        for name in ("output", "imports", "use", "supply", "capital_stock", "committed_demand", "labour_coefficient"):
            np.testing.assert_allclose(back.data[name].values, economy.data[name].values, rtol=1e-9, atol=1e-12)


def test_own_shares_are_kept_and_producers_buy_the_rest() -> None:
    economy = load_economy("us-2019-16")
    own = ({"exports": 0.9, "imports": 0.5}, {"exports": 0.1, "imports": 0.5})
    split = disaggregate(economy, {"21": [Part("oil", "Oil", 0.6, own[0]), Part("ore", "Ore", 0.4, own[1])]})
    i = [split.codes("product").index(c) for c in ("oil", "ore")]
    exports = split.values("exports")[i, 0]
    np.testing.assert_allclose(exports / exports.sum(), [0.9, 0.1])
    assert check_economy(split).residuals["rows"] < 1e-9
    sold = (split.values("use")[i] * split.values("output")).sum(axis=1)
    assert sold[0] / sold.sum() < 0.6  # what goes abroad is not there for producers
    assert split.name_of("product", "ore") == "Ore"


def write(folder: Path, text: str) -> Path:
    path = folder / "parts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_weights_may_be_any_figures_in_proportion(tmp_path: Path) -> None:
    found = read_weights(write(tmp_path, "new,old,weight,name\nx,a,30,Ex\ny,a,10,\n"), ["a", "b"])
    assert [(p.code, p.weight, p.name) for p in found["a"]] == [("x", 0.75, "Ex"), ("y", 0.25, "")]


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("new,old,weight\n", "no sector is split", "parts.csv"),
        ("new,old\nx,a\n", "columns", "parts.csv:1"),
        ("new,old,weight\nx,c,1\n", "unknown sector", "parts.csv:2:old"),
        ("new,old,weight\nx,a,1\nx,a,1\n", "cannot be used", "parts.csv:3:new"),
        ("new,old,weight\nb,a,1\n", "cannot be used", "parts.csv:2:new"),
        ("new,old,weight\nx,a,-1\n", "below zero", "parts.csv:2:weight"),
        ("new,old,weight\nx,a,0\ny,a,0\n", "no weight", "parts.csv: a"),
        ("new,old,weight\nx,a,half\n", "not a number", "parts.csv:2:weight"),
        ("new,old,weight,exports\nx,a,1,\n", "not a number", "parts.csv:2:exports"),
    ],
)
def test_wrong_weight_files(tmp_path: Path, text: str, words: str, where: str) -> None:
    with pytest.raises(TableError) as caught:
        read_weights(write(tmp_path, text), ["a", "b"])
    assert words in caught.value.what and caught.value.where == where


def test_a_part_cannot_sell_less_than_nothing() -> None:
    economy = load_economy("us-2019-16")
    parts = {"42": [Part("p", "", 0.01, {"exports": 1.0}), Part("q", "", 0.99, {"exports": 0.0})]}
    with pytest.raises(TableError, match="less than nothing"):
        disaggregate(economy, parts)
    with pytest.raises(TableError, match="unknown sector"):
        disaggregate(economy, {"nothing": [Part("p", "", 1.0)]})
