"""Slips that the figures of a table betray: a total carried as a sector or row, a block that is transposed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

Figures = NDArray[np.float64]

#: A table whose residuals are more than this share of output is not a table: its parts do not belong together.
APART = 0.10
#: Figures agree that differ by less than this share: totals are added up by others, of rounded figures.
CLOSE = 1e-5


def refuse_slips(table: FlowTable, where: str) -> None:
    """Raise an error if a sector is the sum of the others, or the block of use is transposed.

    Raises
    ------
    TableError
        With the sector, or with what the rows miss as they stand and transposed.
    """
    for k in _sums(table.use, axis=0):
        code = table.products.codes[k]
        if code in table.activities.codes and table.activities.codes.index(code) in _sums(table.use, axis=1):
            j = table.activities.codes.index(code)
            raise TableError(
                f"the sector {code!r} is the sum of the others: a total was carried as a sector",
                where=where,
                found=f"row and column {code!r} of use; output {table.output[j]:,.6g} of {table.output.sum():,.6g}",
                expected="sectors only: totals are added up here",
                mend="delete its row and column on every sheet, and its code among products and industries",
            )
    if table.products.codes != table.activities.codes or table.supply_columns:
        return
    n = len(table.activities.codes)
    off = table.use - np.diag(np.diagonal(table.use))
    if n < 2 or np.allclose(off, off.T):
        return
    flow = float(np.abs(table.output).sum())
    # output that was added up from a transposed block is wrong too, so it is made again
    output = table.use.sum(axis=1) + table.value_added.sum(axis=0)
    turned = output + table.total_imports - table.use.sum(axis=0) - table.final.sum(axis=1)
    as_it_is = float(np.abs(table.row_residuals()).sum()) + float(np.abs(table.column_residuals()).sum())
    if as_it_is > 0.001 * flow and float(np.abs(turned).sum()) < 0.02 * as_it_is:
        raise TableError(
            "the block of intermediate use looks transposed",
            where=where,
            found=f"rows miss {as_it_is:,.6g} as they stand, {float(np.abs(turned).sum()):,.6g} with rows for columns",
            expected="sellers down the side, buyers across the top",
            mend="transpose the block: copy it, then 'paste special', 'transpose'",
        )


def _sums(figures: Figures, axis: int) -> list[int]:
    """Rows (axis 0) or columns (axis 1) that are, cell by cell, the sum of all others."""
    block = figures if axis == 0 else figures.T
    if len(block) < 3:
        return []
    rest = block.sum(axis=0)[None, :] - block
    size = np.abs(block).sum(axis=1)
    apart = np.abs(block - rest).sum(axis=1)
    return [int(k) for k in np.flatnonzero((apart <= CLOSE * size) & (size > 0))]


def without_total(labels: Labels, figures: Figures, where: str) -> tuple[Labels, Figures, tuple[Change, ...]]:
    """Rows without the one that is the sum of the others; it was a printed total, and agrees."""
    found = _sums(figures, axis=0) if len(labels.codes) >= 3 else []
    if len(found) != 1:
        return labels, figures, ()
    k = found[0]
    keep = [i for i in range(len(labels.codes)) if i != k]
    change = Change(
        "totals",
        f"{where}: {labels.codes[k]}",
        "the row is the sum of the others: it was compared, and left out",
        float(np.abs(figures[k]).sum()),
        why="totals are a check, not data",
    )
    parts = (tuple(getattr(labels, name)[i] for i in keep) for name in ("codes", "names", "units", "regions"))
    return Labels(*parts), figures[keep], (change,)


def close(table: FlowTable, where: str) -> FlowTable:
    """Return the table with its residuals stated; refuse parts that do not belong together."""
    total = float(np.abs(table.output).sum())
    if total <= 0:
        raise TableError(
            "the table has no output",
            where=where,
            found="every figure of output is 0",
            mend="look at the year and the file",
        )
    notes = []
    for name, left, labels, words in (
        ("rows", table.row_residuals(), table.products, "supply less use"),
        ("columns", table.column_residuals(), table.activities, "output less inputs"),
    ):
        size = float(np.abs(left).sum())
        worst = int(np.abs(left).argmax())
        if size > APART * total:
            raise TableError(
                f"{name} do not close",
                where=where,
                found=f"{words}: {size:,.0f} together, {size / total:.0%} of output; most in "
                f"{labels.codes[worst]!r}: {left[worst]:,.0f}",
                expected=f"less than {APART:.0%}",
                mend="the parts do not belong together: look for a wrong year, a missing or a mislabelled part",
            )
        if abs(left[worst]) > 1e-6 * max(1.0, float(np.abs(table.output).max()) * 1e-6):
            notes.append(
                Change(
                    "as published",
                    name,
                    f"{name} do not close: {words} is at most {abs(left[worst]):,.6g} "
                    f"({labels.codes[worst]}), {size:,.6g} together, {size / total:.1e} of output",
                    why="rounding of the published figures; nothing was moved",
                )
            )
    return table.changed(*notes)
