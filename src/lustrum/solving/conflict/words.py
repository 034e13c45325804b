"""Limits in words, and what advice on them is made of.

Every row of a problem gets its readable label and the sentence of its family (`planning.families`). `Ground` holds the
plan that a relaxation found, and collects changes of the plan file with their wording.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import FAMILIES

#: Giving way on an endowment costs this much more than on a choice.
ENDOWMENT_WEIGHT = 10.0

_FIRST = ("product", "activity", "need", "skill", "region", "resource")


@dataclass(frozen=True)
class Row:
    """One row: family, readable label in codes, the same in names, main code, calendar year, its labels."""

    index: int
    name: str
    label: str
    what: str
    code: str
    year: int
    at: dict[str, object]

    @property
    def sentence(self) -> str:
        """The limit in the planner's words, without its year."""
        return FAMILIES[self.name].sentence.format(what=self.what)


def label_rows(data: PlanData, problem: Problem) -> list[Row]:
    """Return every row of a problem on its label; rows without a year belong to the last plan year."""
    last = data.calendar.year(data.calendar.plan)
    out: list[Row | None] = [None] * problem.shape[0]
    names: dict[tuple[str, object], str] = {}
    for grid in problem.rows.values():
        for place in np.argwhere(grid.index >= 0):
            at = {d: grid.labels[d][i] for d, i in zip(grid.dims, place, strict=True)}
            index, year = int(grid.index[tuple(place)]), int(str(at.get("year", last)))
            if "task" in at:
                name, _, when = str(at["task"]).rpartition(" @ ")
                out[index] = Row(index, grid.name, name, name, name, int(when), at)
                continue
            dims = sorted((d for d in at if d != "year"), key=lambda d: d not in _FIRST)
            for d in dims:
                if (d, at[d]) not in names:
                    names[d, at[d]] = _named(data, d, str(at[d]))
            code = str(at[dims[0]]) if dims else grid.name
            rest = [f"({d} {at[d]})" for d in dims[1:]]
            more = [names[d, at[d]] for d in dims[1:] if d == "asset" or data.economy.size(d) > 1]
            what = ", ".join([names[dims[0], at[dims[0]]], *more]) if dims else grid.name
            out[index] = Row(index, grid.name, " ".join([code, *rest]), what, code, year, at)
    return [row for row in out if row is not None]


def _named(data: PlanData, dim: str, code: str) -> str:
    if dim not in data.economy.sets or code not in data.economy.codes(dim):
        return code
    name = data.economy.name_of(dim, code)
    return code if name == code else f"{code} ({name})" if dim != "asset" else name


def merge_years(years: Iterable[int]) -> str:
    """Write years as ranges: `2020-2022, 2024`."""
    ordered = sorted(set(years))
    runs: list[list[int]] = []
    for year in ordered:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def figure(value: float) -> str:
    """Write a figure as people read it."""
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


@dataclass(frozen=True)
class Change:
    """One change of a plan file: set the field at `path`, or add an entry to the list there.

    Under `tasks` the second part of the path is the task's name.
    """

    path: tuple[str, ...]
    value: Any
    add: bool = False

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {'add ' if self.add else ''}{self.value}"


@dataclass(eq=False)
class Advice:
    """Wording by row (index in the problem) and the changes; `missing` rows have no place in a plan file."""

    words: dict[int, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


class Ground:
    """Accounts, plan file and the plan that a relaxation found; collects the advice."""

    def __init__(self, data: PlanData, problem: Problem, values: np.ndarray) -> None:
        self.d, self.spec, self.cal, self.e = data, data.spec, data.calendar, data.economy
        self.values = values
        self.activity = np.asarray(problem.coefficients @ values)
        self.row_lower, self.row_upper = problem.row_lower, problem.row_upper
        self.variables = problem.variables
        self.advice = Advice()

    def t(self, row: Row) -> int:
        """Plan year of a row; post-plan years read the figure of the last plan year."""
        return min(row.year - self.cal.base, self.cal.plan)

    def plan_year(self, row: Row) -> int:
        """Calendar year under which the plan file gives the row's figure."""
        return self.cal.year(self.t(row))

    def side(self, row: Row) -> float:
        """The right-hand side that gave way."""
        low, high, now = self.row_lower[row.index], self.row_upper[row.index], self.activity[row.index]
        return float(low if now < low or not np.isfinite(high) else high)

    def place(self, row: Row, dim: str) -> int:
        """Position of a row's label on its set."""
        codes = self.d.regions if dim == "region" else list(self.e.codes(dim))
        return codes.index(str(row.at[dim]))

    def flow(self, name: str, t: int) -> np.ndarray:
        """Values of a variable family in year t, 0 where there is none."""
        grid = self.variables[name]
        years = list(grid.labels["year"])
        if self.cal.year(t) not in years:
            return np.zeros(grid.index.shape[:-1])
        index = grid.index[..., years.index(self.cal.year(t))]
        return np.where(index >= 0, self.values[np.maximum(index, 0)], 0.0)

    def set(self, value: Any, *path: str) -> None:
        """Record a field's new value."""
        self.advice.changes.append(Change(path, value))

    def add(self, value: Any, *path: str) -> None:
        """Record a new entry of a list."""
        change = Change(path, value, add=True)
        if change not in self.advice.changes:
            self.advice.changes.append(change)

    def say(self, row: Row, words: str) -> None:
        """Record the wording for a row."""
        self.advice.words[row.index] = words


def lowered(value: float) -> float:
    """Round down, with a margin, to four figures."""
    return _rounded(value - 1e-5 * abs(value), math.floor)


def raised(value: float) -> float:
    """Round up, with a margin, to four figures."""
    return _rounded(value + 1e-5 * abs(value), math.ceil)


def _rounded(value: float, to: Callable[[float], int]) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    digits = 3 - math.floor(math.log10(abs(value)))
    return round(to(value * 10.0**digits) / 10.0**digits, max(digits, 0))


def percent(rate: float) -> str:
    """Write a rate as people read it."""
    return f"{100 * rate:.4g} %"
