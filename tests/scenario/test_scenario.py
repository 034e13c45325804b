"""A scenario answers as a fresh solve would, names its way, keeps what is soft soft, and whatever the workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import Infeasible, SpecError
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Case, Change
from lustrum.scenario.compare import compare
from lustrum.scenario.history import fixed, hull
from lustrum.scenario.scenario import Scenario
from lustrum.scenario.whatif import ask, conflict_of, document
from lustrum.solving.solve import solve_plan
from lustrum.solving.verify import verify_plan

Given = tuple[Economy, PlanSpec]


@pytest.fixture(scope="module")
def us16() -> Given:
    return load_economy("us-2019-16"), PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")


@pytest.fixture(scope="module")
def base(us16: Given) -> Scenario:
    return Scenario(*us16)


def test_no_change_gives_the_first_plan_in_every_array(us16: Given, base: Scenario) -> None:
    fresh = solve_plan(*us16)
    for plan in (base.solve().plan, base.solve(Case("nothing")).plan, Scenario.of(fresh).solve().plan):
        assert plan.values.keys() == fresh.values.keys()
        for name, array in fresh.values.items():
            np.testing.assert_allclose(plan.values[name].values, array.values, rtol=1e-9, atol=1e-9)
        for family, prices in fresh.stages[-1].marginal_values.items():
            np.testing.assert_allclose(plan.marginal_values(family).values, prices.values, rtol=1e-9, atol=1e-12)


def test_a_limit_that_does_not_bind_is_told_so(base: Scenario) -> None:
    result = base.solve("floor housing >= 0.9 in 2022")
    assert result.objective == pytest.approx(base.first.objective, rel=1e-9)
    assert result.way == "the first plan is still the best: the change does not bind"


def test_a_plan_with_changes_proves_itself_from_its_plan_file(us16: Given, base: Scenario) -> None:
    """What `--save` keeps: accounts and plan file alone make and prove the plan."""
    for line in ("floor housing >= 1.1 in 2022", "scale labour 0.98 in 2021-2022", "lose 5% of equipment 23 in 2021"):
        result = base.solve(line)
        plan = result.plan
        assert verify_plan(plan.economy, plan.spec, plan.values, plan.stages).ok, line
        assert solve_plan(us16[0], plan.spec).objective == pytest.approx(result.objective, rel=1e-6)


def test_less_labour_costs_and_the_comparison_says_whom(base: Scenario) -> None:
    found = compare(base.first, base.solve("scale labour 0.98 in 2021-2022"))
    assert found.tables["objective"]["change"] < 0
    assert "Pay, of the needs" in str(found)
    frame = found.to_frame()
    assert frame["change", "mean"].min() < 0


def test_limits_are_scaled_by_what_one_per_cent_of_them_means(base: Scenario) -> None:
    """1 % more labour as a limit is 1 % more labour in the accounts; a capacity is eased by 1 % of its assets."""
    as_limit, as_datum = base.solve_many(["scale limit:labour 1.01", "scale labour 1.01"])
    assert as_limit.objective == pytest.approx(as_datum.objective, rel=1e-7)
    eased, tight = base.solve_many(["scale limit:capacity 1.01 activity=23", "scale limit:capacity 0.999 activity=23"])
    assert tight.objective <= base.first.objective <= eased.objective
    with pytest.raises(SpecError, match=r"no such limit|no limit"):
        base.solve("scale limit:import_ceiling 1.01")
    with pytest.raises(SpecError, match="identity"):
        base.solve("scale limit:product_balance 1.01")
    with pytest.raises(SpecError, match="cannot be this"):
        base.solve(Change("decision:output", {"activity": ["11"]}, [2021], to=-5.0))
    with pytest.raises(SpecError, match="one number"):
        base.solve(Change("limit:consumption_floor", {"need": ["housing"]}, [2021], to="much"))
    with pytest.raises(SpecError, match="did you mean 'labour'"):
        base.solve("scale limit:labor 1.01")


def test_results_do_not_depend_on_the_number_of_workers(base: Scenario) -> None:
    cases = [Case(f"{k}", Change("limit:labour", times=1 + 0.001 * k)) for k in range(28)]
    one, two = base.solve_many(cases, workers=1), base.solve_many(cases, workers=2)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.solution.values, b.solution.values)
        np.testing.assert_array_equal(a.solution.stages[0].row_dual, b.solution.stages[0].row_dual)
    assert (np.diff(one.objective.values) > 0).all()
    assert one.array("consumption").dims == ("case", "household", "need", "year")
    assert list(one.to_frame().index) == [c.name for c in cases]


def test_new_limits_need_no_matrix_of_their_own(base: Scenario) -> None:
    results = base.solve_many(["floor housing >= 1.1 in 2022", "floor food >= 1.08 in 2021", None, "imports 22 <= 0.9"])
    assert all(r.way.startswith("one matrix for 4 cases") for r in results)
    assert results[0].objective == pytest.approx(base.solve("floor housing >= 1.1 in 2022").objective, rel=1e-7)


def test_other_coefficients_are_solved_alone(base: Scenario) -> None:
    alone = base.solve_many(["set adjustment.output.up = 0.08"])[0]
    assert alone.way.startswith("alone")
    assert alone.objective == pytest.approx(base.solve("set adjustment.output.up = 0.08").objective, rel=1e-7)


def test_a_kept_solver_answers_as_a_fresh_one(us16: Given, base: Scenario) -> None:
    kept = Scenario(*us16, kept=True)
    for k in range(4):
        line = f"scale limit:labour {1 + 0.002 * k} in 2022"
        result = kept.solve(line)
        assert result.objective == pytest.approx(base.solve(line).objective, rel=1e-7)
        assert k == 0 or result.way.startswith("kept solver")


def test_a_kept_solver_takes_new_floors_and_ceilings_as_bounds(us16: Given, base: Scenario) -> None:
    kept = Scenario(*us16, kept=True)
    lines = (
        "floor housing >= 1.02 in 2022",
        "imports 22 <= 0.9",
        "floor food >= 1.05 in 2021",
        "floor food >= 2 in 2021",
    )
    for line in lines:
        result, fresh = kept.solve(line), base.solve(line)
        assert result.status == fresh.status
        assert result.way.startswith("kept solver")
        if fresh.ok:
            assert result.objective == pytest.approx(fresh.objective, rel=1e-7)
            assert result.plan.certificate.holds
            stages = result.plan.stages
            assert verify_plan(result.plan.economy, result.plan.spec, result.plan.values, stages).ok


def test_an_impossible_case_has_no_plan_and_says_so(us16: Given, base: Scenario) -> None:
    result = base.solve("floor housing >= 1.4 in 2022")
    assert result.status == "infeasible" and not result.ok
    with pytest.raises(Infeasible):
        _ = result.plan
    own = base.solve("floor housing >= 1.4 in 2022", soft="own")
    assert [g.name for g in own.gave_way] == ["consumption_floor"]
    assert own.penalty > 0
    answer = ask(base, Case("", "floor housing >= 1.4 in 2022"))
    assert answer.followed and answer.plan is not None
    assert verify_plan(us16[0], answer.plan.spec, answer.plan.values, answer.plan.stages).ok
    assert "lower the floor under housing" in answer.cut[0]
    conflict = conflict_of(answer)
    assert conflict is not None and any(m.name == "consumption_floor" for m in conflict.members)
    found = document(answer, "first", None, conflict)
    assert found["status"] == "infeasible" and found["conflict"] and found["gave_way"]


def test_a_limit_moved_outside_the_plan_file_is_explained_and_its_advice_is_words_alone(base: Scenario) -> None:
    case = Case("no room", Change("limit:capacity", times=0.5))
    result = base.solve(case)
    assert result.status == "infeasible" and result.program.outside
    found = result.explain()
    assert not found.feasible and found.irreducible and found.proof is not None and found.proof.holds
    assert "capacity" in {m.name for m in found.members}
    assert found.relaxation is not None and found.relaxation.checked and not found.relaxation.works


def test_a_stopped_import_lifts_its_own_band_and_gets_an_answer(base: Scenario) -> None:
    answer = ask(base, Case("", "stop imports 22 in 2021-2022"))
    assert answer.result.lifted
    assert answer.plan is not None
    at = answer.plan.values["imports"].sel(product="22", year=[2021, 2022]).values
    assert np.abs(at).max() <= 1e-6


def test_soft_families_are_named_and_identities_are_never_soft(base: Scenario) -> None:
    with pytest.raises(SpecError, match="identity"):
        base.solve("floor housing >= 1.4", soft=["product_balance"])
    with pytest.raises(SpecError, match="no limit"):
        base.solve("floor housing >= 1.4", soft=["output_top"])
    result = base.solve("floor housing >= 1.4 in 2022", soft=["output_up", "investment_up", "task"])
    assert {g.name for g in result.gave_way} <= {"output_up", "investment_up", "task"}


def test_decisions_can_be_given(base: Scenario) -> None:
    plan = base.plan
    held = base.solve(Case("held", *fixed(plan, 2021)))
    assert held.objective == pytest.approx(base.first.objective, rel=1e-6)
    more = 1.002 * float(plan.values["output"].sel(activity="11", year=2021))
    grown = base.solve(Change("decision:output", {"activity": ["11"]}, [2021], to=more))
    assert float(grown.plan.values["output"].sel(activity="11", year=2021)) == pytest.approx(more, rel=1e-12)
    base_flow = float(base.economy.data["output"].sel(activity="11"))
    relative = base.solve(Change("decision:output", {"activity": ["11"]}, [2021], times=more / base_flow))
    assert relative.objective == pytest.approx(grown.objective, rel=1e-9)
    with pytest.raises(SpecError, match="did you mean 'output'"):
        base.solve(Change("decision:outputs", times=1.0))


def test_the_hull_widens_what_reality_broke_and_nothing_else(base: Scenario) -> None:
    problem = base.program.problem
    assert hull(problem, base.plan) == ((), [])
    broken = base.solve("floor housing >= 1.1 in 2022").plan.values | {}
    more = {**broken, "consumption": broken["consumption"] * 0.97}
    changes, wrong = hull(problem, {"consumption": more["consumption"]})
    assert {c.name for c in changes} == {"no_fall"}
    assert not wrong
    assert base.solve(changes).objective >= base.first.objective - 1e-6 * abs(base.first.objective)


def test_a_script_without_a_guard_can_use_workers(tmp_path: Path) -> None:
    """Processes do not run the script again: no `if __name__` is needed."""
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import lustrum as lu\n"
        "from lustrum.accounts.embedded import embedded_folder\n"
        "print('begun')\n"
        "spec = lu.PlanSpec.from_yaml(embedded_folder('island') / 'lustrum.yaml')\n"
        "base = lu.Scenario(lu.load_economy('island'), spec)\n"
        "cases = [f'scale limit:labour {1 + k / 1000}' for k in range(60)]\n"
        "print(len(base.solve_many(cases, workers=2)))\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["begun", "60"]
