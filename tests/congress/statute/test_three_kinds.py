"""Three kinds of statute decide the same 20 ballots, each by its own rules; outcomes worked out by hand."""

from __future__ import annotations

import pytest

from lustrum.congress.statute import Decision, load_statute
from lustrum.congress.voting import DecisionRule, Tally, decide

A, R, N = "adopted", "rejected", "no_quorum"

#: yes, no, abstain, invalid, present, members; by votes cast, by all members, by two thirds of those present.
BALLOTS = [
    ((51, 49, 0, 0, 100, 100), (A, A, R)),
    ((50, 50, 0, 0, 100, 100), (R, R, R)),  # a tie
    ((40, 30, 30, 0, 100, 100), (A, R, R)),
    ((67, 33, 0, 0, 100, 100), (A, A, A)),
    ((66, 34, 0, 0, 100, 100), (A, A, R)),  # one short of two thirds
    ((34, 16, 0, 0, 50, 100), (A, R, A)),  # exactly half present
    ((33, 17, 0, 0, 50, 100), (A, R, R)),
    ((49, 0, 0, 0, 49, 100), (A, R, N)),  # one short of half present
    ((1, 0, 99, 0, 100, 100), (A, R, R)),
    ((0, 0, 100, 0, 100, 100), (R, R, R)),
    ((51, 0, 0, 0, 51, 101), (A, A, A)),
    ((50, 0, 0, 0, 50, 101), (A, R, N)),  # half of 101 is more than 50
    ((2, 1, 0, 0, 3, 3), (A, A, A)),  # exactly two thirds
    ((1, 1, 0, 0, 2, 3), (R, R, R)),
    ((60, 10, 0, 5, 75, 100), (A, A, A)),
    ((50, 10, 0, 15, 75, 100), (A, R, A)),  # exactly half of the members is not more than half
    ((49, 10, 0, 16, 75, 100), (A, R, R)),
    ((0, 10, 0, 0, 10, 100), (R, R, N)),
    ((60, 0, 0, 0, 90, 100), (A, A, A)),  # 30 are present and do not vote
    ((59, 1, 0, 0, 90, 100), (A, A, R)),
]
KINDS = ("votes-cast", "all-members", "two-thirds-present")


def _rule(decision: Decision) -> DecisionRule:
    quorum = decision.quorum.model_dump() | {"at": "opening", "counted": "present"}
    return DecisionRule.from_document({"quorum": quorum, "majority": decision.majority.model_dump()})


@pytest.mark.parametrize(("votes", "outcomes"), BALLOTS, ids=lambda x: "-".join(map(str, x)))
def test_the_same_ballot_under_three_statutes(votes: tuple[int, ...], outcomes: tuple[str, ...]) -> None:
    yes, no, abstain, invalid, present, members = votes
    tally = Tally(yes, no, abstain, invalid, present, members)
    rules = [_rule(load_statute(kind).rules.decisions["motion"]) for kind in KINDS]
    assert tuple(decide(rule, tally).outcome for rule in rules) == outcomes
