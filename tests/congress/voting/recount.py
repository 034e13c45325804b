"""Scottish STV once more, for comparison: paper by paper, in fractions, from rules 45 to 52 and not from the package.

Lots fall as the count under comparison recorded them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from lustrum.congress.voting import Ballots


class _Paper:
    def __init__(self, preferences: list[str]) -> None:
        self.preferences, self.value = preferences, Fraction(1)
        self.holder: str | None = preferences[0]

    def pass_on(self, value: Fraction, continuing: set[str]) -> None:
        assert self.holder is not None
        rest = self.preferences[self.preferences.index(self.holder) + 1 :]
        self.value, self.holder = value, next((c for c in rest if c in continuing), None)


def scottish(ballots: Ballots, seats: int, lots: list[tuple[str, ...]]) -> tuple[list[str], list[dict[str, Fraction]]]:
    """Return the elected and the votes after every stage, for strict rankings without faults."""
    papers = [_Paper([tier[0] for tier in ranking]) for ranking, weight in ballots.papers for _ in range(weight)]
    quota = Fraction(floor(Fraction(len(papers), seats + 1)) + 1)
    continuing, elected = set(ballots.options), list[str]()
    credited = {c: Fraction(0) for c in ballots.options}
    waiting: set[str] = set()
    stages: list[dict[str, Fraction]] = []
    falls = iter(lots)

    def end_stage() -> None:
        for c in ballots.options:
            if c not in elected or c in waiting:
                credited[c] = sum((p.value for p in papers if p.holder == c), Fraction(0))
        new = [c for c in continuing if credited[c] >= quota]
        if len(continuing) - len(new) <= seats - len(elected) - len(new):
            new = list(continuing)
        for c in sorted(new, key=lambda c: (-credited[c], ballots.options.index(c))):
            if len(elected) < seats:
                elected.append(c)
                continuing.discard(c)
                if credited[c] > quota:
                    waiting.add(c)
        stages.append(dict(credited))

    end_stage()
    while len(elected) < seats and continuing:
        if waiting:
            most = max(credited[c] for c in waiting)
            c = _one({c for c in waiting if credited[c] == most}, stages[:-1], max, falls)
            waiting.discard(c)
            surplus = credited[c] - quota
            for paper in [p for p in papers if p.holder == c]:
                exact = surplus * paper.value / credited[c]
                paper.pass_on(Fraction(floor(exact * 10**5), 10**5), continuing)
            credited[c] = quota
        else:
            fewest = min(credited[c] for c in continuing)
            c = _one({c for c in continuing if credited[c] == fewest}, stages[:-1], min, falls)
            continuing.discard(c)
            for paper in [p for p in papers if p.holder == c]:
                paper.pass_on(paper.value, continuing)
        end_stage()
    return elected, stages


def _one(
    tied: set[str],
    earlier: list[dict[str, Fraction]],
    extreme: object,
    falls: Iterator[tuple[str, ...]],
) -> str:
    for votes in reversed(earlier):
        end = extreme(votes[c] for c in tied)  # type: ignore[operator]
        tied = {c for c in tied if votes[c] == end}
    return tied.pop() if len(tied) == 1 else next(falls)[0]
