"""A plan to begin near: another scenario's, last year's, or that of fewer products, carried over by its labels.

What is carried over is a guess. The staircase solver makes a point inside the limits of it and begins there; where that
leads nowhere it begins anew. So a guess can cost or save time, and changes no result beyond the solver's tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from lustrum.lp.problem import Goal, Grid, Problem

#: Labels of a dimension in this plan -> labels in the other.
Groups = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class WarmStart:
    """Values and prices of another plan.

    Attributes
    ----------
    values
        By family of variables, on the other plan's labels.
    prices
        By stage, then by family of rows: marginal values.
    groups
        For a plan of fewer products or activities: dimension -> own label -> label there. Flows and stocks are shared
        out by natural size, prices hold for each part.
    """

    values: Mapping[str, xr.DataArray]
    prices: Mapping[str, Mapping[str, xr.DataArray]]
    groups: Groups = field(default_factory=dict)

    def guess(self, problem: Problem, goal: Goal) -> tuple[np.ndarray, np.ndarray]:
        """Values and row duals on a problem's labels.

        Years that the other plan does not have are as the nearest that it has. Pieces of worth curves follow from
        consumption; what nothing is known of is zero.
        """
        values = np.full(problem.shape[1], np.nan)
        for name, grid in problem.variables.items():
            if name in self.values and (found := _carried(grid, self.values[name], self.groups)) is not None:
                whole, key = found
                here = grid.index >= 0
                size = problem.scale[grid.index[here]]
                together = np.bincount(key[here], size)[key[here]] if self.groups else size
                values[grid.index[here]] = whole[here] * size / together
        dual = np.zeros(problem.shape[0])
        prices = self.prices.get(goal.name, {})
        for name, grid in problem.rows.items():
            if name in prices and (found := _carried(grid, prices[name], self.groups)) is not None:
                here = grid.index >= 0
                dual[grid.index[here]] = np.nan_to_num(found[0][here])
        return np.clip(_filled(problem, goal, values), problem.lower, problem.upper), dual


def _carried(grid: Grid, array: xr.DataArray, groups: Groups) -> tuple[np.ndarray, np.ndarray] | None:
    """An array on a family's labels (NaN: unknown), and a number for each place it came from, in each year its own;
    None where the dimensions are others."""
    if set(grid.dims) != {str(d) for d in array.dims}:
        return None
    at = [_places(d, grid.labels[d], array[d].values, groups.get(d, {})) for d in grid.dims]
    data = np.asarray(array.transpose(*grid.dims).values, dtype=float)
    if not data.size or not data.ndim:
        return (data, np.zeros((), dtype=np.int64)) if data.size else None
    source = np.ix_(*(np.maximum(p, 0) for p in at))
    out = data[source]
    for axis, p in enumerate(at):
        out[(slice(None),) * axis + (p < 0,)] = np.nan
    # parts of one label share what it has; years that are as the nearest do not, nor do labels that are not there
    key = [np.arange(p.size) if d == "year" else p + 1 for d, p in zip(grid.dims, at, strict=True)]
    size = tuple(int(k.max(initial=0)) + 1 for k in key)
    return out, np.asarray(np.ravel_multi_index(np.ix_(*key), size))


def _places(dim: str, own: tuple[object, ...], other: np.ndarray, group: Mapping[str, str]) -> np.ndarray:
    """Where each label is in the other plan, -1 where it is not; of years the nearest."""
    if dim == "year":
        years = np.array([int(str(y)) for y in other])
        return np.array([int(np.abs(years - int(str(y))).argmin()) for y in own])
    place = {str(label): k for k, label in enumerate(other)}
    return np.array([place.get(group.get(str(label), str(label)), -1) for label in own])


def _filled(problem: Problem, goal: Goal, values: np.ndarray) -> np.ndarray:
    """Unknown variables that stand in one row only, such as the pieces of a worth curve: the best use of the room that
    the known ones leave in it. Others are zero."""
    unknown = np.isnan(values)
    values = np.where(unknown, 0.0, values)
    a = problem.coefficients.entries.tocsc()
    one = np.flatnonzero(unknown & (np.diff(a.indptr) == 1) & (problem.coefficients.T.counts() == 1))
    if not one.size:
        return values
    row, coefficient = a.indices[a.indptr[one]], a.data[a.indptr[one]]
    room = (np.where(np.isfinite(problem.row_upper), problem.row_upper, 0.0) - problem.coefficients @ values)[row]
    use = np.flatnonzero(
        (np.isfinite(problem.upper[one])) & (coefficient * room > 0) & np.isfinite(problem.row_upper[row])
    )
    one, row, coefficient, room = one[use], row[use], coefficient[use], room[use]
    order = np.lexsort((-goal.gradient[one] / np.abs(coefficient), row))
    one, row, coefficient, room = one[order], row[order], coefficient[order], np.abs(room[order])
    size = np.abs(coefficient) * problem.upper[one]
    before = np.cumsum(size) - size
    first = np.searchsorted(row, row)  # where each row's pieces begin
    values[one] = np.clip(room - (before - before[first]), 0.0, size) / np.abs(coefficient)
    return values
