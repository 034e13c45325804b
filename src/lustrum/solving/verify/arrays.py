"""A plan's stored arrays to figures on the frame: labels, years and numbers are checked, never mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.terms import Cells, Family, Layout

#: The rows that keep earlier stages, as plans store their marginal values. Written here and not imported from `lp`:
#: what checks a plan loads nothing of what solves it.
BOUND = "lexicographic_bound"


def read_values(f: Frame, values: Mapping[str, xr.DataArray]) -> tuple[dict[str, Cells], list[str]]:
    """Read every variable of a plan; what is wrong is said in the second list.

    A family without variables may be absent. Where a variable exists there must be a finite number;
    where none exists, NaN or 0.
    """
    out: dict[str, Cells] = {}
    problems = [f"values of {name!r} are no variable of a plan" for name in values if name not in f.variables]
    for name, var in f.variables.items():
        out[name] = var.cells()
        if name in values:
            out[name], wrong = _read(f, var, values[name], name, exact=True)
            problems += wrong
        elif var.exists.any():
            problems.append(f"{name}: the plan has no array of it")
    return out, problems


def read_prices(
    f: Frame, families: Sequence[Family], stored: Mapping[str, xr.DataArray], stage: str
) -> tuple[dict[str, Cells], list[str]]:
    """Read the marginal values of a stage's rows, 0 where there is no row."""
    out: dict[str, Cells] = {}
    problems: list[str] = []
    known = {fam.name for fam in families} | {BOUND}
    for name, array in stored.items():
        if name not in known and np.nan_to_num(_numbers(array)).any():
            problems.append(f"stage {stage}: marginal values of {name!r}, of which this plan has no rows")
    for fam in families:
        where = f"stage {stage}: marginal values of {fam.name!r}"
        out[fam.name] = Cells(np.zeros(fam.exists.shape), fam.years)
        if fam.name in stored:
            out[fam.name], wrong = _read(f, fam, stored[fam.name], where, exact=False)
            problems += wrong
        elif fam.exists.any():
            problems.append(f"{where} are missing")
    return out, problems


def read_bounds(stored: Mapping[str, xr.DataArray], earlier: Sequence[str], stage: str) -> tuple[np.ndarray, list[str]]:
    """Read the marginal values of `lexicographic_bound` on the earlier stages."""
    where = f"stage {stage}: marginal values of {BOUND!r}"
    if not earlier:
        if BOUND in stored and np.nan_to_num(_numbers(stored[BOUND])).any():
            return np.zeros(0), [f"{where} stand in a first stage"]
        return np.zeros(0), []
    if BOUND not in stored:
        return np.zeros(len(earlier)), [f"{where} are missing"]
    array, problems = _on_labels(stored[BOUND], where, ("stage",), [list(earlier)], None, exact=True)
    if array is None:
        return np.zeros(len(earlier)), problems
    if not np.isfinite(array).all():
        problems = [*problems, f"{where}: not a finite number"]
    return np.nan_to_num(array[:, 0]), problems


def _read(f: Frame, layout: Layout, array: xr.DataArray, where: str, exact: bool) -> tuple[Cells, list[str]]:
    """Read one array on a layout; 0 where nothing exists, and where nothing could be read."""
    labels = [list(f.labels(dim)) for dim in layout.dims]
    years = f.calendar.labels(layout.years) if layout.dated else None
    found, problems = _on_labels(array, where, layout.dims, labels, years, exact)
    if found is None:
        return Cells(np.zeros(layout.exists.shape), layout.years), problems
    problems = problems + _misplaced(f, layout, found, where)
    return Cells(np.where(layout.exists & np.isfinite(found), found, 0.0), layout.years), problems


def _numbers(array: xr.DataArray) -> np.ndarray:
    try:
        return np.asarray(array.values, dtype=float)
    except (TypeError, ValueError):
        return np.array(np.inf)


def _on_labels(
    array: xr.DataArray,
    name: str,
    dims: Sequence[str],
    labels: Sequence[list[str]],
    years: list[int] | None,
    exact: bool,
) -> tuple[np.ndarray | None, list[str]]:
    """Lay an array on labels, and years on its last axis (a single column without years).

    With `exact` its years are those asked for; else they may be any, NaN standing for the rest.
    """
    wanted = (*dims, "year") if years is not None else tuple(dims)
    if set(array.dims) != set(wanted) or len(array.dims) != len(wanted):
        return None, [f"{name}: dimensions are {array.dims}, not {wanted}"]
    array = array.transpose(*wanted)
    for dim, expected in zip(dims, labels, strict=True):
        found = [str(x) for x in array[dim].values]
        if found != expected:
            at = next((k for k, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), None)
            say = f"{len(found)} of them, not {len(expected)}" if at is None else f"{found[at]!r} for {expected[at]!r}"
            return None, [f"{name}: labels of {dim} are not those of the accounts ({say})"]
    figures = _numbers(array)
    if figures.shape != array.shape:
        return None, [f"{name}: holds what is no number"]
    if years is None:
        return figures[..., None], []
    given = [_year(y) for y in array["year"].values]
    if exact and given != years:
        return None, [f"{name}: years are {_span(given)}, not {_span(years)}"]
    if len(set(given)) < len(given):
        return None, [f"{name}: a year stands twice ({_span(given)})"]
    out = np.full((*figures.shape[:-1], len(years)), np.nan)
    for k, year in enumerate(given):
        if year in years:
            out[..., years.index(year)] = figures[..., k]
        elif np.nan_to_num(figures[..., k], nan=0.0).any():
            return None, [f"{name}: figures for {year}, which is none of {_span(years)}"]
    return out, []


def _year(label: object) -> int:
    try:
        return int(str(label))
    except ValueError:
        return -1


def _span(years: list[int]) -> str:
    if years and years == list(range(years[0], years[-1] + 1)):
        return f"{years[0]}..{years[-1]}"
    return str(years)


def _misplaced(f: Frame, layout: Layout, array: np.ndarray, name: str) -> list[str]:
    """Say where a number is missing or stands where there should be none."""
    exists, out = layout.exists, []
    missing, extra = exists & ~np.isfinite(array), ~exists & (np.isinf(array) | (np.nan_to_num(array) != 0.0))
    for wrong, words in ((missing, "not a finite number"), (extra, "a number where the plan has none")):
        if wrong.any():
            label, year = place(f, layout, tuple(int(k) for k in np.argwhere(wrong)[0]))
            at = ", ".join([*([label] if label else []), *([str(year)] if year is not None else [])])
            out.append(f"{name}: {words} at {at or 'its only place'} ({int(wrong.sum())} in all)")
    return out


def place(f: Frame, layout: Layout, at: tuple[int, ...]) -> tuple[str, int | None]:
    """Return label and calendar year of a position (labels, year)."""
    label = " / ".join(f.labels(dim)[k] for dim, k in zip(layout.dims, at[:-1], strict=True))
    return label, f.calendar.year(layout.years[at[-1]]) if layout.dated else None
