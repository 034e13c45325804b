"""Changes that a plan file can say: the entry that each changes, and the plan file with all of them made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.calendar import Calendar
from lustrum.planning.plan_file import spec_error
from lustrum.planning.sections import Path_
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import LIMITS, Change
from lustrum.scenario.plan_file import (
    TABLES,
    Entries,
    Json,
    entries_of,
    entry_name,
    entry_value,
    lists,
    spec_of,
    years_as_numbers,
)
from lustrum.strict_yaml import clip

#: What no change touches: on these the figures of a plan stand.
FIXED = ("lustrum", "economy")


@dataclass(frozen=True)
class Edit:
    """What becomes of one entry of a plan file.

    Attributes
    ----------
    kind
        Whether the entry is new, changed or struck out.
    entry
        Its id (`plan_file`).
    value
        Its new value; None where it is struck out.
    after
        For a new entry: the id of the one that it follows.
    """

    kind: Literal["insert", "replace", "delete"]
    entry: str
    value: Json = None
    after: str = ""


def in_plan_file(change: Change) -> bool:
    """Whether the plan file can say a change; others move the sides of the linear program, or figures by label."""
    if change.kind == "limit":
        return change.way == "to" and change.name in LIMITS and change.has_line
    return change.kind in ("parameter", "task", "entry") or (change.kind == "datum" and change.has_line)


def edit_of(change: Change, entries: Entries, calendar: Calendar) -> Edit:
    """Return what a change does to the entries of a plan file.

    An entry with the very labels of the change is changed; otherwise a new one comes to the end of its list, where it
    overrides earlier ones. A figure for some years leaves the others as they were.

    Raises
    ------
    SpecError
        If the plan file says this already, or has no such entry.
    """
    if change.kind == "limit":
        return _limit(change, entries, calendar)
    if change.kind == "task":
        return _task(change, entries, calendar)
    if change.kind == "datum":
        body = {"datum": change.name, **_labels(change), **_years(change), change.way: change.value}
        return _new("scale", body, entries)
    if change.kind == "entry":
        if change.name not in entries or "[" not in change.name:
            raise SpecError(
                "a parameter is set and not struck out" if change.name in entries else "no such entry",
                where=change.name,
                found=clip(change.name),
                expected="an entry of a list",
                mend="set it to what it is to be",
            )
        return Edit("delete", change.name)
    return _parameter(change, entries)


def require_changeable(entry: str) -> None:
    """Refuse a change of what the figures of a plan stand on.

    Raises
    ------
    SpecError
        For the accounts, and the version of the file.
    """
    if entry in FIXED:
        raise SpecError(
            "the accounts under a plan are not changed by an amendment",
            where=entry,
            mend="make another plan on other accounts",
        )


def _parameter(change: Change, entries: Entries) -> Edit:
    path = change.name
    require_changeable(path)
    value = change.value
    if path in entries:
        return _replaced(entries, path, value)
    if path.partition("[")[0] not in TABLES:
        expected, mend = unknown_label(path, [entry for entry in entries if "[" not in entry], "parameter")
        raise SpecError(f"unknown parameter {clip(path)}", where=str(change), expected=expected, mend=mend)
    return Edit("insert", path, value, _last(entries, path.partition("[")[0]))


def _limit(change: Change, entries: Entries, calendar: Calendar) -> Edit:
    limit = LIMITS[change.name]
    body = dict(limit.fixed) | _labels(change)
    body |= {key: change.more[key] for key in ("basis", "overrides_band") if key in change.more}
    figure, years = change.value, change.years
    if change.more.get("overrides_band"):  # an entry of its own: what it lifts holds for its years only
        path = figure if years is None else {str(year): figure for year in years}
        return _new(limit.path, {**body, limit.side: path}, entries)
    return _figure(change, limit.path, body, limit.side, figure, years, entries, calendar)


def _task(change: Change, entries: Entries, calendar: Calendar) -> Edit:
    more, years = change.more, change.years
    body: dict[str, Any] = {"name": change.name, "terms": list(more.get("terms", ()))}
    if f"tasks[{change.name}]" in entries:
        del body["terms"]
    elif more.get("over") == "sum":
        body |= {"over": "sum", **({"years": list(years)} if years else {})}
        years = None
    if "elastic" in more:
        body["elastic"] = dict(more["elastic"])
    return _figure(change, "tasks", body, more.get("side", "at_least"), change.value, years, entries, calendar)


def _labels(change: Change) -> dict[str, list[str]]:
    return {dim: list(codes) for dim, codes in change.where.items()}


def _years(change: Change) -> dict[str, list[int]]:
    return {} if change.years is None else {"years": list(change.years)}


def _figure(
    change: Change,
    path: str,
    body: dict[str, Any],
    side: str,
    figure: Json,
    years: Sequence[int] | None,
    entries: Entries,
    calendar: Calendar,
) -> Edit:
    """The figure of an entry: of the one that is there with these labels, or of a new one."""
    probe = {"terms": [{"of": "output"}], **body, side: 1.0} if path == "tasks" else {**body, side: 1.0}
    try:
        entry = f"{path}[{entry_name(lists()[path].model_validate(probe))}]"
    except ValidationError as e:
        raise spec_error(e, "", f"`{change}`") from None
    old = entries.get(entry)
    said = {} if old is None or old.get("overrides_band") else old
    if years is not None:
        if isinstance(figure, bool) or not isinstance(figure, (int, float)):
            raise SpecError(
                "a figure for some years is one number",
                where=change.what,
                found=clip(figure),
                expected="a number; for a path, leave `years` out: {2021: 1.0, 2022: 1.1}",
                mend="give one number for these years",
            )
        figure = with_years(said.get(side), float(figure), years, calendar, f"`{change}`")
    # what was stopped stays stopped where the new limit says nothing, and its lifted band goes with its own years
    if old is None or old.get("overrides_band"):
        return _new(path, {**body, side: figure}, entries)
    if f"{entry}#2" in entries:
        raise SpecError(
            "the plan has several entries with these labels",
            where=f"`{change}`",
            found=entry,
            expected="one entry",
            mend="delete the later ones first, or replace the unit by its id",
        )
    return _replaced(entries, entry, {**old, side: figure})


def _new(path: str, body: dict[str, Any], entries: Entries) -> Edit:
    """A new entry at the end of its list."""
    try:
        made = lists()[path].model_validate({k: years_as_numbers(v) for k, v in body.items()})
    except ValidationError as e:
        raise spec_error(e, "", path) from None
    name = f"{path}[{entry_name(made)}]"
    twins = sum(entry == name or entry.startswith(f"{name}#") for entry in entries)
    return Edit("insert", name + (f"#{twins + 1}" if twins else ""), entry_value(made), _last(entries, path))


def _replaced(entries: Entries, entry: str, value: Json) -> Edit:
    if entries[entry] == value:
        raise SpecError("the plan says this already", where=entry, found=clip(value), mend="leave it out")
    return Edit("replace", entry, value)


def _last(entries: Entries, path: str) -> str:
    """The last entry of a list or table, after which a new one comes."""
    return [entry for entry in entries if entry == path or entry.startswith(f"{path}[")][-1]


def edited(entries: Entries, edit: Edit) -> dict[str, Json]:
    """Return the entries with an edit made."""
    out: dict[str, Json] = {}
    for name, value in entries.items():
        if name != edit.entry:
            out[name] = value
        elif edit.kind == "replace":
            out[name] = edit.value
        if edit.kind == "insert" and name == edit.after:
            out[edit.entry] = edit.value
    return out


def changed_spec(spec: PlanSpec, changes: Sequence[Change], economy: Economy) -> PlanSpec:
    """Return a plan file with the changes made that it can say, in their order.

    Raises
    ------
    SpecError
        If a change does not fit the plan file.
    """
    for change in changes:
        if in_plan_file(change):
            entries = entries_of(spec)
            spec = spec_of(edited(entries, edit_of(change, entries, Calendar.of(spec, economy.base_year))))
    return spec


def with_years(old: Json, value: float, years: Sequence[int], calendar: Calendar, where: str) -> Json:
    """Return a figure that is `value` in the years named and what it was in the others.

    A figure for all years is written out by year first: a number, a ramp or a growing value says in each year what it
    said before.
    """
    for year in years:
        calendar.offset(year, where)
    by_year = written_out(old, calendar, where)
    by_year.update(dict.fromkeys(years, value))
    return {str(year): by_year[year] for year in sorted(by_year)}


def written_out(figure: Json, calendar: Calendar, where: str) -> dict[int, float]:
    """Return a figure by calendar year, only the years for which it says something."""
    if figure is None:
        return {}
    values = calendar.figure(_ADAPTER.validate_python(years_as_numbers(figure)), where)
    return {calendar.year(k + 1): float(v) for k, v in enumerate(values) if not np.isnan(v)}


_ADAPTER: TypeAdapter[Path_] = TypeAdapter(Path_)
