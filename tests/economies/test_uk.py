"""The shipped UK economy: the base year replicates, totals are those of the ONS."""

from __future__ import annotations

import numpy as np
import pytest

import lustrum as lu
from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME

#: Blue Book 2024 supply and use tables, 2019, million pounds: output at basic prices.
OUTPUT_2019 = 3_828_364


@pytest.fixture(scope="module")
def economy() -> Economy:
    return lu.load_economy("uk-2019")


def test_the_base_year_replicates(economy: Economy) -> None:
    report = check_economy(economy)
    assert report.ok
    assert report.residuals["rows"] < 1e-9
    gap = economy.values("imports").sum() - economy.values("exports").sum() - economy.values("transfers").sum()
    assert abs(gap) < 1e-3


def test_it_is_rectangular_with_secondary_output(economy: Economy) -> None:
    supply = economy.values("supply")
    assert supply.shape == (104, 104)
    assert np.count_nonzero(supply) > 10 * 104
    assert supply.sum(axis=0) == pytest.approx(np.ones(104))


def test_totals_are_those_of_the_office(economy: Economy) -> None:
    x = economy.values("output")
    assert x.sum() == pytest.approx(OUTPUT_2019, abs=10)  # 2,305 cells, each rounded to 0.1
    assert economy.codes("partner") == ("EU", "RoW", "services")
    assert economy.values("imports").sum(axis=0) == pytest.approx([270_928, 243_622, 223_322], abs=1)
    assert economy.size("need") == 12
    assert np.abs(economy.values("investment").sum(axis=1) @ np.ones(4) - 379_730.5) < 1


def test_signs_are_those_of_the_field_table(economy: Economy) -> None:
    for name in economy.data:
        values, sign = np.asarray(economy.data[name].values), BY_NAME[name].sign
        if sign == ">=0":
            assert values.min() >= 0, name
        elif sign == "0..1":
            assert 0 <= values.min() <= values.max() <= 1, name


def test_every_step_is_in_the_provenance(economy: Economy) -> None:
    steps = {c.step for c in economy.provenance}
    assert {"valuation", "supply matrix", "committed demand", "needs", "capital", "employment", "rounding"} <= steps
    assert "Open Government Licence" in economy.source.licence


def test_owner_occupiers_hold_dwellings_and_nothing_else(economy: Economy) -> None:
    held = economy.values("capital_stock")[:, economy.codes("activity").index("L68A")]
    assert held[economy.codes("asset").index("structures")] > 0
    assert held.sum() == held[economy.codes("asset").index("structures")]


def test_industries_open_with_what_growth_at_the_pace_asks(economy: Economy) -> None:
    """Capacity of 2020 is 1.5 % above the output of 2019, with 0.3 % of room: no leap in the first year."""
    need, stock = economy.values("capital_coefficient") * economy.values("output"), economy.values("capital_stock")
    held = (stock > 1) & (need > 0)  # figures below a million are rounded too coarsely
    ratio = stock[held] / need[held]
    assert np.quantile(ratio, [0.1, 0.9]) == pytest.approx([1.018, 1.018], abs=0.002)
