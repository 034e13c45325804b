"""A plan file as a document: every scalar, every floor, task, limit or other entry of a list is a unit with an id that
a person can read.

    trade.export_band                              a scalar, with its effective value (defaults written out)
    living_standard.floors                         the head of a list; it never changes
    living_standard.floors[need=housing]           an entry, named by its labels
    tasks[new houses]                              a task, named by its name
    objective.weights[food]                        one label of a table

Two entries of a list with the same labels are told apart by `#2`, `#3` … in their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from lustrum.congress.documents import Json, Unit, Version
from lustrum.errors import SpecError
from lustrum.planning.sections import Section
from lustrum.planning.spec import PlanSpec
from lustrum.strict_yaml import clip

#: What the head of a list or table holds.
HEAD = {"list": "list", "table": "table"}
#: Tables by label: each label is a unit.
TABLES = ("technology.gestation", "objective.weights")
#: Labels that name an entry, in the order in which they are written.
NAMING = (
    "datum",
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


def plan_version(spec: PlanSpec, document: str = "plan") -> Version:
    """Return a plan file as a version of a document: comments and layout aside, everything it says."""
    return Version(document, tuple(_units(spec, "")))


def plan_of(version: Version) -> PlanSpec:
    """Return the plan file that a version says, and nothing else.

    A document that an earlier lustrum wrote lacks the parameters that came since: it says their defaults.

    Raises
    ------
    SpecError
        If it is none: a value of the wrong kind or range, an entry under another id than its labels give.
    """
    body = _body(version)
    spec = PlanSpec.from_mapping(body, version.document)
    again = plan_version(spec, version.document)
    if again.hash != version.hash and not _earlier(version, again):
        raise _not_normal(version, again)
    return spec


def _earlier(version: Version, again: Version) -> bool:
    """Whether a version says all that the same plan file says now but for parameters that it lacks."""
    kept = [unit for unit in again.units if unit.id in version or "[" in unit.id]
    return len(kept) < len(again.units) and kept == list(version.units)


def _not_normal(version: Version, again: Version) -> SpecError:
    pairs = list(zip(version.units, again.units, strict=False))
    own, other = next(((a, b) for a, b in pairs if a != b), pairs[-1])
    if own.id != other.id:
        return SpecError(
            "an entry under another name than its labels give",
            where=own.id,
            found=own.id,
            expected=other.id,
            mend="use the name that its labels give; of entries with the same labels the last one goes first",
        )
    return SpecError(
        "a value in another form than the plan file keeps",
        where=own.id,
        found=clip(own.value),
        expected=clip(other.value),
        mend="leave out what is the default",
    )


def entry_name(entry: BaseModel) -> str:
    """Return the name of an entry of a list: a task's own name, else its labels, `all` where it names none."""
    name = getattr(entry, "name", None)
    if isinstance(name, str):
        return name
    parts = []
    for field in NAMING:
        if field not in type(entry).model_fields:
            continue
        value, default = getattr(entry, field), type(entry).model_fields[field].default
        if value != default:
            words = value if isinstance(value, str) else "+".join(value)
            parts.append(words if field in ("datum", "of", "flow") else f"{field}={words}")
    return ",".join(parts) or "all"


def entry_value(entry: BaseModel) -> Json:
    """Return an entry as JSON: what differs from the defaults."""
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def lists() -> dict[str, type[Section]]:
    """Return the lists of a plan file by path, with the class of their entries."""
    return dict(_lists(PlanSpec, ""))


def _lists(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[Section]]]:
    for name, field in model.model_fields.items():
        own = f"{path}.{name}".lstrip(".")
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _lists(field.annotation, own)
        elif (item := _item(field.annotation)) is not None:
            yield own, item


def _item(annotation: Any) -> type[Section] | None:
    """The class of a list's entries, where they are sections."""
    inner = getattr(annotation, "__args__", (None,))[0] if getattr(annotation, "__origin__", None) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Section) else None


def _units(section: BaseModel, path: str) -> Iterator[Unit]:
    for name, field in type(section).model_fields.items():
        own = f"{path}.{name}".lstrip(".")
        value = getattr(section, name)
        if isinstance(value, Section) and isinstance(field.annotation, type):
            yield from _units(value, own)
        elif _item(field.annotation) is not None:
            yield Unit(own, HEAD["list"])
            seen: dict[str, int] = {}
            for entry in value:
                key = entry_name(entry)
                seen[key] = seen.get(key, 0) + 1
                twin = f"#{seen[key]}" if seen[key] > 1 else ""
                yield Unit(f"{own}[{key}]{twin}", entry_value(entry))
        elif getattr(field.annotation, "__origin__", None) is dict:
            yield Unit(own, HEAD["table"])
            yield from (Unit(f"{own}[{key}]", item) for key, item in value.items())
        else:
            yield Unit(own, section.model_dump(mode="json", by_alias=True, include={name})[_alias(field, name)])


def _alias(field: Any, name: str) -> str:
    return field.alias or name


def _body(version: Version) -> dict[str, Any]:
    """The nested mapping that the units say."""
    body: dict[str, Any] = {}
    listed = lists()
    for unit in version.units:
        path, bracket, label = unit.id.partition("[")
        *sections, name = path.split(".")
        target: Any = body
        for section in sections:
            target = target.setdefault(section, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict) or (bracket and path not in listed and path not in TABLES):
            raise SpecError(
                "an entry of something that is no list",
                where=unit.id,
                found=clip(unit.id),
                expected="one of the lists: " + ", ".join([*listed, *TABLES]),
                mend="name a list of the plan file",
            )
        if path in listed or path in TABLES:
            target.setdefault(name, [] if path in listed else {})
        if not bracket:
            target[name] = target[name] if name in target and path in (*listed, *TABLES) else _years(unit.value)
        elif path in listed:
            target[name].append(_years(unit.value))
        else:
            target[name][label.removesuffix("]")] = _years(unit.value)
    return _without_nothing(body)


def _years(value: Json) -> Any:
    """JSON back to what a plan file holds: years are whole numbers."""
    if isinstance(value, dict):
        return {int(k) if k.isascii() and k.isdigit() else k: _years(v) for k, v in value.items()}
    return [_years(v) for v in value] if isinstance(value, list) else value


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    """Drop keys without a value: nothing in a plan file is said by `null`."""
    return {k: _without_nothing(v) if isinstance(v, dict) else v for k, v in body.items() if v is not None}
