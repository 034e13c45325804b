"""Ballots in files: BLT, read and written, and CSV, read.

BLT is as Hill, Wichmann and Woodall laid it down in Algorithm 123. Also read: comments from # to the end of a line, `=`
between options that share a rank, `-` for a rank left out.

CSV has a column an option with the rank given to it, and perhaps a column `weight`:

    weight,Ash,Birch,Cedar
    12,1,2,
    3,,1,1
    1,x,,x

A cell holds a rank (1 is best), a cross (`x`) for a mark without rank, or nothing. Ranks left out are kept as left out.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from lustrum.congress.voting.ballots import Ballots, Paper
from lustrum.errors import BadInput

#: More candidates than this are a slip of the pen, and would fill the memory.
MOST_CANDIDATES = 10_000

_WORD = re.compile(r'"([^"\n]*)"|#[^\n]*|[^\s"#]+')


@dataclass(frozen=True)
class BltFile:
    """What a BLT file holds.

    Attributes
    ----------
    ballots
        Options by name, without those withdrawn.
    seats, title
        As in the file.
    withdrawn
        Candidates who withdrew before the count; papers pass over them.
    """

    ballots: Ballots
    seats: int
    title: str
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Token:
    text: str
    line: int
    quoted: bool


class _Reader:
    """The words of the text, one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.tokens: list[_Token] = []
        for line, content in enumerate(text.splitlines(), 1):
            if content.count('"') % 2 and not content.lstrip().startswith("#"):
                raise self.error(
                    "a quotation mark is not closed", line, content.strip(), mend="close it on the same line"
                )
            for match in _WORD.finditer(content):
                if not match[0].startswith("#"):
                    quoted = match[1] is not None
                    self.tokens.append(_Token(match[1] if quoted else match[0], line, quoted))
        self.at = 0
        self.last_line = len(text.splitlines())

    def error(self, what: str, line: int, found: object = None, *, expected: str = "", mend: str = "") -> BadInput:
        return BadInput(what, where=f"{self.name}: line {line}", found=found, expected=expected, mend=mend)

    def next(self, wanted: str) -> _Token:
        if self.at == len(self.tokens):
            raise self.error(
                "the file ends too early",
                self.last_line,
                expected=wanted,
                mend="end every ballot with 0 and the ballots with one more 0",
            )
        self.at += 1
        return self.tokens[self.at - 1]

    def number(self, wanted: str) -> tuple[int, int]:
        token = self.next(wanted)
        if token.quoted or not re.fullmatch(r"-?[0-9]{1,15}", token.text):
            raise self.error("this is no whole number", token.line, token.text, expected=wanted)
        return int(token.text), token.line

    def rest(self) -> list[_Token]:
        return self.tokens[self.at :]


def read_blt(text: str, name: str = "BLT") -> BltFile:
    """Read BLT text.

    Parameters
    ----------
    name
        What to call the text in errors, such as the file's name.

    Raises
    ------
    BadInput
        With the line, what stands there and how to mend it.
    """
    reader = _Reader(text, name)
    size, line = reader.number("the number of candidates")
    seats, _ = reader.number("the number of seats")
    if not 1 <= size <= MOST_CANDIDATES or seats < 1:
        raise reader.error(
            "there must be at least one seat and one candidate, and not too many",
            line,
            f"{size} {seats}",
            expected=f"1 to {MOST_CANDIDATES} candidates, then the seats",
        )
    withdrawn, papers = _read_papers(reader, size)
    names, title = _read_names(reader, size)
    kept = tuple(n for k, n in enumerate(names, 1) if k not in withdrawn)
    if not kept:
        raise reader.error("every candidate has withdrawn", line)
    ballots = []
    for ranking, weight in papers:
        tiers = []
        for tier in ranking:
            left = tuple(sorted(names[k - 1] for k in tier if k not in withdrawn))
            if left or not tier:
                tiers.append(left)
        ballots.append((tuple(tiers), weight))
    return BltFile(Ballots(kept, tuple(ballots)), seats, title, tuple(names[k - 1] for k in sorted(withdrawn)))


def _read_papers(reader: _Reader, size: int) -> tuple[set[int], list[tuple[list[tuple[int, ...]], int]]]:
    withdrawn: set[int] = set()
    papers: list[tuple[list[tuple[int, ...]], int]] = []
    while True:
        weight, line = reader.number("a weight, or 0 at the end of the ballots")
        if weight == 0:
            return withdrawn, papers
        if weight < 0:
            if papers or -weight > size:
                raise reader.error(
                    "a candidate withdraws who cannot",
                    line,
                    weight,
                    expected=f"-1 to -{size}, before the first ballot",
                    mend="move the line to the top, or correct the number",
                )
            withdrawn.add(-weight)
            continue
        papers.append((_read_ranking(reader, size), weight))


def _read_ranking(reader: _Reader, size: int) -> list[tuple[int, ...]]:
    tiers: list[tuple[int, ...]] = []
    while True:
        token = reader.next("a candidate, or 0 at the end of the ballot")
        if token.text == "0" and not token.quoted:
            return tiers
        if token.text == "-" and not token.quoted:
            tiers.append(())
            continue
        tier = []
        for part in token.text.split("="):
            if token.quoted or not re.fullmatch("[0-9]{1,15}", part) or not 1 <= int(part) <= size:
                raise reader.error(
                    "this is no candidate's number",
                    token.line,
                    token.text,
                    expected=f"1 to {size}, or 0 at the end of the ballot",
                    mend="correct the number, or end the ballot before it with 0",
                )
            tier.append(int(part))
        tiers.append(tuple(tier))


def _read_names(reader: _Reader, size: int) -> tuple[list[str], str]:
    rest = reader.rest()
    names: list[str] = []
    for token in rest:
        if not token.quoted or len(names) == size:
            break
        names.append(token.text.strip())
    title = " ".join(token.text for token in rest[len(names) :])
    if 0 < len(names) < size:
        if len(names) > 1 or size == 1:
            raise reader.error(
                "there are fewer names than candidates",
                rest[len(names) - 1].line,
                f"{len(names)} names",
                expected=f"{size} names in quotation marks, then the title",
            )
        # One quoted line and no names: that is the title.
        names, title = [], " ".join(token.text for token in rest)
    if not names:
        names = [str(k) for k in range(1, size + 1)]
    for token, given in zip(rest, names, strict=False):
        if names.count(given) > 1 or not given:
            raise reader.error(
                "a name stands twice or is empty", token.line, given, mend="give every candidate a name of their own"
            )
    return names, title


def write_blt(ballots: Ballots, seats: int, title: str = "") -> str:
    """Return ballots as BLT text, equal papers put together.

    Raises
    ------
    BadInput
        For names with a quotation mark, which BLT cannot hold, and for marks that are no option.
    """
    for text in (*ballots.options, title):
        if '"' in text or len(text.splitlines()) > 1:
            raise BadInput("BLT cannot hold this text", found=text, mend="leave quotation marks and line ends out")
    place = {option: str(k) for k, option in enumerate(ballots.options, 1)}
    lines = [f"{len(ballots.options)} {seats}"]
    for paper, weight in ballots.grouped().papers:
        lines.append(" ".join([str(weight), *_words(paper, place), "0"]))
    lines += ["0", *(f'"{option}"' for option in ballots.options), f'"{title}"']
    return "\n".join(lines) + "\n"


def _words(paper: Paper, place: dict[str, str]) -> list[str]:
    words = []
    for tier in paper:
        if unknown := [mark for mark in tier if mark not in place]:
            raise BadInput("a mark is no option", found=unknown[0], mend="leave papers with such marks out")
        words.append("=".join(place[mark] for mark in tier) or "-")
    return words


_CROSSES = ("x", "X")


def read_csv(text: str, name: str = "CSV") -> Ballots:
    """Read CSV text.

    Parameters
    ----------
    name
        What to call the text in errors, such as the file's name.

    Raises
    ------
    BadInput
        With line and column, what stands there and how to mend it.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        header = [cell.strip() for cell in next(rows, [])]
        options = tuple(cell for cell in header if cell.lower() != "weight")
        _check_header(header, options, name)
        papers = []
        for cells in rows:
            if any(cell.strip() for cell in cells):
                papers.append(_row(header, [cell.strip() for cell in cells], f"{name}: line {rows.line_num}"))
    except csv.Error as error:
        raise BadInput("this is no CSV", where=f"{name}: line {rows.line_num}", found=str(error)) from error
    return Ballots(options, tuple(papers))


def _check_header(header: list[str], options: tuple[str, ...], name: str) -> None:
    where = f"{name}: line 1"
    if not options:
        raise BadInput("the first line names no options", where=where, expected="weight,Ash,Birch,...")
    if len(header) - len(options) > 1:
        raise BadInput("there are two columns of weights", where=where, mend="keep one")
    for column, option in enumerate(header, 1):
        if not option or header.count(option) > 1:
            raise BadInput(
                "a column has no name of its own",
                where=f"{where}, column {column}",
                found=repr(option),
                mend="name each option once",
            )


def _row(header: list[str], cells: list[str], where: str) -> tuple[Paper, int]:
    if len(cells) != len(header):
        raise BadInput(
            "a ballot has not as many cells as there are columns",
            where=where,
            found=len(cells),
            expected=str(len(header)),
            mend="leave a cell empty where nothing is marked",
        )
    weight, ranks = 1, dict[int, list[str]]()
    crossed = False
    for column, (option, cell) in enumerate(zip(header, cells, strict=True), 1):
        place = f"{where}, column {column} ({option})"
        if option.lower() == "weight":
            weight = _whole(cell, place, "a weight")
        elif cell in _CROSSES:
            crossed = True
            ranks.setdefault(1, []).append(option)
        elif cell:
            ranks.setdefault(_whole(cell, place, "a rank, x, or nothing"), []).append(option)
    if crossed and len(ranks) > 1:
        raise BadInput(
            "a ballot has crosses and ranks", where=where, found=", ".join(cells), mend="use one or the other"
        )
    if ranks and max(ranks) > len(header):
        raise BadInput(
            "a rank is higher than there are options",
            where=where,
            found=max(ranks),
            expected=f"1 to {len(header)}",
            mend="correct it; ranks count from 1",
        )
    return tuple(tuple(sorted(ranks.get(k, ()))) for k in range(1, max(ranks, default=0) + 1)), weight


def _whole(cell: str, where: str, wanted: str) -> int:
    if not re.fullmatch("[0-9]{1,15}", cell) or int(cell) < 1:
        raise BadInput("this is no whole number of at least one", where=where, found=repr(cell), expected=wanted)
    return int(cell)
