"""Plan: what comes out, on its labels, with marginal values and certificate (docs/model.md section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.lp.solution import Certificate, Status
from lustrum.planning.data import PlanData
from lustrum.planning.spec import PlanSpec


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of the objective as it was solved.

    `objective` is in the maximisation sense (costs and shortfalls negative). `marginal_values` holds, by
    constraint family, the gain in this stage's objective for one more unit of the right-hand side.
    """

    name: str
    objective: float
    marginal_values: Mapping[str, xr.DataArray]
    certificate: Certificate


@dataclass(frozen=True, eq=False)
class Plan:
    """A solved plan.

    Attributes
    ----------
    values
        `output` (activity, year), `investment` and `capital` (asset, activity, year), `imports` and
        `exports` (product, partner, year), `stock` (product, year), `consumption` (household, need,
        year), `debt` (region, year), `shortfall` and `excess` (task); NaN where the plan has no such
        variable. Families a plan does not have are absent.
    stages
        The stages of the objective in order; the last one is the plan's own aim.
    """

    economy: Economy
    spec: PlanSpec
    status: Status
    values: Mapping[str, xr.DataArray] = field(repr=False)
    stages: tuple[Stage, ...]
    method: str
    seconds: float
    notes: tuple[str, ...] = ()

    @cached_property
    def data(self) -> PlanData:
        """The accounts and plan file resolved by year."""
        return PlanData(self.economy, self.spec)

    @property
    def objective(self) -> float:
        """Value of the last stage (a cost is given as a cost)."""
        value = self.stages[-1].objective
        return -value if self.spec.objective.kind == "least_cost" and self.stages[-1].name == "least_cost" else value

    @property
    def certificate(self) -> Certificate:
        """The worst figures over all stages."""
        out = self.stages[0].certificate
        for stage in self.stages[1:]:
            out = out.worst(stage.certificate)
        return out

    def marginal_values(self, family: str) -> xr.DataArray:
        """Return the marginal values of a constraint family in the last stage.

        The gain in the objective (in the maximisation sense) for one more unit of the right-hand side,
        earlier stages held: at least 0 on limits from above (capacity, labour, ceilings), at most 0 on
        floors and targets, in a plan with one stage. They need not be unique.
        """
        found = self.stages[-1].marginal_values
        if family not in found:
            expected, mend = unknown_label(family, sorted(found), "constraint")
            raise SpecError(f"this plan has no constraint {family!r}", expected=expected, mend=mend)
        return found[family]
