"""The core's factors: in any order of elimination, and with pivoting; all solve the same system."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from lustrum.solving.staircase import layout
from lustrum.solving.staircase.core import Core, Elimination


class Filled:
    """A core and what is in it, to be assembled as often as wanted."""

    def __init__(self, own: int, links: int, starts: np.ndarray, pattern: sparse.csr_matrix) -> None:
        self.core = Core(own, links, starts, pattern)
        self.parts: list[tuple[Any, np.ndarray]] = []

    def put(self, place: Any, values: np.ndarray) -> None:
        self.parts.append((place, values))
        place.add(values)

    def again(self) -> None:
        self.core.clear()
        for place, values in self.parts:
            place.add(values)

    def factorise(self, careful: bool = False) -> None:
        self.core.factorise(careful, self.again)


def filled(years: int, size: int, links: int, far: int = 99, spread: float = 0.0, apart: bool = True) -> Filled:
    """Dense years, tied by diagonals to those up to `far` years away, bordered by linking rows."""
    rng = np.random.default_rng(3)
    own = years * size
    chain = np.array([rng.normal(size=(years, years)) for _ in range(size)])
    ties = chain.transpose(0, 2, 1) @ chain + 1e-3 * np.eye(years)
    apart_by = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    if far < years:
        ties *= apart_by <= far
        ties += 4 * np.abs(ties).sum(axis=2, keepdims=True) * np.eye(years)
    row, col, value = [], [], []
    for t in range(years):
        for u in range(years):
            if apart_by[t, u] <= far:
                row.append(t * size + np.arange(size))
                col.append(u * size + np.arange(size))
                value.append(ties[:, t, u])
    r, c, v = (np.concatenate(x) for x in (row, col, value))
    pattern = sparse.csr_matrix((np.ones(r.size), (r, c)), shape=(own, own))
    out = Filled(own, links, np.arange(years) * size if apart else np.zeros(0, dtype=int), pattern)
    for t in range(years):
        rows = rng.normal(size=(size, size)) * 10 ** rng.uniform(-spread, spread, size)[:, None]
        out.put(out.core.gram(np.arange(t * size, (t + 1) * size)), rows)
    out.put(out.core.entries(r, c), v)
    out.core.link[...] = rng.normal(size=(links, own))
    out.core.q[...] = np.diag(rng.uniform(0, 1, links))
    return out


def full(core: Core) -> np.ndarray:
    whole = core.whole()
    return np.tril(whole) + np.tril(whole, -1).T


def right_sides(rows: int) -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    return [rng.normal(size=rows), rng.normal(size=(rows, 3))]


CASES = [(5, 40, 99), (6, 30, 99), (6, 30, 1), (12, 20, 1), (12, 20, 2), (1, 60, 99), (3, 20, 99)]


@pytest.mark.parametrize("links", [0, 4])
@pytest.mark.parametrize(("years", "size", "far"), CASES)
@pytest.mark.parametrize("small", [False, True])
def test_solves_the_system_by_every_way(
    years: int, size: int, far: int, links: int, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where calls cost nothing, so that small nodes are eliminated one by one."""
    if small:
        monkeypatch.setattr(layout, "GROUP", 0.0)
        monkeypatch.setattr(layout, "TIE", 0.0)
        layout._find_order.cache_clear()
    made = filled(years, size, links, far)
    core = made.core
    before = core.whole()
    exact = [np.linalg.solve(full(core), right) for right in right_sides(years * size + links)]
    for careful in (False, True):
        made.again()
        assert np.array_equal(core.whole(), before)
        made.factorise(careful)
        assert core.pivoting == careful
        for right, x in zip(right_sides(years * size + links), exact, strict=True):
            np.testing.assert_allclose(core.solve(right), x, rtol=1e-6, atol=1e-8 * np.abs(x).max())
    layout._find_order.cache_clear()


@pytest.mark.parametrize("seed", range(12))
def test_any_order_solves_any_pattern(seed: int) -> None:
    """Random nodes, couplings sparse and dense, and orders, cheap or not."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 25, rng.integers(2, 8))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    own, links = int(starts[-1]), int(rng.integers(0, 9))
    of = np.repeat(np.arange(sizes.size), sizes)
    pair = rng.random((sizes.size, sizes.size))
    share = np.where(pair < 0.4, 0.0, np.where(pair < 0.8, 0.08, 1.0))
    mask = rng.random((own, own)) < share[of][:, of]
    mask |= mask.T
    a = np.where(mask | (of[:, None] == of[None, :]), rng.normal(size=(own, own)), 0.0)
    a = a + a.T + np.diag(4 * np.abs(a).sum(axis=1))
    pattern = sparse.csr_matrix(np.where(of[:, None] == of[None, :], 0, a != 0))
    figures = np.zeros((sizes.size, sizes.size))
    coo = pattern.tocoo()
    np.add.at(figures, (of[coo.row], of[coo.col]), 1)
    kinds = layout.coupling_kinds(figures, sizes)
    nodes, groups, ties = [int(v) for v in rng.permutation(sizes.size)], [], kinds
    while nodes:
        take = int(rng.integers(1, len(nodes) + 1))
        near = ties[nodes[:take]] == layout.DENSE
        if take == len(nodes) or take == 1 or not near.any():
            groups.append(tuple(nodes[:take]))
            nodes = nodes[take:]
            ties = layout.fill_in(ties, groups[-1])
    made = Elimination(
        starts, sparse.csr_matrix(abs(pattern) + abs(pattern.T)), kinds, layout.EliminationOrder(tuple(groups), 0.0)
    )
    row, col = np.nonzero(np.tril(a))
    dense_at, sparse_at = made.places(row, col)
    made.dense_values[dense_at[dense_at >= 0]] = a[row, col][dense_at >= 0]
    made.sparse_values[sparse_at[sparse_at >= 0]] = a[row, col][sparse_at >= 0]
    link = rng.normal(size=(links, own)) * (rng.random((links, own)) < rng.choice([0.05, 1.0]))
    assert made.factorise(link, np.eye(links))
    k = np.block([[a, link.T], [link, -np.eye(links)]])
    for right in right_sides(own + links):
        np.testing.assert_allclose(k @ made.solve(right), right, atol=1e-10)


def test_years_that_hang_together_densely_are_one_block() -> None:
    own = 200
    core = Core(own, 2, np.arange(5) * 40, sparse.csr_matrix(np.ones((own, own))))
    assert [group.nodes for group in core.factor.groups] == [(0, 1, 2, 3, 4)]
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(own, own))
    at = np.arange(own)
    core.rectangle(at, at).add(0.5 * (rows.T @ rows + np.eye(own)))
    core.link[...] = rng.normal(size=(2, own))
    whole = full(core)
    core.factorise(False, core.clear)
    right = np.ones(202)
    np.testing.assert_allclose(whole @ core.solve(right), right, atol=1e-7)


def test_a_rectangle_across_years_adds_itself_and_its_transpose() -> None:
    before = full(filled(5, 40, 0).core)
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


@pytest.mark.parametrize("far", [1, 99])
def test_blocks_are_as_accurate_as_one_factor(far: int) -> None:
    """With rows of weights over twelve orders of magnitude, residuals stay within those of the dense factor."""
    right = np.random.default_rng(5).normal(size=204)

    def residual(apart: bool) -> float:
        made = filled(5, 40, 4, far, spread=3.0, apart=apart)
        k = full(made.core)
        made.factorise()
        assert not made.core.pivoting
        x = made.core.solve(right)
        return float((np.abs(k @ x - right) / (np.abs(k) @ np.abs(x))).max())

    assert residual(True) <= 100 * residual(False) + 1e-15


def test_a_matrix_that_is_not_positive_is_pivoted() -> None:
    made = filled(3, 20, 2)
    at = np.array([5])
    made.put(made.core.entries(at, at), np.array([-1e3]))
    k = full(made.core)
    made.factorise()
    assert made.core.pivoting
    right = np.ones(62)
    np.testing.assert_allclose(k @ made.core.solve(right), right, atol=1e-7)


def test_weights_out_of_range_are_refused() -> None:
    made = filled(3, 20, 2)
    at = np.array([5])
    made.put(made.core.entries(at, at), np.array([np.inf]))
    with pytest.raises(FloatingPointError, match="out of range"):
        made.factorise()
