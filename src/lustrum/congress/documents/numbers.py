"""Numbers inside a unit: where they stand and how one is set. In text the path is `[n]`, the n-th number from 0; in an
entry it is the keys that lead to it. A number is digits with at most one decimal point, as text has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lustrum.congress.documents.version import DocumentError, Json
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
