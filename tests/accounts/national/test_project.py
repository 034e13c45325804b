"""Projection: totals are met, GDP agrees, and the real later year is nearer than with old coefficients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.accounts.national.us71 import totals_of, us71

from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.balance import Totals
from lustrum.accounts.national.project import project, project_economy
from lustrum.accounts.national.table import flows_of, put_back
from lustrum.errors import TableError


def test_the_united_states_2017_to_2019(test_data: Path) -> None:
    """Coefficients of 2019 from the table of 2017 and totals of 2019, against the table of 2019 itself."""
    old, real = us71(test_data, 2017), us71(test_data, 2019)
    found, _, scale = project(old, totals_of(real), 2019)
    assert scale == 1 and not any("keeps its share" in c.what for c in found.provenance)
    assert found.source.base_year == 2019
    # tables close as their own rounding allows (9 million dollars of 38 trillion)
    assert np.abs(found.row_residuals()).max() < 20 and np.abs(found.column_residuals()).max() < 1e-3
    np.testing.assert_allclose(found.output, real.output)
    np.testing.assert_allclose(found.value_added.sum(axis=0), real.value_added.sum(axis=0), rtol=1e-4, atol=1)

    coefficients = real.use / real.output
    projected = np.abs(found.use / found.output - coefficients).mean()
    naive = np.abs(old.use / old.output - coefficients).mean()
    assert projected < 0.85 * naive
    # by weight, cells of intermediate use: less is in the wrong place too
    weighted = np.abs(found.use - real.use).sum() / real.use.sum()
    assert weighted < 0.1 < np.abs(old.use / old.output * real.output - real.use).sum() / real.use.sum()


def test_outputs_alone_are_no_worse_than_old_coefficients(test_data: Path) -> None:
    old, real = us71(test_data, 2017), us71(test_data, 2019)
    found, _, scale = project(old, Totals(totals_of(real).output, {}, {}, {}, {}), 2019)
    assert any(c.where == "71 activities" and "keeps its share" in c.what for c in found.provenance)
    assert 1 < scale < 1.2
    coefficients = real.use / real.output
    assert np.abs(found.use / found.output - coefficients).mean() <= np.abs(old.use / old.output - coefficients).mean()


def test_imports_given_product_by_product_stand(test_data: Path) -> None:
    old, real = us71(test_data, 2017), us71(test_data, 2019)
    by_product = dict(zip(real.products.codes, real.total_imports.tolist(), strict=True))
    found, _, _ = project(old, replace(totals_of(real), groups={}, imports=by_product), 2019)
    np.testing.assert_allclose(found.total_imports, real.total_imports, rtol=1e-9)


def test_an_economy_keeps_its_identities_and_says_what_it_assumed() -> None:
    economy = load_economy("us-2019-16")
    outputs = dict(zip(economy.codes("activity"), (economy.values("output") * 1.1).tolist(), strict=True))
    labour = float((economy.values("labour_coefficient") @ economy.values("output")).sum())
    totals = Totals(outputs, {}, {}, {}, {"exports": 2.5e6, "labour": labour})
    made, _, _ = project_economy(economy, totals, 2021)
    report = check_economy(made)
    assert report.ok and report.residuals["rows"] < 1e-9
    assert made.base_year == 2021
    assert made.values("exports").sum() == pytest.approx(2.5e6)
    np.testing.assert_allclose(made.values("output"), 1.1 * economy.values("output"))
    np.testing.assert_allclose(made.values("capital_stock"), 1.1 * economy.values("capital_stock"))
    assert (made.values("labour_coefficient") @ made.values("output")).sum() == pytest.approx(labour)
    steps = {c.where for c in made.provenance}
    assert {"capital_stock", "labour_coefficient", "16 activities"} <= steps


def test_growth_of_everything_alike_keeps_all_coefficients() -> None:
    economy = load_economy("us-2019-16")
    outputs = dict(zip(economy.codes("activity"), (economy.values("output") * 1.2).tolist(), strict=True))
    made, _, scale = project_economy(economy, Totals(outputs, {}, {}, {}, {}), 2022)
    assert scale == pytest.approx(1.2)
    np.testing.assert_allclose(made.values("use"), economy.values("use"), rtol=1e-8)
    np.testing.assert_allclose(made.values("need_composition"), economy.values("need_composition"), rtol=1e-8)
    np.testing.assert_allclose(made.values("imports"), 1.2 * economy.values("imports"), rtol=1e-8)


def test_labour_that_nobody_gave_is_no_shortage() -> None:
    """Nominal outputs grow by a fifth: spending of labour does, so supply must keep its ratio to it."""
    economy = load_economy("us-2019-16")
    outputs = dict(zip(economy.codes("activity"), (economy.values("output") * 1.2).tolist(), strict=True))
    made, _, _ = project_economy(economy, Totals(outputs, {}, {}, {}, {}), 2022)
    spent = float((made.values("labour_coefficient") @ made.values("output")).sum())
    before = float((economy.values("labour_coefficient") @ economy.values("output")).sum())
    assert spent == pytest.approx(1.2 * before)
    ratio = float(economy.values("labour_supply", 2019).sum()) / before
    assert made.values("labour_supply", 2022).sum() == pytest.approx(ratio * spent)
    moved = next(c for c in made.provenance if c.where == "labour_supply")
    assert moved.amount == pytest.approx(abs(ratio * spent - economy.values("labour_supply", 2022).sum()))
    given, _, _ = project_economy(economy, Totals(outputs, {}, {}, {}, {"labour": 160_000}), 2022)
    np.testing.assert_array_equal(given.values("labour_supply", 2022), economy.values("labour_supply", 2022))


def test_flows_put_back_unchanged_are_the_same_economy_digit_for_digit() -> None:
    for name in ("us-2019-16", "us-2019"):
        economy = load_economy(name)
        assert put_back(economy, flows_of(economy)).digest == economy.digest


def test_physical_accounts_have_no_columns_to_add_up() -> None:
    with pytest.raises(TableError, match="not all counted in the accounts' money"):
        flows_of(load_economy("island"))


def test_totals_that_contradict_each_other_are_refused() -> None:
    economy = load_economy("us-2019-16")
    table = flows_of(economy)
    outputs = dict(zip(economy.codes("activity"), economy.values("output").tolist(), strict=True))
    with pytest.raises(TableError, match="outputs of 15 activities are missing"):
        project(table, Totals({"11": 1.0}, {}, {}, {}, {}), 2020)
    everything = {f.code: 1.2 * float(table.final[:, k].sum()) for k, f in enumerate(table.final_uses)}
    with pytest.raises(TableError, match="GDP from production is not GDP from expenditure"):
        project(table, Totals(outputs, {}, {}, everything, {"imports": float(table.total_imports.sum())}), 2020)
    with pytest.raises(TableError, match="leave no room"):
        project(table, Totals(outputs, {}, {}, {}, {"exports": 9e7}), 2020)
    with pytest.raises(TableError, match="larger than its output"):
        project(table, Totals(outputs, {"11": 1e9}, {}, {}, {}), 2020)
    with pytest.raises(TableError, match="no negative cells"):
        project(table, Totals({c: 1.1 * v for c, v in outputs.items()}, {}, {}, {}, {}), 2020, "ras")
