"""The rows that protect earlier objectives: each stage is kept within its tolerance by the ones after it.

Stages are solved in order (lexicographic programming). Once a stage has its optimum V, every later stage has the row

    gradient · v >= V - tolerance · max(1, |V|) - constant,

of the family `lexicographic_bound`, one row for each earlier stage. Between this row and the optimum almost no slack is
left, and its dual can reach 1e7; so solvers and certificates treat it apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from lustrum.lp.problem import Goal, Grid, Problem

#: Name of the family. Plans saved before version 0.2 call it `stage_lock`.
BOUND = "lexicographic_bound"
FORMER_NAME = "stage_lock"


def is_bounded(problem: Problem) -> bool:
    """Whether an earlier stage is protected: then the stage before has found a plan."""
    return BOUND in problem.rows


def bound_level(goal: Goal, objective: float) -> float:
    """Right-hand side of the row that keeps an objective within its tolerance."""
    return objective - goal.tolerance * max(1.0, abs(objective)) - goal.constant


def with_bound(problem: Problem, goal: Goal, objective: float) -> Problem:
    """Add the row that protects a stage: its objective >= its optimum less the tolerance."""
    row = problem.shape[0]
    grid = problem.rows.get(BOUND)
    names = (*(grid.labels["stage"] if grid else ()), goal.name)
    index = np.append(grid.index if grid else np.zeros(0, dtype=np.int64), row)
    rows: Mapping[str, Grid] = {**problem.rows, BOUND: Grid(BOUND, ("stage",), {"stage": names}, index)}
    return replace(
        problem,
        coefficients=problem.coefficients.with_rows(sparse.csr_matrix(goal.gradient)),
        row_lower=np.append(problem.row_lower, bound_level(goal, objective)),
        row_upper=np.append(problem.row_upper, np.inf),
        rows=rows,
    )
