"""How far off it may be to say that every user of a product imports the same share of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.errors import TableError

#: Of the error that arithmetic allows a proportional split, the part that it made on the US tables of 71 industries:
#: Σ|proportional − official| / `bound`, mean of 2017, 2019, 2020, 2023 (BEA import matrices, release of 2024;
#: tests/accounts/national/test_split.py measures it again).
MADE_OF_ALLOWED = 0.256
#: Σ|proportional − official| / Σ official there: over all imports, and over those for intermediate use.
MEASURED, MEASURED_INTERMEDIATE = 0.33, 0.40


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
