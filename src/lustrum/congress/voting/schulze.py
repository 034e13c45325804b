"""The Schulze method with winning votes: the strongest chains of pairwise wins, and the order they make.

M. Schulze, "The Schulze method of voting", arXiv:1804.02973, section 2. A win is stronger the more voters are for it
and, where that is equal, the fewer are against it.
"""

from __future__ import annotations

from lustrum.congress.voting.result import Sheet, Tie, Unbroken

_Strength = tuple[int, int]
_NONE: _Strength = (0, 0)


def count_schulze(papers: dict[tuple[tuple[int, ...], ...], int], sheet: Sheet) -> None:
    """Count rankings, equal ranks and unranked options at the end included, onto the sheet."""
    size = len(sheet.options)
    support = pairwise(papers, size)
    paths = strongest_paths(support)
    beats = [[paths[a][b] > paths[b][a] for b in range(size)] for a in range(size)]
    wins = [sum(row) for row in beats]
    losses = [sum(beats[b][a] for b in range(size)) for a in range(size)]
    seats = min(sheet.seats, size)
    # In however the order is completed: sure of a seat, or without hope of one.
    sure = sorted((c for c in range(size) if size - 1 - wins[c] < seats), key=lambda c: (losses[c], -wins[c], c))
    contested = [c for c in range(size) if c not in sure and losses[c] < seats]
    places = seats - len(sure)
    if places and sheet.lots.seed is not None:
        sure += _completed(contested, beats, places, sheet)
        places = 0
    sheet.ranking = _levels(sheet, beats)
    sheet.facts |= {
        "pairwise": support,
        "paths": [[strength[0] for strength in row] for row in paths],
        "ranking_complete": _is_weak_order(beats),
    }
    sheet.write("options each option comes before", wins, elected=sheet.names(sure))
    if places:
        raise Unbroken(Tie(sheet.names(contested), places, "election"))


def pairwise(papers: dict[tuple[tuple[int, ...], ...], int], size: int) -> list[list[int]]:
    """Return how many papers rank the option of the row before that of the column."""
    support = [[0] * size for _ in range(size)]
    for paper, number in papers.items():
        below = set(range(size))
        for tier in paper:
            below -= set(tier)
            for a in tier:
                for b in below:
                    support[a][b] += number
    return support


def strongest_paths(support: list[list[int]]) -> list[list[_Strength]]:
    """Return the strength of the strongest chain of wins between any two options; (0, 0) where there is none."""
    size = len(support)
    paths = [
        [(support[a][b], -support[b][a]) if support[a][b] > support[b][a] else _NONE for b in range(size)]
        for a in range(size)
    ]
    for via in range(size):
        for a in range(size):
            if a == via or paths[a][via] == _NONE:
                continue
            for b in range(size):
                if b not in (a, via) and paths[via][b] != _NONE:
                    chain = min(paths[a][via], paths[via][b])
                    if paths[a][b] == _NONE or chain > paths[a][b]:
                        paths[a][b] = chain
    return paths


def _completed(contested: list[int], beats: list[list[bool]], places: int, sheet: Sheet) -> list[int]:
    """Fill the last places by lot among those whom no other contestant comes before, one place at a time."""
    left, taken = list(contested), list[int]()
    while len(taken) < places:
        first = [c for c in left if not any(beats[d][c] for d in left)]
        drawn = first if len(first) <= places - len(taken) else sheet.draw(first, places - len(taken), "election")
        taken += drawn
        left = [c for c in left if c not in drawn]
    return taken


def _levels(sheet: Sheet, beats: list[list[bool]]) -> tuple[tuple[str, ...], ...]:
    """Return the order in levels: those whom nobody left comes before, then the same among the rest."""
    left, levels = list(range(len(beats))), list[tuple[str, ...]]()
    while left:
        first = [c for c in left if not any(beats[d][c] for d in left)]
        levels.append(sheet.names(first))
        left = [c for c in left if c not in first]
    return tuple(levels)


def _is_weak_order(beats: list[list[bool]]) -> bool:
    """Whether options that tie tie with the same others, so that the levels say all there is to say."""
    size = range(len(beats))
    level = [[not beats[a][b] and not beats[b][a] for b in size] for a in size]
    return all(level[a][c] for a in size for b in size if level[a][b] for c in size if level[b][c])
