"""PlanSpec: what a plan is asked to do, as a checked document (`lustrum.yaml`).

Its sections are in `sections.py` and `aims.py`; labels are checked against the accounts in `data.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from lustrum.errors import SpecError
from lustrum.planning.aims import Objective, Solver
from lustrum.planning.sections import (
    Adjustment,
    Capacity,
    CommittedDemand,
    Horizon,
    Investment,
    Labour,
    LivingStandard,
    Population,
    Reserve,
    ResourceBudget,
    Scaling,
    Section,
    Task,
    Technology,
    Terminal,
    Trade,
)
from lustrum.planning.spec_errors import spec_error


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
    reserves: list[Reserve] = []
    investment: Investment = Investment()
    resources: list[ResourceBudget] = []
    adjustment: Adjustment = Adjustment()
    tasks: list[Task] = []
    terminal: Terminal = Terminal()
    objective: Objective = Objective()
    solver: Solver = Solver()

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
        from lustrum.planning.spec_errors import load_yaml

        raw = load_yaml(text, where)
        try:
            return cls.model_validate(raw)
        except ValidationError as e:
            raise spec_error(e, text, where) from None

    def to_yaml(self) -> str:
        """Return the plan as YAML with what differs from the defaults."""
        body = self.model_dump(mode="python", by_alias=True, exclude_defaults=True)
        return yaml.safe_dump({"lustrum": 1, "name": self.name, **body}, sort_keys=False, allow_unicode=True)

    @staticmethod
    def json_schema() -> str:
        """Return the JSON Schema of a plan file, for editors that complete while one types."""
        return json.dumps(PlanSpec.model_json_schema(by_alias=True), indent=1)
