"""What an answer to "what if" carries: a labelled plan, or that there is none and why; and many answers as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import xarray as xr

from lustrum.errors import AnswerIsNo, SpecError
from lustrum.labels import labelled, unknown_label
from lustrum.lp.solution import Solution
from lustrum.planning.plan import Plan
from lustrum.scenario.change import Case
from lustrum.scenario.program import Program
from lustrum.scenario.soft import Softened
from lustrum.solving.conflict.words import label_rows
from lustrum.solving.solve import label_plan, no_plan

if TYPE_CHECKING:
    import pandas as pd

    from lustrum.solving.conflict import Conflict

Progress = Callable[[str], None]


@dataclass(frozen=True)
class GaveWay:
    """A soft limit that was broken: by how much, in its own units, and as a share of its size."""

    name: str
    label: str
    year: int
    amount: float
    share: float
    text: str


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one case.

    Attributes
    ----------
    case
        What was changed.
    status
        `optimal`, `infeasible`, `unbounded` or `limit`.
    program
        The linear program that was solved.
    solution
        Its solution; of a plan that there is not, as far as it went.
    soft
        The program with soft limits, where they were soft.
    way
        How it was solved.
    known
        The plan, where it was there before.
    """

    case: Case
    program: Program = field(repr=False)
    solution: Solution = field(repr=False)
    way: str
    seconds: float
    soft: Softened | None = field(default=None, repr=False)
    known: Plan | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        """Whether there is an optimal plan."""
        return self.solution.status

    @property
    def ok(self) -> bool:
        """Whether there is an optimal plan."""
        return self.status == "optimal"

    @cached_property
    def plan(self) -> Plan:
        """The plan on its labels.

        Raises
        ------
        Infeasible, Unbounded, LimitReached
            If there is none.
        """
        if self.known is not None:
            return self.known
        if not self.ok:
            raise self.error
        solution = self.solution
        if self.soft is not None:  # a plan's objective is its own aim, without what giving way costs
            soft, values = self.soft, solution.values
            stages = (replace(s, objective=s.objective + soft.cost(s.name, values)) for s in solution.stages)
            solution = replace(solution, stages=tuple(stages))
        return label_plan(self.program.data, self.program.problem, solution)

    @property
    def error(self) -> AnswerIsNo:
        """What `lustrum.solve` would raise."""
        return no_plan(self.solution, self.program.spec, self.explain)

    @property
    def objective(self) -> float:
        """Objective of the last stage in the maximisation sense, without what soft limits cost; NaN without a plan."""
        if not self.ok:
            return float("nan")
        last = self.solution.stages[-1]
        return last.objective + (self.soft.cost(last.name, self.solution.values) if self.soft else 0.0)

    @cached_property
    def _given(self) -> tuple[np.ndarray, float]:
        if self.soft is None or not self.ok:
            return np.zeros(self.program.problem.shape[0]), 0.0
        return self.soft.gave_way(self.solution.values)

    @property
    def penalty(self) -> float:
        """What soft limits that gave way cost, at their prices."""
        return self._given[1]

    @cached_property
    def gave_way(self) -> list[GaveWay]:
        """Soft limits that were broken, the largest share of their size first."""
        amount = self._given[0]
        if not amount.any():
            return []
        problem = self.program.problem
        rows = label_rows(self.program.data, problem)
        size = np.maximum(problem.natural, 1e-300)
        out = [
            GaveWay(r.name, r.label, r.year, float(amount[r.index]), float(amount[r.index] / size[r.index]), r.sentence)
            for r in rows
            if amount[r.index] > 0
        ]
        return sorted(out, key=lambda g: -g.share)

    @property
    def lifted(self) -> list[str]:
        """Bands that a stopped flow lifts, in words."""
        return [
            f"the band on {change.name.split('_')[0]}s of {', '.join(change.where.get('product', ['all']))}"
            for change in self.program.changes
            if change.more.get("overrides_band")
        ]

    def explain(self, progress: Progress | None = None) -> Conflict:
        """Say why there is no plan, and what would have to give way."""
        from lustrum.solving.conflict.explain import explain_problem

        program, proof = self.program, self.solution.proof if self.soft is None else None
        return explain_problem(program.data, program.problem, progress, proof, from_file=not program.outside)

    def __repr__(self) -> str:
        more = f", objective {self.objective:,.6g}" if self.ok else ""
        gave = f", {len(self.gave_way)} limits gave way" if self.soft is not None and self.ok else ""
        return f"<Result {self.case.name or 'no change'}: {self.status}{more}{gave}; {self.way}>"


class Results(Sequence[Result]):
    """Answers to many cases, in their order; as labelled arrays and as a table."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = list(results)

    def __len__(self) -> int:
        return len(self._results)

    @overload
    def __getitem__(self, at: int) -> Result: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Result]: ...
    def __getitem__(self, at: int | slice) -> Result | Sequence[Result]:
        return self._results[at]

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @property
    def cases(self) -> list[str]:
        """Names of the cases; those without one are numbered."""
        return [r.case.name or f"case {k + 1}" for k, r in enumerate(self._results)]

    @property
    def objective(self) -> xr.DataArray:
        """Objective of every case; NaN where there is no plan."""
        return labelled([r.objective for r in self._results], ["case"], {"case": self.cases}, "objective")

    def array(self, name: str) -> xr.DataArray:
        """Return a variable of all plans, such as `consumption`: case, then its own labels; NaN without a plan.

        Raises
        ------
        SpecError
            If the plans have no such variable.
        """
        if not self._results:
            raise SpecError("there are no results", where=name)
        grids = [r.program.problem.variables for r in self._results]
        if name not in grids[0]:
            expected, mend = unknown_label(name, sorted(grids[0]), "variable")
            raise SpecError(f"the plans have no {name!r}", expected=expected, mend=mend)
        first = grids[0][name]
        out = np.full((len(self), *first.index.shape), np.nan)
        for k, (result, variables) in enumerate(zip(self._results, grids, strict=True)):
            if result.ok and variables[name].labels == first.labels:
                out[k] = variables[name].array(result.solution.values).values
        labels: dict[str, Sequence[object]] = {"case": self.cases, **first.labels}
        return labelled(out, ["case", *first.dims], labels, name)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a case: status, objective, its change against the first, penalty, way, seconds."""
        import pandas as pd

        first = self._results[0].objective if self._results else float("nan")
        rows: list[dict[str, Any]] = [
            {
                "status": r.status,
                "objective": r.objective,
                "change": r.objective - first,
                "penalty": r.penalty,
                "gave_way": len(r.gave_way),
                "way": r.way,
                "seconds": r.seconds,
            }
            for r in self._results
        ]
        return pd.DataFrame(rows, index=pd.Index(self.cases, name="case"))

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for r in self._results:
            counts[r.status] = counts.get(r.status, 0) + 1
        return f"<Results: {', '.join(f'{n} {s}' for s, n in counts.items()) or 'none'}>"
