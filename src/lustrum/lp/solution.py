"""What solving returns: values, one dual vector a stage, and a certificate (docs/model.md section 6).

A leaf: planning may import it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

Status = Literal["optimal", "infeasible", "unbounded", "limit"]


@dataclass(frozen=True)
class Certificate:
    """How far a solution is from feasible and from optimal; all figures relative.

    Attributes
    ----------
    primal_residual
        Largest violation of a row or bound, relative to the size of the row's own terms.
    dual_residual
        Largest reduced cost of the wrong sign, relative to the size of its own terms.
    gap
        Difference between the objective and the bound that the duals prove, relative to the larger of
        both and of the objective's own terms.
    tolerance
        What all three must not exceed for a plan to be called optimal.
    """

    primal_residual: float
    dual_residual: float
    gap: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether all three figures are within the tolerance (a figure that is no number never is)."""
        return all(v <= self.tolerance for v in (self.primal_residual, self.dual_residual, self.gap))

    @property
    def largest(self) -> float:
        """The largest of the three figures (infinite where one is no number)."""
        figures = (self.primal_residual, self.dual_residual, self.gap)
        return max(figures) if all(v == v for v in figures) else math.inf

    def worst(self, other: Certificate) -> Certificate:
        """Return the larger of each figure of two certificates."""
        return Certificate(
            max(self.primal_residual, other.primal_residual),
            max(self.dual_residual, other.dual_residual),
            max(self.gap, other.gap),
            min(self.tolerance, other.tolerance),
        )


@dataclass(frozen=True, eq=False)
class StageSolution:
    """One stage: its name, its objective (in the maximisation sense), duals and certificate.

    `row_dual` is the marginal value of every row: gain in the stage's objective for one more unit of the
    right-hand side. `reduced_cost` is the same for the bound a variable stands at.
    """

    name: str
    objective: float
    row_dual: np.ndarray
    reduced_cost: np.ndarray
    certificate: Certificate


@dataclass(frozen=True, eq=False)
class Solution:
    """Status, values of all variables, and the stages in order; `proof`: row duals that prove that there is no plan."""

    status: Status
    values: np.ndarray
    stages: tuple[StageSolution, ...]
    method: str
    seconds: float
    proof: np.ndarray | None = None

    @property
    def certificate(self) -> Certificate:
        """The worst figures over all stages."""
        out = self.stages[0].certificate
        for stage in self.stages[1:]:
            out = out.worst(stage.certificate)
        return out
