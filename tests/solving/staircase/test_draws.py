"""Batches of plans: each reaches the optimum that it reaches alone, whatever the others do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded, small

from lustrum.errors import BadInput
from lustrum.lp.certificate import certify
from lustrum.lp.highs import Options, RawSolution, maximise
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution, StageSolution
from lustrum.solving import batch
from lustrum.solving.batch import solve_batch
from lustrum.solving.stages import solve_problem
from lustrum.solving.staircase import maximise_batch, maximise_staircase
from lustrum.solving.staircase.batch import Prepared
from lustrum.solving.staircase.interior_point import ACCEPTABLE
from lustrum.solving.staircase.maximise import WANTED, certificate_score
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import reduced_limits

FAMILIES = ("labour", "exchange", "capacity", "product_balance")


def shaken(problem: Problem, count: int, size: float, seed: int = 0) -> LimitSets:
    """Limits with the sides of some families moved by up to `size` of themselves, up and down."""
    rng = np.random.default_rng(seed)
    draws = LimitSets.of(problem, count)
    for name in FAMILIES:
        if name in problem.rows:
            at = problem.rows[name].index
            at = at[at >= 0]
            factor = 1 + size * rng.uniform(-1, 1, (count, at.size))
            for side in (draws.row_lower, draws.row_upper):
                side[:, at] = np.where(np.isfinite(side[:, at]), side[:, at] * factor, side[:, at])
    # both sides of an equation move alike, so that equations stay equations
    return draws


@pytest.mark.parametrize("name", ["island", "us-2019-16", 7, 23, 46])
def test_sides_of_a_draw_are_those_of_its_own_reduction(name: str | int) -> None:
    """ReducedProgram once and moved, or reduced with its own limits: the same program."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    gradient = p.goals[0].gradient
    draws = shaken(p, 3, 0.01)
    first = reduce_problem(draws.problem(p, 0), gradient).equilibrated()
    limits, offset = reduced_limits(first, draws)
    for k in range(3):
        own = reduce_problem(draws.problem(p, k), gradient).equilibrated()
        assert abs(own.matrix.explicit - first.matrix.explicit).max() == 0
        for ours, theirs in zip(
            (value[k] for value in vars(limits).values()),
            (own.row_lower, own.row_upper, own.lower, own.upper, own.cost),
            strict=True,
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(offset[k], own.postsolve.offset, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["us-2019-16", 7, 27])
def test_a_batch_finds_what_each_plan_finds_alone(name: str | int) -> None:
    """Objectives as HiGHS's; and a plan that ends early leaves the others as they are."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    goal = p.goals[0]
    draws = shaken(p, 5, 0.002)
    found = maximise_batch(p, goal.gradient, draws, natural=goal.size)
    compared = 0
    for k, raw in enumerate(found):
        own = draws.problem(p, k)
        known = maximise(own, goal.gradient, Options(threads=1))
        alone = maximise_staircase(own, goal.gradient, natural=goal.size)
        if raw.status != "optimal":
            assert alone.status != "optimal" or known.status != "optimal"
            continue
        assert known.status == "optimal"
        compared += 1
        size = max(abs(goal.gradient @ known.values), goal.size, 1e-12)
        assert abs(goal.gradient @ (raw.values - known.values)) <= 1e-7 * size
        assert abs(goal.gradient @ (raw.values - alone.values)) <= 1e-7 * size
    assert compared >= 3


def test_every_stage_of_every_draw_is_proven_or_said_to_have_no_plan() -> None:
    """As `solve_problem` answers for each alone: two stages, one draw without a plan, one shut in another place."""
    p = drawn(11)
    assert len(p.goals) > 1
    draws = shaken(p, 4, 0.002)
    at = p.variables["output"].index
    at = at[at >= 0]
    draws.lower[1, at] = 1e6 * p.scale[at]  # more than any plan can make
    draws.upper[1, at] = np.inf
    free = np.flatnonzero((p.lower == 0) & np.isinf(p.upper))[:1]
    draws.upper[2, free] = 0.0  # shut
    ours = solve_batch(p, draws, Options(threads=1), 1e-6)
    statuses = []
    for k, one in enumerate(ours):
        alone = solve_problem(draws.problem(p, k), Options(threads=1), 1e-6)
        statuses.append(one.status)
        assert one.status == alone.status
        if one.status == "optimal":
            same(one, alone)
    assert statuses[1] == "infeasible"
    assert statuses.count("optimal") >= 2


def same(one: Solution, other: Solution) -> None:
    """Both proven, with the same objectives stage by stage."""
    assert one.certificate.holds
    for a, b in zip(one.stages, other.stages, strict=True):
        assert a.objective == pytest.approx(b.objective, rel=1e-5, abs=1e-6 * max(1.0, abs(b.objective)))


@pytest.mark.slow
def test_workers_answer_in_the_order_of_the_draws() -> None:
    """Two processes and one give the same answers at the same places."""
    p = embedded("us-2019-16")
    goal = p.goals[0]
    draws = shaken(p, 12, 0.002)
    one = maximise_batch(p, goal.gradient, draws, natural=goal.size)
    two = maximise_batch(p, goal.gradient, draws, natural=goal.size, workers=2)
    values = [goal.gradient @ raw.values for raw in one]
    np.testing.assert_allclose([goal.gradient @ raw.values for raw in two], values, rtol=1e-7)
    assert np.ptp(values) > 1e-6 * abs(values[0])


def test_limits_that_do_not_fit_are_told() -> None:
    """Shapes and figures that are no limits end in an error that says where."""
    p = embedded("island")
    draws = LimitSets.of(p, 2)
    with pytest.raises(BadInput, match="do not fit each other"):
        replace(draws, lower=draws.lower[:1])
    wrong = draws.upper.copy()
    wrong[1, 3] = np.nan
    with pytest.raises(BadInput, match=r"upper\[1, 3\]"):
        replace(draws, upper=wrong)
    with pytest.raises(BadInput, match="do not fit the plan"):
        solve_batch(p, draws.with_row(np.zeros(2), 1.0), Options(), 1e-6)


def test_a_prepared_plan_begins_near_its_first_optimum() -> None:
    """Solved again with other limits: HiGHS's objective, in fewer iterations; limits of another kind begin anew."""
    p = embedded("us-2019-16")
    goal = p.goals[0]
    prepared = Prepared(p, goal.gradient, natural=goal.size)
    draws = shaken(p, 4, 0.002)
    counts = []
    for k in range(4):
        (found,) = prepared.solve(draws.some(np.array([k])))
        known = maximise(draws.problem(p, k), goal.gradient, Options(threads=1))
        assert found.status == known.status == "optimal"
        assert abs(goal.gradient @ (found.values - known.values)) <= 1e-7 * abs(goal.gradient @ known.values)
        counts.append(int(found.method.split("(")[1].split()[0]))
    assert max(counts[1:]) < counts[0]
    fixed = draws.some(np.array([0]))
    known = maximise(fixed.problem(p, 0), goal.gradient, Options(threads=1))
    at = p.variables["exports"].index[:1, 0, :1].ravel()
    fixed.lower[0, at] = fixed.upper[0, at] = known.values[at]
    (found,) = prepared.solve(fixed)
    assert found.status == "optimal"
    assert abs(goal.gradient @ (found.values - known.values)) <= 1e-7 * abs(goal.gradient @ known.values)


def test_a_place_to_begin_that_leads_nowhere_costs_no_answer() -> None:
    """Near a guess that is wrong by six orders of magnitude and in sign; the plan is then solved from nothing."""
    p = embedded("us-2019-16")
    goal = p.goals[0]
    prepared = Prepared(p, goal.gradient, natural=goal.size)
    draws = shaken(p, 2, 0.002)
    prepared.solve(draws.some(np.array([0])))
    near = prepared.solver.first_optimum
    assert near is not None
    prepared.solver.first_optimum = replace(near, u=-1e6 * near.u, y=-1e6 * near.y)
    (found,) = prepared.solve(draws.some(np.array([1])))
    known = maximise(draws.problem(p, 1), goal.gradient, Options(threads=1))
    assert found.status == "optimal"
    assert abs(goal.gradient @ (found.values - known.values)) <= 1e-7 * abs(goal.gradient @ known.values)


def test_infeasible_is_told_from_unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver may leave both open; then, as for a plan alone, it is asked whether there is any plan."""
    p = drawn(11)
    draws = LimitSets.of(p, 1)
    at = p.variables["output"].index
    at = at[at >= 0]
    draws.lower[0, at], draws.upper[0, at] = 1e6 * p.scale[at], np.inf
    real = batch.solve_with_fallbacks

    def open_ended(*args: Any) -> tuple[RawSolution, StageSolution]:
        raw, stage = real(*args)
        assert raw.status == "infeasible"
        return replace(raw, status="unbounded"), stage

    monkeypatch.setattr(batch, "solve_with_fallbacks", open_ended)
    assert solve_batch(p, draws, Options("ipm", threads=1), 1e-6)[0].status == "infeasible"


def test_a_lexicographic_bound_may_hardly_be_violated() -> None:
    """What passes for rounding elsewhere is no optimum in a later stage: in a batch as for a plan alone."""
    p = small([[1.0, 1.0]], [-np.inf], [1.0], [1.0, 0.0], np.inf)
    second = with_bound(p, p.goals[0], 1.0)
    gradient, values = np.array([0.0, 1.0]), np.array([1 - 4e-7, 4e-7])
    dual = np.array([1.0, -1.0])
    c = certify(second, gradient, 0.0, values, dual, 1e-6, 100.0)
    assert c.holds  # without the rule for lexicographic bounds this would be an optimum
    assert max(c.primal_residual, c.dual_residual, 10 * c.gap) <= ACCEPTABLE * WANTED
    assert certificate_score(second, gradient, values, dual, 100.0) > ACCEPTABLE
    assert certificate_score(second, gradient, np.array([1.0, 0.0]), dual, 100.0) <= 1


def test_batches_do_not_depend_on_the_number_of_workers() -> None:
    """Plans of two kinds, in one process and in two: equal to the last bit, and no script is run again."""
    p = embedded("us-2019-16")
    draws = shaken(p, 20, 0.002)
    at = p.variables["imports"].index
    draws.upper[::3, at[at >= 0][0]] = 1e3 * p.scale[at[at >= 0][0]]  # a finite bound makes another kind
    one, two = (solve_batch(p, draws, Options("staircase", threads=1), 1e-6, workers) for workers in (1, 2))
    assert len({tuple(kind) for kind in draws.kinds()}) == 2
    for a, b in zip(one, two, strict=True):
        assert a.status == b.status
        np.testing.assert_array_equal(a.values, b.values)
