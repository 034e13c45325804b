"""A case equals a fresh build; history that is fixed gives the plan again; without a shock nothing gives way.

`tools/sweep_scenario.py` runs the same over hundreds of random economies.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.properties.economies import random_case
from tests.scenario.random_changes import (
    AGREE,
    afresh,
    changes_of_coefficients,
    changes_of_sides,
    changes_of_structure,
)

from lustrum.accounts.embedded import embedded_folder, embedded_names, load_economy
from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Case
from lustrum.scenario.history import fixed
from lustrum.scenario.scenario import Scenario

KINDS = {"sides": changes_of_sides, "coefficients": changes_of_coefficients, "structure": changes_of_structure}
SEEDS = range(0, 30)


def differs(seed: int, kind: str) -> list[str]:
    """What a scenario, alone and among others, says otherwise than a fresh solve; nothing where all agree."""
    economy, spec = random_case(seed, 8, 4)
    rng = np.random.default_rng(10_000 + seed)
    changes = KINDS[kind](economy, spec, rng)
    if not changes:
        return []
    base = Scenario(economy, spec)
    try:
        status, objective = afresh(economy, spec, changes)
    except SpecError:
        with pytest.raises(SpecError):
            base.solve(changes)
        return []
    out = []
    for way, found in (("alone", base.solve(changes)), ("many", base.solve_many([None, changes, changes])[1])):
        if "limit" in (status, found.status):
            continue  # one of the two could prove nothing: that is no disagreement
        if found.status != status:
            out.append(f"seed {seed}, {kind}, {way}: {found.status} where a fresh solve says {status}")
        elif found.ok:
            size = max(abs(objective), found.program.problem.goals[-1].size, 1e-9)
            if abs(found.objective - objective) > AGREE * size:
                out.append(f"seed {seed}, {kind}, {way}: {found.objective} against {objective}")
            if not found.plan.certificate.holds:
                out.append(f"seed {seed}, {kind}, {way}: {found.plan.certificate}")
    return out


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_case_equals_a_fresh_build(seed: int, kind: str) -> None:
    assert not differs(seed, kind)


def history_differs(seed: int) -> list[str]:
    """What fixing a plan's own first years changes about it; nothing where the plan comes back."""
    economy, spec = random_case(seed, 8, 4)
    base = Scenario(economy, spec)
    if not base.first.ok:
        return []
    cal = base.program.data.calendar
    until = cal.year(1 + seed % max(cal.plan - 1, 1))
    again = base.solve(Case("history", *fixed(base.plan, until)))
    if not again.ok:
        return [f"seed {seed}: {again.status} when fixed until {until}"]
    goals, first, last = base.program.problem.goals, base.first.solution.stages, again.solution.stages
    out = []
    for k, (goal, before, after) in enumerate(zip(goals, first, last, strict=True)):
        size = max(abs(before.objective), goal.size, 1e-9)
        # a later stage may trade what the tolerance of an earlier one leaves, at the marginal value of its bound
        left = [goals[i].tolerance * max(1.0, abs(first[i].objective)) for i in range(k)]
        prices = np.maximum(np.abs(before.row_dual[-k:]), np.abs(after.row_dual[-k:])) if k else np.zeros(0)
        allowed = 1e-6 * size + (goal.tolerance * max(1.0, abs(before.objective)) if k + 1 < len(goals) else 0.0)
        if abs(after.objective - before.objective) > allowed + 2 * float(np.dot(left, prices)):
            out.append(f"seed {seed}: stage {goal.name} has {after.objective} instead of {before.objective}")
    return out


@pytest.mark.parametrize("seed", range(100, 120))
def test_fixing_a_plans_own_first_years_reproduces_it(seed: int) -> None:
    assert not history_differs(seed)


def softness_differs(economy_and_spec: tuple[object, PlanSpec]) -> list[str]:
    """What soft limits change where nothing else does."""
    economy, spec = economy_and_spec
    base = Scenario(economy, spec)  # type: ignore[arg-type]
    if not base.first.ok:
        return []
    soft = base.solve(soft=True)
    if not soft.ok:
        return [f"{spec.name}: {soft.status} with soft limits"]
    size = max(abs(base.first.objective), base.program.problem.goals[-1].size, 1e-9)
    out = []
    if abs(soft.objective - base.first.objective) > 1e-6 * size:
        out.append(f"{spec.name}: objective {soft.objective} instead of {base.first.objective}")
    out += [f"{spec.name}: {g.text} {g.year} gave way by {g.share:.1e} of it" for g in soft.gave_way if g.share > 1e-6]
    return out


@pytest.mark.parametrize("seed", range(200, 220))
def test_without_a_shock_nothing_gives_way_on_random_plans(seed: int) -> None:
    assert not softness_differs(random_case(seed, 8, 4))


@pytest.mark.parametrize("name", embedded_names())
def test_without_a_shock_nothing_gives_way(name: str) -> None:
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    assert not softness_differs((load_economy(name), spec))
