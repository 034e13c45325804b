"""What is wrong with a table that does not close, or that closes and is wrong: diagnosis before it is an economy.

`diagnose_table` takes a plain labelled table, so that every reader can call it. It looks for what offices' files and
hand-filled templates really get wrong, and gives the figures that each finding rests on:

- a total, or a subtotal, carried as a sector (such a table closes, and counts everything twice);
- a sector that stands there twice;
- intermediate use that is transposed, or that holds coefficients in place of flows;
- one part, or one row or column, in another unit than the rest;
- imports, or a row of inputs, that are missing.

Two identities are asked of a table: for each product, supply + imports = intermediate + final use; for each activity,
output = intermediate use + value added. An explanation is given only where it makes both hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.checks.report import BROKEN, LEFT_OUT, Finding, listed, shorten

Figures = NDArray[np.float64]

#: An explanation must leave less than this share of what is missed now.
EXPLAINED = 0.05
#: Factors between units: hundreds, thousands, and so on.
FACTORS = tuple(10.0**k for k in (-9, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 9))
#: A total differs from the sum of its parts by no more than this share of it: the rounding of printed figures.
SAME = 1e-4


@dataclass(frozen=True, eq=False)
class PlainTable:
    """An input-output or use table as plain arrays.

    Attributes
    ----------
    rows, columns
        Codes of products and of activities.
    use
        (i, j) intermediate use.
    final
        (i, c) final use.
    imports
        (i,) imports of each product.
    value_added
        (v, j) primary inputs; no row where the table has none.
    supply, output
        (i,) what is made of each product, and (j,) what each activity makes. None where the table does not print them:
        output is then what the columns add up to, and supply of a product the output of its activity.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    use: Figures
    final: Figures
    imports: Figures
    value_added: Figures
    supply: Figures | None = None
    output: Figures | None = None

    @property
    def square(self) -> bool:
        """Whether each product is that of one activity of the same code, in the same order."""
        return list(self.rows) == list(self.columns)

    def gaps(self) -> tuple[Figures, Figures]:
        """Return supply less use of each product (i,), and output less inputs of each activity (j,)."""
        spent = self.use.sum(axis=0) + self.value_added.sum(axis=0)
        output = spent if self.output is None else self.output
        supply = output if self.supply is None else self.supply
        columns = output - spent if self.value_added.any() else np.zeros(len(spent))
        return supply + self.imports - self.use.sum(axis=1) - self.final.sum(axis=1), columns

    def missed(self) -> float:
        """Return the sum of all gaps as a share of all uses."""
        size = float(np.abs(self.use).sum() + np.abs(self.final).sum())
        return float(sum(np.abs(g).sum() for g in self.gaps())) / size if size else 0.0

    def open_line(self) -> bool:
        """Whether a single row or column misses its balance by so much that a cell must have been left out."""
        rows, columns = self.gaps()
        uses = np.abs(self.use).sum(axis=1) + np.abs(self.final).sum(axis=1)
        inputs = np.abs(self.use).sum(axis=0) + np.abs(self.value_added).sum(axis=0)
        least = 1e-6 * float(uses.sum())
        pairs = ((rows, uses), (columns, inputs))
        return any(bool(np.any(np.abs(gap) > np.maximum(LEFT_OUT * size, least))) for gap, size in pairs)


def diagnose_table(table: PlainTable) -> list[Finding]:
    """Say what is wrong with a table, each finding with its figures; nothing where it closes and looks right.

    Parameters
    ----------
    table
        The table. Where it prints neither supply nor output, it must be square.

    Returns
    -------
    list of Finding
        All of them errors: accounts made of this table would be wrong.

    Examples
    --------
    >>> use, final = np.array([[1.0, 4.0], [2.0, 3.0]]), np.array([[5.0], [6.0]])
    >>> table = PlainTable(["a", "b"], ["a", "b"], use.T, final, np.zeros(2), np.array([[7.0, 4.0]]))
    >>> [f.what.split(":")[0] for f in diagnose_table(table)]
    ['intermediate use looks transposed']
    """
    found = carried_totals(table) + _twice(table)
    if not found and (table.missed() > BROKEN or table.open_line()):
        found = _explained(table) or _missing(table)
    return shorten(found)


def carried_totals(table: PlainTable) -> list[Finding]:
    """Find sectors that are the sum of all others, or of a run of sectors just before or just behind them.

    Such a table may close all the same. A row of less than three different figures is no evidence, and left alone.
    """
    sums = table.use.sum(axis=1) + table.final.sum(axis=1)
    sizes = np.abs(table.use).sum(axis=1) + np.abs(table.final).sum(axis=1)
    reach = np.concatenate([[0.0], np.cumsum(sums)])
    n, filled = len(sums), sizes > 0
    out: list[Finding] = []
    for i in np.flatnonzero(filled).tolist():
        near = SAME * float(sizes[i])
        before = np.flatnonzero(np.abs(reach[i] - reach[:i] - sums[i]) <= near)
        behind = np.flatnonzero(np.abs(reach[i + 1 :] - reach[i + 1] - sums[i]) <= near)
        runs = [range(s, i) for s in before.tolist()] + [range(i + 1, i + 1 + e) for e in behind.tolist()]
        if abs(reach[n] - 2 * sums[i]) <= near:
            runs.append(range(n))
        for run in runs:
            parts = [k for k in run if filled[k] and k != i]
            gap = sum(np.abs(part[i] - part[parts].sum(axis=0)).sum() for part in (table.use, table.final))
            if len(parts) > 1 and gap <= near and len({*table.use[i].tolist(), *table.final[i].tolist()} - {0.0}) > 2:
                names = listed([table.rows[k] for k in parts], 4)
                words = f"a total carried as a sector: its figures ({sums[i]:,.6g} in all) are the sums of {names}"
                mend = "leave the row out, and the column of the same code: it counts everything twice"
                out.append(Finding("error", f"row {table.rows[i]}", words, mend))
                break
    return out


def _twice(table: PlainTable) -> list[Finding]:
    """Find rows that are the same in every cell: a sector that stands there twice."""
    seen: dict[bytes, int] = {}
    out = []
    for i in np.flatnonzero(np.count_nonzero(table.use, axis=1) > 2).tolist():
        first = seen.setdefault((table.use[i] + 0.0).tobytes() + (table.final[i] + 0.0).tobytes(), i)
        if first != i:
            words = f"the same figures as row {table.rows[first]}, in every cell"
            mend = "leave one of the two out, with its column"
            out.append(Finding("error", f"row {table.rows[i]}", words, mend))
    return out


def _cases(table: PlainTable) -> Iterator[tuple[str, PlainTable, str]]:
    """What may have gone wrong, the table if that is mended, and how to mend it."""
    if len(table.rows) == len(table.columns):
        turned = replace(table, use=table.use.T)
        mend = "turn it around: rows are the products that are used, columns the activities that use them"
        yield "intermediate use looks transposed", turned, mend
        if table.square:  # output may have been added up from the columns of the wrong table
            yield "intermediate use looks transposed", replace(turned, supply=None, output=None), mend
    output = table.output
    if output is not None and np.abs(table.use).max(initial=0.0) <= 1.0 < output.max(initial=0.0):
        mend = "give flows: each coefficient times the output of its column"
        flows = replace(table, use=table.use * output)
        yield "intermediate use looks like coefficients, not flows", flows, mend
        shares = replace(flows, value_added=table.value_added * output)
        yield "intermediate use and value added look like coefficients, not flows", shares, mend
    parts = ("use", "final", "imports", "value_added")
    for name in (*parts, "supply and output"):
        words = name.replace("_", " ")
        for factor in FACTORS:
            how = f"{words} looks as if it were in another unit, by a factor of {factor:,g}"
            mend = f"multiply {words} by {factor:,g}, or correct the unit"
            if name in parts:
                mended = replace(table, **{name: getattr(table, name) * factor})
                yield how, mended, mend
                if table.square and name in ("use", "value_added"):
                    yield how, replace(mended, supply=None, output=None), mend
            elif table.supply is not None and table.output is not None:
                yield how, replace(table, supply=table.supply * factor, output=table.output * factor), mend


def _explained(table: PlainTable) -> list[Finding]:
    """The explanation that leaves least, where one makes the table close."""
    now = table.missed()
    best = min(_cases(table), key=lambda case: _left(case[1]), default=None)
    if best is None:
        return []
    what, mended, mend = best
    if _left(mended) > min(EXPLAINED * now, 10 * BROKEN):
        return []
    figures = f"the table misses its balances by {now:.2%} of all uses, and by {mended.missed():.2%} if that is mended"
    return [Finding("error", "table", f"{what}: {figures}", mend)]


def _left(table: PlainTable) -> float:
    """Sum of all gaps as a share of the smaller of intermediate and final use: no part can hide behind a larger one."""
    parts = [float(np.abs(part).sum()) for part in (table.use, table.final)]
    return table.missed() * sum(parts) / min((p for p in parts if p > 0), default=1.0)


def _missing(table: PlainTable) -> list[Finding]:
    """Gaps without one cause: units of single rows and columns, missing imports or inputs, the largest gaps."""
    rows, columns = table.gaps()
    used = table.use.sum(axis=1) + table.final.sum(axis=1)
    spent = table.use.sum(axis=0) + table.value_added.sum(axis=0)
    out = [*_units("row", table.rows, used, used + rows), *_units("column", table.columns, spent, spent + columns)]
    wide = (np.abs(rows) > BROKEN * np.abs(used)) & (rows != 0)
    if not out and not table.imports.any() and _mostly(rows < 0, wide):
        words = (
            f"use exceeds supply in {np.count_nonzero(rows < 0)} of {len(rows)} rows, by {-rows[rows < 0].sum():,.6g}"
        )
        mend = "add the imports of each product; or give domestic use only, with the imports used as a row of inputs"
        out.append(Finding("error", "imports", f"{words} in all, and the table has no imports", mend))
    open_ = (np.abs(columns) > BROKEN * np.abs(spent)) & (columns != 0)
    if not out and _mostly(columns > 0, open_):
        count, amount = np.count_nonzero(columns > 0), columns[columns > 0].sum()
        words = f"output exceeds inputs and value added in {count} of {len(columns)} columns, by {amount:,.6g} in all"
        mend = "add the row of inputs that is missing: imports used by activities, taxes on products, surplus"
        out.append(Finding("error", "inputs", words, mend))
    for kind, labels, gaps, size, which in (
        ("row", table.rows, rows, used, wide),
        ("column", table.columns, columns, spent, open_),
    ):
        for k in np.argsort(-np.abs(gaps), kind="stable").tolist():
            if which[k] and len(out) < 8:
                sides = ("supply", "use") if kind == "row" else ("output", "inputs with value added")
                less, more = sides if gaps[k] < 0 else sides[::-1]
                words = f"{less} falls short of {more} by {abs(gaps[k]):,.6g} ({size[k]:,.6g} is {sides[1]})"
                mend = "look for cells that were left out; if none is, balance the table: lustrum economy balance"
                out.append(Finding("error", f"{kind} {labels[k]}", words, mend))
    return out


def _mostly(sign: np.ndarray, gaps: np.ndarray) -> bool:
    """Whether there are gaps, in half of the lines or more, and nearly all of one sign."""
    count = int(np.count_nonzero(gaps))
    return count > 1 and count >= len(gaps) / 2 and int(np.count_nonzero(sign & gaps)) >= 0.9 * count


def _units(kind: str, labels: Sequence[str], ours: Figures, theirs: Figures) -> list[Finding]:
    """Lines whose two sides differ by a factor of ten, a hundred, a thousand …, to the rounding of printed figures."""
    out = []
    for k in np.flatnonzero((ours > 0) & (theirs > 0)).tolist():
        ratio = float(theirs[k] / ours[k])
        if near := next((f for f in FACTORS if abs(ratio / f - 1) < BROKEN), None):
            sides = "supply is {} times use" if kind == "row" else "output is {} times inputs and value added"
            words = f"{sides.format(f'{near:,g}')} ({theirs[k]:,.6g} and {ours[k]:,.6g}): another unit?"
            out.append(Finding("error", f"{kind} {labels[k]}", words, "bring the whole line to one unit"))
    return out
