"""Complaints about a statute: file, line, what was found, what was expected, and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from lustrum.errors import BadInput
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip, kind


class StatuteError(BadInput):
    """A statute that cannot be read, or whose rules do not agree."""


def path_of(loc: Sequence[str | int]) -> str:
    """Write the path of a rule: `bodies.committee.first_plenary[2]`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")


def complaint(error: ValidationError, model: type[BaseModel]) -> tuple[tuple[str | int, ...], dict[str, Any]]:
    """Return the path and the words of pydantic's first complaint."""
    first = min(error.errors(include_url=False), key=lambda e: (e["type"] != "extra_forbidden", len(e["loc"])))
    loc, of, given, ctx = first["loc"], first["type"], first["input"], first.get("ctx", {})
    path = tuple(p for p in loc if p != "[key]")
    if of == "extra_forbidden":
        expected, mend = unknown_label(str(loc[-1]), keys_at(model, loc[:-1]), "key")
        return path, {
            "what": f"unknown key {clip(loc[-1])}",
            "found": clip(loc[-1]),
            "expected": expected,
            "mend": mend,
        }
    if of == "missing":
        return path[:-1], {"what": f"{loc[-1]!r} is missing", "mend": f"add `{loc[-1]}:` there"}
    if of == "value_error":
        return path, {
            "what": str(ctx.get("error", first["msg"])),
            "found": clip(given),
            "mend": "change one of the two",
        }
    if of == "literal_error":
        return path, {
            "what": "not one of the choices",
            "found": clip(given),
            "expected": str(ctx.get("expected", "")).replace("'", "").replace(" or ", ", "),
            "mend": "write one of them",
        }
    if of == "string_pattern_mismatch":
        method = "/" in str(ctx.get("pattern"))
        return path, {
            "what": "not the name of a method" if method else "not a plain name",
            "found": clip(given),
            "expected": "a method and its version, such as scottish-stv/1"
            if method
            else "small letters, digits and _, beginning with a letter",
            "mend": "add the version" if method else "write the name that people read under `name:`",
        }
    return path, {
        "what": f"{kind(given)} that cannot stand here",
        "found": clip(given),
        "expected": first["msg"].removeprefix("Input should be ").removeprefix("Value should "),
        "mend": "thresholds are whole numbers: {num: 2, den: 3}"
        if isinstance(given, (float, str))
        else "see docs/statute.md for what may stand there",
    }


def keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys that a model knows at a path."""
    here: Any = model
    for part in loc:
        fields = getattr(here, "model_fields", None)
        here = _inner(fields[str(part)].annotation) if fields is not None and str(part) in fields else here
    return sorted(here.model_fields)


def _inner(annotation: Any) -> Any:
    """The model that a field holds, itself or in a list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_inner(a) for a in getattr(annotation, "__args__", ())]
    models = [f for f in found if isinstance(f, type) and issubclass(f, BaseModel)]
    return models[0] if models else None
