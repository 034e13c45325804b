"""Facts that hold of every plan, on random economies and the embedded ones."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from tests.properties.economies import Case, random_case

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.embedded import embedded_names, load_economy
from lustrum.accounts.fields import BY_NAME
from lustrum.errors import AnswerIsNo, Infeasible, SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.certificate import certify
from lustrum.solving.highs import Options, maximise
from lustrum.solving.problem import Problem
from lustrum.solving.solution import Solution
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem, with_lock

OPTIONS = Options("simplex", 60.0, 1)
TOLERANCE = 1e-6
FEW = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

Document = dict[str, Any]


def cases() -> st.SearchStrategy[Case]:
    """Random cases in which earlier stages are held exactly, so that no stage gives way to a later one."""
    return st.integers(0, 10**6).map(lambda seed: rewritten(random_case(seed, 6, 3), _hold_exactly))


def _hold_exactly(spec: Document) -> None:
    spec["objective"]["stage_tolerance"] = 0.0


def rewritten(case: Case, change: Callable[[Document], None]) -> Case:
    document = case[1].model_dump(mode="json", by_alias=True)
    change(document)
    return case[0], PlanSpec.model_validate(document)


def problem_of(case: Case) -> Problem:
    """The case as a linear program; a drawn plan may ask for what drawn accounts do not have."""
    try:
        return build_problem(PlanData(*case))
    except SpecError:
        reject()


def solve(case: Case) -> tuple[Problem, Solution]:
    """Problem and solution; only optimal ones are of interest."""
    problem = problem_of(case)
    solution = solve_problem(problem, OPTIONS, TOLERANCE)
    assume(solution.status == "optimal")
    return problem, solution


def stage_values(solution: Solution) -> list[float]:
    return [s.objective for s in solution.stages]


def assert_same_values(got: Solution, expected: Sequence[float], rel: float = 1e-6) -> None:
    """Stage by stage, each allowed what the tolerance of those before it moves it by."""
    assert got.status == "optimal"
    for stage, value in zip(got.stages, expected, strict=True):
        assert stage.objective == pytest.approx(value, rel=rel, abs=rel)


# base-year replication ----------------------------------------------------------------------------------


def settled(economy: Economy) -> Economy:
    """Accounts of the base year alone, without the limits, with committed demand the residual of the balance."""
    kept = ("supply", "use", "output", "asset_composition", "depreciation", "investment", "capital_stock",
            "need_composition", "consumption", "imports", "exports")  # fmt: skip
    data = {n: economy.values(n) for n in kept if economy.has(n)}
    closed = Economy.build(economy.source, economy.sets, data)
    return closed.with_data(committed_demand=_made(closed) - _taken(closed))


def _made(e: Economy) -> np.ndarray:
    return np.asarray(e.values("supply") @ e.values("output") + e.value_or("imports", 0.0).sum(axis=1))


def _taken(e: Economy) -> np.ndarray:
    return np.asarray(
        e.values("use") @ e.values("output")
        + e.value_or("need_composition", 0.0) @ e.value_or("consumption", 0.0).sum(axis=0)
        + e.value_or("asset_composition", 0.0) @ e.value_or("investment", 0.0).sum(axis=1)
        + e.value_or("committed_demand", 0.0) + e.value_or("exports", 0.0).sum(axis=1)
    )  # fmt: skip


def base_year_plan(e: Economy, *, outputs: Sequence[str]) -> PlanSpec:
    """One year with y, n, m, e (and the named outputs) fixed at base by tasks, and the least output that does it."""
    tasks: list[Document] = []

    def fix(of: str, values: np.ndarray, *dims: str) -> None:
        for at in np.argwhere(values > 0):
            labels = {d: [e.codes(d)[k]] for d, k in zip(dims, at, strict=True)}
            name = f"{of} {' '.join(v[0] for v in labels.values())}"
            tasks.append({"name": name[:80], "terms": [{"of": of, **labels}], "equals": float(values[tuple(at)])})

    fix("consumption", e.value_or("consumption", 0.0), "household", "need")
    fix("investment", e.value_or("investment", 0.0), "asset", "activity")
    fix("imports", e.value_or("imports", 0.0), "product", "partner")
    fix("exports", e.value_or("exports", 0.0), "product", "partner")
    known = np.array([j in outputs for j in e.codes("activity")])
    fix("output", np.where(known, e.values("output"), 0.0), "activity")
    tasks += [{"name": f"no {j}", "terms": [{"of": "output", "activity": j}], "at_most": 0.0}
              for j, x in zip(e.codes("activity"), e.values("output"), strict=True) if x == 0]  # fmt: skip
    return PlanSpec.model_validate({
        "horizon": {"years": 1}, "tasks": tasks, "terminal": {"rule": "none", "product_stocks": False},
        "labour": {"enforce": False}, "capacity": {"enforce": False}, "trade": {"exchange": False},
        "objective": {"kind": "least_cost", "costs": [{"of": "output"}]},
    })  # fmt: skip


def balance_slack(case: Case, values: np.ndarray) -> np.ndarray:
    """What is left of each product, as a share of what there is of it."""
    problem = problem_of(case)
    rows = problem.rows["product_balance"].index[:, 0]
    return np.asarray((problem.row_upper - problem.matrix @ values)[rows] / np.maximum(_made(case[0]), 1e-12))


def not_sole_makers(e: Economy) -> list[str]:
    """Where two activities make a product, or one makes two, the balance alone does not say how much each does."""
    made = e.values("supply") > 0
    alone = made & (made.sum(axis=1) == 1)[:, None]
    return [c for c, j in zip(e.codes("activity"), range(made.shape[1]), strict=True)
            if not (made[:, j].sum() == 1 and alone[:, j].any())]  # fmt: skip


@FEW
@given(st.integers(0, 10**6))
def test_the_base_year_repeats(seed: int) -> None:
    """With y, n, m, e fixed at base, x = x0 and nothing is left over of any product."""
    economy, _ = random_case(seed, 6, 1)
    assume(economy.has("output", "consumption"))
    economy = settled(economy)
    held = not_sole_makers(economy)
    spec = base_year_plan(economy, outputs=held)
    problem, solution = solve((economy, spec))
    output = problem.variables["output"].array(solution.values).values[:, 0]
    idle = economy.values("output") == 0
    scale = economy.values("output").max()
    np.testing.assert_allclose(output[~idle], economy.values("output")[~idle], rtol=1e-7, atol=1e-9 * scale)
    assert np.abs(balance_slack((economy, spec), solution.values)).max() < 1e-7


@pytest.mark.parametrize("name", embedded_names())
def test_the_base_year_of_an_embedded_economy_repeats(name: str) -> None:
    """As shipped, with its own committed demand: outputs follow from final demand (and the choice of technique)."""
    economy = load_economy(name).with_data(opening_stock=None, storable=None)  # or the stock would be used up
    techniques = not_sole_makers(economy)
    if len(techniques) > economy.size("activity") / 2:
        techniques = []  # a square make table with little beside its diagonal: the balances alone say who makes what
    spec = base_year_plan(economy, outputs=techniques)
    spec = spec.model_copy(update={"solver": spec.solver.model_copy(update={"method": "simplex"})})
    output = solve_plan(economy, spec).values["output"].values[:, 0]
    np.testing.assert_allclose(output, economy.values("output"), rtol=1e-6)


def test_a_base_year_that_does_not_balance_does_not_repeat() -> None:
    """The test above can fail: one unit more committed demand, and the outputs of base do not make it."""
    economy = settled(random_case(1, 6, 1)[0])
    more = economy.values("committed_demand") + 0.01 * _made(economy)
    spec = base_year_plan(economy, outputs=economy.codes("activity"))
    solve_plan(economy, spec)
    with pytest.raises(Infeasible):
        solve_plan(economy.with_data(committed_demand=more), spec)


# scaling ------------------------------------------------------------------------------------------------

#: Fields in money (in this fact every product, asset and need is counted in money).
IN_MONEY = ("output", "investment", "capital_stock", "under_construction", "consumption", "committed_demand",
            "imports", "exports", "opening_stock", "opening_debt", "transfers")  # fmt: skip
PER_MONEY = ("labour_coefficient", "building_labour", "resource_coefficient")


def times(value: Any, factor: float) -> Any:
    """A figure of a plan file, in any of its forms, times a factor."""
    if isinstance(value, dict):
        return {k: (v if k == "growth" else factor * v) for k, v in value.items()}
    return None if value is None else factor * value


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
            locked = with_lock(locked, problem.goals[k - 1], before.objective)
            locked_other = with_lock(locked_other, other.goals[k - 1], level)
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


def _without_absolutes(d: Document) -> None:
    """Leave out figures by activity that are absolute: they would have to be halved with the activity."""
    d["investment"]["ceilings"] = [c for c in d["investment"]["ceilings"] if c["basis"] == "base"]
    d["terminal"]["stocks"] = [c for c in d["terminal"]["stocks"] if c["basis"] == "base"]
    d["terminal"]["output_floors"] = [c for c in d["terminal"]["output_floors"] if c["basis"] == "base"]
    for part in ("output", "investment"):
        d["adjustment"][part]["step"] = None


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
    case = rewritten(case, _without_absolutes)
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
    assert float(goal.gradient @ together) + goal.constant == pytest.approx(solution.stages[-1].objective, rel=1e-6,
                                                                           abs=1e-6)  # fmt: skip


# relaxing a limit ---------------------------------------------------------------------------------------


def assert_not_worse(relaxed: Problem, before: Solution, note: object) -> None:
    """Lexicographic: at the first stage that differs, better. A relaxed plan without bound is better still.

    Stages that are level are locked at the value they had before, so that rounding is not taken for a gain.
    """
    goals = relaxed.goals
    for k, stage in enumerate(before.stages):
        if k:
            relaxed = with_lock(relaxed, goals[k - 1], before.stages[k - 1].objective)
        got = solve_problem(replace(relaxed, goals=goals[k : k + 1]), OPTIONS, TOLERANCE)
        if got.status == "unbounded":
            return
        assert got.status == "optimal", (got.status, note)
        room = 1e-6 * max(1.0, abs(stage.objective))
        gain = got.stages[0].objective - stage.objective
        assert gain >= -room, (stage.name, gain, note)
        if gain > room:
            return


@FEW
@given(cases(), st.floats(0.01, 0.5))
def test_relaxing_a_family_of_limits_never_worsens_the_stages(case: Case, share: float) -> None:
    """Every family of rows in turn, moved outwards by a share of the size of its limits; equations held."""
    problem, solution = solve(case)
    natural = np.asarray(abs(problem.matrix.multiply(problem.scale[None, :])).max(axis=1).todense()).ravel()
    for family, grid in problem.rows.items():
        here = grid.index[grid.index >= 0]
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        if (lower[here] == upper[here]).all():
            continue
        lower[here] -= share * natural[here]
        upper[here] += share * natural[here]
        assert_not_worse(replace(problem, row_lower=lower, row_upper=upper), solution, family)


def _set(*path: str, value: Any) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        for key in path[:-1]:
            d = d[key]
        d[path[-1]] = value

    return change


def _each(section: str, key: str, entry_key: str, factor: float) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        for entry in d[section][key] if key else d[section]:
            if entry.get(entry_key) is not None:
                entry[entry_key] = times(entry[entry_key], factor)

    return change


def _wider(part: str) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        band = d["adjustment"][part]
        band["down"] = None if band["down"] is None else min(1.0, 2 * band["down"])
        band["up"] = None if band["up"] is None else 2 * band["up"]

    return change


def _no_hard_tasks(d: Document) -> None:
    d["tasks"] = [t for t in d["tasks"] if t["elastic"]]


#: Every switch and figure of the plan file that limits, made looser.
LOOSER: dict[str, Callable[[Document], None]] = {
    "labour not enforced": _set("labour", "enforce", value=False),
    "capacity not enforced": _set("capacity", "enforce", value=False),
    "no exchange balance": _set("trade", "exchange", value=False),
    "trade in everything": _set("trade", "new_trade", value=True),
    "no import share band": _set("trade", "import_share_band", value=None),
    "no export band": _set("trade", "export_band", value=None),
    "higher trade ceilings": _each("trade", "limits", "at_most", 1.2),
    "lower trade floors": _each("trade", "limits", "at_least", 0.8),
    "less self-sufficiency": _each("trade", "self_sufficiency", "at_least", 0.8),
    "lower reserves": _each("reserves", "", "at_least", 0.5),
    "no absorption cap": _set("investment", "stock_growth_cap", value=None),
    "higher investment ceilings": _each("investment", "ceilings", "at_most", 1.5),
    "lower floors": _each("living_standard", "floors", "at_least", 0.8),
    "falls allowed": _set("living_standard", "no_fall", value=False),
    "more of the resources": _each("resources", "", "at_most", 1.2),
    "wider bands on output": _wider("output"),
    "wider bands on investment": _wider("investment"),
    "no hard task": _no_hard_tasks,
    "lower closing stocks": _each("terminal", "stocks", "at_least", 0.8),
    "lower output floors": _each("terminal", "output_floors", "at_least", 0.8),
    "product stocks may be used up": _set("terminal", "product_stocks", value=False),
}


def _looser_debt(d: Document) -> None:
    for key in ("debt_ceiling", "final_debt_ceiling"):
        if d["trade"][key] is not None:
            d["trade"][key] = times(d["trade"][key], 1.5)


LOOSER["more debt"] = _looser_debt


def _speaks_of_debt(spec: PlanSpec) -> bool:
    return any(term.of == "debt" for task in spec.tasks for term in task.terms)


@pytest.mark.parametrize("name", sorted(LOOSER))
def test_loosening_a_plan_file_never_worsens_the_stages(name: str) -> None:
    """Each kind of limit of a plan file in turn, over plans that have it."""
    tried = 0
    for seed in (*RICH, *range(300)):
        if tried == 3:
            return
        case = rewritten(random_case(seed, 5, 2), _hold_exactly)
        looser = rewritten(case, LOOSER[name])
        if looser[1] == case[1] or (name == "no exchange balance" and _speaks_of_debt(case[1])):
            continue
        if name == "trade in everything" and any(x.basis == "absolute" for x in case[1].trade.limits):
            continue  # a limit on a flow that was not there would come to speak
        try:
            problem, other = (build_problem(PlanData(*c)) for c in (case, looser))
        except SpecError:
            continue
        before = solve_problem(problem, OPTIONS, TOLERANCE)
        if before.status != "optimal":
            continue
        assert_not_worse(other, before, (name, seed))
        tried += 1
    raise AssertionError(f"no plan has it: {name}")


#: Random cases with many kinds of limits at once.
RICH = (127, 131, 137, 192)


# strong duality, complementary slackness ----------------------------------------------------------------


@FEW
@given(cases())
def test_every_solved_plan_carries_its_proof(case: Case) -> None:
    """Strong duality and complementary slackness in every stage; the last stage's plan is best in all of them."""
    problem, solution = solve(case)
    locked, values = problem, solution.values
    for k, (goal, stage) in enumerate(zip(problem.goals, solution.stages, strict=True)):
        if k:
            locked = with_lock(locked, problem.goals[k - 1], solution.stages[k - 1].objective)
        assert stage.certificate.holds
        scale = max(1.0, abs(stage.objective), float(np.abs(goal.gradient * values).max(initial=0.0)))
        assert float(goal.gradient @ values) + goal.constant >= stage.objective - 1e-6 * scale
        activity = locked.matrix @ values
        dual, reduced = stage.row_dual, stage.reduced_cost
        np.testing.assert_allclose(reduced, goal.gradient - locked.matrix.T @ dual, atol=1e-12 * scale)
        room_up = np.where(np.isfinite(locked.row_upper), locked.row_upper - activity, 0.0)
        room_down = np.where(np.isfinite(locked.row_lower), activity - locked.row_lower, 0.0)
        assert np.abs(np.maximum(dual, 0) * room_up).max(initial=0.0) <= 1e-5 * scale
        assert np.abs(np.minimum(dual, 0) * room_down).max(initial=0.0) <= 1e-5 * scale
        at_top = np.where(np.isfinite(locked.upper), locked.upper - values, 0.0)
        at_floor = np.where(np.isfinite(locked.lower), values - locked.lower, 0.0)
        assert np.abs(np.maximum(reduced, 0) * at_top).max(initial=0.0) <= 1e-5 * scale
        assert np.abs(np.minimum(reduced, 0) * at_floor).max(initial=0.0) <= 1e-5 * scale


# labels, years ------------------------------------------------------------------------------------------


def permuted(economy: Economy, rng: np.random.Generator) -> Economy:
    """The same accounts with the labels of every set in another order."""
    sets, order = {}, {}
    for dim, labels in economy.sets.items():
        order[dim] = rng.permutation(len(labels.codes))
        columns = (labels.codes, labels.names, labels.units, labels.regions)
        sets[dim] = Labels(*(tuple(column[k] for k in order[dim]) for column in columns))
    data = {
        name: array.isel({d: order[str(d)] for d in array.dims if d != "year"}) for name, array in economy.data.items()
    }
    return Economy(economy.source, sets, data)


@FEW
@given(cases(), st.integers(0, 99))
def test_the_order_of_labels_says_nothing(case: Case, seed: int) -> None:
    _, solution = solve(case)
    other = permuted(case[0], np.random.default_rng(seed))
    assert_same_values(solve_problem(problem_of((other, case[1])), OPTIONS, TOLERANCE), stage_values(solution))


def later(case: Case, years: int) -> Case:
    """The same accounts and plan, dated some years later."""
    economy, spec = case
    source = replace(economy.source, base_year=economy.base_year + years)
    data = {
        n: a.assign_coords(year=[int(y) + years for y in a["year"].values]) if "year" in a.dims else a
        for n, a in economy.data.items()
    }

    def shift(value: Any) -> Any:
        if isinstance(value, dict):
            return {shift_key(k): shift_named(k, v) for k, v in value.items()}
        return [shift(v) for v in value] if isinstance(value, list) else value

    def shift_key(key: Any) -> Any:
        return int(key) + years if str(key).isdigit() else key

    def shift_named(key: Any, value: Any) -> Any:
        if key == "years" and isinstance(value, list):
            return [y + years for y in value]
        return value + years if key == "year" and isinstance(value, int) else shift(value)

    document = shift(spec.model_dump(mode="json", by_alias=True))
    return Economy(source, economy.sets, data), PlanSpec.model_validate(document)


@FEW
@given(cases(), st.integers(-30, 60))
def test_the_date_of_the_base_year_says_nothing(case: Case, years: int) -> None:
    problem, solution = solve(case)
    other = problem_of(later(case, years))
    assert (abs(other.matrix - problem.matrix)).max() == 0
    for side in ("row_lower", "row_upper", "lower", "upper"):
        np.testing.assert_array_equal(getattr(other, side), getattr(problem, side))
    year = problem.variables["output"].labels["year"]
    assert other.variables["output"].labels["year"] == tuple(y + years for y in year)  # type: ignore[operator]
    assert_same_values(solve_problem(other, OPTIONS, TOLERANCE), stage_values(solution), 1e-9)


#: A rate of the plan file -> the field whose yearly figures say the same.
RATES = (
    ("population", "population", "growth"), ("labour", "labour_supply", "supply_growth"),
    ("committed_demand", "committed_demand", "growth"),
    ("technology", "labour_coefficient", "labour_productivity_growth"),
)  # fmt: skip


@FEW
@given(cases(), st.sampled_from(RATES), st.floats(-0.03, 0.03))
def test_a_rate_is_the_same_as_figures_by_year(case: Case, rate: tuple[str, str, str], growth: float) -> None:
    """Population, labour, committed demand and labour per unit: grown by the plan file, or given year by year."""
    section, name, key = rate
    economy = case[0]
    if name == "population":
        economy = economy.with_data(population=np.arange(1.0, economy.size("household") + 1))
    assume(economy.has(name))
    flat = np.asarray(economy.data[name].values)
    flat = flat[..., -1] if "year" in economy.data[name].dims else flat
    economy = economy.with_data(building_labour=None) if section == "technology" else economy
    constant = economy.with_data(**{name: flat})
    _, spec = rewritten(case, _set(section, key, value=growth))
    years = list(range(case[1].horizon.years + 1))
    factor = 1 / (1 + growth) if section == "technology" else 1 + growth
    stacked = np.stack([flat * factor**t for t in years], axis=-1)
    skip = 1 if name == "committed_demand" else 0  # with figures for the base year there is demand in it
    dims = BY_NAME[name].dims
    coords = {d: list(economy.codes(d)) for d in dims} | {"year": [economy.base_year + t for t in years[skip:]]}
    yearly = economy.with_data(**{name: xr.DataArray(stacked[..., skip:], dims=(*dims, "year"), coords=coords)})
    left, right = problem_of((constant, spec)), problem_of((yearly, spec))
    assert left.shape == right.shape
    np.testing.assert_allclose((left.matrix - right.matrix).toarray(), 0, atol=1e-12 * abs(left.matrix).max())
    for side in ("row_lower", "row_upper"):
        np.testing.assert_allclose(getattr(left, side), getattr(right, side), rtol=1e-12)


@FEW
@given(cases())
def test_only_the_growth_of_population_matters(case: Case) -> None:
    """Persons or thousands of persons; and twice as many people with the same growth are the same accounts."""
    assume(case[0].has("population"))
    other = case[0].with_data(population=case[0].data["population"] * 1000.0)
    left, right = problem_of(case), problem_of((other, case[1]))
    np.testing.assert_allclose((left.matrix - right.matrix).toarray(), 0, atol=1e-12 * abs(left.matrix).max())
    np.testing.assert_allclose(left.row_lower, right.row_lower, rtol=1e-12)


# non-substitution ---------------------------------------------------------------------------------------


@FEW
@given(st.integers(0, 10**6))
def test_with_one_scarce_factor_the_technique_does_not_depend_on_demand(seed: int) -> None:
    """Random techniques, two to four a product, one kind of labour: one set of prices serves every demand."""
    rng = np.random.default_rng(seed)
    products = int(rng.integers(2, 6))
    of = np.concatenate([np.full(rng.integers(2, 5), i) for i in range(products)])
    use = rng.uniform(0.0, 1.6 / products, (products, of.size)) * rng.random((products, of.size))
    economy = Economy.build(
        Source("techniques", base_year=0),
        {"product": [f"p{i}" for i in range(products)], "activity": [f"a{j}" for j in range(of.size)],
         "skill": ["all"]},
        {"supply": (of[None, :] == np.arange(products)[:, None]).astype(float), "use": use,
         "labour_coefficient": rng.uniform(0.1, 1.0, (1, of.size))},
    )  # fmt: skip
    spec = PlanSpec.from_text("""
        horizon: {years: 1}
        terminal: {rule: none}
        objective: {kind: least_cost, costs: [{of: labour}]}
    """)
    prices, used = [], []
    for _ in range(2):
        demand = rng.uniform(1.0, 100.0, products)
        plan = solve_plan(economy.with_data(committed_demand=demand), spec)
        output = plan.values["output"].values[:, 0]
        prices.append(plan.marginal_values("product_balance").values[:, 0])
        used.append(tuple(np.flatnonzero(output > 1e-9 * output.max())))
        assert plan.objective == pytest.approx(float(prices[-1] @ demand))  # prices are labour embodied
    np.testing.assert_allclose(prices[0], prices[1], rtol=1e-7)
    assert used[0] == used[1]
    assert len(used[0]) == products


# turnpike -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_middle_of_a_long_plan_grows_as_fast_as_can_be(seed: int) -> None:
    """Random technology of three products, each its own machine: the middle years lie on von Neumann's ray.

    The fastest balanced growth of x = A x + P n, k = κ x solves (I - A - P (δ κ)) x = g P κ x.
    """
    rng = np.random.default_rng(seed)
    n, years = 3, 24
    use = rng.uniform(0.0, 0.2, (n, n))
    kappa = rng.uniform(0.2, 1.0, (n, n))
    delta = np.full((n, n), 0.1)
    x0 = rng.uniform(50.0, 100.0, n)
    wear = delta * kappa
    roots, vectors = np.linalg.eig(np.linalg.solve(np.eye(n) - use - wear, kappa))
    best = int(np.argmax(roots.real))
    growth, ray = 1 / roots[best].real, np.abs(vectors[:, best].real)
    codes = [f"p{i}" for i in range(n)]
    economy = Economy.build(
        Source("machines", base_year=0), {"product": codes, "activity": codes, "asset": codes},
        {"supply": np.eye(n), "use": use, "output": x0, "capital_coefficient": kappa, "asset_composition": np.eye(n),
         "depreciation": delta, "capital_stock": kappa * x0, "investment": wear * x0},
    )  # fmt: skip
    spec = PlanSpec.model_validate({
        "horizon": {"years": years}, "terminal": {"rule": "none"}, "objective": {"kind": "terminal_capacity"},
    })  # fmt: skip
    output = solve_plan(economy, spec).values["output"].values
    middle = output[:, years // 3 : 2 * years // 3]
    pace = (middle[:, -1] / middle[:, 0]) ** (1 / (middle.shape[1] - 1)) - 1
    np.testing.assert_allclose(pace, growth, rtol=0.1)
    shares = middle / middle.sum(axis=0)
    np.testing.assert_allclose(shares, (ray / ray.sum())[:, None].repeat(middle.shape[1], axis=1), atol=0.05)


# what cannot be ------------------------------------------------------------------------------------------


@FEW
@given(cases())
def test_a_plan_is_best_or_there_is_none(case: Case) -> None:
    """`solve_plan` returns a proven optimum or says why not; the problem with no aim at all agrees on which."""
    problem = problem_of(case)
    any_plan = maximise(problem, np.zeros(problem.shape[1]), OPTIONS).status
    try:
        plan = solve_plan(*rewritten(case, _set("solver", "threads", value=1)))
    except Infeasible:
        assert any_plan == "infeasible"
    except AnswerIsNo:
        assert any_plan == "optimal"
    else:
        assert any_plan == "optimal"
        assert plan.certificate.holds


def test_documents_are_not_shared_between_cases() -> None:
    """The rewriting above leaves its case as it was."""
    case = random_case(7, 5, 2)
    before = copy.deepcopy(case[1].model_dump(mode="json"))
    rewritten(case, _without_absolutes)
    assert case[1].model_dump(mode="json") == before
