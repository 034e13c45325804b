"""Stages of plans for the staircase solver, and what HiGHS makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from tests.properties.economies import random_case

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.lp.certificate import certify
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.highs import Options, RawSolution, maximise
from lustrum.lp.lexicographic import with_bound
from lustrum.lp.problem import Goal, Problem
from lustrum.lp.solution import Certificate
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec


@dataclass(frozen=True)
class Case:
    """One stage: the problem with the lexicographic bounds of the stages before it, its goal, and HiGHS's optimum."""

    problem: Problem
    goal: Goal
    known: RawSolution

    def objective(self, values: np.ndarray) -> float:
        """Objective of values, without its constant."""
        return float(self.goal.gradient @ values)

    def certificate(self, found: RawSolution) -> Certificate:
        """The certificate of what a solver found."""
        return certify(self.problem, self.goal.gradient, 0.0, found.values, found.row_dual, 1e-6, self.goal.size)


def embedded(name: str) -> Problem:
    """Return an embedded economy's own plan as a linear program."""
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    return build_problem(PlanData(load_economy(name), spec))


def drawn(seed: int) -> Problem:
    """Return a random plan as a linear program."""
    return build_problem(PlanData(*random_case(seed)))


def stages(problem: Problem) -> Iterator[Case]:
    """All stages in order, as long as HiGHS finds an optimum."""
    bounded = problem
    for goal in problem.goals:
        known = maximise(bounded, goal.gradient, Options(threads=1))
        if known.status != "optimal":
            return
        yield Case(bounded, goal, known)
        bounded = with_bound(bounded, goal, float(goal.gradient @ known.values) + goal.constant)


def small(matrix: list[list[float]], low: list[float], high: list[float], aim: list[float], top: float) -> Problem:
    """Return max aim · v, low <= A v <= high, 0 <= v <= top, without families."""
    a = sparse.csr_matrix(np.array(matrix))
    n = a.shape[1]
    return Problem(
        Coefficients(a),
        np.array(low),
        np.array(high),
        np.zeros(n),
        np.full(n, top),
        np.ones(n),
        {},
        {},
        (Goal("aim", np.array(aim), 0.0, 0.0),),
    )
