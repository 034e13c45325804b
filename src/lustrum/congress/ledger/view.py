"""Reading a ledger: its events from a height on, its genesis, and its newest head."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lustrum.congress.ledger.event import GENESIS, LEDGER_FORMAT, Event, Head, read_event
from lustrum.errors import LedgerError

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Genesis:
    """What the first event says of the ledger.

    Attributes
    ----------
    ledger
        A random name that every signature is bound to.
    public_key
        Whose signatures count, `ed25519:<hex>`.
    about
        What the ledger was created with.
    """

    ledger: str
    public_key: str
    about: Any


class View:
    """What may be asked inside a transaction: events and head, as they are now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the events above a height, oldest first."""
        return events_after(self._connection, after)

    @property
    def head(self) -> Head:
        """The newest signed head."""
        return newest_head(self._connection)


def events_after(connection: sqlite3.Connection, after: int) -> Iterator[Event]:
    """Yield the events above a height."""
    while page := next_page(connection, after):
        yield from page
        after = page[-1].height


def next_page(connection: sqlite3.Connection, after: int) -> list[Event]:
    """Return some hundred events above a height; by pages no reader holds up a writer."""
    rows = connection.execute(
        "SELECT height, body, hash FROM congress_event WHERE height > ? ORDER BY height LIMIT ?", (after, _PAGE)
    )
    return [stored_event(*row) for row in rows.fetchall()]


def stored_event(height: int, text: str, hash_: str) -> Event:
    """Return an event from its row; the error says which row is damaged."""
    try:
        return read_event(text.encode(), hash_)
    except (ValueError, RecursionError) as e:
        raise LedgerError(
            "an event of the ledger is damaged",
            where=f"event {height}",
            found=str(e)[:80],
            mend="verify the ledger, and restore it from a backup",
        ) from None


def newest_head(connection: sqlite3.Connection) -> Head:
    """Return the newest signed head."""
    row = connection.execute(
        "SELECT height, hash, signature FROM congress_head ORDER BY height DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise LedgerError("the ledger has no signed head", mend="restore it from a backup")
    return Head(*row)


def has_ledger(connection: sqlite3.Connection) -> bool:
    """Say whether the database holds the tables of a ledger."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'congress_event'")
    return found.fetchone() is not None


def genesis_of(connection: sqlite3.Connection, where: str) -> Genesis:
    """Read the first event.

    Raises
    ------
    LedgerError
        If the database holds no ledger, or one that this version does not read.
    """
    row = None
    if has_ledger(connection):
        row = connection.execute("SELECT height, body, hash FROM congress_event ORDER BY height LIMIT 1").fetchone()
    if row is None:
        raise LedgerError("this file holds no ledger", where=where, mend="check the path, or create one")
    first = stored_event(*row)
    data = first.data
    if (
        not isinstance(data, dict)
        or first.kind != GENESIS
        or data.get("format") != LEDGER_FORMAT
        or not isinstance(data.get("ledger"), str)
        or not isinstance(data.get("public_key"), str)
    ):
        found = data.get("format") if first.kind == GENESIS and isinstance(data, dict) else first.kind
        raise LedgerError(
            "the first event is not one this version reads",
            where=where,
            found=found,
            expected=f"{GENESIS} of {LEDGER_FORMAT}",
        )
    return Genesis(data["ledger"], data["public_key"], data.get("about"))
