"""From the sheets that a mapping names to figures with roles, and the totals that the source prints of them.

Every row and every column that a mapping names gets a key: its role and its code, such as ("product", "C10") or
("household", "P3_S14"). A figure belongs to a key of a row and a key of a column, wherever the sheet puts it; rows and
columns that are sums have no key, and are compared with the figures that they add up.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.national.table import KINDS
from lustrum.accounts.readers.mapping import COLUMNS, GROUPS, PRIMARY, ROWS, ImportMap, Line, Sheet, Words
from lustrum.accounts.readers.raw_sheets import RawFile, Rows, column_of, fits, plain, position
from lustrum.accounts.readers.workbook_scan import letters
from lustrum.errors import TableError
from lustrum.strict_yaml import clip

Figures = NDArray[np.float64]
Key = tuple[str, str]

#: Rows of products, by what the table holds.
PRODUCT = {"total": "product", "domestic": "product", "imported": "imported_product", "supply": "made_product"}
PRODUCTS = ("product", "imported_product", "made_product")
#: Rows that may have a part in final use.
WITH_FINAL = ("imports", "visitors", *PRIMARY)
#: Most places that one message names.
SHOWN = 12

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_RANGE = re.compile(r"(-?)(\d+|[A-Z]{1,3})(?::(\d+|[A-Z]{1,3})?)?")


class Questions(TableError):
    """What a mapping has to say before a table can be read; `questions` holds where, what, choices of each."""

    def __init__(self, questions: Sequence[dict[str, Any]], mend: str = "") -> None:
        self.questions = list(questions)
        first = self.questions[0]
        listed = "".join(f"\n            {q['where']}: {q['what']}" for q in self.questions[:SHOWN])
        more = f"\n            and {len(self.questions) - SHOWN} more" if len(self.questions) > SHOWN else ""
        super().__init__(
            f"{len(self.questions)} questions are open" if len(self.questions) > 1 else "one question is open",
            where=str(first["where"]),
            found=listed.strip() + more,
            expected="for each, one of: " + ", ".join(first["choices"]),
            mend=mend or "answer in a mapping file: --guess writes one, --map reads it",
        )


@dataclass(frozen=True)
class Item:
    """A row or column of a sheet: where it stands, the line that names it, its key (None for a sum), its name."""

    at: int
    line: Line
    role: str
    key: Key | None
    code: str
    name: str


@dataclass(frozen=True)
class Printed:
    """A printed total: its cell, what it is called, its figure, and what it adds up."""

    where: str
    called: str
    figure: float
    parts: tuple[tuple[dict[Key, int], dict[Key, int]], ...]
    within: float
    why: str
    series: str = ""  # totals of one row or column over many products or industries, shown as one
    at: str = ""


@dataclass
class Pool:
    """All figures that the sheets of a mapping hold, with their keys, and all printed totals."""

    rows: list[Key] = field(default_factory=list)
    columns: list[Key] = field(default_factory=list)
    names: dict[Key, str] = field(default_factory=dict)
    lines: dict[Key, Line] = field(default_factory=dict)
    figures: Figures = field(default_factory=lambda: np.zeros((0, 0)))
    totals: list[Printed] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    year: int = 0
    unit: float = 0.0
    domestic: bool = False
    hides_zeros: bool = False  # small figures are printed as a mark

    def codes(self, axis: str, *roles: str) -> list[str]:
        """Codes of the rows or columns with one of these roles, each once, in order."""
        keys = self.rows if axis == "rows" else self.columns
        return list(dict.fromkeys(code for role, code in keys if role in roles))

    def block(self, rows: Sequence[Key], columns: Sequence[Key]) -> Figures:
        """(rows, columns) figures; zero where the source has none."""
        r, c = {k: i for i, k in enumerate(self.rows)}, {k: i for i, k in enumerate(self.columns)}
        out = np.zeros((len(rows), len(columns)))
        at, to = [r[k] for k in rows if k in r], [c[k] for k in columns if k in c]
        inside = np.nan_to_num(self.figures[np.ix_(at, to)])
        out[np.ix_([i for i, k in enumerate(rows) if k in r], [i for i, k in enumerate(columns) if k in c])] = inside
        return out

    def sum(self, rows: dict[Key, int], columns: dict[Key, int]) -> tuple[float, float, int]:
        """Sum of a block with signs, sum of sizes, and how many figures may have been rounded."""
        r = [i for i, k in enumerate(self.rows) if k in rows]
        c = [i for i, k in enumerate(self.columns) if k in columns]
        if not r or not c:
            return 0.0, 0.0, 0
        block = np.nan_to_num(self.figures[np.ix_(r, c)])
        signs = np.outer([rows[self.rows[i]] for i in r], [columns[self.columns[i]] for i in c])
        count = np.isfinite(self.figures[np.ix_(r, c)]).sum() if self.hides_zeros else np.count_nonzero(block)
        return float((block * signs).sum()), float(np.abs(block).sum()), int(count)


def read_pool(mapping: ImportMap, path: Path, year: int | None) -> Pool:
    """Read what a mapping names.

    Raises
    ------
    Questions
        Rows or columns with figures that no line of the mapping names.
    TableError
        A file or sheet that is not there, cells that are no figures (all of them in one message), codes that stand
        twice.
    """
    chosen = choose_year(mapping, path, year)
    sheets = read_sheets(mapping, path, chosen)
    if questions := [q for s in sheets for q in s.questions]:
        raise Questions(questions)
    pool = Pool(year=chosen, places=[s.file.place(s.sheet) for s in sheets])
    pool.domestic = any(s.table.holds == "domestic" for s in sheets)
    pool.hides_zeros = 0 in mapping.marks.values()
    for s in sheets:
        for item in s.rows:
            _enter(pool, pool.rows, item)
        for item in s.columns:
            _enter(pool, pool.columns, item)
    pool.rows, pool.columns = list(dict.fromkeys(pool.rows)), list(dict.fromkeys(pool.columns))
    pool.figures = np.full((len(pool.rows), len(pool.columns)), np.nan)
    bad: list[tuple[str, str]] = []
    for s in sheets:
        s.fill(pool, bad)
    if bad:
        raise bad_cells(bad)
    pool.unit = _unit(pool.figures)
    for s in sheets:
        s.compare(pool)
    return pool


def read_sheets(mapping: ImportMap, path: Path, year: int) -> list[SheetReading]:
    """The sheets of a year that a mapping names; optional ones only where they are there."""
    sheets = []
    for table in mapping.tables:
        file = _file(table, path, year)
        name = None if file is None else _sheet_name(table, file, year)
        if file is not None and name is not None:
            sheets.append(SheetReading(mapping, table, file, name, year))
    return sheets


def _enter(pool: Pool, keys: list[Key], item: Item) -> None:
    if item.key is not None:
        keys.append(item.key)
        pool.lines.setdefault(item.key, item.line)
        if not pool.names.get(item.key):
            pool.names[item.key] = item.name


# --- files, sheets, years ------------------------------------------------------------------------


def _file(table: Sheet, path: Path, year: int) -> RawFile | None:
    """The file of a table: the one that was given, or one beside it whose name fits the pattern."""
    if not table.file and path.is_file():
        return opened(path)
    folder = path if path.is_dir() else path.parent
    pattern = table.file.replace("{year}", str(year)) or "*"
    there = sorted(p for p in folder.iterdir() if p.is_file() and fits(pattern, p.name))
    if path.is_file() and path in there:
        return opened(path)
    if len(there) == 1:
        return opened(there[0])
    if table.optional and not there:
        return None
    raise TableError(
        f"{len(there)} files fit" if there else "a file of the table is missing",
        where=str(folder),
        found=", ".join(p.name for p in there[:4]) or None,
        expected=f"one file called {pattern}",
        mend="put the files of one release into one folder, and nothing else" if there else "get it from the office",
    )


_OPEN: dict[tuple[str, float], RawFile] = {}


def opened(path: Path) -> RawFile:
    """The file, looked over once however many sheets of it are read."""
    key = (str(path), path.stat().st_mtime)
    if key not in _OPEN:
        while len(_OPEN) > 3:
            _OPEN.pop(next(iter(_OPEN)))
        _OPEN[key] = RawFile(path)
    return _OPEN[key]


def _sheet_name(table: Sheet, file: RawFile, year: int) -> str | None:
    if not table.sheet:
        return file.sheets[0]
    name = table.sheet.replace("{year}", str(year))
    found = next((s for s in file.sheets if plain(s) == plain(name)), None)
    if found is None and not table.optional:
        raise TableError(
            "the sheet is not there",
            where=file.path.name,
            found=", ".join(file.sheets[:SHOWN]),
            expected=name,
            mend="name the sheet as the workbook calls it",
        )
    return found


def years_in(mapping: ImportMap, path: Path) -> list[int]:
    """The years that the sheets, files or rows of a mapping belong to; none where it is of one year."""
    found: set[int] = set()
    for table in mapping.tables:
        for text, pattern in _names_of(table, path):
            if match := re.fullmatch(re.escape(pattern).replace(r"\{year\}", r"((?:19|20)\d\d)"), text):
                found.add(int(match[1]))
        if table.years:
            file = _file(table, path, 0)
            assert file is not None
            column = column_of(table.years)
            cells = {plain(row[column]) for row in file.grid(_sheet_name(table, file, 0) or "") if len(row) > column}
            found |= {int(c) for c in cells if re.fullmatch(r"(19|20)\d\d", c)}
    return sorted(found)


def _names_of(table: Sheet, path: Path) -> Iterable[tuple[str, str]]:
    if "{year}" in table.file:
        folder = path if path.is_dir() else path.parent
        yield from ((p.name, table.file) for p in folder.iterdir())
    elif "{year}" in table.sheet:
        file = _file(table, path, 0)
        yield from ((plain(s), plain(table.sheet)) for s in (file.sheets if file else []))


def choose_year(mapping: ImportMap, path: Path, wanted: int | None) -> int:
    """The year to read: the one asked for, the latest of several, or the one that the mapping states."""
    if mapping.by_year:
        years = years_in(mapping, path)
        if not years or (wanted is not None and wanted not in years):
            raise TableError(
                "there is no table of this year" if years else "no sheet, file or row belongs to a year",
                where=str(path),
                found=f"{years[0]} to {years[-1]}, {len(years)} years" if years else None,
                expected=str(wanted or "a year in the name"),
                mend="name one of them with --year" if years else "look at `sheet`, `file` and `years` of the mapping",
            )
        return years[-1] if wanted is None else wanted
    stated = _stated_year(mapping, path)
    year = stated if wanted is None else wanted
    if year is None:
        raise TableError(
            "neither the file nor the mapping says which year this is",
            where=str(path),
            mend="write `year:` in the mapping, or give --year",
        )
    if stated is not None and wanted is not None and stated != wanted:
        raise TableError(
            "the table is of another year",
            where=str(path),
            found=str(stated),
            expected=str(wanted),
            mend="leave --year out",
        )
    return year


def _stated_year(mapping: ImportMap, path: Path) -> int | None:
    if isinstance(mapping.year, int):
        return mapping.year
    if not mapping.year:
        return None
    text = path.name
    if mapping.year != "file":
        sheet, _, cell = mapping.year.rpartition("!")
        file = _file(mapping.tables[0], path, 0)
        assert file is not None
        name = next((s for s in file.sheets if fits(sheet, s)), None) if sheet else file.sheets[0]
        row, column = position(cell)
        grid = file.grid(name) if name is not None else []
        text = plain(grid[row][column]) if row < len(grid) and column < len(grid[row]) else ""
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return int(found[-1]) if found else None


# --- one sheet -----------------------------------------------------------------------------------


class SheetReading:
    """One sheet: its rows and columns with their roles, its figures and totals."""

    def __init__(self, mapping: ImportMap, table: Sheet, file: RawFile, sheet: str, year: int) -> None:
        self.mapping, self.table, self.file, self.sheet, self.year = mapping, table, file, sheet, year
        grid = file.grid(sheet)
        self.width = max((len(r) for r in grid), default=0)
        self.grid: Rows = [[*r, *[""] * (self.width - len(r))] for r in grid]
        headers = [k - 1 for k in (table.column_codes, table.column_names) if k is not None]
        self.first_row = max(headers) + 1
        sides = [column_of(c) for c in (table.row_codes, table.row_names) if c]
        self.first_column = max(sides) + 1
        if table.until:
            labels = ((r, plain(self.grid[r][c])) for r in range(self.first_row, len(grid)) for c in sides)
            self.grid = self.grid[: next((r for r, text in labels if text and fits(table.until, text)), len(grid))]
        self.other_names = self._other_names()
        self.questions: list[dict[str, Any]] = []
        self.columns = self._items("column")
        self.rows = self._items("row")
        self._ask()

    def _other_names(self) -> dict[str, str]:
        names = self.table.names
        if names is None:
            return {}
        if names.sheet not in self.file.sheets:
            raise TableError("the sheet with the names is not there", where=self.file.path.name, expected=names.sheet)
        code, name = column_of(names.codes), column_of(names.names)
        rows = self.file.grid(names.sheet)
        return {plain(r[code]): plain(r[name]) for r in rows if len(r) > max(code, name) and plain(r[code])}

    def _place(self, row: int, column: int) -> str:
        return self.file.place(self.sheet, row, column)

    # labels

    def _label(self, side: str, at: int) -> tuple[str, str]:
        """Code and name of a row or column."""
        t = self.table
        code_at: int | None
        name_at: int | None
        if side == "row":
            code_at = column_of(t.row_codes) if t.row_codes else None
            name_at = column_of(t.row_names) if t.row_names else None
            code = "" if code_at is None else plain(self.grid[at][code_at])
            name = "" if name_at is None else plain(self.grid[at][name_at])
        else:
            code_at = None if t.column_codes is None else t.column_codes - 1
            name_at = None if t.column_names is None else t.column_names - 1
            code = "" if code_at is None else plain(self.grid[code_at][at])
            name = "" if name_at is None else plain(self.grid[name_at][at])
        take = t.row_take if side == "row" else t.column_take
        if take and (found := re.match(take, code or name, re.DOTALL)):
            groups = [g or "" for g in found.groups()]
            code = groups[0] if groups else found[0]
            name = groups[1] if len(groups) > 1 else name
        return code, plain(name)

    def _items(self, side: str) -> list[Item]:
        lines = self.table.rows if side == "row" else self.table.columns
        end, first = (len(self.grid), self.first_row) if side == "row" else (self.width, self.first_column)
        labels = {at: self._label(side, at) for at in range(first, end)}
        if side == "row" and self.table.years:
            column = column_of(self.table.years)
            labels = {at: v for at, v in labels.items() if plain(self.grid[at][column]) == str(self.year)}
        owner: dict[int, Line] = {}
        met: set[int] = set()
        for precise in (True, False):
            for n, line in enumerate(lines):
                if line.precise != precise:
                    continue
                span = self._span(side, line, end)
                found = [at for at, words in labels.items() if at in span and self._fits(side, line, at, *words)]
                for at in found[line.nth - 1 : line.nth] if line.nth else found:
                    met.add(n)
                    owner.setdefault(at, line)
        for n, line in enumerate(lines):
            if n not in met and not line.optional and line.role != "memo":
                self.questions.append(
                    {
                        "where": self.file.place(self.sheet),
                        "what": f"no {side} fits the line {_shown(line)} ({line.role})",
                        "choices": ["correct the line", "delete it"],
                    }
                )
        out = []
        for at in [at for at, line in sorted(owner.items()) if line.role == "?"]:
            self._question(side, at, list(ROWS if side == "row" else COLUMNS))
        for at in sorted(owner):
            out.append(self._item(side, at, owner[at], *labels[at]))
        twice = [k for k, n in Counter(i.key for i in out if i.key is not None).items() if n > 1]
        if twice:
            places = [i for i in out if i.key == twice[0]]
            raise TableError(
                f"two {side}s have the role {twice[0][0]} and the code {twice[0][1]!r}",
                where=self._cell(side, places[0].at),
                found=", ".join(self._cell(side, i.at).rpartition("!")[2] for i in places[:4])
                + (f"; {len(twice)} codes stand twice" if len(twice) > 1 else ""),
                mend="give each its own code with `as:`, or say that one of them is a total or memo",
            )
        return out

    def _cell(self, side: str, at: int) -> str:
        return self._place(at, 0) if side == "row" else self._place(max(self.first_row - 1, 0), at)

    def _span(self, side: str, line: Line, end: int) -> range:
        if not line.at:
            return range(end)
        first, colon, last = line.at.partition(":")
        try:
            start = int(first) - 1 if side == "row" else column_of(first.upper())
            stop = start if not colon else (int(last) - 1 if side == "row" else column_of(last.upper())) if last else -1
        except ValueError:
            raise TableError(
                f"{clip(line.at)} names no {side}s",
                where=self.file.place(self.sheet),
                expected="'8:105' for rows, 'D:CW' for columns",
                mend="correct `at`",
            ) from None
        if stop < 0:
            stop = end - 1
            if line.role != "memo":  # an open range ends before the first blank row or column
                stop = next((k - 1 for k in range(start, end) if self._blank(side, k)), stop)
        return range(start, stop + 1)

    def _blank(self, side: str, at: int) -> bool:
        cells = self.grid[at] if side == "row" else [r[at] for r in self.grid]
        return all(c == "" or plain(c) == "" for c in cells)

    def _fits(self, side: str, line: Line, at: int, code: str, name: str) -> bool:
        if line.code and not any(fits(p, code) for p in line.code):
            return False
        if line.name and not any(fits(p, name) for p in line.name):
            return False
        for key, text in line.where.items():
            cell = self.grid[at][column_of(key)] if side == "row" else self.grid[int(key) - 1][at]
            if not fits(text, plain(cell)):
                return False
        return True

    def _item(self, side: str, at: int, line: Line, code: str, name: str) -> Item:
        role = line.role
        if role == "product" and side == "row":
            role = PRODUCT[self.table.holds]
        if role in ("total", "memo", "?"):
            return Item(at, line, role, None, code, line.called or name)
        spans = (*PRODUCTS, "industry", "product")
        if role in spans:
            t = self.table
            prefix, digits = (t.row_prefix, t.row_digits) if side == "row" else (t.column_prefix, t.column_digits)
            own = line.put or (prefix + code.zfill(digits) if code else "")
            name = line.called or name or self.other_names.get(code, "")
            if not own and name:
                own = name[:100].strip()
            if not own:
                self.questions.append(
                    {
                        "where": self._cell(side, at),
                        "what": f"a {side} of {line.role} has neither code nor name",
                        "choices": list(ROWS if side == "row" else COLUMNS),
                    }
                )
                own = f"{side} {at + 1}"
            return Item(at, line, role, (role, own), code, name)
        own = line.put or (code if re.search(r"[A-Za-z]", code) and code not in ("_Z", "_T") else "") or role
        return Item(at, line, role, (role, own), code, line.called or name or own)

    def _ask(self) -> None:
        """Ask for rows and columns with figures that no line names."""
        rows, columns = {i.at for i in self.rows}, {i.at for i in self.columns}
        if not rows or not columns:
            return
        allowed = range(self.first_row, len(self.grid))
        if self.table.years:
            column = column_of(self.table.years)
            allowed_rows = [r for r in allowed if plain(self.grid[r][column]) == str(self.year)]
        else:
            allowed_rows = list(allowed)
        read_columns = [i.at for i in self.columns if i.line.role != "memo"]
        for r in allowed_rows:
            if r not in rows and any(self._figure(self.grid[r][c]) for c in read_columns):
                self._question("row", r, list(ROWS))
        read_rows = [i.at for i in self.rows if i.line.role != "memo"]
        for c in range(self.first_column, self.width):
            if c not in columns and any(self._figure(self.grid[r][c]) for r in read_rows):
                self._question("column", c, list(COLUMNS))

    def _question(self, side: str, at: int, choices: list[str]) -> None:
        code, name = self._label(side, at)
        words = " ".join(w for w in (code, name) if w) or "no label"
        self.questions.append(
            {
                "where": self._cell(side, at),
                "what": f"{side} {at + 1 if side == 'row' else letters(at)} ({clip(words)}) holds figures; what is it?",
                "choices": choices,
            }
        )

    def _figure(self, cell: object) -> bool:
        value = self._value(cell)
        return isinstance(value, float) and value != 0

    # figures

    def _value(self, cell: Any) -> float | str | None:
        """A figure; None for an empty or missing cell; the text of what is neither."""
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return float(cell) if math.isfinite(cell) and abs(cell) < 1e18 else str(cell)
        text = plain(cell)
        if not text:
            return None
        marks = self.mapping.marks
        if text in marks:
            return 0.0 if marks[text] == 0 else None
        if self.mapping.thousands:
            text = text.replace(self.mapping.thousands, "")
        if self.mapping.decimal == ",":
            text = text.replace(",", ".")
        text = text.replace("\u2212", "-")
        return float(text) if _NUMBER.fullmatch(text) else plain(cell)

    def fill(self, pool: Pool, bad: list[tuple[str, str]]) -> None:
        """Put the figures of this sheet in the pool; add cells that are none to `bad`."""
        rows, columns = {k: n for n, k in enumerate(pool.rows)}, {k: n for n, k in enumerate(pool.columns)}
        for r in self.rows:
            if r.key is None:
                continue
            cells = [c for c in self.columns if c.key is not None and is_figure(r.key[0], c.key[0])]
            cells = [c for c in cells if not self._skipped(r, c)]
            optional = [c for c in cells if c.role in KINDS and r.role in (*WITH_FINAL, *GROUPS["value_added"])]
            no_final = all(self._value(self.grid[r.at][c.at]) is None for c in optional)
            for c in cells:
                value = self._value(self.grid[r.at][c.at])
                if value is None and (self.table.blank == "zero" and plain(self.grid[r.at][c.at]) == ""):
                    value = 0.0
                if value is None and c in optional and no_final:
                    continue
                if not isinstance(value, float):
                    bad.append((self._place(r.at, c.at), plain(self.grid[r.at][c.at])))
                    continue
                at = rows[r.key], columns[c.key]  # type: ignore[index]
                value *= r.line.sign * c.line.sign
                old = pool.figures[at]
                if not math.isnan(old) and abs(old - value) > 1e-6 * max(abs(old), abs(value)):
                    raise TableError(
                        "two cells of the source hold the same figure and differ",
                        where=self._place(r.at, c.at),
                        found=f"{value:,.6g} here, {old:,.6g} before",
                        mend="say in the mapping that one of them is memo",
                    )
                pool.figures[at] = value

    def _skipped(self, row: Item, column: Item) -> bool:
        return _named_in(row.line.skip, column, letters(column.at)) or _named_in(column.line.skip, row, str(row.at + 1))

    # totals

    def compare(self, pool: Pool) -> None:
        """Collect the printed totals of this sheet with the keys of what they add up."""
        for r in self.rows:
            for c in self.columns:
                if {r.role, c.role} & {"memo", "?"} or self._skipped(r, c):
                    continue
                sums = [i for i in (r, c) if i.role == "total"] or ([r] if r.role == "output" else [])
                if not sums or {r.role, c.role} == {"output"}:
                    continue
                if r.role == "output" and c.role not in ("industry", "total") and not r.line.final:
                    continue
                cell = self.grid[r.at][c.at]
                figure = self._value(cell)
                if not isinstance(figure, float) or plain(cell) in self.mapping.marks:
                    continue
                parts = self._parts(pool, r, c)
                if parts is None:
                    continue
                row_name, column_name = (i.name or i.code or i.role for i in (r, c))
                many = [i for i in (r, c) if i.role in (*PRODUCTS, "industry", "product")]
                series = ""
                if many:
                    total = c if many[0] is r else r
                    series = (
                        f"{self.file.place(self.sheet)} {total.at} {'row' if total is r else 'column'} {many[0].role}"
                    )
                pool.totals.append(
                    Printed(
                        self._place(r.at, c.at),
                        f"{clip_words(row_name)} × {clip_words(column_name)}"
                        if not many
                        else clip_words((c if many[0] is r else r).name or (c if many[0] is r else r).code),
                        figure * r.line.sign * c.line.sign,
                        parts,
                        max(r.line.within, c.line.within),
                        r.line.why if r.line.within >= c.line.within else c.line.why,
                        series,
                        (many[0].key or ("", ""))[1] if many else "",
                    )
                )

    def _parts(self, pool: Pool, r: Item, c: Item) -> tuple[tuple[dict[Key, int], dict[Key, int]], ...] | None:
        """What a printed cell adds up; None where the total does not apply to it."""
        columns = self._keys(pool, "column", c.line.of) if c.role == "total" else {c.key: 1} if c.key else {}
        if r.role == "total":
            rows = self._keys(pool, "row", r.line.of)
        elif r.role == "output":
            rows = self._keys(pool, "row", r.line.of or ["inputs"])
            if not r.line.final:
                columns = {k: s for k, s in columns.items() if k[0] == "industry"}
        else:
            rows = {r.key: 1} if r.key else {}
        if r.line.on and not set(self._keys(pool, "column", c.line.of) if c.line.of else columns) <= set(
            self._keys(pool, "column", r.line.on)
        ):
            return None
        if c.role == "total" and c.line.on and not set(rows) <= set(self._keys(pool, "row", c.line.on)):
            return None
        if not rows or not columns:
            return None
        if r.line.final:
            finals = {k: s for k, s in columns.items() if k[0] in (*KINDS, "imports")}
            rest = {k: s for k, s in columns.items() if k not in finals}
            return tuple(p for p in ((rows, rest), (self._keys(pool, "row", r.line.final), finals)) if p[1])
        return ((rows, columns),)

    def _keys(self, pool: Pool, side: str, words: Words) -> dict[Key, int]:
        """Keys that the words of `of` or `on` mean, with their signs."""
        out: dict[Key, int] = {}
        items = self.rows if side == "row" else self.columns
        every = pool.rows if side == "row" else pool.columns
        for word in words:
            sign, name = (-1, word[1:]) if word.startswith("-") else (1, word)
            roles = GROUPS.get(name, (name,))
            if side == "row" and self.table.holds == "supply":
                roles = tuple("made_product" if role == "product" else role for role in roles)
            elif side == "row" and self.table.holds == "imported" and name == "product":
                roles = ("imported_product",)
            if name == "inputs" and not pool.domestic:  # rows of products hold the imported part already
                roles = tuple(role for role in roles if role != "imported_product")
            found = [k for k in every if k[0] in roles]
            if not found:
                found = [i.key for i in items if i.key and (fits(name, i.code) or fits(name, i.key[1]))]
            if not found and name not in (*ROWS, *COLUMNS, *GROUPS):
                found = self._ranged(side, name, items)
                if not found:
                    raise TableError(
                        f"`of` names what is not there: {clip(name)}",
                        where=self.file.place(self.sheet),
                        expected=f"a role, a code or a range of {side}s that are no sums",
                        mend="correct the word",
                    )
            out.update(dict.fromkeys(found, sign))
        return out

    def _ranged(self, side: str, name: str, items: Sequence[Item]) -> list[Key]:
        match = _RANGE.fullmatch(name)
        if match is None or match[2].isdigit() != (side == "row"):
            return []
        first = int(match[2]) - 1 if side == "row" else column_of(match[2])
        last = first if not match[3] else int(match[3]) - 1 if side == "row" else column_of(match[3])
        return [i.key for i in items if i.key is not None and first <= i.at <= last]


def is_figure(row: str, column: str) -> bool:
    """Whether a row and a column of these roles meet in a figure of the table."""
    if column == "industry":
        return row != "industry"
    if column in KINDS:
        return row in ("product", "imported_product", *WITH_FINAL)
    if column == "product":
        return row == "industry"
    return row in ("product", "made_product") and column in ("imports", "output", "margins", "taxes_on_products")


def _named_in(words: Words, item: Item, at: str) -> bool:
    return any(
        w == at or w == item.role or item.role in GROUPS.get(w, ()) or (item.code and fits(w, item.code)) for w in words
    )


def _shown(line: Line) -> str:
    given = {"at": line.at, "code": line.code, "name": line.name, "where": line.where}
    return clip(", ".join(f"{k}: {v}" for k, v in given.items() if v), 80)


def clip_words(text: str) -> str:
    """Words that fit a line of a table."""
    return text if len(text) <= 40 else text[:39] + "…"


def _unit(figures: Figures) -> float:
    """The unit to which the source rounds its figures: 1, 0.1 …; 0 where it does not round."""
    given = figures[np.isfinite(figures) & (figures != 0)]
    for unit in (1.0, 0.1, 0.01, 0.001, 0.0001):
        counted = given / unit
        if given.size and np.all(np.abs(counted - np.round(counted)) < 1e-6 + 1e-15 * np.abs(counted)):
            return unit
    return 0.0


def _marks(sign: str) -> str:
    return f'in the mapping, marks: {{"{sign}": 0}} (0, or missing)'


def bad_cells(bad: Sequence[tuple[str, str]], mend_of: Callable[[str], str] = _marks) -> TableError:
    """One message for all cells that are no figures, by their text, with the line that mends all.

    `mend_of` says what to do about a sign that stands in place of figures.
    """
    kinds: dict[str, list[str]] = {}
    for where, text in bad:
        kinds.setdefault(text, []).append(where)
    parts, mend = [], []
    several = len({where.rpartition("!")[0] for where, _ in bad}) > 1
    for text, places in sorted(kinds.items(), key=lambda k: -len(k[1]))[:SHOWN]:
        cells = [re.split(": " if several else "!|: ", p)[-1] for p in places]
        more = f" and {len(cells) - 6} more" if len(cells) > 6 else ""
        parts.append(f"{clip(text) if text else 'nothing'} in {len(cells)} cells ({', '.join(cells[:6])}{more})")
        if text and not text.startswith("#") and not re.search(r"\d", text):
            mend.append(mend_of(text))
    if "" in kinds:
        mend.append("blank: zero, if an empty cell of this sheet means 0")
    if any(re.search(r"\d", t) for t in kinds):
        mend.append("make numbers of figures that are stored as text, or name their decimal and thousands signs")
    if any(t.startswith("#") for t in kinds):
        mend.append("mend the formulas and save the workbook again")
    return TableError(
        f"{len(bad)} cells hold no figure" if len(bad) > 1 else "a cell holds no figure",
        where=bad[0][0],
        found="; ".join(parts),
        expected="numbers",
        mend="; ".join(mend),
    )
