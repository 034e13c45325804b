"""Models A to D: what each preserves, what is refused, and the derived US table (manuals: tests/published)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tools.derived_tables.bea import read_bea
from tools.derived_tables.ons import read_ons
from tools.derived_tables.wide import read as read_wide

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.accounts.national.transform import MODELS, symmetric, to_basic
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import LustrumError


def table(supply: object, use: object, final: object, value_added: object, **more: object) -> FlowTable:
    """A table with products p1, p2, ... and activities a1, a2, ..."""
    s, u, y, w = (np.array(a, float) for a in (supply, use, final, value_added))
    return FlowTable(
        Source("example"),
        Labels(tuple(f"p{k + 1}" for k in range(s.shape[0]))),
        Labels(tuple(f"a{k + 1}" for k in range(s.shape[1]))),
        s,
        u,
        tuple(FinalUse(f"f{k + 1}", "", "household") for k in range(y.shape[1])),
        y,
        Labels(tuple(f"v{k + 1}" for k in range(w.shape[0]))),
        w,
        **more,  # type: ignore[arg-type]
    )


# --- what each model preserves -------------------------------------------------------------------------


@st.composite
def balanced(draw: st.DrawFn, square: bool) -> FlowTable:
    """A supply-use table that balances, with a dominant product in every activity."""
    n = draw(st.integers(2, 5))
    i = n if square else n + draw(st.integers(0, 2))
    cells = st.floats(0, 1, allow_subnormal=False)
    supply = draw(hnp.arrays(float, (i, n), elements=cells)) + np.eye(i, n) * 40 + (np.arange(i) >= n)[:, None] * 3
    share = draw(hnp.arrays(float, (i, n), elements=cells)) + 0.01
    use = share / share.sum(axis=0) * supply.sum(axis=0) * draw(st.floats(0.2, 0.7))
    final = supply.sum(axis=1) - use.sum(axis=1)
    return table(supply, use, final[:, None], (supply.sum(axis=0) - use.sum(axis=0))[None, :])


@given(balanced(square=True), st.sampled_from(list(MODELS)))
def test_rows_columns_and_totals_are_preserved(before: FlowTable, model: str) -> None:
    after = symmetric(before, model)
    assert after.symmetric
    scale = before.output.sum()
    assert np.abs(after.row_residuals()).max() < 1e-10 * scale
    assert np.abs(after.column_residuals()).max() < 1e-10 * scale
    for name in ("use", "final", "value_added", "supply"):
        assert getattr(after, name).sum() == pytest.approx(getattr(before, name).sum(), rel=1e-9, abs=1e-9)
    kept = before.supply.sum(axis=1) if model in "AB" else before.output
    assert np.allclose(after.output, kept, rtol=1e-10)


@given(balanced(square=True))
def test_product_technology_explains_the_use_table(before: FlowTable) -> None:
    """Model A: A S = U, inputs per unit of a product are the same wherever it is made."""
    after = symmetric(before, "A")
    coefficients = after.use / after.output
    assert np.allclose(coefficients @ before.supply, before.use, atol=1e-8 * before.use.max())


@given(balanced(square=True))
def test_industry_technology_and_fixed_product_sales_make_no_negatives(before: FlowTable) -> None:
    assert symmetric(before, "B").use.min() >= 0
    assert symmetric(before, "D").use.min() >= 0


@given(balanced(square=False))
def test_b_and_d_take_rectangular_tables(before: FlowTable) -> None:
    by_product, by_industry = symmetric(before, "B"), symmetric(before, "D")
    assert by_product.activities.codes == before.products.codes
    assert by_industry.products.codes == before.activities.codes
    assert np.allclose(by_industry.use.sum(axis=0), before.use.sum(axis=0))
    assert np.allclose(by_product.use.sum(axis=1), before.use.sum(axis=1))


def test_what_cannot_be_transformed_is_refused() -> None:
    rectangular = table([[1, 0], [0, 1], [1, 1]], np.zeros((3, 2)), [[1], [1], [2]], [[2, 2]])
    with pytest.raises(LustrumError, match=r"model A needs as many products(.|\n)*model B or D"):
        symmetric(rectangular, "A")
    twins = table([[1, 2], [2, 4]], np.zeros((2, 2)), [[3], [6]], [[3, 6]])
    with pytest.raises(LustrumError, match="cannot be inverted"):
        symmetric(twins, "C")
    with pytest.raises(LustrumError, match="unknown transformation model 'E'"):
        symmetric(rectangular, "E")
    idle = table([[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0], [0]], [[1, -1]])
    with pytest.raises(LustrumError, match=r"a2: an activity without output has inputs"):
        symmetric(idle, "B")


# --- published tables ----------------------------------------------------------------------------------


def test_fixed_product_sales_reproduce_the_derived_us_table(test_data: Path) -> None:
    """D (U - M) with D = V diag(q)^-1, as the data folder derives its industry by industry tables."""
    folder = test_data / "us_bea_summary71"
    for year in (2017, 2019, 2020, 2023):
        before = read_bea(folder / "bea_summary_use_import_make_2012_2023.parquet", Wanted(year=year))
        after, derived = symmetric(before, "D"), read_wide(folder / f"ixi_{year}", Wanted())
        assert after.activities.codes == derived.activities.codes
        assert np.abs(after.use[:71] - derived.use[:71]).max() <= 5.1e-4  # three decimals in the files
        order = [[u.code for u in after.final_uses].index(u.code) for u in derived.final_uses]
        apart = np.abs(after.final[:71, order] - derived.final[:71])
        visitors = [k for k, u in enumerate(derived.final_uses) if u.kind in ("household", "exports")]
        assert np.delete(apart, visitors, axis=1).max() <= 5.1e-4
        # visitors' purchases are taken out before D here, after it there: one industry differs by what it sells else
        assert np.count_nonzero(apart[:, visitors] > 5.1e-4) <= 2
        assert np.abs(after.use[71:] - derived.use[71:]).max() == 0
        assert np.abs(after.row_residuals()).max() <= 9


def test_negatives_of_a_real_table_are_stated(test_data: Path) -> None:
    uk = to_basic(read_ons(test_data / "uk_ons_sut_1997_2022", Wanted(year=2019)))
    for model in "AC":
        after = symmetric(uk, model)
        stated = sum(c.amount for c in after.provenance if c.where.startswith("use: ") and "below zero" in c.where)
        assert stated == pytest.approx(-after.use.clip(max=0).sum(), rel=1e-9)
        assert np.abs(after.row_residuals()).max() < 1e-6
