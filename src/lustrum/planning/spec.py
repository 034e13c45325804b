"""PlanSpec: what a plan is asked to do, as a checked document (`lustrum.yaml`).

Here are the document and its sections on the objective (docs/model.md section 5) and the solver; sections on
constraints are in `sections.py`. Labels are checked against the accounts when a plan is made.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from lustrum.errors import SpecError
from lustrum.planning.parameters import parameter
from lustrum.planning.plan_file import check_shape, load_plan_file, spec_error
from lustrum.planning.sections import (
    ALL,
    Adjustment,
    Basis,
    Capacity,
    Codes,
    CommittedDemand,
    Horizon,
    Investment,
    Labour,
    LivingStandard,
    Output,
    Path_,
    Population,
    Reserve,
    ResourceBudget,
    Scaling,
    Section,
    Task,
    Technology,
    Term,
    Terminal,
    Trade,
)


class BasketItem(Section):
    """Part of the basket of the `assortment` objective; basis `base`: times base consumption per head."""

    need: Codes = ALL
    household: Codes = ALL
    amount: Path_
    basis: Basis = "base"


class Cost(Term):
    """A term of `least_cost`, in every plan year or the years named."""

    years: list[int] | None = None


#: Keys that only some kinds of objective use. Under another kind they would have no effect.
USED_BY = {
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
    def _every_key_is_used(self) -> Objective:
        for key, kinds in USED_BY.items():
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


class PlanSpec(Section):
    """A plan as it is asked for: one commented YAML file a planner can read and diff."""

    lustrum: Literal[1] = Field(1, description="version of this file's format")
    name: str = Field("plan", min_length=1, max_length=120)
    economy: str = Field("economy", description="an embedded economy, or a folder beside this file")
    horizon: Horizon = Horizon()
    technology: Technology = Technology()
    population: Population = Population()
    labour: Labour = Labour()
    capacity: Capacity = Capacity()
    committed_demand: CommittedDemand = CommittedDemand()
    scale: list[Scaling] = []
    living_standard: LivingStandard = LivingStandard()
    trade: Trade = Trade()
    output: Output = Output()
    reserves: list[Reserve] = []
    investment: Investment = Investment()
    resources: list[ResourceBudget] = []
    adjustment: Adjustment = Adjustment()
    tasks: list[Task] = []
    terminal: Terminal = Terminal()
    objective: Objective = Objective()
    solver: Solver = Solver()

    def __repr__(self) -> str:
        lines = self.to_yaml().rstrip().splitlines()
        more = [f"  … and {len(lines) - 30} more lines: print(spec.to_yaml())"] if len(lines) > 30 else []
        return "\n".join([f"<PlanSpec {self.name!r}, what differs from the defaults>", *lines[:30], *more])

    @field_validator("tasks")
    @classmethod
    def _names(cls, tasks: list[Task]) -> list[Task]:
        names = [t.name for t in tasks]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two tasks are called {name!r}; give each its own name")
        return tasks

    @classmethod
    def from_yaml(cls, path: str | Path) -> PlanSpec:
        """Read a plan file.

        Raises
        ------
        SpecError
            With file, line and field, what was found, what was expected, and the mend.
        """
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as e:
            found = e.strerror if isinstance(e, OSError) else "not UTF-8 text"
            raise SpecError(
                "plan file cannot be read",
                where=str(file),
                found=found,
                mend="`lustrum new DIR` makes a workspace with one",
            ) from None
        return cls.from_text(text, file.name)

    @classmethod
    def from_text(cls, text: str, where: str = "lustrum.yaml") -> PlanSpec:
        """Read a plan from YAML text; `where` names it in errors."""
        return cls._valid(load_plan_file(text, where, cls.schema_of_file()), text, where)

    @classmethod
    def from_mapping(cls, body: dict[str, Any], where: str = "plan file") -> PlanSpec:
        """Return the plan that a nested mapping says; `where` names it in errors.

        Raises
        ------
        SpecError
            For the first key or value that a plan file cannot have.
        """
        return cls._valid(check_shape(body, "", where, cls.schema_of_file()), "", where)

    @classmethod
    def _valid(cls, body: dict[str, Any], text: str, where: str) -> PlanSpec:
        try:
            return cls.model_validate(body)
        except ValidationError as e:
            raise spec_error(e, text, where) from None

    def to_yaml(self) -> str:
        """Return the plan as YAML with what differs from the defaults."""
        body = self.model_dump(mode="python", by_alias=True, exclude_defaults=True)
        return yaml.safe_dump({"lustrum": 1, "name": self.name, **body}, sort_keys=False, allow_unicode=True)

    @staticmethod
    @cache
    def schema_of_file() -> dict[str, Any]:
        """Return the JSON Schema of a plan file."""
        return PlanSpec.model_json_schema(by_alias=True)

    @staticmethod
    def json_schema() -> str:
        """Return the JSON Schema of a plan file as text, for editors that complete while one types."""
        return json.dumps(PlanSpec.schema_of_file(), indent=1)
