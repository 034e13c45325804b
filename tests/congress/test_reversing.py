"""A step back is a reversing event, until something rests on it or is certified. Nothing reopens a closed ballot."""

from __future__ import annotations

import pytest
from tests.congress.house import House

from lustrum.congress.assembly import Congress
from lustrum.errors import Refused


def last(house: House) -> int:
    """Height of the last event."""
    return house.congress.ledger.head.height


def test_a_step_back_is_recorded_and_leaves_the_state_as_if_it_had_not_been(house: House) -> None:
    c = house.congress
    motion = house.debated()
    c.motions.withdraw(motion)
    height = last(house)
    c.reverse(height, "withdrawn by mistake")
    assert house.status(motion) == "debate"
    assert c.ledger.head.height == height + 1
    house.vote(motion, 9)
    assert house.status(motion) == "adopted"
    with Congress.open(house.path) as again:
        assert again.state.motions[motion].status == "adopted"


def test_what_a_later_step_rests_on_is_taken_back_after_it(house: House) -> None:
    c = house.congress
    item = c.agenda.place("s1", "Elections")
    placed = last(house)
    c.agenda.open(item)
    opened = last(house)
    with pytest.raises(Refused, match="a later step rests on it"):
        c.reverse(placed, "wrong item")
    c.reverse(opened, "too early")
    c.reverse(placed, "wrong item")
    assert item not in c.state.items
    assert c.agenda.place("s1", "Elections") != item


def test_nothing_reopens_a_ballot_and_a_certified_count_stands(house: House) -> None:
    motion = house.debated()
    admitted = last(house) - 1
    house.vote(motion, 9)
    c = house.congress
    for event in c.ledger.events(0):
        if event.kind.startswith(("ballot.", "urn.", "ledger.")) and event.kind != "ballot.drafted/1":
            with pytest.raises(Refused):
                c.reverse(event.height, "regret")
    with pytest.raises(Refused, match="a later step rests on it"):
        c.reverse(admitted, "regret")
    assert house.status(motion) == "adopted"


def test_a_credential_on_a_frozen_roll_stays_there(house: House) -> None:
    c = house.congress
    accredited = next(e.height for e in c.ledger.events(0) if e.kind == "credential.accredited/1")
    house.vote(house.debated(), 9)
    with pytest.raises(Refused, match="a later step rests on it"):
        c.reverse(accredited, "was never here")
    c.credentials.revoke("c9", "left")
    c.reverse(last(house), "came back")
    assert c.state.credentials["c9"].status == "accredited"


def test_what_stands_for_good(house: House) -> None:
    c = house.congress
    c.credentials.leave("s1", "c3")
    with pytest.raises(Refused, match="append-only"):
        c.reverse(last(house), "did not leave")
    c.motions.withdraw(house.debated())
    withdrawn = last(house)
    c.reverse(withdrawn, "a mistake")
    with pytest.raises(Refused, match="was taken back by event"):
        c.reverse(withdrawn, "again")
    with pytest.raises(Refused, match="do the step again"):
        c.reverse(last(house), "no mistake")
    with pytest.raises(Refused, match="no step of the congress"):
        c.reverse(10_000, "the future")


def test_an_election_can_be_taken_back_before_its_ballot(house: House) -> None:
    c = house.congress
    election = c.elections.call("s1", "committee", seats=1)
    called = last(house)
    c.elections.nominate(election, "p1", "p2", by="floor")
    c.elections.close_nominations(election)
    c.reverse(last(house), "one more name")
    c.elections.nominate(election, "p3", by="floor")
    assert c.elections.close_nominations(election) == ("p1", "p2", "p3")
    with pytest.raises(Refused, match="rests on it"):
        c.reverse(called, "no election")
