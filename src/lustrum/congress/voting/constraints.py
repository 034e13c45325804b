"""Constraints on who may be elected together: at least or at most so many of a group.

A set of elected is conforming if it fills every seat and keeps every constraint. A candidate is doomed if no conforming
set holds both that candidate and those already elected, guarded if every one does. See I. D. Hill, "STV with
constraints", Voting matters 9 (1998), which takes up the rules of the Electoral Reform Society.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lustrum.congress.voting.ballots import is_whole
from lustrum.errors import BadInput

_SHAPE = '{"name": "women", "members": ["a", "b"], "at_least": 1} and/or "at_most"'


@dataclass(frozen=True)
class Constraint:
    """At least and at most so many of a group, by position of the options."""

    name: str
    members: frozenset[int]
    at_least: int
    at_most: int


class Constraints:
    """All constraints of one election, asked about sets of candidates by position.

    Raises
    ------
    BadInput
        If a constraint is misshapen, or if no set of the nominated satisfies all of them.
    """

    def __init__(self, options: tuple[str, ...], seats: int, given: Sequence[Mapping[str, Any]]) -> None:
        self.seats = min(seats, len(options))
        self.all = [_constraint(options, self.seats, entry, number) for number, entry in enumerate(given, 1)]
        if not self.possible((), range(len(options))):
            raise BadInput(
                "no set of candidates satisfies all constraints at once",
                where="constraints",
                found="; ".join(f"{c.name}: {c.at_least} to {c.at_most} of {len(c.members)}" for c in self.all),
                mend="nominate more candidates of the groups that must be elected, or relax a constraint",
            )

    def __bool__(self) -> bool:
        return bool(self.all)

    def possible(self, elected: Iterable[int], available: Iterable[int]) -> bool:
        """Return whether the elected can be completed from the available to a conforming set."""
        chosen, left = set(elected), set(available)
        needed = self.seats - len(chosen)
        if needed < 0 or needed > len(left):
            return False
        bounds = []
        for constraint in self.all:
            have = len(chosen & constraint.members)
            bounds.append((constraint.at_least - have, constraint.at_most - have))
        sizes: dict[tuple[bool, ...], int] = {}
        for candidate in left:
            kind = tuple(candidate in constraint.members for constraint in self.all)
            sizes[kind] = sizes.get(kind, 0) + 1
        kinds = sorted(sizes, key=lambda kind: (-sum(kind), kind))
        return _reachable(kinds, [sizes[kind] for kind in kinds], needed, bounds)

    def doomed(self, elected: Sequence[int], continuing: Sequence[int]) -> list[int]:
        """Return the continuing candidates that no conforming set can hold."""
        if not self.all:
            return []
        return [c for c in continuing if not self.possible([*elected, c], [d for d in continuing if d != c])]

    def guarded(self, elected: Sequence[int], continuing: Sequence[int]) -> list[int]:
        """Return the continuing candidates that every conforming set holds."""
        if not self.all:
            return []
        return [c for c in continuing if not self.possible(elected, [d for d in continuing if d != c])]


def _constraint(options: tuple[str, ...], seats: int, entry: object, number: int) -> Constraint:
    where = f"constraint {number}"
    if not isinstance(entry, Mapping) or not {"name", "members"} <= set(entry) <= {
        "name",
        "members",
        "at_least",
        "at_most",
    }:
        raise BadInput("a constraint is misshapen", where=where, found=repr(entry), expected=_SHAPE)
    unknown = [m for m in entry["members"] if m not in options]
    if unknown:
        raise BadInput(
            "a constraint names someone who is not nominated",
            where=where,
            found=", ".join(map(str, unknown)),
            mend="name only options of the ballot",
        )
    low, high = entry.get("at_least", 0), entry.get("at_most", seats)
    if not is_whole(low, 0) or not is_whole(high, 0) or low > high:
        raise BadInput("the bounds of a constraint are no whole numbers in order", where=where, found=f"{low}, {high}")
    return Constraint(str(entry["name"]), frozenset(options.index(m) for m in entry["members"]), low, high)


def _reachable(kinds: list[tuple[bool, ...]], sizes: list[int], needed: int, bounds: list[tuple[int, int]]) -> bool:
    """Whether `needed` candidates can be taken, so many of each kind, with every group between its bounds."""
    members = range(len(bounds))
    # What the kinds from k on could still give to each group.
    rest = [[0] * len(bounds) for _ in range(len(kinds) + 1)]
    free = [0] * (len(kinds) + 1)
    for k in reversed(range(len(kinds))):
        free[k] = free[k + 1] + sizes[k]
        rest[k] = [rest[k + 1][g] + (sizes[k] if kinds[k][g] else 0) for g in members]
    failed: set[tuple[int, int, tuple[int, ...]]] = set()

    def search(k: int, taken: int, counts: tuple[int, ...]) -> bool:
        state = (k, taken, counts)
        if state in failed or taken > needed or taken + free[k] < needed:
            return False
        if any(counts[g] > bounds[g][1] or counts[g] + rest[k][g] < bounds[g][0] for g in members):
            return False
        if k == len(kinds):
            return True
        for n in range(sizes[k], -1, -1):
            if search(k + 1, taken + n, tuple(c + (n if kinds[k][g] else 0) for g, c in enumerate(counts))):
                return True
        failed.add(state)
        return False

    return search(0, 0, (0,) * len(bounds))
