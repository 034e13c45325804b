"""FIGARO, Eurostat's inter-country tables (naio_10_fcp_ii*, naio_10_fcp_ip*), from the cells of an SDMX dataset."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.sdmx import Cells
from lustrum.accounts.readers.sdmx_codes import ADDED, FINAL, FINAL_NAMES
from lustrum.accounts.readers.world_closure import close_columns, close_rows
from lustrum.errors import TableError

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
