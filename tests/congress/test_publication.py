"""The record as Markdown and as JSON: what happened stands in it, and nothing in it can break it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.congress.house import House, statute

from lustrum.congress.canonical import digest
from lustrum.congress.documents import delete, replace_unit
from lustrum.congress.publication import as_json, as_markdown


def played(house: House) -> House:
    """A house in which a bit of everything happened."""
    c = house.congress
    c.agenda.place("s1", "Report | and more")
    paper = c.documents.file_text("Report", "One.\n\nTwo.\n\nThree.", document="report")
    main = house.debated("Adopt the report", document=paper)
    v = c.documents.version(paper)
    first = house.amended(main, replace_unit(v, "p2", "Twice."))
    second = house.amended(main, delete(v, "p2"))
    c.motions.fix_order(main)
    house.vote(first, 6, 2, 1)
    house.vote(main, 9)
    assert house.status(second) == "moot"
    house.elect_committee()
    c.bodies.found("The works", body="works")
    task = c.tasks.propose("Steel", indicator="output", unit="Mt", targets={2026: 10.0}, task="steel")
    c.tasks.entrust(task, "works")
    c.tasks.accept(task, by="p1")
    c.tasks.begin(task)
    c.tasks.report(task, 2026, 9.0, by="p1")
    c.agenda.open("item-1")
    c.reverse(c.ledger.head.height, "too early")
    c.sessions.close("s1")
    return house


def test_the_record_says_what_happened(house: House) -> None:
    text = as_markdown(played(house).congress, "2026-12-31")
    head = house.congress.ledger.head.anchor
    assert f"`{head}`" in text
    assert "| motion-2 | replace p2 | Member 1 | adopted | 6 | 2 | 1 | 0 | 5 of 8 (yes+no) |" in text
    assert "| motion-3 | delete p2 | Member 1 | moot (motion-2) |" in text
    assert "Order of voting, as logged: motion-2, motion-3, then motion-1 as amended." in text
    assert "Declared elected: Member" in text and "scottish-stv/1" in text
    assert "| votes | stage 1: first preferences |" in text and "| Member 1 (p1) | 2.00000 |" in text
    assert "| steel | Steel | output, Mt | The works | reported | 2026: 10 | 2026: 9 | 90.0 % / 90.0 % |" in text
    assert "| 5 seats" not in text and "5 seats, 0 vacant." in text
    assert "too early" in text and r"Report \| and more" in text
    assert "9 credentials: 9 accredited." in text


def test_the_json_is_json_and_has_the_same_head(house: House) -> None:
    found = as_json(played(house).congress)
    assert found == json.loads(json.dumps(found)) and digest(found)
    assert found["head"]["anchor"] == str(house.congress.ledger.head.anchor)
    assert found["motions"]["motion-1"]["status"] == "adopted"
    assert [u["value"] for u in found["documents"]["report"]["versions"][-1]["units"]] == ["One.", "Twice.", "Three."]
    assert found["execution"][0]["reached"] == 9.0


def test_an_empty_congress_has_a_record_too(tmp_path: Path) -> None:
    from lustrum.congress.assembly import Congress
    from lustrum.congress.ledger import SigningKey

    with Congress.create(tmp_path / "new", SigningKey.generate(), name="New *house*", statute=statute()) as c:
        assert as_markdown(c).startswith("# Record of New \\*house\\*\n")
        assert as_json(c)["ballots"] == {}
