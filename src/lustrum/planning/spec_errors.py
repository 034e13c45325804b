"""Complaints about a plan file as one error with line, field, what was found and the mend."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from lustrum.errors import SpecError
from lustrum.planning.spec_shape import Loc, check_shape, place
from lustrum.strict_yaml import clip, parse

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


def load_yaml(text: str, where: str) -> dict[str, Any]:
    """Read the text of a plan file into a mapping of the right keys and kinds of values.

    Raises
    ------
    SpecError
        With file, line and field of the first thing that is wrong.
    """
    return check_shape(parse(text, where, what="plan file"), text, where)


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
