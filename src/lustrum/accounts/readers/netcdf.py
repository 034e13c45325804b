"""One compact NetCDF file an economy: what a plan keeps beside itself so that it can be verified alone."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.provenance import Change
from lustrum.errors import BadInput, TableError

FORMAT = "lustrum-economy-nc/1"
#: Cells of a file that can be accounts.
MAX_CELLS = 100_000_000


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
    dataset = xr.Dataset(
        variables,
        attrs={
            "format": FORMAT,
            "source": json.dumps(asdict(economy.source)),
            "labels": json.dumps(labels),
            "digest": economy.digest,
            "provenance": json.dumps([*map(asdict, economy.provenance)]),
        },
    )
    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    encoding = {n: {"zlib": True, "complevel": 4} for n in variables if variables[n].ndim}
    try:
        dataset.to_netcdf(aside, engine="h5netcdf", encoding=encoding)
        os.replace(aside, target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()


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
            _require_bounded(target, sum(v.size for v in file.variables.values()))
            dataset = file.load()
        if dataset.attrs.get("format") != FORMAT:
            raise TableError(
                "not an economy file",
                where=str(target),
                found=str(dataset.attrs.get("format")),
                expected=FORMAT,
                mend="give a file that lustrum wrote",
            )
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
        economy = Economy(source, sets, data, provenance)
    except BadInput as e:
        if isinstance(e, TableError) and str(target) in e.where:
            raise
        raise TableError(
            e.what,
            where=f"{target}: {e.where}".rstrip(": "),
            found=e.found,
            expected=e.expected,
            mend=e.mend or "use the original file",
        ) from None
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError) as e:
        raise TableError(
            "file cannot be read as an economy",
            where=str(target),
            found=str(e).split("\n")[0],
            mend="it may be cut short: copy it again, or import the tables again",
        ) from None
    if economy.digest != dataset.attrs.get("digest"):
        raise TableError(
            "figures do not match the file's own seal",
            where=str(target),
            found=economy.digest[:16],
            expected=str(dataset.attrs.get("digest"))[:16],
            mend="the file was changed after it was written: use the original",
        )
    return economy


def _require_bounded(target: Path, cells: int) -> None:
    """A file of a few bytes can claim any number of cells; deflate packs no more than a thousandfold."""
    if cells > MAX_CELLS or 8 * cells > 1_100 * target.stat().st_size:
        raise TableError(
            "file would grow beyond measure",
            where=str(target),
            found=f"{cells:,} cells",
            expected=f"at most {MAX_CELLS:,}",
            mend="use the original; ask where this comes from",
        )
