"""Motions: quorum first, then the majority of whatever base the statute names, in whole numbers."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.congress.voting.tallies import MEMBERS, RULES, TALLIES

from lustrum.congress.voting import BASES, YES_NO, Ballots, DecisionRule, Tally, count, decide, tally_of
from lustrum.errors import BadInput

_WORDS = {"+": "adopted", "-": "rejected", "q": "no_quorum"}


@pytest.mark.parametrize("kind", RULES)
def test_three_kinds_of_statute_decide_the_same_twenty_votes(kind: str) -> None:
    rule = DecisionRule.from_document(RULES[kind])
    assert len(TALLIES) == 20
    for (yes, no, abstain, invalid, present), outcomes in TALLIES:
        tally = Tally(yes, no, abstain, invalid, present, MEMBERS)
        expected = _WORDS[outcomes.split()[list(RULES).index(kind)]]
        assert decide(rule, tally).outcome == expected, f"{kind}: {tally}"


def test_the_base_decides() -> None:
    """40 for, 30 against, 10 abstentions, 5 invalid, 90 present of 100: the bases are 70, 80, 85, 90 and 100."""
    tally = Tally(40, 30, 10, 5, 90, 100)
    found = {
        base: decide(DecisionRule.from_document({"majority": {"num": 1, "den": 2, "base": base}}), tally)
        for base in BASES
    }
    assert {base: (d.of, d.needed) for base, d in found.items()} == {
        "yes+no": (70, 36),
        "valid": (80, 41),
        "cast": (85, 43),
        "present": (90, 46),
        "members": (100, 51),
    }
    assert [base for base, d in found.items() if d.adopted] == ["yes+no"]


def test_a_tie_fails_even_where_at_least_half_is_asked_for() -> None:
    rule = DecisionRule.from_document({"majority": {"num": 1, "den": 2, "strict": False}})
    tied = decide(rule, Tally(10, 10))
    assert (tied.outcome, tied.tied, tied.needed) == ("rejected", True, 11)
    assert decide(rule, Tally(11, 10)).adopted
    assert decide(rule, Tally(0, 0)).outcome == "rejected"


def test_more_than_two_thirds_and_at_least_two_thirds_differ_at_two_thirds() -> None:
    strict = DecisionRule.from_document({"majority": {"num": 2, "den": 3}})
    inclusive = DecisionRule.from_document({"majority": {"num": 2, "den": 3, "strict": False}})
    assert [decide(strict, Tally(*t)).adopted for t in ((20, 10), (21, 10), (21, 9))] == [False, True, True]
    assert [decide(inclusive, Tally(*t)).adopted for t in ((20, 10), (20, 11))] == [True, False]


def test_a_quorum_can_be_of_those_who_vote() -> None:
    rule = DecisionRule.from_document({"quorum": {"num": 1, "den": 4, "base": "members", "counted": "cast"}})
    assert decide(rule, Tally(20, 4, members=100)).outcome == "no_quorum"
    decided = decide(rule, Tally(20, 5, members=100))
    assert (decided.outcome, decided.took_part, decided.quorum, decided.quorum_of) == ("adopted", 25, 25, 100)


def test_papers_are_counted_and_then_decided() -> None:
    papers = Ballots(YES_NO, (((("yes",),), 12), ((("no",),), 7), ((("abstain",),), 3), ((), 1), ((("maybe",),), 2)))
    counted = count("yes-no", papers)
    assert counted.invalid == {"blank": 1, "unknown_option": 2}
    tally = tally_of(counted, present=30, members=40)
    assert (tally.yes, tally.no, tally.abstain, tally.invalid, tally.cast) == (12, 7, 3, 3, 25)
    assert decide(DecisionRule(), tally).adopted
    assert decide(DecisionRule(), tally_of(count("yes-no", Ballots(YES_NO, ())))).outcome == "rejected"


def test_rule_and_decision_are_documents() -> None:
    for document in RULES.values():
        rule = DecisionRule.from_document(document)
        assert DecisionRule.from_document(json.loads(json.dumps(rule.document()))) == rule
    assert json.loads(json.dumps(decide(DecisionRule(), Tally(2, 1)).document()))["outcome"] == "adopted"


@pytest.mark.parametrize(
    ("document", "match"),
    [
        ({"majority": {"num": 0.5, "den": 1}}, "no fraction between 0 and 1"),
        ({"majority": {"num": 3, "den": 2}}, "no fraction between 0 and 1"),
        ({"majority": {"num": 1, "den": 0}}, "no fraction between 0 and 1"),
        ({"majority": {"base": "voters"}}, "word is not known"),
        ({"majority": {"percent": 50}}, "keys are not known"),
        ({"quorum": {"den": 2}}, "a fraction is missing"),
        ({"quorum": {"num": 1, "den": 2, "at": "noon"}}, "word is not known"),
        ({"threshold": 3}, "keys are not known"),
        ({"majority": [1, 2]}, "no set of keys"),
    ],
)
def test_rules_that_say_something_else_are_refused(document: dict[str, object], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        DecisionRule.from_document(document)


def test_tallies_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="no whole number"):
        Tally(1.0, 2)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no whole number"):
        Tally(-1, 2)
    with pytest.raises(BadInput, match="more cast than present"):
        Tally(5, 5, present=9)
    with pytest.raises(BadInput, match="more present than members"):
        Tally(5, 4, present=9, members=8)


def test_a_base_nobody_counted_is_asked_for() -> None:
    with pytest.raises(BadInput, match="does not say how many"):
        decide(DecisionRule.from_document({"majority": {"base": "members"}}), Tally(1, 0))


@given(
    st.tuples(*[st.integers(0, 40)] * 4),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(1, 12).flatmap(lambda den: st.tuples(st.integers(0, den), st.just(den))),
    st.sampled_from(list(BASES)),
    st.booleans(),
)
def test_whole_numbers_decide_as_fractions_would(
    votes: tuple[int, int, int, int], away: int, silent: int, fraction: tuple[int, int], base: str, strict: bool
) -> None:
    cast = sum(votes)
    tally = Tally(*votes, present=cast + silent, members=cast + silent + away)
    num, den = fraction
    rule = DecisionRule.from_document({"majority": {"num": num, "den": den, "base": base, "strict": strict}})
    of = {
        "yes+no": votes[0] + votes[1],
        "valid": cast - votes[3],
        "cast": cast,
        "present": cast + silent,
        "members": cast + silent + away,
    }[base]
    wanted = Fraction(num, den) * of
    carried = (votes[0] > wanted if strict else votes[0] >= wanted) and votes[0] != votes[1]
    assert decide(rule, tally).adopted == carried
