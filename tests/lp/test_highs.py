"""The adapter to HiGHS: what it found is what it says, and it says nothing on its own."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from scipy import sparse
from tests.properties.economies import random_case

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import LimitReached, LustrumError
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import IPM_FROM, Options, maximise
from lustrum.lp.problem import Goal, Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.stages import solve_problem

METHODS: tuple[Literal["ipm", "simplex"], ...] = ("ipm", "simplex")


def problem(
    matrix: list[list[float]],
    upper: list[float],
    objective: list[float],
    *,
    lower: list[float] | None = None,
    top: float = np.inf,
    bottom: float = 0.0,
) -> Problem:
    """max objective · v, lower <= A v <= upper, bottom <= v <= top."""
    a = sparse.csr_matrix(np.array(matrix, dtype=float))
    m, n = a.shape
    return Problem(
        Coefficients(a),
        np.array(lower, dtype=float) if lower else np.full(m, -np.inf),
        np.array(upper, dtype=float),
        np.full(n, bottom),
        np.full(n, top),
        np.ones(n),
        {},
        {},
        (Goal("aim", np.array(objective, dtype=float), 0.0, 0.0),),
    )


#: Two products of 3 and 5 a unit, three workshops (Dantzig's textbook case: 2 and 6, worth 36).
WYNDOR = problem([[1, 0], [0, 2], [3, 2]], [4, 12, 18], [3, 5])


@pytest.mark.parametrize("method", METHODS)
def test_values_and_marginal_values_of_a_textbook_case(method: Literal["ipm", "simplex"]) -> None:
    found = maximise(WYNDOR, WYNDOR.goals[0].gradient, Options(method))
    assert found.status == "optimal"
    assert method in found.method
    np.testing.assert_allclose(found.values, [2, 6], atol=1e-8)
    np.testing.assert_allclose(found.row_dual, [0, 1.5, 1], atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_a_floor_has_a_marginal_value_below_zero(method: Literal["ipm", "simplex"]) -> None:
    """Least cost is maximised with a minus sign; one more unit of the floor costs 2."""
    least = problem([[1, 1]], [np.inf], [-2, -3], lower=[10])
    found = maximise(least, least.goals[0].gradient, Options(method))
    np.testing.assert_allclose(found.values, [10, 0], atol=1e-8)
    np.testing.assert_allclose(found.row_dual, [-2], atol=1e-8)


def test_units_of_very_different_size_are_no_matter() -> None:
    """The same case with one product in units of 1e6 and one workshop in units of 1e-5."""
    column, row = np.array([1e6, 1.0]), np.array([1.0, 1e5, 1.0])
    base = WYNDOR.matrix.toarray() * row[:, None] * column[None, :]
    scaled = problem(base.tolist(), (WYNDOR.row_upper * row).tolist(), (WYNDOR.goals[0].gradient * column).tolist())
    found = maximise(scaled, scaled.goals[0].gradient, Options("simplex"))
    np.testing.assert_allclose(found.values * column, [2, 6], rtol=1e-9)
    np.testing.assert_allclose(found.row_dual * row, [0, 1.5, 1], atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_infeasible_and_unbounded_are_told_apart(method: Literal["ipm", "simplex"]) -> None:
    """Also where presolve says only "unbounded or infeasible"."""
    options, tolerance = Options(method), 1e-6
    assert solve_problem(problem([[1, 1]], [5], [1, 1], lower=[6]), options, tolerance).status == "infeasible"
    assert solve_problem(problem([[1, -1]], [5], [1, 1]), options, tolerance).status == "unbounded"
    both = problem([[1, 0, 0], [0, 1, -1]], [5, 5], [1, 1, 1], lower=[6, -np.inf])
    assert solve_problem(both, options, tolerance).status == "infeasible"


@pytest.mark.parametrize("method", METHODS)
def test_a_problem_without_rows_is_one_too(method: Literal["ipm", "simplex"]) -> None:
    none = Coefficients(sparse.csr_matrix((0, 2)))
    free = Problem(none, np.zeros(0), np.zeros(0), np.zeros(2), np.array([3.0, 4.0]), np.ones(2), {}, {}, ())
    found = maximise(free, np.array([1.0, -1.0]), Options(method))
    assert found.status == "optimal"
    np.testing.assert_allclose(found.values, [3, 0])


def test_auto_takes_the_simplex_for_small_problems_and_the_interior_point_for_large() -> None:
    assert "simplex" in maximise(WYNDOR, WYNDOR.goals[0].gradient, Options("auto")).method
    n = IPM_FROM
    one = Coefficients(sparse.identity(n, format="csr"))
    large = Problem(one, np.full(n, -np.inf), np.ones(n), np.zeros(n), np.full(n, np.inf), np.ones(n), {}, {}, ())
    assert "ipm" in maximise(large, np.ones(n), Options("auto")).method


def test_an_unknown_method_is_an_error_of_ours() -> None:
    with pytest.raises(LustrumError, match="solver"):
        maximise(WYNDOR, WYNDOR.goals[0].gradient, Options("quantum"))  # type: ignore[arg-type]


def us_plan() -> tuple[Problem, PlanSpec]:
    spec = PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")
    return build_problem(PlanData(load_economy("us-2019-16"), spec)), spec


@pytest.mark.parametrize("method", METHODS)
def test_a_limit_is_never_called_optimal(method: Literal["ipm", "simplex"]) -> None:
    found, _ = us_plan()
    solution = solve_problem(found, Options(method, time_limit=1e-9), 1e-6)
    assert solution.status == "limit"
    assert solution.stages == ()


def test_a_plan_that_ran_out_of_time_is_no_plan() -> None:
    _, spec = us_plan()
    short = spec.model_copy(update={"solver": spec.solver.model_copy(update={"time_limit": 0.01})})
    with pytest.raises(LimitReached, match="time_limit"):
        solve_plan(load_economy("us-2019-16"), short)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to --json: not a banner, not a log line, in any outcome."""
    for method in METHODS:
        for case in (WYNDOR, problem([[1, 1]], [5], [1, 1], lower=[6]), problem([[1, -1]], [5], [1, 1])):
            solve_problem(case, Options(method), 1e-6)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


@pytest.mark.parametrize("seed", range(12))
def test_both_methods_find_plans_of_the_same_worth(seed: int) -> None:
    found = build_problem(PlanData(*random_case(seed, 6, 3)))
    ipm, simplex = (solve_problem(found, Options(m, 60.0, 1), 1e-6) for m in METHODS)
    assert ipm.status == simplex.status
    for a, b in zip(ipm.stages, simplex.stages, strict=True):
        assert a.name == b.name
        assert a.objective == pytest.approx(b.objective, rel=2e-6, abs=2e-6)


def test_without_crossover_the_certificate_still_decides() -> None:
    found, _ = us_plan()
    solution = solve_problem(found, Options("ipm", 60.0, 1, crossover=False), 1e-6)
    assert solution.status in ("optimal", "limit")
    assert solution.status == "limit" or solution.certificate.holds
