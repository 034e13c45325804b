"""Twenty votes on a motion in a body of 60, with what three kinds of statute make of each, worked by hand.

Columns: yes, no, abstain, invalid, present; then the outcome under

- simple: more yes than no; no quorum (a simple majority of the votes cast for and against);
- absolute: yes from more than half of all 60 members, so at least 31;
- qualified: at least half of the members present (30), and yes from at least two thirds of those present.

`+` adopted, `-` rejected, `q` no quorum.
"""

from __future__ import annotations

MEMBERS = 60

RULES = {
    "simple": {"majority": {"num": 1, "den": 2, "base": "yes+no"}},
    "absolute": {"majority": {"num": 1, "den": 2, "base": "members"}},
    "qualified": {
        "quorum": {"num": 1, "den": 2, "base": "members", "at": "vote"},
        "majority": {"num": 2, "den": 3, "base": "present", "strict": False},
    },
}

#: (yes, no, abstain, invalid, present), then simple, absolute, qualified.
TALLIES = [
    ((60, 0, 0, 0, 60), "+ + +"),
    ((31, 29, 0, 0, 60), "+ + -"),  # 40 of 60 present would be two thirds
    ((30, 30, 0, 0, 60), "- - -"),  # a tie fails
    ((30, 29, 1, 0, 60), "+ - -"),  # 30 is not more than half of 60
    ((40, 20, 0, 0, 60), "+ + +"),  # exactly two thirds is enough
    ((39, 21, 0, 0, 60), "+ + -"),
    ((20, 10, 0, 0, 30), "+ - +"),  # quorum reached exactly; 20 is two thirds of 30
    ((19, 0, 11, 0, 30), "+ - -"),  # abstentions count among those present
    ((20, 9, 0, 0, 29), "+ - q"),  # one short of the quorum
    ((29, 0, 0, 0, 29), "+ - q"),  # unanimous and still no quorum
    ((0, 29, 0, 0, 29), "- - q"),
    ((0, 0, 0, 0, 0), "- - q"),
    ((0, 0, 30, 0, 30), "- - -"),  # nobody for, nobody against: a tie
    ((1, 0, 0, 0, 60), "+ - -"),  # the rest present did not vote
    ((31, 0, 0, 0, 31), "+ + +"),
    ((24, 0, 0, 12, 36), "+ - +"),  # invalid votes are votes of members present: 24 of 36
    ((23, 0, 1, 12, 36), "+ - -"),
    ((15, 15, 10, 5, 50), "- - -"),
    ((34, 16, 0, 0, 51), "+ + +"),  # two thirds of 51 is 34
    ((33, 17, 0, 0, 51), "+ + -"),
]
