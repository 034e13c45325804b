"""A thin adapter to HiGHS: scales, passes one stage, reads values and duals back. The algorithm is chosen here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import highspy
import numpy as np
from scipy import sparse

from lustrum.errors import LustrumError
from lustrum.lp.problem import Problem
from lustrum.lp.scaling import highs_sides, power_of_two, row_sizes, typical
from lustrum.lp.solution import Status

Method = Literal["auto", "ipm", "simplex", "staircase"]
Device = Literal["cpu", "gpu"]

#: Above this many nonzeros the interior point (with crossover to a vertex) is quicker than the simplex.
IPM_FROM = 20_000

#: From this many nonzeros on, the staircase solver is quicker, with the way to a vertex too (bench/staircase.py).
STAIRCASE_FROM = 115_000
#: From here on where it begins near another plan (the others begin anew).
NEAR_FROM = 50_000

#: Up to this many nonzeros the way from its optimum to a vertex takes a few seconds.
VERTEX_UP_TO = 500_000

# the class below `highspy.Highs`: the latter prints a banner to stdout when made, which would break --json
_Engine = highspy.Highs.__mro__[1]


@dataclass(frozen=True, eq=False)
class RawSolution:
    """What HiGHS returned for one stage, unscaled; duals in the maximisation sense."""

    status: Status
    values: np.ndarray
    row_dual: np.ndarray
    method: str


@dataclass(frozen=True)
class Options:
    """How a stage is to be solved: `method` auto, ipm, simplex or staircase; seconds; threads (0: all).

    `exact` asks for feasibility of 1e-9 and prices of 1e-10. Late stages can be too thin for that; then
    1e-7 for both is asked, and the certificate decides. `plain` leaves out presolve and lets HiGHS scale.
    `emphasis` multiplies the objective that HiGHS sees: above 1, prices are held tighter than 1e-10; below,
    the simplex heeds feasibility more.
    """

    method: Method = "auto"
    time_limit: float = 600.0
    threads: int = 0
    crossover: bool = True
    exact: bool = True
    plain: bool = False
    emphasis: float = 1.0
    vertex: bool | None = None
    device: Device = "cpu"


#: HiGHS's names of its algorithms. Where HiPO is installed, `ipm` is HiPO, which takes longer on most plans.
_NAMES: dict[str, str] = {"ipm": "ipx"}


def choose(method: Method, problem: Problem) -> Method:
    """Settle which of its algorithms HiGHS runs: the interior point for large problems, the simplex for small ones."""
    if method not in ("auto", "staircase"):
        return method
    return "ipm" if problem.nonzeros >= IPM_FROM else "simplex"


def prefer(method: Method, problem: Problem, near: bool = False) -> tuple[Method, str]:
    """The method tried first, and why, where it was left to the size of the problem; `near`: there is a plan to begin
    near."""
    if method != "auto":
        return method, ""
    size = problem.nonzeros
    start = NEAR_FROM if near else STAIRCASE_FROM
    if size >= start and "product_balance" in problem.rows:
        return "staircase", f"auto: {size:,} coefficients, staircase from {start:,}{' near another plan' * near}"
    chosen = choose(method, problem)
    side = f"simplex below {IPM_FROM:,}" if chosen == "simplex" else f"interior point from {IPM_FROM:,}"
    return chosen, f"auto: {size:,} coefficients, {side}"


def maximise(problem: Problem, gradient: np.ndarray, options: Options) -> RawSolution:
    """Maximise gradient · v over the problem's rows and bounds.

    Variables are scaled by their natural size and rows by their largest entry, both to powers of two, so
    that every figure HiGHS sees is near 1 and nothing is rounded on the way.
    """
    method = choose(options.method, problem)
    h, column, row, weight = _engine(problem, gradient, replace(options, method=method))
    h.run()
    return _read(h, column, row, weight, method, "" if options.crossover or method != "ipm" else " (no crossover)")


def to_vertex(problem: Problem, gradient: np.ndarray, found: RawSolution, options: Options) -> RawSolution:
    """From an optimum inside the best face to a vertex of it: the simplex begins at the basis that the optimum tells.

    A variable or row nearer to a side than its price is large stands at that side; the others are basic. (HiGHS's own
    crossover from a given point ends the process in 1.16.)
    """
    h, column, row, weight = _engine(problem, gradient, replace(options, method="simplex"))
    basis = basis_at(problem, gradient, found.values, found.row_dual, (column, row, weight))
    if h.setBasis(basis) == highspy.HighsStatus.kError:
        return replace(found, status="limit")
    h.run()
    return _read(h, column, row, weight, found.method, ", then to a vertex")


def basis_at(
    problem: Problem,
    gradient: np.ndarray,
    values: np.ndarray,
    row_dual: np.ndarray,
    scales: tuple[np.ndarray, np.ndarray, float],
) -> highspy.HighsBasis:
    """Return the basis that an optimum tells; `scales` are HiGHS's of columns, rows and the objective."""
    column, row, weight = scales
    reduced = (gradient - problem.matrix.T @ row_dual) * column * weight
    activity = problem.matrix @ values
    basis = highspy.HighsBasis()
    basis.col_status = _sides(values / column, problem.lower / column, problem.upper / column, reduced)
    basis.row_status = _sides(activity * row, problem.row_lower * row, problem.row_upper * row, row_dual / row * weight)
    basis.valid = basis.alien = True  # alien: HiGHS makes it square
    return basis


def _sides(value: np.ndarray, low: np.ndarray, high: np.ndarray, price: np.ndarray) -> list[highspy.HighsBasisStatus]:
    below, above = value - low, high - value
    kinds = np.array(
        [highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kUpper],
        dtype=object,
    )
    stands = (np.minimum(below, above) < np.abs(price)) | (low == high)
    return list(kinds[np.where(stands, np.where(below <= above, 1, 2), 0)])


def _engine(
    problem: Problem, gradient: np.ndarray, options: Options
) -> tuple[highspy.Highs, np.ndarray, np.ndarray, float]:
    """HiGHS with the scaled problem, and the scales of columns, rows and the objective."""
    column = power_of_two(problem.scale)
    scaled = problem.matrix.multiply(column[None, :]).tocsr()
    row = power_of_two(1 / np.maximum(row_sizes(scaled), 1e-300))
    scaled = scaled.multiply(row[:, None]).tocsc()
    cost = -gradient * column
    weight = power_of_two(np.array([options.emphasis / typical(cost)]))[0]
    # HiGHS keeps one pool of threads for the process, which a solve with another number would refuse
    highspy.Highs.resetGlobalScheduler(True)
    h = _Engine()
    for key, value in (
        ("output_flag", False),
        ("solver", _NAMES.get(options.method, options.method)),
        ("run_crossover", "on" if options.crossover else "off"),
        ("time_limit", float(options.time_limit)),
        ("threads", int(options.threads)),
        ("primal_feasibility_tolerance", 1e-9 if options.exact else 1e-7),
        ("dual_feasibility_tolerance", 1e-10 if options.exact else 1e-7),
        ("ipm_optimality_tolerance", 1e-9),
        ("simplex_strategy", 1),
        # scaled already: scaling twice cost the simplex after the interior point most of its time on us-2019
        ("simplex_scale_strategy", 2 if options.plain else 0),
        ("small_matrix_value", 1e-12),
        ("presolve", "off" if options.plain else "choose"),
    ):
        if h.setOptionValue(key, value) != highspy.HighsStatus.kOk:
            raise LustrumError(f"HiGHS does not take option {key}={value}")
    if h.passModel(_model(scaled, cost * weight, problem, column, row)) == highspy.HighsStatus.kError:
        raise LustrumError("HiGHS refuses the problem: a figure is beyond 1e20 at its natural size")
    return h, column, row, float(weight)


def _read(
    h: highspy.Highs, column: np.ndarray, row: np.ndarray, weight: float, method: str, ending: str
) -> RawSolution:
    status = _status(h.getModelStatus())
    solution = h.getSolution()
    ok = solution.value_valid and solution.dual_valid
    if status == "optimal" and not ok:
        status = "limit"
    values = np.asarray(solution.col_value) * column if ok else np.zeros(column.size)
    dual = -np.asarray(solution.row_dual) * row / weight if ok else np.zeros(row.size)
    name = method if method.startswith("staircase") else f"HiGHS {h.version()} {method}"
    return RawSolution(status, values, dual, name + ending)


def _model(
    scaled: sparse.csc_matrix, cost: np.ndarray, problem: Problem, column: np.ndarray, row: np.ndarray
) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = scaled.shape[1], scaled.shape[0]
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = highs_sides(problem.lower / column), highs_sides(problem.upper / column)
    lp.row_lower_, lp.row_upper_ = highs_sides(problem.row_lower * row), highs_sides(problem.row_upper * row)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = scaled.indptr
    lp.a_matrix_.index_ = scaled.indices
    lp.a_matrix_.value_ = scaled.data
    return lp


def _status(status: highspy.HighsModelStatus) -> Status:
    known: dict[highspy.HighsModelStatus, Status] = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kModelEmpty: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
        # which of the two is settled by asking for any plan at all (`stages`)
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded",
    }
    return known.get(status, "limit")
