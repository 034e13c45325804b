"""Reader of long tables: one parquet file of `year, table, row, col, value`, zeros left out.

`table` is Z_dom, Z_imp, F_dom, F_imp, VA or x, as in the wide folders (`wide`), or EXT: jobs, hours and
emissions by sector. So stand the derived tables of the BEA and the tables of Statistics Sweden. Names of sectors come
from `sectors.csv` or `industries.csv` beside the file where they fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from tools.derived_tables.long_parquet import Codes, chosen, chosen_year, columns, grid, read, tables_in
from tools.derived_tables.wide_parts import Block, Parts, flow_table, source_name

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError
from lustrum.labels import unknown_label

COLUMNS = ("year", "table", "row", "col", "value")
TABLES = ("Z_dom", "Z_imp", "F_dom", "F_imp", "VA", "x", "EXT")

#: Rows of EXT: what they are for, name, unit. Jobs and hours would count labour twice: hours stay beside.
BESIDE: dict[str, tuple[Literal["labour", "resource", "other"], str, str]] = {
    "employed_persons": ("labour", "Employed persons", "persons"),
    "hours_10k": ("other", "Hours worked", "10,000 hours"),
    "co2_kt": ("resource", "Carbon dioxide", "kt"),
}


def guess(path: Path) -> str | None:
    """A parquet file with the five columns and a table of flows, or a folder with one such file."""
    file = _file(path)
    if file is None:
        return None
    if "Z_dom" not in tables_in(file):
        return None
    return f"a long table: {file.name} has the columns {', '.join(COLUMNS)} and a table Z_dom"


def _file(path: Path) -> Path | None:
    if path.is_dir():
        files = sorted(path.glob("*.parquet"))
        if next(path.glob("*/Z_dom.csv"), None):  # wide folders stand beside it: which is meant is not known
            return None
        return files[0] if len(files) == 1 and columns(files[0]) == COLUMNS else None
    return path if set(COLUMNS) <= set(columns(path)) else None


def read_long(path: Path, wanted: Wanted) -> FlowTable:
    """Read one year of a long table."""
    file = _file(path)
    if file is None:
        raise TableError(
            "not a long table",
            where=str(path),
            expected=f"a parquet file with {', '.join(COLUMNS)}",
            mend="name the file itself, or another --format",
        )
    year, years = chosen_year(file, wanted.year)
    codes, figures = read(file, ("table", "row", "col"), ("value",), year)
    table, rows, cols, values = codes["table"], codes["row"], codes["col"], figures["value"]
    where = f"{file}: {year}"
    for name in table.labels:
        if name not in TABLES:
            expected, mend = unknown_label(name, TABLES, "part")
            raise TableError(f"unknown part {name!r}", where=where, expected=expected, mend=mend)
    _require_parts(table.labels, where)
    found = _sector_labels(file, _in(rows, table.where("x")), where)

    def block(name: str, row_labels: Sequence[str] | None, col_labels: Sequence[str] | None) -> Block | None:
        keep = table.where(name)
        if not keep.any():
            return None
        r = tuple(row_labels if row_labels is not None else _in(rows, keep))
        c = tuple(col_labels if col_labels is not None else _in(cols, keep))
        return Block(r, c, grid(f"{where}: {name}", rows, cols, values, keep, r, c))

    s = found.codes
    z_dom, f_dom, va = block("Z_dom", s, s), block("F_dom", s, None), block("VA", None, s)
    output = block("x", s, None)
    assert z_dom and f_dom and va and output  # _require_parts has seen them
    notes = [chosen(file, year, years, wanted)]
    if "v2022" in file.name:
        notes.append(
            Change(
                "import split",
                "Z_imp, F_imp",
                "the imported part is an estimate: ratios of cells of "
                "import matrices of other vintages, scaled to this vintage's imports",
                why="no import matrix of the 2022 vintage is in the source",
            )
        )
    return flow_table(
        Parts(
            name=source_name(file.resolve().parent.name, file.stem, year),
            year=year,
            where=where,
            sectors=found,
            z_dom=z_dom,
            f_dom=f_dom,
            va=va,
            output=output.figures.sum(axis=1),
            z_imp=block("Z_imp", s, s),
            f_imp=block("F_imp", s, None),
            satellites=_satellites(block("EXT", None, s)),
            notes=tuple(notes),
        )
    )


def _require_parts(there: Sequence[str], where: str) -> None:
    words = {"F_dom": "final use", "VA": "value added", "Z_dom": "intermediate use", "x": "output"}
    if missing := [name for name in words if name not in there]:
        have = ", ".join(words.get(name, name) for name in there)
        raise TableError(
            f"not an economy: the table has no {', no '.join(words[m] for m in missing)}",
            where=where,
            found=f"only {have}",
            expected="intermediate and final use, value added and output",
            mend="take a table with its final use and value added, such as the industry by industry "
            "or the supply-use table of the same publisher",
        )


def _in(codes: Codes, keep: np.ndarray) -> tuple[str, ...]:
    """Labels of the kept rows, in order of appearance."""
    positions, first = np.unique(codes.at[keep], return_index=True)
    return tuple(codes.labels[int(p)] for p in positions[np.argsort(first)])


def _sector_labels(file: Path, with_output: tuple[str, ...], where: str) -> Labels:
    """Sectors of a label file beside the table if it lists every sector with output, else those with output."""
    for path in (file.parent / "sectors.csv", file.parent / "industries.csv", *file.parent.glob("ixi_*/sectors.csv")):
        if not path.is_file() or path.stat().st_size > 2**20:
            continue
        listed = read_rows(path)
        if listed[0][0] == "code" and set(with_output) <= {r[0] for r in listed[1:]}:
            return Labels(tuple(r[0] for r in listed[1:]), tuple(r[1] if len(r) > 1 else "" for r in listed[1:]))
    if not with_output:
        raise TableError("no sector has output", where=where, mend="look at the year")
    return Labels(with_output)


def _satellites(block: Block | None) -> dict[str, Satellite]:
    if block is None:
        return {}
    out = {}
    for k, row in enumerate(block.rows):
        kind, name, unit = BESIDE.get(row, ("other", row, ""))
        figures: Figures = block.figures[[k]]
        out[row] = Satellite(Labels((row,), (name,), (unit,)), figures, kind)
    return out


READER = Reader(
    "long", "Long table: parquet of year, table, row, col, value (BEA derived, Statistics Sweden)", guess, read_long
)
