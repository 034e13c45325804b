"""Claims on infeasible plans: what is named does clash, nothing named is idle, and the advice works."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.properties.economies import random_case

from lustrum.accounts.economy import Economy, Source
from lustrum.errors import Infeasible
from lustrum.lp.certificate import dual_bound, primal_residuals
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options, maximise
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import IDENTITIES
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict import Conflict, apply_relaxation, explain
from lustrum.solving.conflict.words import label_rows, merge_years
from lustrum.solving.solve import solve_plan


def workshop(**changes: object) -> Economy:
    """Food and steel, one machine kind, labour and trade; the base year balances and uses all labour."""
    sets = {
        "product": ["food", "steel"],
        "activity": ["food", "steel"],
        "skill": ["all"],
        "asset": ["machine"],
        "household": ["all"],
        "need": ["eating", "tools"],
        "partner": ["world"],
    }
    data: dict[str, object] = {
        "supply": np.eye(2),
        "use": [[0.1, 0.0], [0.2, 0.3]],
        "output": [100.0, 80.0],
        "labour_coefficient": [[0.5, 0.25]],
        "labour_supply": [70.0],
        "capital_stock": [[100.0, 160.0]],
        "investment": [[5.0, 8.0]],
        "depreciation": [[0.05, 0.05]],
        "asset_composition": [[0.0], [1.0]],
        "need_composition": np.eye(2),
        "consumption": [[80.0, 33.0]],
        "imports": [[10.0], [20.0]],
        "exports": [[20.0], [26.0]],
        "opening_debt": [0.0],
    }
    data.pop("opening_debt")
    for name, value in changes.items():
        if value is None:
            data.pop(name)
        else:
            data[name] = value
    return Economy.build(Source("workshop", base_year=2000), sets, data)  # type: ignore[arg-type]


def plan(text: str) -> PlanSpec:
    """A three-year plan with terminal growth off unless asked for."""
    head = "" if "horizon" in text else "horizon: {years: 3}\n"
    return PlanSpec.from_text(head + text)


def assert_sound(economy: Economy, spec: PlanSpec) -> Conflict:
    """Check proof, members and advice against the explicit problem, by solving."""
    with pytest.raises(Infeasible):
        solve_plan(economy, spec)
    conflict = explain(economy, spec)
    data = PlanData(economy, spec)
    problem = build_problem(data)
    assert not conflict.feasible
    assert_proof(conflict, problem)
    assert_irreducible(conflict, data, problem)
    assert conflict.relaxation is not None and conflict.relaxation.checked
    if conflict.advice is not None:
        assert solve_plan(economy, apply_relaxation(spec, economy, conflict)).status == "optimal"
    return conflict


def assert_proof(conflict: Conflict, problem: Problem) -> None:
    """The Farkas vector proves a bound below zero on the objective 0."""
    assert conflict.proof is not None and conflict.proof.holds
    residual, bound = dual_bound(problem, np.zeros(problem.shape[1]), conflict.proof.vector)
    assert residual <= 1e-6
    assert bound < 0


def assert_irreducible(conflict: Conflict, data: PlanData, problem: Problem) -> None:
    """Laws and all members clash; without any one of them they do not; the proof stands on them alone."""
    rows = label_rows(data, problem)
    chosen = {(m.name, m.label, m.year) for m in conflict.members}
    members = [r.index for r in rows if r.name not in IDENTITIES and (r.name, r.label, r.year) in chosen]
    assert len(members) == len(conflict.members) > 0
    laws = [r.index for r in rows if r.name in IDENTITIES]
    assert not has_plan(problem, [*laws, *members])
    for left in members:
        assert has_plan(problem, [*laws, *(m for m in members if m != left)])
    assert conflict.proof is not None
    outside = np.setdiff1d(np.arange(len(rows)), [*laws, *members])
    assert not conflict.proof.vector[outside].any()
    assert conflict.irreducible


def has_plan(problem: Problem, rows: list[int]) -> bool:
    """Solve the rows named; the plan found is checked."""
    keep = np.sort(rows)
    part = replace(
        problem,
        coefficients=Coefficients(problem.matrix[keep]),
        row_lower=problem.row_lower[keep],
        row_upper=problem.row_upper[keep],
    )
    raw = maximise(part, np.zeros(problem.shape[1]), Options("simplex"))
    return raw.status == "optimal" and primal_residuals(part, raw.values).max(initial=0.0) <= 1e-6


def families(conflict: Conflict) -> set[str]:
    return {m.name for m in conflict.members}


def test_a_feasible_plan_is_called_feasible() -> None:
    spec = plan("trade: {enabled: false}")
    solve_plan(workshop(), spec)
    conflict = explain(workshop(), spec)
    assert conflict.feasible and conflict.proof is None and conflict.to_list() == []
    assert "can be met together" in str(conflict)
    assert apply_relaxation(spec, workshop(), conflict) == spec


def test_a_floor_beyond_labour_names_both() -> None:
    spec = plan("""
capacity: {enforce: false}
trade: {enabled: false}
terminal: {rule: none}
living_standard: {floors: [{need: eating, at_least: {2002: 3.0}}]}
""")
    conflict = assert_sound(workshop(), spec)
    assert families(conflict) == {"consumption_floor", "labour"}
    assert {m.year for m in conflict.members} == {2002}
    floor = next(m for m in conflict.members if m.name == "consumption_floor")
    assert floor.label == "eating (household all)"
    # one unit of food takes 1 / 0.9 of output, with 0.5 labour and 0.2 / 0.7 steel at 0.25 labour each
    most = 70 * 0.9 / (0.5 + 0.2 / 0.7 * 0.25)
    assert floor.relax_by == pytest.approx(240 - most)
    assert conflict.relaxation is not None
    assert [e.name for e in conflict.relaxation.entries] == ["consumption_floor"]
    assert "lower the floor under eating in 2002 from 3 of base to 1." in conflict.relaxation.entries[0].advice


def test_relaxing_a_member_by_less_than_said_does_not_end_the_conflict() -> None:
    text = "capacity: {{enforce: false}}\ntrade: {{enabled: false}}\nterminal: {{rule: none}}\n" + (
        "living_standard: {{floors: [{{need: eating, at_least: {{2002: {0}}}, basis: absolute}}]}}"
    )
    spec = plan(text.format(240.0))
    member = next(m for m in explain(workshop(), spec).members if m.name == "consumption_floor")
    with pytest.raises(Infeasible):
        solve_plan(workshop(), plan(text.format(240.0 - 0.99 * member.relax_by)))
    assert solve_plan(workshop(), plan(text.format(240.0 - 1.01 * member.relax_by))).status == "optimal"


def test_facts_give_way_only_when_choices_cannot() -> None:
    economy = workshop(committed_demand=[500.0, 0.0])
    conflict = assert_sound(
        economy, plan("capacity: {enforce: false}\ntrade: {enabled: false}\nterminal: {rule: none}")
    )
    assert families(conflict) == {"labour"}
    assert conflict.relaxation is not None
    assert {e.name for e in conflict.relaxation.entries} == {"labour"}
    # labour supply grows by a rate in the plan file, but by no more than 50 % a year
    assert conflict.advice is None or conflict.advice.changes[0].path == ("labour", "supply_growth")


def test_capacity_has_no_place_in_a_plan_file() -> None:
    economy = workshop(committed_demand=[500.0, 0.0])
    spec = plan("labour: {enforce: false}\ntrade: {enabled: false}\nterminal: {rule: none}")
    conflict = assert_sound(economy, spec)
    assert families(conflict) == {"capacity"}
    assert conflict.advice is None
    assert "fact of the accounts" in str(conflict)
    with pytest.raises(Infeasible, match="no change of the plan file alone"):
        apply_relaxation(spec, economy, conflict)


def test_floor_and_import_ceiling() -> None:
    economy = workshop(labour_coefficient=None, labour_supply=None)
    spec = plan("""
capacity: {enforce: false}
terminal: {rule: none}
trade: {limits: [{flow: imports, product: steel, at_most: 1.0}]}
adjustment: {output: {up: 0.01, down: 0.5}}
living_standard: {floors: [{need: tools, at_least: 2.5}]}
""")
    conflict = assert_sound(economy, spec)
    assert {"consumption_floor", "import_ceiling"} <= families(conflict)


def test_a_task_beyond_its_band() -> None:
    spec_text = """
capacity: {{enforce: false}}
labour: {{enforce: false}}
trade: {{enabled: false}}
terminal: {{rule: none}}
adjustment: {{output: {{up: 0.06, down: 0.04}}}}
tasks: [{{name: steel, terms: [{{of: output, activity: steel}}], years: [2002], {0}}}]
"""
    spec = plan(spec_text.format("at_least: 93"))
    conflict = assert_sound(workshop(), spec)
    assert families(conflict) == {"output_up", "task"}
    assert "2001-2002" in str(conflict)
    assert conflict.to_list()[0].keys() == {"name", "label", "year", "relax_by"}
    task = next(m for m in conflict.members if m.name == "task")
    assert task.label == "steel" and task.year == 2002
    assert task.relax_by == pytest.approx(93 - 80 * 1.06**2)


def test_terminal_growth_beyond_what_can_be_built() -> None:
    spec = plan("""
labour: {enforce: false}
trade: {enabled: false}
adjustment: {investment: {up: 0.0, down: 0.0}, output: {down: 0.0, up: 0.5}}
terminal: {rule: growth, growth: 0.2}
""")
    conflict = assert_sound(workshop(consumption=[[80.0, 20.0]]), spec)
    assert "terminal_growth" in families(conflict)


def test_the_accounts_may_clash_by_themselves() -> None:
    economy = workshop(use=[[0.1, 0.0], [0.2, 1.3]], committed_demand=[0.0, 1.0])
    conflict = explain(economy, plan("trade: {enabled: false}"))
    assert conflict.members == () and conflict.relaxation is None and conflict.advice is None
    assert {m.name for m in conflict.laws} <= IDENTITIES
    assert conflict.proof is not None and conflict.proof.holds
    assert "by themselves" in str(conflict)


@pytest.mark.parametrize("chunk", range(4))
def test_random_infeasible_plans_are_explained(chunk: int) -> None:
    """Whatever is switched on: proof, irreducible members, and advice that gives a plan."""
    explained = 0
    for seed in range(25 * chunk, 25 * chunk + 25):
        economy, spec = random_case(seed, 8, 3)
        problem = build_problem(PlanData(economy, spec))
        if maximise(problem, np.zeros(problem.shape[1]), Options("simplex")).status == "optimal":
            continue
        assert_sound(economy, spec)
        explained += 1
    assert explained >= 1


def test_progress_is_reported() -> None:
    said: list[str] = []
    explain(workshop(committed_demand=[500.0, 0.0]), plan("trade: {enabled: false}"), said.append)
    assert said[0] == "least relaxation of all limits" and len(said) > 2


def test_years_merge_into_ranges() -> None:
    assert merge_years([2022, 2020, 2021, 2024, 2020]) == "2020-2022, 2024"


def test_an_activity_that_needs_much_more_than_its_band_gets_a_corridor() -> None:
    economy = workshop(labour_coefficient=None, labour_supply=None)
    spec = plan("""
capacity: {enforce: false}
terminal: {rule: none}
adjustment: {output: {up: 0.01, down: 0.5}}
trade: {limits: [{flow: imports, product: steel, at_most: 1.0}]}
living_standard: {floors: [{need: tools, at_least: 2.5}]}
""")
    conflict = assert_sound(economy, spec)
    followed = apply_relaxation(spec, economy, conflict)
    assert followed.adjustment.output.exempt == ["steel"]
    assert [t.name for t in followed.tasks] == ["output corridor up: steel", "output corridor down: steel"]
