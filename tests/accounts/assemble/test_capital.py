"""Capital from what a table has: totals kept, stocks and rates by the rule that is named in the provenance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.accounts.assemble.made import CODES, table

from lustrum.accounts.assemble.capital import opening_stock, perpetual_inventory
from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.assemble.interpretation import DEPRECIATION, Options
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable, ProductTable, Satellite
from lustrum.errors import TableError

N = len(CODES)


def says(e: Economy, *words: str) -> bool:
    return any(all(w in f"{c.step} {c.where} {c.what} {c.why}" for w in words) for c in e.provenance)


def investment_by_product(e: Economy) -> np.ndarray:
    return np.asarray(e.values("asset_composition") @ e.values("investment").sum(axis=1))


def test_investment_adds_up_to_the_table_by_product() -> None:
    e = to_economy(table())
    assert investment_by_product(e) == pytest.approx(table().final_of("investment"))
    assert e.codes("asset") == ("structures", "equipment", "other")
    held = dict(zip(e.codes("asset"), e.values("asset_composition").T, strict=True))
    assert set(np.array(CODES)[held["structures"] > 0]) == {"F", "L68"}
    assert set(np.array(CODES)[held["equipment"] > 0]) == {"C10", "C28", "G47"}


def test_without_stocks_they_are_those_of_steady_growth() -> None:
    e = to_economy(table(), Options(growth=0.03, depreciation={"structures": 0.04}))
    rate = np.array([0.04, DEPRECIATION["equipment"], DEPRECIATION["other"]])
    assert e.values("capital_stock") == pytest.approx(1.03 * e.values("investment") / (0.03 + rate)[:, None])
    # after a year of growth at g the same rule holds: K (1 + g) = (1 - δ) K + (1 + g) n
    after = (1 - rate)[:, None] * e.values("capital_stock") + 1.03 * e.values("investment")
    assert after == pytest.approx(1.03 * e.values("capital_stock"))
    used = e.values("capital_coefficient") * e.values("output")
    assert used == pytest.approx(0.97 * e.values("capital_stock"))
    assert says(e, "steady") or says(e, "K = (1 + g) I / (g + δ)")


def test_investment_follows_operating_surplus_and_real_estate_holds_buildings_only() -> None:
    e = to_economy(table())
    structures, equipment = e.values("investment")[0], e.values("investment")[1]
    surplus = table().value_added[1]
    assert structures / structures.sum() == pytest.approx(surplus / surplus.sum())
    assert equipment[CODES.index("L68")] == 0
    assert says(e, "proportion to operating surplus")


def test_one_asset_when_asked_or_when_no_list_knows_the_codes() -> None:
    assert to_economy(table(), Options(assets="one")).codes("asset") == ("fixed_capital",)
    e = to_economy(table(tuple("uvwxyz")))
    assert e.codes("asset") == ("fixed_capital",)
    assert says(e, "no shipped list knows the codes")
    assert e.codes("need") == ("consumption",)


def with_satellite(kind: str, figures: np.ndarray, codes: tuple[str, ...] = ("K",)) -> FlowTable:
    return table(satellites={"sat": Satellite(Labels(codes), figures, kind)})  # type: ignore[arg-type]


def test_published_stocks_are_kept_and_give_the_rates() -> None:
    stock = 10.0 + np.arange(N)
    e = to_economy(with_satellite("capital", stock[None, :]), Options(growth=0.02))
    assert e.values("capital_stock").sum(axis=0) == pytest.approx(stock)
    assert investment_by_product(e) == pytest.approx(table().final_of("investment"))
    held, n = e.values("capital_stock").sum(axis=1), e.values("investment").sum(axis=1)
    rate = 1.02 * n / held - 0.02
    for a in range(len(held)):
        mine = e.values("depreciation")[a][e.values("capital_stock")[a] > 0]
        assert mine == pytest.approx(rate[a] if 0.005 <= rate[a] <= 0.6 else DEPRECIATION[e.codes("asset")[a]])
    assert says(e, "as published")


def test_published_depreciation_scales_the_rates_by_activity() -> None:
    stock, worn = 10.0 + np.arange(N), 0.5 + 0.1 * np.arange(N)
    beside = {
        "K": Satellite(Labels(("K",)), stock[None, :], "capital"),
        "CFC": Satellite(Labels(("CFC",)), worn[None, :], "depreciation"),
    }
    e = to_economy(table(satellites=beside))
    assert (e.values("depreciation") * e.values("capital_stock")).sum(axis=0) == pytest.approx(worn)
    assert says(to_economy(table(satellites={"CFC": beside["CFC"]})), "left aside")


def test_published_investment_by_activity_is_met_with_the_totals_by_asset() -> None:
    totals = np.array([1.0, 2, 3, 1, 2, 2, 1])
    e = to_economy(with_satellite("investment", totals[None, :], ("GFCF",)))
    wanted = totals * table().final_of("investment").sum() / totals.sum()
    assert e.values("investment").sum(axis=0) == pytest.approx(wanted, rel=1e-6)
    assert investment_by_product(e) == pytest.approx(table().final_of("investment"))
    assert says(e, "RAS")


def test_totals_that_no_table_meets_give_way_and_say_so() -> None:
    """Real estate holds buildings alone: it cannot invest more than all buildings cost."""
    totals = np.array([1.0, 1, 1, 1, 1, 40, 1])
    e = to_economy(with_satellite("investment", totals[None, :], ("GFCF",)))
    assert investment_by_product(e) == pytest.approx(table().final_of("investment"))  # totals by asset are met
    found, wanted = e.values("investment").sum(axis=0), totals * e.values("investment").sum() / totals.sum()
    letting = CODES.index("L68")
    assert found[letting] < wanted[letting] and np.abs(found - wanted).argmax() == letting
    assert (found[np.arange(N) != letting] > wanted[np.arange(N) != letting]).all()
    assert e.values("investment")[1, letting] == 0
    assert says(e, "gave way", "most L68", f"published {wanted[letting]:,.6g}")


def test_an_activity_without_capital_income_begins_from_the_mix_of_assets() -> None:
    given_table = table()
    va = given_table.value_added.copy()
    va[0, 0] += va[1, 0]
    va[1, 0] = 0.0
    e = to_economy(
        given_table.changed(
            value_added=va,
            satellites={"sat": Satellite(Labels(("GFCF",)), np.array([[2.0, 2, 3, 1, 2, 2, 1]]), "investment")},
        )
    )
    by_asset = e.values("investment")
    assert by_asset[:, 0].sum() == pytest.approx(2 / 13 * by_asset.sum(), rel=1e-6)
    assert (by_asset[:2, 0] > 0).all()
    assert says(e, "mix of assets", "A01", "no capital income")


def test_a_table_of_investment_by_industry_is_scaled_to_the_table() -> None:
    figures = np.zeros((N, 3))
    figures[CODES.index("C28")] = [4.0, 1.0, 0.0]
    figures[CODES.index("F")] = [1.0, 1.0, 6.0]
    columns = Labels(("A01", "C", "Dwellings"))
    e = to_economy(table(tables={"investment_by_industry": ProductTable(columns, figures)}))
    assert investment_by_product(e) == pytest.approx(table().final_of("investment"))
    equipment, structures = e.values("investment")[1], e.values("investment")[0]
    assert equipment[0] / equipment.sum() == pytest.approx(0.8)
    assert equipment[1:3].sum() / equipment.sum() == pytest.approx(0.2)  # C: C10 and C28 by capital income
    assert structures[CODES.index("L68")] / structures.sum() == pytest.approx(6 / 8)
    assert says(e, "by product and industry")


def test_a_column_of_the_state_goes_to_the_state() -> None:
    given_table = table(("A01", "C28", "F", "O84"))
    uses = [*given_table.final_uses, FinalUse("GFCF_government", "Government investment", "investment")]
    final = np.hstack([given_table.final, np.array([[0.0], [0.0], [2.0], [0.0]])])
    supply = given_table.supply + np.diag([0.0, 0.0, 2.0, 0.0])
    e = to_economy(given_table.changed(final_uses=tuple(uses), final=final, supply=supply))
    structures = e.values("investment")[0]
    assert structures[3] >= 2.0
    assert structures.sum() == pytest.approx(2.0 + given_table.final_of("investment")[2:].sum())


def test_stocks_by_perpetual_inventory_over_earlier_tables() -> None:
    def of(year: int, factor: float) -> FlowTable:
        made = table()
        final = made.final.copy()
        final[:, 2] *= factor
        final[:, 3] += made.final[:, 2] - final[:, 2]
        return made.changed(final=final, source=Source("made", "", year, "million"))

    past = (of(2018, 0.5), of(2019, 0.8))
    e = to_economy(table(), Options(history=past, assets="one", growth=0.01))
    n = table().final_of("investment").sum() * np.array([0.5, 0.8, 1.0])
    rate = DEPRECIATION["fixed_capital"]
    expected = perpetual_inventory(opening_stock(n.mean(), rate, 0.01), n, rate)[-1]
    assert e.values("capital_stock").sum() == pytest.approx(float(expected))
    prices = {2018: 0.5, 2019: 1.0, 2020: 1.0}
    dearer = to_economy(table(), Options(history=past, prices=prices, assets="one", growth=0.01))
    assert dearer.values("capital_stock").sum() > e.values("capital_stock").sum()
    with pytest.raises(TableError, match="gaps"):
        to_economy(table(), Options(history=(of(2017, 1.0),)))
    with pytest.raises(TableError, match="price"):
        to_economy(table(), Options(history=past, prices={2018: 1.0}))


def test_a_table_without_investment_has_no_assets() -> None:
    given_table = table()
    uses = tuple(replace(u, kind="inventories") if u.kind == "investment" else u for u in given_table.final_uses)
    e = to_economy(given_table.changed(final_uses=uses))
    assert e.size("asset") == 0
    assert says(e, "no assets")
