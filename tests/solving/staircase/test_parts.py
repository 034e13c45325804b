"""The parts of the staircase solver, each against the plain linear algebra it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded, stages

from lustrum.lp.problem import Problem
from lustrum.solving.staircase.iterate import step_length
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.structure import analyse, row_kinds


def reduced(problem: Problem) -> ReducedProgram:
    """The first stage in the form the interior point sees."""
    return reduce_problem(problem, problem.goals[0].gradient).equilibrated()


@pytest.fixture(scope="module", params=["island", "us-2019-16", 11, 32, 56])
def problem(request: pytest.FixtureRequest) -> Problem:
    return embedded(request.param) if isinstance(request.param, str) else drawn(request.param)


def test_reduction_keeps_what_the_rows_say(problem: Problem) -> None:
    """Any point of the reduced program, restored, meets the equations and has the same row activities and cost."""
    r = reduced(problem)
    rng = np.random.default_rng(0)
    u = rng.normal(size=r.matrix.shape[1])
    values, _ = r.restore(u, np.zeros(r.matrix.shape[0]))
    terms = abs(problem.matrix) @ np.abs(values) + np.abs(np.nan_to_num(problem.row_lower, neginf=0.0))
    activity = problem.matrix @ values
    solved = r.postsolve.pivot_rows[r.postsolve.pivot_rows < problem.shape[0]]
    gap = np.abs(activity - problem.row_lower)[solved]
    assert (gap <= 1e-12 * terms[solved] + 1e-9).all()
    cost = r.cost @ u + r.postsolve.cost @ r.postsolve.offset
    whole = -problem.goals[0].gradient @ values * r.postsolve.objective_scale
    assert cost == pytest.approx(whole, rel=1e-9, abs=1e-9 * np.abs(r.cost * u).max())


def test_restored_duals_price_every_solved_variable_at_zero() -> None:
    """A variable that an equation was solved for has no reduced cost beyond that of its own bounds."""
    p = embedded("island")
    r = reduced(p)
    _, dual = r.restore(np.zeros(r.matrix.shape[1]), np.zeros(r.matrix.shape[0]))
    left = p.goals[0].gradient - p.matrix.T @ dual
    columns = r.postsolve.pivot_columns[r.postsolve.pivot_columns < p.shape[1]]
    assert np.abs(left[columns]).max() <= 1e-9 * np.abs(p.goals[0].gradient).max()


def test_every_variable_and_row_has_one_place(problem: Problem) -> None:
    """Core, rank-one blocks and pieces share out the variables; linking, pure, rank-one blocks and pieces the rows."""
    s = analyse(reduced(problem))
    m, n = s.shape
    variables = np.concatenate([s.core, s.rank_one.variables, *(p.variables.ravel() for p in s.pieces)])
    rows = np.concatenate([s.linking, s.pure, s.rank_one.rows, *(p.rows.ravel() for p in s.pieces)])
    assert np.array_equal(np.sort(variables[variables < n]), np.arange(n))
    assert np.array_equal(np.sort(rows[rows < m]), np.arange(m))


@pytest.mark.parametrize("spread", [0.0, 3.0, 6.0])
def test_factor_solves_the_system_it_stands_for(problem: Problem, spread: float) -> None:
    """Against a dense solve of [E −Gᵀ; G D], with weights over up to twelve orders of magnitude."""
    r = reduced(problem)
    m, n = r.matrix.shape
    rng = np.random.default_rng(1)
    e, w = 10 ** rng.uniform(-spread, spread, (2, n)), 10 ** rng.uniform(-spread, spread, (2, m))
    xi, zeta = rng.normal(size=(2, n)), rng.normal(size=(2, m))
    factor = KktFactor(analyse(r), r.matrix, 2)
    factor.update(e, w, 1 / w)
    found = factor.solve(xi, zeta)
    for e1, w1, xi1, zeta1, du, dy in zip(e, w, xi, zeta, *found, strict=True):
        assert np.abs(e1 * du - r.matrix.T @ dy - xi1).max() <= 1e-8 * max(np.abs(xi1).max(), np.abs(dy).max())
        assert np.abs(r.matrix @ du + dy / w1 - zeta1).max() <= 1e-8 * np.abs(zeta1).max()
        if n + m <= 1500 and spread <= 3:
            g = r.matrix.toarray()
            exact = np.linalg.solve(np.block([[np.diag(e1), -g.T], [g, np.diag(1 / w1)]]), np.concatenate([xi1, zeta1]))
            np.testing.assert_allclose(np.concatenate([du, dy]), exact, rtol=1e-5, atol=1e-7 * np.abs(exact).max())


def test_tight_rows_do_not_forget_what_is_small() -> None:
    """A row of weight 1e11 over variables of weight 1e-9, as at the end of the iterations."""
    p = next(stages(embedded("us-2019-16"))).problem
    r = reduced(p)
    m, n = r.matrix.shape
    rng = np.random.default_rng(2)
    e, w = 10 ** rng.uniform(-9, 2, n), 10 ** rng.uniform(-6, 9, m)
    factor = KktFactor(analyse(r), r.matrix)
    factor.update(e[None], w[None], 1 / w[None])
    xi = r.matrix.T @ rng.normal(size=m) + e * rng.normal(size=n)
    factor.solve(xi[None], np.zeros((1, m)))
    assert factor.residual[0] <= 1e-6


def test_longest_step() -> None:
    """The step stops at the first figure that would fall below zero, and at 1; of each plan."""
    assert step_length(np.array([[4.0, -0.5], [0.5, -1.0]])).tolist() == [0.25, 1.0]
    assert step_length(np.zeros((2, 0))).tolist() == [1.0, 1.0]


def core_of(r: ReducedProgram) -> np.ndarray:
    """The core as a mask."""
    core = np.zeros(r.matrix.shape[1], dtype=bool)
    core[analyse(r).core] = True
    return core


def test_declared_families_are_linking() -> None:
    """The program says which families tie years together; none of them is local to a piece, and others may be."""
    p = embedded("us-2019-16")
    assert {"labour", "exchange"} <= p.linking
    r = reduced(p)
    core = core_of(r)
    linking, local, _ = row_kinds(r, core, False)
    assert linking[r.linking & (r.matrix.counts(~core) > 0)].all()
    none = reduced(replace(p, linking=frozenset()))
    assert none.linking.sum() < r.linking.sum()
    assert row_kinds(none, core_of(none), False)[1].sum() > local.sum()
