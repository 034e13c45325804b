"""Tasks drawn from a plan's sector sheets, one proposal a sector, and how far they are fulfilled: against the first
target and the current one. A correction is a new row, nothing is overwritten; overdue follows from dates alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lustrum.errors import BadInput
from lustrum.planning.plan import Plan
from lustrum.planning.sheets import SheetMaker
from lustrum.solving.conflict.words import figure
from lustrum.strict_yaml import clip


@dataclass(frozen=True)
class Target:
    """One version of a target for a year. The first is version 1; a correction is the next, with its reason."""

    indicator: str
    year: int
    version: int
    value: float
    reason: str = ""


@dataclass(frozen=True)
class Observation:
    """What was reported for a year. A correction is the next row for the same year."""

    indicator: str
    year: int
    row: int
    value: float


@dataclass(frozen=True)
class Indicator:
    """What is counted: `output`, `capacity`, `investment:ASSET`, `labour:SKILL`, in its unit."""

    id: str
    label: str
    unit: str


@dataclass(frozen=True)
class TaskProposal:
    """A sector's task as the plan's sheet has it; no body is accountable for it yet.

    `id` stays the same from plan to plan on the same accounts. The first indicator is the sector's output; the others
    are the means: capacity, investment by asset, labour.
    """

    id: str
    sector: str
    label: str
    text: str
    indicators: tuple[Indicator, ...]
    targets: tuple[Target, ...] = field(repr=False)

    def of(self, indicator: str) -> dict[int, float]:
        """Return the targets of an indicator by year."""
        return {t.year: t.value for t in self.targets if t.indicator == indicator}

    def to_json(self) -> dict[str, Any]:
        """Return the proposal as JSON."""
        return {
            "id": self.id,
            "sector": self.sector,
            "label": self.label,
            "text": self.text,
            "indicators": [{"id": i.id, "label": i.label, "unit": i.unit} for i in self.indicators],
            "targets": [
                {"indicator": t.indicator, "year": t.year, "version": t.version, "value": t.value, "reason": t.reason}
                for t in self.targets
            ],
        }


def tasks_of(plan: Plan) -> list[TaskProposal]:
    """Return one proposal a sector, in the order of the accounts."""
    maker = SheetMaker(plan)
    return [_proposal(maker.sheet(code), plan) for code in plan.economy.codes("activity")]


def _proposal(sheet: dict[str, Any], plan: Plan) -> TaskProposal:
    years = [plan.data.calendar.year(t) for t in plan.data.calendar.plan_years]
    found = [(Indicator("output", "output", sheet["unit"]), sheet["tasks"]["output"])]
    if "capacity" in sheet["tasks"]:
        found.append((Indicator("capacity", "capacity", sheet["unit"]), sheet["tasks"]["capacity"]))
    found += [
        (Indicator(f"investment:{x['asset']}", f"investment: {x['name']}", x["unit"]), x["amount"])
        for x in sheet["ways"]["investment"]
    ]
    found += [
        (Indicator(f"labour:{x['skill']}", f"labour: {x['name']}", x["unit"]), x["amount"])
        for x in sheet["means"].get("labour", [])
        if any(x["amount"].values())
    ]
    targets = tuple(
        Target(indicator.id, year, 1, float(value))
        for indicator, series in found
        for year in years
        if (value := series.get(str(year))) is not None
    )
    return TaskProposal(
        f"sector:{sheet['sector']}",
        sheet["sector"],
        sheet["name"],
        _text(sheet, years),
        tuple(indicator for indicator, _ in found),
        targets,
    )


def _text(sheet: dict[str, Any], years: Sequence[int]) -> str:
    """The task in words: what to make, from where to where, and the named tasks of the plan file it serves."""
    output, unit = sheet["tasks"]["output"], sheet["unit"]
    first, last = output[str(years[0])], output[str(years[-1])]
    words = f"{sheet['name']}: output of {figure(first)} {unit} in {years[0]}, {figure(last)} in {years[-1]}"
    base = output.get(str(years[0] - 1))
    words += f" ({100 * (last / base - 1):+.1f} % against {years[0] - 1})." if base else "."
    named = list(dict.fromkeys(x["task"] for x in sheet["tasks"]["from_the_plan_file"]))
    return words + (f" Serves: {', '.join(named)}." if named else "")


@dataclass(frozen=True)
class Fulfilment:
    """One year of one indicator: observed against the first and the current target; shares are None where undefined."""

    indicator: str
    year: int
    first: float
    current: float
    observed: float | None
    against_first: float | None
    against_current: float | None


def fulfilment(targets: Iterable[Target], observations: Iterable[Observation]) -> list[Fulfilment]:
    """Set what was observed against the first and the current target of each indicator and year.

    Raises
    ------
    BadInput
        If versions or rows do not count up from 1 (one was overwritten or left out), or something was observed for
        which there is no target.
    """
    planned: dict[tuple[str, int], list[Target]] = {}
    for target in sorted(targets, key=lambda t: t.version):
        planned.setdefault((target.indicator, target.year), []).append(target)
    seen: dict[tuple[str, int], list[Observation]] = {}
    for one in sorted(observations, key=lambda o: o.row):
        seen.setdefault((one.indicator, one.year), []).append(one)
    for key, rows in planned.items():
        _counts_up([t.version for t in rows], key, "versions of the target")
    for key, found in seen.items():
        _counts_up([o.row for o in found], key, "rows of the observation")
        if key not in planned:
            raise BadInput(
                "an observation without a target",
                where=f"{key[0]} in {key[1]}",
                found=found[-1].value,
                expected="a target for that indicator and year",
                mend="correct indicator and year",
            )
    out = []
    for (indicator, year), rows in sorted(planned.items(), key=lambda item: item[0]):
        first, current = rows[0].value, rows[-1].value
        own = seen.get((indicator, year))
        value = own[-1].value if own else None
        out.append(Fulfilment(indicator, year, first, current, value, _share(value, first), _share(value, current)))
    return out


def _counts_up(numbers: list[int], key: tuple[str, int], what: str) -> None:
    if numbers != list(range(1, len(numbers) + 1)):
        raise BadInput(
            f"the {what} do not count up from 1",
            where=f"{key[0]} in {key[1]}",
            found=numbers,
            expected=list(range(1, len(numbers) + 1)).__repr__(),
            mend="a correction is a new row with the next number; none is left out",
        )


def _share(value: float | None, target: float) -> float | None:
    return value / target if value is not None and target > 0 else None


def corrected(targets: Sequence[Target], indicator: str, year: int, value: float, reason: str) -> Target:
    """Return the next version of a target: a new row; the old ones stay.

    Raises
    ------
    BadInput
        If there is no target to correct, or no reason is given.
    """
    rows = [t for t in targets if (t.indicator, t.year) == (indicator, year)]
    if not rows or not reason.strip():
        raise BadInput(
            "no target to correct" if not rows else "a correction without a reason",
            where=f"{indicator} in {year}",
            found=clip(reason),
            expected="a target, and why it changes",
            mend="name indicator and year of the task, and give the reason",
        )
    return Target(indicator, year, max(t.version for t in rows) + 1, value, reason)


def overdue(
    targets: Iterable[Target], observations: Iterable[Observation], today: date, due_days: int = 90
) -> list[int]:
    """Return the years of the plan that nothing was reported for, though their report is due.

    A year's report is due `due_days` after the year ends; it is overdue on the day after that.
    """
    reported = {o.year for o in observations}
    years = sorted({t.year for t in targets} - reported)
    return [y for y in years if (today - date(y, 12, 31)).days > due_days]
