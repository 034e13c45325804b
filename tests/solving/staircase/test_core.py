"""The core's factors: from year to year, first years by their inverse, with pivoting; all solve the same system."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from lustrum.solving.staircase.chain import Chain
from lustrum.solving.staircase.core import Core
from lustrum.solving.staircase.early import Early


def filled(years: int, size: int, links: int, near: bool = False, spread: float = 0.0, apart: bool = True) -> Core:
    """Dense years, tied by diagonals to all other years (or to the next alone), bordered by linking rows."""
    rng = np.random.default_rng(3)
    own = years * size
    chain = np.array([rng.normal(size=(years, years)) for _ in range(size)])
    ties = chain.transpose(0, 2, 1) @ chain + 1e-3 * np.eye(years)
    if near:
        ties *= np.abs(np.subtract.outer(np.arange(years), np.arange(years))) <= 1
        ties += 4 * np.abs(ties).sum(axis=2, keepdims=True) * np.eye(years)
    row, col, value = [], [], []
    for t in range(years):
        for u in range(years):
            row.append(t * size + np.arange(size))
            col.append(u * size + np.arange(size))
            value.append(ties[:, t, u])
    r, c, v = (np.concatenate(x) for x in (row, col, value))
    keep = v != 0
    r, c, v = r[keep], c[keep], v[keep]
    pattern = sparse.csr_matrix((np.ones(r.size), (r, c)), shape=(own, own))
    core = Core(own, links, np.arange(years) * size if apart else np.zeros(0, dtype=int), pattern)
    for t in range(years):
        rows = rng.normal(size=(size, size)) * 10 ** rng.uniform(-spread, spread, size)[:, None]
        at = np.arange(t * size, (t + 1) * size)
        half = core.rectangle(at, at)
        half.add(0.5 * (rows.T @ rows))
    core.entries(r, c).add(v)
    core.link[...] = rng.normal(size=(links, own))
    core.q[...] = np.diag(rng.uniform(0, 1, links))
    return core


def full(core: Core) -> np.ndarray:
    whole = core.whole()
    return np.tril(whole) + np.tril(whole, -1).T


CASES = [
    (5, 40, False, Early, 2), (6, 30, False, Early, 3), (6, 30, True, Chain, 0), (12, 20, True, Chain, 0),
    (1, 60, False, Early, 0), (3, 20, False, Early, 0),
]  # fmt: skip


@pytest.mark.parametrize("links", [0, 4])
@pytest.mark.parametrize(("years", "size", "near", "kind", "inverted"), CASES)
def test_solves_the_system_by_every_way(
    years: int, size: int, near: bool, kind: type, inverted: int, links: int
) -> None:
    core = filled(years, size, links, near)
    right = np.random.default_rng(4).normal(size=years * size + links)
    exact = np.linalg.solve(full(core), right)
    before = core.whole()
    core.factorise(False)
    assert not core.careful
    assert isinstance(core.kind, kind)
    if isinstance(core.kind, Early):
        assert core.kind.years == inverted
    np.testing.assert_allclose(core.solve(right), exact, rtol=1e-6, atol=1e-8 * np.abs(exact).max())
    assert np.array_equal(core.whole(), before)
    core.factorise(True)
    np.testing.assert_allclose(core.solve(right), exact, rtol=1e-6, atol=1e-8 * np.abs(exact).max())


def test_years_that_hang_together_densely_are_one_block() -> None:
    own = 200
    core = Core(own, 2, np.arange(5) * 40, sparse.csr_matrix(np.ones((own, own))))
    assert core.starts.tolist() == [0, own]
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(own, own))
    at = np.arange(own)
    core.rectangle(at, at).add(0.5 * (rows.T @ rows + np.eye(own)))
    core.link[...] = rng.normal(size=(2, own))
    core.factorise(False)
    right = np.ones(202)
    np.testing.assert_allclose(full(core) @ core.solve(right), right, atol=1e-7)


def test_a_rectangle_across_years_adds_itself_and_its_transpose() -> None:
    core = filled(5, 40, 0)
    before = full(core)
    rows, columns = np.array([3, 45, 120]), np.array([45, 121, 7])
    part = np.arange(9.0).reshape(3, 3)
    wanted = before.copy()
    wanted[np.ix_(rows, columns)] += part
    wanted[np.ix_(columns, rows)] += part.T
    pattern = sparse.csr_matrix((before != 0) | (wanted != 0))
    again = Core(200, 0, np.arange(5) * 40, pattern.astype(float))
    r, c = np.nonzero(before)
    again.entries(r, c).add(before[r, c])
    again.rectangle(rows, columns).add(part)
    np.testing.assert_allclose(full(again), wanted)


@pytest.mark.parametrize("near", [False, True])
def test_blocks_are_as_accurate_as_one_factor(near: bool) -> None:
    """With rows of weights over twelve orders of magnitude, residuals stay within those of the dense factor."""
    right = np.random.default_rng(5).normal(size=204)

    def residual(apart: bool) -> float:
        core = filled(5, 40, 4, near, spread=3.0, apart=apart)
        core.factorise(False)
        assert not core.careful
        x, k = core.solve(right), full(core)
        return float((np.abs(k @ x - right) / (np.abs(k) @ np.abs(x))).max())

    assert residual(True) <= 100 * residual(False) + 1e-15


def test_a_matrix_that_is_not_positive_is_pivoted() -> None:
    core = filled(3, 20, 2)
    core.blocks[0][5, 5] = -1.0
    core.factorise(False)
    assert core.careful
    right = np.ones(62)
    np.testing.assert_allclose(full(core) @ core.solve(right), right, atol=1e-7)


def test_weights_out_of_range_are_refused() -> None:
    core = filled(3, 20, 2)
    core.blocks[0][5, 5] = np.inf
    with pytest.raises(FloatingPointError, match="out of range"):
        core.factorise(False)
