"""Random economies with plans for them: every field and constraint family switched on and off at random.

Accounts are made so that the base year balances and, mostly, can be repeated: x0 solves the supply-use
balance of the final demand drawn, stocks are what the outputs need, labour is what is spent. Everything is
drawn in value first and then turned into the units of each product, asset, need and skill.
"""

from __future__ import annotations

from hypothesis import strategies as st
from tests.reference.drawn_plan import CaseMaker

from lustrum.accounts.economy import Economy
from lustrum.planning.spec import PlanSpec

Case = tuple[Economy, PlanSpec]


def random_case(seed: int, largest: int = 40, longest: int = 6) -> Case:
    """Return a random economy and a plan for it, the same for the same seed."""
    maker = CaseMaker(seed, largest, longest)
    economy = maker.accounts()
    return economy, maker.plan(economy)


def economies(largest: int = 6, longest: int = 3) -> st.SearchStrategy[Case]:
    """Small random cases for hypothesis."""
    return st.integers(0, 10**6).map(lambda seed: random_case(seed, largest, longest))
