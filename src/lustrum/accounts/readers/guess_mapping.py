"""A first mapping for a file that nobody described: what the figures prove, what a standard says, what words suggest.

Totals are found by adding up. Codes of the standards are taken as they are. Everything else is a guess, which stands
in the file with a comment that says on what it rests, or a question mark that has to be answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.national.table import KINDS
from lustrum.accounts.readers.mapping import FORMAT, GROUPS
from lustrum.accounts.readers.primary_rows import known_kind, suggested_kind
from lustrum.accounts.readers.raw_sheets import RawFile, Rows, fits, plain
from lustrum.accounts.readers.sdmx_codes import FINAL
from lustrum.accounts.readers.workbook_scan import letters
from lustrum.errors import TableError

Figures = NDArray[np.float64]

#: Codes of columns of final use beside those of Eurostat and the OECD, without their signs.
_FINAL_CODES: dict[str, str] = {
    **{re.sub(r"[\W_]", "", code.casefold()): kind for code, kind in FINAL.items()},
    "p31s14": "household",
    "p31s15": "nonprofit",
    "p3s1311": "government",
    "p3s1313": "government",
    "p32s13": "government",
    "p51": "investment",
    "p52p53": "inventories",
    "p61": "exports",
    "p62": "exports",
    "f010": "household",
    "f030": "inventories",
    "f040": "exports",
    "f050": "imports",
    "impo": "imports",
    "consh": "household",
    "consnp": "nonprofit",
    "consg": "government",
    "inven": "inventories",
    "exp": "exports",
}
#: Words of headers in several languages; suggestions only, the first that fits.
_FINAL_WORDS: tuple[tuple[str, str], ...] = (
    (r"non-?profit|npish|isflsf|ipsfl|izw|erwerbszweck|isblsm|sin fines", "nonprofit"),
    (r"export|uitvoer|ausfuhr|exportac|exportaç|esportaz|wywóz", "exports"),
    (r"inventor|stock|vorrat|existencias|estoque|voorraad|scorte|lager", "inventories"),
    (r"valuable|wertsach|objets de valeur|objetos valiosos", "valuables"),
    (
        r"capital form|fixed capital|gfcf|investment|anlageinvest|formaci[oó]n bruta|formação bruta|fbcf|investering|"
        r"investiss",
        "investment",
    ),
    (r"government|gobierno|governo|overheid|staat|administrations? publiques|offentlig", "government"),
    (r"household|hogares|família|famili|haushalt|huishoud|ménages|hushåll|personal consumption", "household"),
    (r"^less:? import|^imports?\b", "imports"),
)
_OUTPUT = re.compile(
    r"^(p\.?1|to|tout|go|output|p1)$|total output|output at basic|output \(|produktionswert|production "
    r"(aux|at)|producci[oó]n preci|produção|industry output|australian production",
    re.I,
)
_MONEY = re.compile(
    r"[^()\n;:,]*\b(?:million|mio|mrd|billion|miles de millones|millones|milh[õo]es|miljoen|thousand|1 ?000)\b"
    r"[^()\n;]*|"
    r"£ ?m(?:illion)?s?\b|US Dollar, Millions",
    re.I,
)
_TOTALS = ("total", "totals", "totaal", "totale", "summe", "insgesamt", "gesamt", "sum", "_t", "suma", "summa")
#: A figure with a decimal comma, which cannot be one that parts thousands.
_COMMA = re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+),(\d{1,2}|\d{4,})")
_PREFIX = re.compile(r"^(cpa_|nace_|ttl_|dom_|imp_|d(?=\d))", re.I)


@dataclass
class Guessed:
    """One row or column, or a run of them: what it is, and why."""

    first: int
    last: int
    role: str
    why: str
    sure: bool
    of: list[str] = field(default_factory=list)
    sign: int = 1
    called: str = ""


@dataclass
class Guess:
    """A mapping as text, the blocks that were found, and how many lines are guesses or open."""

    text: str
    sheet: str
    rows: list[Guessed]
    columns: list[Guessed]

    @property
    def open(self) -> int:
        """Lines that only a person can answer."""
        return sum(g.role == "?" for g in (*self.rows, *self.columns))

    @property
    def unsure(self) -> int:
        """Lines that rest on words."""
        return sum(not g.sure and g.role != "?" for g in (*self.rows, *self.columns))

    def picture(self) -> list[list[str]]:
        """A small map of the sheet: groups of columns across, groups of rows down, what they hold where they meet."""
        columns = [*_grouped(self.columns)]
        out = [["rows", "", *(_span(letters(a), letters(b)) for a, b, _ in columns)]]
        out.append(["", "", *(role for _, _, role in columns)])
        for a, b, role in _grouped(self.rows):
            across = [_meets(role, column) for _, _, column in columns]
            out.append([_span(str(a + 1), str(b + 1)), role, *across])
        return out


def _grouped(items: Sequence[Guessed]) -> list[tuple[int, int, str]]:
    out: list[tuple[int, int, str]] = []
    for item in items:
        kind = "final use" if item.role in KINDS else item.role
        if out and out[-1][2] == kind:
            out[-1] = (out[-1][0], item.last, kind)
        else:
            out.append((item.first, item.last, kind))
    return out


def _span(a: str, b: str) -> str:
    return a if a == b else f"{a}:{b}"


def _meets(row: str, column: str) -> str:
    if "?" in (row, column):
        return "?"
    if "total" in (row, column):
        return "check"
    if row == "product":
        return {"industry": "use", "final use": "final"}.get(column, column)
    if column == "industry":
        return row
    return row if column == "final use" and row in ("imports", "taxes_on_products") else "·"


def guess_mapping(path: Path, sheet: str | None = None) -> Guess:
    """Write a first mapping for a file.

    Parameters
    ----------
    sheet
        The sheet to describe; None: the one with the largest block whose rows and columns have the same labels.

    Raises
    ------
    TableError
        If no sheet holds a block of figures with labels.
    """
    file = RawFile(path)
    if sheet is not None and sheet not in file.sheets:
        near = next((s for s in file.sheets if fits(f"*{sheet}*", s)), None)
        raise TableError(
            "the sheet is not there",
            where=path.name,
            found=", ".join(file.sheets[:12]),
            expected=sheet,
            mend=f"did you mean {near!r}?" if near else "name one of them",
        )
    best: tuple[tuple[float, str], _Look] | None = None
    for name in [sheet] if sheet is not None else file.sheets:
        grid = file.grid(name)
        if len(grid) < 4:
            continue
        look = _Look(grid)
        year = "".join(re.findall(r"(?:19|20)\d\d", name)[-1:])
        if look.found and (best is None or (look.score, year) > best[0]):
            best = ((look.score, year), look)
            look.sheet = name
    if best is None:
        raise TableError(
            "no block of figures with labels was found",
            where=f"{path.name}: {sheet}" if sheet else path.name,
            expected="a sheet with sectors down the side and across the top",
            mend="name the sheet with --sheet, or write the mapping by hand: docs/import.md",
        )
    look = best[1]
    return Guess(_text(path, look, file), look.sheet, look.rows, look.columns)


class _Look:
    """One sheet: where its labels are, which block of sectors it holds, what stands around the block."""

    def __init__(self, grid: Rows) -> None:
        self.sheet = ""
        width = max(len(r) for r in grid)
        self.grid = [[*r, *[""] * (width - len(r))] for r in grid]
        self.comma = any(isinstance(c, str) and _COMMA.fullmatch(c.strip()) for row in self.grid for c in row)
        self.figures = np.array([[_number(c, self.comma) for c in row] for row in self.grid])
        self.rows: list[Guessed] = []
        self.columns: list[Guessed] = []
        self.until = ""
        self.found = self._sectors()
        if self.found:
            self._around("column")
            self._around("row")

    # the block of sectors

    def _sectors(self) -> bool:
        """Find the header row and label column whose labels agree most, and the block that they span."""
        height, width = self.figures.shape
        best = 0
        for r in range(min(height, 12)):
            tops = {_key(self.grid[r][c]): c for c in range(width - 1, 0, -1) if _key(self.grid[r][c])}
            if len(tops) < 3:
                continue
            for c in range(min(width, 5)):
                filled = np.isfinite(self.figures[:, c + 1 :]).sum(axis=1) > 0
                sides = [(k, _key(self.grid[k][c])) for k in range(r + 1, height) if filled[k]]
                both = [(k, tops[key]) for k, key in sides if key in tops and tops[key] > c]
                run = _run(both)
                if len(run) > best:
                    best, self.header, self.side = len(run), r, c
                    self.first_row, self.last_row = run[0][0], run[-1][0]
                    self.first_column, self.last_column = run[0][1], run[-1][1]
        if best < 3:
            return False
        right = np.isfinite(self.figures[self.first_row : self.last_row + 1, self.last_column + 1 :]).mean(axis=0)
        below = np.isfinite(self.figures[self.last_row + 1 :, self.first_column : self.last_column + 1]).mean(axis=1)
        self.score = best * (1 + min(int((right > 0.5).sum()), 8)) * (1 + min(int((below > 0.5).sum()), 8))
        block = self.figures[self.first_row : self.last_row + 1, self.first_column : self.last_column + 1]
        if np.isfinite(block).mean() < 0.1:
            return False
        names = [r for r in range(self.header + 1, self.first_row) if self._texts(r)]
        self.names_row = names[0] if names else None
        beside = [c for c in range(self.first_column) if c != self.side and self._names(c)]
        self.names_column = beside[-1] if beside else None
        return True

    def _texts(self, r: int) -> bool:
        cells = self.grid[r][self.first_column : self.last_column + 1]
        return sum(isinstance(c, str) and len(plain(c)) > 2 for c in cells) > 0.7 * len(cells)

    def _names(self, c: int) -> bool:
        cells = [self.grid[r][c] for r in range(self.first_row, self.last_row + 1)]
        return sum(isinstance(x, str) and len(plain(x)) > 3 for x in cells) > 0.7 * len(cells)

    def label(self, axis: str, at: int) -> tuple[str, str]:
        """Code and name of a row or column."""
        if axis == "row":
            code = self.grid[at][self.side]
            name = "" if self.names_column is None else self.grid[at][self.names_column]
            if not plain(name):
                others = (self.grid[at][c] for c in range(self.first_column) if c != self.side)
                name = next((c for c in others if isinstance(c, str) and plain(c)), "")
        else:
            code = self.grid[self.header][at]
            name = "" if self.names_row is None else self.grid[self.names_row][at]
            if not plain(code) and not plain(name):
                name = next(
                    (self.grid[r][at] for r in range(self.first_row - 1, -1, -1) if plain(self.grid[r][at])), ""
                )
        code, name = plain(code), plain(name)
        if not name and (found := re.fullmatch(r"(\w+): (.*)", code)):
            code, name = found[1], found[2]
        return code, name

    # what stands around it

    def _around(self, axis: str) -> None:
        """Rows below the block, or columns right of it: totals by adding up, the rest by codes, then by words."""
        if axis == "row":
            lines = self.figures[:, self.first_column : self.last_column + 1]
            first, last = self.first_row, self.last_row
            out, span, name = self.rows, "product", ["product"]
        else:
            lines = self.figures[self.first_row : self.last_row + 1, :].T
            first, last = self.first_column, self.last_column
            out, span, name = self.columns, "industry", ["industry"]
        out.append(Guessed(first, last, span, "rows and columns have the same labels", True))
        block = np.nan_to_num(lines[first : last + 1]).sum(axis=0)
        after = [k for k in range(last + 1, len(lines)) if np.isfinite(lines[k]).mean() > 0.1]
        if axis == "row":  # what comes after a new title is another table
            gaps = [k for a, k in zip([last, *after], after, strict=False) if k - a > 6]
            if gaps:
                end = max([last, *(k for k in after if k < gaps[0])])
                texts = (plain(c) for r in range(end + 1, gaps[0]) for c in self.grid[r][: self.first_column])
                self.until = next((t for t in texts if t), "")
                after = [k for k in after if k < gaps[0]]
            stray = range(last + 1, gaps[0] if gaps else len(lines))
        details: list[tuple[int, Figures, str]] = [(first, block, span)]
        for n, k in enumerate(after):
            v = np.nan_to_num(lines[k])
            code, words = self.label(axis, k)
            shown = " ".join(w for w in (code, words) if w) or "no label"
            following = self._following(lines, after[n + 1 :], v)
            of = self._adds_up(axis, v, details, name)
            named = axis == "row" and known_kind("", words) is not None
            if axis == "row" and not named and (_OUTPUT.search(code) or _OUTPUT.search(words)):
                out.append(Guessed(k, k, "output", f"{shown}: the label of output", True, called=shown))
                continue
            if of:
                why = f"{shown}: adds up {', '.join(of)}"
                out.append(Guessed(k, k, "total", why, True, of, called=shown))
                continue
            if following:
                span = self._span_of(axis, after[n + 1], after[n + following])
                out.append(Guessed(k, k, "total", f"{shown}: adds up {span}", True, [span], called=shown))
                continue
            item = self._kind(axis, k, code, words, shown, v)
            out.append(item)
            if item.role != "?":
                details.append((k, v, item.role))

        if axis == "row":
            for k in [k for k in stray if k not in after and np.nan_to_num(self.figures[k, self.first_column :]).any()]:
                shown = " ".join(w for w in self.label(axis, k) if w) or "no label"
                out.append(Guessed(k, k, "memo", f"GUESS: {shown} has no figures of industries", False, called=shown))
            out.sort(key=lambda g: g.first)

    def _adds_up(
        self, axis: str, v: Figures, details: Sequence[tuple[int, Figures, str]], name: list[str]
    ) -> list[str]:
        """What a line adds up: the sectors, all so far, or the last few; empty for none of them."""
        if not np.any(v):
            return []
        if _same(v, details[0][1]):
            return name
        total = np.zeros_like(v)
        for n, (k, line, _) in enumerate(reversed(details), 1):
            total = total + line
            if n > 1 and _same(v, total):
                return [self._span_of(axis, k, details[-1][0])]
        added = [line for _, line, role in details if role in GROUPS["value_added"]]
        if len(added) > 1 and _same(v, np.sum(added, axis=0)):
            return ["value_added"]
        return []

    @staticmethod
    def _following(lines: Figures, after: Sequence[int], v: Figures) -> int:
        """How many of the next lines this one adds up; 0 for none."""
        total = np.zeros_like(v)
        for n, k in enumerate(after[:6], 1):
            total = total + np.nan_to_num(lines[k])
            if n > 1 and np.any(v) and _same(v, total):
                return n
        return 0

    def _span_of(self, axis: str, a: int, b: int) -> str:
        return f"{a + 1}:{b + 1}" if axis == "row" else f"{letters(a)}:{letters(b)}"

    def _kind(self, axis: str, k: int, code: str, words: str, shown: str, v: Figures) -> Guessed:
        if axis == "row":
            kind = known_kind(code, words)
            if kind:
                return Guessed(k, k, kind, f"{shown}: a code or name of the standards", True, called=shown)
            kind = suggested_kind(code, words)
            if kind:
                return Guessed(k, k, kind, f"GUESS from {shown!r}: confirm or correct", False, called=shown)
            return Guessed(k, k, "?", f"{shown}: what is this row?", False, called=shown)
        short = re.sub(r"[\W_]", "", code.casefold())
        kind = _FINAL_CODES.get(short) or ("exports" if re.match(r"p6[12]?(s2|eu|rw|e|$)", short) else None)
        sign = -1 if kind == "imports" and v.sum() < 0 else 1
        if kind:
            return Guessed(k, k, kind, f"{shown}: a code of the standards", True, sign=sign, called=shown)
        text = f"{code} {words}".casefold()
        kind = next((kind for pattern, kind in _FINAL_WORDS if re.search(pattern, text)), None)
        if kind:
            sign = -1 if kind == "imports" and v.sum() < 0 else 1
            why = f"GUESS from {shown!r}: confirm or correct"
            return Guessed(k, k, kind, why, False, sign=sign, called=shown)
        return Guessed(k, k, "?", f"{shown}: what is this column?", False, called=shown)


def _number(cell: object, comma: bool) -> float:
    """A figure, or not a number; `comma`: the file writes decimals with one, and thousands with a point."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = str(cell).strip().replace("\u2212", "-")
    if re.fullmatch(r"\.{2,}|-|…", text):
        return 0.0
    if comma:
        text = text.replace(".", "").replace(",", ".")
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text) else float("nan")


def _key(cell: object) -> str:
    """A label made comparable between rows and columns; empty for none."""
    text = re.split(r"[\n:]", str(cell).strip())[0] if isinstance(cell, str) else plain(cell)
    text = _PREFIX.sub("", plain(text)).casefold()
    return "" if text in _TOTALS else text.lstrip("0") if text.isdigit() else text


def _run(both: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first long run of labels that go down and across together."""
    runs: list[list[tuple[int, int]]] = [[]]
    for pair in both:
        now = runs[-1]
        if now and (pair[1] <= now[-1][1] or pair[0] - now[-1][0] > 3):
            runs.append([])
        runs[-1].append(pair)
    longest = max(map(len, runs))
    return next(run for run in runs if len(run) >= 0.9 * longest)  # flows stand above coefficients


def _same(a: Figures, b: Figures) -> bool:
    """Equal but for the rounding of printed figures."""
    return bool(np.all(np.abs(a - b) <= 1e-5 * np.abs(b) + 1e-3 * max(float(np.abs(b).mean()), 1e-9) + 1e-9))


# --- the file ------------------------------------------------------------------------------------


def _text(path: Path, look: _Look, file: RawFile) -> str:
    above = [plain(c) for row in look.grid[: look.first_row] for c in row[: look.first_column + 3] if plain(c)]
    titles = [t for t in above if len(t) > 8][:1]
    year, year_why = _year(path, look.sheet, above)
    money = next((plain(m[0]).strip(" .,") for t in above if (m := _MONEY.search(t))), "")
    money_why = "GUESS from the title" if money else "not found: the unit of all figures"
    roles = {g.role for g in look.rows}
    minus = any(g.role == "imports" for g in look.columns)
    holds, why = (
        ("domestic", "imports are a row")
        if "imports" in roles
        else ("total", "imports are a column")
        if minus
        else ("domestic", "NO row or column of imports was found")
    )
    lines = [
        f"# Mapping of {path.name}, guessed. Lines with GUESS rest on words only: confirm or correct each, and",
        "# answer every '?'. docs/import.md lists what may stand where.",
        f"format: {FORMAT}",
        f"title: {_quoted(titles[0] if titles else path.stem)}",
        f"year: {year}  # {year_why}",
        f"money: {_quoted(money or '?')}  # {money_why}",
        "prices: basic  # GUESS: basic, producer or purchaser",
    ]
    texts = {plain(c) for r in look.grid[look.first_row : look.last_row + 1] for c in r[look.first_column :]}
    marks = [t for t in sorted(texts) if re.fullmatch(r"\.{2,}|-|…", t)]
    if marks:
        lines.append("marks: {" + ", ".join(f"{_quoted(m)}: 0" for m in marks) + "}  # GUESS: 0, or missing")
    if look.comma:
        lines += ['decimal: ","', 'thousands: "."  # GUESS']
    lines += ["tables:", f"  - holds: {holds}  # GUESS: {why}"]
    if look.sheet:
        lines.append(f"    sheet: {_quoted(look.sheet)}")
    lines.append(f"    row_codes: {letters(look.side)}")
    if look.names_column is not None:
        lines.append(f"    row_names: {letters(look.names_column)}")
    lines.append(f"    column_codes: {look.header + 1}")
    if look.names_row is not None:
        lines.append(f"    column_names: {look.names_row + 1}")
    lines += _codes(look)
    if look.until:
        lines.append(f"    until: {_quoted(look.until)}  # GUESS: what follows is another table")
    block = look.figures[look.first_row : look.last_row + 1, look.first_column : look.last_column + 1]
    if np.isnan(block).any():
        lines.append("    blank: zero  # GUESS: empty cells of the block mean 0")
    for side, items in (("rows", look.rows), ("columns", look.columns)):
        lines.append(f"    {side}:")
        seen: dict[str, int] = {}
        for g in items:
            lines.append(f"      - {_line(side, g, look, seen)}  # {g.why}")
    return "\n".join(lines) + "\n"


def _codes(look: _Look) -> list[str]:
    """How labels of rows and columns come to the same codes."""
    pairs = [
        (plain(look.grid[r][look.side]), plain(look.grid[look.header][c]))
        for r, c in zip(
            range(look.first_row, look.last_row + 1), range(look.first_column, look.last_column + 1), strict=False
        )
    ]
    if all(a == b for a, b in pairs):
        return []
    if all(a.isdigit() and b.isdigit() for a, b in pairs):
        width = max(len(b) for _, b in pairs)
        return [f"    row_digits: {width}", f"    column_digits: {width}"]
    take = r"(?:CPA_|TTL_|DOM_|IMP_|D(?=[0-9]))?([^:]+)(?:: (.*))?"
    return [f"    row_take: '{take}'", f"    column_take: '{take}'"]


def _line(side: str, g: Guessed, look: _Look, seen: dict[str, int]) -> str:
    at = _span(str(g.first + 1), str(g.last + 1)) if side == "rows" else _span(letters(g.first), letters(g.last))
    parts = [f'at: "{at}"', f"is: {_quoted(g.role)}"]
    if g.of:
        parts.append("of: [" + ", ".join(_quoted(w) for w in g.of) + "]")
    if side == "rows" and (g.role == "output" or g.of == ["value_added"]):
        parts.append("on: [industry]")
    if g.sign < 0:
        parts.append("sign: -1")
    if g.role not in ("product", "industry", "total", "memo", "?"):
        seen[g.role] = seen.get(g.role, 0) + 1
        if g.called:
            parts.append(f"called: {_quoted(g.called[:60])}")
        parts.append(f"as: {g.role}" + (f"_{seen[g.role]}" if seen[g.role] > 1 else ""))
    return "{" + ", ".join(parts) + "}"


def _quoted(text: str) -> str:
    return (
        text if re.fullmatch(r"[A-Za-z_][A-Za-z_ ]*", text) else '"' + text.replace("\\", " ").replace('"', "'") + '"'
    )


def _year(path: Path, sheet: str, above: Sequence[str]) -> tuple[str, str]:
    for words, texts in (("the sheet's name", [sheet]), ("the title", above), ("the file's name", [path.name])):
        for text in texts:
            if found := re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text):
                return found[-1], f"GUESS from {words}: {text[:60]}"
    return '""', "not found: write it, or give --year"
