"""Problem: an explicit, sparse linear program that knows its labels, its years and its dense blocks.

    maximise  c_k · v + constant_k        stage by stage, earlier stages kept by lock rows
    subject to  row_lower <= A v <= row_upper,  lower <= v <= upper

A leaf: planning builds it, solving reads it. `blocks` keeps every large coefficient matrix once, with the
rows and columns it stands at in each year, for a solver that uses the staircase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr
from scipy import sparse


@dataclass(frozen=True, eq=False)
class Grid:
    """A labelled family of variables or rows.

    `index` holds, for every combination of labels, the position in the problem, or -1 where there is none.
    """

    name: str
    dims: tuple[str, ...]
    labels: Mapping[str, tuple[object, ...]]
    index: np.ndarray

    def array(self, values: np.ndarray) -> xr.DataArray:
        """Return the family's part of a vector on its labels, NaN where there is no entry."""
        out = np.where(self.index >= 0, values[np.maximum(self.index, 0)], np.nan) if values.size else np.full(
            self.index.shape, np.nan)  # fmt: skip
        return xr.DataArray(out, dims=self.dims, coords={d: list(self.labels[d]) for d in self.dims}, name=self.name)

    def vector(self, array: xr.DataArray, out: np.ndarray) -> None:
        """Write an array on the family's labels into a vector of the problem (NaN: leave as it is)."""
        values = np.asarray(array.values)
        use = (self.index >= 0) & np.isfinite(values)
        out[self.index[use]] = values[use]


@dataclass(frozen=True, eq=False)
class Block:
    """A coefficient matrix that stands at `rows` × `columns` times `factor`; shared between years."""

    rows: np.ndarray
    columns: np.ndarray
    matrix: np.ndarray
    factor: float


@dataclass(frozen=True, eq=False)
class Goal:
    """One stage of the objective: maximise gradient · v + constant; keep it within `tolerance` afterwards.

    `size` is the natural size of the objective, which a gap is measured against where its terms are smaller.
    """

    name: str
    gradient: np.ndarray
    constant: float
    tolerance: float
    size: float = 0.0


@dataclass(frozen=True, eq=False)
class Problem:
    """The linear program. See the module docstring for the form and signs."""

    matrix: sparse.csr_matrix
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    scale: np.ndarray
    variables: Mapping[str, Grid]
    rows: Mapping[str, Grid]
    goals: tuple[Goal, ...]
    blocks: tuple[Block, ...] = field(repr=False, default=())

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of variables."""
        return self.matrix.shape

    def row_label(self, row: int) -> tuple[str, dict[str, object]]:
        """Return family and labels of a row."""
        for grid in self.rows.values():
            at = np.argwhere(grid.index == row)
            if len(at):
                return grid.name, {d: grid.labels[d][i] for d, i in zip(grid.dims, at[0], strict=True)}
        raise IndexError(row)


class ProblemBuilder:
    """Collects variables, rows and coefficients; `build` assembles them.

    Positions of -1 in `put` and `put_matrix` are passed over: a variable or row that a plan does not have
    has no coefficients.
    """

    def __init__(self) -> None:
        self.variables: dict[str, Grid] = {}
        self.rows: dict[str, Grid] = {}
        self._lower: list[np.ndarray] = []
        self._upper: list[np.ndarray] = []
        self._scale: list[np.ndarray] = []
        self._row_lower: list[np.ndarray] = []
        self._row_upper: list[np.ndarray] = []
        self._coo: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._blocks: list[Block] = []
        self._n = 0
        self._m = 0
        self.goals: list[Goal] = []

    @property
    def size(self) -> int:
        """Number of variables so far."""
        return self._n

    def add_variables(
        self,
        name: str,
        labels: Mapping[str, Sequence[object]],
        exists: np.ndarray | None = None,
        *,
        lower: float = 0.0,
        upper: np.ndarray | float = np.inf,
        scale: np.ndarray | float = 1.0,
    ) -> Grid:
        """Add a family of variables on `labels`, only where `exists`."""
        grid, self._n = _grid(name, labels, exists, self._n)
        here = grid.index >= 0
        for store, value in ((self._lower, lower), (self._upper, upper), (self._scale, scale)):
            store.append(np.broadcast_to(np.asarray(value, dtype=float), grid.index.shape)[here])
        self.variables[name] = grid
        return grid

    def add_rows(
        self,
        name: str,
        labels: Mapping[str, Sequence[object]],
        exists: np.ndarray | None = None,
        *,
        lower: np.ndarray | float = -np.inf,
        upper: np.ndarray | float = np.inf,
    ) -> Grid:
        """Add a family of rows with their right-hand sides, only where `exists`. An empty family is kept out."""
        grid, self._m = _grid(name, labels, exists, self._m)
        here = grid.index >= 0
        for store, value in ((self._row_lower, lower), (self._row_upper, upper)):
            store.append(np.broadcast_to(np.asarray(value, dtype=float), grid.index.shape)[here])
        if here.any():
            self.rows[name] = grid
        return grid

    def put(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray | float) -> None:
        """Add coefficients entry by entry (arrays broadcast against each other)."""
        r, c, v = (a.ravel() for a in np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float)))
        keep = (r >= 0) & (c >= 0) & (v != 0)
        if keep.any():
            self._coo.append((r[keep], c[keep], v[keep]))

    def put_matrix(self, rows: np.ndarray, columns: np.ndarray, matrix: np.ndarray, factor: float = 1.0) -> None:
        """Add factor × a coefficient matrix at rows × columns; the matrix itself is kept once for all years."""
        if not np.any(rows >= 0) or not np.any(columns >= 0):
            return
        self._blocks.append(Block(rows, columns, matrix, factor))
        i, j = np.nonzero(matrix)
        self.put(rows[i], columns[j], factor * matrix[i, j])

    def add_goal(self, name: str, parts: Sequence[tuple[np.ndarray, np.ndarray | float]], constant: float,
                 tolerance: float, size: float = 0.0) -> None:  # fmt: skip
        """Add a stage: maximise the sum of coefficient × variable over `parts`, plus a constant."""
        gradient: dict[int, float] = {}
        columns = [np.broadcast_arrays(c, np.asarray(v, dtype=float)) for c, v in parts]
        for c, v in columns:
            for col, val in zip(c.ravel().tolist(), v.ravel().tolist(), strict=True):
                if col >= 0 and val != 0:
                    gradient[col] = gradient.get(col, 0.0) + val
        vector = np.zeros(self._n)
        if gradient:
            vector[list(gradient)] = list(gradient.values())
        self.goals.append(Goal(name, vector, constant, tolerance, size))

    def build(self) -> Problem:
        """Assemble the problem; entries at the same place add up."""
        r, c, v = (np.concatenate([part[k] for part in self._coo]) if self._coo else np.zeros(0) for k in range(3))
        matrix = sparse.csr_matrix((v, (r.astype(int), c.astype(int))), shape=(self._m, self._n))
        matrix.sum_duplicates()
        goals = tuple(
            replace(g, gradient=np.concatenate([g.gradient, np.zeros(self._n - g.gradient.size)])) for g in self.goals
        )
        return Problem(
            matrix, _join(self._row_lower), _join(self._row_upper), _join(self._lower), _join(self._upper),
            _join(self._scale), dict(self.variables), dict(self.rows), goals, tuple(self._blocks),
        )  # fmt: skip


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)


def _grid(name: str, labels: Mapping[str, Sequence[object]], exists: np.ndarray | None, start: int) -> tuple[Grid, int]:
    shape = tuple(len(s) for s in labels.values())
    mask = np.ones(shape, dtype=bool) if exists is None else np.broadcast_to(exists, shape)
    index = np.full(shape, -1, dtype=np.int64)
    count = int(mask.sum())
    index[mask] = np.arange(start, start + count)
    return Grid(name, tuple(labels), {d: tuple(s) for d, s in labels.items()}, index), start + count
