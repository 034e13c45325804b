"""Plurality, approval and block approval: every mark is a vote, and the options with most votes take the seats.

A tie at the last seat is contested: by re-ballot, or by lot where a seed is given. With constraints, an option that no
conforming set can hold is passed over.
"""

from __future__ import annotations

from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.decision import Majority
from lustrum.congress.voting.result import Sheet


def count_marks(
    papers: dict[tuple[tuple[int, ...], ...], int],
    sheet: Sheet,
    constraints: Constraints,
    majority: Majority | None = None,
) -> None:
    """Add up the marks of papers of one tier and fill the seats.

    Parameters
    ----------
    majority
        What an option must reach of all valid papers to be elected; those that fall short go to a re-ballot.
    """
    votes = [0] * len(sheet.options)
    for paper, number in papers.items():
        for tier in paper:
            for c in tier:
                votes[c] += number
    valid = sum(papers.values())
    able = [c for c in range(len(votes)) if majority is None or majority.reached_by(votes[c], valid)]
    elected: list[int] = []
    if majority is not None:
        sheet.facts["majority"] = majority.document()
    try:
        _fill(votes, able, elected, sheet, constraints)
    finally:
        # Also where a tie stops the count: the votes are shown.
        sheet.write("votes", votes, elected=sheet.names(elected))
    if majority is not None and len(elected) < sheet.seats:
        sheet.reballot = _next_best(votes, elected, sheet)


def _fill(votes: list[int], able: list[int], elected: list[int], sheet: Sheet, constraints: Constraints) -> None:
    """Take the options in the order of their votes, level by level."""
    seats = min(sheet.seats, len(votes))
    for level_votes in sorted({votes[c] for c in able}, reverse=True):
        level = [c for c in able if votes[c] == level_votes]
        while level and len(elected) < seats:
            left = [c for c in range(len(votes)) if c not in elected and votes[c] <= level_votes]
            fit = [c for c in level if not constraints or c not in constraints.doomed(elected, left)]
            if not fit:
                break
            room = seats - len(elected)
            if len(fit) <= room and _all_fit(fit, elected, left, constraints):
                elected += fit
                break
            if constraints:
                taken = sheet.draw(fit, 1, "election") if len(fit) > 1 else fit
            else:
                taken = sheet.draw(fit, room, "election")
            elected += taken
            level = [c for c in level if c not in taken]


def _all_fit(fit: list[int], elected: list[int], left: list[int], constraints: Constraints) -> bool:
    return not constraints or constraints.possible([*elected, *fit], [c for c in left if c not in fit])


def _next_best(votes: list[int], elected: list[int], sheet: Sheet) -> tuple[str, ...]:
    """Return who is in the re-ballot: one more than the seats left, and all who are level with the last of these."""
    rest = sorted((c for c in range(len(votes)) if c not in elected), key=lambda c: -votes[c])
    last = min(sheet.seats - len(elected) + 1, len(rest)) - 1
    return sheet.names(sorted(c for c in rest if votes[c] >= votes[rest[last]])) if rest else ()
