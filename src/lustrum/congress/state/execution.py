"""The register of tasks as execution: what was to be reached, what was, and what is overdue. All of it is derived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lustrum.congress.state.entrusted import Task
from lustrum.congress.state.state import State, find

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
    named = state.tasks if tasks is None else {t: find(state.tasks, t, "task") for t in tasks}
    return [_row(task, year, day) for task in named.values() for year in sorted(task.targets)]


def _row(task: Task, year: int, day: str) -> Execution:
    latest = task.latest(year)
    first, current = task.first(year), task.current(year)
    status = "cancelled" if task.status == "cancelled" else latest.status if latest else "due"
    reached = latest.value if latest else None

    def share(target: float) -> float | None:
        return None if reached is None or target == 0 else reached / target

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
        share(first),
        share(current),
    )


def overdue(task: Task, year: int, day: str) -> bool:
    """Whether a year that has ended so many days ago has no report, or one that was returned."""
    if task.status in ("done", "cancelled"):
        return False
    latest = task.latest(year)
    due = date(year, 12, 31) + timedelta(days=REPORT_WITHIN)
    return date.fromisoformat(day) > due and (latest is None or latest.status == "returned")
