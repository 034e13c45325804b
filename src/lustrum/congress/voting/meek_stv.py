"""Meek STV: the elected keep the part of each paper that makes up a quota, and the quota falls as papers run out.

Hill, Wichmann and Woodall, "Algorithm 123: Single Transferable Vote by Meek's method", Computer Journal 30 (1987), in
the fixed precision of the Proportional Representation Foundation's reference rule: nine decimals, products rounded up,
a round ends when the surplus is below 0.000001. One vote is 10^9 units, all whole.
"""

from __future__ import annotations

from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.electing import elect_reached
from lustrum.congress.voting.result import Sheet
from lustrum.congress.voting.ties import Unbroken, narrowed

DECIMALS = 9
UNIT = 10**DECIMALS
OMEGA = 1000
"""A surplus below this many units, 0.000001 of a vote, ends the iterations of a round."""


class _Count:
    def __init__(self, papers: dict[tuple[int, ...], int], sheet: Sheet, constraints: Constraints) -> None:
        self.sheet, self.constraints, self.papers = sheet, constraints, papers
        size = len(sheet.options)
        self.keep = [UNIT] * size
        self.votes = [0] * size
        self.continuing = list(range(size))
        self.elected: list[int] = []
        self.history: list[list[int]] = []
        self.exhausted = self.quota = self.surplus = 0

    @property
    def vacancies(self) -> int:
        return self.sheet.seats - len(self.elected)

    def distribute(self) -> None:
        """Share out every paper: each candidate on it keeps a part of what those before let through."""
        self.votes = [0] * len(self.votes)
        self.exhausted = 0
        for ranking, number in self.papers.items():
            left = UNIT
            for c in ranking:
                if keep := self.keep[c]:
                    kept = -(-left * keep // UNIT)
                    self.votes[c] += kept * number
                    left -= kept
                    if not left:
                        break
            self.exhausted += left * number
        self.quota = sum(self.votes) // (self.sheet.seats + 1) + 1

    def iterate(self) -> list[int]:
        """Bring the elected down to the quota; return who was elected on the way, which ends the round."""
        last = None
        while True:
            self.distribute()
            new: list[int] = []
            try:
                elect_reached(
                    self.votes,
                    self.quota,
                    self.continuing,
                    self.elected,
                    self.constraints,
                    lambda level: self.broken(level, "election", most=True),
                    new,
                )
            except Unbroken:
                self.write("a tie stops the count", new, [])
                raise
            self.surplus = max(0, sum(self.votes[c] - self.quota for c in self.elected))
            if new or self.surplus < OMEGA or (last is not None and self.surplus >= last):
                return new
            last = self.surplus
            for c in self.elected:
                kept = -(-self.keep[c] * self.quota // UNIT)
                self.keep[c] = -(-kept * UNIT // self.votes[c])

    def broken(self, tied: list[int], purpose: str, *, most: bool) -> list[int]:
        """Return one of the tied: by the most recent round in which they differ by more than omega, else by lot."""
        left = narrowed(tied, self.history, max if most else min, OMEGA)
        if len(left) == 1:
            if len(tied) > 1:
                self.sheet.notes.append(
                    f"tie of {self.sheet.listed(tied)}: an earlier round points to {self.sheet.listed(left)}"
                )
            return left
        return self.sheet.draw(left, 1, purpose)

    def lowest(self) -> list[int]:
        guarded = self.constraints.guarded(self.elected, self.continuing)
        able = [c for c in self.continuing if c not in guarded]
        fewest = min(self.votes[c] for c in able)
        return self.broken([c for c in able if self.votes[c] <= fewest + self.surplus], "exclusion", most=False)

    def write(self, action: str, new: list[int], excluded: list[int]) -> None:
        self.sheet.write(
            action,
            self.votes,
            exhausted=self.exhausted,
            quota=self.quota,
            elected=self.sheet.names(new),
            excluded=self.sheet.names(excluded),
        )
        self.history.append(list(self.votes))


def count_meek(papers: dict[tuple[int, ...], int], sheet: Sheet, constraints: Constraints) -> None:
    """Count strict rankings, each with its number of papers, onto the sheet. A stage is a round."""
    count = _Count(papers, sheet, constraints)
    while count.vacancies and len(count.continuing) > count.vacancies:
        if doomed := constraints.doomed(count.elected, count.continuing):
            leaving, action = doomed, "excluded: could not be elected within the constraints"
            count.distribute()
        elif new := count.iterate():
            count.write(f"{sheet.listed(new)} reached the quota", new, [])
            continue
        else:
            leaving, action = count.lowest(), "excluded"
        for c in leaving:
            count.continuing.remove(c)
            count.keep[c] = 0
        count.write(f"{sheet.listed(leaving)} {action}", [], leaving)
    if count.vacancies and count.continuing:
        count.distribute()
        rest = sorted(count.continuing, key=lambda c: -count.votes[c])
        count.elected += rest
        count.write("the last vacancies are filled", rest, [])
    sheet.facts["keep"] = {sheet.options[c]: count.keep[c] for c in count.elected}
