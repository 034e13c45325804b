"""Many plans over one matrix, solved together.

The structure is found once. Batches of plans then go through the iterations together, as arrays; worker processes
share out the batches. Plans whose limits are finite, equal and fixed in the same places are of one kind, and only plans
of one kind go into a batch.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from lustrum.lp.highs import RawSolution
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.solving.staircase.interior_point import IpmSolver, StoppingCriteria
from lustrum.solving.staircase.kernels import keep_memory
from lustrum.solving.staircase.maximise import Judge, raw_solution
from lustrum.solving.staircase.pieces import FAILURES
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.reduced_program import reduced_limits
from lustrum.solving.staircase.refinement import refine_active_set
from lustrum.solving.workers import in_workers

#: Variables in a batch and plans in it, at most: more would not fit into the processor's caches.
VARIABLES, PLANS = 60_000, 8


def maximise_batch(
    problem: Problem,
    gradient: np.ndarray,
    draws: LimitSets,
    *,
    seconds: float = 600.0,
    tolerance: float = 1e-9,
    natural: float = 0.0,
    workers: int = 1,
) -> list[RawSolution]:
    """Maximise gradient · v for each set of limits, with `workers` processes.

    Statuses are `optimal`, `infeasible` with a checked Farkas vector as row duals, or `limit`: such a plan is left to
    `maximise_staircase` or another solver. Seconds count for each batch. Every batch begins near the optimum of the
    first plan of its kind, whichever process solves it, so results do not depend on the number of workers.
    """
    size = min(PLANS, max(1, VARIABLES // max(problem.shape[1], 1)))
    batches, pieces = [], []
    for kind in draws.kinds():
        lead = draws.some(kind[:1])
        for plans in np.array_split(kind, -(-kind.size // size)):
            batches.append(plans)
            pieces.append((lead, draws.some(plans)))
    given = (problem, gradient, seconds, tolerance, natural)
    answers = in_workers(_prepare, given, _solve_near_lead, pieces, workers)
    out = {
        int(plan): raw
        for plans, answer in zip(batches, answers, strict=True)
        for plan, raw in zip(plans, answer, strict=True)
    }
    return [out[plan] for plan in range(draws.count)]


class Prepared:
    """A plan to be solved for limits that change: its structure is found once, and plans begin near the first optimum.

    Parameters
    ----------
    problem, gradient
        Rows and variables, and the objective.
    seconds, tolerance, natural
        As for `maximise_batch`.
    """

    def __init__(
        self,
        problem: Problem,
        gradient: np.ndarray,
        seconds: float = 600.0,
        tolerance: float = 1e-9,
        natural: float = 0.0,
    ) -> None:
        self.problem, self.gradient, self.natural = problem, gradient, natural
        self.seconds, self.tolerance = seconds, tolerance
        self._kind: bytes = b""

    def begin_near(self, lead: LimitSets) -> None:
        """Begin the next solves near the optimum of one plan, whatever was solved in between."""
        if lead.kind() != self._kind:
            self.solve(lead)
            self._start = self.solver.first_optimum if lead.kind() == self._kind else None
        if lead.kind() == self._kind:
            self.solver.first_optimum = self._start

    def solve(self, draws: LimitSets) -> list[RawSolution]:
        """Solve for limits of one kind (`LimitSets.kinds`), together."""
        try:
            if draws.kind() != self._kind:
                self.solver = IpmSolver(reduce_problem(draws.problem(self.problem, 0), self.gradient).equilibrated())
                self._kind = draws.kind()
                first, rest = np.arange(draws.count)[:1], np.arange(draws.count)[1:]
                found = self._iterate(draws.some(first))  # the others begin near its optimum
                return found + (self._iterate(draws.some(rest)) if rest.size else [])
            return self._iterate(draws)
        except FAILURES as why:
            none = np.zeros(self.problem.shape[1]), np.zeros(self.problem.shape[0])
            return [RawSolution("limit", *none, f"staircase: {why}")] * draws.count

    def _iterate(self, draws: LimitSets) -> list[RawSolution]:
        reduced = self.solver.reduced
        limits, offset = reduced_limits(reduced, draws)
        judges = [Judge(draws.problem(self.problem, k), self.gradient, self.natural) for k in range(draws.count)]

        def score(plan: int, u: np.ndarray, y: np.ndarray) -> float:
            return judges[plan].score(reduced, u, y, offset[plan])

        def refute(plan: int, u: np.ndarray, y: np.ndarray) -> bool:
            return judges[plan].refutes(reduced, u, y, offset[plan])

        criteria = StoppingCriteria(self.tolerance, seconds=self.seconds, score=score, refute=refute)
        found = self.solver.solve(limits, criteria)
        for k, o in enumerate(found):
            if o.optimal and score(k, o.u, o.y) > 1:
                u, y = refine_active_set(limits.program(reduced, k), o.u, o.y, partial(score, k))
                found[k] = replace(o, u=u, y=y)
        return [raw_solution(o, *judges[k].restore(reduced, o.u, o.y, offset[k])) for k, o in enumerate(found)]


def _prepare(problem: Problem, gradient: np.ndarray, seconds: float, tolerance: float, natural: float) -> Prepared:
    keep_memory()
    return Prepared(problem, gradient, seconds, tolerance, natural)


def _solve_near_lead(prepared: Prepared, piece: tuple[LimitSets, LimitSets]) -> list[RawSolution]:
    lead, draws = piece
    prepared.begin_near(lead)
    return prepared.solve(draws)
