"""Tasks drawn from the sheets of a plan, one proposal a sector. No body is accountable for them yet.

Apart from `tasks.py` because sheets need planning, which is slow to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lustrum.planning.plan import Plan
from lustrum.planning.sheets import SheetMaker
from lustrum.solving.conflict.words import figure


@dataclass(frozen=True)
class Indicator:
    """What is counted, in its unit, with the targets by year.

    `id` is `output`, `capacity`, `investment:ASSET` or `labour:SKILL`.
    """

    id: str
    label: str
    unit: str
    targets: dict[int, float] = field(repr=False)


@dataclass(frozen=True)
class TaskProposal:
    """A sector's task as the plan's sheet has it.

    `id` stays the same from plan to plan on the same accounts. The first indicator is the sector's output; the others
    are the means: capacity, investment by asset, labour.
    """

    id: str
    sector: str
    label: str
    text: str
    indicators: tuple[Indicator, ...]


def tasks_of(plan: Plan) -> list[TaskProposal]:
    """Return one proposal a sector, in the order of the accounts."""
    maker = SheetMaker(plan)
    years = [plan.data.calendar.year(t) for t in plan.data.calendar.plan_years]
    return [_proposal(maker.sheet(code), years) for code in plan.economy.codes("activity")]


def _proposal(sheet: dict[str, Any], years: Sequence[int]) -> TaskProposal:
    found = [("output", "output", sheet["unit"], sheet["tasks"]["output"])]
    if "capacity" in sheet["tasks"]:
        found.append(("capacity", "capacity", sheet["unit"], sheet["tasks"]["capacity"]))
    found += [
        (f"investment:{x['asset']}", f"investment: {x['name']}", x["unit"], x["amount"])
        for x in sheet["ways"]["investment"]
    ]
    found += [
        (f"labour:{x['skill']}", f"labour: {x['name']}", x["unit"], x["amount"])
        for x in sheet["means"].get("labour", [])
        if any(x["amount"].values())
    ]
    indicators = tuple(
        Indicator(name, label, unit, {y: float(series[str(y)]) for y in years if series.get(str(y)) is not None})
        for name, label, unit, series in found
    )
    return TaskProposal(f"sector:{sheet['sector']}", sheet["sector"], sheet["name"], _text(sheet, years), indicators)


def _text(sheet: dict[str, Any], years: Sequence[int]) -> str:
    """The task in words: what to make, from where to where, and the named tasks of the plan file it serves."""
    output, unit = sheet["tasks"]["output"], sheet["unit"]
    first, last = output[str(years[0])], output[str(years[-1])]
    words = f"{sheet['name']}: output of {figure(first)} {unit} in {years[0]}, {figure(last)} in {years[-1]}"
    base = output.get(str(years[0] - 1))
    words += f" ({100 * (last / base - 1):+.1f} % against {years[0] - 1})." if base else "."
    named = list(dict.fromkeys(x["task"] for x in sheet["tasks"]["from_the_plan_file"]))
    return words + (f" Serves: {', '.join(named)}." if named else "")
