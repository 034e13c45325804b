"""The core's factor by two blocks, by one, and with pivoting: all solve the same system."""

from __future__ import annotations

import numpy as np
import pytest

from lustrum.solving.staircase.core import Core


def filled(years: int, size: int, links: int, cuts: np.ndarray, spread: float = 0.0) -> Core:
    """Dense years, tied to all other years by diagonals, bordered by linking rows."""
    rng = np.random.default_rng(3)
    own = years * size
    core = Core(own, links, cuts)
    h = core.matrix[:own, :own]
    for t in range(years):
        rows = rng.normal(size=(size, size)) * 10 ** rng.uniform(-spread, spread, size)[:, None]
        h[t * size : (t + 1) * size, t * size : (t + 1) * size] = rows.T @ rows
    for j in range(size):
        chain = rng.normal(size=(years, years))
        h[j::size, j::size] += chain.T @ chain + 1e-3 * np.eye(years)
    c = rng.normal(size=(links, own))
    core.matrix[own:, :own], core.matrix[:own, own:] = c, c.T
    core.matrix[own:, own:] = -np.diag(rng.uniform(0, 1, links))
    return core


@pytest.mark.parametrize("links", [0, 4])
@pytest.mark.parametrize(("years", "size", "cut"), [(5, 40, 80), (6, 30, 60), (1, 60, 0), (3, 20, 0)])
def test_solves_the_system_by_every_way(years: int, size: int, cut: int, links: int) -> None:
    core = filled(years, size, links, np.arange(1, years) * size)
    right = np.random.default_rng(4).normal(size=years * size + links)
    exact = np.linalg.solve(core.matrix, right)
    before = core.matrix.copy()
    core.factorise(False)
    assert not core.careful
    assert core.cut == cut
    np.testing.assert_allclose(core.solve(right), exact, rtol=1e-6, atol=1e-8 * np.abs(exact).max())
    assert np.array_equal(core.matrix, before)
    core.factorise(True)
    np.testing.assert_allclose(core.solve(right), exact, rtol=1e-6, atol=1e-8 * np.abs(exact).max())


def test_years_that_hang_together_densely_are_not_cut() -> None:
    core = filled(5, 40, 2, np.arange(1, 5) * 40)
    core.matrix[:200, :200] += 1.0
    core.factorise(False)
    assert core.cut == 0
    right = np.ones(202)
    np.testing.assert_allclose(core.matrix @ core.solve(right), right, atol=1e-7)


def test_blocks_are_as_accurate_as_one_factor() -> None:
    """With rows of weights over twelve orders of magnitude, residuals stay within those of the dense factor."""
    right = np.random.default_rng(5).normal(size=204)

    def residual(cuts: np.ndarray) -> float:
        core = filled(5, 40, 4, cuts, spread=3.0)
        core.factorise(False)
        assert not core.careful
        x = core.solve(right)
        return float((np.abs(core.matrix @ x - right) / (np.abs(core.matrix) @ np.abs(x))).max())

    assert residual(np.array([40, 80])) <= 100 * residual(np.zeros(0, dtype=int)) + 1e-15


def test_a_matrix_that_is_not_positive_is_pivoted() -> None:
    core = filled(3, 20, 2, np.zeros(0, dtype=int))
    core.matrix[5, 5] = -1.0
    core.factorise(False)
    assert core.careful
    right = np.ones(62)
    np.testing.assert_allclose(core.matrix @ core.solve(right), right, atol=1e-7)


def test_weights_out_of_range_are_refused() -> None:
    core = filled(3, 20, 2, np.zeros(0, dtype=int))
    core.matrix[5, 5] = np.inf
    with pytest.raises(FloatingPointError, match="out of range"):
        core.factorise(False)
