"""What was done to published figures on their way into an economy: one entry a change, kept for good."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from lustrum.accounts.words import remark
from lustrum.errors import TableError


@dataclass(frozen=True)
class Change:
    """One thing that was moved, split, estimated or left out.

    Attributes
    ----------
    step
        What was being done, in two or three words: "import split", "negative final demand".
    where
        Table and cells as the source names them: "F_dom: GFGN, PCE", "Z_imp: 71 rows".
    what
        One sentence: what stood there, what stands there now.
    amount
        Σ |figure moved| in the table's unit; 0 where no figure moved.
    of
        What `amount` is measured against (the table's total of that kind); 0 where nothing fits.
    why
        One sentence: the reason, or the assumption made.

    Texts are put on one line, so that every form of the accounts can keep them.
    """

    step: str
    where: str
    what: str
    amount: float = 0.0
    of: float = 0.0
    why: str = ""

    def __post_init__(self) -> None:
        for attribute in ("step", "where", "what", "why"):
            object.__setattr__(self, attribute, remark(getattr(self, attribute)))
        for attribute in ("amount", "of"):
            figure = float(getattr(self, attribute)) + 0.0
            if not math.isfinite(figure):
                raise TableError(
                    "the amount of a change is no finite number",
                    where=f"provenance: {self.step}",
                    found=figure,
                    mend="correct the figures that were moved",
                )
            object.__setattr__(self, attribute, figure)

    @property
    def share(self) -> float:
        """`amount` as a share of `of`; 0 where there is nothing to measure against."""
        return self.amount / self.of if self.of else 0.0


#: Columns of provenance.csv, of the sheet and of the NetCDF attribute, in order.
COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Change))
