"""One cell of a table: text to a number, a truth value or a year, or what is wrong with it (no equation lives here)."""

from __future__ import annotations

import re
from collections.abc import Callable

from lustrum.errors import TableError
from lustrum.strict_yaml import clip

#: Sizes of the figures that accounts can hold.
LARGEST, SMALLEST = 1e18, 1e-100

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_MENDS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda c: c == "", "write 0 if it is zero"),
    (lambda c: c.startswith("#"), "this is a spreadsheet error: mend the formula and export again"),
    (lambda c: c.startswith("="), "this is a formula: export its value"),
    (
        lambda c: c.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "", "..", "…"),
        "find the figure, or write 0 if it is zero",
    ),
    (lambda c: c.endswith("%"), "write a share: 0.05 for 5 %"),
    (lambda c: "," in c or "_" in c or " " in c, "write it without thousands separators, with a decimal point"),
    (lambda c: c[0] in "−–—", "write the minus sign as a hyphen"),
    (lambda c: c.startswith("("), "write negative numbers with a minus sign"),
)


def number(cell: str, where: str) -> float:
    """Turn one cell into a finite number, or say what is wrong with it.

    An empty cell is not zero: it is an error, because a silent zero in accounts is a wrong figure. So are
    figures that no measurement has, below 1e-100 and above 1e18 in size: they are slips, and nothing can be
    reckoned with them.
    """
    if not _NUMBER.fullmatch(cell):
        raise TableError(
            "cell is not a number", where=where, found=clip(cell), expected="a number", mend=number_mend(cell)
        )
    return sized(float(cell), cell, where)


def looks_like_number(cell: str) -> bool:
    """Tell whether text is a number as `number` reads it."""
    return _NUMBER.fullmatch(cell) is not None


def number_mend(cell: str) -> str:
    """What to do about text that is no number."""
    return next((words for sign, words in _MENDS if sign(cell)), "write a plain number with a decimal point")


def sized(value: float, cell: object, where: str) -> float:
    """Return a figure whose size can be measured, or say that it cannot."""
    if abs(value) > LARGEST:
        raise TableError(
            "number is too large for accounts",
            where=where,
            found=clip(cell),
            expected=f"at most {LARGEST:g}",
            mend="count in larger units, such as millions",
        )
    if value != 0 and abs(value) < SMALLEST:
        raise TableError(
            "number is too small for accounts",
            where=where,
            found=clip(cell),
            expected=f"0, or at least {SMALLEST:g}",
            mend="write 0",
        )
    return value


def boolean(cell: str, where: str) -> float:
    """Turn true/false, yes/no, 1/0 into 1.0 or 0.0."""
    known = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "": 0.0}
    if cell.lower() not in known:
        raise TableError(
            "cell is not true or false",
            where=where,
            found=clip(cell),
            expected="true or false",
            mend="write true or false",
        )
    return known[cell.lower()]


def year(cell: str, where: str) -> int:
    """Turn one cell into a calendar year."""
    if not (cell.isascii() and cell.isdigit()) or not 1 <= len(cell) <= 4:
        raise TableError(
            "cell is not a year",
            where=where,
            found=clip(cell),
            expected="a calendar year such as 2025",
            mend="write the year with four digits",
        )
    return int(cell)
