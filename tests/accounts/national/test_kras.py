"""Known figures beside totals: met exactly, or as far as their reliability; contradictions are named."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.national.gras import Constraint, gras
from lustrum.errors import TableError

kras = partial(gras, method="kras")

OLD = np.array([[7.0, 3, 5, -3], [2, 9, 8, 0], [-2, 0, 2, 0]])
U, V = np.array([15.0, 26, -1]), np.array([9.0, 16, 17, -2])


def sum_of(name: str, cells: list[tuple[int, int]], value: float, give: float = 0.0, by: float = 1.0) -> Constraint:
    rows, columns = (np.array(c) for c in zip(*cells, strict=True))
    return Constraint(name, rows, columns, np.full(len(cells), by), value, give)


def test_a_sum_of_cells_is_met_beside_the_totals() -> None:
    found = kras(OLD, U, V, [sum_of("a", [(0, 0), (0, 1)], 11.0)])
    assert found.matrix[0, :2].sum() == pytest.approx(11.0, rel=1e-9)
    np.testing.assert_allclose(found.matrix.sum(axis=1), U, atol=1e-8)
    np.testing.assert_allclose(found.matrix.sum(axis=0), V, atol=1e-8)
    np.testing.assert_array_equal(np.sign(found.matrix), np.sign(OLD))


def test_coefficients_other_than_one() -> None:
    """One cell is to be twice another: z11 − 2 z12 = 0."""
    twice = Constraint("twice", np.array([0, 0]), np.array([0, 1]), np.array([1.0, -2.0]), 0.0)
    found = kras(OLD, U, V, [twice]).matrix
    assert found[0, 0] == pytest.approx(2 * found[0, 1], rel=1e-8)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_known_cells_of_the_true_table_are_met(seed: int) -> None:
    rng = np.random.default_rng(seed)
    old = rng.lognormal(0, 1, (6, 7)) * rng.choice([1, 1, 1, -1], (6, 7))
    new = old * np.exp(rng.normal(0, 0.5, (6, 7)))
    known = []
    for k in range(3):
        i, j = rng.integers(0, 6, 4), rng.integers(0, 7, 4)
        weight = rng.choice([-1.0, 0.5, 1.0, 2.0], 4)
        known.append(Constraint(f"figure {k}", i, j, weight, float(weight @ new[i, j])))
    found = kras(old, new.sum(axis=1), new.sum(axis=0), known)
    np.testing.assert_allclose(found.constraint_residuals, 0, atol=1e-8 * np.abs(new).sum())
    np.testing.assert_allclose(found.matrix.sum(axis=0), new.sum(axis=0), atol=1e-8 * np.abs(new).sum())


def test_fixed_cells_stand_still_and_uncertain_ones_move_most() -> None:
    ready = np.ones_like(OLD)
    ready[0, 0] = 0
    fixed = kras(OLD, U, V, readiness=ready).matrix
    assert fixed[0, 0] == OLD[0, 0]
    np.testing.assert_allclose(fixed.sum(axis=1), U, atol=1e-8)
    usual = kras(OLD, U, V).matrix
    ready[0, 0] = 20
    loose = kras(OLD, U, V, readiness=ready).matrix
    assert abs(loose[0, 0] - OLD[0, 0]) > abs(usual[0, 0] - OLD[0, 0])


def test_a_row_that_is_fixed_altogether() -> None:
    ready = np.ones_like(OLD)
    ready[2] = 0
    totals = np.array([14.0, 25.0, OLD[2].sum()])
    found = kras(OLD, totals, None, [sum_of("a", [(0, 0)], 8.0)], readiness=ready)
    np.testing.assert_array_equal(found.matrix[2], OLD[2])
    np.testing.assert_allclose(found.matrix.sum(axis=1), totals, atol=1e-8)


def test_contradicting_figures_are_named_with_the_least_change() -> None:
    with pytest.raises(TableError) as caught:
        kras(OLD, U, V, [sum_of("survey", [(0, 0), (0, 1)], 11.0), sum_of("tax office", [(0, 0), (0, 1)], 12.0)])
    assert "contradict" in caught.value.what
    assert "would have to change by 1" in str(caught.value.found)
    assert caught.value.where in ("survey", "tax office")


def test_a_figure_that_may_give_way_yields_to_one_that_may_not() -> None:
    cells = [(0, 0), (0, 1)]
    found = kras(OLD, U, V, [sum_of("sure", cells, 11.0), sum_of("rumour", cells, 12.0, give=0.1)])
    assert found.matrix[0, :2].sum() == pytest.approx(11.0, rel=1e-8)
    change = next(c for c in found.changes if c.where == "rumour")
    assert change.amount == pytest.approx(1.0) and change.of == 12.0


def test_reliability_decides_a_compromise() -> None:
    cells = [(0, 0), (0, 1)]

    def compromise(a: float, b: float) -> float:
        found = kras(OLD, U, V, [sum_of("a", cells, 11.0, give=a), sum_of("b", cells, 12.0, give=b)])
        return float(found.matrix[0, :2].sum())

    middle = compromise(0.01, 0.01)
    assert 11.4 < middle < 11.6
    assert compromise(0.001, 0.01) < 11.2 < 11.8 < compromise(0.01, 0.001)
    # the order in which figures are given does not matter
    swapped = kras(OLD, U, V, [sum_of("b", cells, 12.0, give=0.01), sum_of("a", cells, 11.0, give=0.01)])
    assert swapped.matrix[0, :2].sum() == pytest.approx(middle, rel=1e-8)


def test_totals_that_are_not_known_are_left_free() -> None:
    found = kras(OLD, [np.nan, 26.0, np.nan])
    assert found.matrix[1].sum() == pytest.approx(26.0)
    np.testing.assert_array_equal(found.matrix[[0, 2]], OLD[[0, 2]])


def test_soft_totals_need_not_add_up() -> None:
    """Row and column totals with different sums are a contradiction; with room they meet in between."""
    with pytest.raises(TableError, match="contradict"):
        kras(OLD, U + 1, V)
    found = kras(OLD, U + 1, V, row_give=0.1, column_give=0.1)
    assert 40 < found.matrix.sum() < 43


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        (sum_of("x", [(5, 0)], 1.0), "outside the matrix"),
        (sum_of("x", [(0, 0)], 1.0, give=-1), "give"),
        (sum_of("x", [(0, 0)], np.inf), "no number"),
        (Constraint("x", np.array([0]), np.array([0, 1]), np.ones(2), 1.0), "cells"),
        (sum_of("x", [(1, 3)], 4.0), "contradict"),
    ],
)
def test_wrong_constraints_are_refused(constraint: Constraint, words: str) -> None:
    with pytest.raises(TableError) as caught:
        kras(OLD, U, V, [constraint])
    assert words in caught.value.what
