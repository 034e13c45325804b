"""What a reader of cells does not tell: hidden rows, formulas nobody calculated, errors, cells far out.

The XML of each sheet is gone through once, before it is read for its cells. No figure is taken from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lustrum.accounts.readers.workbook_zip import damaged
from lustrum.errors import TableError

#: Cells of a sheet from its first to its last, filled or not: what reading it takes memory for.
MAX_CELLS = 3_000_000
#: Tags of a part; a cell has four.
MAX_TAGS = 5 * MAX_CELLS
#: Longest text of a cell that spreadsheets know, and all texts of a sheet together.
LONGEST_TEXT, MAX_TEXTS = 32_767, 100_000_000

#: Elements that say where cells are; a reader of cells looks at their names without prefixes.
_CELLS = ("c", "row", "v", "si", "sheet")
_PREFIXED = re.compile(rb"<[^\s<>/:!?]+:(?:" + "|".join(_CELLS).encode() + rb")[\s/>]")
_REF = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class Scan:
    """What was seen in one sheet. Cells are called as people call them: "C7"."""

    formulas: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    texts: int = 0


def letters(column: int) -> str:
    """Letters of a column that is counted from 0: 0 is A, 26 is AA."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def _number(column: str) -> int:
    out = 0
    for c in column:
        out = out * 26 + ord(c) - 64
    return out


def walk(
    path: Path, part: str, content: bytes, start: Callable[[str, dict[str, str]], None], parser: Any = None
) -> None:
    """Go through the elements of a part; names come without their prefix.

    Raises
    ------
    TableError
        If it is not well-formed, not UTF-8, or declares entities, which spreadsheets never do.
    """
    parser = parser or expat.ParserCreate()
    plain: dict[str, str] = {}
    root: str | None = None

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal root
        if name not in plain:
            prefix, _, local = name.rpartition(":")
            root = prefix if root is None else root
            if prefix != root and local in _CELLS:
                raise damaged(path, f"{part}: element {name[:40]!r}")
            plain[name] = local if prefix == root else name
        start(plain[name], attributes)

    def refuse(*_: object) -> None:
        raise TableError(
            "workbook declares entities of its own",
            where=f"{path}: {part}",
            expected="the XML that spreadsheet programs write",
            mend="save it anew in a spreadsheet program; ask where it comes from",
        )

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
            raise damaged(path, f"{part} is written in {encoding[:40]}")

    # most programs write no prefixes, and a sheet has millions of elements
    parser.StartElementHandler = begin if _PREFIXED.search(content) else start
    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = declared
    if content.count(b"<") > MAX_TAGS:
        raise TableError(
            "workbook is too large",
            where=f"{path}: {part}",
            found=f"{content.count(b'<'):,} tags",
            expected=f"at most {MAX_TAGS:,}",
            mend="aggregate the tables, or delete the empty cells around them",
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise damaged(path, f"{part} is not UTF-8")
    try:
        parser.Parse(content, True)
    except expat.ExpatError as e:
        raise damaged(path, f"{part}: {e}") from None


def scan_sheet(path: Path, sheet: str, part: str, content: bytes) -> Scan:
    """Go through the XML of a sheet.

    Raises
    ------
    TableError
        If a cell stands so far out that reading the sheet would take all memory, or the XML is damaged.
    """
    out = Scan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    row, digits, column, last_column, cell, kind, filled = 0, "0", 0, 0, "", "", False
    first_row, last_row, columns = 0, 0, [1 << 30, 0]
    known: dict[str, int] = {}

    def fill() -> None:
        nonlocal filled, first_row, last_row, last_column
        filled = True
        name = cell[: -len(digits)]
        if name not in known or not cell.endswith(digits):
            if (found := _REF.fullmatch(cell)) is None or found[2] != digits:
                raise damaged(path, f"{part}: cell {cell[:20]!r} in row {row}")
            known[name] = _number(name)
            columns[:] = min(columns[0], known[name]), max(columns[1], known[name])
        if known[name] <= last_column:  # of two cells in one place a reader would keep one in silence
            raise damaged(path, f"{part}: cell {cell} stands twice or out of order")
        last_row, last_column = row, known[name]
        first_row = first_row or row

    def error_text(text: str) -> None:
        if not out.errors or out.errors[-1][0] != cell:
            out.errors.append((cell, text[:20]))

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, digits, column, last_column, cell, kind, filled
        if name == "c":
            column += 1
            cell = attributes.get("r") or f"{letters(column - 1)}{row}"
            kind, filled = attributes.get("t", "n"), False
            parser.CharacterDataHandler = None
        elif name == "v":
            if not filled:
                fill()
            if kind == "e":
                parser.CharacterDataHandler = error_text
            elif kind != "n":
                out.texts += 1
        elif name == "row":
            row, column, last_column = _row(path, part, attributes, row), 0, 0
            digits = str(row)
            if _true(attributes, "hidden") or attributes.get("ht") in ("0", "0.0"):
                out.hidden_rows.append(row)
        elif name == "f":
            if not filled:
                fill()
            out.formulas.append(cell)
        elif name == "is":
            if not filled:
                fill()
            out.texts += 1
        elif name == "col" and (_true(attributes, "hidden") or attributes.get("width") in ("0", "0.0")):
            out.hidden_columns.append((_int(attributes, "min"), _int(attributes, "max")))
        elif name == "mergeCell":
            out.merged.append(attributes.get("ref", "")[:20])

    walk(path, part, content, start, parser)
    if last_row and (last_row - first_row + 1) * (columns[1] - columns[0] + 1) > MAX_CELLS:
        raise TableError(
            "sheet is too large",
            where=f"{path.name}: {sheet}!{letters(columns[1] - 1)}{last_row}",
            found=f"cells from row {first_row:,} to {last_row:,}, columns {letters(columns[0] - 1)} to "
            f"{letters(columns[1] - 1)}",
            expected=f"at most {MAX_CELLS:,} cells",
            mend="delete the cells far below or right of the table",
        )
    return out


def _row(path: Path, part: str, attributes: dict[str, str], last: int) -> int:
    text = attributes.get("r", str(last + 1))
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        raise damaged(path, f"{part}: row {text[:20]!r}")
    if int(text) <= last:
        raise damaged(path, f"{part}: row {text} stands twice or out of order")
    return int(text)


def _true(attributes: dict[str, str], name: str) -> bool:
    return attributes.get(name) in ("1", "true")


def _int(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def shared_lengths(path: Path, part: str, content: bytes) -> list[int]:
    """Lengths of the texts that cells share, in order.

    Raises
    ------
    TableError
        If one is longer than any spreadsheet allows.
    """
    lengths: list[int] = []
    parser = expat.ParserCreate()

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            lengths.append(0)

    def characters(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    parser.CharacterDataHandler = characters
    walk(path, part, content, start, parser)
    if max(lengths, default=0) > LONGEST_TEXT:
        raise TableError(
            "a cell holds more text than a spreadsheet allows",
            where=str(path),
            found=f"{max(lengths):,} characters",
            expected=f"at most {LONGEST_TEXT:,}",
            mend="shorten it; ask where the file comes from",
        )
    return lengths


def require_bounded_text(path: Path, sheet: str, part: str, content: bytes, scan: Scan, lengths: list[int]) -> None:
    """Refuse a sheet whose cells share so few texts so often that reading it would take all memory."""
    if scan.texts * max(lengths, default=0) <= MAX_TEXTS:
        return
    parser = expat.ParserCreate()
    parser.buffer_text = True
    total, shared, inside = 0, False, False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal shared, inside
        if name == "c":
            shared = attributes.get("t") == "s"
        inside = shared and name == "v"

    def characters(text: str) -> None:
        nonlocal total
        if inside and text.isdigit() and len(text) < 9 and int(text) < len(lengths):
            total += lengths[int(text)]

    parser.CharacterDataHandler = characters
    walk(path, part, content, start, parser)
    if total > MAX_TEXTS:
        raise TableError(
            "sheet holds too much text",
            where=f"{path.name}: {sheet}!A1",
            found=f"{total:,} characters",
            expected=f"at most {MAX_TEXTS:,}",
            mend="tables hold codes and figures: shorten the texts",
        )
