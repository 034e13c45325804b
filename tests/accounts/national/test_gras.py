"""GRAS: signs stay, totals of any sign are met, and nothing is nearer to the old table."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lustrum.accounts.national.gras import gras
from lustrum.accounts.national.table import Figures
from lustrum.errors import TableError

kras = partial(gras, method="kras")


def problem(seed: int) -> tuple[Figures, Figures]:
    rng = np.random.default_rng(seed)
    m, n = rng.integers(2, 9, 2)
    old = rng.lognormal(0, 2, (m, n)) * rng.choice([1, 1, 1, -1, 0], (m, n))
    return old, old * np.exp(rng.normal(0, 0.7, (m, n)))


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_totals_are_met_and_signs_stay(seed: int) -> None:
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    found = gras(old, u, v)
    size = np.abs(new).sum()
    np.testing.assert_allclose(found.matrix.sum(axis=1), u, atol=1e-8 * size)
    np.testing.assert_allclose(found.matrix.sum(axis=0), v, atol=1e-8 * size)
    np.testing.assert_array_equal(np.sign(found.matrix), np.sign(old))


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_multipliers_reproduce_the_table(seed: int) -> None:
    old, new = problem(seed)
    found = gras(old, new.sum(axis=1), new.sum(axis=0))
    r, s = found.row_multipliers[:, None], found.column_multipliers
    again = np.where(old > 0, r * old * s, np.where(old < 0, old / (r * s), 0.0))
    np.testing.assert_allclose(again, found.matrix, rtol=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_newton_steps_find_the_same_table(seed: int) -> None:
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    size = np.abs(new).max()
    np.testing.assert_allclose(kras(old, u, v).matrix, gras(old, u, v).matrix, rtol=1e-5, atol=1e-8 * size)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_table_turned_around_gives_the_same_table_turned_around(seed: int) -> None:
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    size = np.abs(new).max()
    np.testing.assert_allclose(gras(old.T, v, u).matrix.T, gras(old, u, v).matrix, rtol=1e-5, atol=1e-8 * size)
    # profits for losses: the table with its signs turned is as near
    np.testing.assert_allclose(-gras(-old, -u, -v).matrix, gras(old, u, v).matrix, rtol=1e-5, atol=1e-8 * size)


def test_a_balanced_table_does_not_move() -> None:
    old = np.array([[7.0, 3, 5, -3], [2, 9, 8, 0], [-2, 0, 2, 0]])
    found = gras(old, old.sum(axis=1), old.sum(axis=0))
    np.testing.assert_array_equal(found.matrix, old)
    assert found.changes == ()


def test_a_row_total_of_zero_with_cells_of_both_signs() -> None:
    """An import row in a table of supply: what is used came in; the sum is zero and the cells are not."""
    found = gras([[6.0, 3.0, -9.0], [4.0, 5.0, 1.0]], [0.0, 12.0], [12.0, 9.0, -9.0])
    np.testing.assert_allclose(found.matrix.sum(axis=1), [0, 12], atol=1e-8)
    np.testing.assert_allclose(found.matrix.sum(axis=0), [12, 9, -9], atol=1e-8)
    assert (found.matrix[0, :2] > 0).all() and found.matrix[0, 2] < 0


@pytest.mark.parametrize(
    ("u", "v", "words", "where"),
    [
        ([1.0, 3.0], [2.0, 2.0], "cannot be met", "row losses"),
        ([-3.0, -1.0], [-2.0, -2.0], "cannot be met", "row gains"),
        ([-3.0, 7.0], [6.0, -1.0], "different sums", "totals"),
    ],
)
def test_totals_against_the_signs_are_refused(u: list[float], v: list[float], words: str, where: str) -> None:
    with pytest.raises(TableError) as caught:
        gras([[-1.0, -2.0], [3.0, 4.0]], u, v, rows=["losses", "gains"])
    assert words in caught.value.what and where == caught.value.where


def room(old: Figures, u: Figures, v: Figures) -> float:
    """How much every cell may keep of itself in a table with these totals, by linear programming; below 0: no table."""
    m, n = old.shape
    cells = np.flatnonzero(old)
    sums = np.vstack([np.kron(np.eye(m), np.ones(n)), np.kron(np.ones(m), np.eye(n))])[:, cells] * old.ravel()[cells]
    found = linprog(
        np.r_[np.zeros(len(cells)), -1.0],
        A_eq=np.c_[sums, sums.sum(axis=1)],
        b_eq=np.r_[u, v],
        bounds=[(0, None)] * len(cells) + [(0, 1)],
        method="highs",
    )
    return -1.0 if found.x is None else float(found.x[-1])


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_what_is_refused_has_no_table_and_what_has_one_is_found(seed: int) -> None:
    """Random totals, most of them impossible: a linear program agrees with every refusal."""
    rng = np.random.default_rng(seed)
    m, n = rng.integers(2, 6, 2)
    old = rng.lognormal(0, 1, (m, n)) * rng.choice([1, 1, 1, 0, -1], (m, n))
    u, v = rng.integers(1, 9, m) * 1.0, rng.integers(1, 9, n) * 1.0
    v[-1] = u.sum() - v[:-1].sum()
    for method in (gras, kras):
        try:
            found = method(old, u, v)
        except TableError:
            assert room(old, u, v) < 1e-6
        else:
            np.testing.assert_allclose(found.matrix.sum(axis=1), u, atol=1e-7 * np.abs(found.matrix).sum())
