"""The product against the contract: the same plans by an independent formulation, and wrong plans refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from tests.properties.economies import Case, economies, random_case
from tests.reference.altered import ALTERATIONS, Claim
from tests.reference.formulation import reference_solve
from tests.reference.proof import judge

from lustrum.errors import Infeasible, LustrumError, SpecError, Unbounded
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.verify import verify_plan

TOLERANCE = 1e-6
SEEDS = 300
CHUNK = 10
#: Plans that once were certified too easily, refused, or not found: among 2,000 more (seeds 300 to 2299).
ONCE_WRONG = (430, 530, 701, 970, 1069, 1749)
ALTERED = 200
ALTERED_CHUNK = 10


@cache
def solved(seed: int) -> Plan | str:
    """The product's plan of a random case, or its verdict."""
    return product_plan(random_case(seed))


def product_plan(case: Case) -> Plan | str:
    """Solve by the product; infeasible and unbounded are answers, any other error disagrees with everything."""
    try:
        return solve_plan(*case)
    except Infeasible:
        return "infeasible"
    except Unbounded:
        return "unbounded"
    except LustrumError as error:
        return f"{type(error).__name__}: {error}"


def disagreements(case: Case, plan: Plan | str) -> list[str]:
    """Where the product and the reference differ."""
    economy, spec = case
    if isinstance(plan, str):
        status = reference_solve(economy, spec).status
        return [] if status == plan else [f"product {plan}, reference {status}"]
    found = [] if plan.status == "optimal" else [f"status {plan.status}"]
    certificate = plan.certificate
    worst = max(certificate.primal_residual, certificate.dual_residual, certificate.gap)
    if not worst <= TOLERANCE:
        found.append(f"certificate {certificate}")
    judgement = judge(economy, spec, plan.values, plan.stages, wide=True)
    if not judgement.worst <= TOLERANCE:
        found.append(f"{judgement}")
    return found


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_status_objectives_and_proof_agree_with_the_reference(first: int) -> None:
    """Status, every stage's optimum, feasibility of the arrays and what the marginal values prove."""
    wrong = {seed: d for seed in range(first, first + CHUNK) if (d := disagreements(random_case(seed), solved(seed)))}
    assert not wrong


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_unaltered_plan_verifies(first: int) -> None:
    wrong = {}
    for seed in range(first, first + CHUNK):
        plan = solved(seed)
        if not isinstance(plan, str):
            answer = verify_plan(plan.economy, plan.spec, plan.values, plan.stages, tolerance=TOLERANCE)
            if not answer.ok:
                wrong[seed] = answer
    assert not wrong


@pytest.mark.parametrize("seed", ONCE_WRONG)
def test_plans_that_once_went_wrong(seed: int) -> None:
    plan = solved(seed)
    assert not disagreements(random_case(seed), plan)
    assert isinstance(plan, Plan)
    assert verify_plan(plan.economy, plan.spec, plan.values, plan.stages, tolerance=TOLERANCE).ok


def altered_plan(number: int) -> tuple[str, int, Claim, float]:
    """The number-th wrong plan: an alteration that the reference finds wrong by more than the tolerance."""
    name = list(ALTERATIONS)[number % len(ALTERATIONS)]
    start = number // len(ALTERATIONS) * 71 + number
    for attempt in range(40):
        seed = (start + 7 * attempt) % SEEDS
        plan = solved(seed)
        if isinstance(plan, str):
            continue
        claim = Claim(plan.economy, plan.spec, plan.values, plan.stages)
        changed = ALTERATIONS[name](claim, np.random.default_rng(number))
        if changed is None:
            continue
        wrong = judge(changed.economy, changed.spec, changed.values, changed.stages).worst
        if wrong > TOLERANCE:
            return name, seed, changed, wrong
    raise AssertionError(f"no plan is made wrong by {name!r}")


@pytest.mark.parametrize("first", range(0, ALTERED, ALTERED_CHUNK))
def test_no_altered_plan_verifies(first: int) -> None:
    passed = []
    for number in range(first, first + ALTERED_CHUNK):
        name, seed, claim, wrong = altered_plan(number)
        if verify_plan(claim.economy, claim.spec, claim.values, claim.stages, tolerance=TOLERANCE).ok:
            passed.append((number, name, seed, wrong))
    assert not passed


@pytest.mark.parametrize("seed", [86, 87, 144, 207])
@pytest.mark.parametrize(("elasticity", "floor"), [(6.0, 0.1), (10.0, 0.1), (20.0, 0.32)])
def test_steep_worth_curves_keep_their_precision(seed: int, elasticity: float, floor: float) -> None:
    """u(0) is then huge beside all that a plan reaches: no difference of the two may be taken."""
    economy, spec = random_case(seed)
    aim = {"elasticity": elasticity, "utility_floor": floor, "tie_break": False}
    spec = spec.model_copy(update={"objective": spec.objective.model_copy(update=aim)})
    plan = product_plan((economy, spec))
    assert not disagreements((economy, spec), plan)
    assert isinstance(plan, Plan)
    claim = Claim(economy, spec, plan.values, plan.stages)
    spending = float(economy.values("consumption").sum())
    claim = claim.with_stage(-1, objective=plan.stages[-1].objective - 1e-4 * spending)
    assert not verify_plan(economy, spec, claim.values, claim.stages, tolerance=TOLERANCE).ok


@settings(max_examples=25)
@given(economies())
def test_small_economies_agree_with_the_reference(case: Case) -> None:
    assert not disagreements(case, product_plan(case))


def test_a_curve_too_steep_to_compute_is_refused_rather_than_solved_wrongly() -> None:
    with pytest.raises(SpecError, match="utility_floor"):
        PlanSpec.from_text("name: steep\nobjective: {elasticity: 20, utility_floor: 0.1}\n")
