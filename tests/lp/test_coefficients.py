"""Coefficients with shared tables against the same coefficients written out: whatever is asked, the answers agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.solving.staircase.cases import drawn, embedded, stages

from lustrum.lp import coefficients
from lustrum.lp.certificate import certify, dual_bound, primal_residuals
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Problem, ProblemBuilder
from lustrum.lp.table import Table

#: Plans with rectangular accounts, several techniques, regions, gestation, a decision year, yearly coefficients.
SEEDS = range(16)


def random_coefficients(seed: int, apart: bool = True) -> Coefficients:
    """A sparse matrix with up to three tables in it, whose rows and columns may be parts or be used many times."""
    rng = np.random.default_rng(seed)
    m, n = (int(k) for k in rng.integers(1, 30, 2))
    whole = np.where(rng.random((m, n)) < 0.3, rng.normal(size=(m, n)), 0.0)
    tables = []
    shared = rng.normal(size=rng.integers(1, 12, 2)) * (rng.random((1, 1)) < 0.9)
    shared[rng.random(shared.shape) < 0.2] = 0.0
    free = np.ones((m, n), dtype=bool)
    for _ in range(int(rng.integers(1, 4))):
        rows = rng.permutation(m)[: rng.integers(1, m + 1)]
        columns = rng.permutation(n)[: rng.integers(1, n + 1)]
        if rng.random() < 0.5:
            rows, columns = np.sort(rows), np.sort(columns)
        if not free[np.ix_(rows, columns)].all():
            continue
        free[np.ix_(rows, columns)] = False
        tables.append(
            Table(
                rows,
                columns,
                rng.normal(size=rows.size),
                rng.normal(size=columns.size),
                shared if rng.random() < 0.7 else np.asfortranarray(shared),
                rng.integers(0, shared.shape[0], rows.size),
                rng.integers(0, shared.shape[1], columns.size),
            )
        )
    return Coefficients(sparse.csr_matrix(whole * free if apart else whole), tuple(tables))


def plain(c: Coefficients) -> np.ndarray:
    """All figures by the definition of a table, in a loop."""
    out: np.ndarray = c.entries.toarray()
    for t in c.tables:
        for a, i in enumerate(t.rows):
            for b, j in enumerate(t.columns):
                out[i, j] += t.left[a] * t.matrix[t.row_of[a], t.column_of[b]] * t.right[b]
    return out


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_all_questions_are_answered_as_by_the_figures_written_out(seed: int) -> None:
    c = random_coefficients(seed)
    full, rng = plain(c), np.random.default_rng(seed + 1)
    m, n = full.shape
    np.testing.assert_allclose(c.explicit.toarray(), full, rtol=1e-15)
    np.testing.assert_allclose(c.toarray(), full, rtol=1e-14, atol=0)
    assert c.nonzeros == np.count_nonzero(full)
    for a, b in ((c, full), (c.T, full.T)):
        v, w = rng.normal(size=b.shape[1]), rng.random(b.shape[1])
        np.testing.assert_allclose(a @ v, b @ v, atol=1e-12)
        stack = rng.normal(size=(b.shape[1], 3))
        np.testing.assert_allclose(a @ stack, b @ stack, atol=1e-12)
        np.testing.assert_allclose(a.largest(w), (np.abs(b) * w).max(axis=1), rtol=1e-12)
        np.testing.assert_allclose(a.largest(), np.abs(b).max(axis=1), rtol=1e-12)
        use = rng.random(b.shape[1]) < 0.6
        np.testing.assert_array_equal(a.counts(), np.count_nonzero(b, axis=1))
        np.testing.assert_array_equal(a.counts(use), np.count_nonzero(b[:, use], axis=1))
    r, k = rng.normal(size=m), rng.normal(size=n)
    np.testing.assert_allclose(c.scaled(r, k).explicit.toarray(), r[:, None] * full * k, rtol=1e-13)
    np.testing.assert_allclose(c.dense(r), r[:, None] * full, rtol=1e-13)
    few = sparse.random(7, m, 0.4, format="csr", random_state=seed)
    np.testing.assert_allclose(c.left(few), few.toarray() @ full, atol=1e-12)
    rows, marks = np.flatnonzero(rng.random(m) < 0.5), rng.random(m) < 0.2
    for asked in (rows, rng.integers(0, m, 5)):
        np.testing.assert_allclose(c.chosen(asked).toarray(), full[asked], rtol=1e-14)
    np.testing.assert_allclose(c.picked_rows(marks).explicit.toarray(), full[marks], rtol=1e-14)
    fewer = c.untabled(marks, rng.random(n) < 0.2)
    assert not any(marks[t.rows].any() for t in fewer.tables)
    np.testing.assert_allclose(fewer.explicit.toarray(), full, rtol=1e-14)
    more = sparse.csr_matrix(rng.normal(size=(2, n)))
    np.testing.assert_allclose(c.with_rows(more).explicit.toarray(), np.vstack([full, more.toarray()]), rtol=1e-14)
    wider = sparse.csr_matrix(rng.normal(size=(m, 2)))
    np.testing.assert_allclose(c.with_columns(wider).toarray(), np.hstack([full, wider.toarray()]), rtol=1e-14)


@pytest.fixture
def tables_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of a plan is kept as a table, however small or sparse."""
    monkeypatch.setattr(coefficients, "LEAST", 1)
    monkeypatch.setattr(coefficients, "DENSE", 0.0)


def both(which: str | int, monkeypatch: pytest.MonkeyPatch) -> tuple[Problem, Problem]:
    """One plan with its blocks as tables, and written out."""
    make = embedded if isinstance(which, str) else drawn
    kept = make(which)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setattr(coefficients, "LEAST", 10**9)
        written = make(which)  # type: ignore[arg-type]
    assert not written.coefficients.tables
    return kept, written


@pytest.mark.parametrize("which", ["island", "us-2019-16", *SEEDS])
@pytest.mark.usefixtures("tables_of_any_size")
def test_a_plan_is_the_same_with_its_blocks_as_tables(which: str | int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrix, and every figure of the certificate at points that are no optimum."""
    kept, written = both(which, monkeypatch)
    assert kept.coefficients.tables
    difference = abs(kept.matrix - written.matrix)
    assert difference.max() <= 1e-15 * abs(written.matrix).max()
    assert kept.nonzeros == written.nonzeros
    rng = np.random.default_rng(0)
    values = written.scale * rng.lognormal(size=written.scale.size)
    dual = rng.normal(size=written.shape[0]) / np.maximum(written.natural, 1e-9)
    np.testing.assert_allclose(kept.natural, written.natural, rtol=1e-13)
    np.testing.assert_allclose(primal_residuals(kept, values), primal_residuals(written, values), rtol=1e-9, atol=1e-14)
    goal = written.goals[0]
    assert dual_bound(kept, goal.gradient, dual, values, 1.0) == pytest.approx(
        dual_bound(written, goal.gradient, dual, values, 1.0), rel=1e-9
    )
    assert dual_bound(kept, goal.gradient, dual) == pytest.approx(dual_bound(written, goal.gradient, dual), rel=1e-9)


@pytest.mark.parametrize("which", ["island", "us-2019-16"])
@pytest.mark.usefixtures("tables_of_any_size")
def test_the_certificate_of_an_optimum_is_the_same(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, written = both(which, monkeypatch)
    case = next(stages(written))
    one, other = (
        certify(p, case.goal.gradient, 0.0, case.known.values, case.known.row_dual, 1e-6, case.goal.size)
        for p in (kept, written)
    )
    found = (one.primal_residual, one.dual_residual, one.gap)
    assert found == pytest.approx((other.primal_residual, other.dual_residual, other.gap), abs=1e-12)


def held(problem: Problem) -> int:
    """Bytes of the arrays that the coefficients of a problem hold, each counted once."""
    c = problem.coefficients
    arrays = [c.entries.data, c.entries.indices, c.entries.indptr]
    for t in c.tables:
        arrays += [t.rows, t.columns, t.left, t.right, t.matrix, t.row_of, t.column_of]
    bases = {id(a if a.base is None else a.base): (a if a.base is None else a.base) for a in arrays}
    return sum(a.nbytes for a in bases.values())


def table_in_years(years: int, size: int) -> Problem:
    """The same dense table in every year, and imports beside."""
    table = np.random.default_rng(0).random((size, size))
    b = ProblemBuilder()
    labels = {"product": list(range(size)), "year": list(range(years))}
    x, trade = b.add_variables("output", labels).index, b.add_variables("imports", labels).index
    r = b.add_rows("product_balance", labels, upper=1.0).index
    for t in range(years):
        b.put_matrix(r[:, t], x[:, t], table)
        b.put(r[:, t], trade[:, t], -1.0)
    b.add_goal("aim", [(x, 1.0)], 0.0, 1e-9)
    return b.build()


def test_a_table_is_held_once_for_all_years() -> None:
    """Beyond the table itself, a year costs a few figures for each product."""
    size = 220
    five, ten = (held(table_in_years(years, size)) for years in (5, 10))
    assert 8 * size**2 <= five <= 8 * size**2 + 5 * 80 * size
    assert ten - five <= 5 * 80 * size


def test_products_and_certificates_write_no_table_out() -> None:
    problem = table_in_years(3, 220)
    locked = with_bound(problem, problem.goals[0], 1.0)
    certify(locked, problem.goals[0].gradient, 0.0, problem.scale, np.ones(locked.shape[0]), 1e-6)
    assert problem.nonzeros >= 3 * 220**2
    for found in (problem, locked):
        assert found.coefficients.tables
        assert "explicit" not in vars(found.coefficients)
    assert problem.matrix is problem.matrix


def test_what_stands_where_a_table_does_is_written_out_with_it() -> None:
    """An entry in the middle of a table, or a second table that overlaps a part of it: the sum is right either way."""
    rng = np.random.default_rng(1)
    table, size = rng.random((300, 300)), 300
    b = ProblemBuilder()
    x = b.add_variables("x", {"activity": list(range(400))}).index
    r = b.add_rows("r", {"product": list(range(size))}, upper=1.0).index
    b.put_matrix(r, x[:size], table)
    b.put_matrix(r, x[100:], table, 2.0)
    expected = np.zeros((size, 400))
    expected[:, :size] += table
    expected[:, 100:] += 2 * table
    assert not b.build().coefficients.tables
    np.testing.assert_allclose(b.build().matrix.toarray(), expected, rtol=1e-15)
    b.put(r[3:4], x[7:8], 5.0)
    expected[3, 7] += 5
    assert not b.build().coefficients.tables
    np.testing.assert_allclose(b.build().matrix.toarray(), expected, rtol=1e-15)


def test_matrices_at_the_same_places_are_one_table() -> None:
    """Inputs less supply: one table where they meet in the same way, and small or sparse matrices are written out."""
    size = 220
    table, supply = np.random.default_rng(2).random((size, size)), np.eye(size)
    b = ProblemBuilder()
    labels = {"product": list(range(size)), "year": [1, 2, 3]}
    x, r = b.add_variables("x", labels).index, b.add_rows("r", labels, upper=1.0).index
    for t in range(3):
        b.put_matrix(r[:, t], x[:, t], table, 1.0 if t < 2 else 1.1)
        b.put_matrix(r[:, t], x[:, t], supply, -1.0)
    p = b.build()
    assert not p.coefficients.entries.nnz
    first, second, third = (t.matrix for t in p.coefficients.tables)
    assert first is second
    np.testing.assert_array_equal(first, table - supply)
    np.testing.assert_allclose(third, 1.1 * table - supply, rtol=1e-15)
    b.put_matrix(r[:, 0], x[:, 2], supply)
    assert b.build().coefficients.entries.nnz == size


def test_the_same_coefficients_in_many_columns_are_kept_once() -> None:
    b = ProblemBuilder()
    x = b.add_variables("x", {"activity": list(range(400))}).index.copy()
    r = b.add_rows("r", {"product": list(range(300))}, upper=1.0).index
    x[5] = -1
    values = np.random.default_rng(3).random(300)
    values[10] = 0.0
    b.put_same(r, x, values)
    p = b.build()
    assert held(p) <= 40_000
    assert p.nonzeros == 299 * 399
    expected = np.outer(values, x >= 0)
    np.testing.assert_array_equal(p.matrix.toarray(), expected)
