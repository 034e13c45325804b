"""Amendments: named by hash, voted in a logged order, moot, redrafted; the document is what passed (rules 5 and 6)."""

from __future__ import annotations

import pytest
from tests.congress.house import House

from lustrum.congress.documents import DocumentError, Stale, delete, insert, replace_unit, set_number
from lustrum.errors import BadInput, Refused

TEXT = """# Report

The plan was fulfilled in 4 of 5 years.

Housing lagged behind.

The next plan should begin earlier."""


def report(house: House) -> tuple[str, str]:
    """A report that is before the house, and the motion to adopt it."""
    paper = house.congress.documents.file_text("Report", TEXT, document="report")
    return paper, house.debated("Adopt the report", document=paper)


def test_the_whole_is_exactly_what_the_amendments_that_passed_say(house: House) -> None:
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    better = house.amended(main, replace_unit(v, "p3", "Housing lagged behind by a year."))
    worse = house.amended(main, delete(v, "p4"))
    number = house.amended(main, set_number(v, "p2", (0,), 3))
    added = house.amended(main, insert(v, "p9", "Thanks to all.", after="p4"))
    order = house.congress.motions.fix_order(main)
    assert order == [number, better, worse, added]
    for motion in order:
        house.vote(motion, *((2, 7) if motion == worse else (7, 2)))
    house.vote(main, 9)
    now = house.congress.documents.version(paper)
    assert [u.value for u in now.units] == [
        "# Report",
        "The plan was fulfilled in 3 of 5 years.",
        "Housing lagged behind by a year.",
        "The next plan should begin earlier.",
        "Thanks to all.",
    ]
    assert house.status(worse) == "rejected" and house.status(main) == "adopted"
    assert [c.unit for c in house.congress.documents.redline(paper)] == ["p2", "p3", "p9"]


def test_rule_5_an_amendment_that_names_another_hash_is_refused_and_must_be_rebased(house: House) -> None:
    """Rule 5: refused when moved, when submitted, and when the ballot would open."""
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    wrong = replace_unit(v, "p3", "x").to_json() | {"unit_hash": "sha256:" + "0" * 64}
    with pytest.raises(Stale, match="unit is not what the operation names"):
        house.congress.motions.amend(main, wrong, proposer="c1")
    with pytest.raises(Stale, match="another version"):
        house.congress.motions.amend(
            main, replace_unit(v, "p3", "x").to_json() | {"version": v.units[0].hash}, proposer="c1"
        )
    with pytest.raises(DocumentError):
        house.congress.motions.amend(main, {"op": "patch", "unit": "p3"}, proposer="c1")
    rival = house.debated("Adopt the report too", document=paper)
    change = house.amended(rival, replace_unit(v, "p3", "Housing was late."))
    waiting = house.congress.motions.amend(main, replace_unit(v, "p2", "Fulfilled."), proposer="c2")
    house.congress.motions.fix_order(rival)
    house.vote(change, 9)
    house.vote(rival, 9)
    with pytest.raises(Stale, match="another version"):
        house.congress.motions.submit(waiting)
    ballot = house.congress.ballots.prepare(motion=main)
    with pytest.raises(Refused, match="another version than motion"):
        house.congress.ballots.open(ballot)


def test_rule_6_the_order_is_logged_before_the_first_vote_and_kept(house: House) -> None:
    """Rule 6."""
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    near = house.amended(main, replace_unit(v, "p3", "Housing lagged."), reach=1)
    far = house.amended(main, replace_unit(v, "p3", "Housing failed."), reach=5)
    first = house.amended(main, set_number(v, "p2", (0,), 3))
    ballot = house.congress.ballots.prepare(motion=far)
    with pytest.raises(Refused, match="order of voting is logged before the first vote"):
        house.congress.ballots.open(ballot)
    assert house.congress.motions.fix_order(main) == [first, far, near]
    with pytest.raises(Refused, match="not its turn"):
        house.congress.ballots.open(ballot)
    whole = house.congress.ballots.prepare(motion=main)
    with pytest.raises(Refused, match="to be voted first"):
        house.congress.ballots.open(whole)
    house.vote(first, 9)
    with pytest.raises(Refused, match="has begun"):
        house.congress.motions.amend(main, delete(v, "p4"), proposer="c1")
    with pytest.raises(Refused, match="has begun"):
        house.congress.motions.fix_order(main)


def test_rule_6_one_that_passes_makes_those_that_exclude_it_moot(house: House) -> None:
    """Rule 6: what changes the same unit, what was declared, and what amends something moot."""
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    far = house.amended(main, replace_unit(v, "p3", "Housing failed."), reach=5)
    near = house.amended(main, replace_unit(v, "p3", "Housing lagged."), reach=1)
    apart = house.amended(main, delete(v, "p4"))
    also = house.amended(main, set_number(v, "p2", (0,), 3))
    under = house.amended(
        main, replace_unit(house.congress.motions.draft_text(near), "text", "Housing rose."), amends=near
    )
    order = house.congress.motions.fix_order(main, incompatible=[(far, apart)])
    assert order == [under, also, far, near, apart]
    house.vote(under, 0, 9)
    house.vote(also, 9)
    ballot = house.vote(far, 9)
    assert sorted(house.congress.state.ballots[ballot].frozen["rule"]) == [
        "ballot",
        "majority",
        "method",
        "moved_by",
        "quorum",
        "tie",
    ]
    assert {house.status(near), house.status(apart)} == {"moot"}
    assert house.status(also) == "adopted" and house.status(under) == "rejected"
    house.vote(main, 9)
    assert house.congress.documents.version(paper).unit("p3").value == "Housing failed."


def test_rule_6_amendments_to_amendments_come_first_and_go_one_level_deep(house: House) -> None:
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    m = house.congress.motions
    change = house.amended(main, set_number(v, "p2", (0,), 3))
    lower = house.amended(main, replace_unit(m.draft_text(change), "text", 2), amends=change, reach=2)
    higher = house.amended(main, replace_unit(m.draft_text(change), "text", 5), amends=change, reach=1)
    with pytest.raises((Refused, BadInput), match=r"one level|cannot itself be amended"):
        m.amend(main, replace_unit(m.draft_text(lower), "text", 1), proposer="c1", amends=lower)
    assert m.fix_order(main) == [lower, higher, change]
    house.vote(lower, 9)
    assert house.status(higher) == "moot"
    house.vote(change, 9)
    house.vote(main, 9)
    assert house.congress.documents.version(paper).unit("p2").value == "The plan was fulfilled in 2 of 5 years."


def test_with_a_motion_fall_the_amendments_to_it(house: House) -> None:
    paper, main = report(house)
    v = house.congress.documents.version(paper)
    change = house.amended(main, delete(v, "p4"))
    house.congress.motions.withdraw(main)
    assert (house.status(main), house.status(change)) == ("withdrawn", "moot")


def test_motions_are_referred_adjourned_and_carried_over(house: House) -> None:
    c = house.congress
    first, second = house.debated("To a commission"), house.debated("Later")
    c.motions.refer(first, "to the bureau")
    c.motions.adjourn(second)
    with pytest.raises(Refused, match="cannot withdraw"):
        c.motions.withdraw(first)
    c.sessions.close("s1")
    again = c.sessions.convene("Second session", "2026-04-01")
    c.motions.carry(second, again)
    with pytest.raises(Refused, match="cannot debate"):
        c.motions.resume(second)
    c.sessions.accredit(again)
    c.credentials.arrive(again, *house.members)
    c.sessions.open(again)
    c.motions.resume(second)
    house.vote(second, 9)
    assert house.status(second) == "adopted" and house.status(first) == "referred"


def test_a_document_has_the_version_that_stood_on_a_date(house: House) -> None:
    paper, main = report(house)
    house.clock.set("2026-03-20")
    v = house.congress.documents.version(paper)
    change = house.amended(main, delete(v, "p4"))
    house.congress.motions.fix_order(main)
    house.vote(change, 9)
    house.vote(main, 9)
    assert len(house.congress.documents.version(paper, at="2026-03-02").units) == 4
    assert len(house.congress.documents.version(paper, at="2026-03-20").units) == 3
    with pytest.raises(DocumentError, match="no version stood"):
        house.congress.documents.version(paper, at="2026-03-01")


def test_the_amendments_go_with_a_motion_that_is_carried_over(house: House) -> None:
    c = house.congress
    paper, main = report(house)
    change = house.amended(main, delete(c.documents.version(paper), "p4"))
    c.motions.adjourn(main)
    c.sessions.close("s1")
    again = c.sessions.convene("Second session", "2026-04-01")
    c.motions.carry(main, again)
    c.sessions.accredit(again)
    c.credentials.arrive(again, *house.members)
    c.sessions.open(again)
    c.motions.resume(main)
    c.motions.fix_order(main)
    house.vote(change, 9)
    house.vote(main, 9)
    assert len(c.documents.version(paper).units) == 3
