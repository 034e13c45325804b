"""The imported part of every cell: given, by the cell ratios of another year, or proportional; and how far off that is.

Few countries publish import matrices. The usual way out, proportionality, gives every user of a product the same import
share. `difference` measures what that misses where the official split is known, `possible_error` what it
may miss in a table whose split is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import require_equal

#: Of the error that arithmetic allows a proportional split, the part that it made on the US tables of 71 industries:
#: Σ|proportional − official| / `bound`, mean of 2017, 2019, 2020, 2023 (BEA import matrices, release of 2024;
#: tests/accounts/national/test_split.py measures it again).
MADE_OF_ALLOWED = 0.256
#: Σ|proportional − official| / Σ official there: over all imports, and over those for intermediate use.
MEASURED, MEASURED_INTERMEDIATE = 0.33, 0.40
STEP = "import split"


@dataclass(frozen=True)
class SplitDifference:
    """How far two splits of one table are apart.

    `intermediate`, `final`, `total`: Σ |a − b| / Σ b over those cells. `by_product`: the same by product, largest
    difference first, with its amount.
    """

    intermediate: float
    final: float
    total: float
    by_product: tuple[tuple[str, float, float], ...]

    def words(self) -> str:
        """Return the figures in one sentence."""
        return (
            f"weighted absolute difference {self.total:.1%} of all imports ({self.intermediate:.1%} of those for "
            f"intermediate use, {self.final:.1%} of those for final use)"
        )


@dataclass(frozen=True)
class SplitError:
    """What a proportional split may miss, of all imports: `bound` by arithmetic, `estimate` by what is likely."""

    bound: float
    estimate: float
    imports: float

    def words(self) -> str:
        """Return the figures in one sentence."""
        return (
            f"a proportional import split is likely to be off by {self.estimate:.0%} of imports (weighted absolute "
            f"difference; {self.bound:.0%} at the very most); on US tables it misses the official split by "
            f"{MEASURED:.0%}, by {MEASURED_INTERMEDIATE:.0%} in intermediate use"
        )


def _cells(table: FlowTable) -> tuple[Figures, Figures]:
    """Cells that imports can serve: intermediate and final use above zero, without exports and adjustments."""
    final = np.maximum(table.final, 0.0)
    final[:, table.columns("exports", "adjustment")] = 0.0
    return np.maximum(table.use, 0.0), final


def _imports(table: FlowTable) -> Figures:
    if table.imports is None:
        raise TableError(
            "the table has no imports by product: there is nothing to split",
            where=table.source.name,
            mend="give imports by product",
        )
    return table.total_imports


def split_given(table: FlowTable, use_imported: Figures, final_imported: Figures, why: str = "") -> FlowTable:
    """Take a split as it is given; imports by product that differ from it are said, and stay as they are.

    Raises
    ------
    TableError
        If shapes do not fit, or the imported part of a cell lies outside 0 to the whole cell by more than rounding.
    """
    if use_imported.shape != table.use.shape or final_imported.shape != table.final.shape:
        raise TableError(
            "the split does not fit the table",
            found=f"{use_imported.shape} and {final_imported.shape}",
            expected=f"{table.use.shape} and {table.final.shape}",
            mend="give one figure for each cell",
        )
    gap = use_imported.sum(axis=1) + final_imported.sum(axis=1) - table.total_imports
    change = Change(
        STEP,
        table.source.name,
        "imported part of each cell as given",
        float(np.abs(gap).sum()),
        float(table.total_imports.sum()),
        why or "amount: where its rows differ from imports by product",
    )
    return table.changed(change, use_imported=use_imported.copy(), final_imported=final_imported.copy())


def split_proportional(table: FlowTable) -> FlowTable:
    """Give every user of a product the same import share; exports none, unless imports exceed all other use.

    The provenance states how far that may be off.
    """
    m = _imports(table)
    use, final = _cells(table)
    base = use.sum(axis=1) + final.sum(axis=1)
    inside = np.minimum(m, base)
    share = np.divide(inside, base, out=np.zeros_like(base), where=base > 0)
    fi = share[:, None] * final
    changes = []
    excess = m - inside
    if np.any(excess > 0):
        fi = fi + _to_exports(table, excess)
        codes = [table.products.codes[i] for i in np.flatnonzero(excess > 0)[:5].tolist()]
        changes.append(
            Change(
                STEP,
                ", ".join(codes),
                "imports beyond domestic use counted as re-exports",
                float(excess.sum()),
                float(m.sum()),
                "more is imported than is used at home",
            )
        )
    error = possible_error(table)
    changes.insert(
        0,
        Change(
            STEP,
            f"{int((m > 0).sum())} products",
            "the same import share for every user",
            error.estimate * float(m.sum()),
            float(m.sum()),
            f"no split is known; {error.words()}",
        ),
    )
    return table.changed(*changes, use_imported=share[:, None] * use, final_imported=fi)


def _to_exports(table: FlowTable, excess: Figures) -> Figures:
    """Put imports that no one uses at home to exports, in proportion."""
    at = table.columns("exports")
    out = np.zeros_like(table.final)
    exports = np.maximum(table.final[:, at], 0.0)
    total = exports.sum(axis=1)
    for i in np.flatnonzero(excess > total * (1 + 1e-9) + 1e-9).tolist():
        raise TableError(
            "more is imported than is used and exported",
            where=f"imports: {table.products.codes[i]}",
            found=f"{table.total_imports[i]:.6g}",
            mend="check imports and uses of this product",
        )
    out[:, at] = exports * np.divide(excess, total, out=np.zeros_like(total), where=total > 0)[:, None]
    return out


def split_by_ratios(table: FlowTable, other: FlowTable) -> FlowTable:
    """Split by the cell ratios of another year's table, scaled row by row to this table's imports.

    No cell gets more than it uses: what would be too much goes to the other cells of the row. A product that the
    other table does not import is split in proportion.

    Raises
    ------
    LabelError, TableError
        If labels differ, or the other table has no split.
    """
    require_equal(table.products.codes, other.products.codes, "products", f"products of {other.source.name}")
    require_equal(table.activities.codes, other.activities.codes, "activities", f"activities of {other.source.name}")
    finals = [f.code for f in table.final_uses]
    require_equal(finals, [f.code for f in other.final_uses], "final uses", f"final uses of {other.source.name}")
    if other.use_imported is None or other.final_imported is None:
        raise TableError(
            "the other table has no import split", where=other.source.name, mend="take a year that has one"
        )
    m = _imports(table)
    use, final = _cells(table)
    whole = np.column_stack([use, final])
    parts, cells = (
        np.column_stack([other.use_imported, other.final_imported]),
        np.column_stack([other.use, other.final]),
    )
    ratio = np.clip(np.divide(parts, cells, out=np.zeros_like(parts), where=cells > 0), 0.0, 1.0)
    first = ratio * whole
    bare = (m > 0) & (first.sum(axis=1) <= 0)
    first[bare] = whole[bare]
    filled = _fill(first, whole, np.minimum(m, whole.sum(axis=1)))
    moved = float(np.abs(filled - first)[~bare].sum())
    changes = [
        Change(
            STEP,
            f"{int((m > 0).sum())} products",
            f"cell ratios of {other.source.base_year} ({other.source.name}), rows scaled to imports of "
            f"{table.source.base_year}",
            moved,
            float(m.sum()),
            "amount: what scaling moved",
        )
    ]
    if bare.any():
        changes.append(
            Change(
                STEP,
                ", ".join(np.array(table.products.codes)[bare][:5].tolist()),
                "split in proportion",
                float(m[bare].sum()),
                float(m.sum()),
                "the other year did not import them",
            )
        )
    n = len(table.activities.codes)
    final_imported = filled[:, n:]
    excess = m - np.minimum(m, whole.sum(axis=1))
    if np.any(excess > 0):
        final_imported = final_imported + _to_exports(table, excess)
        changes.append(
            Change(
                STEP,
                "exports",
                "imports beyond domestic use counted as re-exports",
                float(excess.sum()),
                float(m.sum()),
                "more is imported than is used at home",
            )
        )
    return table.changed(*changes, use_imported=filled[:, :n], final_imported=final_imported)


def _fill(first: Figures, whole: Figures, totals: Figures) -> Figures:
    """Scale rows to totals with no cell above its whole: cells that are full stay full, the others go on."""
    start = np.where(whole > 0, np.maximum(first, 1e-12 * whole), 0.0)
    low, high = np.zeros(len(totals)), np.ones(len(totals))
    reach = np.divide(whole, start, out=np.ones_like(whole), where=start > 0).max(axis=1)
    high = np.maximum(reach, 1.0)
    for _ in range(200):  # bisection on the factor of each row: the capped sum rises with it
        middle = 0.5 * (low + high)
        below = np.minimum(start * middle[:, None], whole).sum(axis=1) < totals
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    filled = np.minimum(start * high[:, None], whole)
    sums = filled.sum(axis=1)
    return filled * np.divide(totals, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]


def difference(table: FlowTable, official: FlowTable) -> SplitDifference:
    """Measure how far the split of one table is from that of another with the same cells.

    Raises
    ------
    TableError
        If one of them has no split.
    """
    if (
        table.use_imported is None
        or official.use_imported is None
        or table.final_imported is None
        or official.final_imported is None
    ):
        raise TableError(
            "a table without import split cannot be compared", where=table.source.name, mend="split it first"
        )
    inner, outer = (
        np.abs(table.use_imported - official.use_imported),
        np.abs(table.final_imported - official.final_imported),
    )
    base = (float(np.abs(official.use_imported).sum()), float(np.abs(official.final_imported).sum()))
    by = inner.sum(axis=1) + outer.sum(axis=1)
    rows = np.abs(official.use_imported).sum(axis=1) + np.abs(official.final_imported).sum(axis=1)
    order = np.argsort(-by, kind="stable").tolist()
    products = tuple((table.products.codes[i], float(by[i]), float(by[i] / rows[i]) if rows[i] else 0.0) for i in order)
    return SplitDifference(
        _share(float(inner.sum()), base[0]),
        _share(float(outer.sum()), base[1]),
        _share(float(inner.sum() + outer.sum()), sum(base)),
        products,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def possible_error(table: FlowTable) -> SplitError:
    """Estimate what a proportional split of this table would miss, without knowing the true one.

    A product with import share s cannot be off by more than 2 (1 − s) of its imports: then they would fill the cells of
    some users and leave none to others. `bound` is the sum over products, over all imports; `estimate` is the part of
    it that the split was really off on US tables (`MADE_OF_ALLOWED`).
    """
    m = _imports(table)
    use, final = _cells(table)
    base = use.sum(axis=1) + final.sum(axis=1)
    share = np.divide(np.minimum(m, base), base, out=np.ones_like(base), where=base > 0)
    total = float(m.sum())
    bound = float((2 * np.minimum(m, base) * (1 - share)).sum()) / total if total else 0.0
    return SplitError(bound, MADE_OF_ALLOWED * bound, total)
