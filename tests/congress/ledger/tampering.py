"""Deeds against the file of a ledger, done by someone who owns it: guards are dropped first and put back after."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lustrum.congress.ledger import ClosedBallot, Ledger, SigningKey, canonical, digest

Body = dict[str, Any]


@contextmanager
def guards_down(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("BEGIN")
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    for _, statement in guards:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.close()


def do(path: Path, *statements: str) -> None:
    with guards_down(path) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement


def bodies(path: Path) -> list[Body]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT body FROM congress_event ORDER BY height").fetchall()
    connection.close()
    return [json.loads(text) for (text,) in rows]


def height_of(path: Path, kind: str, **data: object) -> int:
    return next(
        b["height"] for b in bodies(path) if b["kind"] == kind and all(b["data"].get(k) == v for k, v in data.items())
    )


def rewrite(path: Path, change: Callable[[list[Body]], None], key: SigningKey | None = None) -> None:
    """Change the events, number and chain them anew, and, by whoever has a key, sign them and all receipts."""
    events = bodies(path)
    change(events)
    with guards_down(path) as connection:
        connection.execute("DELETE FROM congress_event")
        ledger = events[0]["data"]["ledger"]
        previous, heads = "sha256:" + "0" * 64, []
        for height, event in enumerate(events, 1):
            event.update(height=height, previous=previous)
            previous = digest(event)
            heads.append({"format": "lustrum-head/1", "hash": previous, "height": height, "ledger": ledger})
            row = (height, canonical(event).decode(), previous)
            connection.execute("INSERT INTO congress_event VALUES (?, ?, ?)", row)
        if key is not None:
            connection.execute("DELETE FROM congress_head")
            for head in heads:
                row = (head["height"], head["hash"], key.sign(head))
                connection.execute("INSERT INTO congress_head VALUES (?, ?, ?)", row)
            voted = connection.execute("SELECT ballot, voter FROM congress_roll WHERE receipt <> zeroblob(64)")
            for ballot, voter in voted.fetchall():
                said = {"ballot": ballot, "format": "lustrum-receipt/1", "ledger": ledger, "voter": voter}
                connection.execute(
                    "UPDATE congress_roll SET receipt = ? WHERE ballot = ? AND voter = ?",
                    (bytes.fromhex(key.sign(said)), ballot, voter),
                )
        for table, kinds in (("opened", ("urn.opened/1",)), ("ended", ("urn.closed/1", "urn.voided/1"))):
            for event in events:
                if event["kind"] in kinds:
                    connection.execute(
                        f"UPDATE congress_ballot SET {table} = ? WHERE ballot = ?",
                        (event["height"], event["data"]["ballot"]),
                    )


def closed_ballots(ledger: Ledger) -> list[ClosedBallot]:
    """Every closed ballot, in the order of closing."""
    return [ledger.closed_ballot(e.data["ballot"]) for e in ledger.events() if e.kind == "urn.closed/1"]
