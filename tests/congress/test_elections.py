"""Elections: by nested bodies, with quotas, ties, re-ballots, lots; and mandates with terms, vacancies and recall."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.congress.house import House, statute

from lustrum.congress.proof import verify
from lustrum.errors import BadInput, Refused

QUOTA = (
    """    quotas: [{attribute: region, value: north, at_least: 2}, {attribute: region, value: south, at_least: 2}]"""
)


def called(house: House, body: str, people: list[str], session: str = "s1", seats: int | None = None) -> str:
    """An election whose nominations are closed."""
    e = house.congress.elections
    election = e.call(session, body, seats=seats)
    e.nominate(election, *people, by="the floor")
    e.close_nominations(election)
    return election


def plenary(house: House) -> tuple[str, list[str]]:
    """The first plenary of an elected committee: its session, open, and the credentials of its members."""
    house.elect_committee()
    c = house.congress
    session = c.sessions.convene("First plenary", "2026-03-03", body="committee", session="plenary")
    credentials = c.credentials.issue_members("committee")
    c.sessions.accredit(session)
    c.credentials.arrive(session, *credentials)
    c.sessions.open(session)
    return session, credentials


def test_a_congress_elects_a_committee_whose_plenary_elects_organs_and_an_office(house: House) -> None:
    session, members = plenary(house)
    c = house.congress
    bureau = called(house, "bureau", ["p1", "p2", "p3", "p4"], session)
    house.ballot({key: ["p1", "p2", "p3"] for key in members}, election=bureau)
    made = c.elections.declare(bureau)
    c.mandates.begin_all("bureau")
    assert sorted(made) == ["p1", "p2", "p3"]
    chair = called(house, "chair", ["p1", "p2", "p3"], session)
    house.ballot(dict(zip(members, ["p1", "p1", "p2", "p2", "p3"], strict=True)), election=chair)
    election = c.state.elections[chair]
    assert election.status == "reballot" and election.contest == ("p1", "p2") and election.elected == []
    recorded = c.state.ballots[election.ballots[0]].result["count"]
    assert recorded["elected"] == [] and [s["elected"] for s in recorded["stages"]] == [[]]
    with pytest.raises(Refused, match="only a certified count makes a mandate"):
        c.elections.declare(chair)
    house.ballot(dict(zip(members, ["p1", "p2", "p2", "p2", "p1"], strict=True)), election=chair)
    (mandate,) = c.elections.declare(chair).values()
    c.mandates.begin(mandate)
    seat = c.state.mandates[mandate]
    assert (seat.person, seat.body, seat.election, seat.until) == ("p2", "chair", chair, "2028-03-02")
    assert c.state.ballots[seat.ballot].round == 2
    assert [m.person for m in c.mandates.of("bureau")] == ["p1", "p2", "p3"]


def test_rule_10_declaring_without_a_certified_count_is_refused(house: House) -> None:
    """Rule 10."""
    election = called(house, "committee", [f"p{k}" for k in range(1, 7)])
    ballot = house.ballot(
        {key: ["p1", "p2", "p3", "p4", "p5"] for key in house.members}, certify=False, election=election
    )
    with pytest.raises(Refused, match="only a certified count makes a mandate"):
        house.congress.elections.declare(election)
    assert house.congress.state.mandates == {}
    house.congress.ballots.certify(ballot, "officer")
    assert len(house.congress.elections.declare(election)) == 5
    assert {m.status for m in house.congress.state.mandates.values()} == {"elected"}


def test_rule_4_an_election_tie_goes_to_a_reballot_among_the_tied_then_to_a_recorded_lot(house: House) -> None:
    """Rule 4: never silently; and the lot is drawn once, from a seed that is named."""
    session, members = plenary(house)
    c = house.congress
    audit = called(house, "audit", ["p3", "p4", "p5"], session, seats=1)
    first = house.ballot(
        dict(zip(members, [["p3"], ["p3"], ["p4"], ["p4"], ["p5"]], strict=True)), certify=False, election=audit
    )
    with pytest.raises(Refused, match="re-ballot among the tied before it goes to a lot"):
        c.ballots.draw_lot(first, "42", "the gazette")
    effects = c.ballots.certify(first, "officer")
    assert effects["outcome"] == "reballot" and effects["contest"] == ["p3", "p4"] and effects["places"] == 1
    second = house.ballot(
        dict(zip(members, [["p3"], ["p3"], ["p4"], ["p4"], []], strict=True)), certify=False, election=audit
    )
    with pytest.raises(Refused, match="stands still at a tie"):
        c.ballots.certify(second, "officer")
    with pytest.raises(BadInput, match="published seed"):
        c.ballots.draw_lot(second, "closing figures 1234", "")
    result = c.ballots.draw_lot(second, "closing figures 1234", "the exchange of 3 March")
    with pytest.raises(Refused, match="lot of this ballot is drawn"):
        c.ballots.draw_lot(second, "another", "the exchange of 4 March")
    (lot,) = result["count"]["lots"]
    assert lot["seed"] == "closing figures 1234" and sorted(d["option"] for d in lot["digests"]) == ["p3", "p4"]
    c.ballots.certify(second, "officer")
    assert list(c.elections.declare(audit)) == lot["drawn"]


def test_an_office_without_a_majority_after_the_last_reballot_is_given_to_nobody_or_by_lot(house: House) -> None:
    session, members = plenary(house)
    c = house.congress
    chair = called(house, "chair", ["p1", "p2", "p3"], session)
    split = dict(zip(members, ["p1", "p1", "p2", "p2", []], strict=True))
    for _ in range(2):
        house.ballot(split, election=chair)
        assert c.state.elections[chair].status == "reballot"
    last = house.ballot(split, certify=False, election=chair)
    assert c.state.ballots[last].round == 3
    c.ballots.draw_lot(last, "seed", "a named lottery")
    assert c.ballots.certify(last, "officer")["outcome"] == "elected"
    assert next(iter(c.elections.declare(chair))) in ("p1", "p2")


def test_quotas_of_the_statute_hold_in_the_count(tmp_path: Path) -> None:
    house = House(tmp_path, 9, statute(quotas=QUOTA))
    north = ["p1", "p3", "p5", "p7"]
    e = house.congress.elections
    short = e.call("s1", "committee")
    e.nominate(short, *north, "p2", by="floor")
    with pytest.raises(BadInput, match="no set of candidates satisfies all constraints"):
        e.close_nominations(short)
    election = called(house, "committee", [*north, "p2", "p4", "p6"])
    house.ballot({key: ["p1", "p3", "p5", "p7", "p2", "p4", "p6"] for key in house.members}, election=election)
    elected = house.congress.state.elections[election].elected
    assert sorted(elected) == ["p1", "p2", "p3", "p4", "p5"]


def test_incompatible_seats_are_not_held_together(house: House) -> None:
    session, members = plenary(house)
    c = house.congress
    for body, people in (("bureau", ["p1", "p2", "p3"]), ("audit", ["p3", "p4"])):
        election = called(house, body, people, session)
        house.ballot(dict.fromkeys(members, people), election=election)
        made = c.elections.declare(election)
    c.mandates.begin_all("bureau")
    with pytest.raises(Refused, match="incompatible"):
        c.mandates.begin(made["p3"])
    c.mandates.begin(made["p4"])
    c.mandates.resign(next(m.id for m in c.mandates.of("bureau") if m.person == "p3"))
    c.mandates.begin(made["p3"])
    assert c.mandates.vacancies("bureau") == 1 and c.mandates.vacancies("audit") == 0


def test_who_may_elect_and_stand_is_the_statutes_word(house: House) -> None:
    c = house.congress
    with pytest.raises(Refused, match="house does not elect bureau"):
        c.elections.call("s1", "bureau")
    with pytest.raises(Refused, match="fewer seats"):
        c.elections.call("s1", "committee", seats=6)
    election = c.elections.call("s1", "committee", seats=2)
    c.people.register("A stranger", person="stranger")
    with pytest.raises(Refused, match="no member of house"):
        c.elections.nominate(election, "stranger", by="floor")
    c.elections.nominate(election, "p1", "p2", by="floor")
    with pytest.raises(Refused, match="nominated already"):
        c.elections.nominate(election, "p1", by="floor")
    c.elections.withdraw(election, "p2")
    with pytest.raises(Refused, match="fewer candidates than seats"):
        c.elections.close_nominations(election)


def test_mandates_end_by_expiry_resignation_or_recall_and_leave_a_vacancy(house: House) -> None:
    mandates = house.elect_committee()
    c = house.congress
    with pytest.raises(Refused, match="has not expired"):
        c.mandates.expire(mandates[0])
    recall = house.debated("Recall p2", recalls=mandates[1])
    with pytest.raises(Refused, match="does not recall"):
        c.mandates.recall(mandates[1], recall)
    house.vote(recall, 9)
    c.mandates.recall(mandates[1], recall)
    c.mandates.resign(mandates[2], "for reasons of health")
    assert c.mandates.vacancies("committee") == 2
    by_election = called(house, "committee", ["p6", "p7", "p8"], seats=2)
    house.ballot({key: ["p7", "p6", "p8"] for key in house.members}, election=by_election)
    made = c.elections.declare(by_election)
    c.mandates.begin(*made.values())
    house.clock.set("2028-03-02")
    c.mandates.expire(mandates[0])
    ended = {m.id: m.ended for m in c.state.mandates.values() if m.status == "ended"}
    assert ended == {mandates[0]: "expired", mandates[1]: "recalled", mandates[2]: "resigned"}
    with pytest.raises(Refused, match="has no vacancy"):
        extra = called(house, "committee", ["p2", "p3"], seats=2)
        house.ballot({key: ["p2", "p3"] for key in house.members}, election=extra)
        c.mandates.begin(*c.elections.declare(extra).values())


def test_a_mandate_that_ended_votes_no_more(house: House) -> None:
    session, members = plenary(house)
    c = house.congress
    seat = c.state.credentials[members[0]].mandate
    assert seat is not None
    c.mandates.resign(seat)
    motion = c.motions.draft(session, "In the plenary", proposer=members[1])
    c.motions.submit(motion)
    c.motions.admit(motion)
    c.motions.debate(motion)
    ballot = c.ballots.prepare(motion=motion)
    frozen = c.ballots.open(ballot)
    assert (frozen["voters"], frozen["members"]) == (4, 4)
    with pytest.raises(Refused, match="may not vote"):
        c.ballots.cast(ballot, members[0], "yes")


BLT = """3 1
4 1 2 0
3 2 1 0
2 3 0
0
"p1"
"Member 2"
"p3"
"An election counted elsewhere"
"""


def test_ballots_counted_elsewhere_are_an_elections_ballots_and_marked(house: House) -> None:
    c = house.congress
    election = called(house, "committee", ["p1", "p2", "p3"], seats=1)
    ballot = c.ballots.prepare(election=election)
    with pytest.raises(Refused, match="more ballots than voters"):
        c.ballots.import_papers(ballot, BLT, form="blt", source="hall B", voters=8)
    with pytest.raises(BadInput, match="other candidates"):
        c.ballots.import_papers(ballot, BLT.replace('"p3"', '"p9"'), form="blt", source="hall B", voters=9)
    assert c.ballots.import_papers(ballot, BLT, form="blt", source="hall B", voters=9) == 9
    with pytest.raises(Refused):
        c.ballots.cast(ballot, "c1", ["p1"])
    assert c.ballots.count(ballot)["elected"] == ["p1"]
    c.ballots.certify(ballot, "officer")
    imported = c.state.ballots[ballot].imported
    assert imported is not None and imported["source"] == "hall B"
    assert list(c.elections.declare(election)) == ["p1"]
    with pytest.raises(Refused, match="only ballots of an election"):
        c.ballots.import_papers(c.ballots.prepare(motion=house.debated()), BLT, form="blt", source="x", voters=9)


def test_ballots_in_csv_are_read_too(house: House) -> None:
    c = house.congress
    election = called(house, "committee", ["p1", "p2"], seats=1)
    ballot = c.ballots.prepare(election=election)
    text = "weight,p1,p2\n5,2,1\n3,1,\n"
    assert c.ballots.import_papers(ballot, text, form="csv", source="hall C", voters=10) == 8
    assert c.ballots.count(ballot)["elected"] == ["p2"]


NEXT = "    vacancies: next_in_count"


def test_a_vacant_seat_goes_to_the_next_in_the_count_for_the_rest_of_the_term(tmp_path: Path) -> None:
    house = House(tmp_path, 11, statute(quotas=NEXT))
    c = house.congress
    election = called(house, "committee", [f"p{k}" for k in range(1, 8)])
    five = [f"p{k}" for k in range(1, 6)]
    papers = {m: [*five[k % 5 :], *five[: k % 5], "p6"] for k, m in enumerate(house.members)}
    house.ballot(papers | {"c11": ["p6", *five]}, election=election)
    made = c.elections.declare(election)
    c.mandates.begin(*made.values())
    assert sorted(made) == ["p1", "p2", "p3", "p4", "p5"]
    with pytest.raises(Refused, match="leaves no seat"):
        c.mandates.fill(made["p2"])
    house.clock.set("2026-09-01")
    c.mandates.resign(made["p2"])
    mandate = c.mandates.fill(made["p2"])
    with pytest.raises(Refused, match="is filled"):
        c.mandates.fill(made["p2"])
    c.mandates.begin(mandate)
    seat = c.state.mandates[mandate]
    assert (seat.person, seat.follows, seat.until) == ("p6", made["p2"], "2028-03-02")
    assert c.mandates.vacancies("committee") == 0
    assert verify(house.path) == []


def test_other_vacancies_wait_for_a_by_election(house: House) -> None:
    mandate = house.elect_committee()[0]
    house.congress.mandates.resign(mandate)
    with pytest.raises(Refused, match="does not fill seats of committee from the count"):
        house.congress.mandates.fill(mandate)


def test_a_candidate_may_withdraw_between_ballots(house: House) -> None:
    session, members = plenary(house)
    c = house.congress
    chair = called(house, "chair", ["p1", "p2", "p3"], session)
    house.ballot(dict(zip(members, ["p1", "p1", "p2", "p2", "p3"], strict=True)), election=chair)
    c.elections.withdraw(chair, "p2")
    with pytest.raises(Refused, match="fewer candidates than seats"):
        c.elections.withdraw(chair, "p1")
    house.ballot(dict.fromkeys(members, "p1"), election=chair)
    assert list(c.elections.declare(chair)) == ["p1"]


def test_methods_for_lists_elect_no_people(tmp_path: Path) -> None:
    house = House(tmp_path, 5, statute().replace("method: scottish-stv/1", "method: hamilton/1"))
    with pytest.raises(Refused, match="hamilton/1 elects no people"):
        house.congress.elections.call("s1", "committee")


def test_a_secret_ranking_of_many_long_names_finds_room(house: House) -> None:
    c = house.congress
    people = [f"candidate-{k}-of-a-party-with-a-very-long-name-indeed" for k in range(30)]
    c.credentials.issue_delegates({"name": p, "person": p} for p in people)
    election = called(house, "committee", people)
    house.ballot(dict.fromkeys(house.members, people) | {"c1": people[::-1]}, election=election)
    assert c.state.ballots[c.state.elections[election].ballots[0]].result["count"]["valid"] == 9
