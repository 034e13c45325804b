"""Reader of world input-output tables kept as parquet, one file a year: the WIOD, release 2013.

    wiot_YYYY.parquet   rows REGION.SECTOR; columns REGION.SECTOR, REGION.FINALUSE, GO (output), row (row labels)
    sectors.csv         code,name (may be left out)

World Input-Output Database (Timmer, Dietzenbacher, Los, Stehrer, de Vries 2015): 40 countries and the rest of the
world, 35 sectors, million current USD, basic prices. Value added is not in the files: it is what is left of
output. Figures are whole numbers, rounded down, so that rows fall short of output by a little; what becomes of that
is `residual`. With `Wanted.region` one country is carved out (`lustrum.accounts.national.carve`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.extras import arrow
from lustrum.accounts.national.carve import carve
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.world_closure import Residual, close_rows
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

OUTPUT, ROWS = "GO", "row"
KINDS: dict[str, Kind] = {
    "CONS_h": "household",
    "CONS_np": "nonprofit",
    "CONS_g": "government",
    "GFCF": "investment",
    "INVEN": "inventories",
}
NAMES = {
    "CONS_h": "Households",
    "CONS_np": "Non-profit institutions",
    "CONS_g": "Government",
    "GFCF": "Fixed capital formation",
    "INVEN": "Changes in inventories",
}
ROUNDING = "the source rounds every cell down to whole millions; who used the rest is not known"
MOST_COLUMNS = 20_000
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")


def guess(path: Path) -> str | None:
    """A parquet file whose columns are regions' sectors and GO, or a folder of wiot_YYYY.parquet."""
    if path.is_dir():
        found = _years(path)
        return f"world tables of {', '.join(map(str, found))}: wiot_YYYY.parquet" if found else None
    if path.suffix != ".parquet" or not path.is_file():
        return None
    try:
        names = _open(path).schema_arrow.names
    except TableError:
        return None
    if OUTPUT in names and ROWS in names and sum("." in n for n in names) > len(names) // 2:
        return f"a world table: {len(names) - 2:,} columns of regions' sectors and final uses, and {OUTPUT}"
    return None


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read the world, or the country asked for with its partners."""
    world = read_world(path, wanted.year)
    return world if wanted.region is None else carve(world, wanted.region)


def read_world(path: Path, year: int | None = None, residual: Residual = "adjustment") -> FlowTable:
    """Read a world table as one table of (region, sector) labels.

    Parameters
    ----------
    path
        A parquet file, or a folder with a file a year.
    year
        Year, where a folder holds several; the latest if none is named.
    residual
        Where the part of output goes that the rows do not account for. `adjustment`: a column of final use of
        the producing region, so that nobody consumes it. `inventories`: its changes in inventories.
        `none`: nowhere; rows stay open.

    Raises
    ------
    TableError
        With the file, and the row or column, if the layout is another one or figures are missing.
    """
    path, note = _choose(path, year)
    file = _open(path)
    rows, sectors, uses = _labels(file, path)
    figures = _figures(file, path, (*sectors, *uses, OUTPUT))
    n = len(rows)
    use, final, output = figures[:, :n], figures[:, n:-1], figures[:, -1].copy()
    regions = tuple(code.split(".", 1)[0] for code in rows)
    names = _sector_names(path.parent / "sectors.csv")
    labels = Labels(rows, tuple(_name(code, names) for code in rows), (), regions)
    columns = tuple(_final_use(code, path) for code in uses)
    if missing := {c.region for c in columns} ^ set(regions):
        raise TableError(
            "regions of rows and of final use differ",
            where=str(path),
            found=", ".join(sorted(missing)),
            mend="the file is cut, or of two tables",
        )
    added = output - use.sum(axis=0)
    table = FlowTable(
        Source(
            f"world-{_of(path)}",
            f"World, {_of(path)}, {len(set(regions))} regions, {n // len(set(regions))} sectors",
            _of(path),
            "million USD",
            "World Input-Output Database, release 2013",
            notes=("Basic prices, current exchange rates.",),
        ),
        labels,
        labels,
        np.diag(output),
        np.ascontiguousarray(use),
        columns,
        np.ascontiguousarray(final),
        Labels(("VA",), ("Value added, and all else that no product row holds",)),
        added[None, :],
        provenance=(*note, _value_added(added, output), *_idle(labels, output)),
    )
    return close_rows(table, residual, str(path), ROUNDING)


def bilateral_imports(path: Path, year: int) -> dict[str, dict[tuple[str, str], float]]:
    """Return published imports of a year by importer, then by (sector, partner), all uses together.

    Parameters
    ----------
    path
        Parquet file with columns year, importer, partner, sector, intermediate, final_consumption, gfcf,
        inventories (million USD).
    """
    pc = arrow("compute")
    pq = arrow("parquet")

    table = pq.read_table(path, filters=[("year", "=", year)])
    total = np.zeros(table.num_rows)
    for name in ("intermediate", "final_consumption", "gfcf", "inventories"):
        total += pc.cast(table[name], "float64").to_numpy()
    found: dict[str, dict[tuple[str, str], float]] = {}
    keys = (table[name].to_pylist() for name in ("importer", "sector", "partner"))
    for importer, sector, partner, value in zip(*keys, total.tolist(), strict=True):
        found.setdefault(importer, {})[sector, partner] = value
    return found


# --- files and labels ----------------------------------------------------------------------------


def _open(path: Path) -> ParquetFile:
    pq = arrow("parquet")

    try:
        return pq.ParquetFile(path)
    except (arrow().ArrowException, OSError) as error:
        raise TableError(
            "the file is no readable parquet file",
            where=str(path),
            found=str(error).splitlines()[0],
            mend="fetch the file again",
        ) from error


def _years(folder: Path) -> list[int]:
    return sorted(int(m[1]) for p in folder.glob("wiot_*.parquet") if (m := re.fullmatch(r"wiot_(\d{4})", p.stem)))


def _of(path: Path) -> int:
    found = _YEAR.search(path.stem)
    return int(found[0]) if found else 0


def _choose(path: Path, year: int | None) -> tuple[Path, tuple[Change, ...]]:
    if not path.is_dir():
        if not path.is_file():
            raise TableError("there is no such file", where=str(path), mend="look at the path")
        if not _of(path) or year not in (None, _of(path)):
            raise TableError(
                "the file is of another year" if _of(path) else "the file does not say its year",
                where=str(path),
                found=path.name,
                expected=f"wiot_{year or 'YYYY'}.parquet",
                mend="take the file of the year asked for, under its own name",
            )
        return path, ()
    years = _years(path)
    if not years or (year is not None and year not in years):
        raise TableError(
            "the folder has no world table" + (f" of {year}" if year else ""),
            where=str(path),
            found=", ".join(map(str, years)) or "no wiot_YYYY.parquet",
            mend="name another year",
        )
    chosen = year or years[-1]
    note = (
        ()
        if year or len(years) == 1
        else (
            Change(
                "choice of year",
                path.name,
                f"the latest of {', '.join(map(str, years))} was read",
                why="no year was named",
            ),
        )
    )
    return path / f"wiot_{chosen}.parquet", note


def _labels(file: ParquetFile, path: Path) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    names = file.schema_arrow.names
    if OUTPUT not in names or ROWS not in names or len(names) > MOST_COLUMNS:
        raise TableError(
            "the columns are not those of a world table",
            where=str(path),
            found=f"{len(names):,} columns, {', '.join(names[-3:])} last",
            expected=f"REGION.SECTOR, REGION.FINALUSE, {OUTPUT}, {ROWS}",
            mend="read it with the reader of its format",
        )
    if len(set(names)) < len(names):
        twice = next(n for k, n in enumerate(names) if n in names[:k])
        raise TableError(f"column {twice!r} stands twice", where=str(path), mend="keep one of the two")
    rows = tuple(str(r) for r in file.read([ROWS])[ROWS].to_pylist())
    if bad := [r for r in rows if "." not in r]:
        raise TableError(
            f"row {bad[0]!r} has no region",
            where=f"{path}: column {ROWS}",
            expected="REGION.SECTOR",
            mend="write region and sector with a point between them",
        )
    known = set(rows)
    if len(known) < len(rows):
        raise TableError(
            "a row stands twice",
            where=f"{path}: column {ROWS}",
            found=next(r for k, r in enumerate(rows) if r in rows[:k]),
            mend="keep one of the two",
        )
    sectors = tuple(n for n in names if n in known)
    if sectors != rows:
        at = next((k for k, (a, b) in enumerate(zip(sectors, rows, strict=False)) if a != b), len(sectors))
        raise TableError(
            "rows and columns differ",
            where=str(path),
            found=f"row {at + 1} is {rows[at]!r}",
            expected=sectors[at] if at < len(sectors) else "a column of this name",
            mend="put rows and columns in the same order",
        )
    return rows, sectors, tuple(n for n in names if n not in known and n not in (OUTPUT, ROWS))


def _figures(file: ParquetFile, path: Path, names: tuple[str, ...]) -> Figures:
    """Columns as one float64 array, without a table of objects in between."""
    table = file.read(list(names))
    out = np.empty((table.num_rows, len(names)), order="F")
    for k, name in enumerate(names):
        column = table[name]
        if column.null_count:
            raise TableError(
                f"column {name!r} has empty cells",
                where=str(path),
                found=f"{column.null_count}",
                expected="a figure in every cell",
                mend="write 0 where there is no flow",
            )
        try:
            out[:, k] = column.to_numpy()
        except (ValueError, TypeError) as error:
            raise TableError(
                f"column {name!r} does not hold figures",
                where=str(path),
                found=str(column.type),
                expected="numbers",
                mend="save the column as numbers",
            ) from error
    return out


def _sector_names(path: Path) -> dict[str, str]:
    return {r[0]: r[1] for r in read_rows(path)[1:] if len(r) > 1} if path.is_file() else {}


def _name(code: str, names: dict[str, str]) -> str:
    region, sector = code.split(".", 1)
    return f"{region}: {names[sector]}" if sector in names else ""


def _final_use(code: str, path: Path) -> FinalUse:
    region, _, kind = code.partition(".")
    if kind not in KINDS:
        raise TableError(
            f"column {code!r} is no sector and no known final use",
            where=str(path),
            expected="REGION." + ", REGION.".join(KINDS),
            mend="a sector needs a row of the same label",
        )
    return FinalUse(code, f"{region}: {NAMES[kind]}", KINDS[kind], region)


# --- what is said about the figures --------------------------------------------------------------


def _value_added(added: Figures, output: Figures) -> Change:
    below = f"; {int((added < 0).sum())} are negative" if (added < 0).any() else ""
    return Change(
        "value added",
        "VA: all columns",
        f"value added is output less intermediate use{below}",
        float(np.abs(added).sum()),
        float(np.abs(output).sum()),
        "the file has no value added; it so holds taxes on products, freight and purchases abroad",
    )


def _idle(labels: Labels, output: Figures) -> tuple[Change, ...]:
    idle = [c for c, x in zip(labels.codes, output, strict=True) if x == 0]
    shown = ", ".join(idle[:8]) + (", …" if len(idle) > 8 else "")
    return (Change("as published", f"{OUTPUT}: {shown}", f"{len(idle)} sectors have no output"),) if idle else ()


READER = Reader("world", "World table: wiot_YYYY.parquet of the WIOD, release 2013", guess, read, regions=True)
