"""Soft limits: any limit that the plan file chose may be broken, at a price inside the objective.

    max  gradient · v − Σ_i price_i z_i,   row_lower_i − z_i <= (A v)_i <= row_upper_i + z_i,   z >= 0

for the rows i of the soft families. Each price is above the row's marginal value in the first plan, so that plan stays
optimal where nothing else changes: its prices prove it, and nothing gives way. Identities are never soft, and what the
economy has (labour, capacity, foreign exchange, resources) is not softened unless it is asked for: a plan cannot use
labour that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.lp.lexicographic import BOUND
from lustrum.lp.problem import Grid, Problem
from lustrum.planning.families import ENDOWMENTS, IDENTITIES

#: A price is at least this many times the row's marginal value in the first plan.
ABOVE = 3.0
#: Breaking a whole family by its whole size costs this many times what the plan is worth.
WHOLE = 30.0
#: Shares of a row's size below this are rounding.
ROUNDING = 1e-4


@dataclass(frozen=True, eq=False)
class Softened:
    """A problem whose soft rows may give way.

    Attributes
    ----------
    problem
        With one more variable for each side of a soft row, after all others.
    rows, signs
        Row of each of these variables; +1 where it gives way below its lower side, -1 above its upper one.
    prices
        Stage -> price of each, in units of the stage's objective for one unit of the row.
    """

    problem: Problem
    rows: np.ndarray
    signs: np.ndarray
    prices: Mapping[str, np.ndarray]

    def cost(self, stage: str, values: np.ndarray) -> float:
        """What giving way takes from the objective of a stage."""
        return float(self.prices[stage] @ np.maximum(values[values.size - self.rows.size :], 0.0))

    def gave_way(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """By how much each row gives way (in its own units), and what all of that cost in the last stage."""
        give = np.maximum(values[values.size - self.rows.size :], 0.0)
        size = np.maximum(self.problem.scale[values.size - self.rows.size :], 1e-300)
        give = np.where(give > ROUNDING * size, give, 0.0)
        amount = np.zeros(self.problem.shape[0])
        np.add.at(amount, self.rows, give)
        return amount, float(self.prices[self.problem.goals[-1].name] @ give)


def soft_families(problem: Problem, asked: Collection[str] | bool) -> list[str]:
    """Return the families that are soft: those asked for, or all that the plan file chose.

    Raises
    ------
    SpecError
        For a family that the plan does not have, or an identity.
    """
    chosen = [name for name in problem.rows if name not in IDENTITIES and name not in ENDOWMENTS and name != BOUND]
    if isinstance(asked, bool):
        return chosen if asked else []
    for name in asked:
        if name in IDENTITIES or name == BOUND:
            raise SpecError(
                f"{name} is an identity and holds always", where="soft", expected=", ".join(chosen), mend="leave it out"
            )
        if name not in problem.rows:
            expected, mend = unknown_label(name, sorted(problem.rows), "limit")
            raise SpecError(f"this plan has no limit {name!r}", where="soft", expected=expected, mend=mend)
    return list(asked)


def rows_moved(problem: Problem, first: Problem) -> np.ndarray:
    """Return a mask of the rows that the first program lacks, or has with other sides: what a case asks for."""
    moved = np.zeros(problem.shape[0], dtype=bool)
    for name, grid in problem.rows.items():
        here = grid.index >= 0
        at = grid.index[here]
        known = first.rows.get(name)
        if known is None or known.labels != grid.labels:
            moved[at] = True
            continue
        old = known.index[here]
        there = old >= 0
        old = np.maximum(old, 0)
        same = (problem.row_lower[at] == first.row_lower[old]) & (problem.row_upper[at] == first.row_upper[old])
        moved[at] = ~(there & same)
    return moved


def softened(
    problem: Problem, soft: np.ndarray, duals: Mapping[str, np.ndarray], worth: Mapping[str, float]
) -> Softened:
    """Let some rows give way at a price.

    Parameters
    ----------
    soft
        Mask of the rows that may.
    duals
        Stage -> marginal values of the first plan on the rows of this problem; zeros where nothing is known.
    worth
        Stage -> what its objective is worth in all: the size by which prices are set.
    """
    rows, signs = [], []
    price: dict[str, list[np.ndarray]] = {goal.name: [] for goal in problem.goals}
    size = np.maximum(problem.natural, 1e-300)
    for grid in problem.rows.values():
        own = grid.index[grid.index >= 0]
        own = own[soft[own]]
        whole = max(float(size[own].sum()), 1e-300)
        for side, sign in ((problem.row_lower, 1.0), (problem.row_upper, -1.0)):
            at = own[np.isfinite(side[own])]
            rows.append(at)
            signs.append(np.full(at.size, sign))
            for goal in problem.goals:
                least = WHOLE * worth.get(goal.name, 1.0) / whole
                price[goal.name].append(np.maximum(ABOVE * np.abs(duals[goal.name][at]), least))
    row, sign_ = np.concatenate(rows), np.concatenate(signs)
    prices = {name: np.concatenate(parts) for name, parts in price.items()}
    count, (m, n) = row.size, problem.shape
    columns = sparse.csr_matrix((sign_, (row, np.arange(count))), shape=(m, count))
    grid = Grid("give", ("place",), {"place": tuple(range(count))}, np.arange(n, n + count))
    goals = tuple(replace(goal, gradient=np.concatenate([goal.gradient, -prices[goal.name]])) for goal in problem.goals)
    given = replace(
        problem,
        coefficients=problem.coefficients.with_columns(columns),
        lower=np.concatenate([problem.lower, np.zeros(count)]),
        upper=np.concatenate([problem.upper, np.full(count, np.inf)]),
        scale=np.concatenate([problem.scale, 0.01 * size[row]]),
        variables={**problem.variables, "give": grid},
        goals=goals,
    )
    return Softened(given, row, sign_, prices)
