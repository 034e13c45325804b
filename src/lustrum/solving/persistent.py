"""A plan kept ready to be asked again with other limits, as a slider in an app asks: easy changes take some pivots.

Where the simplex does not end within a few, the interior point begins near its first optimum, and takes about as
long for every change: so none takes long.
"""

from __future__ import annotations

import time
from dataclasses import replace

from lustrum.lp.highs import Options, prefer
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Goal, Problem
from lustrum.solving.batch import without_plan
from lustrum.solving.sequential import Found, SequentialSolver
from lustrum.solving.simplex_session import SimplexSession
from lustrum.solving.stages import certified, final_status, solve_with_fallbacks
from lustrum.solving.staircase import Prepared

#: Pivots that a change may take before the interior point takes over: on us-2019, a tenth of a second.
FEW = 80


class PersistentSolver:
    """One stage of a problem, solved with its own limits and kept ready for others.

    Parameters
    ----------
    problem, goal
        Rows, variables and first limits; the objective.
    options
        Of solvers for what neither way proves.
    tolerance
        What every certificate must keep.
    """

    def __init__(self, problem: Problem, goal: Goal, options: Options, tolerance: float) -> None:
        self.problem, self.goal, self.tolerance = problem, goal, tolerance
        self.options = replace(options, method=prefer(options.method, problem)[0])
        hot = SimplexSession(problem, goal.gradient, options.time_limit)
        self.walk = SequentialSolver(problem, goal, options.time_limit, tolerance, FEW, hot, back=False)
        self.prepared = Prepared(problem, goal.gradient, options.time_limit, natural=goal.size)
        self.first = self._judged(LimitSets.of(problem, 1))

    def solve(self, limits: LimitSets) -> Found:
        """The optimum for the one set of limits that is given, or what else is proven of it."""
        found = self.walk.solve(limits, 0)
        if found:
            return found
        found = self._judged(limits)
        own = limits.problem(self.problem, 0)
        proven = found[0].status == "infeasible" or (found[0].status == "optimal" and found[1].certificate.holds)
        if not proven:
            none = without_plan(own, self.goal, self.options.time_limit, self.tolerance)
            found = none or solve_with_fallbacks(own, self.goal, self.options, self.tolerance, time.perf_counter())
        return final_status(own, *found, self.options), found[1]

    def _judged(self, limits: LimitSets) -> Found:
        (raw,) = self.prepared.solve(limits)
        return certified(limits.problem(self.problem, 0), self.goal, raw, self.tolerance)
