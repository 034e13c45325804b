"""The register of tasks: what each should reach in a year, what was reached, what is overdue: all computed from the
state. Also the tasks that the sheets of a plan propose, one for each sector.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lustrum.congress.entities import Task
from lustrum.congress.state import State

if TYPE_CHECKING:
    from lustrum.planning.plan import Plan

#: Days after the end of a year by which it is to be reported.
REPORT_WITHIN = 90


@dataclass(frozen=True, slots=True)
class Execution:
    """One task in one year.

    `fulfilment_first` and `fulfilment_current` are reached / target, None without a report or with a target of zero.
    `status` is due, reported, verified or returned; of a task that was cancelled, cancelled.
    """

    task: str
    label: str
    sector: str
    indicator: str
    unit: str
    body: str | None
    plan: str
    year: int
    first: float
    current: float
    reached: float | None
    status: str
    overdue: bool
    fulfilment_first: float | None
    fulfilment_current: float | None


def execution(state: State, day: str, tasks: Iterable[str] | None = None) -> list[Execution]:
    """The rows of the register on a day (ISO), by task and year."""
    named = state.tasks if tasks is None else {t: state.tasks.find(t) for t in tasks}
    return [_row(task, year, day) for task in named.values() for year in sorted(task.targets)]


def _row(task: Task, year: int, day: str) -> Execution:
    latest = task.latest(year)
    first, current = task.first(year), task.current(year)
    status = "cancelled" if task.status == "cancelled" else latest.status if latest else "due"
    reached = latest.value if latest else None
    shares = [None if reached is None or target == 0 else reached / target for target in (first, current)]
    return Execution(
        task.id,
        task.label,
        task.sector,
        task.indicator,
        task.unit,
        task.body,
        task.plan,
        year,
        first,
        current,
        reached,
        status,
        overdue(task, year, day),
        *shares,
    )


def overdue(task: Task, year: int, day: str) -> bool:
    """Whether the report of a year is late: `REPORT_WITHIN` days after the year there is none, or it was returned."""
    if task.status in ("done", "cancelled"):
        return False
    latest = task.latest(year)
    due = date(year, 12, 31) + timedelta(days=REPORT_WITHIN)
    return date.fromisoformat(day) > due and (latest is None or latest.status == "returned")


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
    from lustrum.planning.sheets import SheetMaker  # slow to import

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
    from lustrum.solving.conflict.words import figure

    output, unit = sheet["tasks"]["output"], sheet["unit"]
    first, last = output[str(years[0])], output[str(years[-1])]
    words = f"{sheet['name']}: output of {figure(first)} {unit} in {years[0]}, {figure(last)} in {years[-1]}"
    base = output.get(str(years[0] - 1))
    words += f" ({100 * (last / base - 1):+.1f} % against {years[0] - 1})." if base else "."
    named = list(dict.fromkeys(x["task"] for x in sheet["tasks"]["from_the_plan_file"]))
    return words + (f" Serves: {', '.join(named)}." if named else "")
