"""Short ways to write ballots down in tests: `"3 abc; 2 b"` is three papers a, b, c in this order and two for b alone.

`(ab)` are options that share a rank, `-` is a rank left out.
"""

from __future__ import annotations

import re
from fractions import Fraction

from lustrum.congress.voting import Ballots, Count, Paper, Stage


def ballots(options: str, papers: str) -> Ballots:
    """Return ballots over options of one letter each."""
    rows: list[tuple[Paper, int]] = []
    for row in papers.split(";"):
        weight, _, ranking = row.strip().partition(" ")
        tiers = re.findall(r"\((\w+)\)|(\w)|(-)", ranking)
        rows.append((tuple(tuple(sorted(shared or one)) for shared, one, _ in tiers), int(weight)))
    return Ballots(tuple(options), tuple(rows))


def figures(stage: Stage, count: Count) -> dict[str, Fraction]:
    """Return the votes of a stage by option."""
    return dict(zip(count.options, stage.votes, strict=True))


def seed_that(draws: str, among: str) -> str:
    """Return a seed whose first lot among these options draws this one."""
    from lustrum.congress.voting.result import digest_of

    return next(seed for seed in map(str, range(1000)) if min(among, key=lambda o: digest_of(seed, 1, o)) == draws)
