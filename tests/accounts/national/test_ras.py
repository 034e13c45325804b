"""RAS: what it keeps, what it finds, and which totals it refuses."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.national.gras import gras
from lustrum.accounts.national.table import Figures
from lustrum.errors import TableError

ras = partial(gras, method="ras")


def problem(seed: int) -> tuple[Figures, Figures]:
    """An old table with zeros, and a new one with the same zeros, whose totals can therefore be met."""
    rng = np.random.default_rng(seed)
    m, n = rng.integers(2, 9, 2)
    old = rng.lognormal(0, 2, (m, n)) * (rng.random((m, n)) < 0.8)
    old[0] = rng.lognormal(0, 1, n)
    old[:, 0] = rng.lognormal(0, 1, m)
    return old, old * np.exp(rng.normal(0, 1, (m, n)))


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_totals_are_met_zeros_stay_and_the_result_is_biproportional(seed: int) -> None:
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    found = ras(old, u, v)
    np.testing.assert_allclose(found.matrix.sum(axis=1), u, rtol=1e-8)
    np.testing.assert_allclose(found.matrix.sum(axis=0), v, rtol=1e-8)
    np.testing.assert_array_equal(found.matrix == 0, old == 0)
    np.testing.assert_allclose(found.row_multipliers[:, None] * old * found.column_multipliers, found.matrix, rtol=1e-9)
    assert found.moved == pytest.approx(np.abs(found.matrix - old).sum())


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_gras_of_a_table_without_negative_cells_is_ras(seed: int) -> None:
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    np.testing.assert_allclose(gras(old, u, v).matrix, ras(old, u, v).matrix, rtol=1e-6, atol=1e-9 * old.max())


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_a_balanced_table_does_not_move_and_scaled_totals_scale_it(seed: int, scale: float) -> None:
    old, _ = problem(seed)
    u, v = np.asarray(old.sum(axis=1)), np.asarray(old.sum(axis=0))
    same = ras(old, u, v)
    np.testing.assert_array_equal(same.matrix, old)
    assert same.iterations == 0 and same.changes == ()
    np.testing.assert_allclose(ras(old, scale * u, scale * v).matrix, scale * old, rtol=1e-8)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_scaling_rows_of_the_old_table_changes_nothing(seed: int) -> None:
    """What RAS keeps is the structure of crosswise ratios: the size of rows and columns comes from totals."""
    old, new = problem(seed)
    u, v = new.sum(axis=1), new.sum(axis=0)
    factors = np.random.default_rng(seed).uniform(0.2, 5, (old.shape[0], 1))
    other = factors * old
    np.testing.assert_allclose(ras(other, u, v).matrix, ras(old, u, v).matrix, rtol=1e-6, atol=1e-9 * new.max())


def test_slow_tables_are_solved_too() -> None:
    """Totals at the edge of what the zeros allow need thousands of rounds; Newton steps need few."""
    old = np.array([[1.0, 1.0], [1e-7, 1.0]])
    found = ras(old, [1.0, 1.0], [1.0, 1.0])
    assert found.iterations < 100
    np.testing.assert_allclose(found.matrix.sum(axis=0), 1, rtol=1e-9)
    # biproportional: the crosswise ratio is that of the old table
    ratio = found.matrix[0, 0] * found.matrix[1, 1] / (found.matrix[0, 1] * found.matrix[1, 0])
    assert ratio == pytest.approx(1e7, rel=1e-6)


def test_a_total_of_zero_clears_its_row() -> None:
    found = ras([[1.0, 2.0], [3.0, 4.0]], [0.0, 7.0], [3.0, 4.0])
    np.testing.assert_allclose(found.matrix, [[0, 0], [3, 4]])
    assert np.isnan(found.row_multipliers[0])
    assert "2 cells set to zero" in found.changes[-1].what and found.changes[-1].amount == 3


@pytest.mark.parametrize(
    ("old", "u", "v", "words", "where"),
    [
        ([[1.0, 2], [3, 4]], [3.0, 7], [4.0, 5], "different sums", "totals"),
        ([[0.0, 0], [3, 4]], [1.0, 6], [3.0, 4], "cannot be met", "row mills"),
        ([[1.0, 0], [3, 0]], [1.0, 3], [3.0, 1], "cannot be met", "column power"),
        ([[1.0, -2], [3, 4]], [1.0, 6], [3.0, 4], "no negative cells", "mills, power"),
        ([[1.0, 2], [3, 4]], [-1.0, 8], [3.0, 4], "cannot be met", "row mills"),
        ([[1.0, np.nan], [3, 4]], [1.0, 6], [3.0, 4], "no finite number", "mills, power"),
        ([[1.0, 0], [0, 4]], [1.0, 6], [3.0, 4], "does not converge", ""),
        ([[1.0, 2], [3, 4]], [1.0, 6, 2], [3.0, 4], "do not fit", ""),
    ],
)
def test_impossible_totals_are_refused_with_the_row(
    old: list[list[float]], u: list[float], v: list[float], words: str, where: str
) -> None:
    with pytest.raises(TableError) as caught:
        ras(old, u, v, rows=["mills", "farms"], columns=["coal", "power"])
    assert words in caught.value.what
    assert where in caught.value.where
    assert caught.value.mend
