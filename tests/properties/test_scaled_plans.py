"""Plans that change figures of their accounts, lose assets and override bands, against the reference formulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.properties.economies import Case, random_case
from tests.properties.test_against_reference import TOLERANCE, disagreements, product_plan

from lustrum.errors import SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.verify import verify_plan

SEEDS = 60
CHUNK = 10


def scaled_case(seed: int) -> Case:
    """A random case with scaled figures, losses and limits that override bands."""
    economy, spec = random_case(seed, 8, 4)
    rng = np.random.default_rng(seed)
    body = spec.model_dump(by_alias=True)
    years = [economy.base_year + int(t) for t in sorted(rng.integers(1, spec.horizon.years + 1, 2))]
    fields = [
        "labour_supply",
        "labour_coefficient",
        "use",
        "supply",
        "committed_demand",
        "import_price",
        "export_price",
    ]
    fields += ["resource_budget", "transfers", "capital_coefficient", "need_composition", "under_construction"]
    entries: list[dict[str, Any]] = [
        {"datum": name, "times": float(rng.uniform(0.97, 1.03))} | ({"years": years} if rng.random() < 0.6 else {})
        for name in rng.choice(fields, 4, replace=False)
    ]
    entries += [
        {"datum": str(name), "times": float(rng.uniform(0.97, 1.03))}
        for name in rng.choice(["imports", "exports", "consumption", "output", "opening_stock", "investment"], 2, False)
    ]
    if economy.size("asset"):
        lost = {"datum": "capital_stock", "asset": economy.codes("asset")[0], "times": float(rng.uniform(0.9, 1.0))}
        entries += [{**lost, "years": years}, {**lost, "activity": economy.codes("activity")[0]}]
    for limit in body["trade"]["limits"]:
        limit["overrides_band"] = bool(rng.random() < 0.7)
    for entry in entries:
        tried = {**body, "scale": [*body["scale"], entry]}
        try:
            PlanData(economy, PlanSpec.model_validate(tried))
        except SpecError:
            continue
        body = tried
    return economy, PlanSpec.model_validate(body)


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
