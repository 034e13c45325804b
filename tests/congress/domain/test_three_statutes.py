"""Three kinds of statute decide the same twenty ballots: votes cast, all members, two thirds of those present.

A house of 30. Each row: present when voting opened, yes, no, abstain; what each statute makes of it, worked by hand.
"""

from __future__ import annotations

import pytest

from lustrum.congress.counting import result_of
from lustrum.congress.statute import load_statute
from lustrum.congress.voting import YES_NO

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
