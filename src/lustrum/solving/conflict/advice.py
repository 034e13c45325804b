"""From a least relaxation to changes of the plan file: each limit that gave way gets the figure it needs.

Figures come from the plan that the relaxation found, rounded outward, so that this very plan satisfies the
changed plan file. Rates that the plan file sets once for all are widened for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import Infeasible
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import ENDOWMENTS
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict.figures import HANDLERS, Handler
from lustrum.solving.conflict.report import Conflict
from lustrum.solving.conflict.words import Advice, Change, Ground, Row, figure


def advise(data: PlanData, problem: Problem, values: np.ndarray, rows: Sequence[Row]) -> Advice:
    """Return the advice on all rows that gave way, given the plan that needs them to."""
    ground = Ground(data, problem, values)
    groups: dict[Handler, list[Row]] = {}
    for row in rows:
        if expressible(data, row):
            groups.setdefault(HANDLERS[row.name], []).append(row)
        else:
            ground.advice.missing.append(row.index)
            more = figure(abs(float(ground.activity[row.index]) - ground.side(row)))
            why = "a fact of the accounts" if row.name in ENDOWMENTS else "a rule without a figure of its own"
            words = f"{row.sentence} in {row.year}: {more} more would be needed"
            ground.say(row, f"{words} ({why}; no change of the plan file gives it)")
    for handler, group in groups.items():
        handler(ground, group)
    return ground.advice


def expressible(data: PlanData, row: Row) -> bool:
    """Whether the plan file has a figure that can let this row give way."""
    if row.name == "labour":
        years = data.economy.data["labour_supply"].dims
        return (
            "year" not in years
            and row.year > data.calendar.base
            and all(change.entry.times is not None for change in data.scaling.get("labour_supply", ()))
            and bool(data.labour_supply(row.year - data.calendar.base)[data.economy.codes("skill").index(row.code)] > 0)
        )
    if row.name == "after_plan":
        return data.spec.terminal.growth > -0.5
    return row.name in HANDLERS


def apply_changes(spec: PlanSpec, changes: Sequence[Change]) -> PlanSpec:
    """Return a plan file with the changes made.

    Raises
    ------
    KeyError
        If a change names a task that the plan file does not have.
    """
    body = spec.model_dump(by_alias=True)
    for change in changes:
        target: Any = body
        for key in change.path[:-1]:
            if isinstance(target, list):
                named = [task for task in target if task["name"] == key]
                if not named:
                    raise KeyError(f"the plan file has no task {key!r}")
                target = named[0]
            else:
                target = target[key]
        last = change.path[-1]
        target[last] = [*target[last], change.value] if change.add else change.value
    return PlanSpec.model_validate(body)


def apply_relaxation(spec: PlanSpec, economy: Economy, conflict: Conflict) -> PlanSpec:
    """Return the plan file with the advice followed: the least relaxation it can express.

    Raises
    ------
    Infeasible
        If no change of the plan file gives a plan: the accounts, or facts of them, would have to change.
    SpecError
        If the changed plan file does not fit the accounts (advice for another plan).
    """
    if conflict.feasible:
        return spec
    way = conflict.advice
    if way is None:
        raise Infeasible(f"no change of the plan file alone gives a plan\n{conflict}")
    changed = apply_changes(spec, way.changes)
    PlanData(economy, changed).limits  # noqa: B018  # labels and years are checked here
    return changed
