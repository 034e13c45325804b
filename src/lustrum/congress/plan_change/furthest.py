"""How far an amendment could go that goes too far: only the limits that it moves give way, as little as they must."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.lp.elastic import Elastic
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import IDENTITIES
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict.advice import advise, expressible
from lustrum.solving.conflict.words import Row, label_rows

#: Shares of a row's size below this are rounding.
_ROUNDING = 1e-9


def as_far_as(economy: Economy, before: PlanSpec, after: PlanSpec) -> list[str]:
    """Return the figures that an infeasible amendment would have to take, all else as it stands.

    Nothing where it moves no limit that the plan file gives a figure, or where that would not help.
    """
    data = PlanData(economy, after)
    problem = build_problem(data)
    rows = label_rows(data, problem)
    old_data = PlanData(economy, before)
    old = build_problem(old_data)
    known = {_key(r): _sides(old, r) for r in label_rows(old_data, old)}
    moved = np.array(
        [r.name not in IDENTITIES and known.get(_key(r)) != _sides(problem, r) and expressible(data, r) for r in rows],
        dtype=bool,
    )
    if not moved.any():
        return []
    model = Elastic(problem, moved, after.solver.time_limit)
    answer = model.solve(np.where(moved, 1.0, 0.0))
    if answer is None:
        return []
    gave = [row for row in rows if answer.amount[row.index] > _ROUNDING * model.size[row.index]]
    advice = advise(data, problem, answer.values, gave)
    return list(dict.fromkeys(advice.words[row.index] for row in gave))


def _key(row: Row) -> tuple[str, str, int]:
    return row.name, row.label, row.year


def _sides(problem: Problem, row: Row) -> tuple[float, float]:
    return float(problem.row_lower[row.index]), float(problem.row_upper[row.index])
