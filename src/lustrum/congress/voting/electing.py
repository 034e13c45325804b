"""Electing those who have reached the quota, which both kinds of STV do alike."""

from __future__ import annotations

from collections.abc import Callable

from lustrum.congress.voting.constraints import Constraints


def elect_reached(
    votes: list[int],
    quota: int,
    continuing: list[int],
    elected: list[int],
    constraints: Constraints,
    broken: Callable[[list[int]], list[int]],
    new: list[int],
) -> None:
    """Move the continuing who have the quota to the elected, most votes first.

    Parameters
    ----------
    continuing, elected
        Changed in place.
    new
        Gets the elected, also where `broken` gives up over a tie.
    broken
        Takes those level of whom not all can be elected together within the constraints, and says who is first.
    """
    reached = [c for c in continuing if votes[c] >= quota]
    while reached:
        doomed = constraints.doomed(elected, continuing)
        reached = [c for c in reached if c not in doomed]
        most = max((votes[c] for c in reached), default=0)
        level = [c for c in reached if votes[c] == most]
        rest = [c for c in continuing if c not in level]
        if len(level) > 1 and constraints and not constraints.possible([*elected, *level], rest):
            level = broken(level)
        for c in level:
            reached.remove(c)
            continuing.remove(c)
        elected += level
        new += level
