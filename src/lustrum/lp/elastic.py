"""The elastic form of a problem: chosen rows may give way at a price; one HiGHS model serves every question.

    min Σ_i cost_i ζ_i,   row_lower_i - size_i ζ_i <= (A v)_i <= row_upper_i + size_i ζ_i,   0 <= ζ_i <= most_i

cost 0 drops a row, most 0 holds it. The duals of an optimum above zero are a Farkas proof that laws and
priced rows clash (Gleeson and Ryan 1990), zero on every dropped row.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from lustrum.errors import LimitReached, LustrumError
from lustrum.lp.highs import _Engine
from lustrum.lp.problem import Problem
from lustrum.lp.scaling import highs_sides, power_of_two, row_maxima

#: A row's size is at least this share of its natural one, so that a figure near zero costs no fortune to move.
_LEAST_SIZE = 1e-6

#: Feasibility tolerance of a solve on scaled figures; a hundred times as much where that cannot be had.
_FINE = 1e-9
_SOLVED = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kModelEmpty,
)


@dataclass(frozen=True, eq=False)
class Answer:
    """Least total cost; by how much each row gives way (in its own units, >= 0); plan; row duals.

    `dual` is in the maximisation sense of `certificate.dual_bound`: a Farkas vector where `cost` > 0.
    """

    cost: float
    amount: np.ndarray
    values: np.ndarray
    dual: np.ndarray


class Elastic:
    """A problem whose `soft` rows may give way.

    Parameters
    ----------
    problem
        Rows and bounds; its goals play no part.
    soft
        Mask of the rows that may give way. The others are held.
    seconds
        Time limit of each solve.
    """

    def __init__(self, problem: Problem, soft: np.ndarray, seconds: float = 600.0) -> None:
        self.problem, self.soft = problem, np.flatnonzero(soft)
        self.size = row_sizes(problem)
        lower = np.isfinite(problem.row_lower[self.soft])
        upper = np.isfinite(problem.row_upper[self.soft])
        # a row with two sides has two ways to give: `side` is +1 below the lower, -1 above the upper
        self._row = np.concatenate([self.soft[lower], self.soft[upper]])
        self._side = np.concatenate([np.ones(lower.sum()), -np.ones(upper.sum())])
        m, n = problem.shape
        self._column = power_of_two(problem.scale)
        base = problem.matrix.multiply(self._column[None, :]).tocsr()
        give = sparse.csr_matrix(
            (self._side * self.size[self._row], (self._row, np.arange(self._row.size))), shape=(m, self._row.size)
        )
        scaled = sparse.hstack([base, give], format="csr")
        self._scale = power_of_two(1 / np.maximum(row_maxima(scaled), 1e-300))
        self._engine = _engine(seconds)
        self._engine.passModel(self._model(scaled.multiply(self._scale[:, None]).tocsc(), n))
        self._first = True

    def solve(self, cost: np.ndarray, most: np.ndarray | float = np.inf, *, anew: bool = False) -> Answer | None:
        """Return the cheapest way out; None where what is held leaves none.

        Parameters
        ----------
        cost, most : by row of the problem
            Price of giving way by the row's whole size; the largest share it may give.
        anew
            Begin from nothing: quicker than from the last basis where much that gave way there may not now.
        """
        n, k = self.problem.shape[1], self._row.size
        columns = np.arange(n, n + k, dtype=np.int32)
        price = np.ascontiguousarray(np.asarray(cost, dtype=float)[self._row])
        limit = np.broadcast_to(np.asarray(most, dtype=float), self.size.shape)[self._row]
        limit = np.where(np.isinf(limit), highspy.kHighsInf, limit)
        self._engine.changeColsCost(k, columns, price)
        self._engine.changeColsBounds(k, columns, np.zeros(k), np.ascontiguousarray(limit))
        self._run(anew or self._first)
        status = self._engine.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status not in _SOLVED:
            raise LimitReached(f"the search for the conflict stopped: {self._engine.modelStatusToString(status)}")
        found = self._engine.getSolution()
        primal, dual = np.asarray(found.col_value), np.asarray(found.row_dual)
        give = np.maximum(primal[n:], 0.0)
        amount = np.zeros(self.size.size)
        np.add.at(amount, self._row, give * self.size[self._row])
        values = np.clip(primal[:n] * self._column, self.problem.lower, self.problem.upper)
        return Answer(float(price @ give), amount, values, -dual * self._scale)

    def _run(self, anew: bool) -> None:
        """Solve; from the last basis where there is one, else cold, in the order of what is likely to succeed."""
        large = self.problem.nonzeros > 20_000
        cold = [("ipm", 1, _FINE), ("simplex", 1, _FINE)] if large else [("simplex", 1, _FINE), ("ipm", 1, _FINE)]
        # primal simplex (strategy 4): a change of prices leaves the last basis feasible
        ways = [*(cold if anew else [("simplex", 4, _FINE), *cold]), ("simplex", 1, 100 * _FINE)]
        for k, (solver, strategy, tolerance) in enumerate(ways):
            if k or anew:
                self._engine.clearSolver()
            self._engine.setOptionValue("solver", solver)
            self._engine.setOptionValue("simplex_strategy", strategy)
            self._engine.setOptionValue("primal_feasibility_tolerance", tolerance)
            self._engine.setOptionValue("dual_feasibility_tolerance", tolerance)
            self._engine.run()
            if self._engine.getModelStatus() in _SOLVED:
                break
        self._first = False

    def _model(self, matrix: sparse.csc_matrix, n: int) -> highspy.HighsLp:
        p, lp = self.problem, highspy.HighsLp()
        lp.num_col_, lp.num_row_ = matrix.shape[1], matrix.shape[0]
        extra = self._row.size
        lp.col_cost_ = np.zeros(n + extra)
        lp.col_lower_ = highs_sides(np.concatenate([p.lower / self._column, np.zeros(extra)]))
        lp.col_upper_ = highs_sides(np.concatenate([p.upper / self._column, np.full(extra, np.inf)]))
        lp.row_lower_, lp.row_upper_ = highs_sides(p.row_lower * self._scale), highs_sides(p.row_upper * self._scale)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        return lp


def row_sizes(problem: Problem) -> np.ndarray:
    """Size of each row's limit: its figure, or its largest term at natural size where the figure is zero."""
    natural = row_maxima(problem.matrix.multiply(problem.scale[None, :]).tocsr())
    sides = [np.where(np.isfinite(s), np.abs(s), 0.0) for s in (problem.row_lower, problem.row_upper)]
    figure = np.maximum(*sides)
    size = np.where(figure > 0, np.maximum(figure, _LEAST_SIZE * natural), natural)
    return np.where(size > 0, size, 1.0)


def _engine(seconds: float) -> highspy.Highs:
    engine = _Engine()
    for key, value in (
        ("output_flag", False),
        ("time_limit", float(seconds)),
        ("ipm_optimality_tolerance", _FINE),
        ("small_matrix_value", 1e-12),  # HiGHS drops 1e-9: on us-2019, balances were then missed by 1e-5 of their terms
    ):
        if engine.setOptionValue(key, value) != highspy.HighsStatus.kOk:
            raise LustrumError(f"HiGHS does not take option {key}={value}")
    return engine
