"""Reader of world tables through pymrio: EXIOBASE 3, OECD ICIO, WIOD 2013 (xlsx), Eora26, GLORIA, saved systems.

pymrio's parsers know the layouts. What they do silently is looked for here and stated or refused: empty cells read
as zero (OECD), totals dropped without being compared (OECD), missing jobs and hours read as zero (WIOD), a
region dropped (Eora), flows derived from coefficients (GLORIA). Extra `mrio`.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.extras import require
from lustrum.accounts.national.extract_region import extract_region
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.pymrio_system import from_pymrio
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.errors import BadInput, TableError

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
PUBLISHER = {
    "exiobase": "EXIOBASE consortium",
    "oecd": "OECD Inter-Country Input-Output Tables",
    "wiod": "World Input-Output Database, release 2013",
    "eora": "Eora global supply chain database",
    "gloria": "GLORIA, Global Resource Input-Output Assessment",
    "pymrio": "",
}
TITLE = {
    "exiobase": "EXIOBASE 3",
    "oecd": "OECD ICIO",
    "wiod": "WIOD 2013",
    "eora": "Eora26",
    "gloria": "GLORIA",
    "pymrio": "a system saved by pymrio",
}


def kind_of_files(path: Path) -> str | None:
    """Tell the database from names of files alone; None if it is none of those that pymrio reads."""
    name = path.name
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir())
        if any(n.startswith("GLORIA_MRIOs_") for n in inside):
            return "gloria"
        if any(re.fullmatch(r"Eora26_\d{4}_(bp|pp)_T\.txt|Eora26_\d{4}_(bp|pp)\.zip", n) for n in inside):
            return "eora"
        if "file_parameters.json" in inside:
            return "exiobase" if re.search(r"IOT_\d{4}_(ixi|pxp)", name) else "pymrio"
        if any(_OECD.fullmatch(n) for n in inside):
            return "oecd"
        return "wiod" if any(_WIOD.fullmatch(n) for n in inside) else None
    if re.fullmatch(r"IOT_\d{4}_(ixi|pxp)\.zip", name):
        return "exiobase"
    if re.fullmatch(r"Eora26_\d{4}_(bp|pp)\.zip", name):
        return "eora"
    if _OECD.fullmatch(name):
        return "oecd"
    if _WIOD.fullmatch(name):
        return "wiod"
    return "pymrio" if path.suffix == ".zip" and _saved(path) else None


_OECD = re.compile(r"(ICIO20\d\d_(19|20)\d\d|(19|20)\d\d_SML)\.(csv|CSV|zip)")
_WIOD = re.compile(r"wiot\d\d_.*\.xlsx")


def _saved(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(Path(n).name == "file_parameters.json" for n in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def guess(path: Path) -> str | None:
    """Names of files as the databases give them."""
    kind = kind_of_files(path) if path.exists() else None
    return f"{TITLE[kind]}, by the names of its files" if kind else None


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read a world table through pymrio, or the country asked for."""
    kind = kind_of_files(path) if path.exists() else None
    if kind is None:
        raise TableError(
            "this is none of the tables that pymrio reads",
            where=str(path),
            expected=", ".join(TITLE.values()),
            mend="keep the files' own names",
        )
    year = _year(path, kind, wanted.year)
    pymrio = require("pymrio", "mrio", "world tables in files of their databases need")
    if kind == "gloria":
        from lustrum.accounts.readers.pymrio_layouts import read_gloria

        table = guarded(lambda: read_gloria(path, year), path, kind)
    else:
        notes: list[Change] = []
        system = guarded(lambda: _parse(pymrio, kind, path, year, notes), path, kind)
        title = f"{TITLE[kind]} {year}" if kind != "pymrio" else f"{path.stem} {year}"
        if kind != "eora":  # pymrio counts one column of what it drops there; `check_eora` counts all
            notes.extend(_history(system))
        table = from_pymrio(
            system,
            year=year,
            name=f"{kind if kind != 'pymrio' else path.stem.lower()}-{year}",
            title=title,
            publisher=PUBLISHER[kind],
            notes=tuple(notes),
        )
    return table if wanted.region is None else extract_region(table, wanted.region)


def guarded(work: Callable[[], Any], path: Path, kind: str) -> Any:
    """Run a parser of pymrio: its warnings are kept from the screen, its tracebacks become one error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return work()
        except BadInput:
            raise
        except Exception as error:
            raise TableError(
                f"pymrio cannot read this as {TITLE[kind]}",
                where=str(path),
                found=f"{type(error).__name__}: {error}".splitlines()[0][:300],
                mend="fetch the files again, under their own names, all of one release",
            ) from error


def _year(path: Path, kind: str, wanted: int | None) -> int:
    """The year asked for, or that of the file; never a guess from content."""
    short = re.fullmatch(r"wiot(\d\d)_.*", path.stem) if kind == "wiod" else None
    found = [int(y) for y in _YEAR.findall(path.stem if path.is_file() else path.name)]
    if kind == "oecd" and len(found) == 2:
        found = found[1:]  # ICIO2021_2018: release, year
    if short:
        found = [int(short[1]) + (1900 if int(short[1]) > 50 else 2000)]
    if wanted is None and len(found) != 1:
        inside = sorted({int(y) for p in path.iterdir() for y in _YEAR.findall(p.stem)}) if path.is_dir() else []
        if kind in ("eora", "gloria") and len(inside) == 1:
            return inside[0]
        raise TableError(
            "the year is not known",
            where=str(path),
            found=", ".join(map(str, inside or found)) or "no year",
            mend="name it with --year",
        )
    if wanted is not None and path.is_file() and found and wanted not in found:
        raise TableError(
            "the file is of another year",
            where=str(path),
            found=str(found[-1]),
            expected=str(wanted),
            mend="leave --year out, or take the other file",
        )
    return int(wanted if wanted is not None else found[0])


def _parse(pymrio: Any, kind: str, path: Path, year: int, notes: list[Change]) -> Any:
    if kind == "exiobase":
        return pymrio.parse_exiobase3(path)
    if kind == "oecd":
        from lustrum.accounts.readers.pymrio_layouts import check_oecd

        system = pymrio.parse_oecd(path, year=year)
        check_oecd(path, year, system, notes)
        return system
    if kind == "wiod":
        system = pymrio.parse_wiod(path, year=year, names=("c_codes", "c_codes"))
        _check_wiod(path, year, system, notes)
        return system
    if kind == "eora":
        from lustrum.accounts.readers.pymrio_layouts import check_eora

        system = pymrio.parse_eora26(path, year=year)
        check_eora(path, year, system, notes)
        return system
    return pymrio.load_all(path)


def _check_wiod(path: Path, year: int, system: Any, notes: list[Change]) -> None:
    """pymrio reads missing jobs and hours as zero, and gives the rest of the world none: leave those out."""
    sea = next((e for e in system.get_extensions(data=True) if str(e.name) == "SEA"), None)
    if sea is None:
        return
    empty = [r for r in dict.fromkeys(sea.F.columns.get_level_values(0)) if not np.any(sea.F[r].to_numpy())]
    if empty:
        notes.append(
            Change(
                "missing figures",
                f"SEA {year}: {', '.join(map(str, empty))}",
                "jobs and hours of these regions are zero in the table, since the source has none",
                why="pymrio fills them with zeros",
            )
        )


def _history(system: Any) -> list[Change]:
    """What pymrio itself says it changed."""
    history = getattr(getattr(system, "meta", None), "modification_history", None) or []
    return [
        Change("changed by pymrio", "", re.sub(r"^\d{8} [\d:]+ - MODIFICATION -\s*", "", str(line)))
        for line in history
        if "Calculat" not in str(line)
    ]


READER = Reader(
    "mrio", "World tables through pymrio: EXIOBASE 3, OECD ICIO, WIOD xlsx, Eora26, GLORIA", guess, read, regions=True
)
