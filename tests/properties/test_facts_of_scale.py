"""What must not depend on units or on how finely activities are split."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.economies import Case
from tests.properties.facts import (
    FEW,
    OPTIONS,
    TOLERANCE,
    Document,
    assert_same_values,
    cases,
    problem_of,
    rewritten,
    solve,
    stage_values,
    times,
    without_absolutes,
)

from lustrum.accounts.economy import Economy, Labels
from lustrum.lp.certificate import certify
from lustrum.lp.lexicographic import with_bound
from lustrum.solving.stages import solve_problem

# scaling ------------------------------------------------------------------------------------------------

#: Fields in money (in this fact every product, asset and need is counted in money).
IN_MONEY = (
    "output",
    "investment",
    "capital_stock",
    "under_construction",
    "consumption",
    "committed_demand",
    "imports",
    "exports",
    "opening_stock",
    "opening_debt",
    "transfers",
)
PER_MONEY = ("labour_coefficient", "building_labour", "resource_coefficient")


def in_other_money(case: Case, factor: float) -> Case:
    """The same country and plan with every money figure multiplied: another currency unit."""
    economy, spec = case
    data: dict[str, xr.DataArray] = {}
    for name, array in economy.data.items():
        by = factor if name in IN_MONEY else 1 / factor if name in PER_MONEY else 1.0
        data[name] = array if by == 1.0 else (array * by)

    def change(d: Document) -> None:
        trade, terminal, objective = d["trade"], d["terminal"], d["objective"]
        entries = [(f, "at_least") for f in d["living_standard"]["floors"]] + [(r, "at_least") for r in d["reserves"]]
        entries += [(x, k) for x in trade["limits"] for k in ("at_most", "at_least")]
        entries += [(x, "at_most") for x in d["investment"]["ceilings"]]
        entries += [(x, "at_least") for x in terminal["stocks"] + terminal["output_floors"]]
        entries += [(b, "amount") for b in objective["basket"]]
        for entry, key in entries:
            if entry["basis"] == "absolute":
                entry[key] = times(entry[key], factor)
        for key in ("debt_ceiling", "final_debt_ceiling"):
            trade[key] = times(trade[key], factor)
        for part in ("output", "investment"):
            d["adjustment"][part]["step"] = times(d["adjustment"][part]["step"], factor)
        for task in d["tasks"]:
            for key in ("at_least", "at_most", "equals"):
                task[key] = times(task[key], factor)
        for term in [t for task in d["tasks"] for t in task["terms"]] + objective["costs"]:
            if term["of"] in ("labour", "resource"):  # so many currency units a head
                term["factor"] = times(term["factor"], factor)

    economy = Economy(economy.source, economy.sets, data)
    return rewritten((economy, spec), change)


def money_exponent(stage: str) -> int:
    """Whether the value of a stage is in money (1) or a pure number or heads (0)."""
    return int(stage in ("living_standard", "terminal_capacity", "output", "least_cost"))


#: Rows and variables that are not in money.
NOT_MONEY_ROWS = ("labour", "resource", "proportion")
NOT_MONEY_VARIABLES = ("lowest", "assortment", "above", "below")


@FEW
@given(cases())
def test_in_another_money_quantities_scale_and_relative_prices_do_not_move(case: Case) -> None:
    """Ten times every money figure: the plan's quantities tenfold are a best plan again, with the same prices.

    Held by certificate (a best plan need not be unique): scaled values and the unscaled prices together prove
    each other optimal in the scaled problem.
    """
    factor = 10.0
    problem, solution = solve(case)
    other_case = in_other_money(case, factor)
    other = problem_of(other_case)
    assert other.shape == problem.shape
    rows, columns = np.full(problem.shape[0], factor), np.full(problem.shape[1], factor)
    for name in NOT_MONEY_ROWS:
        if name in problem.rows:
            rows[problem.rows[name].index[problem.rows[name].index >= 0]] = 1.0
    for name in NOT_MONEY_VARIABLES:
        if name in problem.variables:
            columns[problem.variables[name].index[problem.variables[name].index >= 0]] = 1.0
    locked, locked_other = problem, other
    for k, (goal, stage) in enumerate(zip(other.goals, solution.stages, strict=True)):
        by = factor ** money_exponent(goal.name)
        if k:
            before = solution.stages[k - 1]
            level = before.objective * factor ** money_exponent(before.name)
            locked = with_bound(locked, problem.goals[k - 1], before.objective)
            locked_other = with_bound(locked_other, other.goals[k - 1], level)
            rows = np.append(rows, factor ** money_exponent(before.name))
        prices = stage.row_dual * by / rows
        dual = certify(locked_other, goal.gradient, goal.constant, solution.values * columns, prices, TOLERANCE)
        assert dual.primal_residual <= 2e-6
        assert dual.dual_residual <= 2e-6
        assert float(goal.gradient @ (solution.values * columns)) + goal.constant == pytest.approx(
            stage.objective * by, rel=1e-6, abs=1e-6 * by
        )
    again = solve_problem(other, OPTIONS, TOLERANCE)
    assert_same_values(again, [s.objective * factor ** money_exponent(s.name) for s in solution.stages])


# aggregation --------------------------------------------------------------------------------------------


def split(case: Case, j: int) -> Case:
    """The same with activity j in two identical halves."""
    economy, spec = case
    codes = economy.codes("activity")
    twin = codes[j] + "_twin"
    sets = {**economy.sets, "activity": Labels((*codes, twin))}
    halved = ("output", "investment", "capital_stock", "under_construction")
    data: dict[str, xr.DataArray] = {}
    for name, array in economy.data.items():
        if "activity" not in array.dims:
            data[name] = array
            continue
        values, axis = np.array(array.values), array.dims.index("activity")
        at: list[Any] = [slice(None)] * values.ndim
        at[axis] = slice(j, j + 1)
        if name in halved:
            values[tuple(at)] *= 0.5
        values = np.concatenate([values, values[tuple(at)]], axis=axis)
        coords = {d: (list(array[d].values) if d != "activity" else [*codes, twin]) for d in array.dims}
        data[name] = xr.DataArray(values, dims=array.dims, coords=coords)

    def name_twin(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                name_twin(item)
            return
        if not isinstance(value, dict):
            return
        for key, item in value.items():
            if key in ("activity", "exempt") and codes[j] in item:
                item.append(twin)
            elif key == "weights" and codes[j] in item:
                item[twin] = item[codes[j]]
            else:
                name_twin(item)

    economy = Economy(economy.source, sets, data)
    return rewritten((economy, spec), name_twin)


@FEW
@given(cases(), st.integers(0, 5))
def test_splitting_an_activity_in_identical_halves_changes_no_aggregate(case: Case, j: int) -> None:
    """Same value of every stage, and the halves together are a best plan of the whole."""
    case = rewritten(case, without_absolutes)
    j %= case[0].size("activity")
    problem, solution = solve(case)
    other_case = split(case, j)
    other = problem_of(other_case)
    again = solve_problem(other, OPTIONS, TOLERANCE)
    assert_same_values(again, stage_values(solution))
    together = np.zeros(problem.shape[1])
    for name, grid in problem.variables.items():
        array = other.variables[name].array(again.values)
        if "activity" in array.dims:
            own = array.isel(activity=slice(0, -1)).copy(deep=True)
            own[{"activity": j}] = own.isel(activity=j) + array.isel(activity=-1)
            array = own
            if name in ("above", "below"):  # distances of shares, not of quantities: the mean of the halves
                array[{"activity": j}] = array.isel(activity=j) / 2
        grid.vector(array, together)
    whole = replace(problem, goals=())
    goal = problem.goals[-1]
    certificate = certify(whole, goal.gradient, goal.constant, together, np.zeros(problem.shape[0]), TOLERANCE)
    assert certificate.primal_residual <= 1e-5
    assert float(goal.gradient @ together) + goal.constant == pytest.approx(
        solution.stages[-1].objective, rel=1e-6, abs=1e-6
    )
