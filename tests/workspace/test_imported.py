"""The plan file that imported accounts get: it says its choices, fits the accounts, and sets one pace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lustrum as lu
from lustrum.accounts.economy import Economy
from lustrum.accounts.provenance import Change
from lustrum.workspace.template import FASTEST, USUAL, plan_template, trend


@pytest.fixture
def economy() -> Economy:
    """An embedded economy that says it was imported."""
    return replace(lu.load_economy("us-2019-16"), provenance=(Change("test", "here", "nothing moved"),))


def test_it_is_a_plan_file_for_these_accounts(economy: Economy) -> None:
    text = plan_template(economy)
    spec = lu.PlanSpec.from_text(text)
    pace = spec.terminal.growth
    assert spec.trade.export_growth == spec.committed_demand.growth == pace
    assert spec.technology.labour_productivity_growth + spec.labour.supply_growth == pytest.approx(pace)
    assert {t.name for t in spec.tasks} == {"no foreign savings"} | {
        f"investment in {a}" for a in economy.codes("asset")
    }
    assert f"{economy.base_year + 1}-{economy.base_year + 5}" in text


def test_a_country_s_own_accounts_get_it_too(economy: Economy) -> None:
    """Money accounts that know their base year, wherever they come from; physical ones are somebody's own problem."""
    own = replace(economy, provenance=())
    assert plan_template(own) == plan_template(economy)
    assert "neutral" not in plan_template(lu.load_economy("island"))
    assert "neutral" not in plan_template(own.with_data(investment=None, capital_stock=None))


def test_the_pace_is_what_base_investment_keeps_up(economy: Economy) -> None:
    stock, rate = economy.values("capital_stock"), economy.values("depreciation")
    for pace in (0.01, 0.02):
        steady = economy.with_data(investment=(rate + pace) * stock / (1 + pace))
        assert trend(steady)[0] == pytest.approx(pace, abs=5e-4)
    assert trend(economy.with_data(investment=0.5 * stock))[0] == FASTEST
    assert trend(economy.with_data(investment=0.0 * stock))[0] == 0.0
    assert trend(economy.with_data(capital_stock=None))[0] == USUAL


def test_sections_that_the_accounts_cannot_serve_are_left_out(economy: Economy) -> None:
    bare = Economy.build(
        lu.load_economy("us-2019-16").source,
        {d: economy.sets[d] for d in ("product", "activity")},
        {n: np.asarray(economy.values(n)) for n in ("supply", "use", "output")},
    )
    text = plan_template(replace(bare, provenance=economy.provenance))
    spec = lu.PlanSpec.from_text(text)
    assert "trade:" not in text
    assert "tasks:" not in text
    assert spec.adjustment.output.down == 0.04
