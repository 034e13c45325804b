"""Scottish STV: rules 45 to 52 of the Scottish Local Government Elections Order 2007 (SSI 2007/42), stage by stage.

Weighted inclusive Gregory transfers with values to five decimals, the remainder ignored. A vote is 10^5 whole units.
With constraints, doomed candidates leave at once and guarded ones are not excluded (see `constraints`).
"""

from __future__ import annotations

from dataclasses import dataclass

from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.electing import elect_reached
from lustrum.congress.voting.result import Sheet
from lustrum.congress.voting.ties import narrowed

DECIMALS = 5
UNIT = 10**DECIMALS


@dataclass
class _Parcel:
    """Equal papers, which always move together: how many, what each is worth, and the preference it lies at."""

    ranking: tuple[int, ...]
    papers: int
    value: int = UNIT
    position: int = 0


class _Count:
    """The piles of papers and who is still in the count."""

    def __init__(self, papers: dict[tuple[int, ...], int], sheet: Sheet, constraints: Constraints) -> None:
        self.sheet, self.constraints = sheet, constraints
        size = len(sheet.options)
        self.votes = [0] * size
        self.piles: list[list[_Parcel]] = [[] for _ in range(size)]
        self.continuing = list(range(size))
        self.elected: list[int] = []
        self.surpluses: list[int] = []
        self.history: list[list[int]] = []
        self.exhausted = self.lost = 0
        for ranking, weight in papers.items():
            self.piles[ranking[0]].append(_Parcel(ranking, weight))
            self.votes[ranking[0]] += weight * UNIT
        # Rule 46.
        self.quota = (sum(papers.values()) // (sheet.seats + 1) + 1) * UNIT

    @property
    def vacancies(self) -> int:
        return self.sheet.seats - len(self.elected)

    def end_stage(self, action: str, excluded: list[int]) -> None:
        """Elect who has the quota (rule 47), then fill the last vacancies (rule 52), and write the stage."""
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
            if len(self.continuing) <= self.vacancies:
                last = sorted(self.continuing, key=lambda c: -self.votes[c])
                self.continuing.clear()
                self.elected += last
                new += last
        finally:
            # Also where a tie stops the count: the stage is shown as far as it went.
            self.sheet.write(
                action,
                self.votes,
                exhausted=self.exhausted,
                lost=self.lost,
                quota=self.quota,
                elected=self.sheet.names(new),
                excluded=self.sheet.names(excluded),
            )
        self.surpluses += [c for c in new if self.votes[c] > self.quota]
        self.history.append(list(self.votes))

    def broken(self, tied: list[int], purpose: str, *, most: bool) -> list[int]:
        """Return one of the tied: by the most recent stage that differs (rules 49 and 51), else by lot."""
        left = narrowed(tied, self.history, max if most else min)
        if len(left) == 1:
            if len(tied) > 1:
                self.sheet.notes.append(
                    f"tie of {self.sheet.listed(tied)}: an earlier stage points to {self.sheet.listed(left)}"
                )
            return left
        return self.sheet.draw(left, 1, purpose)

    def move(self, parcel: _Parcel, value: int) -> int:
        """Pass a parcel on at a value to its next available preference; return the votes that moved."""
        moved = parcel.papers * value
        parcel.value = value
        for position in range(parcel.position + 1, len(parcel.ranking)):
            receiver = parcel.ranking[position]
            if receiver in self.continuing:
                parcel.position = position
                self.piles[receiver].append(parcel)
                self.votes[receiver] += moved
                return moved
        self.exhausted += moved
        return moved

    def transfer_surplus(self) -> None:
        """Transfer the largest surplus (rules 48 and 49)."""
        most = max(self.votes[c] for c in self.surpluses)
        (c,) = self.broken([c for c in self.surpluses if self.votes[c] == most], "surplus", most=True)
        self.surpluses.remove(c)
        surplus, total = self.votes[c] - self.quota, self.votes[c]
        pile, self.piles[c] = self.piles[c], []
        self.votes[c] = self.quota
        self.lost += surplus - sum(self.move(parcel, surplus * parcel.value // total) for parcel in pile)
        self.end_stage(f"surplus of {self.sheet.options[c]} transferred", [])

    def exclude(self, leaving: list[int], why: str) -> None:
        """Exclude candidates and transfer their papers at the value they came with (rule 50)."""
        for c in leaving:
            self.continuing.remove(c)
        for c in leaving:
            pile, self.piles[c] = self.piles[c], []
            self.votes[c] = 0
            for parcel in pile:
                self.move(parcel, parcel.value)
        self.end_stage(f"{self.sheet.listed(leaving)} excluded{why}", leaving)

    def lowest(self) -> list[int]:
        guarded = self.constraints.guarded(self.elected, self.continuing)
        open_to_exclusion = [c for c in self.continuing if c not in guarded]
        fewest = min(self.votes[c] for c in open_to_exclusion)
        return self.broken([c for c in open_to_exclusion if self.votes[c] == fewest], "exclusion", most=False)


def count_scottish(papers: dict[tuple[int, ...], int], sheet: Sheet, constraints: Constraints) -> None:
    """Count strict rankings, each with its number of papers, onto the sheet."""
    count = _Count(papers, sheet, constraints)
    count.end_stage("first preferences", [])
    while count.vacancies and count.continuing:
        if doomed := constraints.doomed(count.elected, count.continuing):
            count.exclude(doomed, ": could not be elected within the constraints")
        elif count.surpluses:
            count.transfer_surplus()
        else:
            count.exclude(count.lowest(), "")
