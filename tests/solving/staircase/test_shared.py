"""The staircase solver on a plan whose blocks are shared tables: the same program, structure and optimum as without."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from tests.solving.staircase.cases import drawn, embedded

from lustrum.lp import coefficients
from lustrum.lp.certificate import certify
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options, maximise
from lustrum.lp.problem import Problem, ProblemBuilder
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.structure import HostRows, analyse

#: Embedded economies, and random plans: rectangular, several techniques, regions, gestation, a decision year.
CASES = ["island", "us-2019-16", *range(20)]


def both(which: str | int, monkeypatch: pytest.MonkeyPatch) -> tuple[Problem, Problem]:
    """One plan with its blocks as tables, and written out."""
    out = []
    for least in (1, 10**9):
        monkeypatch.setattr(coefficients, "LEAST", least)
        monkeypatch.setattr(coefficients, "DENSE", 0.0)
        out.append(embedded(which) if isinstance(which, str) else drawn(which))
    return out[0], out[1]


def reduced(problem: Problem) -> ReducedProgram:
    return reduce_problem(problem, problem.goals[0].gradient).equilibrated()


def figures(form: HostRows) -> np.ndarray:
    """A form's rows on its columns."""
    return form.weighted(np.ones(form.numbers.size))


@pytest.mark.parametrize("which", CASES)
def test_the_reduced_program_and_its_structure_are_the_same(which: str | int, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, written = both(which, monkeypatch)
    assert kept.coefficients.tables
    a, b = reduced(kept), reduced(written)
    assert not b.matrix.tables
    difference = abs(a.matrix.explicit - b.matrix.explicit)
    assert a.matrix.shape == b.matrix.shape
    assert difference.nnz == 0 or difference.max() <= 1e-13 * abs(b.matrix.explicit).max()
    for name in ("row_lower", "row_upper", "lower", "upper", "cost"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-12, atol=1e-13)
    u, y = np.random.default_rng(0).normal(size=a.matrix.shape[1]), np.ones(a.matrix.shape[0])
    for one, other in zip(a.restore(u, y), b.restore(u, y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11 * np.abs(other).max(initial=0.0))
    s, t = analyse(a), analyse(b)
    np.testing.assert_array_equal(np.sort(s.core), np.sort(t.core))
    # a row of a table counts as dense even if it has few nonzeros
    assert s.dense_count >= t.dense_count
    for form in s.dense_rows:
        rows = figures(form)
        rng = np.random.default_rng(1)
        core, weight = rng.normal(size=s.core.size), rng.normal(size=form.numbers.size)
        np.testing.assert_allclose(form.times(core), rows @ core[form.columns], atol=1e-11)
        out = np.zeros(s.core.size)
        form.add_transposed(out, weight)
        np.testing.assert_allclose(out[form.columns], rows.T @ weight, atol=1e-11)
        few = sparse.random(4, form.numbers.size, 0.5, format="csr", random_state=1)
        np.testing.assert_allclose(form.premultiplied(few), few.toarray() @ rows, atol=1e-11)
        some = np.arange(0, form.numbers.size, 2)
        np.testing.assert_allclose(form.select(some), rows[some], rtol=1e-14)


@pytest.mark.parametrize("which", ["island", "us-2019-16", 1, 4, 11])
def test_the_factor_solves_the_system_it_stands_for(which: str | int, monkeypatch: pytest.MonkeyPatch) -> None:
    r = reduced(both(which, monkeypatch)[0])
    m, n = r.matrix.shape
    rng = np.random.default_rng(1)
    e, w = 10 ** rng.uniform(-3, 3, (2, n)), 10 ** rng.uniform(-3, 3, (2, m))
    xi, zeta = rng.normal(size=(2, n)), rng.normal(size=(2, m))
    factor = KktFactor(analyse(r), r.matrix, 2)
    factor.update(e, w, 1 / w)
    du, dy = factor.solve(xi, zeta)
    g = r.matrix.explicit
    for k in range(2):
        first = np.abs(e[k] * du[k] - g.T @ dy[k] - xi[k]).max()
        assert first <= 1e-8 * max(np.abs(xi[k]).max(), np.abs(dy[k]).max())
        assert np.abs(g @ du[k] + dy[k] / w[k] - zeta[k]).max() <= 1e-8 * np.abs(zeta[k]).max()


@pytest.mark.parametrize("which", ["us-2019-16", 1, 7])
def test_the_optimum_is_the_same(which: str | int, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, written = both(which, monkeypatch)
    goal = written.goals[0]
    one, other = (maximise_staircase(p, goal.gradient, natural=goal.size) for p in (kept, written))
    assert one.status == other.status == "optimal"
    a, b = (float(goal.gradient @ x.values) for x in (one, other))
    assert a == pytest.approx(b, rel=1e-7)
    c = certify(written, goal.gradient, 0.0, one.values, one.row_dual, 1e-6, goal.size)
    assert max(c.primal_residual, c.dual_residual, c.gap) <= 1e-7


def test_a_table_is_one_array_from_the_problem_to_the_forms() -> None:
    """A dense table in three years, outputs limited by what may be imported: nothing writes it out on the way."""
    size, years = 210, 3
    table = 0.5 * np.random.default_rng(0).random((size, size)) / size + 0.5 * np.eye(size)
    b = ProblemBuilder()
    labels: dict[str, list[object]] = {"product": list(range(size)), "year": list(range(2001, 2001 + years))}
    x = b.add_variables("output", labels).index
    trade = b.add_variables("imports", labels, upper=np.linspace(1, 2, size)[:, None]).index
    r = b.add_rows("product_balance", labels, upper=1.0).index
    for t in range(years):
        b.put_matrix(r[:, t], x[:, t], table)
        b.put(r[:, t], trade[:, t], -1.0)
    b.add_goal("aim", [(x, 1.0), (trade, -0.1)], 0.0, 1e-9)
    problem = b.build()
    goal = problem.goals[0]
    found = maximise_staircase(problem, goal.gradient)
    forms = analyse(reduced(problem)).dense_rows
    assert len(forms) == years
    for form in forms:
        assert isinstance(form.matrix, Coefficients)
        assert form.matrix.tables[0].matrix is table
    assert "explicit" not in vars(problem.coefficients)
    assert found.status == "optimal"
    known = maximise(problem, goal.gradient, Options("ipm", threads=1))
    assert goal.gradient @ found.values == pytest.approx(goal.gradient @ known.values, rel=1e-7)
