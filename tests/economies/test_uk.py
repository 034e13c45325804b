"""The shipped UK economy: the base year replicates, totals are those of the ONS, its plan could be signed."""

from __future__ import annotations

import numpy as np
import pytest

import lustrum as lu
from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder
from lustrum.accounts.fields import BY_NAME
from lustrum.planning.summary.quantities import labour, variable

#: Blue Book 2024 supply and use tables, 2019, million pounds: output at basic prices.
OUTPUT_2019 = 3_828_364


@pytest.fixture(scope="module")
def economy() -> Economy:
    return lu.load_economy("uk-2019")


@pytest.fixture(scope="module")
def plan(economy: Economy) -> lu.Plan:
    return lu.solve(economy, lu.PlanSpec.from_yaml(embedded_folder("uk-2019") / "lustrum.yaml"))


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


def test_the_plan_is_certified_and_smooth(plan: lu.Plan) -> None:
    assert plan.certificate.holds
    totals = {
        n: np.array([variable(plan, n, t).sum() for t in range(6)]) for n in ("output", "investment", "consumption")
    }
    for name, series in totals.items():
        growth = series[1:] / series[:-1] - 1
        assert growth.min() > 0, name
        assert growth.max() < 0.04, name
        assert np.abs(np.diff(growth)).max() < 0.015, name
    for t in range(1, 6):
        assert (labour(plan, t) / plan.data.labour_supply(t)).max() > 0.98


def test_few_activities_stand_on_their_band(plan: lu.Plan) -> None:
    output = np.array([variable(plan, "output", t) for t in range(6)])
    pace = output[1:] / output[:-1] - 1
    stuck = ((pace < -0.0399) | (pace > 0.0599)).sum(axis=0) >= 3
    assert stuck.sum() <= 3
    assert output[0][stuck].sum() < 0.01 * output[0].sum()


def test_labour_holds_the_plan_back_most(plan: lu.Plan) -> None:
    first = lu.strongest_limits(plan, count=1)[0]
    assert first.text.startswith("labour")
