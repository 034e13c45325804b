"""Kantorovich, Mathematical Methods of Organizing and Planning Production (1939), section I.

Three kinds of machines make two parts that are wanted in sets.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lustrum.planning.plan import Plan

EXAMPLE = "kantorovich-machines"


def test_eighty_six_sets(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example(EXAMPLE)
    assert int(plan.objective) == 86
    assert plan.objective == pytest.approx(86 + 2 / 3, rel=1e-9)


def test_each_machine_making_sets_by_itself_gives_seventy_seven(solve_example: Callable[..., Plan]) -> None:
    supply = solve_example(EXAMPLE).economy.values("supply")
    first, second = supply[0, 0::2], supply[1, 1::2]
    sets = np.array([3, 3, 1]) * first * second / (first + second)
    np.testing.assert_array_equal(np.floor(sets), [20, 36, 21])
    assert np.floor(sets).sum() == 77


def test_distribution_of_the_work(solve_example: Callable[..., Plan]) -> None:
    """The automatic lathe makes second parts, the turret lathes first parts, the milling machines both."""
    plan = solve_example(EXAMPLE)
    work = plan.values["output"].sel(year=1939).values
    np.testing.assert_allclose(work, [8 / 3, 1 / 3, 3, 0, 0, 1], atol=1e-9)
    parts = plan.economy.values("supply") * work
    np.testing.assert_array_equal(np.floor(parts[0, 0::2] + 1e-9), [26, 60, 0])
    np.testing.assert_array_equal(np.floor(parts[1, 1::2] + 1e-9), [6, 0, 80])


def test_resolving_multipliers(solve_example: Callable[..., Plan]) -> None:
    """A first part is worth two second ones, and the machines' worth adds up to the sets made."""
    plan = solve_example(EXAMPLE)
    parts = plan.marginal_values("product_balance").values[:, 0]
    np.testing.assert_allclose(parts, [2 / 3, 1 / 3], rtol=1e-9)
    machines = plan.marginal_values("resource").values[:, 0]
    np.testing.assert_allclose(machines, [20 / 3, 40 / 3, 80 / 3], rtol=1e-9)
    assert machines @ plan.economy.values("resource_budget") == pytest.approx(plan.objective)
