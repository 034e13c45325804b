"""Ballots: what opening freezes, what is refused, what a count decides (rules 1, 2, 3, 4, 9, 10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.congress.domain.house import House, statute

from lustrum.errors import BadInput, Refused


def test_rule_10_a_motion_passes_by_a_certified_count_alone(house: House) -> None:
    """Rule 10: neither closing nor counting changes the motion."""
    motion = house.debated()
    b = house.congress.ballots
    ballot = b.prepare(motion=motion)
    b.open(ballot)
    for member in house.members[:6]:
        b.cast(ballot, member, "yes")
    for member in house.members[6:]:
        b.cast(ballot, member, "no")
    assert b.close(ballot) == 9
    assert house.status(motion) == "voting"
    assert b.count(ballot)["outcome"] == "adopted"
    assert house.status(motion) == "voting"
    b.certify(ballot, "returning officer")
    assert house.status(motion) == "adopted"


def test_rule_1_opening_freezes_question_options_roll_rule_and_method(house: House) -> None:
    """Rule 1."""
    motion = house.debated()
    ballot = house.congress.ballots.prepare(motion=motion, question="Shall it be?")
    frozen = house.congress.ballots.open(ballot)
    assert frozen["question"] == "Shall it be?" and frozen["options"] == ["yes", "no", "abstain"]
    assert frozen["method"] == "yes-no/1" and frozen["voters"] == 9 and not frozen["secret"]
    before = house.congress.state.ballots[ballot].frozen_hash
    house.congress.credentials.revoke("c9", "left the house")
    house.congress.people.register("Late", person="p10")
    house.congress.credentials.issue("p10", credential="c10")
    house.congress.credentials.accredit("c10")
    house.congress.credentials.arrive("s1", "c10")
    with pytest.raises(Refused, match="not on the roll"):
        house.congress.ballots.cast(ballot, "c10", "yes")
    assert house.congress.state.ballots[ballot].frozen_hash == before
    assert house.congress.state.ballots[ballot].frozen["voters"] == 9


def test_rule_2_a_missed_quorum_is_no_rejection(tmp_path: Path) -> None:
    """Rule 2: and the motion can be taken up again."""
    house = House(tmp_path, 9, here=4)
    motion = house.debated()
    house.vote(motion, 0, 4)
    assert house.status(motion) == "no_quorum"
    house.congress.credentials.arrive("s1", "c5")
    house.congress.motions.resume(motion)
    house.vote(motion, 3, 2)
    assert house.status(motion) == "adopted"


def test_a_quorum_at_the_close_is_of_those_who_voted(tmp_path: Path) -> None:
    house = House(tmp_path, 9, statute(at="closing"))
    motion = house.debated()
    house.vote(motion, 4)
    assert house.status(motion) == "no_quorum"
    other = house.debated()
    house.vote(other, 5)
    assert house.status(other) == "adopted"


@pytest.mark.parametrize(
    ("majority", "yes", "no", "abstain", "outcome"),
    [
        ("num: 1, den: 2, strict: true, base: yes+no", 2, 1, 6, "adopted"),
        ("num: 1, den: 2, strict: true, base: valid", 4, 1, 4, "rejected"),
        ("num: 1, den: 2, strict: true, base: valid", 5, 0, 4, "adopted"),
        ("num: 1, den: 2, strict: true, base: members", 4, 0, 0, "rejected"),
        ("num: 1, den: 2, strict: true, base: members", 5, 0, 0, "adopted"),
        ("num: 2, den: 3, strict: false, base: present", 6, 0, 0, "adopted"),
        ("num: 2, den: 3, strict: true, base: present", 6, 0, 0, "rejected"),
        ("num: 2, den: 3, strict: false, base: cast", 5, 3, 0, "rejected"),
    ],
)
def test_rule_3_thresholds_are_whole_numbers_of_a_named_base(
    tmp_path: Path, majority: str, yes: int, no: int, abstain: int, outcome: str
) -> None:
    """Rule 3."""
    house = House(tmp_path, 9, statute(majority=majority))
    motion = house.debated()
    house.vote(motion, yes, no, abstain)
    assert house.status(motion) == outcome


def test_rule_4_a_tied_motion_fails(house: House) -> None:
    """Rule 4."""
    motion = house.debated()
    ballot = house.vote(motion, 4, 4, 1)
    assert house.status(motion) == "rejected"
    assert house.congress.state.ballots[ballot].result["decision"]["tied"] is True


def test_rule_9_no_result_before_close(house: House) -> None:
    """Rule 9."""
    motion = house.debated()
    ballot = house.congress.ballots.prepare(motion=motion)
    house.congress.ballots.open(ballot)
    house.congress.ballots.cast(ballot, "c1", "yes")
    with pytest.raises(Refused, match="no result before the ballot is closed"):
        house.congress.ballots.count(ballot)
    with pytest.raises(Refused, match="no result before"):
        house.congress.ledger.closed_ballot(ballot)
    assert house.congress.state.ballots[ballot].result == {}


def test_rule_9_open_or_secret_is_fixed_at_opening(tmp_path: Path) -> None:
    """Rule 9: a secret ballot's papers name nobody, and a roll-call that a statute change would open stays closed."""
    house = House(tmp_path, 5, statute(ballot="secret"))
    motion = house.debated()
    ballot = house.vote(motion, 3, 2)
    urn = house.congress.ledger.closed_ballot(ballot)
    assert urn.secret and all(v.voter is None for v in urn.votes)
    assert house.status(motion) == "adopted"


def test_votes_are_refused_before_and_after_the_ballots_time(house: House) -> None:
    motion = house.debated()
    b = house.congress.ballots
    ballot = b.prepare(motion=motion)
    with pytest.raises(Refused):
        b.cast(ballot, "c1", "yes")
    b.open(ballot)
    b.cast(ballot, "c1", "yes")
    b.close(ballot)
    with pytest.raises(Refused):
        b.cast(ballot, "c2", "yes")


def test_a_second_vote_is_refused(house: House) -> None:
    b = house.congress.ballots
    ballot = b.prepare(motion=house.debated())
    b.open(ballot)
    b.cast(ballot, "c1", "yes")
    with pytest.raises(Refused, match="has voted"):
        b.cast(ballot, "c1", "no")
    assert b.close(ballot) == 1


def test_who_is_absent_revoked_or_off_the_roll_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path, 9, here=7)
    b, c = house.congress.ballots, house.congress.credentials
    ballot = b.prepare(motion=house.debated())
    b.open(ballot)
    with pytest.raises(Refused, match="not present"):
        b.cast(ballot, "c8", "yes")
    c.revoke("c7", "an error of accreditation")
    with pytest.raises(Refused, match="revoked"):
        b.cast(ballot, "c7", "yes")
    with pytest.raises(Refused, match="not on the roll"):
        b.cast(ballot, "nobody", "yes")
    c.leave("s1", "c6")
    with pytest.raises(Refused, match="not present"):
        b.cast(ballot, "c6", "yes")
    c.arrive("s1", "c6")
    b.cast(ballot, "c6", "yes")
    assert b.close(ballot) == 1


def test_vote_plus_proxy_on_one_mandate_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path, 9, here=8)
    b, c = house.congress.ballots, house.congress.credentials
    c.give_proxy("s1", "c9", "c1")
    ballot = b.prepare(motion=house.debated())
    assert b.open(ballot)["present"] == 9
    with pytest.raises(Refused, match="one mandate has one vote"):
        b.cast(ballot, "c9", "yes")
    with pytest.raises(Refused, match="holds no proxy"):
        b.cast(ballot, "c8", "yes", by="c1")
    b.cast(ballot, "c9", "yes", by="c1")
    b.cast(ballot, "c1", "no")
    with pytest.raises(Refused, match="has voted"):
        b.cast(ballot, "c9", "yes", by="c1")
    with pytest.raises(Refused, match="proxies do not change while a ballot is open"):
        c.withdraw_proxy("s1", "c9")
    assert b.close(ballot) == 2


def test_proxies_only_where_and_as_many_as_the_statute_allows(tmp_path: Path, house: House) -> None:
    (tmp_path / "none").mkdir()
    without = House(tmp_path / "none", 5, statute(proxies=0))
    with pytest.raises(Refused, match="allows no proxies"):
        without.congress.credentials.give_proxy("s1", "c1", "c2")
    c = house.congress.credentials
    c.give_proxy("s1", "c9", "c1")
    with pytest.raises(Refused, match="as many proxies"):
        c.give_proxy("s1", "c8", "c1")
    with pytest.raises(Refused, match="not passed on"):
        c.give_proxy("s1", "c1", "c2")
    with pytest.raises(Refused, match="their own proxy"):
        c.give_proxy("s1", "c3", "c3")


def test_an_invalid_ranking_is_refused_and_a_blank_one_is_counted_as_such(house: House) -> None:
    c = house.congress
    election = c.elections.call("s1", "committee")
    c.elections.nominate(election, *(f"p{k}" for k in range(1, 7)), by="c1")
    c.elections.close_nominations(election)
    ballot = c.ballots.prepare(election=election)
    c.ballots.open(ballot)
    for wrong in (["p1", "p1"], ["p1", "p9"], [["p1", "p2"], ["p3"]], [[], ["p1"]]):
        with pytest.raises(Refused, match="would be invalid"):
            c.ballots.cast(ballot, "c1", wrong)
    with pytest.raises(BadInput):
        c.ballots.cast(ballot, "c1", 7)
    c.ballots.cast(ballot, "c1", [])
    c.ballots.cast(ballot, "c2", ["p2", "p1"])
    c.ballots.close(ballot)
    assert c.ballots.count(ballot)["count"]["invalid"] == {"blank": 1}


def test_closing_twice_and_reopening_are_refused(house: House) -> None:
    b = house.congress.ballots
    motion = house.debated()
    ballot = b.prepare(motion=motion)
    b.open(ballot)
    b.close(ballot)
    with pytest.raises(Refused):
        b.close(ballot)
    with pytest.raises(Refused, match="cannot open"):
        b.open(ballot)
    with pytest.raises(Refused, match="cannot be certified"):
        b.certify(ballot, "officer")
    b.count(ballot)
    b.certify(ballot, "officer")
    with pytest.raises(Refused):
        b.certify(ballot, "officer")
    with pytest.raises(Refused, match="certified count stands"):
        b.void(ballot, "regret")


def test_a_void_ballot_leaves_its_motion_to_another_one(house: House) -> None:
    motion = house.debated()
    ballot = house.vote(motion, 1, 8, certify=False)
    house.congress.ballots.void(ballot, "the microphone failed")
    assert house.status(motion) == "debate"
    open_one = house.congress.ballots.prepare(motion=motion)
    house.congress.ballots.open(open_one)
    house.congress.ballots.cast(open_one, "c1", "yes")
    house.congress.ballots.void(open_one, "power cut")
    with pytest.raises(Refused):
        house.congress.ballots.cast(open_one, "c2", "yes")
    house.vote(motion, 8, 1)
    assert house.status(motion) == "adopted"
    assert [house.congress.state.ballots[b].status for b in house.congress.state.motions[motion].ballots] == [
        "void",
        "void",
        "certified",
    ]


def test_a_motion_is_voted_only_after_debate_and_by_movers_with_supporters(tmp_path: Path) -> None:
    house = House(tmp_path, 5, statute(supporters=2))
    m = house.congress.motions
    motion = m.draft("s1", "Lonely", proposer="c1", supporters=["c2", "c1"])
    with pytest.raises(Refused, match="too few supporters"):
        m.submit(motion)
    stranger = m.draft("s1", "From outside", proposer="c99")
    with pytest.raises(Refused, match="may not move"):
        m.submit(stranger)
    good = m.draft("s1", "Supported", proposer="c1", supporters=["c2", "c3"])
    m.submit(good)
    ballot = house.congress.ballots.prepare(motion=good)
    with pytest.raises(Refused, match="cannot be put to a vote"):
        house.congress.ballots.open(ballot)
