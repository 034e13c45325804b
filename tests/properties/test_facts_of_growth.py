"""Two theorems of planning: non-substitution and the turnpike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.facts import (
    FEW,
)

from lustrum.accounts.economy import Economy, Source
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

# non-substitution ---------------------------------------------------------------------------------------


@FEW
@given(st.integers(0, 10**6))
def test_with_one_scarce_factor_the_technique_does_not_depend_on_demand(seed: int) -> None:
    """Random techniques, two to four a product, one kind of labour: one set of prices serves every demand."""
    rng = np.random.default_rng(seed)
    products = int(rng.integers(2, 6))
    of = np.concatenate([np.full(rng.integers(2, 5), i) for i in range(products)])
    use = rng.uniform(0.0, 1.6 / products, (products, of.size)) * rng.random((products, of.size))
    economy = Economy.build(
        Source("techniques", base_year=0),
        {
            "product": [f"p{i}" for i in range(products)],
            "activity": [f"a{j}" for j in range(of.size)],
            "skill": ["all"],
        },
        {
            "supply": (of[None, :] == np.arange(products)[:, None]).astype(float),
            "use": use,
            "labour_coefficient": rng.uniform(0.1, 1.0, (1, of.size)),
        },
    )
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        objective: {kind: least_cost, costs: [{of: labour}]}
    """)
    prices, used = [], []
    for _ in range(2):
        demand = rng.uniform(1.0, 100.0, products)
        plan = solve_plan(economy.with_data(committed_demand=demand), spec)
        output = plan.values["output"].values[:, 0]
        prices.append(plan.marginal_values("product_balance").values[:, 0])
        used.append(tuple(np.flatnonzero(output > 1e-9 * output.max())))
        assert plan.objective == pytest.approx(float(prices[-1] @ demand))  # prices are labour embodied
    np.testing.assert_allclose(prices[0], prices[1], rtol=1e-7)
    assert used[0] == used[1]
    assert len(used[0]) == products


# turnpike -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_middle_of_a_long_plan_grows_as_fast_as_can_be(seed: int) -> None:
    """Random technology of three products, each its own machine: the middle years lie on von Neumann's ray.

    The fastest balanced growth of x = A x + P n, k = κ x solves (I - A - P (δ κ)) x = g P κ x.
    """
    rng = np.random.default_rng(seed)
    n, years = 3, 24
    use = rng.uniform(0.0, 0.2, (n, n))
    kappa = rng.uniform(0.2, 1.0, (n, n))
    delta = np.full((n, n), 0.1)
    x0 = rng.uniform(50.0, 100.0, n)
    wear = delta * kappa
    roots, vectors = np.linalg.eig(np.linalg.solve(np.eye(n) - use - wear, kappa))
    best = int(np.argmax(roots.real))
    growth, ray = 1 / roots[best].real, np.abs(vectors[:, best].real)
    codes = [f"p{i}" for i in range(n)]
    economy = Economy.build(
        Source("machines", base_year=0),
        {"product": codes, "activity": codes, "asset": codes},
        {
            "supply": np.eye(n),
            "use": use,
            "output": x0,
            "capital_coefficient": kappa,
            "asset_composition": np.eye(n),
            "depreciation": delta,
            "capital_stock": kappa * x0,
            "investment": wear * x0,
        },
    )
    spec = PlanSpec.model_validate(
        {
            "horizon": {"years": years},
            "terminal": {"rule": "none"},
            "objective": {"kind": "terminal_capacity"},
        }
    )
    output = solve_plan(economy, spec).values["output"].values
    middle = output[:, years // 3 : 2 * years // 3]
    pace = (middle[:, -1] / middle[:, 0]) ** (1 / (middle.shape[1] - 1)) - 1
    np.testing.assert_allclose(pace, growth, rtol=0.1)
    shares = middle / middle.sum(axis=0)
    np.testing.assert_allclose(shares, (ray / ray.sum())[:, None].repeat(middle.shape[1], axis=1), atol=0.05)
