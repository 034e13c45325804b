"""An impossible plan on a real table: housing up 60 % by year three with imports of building materials capped."""

from __future__ import annotations

import pytest

from lustrum.accounts.embedded import load_economy
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict import apply_relaxation, explain
from lustrum.solving.solve import solve_plan

CAPPED = """
horizon: {years: 5}
technology: {labour_productivity_growth: 0.01}
committed_demand: {growth: 0.01}
living_standard: {floors: [{need: housing, at_least: {2022: 1.6}}]}
trade:
  import_share_band: 0.2
  export_growth: 0.02
  export_band: 0.02
  limits: [{flow: imports, product: ['321', '327', '331', '332'], at_most: 1.0}]
terminal: {rule: growth, growth: 0.02}
"""
BANDED = CAPPED + "adjustment: {output: {down: 0.04, up: 0.06}, investment: {down: 0.10, up: 0.10}}\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", [CAPPED, BANDED], ids=["capped", "banded"])
def test_housing_up_by_sixty_percent_is_explained_and_the_advice_works(text: str) -> None:
    economy, spec = load_economy("us-2019"), PlanSpec.from_text(text)
    conflict = explain(economy, spec)
    assert conflict.proof is not None and conflict.proof.holds
    assert conflict.irreducible
    assert ("consumption_floor", "housing (household all)", 2022) in {
        (m.name, m.label, m.year) for m in conflict.members
    }
    assert len(conflict.members) <= 30
    assert conflict.relaxation is not None and conflict.relaxation.checked and conflict.relaxation.works
    assert solve_plan(economy, apply_relaxation(spec, economy, conflict)).status == "optimal"
