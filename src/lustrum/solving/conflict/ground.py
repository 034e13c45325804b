"""What advice is made of: changes of a plan file, outward rounding, and the figures of the plan that needs it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.solving.conflict.words import Row


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
