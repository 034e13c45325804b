"""Whether an amendment changes anything that is solved: a rate that the accounts overrule can be adopted in vain."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec


def same_problem(economy: Economy, one: PlanSpec, other: PlanSpec) -> bool:
    """Whether two plan files ask for one and the same problem: every coefficient, side, bound and goal alike."""
    a, b = (build_problem(PlanData(economy, spec)) for spec in (one, other))
    return a.shape == b.shape and a.rows.keys() == b.rows.keys() and len(a.goals) == len(b.goals) and _alike(a, b)


def _alike(a: Problem, b: Problem) -> bool:
    pairs = [(a.row_lower, b.row_lower), (a.row_upper, b.row_upper), (a.lower, b.lower), (a.upper, b.upper)]
    pairs += [(x.gradient, y.gradient) for x, y in zip(a.goals, b.goals, strict=True)]
    goals = all(
        (x.name, x.constant, x.tolerance) == (y.name, y.constant, y.tolerance)
        for x, y in zip(a.goals, b.goals, strict=True)
    )
    pairs += [(getattr(a.matrix, part), getattr(b.matrix, part)) for part in ("indptr", "indices", "data")]
    return goals and all(np.array_equal(x, y) for x, y in pairs)
