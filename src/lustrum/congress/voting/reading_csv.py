"""Ballots in CSV text: a column an option with the rank given to it, and perhaps a column `weight`.

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

from lustrum.congress.voting.ballots import Ballots, Paper
from lustrum.errors import BadInput

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
