"""Sections of a plan file that speak of the objective (docs/model.md section 5) and of how it is computed."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lustrum.planning.parameters import parameter
from lustrum.planning.sections import ALL, Basis, Codes, Path_, Section, Term


class BasketItem(Section):
    """Part of the basket of the `assortment` objective; basis `base`: times base consumption per head."""

    need: Codes = ALL
    household: Codes = ALL
    amount: Path_
    basis: Basis = "base"


class Cost(Term):
    """A term of `least_cost`, in every plan year or the years named."""

    years: list[int] | None = None


#: Keys that only some objectives heed: what counts, and when. Under another kind they would say nothing.
HEEDED_BY = {
    "weights": ("living_standard", "output", "terminal_capacity"),
    "discount": ("living_standard", "least_cost"),
    "basket": ("assortment",),
    "years": ("output",),
    "year": ("terminal_capacity",),
    "costs": ("least_cost",),
}

#: Shortest piece of the worth curve, as a ratio: chords over less are rounding.
SHORTEST = 1e-5

#: Steepest worth curve: powers of ten between the worth of a unit at its floor and at the base level.
STEEPEST = 10


class Objective(Section):
    """Section 5: stages, solved in order."""

    kind: Literal["living_standard", "assortment", "terminal_capacity", "output", "employment", "least_cost"] = (
        "living_standard"
    )
    people_first: bool = parameter("objective.people_first")
    discount: float = parameter("objective.discount")
    elasticity: float = parameter("objective.elasticity")
    utility_floor: float = parameter("objective.utility_floor")
    utility_ceiling: float = parameter("objective.utility_ceiling")
    segments: int = parameter("objective.segments")
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(
        {},
        description="living_standard: need -> factor on its base spending; output, terminal_capacity: "
        "activity -> weight (1 where absent)",
    )
    basket: list[BasketItem] = []
    years: list[int] | None = Field(None, description="output: the years that count; if absent: every plan year")
    year: int | None = Field(
        None, description="terminal_capacity: capacity at the start of this year; if absent: the year after the plan"
    )
    costs: list[Cost] = []
    stage_tolerance: float = parameter("objective.stage_tolerance")
    tie_break: bool = parameter("objective.tie_break")

    @model_validator(mode="after")
    def _not_too_steep(self) -> Objective:
        steepest = self.elasticity * -math.log10(self.utility_floor)
        if steepest > STEEPEST:
            raise ValueError(
                f"worth at utility_floor {self.utility_floor:g} with elasticity {self.elasticity:g} is "
                f"1e{steepest:.0f} times that at the base level, more than the 1e{STEEPEST} that can be computed; "
                "raise utility_floor"
            )
        return self

    @model_validator(mode="after")
    def _not_too_short(self) -> Objective:
        low, high = -math.log(self.utility_floor), math.log(self.utility_ceiling)
        if any(0 < side < SHORTEST for side in (low, high)) or 0 < low + high < SHORTEST * self.segments:
            raise ValueError(
                f"{self.segments} pieces between utility_floor {self.utility_floor!r} and utility_ceiling "
                f"{self.utility_ceiling!r} are too short to compute: take fewer, or floor and ceiling further apart"
            )
        return self

    @model_validator(mode="after")
    def _says_nothing_in_vain(self) -> Objective:
        for key, kinds in HEEDED_BY.items():
            said = getattr(self, key) != type(self).model_fields[key].get_default()
            if said and self.kind not in kinds:
                raise ValueError(f"`{key}` says nothing under kind {self.kind}: it belongs to {', '.join(kinds)}")
        return self

    @model_validator(mode="after")
    def _has_costs(self) -> Objective:
        if self.kind == "least_cost" and not self.costs:
            raise ValueError("least_cost needs at least one cost")
        return self


class Solver(Section):
    """How the plan is computed; nothing here changes what an optimal plan is."""

    method: Literal["auto", "ipm", "simplex", "staircase"] = "auto"
    tolerance: float = parameter("solver.tolerance")
    time_limit: float = parameter("solver.time_limit")
    vertex: bool | None = parameter("solver.vertex")
    threads: int = parameter("solver.threads")
    device: Literal["cpu", "gpu"] = "cpu"
