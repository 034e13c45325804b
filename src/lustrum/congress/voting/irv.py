"""Instant run-off for one seat: whoever has fewest votes leaves, until someone has over half of those in play.

Those with fewest votes leave together when all of them have fewer than the next one even together, since then their
order cannot matter. Any other tie is broken by the most recent stage that differs, else by lot.
"""

from __future__ import annotations

from lustrum.congress.voting.result import Sheet
from lustrum.congress.voting.ties import narrowed


def count_irv(papers: dict[tuple[int, ...], int], sheet: Sheet, *, by_history: bool = True) -> None:
    """Count strict rankings, each with its number of papers, onto the sheet.

    Parameters
    ----------
    by_history
        Whether a tie looks back at earlier stages before it goes to the lot.
    """
    continuing = list(range(len(sheet.options)))
    history: list[list[int]] = []
    action, leaving = "first preferences", list[int]()
    while True:
        votes, exhausted = _votes(papers, continuing, len(sheet.options))
        most = max(votes[c] for c in continuing)
        won = [c for c in continuing if 2 * votes[c] > sum(votes)] or (continuing if len(continuing) == 1 else [])
        sheet.write(
            action,
            votes,
            exhausted=exhausted,
            quota=sum(votes) // 2 + 1,
            elected=sheet.names(won),
            excluded=sheet.names(leaving),
        )
        if won:
            return
        leaving = _leaving(votes, continuing, history if by_history else [], sheet, most)
        history.append(votes)
        for c in leaving:
            continuing.remove(c)
        action = f"{sheet.listed(leaving)} excluded"


def _votes(papers: dict[tuple[int, ...], int], continuing: list[int], size: int) -> tuple[list[int], int]:
    votes, exhausted = [0] * size, 0
    for ranking, number in papers.items():
        for c in ranking:
            if c in continuing:
                votes[c] += number
                break
        else:
            exhausted += number
    return votes, exhausted


def _leaving(votes: list[int], continuing: list[int], history: list[list[int]], sheet: Sheet, most: int) -> list[int]:
    fewest = min(votes[c] for c in continuing)
    lowest = [c for c in continuing if votes[c] == fewest]
    if fewest < most and len(lowest) > 1:
        above = min(votes[c] for c in continuing if votes[c] > fewest)
        if len(lowest) * fewest < above:
            return lowest
    left = narrowed(lowest, history, min)
    if len(left) == 1:
        if len(lowest) > 1:
            sheet.notes.append(f"tie of {sheet.listed(lowest)}: an earlier stage points to {sheet.listed(left)}")
        return left
    if len(continuing) == 2:
        # Between the last two the tie is for the seat itself, and a re-ballot can decide it.
        (winner,) = sheet.draw(left, 1, "election")
        return [c for c in continuing if c != winner]
    return sheet.draw(left, 1, "exclusion")
