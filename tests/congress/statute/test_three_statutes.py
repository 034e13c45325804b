"""Three kinds of statute decide the same forty ballots: votes cast, all members, two thirds of those present.

Twenty ballots of a house of 30 are counted on the terms they froze (each row: present when voting opened, yes, no,
abstain); twenty more are decided as tallies. What each statute makes of them is worked by hand.
"""

from __future__ import annotations

import pytest

from lustrum.congress.counting import result_of
from lustrum.congress.statute import Decision, load_statute
from lustrum.congress.voting import YES_NO, DecisionRule, Tally, decide

MEMBERS = 30
A, R, Q = "adopted", "rejected", "no_quorum"
#: votes-cast: more than half of yes and no, no quorum. all-members: more than 15 of 30. two-thirds-present: at least 15
#: present, and yes at least two thirds of them.
ROWS = [
    # present, yes, no, abstain: votes-cast, all-members, two-thirds-present
    (30, 30, 0, 0, A, A, A),
    (30, 20, 10, 0, A, A, A),
    (30, 19, 11, 0, A, A, R),
    (30, 16, 14, 0, A, A, R),
    (30, 15, 15, 0, R, R, R),
    (30, 15, 14, 1, A, R, R),
    (30, 10, 9, 11, A, R, R),
    (30, 1, 0, 29, A, R, R),
    (30, 0, 0, 30, R, R, R),
    (24, 16, 8, 0, A, A, A),
    (24, 15, 9, 0, A, R, R),
    (24, 16, 0, 8, A, A, A),
    (21, 14, 7, 0, A, R, A),
    (21, 13, 0, 8, A, R, R),
    (15, 10, 5, 0, A, R, A),
    (15, 9, 0, 6, A, R, R),
    (15, 15, 0, 0, A, R, A),
    (14, 14, 0, 0, A, R, Q),
    (14, 0, 14, 0, R, R, Q),
    (3, 2, 1, 0, A, R, Q),
]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_the_same_twenty_ballots_are_decided_as_each_statute_says(column: int) -> None:
    name = ("votes-cast", "all-members", "two-thirds-present")[column]
    rule = load_statute(name).rules.decision_rule("motion").model_dump(mode="json")
    assert len(ROWS) == 20
    for present, yes, no, abstain, *expected in ROWS:
        frozen = {
            "options": list(YES_NO),
            "method": rule["method"],
            "rule": rule,
            "present": present,
            "members": MEMBERS,
            "seats": 1,
            "round": 1,
            "constraints": [],
        }
        papers = [([["yes"]], 1)] * yes + [([["no"]], 1)] * no + [([["abstain"]], 1)] * abstain
        found = result_of(frozen, papers)
        assert found["outcome"] == expected[column], (name, present, yes, no, abstain)


#: yes, no, abstain, invalid, present, members; by votes cast, by all members, by two thirds of those present.
BALLOTS = [
    ((51, 49, 0, 0, 100, 100), (A, A, R)),
    ((50, 50, 0, 0, 100, 100), (R, R, R)),  # a tie
    ((40, 30, 30, 0, 100, 100), (A, R, R)),
    ((67, 33, 0, 0, 100, 100), (A, A, A)),
    ((66, 34, 0, 0, 100, 100), (A, A, R)),  # one short of two thirds
    ((34, 16, 0, 0, 50, 100), (A, R, A)),  # exactly half present
    ((33, 17, 0, 0, 50, 100), (A, R, R)),
    ((49, 0, 0, 0, 49, 100), (A, R, Q)),  # one short of half present
    ((1, 0, 99, 0, 100, 100), (A, R, R)),
    ((0, 0, 100, 0, 100, 100), (R, R, R)),
    ((51, 0, 0, 0, 51, 101), (A, A, A)),
    ((50, 0, 0, 0, 50, 101), (A, R, Q)),  # half of 101 is more than 50
    ((2, 1, 0, 0, 3, 3), (A, A, A)),  # exactly two thirds
    ((1, 1, 0, 0, 2, 3), (R, R, R)),
    ((60, 10, 0, 5, 75, 100), (A, A, A)),
    ((50, 10, 0, 15, 75, 100), (A, R, A)),  # exactly half of the members is not more than half
    ((49, 10, 0, 16, 75, 100), (A, R, R)),
    ((0, 10, 0, 0, 10, 100), (R, R, Q)),
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
