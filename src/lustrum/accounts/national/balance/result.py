"""What a balancing method takes and gives: constraints, the balanced matrix, and how far its cells moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.provenance import Change

Figures = NDArray[np.float64]

#: A residual counts as zero below this share of what stands in the row or column.
TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Constraint:
    """A known figure: Σ coefficients · cells = value.

    Attributes
    ----------
    name
        What the figure is, for messages.
    rows, columns
        Positions of the cells, of one length.
    coefficients
        As long; 1 where the cells add up.
    value
        What the sum must be.
    give
        How readily the figure gives way: 0 not at all; 1 as readily as a cell of its own size.
    """

    name: str
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    coefficients: Figures
    value: float
    give: float = 0.0


@dataclass(frozen=True, eq=False)
class Balanced:
    """A balanced matrix.

    Attributes
    ----------
    method
        ``ras``, ``gras`` or ``kras``.
    matrix
        (m, n) the new figures.
    row_multipliers, column_multipliers
        r and s: a positive cell became r·z·s, a negative one z/(r·s). NaN where all cells were cleared, or (kras)
        no total was given.
    constraint_multipliers
        exp(λ) of each side constraint; empty for ras and gras.
    iterations
        Rounds over rows and columns, and Newton steps.
    row_residuals, column_residuals, constraint_residuals
        Sum minus total; NaN where no total was given.
    changes
        Entries for the provenance: how much was moved, and which cells were cleared.
    """

    method: str
    matrix: Figures
    row_multipliers: Figures
    column_multipliers: Figures
    iterations: int
    row_residuals: Figures
    column_residuals: Figures
    changes: tuple[Change, ...]
    constraint_multipliers: Figures = field(default_factory=lambda: np.zeros(0))
    constraint_residuals: Figures = field(default_factory=lambda: np.zeros(0))

    @property
    def moved(self) -> float:
        """Σ |new − old| over all cells."""
        return self.changes[0].amount if self.changes else 0.0


def what_moved(
    method: str, old: Figures, new: Figures, rows: Sequence[str], columns: Sequence[str], iterations: int, why: str
) -> tuple[Change, ...]:
    """Return the changes from one matrix to another: all cells together, then those cleared."""
    gap = np.abs(new - old)
    amount, of = float(gap.sum()), float(np.abs(old).sum())
    if amount == 0:
        return ()
    i, j = (int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
    largest = f"largest: {rows[i]}, {columns[j]} from {old[i, j]:.6g} to {new[i, j]:.6g}"
    changes = [
        Change(
            "balancing",
            f"{old.shape[0]} rows × {old.shape[1]} columns",
            f"{int(np.count_nonzero(gap))} cells moved by {method.upper()} in {iterations} rounds; {largest}",
            amount,
            of,
            why,
        )
    ]
    cleared = (old != 0) & (new == 0)
    if cleared.any():
        where = [f"{rows[i]}, {columns[j]}" for i, j in np.argwhere(cleared)[:5].tolist()]
        more = f" and {int(cleared.sum()) - 5} more" if cleared.sum() > 5 else ""
        changes.append(
            Change(
                "balancing",
                "; ".join(where) + more,
                f"{int(cleared.sum())} cells set to zero",
                float(np.abs(old[cleared]).sum()),
                of,
                "their row or column has the total zero, and cells of one sign only",
            )
        )
    return tuple(changes)
