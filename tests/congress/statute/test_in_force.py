"""The statute: amended by its own rule, in force at a logged event, never for ballots already open (rule 8)."""

from __future__ import annotations

import pytest
from tests.congress.house import House, statute

from lustrum.congress.statute import StatuteError, parse_statute, replace_article
from lustrum.errors import Refused

STRICTER = statute(majority="num: 2, den: 3, strict: false, base: yes+no")


def amended(house: House, text: str = STRICTER, number: str = "2") -> str:
    """Adopt an article of another statute (one that asks for two thirds); return the motion."""
    main = house.debated("Amend the statute", document="statute")
    v = house.congress.documents.version("statute")
    article = next(a.text for a in parse_statute(text).articles if a.number == number)
    change = house.amended(main, replace_article(v, article))
    house.congress.motions.fix_order(main)
    house.vote(change, 9)
    house.vote(main, 9)
    return main


def test_rule_8_a_change_takes_effect_at_a_logged_event_and_never_for_open_ballots(house: House) -> None:
    """Rule 8."""
    amended(house)
    c = house.congress
    assert c.statutes.rules()["decisions"]["motion"]["majority"]["num"] == 1
    before, after = house.debated("Opened before"), house.debated("Opened after")
    ballot = c.ballots.prepare(motion=before)
    frozen = c.ballots.open(ballot)
    c.statutes.put_in_force()
    assert c.statutes.rules()["decisions"]["motion"]["majority"]["num"] == 2
    for k, member in enumerate(house.members):
        c.ballots.cast(ballot, member, "yes" if k < 5 else "no")
    c.ballots.close(ballot)
    c.ballots.count(ballot)
    c.ballots.certify(ballot, "officer")
    assert c.state.ballots[ballot].frozen["rule"] == frozen["rule"]
    house.vote(after, 5, 4)
    assert (house.status(before), house.status(after)) == ("adopted", "rejected")


def test_versions_are_in_force_or_superseded_and_known_at_any_date(house: House) -> None:
    amended(house)
    c = house.congress
    assert [v.status for v in c.state.documents["statute"].versions] == ["in_force", "adopted"]
    with pytest.raises(Refused, match="cannot take effect"):
        house.clock.set("2026-03-09")
        c.statutes.put_in_force()
        c.statutes.put_in_force()
    assert [v.status for v in c.state.documents["statute"].versions] == ["superseded", "in_force"]
    assert "num: 1, den: 2" in c.statutes.in_force(at="2026-03-08").text
    assert c.statutes.in_force().rules.decisions["motion"].majority.num == 2


def test_a_motion_on_the_statute_is_decided_by_its_own_rule(house: House) -> None:
    m = house.congress.motions
    with pytest.raises(Refused, match="decided by its own rule"):
        m.draft("s1", "By the back door", proposer="c1", document="statute", decision="motion")


def test_a_statute_that_does_not_hold_together_is_not_voted(house: House) -> None:
    main = house.debated("Break the statute", document="statute")
    v = house.congress.documents.version("statute")
    change = house.amended(main, replace_article(v, "## Article 2. Decisions\n\nNone."))
    house.congress.motions.fix_order(main)
    house.vote(change, 9)
    ballot = house.congress.ballots.prepare(motion=main)
    with pytest.raises(StatuteError, match="decisions"):
        house.congress.ballots.open(ballot)
    house.congress.ballots.void(ballot, "nothing to vote on")
    house.congress.motions.withdraw(main)
    with pytest.raises(Refused, match="cannot take effect"):
        house.congress.statutes.put_in_force()


def test_a_body_that_a_new_statute_no_longer_has_is_dissolved_once_it_is_at_rest(house: House) -> None:
    c = house.congress
    without = statute().replace("  chair:\n    {name: Chair", "  speaker:\n    {name: Speaker")
    without = without.replace("bureau, audit, chair]", "bureau, audit, speaker]").replace(
        "[audit, chair]", "[audit, speaker]"
    )
    mandates = house.elect_committee()
    session = c.sessions.convene("Plenary", "2026-03-03", body="committee")
    c.credentials.issue_members("committee")
    election = c.elections.call(session, "chair")
    amended(house, without, "1")
    with pytest.raises(Refused, match="drops bodies that are at work"):
        c.statutes.put_in_force()
    c.reverse(next(e.height for e in c.ledger.events() if e.data.get("election") == election), "no chair any more")
    c.statutes.put_in_force()
    assert c.state.bodies["chair"].dissolved and not c.state.bodies["speaker"].dissolved
    with pytest.raises(Refused, match="does not elect chair"):
        c.elections.call(session, "chair")
    with pytest.raises(Refused, match="is dissolved"):
        c.sessions.convene("Of the chair", "2026-03-03", body="chair")
    assert c.mandates.vacancies("committee") == 0 and len(mandates) == 5
