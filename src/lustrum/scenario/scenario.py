"""Scenario: an economy and a plan file whose linear program is written once and asked often.

    base = Scenario(economy, spec)
    first = base.solve()
    result = base.solve("floor housing >= 1.04 in 2022")
    for result in base.solve_many(cases, workers=2): ...

Each question is solved in the quickest way that gives the plan a fresh solve would give (to the certificate's
tolerance), and the result names the way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.errors import BadInput
from lustrum.labels import unknown_label
from lustrum.lp.export import write_program
from lustrum.lp.highs import Options, RawSolution
from lustrum.lp.problem import Grid, Problem
from lustrum.lp.solution import Solution, StageSolution
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Case, Change, as_case
from lustrum.scenario.program import Program, program_of
from lustrum.scenario.result import Result, Results
from lustrum.scenario.soft import Softened, rows_moved, soft_families, softened
from lustrum.scenario.together import Together
from lustrum.solving.batch import Way, solve_batch
from lustrum.solving.persistent import PersistentSolver
from lustrum.solving.solve import options_of
from lustrum.solving.stages import certified, solve_problem
from lustrum.solving.warm_start import WarmStart
from lustrum.solving.workers import in_workers

Progress = Callable[[str], None]
Soft = bool | Literal["own"] | Collection[str]
Given = Case | Change | str | Iterable[str | Change] | None

#: Cases that are written and solved together; more are cut into batches by their number, so that memory stays bounded.
BATCH = 200
#: Up to this many cases go one after the other from a kept basis; more are left to the size of the program.
FEW = 200
#: Certificate up to which the first plan is taken for the answer.
PROVEN = 1e-8


class Scenario:
    """An economy and a plan file, asked what if.

    Parameters
    ----------
    economy, spec
        Accounts and plan file.
    plan
        Their plan, where it was solved before; solves begin near it.
    kept
        Keep a solver ready between questions (a slider that moves one limit): quicker answers, of which the objective
        and the certificate, but not which of several equally good plans is shown, are those of a fresh solve.

    Examples
    --------
    >>> import lustrum as lu
    >>> from lustrum.accounts.embedded import embedded_folder
    >>> economy = lu.load_economy("us-2019-16")
    >>> spec = lu.PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")
    >>> base = Scenario(economy, spec)
    >>> first, fewer = base.solve(), base.solve("scale labour 0.98 in 2021-2022")
    >>> fewer.objective < first.objective
    True
    """

    def __init__(self, economy: Economy, spec: PlanSpec, plan: Plan | None = None, *, kept: bool = False) -> None:
        self.economy, self.spec, self.kept = economy, spec, kept
        self._given_plan = plan
        self._say: Progress | None = None
        self._ready: PersistentSolver | None = None

    @classmethod
    def of(cls, plan: Plan, *, kept: bool = False) -> Scenario:
        """Return the scenario of a plan."""
        return cls(plan.economy, plan.spec, plan, kept=kept)

    @cached_property
    def program(self) -> Program:
        """The program without changes."""
        return program_of(self.economy, self.spec, Case())

    @cached_property
    def first(self) -> Result:
        """The answer without changes."""
        began = time.perf_counter()
        program = self.program
        if self._given_plan is not None:
            solution = _solution_of(self._given_plan, program.problem)
            way = "the plan that was given"
            return Result(Case(), program, solution, way, time.perf_counter() - began, known=self._given_plan)
        solution = solve_problem(program.problem, options_of(self.spec), self.spec.solver.tolerance, self._say)
        return Result(Case(), program, solution, solution.method, time.perf_counter() - began)

    @cached_property
    def plan(self) -> Plan:
        """The plan without changes.

        Raises
        ------
        Infeasible, Unbounded, LimitReached
            If there is none.
        """
        return self._given_plan if self._given_plan is not None else self.first.plan

    def case_program(self, case: Given) -> Program:
        """Write the program of a case; bad changes are refused here, before anything is solved."""
        case = as_case(case)
        if not case.changes:
            return self.program
        return program_of(self.economy, self.spec, case, lambda: self.plan)

    def solve(self, case: Given = None, *, soft: Soft = False, progress: Progress | None = None) -> Result:
        """Answer one case.

        Parameters
        ----------
        case
            A case, a line, a change, or several; nothing for the plan without changes.
        soft
            `own`: the limits that the case asks for may be missed, at a price above every other worth, and nothing else
            may. True: all limits that the plan file chose may be broken, what the case asks for apart. Or the families
            that may be broken.
        progress
            Called with a line of words whenever a new part of the work begins.

        Returns
        -------
        Result
            With a plan, or the status that says why there is none; nothing is raised for an impossible case.

        Raises
        ------
        SpecError
            For a change that cannot be read, or does not fit accounts and plan file.
        """
        began = time.perf_counter()
        self._say = progress
        case = as_case(case)
        if not case.changes and not soft:
            return self.first if not case.name else replace(self.first, case=case)
        program = self.case_program(case)
        if self.kept and not soft and (quick := self._kept(program)) is not None:
            return Result(case, program, quick, f"kept solver: {quick.method}", time.perf_counter() - began)
        near = self._near()
        if near and not soft and (same := self._still_optimal(program, near)) is not None:
            way = "the first plan is still the best: the change does not bind"
            return Result(case, program, same, way, time.perf_counter() - began)
        softening = self._soften(program, soft) if soft else None
        problem = softening.problem if softening else program.problem
        solution = solve_problem(problem, _inside(program.spec), program.spec.solver.tolerance, progress, near)
        way = f"{solution.method}{', near the first plan' if near and 'staircase' in solution.method else ''}"
        return Result(case, program, solution, way, time.perf_counter() - began, softening)

    def write_program(self, path: str | Path, case: Given = None, stage: str | None = None) -> Path:
        """Write the linear program of a case as an MPS or LP file, with labels as names, for any other solver.

        Parameters
        ----------
        stage
            Which stage's objective; None: the last. Earlier stages are not protected in the file.

        Raises
        ------
        BadInput
            For another ending of the file, or a stage that the plan does not have.
        """
        problem = self.case_program(case).problem
        goals = {goal.name: goal for goal in problem.goals}
        name = problem.goals[-1].name if stage is None else stage
        if name not in goals:
            expected, mend = unknown_label(name, list(goals), "stage")
            raise BadInput(f"this plan has no stage {name!r}", expected=expected, mend=mend)
        return write_program(problem, goals[name], path)

    def solve_spec(self, economy: Economy, spec: PlanSpec) -> Result:
        """Solve another plan file, near the first plan."""
        began = time.perf_counter()
        program = program_of(economy, spec, Case())
        solution = solve_problem(program.problem, _inside(spec), spec.solver.tolerance, None, self._near())
        return Result(Case(), program, solution, solution.method, time.perf_counter() - began)

    def solve_many(
        self,
        cases: Sequence[Given],
        *,
        workers: int = 1,
        soft: Soft = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Results:
        """Answer many cases.

        Cases that differ in sides and bounds only are solved together over one matrix; the others one by one, near the
        first plan. Figures are the same to the last bit whatever the number of workers.

        Parameters
        ----------
        cases
            As for `solve`, each.
        workers
            Processes.
        progress
            Called with the number of cases done and of all, now and then.

        Raises
        ------
        SpecError
            For a change that does not fit, before anything is solved.
        """
        named = [as_case(case) for case in cases]
        out: list[Result] = []
        for start in range(0, len(named), BATCH):
            out += self._batch(named[start : start + BATCH], workers, soft)
            if progress:
                progress(len(out), len(named))
        return Results(out)

    def _batch(self, cases: Sequence[Case], workers: int, soft: Soft) -> list[Result]:
        """Write and solve one batch."""
        began = time.perf_counter()
        programs = [self.case_program(case) for case in cases]
        tolerance = self.spec.solver.tolerance
        options = _inside(self.spec)
        together = Together(self.program.problem)
        joint = [not soft and together.add(program.problem) for program in programs]
        found: dict[int, tuple[Solution, str, Softened | None]] = {}
        at = np.flatnonzero(joint)
        if at.size:
            first: Way | None = "row" if at.size <= FEW and options.method in ("auto", "simplex") else None
            near_first = (self.first.solution.values, self._first_duals(together)) if self.first.ok else None
            solutions = solve_batch(
                together.problem, together.limits, options, tolerance, workers, first=first, near=near_first
            )
            for k, solution in zip(at.tolist(), solutions, strict=True):
                own = _on_own_rows(solution, together, programs[k].problem)
                found[k] = own, f"one matrix for {at.size} cases: {solution.method}", None
        alone = [k for k in range(len(cases)) if k not in found]
        softening = {k: self._soften(programs[k], soft) if soft else None for k in alone}
        pieces = [(s.problem if (s := softening[k]) else programs[k].problem, _inside(programs[k].spec)) for k in alone]
        near = self._near() if alone else None
        solved = in_workers(Alone, (near, tolerance), Alone.solve, pieces, workers)
        for k, solution in zip(alone, solved, strict=True):
            found[k] = solution, f"alone: {solution.method}", softening[k]
        each = (time.perf_counter() - began) / max(len(cases), 1)
        return [
            Result(case, program, found[k][0], found[k][1], each, found[k][2])
            for k, (case, program) in enumerate(zip(cases, programs, strict=True))
        ]

    def _near(self) -> WarmStart | None:
        """Where solves begin: the first plan, if there is one."""
        if self._given_plan is None and not self.first.ok:
            return None
        plan = self.plan
        return WarmStart(plan.values, {stage.name: stage.marginal_values for stage in plan.stages}, {})

    def _kept(self, program: Program) -> Solution | None:
        """The answer of the solver that is kept, where only sides and bounds differ and there is one stage."""
        problem = self.program.problem
        if len(problem.goals) != 1 or not self.first.ok:
            return None
        began = time.perf_counter()
        together = Together(problem)
        if not together.add(program.problem):
            return None
        folded = together.with_bounds_for_rows()
        if folded is None:
            return None
        goal, tolerance = problem.goals[0], self.spec.solver.tolerance
        if self._ready is None:
            self._ready = PersistentSolver(problem, goal, options_of(self.spec), tolerance)
        raw, stage = self._ready.solve(folded)
        solution = Solution(raw.status, raw.values, (stage,) if raw.status == "optimal" else (), raw.method, 0.0)
        if raw.status == "optimal":
            dual = together.with_duals_of_rows(stage.row_dual, stage.reduced_cost)
            own = _on_own_rows(replace(solution, stages=(replace(stage, row_dual=dual),)), together, program.problem)
            raw = replace(raw, row_dual=own.stages[0].row_dual)
            raw, stage = certified(program.problem, program.problem.goals[0], raw, tolerance)
            if not stage.certificate.holds:
                return None
            solution = replace(solution, values=raw.values, stages=(stage,))
        return replace(solution, seconds=time.perf_counter() - began)

    def _first_duals(self, together: Together) -> np.ndarray:
        """Marginal values of the first stage of the first plan on the rows of the joint program; 0 on new rows."""
        out = np.zeros(together.count)
        dual = self.first.solution.stages[0].row_dual
        count = min(dual.size, self.program.problem.shape[0])
        out[:count] = dual[:count]
        return out

    def _still_optimal(self, program: Program, near: WarmStart) -> Solution | None:
        """The first plan, where it is possible and proven best with the changes too (plans of one stage)."""
        problem = program.problem
        if len(problem.goals) != 1 or not self.first.ok or problem.shape[1] != self.program.problem.shape[1]:
            return None
        goal = problem.goals[0]
        values, dual = near.guess(problem, goal)
        raw = RawSolution("optimal", values, dual, self.first.solution.method)
        raw, stage = certified(problem, goal, raw, self.spec.solver.tolerance)
        if stage.certificate.largest > PROVEN:
            return None
        return Solution("optimal", raw.values, (stage,), raw.method, 0.0)

    def asks_for_limits(self, program: Program) -> bool:
        """Whether a case asks for limits that can be cut back; what is stopped or lost cannot."""
        return bool(self._soften(program, "own").rows.size)

    def _soften(self, program: Program, asked: Soft) -> Softened:
        problem = program.problem
        duals = {goal.name: np.zeros(problem.shape[0]) for goal in problem.goals}
        worth = {goal.name: max(goal.size, _worth(problem, goal.gradient)) for goal in problem.goals}
        if self._given_plan is not None or self.first.ok:
            for stage in self.plan.stages:
                if stage.name in duals:
                    worth[stage.name] = max(worth[stage.name], abs(stage.objective))
                    for name, array in stage.marginal_values.items():
                        if name in problem.rows:
                            grid = problem.rows[name]
                            grid.vector(aligned(array, grid), duals[stage.name])
        soft = np.zeros(problem.shape[0], dtype=bool)
        for name in soft_families(problem, True if isinstance(asked, str) else asked):
            index = problem.rows[name].index
            soft[index[index >= 0]] = True
        if program.case.changes and isinstance(asked, (bool, str)):
            own = rows_moved(problem, self.program.problem)
            for change in program.changes:  # what is stopped is a shock, not a request
                if change.more.get("overrides_band") and asked == "own":
                    own &= ~_rows_named(problem, change.name)
            soft &= own if asked == "own" else ~own
        return softened(problem, soft, duals, worth)


def _rows_named(problem: Problem, family: str) -> np.ndarray:
    mask = np.zeros(problem.shape[0], dtype=bool)
    if family in problem.rows:
        index = problem.rows[family].index
        mask[index[index >= 0]] = True
    return mask


def _inside(spec: PlanSpec) -> Options:
    """Options of a plan file; of equally good plans the one where the interior point ends, unless a vertex is asked."""
    options = options_of(spec)
    return options if options.vertex is not None else replace(options, vertex=False)


@dataclass(frozen=True, eq=False)
class Alone:
    """What every process needs to solve a case that has a matrix of its own: where to begin, and how exactly."""

    near: WarmStart | None
    tolerance: float

    def solve(self, piece: tuple[Problem, Options]) -> Solution:
        """Solve one program with one thread."""
        problem, options = piece
        return solve_problem(problem, replace(options, threads=1), self.tolerance, None, self.near)


def _worth(problem: Problem, gradient: np.ndarray) -> float:
    """What an objective is worth with every variable at its natural size."""
    return float(np.abs(gradient * problem.scale).sum())


def aligned(array: xr.DataArray, grid: Grid) -> xr.DataArray:
    """Return an array on the labels of a family; NaN where it has none, as a limit that is new."""
    out = array
    for dim in grid.dims:
        known = {label: k for k, label in enumerate(array[dim].values.tolist())}
        at = [known.get(label, -1) for label in grid.labels[dim]]
        if at == list(range(len(known))):
            continue
        taken = out.isel({dim: [max(k, 0) for k in at]})
        keep = xr.DataArray([k >= 0 for k in at], dims=dim)
        out = taken.assign_coords({dim: list(grid.labels[dim])}).where(keep)
    return out.transpose(*grid.dims)


def _on_own_rows(solution: Solution, together: Together, problem: Problem) -> Solution:
    """A solution over the joint matrix on the rows of the case's own program, bounds of earlier stages last."""
    count = together.count
    place = np.full(problem.shape[0], -1, dtype=np.int64)
    for name, grid in problem.rows.items():
        here = grid.index >= 0
        place[grid.index[here]] = together.index[name][here]
    stages = tuple(
        replace(stage, row_dual=np.concatenate([stage.row_dual[place], stage.row_dual[count:]]))
        for stage in solution.stages
    )
    return replace(solution, stages=stages)


def _solution_of(plan: Plan, problem: Problem) -> Solution:
    """A plan that was given, as a solution of its program; what only serves the formulation is zero in it."""
    values = np.zeros(problem.shape[1])
    for name, grid in problem.variables.items():
        if name in plan.values:
            grid.vector(aligned(plan.values[name], grid), values)
    stages = []
    for stage in plan.stages:
        duals = np.zeros(problem.shape[0])
        for name, array in stage.marginal_values.items():
            if name in problem.rows:
                problem.rows[name].vector(aligned(array, problem.rows[name]), duals)
        none = np.zeros(problem.shape[1])
        stages.append(StageSolution(stage.name, stage.objective, duals, none, stage.certificate))
    return Solution("optimal", values, tuple(stages), plan.method, plan.seconds)
