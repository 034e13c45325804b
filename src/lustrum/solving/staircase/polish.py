"""From a point close to the optimum to one with nothing left over: what must be zero is zero.

Interior points leave a remainder everywhere: an output without capital of 1e-11, prices of 1e-14 where nothing is
scarce. Against figures near 1 that is rounding; among the other terms of its own row or column it can be all there is.
Here the point says which limits hold and which have a price; values and prices solve these equations, nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lustrum.solving.staircase.device import ONE_THREAD, Machine, Namespace
from lustrum.solving.staircase.interior import SHARED_FROM
from lustrum.solving.staircase.kernels import threads
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.reduced_program import ReducedProgram
from lustrum.solving.staircase.structure import analyse

#: Weight of what may move; what is held has its inverse.
LOOSE = 1e-6
#: Times that the guess is mended, and solves for each guess.
ROUNDS, SOLVES = 6, 4
#: What is passed by more than this (in scaled units) joins what is held.
PASSED = 1e-11

#: How far values and multipliers are from an optimum; below 1 is good enough.
Judge = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class Guess:
    """Sides that hold, of variables and of rows: -1 the lower, 1 the upper, 0 neither."""

    columns: np.ndarray
    rows: np.ndarray


class Polish:
    """Values and prices by the limits that hold at a point."""

    def __init__(self, problem: ReducedProgram, space: Namespace | None = None) -> None:
        self.q = problem
        self.equal = problem.row_lower == problem.row_upper
        self.factor = KktFactor(analyse(problem), problem.matrix, 1, space)
        self.g, self.gt = self.factor.g, self.factor.gt

    def guess(self, u: np.ndarray, y: np.ndarray) -> Guess:
        """A side holds where the distance to it is smaller than its price."""
        q = self.q
        rows = _sides(self.g @ u, q.row_lower, q.row_upper, y)
        rows[self.equal] = -1
        return Guess(_sides(u, q.lower, q.upper, q.cost - self.gt @ y), rows)

    def _weigh(self, held: Guess) -> None:
        e = np.where(held.columns == 0, LOOSE, 1 / LOOSE)
        d = np.where(held.rows != 0, LOOSE, 1 / LOOSE)
        self.factor.update(e[None], 1 / d[None], d[None])
        if self.factor.failed[0]:
            raise FloatingPointError("core not positive definite")

    def _solve(self, xi: np.ndarray, zeta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        du, dy = self.factor.solve(xi[None], zeta[None])
        return du[0], dy[0]

    def values(self, u: np.ndarray, held: Guess) -> np.ndarray:
        """Values nearest to u at which the sides hold; what is passed on the way joins them."""
        q, none = self.q, np.zeros(u.size)
        columns, rows = held.columns.copy(), held.rows.copy()
        for _ in range(ROUNDS):
            u = _placed(u, q.lower, q.upper, columns)
            self._weigh(Guess(columns, rows))
            for _ in range(SOLVES):
                at = self.g @ u
                away = np.where(rows == 0, 0.0, _placed(at, q.row_lower, q.row_upper, rows) - at)
                change, _ = self._solve(none, away)
                u = np.where(columns == 0, u + change, u)
            more_columns, more_rows = _passed(u, q.lower, q.upper), _passed(self.g @ u, q.row_lower, q.row_upper)
            more_columns[columns != 0] = more_rows[rows != 0] = 0
            if not more_columns.any() and not more_rows.any():
                break
            columns, rows = columns + more_columns, rows + more_rows
        return np.clip(u, q.lower, q.upper)

    def prices(self, y: np.ndarray, held: Guess) -> np.ndarray:
        """Prices nearest to y, of the sides that hold only, that leave no gain in what stands at no side."""
        q, none = self.q, np.zeros(y.size)
        columns, rows = held.columns.copy(), held.rows.copy()
        for _ in range(ROUNDS):
            y = np.where(rows == 0, 0.0, y)
            self._weigh(Guess(columns, rows))
            for _ in range(SOLVES):
                gain = np.where(columns == 0, q.cost - self.gt @ y, 0.0)
                _, change = self._solve(-gain, none)
                y = np.where(rows == 0, 0.0, y + change)
            # at a lower side prices and gains are positive, at an upper one negative
            wrong_rows = (rows * y > PASSED) & ~self.equal
            wrong_columns = columns * (q.cost - self.gt @ y) > PASSED
            if not wrong_rows.any() and not wrong_columns.any():
                break
            rows[wrong_rows], columns[wrong_columns] = 0, 0
        return np.where((rows * y > 0) & ~self.equal, 0.0, y)


def polish(
    problem: ReducedProgram, u: np.ndarray, y: np.ndarray, judge: Judge, machine: Machine = ONE_THREAD
) -> tuple[np.ndarray, np.ndarray]:
    """The best of the point and of what becomes of it, by the judge."""
    tool = Polish(problem, machine.space)
    held = tool.guess(u, y)
    try:
        with threads(machine.threads if tool.factor.widest >= SHARED_FROM else 1) as team:
            team.adjust()
            v, p = tool.values(u, held), tool.prices(y, held)
    except FloatingPointError:
        return u, y
    # of an objective that cannot move, nothing has a price
    found = [(u, y), (v, p), (v, y), (u, p), (v, np.zeros(y.size))]
    return min(found, key=lambda pair: judge(*pair))


def _sides(at: np.ndarray, low: np.ndarray, high: np.ndarray, price: np.ndarray) -> np.ndarray:
    lower, upper = (at - low < price), (high - at < -price)
    return np.where(lower, -1, np.where(upper, 1, 0))


def _placed(at: np.ndarray, low: np.ndarray, high: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.where(side < 0, low, np.where(side > 0, high, at))


def _passed(at: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.where(at < low - PASSED, -1, np.where(at > high + PASSED, 1, 0))
