"""Credentials, sessions, agenda: their states, and that one act is all or nothing."""

from __future__ import annotations

import pytest
from tests.congress.house import House

from lustrum.congress.assembly import Congress
from lustrum.errors import BadInput, Refused


def test_credentials_are_issued_accredited_revoked(house: House) -> None:
    c = house.congress
    c.people.register("A guest", person="guest")
    credential = c.credentials.issue("guest", delegation="the valley")
    assert c.state.credentials[credential].status == "issued"
    with pytest.raises(Refused, match="cannot be present"):
        c.credentials.arrive("s1", credential)
    c.credentials.accredit(credential)
    with pytest.raises(Refused, match="cannot be accredited"):
        c.credentials.accredit(credential)
    with pytest.raises(Refused, match="already has a credential"):
        c.credentials.issue("guest")
    c.credentials.revoke(credential, "no guest any more")
    with pytest.raises(Refused, match="cannot be revoked"):
        c.credentials.revoke(credential, "again")
    assert c.credentials.issue("guest") != credential


def test_presence_is_append_only(house: House) -> None:
    c = house.congress
    rows = c.state.sessions["s1"].present_rows
    c.credentials.leave("s1", "c1")
    c.credentials.arrive("s1", "c1")
    assert c.state.sessions["s1"].present_rows == rows + 2
    assert "c1" in c.state.sessions["s1"].present


def test_members_of_elected_bodies_need_a_mandate(house: House) -> None:
    house.elect_committee()
    c = house.congress
    with pytest.raises(Refused, match="elected here"):
        c.credentials.issue("p9", body="committee")
    made = c.credentials.issue_members("committee")
    assert len(made) == 5 and c.credentials.issue_members("committee") == []


def test_a_session_walks_through_its_states(house: House) -> None:
    c = house.congress
    with pytest.raises(Refused, match="already has a session"):
        c.sessions.convene("Another", "2026-03-02")
    c.sessions.suspend("s1")
    motion = c.motions.draft("s1", "While suspended", proposer="c1")
    c.motions.submit(motion)
    c.motions.admit(motion)
    with pytest.raises(Refused, match="cannot debate"):
        c.motions.debate(motion)
    c.sessions.resume("s1")
    c.motions.debate(motion)
    ballot = house.vote(motion, 9, certify=False)
    with pytest.raises(Refused, match="unfinished ballot"):
        c.sessions.close("s1")
    c.ballots.certify(ballot, "officer")
    anchor = c.sessions.close("s1")
    assert anchor == str(c.ledger.head.anchor)
    with pytest.raises(Refused, match="cannot resume"):
        c.sessions.resume("s1")


def test_agenda_items_are_planned_open_closed_deferred(house: House) -> None:
    c = house.congress
    first, second = c.agenda.place("s1", "Report"), c.agenda.place("s1", "Plan")
    assert [c.state.items[i].number for i in (first, second)] == [1, 2]
    with pytest.raises(Refused, match="is taken"):
        c.agenda.place("s1", "Again", number=1)
    c.agenda.open(first)
    c.agenda.close(first, "noted")
    c.agenda.defer(second, "to the next session")
    assert [c.state.items[i].status for i in (first, second)] == ["closed", "deferred"]
    with pytest.raises(Refused, match="cannot close"):
        c.agenda.close(second)


def test_an_act_is_kept_whole_or_not_at_all(house: House) -> None:
    c = house.congress
    before = c.ledger.head.height
    with pytest.raises(Refused, match="cannot be accredited"):
        c.credentials.accredit(c.credentials.issue(c.people.register("One more")), "c1")
    assert [x.status for x in c.state.credentials.values()][-1] == "issued"
    assert c.ledger.head.height == before + 2


def test_two_who_act_at_once_see_each_other(house: House) -> None:
    with Congress.open(house.path, house.key, house.clock) as other:
        motion = other.motions.draft("s1", "From another desk", proposer="c2")
        house.congress.motions.submit(motion)
        assert other.state.motions[motion].status == "submitted"
        with pytest.raises(Refused, match="cannot submit"):
            other.motions.submit(motion)


def test_what_is_not_there_is_named_with_the_nearest(house: House) -> None:
    with pytest.raises(BadInput, match="did you mean 'motion-1'"):
        house.debated()
        house.congress.motions.withdraw("motion-2")
    with pytest.raises(BadInput, match="no kind of decision"):
        house.congress.motions.draft("s1", "Odd", proposer="c1", decision="coup")
    with pytest.raises(BadInput, match="person"):
        house.congress.people.register("Bad id", person="no spaces here")
