"""Plans made wrong on purpose: one thing changed in arrays, claims, marginal values, accounts or plan file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from lustrum.accounts.economy import Economy
from lustrum.planning.spec import PlanSpec


@dataclass(frozen=True)
class Claim:
    """A plan as it is handed to a verifier."""

    economy: Economy
    spec: PlanSpec
    values: Mapping[str, xr.DataArray]
    stages: Sequence[Any]

    def with_array(self, name: str, figures: np.ndarray) -> Claim:
        """Return the claim with the figures of one array changed."""
        return dataclasses.replace(self, values={**self.values, name: self.values[name].copy(data=figures)})

    def with_stage(self, k: int, **changes: Any) -> Claim:
        """Return the claim with one stage changed."""
        stages = list(self.stages)
        stages[k] = dataclasses.replace(stages[k], **changes)
        return dataclasses.replace(self, stages=stages)


Alteration = Callable[[Claim, np.random.Generator], "Claim | None"]


def scaled_cell(name: str, factor: float) -> Alteration:
    """Multiply one positive figure of an array."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        if name not in claim.values:
            return None
        figures = np.array(claim.values[name].values, dtype=float)
        where = np.argwhere(np.nan_to_num(figures) > 1e-3 * np.nanmax(np.abs(figures), initial=0.0))
        if not len(where):
            return None
        figures[tuple(where[rng.integers(len(where))])] *= factor
        return claim.with_array(name, figures)

    return alter


def scaled_array(name: str, factor: float) -> Alteration:
    """Multiply all figures of an array."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        if name not in claim.values:
            return None
        return claim.with_array(name, np.asarray(claim.values[name].values) * factor)

    return alter


def swapped_years(name: str) -> Alteration:
    """Let two years change places in an array."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        if name not in claim.values or claim.values[name].sizes["year"] < 2:
            return None
        figures = np.array(claim.values[name].values, dtype=float)
        first = int(rng.integers(figures.shape[-1] - 1))
        figures[..., [first, first + 1]] = figures[..., [first + 1, first]]
        return claim.with_array(name, figures)

    return alter


def shifted_zero(name: str, share: float) -> Alteration:
    """Put a share of the array's largest figure where nothing stands."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        if name not in claim.values:
            return None
        figures = np.array(claim.values[name].values, dtype=float)
        where = np.argwhere(figures == 0)
        top = np.nanmax(np.abs(figures), initial=0.0)
        if not len(where) or top == 0:
            return None
        figures[tuple(where[rng.integers(len(where))])] = share * top
        return claim.with_array(name, figures)

    return alter


def missing_cell(claim: Claim, rng: np.random.Generator) -> Claim | None:
    """Leave one figure out."""
    name = str(rng.choice([n for n in ("output", "consumption", "capital", "imports") if n in claim.values]))
    figures = np.array(claim.values[name].values, dtype=float)
    where = np.argwhere(np.isfinite(figures))
    if not len(where):
        return None
    figures[tuple(where[rng.integers(len(where))])] = np.nan
    return claim.with_array(name, figures)


def claimed(change: float, last: bool) -> Alteration:
    """Raise or lower the objective that a stage claims, in shares of it."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        k = len(claim.stages) - 1 if last else 0
        value = claim.stages[k].objective
        return claim.with_stage(k, objective=value + change * max(1.0, abs(value)))

    return alter


def _marginals(claim: Claim, k: int, family: str, figures: np.ndarray) -> Claim:
    old = claim.stages[k].marginal_values
    return claim.with_stage(k, marginal_values={**old, family: old[family].copy(data=figures)})


def marginal_values(how: str) -> Alteration:
    """Change the marginal values of one family (or all) in a stage that is not the tie-break."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        ks = [k for k, stage in enumerate(claim.stages) if stage.name != "tie_break"]
        k = ks[-1]
        old = claim.stages[k].marginal_values
        families = [f for f, a in old.items() if f != "proportion" and np.nan_to_num(a.values).any()]
        if not families:
            return None
        if how == "all":
            scaled = {f: a * (1.001 if f != "lexicographic_bound" else 1.0) for f, a in old.items()}
            return claim.with_stage(k, marginal_values=scaled)
        if how == "none":
            return claim.with_stage(k, marginal_values={f: a * 0.0 for f, a in old.items()})
        family = str(rng.choice(families))
        figures = np.array(old[family].values, dtype=float)
        if how == "scale":
            return _marginals(claim, k, family, figures * 1.01)
        if how == "zero":
            return _marginals(claim, k, family, figures * 0.0)
        if how == "drop":
            return claim.with_stage(k, marginal_values={f: a for f, a in old.items() if f != family})
        at = np.unravel_index(int(np.nanargmax(np.abs(figures))), figures.shape)
        figures[at] *= -1.0 if how == "sign" else float(rng.choice([0.98, 1.02]))
        return _marginals(claim, k, family, figures)

    return alter


def accounts_cell(field: str, factor: float) -> Alteration:
    """Change one figure of the accounts after the plan was made."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        if not claim.economy.has(field):
            return None
        array = claim.economy.data[field]
        figures = np.array(array.values, dtype=float)
        where = np.argwhere(figures > 0.01 * figures.max(initial=0.0))
        if not len(where):
            return None
        figures[tuple(where[rng.integers(len(where))])] *= factor
        return dataclasses.replace(claim, economy=claim.economy.with_data(**{field: array.copy(data=figures)}))

    return alter


def plan_file(change: Mapping[str, Any]) -> Alteration:
    """Change the plan file after the plan was made."""

    def alter(claim: Claim, rng: np.random.Generator) -> Claim | None:
        document = claim.spec.model_dump(by_alias=True)
        for path, value in change.items():
            *sections, key = path.split(".")
            part = document
            for section in sections:
                part = part[section]
            part[key] = part[key] + [value] if isinstance(part[key], list) else value
        try:
            spec = PlanSpec.model_validate(document)
        except ValidationError:
            return None  # a plan file that nobody could have: a key that its objective does not heed
        return dataclasses.replace(claim, spec=spec)

    return alter


ALTERATIONS: dict[str, Alteration] = {
    "one output 1 % up": scaled_cell("output", 1.01),
    "one output 0.1 % down": scaled_cell("output", 0.999),
    "all outputs 0.1 % up": scaled_array("output", 1.001),
    "outputs swap years": swapped_years("output"),
    "one consumption 0.1 % up": scaled_cell("consumption", 1.001),
    "one consumption 1 % down": scaled_cell("consumption", 0.99),
    "consumption swaps years": swapped_years("consumption"),
    "consumption out of nothing": shifted_zero("consumption", 0.01),
    "one capital stock 1 % up": scaled_cell("capital", 1.01),
    "all capital 0.01 % up": scaled_array("capital", 1.0001),
    "capital swaps years": swapped_years("capital"),
    "investment 0.1 % less": scaled_array("investment", 0.999),
    "one investment 1 % up": scaled_cell("investment", 1.01),
    "imports 1 % more": scaled_array("imports", 1.01),
    "one import 1 % down": scaled_cell("imports", 0.99),
    "an import below zero": shifted_zero("imports", -0.01),
    "one export 1 % up": scaled_cell("exports", 1.01),
    "one export 1 % down": scaled_cell("exports", 0.99),
    "stocks swap years": swapped_years("stock"),
    "one stock 1 % up": scaled_cell("stock", 1.01),
    "stock out of nothing": shifted_zero("stock", 0.01),
    "debt 1 % more": scaled_array("debt", 1.01),
    "a figure left out": missing_cell,
    "last claim raised": claimed(1e-5, True),
    "last claim lowered": claimed(-1e-5, True),
    "first claim raised": claimed(1e-5, False),
    "first claim lowered": claimed(-1e-4, False),
    "one family's marginal values 1 % up": marginal_values("scale"),
    "one family's marginal values zero": marginal_values("zero"),
    "one family's marginal values dropped": marginal_values("drop"),
    "largest marginal value moved": marginal_values("move"),
    "largest marginal value turned": marginal_values("sign"),
    "all marginal values 0.1 % up": marginal_values("all"),
    "no marginal values": marginal_values("none"),
    "more of an input needed": accounts_cell("use", 1.01),
    "less made": accounts_cell("supply", 0.999),
    "more labour needed": accounts_cell("labour_coefficient", 1.01),
    "less labour": accounts_cell("labour_supply", 0.99),
    "more capital needed": accounts_cell("capital_coefficient", 1.01),
    "less capital at the start": accounts_cell("capital_stock", 0.99),
    "base consumption higher": accounts_cell("consumption", 1.02),
    "dearer imports": accounts_cell("import_price", 1.02),
    "more committed demand": accounts_cell("committed_demand", 1.05),
    "smaller opening stock": accounts_cell("opening_stock", 0.98),
    "another discount": plan_file({"objective.discount": 0.87}),
    "a higher floor": plan_file({"living_standard.floors": {"at_least": 1.0}}),
    "a narrower band": plan_file({"adjustment.output": {"up": 0.001, "down": 0.001}}),
    "faster growth after the plan": plan_file({"terminal.growth": 0.05}),
    "growth of population": plan_file({"population.growth": 0.017}),
    "dearer debt": plan_file({"trade.interest_rate": 0.08}),
}
