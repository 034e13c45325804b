"""Larger random plans for solvers: up to 60 products and 12 years; degenerate ones, and ones that hardly exist.

Every second plan is as it is drawn. One of four is *degenerate*: tasks are asked twice over, and stages leave each
other no room. One of four is *near*: floors under all consumption stand just below, or *beyond* just above, the largest
multiple of the base year's that any plan comes to, which is computed first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse
from tests.reference.drawn_plan import CaseMaker

from lustrum.accounts.economy import Economy
from lustrum.lp.highs import Options, maximise
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec

#: How far floors are from the largest that can be kept: below it, then above.
DISTANCES = (1e-3, -1e-3, 1e-5, -1e-5)
#: A floor beyond this multiple of the base year says that nothing limits consumption.
ENDLESS = 100.0


class WideMaker(CaseMaker):
    """LimitSets 3 to 60 products and 1 to 12 years."""

    def sizes(self, largest: int) -> dict[str, int]:
        """How many of everything: small ones mostly, as they are the oddest."""
        n = super().sizes(largest)
        low, high = [(3, 10), (10, 25), (25, 61)][int(self.rng.choice(3, p=[0.5, 0.3, 0.2]))]
        size = min(largest, int(self.rng.integers(low, high)))
        more = n["activity"] - n["product"]
        return n | {"product": size, "activity": size + min(more, size // 2)}

    def years(self, longest: int) -> int:
        """Years of the plan: long ones as often as short ones."""
        return int(self.rng.integers(1, longest + 1))


def wide_case(seed: int, largest: int = 60, longest: int = 12) -> tuple[str, Problem]:
    """Kind of the plan that belongs to a seed (plain, degenerate, near or beyond), and its linear program."""
    maker = WideMaker(seed, largest, longest)
    economy = maker.accounts()
    spec = maker.plan(economy)
    kind = seed % 4
    if kind == 2:
        return "degenerate", build_problem(PlanData(economy, _degenerate(spec)))
    if kind == 3:
        away = DISTANCES[seed // 4 % len(DISTANCES)]
        most = most_floor(economy, spec)
        if most is not None:
            return ("near" if away > 0 else "beyond"), _floored(economy, spec, most * (1 - away))
    return "plain", build_problem(PlanData(economy, spec))


def most_floor(economy: Economy, spec: PlanSpec) -> float | None:
    """The largest floor under all consumption that a plan can keep; None where there is none, or no end to it."""
    low, high = (_floored(economy, spec, level) for level in (0.25, 0.75))
    rise = np.zeros(low.shape[0])
    moved = high.row_lower != low.row_lower
    rise[moved] = (high.row_lower[moved] - low.row_lower[moved]) / 0.5
    if not rise.any():
        return None
    level = sparse.csr_matrix(-rise[:, None])
    wider = replace(
        low,
        coefficients=low.coefficients.with_columns(level),
        row_lower=low.row_lower - 0.25 * rise,
        lower=np.append(low.lower, 0.0),
        upper=np.append(low.upper, ENDLESS),
        scale=np.append(low.scale, 1.0),
    )
    found = maximise(wider, np.append(np.zeros(low.shape[1]), 1.0), Options("simplex", threads=1))
    if found.status != "optimal" or not 1e-3 < found.values[-1] < ENDLESS:
        return None
    return float(found.values[-1])


def _floored(economy: Economy, spec: PlanSpec, level: float) -> Problem:
    """The plan with one more floor, under everything anybody consumes."""
    plan = _told(spec)
    living = plan.get("living_standard", {})
    plan["living_standard"] = {**living, "floors": [*living.get("floors", []), {"at_least": level}]}
    return build_problem(PlanData(economy, PlanSpec.model_validate(plan)))


def _degenerate(spec: PlanSpec) -> PlanSpec:
    """The same plan with rows that say nothing new, and stages that leave each other no room."""
    plan = _told(spec)
    tasks = plan.get("tasks", [])
    plan["tasks"] = [*tasks, *({**task, "name": f"{task['name']} again"} for task in tasks)]
    plan["objective"] = {**plan["objective"], "stage_tolerance": 0.0, "people_first": True}
    return PlanSpec.model_validate(plan)


def _told(spec: PlanSpec) -> dict[str, Any]:
    return spec.model_dump(exclude_unset=True, by_alias=True)
