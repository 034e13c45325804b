"""A plan's linear program solved by what a user would take instead: scipy's linprog, or HiGHS as it comes.

python bench/_linprog.py ECONOMY [YEARS]     the whole walk in a process of its own; prints the objective
"""

from __future__ import annotations

import sys

import highspy
import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec


def embedded(name: str, years: int) -> tuple[Economy, PlanSpec]:
    """Return an embedded economy and its own plan file over a number of years."""
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    horizon = spec.horizon.model_copy(update={"years": years})
    return load_economy(name), spec.model_copy(update={"horizon": horizon})


def formulate(name: str, years: int) -> Problem:
    """Write the plan as a linear program."""
    return build_problem(PlanData(*embedded(name, years)))


def by_linprog(problem: Problem) -> float:
    """Return the optimum of a problem with one stage, by scipy.optimize.linprog as it comes."""
    (goal,) = problem.goals
    low, high, a = problem.row_lower, problem.row_upper, problem.matrix
    equal = low == high
    above, below = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    found = linprog(
        -goal.gradient,
        A_ub=sparse.vstack([a[above], -a[below]]),
        b_ub=np.concatenate([high[above], -low[below]]),
        A_eq=a[equal],
        b_eq=high[equal],
        bounds=np.column_stack([problem.lower, problem.upper]),
    )
    return float(-found.fun + goal.constant) if found.status == 0 else float("nan")


def by_plain_highs(problem: Problem) -> float:
    """Return the optimum by HiGHS with its default options and the problem as it is written."""
    (goal,) = problem.goals
    model = highspy.HighsLp()
    a = problem.matrix.tocsc()
    model.num_row_, model.num_col_ = a.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = -goal.gradient, problem.lower, problem.upper
    model.row_lower_, model.row_upper_ = problem.row_lower, problem.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = a.indptr, a.indices, a.data
    engine = highspy.Highs.__mro__[1]()  # the class below, which prints no banner
    engine.setOptionValue("output_flag", False)
    engine.passModel(model)
    engine.run()
    if engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("nan")
    return float(-engine.getInfo().objective_function_value + goal.constant)


if __name__ == "__main__":
    print(repr(by_linprog(formulate(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5))))
