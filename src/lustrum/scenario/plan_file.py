"""A plan file as named entries: every scalar, every floor, task, limit or other entry of a list, by an id to read.

    trade.export_band                              a scalar, with its effective value (defaults written out)
    living_standard.floors                         the head of a list; it never changes
    living_standard.floors[need=housing]           an entry, named by its labels
    tasks[new houses]                              a task, named by its name
    objective.weights[food]                        one label of a table

Two entries of a list with the same labels are told apart by `#2`, `#3` … in their order. A change of a plan file is a
change of its entries; the congress keeps them as the units of a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from lustrum.errors import SpecError
from lustrum.planning.sections import Section
from lustrum.planning.spec import PlanSpec
from lustrum.planning.spec_errors import spec_error
from lustrum.planning.spec_shape import check_shape
from lustrum.strict_yaml import clip

#: What JSON can hold.
Json = Any
#: Id -> value, in the order of the plan file.
Entries = Mapping[str, Json]

#: What the head of a list or table holds.
HEAD = {"list": "list", "table": "table"}
#: Tables by label: each label is an entry.
TABLES = ("technology.gestation", "objective.weights")
#: Fields that name an entry, in the order in which they are written; the first three stand without their name.
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
_BARE = NAMING[:3]


def entries_of(spec: PlanSpec) -> dict[str, Json]:
    """Return the entries of a plan file: comments and layout aside, everything it says."""
    return dict(_entries(spec, ""))


def spec_of(entries: Entries, where: str = "plan file") -> PlanSpec:
    """Return the plan file that entries say, and nothing else.

    Entries that an earlier version wrote lack the parameters that came since: they say their defaults.

    Raises
    ------
    SpecError
        If they are none: a value of the wrong kind or range, an entry under another id than its labels give.
    """
    body = _body(entries)
    try:
        spec = PlanSpec.model_validate(check_shape(body, "", where))
    except ValidationError as e:
        raise spec_error(e, "", where) from None
    given, again = list(entries.items()), list(entries_of(spec).items())
    if again != given and not _earlier(entries, again):
        raise _not_normal(given, again)
    return spec


def _earlier(given: Entries, again: list[tuple[str, Json]]) -> bool:
    """Whether entries say all that the same plan file says now but for parameters that they lack."""
    kept = [(name, value) for name, value in again if name in given or "[" in name]
    return len(kept) < len(again) and kept == list(given.items())


def _not_normal(given: list[tuple[str, Json]], again: list[tuple[str, Json]]) -> SpecError:
    pairs = list(zip(given, again, strict=False))
    own, other = next(((a, b) for a, b in pairs if a != b), pairs[-1])
    if own[0] != other[0]:
        return SpecError(
            "an entry under another name than its labels give",
            where=own[0],
            found=own[0],
            expected=other[0],
            mend="use the name that its labels give; of entries with the same labels the last one goes first",
        )
    return SpecError(
        "a value in another form than the plan file keeps",
        where=own[0],
        found=clip(own[1]),
        expected=clip(other[1]),
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
            parts.append(words if field in _BARE else f"{field}={words}")
    return ",".join(parts) or "all"


def entry_value(entry: BaseModel) -> Json:
    """Return an entry as JSON: what differs from the defaults."""
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)


@cache
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


def _entries(section: BaseModel, path: str) -> Iterator[tuple[str, Json]]:
    for name, field in type(section).model_fields.items():
        own = f"{path}.{name}".lstrip(".")
        value = getattr(section, name)
        if isinstance(value, Section) and isinstance(field.annotation, type):
            yield from _entries(value, own)
        elif _item(field.annotation) is not None:
            yield own, HEAD["list"]
            seen: dict[str, int] = {}
            for entry in value:
                key = entry_name(entry)
                seen[key] = seen.get(key, 0) + 1
                twin = f"#{seen[key]}" if seen[key] > 1 else ""
                yield f"{own}[{key}]{twin}", entry_value(entry)
        elif getattr(field.annotation, "__origin__", None) is dict:
            yield own, HEAD["table"]
            yield from ((f"{own}[{key}]", item) for key, item in value.items())
        else:
            yield own, section.model_dump(mode="json", by_alias=True, include={name})[field.alias or name]


def _body(entries: Entries) -> dict[str, Any]:
    """The nested mapping that the entries say."""
    body: dict[str, Any] = {}
    listed = lists()
    for entry, value in entries.items():
        path, bracket, label = entry.partition("[")
        *sections, name = path.split(".")
        target: Any = body
        for section in sections:
            target = target.setdefault(section, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict) or (bracket and path not in listed and path not in TABLES):
            raise SpecError(
                "an entry of something that is no list",
                where=entry,
                found=clip(entry),
                expected="one of the lists: " + ", ".join([*listed, *TABLES]),
                mend="name a list of the plan file",
            )
        if path in listed or path in TABLES:
            target.setdefault(name, [] if path in listed else {})
        if not bracket:
            target[name] = target[name] if name in target and path in (*listed, *TABLES) else years_as_numbers(value)
        elif path in listed:
            target[name].append(years_as_numbers(value))
        else:
            target[name][label.removesuffix("]")] = years_as_numbers(value)
    return _without_nothing(body)


def years_as_numbers(value: Json) -> Any:
    """JSON back to what a plan file holds: years are whole numbers."""
    if isinstance(value, dict):
        return {int(k) if k.isascii() and k.isdigit() else k: years_as_numbers(v) for k, v in value.items()}
    return [years_as_numbers(v) for v in value] if isinstance(value, list) else value


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    """Drop keys without a value: nothing in a plan file is said by `null`."""
    return {k: _without_nothing(v) if isinstance(v, dict) else v for k, v in body.items() if v is not None}
