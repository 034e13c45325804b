"""Purchasers' to basic prices: an example by hand, what is preserved, and the UK's official layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tools.derived_tables.ons import read_ons
from tools.derived_tables.wide import read as read_wide

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.accounts.national.transform import to_basic
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError

USES = (FinalUse("C", "", "household"), FinalUse("X", "", "exports"))


def table(use: object, final: object, layers: dict[str, object], supply: object, **more: object) -> FlowTable:
    """Three products of three activities: two goods and trade."""
    u, y, s = (np.array(a, float) for a in (use, final, supply))
    inputs = np.diag(s) if s.ndim == 1 else s
    return FlowTable(
        Source("example"),
        Labels(("bread", "steel", "trade")),
        Labels(("bakers", "mills", "shops")),
        inputs,
        u,
        USES,
        y,
        Labels(("D1",)),
        (inputs.sum(axis=0) - u.sum(axis=0))[None, :],
        valuation="purchaser",
        supply_columns={k: np.array(v, float) for k, v in layers.items()},
        **more,  # type: ignore[arg-type]
    )


def by_hand() -> FlowTable:
    """Bread: 60 at basic prices + 30 margins + 10 tax = 100; steel: 80 + 20 + 0 = 100; trade: 50 - 50 + 0 = 0."""
    return table(
        use=[[0, 0, 0], [20, 40, 0], [0, 0, 0]],
        final=[[80, 20], [0, 40], [0, 0]],
        layers={"margins": [30, 20, -50], "taxes": [10, 0, 0]},
        supply=[60, 80, 50],
    )


def test_margins_are_bought_from_trade_and_taxes_paid_by_those_who_are_taxed() -> None:
    before = by_hand()
    assert not before.row_residuals().any()
    after = to_basic(before)
    # steel: a fifth of every use is margin; bread: 30 of 100, and all the tax on the 80 bought at home
    assert after.use.tolist() == [[0, 0, 0], [16, 32, 0], [4, 8, 0]]
    assert after.final.tolist() == [[80 - 24 - 10, 20 - 6], [0, 32], [24, 6 + 8]]
    assert after.valuation == "basic" and not after.supply_columns
    assert not after.row_residuals().any() and not after.column_residuals().any()
    amounts = {(c.step, c.where): c.amount for c in after.provenance}
    assert amounts[("valuation", "supply: margins")] == 50
    assert amounts[("left out", "taxes: C 10")] == 10


def test_taxes_on_inputs_become_a_row_of_value_added() -> None:
    before = table(
        use=[[0, 0, 0], [20, 40, 0], [0, 0, 0]],
        final=[[60, 0], [0, 40], [50, 0]],
        layers={"taxes": [0, 6, 0]},
        supply=[60, 94, 50],
    )
    after = to_basic(before)
    assert after.value_added_rows.codes == ("D1", "TLS_products")
    assert after.value_added[1].tolist() == [2, 4, 0]
    assert after.use[1].tolist() == [18, 36, 0]
    assert not after.column_residuals().any()


def test_a_product_whose_taxed_uses_are_too_small_is_taxed_in_all() -> None:
    before = table(
        use=np.zeros((3, 3)), final=[[4, 96], [0, 100], [50, 0]], layers={"taxes": [10, 0, 0]}, supply=[90, 100, 50]
    )
    after = to_basic(before)
    assert after.final[0].tolist() == [4 * 0.9, 96 * 0.9]
    assert any("bread" in c.where and "all uses" in c.what for c in after.provenance)


def test_what_cannot_be_brought_to_basic_prices_is_refused() -> None:
    with pytest.raises(LustrumError, match="at basic prices already"):
        to_basic(to_basic(by_hand()))
    unused = table(np.zeros((3, 3)), [[10, 0], [0, 0], [0, 0]], {"taxes": [1, 2, 0]}, [9, 0, 0])
    with pytest.raises(LustrumError, match=r"example: steel: a product has taxes but nobody uses it"):
        to_basic(unused)
    split = table(
        np.zeros((3, 3)),
        [[10, 0], [0, 0], [0, 0]],
        {"taxes": [1, 0, 0]},
        [9, 0, 0],
        use_imported=np.zeros((3, 3)),
        final_imported=np.zeros((3, 2)),
    )
    with pytest.raises(LustrumError, match="split imports after"):
        to_basic(split)


@st.composite
def layered(draw: st.DrawFn) -> FlowTable:
    """A balanced table at purchasers' prices."""
    cells = st.floats(1, 100)
    use, final = draw(hnp.arrays(float, (3, 3), elements=cells)), draw(hnp.arrays(float, (3, 2), elements=cells))
    total = use.sum(axis=1) + final.sum(axis=1)
    margins = total * draw(hnp.arrays(float, 3, elements=st.floats(0, 0.3)))
    margins[2] = -margins[:2].sum()
    taxes = total * draw(hnp.arrays(float, 3, elements=st.floats(-0.1, 0.2)))
    return table(use, final, {"margins": margins, "taxes": taxes}, total - margins - taxes)


@given(layered())
def test_rows_and_columns_close_before_and_after(before: FlowTable) -> None:
    after = to_basic(before)
    scale = before.use.sum() + before.final.sum()
    assert np.abs(before.row_residuals()).max() < 1e-12 * scale
    assert np.abs(after.row_residuals()).max() < 1e-12 * scale
    assert np.abs(after.column_residuals()).max() < 1e-12 * scale
    # only taxes leave the table: what is bought at basic prices is what was bought less the taxes
    taxes = before.supply_columns["taxes"].sum()
    assert after.use.sum() + after.final.sum() == pytest.approx(scale - taxes, rel=1e-12)


# --- the United Kingdom --------------------------------------------------------------------------------


def test_the_uk_table_closes_at_basic_prices_with_no_new_negatives(test_data: Path) -> None:
    for year in (1997, 2008, 2019, 2020, 2022):
        after = to_basic(read_ons(test_data / "uk_ons_sut_1997_2022", Wanted(year=year)))
        assert np.abs(after.row_residuals()).max() < 1e-6
        assert np.abs(after.column_residuals()).max() < 1e-6
        assert after.use.min() >= -1e-9


def test_how_far_proportions_are_from_the_official_layers(test_data: Path) -> None:
    """The official analytical table of the same year has use at basic prices: the docstring states these gaps."""
    after = to_basic(read_ons(test_data / "uk_ons_sut_1997_2022", Wanted(year=2019)))
    official = read_wide(test_data / "uk_ons_ioat" / "ixi_2019", Wanted())
    gap = {
        kind: after.final_of(kind).sum() / official.final_of(kind).sum() - 1
        for kind in ("household", "government", "investment", "exports")
    }
    assert gap["household"] == pytest.approx(0.009, abs=0.001)
    assert gap["investment"] == pytest.approx(0.041, abs=0.002)
    assert abs(gap["government"]) < 0.01 and abs(gap["exports"]) < 0.03
    paid = after.value_added[after.value_added_rows.codes.index("TLS_products")].sum()
    published = official.value_added[official.value_added_rows.codes.index("TLS_products")].sum()
    assert published == pytest.approx(62_437, abs=1) and paid == pytest.approx(100_306, abs=1)
