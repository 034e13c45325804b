"""Ranked papers that move on: Scottish STV, Meek STV, and the instant run-off for one seat.

Scottish STV follows rules 45 to 52 of the Scottish Local Government Elections Order 2007 (SSI 2007/42): weighted
inclusive Gregory transfers with values to five decimals, the remainder ignored.

Meek STV is Hill, Wichmann and Woodall, "Algorithm 123: Single Transferable Vote by Meek's method", Computer Journal 30
(1987), in the fixed precision of the Proportional Representation Foundation's reference rule: nine decimals, products
rounded up, and a round ends when the surplus is below 0.000001. The elected keep the part of each paper that makes up a
quota, and the quota falls as papers run out.

In the instant run-off whoever has fewest votes is excluded, until someone has over half of the votes still in play.
Those with fewest votes are excluded together if all their votes together are fewer than the next candidate's, since
then their order cannot matter.

All three break ties by the most recent stage in which the tied differ, else by lot. With constraints, doomed candidates
are excluded at once and guarded ones are not excluded (see `constraints`).
"""

from __future__ import annotations

from dataclasses import dataclass

from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.result import Sheet, Unbroken

SCOTTISH_DECIMALS = 5
SCOTTISH_UNIT = 10**SCOTTISH_DECIMALS
"""One vote, in the whole units in which Scottish STV counts."""
MEEK_DECIMALS = 9
MEEK_UNIT = 10**MEEK_DECIMALS
"""One vote, in the whole units in which Meek STV counts."""
OMEGA = 1000
"""A surplus below this many units, 0.000001 of a vote, ends the iterations of a round."""

_StrictPapers = dict[tuple[int, ...], int]


class _StvCount:
    """What both kinds of STV keep while they count: who is in, with how many votes, and the stages so far."""

    step = "stage"
    margin = 0
    """Votes that differ by no more than this count as equal when a tie looks back."""

    def __init__(self, sheet: Sheet, constraints: Constraints) -> None:
        self.sheet, self.constraints = sheet, constraints
        self.votes = [0] * len(sheet.options)
        self.continuing = list(range(len(sheet.options)))
        self.elected: list[int] = []
        self.history: list[list[int]] = []
        self.exhausted = self.lost = self.quota = 0

    @property
    def vacancies(self) -> int:
        return self.sheet.seats - len(self.elected)

    def elect_reached(self, new: list[int]) -> None:
        """Move the continuing who have the quota to the elected, most votes first.

        `new` gets the elected, also where a tie stops the count: of those level not all may fit the constraints.
        """
        reached = [c for c in self.continuing if self.votes[c] >= self.quota]
        while reached:
            doomed = self.constraints.doomed(self.elected, self.continuing)
            reached = [c for c in reached if c not in doomed]
            most = max((self.votes[c] for c in reached), default=0)
            level = [c for c in reached if self.votes[c] == most]
            rest = [c for c in self.continuing if c not in level]
            if len(level) > 1 and self.constraints and not self.constraints.possible([*self.elected, *level], rest):
                level = self.first(level, "election", most=True)
            for c in level:
                reached.remove(c)
                self.continuing.remove(c)
            self.elected += level
            new += level

    def elect_rest(self) -> list[int]:
        """Elect all who continue, most votes first."""
        last = sorted(self.continuing, key=lambda c: -self.votes[c])
        self.continuing.clear()
        self.elected += last
        return last

    def first(self, tied: list[int], purpose: str, *, most: bool) -> list[int]:
        """Return one of the tied: by the most recent stage in which they differ, else by lot."""
        left = self.sheet.look_back(tied, self.history, max if most else min, self.margin, self.step)
        return left if len(left) == 1 else self.sheet.draw(left, 1, purpose)

    def lowest(self, margin: int = 0) -> list[int]:
        """Return whom to exclude: of those whom the constraints do not guard, the one with fewest votes."""
        guarded = self.constraints.guarded(self.elected, self.continuing)
        able = [c for c in self.continuing if c not in guarded]
        fewest = min(self.votes[c] for c in able)
        return self.first([c for c in able if self.votes[c] <= fewest + margin], "exclusion", most=False)

    def write(self, action: str, new: list[int], excluded: list[int]) -> None:
        """Write a stage onto the sheet."""
        self.sheet.write(
            action,
            self.votes,
            exhausted=self.exhausted,
            lost=self.lost,
            quota=self.quota,
            elected=self.sheet.names(new),
            excluded=self.sheet.names(excluded),
        )
        self.history.append(list(self.votes))


@dataclass
class _Parcel:
    """Equal papers, which always move together: how many, what each is worth, and the preference it lies at."""

    ranking: tuple[int, ...]
    papers: int
    value: int = SCOTTISH_UNIT
    position: int = 0


class _ScottishCount(_StvCount):
    """The piles of papers and who is still in the count."""

    def __init__(self, papers: _StrictPapers, sheet: Sheet, constraints: Constraints) -> None:
        super().__init__(sheet, constraints)
        self.piles: list[list[_Parcel]] = [[] for _ in self.votes]
        self.surpluses: list[int] = []
        for ranking, weight in papers.items():
            self.piles[ranking[0]].append(_Parcel(ranking, weight))
            self.votes[ranking[0]] += weight * SCOTTISH_UNIT
        # Rule 46.
        self.quota = (sum(papers.values()) // (sheet.seats + 1) + 1) * SCOTTISH_UNIT

    def end_stage(self, action: str, excluded: list[int]) -> None:
        """Elect who has the quota (rule 47), then fill the last vacancies (rule 52), and write the stage."""
        new: list[int] = []
        try:
            self.elect_reached(new)
            if len(self.continuing) <= self.vacancies:
                new += self.elect_rest()
        finally:
            # Also where a tie stops the count: the stage is shown as far as it went.
            self.write(action, new, excluded)
        self.surpluses += [c for c in new if self.votes[c] > self.quota]

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
        (c,) = self.first([c for c in self.surpluses if self.votes[c] == most], "surplus", most=True)
        self.surpluses.remove(c)
        surplus, total = self.votes[c] - self.quota, self.votes[c]
        pile, self.piles[c] = self.piles[c], []
        self.votes[c] = self.quota
        self.lost += surplus - sum(self.move(parcel, surplus * parcel.value // total) for parcel in pile)
        self.end_stage(f"surplus of {self.sheet.options[c]} transferred", [])

    def exclude(self, leaving: list[int], why: str) -> None:
        """Exclude candidates and transfer their papers at the value they came with (rules 50 and 51)."""
        for c in leaving:
            self.continuing.remove(c)
        for c in leaving:
            pile, self.piles[c] = self.piles[c], []
            self.votes[c] = 0
            for parcel in pile:
                self.move(parcel, parcel.value)
        self.end_stage(f"{self.sheet.listed(leaving)} excluded{why}", leaving)


def count_scottish(papers: _StrictPapers, sheet: Sheet, constraints: Constraints) -> None:
    """Count strict rankings, each with its number of papers, onto the sheet."""
    count = _ScottishCount(papers, sheet, constraints)
    count.end_stage("first preferences", [])
    while count.vacancies and count.continuing:
        if doomed := constraints.doomed(count.elected, count.continuing):
            count.exclude(doomed, ": could not be elected within the constraints")
        elif count.surpluses:
            count.transfer_surplus()
        else:
            count.exclude(count.lowest(), "")


class _MeekCount(_StvCount):
    """The part of a vote that each candidate keeps, and what follows from it."""

    step = "round"
    margin = OMEGA

    def __init__(self, papers: _StrictPapers, sheet: Sheet, constraints: Constraints) -> None:
        super().__init__(sheet, constraints)
        self.papers = papers
        self.keep = [MEEK_UNIT] * len(sheet.options)
        self.surplus = 0

    def distribute(self) -> None:
        """Share out every paper: each candidate on it keeps a part of what those before let through."""
        self.votes = [0] * len(self.votes)
        self.exhausted = 0
        for ranking, number in self.papers.items():
            left = MEEK_UNIT
            for c in ranking:
                if keep := self.keep[c]:
                    kept = -(-left * keep // MEEK_UNIT)
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
                self.elect_reached(new)
            except Unbroken:
                self.write("a tie stops the count", new, [])
                raise
            self.surplus = max(0, sum(self.votes[c] - self.quota for c in self.elected))
            if new or self.surplus < OMEGA or (last is not None and self.surplus >= last):
                return new
            last = self.surplus
            for c in self.elected:
                kept = -(-self.keep[c] * self.quota // MEEK_UNIT)
                self.keep[c] = -(-kept * MEEK_UNIT // self.votes[c])


def count_meek(papers: _StrictPapers, sheet: Sheet, constraints: Constraints) -> None:
    """Count strict rankings, each with its number of papers, onto the sheet. A stage is a round."""
    count = _MeekCount(papers, sheet, constraints)
    while count.vacancies and len(count.continuing) > count.vacancies:
        if doomed := constraints.doomed(count.elected, count.continuing):
            leaving, action = doomed, "excluded: could not be elected within the constraints"
            count.distribute()
        elif new := count.iterate():
            count.write(f"{sheet.listed(new)} reached the quota", new, [])
            continue
        else:
            leaving, action = count.lowest(count.surplus), "excluded"
        for c in leaving:
            count.continuing.remove(c)
            count.keep[c] = 0
        count.write(f"{sheet.listed(leaving)} {action}", [], leaving)
    if count.vacancies and count.continuing:
        count.distribute()
        count.write("the last vacancies are filled", count.elect_rest(), [])
    sheet.facts["keep"] = {sheet.options[c]: count.keep[c] for c in count.elected}


def count_irv(papers: _StrictPapers, sheet: Sheet, *, by_history: bool = True) -> None:
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
        votes, exhausted = _first_choices(papers, continuing, len(sheet.options))
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


def _first_choices(papers: _StrictPapers, continuing: list[int], size: int) -> tuple[list[int], int]:
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
    left = sheet.look_back(lowest, history, min)
    if len(left) == 1:
        return left
    if len(continuing) == 2:
        # Between the last two the tie is for the seat itself, and a re-ballot can decide it.
        (winner,) = sheet.draw(left, 1, "election")
        return [c for c in continuing if c != winner]
    return sheet.draw(left, 1, "exclusion")
