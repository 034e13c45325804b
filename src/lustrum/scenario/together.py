"""Programs of many cases over one matrix: what differs is sides and bounds, so that they can be solved together.

Rows are matched by family and labels. A limit that only some cases have stays in all of them, with infinite sides where
it does not hold: so a new floor needs no new matrix.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Grid, Problem

#: Coefficients above which matrices are not compared one by one.
LARGE = 2_000_000

Sides = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Together:
    """A first program, and others over its matrix.

    `add` takes programs whose variables, objective and coefficients are those of the first; rows that the first lacks
    are added to the matrix. `problem` and `limits` are then what solvers take.
    """

    def __init__(self, first: Problem) -> None:
        self.first = first
        self.index = {name: grid.index.copy() for name, grid in first.rows.items()}
        self.labels = {name: grid.labels for name, grid in first.rows.items()}
        self.dims = {name: grid.dims for name, grid in first.rows.items()}
        self.count = first.shape[0]
        self.new: list[sparse.csr_matrix] = []
        self.sides: list[Sides] = []

    def add(self, other: Problem) -> bool:
        """Take a program; False where it has another matrix or objective, and is to be solved alone."""
        if other is self.first or other.coefficients is self.first.coefficients:
            self.sides.append((other.row_lower, other.row_upper, other.lower, other.upper))
            return True
        if not self._same_form(other) or max(other.nonzeros, self.first.nonzeros) > LARGE:
            return False
        place = self._places(other)
        if place is None:
            return False
        known = np.flatnonzero(place < self.count)
        if not self._equal(other, known, place[known]):
            return False
        fresh = np.flatnonzero(place >= self.count)
        if fresh.size:
            order = fresh[np.argsort(place[fresh])]
            self.new.append(sparse.csr_matrix(other.matrix[order]))
            self._take_rows(other, place)
        low, high = np.full(self.count, -np.inf), np.full(self.count, np.inf)
        low[place], high[place] = other.row_lower, other.row_upper
        self.sides.append((low, high, other.lower, other.upper))
        return True

    @property
    def problem(self) -> Problem:
        """The program with all rows; its own sides are those of the first."""
        p = self.first
        extra = self.count - p.shape[0]
        rows = {name: Grid(name, self.dims[name], self.labels[name], index) for name, index in self.index.items()}
        return replace(
            p,
            coefficients=p.coefficients.with_rows(sparse.vstack(self.new, format="csr")) if extra else p.coefficients,
            row_lower=np.concatenate([p.row_lower, np.full(extra, -np.inf)]),
            row_upper=np.concatenate([p.row_upper, np.full(extra, np.inf)]),
            rows=rows,
        )

    @property
    def limits(self) -> LimitSets:
        """Sides and bounds of every program that was added, in order."""
        low = np.full((len(self.sides), self.count), -np.inf)
        high = np.full((len(self.sides), self.count), np.inf)
        for k, (a, b, _, _) in enumerate(self.sides):
            low[k, : a.size], high[k, : b.size] = a, b
        lower, upper = (np.stack([s[i] for s in self.sides]) for i in (2, 3))
        return LimitSets(low, high, lower, upper)

    def with_bounds_for_rows(self) -> LimitSets | None:
        """The one program that was added, over the first matrix: new rows of one variable become bounds of it.

        None where a new row has several variables, such as a ceiling on imports from all partners together.
        """
        (low, high, lower, upper) = self.sides[0]
        count = self.first.shape[0]
        if self.count > count:
            new = self._new_rows()
            if (np.diff(new.indptr) != 1).any():
                return None
            lower, upper = lower.copy(), upper.copy()
            sides = np.stack([low[count:], high[count:]]) / new.data
            np.maximum.at(lower, new.indices, sides.min(axis=0))
            np.minimum.at(upper, new.indices, sides.max(axis=0))
            if (lower > upper).any():
                return None
        return LimitSets(low[None, :count], high[None, :count], lower[None], upper[None])

    def with_duals_of_rows(self, dual: np.ndarray, reduced: np.ndarray) -> np.ndarray:
        """Marginal values of all rows: those of new rows are the reduced costs of the variables that they bound."""
        count = self.first.shape[0]
        if self.count == count:
            return dual
        new, reduced = self._new_rows(), reduced.copy()
        low, high, lower, upper = self.sides[0]
        out = np.concatenate([dual, np.zeros(self.count - count)])
        for row, (at, factor) in enumerate(zip(new.indices, new.data, strict=True)):
            sides = sorted((low[count + row] / factor, high[count + row] / factor))
            if (reduced[at] < 0 and sides[0] > lower[at]) or (reduced[at] > 0 and sides[1] < upper[at]):
                out[count + row], reduced[at] = reduced[at] / factor, 0.0
        return out

    def _new_rows(self) -> sparse.csr_matrix:
        return sparse.csr_matrix(sparse.vstack(self.new, format="csr"))

    def _same_form(self, other: Problem) -> bool:
        """Whether variables, their scales and the objective are the same."""
        p = self.first
        if p.shape[1] != other.shape[1] or p.variables.keys() != other.variables.keys():
            return False
        alike = all(
            grid.labels == other.variables[name].labels and np.array_equal(grid.index, other.variables[name].index)
            for name, grid in p.variables.items()
        )
        goals = len(p.goals) == len(other.goals) and all(
            (a.name, a.constant, a.tolerance, a.size) == (b.name, b.constant, b.tolerance, b.size)
            and np.array_equal(a.gradient, b.gradient)
            for a, b in zip(p.goals, other.goals, strict=True)
        )
        return alike and goals and np.array_equal(p.scale, other.scale)

    def _places(self, other: Problem) -> np.ndarray | None:
        """Where each row of a program stands here; rows that are new are numbered on. None where labels differ."""
        place = np.full(other.shape[0], -1, dtype=np.int64)
        free = self.count
        for name, grid in other.rows.items():
            here = grid.index >= 0
            own = self.index.get(name, np.full(grid.index.shape, -1, dtype=np.int64))
            if own.shape != grid.index.shape or self.labels.get(name, grid.labels) != grid.labels:
                return None
            at = own[here].copy()
            new = at < 0
            at[new] = np.arange(free, free + int(new.sum()))
            free += int(new.sum())
            place[grid.index[here]] = at
        return place

    def _equal(self, other: Problem, known: np.ndarray, place: np.ndarray) -> bool:
        """Whether rows that both have carry the same coefficients."""
        if np.array_equal(place, np.arange(self.first.shape[0])) and known.size == other.shape[0] and not self.new:
            own, given = self.first.matrix, other.matrix
        else:
            rows = sparse.vstack([self.first.matrix, *self.new], format="csr") if self.new else self.first.matrix
            own, given = rows[place], other.matrix[known]
        return (
            np.array_equal(own.indptr, given.indptr)
            and np.array_equal(own.indices, given.indices)
            and np.array_equal(own.data, given.data)
        )

    def _take_rows(self, other: Problem, place: np.ndarray) -> None:
        """Give the new rows of a program their places in the families."""
        for name, grid in other.rows.items():
            here = grid.index >= 0
            own = self.index.setdefault(name, np.full(grid.index.shape, -1, dtype=np.int64))
            self.labels.setdefault(name, grid.labels)
            self.dims.setdefault(name, grid.dims)
            own[here] = place[grid.index[here]]
        self.count = int(max(self.count, place.max(initial=-1) + 1))
