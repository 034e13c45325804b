"""One compact NetCDF file an economy: what a plan keeps beside itself so that it can be verified alone."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

FORMAT = "lustrum-economy-nc/1"


def write_netcdf(economy: Economy, path: str | Path) -> None:
    """Write an economy to one file, aside first and then renamed."""
    variables: dict[str, xr.DataArray] = {}
    for name, array in economy.data.items():
        # each field keeps a year axis of its own: fields may cover different years
        fitted = array.rename({"year": f"year_of_{name}"}) if "year" in array.dims else array
        variables[name] = fitted.astype(np.float64)
    labels = {
        d: {"codes": s.codes, "names": s.names, "units": s.units, "regions": s.regions} for d, s in economy.sets.items()
    }
    dataset = xr.Dataset(variables, attrs={"format": FORMAT, "source": json.dumps(asdict(economy.source)),
                                           "labels": json.dumps(labels), "digest": economy.digest,
                                           "provenance": json.dumps([*map(asdict, economy.provenance)])})  # fmt: skip
    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    encoding = {n: {"zlib": True, "complevel": 4} for n in variables if variables[n].ndim}
    dataset.to_netcdf(aside, engine="h5netcdf", encoding=encoding)
    os.replace(aside, target)


def read_netcdf(path: str | Path) -> Economy:
    """Read an economy written by `write_netcdf`, every figure and label exact.

    Raises
    ------
    TableError
        If the file is missing, damaged, of another format, or its figures do not match its seal.
    """
    target = Path(path)
    try:
        with xr.open_dataset(target, engine="h5netcdf") as file:
            dataset = file.load()
        if dataset.attrs.get("format") != FORMAT:
            raise TableError("not an economy file", where=str(target), found=str(dataset.attrs.get("format")),
                             expected=FORMAT)  # fmt: skip
        meta = json.loads(dataset.attrs["source"])
        labels = json.loads(dataset.attrs["labels"])
        source = Source(**{**meta, "notes": tuple(meta["notes"])})
        sets = {d: Labels(*(tuple(s[k]) for k in ("codes", "names", "units", "regions"))) for d, s in labels.items()}
        provenance = tuple(Change(**c) for c in json.loads(dataset.attrs.get("provenance", "[]")))
        data: dict[str, xr.DataArray] = {}
        for name in dataset.data_vars:
            array = dataset[name]
            key = str(name)
            if f"year_of_{key}" in array.dims:
                array = array.rename({f"year_of_{key}": "year"})
            if BY_NAME[key].sign == "bool":
                array = array.astype(bool)
            data[key] = array
    except TableError:
        raise
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError) as e:
        raise TableError("file cannot be read as an economy", where=str(target), found=str(e).split("\n")[0],
                         mend="it may be cut short: copy it again, or import the tables again") from None  # fmt: skip
    economy = Economy(source, sets, data, provenance)
    if economy.digest != dataset.attrs.get("digest"):
        raise TableError("figures do not match the file's own seal", where=str(target), found=economy.digest[:16],
                         expected=str(dataset.attrs.get("digest"))[:16],
                         mend="the file was changed after it was written: use the original")  # fmt: skip
    return economy
