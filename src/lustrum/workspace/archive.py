"""plan.nc: values and marginal values of every stage, exact to the last bit, readable by any NetCDF tool.

Groups: `values`, then `stage_0`, `stage_1` … Arrays of one group may cover different years, so a dimension
is called `year`, `year_2` … after its labels; the attribute `dims` of an array holds the plain names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.errors import WorkspaceError

FORMAT = "lustrum-plan-nc/1"


def write_arrays(path: Path, groups: Mapping[str, Mapping[str, xr.DataArray]]) -> None:
    """Write groups of labelled arrays into one file."""
    xr.Dataset(attrs={"format": FORMAT, "groups": json.dumps(list(groups))}).to_netcdf(path, engine="h5netcdf")
    for group, arrays in groups.items():
        dataset = _dataset(arrays)
        encoding = {
            str(n): {"zlib": True, "complevel": 1, "_FillValue": None} for n, v in dataset.data_vars.items() if v.ndim
        }
        dataset.to_netcdf(path, engine="h5netcdf", mode="a", group=group, encoding=encoding)


def _dataset(arrays: Mapping[str, xr.DataArray]) -> xr.Dataset:
    names: dict[tuple[str, tuple[object, ...]], str] = {}
    variables: dict[str, xr.Variable] = {}
    coordinates: dict[str, list[object]] = {}
    for name, array in arrays.items():
        dims = []
        for dim in map(str, array.dims):
            labels = tuple(array[dim].values.tolist())
            if (dim, labels) not in names:
                others = sum(d == dim for d, _ in names)
                names[dim, labels] = f"{dim}_{others + 1}" if others else dim
                coordinates[names[dim, labels]] = list(labels)
            dims.append(names[dim, labels])
        attrs = {"dims": json.dumps([str(d) for d in array.dims])}
        # a variable may be called as a dimension is; a prefix keeps them apart
        variables[f"v_{name}"] = xr.Variable(dims, np.asarray(array.values, dtype=np.float64), attrs)
    return xr.Dataset(variables, coords=coordinates)


def read_arrays(path: Path) -> dict[str, dict[str, xr.DataArray]]:
    """Read what `write_arrays` wrote.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged or not of this format.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as head:
            if head.attrs.get("format") != FORMAT:
                raise WorkspaceError(
                    "not the arrays of a plan", where=str(path), expected=FORMAT, found=str(head.attrs.get("format"))
                )
            groups = json.loads(head.attrs["groups"])
        return {group: _read_group(path, group) for group in groups}
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as e:
        raise WorkspaceError(
            "the arrays of a plan cannot be read",
            where=str(path),
            found=str(e).split("\n")[0],
            mend="the file was cut short or changed: restore it, or plan again",
        ) from None


def _read_group(path: Path, group: str) -> dict[str, xr.DataArray]:
    with xr.open_dataset(path, engine="h5netcdf", group=group, mask_and_scale=False) as file:
        dataset = file.load()
    out = {}
    for key, array in dataset.data_vars.items():
        name = str(key).removeprefix("v_")
        plain = json.loads(array.attrs["dims"])
        labels = {p: dataset[d].values.tolist() for p, d in zip(plain, array.dims, strict=True)}
        out[name] = xr.DataArray(np.asarray(array.values), dims=plain, coords=labels, name=name)
    return out
