"""The embedded economies: small derived tables shipped with the package, in our own folder format."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.accounts.readers.folder import read_folder
from lustrum.accounts.readers.netcdf import read_netcdf
from lustrum.accounts.readers.parquet import read_parquet
from lustrum.accounts.readers.workbook import read_workbook
from lustrum.errors import TableError
from lustrum.labels import unknown, unknown_label


def embedded_folder(name: str) -> Path:
    """Return the folder of an embedded economy: `economy/`, `lustrum.yaml`, perhaps `actuals/`."""
    root = Path(str(files("lustrum") / "economies"))
    if name not in embedded_names():
        raise unknown(TableError, f"no embedded economy {name!r}", name, embedded_names(), "embedded economy")
    return root / name


def embedded_names() -> list[str]:
    """Return the names of the embedded economies."""
    root = Path(str(files("lustrum") / "economies"))
    return sorted(p.name for p in root.iterdir() if (p / "economy" / "economy.yaml").exists())


@cache
def _embedded(name: str) -> Economy:
    return read_folder(embedded_folder(name) / "economy")


def load_economy(source: str | Path) -> Economy:
    """Load an economy: the name of an embedded one, a folder of tables, a workbook, a NetCDF or Parquet file.

    What a file is is told by its first bytes, not by its name.

    Raises
    ------
    TableError
        If there is none, or it cannot be read.

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
        return _load_file(path)
    expected, mend = unknown_label(str(source), embedded_names(), "embedded economy")
    raise TableError(
        f"no economy {str(source)!r}", where=str(source), expected=f"a folder, a file, or {expected}", mend=mend
    )


def _load_file(path: Path) -> Economy:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as e:
        raise TableError(
            "file cannot be read", where=str(path), found=e.strerror, mend="check path and rights"
        ) from None
    suffix = path.suffix.lower()
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return read_workbook(path)
    if head.startswith(b"PAR1"):
        return read_parquet(path)
    if head.startswith((b"\x89HDF", b"CDF")):
        return read_netcdf(path)
    by_name = {".xlsx": read_workbook, ".xlsm": read_workbook, ".parquet": read_parquet, ".nc": read_netcdf}
    if suffix in by_name:
        return by_name[suffix](path)  # which says what is wrong with it
    mend = (
        "give the folder that holds the tables"
        if suffix in (".csv", ".yaml", ".yml")
        else ("`lustrum economy template FILE.xlsx` writes a workbook to fill in")
    )
    raise TableError(
        "not an economy",
        where=str(path),
        found=f"a file of another kind: {head!r}"[:80],
        expected="a folder of tables, .xlsx, .nc or .parquet",
        mend=mend,
    )
