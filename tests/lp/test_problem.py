"""The explicit problem: families on their labels, coefficients entry by entry, blocks kept once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.properties.economies import random_case

from lustrum.errors import SpecError
from lustrum.lp import coefficients
from lustrum.lp.problem import Problem, ProblemBuilder
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem

LABELS: dict[str, list[object]] = {"product": ["corn", "iron"], "year": [2001, 2002]}


def builder() -> ProblemBuilder:
    b = ProblemBuilder()
    b.add_variables("x", LABELS, np.array([[True, False], [True, True]]), scale=2.0)
    return b


def test_a_family_is_numbered_where_it_exists() -> None:
    b = builder()
    np.testing.assert_array_equal(b.variables["x"].index, [[0, -1], [1, 2]])
    y = b.add_variables("y", {"year": [2001, 2002]}, lower=-np.inf)
    np.testing.assert_array_equal(y.index, [3, 4])
    p = b.build()
    assert p.shape == (0, 5)
    np.testing.assert_array_equal(p.lower, [0, 0, 0, -np.inf, -np.inf])
    np.testing.assert_array_equal(p.upper, np.inf)
    np.testing.assert_array_equal(p.scale, [2, 2, 2, 1, 1])


def test_a_scalar_family_has_no_labels() -> None:
    b = ProblemBuilder()
    v = b.add_variables("v", {})
    assert v.index.shape == ()
    assert v.index == 0
    assert v.array(np.array([7.0])).item() == 7.0


def test_an_empty_family_of_rows_is_kept_out_but_may_be_written_to() -> None:
    b = builder()
    rows = b.add_rows("none", LABELS, np.zeros((2, 2), dtype=bool), upper=1.0)
    b.put(rows.index, b.variables["x"].index, 1.0)
    p = b.build()
    assert "none" not in p.rows
    assert p.shape == (0, 3)
    assert p.matrix.nnz == 0


def test_entries_add_up_broadcast_and_pass_over_what_is_not_there() -> None:
    b = builder()
    rows = b.add_rows("r", {"product": ["corn", "iron"]}, upper=np.array([10.0, 20.0]))
    x = b.variables["x"]
    b.put(rows.index[:, None], x.index, 1.0)
    b.put(rows.index[:, None], x.index, np.array([[0.0, 5.0], [2.0, 0.0]]))
    p = b.build()
    np.testing.assert_array_equal(p.matrix.toarray(), [[1, 0, 0], [0, 3, 1]])
    np.testing.assert_array_equal(p.row_upper, [10, 20])
    np.testing.assert_array_equal(p.row_lower, -np.inf)


def test_sides_stand_with_their_rows() -> None:
    b = builder()
    b.add_rows("r", LABELS, np.array([[False, True], [True, False]]), lower=np.array([[1.0, 2.0], [3.0, 4.0]]))
    p = b.build()
    np.testing.assert_array_equal(p.row_lower, [2, 3])
    assert p.row_label(0) == ("r", {"product": "corn", "year": 2002})
    assert p.row_label(1) == ("r", {"product": "iron", "year": 2001})
    with pytest.raises(IndexError):
        p.row_label(2)


def test_a_goal_adds_up_and_covers_variables_made_after_it() -> None:
    b = builder()
    x = b.variables["x"]
    b.add_goal("g", [(x.index, 2.0), (x.index[1], np.array([0.5, 0.0]))], 3.0, 1e-7)
    b.add_variables("later", {"year": [1]})
    goal = b.build().goals[0]
    np.testing.assert_array_equal(goal.gradient, [2, 2.5, 2, 0])
    assert (goal.name, goal.constant, goal.tolerance) == ("g", 3.0, 1e-7)


def test_values_go_onto_labels_and_back() -> None:
    x = builder().variables["x"]
    array = x.array(np.array([1.0, 2.0, 3.0]))
    assert array.dims == ("product", "year")
    assert array.sel(product="iron", year=2001) == 2
    assert np.isnan(array.sel(product="corn", year=2002))
    out = np.full(3, -1.0)
    x.vector(array.where(array != 2), out)
    np.testing.assert_array_equal(out, [1, -1, 3])


def test_values_of_a_problem_without_variables_are_missing() -> None:
    b = ProblemBuilder()
    grid = b.add_variables("x", LABELS, np.zeros((2, 2), dtype=bool))
    assert np.isnan(grid.array(np.zeros(0)).values).all()


def test_a_block_is_kept_once_and_written_at_its_rows_and_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coefficients, "LEAST", 1)
    b = ProblemBuilder()
    matrix = np.array([[1.0, 0.0], [2.0, 3.0]])
    x = b.add_variables("x", {"activity": ["a", "b"], "year": [1, 2]}).index
    r = b.add_rows("r", {"product": ["p", "q"], "year": [1, 2]}).index
    b.put_matrix(r[:, 0], x[:, 0], matrix)
    b.put_matrix(r[:, 1], np.array([x[0, 1], -1]), matrix, -0.5)
    b.put_matrix(r[:, 1], np.array([-1, -1]), matrix)
    p = b.build()
    assert not p.coefficients.entries.nnz
    first, second = p.coefficients.tables
    assert first.matrix is second.matrix is matrix
    np.testing.assert_array_equal(p.matrix.toarray(), [[1, 0, 0, 0], [0, -0.5, 0, 0], [2, 0, 3, 0], [0, -1, 0, 0]])


def drawn_problem(seed: int, largest: int, longest: int) -> Problem:
    """A random plan as a linear program; a drawn plan may ask for what drawn accounts do not have."""
    try:
        return build_problem(PlanData(*random_case(seed, largest, longest)))
    except SpecError:
        reject()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_every_row_and_variable_of_a_plan_has_one_label(seed: int) -> None:
    problem = drawn_problem(seed, 8, 3)
    for grids, count in ((problem.rows, problem.shape[0]), (problem.variables, problem.shape[1])):
        positions = np.concatenate([g.index[g.index >= 0] for g in grids.values()])
        np.testing.assert_array_equal(np.sort(positions), np.arange(count))
    assert (problem.scale > 0).all()
    assert np.isfinite(problem.matrix.data).all()
    assert (problem.matrix.data != 0).all()
    assert not (np.isinf(problem.row_lower) & np.isinf(problem.row_upper)).any()
    assert all(g.gradient.size == problem.shape[1] for g in problem.goals)
