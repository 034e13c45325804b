"""Reader of input-output datasets in SDMX from disk: Eurostat's symmetric tables, FIGARO, national tables of the OECD.

Eurostat `naio_10_cp1700` (product by product) and `naio_10_cp1750` (industry by industry), basic prices; FIGARO
`naio_10_fcp_ip*`, `naio_10_fcp_ii*` (world tables); OECD IOTS. `sdmx_codes` lists dimensions and codes, and
`sdmx_messages` reads SDMX-CSV, SDMX-ML 2.1 and SDMX-JSON. Extra `sdmx`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.extract_region import extract_region
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.sdmx_codes import (
    ADDED,
    FINAL,
    FINAL_NAMES,
    FLAGS,
    FLOWS,
    MULTIPLIERS,
    POWERS,
    ROLES,
    UNITS,
)
from lustrum.accounts.readers.sdmx_messages import VALUE, Message, is_message, read_message
from lustrum.accounts.readers.sdmx_national import Cells, national_table
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.world_closure import close_columns, close_rows
from lustrum.errors import TableError


def guess(path: Path) -> str | None:
    """An SDMX data message with rows and columns of a table."""
    form = is_message(path)
    if form is None:
        return None
    with path.open("rb") as file:
        start = file.read(65536).decode("utf-8", errors="replace").lower()
    if any(n in start for n in ROLES["row"][:-1]) and any(n in start for n in ROLES["column"][:-1]):
        return f"an input-output dataset of Eurostat in SDMX ({form})"
    if "iots" in start or ("row" in start and "col" in start and '"var"' in start):
        return f"an input-output dataset of the OECD in SDMX ({form})"
    return None


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read a table; of several countries or years the one asked for."""
    message = read_message(path)
    if _dimension(message, "origin") is not None:
        table = world_table(cells(message, Wanted(year=wanted.year)))
        return table if wanted.region is None else extract_region(table, wanted.region)

    return national_table(cells(message, wanted))


def _dimension(message: Message, role: str) -> str | None:
    names = {c.lower(): c for c in message.columns}
    return next((names[n] for n in ROLES[role] if n in names), None)


def cells(message: Message, wanted: Wanted) -> Cells:
    """Choose the observations of one country, year and unit, and lay them out by row and column.

    Raises
    ------
    TableError
        If dimensions are missing, there are several countries, years or units and none was asked for, a figure
        is confidential, missing or no number, or a cell stands twice.
    """
    keep = np.ones(len(message), dtype=bool)
    chosen = {}
    for role, asked, option in (
        ("region", wanted.region, "--region"),
        ("year", wanted.year, "--year"),
        ("unit", None, ""),
    ):
        name = _dimension(message, role)
        values = np.array(message.columns[name]) if name else np.full(len(message), "")
        there = sorted({str(v) for v in values[keep]})
        if asked is not None and str(asked) in there:
            keep &= values == str(asked)
            there = [str(asked)]
        if len(there) != 1 or (asked is not None and str(asked) not in there):
            what = {"region": "countries", "year": "years", "unit": "units"}[role]
            raise TableError(
                f"the file has no {role} {asked!r}" if asked is not None else f"the file holds several {what}",
                where=f"{message.where}: {name}",
                found=", ".join(there[:12]) + (", …" if len(there) > 12 else ""),
                mend=f"name one with {option}" if option else "download the dataset in one unit",
            )
        chosen[role] = there[0]
    row, column = _along(message, "row", "origin", keep), _along(message, "column", "destination", keep)
    flow_name = _dimension(message, "flow")
    raw = np.array(message.columns[flow_name])[keep] if flow_name else np.full(int(keep.sum()), "TOTAL")
    if unknown := sorted({str(f) for f in raw} - set(FLOWS)):
        known = np.isin(raw, list(FLOWS))
        if not known.any():
            raise TableError(
                "no known kind of flow",
                where=f"{message.where}: {flow_name}",
                found=", ".join(unknown[:8]),
                expected=", ".join(FLOWS),
                mend="download domestic, imported or total flows",
            )
        keep[np.flatnonzero(keep)[~known]] = False
        row, column, raw = row[known], column[known], raw[known]
    flow = np.array([FLOWS[str(f)] for f in raw])
    values = _values(message, keep, row, column)
    rows, columns = tuple(dict.fromkeys(row.tolist())), tuple(dict.fromkeys(column.tolist()))
    r, c = ({code: k for k, code in enumerate(codes)} for codes in (rows, columns))
    at = (np.array([r[x] for x in row.tolist()]), np.array([c[x] for x in column.tolist()]))
    figures, listed = {}, {}
    for kind in dict.fromkeys(flow.tolist()):
        here = flow == kind
        figures[kind], count = np.zeros((len(rows), len(columns))), np.zeros((len(rows), len(columns)), dtype=int)
        figures[kind][at[0][here], at[1][here]] = values[here]
        np.add.at(count, (at[0][here], at[1][here]), 1)
        if (count > 1).any():
            i, j = np.argwhere(count > 1)[0].tolist()
            raise TableError(
                "a cell stands twice",
                where=f"{message.where}: {rows[i]}, {columns[j]}",
                found=f"{int(count[i, j])} observations",
                mend="keep one; is there another dimension?",
            )
        listed[kind] = count > 0
    notes = _flagged(message, keep)
    if unknown:
        notes = (
            *notes,
            Change("left out", f"{flow_name}: {', '.join(unknown[:8])}", "these are no flows of the table"),
        )
    return Cells(
        rows,
        columns,
        figures,
        listed,
        chosen["region"],
        _year(chosen["year"], message.where),
        _money(message, chosen["unit"], keep),
        message.structure,
        message.where,
        notes,
    )


def _money(message: Message, unit: str, keep: np.ndarray) -> str:
    """The unit in words, with the power of ten that the OECD keeps in an attribute."""
    name = next((c for c in message.columns if c.lower() in MULTIPLIERS), None)
    powers = sorted({str(p) for p in np.array(message.columns[name])[keep]}) if name else [""]
    if len(powers) != 1 or powers[0] not in POWERS:
        raise TableError(
            "figures are in several or unknown powers of ten",
            where=f"{message.where}: {name}",
            found=", ".join(powers),
            expected=", ".join(filter(None, POWERS)),
            mend="download the dataset in one unit",
        )
    return (POWERS[powers[0]] + UNITS.get(unit, unit or "money (unit not given)")).strip()


def _along(message: Message, role: str, region: str, keep: np.ndarray) -> np.ndarray:
    """Codes of rows or columns; REGION.CODE where the dataset has partner regions."""
    name, place = _dimension(message, role), _dimension(message, region)
    if name is None:
        raise TableError(
            f"the dataset has no dimension of {role}s",
            where=message.where,
            found=", ".join(message.columns),
            expected=" or ".join(ROLES[role]),
            mend="download an input-output dataset",
        )
    codes = np.array(message.columns[name])[keep]
    if place is None:
        return codes
    return np.array([f"{r}.{c}" for r, c in zip(np.array(message.columns[place])[keep], codes, strict=True)])


def _values(message: Message, keep: np.ndarray, row: np.ndarray, column: np.ndarray) -> Figures:
    if VALUE not in message.columns:
        raise TableError(
            "the dataset has no observations", where=message.where, expected=VALUE, mend="download it again"
        )
    texts = np.array(message.columns[VALUE])[keep]
    empty = np.isin(texts, ("", ":", "-", "..", "NaN", "nan"))
    if empty.any():
        k = int(np.flatnonzero(empty)[0])
        flags = _flags(message, keep)
        why = " (flag " + flags[k] + ")" if flags[k] else ""
        secret = sum("c" in flags[n].lower() for n in np.flatnonzero(empty).tolist())
        raise TableError(
            f"{int(empty.sum())} figures are missing" + (f", {secret} of them confidential" if secret else ""),
            where=f"{message.where}: {row[k]}, {column[k]}",
            found=f"{str(texts[k])!r}{why}",
            expected="a figure in every cell that is listed",
            mend="take a coarser table or another year, or fill the cells from another source",
        )
    try:
        out = texts.astype(np.float64)
    except ValueError as error:
        raise TableError(
            "a figure is no number", where=f"{message.where}: {VALUE}", found=str(error), mend="download it again"
        ) from error
    if not np.isfinite(out).all():
        k = int(np.flatnonzero(~np.isfinite(out))[0])
        raise TableError("a figure is not finite", where=f"{message.where}: {row[k]}, {column[k]}", found=str(texts[k]))
    return out


def _flags(message: Message, keep: np.ndarray) -> list[str]:
    names = [c for c in message.columns if c.lower() in FLAGS]
    lists = [np.array(message.columns[n])[keep].tolist() for n in names]
    return (
        [" ".join(dict.fromkeys(f for f in flags if f)) for flags in zip(*lists, strict=True)]
        if lists
        else [""] * int(keep.sum())
    )


def _flagged(message: Message, keep: np.ndarray) -> tuple[Change, ...]:
    seen = Counter(f for f in _flags(message, keep) if f and f not in ("A", "F"))
    return tuple(
        Change("as published", "flags", f"{n:,} figures carry the flag {f!r}") for f, n in sorted(seen.items())
    )


def _year(text: str, where: str) -> int:
    if not (text[:4].isdigit() and len(text) == 4):
        raise TableError("the period is no year", where=where, found=text or "nothing", mend="download yearly tables")
    return int(text)


#: Region of the rows that no region delivers: taxes, wages, surplus, tourists' purchases.
HOME = "DOM"


def world_table(cells: Cells) -> FlowTable:
    """Return the world table of a dataset with regions of origin and destination.

    Raises
    ------
    TableError
        If regions that deliver and regions that use differ (a download of one country's purchases is no
        table), or rows do not close.
    """
    figures = next(iter(cells.figures.values()))
    row = [tuple(code.split(".", 1)) for code in cells.rows]
    column = [tuple(code.split(".", 1)) for code in cells.columns]
    deliver, receive = ({r for r, _ in side if r != HOME} for side in (row, column))
    if deliver != receive:
        odd = sorted(deliver ^ receive)
        raise TableError(
            "regions that deliver and regions that use differ",
            where=cells.where,
            found=", ".join(odd[:12]),
            expected="every region in c_orig and c_dest",
            mend="download whole tables; one country is carved out of them with --region",
        )
    sectors = [k for k, (r, c) in enumerate(row) if r != HOME and (r, c) in set(column)]
    place = {code: k for k, code in enumerate(cells.columns)}
    j = [place[cells.rows[k]] for k in sectors]
    f = [k for k, (_, c) in enumerate(column) if c in FINAL]
    v = list(dict.fromkeys(c for r, c in row if r == HOME and c in ADDED))
    left = {cells.columns[k] for k in range(len(column))} - {cells.columns[k] for k in (*j, *f)}
    left |= {cells.rows[k] for k, (r, c) in enumerate(row) if k not in set(sectors) and not (r == HOME and c in ADDED)}
    if left:
        raise TableError(
            "rows or columns are neither sectors nor known uses and inputs",
            where=cells.where,
            found=", ".join(sorted(left)[:8]),
            mend="download whole tables without totals",
        )
    use, final = figures[np.ix_(sectors, j)].copy(), figures[np.ix_(sectors, f)].copy()
    at = {c: k for k, (r, c) in enumerate(row) if r == HOME}
    added, on_final = figures[np.ix_([at[c] for c in v], j)].copy(), figures[np.ix_([at[c] for c in v], f)]
    output = use.sum(axis=1) + final.sum(axis=1)
    codes = tuple(cells.rows[k] for k in sectors)
    labels = Labels(codes, tuple(f"{row[k][0]}: {row[k][1]}" for k in sectors), (), tuple(row[k][0] for k in sectors))
    notes = [
        *cells.notes,
        Change("output", "all rows", "output is intermediate and final use: FIGARO does not list it"),
    ]
    listed = next(iter(cells.listed.values()))
    if lacking := int((~listed[np.ix_(sectors, j + f)]).sum()):
        notes.append(
            Change(
                "cells not listed",
                "",
                f"{lacking:,} of {len(sectors) * (len(j) + len(f)):,} cells are not in the file and were read as 0",
                why="datasets leave out cells without a flow",
            )
        )
    if np.any(on_final):
        notes.append(
            Change(
                "left out",
                f"{HOME}: {', '.join(v)}",
                "taxes and tourists' purchases of final users belong to no product",
                float(np.abs(on_final).sum()),
                float(np.abs(final).sum()),
                "final use is at basic prices",
            )
        )
    table = FlowTable(
        Source(
            f"figaro-{cells.year}",
            f"FIGARO {cells.year}, {len(deliver)} regions",
            cells.year,
            cells.money,
            "Eurostat",
            notes=(f"SDMX dataset {cells.structure}.",),
        ),
        labels,
        labels,
        np.diag(output),
        use,
        tuple(
            FinalUse(
                cells.columns[k], f"{column[k][0]}: {FINAL_NAMES[column[k][1]]}", FINAL[column[k][1]], column[k][0]
            )
            for k in f
        ),
        final,
        Labels(tuple(v), tuple(ADDED[c] for c in v)),
        added,
        provenance=tuple(notes),
    )
    table = close_rows(table, "adjustment", cells.where, "output of the source and the uses it lists differ")
    return close_columns(table, "output of the source and the inputs it lists differ")


READER = Reader(
    "sdmx", "Input-output datasets in SDMX: Eurostat, FIGARO, OECD (csv, xml, json)", guess, read, regions=True
)
