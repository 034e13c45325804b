"""Balancing of a whole table: rows that close, columns at their totals, and known figures met.

A table's cells are laid out as one matrix: intermediate use, final use, and imports by partner with a minus sign. Its
rows add up to domestic supply (with margins and taxes where the table's prices hold them), which is what balancing and
projection work on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lustrum.accounts.national.gras import Balanced, Constraint, Method, gras
from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown

#: Name of a total -> prefix of the columns of final use that it is about.
FINAL = {
    "consumption": "need:",
    "investment": "asset:",
    "committed_demand": "committed_demand",
    "exports": "exports:",
    "final": "",
}


@dataclass(frozen=True)
class Totals:
    """Known totals by label. Final: full code of a column -> total; groups: name of a total -> total of all of it."""

    output: dict[str, float]
    value_added: dict[str, float]
    imports: dict[str, float]
    final: dict[str, float]
    groups: dict[str, float]
    labour: dict[str, float] = field(default_factory=dict)
    where: str = "totals"


def group_columns(table: FlowTable, name: str) -> list[int]:
    """Positions of the columns of final use that a total of all of them is about."""
    return [k for k, f in enumerate(table.final_uses) if f.code.startswith(FINAL[name])]


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
        raise unknown(TableError, f"unknown {what} {code!r}", code, known, what, where=where)
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


#: Grand totals further apart than this are no rounding: the totals contradict each other.
ROUNDING = 1e-3


def balance(
    table: FlowTable,
    totals: Totals | None = None,
    method: Method = "gras",
    constraints: Sequence[Constraint] = (),
    readiness: Figures | None = None,
) -> tuple[FlowTable, Balanced]:
    """Balance a table: supply of every product equals its use.

    Rows add up to domestic supply, columns to the totals given, or else to what they add up to now. A gap
    between the two grand totals goes to intermediate use, in proportion (value added takes what is left over).

    Parameters
    ----------
    table
        The table; `frame_of` says what its matrix is.
    totals
        Known totals. Outputs move the supply of an activity in proportion; its inputs too unless value added is given.
    method
        ``ras``: imports stay as they are, no negative cells. ``gras``: imports move too. ``kras``: with known figures.
    constraints, readiness
        For kras: known figures over the cells of `frame_of`, and how readily each cell moves.

    Returns
    -------
    FlowTable, Balanced
        The balanced table, with what was moved in its provenance; the method's own result.

    Raises
    ------
    TableError
        If totals contradict each other, or cannot be met.
    """
    if method != "kras" and (constraints or readiness is not None):
        raise TableError("known figures need the method kras", where="method", found=method, mend="use --method kras")
    if totals is not None and (totals.labour or "labour" in totals.groups):
        raise TableError(
            "labour is no part of the table that is balanced",
            where=totals.where,
            mend="delete its lines; `project` reads them",
        )
    changes: list[Change] = []
    before = table.output
    if totals is not None and totals.output:
        table = set_output(table, totals.output)
    frame = frame_of(table)
    rows = supplied(table)
    columns, known = column_totals(table, frame, totals, changes)
    # inputs move with output where value added is not given: an activity that stops buys nothing
    follow = np.divide(table.output, before, out=np.ones_like(before), where=before > 0)
    columns[: frame.activities] *= np.where(known[: frame.activities], 1.0, follow)
    if totals is not None and totals.imports:
        if method != "kras":
            raise TableError(
                "imports of single products are a known figure beside the totals",
                where=totals.where,
                mend="use --method kras, or give imports,all",
            )
        constraints = [*constraints, *_imports_known(frame, totals)]
    columns = close(rows, columns, known, frame, changes)
    result = apply(method, frame, rows, columns, constraints, readiness)
    return table_of(table, frame, result.matrix, *changes, *result.changes), result


def set_output(table: FlowTable, output: dict[str, float]) -> FlowTable:
    """Return the table with outputs replaced; an activity's products keep their shares."""
    old = table.output
    new = old.copy()
    for code, value in output.items():
        new[table.activities.codes.index(code)] = value
    for j in np.flatnonzero((old <= 0) & (new > 0))[:1].tolist():
        code = table.activities.codes[j]
        raise TableError(
            f"{code!r} has no output in the old table, and is to have one",
            where=f"output: {code}",
            found=f"{new[j]:g}",
            mend="add it as a technique: what it makes and uses is not known here",
        )
    ratio = np.divide(new, old, out=np.ones_like(new), where=old > 0)
    if not np.any(new != old):
        return table
    scaled = {n: replace(s, figures=s.figures * ratio) for n, s in table.satellites.items()}
    extra = table.supply.sum(axis=1)
    made = (table.supply * ratio).sum(axis=1)
    follow = np.divide(made, extra, out=np.ones_like(made), where=extra > 0)
    change = Change(
        "new outputs",
        f"{int(np.count_nonzero(new != old))} activities",
        "supply moved in proportion",
        float(np.abs(new - old).sum()),
        float(old.sum()),
        "activities keep their mix of products; margins and taxes follow the product's supply",
    )
    return table.changed(
        change,
        supply=table.supply * ratio,
        satellites=scaled,
        supply_columns={k: c * follow for k, c in table.supply_columns.items()},
    )


def column_totals(
    table: FlowTable, frame: Frame, totals: Totals | None, changes: list[Change]
) -> tuple[Figures, np.ndarray]:
    """Return the total of every column, and which of them are known (given by the user)."""
    columns = frame.matrix.sum(axis=0)
    known = np.zeros(len(columns), dtype=bool)
    if totals is None:
        return columns, known
    output = table.output
    for code, value in totals.value_added.items():
        j = table.activities.codes.index(code)
        columns[j], known[j] = output[j] - value, True
        if abs(columns[j]) <= 1e-10 * output[j]:  # the computer's rounding
            columns[j] = 0.0
        if columns[j] < 0:
            raise TableError(
                f"value added of {code!r} is larger than its output",
                where=f"{totals.where}: {code}",
                found=f"{value:g} of {output[j]:g}",
                mend="correct one of the two",
            )
    for k, use in enumerate(table.final_uses):
        if use.code in totals.final:
            columns[frame.activities + k], known[frame.activities + k] = totals.final[use.code], True
    groups = {
        n: [frame.activities + k for k in group_columns(table, n)]
        for n in totals.groups
        if n not in ("imports", "labour")
    }
    if "imports" in totals.groups:
        groups["imports"] = list(range(len(frame.columns)))[frame.imported]
    for name, at in groups.items():
        value = -totals.groups[name] if name == "imports" else totals.groups[name]
        present = float(columns[at].sum())
        if present == 0 or (value != 0 and (value < 0) != (present < 0)):
            raise TableError(
                f"{name} cannot be scaled from {abs(present):g} to {abs(value):g}",
                where=totals.where,
                mend="give its columns one by one",
            )
        if len(at) > 1:
            changes.append(
                Change(
                    "totals",
                    name,
                    f"{len(at)} columns moved together from {present:.6g} to {value:.6g}",
                    abs(value - present),
                    abs(present),
                    "only their sum was given",
                )
            )
        columns[at] *= value / present
        known[at] = True
    return columns, known


def close(rows: Figures, columns: Figures, known: np.ndarray, frame: Frame, changes: list[Change]) -> Figures:
    """Return column totals that add up to the rows': intermediate use that is not known takes the gap.

    Raises
    ------
    TableError
        If every column is known and the gap is more than rounding.
    """
    gap = float(rows.sum() - columns.sum())
    size = float(np.abs(rows).sum())
    if gap == 0:
        return columns
    takers = np.zeros(len(columns), dtype=bool)
    takers[: frame.activities] = True
    takers &= ~known & (columns > 0)
    if not takers.any() or abs(gap) > 0.5 * columns[takers].sum():
        if abs(gap) > ROUNDING * size:
            raise TableError(
                "the totals do not add up: supply of all products is not the sum of their uses",
                where="totals",
                found=f"supply {rows.sum():.12g}, uses {columns.sum():.12g}",
                expected="output + imports = intermediate use + final use",
                mend="correct a total, or leave one out so that it closes the table",
            )
        takers = columns != 0
    share = np.where(takers, np.abs(columns), 0.0)
    out = columns + gap * share / share.sum()
    if abs(gap) > 1e-12 * size:
        changes.append(
            Change(
                "totals",
                f"{int(takers.sum())} columns",
                f"total of uses moved by {gap:.6g}",
                abs(gap),
                size,
                "supply and use differed in their grand totals; spread in proportion",
            )
        )
    return out


def apply(
    method: Method,
    frame: Frame,
    rows: Figures,
    columns: Figures,
    constraints: Sequence[Constraint] = (),
    readiness: Figures | None = None,
    *,
    imports_still: bool = False,
) -> Balanced:
    """Run one method on the matrix of a table; with imports that stand still (always for ras) on the other side."""
    names = frame.columns
    if method == "kras" or (method == "gras" and not imports_still):
        return gras(
            frame.matrix,
            rows,
            columns,
            constraints,
            method=method,
            readiness=readiness,
            rows=frame.rows,
            columns=names,
        )
    inner = slice(0, frame.activities + frame.finals)
    present = frame.matrix[:, frame.imported].sum(axis=0)
    wanted = columns[frame.imported]
    still = frame.matrix[:, frame.imported] * np.divide(wanted, present, out=np.ones_like(present), where=present != 0)
    rest = rows - still.sum(axis=1)
    result = gras(frame.matrix[:, inner], rest, columns[inner], method=method, rows=frame.rows, columns=names[inner])
    none = np.ones(still.shape[1])
    return replace(
        result,
        matrix=np.column_stack([result.matrix, still]),
        column_multipliers=np.concatenate([result.column_multipliers, none]),
        column_residuals=np.concatenate([result.column_residuals, 0 * none]),
    )


def _imports_known(frame: Frame, totals: Totals) -> list[Constraint]:
    partners = np.arange(len(frame.columns))[frame.imported]
    return [
        Constraint(
            f"imports of {code}",
            np.full(len(partners), frame.row(code, totals.where)),
            partners,
            -np.ones(len(partners)),
            value,
        )
        for code, value in totals.imports.items()
    ]
