"""Perpetual inventory: the identities that stocks and investment must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lustrum.accounts.assemble.capital import deflate, opening_stock, perpetual_inventory
from lustrum.errors import LabelError, TableError

stocks = arrays(float, (3, 2), elements=st.floats(0, 1e6))
flows = arrays(float, (3, 2, 4), elements=st.floats(0, 1e6))
rates = arrays(float, (3, 2), elements=st.floats(0, 1))


@given(stocks, flows, rates, st.sampled_from([0.0, 0.5, 1.0]))
def test_every_year_adds_investment_and_takes_wear(k0: np.ndarray, n: np.ndarray, d: np.ndarray, share: float) -> None:
    k = perpetual_inventory(k0, n, d, first_year=share)
    assert k.shape == (3, 2, 5)
    for t in range(4):
        assert np.allclose(k[..., t + 1], (1 - d) * k[..., t] + (1 - share * d) * n[..., t])
    assert np.all(k >= 0)


@given(stocks, stocks, flows, flows, rates)
def test_stocks_of_two_owners_add_up(a: np.ndarray, b: np.ndarray, n: np.ndarray, m: np.ndarray, d: np.ndarray) -> None:
    together = perpetual_inventory(a + b, n + m, d)
    apart = perpetual_inventory(a, n, d) + perpetual_inventory(b, m, d)
    assert np.allclose(together, apart, atol=1e-6)


def test_steady_state_grows_with_investment() -> None:
    growth, delta = 0.03, np.array([0.02, 0.15, 0.5])
    n = np.array([10.0, 20.0, 30.0])[:, None] * (1 + growth) ** np.arange(12)
    k = perpetual_inventory(opening_stock(n[:, 0], delta, growth), n, delta)
    assert np.allclose(k[:, 1:] / k[:, :-1], 1 + growth)
    assert np.allclose(n / k[:, :-1], (growth + delta)[:, None])


def test_opening_stock_is_forgotten_at_the_rate_of_wear() -> None:
    n = np.full((1, 30), 5.0)
    low, high = (perpetual_inventory([k], n, 0.2)[0] for k in (0.0, 100.0))
    assert np.allclose(high - low, 100 * 0.8 ** np.arange(31))
    assert high[-1] == pytest.approx(25, rel=0.01)


def test_mid_year_convention_is_below_the_full_year_one() -> None:
    k0, n = np.zeros(1), np.full((1, 3), 100.0)
    full, half = perpetual_inventory(k0, n, 0.2), perpetual_inventory(k0, n, 0.2, first_year=0.5)
    assert half[0, 1] == pytest.approx(90)
    assert np.allclose(half, 0.9 * full)


def test_deflating_takes_out_prices_and_only_prices() -> None:
    price = np.array([80.0, 100.0, 125.0])
    assert np.allclose(deflate([8.0, 10.0, 12.5], price), 12.5)
    assert np.allclose(deflate([[8.0, 10.0, 12.5], [0.0, 1.0, 0.0]], price, base=1), [[10, 10, 10], [0, 1, 0]])
    assert np.allclose(deflate([1.0, 2.0, 3.0], [7.0, 7.0, 7.0]), [1, 2, 3])


def test_bad_figures_are_named() -> None:
    with pytest.raises(TableError, match="price is not above zero"):
        deflate([1.0, 2.0], [1.0, 0.0])
    with pytest.raises(LabelError, match="different years"):
        deflate([1.0, 2.0], [1.0, 1.0, 1.0])
    with pytest.raises(TableError, match=r"outside 0\.\.1"):
        perpetual_inventory([1.0], [[1.0]], 5.0)
    with pytest.raises(TableError, match=r"outside 0\.\.1"):
        perpetual_inventory([1.0], [[1.0]], 0.5, first_year=2.0)
    with pytest.raises(LabelError, match="do not fit"):
        perpetual_inventory([1.0, 2.0], [[1.0, 1.0]], 0.1)
    with pytest.raises(TableError, match="no steady state"):
        opening_stock([1.0], 0.02, -0.02)
