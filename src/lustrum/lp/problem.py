"""Problem: an explicit, sparse linear program that knows its labels, its years and its dense blocks.

    maximise  c_k · v + constant_k        stage by stage, earlier stages kept by lock rows
    subject to  row_lower <= A v <= row_upper,  lower <= v <= upper

A leaf: planning builds it, solving reads it. `coefficients` keeps every large dense coefficient matrix once, with the
rows and columns it stands at in each year; `matrix` is all of them written out, made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.tables import Block, in_memory, shared_tables


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
        out = (
            np.where(self.index >= 0, values[np.maximum(self.index, 0)], np.nan)
            if values.size
            else np.full(self.index.shape, np.nan)
        )
        return xr.DataArray(out, dims=self.dims, coords={d: list(self.labels[d]) for d in self.dims}, name=self.name)

    def vector(self, array: xr.DataArray, out: np.ndarray) -> None:
        """Write an array on the family's labels into a vector of the problem (NaN: leave as it is)."""
        values = np.asarray(array.values)
        use = (self.index >= 0) & np.isfinite(values)
        out[self.index[use]] = values[use]


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
    """The linear program. See the module docstring for the form and signs.

    `linking` names the families of rows that tie many years or parts of the program together; a solver may keep such
    rows apart.
    """

    coefficients: Coefficients
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    scale: np.ndarray
    variables: Mapping[str, Grid]
    rows: Mapping[str, Grid]
    goals: tuple[Goal, ...]
    linking: frozenset[str] = frozenset()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of variables."""
        return self.coefficients.shape

    @property
    def matrix(self) -> sparse.csr_matrix:
        """All coefficients one by one, made once; of a large plan that is the same table in every year."""
        return self.coefficients.explicit

    @cached_property
    def natural(self) -> np.ndarray:
        """Largest term of each row with all variables at their natural sizes."""
        return self.coefficients.largest(self.scale)

    @property
    def nonzeros(self) -> int:
        """Number of coefficients other than zero."""
        return self.coefficients.nonzeros

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
    has no coefficients. `linking` names the families of rows that tie many years or parts together (see `Problem`).
    """

    def __init__(self, linking: frozenset[str] = frozenset()) -> None:
        self.linking = linking
        self.variables: dict[str, Grid] = {}
        self.rows: dict[str, Grid] = {}
        self._lower: list[np.ndarray] = []
        self._upper: list[np.ndarray] = []
        self._scale: list[np.ndarray] = []
        self._row_lower: list[np.ndarray] = []
        self._row_upper: list[np.ndarray] = []
        self._coo: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._blocks: list[Block] = []
        self._found: dict[tuple[object, ...], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
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
        values = np.asarray(values, dtype=float)
        if rows.ndim == 2 and columns.ndim == 2 and rows.shape[1] == 1 and columns.shape[0] == 1:
            rows, columns, values = _crossed(rows, columns, values)
        keep = (rows >= 0) & (columns >= 0) & (values != 0)
        if keep.any():
            r, c, v = np.broadcast_arrays(rows, columns, values)
            self._coo.append((r[keep], c[keep], v[keep]))

    def put_matrix(self, rows: np.ndarray, columns: np.ndarray, matrix: np.ndarray, factor: float = 1.0) -> None:
        """Add factor × a coefficient matrix at rows × columns; the matrix itself is kept once for all years."""
        if not np.any(rows >= 0) or not np.any(columns >= 0):
            return
        self._blocks.append(Block(rows, columns, matrix, factor))

    def put_rows(self, rows: np.ndarray, columns: np.ndarray, matrix: np.ndarray, factor: np.ndarray) -> None:
        """Write out a sparse matrix at rows × columns, each row of it times a factor."""
        key = in_memory(matrix)
        if key not in self._found:  # the same matrix in every year; kept with it, so that no other takes its place
            i, j = np.nonzero(matrix)
            self._found[key] = (matrix, i, j)
        _, i, j = self._found[key]
        self.put(rows[i], columns[j], factor[i] * matrix[i, j])

    def put_same(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        """Add the same coefficients, one for each row, in each of the columns; they are kept once."""
        some = np.flatnonzero((values != 0) & (rows >= 0))
        if some.size and np.any(columns >= 0):
            self._blocks.append(Block(rows[some], columns, values[some][:, None], 1.0, same=True))

    def add_goal(
        self,
        name: str,
        parts: Sequence[tuple[np.ndarray, np.ndarray | float]],
        constant: float,
        tolerance: float,
        size: float = 0.0,
    ) -> None:
        """Add a stage: maximise the sum of coefficient × variable over `parts`, plus a constant."""
        vector = np.zeros(self._n)
        for columns, values in parts:
            at, worth = np.broadcast_arrays(columns, np.asarray(values, dtype=float))
            np.add.at(vector, at[at >= 0], worth[at >= 0])
        self.goals.append(Goal(name, vector, constant, tolerance, size))

    def build(self) -> Problem:
        """Assemble the problem; entries at the same place add up."""
        shape = (self._m, self._n)
        tables, written = shared_tables(self._blocks, self._coo, shape)
        single = [*self._coo, *written]
        r, c, v = (np.concatenate([part[k] for part in single]) if single else np.zeros(0) for k in range(3))
        entries = sparse.csr_matrix((v, (r.astype(np.int32), c.astype(np.int32))), shape=shape)
        entries.sum_duplicates()
        goals = tuple(
            replace(g, gradient=np.concatenate([g.gradient, np.zeros(self._n - g.gradient.size)])) for g in self.goals
        )
        return Problem(
            Coefficients(entries, tables),
            _join(self._row_lower),
            _join(self._row_upper),
            _join(self._lower),
            _join(self._upper),
            _join(self._scale),
            dict(self.variables),
            dict(self.rows),
            goals,
            self.linking,
        )


def _crossed(rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (m, 1) and columns (1, n) without those where nothing stands, before the whole m × n is looked at."""
    down, along = rows[:, 0] >= 0, columns[0] >= 0
    values = np.atleast_2d(values)
    if values.shape[1] == 1 and values.shape[0] > 1:
        down = down & (values[:, 0] != 0)
    if values.shape[0] == 1 and values.shape[1] > 1:
        along = along & (values[0] != 0)
    values = values[down] if values.shape[0] > 1 else values
    values = values[:, along] if values.shape[1] > 1 else values
    return rows[down], columns[:, along], values


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)


def _grid(name: str, labels: Mapping[str, Sequence[object]], exists: np.ndarray | None, start: int) -> tuple[Grid, int]:
    shape = tuple(len(s) for s in labels.values())
    mask = np.ones(shape, dtype=bool) if exists is None else np.broadcast_to(exists, shape)
    index = np.full(shape, -1, dtype=np.int64)
    count = int(mask.sum())
    index[mask] = np.arange(start, start + count)
    return Grid(name, tuple(labels), {d: tuple(s) for d, s in labels.items()}, index), start + count
