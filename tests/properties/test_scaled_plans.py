"""Plans that change figures of their accounts, lose assets and override bands, against the reference formulation."""

from __future__ import annotations

from typing import Any

import pytest
from tests.properties.economies import scaled_case
from tests.properties.test_against_reference import TOLERANCE, disagreements, product_plan

from lustrum.planning.plan import Plan
from lustrum.solving.verify import verify_plan

SEEDS = 60
CHUNK = 10


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_scaled_plans_agree_with_the_reference_and_verify(first: int) -> None:
    wrong: dict[int, Any] = {}
    solved = 0
    for seed in range(first, first + CHUNK):
        case = scaled_case(seed)
        plan = product_plan(case)
        if found := disagreements(case, plan):
            wrong[seed] = found
        elif isinstance(plan, Plan):
            solved += 1
            if not verify_plan(*case, plan.values, plan.stages, tolerance=TOLERANCE).ok:
                wrong[seed] = "not verified"
    assert not wrong
    assert solved >= CHUNK / 4


def test_the_random_cases_scale_and_override() -> None:
    """The claim above would be empty if nothing were scaled."""
    specs = [scaled_case(seed)[1] for seed in range(SEEDS)]
    scaled = {entry.datum for spec in specs for entry in spec.scale}
    assert len(scaled) >= 15
    assert sum(bool(spec.scale) for spec in specs) >= 0.9 * SEEDS
    assert any(e.datum == "capital_stock" and e.years for spec in specs for e in spec.scale)
    assert any(limit.overrides_band and spec.trade.import_share_band for spec in specs for limit in spec.trade.limits)
