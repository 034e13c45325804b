"""Tables onto their axes, from the cells of a CSV file or a sheet (no equation lives here)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lustrum.accounts.cells import CsvGrid, Grid
from lustrum.errors import TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import CONTROL, clip

#: No table of ours is larger than this; a larger one is not an economy folder.
MAX_BYTES = 256 * 1024 * 1024
MAX_CELLS = 200_000_000


def read_text(
    path: Path, what: str, most: int, *, too_large: str, not_text: str = "save it as plain text in UTF-8"
) -> str:
    """Read a file of text in UTF-8.

    Parameters
    ----------
    what, most
        What the file is to be, for messages: "a table"; and the most bytes that it may have.
    too_large, not_text
        What to do about a file that is larger, or that is no such text.

    Raises
    ------
    TableError
        If it cannot be read.
    """
    try:
        if (size := path.stat().st_size) > most:
            raise TableError(
                f"file is too large for {what}",
                where=path.name,
                found=f"{size:,} bytes",
                expected=f"at most {most:,}",
                mend=too_large,
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        found = f"byte {e.start}: {e.reason}"
        raise TableError("file is not UTF-8 text", where=path.name, found=found, mend=not_text) from None
    except OSError as e:
        raise TableError("file cannot be read", where=str(path), found=e.strerror, mend="check path and rights") from e


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
    text = read_text(
        path, "a table", MAX_BYTES, too_large="keep only the base-year table", not_text="save it as 'CSV UTF-8'"
    )
    if "\0" in text:
        raise TableError(
            "file holds binary data", where=where, expected="comma-separated text", mend="export the sheet as CSV"
        )
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [[c.strip() for c in row] for row in reader]
    except csv.Error as e:
        raise TableError(
            "file is not well-formed CSV",
            where=f"{where}:{reader.line_num}",
            found=str(e),
            mend="check the quotes in the file",
        ) from None
    for line, row in enumerate(rows, 1):
        # a cell over two lines would also put every line number after it out of place
        if bad := next((cell for cell in row if CONTROL.search(cell)), None):
            raise TableError(
                "cell holds a line break or control character",
                where=f"{where}:{line}",
                found=clip(bad),
                mend="write the cell on one line, as plain text",
            )
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise TableError(
            "file is empty",
            where=where,
            expected="a header line and at least one row",
            mend="fill it, or delete the file",
        )
    if len(rows[0]) == 1 and ";" in rows[0][0]:
        raise TableError(
            "cells are separated by semicolons",
            where=f"{where}:1",
            expected="commas",
            mend="save with comma as separator and point as decimal sign",
        )
    width = len(rows[0])
    for line, row in enumerate(rows, 1):
        if len(row) != width:
            raise TableError(
                "row has a different number of cells than the header",
                where=f"{where}:{line}",
                found=f"{len(row)} cells",
                expected=f"{width} cells",
                mend="add or remove commas; put text with commas in quotes",
            )
    return rows


def read_records(
    path: Path, needed: Sequence[str], optional: Sequence[str] = (), *, what: str, empty: tuple[str, str] | None = None
) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file whose first line names its columns: for each line its number and its cells by column.

    Parameters
    ----------
    needed, optional
        Names of the columns.
    what
        What the file is, for messages: "price file".
    empty
        What to say of a file without a line below its header, and how to mend it; None: that is allowed.

    Raises
    ------
    TableError
        If the file cannot be read as CSV, or has other columns.
    """
    header, *rows = read_rows(path)
    if not rows and empty is not None:
        raise TableError(empty[0], where=path.name, found="a header and nothing below it", mend=empty[1])
    if not set(needed) <= set(header) <= {*needed, *optional} or len(set(header)) != len(header):
        raise TableError(
            f"columns of a {what} are not understood",
            where=f"{path.name}:1",
            found=clip(",".join(header), 80),
            expected=",".join(needed) + (f" (and perhaps {', '.join(optional)})" if optional else ""),
            mend=f"make the first line {','.join(needed)}",
        )
    return [(line, dict(zip(header, row, strict=True))) for line, row in enumerate(rows, 2)]


def read_array(
    path: Path, dims: Sequence[str], codes: Mapping[str, Sequence[str]], *, yearly: bool, is_bool: bool
) -> tuple[np.ndarray, list[int]]:
    """Read one table of a CSV file onto its axes: `read_grid` of its rows."""
    return read_grid(CsvGrid(path.name, read_rows(path)), dims, codes, yearly=yearly, is_bool=is_bool)


def read_grid(
    grid: Grid, dims: Sequence[str], codes: Mapping[str, Sequence[str]], *, yearly: bool, is_bool: bool
) -> tuple[np.ndarray, list[int]]:
    """Read one table onto its axes; return the array and its years (empty without a year axis).

    Two layouts are understood. *Long*: a column for each dimension (any order), optionally `year`, and
    `value`; combinations that are not listed are zero. *Wide* (two dimensions): the first column holds
    the labels of the first dimension, the header those of the second; every label must be there.

    Raises
    ------
    TableError
        With the place of the first cell that is wrong.
    """
    header = grid.header
    size = math.prod(len(codes[d]) for d in dims)
    if size > MAX_CELLS:
        raise TableError(
            "table is too large",
            where=grid.name,
            found=f"{size:,} cells",
            expected=f"at most {MAX_CELLS:,}",
            mend="aggregate the accounts first",
        )
    if "value" in header:
        return _read_long(grid, header, dims, codes, yearly, is_bool)
    if len(dims) == 2:
        return _read_wide(grid, dims, codes, is_bool), []
    expected = ",".join([*dims, "value"])
    raise TableError(
        "header is not understood",
        where=grid.place(0),
        found=grid.shown(0),
        expected=expected,
        mend=f"make the first line {expected}",
    )


def _read_long(
    grid: Grid, header: list[str], dims: Sequence[str], codes: Mapping[str, Sequence[str]], yearly: bool, is_bool: bool
) -> tuple[np.ndarray, list[int]]:
    allowed = {*dims, "value"} | ({"year"} if yearly else set())
    if len(set(header)) != len(header) or not set(dims) <= set(header) or not set(header) <= allowed:
        expected = ",".join([*dims, *(["[year]"] if yearly else []), "value"])
        raise TableError(
            "columns do not fit this table",
            where=grid.place(0),
            found=grid.shown(0),
            expected=expected,
            mend="name the columns as expected",
        )
    column = {h: k for k, h in enumerate(header)}
    index = {d: {c: k for k, c in enumerate(codes[d])} for d in dims}
    lines = range(1, len(grid.rows))
    by_line = [grid.year(r, column["year"]) for r in lines] if "year" in column else []
    years = sorted(set(by_line))
    position = {y: k for k, y in enumerate(years)}
    shape = [len(codes[d]) for d in dims] + ([len(years)] if years else [])
    if math.prod(shape) > MAX_CELLS:
        raise TableError(
            "table is too large",
            where=grid.name,
            found=f"{math.prod(shape):,} cells with its years",
            expected=f"at most {MAX_CELLS:,}",
            mend="keep fewer years",
        )
    array = np.zeros(shape)
    seen: dict[tuple[int, ...], int] = {}
    read = grid.boolean if is_bool else grid.number
    for r in lines:
        at = []
        for d in dims:
            label = grid.text(r, column[d])
            if label not in index[d]:
                raise _unknown(grid, r, column[d], label, codes[d], d)
            at.append(index[d][label])
        if years:
            at.append(position[by_line[r - 1]])
        key = tuple(at)
        if key in seen:
            raise TableError(
                "same labels stand twice",
                where=grid.place(r),
                found=f"first on {grid.line(seen[key])}",
                mend="keep one of the two rows",
            )
        seen[key] = r
        array[key] = read(r, column["value"])
    return array, years


def _unknown(grid: Grid, row: int, column: int | None, label: str, codes: Sequence[str], dim: str) -> TableError:
    expected, mend = unknown_label(label, codes, dim)
    if not label:
        mend = "write the label of these figures, or delete them"
    return TableError(f"unknown {dim}", where=grid.place(row, column), found=clip(label), expected=expected, mend=mend)


def _read_wide(grid: Grid, dims: Sequence[str], codes: Mapping[str, Sequence[str]], is_bool: bool) -> np.ndarray:
    order = []
    for dim, given, place in ((dims[0], grid.column(0), "row"), (dims[1], grid.header[1:], "column")):
        known = {c: k for k, c in enumerate(codes[dim])}
        seen: dict[str, int] = {}
        for k, label in enumerate(given, 1):
            row, column = (k, None) if place == "row" else (0, k)
            if label not in known:
                raise _unknown(grid, row, column, label, codes[dim], dim)
            if label in seen:
                raise TableError(
                    f"{dim} {clip(label)} stands twice",
                    where=grid.place(row, column),
                    found=f"first as {place} {seen[label] + 1}",
                    mend=f"keep one {place}",
                )
            seen[label] = k
        missing = [c for c in codes[dim] if c not in seen]
        if missing:
            raise TableError(
                f"a {place} is missing",
                where=grid.name,
                found=f"no {place} for {dim} {missing[:5]}",
                mend=f"add the {place} (zeros where there is nothing), or use the long form",
            )
        order.append([known[label] for label in given])
    array = np.zeros((len(codes[dims[0]]), len(codes[dims[1]])))
    for r, i in enumerate(order[0], 1):
        array[i, order[1]] = grid.figures(r, is_bool)
    return array
