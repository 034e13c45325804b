"""The last step: from a point close to the optimum to one where what must be zero is zero.

An interior point leaves a remainder everywhere: an output without capital of 1e-11, a price of 1e-14 of what is not
scarce. Beside numbers near 1 that is rounding; among the other terms of its own row or column it can be all there is.
So the point is only used to guess the active set: a limit counts as active if its slack is smaller than its multiplier.
Values and multipliers then solve the equations of the active set, nearest to the point, by least squares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lustrum.solving.staircase.device import ONE_THREAD, Machine, Namespace
from lustrum.solving.staircase.interior_point import work_threads
from lustrum.solving.staircase.kkt import KktFactor, Pair
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.structure import analyse

#: Weight of what is free to move; what is held has its inverse.
LOOSE = 1e-6
#: Corrections of the active set, and solves for each.
ROUNDS, SOLVES = 6, 4
#: A limit violated by more than this (in scaled units) enters the active set.
VIOLATED = 1e-11

#: Distance of values and multipliers from an optimum; up to 1 is good enough.
Score = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class ActiveSet:
    """Active limits of variables and of rows: -1 the lower, 1 the upper, 0 neither."""

    columns: np.ndarray
    rows: np.ndarray


class ActiveSetSolver:
    """Values and multipliers of a reduced program for a given active set."""

    def __init__(self, problem: ReducedProgram, space: Namespace | None = None) -> None:
        self.q = problem
        self.equal = problem.row_lower == problem.row_upper
        self.factor = KktFactor(analyse(problem), problem.matrix, 1, space)
        self.g, self.gt = self.factor.g, self.factor.gt

    def guess(self, u: np.ndarray, y: np.ndarray) -> ActiveSet:
        """The active set that a point indicates."""
        q = self.q
        rows = _active(self.g @ u, q.row_lower, q.row_upper, y)
        rows[self.equal] = -1
        return ActiveSet(_active(u, q.lower, q.upper, q.cost - self.gt @ y), rows)

    def _factorise(self, columns: np.ndarray, rows: np.ndarray) -> None:
        e = np.where(columns == 0, LOOSE, 1 / LOOSE)
        d = np.where(rows != 0, LOOSE, 1 / LOOSE)
        self.factor.update(e[None], 1 / d[None], d[None])
        if self.factor.failed[0]:
            raise FloatingPointError("core not positive definite")

    def _solve(self, xi: np.ndarray, zeta: np.ndarray) -> Pair:
        du, dy = self.factor.solve(xi[None], zeta[None])
        return du[0], dy[0]

    def values(self, u: np.ndarray, active: ActiveSet) -> np.ndarray:
        """Values nearest to u at the active limits; violated limits enter the active set."""
        q, none = self.q, np.zeros(u.size)
        columns, rows = active.columns.copy(), active.rows.copy()
        for _ in range(ROUNDS):
            u = _at_limits(u, q.lower, q.upper, columns)
            self._factorise(columns, rows)
            for _ in range(SOLVES):
                at = self.g @ u
                away = np.where(rows == 0, 0.0, _at_limits(at, q.row_lower, q.row_upper, rows) - at)
                change, _ = self._solve(none, away)
                u = np.where(columns == 0, u + change, u)
            more_columns, more_rows = (
                _violated(u, q.lower, q.upper),
                _violated(self.g @ u, q.row_lower, q.row_upper),
            )
            more_columns[columns != 0] = more_rows[rows != 0] = 0
            if not more_columns.any() and not more_rows.any():
                break
            columns, rows = columns + more_columns, rows + more_rows
        return np.clip(u, q.lower, q.upper)

    def multipliers(self, y: np.ndarray, active: ActiveSet) -> np.ndarray:
        """Multipliers nearest to y, zero off the active set, with no reduced cost on inactive variables.

        Limits whose multiplier has the wrong sign leave the active set.
        """
        q, none = self.q, np.zeros(y.size)
        columns, rows = active.columns.copy(), active.rows.copy()
        for _ in range(ROUNDS):
            y = np.where(rows == 0, 0.0, y)
            self._factorise(columns, rows)
            for _ in range(SOLVES):
                reduced_cost = np.where(columns == 0, q.cost - self.gt @ y, 0.0)
                _, change = self._solve(-reduced_cost, none)
                y = np.where(rows == 0, 0.0, y + change)
            # positive at a lower limit, negative at an upper one
            wrong_rows = (rows * y > VIOLATED) & ~self.equal
            wrong_columns = columns * (q.cost - self.gt @ y) > VIOLATED
            if not wrong_rows.any() and not wrong_columns.any():
                break
            rows[wrong_rows], columns[wrong_columns] = 0, 0
        return np.where((rows * y > 0) & ~self.equal, 0.0, y)


def refine_active_set(
    problem: ReducedProgram, u: np.ndarray, y: np.ndarray, score: Score, machine: Machine = ONE_THREAD
) -> Pair:
    """The point, or what refinement makes of its values or multipliers, whichever has the best score."""
    solver = ActiveSetSolver(problem, machine.space)
    active = solver.guess(u, y)
    try:
        with work_threads(machine, solver.factor) as team:
            team.adjust()
            v, p = solver.values(u, active), solver.multipliers(y, active)
    except FloatingPointError:
        return u, y
    # the last is for an objective that cannot move: nothing has a price
    found = [(u, y), (v, p), (v, y), (u, p), (v, np.zeros(y.size))]
    return min(found, key=lambda pair: score(*pair))


def _active(at: np.ndarray, low: np.ndarray, high: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Active limits: those with a slack smaller than their multiplier."""
    lower, upper = (at - low < price), (high - at < -price)
    return np.where(lower, -1, np.where(upper, 1, 0))


def _at_limits(at: np.ndarray, low: np.ndarray, high: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.where(side < 0, low, np.where(side > 0, high, at))


def _violated(at: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.where(at < low - VIOLATED, -1, np.where(at > high + VIOLATED, 1, 0))
