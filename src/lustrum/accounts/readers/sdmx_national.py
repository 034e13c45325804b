"""A national symmetric table from the cells of an SDMX dataset: Eurostat's and the OECD's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.sdmx_codes import (
    ADDED,
    ADDED_SUMS,
    FINAL,
    FINAL_NAMES,
    IMPORT_COLUMNS,
    IMPORT_ROWS,
    OUTPUT_ROWS,
    PASSED_OVER,
    SUM_KINDS,
    SUMS,
)
from lustrum.accounts.readers.slips import close
from lustrum.errors import TableError

#: Domestic and imported flows are published rounded; together they may miss the total by this share of it.
APART = 1e-3


@dataclass(frozen=True, eq=False)
class Cells:
    """The observations of one table, as positions in the lists of its codes."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    figures: Mapping[str, Figures]  # flow -> (row, column), zero where nothing is listed
    listed: Mapping[str, np.ndarray]  # flow -> (row, column) the file holds the cell
    region: str
    year: int
    money: str
    structure: str
    where: str
    notes: tuple[Change, ...]


def national_table(cells: Cells) -> FlowTable:
    """Return the table of one country.

    Domestic and imported flows give the imported part of every use. Total flows alone give imports by product,
    from the row of imports (Eurostat, P7) or the column (OECD, IMPO), and no imported part.

    Raises
    ------
    TableError
        If rows and columns share no sectors, output is not given, only domestic or only imported flows are
        there, parts do not add up to the total, or the table does not close.
    """
    rows = {_plain(code): k for k, code in enumerate(cells.rows)}
    columns = {_plain(code): k for k, code in enumerate(cells.columns)}
    sectors = [c for c in rows if c in columns and not _named(c)]
    if not sectors:
        raise TableError(
            "rows and columns have no sector in common",
            where=cells.where,
            found=f"rows {', '.join(list(rows)[:4])}; columns {', '.join(list(columns)[:4])}",
            mend="download the symmetric table: naio_10_cp1700 or naio_10_cp1750",
        )
    i, j = [rows[c] for c in sectors], [columns[c] for c in sectors]
    notes = list(cells.notes)
    uses = _final_columns(list(columns), notes, cells.where)
    if lost := [c for c in columns if c not in sectors and not _named(c)]:
        raise TableError(
            "columns are neither sectors nor known final uses",
            where=cells.where,
            found=", ".join(lost[:8]),
            expected="sectors that are rows too, " + ", ".join(FINAL),
            mend="download whole tables",
        )
    f = [columns[c] for c in uses]
    use, use_imported = _flows(cells, i, j, "intermediate use", notes)
    final, final_imported = _flows(cells, i, f, "final use", notes)
    _unlisted(cells, i, j + f, notes)
    output = _first(cells, rows, OUTPUT_ROWS, j)
    if output is None:
        raise TableError(
            "the dataset has no output",
            where=cells.where,
            expected=" or ".join(OUTPUT_ROWS),
            mend="download all rows of the table, not sectors alone",
        )
    imports = None
    if use_imported is not None and final_imported is not None:
        imports = use_imported.sum(axis=1) + final_imported.sum(axis=1)
    elif (row := _first(cells, rows, IMPORT_ROWS, j)) is not None:
        imports = row
    elif named := [columns[c] for c in IMPORT_COLUMNS if c in columns]:
        imports = np.abs(_pick(cells, i, named)[:, 0])
    added = _added(cells, rows, j, f, notes)
    kinds: dict[str, Kind] = {**SUM_KINDS, **FINAL}
    table = FlowTable(
        Source(
            f"{(cells.region or 'sdmx').lower()}-{cells.year}",
            f"{cells.region} {cells.year}, symmetric table".strip(),
            cells.year,
            cells.money,
            _publisher(cells.structure),
            notes=(f"SDMX dataset {cells.structure}.",),
        ),
        Labels(tuple(sectors)),
        Labels(tuple(sectors)),
        np.diag(output),
        use,
        tuple(FinalUse(c, FINAL_NAMES.get(c, c), kinds[c], "", "world" if kinds[c] == "exports" else "") for c in uses),
        final,
        added[0],
        added[1],
        None if imports is None else imports[:, None],
        use_imported=use_imported,
        final_imported=final_imported,
        provenance=tuple(notes),
    )
    return close(table, cells.where)


def _plain(code: str) -> str:
    """OECD rows are TTL_01T02 where columns are D01T02; Eurostat's are alike."""
    found = re.fullmatch(r"(?:TTL|DOM|IMP)_D?(\d.*)", code)
    return f"D{found[1]}" if found else code


def _named(code: str) -> bool:
    return (
        bool(PASSED_OVER.match(code))
        or code in FINAL
        or code in SUM_KINDS
        or code in ADDED
        or code in ADDED_SUMS
        or (code in IMPORT_COLUMNS or code in OUTPUT_ROWS or code in IMPORT_ROWS)
    )


def _final_columns(codes: Sequence[str], notes: list[Change], where: str) -> list[str]:
    """Choose the columns of final use that are no sum of others; a sum only where no part of it is there."""
    chosen = [c for c in codes if c in FINAL and not (c in SUMS and any(p in codes for p in SUMS[c]))]
    for code, parts in SUMS.items():
        if code not in codes or code in FINAL or any(p in codes for p in parts):
            continue
        if code == "P5" and "P5G" in codes:
            continue
        chosen.append(code)
        notes.append(
            Change(
                "coarse final use",
                code,
                f"{FINAL_NAMES[code]} is one column: the dataset does not split it",
                why=f"all of it counts as {SUM_KINDS[code]}",
            )
        )
    if not chosen:
        raise TableError(
            "the dataset has no final use",
            where=where,
            expected=", ".join(FINAL),
            mend="download all columns of the table, not sectors alone",
        )
    return chosen


def _pick(cells: Cells, i: Sequence[int], j: Sequence[int]) -> Figures:
    """Cells of the total flows, or of the domestic where there are none."""
    kind = "total" if "total" in cells.figures else "domestic" if "domestic" in cells.figures else "imported"
    return cells.figures[kind][np.ix_(list(i), list(j))]


def _flows(
    cells: Cells, i: Sequence[int], j: Sequence[int], what: str, notes: list[Change]
) -> tuple[Figures, Figures | None]:
    parts = {k: v[np.ix_(list(i), list(j))].copy() for k, v in cells.figures.items()}
    if "domestic" in parts and "imported" in parts:
        both = parts["domestic"] + parts["imported"]
        if "total" in parts:
            off, size = float(np.abs(both - parts["total"]).sum()), float(np.abs(parts["total"]).sum())
            if off > APART * size:
                at = np.argwhere(np.abs(both - parts["total"]) == np.abs(both - parts["total"]).max())[0].tolist()
                raise TableError(
                    "domestic and imported flows do not add up to the total",
                    where=f"{cells.where}: {what}",
                    found=f"{off:,.6g} apart, most at {cells.rows[i[at[0]]]}, {cells.columns[j[at[1]]]}",
                    expected=f"less than {APART:.1%} of {size:,.6g}",
                    mend="download the three flows of one edition",
                )
            if off > 0:
                notes.append(
                    Change(
                        "as published",
                        what,
                        "total flows differ from domestic and imported ones; the parts were taken",
                        off,
                        size,
                        "rounding of the published figures",
                    )
                )
        return both, parts["imported"]
    if "total" in parts:
        return parts["total"], None
    there = ", ".join(parts)
    raise TableError(
        f"the dataset has {there} flows only",
        where=cells.where,
        expected="domestic and imported, or total",
        mend="download stk_flow DOM and IMP, or TOTAL (OECD: DOM and IMP, or TTL)",
    )


def _unlisted(cells: Cells, i: Sequence[int], j: Sequence[int], notes: list[Change]) -> None:
    for kind, listed in cells.listed.items():
        lacking = int((~listed[np.ix_(list(i), list(j))]).sum())
        if lacking:
            notes.append(
                Change(
                    "cells not listed",
                    f"{kind} flows",
                    f"{lacking:,} of {len(i) * len(j):,} cells are not in the file and were read as 0",
                    why="datasets leave out cells without a flow; sums are checked",
                )
            )


def _first(cells: Cells, rows: dict[str, int], names: Sequence[str], j: Sequence[int]) -> Figures | None:
    """A row under the first flow that has it: totals stand under TOTAL, some editions have them under DOM."""
    for name in names:
        for kind in ("total", "domestic"):
            if name in rows and kind in cells.listed and cells.listed[kind][rows[name], list(j)].any():
                return cells.figures[kind][rows[name], list(j)].copy()
    return None


def _added(
    cells: Cells, rows: dict[str, int], j: Sequence[int], f: Sequence[int], notes: list[Change]
) -> tuple[Labels, Figures]:
    names = [c for c in rows if c in ADDED and not (c in ADDED_SUMS and any(p in rows for p in ADDED_SUMS[c]))]
    if "B2A3G" in rows and "B2A3N" in rows and "P51C" not in rows:
        names = [c for c in [*names, "B2A3G"] if c != "B2A3N"]
    found = {c: row for c in names if (row := _first(cells, rows, [c], j)) is not None}
    if not found and (total := _first(cells, rows, ["B1G"], j)) is not None:
        found = {"B1G": total}
    for code in found:
        paid = _first(cells, rows, [code], f) if f else None
        if paid is not None and np.any(paid):
            notes.append(
                Change(
                    "left out",
                    f"{code}: final use",
                    f"{ADDED.get(code, code).lower()}, paid by final users, belong to no product",
                    float(np.abs(paid).sum()),
                    float(np.abs(found[code]).sum()),
                    "final use is at basic prices",
                )
            )
    if not found:
        notes.append(Change("value added", "VA", "the dataset has no rows of value added"))
    return (
        Labels(tuple(found), tuple(ADDED.get(c, "Value added") for c in found)),
        np.vstack(list(found.values())) if found else np.zeros((0, len(j))),
    )


def _publisher(structure: str) -> str:
    return "OECD" if "OECD" in structure else "Eurostat" if "ESTAT" in structure or "NAIO" in structure.upper() else ""
