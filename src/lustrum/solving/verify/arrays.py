"""A plan's stored arrays to figures on the frame: labels, years and numbers are checked, never mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from lustrum.solving.verify.family import Family
from lustrum.solving.verify.frame import Frame, Mask
from lustrum.solving.verify.ledger import Cells


def read_values(f: Frame, values: Mapping[str, xr.DataArray]) -> tuple[dict[str, Cells], list[str]]:
    """Read every variable of a plan; what is wrong is said in the second list.

    A family without variables may be absent. Where a variable exists there must be a finite number;
    where none exists, NaN or 0.
    """
    out: dict[str, Cells] = {}
    problems = [f"values of {name!r} are no variable of a plan" for name in values if name not in f.variables]
    for name, var in f.variables.items():
        cells = np.zeros(var.exists.shape)
        out[name] = Cells(cells, var.years)
        if name not in values:
            if var.exists.any():
                problems.append(f"{name}: the plan has no array of it")
            continue
        labels = [list(f.labels(dim)) for dim in var.dims]
        years = f.calendar.labels(var.years) if var.dated else None
        array, problem = _on_labels(values[name], name, var.dims, labels, years, exact=True)
        problems += problem
        if array is not None:
            problems += _misplaced(f, array, var.exists, name, var.dims, var.years if var.dated else None)
            cells[:] = np.where(var.exists & np.isfinite(array), array, 0.0)
    return out, problems


def read_prices(
    f: Frame, families: Sequence[Family], stored: Mapping[str, xr.DataArray], stage: str
) -> tuple[dict[str, Cells], list[str]]:
    """Read the marginal values of a stage's rows, 0 where there is no row."""
    out: dict[str, Cells] = {}
    problems: list[str] = []
    known = {fam.name for fam in families} | {"lexicographic_bound"}
    for name, array in stored.items():
        if name not in known and np.nan_to_num(_numbers(array)).any():
            problems.append(f"stage {stage}: marginal values of {name!r}, of which this plan has no rows")
    for fam in families:
        where = f"stage {stage}: marginal values of {fam.name!r}"
        lam = np.zeros(fam.rows.shape)
        out[fam.name] = Cells(lam, fam.years)
        if fam.name not in stored:
            if fam.rows.any():
                problems.append(f"{where} are missing")
            continue
        labels = [list(f.labels(dim)) for dim in fam.dims]
        years = f.calendar.labels(fam.years) if fam.dated else None
        found, problem = _on_labels(stored[fam.name], where, fam.dims, labels, years, exact=False)
        problems += problem
        if found is not None:
            problems += _misplaced(f, found, fam.rows, where, fam.dims, fam.years if fam.dated else None)
            lam[:] = np.where(fam.rows & np.isfinite(found), found, 0.0)
    return out, problems


def read_locks(stored: Mapping[str, xr.DataArray], earlier: Sequence[str], stage: str) -> tuple[np.ndarray, list[str]]:
    """Read the marginal values of `lexicographic_bound` on the earlier stages."""
    where = f"stage {stage}: marginal values of 'lexicographic_bound'"
    if not earlier:
        if "lexicographic_bound" in stored and np.nan_to_num(_numbers(stored["lexicographic_bound"])).any():
            return np.zeros(0), [f"{where} stand in a first stage"]
        return np.zeros(0), []
    if "lexicographic_bound" not in stored:
        return np.zeros(len(earlier)), [f"{where} are missing"]
    array, problems = _on_labels(stored["lexicographic_bound"], where, ("stage",), [list(earlier)], None, exact=True)
    if array is None:
        return np.zeros(len(earlier)), problems
    if not np.isfinite(array).all():
        problems = [*problems, f"{where}: not a finite number"]
    return np.nan_to_num(array[:, 0]), problems


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


def _misplaced(
    f: Frame, array: np.ndarray, exists: Mask, name: str, dims: Sequence[str], years: range | None
) -> list[str]:
    """Say where a number is missing or stands where there should be none."""
    out = []
    missing, extra = exists & ~np.isfinite(array), ~exists & (np.isinf(array) | (np.nan_to_num(array) != 0.0))
    for wrong, words in ((missing, "not a finite number"), (extra, "a number where the plan has none")):
        if wrong.any():
            first = np.argwhere(wrong)[0]
            label, year = place(f, dims, years, tuple(int(k) for k in first))
            at = ", ".join([*([label] if label else []), *([str(year)] if year is not None else [])])
            out.append(f"{name}: {words} at {at or 'its only place'} ({int(wrong.sum())} in all)")
    return out


def place(f: Frame, dims: Sequence[str], years: range | None, at: tuple[int, ...]) -> tuple[str, int | None]:
    """Return label and calendar year of a position (labels, year)."""
    label = " / ".join(f.labels(dim)[k] for dim, k in zip(dims, at[:-1], strict=True))
    return label, None if years is None else f.calendar.year(years[at[-1]])
