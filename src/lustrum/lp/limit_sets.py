"""Limits of many plans over one matrix: what differs is bounds and right-hand sides, as in draws of a hazard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from lustrum.errors import BadInput
from lustrum.lp.problem import Problem

#: Plans that are looked at, at most, for the one in the middle.
SAMPLE = 201


@dataclass(frozen=True, eq=False)
class LimitSets:
    """Limits of many plans: one row for each plan, in place of a problem's own.

    Attributes
    ----------
    row_lower, row_upper
        Sides of the rows, plans × rows.
    lower, upper
        Bounds of the variables, plans × variables.

    Raises
    ------
    BadInput
        If an array has another shape, or a limit is not a number.
    """

    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def __post_init__(self) -> None:
        count = {getattr(self, f.name).shape[:-1] for f in fields(self)}
        sound = len(count) == 1 and len(next(iter(count))) == 1
        if not sound or self.row_lower.shape != self.row_upper.shape or self.lower.shape != self.upper.shape:
            found = ", ".join(f"{f.name} {getattr(self, f.name).shape}" for f in fields(self))
            raise BadInput(
                "limits of draws do not fit each other",
                found=found,
                expected="row_lower and row_upper plans × rows, lower and upper plans × variables",
                mend="give every array one row for each plan",
            )
        for f in fields(self):
            wrong = np.argwhere(np.isnan(getattr(self, f.name)))
            if wrong.size:
                raise BadInput(
                    "a limit of a draw is not a number",
                    where=f"{f.name}[{wrong[0][0]}, {wrong[0][1]}]",
                    found="nan",
                    expected="a number, or inf for no limit",
                    mend="correct it",
                )

    @staticmethod
    def of(problem: Problem, count: int) -> LimitSets:
        """The problem's own limits `count` times, to be changed."""
        sides = (problem.row_lower, problem.row_upper, problem.lower, problem.upper)
        return LimitSets(*(np.repeat(side[None], count, axis=0) for side in sides))

    @property
    def count(self) -> int:
        """Number of plans."""
        return int(self.row_lower.shape[0])

    def some(self, plans: np.ndarray) -> LimitSets:
        """Limits of some plans."""
        return LimitSets(self.row_lower[plans], self.row_upper[plans], self.lower[plans], self.upper[plans])

    def with_row(self, lower: np.ndarray, upper: float) -> LimitSets:
        """The same with the limits of one more row."""
        end = np.full((self.count, 1), upper)
        return replace(
            self,
            row_lower=np.concatenate([self.row_lower, lower[:, None]], axis=1),
            row_upper=np.concatenate([self.row_upper, end], axis=1),
        )

    def problem(self, base: Problem, plan: int) -> Problem:
        """The linear program of one plan."""
        return replace(
            base,
            row_lower=self.row_lower[plan],
            row_upper=self.row_upper[plan],
            lower=self.lower[plan],
            upper=self.upper[plan],
        )

    def middle(self) -> LimitSets:
        """One set of limits in the middle of all: the median of each."""
        some = np.unique(np.linspace(0, self.count - 1, min(self.count, SAMPLE)).astype(int))
        half = some.size // 2
        return LimitSets(
            *(np.partition(getattr(self, f.name)[some], half, axis=0)[half : half + 1] for f in fields(self))
        )

    def kinds(self) -> Iterator[np.ndarray]:
        """Plans whose limits are finite, equal and shut in the same places, kind by kind."""
        _, kind = np.unique(self._marks(), axis=0, return_inverse=True)
        for k in range(int(kind.max(initial=-1)) + 1):
            yield np.flatnonzero(kind.ravel() == k)

    def kind(self) -> bytes:
        """The kind of the first plan; equal for plans of one kind."""
        return self.some(np.arange(1))._marks().tobytes()

    def _marks(self) -> np.ndarray:
        marks = [np.isfinite(getattr(self, f.name)) for f in fields(self)]
        marks += [self.row_lower == self.row_upper, self.lower < self.upper]
        return np.packbits(np.concatenate(marks, axis=1), axis=1)
