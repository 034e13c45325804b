"""A linear program kept in HiGHS: limits change, and the dual simplex goes on from its last basis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np

from lustrum.errors import LustrumError
from lustrum.lp.highs import Options, RawSolution, _engine, _read, basis_at, choose
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.lp.scaling import highs_sides

#: How much larger HiGHS sees every value, and the objective, after the first solve. A certificate measures a row by
#: its own terms, which may be a millionth of their natural size: there, 1e-9 of that size would be a lot.
LARGER = 2.0**10

#: A basis as it goes from one process to another: statuses of columns and of rows.
Basis = tuple[np.ndarray, np.ndarray]
#: Values of all variables, and row duals.
Point = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Run:
    """What one run came to: `limit` where it did not end within its pivots or seconds; and its pivots.

    The row duals of `infeasible` are HiGHS's ray, unscaled, zero where it left none: a claim, to be checked.
    """

    raw: RawSolution
    pivots: int


class SimplexSession:
    """A problem and objective in one HiGHS object, first solved with the problem's own limits.

    A run goes on from the basis at which the one before ended, also where that proved that there is no plan: such a
    basis has prices of the right signs, and the next run needs no more. To put another in its place costs the factor
    and the edge weights of every row (0.5 s on us-2019, as much as some hundred pivots). Only after two runs
    in a row that did not end is the last basis of an optimum put `back`: from where they stood, others may not end
    either; but were it put back each time, plans too far from it would fail one after the other.

    Parameters
    ----------
    problem, gradient
        Rows, variables and first limits; the objective, to be maximised.
    seconds
        Time limit of the first solve.
    basis
        Where the first solve begins: the last basis of another object for the same problem. Without it, from nothing.
    near
        Or where the first solve begins: values and row duals of an optimum for limits like these.
    """

    def __init__(
        self,
        problem: Problem,
        gradient: np.ndarray,
        seconds: float = 600.0,
        basis: Basis | None = None,
        near: Point | None = None,
    ) -> None:
        method = choose("auto", problem) if basis is None and near is None else "simplex"
        options = Options(method, time_limit=seconds, threads=1)
        self.engine, self.column, self.row, self.weight = _engine(problem, gradient, options)
        if basis is not None:
            self._begin_at(basis)
        elif near is not None:
            self._set(presolve="off")
            scales = self.column, self.row, self.weight
            self.engine.setBasis(basis_at(problem, gradient, *near, scales))
        self.engine.run()
        self.first = _read(self.engine, self.column, self.row, self.weight, method, "")
        self._good, self._astray = self.engine.getBasis(), 0
        # with presolve it would begin from nothing each time; without a new factor at each rebuild, HiGHS takes values
        # from one that is 1e-8 off, and certificates were up to 2e-4
        self._set(
            solver="simplex", presolve="off", no_unnecessary_rebuild_refactor=False, primal_feasibility_tolerance=1e-10
        )
        self._rows = np.arange(self.row.size, dtype=np.int32)
        self._columns = np.arange(self.column.size, dtype=np.int32)
        self.weight, self.column, self.row = self.weight * LARGER, self.column / LARGER, self.row * LARGER
        self.engine.changeColsCost(self.column.size, self._columns, -gradient * self.column * LARGER * self.weight)

    def solve(self, draws: LimitSets, plan: int, pivots: int, seconds: float, back: bool = True) -> Run:
        """Go on to the limits of one plan, with so many pivots and seconds at most; `back` as above."""
        h = self.engine
        h.changeColsBounds(
            self._columns.size,
            self._columns,
            highs_sides(draws.lower[plan] / self.column),
            highs_sides(draws.upper[plan] / self.column),
        )
        sides = highs_sides(draws.row_lower[plan] * self.row), highs_sides(draws.row_upper[plan] * self.row)
        h.changeRowsBounds(self._rows.size, self._rows, *sides)  # type: ignore[attr-defined]
        # HiGHS counts the seconds of all runs, and the pivots of each
        self._set(simplex_iteration_limit=int(pivots), time_limit=h.getRunTime() + seconds)
        h.run()
        raw = _read(h, self.column, self.row / LARGER, self.weight, "simplex", ", from the last basis")
        pivots = int(h.getInfo().simplex_iteration_count)
        if raw.status == "optimal":
            self._good, self._astray = h.getBasis(), 0
        elif raw.status == "infeasible":
            raw = replace(raw, values=np.zeros(self.column.size), row_dual=self._ray())
        else:
            self._astray += 1
            if back and self._astray == 2:
                h.setBasis(self._good)
                self._astray = 0
        return Run(raw, pivots)

    def basis(self) -> Basis:
        """The last basis."""
        basis = self.engine.getBasis()
        return (
            np.array([int(s) for s in basis.col_status], dtype=np.int8),
            np.array([int(s) for s in basis.row_status], dtype=np.int8),
        )

    def _begin_at(self, basis: Basis) -> None:
        there = highspy.HighsBasis()
        there.col_status, there.row_status = ([highspy.HighsBasisStatus(int(s)) for s in side] for side in basis)
        there.valid = True
        self._set(presolve="off")
        if self.engine.setBasis(there) == highspy.HighsStatus.kError:
            raise LustrumError("HiGHS does not take the basis of another object for the same problem")

    def _ray(self) -> np.ndarray:
        """The proof that HiGHS has of its last word `infeasible`; zeros where it has none."""
        _, there, ray = self.engine.getDualRay()  # type: ignore[attr-defined]
        return -np.asarray(ray) * self.row if there else np.zeros(self.row.size)

    def _set(self, **options: bool | int | float | str) -> None:
        for key, value in options.items():
            if self.engine.setOptionValue(key, value) != highspy.HighsStatus.kOk:
                raise LustrumError(f"HiGHS does not take option {key}={value}")
