"""YAML without surprises, for every file that people write: a place for every complaint, and nothing read as
something it does not look like.

Differences from plain YAML: a repeated key is an error rather than the last one winning; anchors, aliases, tags and
merge keys are not allowed; `no`, `on`, `1:30`, `1_000`, `017` and dates are words, not truth values and numbers; keys
are words or whole numbers; nesting ends at 40 levels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import yaml

from lustrum.errors import BadInput, SpecError

#: Larger than any plan written by hand, and small enough to be read in seconds.
MAX_TEXT = 512 * 1024
DEPTH = 40
#: What has no place in a line of text: line breaks, tabs, terminal controls.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_PLAIN = {
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:timestamp",
    "tag:yaml.org,2002:merge",
    "tag:yaml.org,2002:value",
}


class _Loader(yaml.SafeLoader):
    """SafeLoader with the differences above."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        for wrong, problem in (
            (isinstance(event, yaml.events.AliasEvent), "aliases (*name) are not allowed"),
            (getattr(event, "anchor", None) is not None, "anchors (&name) are not allowed"),
            (getattr(event, "tag", None) is not None, "tags (!name) are not allowed"),
            (self.depth >= DEPTH, f"nested more than {DEPTH} deep"),
        ):
            if wrong:
                raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: dict[object, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            mark = key_node.start_mark
            if isinstance(key, bool) or not isinstance(key, (str, int)):
                raise yaml.constructor.ConstructorError(None, None, f"key {clip(key)} is no word or year", mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {clip(key)} stands twice, first on line {seen[key]}", mark
                )
            seen[key] = mark.line + 1
        return super().construct_mapping(node, deep)

    def construct_number(self, node: Any) -> int | float:
        text = self.construct_scalar(node)
        if len(text) > 400:
            raise yaml.constructor.ConstructorError(None, None, f"number of {len(text)} digits", node.start_mark)
        if text.lstrip("+-").isdigit():
            return int(text)
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in _PLAIN]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_RULES: tuple[tuple[str, str, str], ...] = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$",
        "-+.0123456789",
    ),
)


def _add_rules() -> None:
    for name, pattern, first in _RULES:
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), list(first))
    for name in ("int", "float"):
        _Loader.add_constructor(f"tag:yaml.org,2002:{name}", _Loader.construct_number)


_add_rules()


def parse(text: str, where: str, *, error: type[BadInput] = SpecError, what: str = "file") -> dict[str, Any]:
    """Read YAML text that must be a mapping.

    Parameters
    ----------
    text, where
        The text, and the file's name for errors.
    error
        Class of the error to raise.
    what
        What the file is called in errors: "plan file".

    Raises
    ------
    BadInput
        Of class `error`, with line and column, what was found, and the mend.
    """
    if len(text) > MAX_TEXT:
        raise error(
            f"{what} is too large",
            where=where,
            found=f"{len(text):,} characters",
            expected=f"at most {MAX_TEXT:,}",
            mend="keep figures by label in the accounts' tables",
        )
    try:
        raw = _load(text)
    except yaml.reader.ReaderError as e:
        line = text.count("\n", 0, e.position) + 1
        raise error(
            f"{what} holds a character that is no text",
            where=f"{where}:{line}",
            found=f"character number {e.position + 1}: code {_code(e.character)}",
            mend="delete it, or save the file as plain text in UTF-8",
        ) from None
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = getattr(e, "problem", None) or str(e).split("\n")[0]
        raise error("not well-formed YAML", where=place, found=problem[:200], mend=_mend(problem)) from None
    except (RecursionError, ValueError, OverflowError) as e:
        raise error(
            "not readable as YAML",
            where=where,
            found=str(e)[:80] or type(e).__name__,
            mend="check the numbers and the nesting",
        ) from None
    if raw is None:
        raise error(
            f"{what} is empty",
            where=where,
            expected="`key: value` lines",
            mend="`lustrum new DIR` makes a workspace with one",
        )
    if not isinstance(raw, dict):
        raise error(
            f"{what} must be `key: value` lines",
            where=f"{where}:1",
            found=kind(raw),
            mend="begin each line with a key and a colon",
        )
    return raw


def _code(character: object) -> str:
    """Code of a character; PyYAML gives it as a character or as its number."""
    return f"{ord(character) if isinstance(character, str) else character:#x}"


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _mend(problem: str) -> str:
    for sign, mend in (
        ("'\\t'", "indent with spaces, not tabs"),
        ("stands twice", "keep one of the two"),
        ("another document", "keep one document in the file: remove the line `---`"),
        ("mapping values", "a second colon on the line: put text with a colon in quotes, and check the indentation"),
        ("not allowed", "write the value out where it is used; put text that begins with & * or ! in quotes"),
        ("end of stream", "close the quotes"),
        ("stream end", "close the bracket"),
        ("is no word or year", "give the key a name, in quotes if need be"),
        ("nested", "close the brackets"),
        ("digits", "write a number with fewer digits"),
    ):
        if sign in problem:
            return mend
    return "check indentation, colons, brackets and quotes at that line"


def line_of(text: str, loc: Sequence[str | int]) -> int:
    """Return the line on which the deepest part of a field's path that is in the text stands (0: none)."""
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except (yaml.YAMLError, RecursionError, ValueError):
        return 0
    finally:
        if loader is not None:
            loader.dispose()
    line = 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == str(part)]
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


def kind(value: object) -> str:
    """Name the kind of a value in a planner's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float) and not math.isfinite(value):
        return "no finite number"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "`key: value` pairs"


def clip(value: object, most: int = 60) -> str:
    """Return a value as it may stand in an error: on one line, and short."""
    text = value if isinstance(value, int) and not isinstance(value, bool) else repr(value)
    shown = str(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
