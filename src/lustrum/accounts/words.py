"""Text that every form of an economy can hold: one line, no controls, not endless (no equation lives here).

A CSV cell, a cell of a spreadsheet, YAML and XML each refuse something else. Codes, which join tables, must
be sound as they come. Names and remarks, which people read, are put on one line.
"""

from __future__ import annotations

import re

from lustrum.errors import LabelError
from lustrum.strict_yaml import CONTROL, clip

#: Longest code, name or unit, and remark.
LONGEST_CODE, LONGEST_NAME, LONGEST_REMARK = 100, 2_000, 30_000
#: Codes with a meaning of their own in tables and plans.
RESERVED = ("all", "value")

_CONTROLS = re.compile(f"(?:{CONTROL.pattern})+")
# halves of a character pair and the two non-characters: no XML, and no UTF-8, can hold them
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")


def one_line(text: str) -> str:
    """Put words for people on one line: line breaks and controls become a space, the ends are trimmed."""
    return _NO_TEXT.sub("\ufffd", _CONTROLS.sub(" ", text)).strip()


def remark(text: str) -> str:
    """Put a remark on one line; what no cell can hold is cut off, and the remark says so."""
    line = one_line(text)
    if len(line) <= LONGEST_REMARK:
        return line
    kept = LONGEST_REMARK - 40  # room for what is said of the rest, so that cutting twice changes nothing
    return f"{line[:kept]} … ({len(line) - kept:,} characters more)"


def require_code(code: object, alone: bool) -> str:
    """Return a code that every table can hold, or say what is wrong with it.

    Parameters
    ----------
    alone
        Whether it is the only code of its set: then it may be `all`.

    Raises
    ------
    LabelError
        If it is no text, empty, longer than 100 characters, begins or ends with a space, holds a line
        break or control, or has a meaning of its own.
    """
    if not isinstance(code, str):
        raise LabelError("a code is not text", found=clip(code), mend="put it in quotes")
    if not code:
        raise LabelError("a code is empty", mend="give every label a code")
    if len(code) > LONGEST_CODE:
        raise LabelError(
            "a code is too long",
            found=clip(code),
            expected=f"at most {LONGEST_CODE} characters",
            mend="shorten it; long names go in the name column",
        )
    if code != code.strip():
        raise LabelError("a code begins or ends with a space", found=clip(code), mend="remove the space")
    if CONTROL.search(code) or _NO_TEXT.search(code):
        raise LabelError(
            "a code holds a line break or control character",
            found=clip(code),
            mend="write it on one line, as plain text",
        )
    if code in RESERVED and not (code == "all" and alone):
        raise LabelError(f"code {code!r} has a meaning of its own", found=meaning(code), mend="choose another code")
    return str(code)


def meaning(code: str) -> str:
    """Say what a reserved code means."""
    return "`all` stands for every label" if code == "all" else "`value` heads a column"
