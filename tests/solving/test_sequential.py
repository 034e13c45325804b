"""LimitSets along a tour: the order, the HiGHS object that is kept, and both ways of solving draws side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded
from tests.solving.staircase.test_draws import shaken

from lustrum.lp.certificate import proves_no_plan
from lustrum.lp.highs import Options, maximise
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.solving import batch
from lustrum.solving.batch import solve_batch, way
from lustrum.solving.persistent import FEW, PersistentSolver
from lustrum.solving.sequential import (
    Found,
    Prices,
    features,
    length,
    maximise_in_sequence,
    nearest,
    order_scenarios,
    shortened,
)
from lustrum.solving.simplex_session import SimplexSession
from lustrum.solving.stages import certified


def without_plan(problem: Problem, draws: LimitSets, plan: int) -> None:
    """Ask for more output than any plan can make."""
    at = problem.variables["output"].index
    at = at[at >= 0]
    draws.lower[plan, at], draws.upper[plan, at] = 1e6 * problem.scale[at], np.inf


def test_a_tour_goes_from_cluster_to_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every draw once; shorter than as given or nearest first; in groups too."""
    rng = np.random.default_rng(0)
    p = embedded("island")
    draws = LimitSets.of(p, 60)
    centre = rng.normal(size=(5, p.shape[1]))
    places = centre[rng.integers(0, 5, 60)] + 0.05 * rng.normal(size=(60, p.shape[1]))
    draws.upper[:] = places * p.scale
    prices = Prices.of(np.zeros(p.shape[0]), p.natural, np.zeros(p.shape[1]), p.scale)
    order = order_scenarios(draws, prices)
    assert sorted(order) == list(range(60))
    where = features(draws, prices)
    apart = np.abs(where[:, None] - where[None]).sum(axis=2)
    assert length(order, apart) < 0.5 * length(np.arange(60), apart)
    assert (apart[order[:-1], order[1:]] > apart.mean() / 2).sum() == 4  # from cluster to cluster four times
    monkeypatch.setattr("lustrum.solving.sequential.TOGETHER", 25)
    assert sorted(order_scenarios(draws, prices)) == list(range(60))


def test_changes_to_an_order_shorten_it() -> None:
    """On points of a plane, and whatever the order they begin with."""
    points = np.random.default_rng(1).random((80, 2))
    apart = np.abs(points[:, None] - points[None]).sum(axis=2)
    first = nearest(apart)
    for order in (first, np.arange(80)):
        better = shortened(order, apart)
        assert sorted(better) == list(range(80))
        assert length(better, apart) < 0.97 * length(first, apart)


def test_draws_without_some_limits_have_a_distance() -> None:
    """A side that is there in some draws only counts as far away as the furthest that is there."""
    p = embedded("island")
    draws = LimitSets.of(p, 3)
    draws.upper[:, 0] = [1.0, 5.0, np.inf]
    draws.lower[:, 1] = [-np.inf, -2.0, -3.0]
    where = features(draws, Prices(*(np.ones(k) for k in (*p.shape[:1], *p.shape[:1], *p.shape[1:], *p.shape[1:]))))
    assert np.isfinite(where).all()
    apart = np.abs(where[:, None] - where[None]).sum(axis=2) / np.abs(where[0] - where[1]).sum()
    assert apart[0, 2] == pytest.approx(4 / 5)
    assert apart[1, 2] == pytest.approx(1 / 5)


def test_a_kept_program_finds_what_a_fresh_one_finds() -> None:
    """After other limits, after a plan that has none (with a proof), after two not ended; from a basis too."""
    p = embedded("us-2019-16")
    goal = p.goals[0]
    draws = shaken(p, 7, 0.01)
    at = p.variables["output"].index
    at = at[at >= 0][:1]
    draws.lower[2, at], draws.upper[2, at] = 1e3 * p.scale[at], np.inf
    hot = SimplexSession(p, goal.gradient)
    hot = SimplexSession(p, goal.gradient, basis=hot.basis())
    for plan in range(7):
        run = hot.solve(draws, plan, 1 if plan in (4, 5) else 9_999, 60.0)
        own = draws.problem(p, plan)
        if plan == 2:
            assert run.raw.status == "infeasible"
            assert proves_no_plan(own, run.raw.row_dual)
        elif plan in (4, 5):
            assert run.raw.status == "limit"
            assert run.pivots == 1
        else:
            known = maximise(own, goal.gradient, Options(threads=1))
            raw, stage = certified(own, goal, run.raw, 1e-6)
            assert stage.certificate.largest <= 1e-8
            assert goal.gradient @ raw.values == pytest.approx(goal.gradient @ known.values, rel=1e-9)


@pytest.mark.parametrize("name", ["us-2019-16", 7, 11, 23])
def test_a_tour_and_stacks_come_to_the_same(name: str | int) -> None:
    """Every stage of every draw: statuses and objectives; one draw without a plan, one shut in another place."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    draws = shaken(p, 5, 0.002)
    without_plan(p, draws, 1)
    free = np.flatnonzero((p.lower == 0) & np.isinf(p.upper))[:1]
    draws.upper[2, free] = 0.0
    one = solve_batch(p, draws, Options("simplex", threads=1), 1e-6)
    two = solve_batch(p, draws, Options("staircase", threads=1), 1e-6)
    assert one[1].status == two[1].status == "infeasible"
    for a, b in zip(one, two, strict=True):
        assert a.status == b.status
        if a.status == "optimal":
            assert a.certificate.largest <= 1e-7
            for mine, other in zip(a.stages, b.stages, strict=True):
                assert mine.objective == pytest.approx(other.objective, rel=1e-5, abs=1e-6)


def test_what_a_tour_does_not_end_goes_on_to_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one pivot a plan nothing ends on the tour; with auto, stacks take it; all are optimal all the same."""
    p = embedded("us-2019-16")
    draws = shaken(p, 4, 0.01)
    monkeypatch.setattr(batch, "ROW_FROM", 2)
    assert way("auto", p, 4) == "row"
    real = maximise_in_sequence
    seen: list[bool] = []

    def short(*args: Any, **kwargs: Any) -> list[Found | None]:
        found = real(*args, **kwargs | {"max_pivots": 1})
        seen.extend(one is None for one in found)
        return found

    monkeypatch.setattr(batch, "maximise_in_sequence", short)
    found = solve_batch(p, draws, Options(threads=1), 1e-6)
    assert any(seen)
    assert [s.status for s in found] == ["optimal"] * 4
    assert any(s.method.startswith("staircase") for s in found)


def test_the_way_that_is_asked_for_is_taken() -> None:
    """Each method by its name; auto by size and number."""
    p = embedded("us-2019-16")
    assert way("simplex", p, 4) == "row"
    assert way("staircase", p, 10_000) == "stacks"
    assert way("ipm", p, 10_000) == "alone"
    assert way("auto", p, 2) == "stacks"
    assert way("auto", p, 1_000) == "row"
    found = solve_batch(p, shaken(p, 1, 0.002), Options("ipm", threads=1), 1e-6)
    assert found[0].status == "optimal"
    assert "ipm" in found[0].method


@pytest.mark.slow
def test_processes_meet_on_the_tour() -> None:
    """Three processes on two parts: every draw once, as by one alone."""
    p = embedded("island")
    goal = p.goals[0]
    draws = shaken(p, 90, 0.002)
    one = maximise_in_sequence(p, goal, draws)
    several = maximise_in_sequence(p, goal, draws, workers=3)
    assert len(several) == 90
    np.testing.assert_allclose(*([found[1].objective for found in each if found] for each in (several, one)), rtol=1e-9)


def test_a_plan_kept_ready_answers_every_change() -> None:
    """A small one by pivots, a large one by the interior point, one without a plan by a proof."""
    p = embedded("us-2019-16")
    goal = p.goals[0]
    ready = PersistentSolver(p, goal, Options(threads=1), 1e-6)
    small, large = shaken(p, 1, 1e-6), shaken(p, 1, 0.02, seed=4)
    none = LimitSets.of(p, 1)
    without_plan(p, none, 0)
    ready.walk.max_pivots = FEW // 4
    for limits, by in ((small, "HiGHS"), (large, "staircase"), (small, "")):
        raw, stage = ready.solve(limits)
        known = maximise(limits.problem(p, 0), goal.gradient, Options(threads=1))
        assert raw.status == "optimal"
        assert stage.certificate.holds
        assert raw.method.startswith(by)
        assert goal.gradient @ raw.values == pytest.approx(goal.gradient @ known.values, rel=1e-7)
    raw, _ = ready.solve(none)
    assert raw.status == "infeasible"
    assert proves_no_plan(none.problem(p, 0), raw.row_dual)
