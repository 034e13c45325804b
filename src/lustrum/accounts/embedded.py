"""The embedded economies: small derived tables shipped with the package, in our own folder format."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.accounts.readers.folder import read_folder
from lustrum.accounts.readers.netcdf import read_netcdf
from lustrum.errors import TableError
from lustrum.labels import unknown_label


def embedded_folder(name: str) -> Path:
    """Return the folder of an embedded economy: `economy/`, `lustrum.yaml`, perhaps `actuals/`."""
    root = Path(str(files("lustrum") / "economies"))
    if name not in embedded_names():
        expected, mend = unknown_label(name, embedded_names(), "embedded economy")
        raise TableError(f"no embedded economy {name!r}", expected=expected, mend=mend)
    return root / name


def embedded_names() -> list[str]:
    """Return the names of the embedded economies."""
    root = Path(str(files("lustrum") / "economies"))
    return sorted(p.name for p in root.iterdir() if (p / "economy" / "economy.yaml").exists())


@cache
def _embedded(name: str) -> Economy:
    return read_folder(embedded_folder(name) / "economy")


def load_economy(source: str | Path) -> Economy:
    """Load an economy: the name of an embedded one, a folder of tables, or a NetCDF file.

    Examples
    --------
    >>> load_economy("island").size("product")
    5
    """
    path = Path(source)
    if str(source) in embedded_names():
        return _embedded(str(source))
    if path.is_dir():
        return read_folder(path)
    if path.is_file():
        return read_netcdf(path)
    expected, mend = unknown_label(str(source), embedded_names(), "embedded economy")
    raise TableError(f"no economy {str(source)!r}", expected=f"a folder, a file, or {expected}", mend=mend)
