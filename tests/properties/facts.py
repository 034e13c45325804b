"""What the facts of every plan share: random cases, how they are solved, and how values are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, reject, settings
from hypothesis import strategies as st
from tests.properties.economies import Case, random_case

from lustrum.errors import SpecError
from lustrum.lp.highs import Options
from lustrum.lp.problem import Problem
from lustrum.lp.solution import Solution
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.stages import solve_problem

OPTIONS = Options("simplex", 60.0, 1)
TOLERANCE = 1e-6
FEW = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

Document = dict[str, Any]


def cases() -> st.SearchStrategy[Case]:
    """Random cases in which earlier stages are held exactly, so that no stage gives way to a later one."""
    return st.integers(0, 10**6).map(lambda seed: rewritten(random_case(seed, 6, 3), hold_exactly))


def hold_exactly(spec: Document) -> None:
    spec["objective"]["stage_tolerance"] = 0.0


def rewritten(case: Case, change: Callable[[Document], None]) -> Case:
    document = case[1].model_dump(mode="json", by_alias=True)
    change(document)
    return case[0], PlanSpec.model_validate(document)


def problem_of(case: Case) -> Problem:
    """The case as a linear program; a drawn plan may ask for what drawn accounts do not have."""
    try:
        return build_problem(PlanData(*case))
    except SpecError:
        reject()


def solve(case: Case) -> tuple[Problem, Solution]:
    """Problem and solution; only optimal ones are of interest."""
    problem = problem_of(case)
    solution = solve_problem(problem, OPTIONS, TOLERANCE)
    assume(solution.status == "optimal")
    return problem, solution


def stage_values(solution: Solution) -> list[float]:
    return [s.objective for s in solution.stages]


def assert_same_values(got: Solution, expected: Sequence[float], rel: float = 1e-6) -> None:
    """Stage by stage, each allowed what the tolerance of those before it moves it by."""
    assert got.status == "optimal"
    for stage, value in zip(got.stages, expected, strict=True):
        assert stage.objective == pytest.approx(value, rel=rel, abs=rel)


def times(value: Any, factor: float) -> Any:
    """A figure of a plan file, in any of its forms, times a factor."""
    if isinstance(value, dict):
        return {k: (v if k == "growth" else factor * v) for k, v in value.items()}
    return None if value is None else factor * value


def setting(*path: str, value: Any) -> Callable[[Document], None]:
    def change(d: Document) -> None:
        for key in path[:-1]:
            d = d[key]
        d[path[-1]] = value

    return change


def without_absolutes(d: Document) -> None:
    """Leave out figures by activity that are absolute: they would have to be halved with the activity."""
    d["investment"]["ceilings"] = [c for c in d["investment"]["ceilings"] if c["basis"] == "base"]
    d["terminal"]["stocks"] = [c for c in d["terminal"]["stocks"] if c["basis"] == "base"]
    d["terminal"]["output_floors"] = [c for c in d["terminal"]["output_floors"] if c["basis"] == "base"]
    for part in ("output", "investment"):
        d["adjustment"][part]["step"] = None
