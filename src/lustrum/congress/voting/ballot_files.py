"""Ballots in files: BLT, read and written, and CSV, read.

BLT is the form of Hill, Wichmann and Woodall's Algorithm 123, with what other programs made of it; `docs/voting.md`
lists the dialects. Whatever could be read in two ways is refused with its line.

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
from collections.abc import Iterator
from dataclasses import dataclass, field

from lustrum.congress.voting.ballots import Ballots, Paper
from lustrum.errors import BadInput

#: More candidates than this are a slip of the pen, and would fill the memory.
MOST_CANDIDATES = 10_000

#: Quoted text, in which "" is a quotation mark; a comment; the beginning of one that ends with */.
_PIECE = re.compile(r'"(?:[^"]|"")*"|#.*|(?<!\S)/\*')
#: A word of the ballots: quoted text, something in brackets or parentheses, or whatever stands between spaces.
_WORD = re.compile(r'"[^"]*"|\[[^\]]*\]|\([^)]*\)|[^\s"\[\]()]+|\S')
#: A line that is quoted text alone.
_QUOTED = re.compile(r'"(?:[^"]|"")*"(?:\s+"(?:[^"]|"")*")*')
#: A line that is a ballot, or the end of all, and no name.
_LIKE_A_BALLOT = re.compile(r"0|[0-9(].*\s0|[0-9]+(?:\s+[-0-9=()]+)+")
#: A candidate's name in a comment, as the count of Glasgow in 2007 was published.
_NAME_IN_COMMENT = re.compile(r"#[^:#]*?\b([0-9]{1,5}): *(\S.*)")
#: Control characters, and those that turn the direction of what follows: a name with them is not what it seems.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_END = "end every ballot with 0 on its own line, and the ballots with one more 0"


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
    parties
        The party of each candidate for whom a second text stands beside the name.
    notes
        Source and comment, where they follow the title.
    """

    ballots: Ballots
    seats: int
    title: str
    withdrawn: tuple[str, ...] = ()
    parties: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Word:
    text: str
    line: int
    end: int
    """Where the rest of the line begins."""

    @property
    def whole(self) -> int | None:
        """The whole number that it is, if it is one."""
        return int(self.text) if re.fullmatch(r"-?[0-9]{1,15}", self.text) else None


class _Reader:
    """The lines of a file without comments, and the words of its ballots, one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.names_in_comments: list[tuple[str, str]] = []
        self.lines = list(self._without_comments(text.removeprefix("\ufeff").splitlines()))
        self.words = (
            _Word(match[0], number, match.end())
            for number, line in enumerate(self.lines, 1)
            for match in _WORD.finditer(line)
        )
        self.size = 0
        self.numbers: dict[str, int] = {}

    def _without_comments(self, lines: list[str]) -> Iterator[str]:
        inside = 0  # the line on which a comment /* began that is not ended
        for number, line in enumerate(lines, 1):
            kept, at = "", 0
            while at < len(line):
                if inside:
                    end = line.find("*/", at)
                    at, inside = (end + 2, 0) if end >= 0 else (len(line), inside)
                    continue
                piece = _PIECE.search(line, at)
                kept += line[at : piece.start() if piece else len(line)]
                at = piece.end() if piece else len(line)
                if piece and piece[0].startswith('"'):
                    kept += piece[0]
                elif piece and piece[0].startswith("#") and (name := _NAME_IN_COMMENT.fullmatch(piece[0].strip())):
                    self.names_in_comments.append((name[1], name[2]))
                elif piece and piece[0] == "/*":
                    kept, inside = kept + " ", number
            if kept.count('"') % 2:
                raise self.error("a quotation mark is not closed", number, kept.strip(), mend="close it on its line")
            yield kept
        if inside:
            raise self.error("a comment is not closed", inside, lines[inside - 1].strip(), expected="*/")

    def error(self, what: str, line: int, found: object = None, *, expected: str = "", mend: str = "") -> BadInput:
        return BadInput(what, where=f"{self.name}: line {line}", found=found, expected=expected, mend=mend)

    def next(self, wanted: str) -> _Word:
        word = next(self.words, None)
        if word is None:
            raise self.error("the file ends too early", len(self.lines), expected=wanted, mend=_END)
        return word

    def number(self, wanted: str) -> tuple[int, _Word]:
        word = self.next(wanted)
        if word.whole is None:
            mend = "save the file as plain text, not as a table" if word.text.endswith((",", ";")) else ""
            raise self.error("this is no whole number", word.line, word.text, expected=wanted, mend=mend)
        return word.whole, word

    def candidate(self, text: str, line: int) -> int:
        """Return the number of a candidate, given by number or by a short name of `[nick …]`."""
        number = self.numbers.get(text) or (int(text) if re.fullmatch("[0-9]{1,15}", text) else 0)
        if not 1 <= number <= self.size:
            raise self.error(
                "this is no candidate's number",
                line,
                text,
                expected=f"1 to {self.size}, or 0 at the end of the ballot",
                mend="correct the number, or end the ballot before it with 0",
            )
        return number


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
    reader.size, first = reader.number("the number of candidates")
    seats, _ = reader.number("the number of seats")
    if not 1 <= reader.size <= MOST_CANDIDATES or seats < 1:
        raise reader.error(
            "there must be at least one seat and one candidate, and not too many",
            first.line,
            f"{reader.size} {seats}",
            expected=f"1 to {MOST_CANDIDATES} candidates, then the seats",
        )
    withdrawn, papers, last = _read_papers(reader)
    names, parties, title, notes = _read_names(reader, last)
    kept = tuple(n for k, n in enumerate(names, 1) if k not in withdrawn)
    if not kept:
        raise reader.error("every candidate has withdrawn", first.line)
    ballots = []
    for ranking, weight in papers:
        tiers = []
        for tier in ranking:
            left = tuple(sorted(names[k - 1] for k in tier if k not in withdrawn))
            if left or not tier:
                tiers.append(left)
        ballots.append((tuple(tiers), weight))
    gone = tuple(names[k - 1] for k in sorted(withdrawn))
    return BltFile(Ballots(kept, tuple(ballots)), seats, title, gone, parties, notes)


_Ranking = list[tuple[int, ...]]


def _read_papers(reader: _Reader) -> tuple[set[int], list[tuple[_Ranking, int]], _Word]:
    """Read up to the 0 that ends the ballots, which is the last thing returned."""
    withdrawn: set[int] = set()
    papers: list[tuple[_Ranking, int]] = []
    marks: set[str] = set()
    blank = before = 0  # lines: of the last ballot without a mark, and of the last ballot
    while True:
        wanted = "a weight, or 0 at the end of the ballots"
        word = reader.next(wanted)
        if word.text.startswith("[") and not papers:
            withdrawn |= _read_option(reader, word)
            continue
        if word.text.startswith("-") and word.text != "-":
            number = reader.numbers.get(word.text[1:]) or -(word.whole or 0)
            if papers or not 1 <= number <= reader.size:
                raise reader.error(
                    "a candidate withdraws who cannot",
                    word.line,
                    word.text,
                    expected=f"-1 to -{reader.size}, before the first ballot",
                    mend="move the line to the top, or correct the number",
                )
            withdrawn.add(number)
            continue
        if word.text.startswith("("):  # the mark by which a ballot can be found again
            if word.text in marks:
                raise reader.error("two ballots bear the same mark", word.line, word.text, mend="keep one of them")
            marks.add(word.text)
            word = reader.next(wanted)
        if word.whole is None or word.whole < 0:
            mend = "save the file as plain text, not as a table" if word.text.endswith((",", ";")) else ""
            raise reader.error("this is no whole number", word.line, word.text, expected=wanted, mend=mend)
        if word.whole == 0:
            return withdrawn, papers, word
        ranking = _read_ranking(reader, word.line)
        if word.line == before and (not ranking or word.line == blank):
            raise reader.error(
                "a 0 stands within a ballot, or a ballot without a mark beside another",
                word.line,
                reader.lines[word.line - 1].strip(),
                mend="take the 0 out, or give each ballot a line of its own",
            )
        before, blank = word.line, blank if ranking else word.line
        papers.append((ranking, word.whole))


def _read_option(reader: _Reader, word: _Word) -> set[int]:
    """Take up one of Droop's options, `[nick a b c]`; return the candidates of `[withdrawn …]`."""
    name, *values = word.text.strip("[] ").split() or [""]
    if name == "withdrawn":
        return {reader.candidate(value, word.line) for value in values}
    if name == "nick":
        if len(set(values)) != reader.size or any(re.fullmatch("[-0-9].*|.*=.*", v) for v in values):
            raise reader.error(
                "these are no short names of the candidates", word.line, word.text, expected=f"{reader.size} words"
            )
        reader.numbers = {value: k for k, value in enumerate(values, 1)}
    elif name not in ("tie", "droop"):  # these two say how Droop is to count, which is for the statute to say here
        raise reader.error(
            "this option is not known",
            word.line,
            word.text,
            expected="[nick …], [withdrawn …], [tie …], [droop …]",
            mend="take it out, if the ballots mean the same without it",
        )
    return set()


def _read_ranking(reader: _Reader, line: int) -> _Ranking:
    tiers: _Ranking = []
    while True:
        word = reader.next("a candidate, or 0 at the end of the ballot")
        if word.line != line:
            found = reader.lines[line - 1].strip()
            raise reader.error("a ballot is not ended by 0 on its line", line, found, mend=_END)
        if word.text == "0":
            return tiers
        if word.text == "-":
            tiers.append(())
        elif word.text.startswith("("):
            tiers.append(tuple(reader.candidate(part, line) for part in word.text.strip("()").split()))
        else:
            tiers.append(tuple(reader.candidate(part, line) for part in word.text.split("=")))


def _read_names(reader: _Reader, last: _Word) -> tuple[list[str], dict[str, str], str, tuple[str, ...]]:
    """Read what follows the ballots: names, each perhaps with a party, the title, and perhaps source and comment."""
    size = reader.size
    rest = [(last.line, reader.lines[last.line - 1][last.end :]), *enumerate(reader.lines[last.line :], last.line + 1)]
    lines = [(number, line.strip()) for number, line in rest if line.strip()]
    for number, line in lines:
        if _LIKE_A_BALLOT.fullmatch(line):
            raise reader.error(
                "a ballot stands after the 0 that ends the ballots",
                last.line,
                f"line {number}: {line}",
                expected="names and the title",
                mend="take the 0 out, if ballots go on below it",
            )
        if line.startswith(("\u201c", "\u201d")):
            raise reader.error("curly quotation marks", number, line, expected='straight ones: "…"')
    texts = [(number, part) for number, line in lines for part in _parts(line)]
    by_line = [(number, _parts(line)) for number, line in lines]
    alone = all(len(parts) == 1 for _, parts in by_line)
    quoted = all(line.startswith('"') for _, line in lines)
    named: list[tuple[int, list[str]]]
    after: list[tuple[int, str]]
    if len(lines) <= 1 < size and len(texts) <= 1:
        named, after = [], texts  # nothing, or one text and no names: that is the title
        if len(reader.names_in_comments) == size:
            named = [(last.line, [name]) for _, name in reader.names_in_comments]
            if [int(k) for k, _ in reader.names_in_comments] != list(range(1, size + 1)):
                raise reader.error("the names in comments are not in their order", last.line)
    elif len(lines) == size + 1 or (alone and (len(lines) == size or (quoted and size < len(lines) <= size + 3))):
        named = by_line[:size]
        after = [(number, part) for number, parts in by_line[size:] for part in parts]
    elif quoted and (len(texts) == size + 1 or (len(lines) == 1 and size <= len(texts) <= size + 3)):
        named, after = [(number, [part]) for number, part in texts[:size]], texts[size:]
    else:
        few = len(lines) < size
        raise reader.error(
            "there are fewer names than candidates" if few else "there is more than the names and a title",
            lines[-1][0] if few else lines[min(size + 1, len(lines) - 1)][0],
            f"{len(lines)} lines",
            expected=f"{size} names, a line each, in quotation marks, then the title",
        )
    for number, parts in named:
        if len(parts) > 2:
            found = ", ".join(parts)
            raise reader.error("a candidate has a name and a party, and no more", number, found, mend="a line each")
    if len(after) > 3:
        raise reader.error("there is more than a title, a source and a comment", after[3][0], after[3][1])
    names = [parts[0] for _, parts in named] or [str(k) for k in range(1, size + 1)]
    for (number, _), given in zip(named, names, strict=False):
        if names.count(given) > 1 or not given:
            raise reader.error("a name stands twice or is empty", number, given, mend="give each a name of their own")
    for number, text in [*((number, part) for number, parts in named for part in parts), *after]:
        if _HIDDEN.search(text):
            raise reader.error("there are characters that cannot be seen", number, ascii(text), mend="take them out")
    parties = {parts[0]: parts[1] for _, parts in named if len(parts) == 2}
    title, *notes = [text for _, text in after] or [""]
    return names, parties, title, tuple(notes)


def _parts(line: str) -> list[str]:
    """Return the texts of a line: the quoted ones, or the line as it stands.

    A spreadsheet may have put the whole line into quotation marks once more.
    """
    if not _QUOTED.fullmatch(line):
        return [line]
    parts = [part[1:-1].replace('""', '"').strip() for part in re.findall(r'"(?:[^"]|"")*"', line)]
    return _parts(parts[0]) if len(parts) == 1 and parts[0].startswith('"') else parts


def write_blt(ballots: Ballots, seats: int, title: str = "") -> str:
    """Return ballots as BLT text, equal papers put together. A quotation mark in a name is written twice.

    Raises
    ------
    BadInput
        For names and titles that would not be read back as they are, and for marks that are no option.
    """
    quoted = ['"' + text.replace('"', '""') + '"' for text in (*ballots.options, title)]
    for text, line in zip((*ballots.options, title), quoted, strict=True):
        if _parts(line) != [text] or _HIDDEN.search(text):
            raise BadInput(
                "BLT cannot hold this text",
                found=text,
                mend="leave line ends, characters that cannot be seen, and spaces and quotation marks around it out",
            )
    place = {option: str(k) for k, option in enumerate(ballots.options, 1)}
    lines = [f"{len(ballots.options)} {seats}"]
    for paper, weight in ballots.grouped().papers:
        lines.append(" ".join([str(weight), *_words(paper, place), "0"]))
    return "\n".join([*lines, "0", *quoted]) + "\n"


def _words(paper: Paper, place: dict[str, str]) -> list[str]:
    words = []
    for tier in paper:
        if unknown := [mark for mark in tier if mark not in place]:
            raise BadInput("a mark is no option", found=unknown[0], mend="leave papers with such marks out")
        words.append("=".join(place[mark] for mark in tier) or "-")
    return words


_CROSSES = ("x", "X")


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
        if _HIDDEN.search(option):
            raise BadInput(
                "there are characters that cannot be seen",
                where=f"{where}, column {column}",
                found=ascii(option),
                mend="take them out",
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
