"""The linear program of a case: accounts and plan file with its changes made, and sides and bounds moved directly.

Most changes are changes of the plan file, whose program is then written anew (0.06 s for 71 sectors and five years,
where a solve takes ten times that). What no plan file says moves sides or bounds of the program: limits by a factor or
an amount, and decisions that are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME
from lustrum.errors import LabelError, SpecError
from lustrum.labels import unknown_label
from lustrum.lp.problem import Grid, Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import IDENTITIES, limit_size
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Case, Change
from lustrum.scenario.edits import changed_spec, in_plan_file
from lustrum.scenario.grammar import read_line

#: How far beyond its bounds a given decision may be, as rounding; a share of itself or of its natural size.
ROUNDED = 1e-6


@dataclass(frozen=True, eq=False)
class Program:
    """A case made into a linear program.

    Attributes
    ----------
    changes
        What the case changes, lines read.
    economy, spec
        Accounts and plan file with the changes made that they can say.
    problem
        The linear program.
    outside
        Changes that neither says: a plan with such changes cannot be saved, since nobody could make it again from its
        folder.
    """

    case: Case
    changes: tuple[Change, ...]
    economy: Economy
    spec: PlanSpec
    data: PlanData
    problem: Problem
    outside: tuple[Change, ...] = ()


def program_of(economy: Economy, spec: PlanSpec, case: Case, first: Callable[[], Plan] | None = None) -> Program:
    """Write the program of a case.

    Parameters
    ----------
    first
        Gives the plan without the changes, and is called where a limit has no figure of its own (a band, a capacity):
        its size is then what that plan has there.

    Raises
    ------
    SpecError
        For a change that does not fit accounts and plan file, with the nearest names.
    """
    changes: list[Change] = []
    outside: list[Change] = []
    for given in case.changes:
        change = read_line(given, economy, spec) if isinstance(given, str) else given
        if in_plan_file(change):
            if any(change.what == earlier.what for earlier in outside):
                raise SpecError(
                    "this limit was scaled before it is set",
                    where=str(change),
                    expected="the line that sets a limit before the one that scales it",
                    mend="change the order of the lines",
                )
            spec = changed_spec(spec, [change], economy)
        elif change.kind == "datum":
            economy = _with_array(economy, change)
        else:
            outside.append(change)
        changes.append(change)
    data = PlanData(economy, spec)
    problem = build_problem(data)
    for change in outside:
        problem = _limit(problem, change, first) if change.kind == "limit" else _decision(problem, data, change)
    return Program(case, tuple(changes), economy, spec, data, problem, tuple(outside))


def _with_array(economy: Economy, change: Change) -> Economy:
    """Accounts with a whole field replaced; labels must be those of the accounts."""
    if change.name not in BY_NAME:
        expected, mend = unknown_label(change.name, list(BY_NAME), "datum")
        raise SpecError(f"unknown datum {change.name!r}", expected=expected, mend=mend)
    if change.where or change.years is not None:
        raise SpecError("an array on labels stands for the whole field", where=change.what, mend="leave labels out")
    return replace(economy, data={**economy.data, change.name: change.value})


def rows_of(problem: Problem, change: Change) -> np.ndarray:
    """Return the rows of the limits that a change names.

    Raises
    ------
    SpecError
        If the plan has no such limits.
    """
    if change.name in IDENTITIES:
        raise SpecError(
            f"{change.name} is an identity and holds always",
            where=str(change),
            expected="a limit: " + ", ".join(sorted(set(problem.rows) - IDENTITIES)),
            mend="change the data that it follows from",
        )
    if change.name not in problem.rows:
        expected, mend = unknown_label(change.name, sorted(problem.rows), "limit")
        raise SpecError(f"this plan has no limit {change.name!r}", where=str(change), expected=expected, mend=mend)
    grid = problem.rows[change.name]
    found = grid.index[_places(grid, change)]
    if not (found >= 0).any():
        raise SpecError(
            "this plan has no such limit",
            where=str(change),
            found=str(change.where or "any label"),
            expected=f"labels and years where {change.name} limits",
            mend="give the limit a figure first (`floor …`, `imports … <= …`), or name other labels",
        )
    return found


def _places(grid: Grid, change: Change) -> tuple[np.ndarray, ...]:
    """Positions of a change's labels and years along each dimension of a family, crossed."""
    for dim in change.where:
        if dim not in grid.dims:
            raise SpecError(
                f"{change.name} has no {dim}",
                where=str(change),
                expected=", ".join(grid.dims),
                mend=f"leave {dim} out",
            )
    if change.years is not None and "year" not in grid.dims:
        raise SpecError(f"{change.name} is not by year", where=str(change), mend="leave the years out")
    out = []
    for dim in grid.dims:
        labels = [str(x) for x in grid.labels[dim]]
        wanted = (
            [str(y) for y in change.years] if dim == "year" and change.years else list(change.where.get(dim, ["all"]))
        )
        if wanted == ["all"]:
            out.append(np.arange(len(labels)))
            continue
        unknown = next((w for w in wanted if w not in labels), None)
        if unknown is not None:
            expected, mend = unknown_label(unknown, labels, dim)
            raise SpecError(f"unknown {dim} {unknown!r}", where=str(change), expected=expected, mend=mend)
        out.append(np.array([labels.index(w) for w in wanted]))
    return np.ix_(*out) if out else ()


def _limit(problem: Problem, change: Change, first: Callable[[], Plan] | None) -> Problem:
    """Move the sides of limits: by a factor of their own figure, or of what they limit where that is zero."""
    rows = rows_of(problem, change)
    here = rows >= 0
    at = rows[here]
    low, high = problem.row_lower.copy(), problem.row_upper.copy()
    if change.plus is not None:
        step = np.full(at.size, float(change.plus))
    elif change.times is not None:
        step = (change.times - 1.0) * _sizes(problem, change, first)[here]
    else:
        figures = np.broadcast_to(np.asarray(change.to, dtype=float), rows.shape)[here]
        low[at], high[at] = (
            np.where(np.isfinite(low[at]), figures, low[at]),
            np.where(np.isfinite(high[at]), figures, high[at]),
        )
        return replace(problem, row_lower=low, row_upper=high)
    low[at] += step
    high[at] += step
    return replace(problem, row_lower=low, row_upper=high)


def _sizes(problem: Problem, change: Change, first: Callable[[], Plan] | None) -> np.ndarray:
    """What a factor of each limit is taken of: its own figure, else the quantity that it limits in the first plan."""
    grid = problem.rows[change.name]
    places = _places(grid, change)
    rows = grid.index[places]
    own = np.where(np.isfinite(problem.row_upper), problem.row_upper, problem.row_lower)[np.maximum(rows, 0)]
    if (own[rows >= 0] != 0).all():
        return np.abs(own)
    if first is None:
        raise SpecError(
            "this limit has no figure of its own to scale",
            where=str(change),
            expected="a first plan, whose figures say what 1 % of it is",
            mend="solve the scenario without changes first",
        )
    plan = first()
    years: Sequence[int | None] = [int(str(y)) for y in grid.labels["year"]] if "year" in grid.dims else [None]
    size = np.stack(
        [
            np.broadcast_to(limit_size(plan, change.name, y), grid.index.shape[: -1 if "year" in grid.dims else None])
            for y in years
        ],
        axis=-1,
    )
    size = size if "year" in grid.dims else size[..., 0]
    return np.where(own != 0, np.abs(own), np.abs(size[places]))


def _decision(problem: Problem, data: PlanData, change: Change) -> Problem:
    """Hold a variable at given values: an array on labels, a number, or a multiple of its flow in the base year."""
    if change.name not in problem.variables or change.name == "segment":
        known = sorted(set(problem.variables) - {"segment"})
        expected, mend = unknown_label(change.name, known, "decision")
        raise SpecError(f"this plan has no decision {change.name!r}", where=change.what, expected=expected, mend=mend)
    grid = problem.variables[change.name]
    if isinstance(change.to, xr.DataArray):
        index, value = on_grid(grid, change.to, change.what)
    else:
        index = grid.index[_places(grid, change)]
        base = {
            "output": "base_output",
            "investment": "base_investment",
            "imports": "base_imports",
            "exports": "base_exports",
            "consumption": "base_consumption",
        }.get(change.name)
        if change.plus is not None or (change.times is not None and base is None):
            raise SpecError(
                f"{change.name} has no flow in the base year to relate to",
                where=change.what,
                expected="to: a figure, or an array on labels",
                mend="give the figure itself",
            )
        if change.times is not None:
            flows = np.asarray(getattr(data, str(base)))[..., None] * np.ones(grid.index.shape[-1])
            value = change.times * flows[_places(grid, change)]
        else:
            value = np.full(index.shape, float(change.to))
    here = (index >= 0) & np.isfinite(value)
    at, value = index[here], value[here]
    low, high = problem.lower.copy(), problem.upper.copy()
    outside = np.maximum(low[at] - value, value - high[at]) > ROUNDED * np.maximum(np.abs(value), problem.scale[at])
    if outside.any():
        raise SpecError(
            f"{change.name} cannot be this",
            where=change.what,
            found=f"{value[outside][0]:g}",
            expected=f"{low[at][outside][0]:g} or more, at most {high[at][outside][0]:g}",
            mend="give a figure that the plan can have",
        )
    low[at] = high[at] = np.clip(value, low[at], high[at])  # a solver may have left -1e-12 where 0 is the least
    return replace(problem, lower=low, upper=high)


def on_grid(grid: Grid, array: xr.DataArray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and values where an array has figures; its labels must be among the family's.

    Raises
    ------
    LabelError
        If it has other dimensions, or a label that the family has not.
    """
    if {str(d) for d in array.dims} != set(grid.dims):
        raise LabelError("an array has other dimensions", where=what, found=str(array.dims), expected=str(grid.dims))
    places = []
    for dim in grid.dims:
        own = {str(label): k for k, label in enumerate(grid.labels[dim])}
        labels = [str(x) for x in array[dim].values.tolist()]
        missing = next((x for x in labels if x not in own), None)
        if missing is not None:
            expected, mend = unknown_label(missing, list(own), dim)
            raise LabelError(f"unknown {dim} {missing!r}", where=what, expected=expected, mend=mend)
        places.append(np.array([own[x] for x in labels], dtype=int))
    return grid.index[np.ix_(*places)], np.asarray(array.transpose(*grid.dims).values, dtype=float)
