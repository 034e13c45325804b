"""Non-substitution theorem: Samuelson, Koopmans, Arrow, Georgescu-Roegen, chapters VII to X of Koopmans (ed.),
Activity Analysis of Production and Allocation (Wiley, 1951).

One primary factor, one product to each technique, constant returns, nothing else scarce: the technique chosen
for each product, and the prices, do not depend on what is demanded.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.economy import Economy, Source
from lustrum.planning.sections import Task, Term
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

PRODUCTS = ["corn", "iron", "cloth"]
TECHNIQUES = [f"{p}_{k}" for p in PRODUCTS for k in ("old", "new")]
#: Inputs of each product and labour per unit, for the old and the new technique of each product in turn.
USE = np.array(
    [
        [0.20, 0.10, 0.10, 0.25, 0.30, 0.10],
        [0.10, 0.30, 0.20, 0.15, 0.10, 0.25],
        [0.00, 0.05, 0.10, 0.05, 0.10, 0.15],
    ]
)
LABOUR = np.array([0.60, 0.35, 0.80, 0.75, 0.50, 0.45])

SPEC = PlanSpec.from_text("""
name: least labour
horizon: {years: 1}
terminal: {rule: none}
objective: {kind: least_cost, costs: [{of: labour}]}
""")


def economy(demand: list[float]) -> Economy:
    return Economy.build(
        Source("two techniques each", base_year=0),
        {"product": PRODUCTS, "activity": TECHNIQUES, "skill": ["workers"]},
        {
            "supply": np.repeat(np.eye(3), 2, axis=1),
            "use": USE,
            "labour_coefficient": LABOUR[None, :],
            "committed_demand": demand,
        },
    )


def cheapest() -> tuple[tuple[int, ...], np.ndarray]:
    """By trying all eight: the choice whose labour prices p = p A + l are lowest for all products."""
    prices = {}
    for choice in product((0, 1), repeat=3):
        at = [2 * i + k for i, k in enumerate(choice)]
        prices[choice] = np.linalg.solve(np.eye(3) - USE[:, at].T, LABOUR[at])
    lowest = np.min(list(prices.values()), axis=0)
    best = min(prices, key=lambda c: prices[c].sum())
    np.testing.assert_allclose(prices[best], lowest)  # the theorem: one choice is best for all
    return best, lowest


def test_the_choice_mixes_old_and_new() -> None:
    assert 0 < sum(cheapest()[0]) < 3


@settings(max_examples=40)
@given(st.lists(st.floats(0.5, 1000.0), min_size=3, max_size=3))
def test_choice_and_prices_do_not_depend_on_demand(demand: list[float]) -> None:
    choice, prices = cheapest()
    plan = solve_plan(economy(demand), SPEC)
    output = plan.values["output"].values[:, 0].reshape(3, 2)
    np.testing.assert_array_equal(np.argmax(output, axis=1), choice)
    np.testing.assert_allclose(output.min(axis=1), 0, atol=1e-6 * output.max())
    np.testing.assert_allclose(plan.marginal_values("product_balance").values[:, 0], prices, rtol=1e-6)
    assert plan.objective == pytest.approx(float(prices @ demand), rel=1e-7)


def test_a_second_scarce_factor_breaks_it() -> None:
    """With a capacity limit on the better technique demand does decide: the theorem needs its conditions."""
    choice, _ = cheapest()
    better = TECHNIQUES[choice[0]]
    few = Task(name="few", terms=[Term(of="output", activity=[better])], at_most=50.0)
    spec = SPEC.model_copy(update={"tasks": [few]})
    used = []
    for corn in (5.0, 500.0):
        output = solve_plan(economy([corn, 5.0, 5.0]), spec).values["output"].values[:2, 0]
        used.append(int((output > 1e-6).sum()))
    assert used == [1, 2]
