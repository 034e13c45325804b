"""The files of offices as they come: sheets of xlsx and xls workbooks and of csv files, cell by cell.

Nothing is refused here that an office may do: titles, blank rows, merged cells, hidden rows. A cell with a formula
error, or a formula that was never calculated, is text that says so, because a reader of cells would give nothing.
"""

from __future__ import annotations

import csv
import fnmatch
import io
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lustrum.accounts.extras import require
from lustrum.accounts.readers.workbook_open import Book
from lustrum.accounts.readers.workbook_scan import MAX_CELLS, letters
from lustrum.errors import TableError

Rows = list[list[Any]]

WORKBOOKS, TEXTS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), (".csv", ".tsv", ".txt")
MAX_BYTES = 160 * 1024 * 1024
_SPACES = re.compile(r"\s+")
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class RawFile:
    """One file, looked over: the names of its sheets, and each as rows of cells from A1 on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._grids: dict[str, Rows] = {}
        self._book: Any = None
        self._parts: Book | None = None
        suffix = path.suffix.lower()
        if suffix in TEXTS:
            self.sheets = [""]
            return
        if suffix not in WORKBOOKS:
            raise TableError(
                "no kind of file that holds a table",
                where=str(path),
                expected=", ".join((*WORKBOOKS, *TEXTS)),
                mend="save it as xlsx or csv",
            )
        if suffix in (".xlsx", ".xlsm"):
            self._parts = Book(path)
            self.sheets = list(self._parts.sheets)
            return
        if (size := path.stat().st_size) > MAX_BYTES:
            raise TableError(
                "workbook is too large",
                where=str(path),
                found=f"{size:,} bytes",
                expected=f"at most {MAX_BYTES:,}",
                mend="keep the sheets of the table only",
            )
        calamine = require("python_calamine", "excel", "workbooks need")
        self._book = self._ask(lambda: calamine.CalamineWorkbook.from_path(str(path)))
        self.sheets = list(self._book.sheet_names)

    def _ask(self, read: Callable[[], Any]) -> Any:
        """Ask python-calamine, whose errors and panics over damaged files become ours."""
        try:
            return read()
        except BaseException as e:
            if isinstance(e, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            raise TableError(
                "workbook cannot be read",
                where=str(self.path),
                found=str(e)[:200] or type(e).__name__,
                mend="open it in a spreadsheet program and save it anew",
            ) from None

    def grid(self, sheet: str) -> Rows:
        """The rows of a sheet."""
        if sheet not in self._grids:
            if self.path.suffix.lower() in TEXTS:
                self._grids[sheet] = _csv(self.path)
            elif self._parts is not None:
                self._grids[sheet] = self._parts.cells(sheet)
            else:
                got = self._ask(lambda: self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
                self._grids[sheet] = got
        return self._grids[sheet]

    def first_line(self) -> list[str]:
        """The labels of the first line of a csv file; none for a workbook."""
        if self.path.suffix.lower() not in TEXTS:
            return []
        with self.path.open("rb") as file:
            text = file.readline(1_000_000).decode("utf-8-sig", errors="replace")
        return [plain(c) for c in next(csv.reader([text], delimiter=_sign(text)), [])]

    def place(self, sheet: str, row: int | None = None, column: int | None = None) -> str:
        """`table.xlsx: IOT!C7`; rows and columns count from 0."""
        cell = "" if row is None else f"!{letters(column or 0)}{row + 1}"
        return f"{self.path.name}: {sheet}{cell}" if sheet else f"{self.path.name}{cell.replace('!', ': ')}"


def _csv(path: Path) -> Rows:
    try:
        content = path.read_bytes()
    except OSError as e:
        raise TableError("file cannot be read", where=str(path), found=e.strerror, mend="check path and rights") from e
    if len(content) > MAX_BYTES:
        raise TableError(
            "file is too large", where=str(path), found=f"{len(content):,} bytes", expected=f"at most {MAX_BYTES:,}"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    sign = _sign(text.partition("\n")[0])
    try:
        rows: Rows = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign)]
    except csv.Error as e:
        raise TableError("file is no csv table", where=str(path), found=str(e), mend="save it as csv anew") from None
    if sum(map(len, rows)) > MAX_CELLS:
        raise TableError("file is too large", where=str(path), expected=f"at most {MAX_CELLS:,} cells")
    return rows


def _sign(line: str) -> str:
    """The sign that parts the fields of a line: the most frequent of those that programs write."""
    return max(",;\t|", key=line.count)


def plain(cell: Any) -> str:
    """A label: numbers without decimals, blanks and line breaks as one blank, edges trimmed."""
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        cell = int(cell)
    return _SPACES.sub(" ", str(cell)).strip()


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with * for any letters; capitals and runs of blanks do not matter."""
    return fnmatch.fnmatchcase(plain(text).casefold(), plain(pattern).casefold().replace("[", "[[]"))


def position(cell: str) -> tuple[int, int]:
    """Row and column, from 0, of a cell such as C7."""
    found = _CELL.fullmatch(cell.strip().upper())
    if found is None:
        raise TableError("no cell goes by this name", found=cell, expected="letters and a number, such as C7")
    return int(found[2]) - 1, column_of(found[1])


def column_of(name: str) -> int:
    """Position, from 0, of a column such as AK."""
    out = 0
    for c in name:
        out = out * 26 + ord(c) - 64
    return out - 1
