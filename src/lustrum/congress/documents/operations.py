"""Typed operations on a version: insert, replace, delete, set a number. Each names the hash of the version and of the
unit it changes; where a hash differs it is refused and must be rebased (rule 5). Nothing is patched by resemblance.

In text the path of a number is `[n]`, the n-th number from 0; in an entry it is the keys that lead to it. A number is
digits with at most one decimal point, as text has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from lustrum.congress.canonical import digest
from lustrum.congress.documents.version import DocumentError, Json, Stale, Unit, Version
from lustrum.strict_yaml import clip, kind

#: A number in text: digits, perhaps grouped by commas, perhaps with decimals; not part of a word (`12a` is none).
NUMBER = re.compile(r"(?<![\w.,])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.,])-?\d+(?:\.\d+)?(?![\w])")


Step = str | int


def numbers(value: Json) -> Iterator[tuple[tuple[Step, ...], int | float]]:
    """Yield the numbers of a unit with their paths, in order."""
    if isinstance(value, str):
        for k, match in enumerate(NUMBER.finditer(value)):
            yield (k,), _read(match.group())
    else:
        yield from _inside(value, ())


def _inside(value: Json, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], int | float]]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _inside(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from _inside(item, (*path, k))


def number_at(value: Json, path: Sequence[Step], where: str) -> int | float:
    """Return the number at a path.

    Raises
    ------
    DocumentError
        If no number stands there, with those that do.
    """
    found = dict(numbers(value))
    if tuple(path) not in found:
        some = ", ".join(f"{list(p)}: {v}" for p, v in list(found.items())[:8]) or "none"
        raise DocumentError(
            "no number stands there",
            where=where,
            found=list(path),
            expected=f"the path of one: {some}",
            mend="count numbers from 0, or replace the unit",
        )
    return found[tuple(path)]


def with_number(value: Json, path: Sequence[Step], number: float, where: str) -> Json:
    """Return the unit's value with the number at a path replaced; everything else as it was."""
    if kind(number) != "a number":
        raise DocumentError(
            "not a number",
            where=where,
            found=clip(number),
            expected="a finite number",
            mend="write it with a decimal point",
        )
    number_at(value, path, where)
    if isinstance(value, str):
        match = list(NUMBER.finditer(value))[int(path[0])]
        return value[: match.start()] + _write(number, "," in match.group()) + value[match.end() :]
    return _put(value, tuple(path), number)


def _put(value: Json, path: tuple[Step, ...], number: float) -> Json:
    if not path:
        return number
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _put(value[path[0]], path[1:], number)
    return copy


def _read(text: str) -> int | float:
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _write(number: float, grouped: bool) -> str:
    text = repr(number)
    if "e" in text:
        raise DocumentError(
            "a number too large or small for a text",
            found=text,
            expected="plain digits",
            mend="replace the unit instead",
        )
    if not grouped:
        return text
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}"


@dataclass(frozen=True)
class Change:
    """What all operations name: document, version (hash), unit (id) and the unit's hash."""

    op: ClassVar[str] = ""

    document: str
    version: str
    unit: str
    unit_hash: str

    def to_json(self) -> dict[str, Json]:
        """Return the operation as JSON, to be kept in an event."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"op": self.op, **{k: list(v) if isinstance(v, tuple) else v for k, v in own.items()}}

    @property
    def hash(self) -> str:
        """`sha256:…` of the operation."""
        return digest(self.to_json())

    def words(self) -> str:
        """Say in a few words what the operation does."""
        return f"{self.op.replace('_', ' ')} {self.unit}"


@dataclass(frozen=True)
class Insert(Change):
    """A new unit after another one.

    `after` is the id of the unit before it, "" at the beginning; `unit_hash` is the hash of that unit ("" at the
    beginning). Units inserted at one place by several operations stand in the order of their ids.
    """

    op: ClassVar[str] = "insert"

    value: Json
    after: str


@dataclass(frozen=True)
class Replace(Change):
    """New content of a unit."""

    op: ClassVar[str] = "replace"

    value: Json


@dataclass(frozen=True)
class Delete(Change):
    """A unit that goes."""

    op: ClassVar[str] = "delete"


@dataclass(frozen=True)
class SetNumber(Change):
    """One number of a unit: `path` leads to it (see `numbers`), `number` is the new one."""

    op: ClassVar[str] = "set_number"

    path: tuple[Step, ...]
    number: float

    def words(self) -> str:
        """Say in a few words what the operation does."""
        return f"set {self.unit} {'.'.join(map(str, self.path))} to {self.number}".replace("  ", " ")


Operation = Insert | Replace | Delete | SetNumber


KINDS: Mapping[str, type[Operation]] = {k.op: k for k in (Insert, Replace, Delete, SetNumber)}


def operation_from_json(data: Mapping[str, Any]) -> Operation:
    """Read an operation from JSON: exactly its keys, each of its kind.

    Raises
    ------
    DocumentError
        With the key that is missing, unknown or wrong.
    """
    kind = KINDS.get(str(data.get("op")))
    if kind is None:
        raise DocumentError(
            "not an operation",
            found=clip(data.get("op")),
            expected=", ".join(KINDS),
            mend="say in `op` which of them it is",
        )
    wanted = [f.name for f in fields(kind)]
    given = {k: v for k, v in data.items() if k != "op"}
    if set(given) != set(wanted):
        wrong = sorted(set(given) ^ set(wanted))
        raise DocumentError(
            f"keys of a {kind.op} that are missing or unknown",
            found=", ".join(wrong),
            expected=", ".join(["op", *wanted]),
            mend="give exactly these keys",
        )
    for key in ("document", "version", "unit", "unit_hash", "after"):
        if key in given and not isinstance(given[key], str):
            raise DocumentError(
                f"`{key}` must be text", found=clip(given[key]), expected="text", mend="write it in quotes"
            )
    if "path" in given:
        path = given["path"]
        if not isinstance(path, (list, tuple)) or not all(isinstance(p, str) or type(p) is int for p in path):
            raise DocumentError(
                "`path` must lead to a number",
                found=clip(path),
                expected='["at_least", "2027"], or [0]',
                mend="write keys and places in a list",
            )
        given["path"] = tuple(path)
    return kind(**given)


def insert(version: Version, unit: str, value: Json, after: str = "") -> Insert:
    """Write an insertion into a version as it stands."""
    return Insert(version.document, version.hash, unit, version.unit(after).hash if after else "", value, after)


def replace_unit(version: Version, unit: str, value: Json) -> Replace:
    """Write a replacement of a unit as it stands."""
    return Replace(version.document, version.hash, unit, version.unit(unit).hash, value)


def delete(version: Version, unit: str) -> Delete:
    """Write a deletion of a unit as it stands."""
    return Delete(version.document, version.hash, unit, version.unit(unit).hash)


def set_number(version: Version, unit: str, path: Sequence[Step], number: float) -> SetNumber:
    """Write a new number of a unit as it stands."""
    return SetNumber(version.document, version.hash, unit, version.unit(unit).hash, tuple(path), number)


def check(version: Version, operation: Operation) -> None:
    """Require that an operation speaks of this version and of the unit as it stands in it.

    Raises
    ------
    Stale
        If a hash differs: the operation must be rebased.
    DocumentError
        If it cannot be done at all: an unknown unit, an id that is taken, no number there, nothing changed.
    """
    if operation.document != version.document:
        raise DocumentError(
            "an operation on another document",
            found=operation.document,
            expected=version.document,
            mend="name the right document",
        )
    if operation.version != version.hash:
        raise Stale(
            "the operation was written for another version",
            where=operation.unit,
            found=operation.version,
            expected=version.hash,
            mend="rebase it: it says whether the unit changed in between",
        )
    anchor = operation.after if isinstance(operation, Insert) else operation.unit
    now = version.unit(anchor).hash if anchor else ""
    if operation.unit_hash != now:
        raise Stale(
            "the unit is not what the operation names",
            where=anchor,
            found=operation.unit_hash,
            expected=now,
            mend="read the unit again, and write the operation for it",
        )
    if isinstance(operation, Insert) and operation.unit in version:
        raise DocumentError(
            "a unit with this id is there",
            where=operation.unit,
            found=clip(operation.unit),
            expected="an id not in use",
            mend="replace that unit, or choose another id",
        )
    if isinstance(operation, SetNumber):
        number_at(version.unit(operation.unit).value, operation.path, operation.unit)
    if not isinstance(operation, (Insert, Delete)) and _changed(version, operation).hash == now:
        raise DocumentError("the operation changes nothing", where=operation.unit, mend="leave it out")


def _changed(version: Version, operation: Replace | SetNumber) -> Unit:
    unit = version.unit(operation.unit)
    if isinstance(operation, Replace):
        return Unit(unit.id, operation.value)
    return Unit(unit.id, with_number(unit.value, operation.path, operation.number, operation.unit))


def apply(version: Version, operation: Operation) -> Version:
    """Return the version with one operation done.

    Raises
    ------
    Stale, DocumentError
        As `check` does.
    """
    return apply_all(version, [operation])


def apply_all(version: Version, operations: Sequence[Operation]) -> Version:
    """Return the version with several operations done, each written for this very version.

    Their order does not matter: places are those of `version`, units inserted at one place stand in the order of
    their ids, and operations that could not both be done are refused.

    Raises
    ------
    Stale, DocumentError
        As `check` does, and for two operations that exclude each other.
    """

    for k, one in enumerate(operations):
        check(version, one)
        for other in operations[:k]:
            if why := incompatible(one, other):
                raise DocumentError(
                    "two operations exclude each other",
                    where=one.unit,
                    found=why,
                    mend="adopt one of them, or write one that says both",
                )
    inserted: dict[str, list[Unit]] = {}
    changed: dict[str, Unit | None] = {}
    for one in operations:
        if isinstance(one, Insert):
            inserted.setdefault(one.after, []).append(Unit(one.unit, one.value))
        elif isinstance(one, Delete):
            changed[one.unit] = None
        elif isinstance(one, Replace):
            changed[one.unit] = Unit(one.unit, one.value)
        else:
            now = changed.get(one.unit) or version.unit(one.unit)
            changed[one.unit] = Unit(now.id, with_number(now.value, one.path, one.number, one.unit))
    units: list[Unit] = sorted(inserted.get("", []), key=lambda u: u.id)
    for unit in version.units:
        new = changed.get(unit.id, unit)
        units += ([new] if new is not None else []) + sorted(inserted.get(unit.id, []), key=lambda u: u.id)
    return Version(version.document, tuple(units))


def inverse(version: Version, operation: Operation) -> Operation:
    """Return the operation that takes `operation`, done on `version`, back."""
    after = apply(version, operation)
    if isinstance(operation, Insert):
        return delete(after, operation.unit)
    old = version.unit(operation.unit)
    if isinstance(operation, Delete):
        place = version.place(operation.unit)
        return insert(after, old.id, old.value, version.units[place - 1].id if place else "")
    return replace_unit(after, old.id, old.value)


@dataclass(frozen=True)
class Rebased:
    """What became of an operation on a newer version.

    Attributes
    ----------
    changed
        Whether the unit it names changed, or went, in between.
    operation
        The operation on the newer version; None where the unit changed and someone has to write it anew.
    why
        In words.
    """

    changed: bool
    operation: Operation | None
    why: str


def rebase(operation: Operation, old: Version, new: Version) -> Rebased:
    """Carry an operation from the version it was written for to a newer one, if its unit is still the same.

    Raises
    ------
    Stale, DocumentError
        If it does not fit `old`.
    """
    check(old, operation)
    anchor = operation.after if isinstance(operation, Insert) else operation.unit
    if anchor and anchor not in new:
        return Rebased(True, None, f"{anchor} is no longer in the document")
    if anchor and new.unit(anchor).hash != operation.unit_hash and not isinstance(operation, Insert):
        return Rebased(True, None, f"{anchor} was changed in between: read it, and write the operation anew")
    if isinstance(operation, Insert) and operation.unit in new:
        return Rebased(True, None, f"a unit {operation.unit} was inserted in between")
    moved = replace(operation, version=new.hash, unit_hash=new.unit(anchor).hash if anchor else "")
    return Rebased(False, moved, f"{anchor or 'the beginning'} is as it was")


def incompatible(a: Operation, b: Operation) -> str | None:
    """Say why two operations cannot both be done; None where they can.

    They can unless they change the same unit: then only two numbers of it at different places go together. An
    insertion excludes another of the same id.
    """
    if a.document != b.document or a.unit != b.unit:
        return None
    if isinstance(a, SetNumber) and isinstance(b, SetNumber):
        return f"both set the same number of {a.unit}" if a.path == b.path else None
    if isinstance(a, Insert) and isinstance(b, Insert):
        return f"both insert {a.unit}"
    deletes = isinstance(a, Delete) or isinstance(b, Delete)
    return f"one deletes {a.unit}, which the other changes" if deletes else f"both change {a.unit}"
