"""Verify: every tampering that the domain can tell, done with SQL or by the holder of the key on a copy of a ledger."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.congress.domain.house import House
from tests.congress.ledger.tampering import closed_ballots

from lustrum.congress.assembly import Congress
from lustrum.congress.ledger import Ledger, SigningKey, export_record, import_record
from lustrum.congress.proof import verify

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with a motion, a secret election, a task with a changed target, and a closed session."""
    house = House(tmp_path_factory.mktemp("played"))
    c = house.congress
    house.vote(house.debated(), 6, 3)
    house.elect_committee()
    c.bodies.found("The works", body="works")
    task = c.tasks.propose("Steel", indicator="output", targets={2026: 10.0}, task="steel")
    c.tasks.entrust(task, "works")
    c.tasks.accept(task, by="p1")
    c.tasks.set_target(task, 2026, 9.0, reason="less ore")
    c.motions.withdraw(c.motions.draft("s1", "Withdrawn", proposer="c2"))
    c.reverse(c.ledger.head.height, "by mistake")
    c.sessions.close("s1")
    c.close()
    return house


@pytest.fixture
def copy(played: House, tmp_path: Path) -> Path:
    """A copy of its ledger file."""
    path = tmp_path / "copy.congress"
    shutil.copy(played.path, path)
    return path


def rewritten(played: House, path: Path, change: Change, extra: list[tuple[str, Any]] = []) -> Path:  # noqa: B006
    """The deed of whoever holds the key: the whole ledger again, signed, with events changed or added."""
    with Ledger.open(played.path) as old:
        events = list(old.events())
        urns = {u.ballot: u for u in closed_ballots(old)}
    times = iter([e.time for e in events])
    from datetime import datetime

    def clock() -> datetime:
        return datetime.fromisoformat(next(times, events[-1].time))

    with Ledger.create(path, played.key, events[0].data["about"], clock) as new:
        for event in events[1:]:
            data = json.loads(json.dumps(event.data))
            box = {"kind": event.kind, "data": data}
            change(box)
            with new.writing() as tx:
                if event.kind == "urn.opened/1":
                    tx.open_ballot(data["ballot"], secret=data["secret"], roll=data["roll"])
                elif event.kind == "urn.closed/1":
                    pass
                elif event.kind != "urn.cast/1" and box["kind"]:
                    if event.kind == "ballot.closed/1":
                        pass
                    tx.append(box["kind"], box["data"])
            if event.kind == "urn.opened/1":
                for voter, vote in zip(urns[data["ballot"]].voters, urns[data["ballot"]].votes, strict=True):
                    new.cast(data["ballot"], voter, vote.paper)
                with new.writing() as tx:
                    tx.close_ballot(data["ballot"])
        for kind, data in extra:
            with new.writing() as tx:
                tx.append(kind, data)
    return path


def problems(path: Path, **more: Any) -> str:
    """What verify finds, as text."""
    return "\n".join(str(p) for p in verify(path, **more))


def changed(kind: str, edit: Change) -> Change:
    """An edit of the data of the first event of a kind."""
    seen: list[bool] = []

    def change(box: dict[str, Any]) -> None:
        if box["kind"] == kind and not seen:
            seen.append(True)
            edit(box["data"])

    return change


def test_a_ledger_that_was_kept_well_has_no_problem(played: House) -> None:
    with Congress.open(played.path) as c:
        anchor = str(c.ledger.head.anchor)
    assert verify(played.path) == []
    assert verify(played.path, anchor, played.key.public) == []


def test_the_same_ledger_written_again_is_told_by_the_anchor_alone(played: House, tmp_path: Path) -> None:
    """The whole rewritten."""
    with Congress.open(played.path) as c:
        anchor = str(c.ledger.head.anchor)
    again = rewritten(played, tmp_path / "again", lambda box: None)
    assert problems(again) == ""
    assert problems(again, anchor=anchor)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            'UPDATE congress_event SET body = replace(body, \'"num":1,"strict":true\', \'"num":0,"strict":true\') '
            "WHERE body LIKE '%ballot.opened/1%'",
            "event",
        ),
        ("UPDATE congress_event SET body = replace(body, '9.0', '7.0') WHERE body LIKE '%target.set/1%'", ""),
        ("DELETE FROM congress_event WHERE body LIKE '%target.set/1%'", "event"),
        ("INSERT INTO congress_roll SELECT ballot, 'c99', weight, receipt FROM congress_roll LIMIT 1", "roll"),
        ("UPDATE congress_roll SET weight = 5 WHERE voter = 'c1'", "roll"),
        ("INSERT INTO congress_urn SELECT ballot, 99, paper FROM congress_urn WHERE number = 1", "paper|urn|ballot"),
        ("UPDATE congress_urn SET paper = '[[\"p5\"]]' WHERE number = 3", "paper|urn|digest"),
    ],
)
def test_a_row_changed_by_sql_is_told(copy: Path, sql: str, told: str) -> None:
    """Rule, target, roll, urn: edited in the file by someone without the key."""
    db = sqlite3.connect(copy)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    body = db.execute("SELECT count(*) FROM congress_event").fetchone()
    if "9.0" in sql:
        sql = sql.replace("9.0", '"value":9').replace("7.0", '"value":7')
    changes = db.execute(sql).rowcount
    db.commit()
    db.close()
    assert body and changes > 0
    import re

    found = problems(copy)
    assert found and re.search(told, found)


def test_a_rule_changed_after_opening_is_told(played: House, tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["frozen"]["rule"]["majority"]["num"] = 0

    again = rewritten(played, tmp_path / "again", changed("ballot.opened/1", edit))
    assert "a ballot opens on the terms that hold: rule differs" in problems(again)


def test_a_roll_changed_after_opening_is_told(played: House, tmp_path: Path) -> None:
    def edit(box: dict[str, Any]) -> None:
        if box["kind"] == "urn.opened/1":
            box["data"]["roll"]["c99"] = 1

    assert "another roll than the ballot froze" in problems(rewritten(played, tmp_path / "again", edit))


def test_a_count_that_does_not_reproduce_is_told(played: House, tmp_path: Path) -> None:
    from lustrum.congress.canonical import digest

    def edit(box: dict[str, Any]) -> None:
        data = box["data"]
        if box["kind"] == "ballot.counted/1" and "tally" in data["result"]:
            data["result"]["tally"]["yes"] = 9
            data["result_hash"] = digest(data["result"])
        if box["kind"] == "ballot.certified/1" and data["effects"]["outcome"] == "adopted":
            data["result_hash"] = edit.hash  # type: ignore[attr-defined]
        if box["kind"] == "ballot.counted/1" and "tally" in data["result"]:
            edit.hash = data["result_hash"]  # type: ignore[attr-defined]

    assert "the count does not reproduce" in problems(rewritten(played, tmp_path / "again", edit))


def test_a_target_overwritten_is_told(played: House, tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["version"] = 1

    again = rewritten(played, tmp_path / "again", changed("target.set/1", edit))
    assert "a target is versioned and never overwritten" in problems(again)


def test_declaring_without_a_certified_count_is_told(played: House, tmp_path: Path) -> None:
    uncertified: list[int] = []

    def drop(box: dict[str, Any]) -> None:
        if box["kind"] == "ballot.certified/1" and box["data"]["effects"].get("elected"):
            uncertified.append(1)
            box["kind"] = ""

    found = problems(rewritten(played, tmp_path / "again", drop))
    assert uncertified and "only a certified count makes a mandate" in found


def test_more_ballots_than_voters_is_told(played: House, tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["papers"] = 10

    assert "more ballots than voters" in problems(rewritten(played, tmp_path / "a", changed("ballot.closed/1", edit)))


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("motion.moved/1", {"motion": "motion-1", "step": "withdraw"}, "cannot withdraw"),
        (
            "ballot.certified/1",
            {"ballot": "ballot-1", "result_hash": "sha256:" + "0" * 64, "by": "x", "effects": {}},
            "cannot be certified",
        ),
        (
            "task.judged/1",
            {"task": "steel", "year": 2026, "row": 1, "by": "p1", "verdict": "verified"},
            "latest report",
        ),
        ("step.reversed/1", {"reverses": 3, "reason": "no one was ever registered"}, "rests on it|cannot"),
        ("nonsense/9", {}, "unknown kind of event"),
        ("motion.moved/1", {"motion": "motion-1", "stop": "withdraw"}, "motion.moved/1"),
    ],
)
def test_an_event_that_the_rules_did_not_allow_is_told(
    played: House, copy: Path, kind: str, data: dict[str, Any], told: str
) -> None:
    import re

    with Ledger.open(copy, played.key) as ledger, ledger.writing() as tx:
        tx.append(kind, data)
    assert re.search(told, problems(copy))
    from lustrum.errors import NotVerified

    with Congress.open(copy) as c, pytest.raises(NotVerified, match="the rules did not allow"):
        assert c.state


def test_the_record_travels_as_one_file_and_is_verified_elsewhere(played: House, tmp_path: Path) -> None:
    import_record(export_record(played.path), tmp_path / "elsewhere")
    assert verify(tmp_path / "elsewhere", public_key=played.key.public) == []
    other = SigningKey.generate().public
    assert problems(tmp_path / "elsewhere", public_key=other)
