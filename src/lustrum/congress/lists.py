"""Lists a secretary brings as CSV text: the roll of delegates, the votes of a show of hands; and a paper in one line.

Pure: text in, rows out. Errors name the line and the column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lustrum.errors import BadInput

_MOST = 1_000_000_000


@dataclass(frozen=True)
class CastVote:
    """One line of a list of votes: whose vote, the paper, and who casts it for them, if it is cast by proxy."""

    line: int
    voter: str
    paper: list[list[str]]
    by: str | None


def read_roll(text: str, where: str = "roll.csv") -> list[dict[str, str]]:
    """Read a roll: a column `name`, perhaps `person`, `credential`, `weight`, `delegation`; others are attributes.

    Raises
    ------
    BadInput
        With line and column: a missing name, an id twice, a weight that is no whole number, a line too long or short.
    """
    seen: dict[tuple[str, str], int] = {}
    out = []
    for line, row in _rows(text, where, ("name",), "name,credential,delegation"):
        if not row["name"]:
            raise BadInput(
                "a delegate without a name",
                where=f"{where}: line {line}, column name",
                mend="write the name, or take the line out",
            )
        weight = row.get("weight", "")
        if weight and not (re.fullmatch(r"[1-9][0-9]{0,9}", weight) and int(weight) <= _MOST):
            raise BadInput(
                "a weight that is no whole number",
                where=f"{where}: line {line}, column weight",
                found=weight[:40],
                expected="1 or more, or nothing for 1",
                mend="write whole numbers",
            )
        for column in ("person", "credential"):
            value = row.get(column, "")
            if value and seen.setdefault((column, value), line) != line:
                raise BadInput(
                    f"a {column} that is there already",
                    where=f"{where}: line {line}, column {column}",
                    found=value,
                    expected=f"an id of its own: line {seen[column, value]} has this one",
                    mend="give it another, or leave the column out",
                )
        out.append(row)
    if not out:
        raise BadInput("a roll without delegates", where=where, expected="a line for each of them")
    return out


def read_votes(text: str, where: str = "votes.csv") -> list[CastVote]:
    """Read votes: columns `voter` (a credential) and `vote`, and `by` where one is cast by proxy.

    Raises
    ------
    BadInput
        With line and column.
    """
    seen: dict[str, int] = {}
    out = []
    for line, row in _rows(text, where, ("voter", "vote"), "voter,vote"):
        voter = row["voter"]
        if not voter:
            raise BadInput("a vote of nobody", where=f"{where}: line {line}, column voter", expected="a credential")
        if seen.setdefault(voter, line) != line:
            raise BadInput(
                "one vote each",
                where=f"{where}: line {line}, column voter",
                found=voter,
                expected=f"line {seen[voter]} alone",
                mend="take one of the lines out",
            )
        out.append(CastVote(line, voter, read_paper(row["vote"], f"{where}: line {line}"), row.get("by") or None))
    if not out:
        raise BadInput("a list without votes", where=where, expected="a line for each of them")
    return out


def read_paper(words: str, where: str = "paper") -> list[list[str]]:
    """Read a paper of one line: `yes`; a ranking `a > b = c`; marks `a, b`; nothing is blank.

    Raises
    ------
    BadInput
        If a mark is missing between two signs.
    """
    if not words.strip():
        return []
    tiers = [[mark.strip() for mark in re.split(r"[=,]", tier)] for tier in words.split(">")]
    if not all(mark for tier in tiers for mark in tier):
        raise BadInput(
            "a mark is missing on this paper",
            where=where,
            found=words.strip()[:80],
            expected="yes; a > b > c; a > b = c; a, b",
            mend="write a name on both sides of each sign",
        )
    return tiers


def _rows(text: str, where: str, needed: tuple[str, ...], example: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV text by the names of its first line, which are read without regard to case."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(rows, [])]
        _check_head(head, where, needed, example)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                raise BadInput(
                    "a line with another number of cells than the first",
                    where=f"{where}: line {rows.line_num}",
                    found=len(cells),
                    expected=str(len(head)),
                    mend="put a cell that holds a comma in double quotes",
                )
            yield rows.line_num, dict(zip(head, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        raise BadInput(
            "this is no CSV",
            where=f"{where}: line {rows.line_num}",
            found=str(error),
            expected=f"a first line such as {example}",
            mend="save the sheet as CSV (comma separated, UTF-8)",
        ) from None


def _check_head(head: list[str], where: str, needed: tuple[str, ...], example: str) -> None:
    missing = [name for name in needed if name not in head]
    if missing:
        semicolons = len(head) == 1 and ";" in head[0]
        raise BadInput(
            f"the first line has no column {missing[0]}",
            where=f"{where}: line 1",
            found=", ".join(head)[:80] or "nothing",
            expected=example,
            mend="separate the columns by commas, not semicolons"
            if semicolons
            else "name the columns in the first line",
        )
    twice = next((name for name in head if head.count(name) > 1), None)
    if twice is not None or "" in head:
        raise BadInput(
            "a column without a name of its own",
            where=f"{where}: line 1",
            found=", ".join(head)[:80],
            expected=example,
            mend="give each column one name",
        )
