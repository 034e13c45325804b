"""A plan that begins near another one: the same optimum in fewer iterations, and labels carried over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from tests.solving.staircase.cases import drawn

from lustrum.accounts.aggregate import aggregate
from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.lp.highs import Options, prefer
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.warm_start import WarmStart


def spec_of(name: str, years: int, method: str = "staircase") -> PlanSpec:
    given = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml").model_dump(by_alias=True)
    given["horizon"] |= {"years": years}
    given["solver"] |= {"method": method, "vertex": False, "threads": 1}
    return PlanSpec.model_validate(given)


def iterations(method: str) -> int:
    return int(method.split("(")[1].split()[0])


def problem_of(economy: Economy, spec: PlanSpec) -> Problem:
    return build_problem(PlanData(economy, spec))


@pytest.fixture(scope="module")
def first() -> Plan:
    return solve_plan(load_economy("us-2019-16"), spec_of("us-2019-16", 5))


@pytest.mark.parametrize(("years", "fewer"), [(5, 5), (6, 1), (4, 1)])
def test_other_years_near_a_plan(years: int, fewer: int, first: Plan) -> None:
    spec = spec_of("us-2019-16", years)
    alone = solve_plan(first.economy, spec)
    near = solve_plan(first.economy, spec, near=first)
    assert near.objective == pytest.approx(alone.objective, rel=1e-7)
    assert near.certificate.holds
    assert iterations(near.method) <= iterations(alone.method) - fewer


def test_a_floor_moved(first: Plan) -> None:
    problem = problem_of(first.economy, first.spec)
    at = problem.variables["consumption"].index[0, 1, 2]
    lower = problem.lower.copy()
    lower[at] = 1.01 * first.values["consumption"].values[0, 1, 2]
    problem = replace(problem, lower=lower)
    goal = problem.goals[0]
    guess = WarmStart(first.values, {s.name: s.marginal_values for s in first.stages}).guess(problem, goal)
    alone = maximise_staircase(problem, goal.gradient, natural=goal.size)
    near = maximise_staircase(problem, goal.gradient, natural=goal.size, near=guess)
    assert near.status == alone.status == "optimal"
    assert goal.gradient @ near.values == pytest.approx(goal.gradient @ alone.values, rel=1e-7)
    assert iterations(near.method) <= iterations(alone.method) - 4


def test_near_a_plan_of_fewer_products() -> None:
    economy = load_economy("us-2019-16")
    codes = {d: economy.codes(d) for d in ("product", "activity")}
    groups = {d: {c: own[k - k % 2] for k, c in enumerate(own)} for d, own in codes.items()}
    coarse = aggregate(economy, product=groups["product"], activity=groups["activity"])
    spec = spec_of("us-2019-16", 5)
    few = solve_plan(coarse, spec)
    alone = solve_plan(economy, spec)
    near = solve_plan(economy, spec, near=few, groups=groups)
    assert near.objective == pytest.approx(alone.objective, rel=1e-7)
    guess = WarmStart(few.values, {}, groups).guess(problem_of(economy, spec), problem_of(economy, spec).goals[0])[0]
    output = problem_of(economy, spec).variables["output"].array(guess)
    together = output.groupby(
        xr.DataArray([groups["activity"][str(c)] for c in output.activity.values], dims="activity", name="group")
    ).sum()
    np.testing.assert_allclose(
        together.sel(group=list(few.values["output"].activity.values)).values,
        few.values["output"].transpose("activity", "year").values,
        rtol=1e-9,
    )


def test_parts_share_in_each_year_and_with_labels_that_are_there() -> None:
    """A year more is as the last one, not half of it; a label that the other plan lacks takes nothing from others."""
    economy = load_economy("us-2019-16")
    own = [str(c) for c in economy.codes("activity")]
    groups = {"activity": {c: own[k - k % 2] for k, c in enumerate(own[:-1])} | {own[-1]: "not there"}}
    problem = problem_of(economy, spec_of("us-2019-16", 6))
    output = problem.variables["output"]
    years = list(output.labels["year"])[:5]
    heads = list(dict.fromkeys(groups["activity"][c] for c in own[:-1]))
    some = xr.DataArray(
        np.arange(1.0, 1 + len(heads) * 5).reshape(len(heads), 5),
        dims=("activity", "year"),
        coords={"activity": heads, "year": years},
    )
    guess = output.array(WarmStart({"output": some}, {}, groups).guess(problem, problem.goals[0])[0])
    for head in heads:
        parts = [c for c in own if groups["activity"][c] == head]
        together = guess.sel(activity=parts).sum("activity").values
        known = some.sel(activity=head).values
        np.testing.assert_allclose(together, [*known, known[-1]], rtol=1e-9)
    assert (guess.sel(activity=own[-1]).values == 0).all()


def test_the_guess_of_the_same_plan_is_the_plan(first: Plan) -> None:
    """What the plan does not tell, the pieces of the worth curves, is filled as the plan had it."""
    problem = problem_of(first.economy, first.spec)
    goal = problem.goals[0]
    values, dual = WarmStart(first.values, {s.name: s.marginal_values for s in first.stages}).guess(problem, goal)
    assert goal.gradient @ values + goal.constant == pytest.approx(first.stages[0].objective, rel=1e-6)
    for name, array in first.stages[0].marginal_values.items():
        known = np.nan_to_num(array.values)
        np.testing.assert_allclose(np.nan_to_num(problem.rows[name].array(dual).values), known)
    worst = np.maximum(problem.row_lower - problem.matrix @ values, problem.matrix @ values - problem.row_upper).max()
    assert worst <= 1e-6 * np.abs(values).max()


def test_a_guess_that_leads_nowhere_costs_time_only(first: Plan) -> None:
    wrong = {name: 50.0 * array for name, array in first.values.items()}
    plan = replace(first, values=wrong)
    near = solve_plan(first.economy, first.spec, near=plan)
    assert near.objective == pytest.approx(first.objective, rel=1e-7)
    assert near.certificate.holds


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 7, 8, 9, 11])
def test_random_plans_begin_near_their_optimum(seed: int) -> None:
    """All stages with their locks, each from its own values and prices by labels."""
    problem = drawn(seed)
    options = Options("staircase", threads=1, vertex=False)
    alone = solve_problem(problem, options, 1e-6)
    assert alone.status == "optimal"
    values = {name: grid.array(alone.values) for name, grid in problem.variables.items() if (grid.index >= 0).any()}
    prices = {s.name: {n: g.array(s.row_dual) for n, g in problem.rows.items()} for s in alone.stages}
    near = solve_problem(problem, options, 1e-6, near=WarmStart(values, prices))
    assert near.status == "optimal"
    for a, b, goal in zip(alone.stages, near.stages, problem.goals, strict=True):
        assert b.objective == pytest.approx(a.objective, rel=1e-6, abs=2e-7 * max(goal.size, goal.tolerance))


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_restrict_undoes_restore(seed: int) -> None:
    """At a point whose totals have the prices that their worth gives them, as at every stationary one."""
    problem = drawn(seed)
    reduced = reduce_problem(problem, problem.goals[0].gradient).equilibrated()
    rng = np.random.default_rng(seed)
    u, y = rng.normal(size=reduced.matrix.shape[1]), rng.normal(size=reduced.matrix.shape[0])
    values, dual = reduced.restore(*reduced.restrict(*reduced.restore(u, y)))
    again = reduced.restore(*reduced.restrict(values, dual))
    np.testing.assert_allclose(again[0], values, rtol=1e-6, atol=1e-8 * np.abs(values).max())
    np.testing.assert_allclose(again[1], dual, rtol=1e-6, atol=1e-8 * np.abs(dual).max())


def test_left_to_itself_the_solver_begins_near_from_a_smaller_size_on(first: Plan) -> None:
    assert prefer("auto", problem_of(load_economy("us-2019"), spec_of("us-2019", 5)))[0] == "staircase"
    problem = problem_of(load_economy("uk-2019"), spec_of("uk-2019", 5))
    assert prefer("auto", problem)[0] == "ipm"
    method, why = prefer("auto", problem, True)
    assert method == "staircase"
    assert "near another plan" in why
    assert prefer("auto", problem_of(first.economy, first.spec), True)[0] == "simplex"
