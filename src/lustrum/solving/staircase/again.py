"""The same program put differently, for iterations that ended without an optimum.

What is found is polished on the program as it was. Behind the lock of an earlier stage there is hardly any room, or
none, and its price can be 10⁷. Some plans end far from the natural size of their variables: outputs of a million times
the base year's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from lustrum.lp.lexicographic import BOUND
from lustrum.lp.scaling import power_of_two
from lustrum.solving.staircase.reduce import Reduced, _or_one

#: A variable further from zero than this, in scaled units, is scaled by where it is.
FAR = 30.0


def rescaled(problem: Reduced, u: np.ndarray) -> Reduced:
    """Variables far from their natural size scaled by where they are, rows by their largest figure then."""
    column = power_of_two(np.where(np.abs(u) > FAR, np.abs(u), 1.0))
    row = power_of_two(1 / _or_one(problem.matrix.largest(column)))
    return replace(
        problem,
        matrix=problem.matrix.scaled(row, column),
        low=problem.low * row,
        high=problem.high * row,
        lower=problem.lower / column,
        upper=problem.upper / column,
        cost=problem.cost * column,
        u_scale=problem.u_scale * column,
        y_scale=problem.y_scale * row,
    )


def eased(problem: Reduced, room: float) -> Reduced:
    """Room behind locks: what stands at its sides is mostly what stands there without."""
    return replace(problem, low=np.where(_locks(problem), problem.low - room, problem.low))


def priced(problem: Reduced, weight: float, price: float) -> Reduced:
    """Locks, times a weight, may be broken at a price: there is room, and no price grows beyond that one.

    Where the price is high enough, the optimum breaks none. Variables that break locks stand behind all others.
    """
    rows = np.flatnonzero(_locks(problem))
    scale = np.where(_locks(problem), weight, 1.0)
    count = rows.size
    broken = sparse.csr_matrix((np.ones(count), (rows, np.arange(count))), shape=(scale.size, count))
    zero, one = np.zeros(count), np.ones(count)
    return replace(
        problem,
        matrix=problem.matrix.scaled(scale, np.ones(problem.cost.size)).with_columns(broken),
        low=problem.low * scale,
        high=problem.high * scale,
        cost=np.concatenate([problem.cost, price * one]),
        lower=np.concatenate([problem.lower, zero]),
        upper=np.concatenate([problem.upper, np.inf * one]),
        core=np.concatenate([problem.core, zero > 0]),
        u_scale=np.concatenate([problem.u_scale, one]),
        column_year=np.concatenate([problem.column_year, problem.year[rows]]),
        y_scale=problem.y_scale * scale,
    )


def _locks(problem: Reduced) -> np.ndarray:
    return problem.kind == problem.names.index(BOUND)


#: What is tried behind locks after the program as it is. Each came in because some stage needed it.
BEHIND_LOCKS: tuple[Callable[[Reduced], Reduced], ...] = (
    lambda p: eased(p, 1e-6),
    lambda p: eased(p, 1e-5),
    lambda p: priced(p, 2.0**10, 1e3),
    lambda p: priced(p, 2.0**10, 10.0),
    lambda p: priced(p, 2.0**17, 1e3),
)
