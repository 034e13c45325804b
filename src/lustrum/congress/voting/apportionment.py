"""Seats for lists by highest averages (D'Hondt, Sainte-Laguë), and delegates by largest remainders (Hamilton).

Averages and remainders are compared as fractions. Where equal ones contest the last seats, the list with more votes
comes first; where votes are equal too, a re-ballot or a lot decides.
"""

from __future__ import annotations

from fractions import Fraction

from lustrum.congress.voting.decision import Majority
from lustrum.congress.voting.result import Sheet, Unbroken
from lustrum.errors import BadInput


def count_highest_averages(
    papers: dict[tuple[tuple[int, ...], ...], int], sheet: Sheet, step: int, threshold: Majority | None
) -> None:
    """Give seats one by one to the highest average: votes by 1, 1 + step, 1 + 2 step, ...

    A stage is a seat, or several where averages are equal.
    """
    votes = _votes(papers, len(sheet.options))
    able = _above(votes, threshold, sheet)
    won = [0] * len(votes)
    try:
        while sum(won) < sheet.seats and able:
            averages = [Fraction(v, 1 + step * n) for v, n in zip(votes, won, strict=True)]
            best = max(averages[c] for c in able)
            shown = [a if k in able else Fraction(0) for k, a in enumerate(averages)]
            _give([c for c in able if averages[c] == best], votes, won, shown, "highest average", sheet)
    finally:
        sheet.awarded = dict(zip(sheet.options, won, strict=True))


def count_hamilton(
    papers: dict[tuple[tuple[int, ...], ...], int], sheet: Sheet, threshold: Majority | None, at_least: int
) -> None:
    """Give each its whole quotas, but at least so many, and what is left to the largest remainders."""
    votes = _votes(papers, len(sheet.options))
    able = _above(votes, threshold, sheet)
    total = sum(votes[c] for c in able)
    if at_least * len(able) > sheet.seats:
        raise BadInput(
            "there are fewer seats than the least each must have",
            where="at_least",
            found=f"{sheet.seats} seats, {len(able)} times {at_least}",
            mend="add seats, or lower at_least",
        )
    quotas = [Fraction(v * sheet.seats, total) if c in able and total else Fraction(0) for c, v in enumerate(votes)]
    won = [max(int(q), at_least) if c in able else 0 for c, q in enumerate(quotas)]
    if sum(won) > sheet.seats:
        raise BadInput(
            "whole quotas and least seats together are more than the seats",
            where="at_least",
            found=f"{sum(won)} for {sheet.seats} seats",
            mend="add seats, or lower at_least",
        )
    sheet.write(
        "whole quotas", quotas, elected=tuple(sheet.options[c] for c in range(len(votes)) for _ in range(won[c]))
    )
    remainders = [q - int(q) for q in quotas]
    waiting = [c for c in able if won[c] == int(quotas[c])]
    try:
        while sum(won) < sheet.seats and waiting:
            best = max(remainders[c] for c in waiting)
            level = [c for c in waiting if remainders[c] == best]
            waiting = [c for c in waiting if c not in level]
            _give(level, votes, won, remainders, "largest remainder", sheet)
    finally:
        sheet.awarded = dict(zip(sheet.options, won, strict=True))


def _give(level: list[int], votes: list[int], won: list[int], shown: list[Fraction], why: str, sheet: Sheet) -> None:
    """Give those level a seat each: all if there is room, else those with more votes, else by lot.

    Raises
    ------
    Unbroken
        Where there is no lot; those with more votes have their seats.
    """
    room = sheet.seats - sum(won)
    taken = sorted(level, key=lambda c: -votes[c])
    if len(taken) > room:
        last = votes[taken[room - 1]]
        taken = [c for c in taken if votes[c] > last]
        tied = [c for c in level if votes[c] == last]
        if len(taken) + len(tied) == room:
            sheet.notes.append(f"tie of {sheet.listed(level)}: more votes decide")
            taken += tied
        else:
            try:
                taken += sheet.draw(tied, room - len(taken), "election")
            except Unbroken:
                _award(taken, won, shown, why, sheet)
                raise
    _award(taken, won, shown, why, sheet)


def _award(level: list[int], won: list[int], shown: list[Fraction], why: str, sheet: Sheet) -> None:
    """Give a seat to each of those level, in one stage, so that equals do not seem to come one after the other."""
    if not level:
        return
    first, last = sum(won) + 1, sum(won) + len(level)
    for c in level:
        won[c] += 1
    seat = f"seat {first}" if first == last else f"seats {first} to {last}"
    sheet.write(f"{seat}: {why}", shown, elected=sheet.names(level))


def _votes(papers: dict[tuple[tuple[int, ...], ...], int], size: int) -> list[int]:
    votes = [0] * size
    for paper, number in papers.items():
        votes[paper[0][0]] += number
    return votes


def _above(votes: list[int], threshold: Majority | None, sheet: Sheet) -> list[int]:
    """Return the lists that take part: those with votes, at or above the threshold."""
    total = sum(votes)
    able = [c for c, v in enumerate(votes) if v and (threshold is None or threshold.reached_by(v, total))]
    sheet.facts["votes"] = dict(zip(sheet.options, votes, strict=True))
    if threshold is not None:
        sheet.facts["below_threshold"] = [sheet.options[c] for c, v in enumerate(votes) if v and c not in able]
    return able
