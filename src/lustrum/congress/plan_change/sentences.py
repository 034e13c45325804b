"""Changes of a plan file in words, one line each: of an operation, and of all that differs between two plan files."""

from __future__ import annotations

from collections.abc import Mapping

from lustrum.congress.documents import Delete, Insert, Json, Operation, SetNumber, Version, redline
from lustrum.congress.plan_change.entries import plan_version
from lustrum.planning.spec import PlanSpec

#: Keys that name an entry: they stand in its id already.
_NAMING = (
    "name",
    "of",
    "flow",
    "need",
    "household",
    "product",
    "partner",
    "asset",
    "activity",
    "region",
    "skill",
    "resource",
    "basis",
)


def sentence(operation: Operation, version: Version) -> str:
    """Say what an operation does to the version it was written for."""
    unit = operation.unit
    if isinstance(operation, Insert):
        return f"new: {unit}: {_entry(operation.value)}"
    old = version.unit(unit).value
    if isinstance(operation, Delete):
        return f"struck: {unit} (was {_entry(old)})"
    if isinstance(operation, SetNumber):
        here = old
        for step in operation.path:
            here = here[step]
        at = " ".join(map(str, operation.path))
        return f"{unit}{': ' + at if at else ''}: {_number(operation.number)} instead of {_number(here)}"
    return f"{unit}: {_entry(operation.value)} instead of {_entry(old)}"


def diff(old: PlanSpec, new: PlanSpec) -> list[str]:
    """Say what differs between two plan files, entry by entry; nothing if they say the same.

    `documents.redline(plan_version(old), plan_version(new))` has the same for a terminal or Markdown.
    """
    out = []
    for change in redline(plan_version(old), plan_version(new)):
        if change.kind == "inserted":
            out.append(f"new: {change.unit}: {_entry(change.new)}")
        elif change.kind == "deleted":
            out.append(f"struck: {change.unit} (was {_entry(change.old)})")
        elif change.kind == "moved":
            out.append(f"moved: {change.unit}, which now speaks over other entries")
        else:
            out.append(f"{change.unit}: {_entry(change.new)} instead of {_entry(change.old)}")
    return out


def _entry(value: Json) -> str:
    """An entry or a value as one line of words."""
    if not isinstance(value, dict) or _is_figure(value):
        return _figure(value)
    parts = []
    for key, item in value.items():
        if key == "terms":
            parts.append(" + ".join(_term(t) for t in item))
        elif key not in _NAMING:
            parts.append(f"{key} {_figure(item)}")
    return ", ".join(parts) or "as its labels say"


def _term(term: Mapping[str, Json]) -> str:
    labels = [f"{k} {'+'.join(v)}" for k, v in term.items() if k not in ("of", "factor")]
    factor = f"{_figure(term['factor'])} × " if "factor" in term else ""
    return factor + " of ".join([str(term["of"]), *([", ".join(labels)] if labels else [])])


def _is_figure(value: Mapping[str, Json]) -> bool:
    return set(value) in ({"start", "growth"}, {"from", "to"}) or all(k.isdigit() for k in value)


def _figure(value: Json) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, list):
        return ", ".join(_figure(v) for v in value) or "nothing"
    if not isinstance(value, dict):
        return str(value)
    if set(value) == {"start", "growth"}:
        return f"{_number(value['start'])} growing by {_number(value['growth'])} a year"
    if set(value) == {"from", "to"}:
        return f"from {_number(value['from'])} to {_number(value['to'])}"
    if value and all(k.isdigit() for k in value):
        return ", ".join(f"{_number(v)} in {year}" for year, v in value.items())
    return ", ".join(f"{k} {_figure(v)}" for k, v in value.items())


def _number(value: float) -> str:
    """A number to ten digits; the operation has them all."""
    return f"{value:,.10g}" if float(value) != int(value) or abs(value) >= 1e15 else f"{int(value):,}"
