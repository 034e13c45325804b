"""Changes of a plan file as operations on a document: a line becomes the smallest operation that it says.

The plan file is a document whose units are its entries (`scenario.plan_file`); `scenario.grammar` reads the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import (
    Delete,
    Insert,
    Json,
    Operation,
    SetNumber,
    Unit,
    Version,
    apply_all,
    delete,
    insert,
    redline,
    replace_unit,
    set_number,
)
from lustrum.errors import SpecError
from lustrum.planning.calendar import Calendar
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.edits import edit_of, in_plan_file, require_changeable
from lustrum.scenario.grammar import read_line
from lustrum.scenario.plan_file import NAMING, entries_of, spec_of

#: Keys that name an entry: they stand in its id already.
_NAMING = ("name", *NAMING)


def plan_version(spec: PlanSpec, document: str = "plan") -> Version:
    """Return a plan file as a version of a document: comments and layout aside, everything it says."""
    return Version(document, tuple(Unit(name, value) for name, value in entries_of(spec).items()))


def plan_of(version: Version) -> PlanSpec:
    """Return the plan file that a version says, and nothing else.

    A document that an earlier lustrum wrote lacks the parameters that came since: it says their defaults.

    Raises
    ------
    SpecError
        If it is none: a value of the wrong kind or range, an entry under another id than its labels give.
    """
    return spec_of({unit.id: unit.value for unit in version.units}, version.document)


def operation_of(line: str, version: Version, economy: Economy) -> Operation:
    """Turn a line into the one operation that it says, checked against plan file and accounts.

    Parameters
    ----------
    line
        See `scenario.grammar`, and docs/amendments.md.
    version
        The plan as it stands (`plan_version`).

    Raises
    ------
    SpecError
        If the line cannot be read, names what the accounts do not have (with the nearest names), or asks for what no
        plan file can say.
    """
    spec = plan_of(version)
    change = read_line(line, economy, spec)
    if not in_plan_file(change):
        raise SpecError(
            "no plan file can say this",
            where=f"`{line}`",
            expected="a floor, ceiling, task, parameter or datum of the plan",
            mend="`lustrum whatif` answers it without an amendment",
        )
    entries = {unit.id: unit.value for unit in version.units}
    edit = edit_of(change, entries, Calendar.of(spec, economy.base_year))
    operation: Operation
    if edit.kind == "insert":
        operation = insert(version, edit.entry, edit.value, edit.after)
    elif edit.kind == "delete":
        operation = delete(version, edit.entry)
    elif (place := _one_number(entries[edit.entry], edit.value, ())) is not None:
        operation = set_number(version, edit.entry, *place)
    else:
        operation = replace_unit(version, edit.entry, edit.value)
    require_fit(version, [operation], economy)
    return operation


def _one_number(old: Json, new: Json, path: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], float] | None:
    """The path and new value of the only number that differs; None where more does, or nothing."""
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (old, new)):
        return (path, new) if old != new else None
    if not (isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys()):
        return None
    differ = [k for k in new if old[k] != new[k]]
    return _one_number(old[differ[0]], new[differ[0]], (*path, differ[0])) if len(differ) == 1 else None


def amended(version: Version, operations: Sequence[Operation]) -> tuple[Version, PlanSpec]:
    """Return the plan as amended: exactly what the operations say.

    Raises
    ------
    Stale, DocumentError, SpecError
        If an operation was written for another version, two exclude each other, or the result is no plan file.
    """
    for operation in operations:
        require_changeable(operation.unit)
        if isinstance(operation, Delete) and "[" not in operation.unit:
            raise SpecError(
                "a parameter is set and not struck out",
                where=operation.unit,
                found=operation.words(),
                expected="an entry of a list",
                mend="set it to what it is to be",
            )
    new = apply_all(version, operations)
    return new, plan_of(new)


def require_fit(version: Version, operations: Sequence[Operation], economy: Economy) -> PlanSpec:
    """Return the plan file as amended, checked against the accounts.

    Raises
    ------
    SpecError
        For a label or year that the accounts do not have, and for what `amended` refuses.
    """
    spec = amended(version, operations)[1]
    build_problem(PlanData(economy, spec))
    return spec


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
