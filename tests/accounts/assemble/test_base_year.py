"""What `to_economy` keeps of a table: every row's balance, every figure's sign, every amount that was moved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from tests.accounts.assemble.made import CODES, table, tables

from lustrum.accounts.assemble.economy import assemble, to_economy
from lustrum.accounts.assemble.interpretation import Options
from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.errors import TableError


def balance(e: Economy) -> np.ndarray:
    """Supply less use by product in the base year: (1) of docs/model.md."""
    supply = e.values("supply") @ e.values("output")
    use = e.values("use") @ e.values("output") + e.values("committed_demand")
    if e.has("consumption"):
        use = use + e.values("need_composition") @ e.values("consumption").sum(axis=0)
    if e.has("investment"):
        use = use + e.values("asset_composition") @ e.values("investment").sum(axis=1)
    if e.has("imports"):
        supply, use = supply + e.values("imports").sum(axis=1), use + e.values("exports").sum(axis=1)
    return np.asarray(supply - use)


@given(tables())
@settings(max_examples=40)
def test_the_base_year_replicates_whatever_the_table_holds(drawn: FlowTable) -> None:
    economy = to_economy(drawn)
    assert np.abs(balance(economy)).max() < 1e-9 * drawn.supply.sum()
    assert check_economy(economy).residuals["rows"] < 1e-9
    for name in (
        "supply",
        "use",
        "output",
        "consumption",
        "need_composition",
        "asset_composition",
        "investment",
        "capital_stock",
        "capital_coefficient",
        "imports",
        "exports",
    ):
        if economy.has(name):
            assert economy.values(name).min() >= 0, name


@given(tables())
@settings(max_examples=20)
def test_every_figure_below_zero_is_in_the_provenance(drawn: FlowTable) -> None:
    stated = {c.step: c.amount for c in to_economy(drawn).provenance}
    kept = np.flatnonzero((drawn.supply > 0).any(axis=1) | (drawn.imports > 0).any(axis=1))  # type: ignore[operator]
    columns = np.flatnonzero((drawn.supply > 0).any(axis=0))
    for step, figures in (
        ("negative inputs", (drawn.use - drawn.supply.clip(max=0))[np.ix_(kept, columns)]),
        ("negative consumption", drawn.final[np.ix_(kept, drawn.columns("household"))]),
        ("negative exports", drawn.final[np.ix_(kept, drawn.columns("exports"))]),
    ):
        assert stated.get(step, 0.0) == pytest.approx(-figures.clip(max=0).sum(), abs=1e-9)


def test_a_hand_made_table_keeps_its_totals() -> None:
    given_table = table()
    built = assemble(given_table)
    e = built.economy
    assert np.array_equal(e.values("supply"), np.eye(len(CODES)))
    assert e.values("output") == pytest.approx(given_table.output)
    assert e.values("use") * e.values("output") == pytest.approx(given_table.use)
    assert e.values("consumption").sum() == pytest.approx(given_table.final_of("household").sum())
    assert e.values("committed_demand") == pytest.approx(given_table.final_of("government", "inventories"))
    assert e.values("imports")[:, 0] == pytest.approx(given_table.total_imports)
    assert e.values("transfers")[0] == pytest.approx(given_table.total_imports.sum() - 4.0 * len(CODES))
    assert check_economy(e).ok
    assert set(built.flows) == {"use_flows", "consumption_flows", "need_shares", "asset_flows", "labour_flows"}


def test_non_profits_go_with_the_households_when_asked() -> None:
    uses = list(table().final_uses)
    uses[1] = FinalUse("NP", "Non-profits", "nonprofit")
    given_table = table(final_uses=tuple(uses))
    for choice, amount in (("committed", 0.0), ("households", 3.0 * len(CODES))):
        e = to_economy(given_table, Options(nonprofit=choice))  # type: ignore[arg-type]
        assert e.values("consumption").sum() == pytest.approx(given_table.final_of("household").sum() + amount)
        assert np.abs(balance(e)).max() < 1e-12 * given_table.output.sum()


def test_a_table_at_purchasers_prices_is_refused_with_the_mend() -> None:
    with pytest.raises(TableError, match=r"national\.transform\.to_basic"):
        to_economy(table(valuation="purchaser"))
    with pytest.raises(TableError, match="purchasers' prices"):
        to_economy(table(supply_columns={"taxes": np.ones(len(CODES))}))


def test_rows_that_miss_their_balance_are_stated_or_refused() -> None:
    final = table().final.copy()
    final[2, 0] += 1.0
    e = to_economy(table(final=final))
    change = next(c for c in e.provenance if c.step == "rows that do not close")
    assert change.amount == pytest.approx(1.0)
    assert "C28" in change.where
    assert e.values("committed_demand")[2] == pytest.approx(3.5 - 1.0)
    final = final.copy()
    final[2, 0] += 100.0
    with pytest.raises(TableError, match="lustrum economy balance"):
        to_economy(table(final=final))


def test_sectors_of_nothing_are_left_out_by_name() -> None:
    given_table = table()
    supply, use, final = given_table.supply.copy(), given_table.use.copy(), given_table.final.copy()
    imports = given_table.imports.copy()  # type: ignore[union-attr]
    supply[3, 3] = 0.0
    use[3], use[:, 3], final[3], imports[3] = 0.0, 0.0, 0.0, 0.0
    final[:, 4] += given_table.use[:, 3] - use[:, 3]
    final[3] = 0.0
    left = (supply.sum(axis=0) - use.sum(axis=0))[None, :]
    changes = {
        "supply": supply,
        "use": use,
        "final": final,
        "imports": imports,
        "value_added": left / 3 * np.ones((3, 1)),
    }
    e = to_economy(given_table.changed(**changes))
    assert "F" not in e.codes("product")
    assert "F" not in e.codes("activity")
    assert any(c.step == "sectors of nothing" and "F" in c.where for c in e.provenance)


def test_a_product_that_is_imported_only_stays() -> None:
    given_table = table()
    supply, imports = given_table.supply.copy(), given_table.imports.copy()  # type: ignore[union-attr]
    imports[3] += supply[3, 3]
    supply[3, 3] = 0.0
    left = (supply.sum(axis=0) - given_table.use.sum(axis=0))[None, :]
    e = to_economy(given_table.changed(supply=supply, imports=imports, value_added=left / 3 * np.ones((3, 1))))
    assert "F" in e.codes("product")
    assert "F" not in e.codes("activity")
    idle = given_table.use[:, 3].sum()
    assert e.values("committed_demand").sum() == pytest.approx(3.5 * len(CODES) + idle)
    assert np.abs(balance(e)).max() < 1e-12 * given_table.output.sum()


def test_imports_that_are_a_row_of_value_added_become_a_product_or_stay_aside() -> None:
    given_table = table()
    added = np.vstack([given_table.value_added, 0.5 * np.ones(len(CODES))])
    rows = Labels((*given_table.value_added_rows.codes, "IMP_other"))
    with_row = given_table.changed(value_added=added, value_added_rows=rows)
    e = to_economy(with_row)
    k = e.codes("product").index("IMP_other")
    assert e.values("imports")[k].sum() == pytest.approx(0.5 * len(CODES))
    assert e.values("use")[k] * e.values("output") == pytest.approx(0.5 * np.ones(len(CODES)))
    aside = to_economy(with_row, Options(outside_imports="aside"))
    assert "IMP_other" not in aside.codes("product")
    assert any("left aside" in c.what for c in aside.provenance)
