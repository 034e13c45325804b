"""Every change of a ledger's file is found: each deed is done on a copy of a real one, and verified."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import Body, bodies, do, guards_down, rewrite

from lustrum.congress.ledger import (
    ClosedBallot,
    Event,
    Ledger,
    Problem,
    SigningKey,
    canonical,
    digest,
    save_record,
    verify_chain,
)
from lustrum.errors import LedgerError, Refused


def told(path: Path, **asked: Any) -> str:
    return "\n".join(map(str, verify_chain(path, **asked)))


def test_a_ledger_nobody_touched_has_no_problem(ledger_file: Path, key: SigningKey) -> None:
    with Ledger.open(ledger_file) as ledger:
        head = ledger.head
    assert verify_chain(ledger_file, str(head.anchor), key.public, every_signature=True) == []


# --- events -----------------------------------------------------------------------------------------


def test_an_event_that_was_edited(ledger_file: Path) -> None:
    do(ledger_file, """UPDATE congress_event SET body = replace(body, '"den":2', '"den":3') WHERE height = 2""")
    assert verify_chain(ledger_file) == [Problem(2, "its content is not what its hash says")]


def test_an_event_that_was_edited_with_its_hash(ledger_file: Path) -> None:
    event = bodies(ledger_file)[1]
    event["data"]["rule"]["den"] = 3
    with guards_down(ledger_file) as connection:
        row = (canonical(event).decode(), digest(event))
        connection.execute("UPDATE congress_event SET body = ?, hash = ? WHERE height = 2", row)
    assert "event 3: it does not follow the event before it" in told(ledger_file)


def test_an_event_that_was_edited_with_every_hash_after_it(ledger_file: Path) -> None:
    def change(events: list[Body]) -> None:
        events[1]["data"]["rule"]["den"] = 3

    last = len(bodies(ledger_file))
    rewrite(ledger_file, change)
    assert f"event {last}: the head signed here is not this event's hash" in told(ledger_file)
    # and with the heads, but without the key
    do(
        ledger_file,
        "UPDATE congress_head SET hash = (SELECT hash FROM congress_event AS e WHERE e.height = congress_head.height)",
    )
    assert verify_chain(ledger_file) == [Problem(last, "the signature of this head is not by the ledger's key")]


@pytest.mark.parametrize("column", ["hash", "body"])
@pytest.mark.parametrize("height", [1, 2, 7])
def test_any_byte_of_any_event(ledger_file: Path, column: str, height: int) -> None:
    do(
        ledger_file,
        f"UPDATE congress_event SET {column} = substr({column}, 1, 30) || 'x' || substr({column}, 32) "
        f"WHERE height = {height}",
    )
    assert f"event {height}" in told(ledger_file)


def test_an_event_that_was_deleted(ledger_file: Path) -> None:
    do(ledger_file, "DELETE FROM congress_event WHERE height = 2")
    assert "event 3: the event before it is missing" in told(ledger_file)


def test_an_event_that_was_deleted_and_the_gap_closed(ledger_file: Path) -> None:
    do(
        ledger_file,
        "DELETE FROM congress_event WHERE height = 2",
        "UPDATE congress_event SET height = -height WHERE height > 2",
        "UPDATE congress_event SET height = -height - 1 WHERE height < 0",
    )
    assert "event 2: it was written as event 3\nevent 2: it does not follow" in told(ledger_file)


def test_the_first_event_deleted(ledger_file: Path) -> None:
    do(ledger_file, "DELETE FROM congress_event WHERE height = 1")
    assert told(ledger_file) == "event 1: the first event is not one this version reads: motion.submitted/1"


def test_events_that_were_reordered(ledger_file: Path) -> None:
    do(
        ledger_file,
        "UPDATE congress_event SET height = -2 WHERE height = 2",
        "UPDATE congress_event SET height = 2 WHERE height = 4",
        "UPDATE congress_event SET height = 4 WHERE height = -2",
    )
    assert "event 2: it was written as event 4" in told(ledger_file)


def test_an_event_that_was_inserted(ledger_file: Path) -> None:
    def change(events: list[Body]) -> None:
        events.insert(2, {**events[1], "data": {"motion": "M0"}})

    rewrite(ledger_file, change)
    assert "head signed here is not this event's hash" in told(ledger_file)
    assert "are not signed" in told(ledger_file)


def test_an_event_added_at_the_end_without_the_key(ledger_file: Path) -> None:
    last = len(bodies(ledger_file))
    rewrite(ledger_file, lambda events: events.append({**events[1]}))
    assert verify_chain(ledger_file) == [Problem(last + 1, f"events after {last} are not signed")]


def test_a_tail_that_was_cut_shows_against_an_anchor(ledger_file: Path) -> None:
    with Ledger.open(ledger_file) as ledger:
        anchor, last = str(ledger.head.anchor), ledger.head.height
    do(
        ledger_file,
        f"DELETE FROM congress_event WHERE height = {last}",
        f"DELETE FROM congress_head WHERE height = {last}",
        "UPDATE congress_roll SET receipt = zeroblob(64) WHERE ballot = 'open, open' AND voter = 'm04'",
    )
    assert verify_chain(ledger_file) == []  # by itself it looks whole
    assert verify_chain(ledger_file, anchor) == [
        Problem(last, f"the tail is cut: the anchor is event {last}, the last is {last - 1}")
    ]


def test_a_ledger_written_anew_by_the_holder_of_the_key_shows_against_an_anchor(
    ledger_file: Path, key: SigningKey
) -> None:
    with Ledger.open(ledger_file) as ledger:
        anchor = str(ledger.head.anchor)

    def change(events: list[Body]) -> None:
        events[1]["data"]["rule"]["den"] = 3

    rewrite(ledger_file, change, key)
    assert verify_chain(ledger_file, public_key=key.public) == []  # by itself it looks whole
    assert "the ledger was written anew: this event's hash is not the anchor's" in told(ledger_file, anchor=anchor)


def test_a_ledger_written_anew_with_another_key_shows_against_the_public_key(
    ledger_file: Path, key: SigningKey
) -> None:
    other = SigningKey.generate()

    def change(events: list[Body]) -> None:
        events[0]["data"]["public_key"] = other.public

    rewrite(ledger_file, change, other)
    do(
        ledger_file,
        "DELETE FROM congress_box",
        "UPDATE congress_roll SET receipt = zeroblob(64) WHERE ballot = 'secret, open'",
    )
    assert verify_chain(ledger_file) == []  # by itself it looks whole
    assert told(ledger_file, public_key=key.public) == f"event 1: it is another key's ledger: signed by {other.public}"


@pytest.mark.parametrize("where", ["first", "last"])
def test_the_signature_of_a_head(ledger_file: Path, where: str) -> None:
    height = 1 if where == "first" else len(bodies(ledger_file))
    do(
        ledger_file,
        "UPDATE congress_head SET signature = (SELECT signature FROM congress_head WHERE height = 2) "
        f"WHERE height = {height}",
    )
    wrong = [Problem(height, "the signature of this head is not by the ledger's key")]
    assert verify_chain(ledger_file, every_signature=True) == wrong
    assert verify_chain(ledger_file) == ([] if where == "first" else wrong)  # the last one stands for all events


def test_all_heads_deleted(ledger_file: Path) -> None:
    do(ledger_file, "DELETE FROM congress_head")
    assert "events after 0 are not signed" in told(ledger_file)


def test_json_that_is_not_canonical(ledger_file: Path, key: SigningKey) -> None:
    """Two names in one object: readers may differ in which they take."""
    last = len(bodies(ledger_file))
    rewrite(ledger_file, lambda events: events.append({**events[1]}), key)
    with guards_down(ledger_file) as connection:
        (text,) = connection.execute("SELECT body FROM congress_event WHERE height = ?", (last + 1,)).fetchone()
        text = text.replace('"motion":"M1"', '"motion":"M1","motion":"M2"')
        connection.execute(
            "UPDATE congress_event SET body = ?, hash = ? WHERE height = ?",
            (text, "sha256:" + hashlib.sha256(text.encode()).hexdigest(), last + 1),
        )
    assert f"event {last + 1}: it cannot be read: a name stands twice" in told(ledger_file)


# --- the file, and what is asked of others ----------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("DROP TRIGGER congress_event_delete", "congress_event_delete of the database is missing"),
        ("CREATE TABLE congress_notes (a)", "congress_notes of the database is not the ledger's"),
        ("ALTER TABLE congress_head ADD COLUMN more TEXT", "congress_head of the database was changed"),
    ],
)
def test_guards_and_tables_that_were_changed(ledger_file: Path, deed: str, says: str) -> None:
    connection = sqlite3.connect(ledger_file)
    connection.execute(deed)
    connection.close()
    assert told(ledger_file) == says


def told_or_refused(path: Path) -> str:
    """What is told of a file whose list of tables may be damaged too, so that it cannot even be opened."""
    try:
        return told(path)
    except LedgerError as e:
        return str(e)


def test_bytes_of_the_file(ledger_file: Path) -> None:
    """Any byte of any page that holds an event, a head, a roll or a paper; unused room in pages is not the ledger's."""
    content = ledger_file.read_bytes()
    for part in (b'"motion":"M1"', b"sha256:", b'"abstain"', b"urn.closed/1"):
        at = content.index(part) + 3
        ledger_file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert verify_chain(ledger_file, every_signature=True) != []
    for page in range(1, len(content) // 4096):
        ledger_file.write_bytes(content[: page * 4096] + b"\xff" * 12 + content[page * 4096 + 12 :])
        assert "damaged" in told_or_refused(ledger_file)
    ledger_file.write_bytes(content[: len(content) // 2])
    assert "damaged" in told_or_refused(ledger_file)


def test_an_anchor_or_key_that_is_none_is_refused(ledger_file: Path) -> None:
    with pytest.raises(LedgerError, match="not an anchor"):
        verify_chain(ledger_file, "12")
    with pytest.raises(LedgerError, match="not a public key"):
        verify_chain(ledger_file, public_key="ed25519:12")


def test_what_only_the_assembly_knows_is_asked_of_it_once_the_chain_is_whole(ledger_file: Path) -> None:
    asked = []

    def rebuild(events: list[Event], urns: dict[str, ClosedBallot]) -> list[Problem]:
        asked.append((len(events), sorted(urns), len(urns["secret"].papers)))
        return [Problem(2, "a target was overwritten")]

    assert verify_chain(ledger_file, rebuild=rebuild) == [Problem(2, "a target was overwritten")]
    assert asked == [(len(bodies(ledger_file)), ["open", "secret"], 15)]
    do(ledger_file, "DELETE FROM congress_event WHERE height = 2")
    assert "missing" in told(ledger_file, rebuild=rebuild) and len(asked) == 1


def test_a_great_many_problems_are_counted(ledger_file: Path) -> None:
    do(
        ledger_file,
        "UPDATE congress_roll SET weight = weight + 1",
        "INSERT INTO congress_roll SELECT ballot, voter || 'x', 1, receipt FROM congress_roll",
    )
    problems = verify_chain(ledger_file)
    assert len(problems) == 101 and problems[-1].what.endswith("more problems")


def test_a_record_cannot_be_exported_while_a_ballot_is_open(ledger_file: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no result before the close"):
        save_record(ledger_file, tmp_path / "record.json")
    assert not (tmp_path / "record.json").exists()
