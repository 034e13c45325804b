"""A table's cells as one matrix: intermediate use, final use, and imports by partner with a minus sign.

Its rows add up to domestic supply (with margins and taxes where the table's prices hold them), which is what
balancing and projection work on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown_label


@dataclass(frozen=True, eq=False)
class Frame:
    """The matrix and its labels. `imported` tells the columns of imports, `final` those of final use."""

    matrix: Figures
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    activities: int
    finals: int

    @property
    def imported(self) -> slice:
        """Columns of imports, by partner."""
        return slice(self.activities + self.finals, len(self.columns))

    @property
    def final(self) -> slice:
        """Columns of final use."""
        return slice(self.activities, self.activities + self.finals)

    def row(self, code: str, where: str) -> int:
        """Position of a product."""
        return _at(code, self.rows, "product", where)

    def column(self, code: str, where: str) -> int:
        """Position of a column: an activity, a final use, or imports:PARTNER."""
        return _at(code, self.columns, "column", where)


def _at(code: str, known: Sequence[str], what: str, where: str) -> int:
    if code not in known:
        expected, mend = unknown_label(code, known, what)
        raise TableError(f"unknown {what} {code!r}", where=where, expected=expected, mend=mend)
    return known.index(code)


def frame_of(table: FlowTable) -> Frame:
    """Lay a table out as one matrix."""
    imports = [] if table.imports is None else [-table.imports]
    partners = [] if table.imports is None else [f"imports:{p}" for p in table.partners.codes]
    return Frame(
        np.column_stack([table.use, table.final, *imports]),
        table.products.codes,
        (*table.activities.codes, *(f.code for f in table.final_uses), *partners),
        len(table.activities.codes),
        len(table.final_uses),
    )


def supplied(table: FlowTable) -> Figures:
    """(i,) domestic supply at the table's prices: output, with the supply columns."""
    return np.asarray(
        table.supply.sum(axis=1) + sum(table.supply_columns.values(), np.zeros(len(table.products.codes)))
    )


def table_of(table: FlowTable, frame: Frame, matrix: Figures, *changes: Change) -> FlowTable:
    """Return the table with the matrix's figures; value added is what output leaves over its inputs.

    Several rows of value added keep their shares within each activity. The imported part of each cell, where it is
    known, keeps its share of the cell.
    """
    use, final = matrix[:, : frame.activities], matrix[:, frame.final]
    new: dict[str, object] = {"use": use, "final": final}
    if table.imports is not None:
        # no cell that was zero becomes minus zero
        new["imports"] = 0.0 - matrix[:, frame.imported]
    target = table.output - use.sum(axis=0)
    now = table.value_added.sum(axis=0)
    moved = target - now
    notes = list(changes)
    if np.any(moved):
        size = np.abs(table.value_added).sum(axis=0)
        count = max(len(table.value_added_rows.codes), 1)
        share = np.divide(
            np.abs(table.value_added), size, out=np.full_like(table.value_added, 1 / count), where=size > 0
        )
        new["value_added"] = table.value_added + share * moved
    if np.abs(moved).sum() > 1e-12 * np.abs(table.output).sum():  # else the computer's rounding
        notes.append(
            Change(
                "value added",
                f"{int(np.count_nonzero(moved))} activities",
                "value added is output less the balanced inputs",
                float(np.abs(moved).sum()),
                float(np.abs(now).sum()),
                "output is kept, so that what inputs gain value added loses",
            )
        )
    if table.use_imported is not None and table.final_imported is not None:
        for name, part, whole, fresh in (
            ("use_imported", table.use_imported, table.use, use),
            ("final_imported", table.final_imported, table.final, final),
        ):
            new[name] = part * np.divide(fresh, whole, out=np.ones_like(fresh), where=whole != 0)
        before = float(table.use_imported.sum() + table.final_imported.sum())
        after = float(np.asarray(new["use_imported"]).sum() + np.asarray(new["final_imported"]).sum())
        notes.append(
            Change(
                "import split",
                "imported part of every cell",
                "kept its share of the cell",
                abs(after - before),
                abs(before),
                "the balanced table says nothing new about it",
            )
        )
    return table.changed(*notes, **new)
