"""Random economies with plans for them: every field and constraint family switched on and off at random.

Accounts are made so that the base year balances and, mostly, can be repeated: x0 solves the supply-use
balance of the final demand drawn, stocks are what the outputs need, labour is what is spent. Everything is
drawn in value first and then turned into the units of each product, asset, need and skill.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.reference.drawn_plan import CaseMaker

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.spec import PlanSpec

Case = tuple[Economy, PlanSpec]


def random_case(seed: int, largest: int = 40, longest: int = 6) -> Case:
    """Return a random economy and a plan for it, the same for the same seed."""
    maker = CaseMaker(seed, largest, longest)
    economy = maker.accounts()
    return economy, maker.plan(economy)


def scaled_case(seed: int) -> Case:
    """Return a random case with scaled figures, losses, ceilings on output and limits that override bands."""
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
    j = int(rng.integers(economy.size("activity")))
    top = float(economy.value_or("output", 1.0)[j])
    body["output"]["ceilings"] = [
        {"activity": economy.codes("activity")[j], "at_most": {"from": top, "to": 1.3 * top}, "basis": "absolute"}
    ]
    if economy.has("output"):
        body["output"]["ceilings"].append({"activity": "all", "at_most": {years[0]: float(rng.uniform(1.1, 1.4))}})
    for entry in entries:
        tried = {**body, "scale": [*body["scale"], entry]}
        try:
            PlanData(economy, PlanSpec.model_validate(tried))
        except SpecError:
            continue
        body = tried
    return economy, PlanSpec.model_validate(body)


def economies(largest: int = 6, longest: int = 3) -> st.SearchStrategy[Case]:
    """Small random cases for hypothesis."""
    return st.integers(0, 10**6).map(lambda seed: random_case(seed, largest, longest))
