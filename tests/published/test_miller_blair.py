"""Miller and Blair, Input-Output Analysis, 2nd ed. 2009: quantities (section 2.3.1) and prices (2.6)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lustrum.planning.plan import Plan

EXAMPLE = "miller-blair-two-sectors"


def test_base_year_is_replicated(solve_example: Callable[..., Plan]) -> None:
    output = solve_example(EXAMPLE).values["output"].sel(year=1)
    np.testing.assert_allclose(output, [1000, 2000], rtol=1e-9)


def test_output_for_the_new_final_demand(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example(EXAMPLE)
    output = plan.values["output"].sel(year=2).values
    np.testing.assert_allclose(output, [1247.52, 1841.58], atol=0.005)
    flows = plan.economy.values("use") * output
    np.testing.assert_allclose(flows, [[187.13, 460.40], [249.51, 92.08]], atol=0.006)


def test_coefficients_and_inverse(solve_example: Callable[..., Plan]) -> None:
    use = solve_example(EXAMPLE).economy.values("use")
    np.testing.assert_allclose(use, [[0.15, 0.25], [0.20, 0.05]], rtol=1e-12)
    inverse = np.linalg.inv(np.eye(2) - use)
    np.testing.assert_allclose(inverse, [[1.2541, 0.3300], [0.2640, 1.1221]], atol=5e-5)


def test_base_year_prices_are_one(solve_example: Callable[..., Plan]) -> None:
    """Marginal values of the product balances are the prices of the value-added price model."""
    prices = solve_example(EXAMPLE).marginal_values("product_balance").values
    np.testing.assert_allclose(prices, np.ones((2, 2)), rtol=1e-9)


def test_value_added_equals_final_demand(solve_example: Callable[..., Plan]) -> None:
    assert solve_example(EXAMPLE).objective == pytest.approx(350 + 1700 + 600 + 1500)


def test_dearer_wages_change_prices_and_not_quantities(solve_example: Callable[..., Plan]) -> None:
    plan, base = solve_example(EXAMPLE, "prices.yaml"), solve_example(EXAMPLE)
    use, payments = plan.economy.values("use"), plan.economy.values("labour_coefficient")
    leontief = np.linalg.solve(np.eye(2) - use.T, np.array([1.1, 1.0]) @ payments)
    prices = plan.marginal_values("product_balance").values
    np.testing.assert_allclose(prices, np.column_stack([leontief, leontief]), rtol=1e-9)
    np.testing.assert_allclose(prices[:, 0], [1.0442, 1.0380], atol=5e-5)
    np.testing.assert_allclose(plan.values["output"], base.values["output"], rtol=1e-9)
