"""Elections drawn at random, the same on every machine and every version of Python, and ways to count them.

Small numbers of voters, so that ties are common.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from random import Random

from lustrum.congress.voting import Ballots, Paper
from lustrum.congress.voting.result import Lots

#: Kind of election -> how many are compared with pref_voting.
COMPARED = {"plurality": 2000, "approval": 2000, "irv": 2000, "schulze": 2000, "schulze-weak": 2000}

#: The same for single transferable votes, which pref_voting counts in floating point: compared where no tie is met.
COMPARED_STV = {"scottish-stv": 500, "meek-stv": 500}


def drawn(kind: str, number: int) -> Ballots:
    """Return one election. Only `Random.random` is used, whose numbers Python promises not to change."""
    random = Random(f"{kind} {number}")

    def below(n: int) -> int:
        return int(random.random() * n)

    def order(options: tuple[str, ...]) -> list[str]:
        left, out = list(options), []
        while left:
            out.append(left.pop(below(len(left))))
        return out

    options = tuple("abcdefg"[: 2 + below(5)])
    papers: list[tuple[Paper, int]] = []
    stv = kind in COMPARED_STV
    for _ in range(6 + below(8) if stv else 1 + below(7)):
        ranking = order(options)
        weight = 1 + below(40 if stv else 4)
        if kind == "plurality":
            paper: Paper = ((ranking[0],),)
        elif kind == "approval":
            paper = (tuple(sorted(ranking[: 1 + below(len(options))])),)
        elif kind == "schulze-weak":
            kept, tiers = ranking[: 1 + below(len(options))], list[tuple[str, ...]]()
            for option in kept:
                if tiers and below(3) == 0:
                    tiers[-1] = tuple(sorted((*tiers[-1], option)))
                else:
                    tiers.append((option,))
            paper = tuple(tiers)
        else:
            paper = tuple((option,) for option in ranking)
        papers.append((paper, weight))
    return Ballots(options, tuple(papers))


def all_drawn(kind: str) -> list[Ballots]:
    """Return every election of a kind."""
    return [drawn(kind, number) for number in range({**COMPARED, **COMPARED_STV}[kind])]


def seats_of(ballots: Ballots) -> int:
    """Return how many seats an election by single transferable vote fills."""
    return 1 + ballots.weight % (len(ballots.options) - 1)


def digest(elections: list[Ballots]) -> str:
    """Return what tells whether these are the elections that answers were recorded for."""
    lines = (json.dumps(ballots.document(), separators=(",", ":")) for ballots in elections)
    return sha256("\n".join(lines).encode()).hexdigest()


class AllLots(Lots):
    """Lots that fall as a script says; `each` walks through every way they can fall."""

    def __init__(self, script: list[int]) -> None:
        super().__init__("every way the lots can fall")
        self.script, self.width = script, list[int]()

    def draw(self, tied: object, places: int, purpose: str) -> tuple[str, ...]:
        """Take the one the script names; only draws of one are walked."""
        options = tuple(tied)  # type: ignore[call-overload]
        assert places == 1
        if len(self.width) == len(self.script):
            self.script.append(0)
        taken = options[self.script[len(self.width)]]
        self.width.append(len(options))
        return (taken,)

    @classmethod
    def each(cls) -> Iterator[AllLots]:
        """Give lots to count with, one after the other, until all ways are walked."""
        script: list[int] = []
        while True:
            lots = cls(script)
            yield lots
            while script and script[-1] + 1 == lots.width[len(script) - 1]:
                script.pop()
            if not script:
                return
            script[-1] += 1
