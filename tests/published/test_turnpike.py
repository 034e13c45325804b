"""Turnpike, after Dorfman, Samuelson and Solow 1958, chapter 12; closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lustrum.accounts.economy import Economy
from lustrum.planning.plan import Plan
from lustrum.solving.solve import solve_plan

EXAMPLE = "turnpike"


def balanced(economy: Economy) -> tuple[float, np.ndarray]:
    """Largest g with x = A x + B g x, and its x: 1/g is the root of (I - A)^-1 B with a positive vector."""
    roots, vectors = np.linalg.eig(
        np.linalg.solve(np.eye(2) - economy.values("use"), economy.values("capital_coefficient"))
    )
    k = int(np.argmax(roots.real))
    return 1 / roots[k].real, np.abs(vectors[:, k].real)


def test_balanced_growth_in_closed_form(solve_example: Callable[..., Plan]) -> None:
    growth, proportions = balanced(solve_example(EXAMPLE).economy)
    assert growth == pytest.approx(1 / 6)
    assert proportions[0] == pytest.approx(proportions[1])


def test_middle_years_stay_on_the_turnpike(solve_example: Callable[..., Plan]) -> None:
    output = solve_example(EXAMPLE).values["output"].sel(year=slice(7, 15)).values
    np.testing.assert_allclose(output[0] / output[1], 1.0, atol=0.01)
    np.testing.assert_allclose(output[:, 1:] / output[:, :-1], 7 / 6, atol=0.005)


def test_start_and_end_leave_it(solve_example: Callable[..., Plan]) -> None:
    ratio = np.divide(*solve_example(EXAMPLE).values["output"].values)
    assert abs(ratio[0] - 1) > 0.2
    assert ratio[-1] > 2


def test_the_longer_the_plan_the_longer_the_middle(solve_example: Callable[..., Plan]) -> None:
    """The years off the turnpike are a fixed number, whatever the horizon."""
    plan = solve_example(EXAMPLE)
    off = []
    for years in (18, 24, 30):
        spec = plan.spec.model_copy(update={"horizon": plan.spec.horizon.model_copy(update={"years": years})})
        output = solve_plan(plan.economy, spec).values["output"].values
        off.append(int((np.abs(output[0] / output[1] - 1) > 0.03).sum()))
    assert max(off) - min(off) <= 1
    assert max(off) < 18
