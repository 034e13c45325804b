"""Tiny plans whose optimum is known, and what must not pass: each change breaks the plan or its proof."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import linprog

import lustrum.solving.verify
from lustrum.accounts.economy import Economy, Source
from lustrum.lp import lexicographic
from lustrum.lp.solution import Certificate
from lustrum.planning.data import PlanData
from lustrum.planning.plan import Stage
from lustrum.planning.spec import PlanSpec
from lustrum.solving.verify import arrays, verify_plan
from lustrum.solving.verify.check import all_families
from lustrum.solving.verify.frame import Frame

NOBODY = Certificate(np.inf, np.inf, np.inf, 1e-6)  # verify must not look at what a plan says of itself
Arrays = dict[str, xr.DataArray]
Case = tuple[Economy, PlanSpec, Arrays, Stage]


def on_labels(f: Frame, figures: Mapping[str, float | list[float]]) -> Arrays:
    """Put figures, in the order of their cells, where the variable or the row exists."""
    families = {family.name: family for family in all_families(f)}
    out: Arrays = {}
    for name, given in figures.items():
        at = f.variables[name] if name in f.variables else families[name]
        values = np.full(at.exists.shape, np.nan)
        values[at.exists] = given
        coords: dict[str, object] = {dim: list(f.labels(dim)) for dim in at.dims}
        if at.dated:
            coords["year"] = f.calendar.labels(at.years)
            out[name] = xr.DataArray(values, dims=(*at.dims, "year"), coords=coords)
        else:
            out[name] = xr.DataArray(values[..., 0], dims=at.dims, coords=coords)
    return out


def workers() -> Case:
    """One good, made of itself and labour: x = L/ℓ = 100, y = 0.8 x = 80 = two baskets of 40."""
    economy = Economy.build(
        Source("workers", base_year=2020),
        {"product": ["corn"], "activity": ["farm"], "skill": ["all"], "household": ["all"], "need": ["food"]},
        {
            "supply": [[1.0]],
            "use": [[0.2]],
            "labour_coefficient": [[1.0]],
            "labour_supply": [100.0],
            "need_composition": [[1.0]],
            "consumption": [[40.0]],
        },
    )
    spec = PlanSpec.from_text("horizon: {years: 1}\nobjective: {kind: assortment}")
    f = Frame(PlanData(economy, spec))
    values = on_labels(f, {"output": 100.0, "consumption": 80.0, "assortment": 2.0})
    duals = on_labels(f, {"product_balance": 1 / 40, "labour": 0.8 / 40, "basket": -1 / 40})
    return economy, spec, values, Stage("assortment", 2.0, duals, NOBODY)


def trader() -> Case:
    """Labour makes 50, transfers of 10 buy 5 at a price of 2: 55 are five baskets of 11."""
    economy = Economy.build(
        Source("trader", base_year=2020),
        {
            "product": ["corn"],
            "activity": ["farm"],
            "skill": ["all"],
            "household": ["all"],
            "need": ["food"],
            "partner": ["world"],
            "region": ["here"],
        },
        {
            "supply": [[1.0]],
            "use": [[0.0]],
            "labour_coefficient": [[1.0]],
            "labour_supply": [50.0],
            "need_composition": [[1.0]],
            "consumption": [[11.0]],
            "imports": [[3.0]],
            "exports": [[0.0]],
            "import_price": [2.0],
            "transfers": [10.0],
        },
    )
    spec = PlanSpec.from_text("horizon: {years: 1}\nobjective: {kind: assortment}")
    f = Frame(PlanData(economy, spec))
    values = on_labels(f, {"output": 50.0, "consumption": 55.0, "imports": 5.0, "debt": 0.0, "assortment": 5.0})
    duals = on_labels(
        f, {"product_balance": 1 / 11, "labour": 1 / 11, "basket": -1 / 11, "exchange": 1 / 22, "debt_ceiling": 1 / 22}
    )
    return economy, spec, values, Stage("assortment", 5.0, duals, NOBODY)


def builders() -> Case:
    """Output of two years under capacity, with room for growth left: solved by scipy.

    x1 x2 n1 n2 k1 k2 k3; corn is seed (0.3), plant and a committed demand of 5; κ = 2, δ = 0.1, K0 = 200.
    """
    economy = Economy.build(
        Source("builders", base_year=2020),
        {"product": ["corn"], "activity": ["farm"], "asset": ["plant"]},
        {
            "supply": [[1.0]],
            "use": [[0.3]],
            "committed_demand": [5.0],
            "asset_composition": [[1.0]],
            "capital_coefficient": [[2.0]],
            "depreciation": [[0.1]],
            "capital_stock": [[200.0]],
        },
    )
    spec = PlanSpec.from_text("horizon: {years: 2}\nterminal: {growth: 0.02}\nobjective: {kind: output}")
    upper = np.array(
        [
            [-0.7, 0, 1, 0, 0, 0, 0],
            [0, -0.7, 0, 1, 0, 0, 0],
            [2, 0, 0, 0, -1, 0, 0],
            [0, 2, 0, 0, 0, -1, 0],
            [0, 2.04, 0, 0, 0, 0, -1],
        ]
    )
    equal = np.array([[0, 0, 0, 0, 1, 0, 0], [0, 0, -1, 0, -0.9, 1, 0], [0, 0, 0, -1, 0, -0.9, 1]])
    cost = -np.array([1, 1, 0, 0, 0, 0, 0])
    found = linprog(cost, upper, [-5, -5, 0, 0, 0], equal, [200, 0, 0], method="highs-ds")
    x, up, eq = found.x, -found.ineqlin.marginals, -found.eqlin.marginals
    f = Frame(PlanData(economy, spec))
    values = on_labels(f, {"output": list(x[:2]), "investment": list(x[2:4]), "capital": list(x[4:])})
    duals = on_labels(
        f,
        {
            "product_balance": list(up[:2]),
            "capacity": list(up[2:4]),
            "terminal_growth": list(up[4:]),
            "accumulation": list(eq),
        },
    )
    return economy, spec, values, Stage("output", float(-found.fun), duals, NOBODY)


@pytest.mark.parametrize("made", [workers, trader, builders])
def test_what_is_optimal_passes(made: Callable[[], Case]) -> None:
    economy, spec, values, stage = made()
    found = verify_plan(economy, spec, values, [stage])
    assert found.problems == []
    assert found.ok
    assert found.certificate.primal_residual < 1e-12
    assert found.certificate.dual_residual < 1e-12
    assert found.certificate.gap < 1e-12


def test_a_feasible_plan_that_is_not_the_best_fails_by_its_gap() -> None:
    economy, spec, values, stage = workers()
    less = {name: array * 0.9 for name, array in values.items()}
    found = verify_plan(economy, spec, less, [replace(stage, objective=1.8)])
    assert not found.ok
    assert found.certificate.primal_residual == 0.0
    assert found.certificate.gap == pytest.approx(0.1)


def test_a_violation_is_relative_to_the_largest_term_of_its_row() -> None:
    economy, spec, values, stage = workers()
    found = verify_plan(economy, spec, values | {"output": values["output"] * 1.0001}, [stage])
    assert not found.ok
    assert found.worst[0].constraint == "labour"
    assert (found.worst[0].label, found.worst[0].year) == ("all", 2021)
    assert found.worst[0].violation == pytest.approx(0.01 / 100.01)


def test_a_profitable_activity_is_a_dual_residual() -> None:
    """At a wage of 0.019 the farm earns 0.02 - 0.019 on each unit, against prices of 0.025."""
    economy, spec, values, stage = workers()
    cheap = {**stage.marginal_values, "labour": stage.marginal_values["labour"] * 0.95}
    found = verify_plan(economy, spec, values, [replace(stage, marginal_values=cheap)])
    assert not found.ok
    assert found.certificate.dual_residual == pytest.approx(0.001 / 0.025)
    assert found.worst[0].constraint == "output (profit), assortment"


@pytest.mark.parametrize("made", [workers, trader, builders])
@pytest.mark.parametrize("factor", [1.00001, 0.99999, -1.0, 0.0])
def test_no_marginal_value_can_be_changed(made: Callable[[], Case], factor: float) -> None:
    economy, spec, values, stage = made()
    for name, array in stage.marginal_values.items():
        if not np.nan_to_num(array.values).any():
            continue
        changed = {**stage.marginal_values, name: array * factor}
        assert not verify_plan(economy, spec, values, [replace(stage, marginal_values=changed)]).ok, name


def test_a_marginal_value_of_the_wrong_sign_is_told() -> None:
    economy, spec, values, stage = workers()
    wrong = {**stage.marginal_values, "labour": -stage.marginal_values["labour"]}
    found = verify_plan(economy, spec, values, [replace(stage, marginal_values=wrong)])
    assert "labour (sign), assortment" in [w.constraint for w in found.worst]


Change = Callable[[Arrays], Arrays]
WITH_PROBLEMS: dict[str, tuple[Change, str]] = {
    "no array": (lambda v: {k: a for k, a in v.items() if k != "output"}, "output: the plan has no array"),
    "a cell deleted": (lambda v: v | {"output": v["output"] * np.nan}, "not a finite number at farm, 2021"),
    "an infinite cell": (lambda v: v | {"output": v["output"] + np.inf}, "not a finite number at farm, 2021"),
    "another label": (
        lambda v: v | {"output": v["output"].assign_coords(activity=["mill"])},
        "labels of activity are not those of the accounts ('mill' for 'farm')",
    ),
    "another year": (
        lambda v: v | {"output": v["output"].assign_coords(year=[2022])},
        "years are 2022..2022, not 2021",
    ),
    "no year": (lambda v: v | {"output": v["output"].isel(year=0)}, "output: dimensions are ('activity',)"),
    "words": (lambda v: v | {"output": v["output"].astype(object).where(False, "many")}, "holds what is no number"),
    "no such thing": (lambda v: v | {"happiness": v["output"]}, "'happiness' are no variable"),
    "more than there is": (
        lambda v: v | {"shortfall": xr.DataArray([], dims=["task"], coords={"task": []}), "lowest": xr.DataArray(1.0)},
        "lowest: a number where the plan has none",
    ),
}


@pytest.mark.parametrize("name", WITH_PROBLEMS)
def test_what_is_wrong_with_an_array_is_said(name: str) -> None:
    economy, spec, values, stage = workers()
    change, words = WITH_PROBLEMS[name]
    found = verify_plan(economy, spec, change(values), [stage])
    assert not found.ok
    assert any(words in problem for problem in found.problems), found.problems
    assert not found.certificate.holds


def test_what_is_wrong_with_marginal_values_is_said() -> None:
    economy, spec, values, stage = workers()

    def problems(**changes: xr.DataArray | None) -> str:
        stored = {n: a for n, a in {**stage.marginal_values, **changes}.items() if a is not None}
        found = verify_plan(economy, spec, values, [replace(stage, marginal_values=stored)])
        assert not found.ok
        assert found.certificate.primal_residual == 0.0
        return "; ".join(found.problems)

    labour = stage.marginal_values["labour"]
    assert "'labour' are missing" in problems(labour=None)
    assert "'labour': not a finite number at all, 2021" in problems(labour=labour * np.nan)
    assert "figures for 2031" in problems(labour=labour.assign_coords(year=[2031]))
    assert "'capacity', of which this plan has no rows" in problems(capacity=labour)
    assert "'lexicographic_bound' stand in a first stage" in problems(lexicographic_bound=labour)
    assert "dimensions are" in problems(labour=labour.isel(year=0))


def test_rows_a_stage_does_not_have_may_be_left_out_or_empty() -> None:
    economy, spec, values, stage = workers()
    more = {**stage.marginal_values, "capacity": stage.marginal_values["labour"] * np.nan}
    assert verify_plan(economy, spec, values, [replace(stage, marginal_values=more)]).ok


def test_verify_is_independent_of_the_solver() -> None:
    """What it imports holds none of the modules that write or solve the problem."""
    say = "import sys, lustrum.solving.verify; print(*sorted(m for m in sys.modules if m.startswith('lustrum')))"
    loaded = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True).stdout.split()
    forbidden = ("lustrum.planning.model", "lustrum.lp.highs", "lustrum.solving.stages", "lustrum.solving.solve")
    assert not [name for name in loaded if name.startswith(forbidden)]


def test_of_the_solver_verify_knows_the_certificate_and_a_name() -> None:
    """Its own files import nothing of the matrix; the name of the rows that keep earlier stages is that of plans."""
    folder = Path(lustrum.solving.verify.__file__).parent
    imported = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    modules = {str(node.module) for node in imported if isinstance(node, ast.ImportFrom)}
    assert {m for m in modules if m.startswith("lustrum.lp")} == {"lustrum.lp.solution"}
    assert not {m for m in modules if m.startswith(("lustrum.planning.model", "lustrum.solving.staircase"))}
    assert arrays.BOUND == lexicographic.BOUND


def test_stages_must_be_those_of_the_plan_file() -> None:
    economy, spec, values, stage = workers()
    assert "stages are []" in verify_plan(economy, spec, values, []).problems[0]
    renamed = verify_plan(economy, spec, values, [replace(stage, name="output")])
    assert renamed.problems == ["stages are ['output'], not ['assortment']"]
    assert not verify_plan(economy, spec, values, [replace(stage, objective=np.nan)]).ok
    assert not verify_plan(economy, spec, values, [replace(stage, objective=2.00001)]).ok
