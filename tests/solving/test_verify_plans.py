"""Solved plans pass, altered ones do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr
from tests.solving.test_verify_cases import PLANS, case

from lustrum.planning.plan import Plan
from lustrum.solving.solve import solve_plan
from lustrum.solving.verify import Verification, verify_plan


@cache
def solved(name: str) -> Plan:
    return solve_plan(*case(name))


def again(plan: Plan, **values: xr.DataArray) -> Verification:
    """Verify a plan with some of its arrays changed."""
    return verify_plan(plan.economy, plan.spec, {**plan.values, **values}, plan.stages)


@pytest.mark.parametrize("name", PLANS)
def test_a_solved_plan_passes(name: str) -> None:
    found = again(solved(name))
    assert found.problems == []
    assert found.ok, found.worst[:3]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_passes_at_a_hundredth_of_the_tolerance(name: str) -> None:
    plan = solved(name)
    assert verify_plan(plan.economy, plan.spec, plan.values, plan.stages, tolerance=1e-8).ok


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(
    "change",
    [
        lambda a: a * 1.0001,  # more of everything
        lambda a: a.copy(data=a.values[..., ::-1]),  # years swapped
        lambda a: a - 1e-3 * float(a.max()),
    ],
    ids=["raised", "years swapped", "lowered"],
)
def test_a_changed_plan_fails(name: str, change: Callable[[xr.DataArray], xr.DataArray]) -> None:
    plan = solved(name)
    assert not again(plan, output=change(plan.values["output"])).ok
    if "capital" in plan.values:
        assert not again(plan, capital=change(plan.values["capital"])).ok


@pytest.mark.parametrize("name", ["closed", "closed, people first", "open", "open, output floor after the plan"])
def test_more_consumption_than_there_is_fails(name: str) -> None:
    plan = solved(name)
    assert not again(plan, consumption=plan.values["consumption"] * 1.0001).ok


@pytest.mark.parametrize("name", PLANS)
def test_every_cell_must_be_there_and_only_there(name: str) -> None:
    plan, rng = solved(name), np.random.default_rng(0)
    for variable, array in plan.values.items():
        cells = [tuple(at) for at in np.argwhere(np.isfinite(array.values))]
        values = array.values.copy()
        values[cells[rng.integers(len(cells))]] = np.nan
        found = again(plan, **{variable: array.copy(data=values)})
        assert not found.ok and variable in found.problems[0], variable
        absent = np.argwhere(np.isnan(array.values))
        if len(absent):
            values = array.values.copy()
            values[tuple(absent[rng.integers(len(absent))])] = 1.0
            assert not again(plan, **{variable: array.copy(data=values)}).ok, variable


@pytest.mark.parametrize("name", PLANS)
def test_the_proof_of_every_stage_is_needed(name: str) -> None:
    """Scaling the dual of the product balance by a thousandth breaks the stage that uses it."""
    plan = solved(name)
    for k, stage in enumerate(plan.stages):
        price = stage.marginal_values["product_balance"]
        if float(np.abs(price).max()) < 1e-9:
            continue
        changed = replace(stage, marginal_values={**stage.marginal_values, "product_balance": price * 1.001})
        stages = [*plan.stages[:k], changed, *plan.stages[k + 1 :]]
        found = verify_plan(plan.economy, plan.spec, plan.values, stages)
        assert not found.ok, stage.name


def test_an_earlier_stage_must_be_kept_and_be_optimal() -> None:
    plan = solved("closed, people first")
    first, *rest = plan.stages

    def with_first(objective: float) -> Verification:
        return verify_plan(plan.economy, plan.spec, plan.values, [replace(first, objective=objective), *rest])

    better = with_first(first.objective * 1.0001)
    assert "lexicographic_bound" in [w.constraint for w in better.worst]
    assert not better.ok
    assert not with_first(first.objective * 0.9999).ok


def test_locks_of_earlier_stages_are_read() -> None:
    plan = solved("closed, people first")
    *before, last = plan.stages
    lock = last.marginal_values["lexicographic_bound"]
    for changed in (lock * 1.01, -lock, lock * np.nan, lock.isel(stage=slice(None, None, -1))):
        stage = replace(last, marginal_values={**last.marginal_values, "lexicographic_bound": changed})
        assert not verify_plan(plan.economy, plan.spec, plan.values, [*before, stage]).ok
    without = {name: a for name, a in last.marginal_values.items() if name != "lexicographic_bound"}
    found = verify_plan(plan.economy, plan.spec, plan.values, [*before, replace(last, marginal_values=without)])
    assert "'lexicographic_bound' are missing" in found.problems[0]


def test_the_value_of_the_last_stage_is_recomputed() -> None:
    plan = solved("closed")
    stage = plan.stages[-1]
    for objective in (stage.objective * 1.0001, stage.objective * 0.9999):
        found = verify_plan(plan.economy, plan.spec, plan.values, [replace(stage, objective=objective)])
        assert found.certificate.gap > 1e-6
