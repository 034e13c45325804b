"""What readers of world tables do about rows and columns that do not close: state it, and keep it apart."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

#: What becomes of output that no row accounts for: a column of final use of the region that makes it, its
#: inventories, or nothing.
Residual = Literal["adjustment", "inventories", "none"]
#: Rows that are further from their output than this share of all output together are not of one table.
APART = 0.05
#: Residuals below this share of the largest output are rounding of binary figures, and not spoken of.
NOTHING = 1e-12


def close_rows(table: FlowTable, residual: Residual, where: str, why: str) -> FlowTable:
    """Return the table with the residual of its rows in the columns asked for, and the amount stated.

    Raises
    ------
    TableError
        If rows are so far from output that this is no residual, or there are no inventories to take it.
    """
    left, output = table.row_residuals(), table.output
    size, total = float(np.abs(left).sum()), float(np.abs(output).sum())
    if total <= 0:
        raise TableError(
            "the table has no output",
            where=where,
            found="every figure of output is 0",
            mend="look at the year and the file",
        )
    if size <= NOTHING * total:
        return table
    worst = int(np.abs(left).argmax())
    if size > APART * total:
        raise TableError(
            "rows do not close",
            where=where,
            found=f"output less use is {size:,.6g} together, {size / total:.1%} of output; most in "
            f"{table.products.codes[worst]!r}: {left[worst]:,.6g}",
            expected=f"less than {APART:.0%}",
            mend="the parts do not belong together, or a part is missing: fetch the file again",
        )
    words = (
        f"output less use is {left.sum():,.6g} in all, {size:,.6g} in absolute terms, at most "
        f"{abs(left[worst]):,.6g} ({table.products.codes[worst]})"
    )
    if residual == "none":
        return table.changed(Change("as published", "rows", f"{words}; nothing was moved", why=why))
    final, columns = table.final.copy(), table.final_uses
    if residual == "adjustment":
        regions = list(dict.fromkeys(table.products.regions))
        columns = (
            *columns,
            *(FinalUse(f"{r}.RESIDUAL", f"{r}: Residual of the source's rows", "adjustment", r) for r in regions),
        )
        final = np.hstack([final, np.zeros((len(left), len(regions)))])
        place = {c.region: k for k, c in enumerate(columns) if c.code == f"{c.region}.RESIDUAL"}
    else:
        place = {c.region: k for k, c in enumerate(columns) if c.kind == residual}
        if lacking := set(table.products.regions) - set(place):
            raise TableError(
                "a region has no inventories to take the residual",
                where=where,
                found=min(lacking),
                mend="choose the residual `adjustment`",
            )
    final[np.arange(len(left)), [place[r] for r in table.products.regions]] += left
    what = "a column of final use of the region that makes it" if residual == "adjustment" else "its own inventories"
    return table.changed(
        Change("residual of rows", f"{len(left):,} rows", f"{words}; it went to {what}", size, total, why),
        final=final,
        final_uses=columns,
    )


def close_columns(table: FlowTable, why: str) -> FlowTable:
    """Return the table with a row RESIDUAL of value added that closes its columns, and the amount stated."""
    left, total = table.column_residuals(), float(np.abs(table.output).sum())
    size = float(np.abs(left).sum())
    if size <= NOTHING * total:
        return table
    worst = int(np.abs(left).argmax())
    rows = table.value_added_rows
    return table.changed(
        Change(
            "residual of columns",
            f"{len(left):,} columns",
            f"output less inputs is {left.sum():,.6g} in all, at most {abs(left[worst]):,.6g} "
            f"({table.activities.codes[worst]}); it became the row RESIDUAL of value added",
            size,
            total,
            why,
        ),
        value_added_rows=Labels((*rows.codes, "RESIDUAL"), (*rows.names, "Residual of the source's columns")),
        value_added=np.vstack([table.value_added, left[None, :]]),
    )
