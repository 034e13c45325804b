"""CSV cells to numbers and labels, with an error that names file, line and column (no equation lives here)."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lustrum.errors import TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import CONTROL, clip

#: No table of ours is larger than this; a larger one is not an economy folder.
MAX_BYTES = 256 * 1024 * 1024
MAX_CELLS = 200_000_000
#: Sizes of the figures that accounts can hold.
LARGEST, SMALLEST = 1e18, 1e-100

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_MENDS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda c: c == "", "write 0 if it is zero"),
    (lambda c: c.startswith("#"), "this is a spreadsheet error: mend the formula and export again"),
    (lambda c: c.startswith("="), "this is a formula: export its value"),
    (lambda c: c.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "-", "..", "…"),
     "find the figure, or write 0 if it is zero"),
    (lambda c: c.endswith("%"), "write a share: 0.05 for 5 %"),
    (lambda c: "," in c or "_" in c or " " in c, "write it without thousands separators, with a decimal point"),
    (lambda c: c[0] in "−–—", "write the minus sign as a hyphen"),
    (lambda c: c.startswith("("), "write negative numbers with a minus sign"),
)  # fmt: skip


def read_rows(path: Path) -> list[list[str]]:
    """Read a CSV file into rows of stripped cells; blank rows at the end are dropped.

    Raises
    ------
    TableError
        Unreadable, too large, not UTF-8, binary, or separated by something other than commas.
    """
    where = path.name
    if path.exists() and not path.is_file():
        raise TableError("not a file", where=str(path), found="a folder or device", mend="put a CSV file there")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TableError("file is too large for a table", where=where, found=f"{size:,} bytes",
                             expected=f"at most {MAX_BYTES:,}", mend="keep only the base-year table")  # fmt: skip
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise TableError("file is not UTF-8 text", where=where, found=f"byte {e.start}: {e.reason}",
                         mend="save it as 'CSV UTF-8'") from None  # fmt: skip
    except OSError as e:
        raise TableError("file cannot be read", where=str(path), found=e.strerror, mend="check path and rights") from e
    if "\0" in text:
        raise TableError("file holds binary data", where=where, expected="comma-separated text",
                         mend="export the sheet as CSV")  # fmt: skip
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [[c.strip() for c in row] for row in reader]
    except csv.Error as e:
        raise TableError("file is not well-formed CSV", where=f"{where}:{reader.line_num}", found=str(e),
                         mend="check the quotes in the file") from None  # fmt: skip
    for line, row in enumerate(rows, 1):
        # a cell over two lines would also put every line number after it out of place
        if bad := next((cell for cell in row if CONTROL.search(cell)), None):
            raise TableError("cell holds a line break or control character", where=f"{where}:{line}",
                             found=clip(bad), mend="write the cell on one line, as plain text")  # fmt: skip
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise TableError("file is empty", where=where, expected="a header line and at least one row",
                         mend="fill it, or delete the file")  # fmt: skip
    if len(rows[0]) == 1 and ";" in rows[0][0]:
        raise TableError("cells are separated by semicolons", where=f"{where}:1", expected="commas",
                         mend="save with comma as separator and point as decimal sign")  # fmt: skip
    width = len(rows[0])
    for line, row in enumerate(rows, 1):
        if len(row) != width:
            raise TableError("row has a different number of cells than the header", where=f"{where}:{line}",
                             found=f"{len(row)} cells", expected=f"{width} cells",
                             mend="add or remove commas; put text with commas in quotes")  # fmt: skip
    return rows


def number(cell: str, where: str) -> float:
    """Turn one cell into a finite number, or say what is wrong with it.

    An empty cell is not zero: it is an error, because a silent zero in accounts is a wrong figure. So are
    figures that no measurement has, below 1e-100 and above 1e18 in size: they are slips, and nothing can be
    reckoned with them.
    """
    if not _NUMBER.fullmatch(cell):
        mend = "write a plain number with a decimal point"
        for sign, words in _MENDS:
            if sign(cell):
                mend = words
                break
        raise TableError("cell is not a number", where=where, found=clip(cell), expected="a number", mend=mend)
    value = float(cell)
    if abs(value) > LARGEST:
        raise TableError("number is too large for accounts", where=where, found=clip(cell),
                         expected=f"at most {LARGEST:g}", mend="count in larger units, such as millions")  # fmt: skip
    if value != 0 and abs(value) < SMALLEST:
        raise TableError("number is too small for accounts", where=where, found=clip(cell),
                         expected=f"0, or at least {SMALLEST:g}", mend="write 0")  # fmt: skip
    return value


def boolean(cell: str, where: str) -> float:
    """Turn true/false, yes/no, 1/0 into 1.0 or 0.0."""
    known = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "": 0.0}
    if cell.lower() not in known:
        raise TableError("cell is not true or false", where=where, found=clip(cell), expected="true or false",
                         mend="write true or false")  # fmt: skip
    return known[cell.lower()]


def read_array(
    path: Path, dims: Sequence[str], codes: dict[str, Sequence[str]], *, yearly: bool, is_bool: bool
) -> tuple[np.ndarray, list[int]]:
    """Read one table onto its axes; return the array and its years (empty without a year axis).

    Two layouts are understood. *Long*: a column for each dimension (any order), optionally `year`, and
    `value`; combinations that are not listed are zero. *Wide* (two dimensions): the first column holds
    the labels of the first dimension, the header those of the second; every label must be there.
    """
    rows = read_rows(path)
    header = rows[0]
    size = math.prod(len(codes[d]) for d in dims)
    if size > MAX_CELLS:
        raise TableError("table is too large", where=path.name, found=f"{size:,} cells",
                         expected=f"at most {MAX_CELLS:,}", mend="aggregate the accounts first")  # fmt: skip
    convert = boolean if is_bool else number
    if "value" in header:
        return _read_long(path.name, rows, dims, codes, yearly, convert)
    if len(dims) == 2:
        return _read_wide(path.name, rows, dims, codes, convert), []
    expected = ",".join([*dims, "value"])
    raise TableError("header is not understood", where=f"{path.name}:1", found=clip(",".join(header), 80),
                     expected=expected, mend=f"make the first line {expected}")  # fmt: skip


def _read_long(
    name: str,
    rows: list[list[str]],
    dims: Sequence[str],
    codes: dict[str, Sequence[str]],
    yearly: bool,
    convert: Callable[[str, str], float],
) -> tuple[np.ndarray, list[int]]:
    header = rows[0]
    allowed = {*dims, "value"} | ({"year"} if yearly else set())
    if len(set(header)) != len(header) or not set(dims) <= set(header) or not set(header) <= allowed:
        expected = ",".join([*dims, *(["[year]"] if yearly else []), "value"])
        raise TableError("columns do not fit this table", where=f"{name}:1", found=clip(",".join(header), 80),
                         expected=expected, mend="name the columns as expected")  # fmt: skip
    column = {h: k for k, h in enumerate(header)}
    index = {d: {c: k for k, c in enumerate(codes[d])} for d in dims}
    years: list[int] = []
    if "year" in column:
        years = sorted({_year(r[column["year"]], f"{name}:{n}:year") for n, r in enumerate(rows[1:], 2)})
    shape = [len(codes[d]) for d in dims] + ([len(years)] if years else [])
    if math.prod(shape) > MAX_CELLS:
        raise TableError("table is too large", where=name, found=f"{math.prod(shape):,} cells with its years",
                         expected=f"at most {MAX_CELLS:,}", mend="keep fewer years")  # fmt: skip
    array = np.zeros(shape)
    seen: dict[tuple[int, ...], int] = {}
    for line, row in enumerate(rows[1:], 2):
        at = []
        for d in dims:
            cell = row[column[d]]
            if cell not in index[d]:
                expected, mend = unknown_label(cell, codes[d], d)
                raise TableError(f"unknown {d}", where=f"{name}:{line}:{d}", found=clip(cell),
                                 expected=expected, mend=mend)  # fmt: skip
            at.append(index[d][cell])
        if years:
            at.append(years.index(_year(row[column["year"]], f"{name}:{line}:year")))
        key = tuple(at)
        if key in seen:
            raise TableError("same labels stand twice", where=f"{name}:{line}", found=f"first on line {seen[key]}",
                             mend="keep one of the two rows")  # fmt: skip
        seen[key] = line
        array[key] = convert(row[column["value"]], f"{name}:{line}:value")
    return array, years


def _year(cell: str, where: str) -> int:
    if not (cell.isascii() and cell.isdigit()) or not 1 <= len(cell) <= 4:
        raise TableError("cell is not a year", where=where, found=clip(cell), expected="a calendar year such as 2025",
                         mend="write the year with four digits")  # fmt: skip
    return int(cell)


def _read_wide(
    name: str,
    rows: list[list[str]],
    dims: Sequence[str],
    codes: dict[str, Sequence[str]],
    convert: Callable[[str, str], float],
) -> np.ndarray:
    order = []
    for dim, given, place in (
        (dims[0], [r[0] for r in rows[1:]], "row"),
        (dims[1], rows[0][1:], "column"),
    ):
        known = {c: k for k, c in enumerate(codes[dim])}
        seen: dict[str, int] = {}
        for k, label in enumerate(given, 2):
            spot = f"{name}:{k}" if place == "row" else f"{name}:1:column {k}"
            if label not in known:
                expected, mend = unknown_label(label, codes[dim], dim)
                raise TableError(f"unknown {dim}", where=spot, found=clip(label), expected=expected, mend=mend)
            if label in seen:
                raise TableError(f"{dim} {clip(label)} stands twice", where=spot,
                                 found=f"first as {place} {seen[label]}", mend=f"keep one {place}")  # fmt: skip
            seen[label] = k
        missing = [c for c in codes[dim] if c not in seen]
        if missing:
            raise TableError(f"a {place} is missing", where=name, found=f"no {place} for {dim} {missing[:5]}",
                             mend=f"add the {place} (zeros where there is nothing), or use the long form")  # fmt: skip
        order.append([known[label] for label in given])
    array = np.zeros((len(codes[dims[0]]), len(codes[dims[1]])))
    for line, row in enumerate(rows[1:], 2):
        for k, cell in enumerate(row[1:]):
            array[order[0][line - 2], order[1][k]] = convert(cell, f"{name}:{line}:{rows[0][k + 1]}")
    return array
