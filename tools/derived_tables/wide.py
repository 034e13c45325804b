"""Reader of wide folders: one CSV file a part of a symmetric table, sectors by sectors.

    sectors.csv  code,name              Z_dom.csv, Z_imp.csv  intermediate use, domestic and imported
    x.csv        output                 F_dom.csv, F_imp.csv  final use, domestic and imported
    VA.csv       value added, taxes, and other inputs that no sector makes

A row of VA may have its part in final use in `F_imports_taxes.csv` (UK), `VA_on_final_demand.csv` (WIOD), or
`F_imp_noncomparable.csv` (US; its rows are those of VA without `IMP_`). The layout is that of the input-output
tables of the BEA (United States), the ONS (United Kingdom) and the WIOD after cleaning; `wide_codes` knows their codes.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from tools.derived_tables.wide_codes import FINAL
from tools.derived_tables.wide_parts import Block, Parts, flow_table, source_name

from lustrum.accounts.cells import number
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError

NEEDED = ("sectors.csv", "Z_dom.csv", "F_dom.csv", "VA.csv", "x.csv")
BESIDE = ("F_imports_taxes.csv", "VA_on_final_demand.csv", "F_imp_noncomparable.csv")
MOST_SECTORS = 20_000


def guess(path: Path) -> str | None:
    """A folder with at least three of the files."""
    there = [name for name in NEEDED if (path / name).is_file()] if path.is_dir() else []
    return f"a wide folder: it holds {', '.join(there)}" if len(there) >= 3 else None


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read a wide folder."""
    missing = [name for name in NEEDED if not (path / name).is_file()]
    if missing:
        raise TableError(
            f"{missing[0]} is missing", where=str(path), expected=", ".join(NEEDED), mend="copy the whole folder"
        )
    if (path / "Z_imp.csv").exists() != (path / "F_imp.csv").exists():
        lacks = "F_imp.csv" if (path / "Z_imp.csv").exists() else "Z_imp.csv"
        raise TableError(f"{lacks} is missing", where=str(path), mend="give both Z_imp.csv and F_imp.csv, or neither")
    sectors = _sectors(path / "sectors.csv")
    n = len(sectors.codes)
    notes: list[Change] = []
    blocks = {
        p.stem: _block(p, n, notes)
        for name in (*NEEDED[1:], "Z_imp.csv", "F_imp.csv", *BESIDE)
        if (p := path / name).is_file()
    }
    output = blocks["x"]
    if len(output.cols) != 1 or output.rows != sectors.codes:
        raise TableError(
            "x.csv does not fit the sectors",
            where=str(path / "x.csv"),
            found=f"{len(output.rows)} rows, {len(output.cols)} columns",
            expected=f"one figure for each of the {n} sectors, in the order of sectors.csv",
            mend="take both from one table",
        )
    folder = path.resolve()
    year = _year(folder, wanted)
    return flow_table(
        Parts(
            name=source_name(folder.parent.name, folder.name, year),
            year=year,
            where=str(path),
            sectors=sectors,
            z_dom=blocks["Z_dom"],
            f_dom=blocks["F_dom"],
            va=blocks["VA"],
            output=output.figures[:, 0],
            z_imp=blocks.get("Z_imp"),
            f_imp=blocks.get("F_imp"),
            beside=_beside(path, blocks),
            country=_country(folder.name),
            notes=tuple(notes),
        )
    )


def _country(folder: str) -> str:
    found = re.fullmatch(r"([A-Z]{3})_(?:19|20)\d\d", folder)
    return found[1] if found else ""


def _year(folder: Path, wanted: Wanted) -> int:
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", folder.name)
    if found is None and wanted.year is None:
        raise TableError("the folder does not say its year", where=str(folder), mend="name it with --year")
    if found and wanted.year is not None and int(found[0]) != wanted.year:
        raise TableError(
            "the folder is of another year",
            where=str(folder),
            found=found[0],
            expected=str(wanted.year),
            mend="leave --year out, or take the other folder",
        )
    return int(found[0]) if found else int(wanted.year or 0)


def _sectors(path: Path) -> Labels:
    _small(path, 64 * MOST_SECTORS)
    rows = read_rows(path)
    if rows[0][0] != "code" or rows[0][1:] not in ([], ["name"]):
        raise TableError(
            "header is not understood",
            where=f"{path}:1",
            found=",".join(rows[0]),
            expected="code,name",
            mend="name the columns as expected",
        )
    if len(rows) == 1:
        raise TableError("no sectors are listed", where=str(path), mend="copy the file again")
    return Labels(tuple(r[0] for r in rows[1:]), tuple(r[1] if len(r) > 1 else "" for r in rows[1:]))


def _small(path: Path, most: int) -> None:
    if (size := path.stat().st_size) > most:
        raise TableError(
            "file is too large for this table",
            where=str(path),
            found=f"{size:,} bytes",
            expected=f"at most {most:,}",
            mend="look whether the file belongs to this folder",
        )


def _block(path: Path, n: int, notes: list[Change]) -> Block:
    _small(path, 64 * (n + 60) ** 2)
    rows = read_rows(path)
    cols, labels = tuple(rows[0][1:]), tuple(r[0] for r in rows[1:])
    for kind, given in (("column", cols), ("row", labels)):
        if twice := next((c for k, c in enumerate(given) if c in given[:k]), None):
            raise TableError(f"{kind} {twice!r} stands twice", where=str(path), mend="keep one of the two")
    figures = np.zeros((len(labels), len(cols)))
    empty = []
    for line, row in enumerate(rows[1:]):
        for k, cell in enumerate(row[1:]):
            # an adjustment has no imported part: the US folders leave these cells empty
            if not cell and path.name == BESIDE[2] and FINAL.get(cols[k], ("",))[0] == "adjustment":
                empty.append(f"{row[0]}, {cols[k]}")
                continue
            figures[line, k] = number(cell, f"{path}:{line + 2}:{cols[k]}")
    if empty:
        notes.append(
            Change(
                "empty cells",
                f"{path.stem}: {'; '.join(empty)}",
                "empty cells were read as 0",
                why="an adjustment of duties and freight has no imported part",
            )
        )
    return Block(labels, cols, figures)


def _beside(path: Path, blocks: dict[str, Block]) -> Block | None:
    there = [name.removesuffix(".csv") for name in BESIDE if name.removesuffix(".csv") in blocks]
    if len(there) > 1:
        raise TableError(
            "two files speak of rows below final use",
            where=str(path),
            found=", ".join(there),
            mend="keep one of the two",
        )
    if not there:
        return None
    block = blocks[there[0]]
    prefix = "IMP_" if there[0] == "F_imp_noncomparable" else ""
    rows = tuple(prefix + r for r in block.rows)
    if unknown := [r for r in rows if r not in blocks["VA"].rows]:
        raise TableError(
            f"row {unknown[0]!r} is not a row of VA",
            where=str(path / f"{there[0]}.csv"),
            expected=", ".join(blocks["VA"].rows),
            mend="name the row as in VA.csv",
        )
    return Block(rows, block.cols, block.figures)


READER = Reader("wide", "Wide folder: Z_dom, Z_imp, F_dom, F_imp, VA and x as CSV (BEA, ONS, WIOD)", guess, read)
