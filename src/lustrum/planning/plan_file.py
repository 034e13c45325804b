"""The text of a plan file: does it have the shape of its schema, and each complaint in a planner's words.

Pydantic would say for a figure such as `{start: 1, growth: abc}` what is wrong with it as a number, as years, as a
growing value and as a ramp. Here the keys tell which was meant. The schema is that of `PlanSpec`, so a field is added
there and nowhere else.
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from pydantic import ValidationError

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import CONTROL, clip, kind, line_of, parse

#: No figure of an economy is larger, in whatever unit; a solver would take one that is for "no limit".
LARGEST = 1e18

Loc = list[str | int]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d{1,3}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*", re.ASCII)
_FIGURE = "a number, {year: number}, {start, growth} or {from, to}"
_SWITCH = {"yes": True, "on": True, "no": False, "off": False}

#: What each rule that speaks of several fields at once is mended by; first words of the rule's message.
_MENDS = (
    ("give exactly one of", "keep one of the three, and only one"),
    ("give at_most or at_least", "add `at_most:` or `at_least:` to the entry"),
    ("gestation of", "write shares such as [0.4, 0.6]: 40 % in the year itself, 60 % the year before"),
    ("a target over the sum", "write one number, or `over: each_year`"),
    ("two tasks", "rename one of them"),
    ("`", "leave the key out, or choose another kind"),
    ("least_cost needs", "add `costs:` with a term such as {of: imports}"),
)
#: The beginning of a field's path in the `where` of an error: up to the first character no path has.
_PATH = re.compile(r"[a-z_]+(?:\[\d+\]|\.[^\s.\[\]()]+)*")


def path_of(loc: Loc) -> str:
    """Return a field's path in words: `tasks[0].terms[1].of`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p if len(p) <= 60 else p[:59] + '…'}" for p in loc).lstrip(
        "."
    )


def place(loc: Loc, text: str, where: str) -> str:
    """Return file, line and path of a field."""
    line = line_of(text, loc) if text else 0
    return ": ".join(part for part in (f"{where}:{line}" if line else where, path_of(loc)) if part)


def load_plan_file(text: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Read the text of a plan file into a mapping of the right keys and kinds of values.

    Raises
    ------
    SpecError
        With file, line and field of the first thing that is wrong.
    """
    return check_shape(parse(text, where, what="plan file"), text, where, schema)


def check_shape(raw: dict[str, Any], text: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with numbers as numbers and switches as switches; `schema` is that of `PlanSpec`.

    Raises
    ------
    SpecError
        For the first key or value, in the order of the file, that the schema does not allow.
    """
    checked: dict[str, Any] = _Shape(text, where, schema["$defs"]).value(raw, schema, [])
    return checked


class _Shape:
    """Walks through a plan file beside its schema; `defs` are the sections that the schema refers to by name."""

    def __init__(self, text: str, where: str, defs: dict[str, Any]) -> None:
        self.text, self.where, self.defs = text, where, defs

    def fail(self, what: str, loc: Loc, **more: Any) -> NoReturn:
        raise SpecError(what, where=place(loc, self.text, self.where), **more)

    def value(self, v: Any, node: dict[str, Any], loc: Loc) -> Any:
        options = [self.resolve(o) for o in node.get("anyOf", [node])]
        if v is None and any(o.get("type") == "null" for o in options):
            return None
        options = [o for o in options if o.get("type") != "null"]
        if len(options) > 1:  # the only union of a plan file
            return self.figure(v, loc)
        one = {**options[0], **({"unit": node["unit"]} if "unit" in node else {})}
        if v is None:
            self.fail(
                "nothing stands after the key", loc, expected=self.expected(one), mend="give a value, or remove the key"
            )
        if "const" in one or "enum" in one:
            return self.choice(v, one.get("enum", [one.get("const")]), loc)
        of = one["type"]
        if of == "object":
            return self.section(v, one, loc) if "properties" in one else self.by_label(v, one, loc)
        if of == "array":
            return self.items(v, one, loc)
        if of in ("number", "integer"):
            return self.number(v, one, loc)
        return self.switch(v, loc) if of == "boolean" else self.words(v, one, loc)

    def section(self, v: Any, node: dict[str, Any], loc: Loc) -> dict[str, Any]:
        known = node["properties"]
        if not isinstance(v, dict):
            self.fail(
                f"{kind(v)} where a section belongs",
                loc,
                found=clip(v),
                expected="`key: value` lines with the keys " + ", ".join(known),
                mend="indent the keys of the section below its name, or write {key: value}",
            )
        out = {}
        for key, item in v.items():
            if key not in known:
                expected, mend = unknown_label(clip(key).strip("'"), list(known), "key")
                self.fail(f"unknown key {clip(key)}", [*loc, str(key)], found=clip(key), expected=expected, mend=mend)
            out[key] = self.value(item, known[key], [*loc, key])
        for key in node.get("required", []):
            if key not in v:
                self.fail(
                    f"{key!r} is missing",
                    loc,
                    expected=self.expected(self.resolve(known[key])),
                    mend=f"add `{key}:` there",
                )
        return out

    def by_label(self, v: Any, node: dict[str, Any], loc: Loc) -> dict[str, Any]:
        if not isinstance(v, dict):
            self.fail(
                f"{kind(v)} where `label: value` pairs belong",
                loc,
                found=clip(v),
                expected="{label: value}",
                mend="write a label of the accounts, a colon and its value",
            )
        for key in v:
            if not isinstance(key, str):
                self.fail(
                    "a number where a label belongs",
                    [*loc, str(key)],
                    found=clip(key),
                    expected="a label",
                    mend=f"put it in quotes: '{key}'",
                )
        return {key: self.value(item, node["additionalProperties"], [*loc, key]) for key, item in v.items()}

    def items(self, v: Any, node: dict[str, Any], loc: Loc) -> list[Any]:
        item = self.resolve(node["items"])
        codes = item.get("type") == "string" and node.get("minItems") == 1
        if codes and not isinstance(v, (list, dict)):
            v = [v]  # one code stands for a list of one
            return [self.words(v[0], item, loc)]
        if not isinstance(v, list):
            self.fail(
                f"{kind(v)} where a list belongs",
                loc,
                found=clip(v),
                expected=f"a list of {self.expected(item)}",
                mend="write [one, another], or one a line, each after a dash",
            )
        if not v and (node.get("minItems") or item.get("type") == "integer"):
            self.fail(
                "the list is empty",
                loc,
                expected=f"at least one of {self.expected(item)}",
                mend="name at least one, or remove the key",
            )
        return [self.value(part, item, [*loc, k]) for k, part in enumerate(v)]

    def figure(self, v: Any, loc: Loc) -> Any:
        if not isinstance(v, dict):
            if isinstance(v, list) or v is None:
                self.fail(
                    f"{kind(v)} where a figure belongs",
                    loc,
                    found=clip(v),
                    expected=_FIGURE,
                    mend="write {2026: 1.0, 2027: 1.1} for figures by year",
                )
            return self.number(v, {}, loc)
        if not v:
            self.fail("the figure is empty", loc, found="{}", expected=_FIGURE, mend="give a number")
        keys = set(v)
        for names, branch in ((("start", "growth"), "Growing"), (("from", "to"), "Ramp")):
            if keys & set(names):
                return self.section(v, self.defs[branch], loc)
        out = {}
        for key, item in v.items():
            if not isinstance(key, int):
                year = isinstance(key, str) and key.isdigit()
                self.fail(
                    "a year in quotes" if year else f"unknown key {clip(key)} in a figure",
                    [*loc, str(key)],
                    found=clip(key),
                    expected=_FIGURE,
                    mend="remove the quotes" if year else "write a calendar year as the key",
                )
            out[key] = self.number(item, {}, [*loc, str(key)])
        return out

    def number(self, v: Any, node: dict[str, Any], loc: Loc) -> int | float:
        whole = node.get("type") == "integer"
        expected = self.expected(node or {"type": "number"})
        if isinstance(v, str) and _EXPONENT.fullmatch(v):
            v = float(v)
        if isinstance(v, bool) or not isinstance(v, (int, float)):
            self.fail(
                "nothing stands where a number belongs" if v is None else f"{kind(v)} where a number belongs",
                loc,
                found=clip(v),
                expected=expected,
                mend=_number_mend(v),
            )
        if isinstance(v, float) and not math.isfinite(v):
            self.fail(
                "not a finite number", loc, found=clip(v), expected=expected, mend="remove the key if there is no limit"
            )
        if abs(v) > LARGEST:
            self.fail(
                "number is too large for a plan",
                loc,
                found=clip(v),
                expected=f"at most {LARGEST:g}",
                mend="remove the key if there is no limit",
            )
        if whole and v != int(v):
            self.fail("not a whole number", loc, found=clip(v), expected=expected, mend="write it without a fraction")
        low, above, high = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
        if (low is not None and v < low) or (above is not None and v <= above) or (high is not None and v > high):
            rate = node.get("unit") == "per year" or (high is not None and high <= 1 and not whole)
            self.fail(
                "number is out of range",
                loc,
                found=clip(v),
                expected=expected,
                mend="rates are shares: write 0.05 for 5 %" if rate else "choose one in that range",
            )
        return int(v) if whole else v

    def switch(self, v: Any, loc: Loc) -> bool:
        if isinstance(v, str) and v.lower() in _SWITCH:
            return _SWITCH[v.lower()]
        if not isinstance(v, bool):
            self.fail(
                f"{kind(v)} where true or false belongs",
                loc,
                found=clip(v),
                expected="true or false",
                mend="write true or false, without quotes",
            )
        return v

    def words(self, v: Any, node: dict[str, Any], loc: Loc) -> str:
        if not isinstance(v, str):
            number = isinstance(v, (int, float))
            self.fail(
                f"{kind(v)} where text belongs",
                loc,
                found=clip(v),
                expected="text",
                mend=f"put it in quotes: '{str(v).lower() if isinstance(v, bool) else clip(v)}'"
                if number
                else "write one word or code",
            )
        if not node.get("minLength", 0) <= len(v) <= node.get("maxLength", 1000):
            self.fail(
                "text is empty" if not v else "text is too long",
                loc,
                found=clip(v),
                expected=f"1 to {node.get('maxLength', 1000)} characters",
                mend="give it a name" if not v else "shorten it",
            )
        if CONTROL.search(v):
            self.fail(
                "text holds a line break or control character",
                loc,
                found=clip(v),
                expected="one line of text",
                mend="write it on one line",
            )
        return v

    def choice(self, v: Any, choices: list[Any], loc: Loc) -> Any:
        if isinstance(v, bool) or v not in choices:
            _, mend = unknown_label(v if isinstance(v, str) else clip(v), choices, "listed")
            if loc == ["lustrum"] and isinstance(v, int) and v > max(choices):
                mend = "did a newer lustrum write this file? Then install that one: pip install --upgrade lustrum"
            self.fail(
                "not one of the choices",
                loc,
                found=clip(v),
                expected=", ".join(map(str, choices)),
                mend=mend if mend.startswith("did") else f"write {' or '.join(map(str, choices))}",
            )
        return v

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return a node of the schema, or the section that it refers to."""
        found: dict[str, Any] = self.defs[node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
        return found

    def expected(self, node: dict[str, Any]) -> str:
        """What may stand at a node of the schema, in words."""
        if "anyOf" in node:
            options = [self.resolve(o) for o in node["anyOf"] if o.get("type") != "null"]
            return _FIGURE if len(options) > 1 else self.expected(options[0])
        if "enum" in node:
            return ", ".join(map(str, node["enum"]))
        of = node.get("type", "")
        if of in ("number", "integer"):
            words = "a whole number" if of == "integer" else "a number"
            low, above, high = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
            bounds = [
                f"{low:g} or more" if low is not None else f"above {above:g}" if above is not None else "",
                f"at most {high:g}" if high is not None else "",
            ]
            return ", ".join([words, *filter(None, bounds)])
        names = {"string": "text", "boolean": "true or false", "array": "a list"}
        return names.get(of, "`key: value` pairs")


def _number_mend(v: Any) -> str:
    if isinstance(v, str):
        if _NUMBER.fullmatch(v.strip()):
            return "remove the quotes, and zeros in front"
        if _DATE.fullmatch(v):
            return f"write the year alone: {v[:4]}"
        if v.endswith("%"):
            return "write a share: 0.05 for 5 %"
        if "," in v or "_" in v:
            return "write it without thousands separators, with a decimal point"
    return "write a plain number with a decimal point"


def spec_error(error: ValidationError, text: str, where: str) -> SpecError:
    """Turn the first of pydantic's complaints into a SpecError with its line in the file.

    Keys, kinds and ranges have passed `check_shape` by then; what is left are rules over several fields.
    """
    first = min(error.errors(include_url=False), key=lambda e: len(e["loc"]))
    loc: Loc = list(first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    mend = next((m for sign, m in _MENDS if message.startswith(sign)), "see docs/plan-file.md for what may stand there")
    return SpecError(message, where=place(loc, text, where), found=clip(first["input"]), mend=mend)


def locate(error: SpecError, text: str, file: str) -> SpecError:
    """Add file and line to an error that names a field by its path, as those raised against the accounts do.

    Parameters
    ----------
    error
        Any SpecError. One whose `where` is no path in `text` (a table, a file) is returned as it is.
    text, file
        The plan file and its name.
    """
    path = _PATH.match(error.where)
    if path is None or error.where.startswith(file):
        return error
    loc: Loc = [int(p[1:-1]) if p.startswith("[") else p for p in re.findall(r"\[\d+\]|[^.\[\]]+", path.group())]
    found = place(loc, text, file)
    if not found.startswith(f"{file}:") or not found.removeprefix(f"{file}:").split(":")[0].isdigit():
        return error
    line = found.removeprefix(f"{file}:").split(":")[0]
    return type(error)(
        error.what, where=f"{file}:{line}: {error.where}", found=error.found, expected=error.expected, mend=error.mend
    )
