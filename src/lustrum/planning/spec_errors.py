"""From pydantic's and YAML's complaints to one error with line, field, what was found and the mend."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from lustrum.errors import SpecError
from lustrum.labels import unknown_label

MAX_TEXT = 4 * 1024 * 1024


class _UniqueKeys(yaml.SafeLoader):
    """Safe YAML without anchors, in which a repeated key is an error rather than the last one winning."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not allowed", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, (str, int)):
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is no word or year",
                                                        key_node.start_mark)  # fmt: skip
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_yaml(text: str, where: str) -> dict[str, Any]:
    """Read YAML text into a mapping, or say at which line it breaks."""
    if len(text) > MAX_TEXT:
        raise SpecError("plan file is too large", where=where, found=f"{len(text):,} characters",
                        expected=f"at most {MAX_TEXT:,}")  # fmt: skip
    try:
        raw = yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        found = getattr(e, "problem", None) or str(e).split("\n")[0]
        raise SpecError("not well-formed YAML", where=place, found=found,
                        mend="check indentation, colons and quotes at that line") from None  # fmt: skip
    except (RecursionError, ValueError, OverflowError) as e:
        raise SpecError("not readable as YAML", where=where, found=str(e)[:80] or type(e).__name__,
                        mend="check the numbers, dates and nesting") from None  # fmt: skip
    if raw is None:
        raise SpecError("plan file is empty", where=where, mend="`lustrum new DIR` makes a workspace with one")
    if not isinstance(raw, dict):
        raise SpecError("plan file must be `key: value` lines", where=where, found=type(raw).__name__)
    return raw


def spec_error(error: ValidationError, text: str, where: str) -> SpecError:
    """Turn the most telling of pydantic's complaints into a SpecError with its line in the file."""
    # inside a union every branch complains: the deepest place is the branch that was meant
    worst = max(error.errors(include_url=False), key=lambda e: (e["type"] == "extra_forbidden", -len(e["loc"])))
    loc = [p for p in worst["loc"] if not _is_branch(p)]
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
    line = _line_of(text, loc)
    place = f"{where}:{line}: {path}" if line else f"{where}: {path}" if path else where
    kind, context = worst["type"], worst.get("ctx", {})
    found = repr(worst["input"])[:80]
    message = worst["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        expected, mend = unknown_label(loc[-1], _known_keys(loc[:-1]), "key")
        return SpecError(f"unknown key {loc[-1]!r}", where=place, found=repr(loc[-1]), expected=expected, mend=mend)
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        limit = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
        expected = " ".join(f"{limit[k]} {v:g}" for k, v in context.items() if k in limit)
        return SpecError("number is out of range", where=place, found=found, expected=expected,
                         mend="rates are shares: write 0.05 for 5 %")  # fmt: skip
    if kind == "missing":
        return SpecError(f"{loc[-1]!r} is missing", where=place, mend=f"add `{loc[-1]}:` there")
    if kind == "literal_error":
        return SpecError("not one of the choices", where=place, found=found, expected=str(context.get("expected", "")),
                         mend="choose one of them")  # fmt: skip
    if kind == "value_error":
        return SpecError(message, where=place, mend="see docs/plan-file.md")
    return SpecError("value is not of the right kind", where=place, found=found, expected=message,
                     mend="see docs/plan-file.md for what may stand there")  # fmt: skip


def _is_branch(part: Any) -> bool:
    return isinstance(part, str) and (part in ("float", "Growing", "Ramp", "int") or "[" in part)


def _known_keys(loc: list[Any]) -> list[str]:
    from lustrum.planning.spec import PlanSpec

    schema = PlanSpec.model_json_schema(by_alias=True)
    node: Any = schema
    for part in loc:
        node = _resolve(node, schema)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part, node.get("additionalProperties") or {})
    return list(_resolve(node, schema).get("properties", {})) or ["(none)"]


def _resolve(node: Any, schema: Any) -> Any:
    if not isinstance(node, dict):
        return {}
    for option in [node, *node.get("anyOf", [])]:
        if "$ref" in option:
            return schema["$defs"][option["$ref"].rsplit("/", 1)[1]]
    return node


def _line_of(text: str, loc: list[Any]) -> int:
    """Return the line on which the deepest part of `loc` that is in the text stands (0: none)."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return 0
    line = 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                return line
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line
