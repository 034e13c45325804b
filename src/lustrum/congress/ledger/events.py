"""What a ledger is made of, and how it is read: events, each with the hash of the one before; signed heads; anchors.

Ballot boxes are called urns, and envelopes boxes, in kinds of event, tables and records: files that people keep.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lustrum.congress.canonical import JSON, canonical, digest_of, parse
from lustrum.congress.ledger.keys import BOX_FORMAT, signed
from lustrum.errors import LedgerError

LEDGER_FORMAT = "lustrum-ledger/1"
HEAD_FORMAT = "lustrum-head/1"
RECEIPT_FORMAT = "lustrum-receipt/1"

#: What stands before the first event.
NOTHING = "sha256:" + "0" * 64
HASH = re.compile(r"sha256:[0-9a-f]{64}")
#: Kinds of event with these beginnings are written by the ledger alone.
RESERVED = ("ledger.", "urn.")
GENESIS, OPENED, CAST, CLOSED, VOIDED = (
    "ledger.genesis/1",
    "urn.opened/1",
    "urn.cast/1",
    "urn.closed/1",
    "urn.voided/1",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    height
        Its number, from 1.
    time
        When the ledger wrote it, in UTC by the clock of the machine: `2026-11-23T10:00:00.000Z`.
    kind, data
        What happened, as JSON.
    previous, hash
        The hash of the event before, and of this one.
    """

    height: int
    time: str
    kind: str
    data: JSON
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Height and hash of an event, published where the ledger's keeper cannot change it."""

    height: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Read `123:sha256:<hex>`.

        Raises
        ------
        LedgerError
            If it is not of that form.
        """
        height, _, hash_ = text.strip().partition(":")
        if not re.fullmatch(r"[1-9][0-9]{0,14}", height) or not HASH.fullmatch(hash_):
            raise LedgerError(
                "not an anchor",
                found=text[:100],
                expected="height:sha256:<64 hexadecimal digits>",
                mend="copy it whole from the published record",
            )
        return cls(int(height), hash_)

    def __str__(self) -> str:
        return f"{self.height}:{self.hash}"


def as_anchor(anchor: Anchor | str | None) -> Anchor | None:
    """Return an anchor that may be given as text."""
    return Anchor.parse(anchor) if isinstance(anchor, str) else anchor


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a transaction, and the signature that stands for all events up to it."""

    height: int
    hash: str
    signature: str

    @property
    def anchor(self) -> Anchor:
        """What is published of it."""
        return Anchor(self.height, self.hash)


def body(height: int, time: str, kind: str, data: JSON, previous: str) -> bytes:
    """Return the canonical bytes of an event; its hash is their SHA-256."""
    return canonical({"data": data, "height": height, "kind": kind, "previous": previous, "time": time})


def read_event(text: bytes, hash_: str, reader: Callable[[bytes], JSON] = parse) -> Event:
    """Return the event that a body holds.

    Parameters
    ----------
    reader
        Of JSON: `parse`, or `parse_canonical`, which takes the canonical form alone.

    Raises
    ------
    ValueError, RecursionError
        If the body is not one of an event.
    """
    found = reader(text)
    if not isinstance(found, dict) or set(found) != {"data", "height", "kind", "previous", "time"}:
        raise ValueError("no event: it must have data, height, kind, previous and time, and nothing else")
    if type(found["height"]) is not int or not all(isinstance(found[k], str) for k in ("kind", "previous", "time")):
        raise ValueError("no event: height is a whole number, kind, previous and time are text")
    return Event(hash=hash_, **found)


def head_message(ledger: str, height: int, hash_: str) -> JSON:
    """Return what the signature of a head signs."""
    return {"format": HEAD_FORMAT, "hash": hash_, "height": height, "ledger": ledger}


def receipt_message(ledger: str, ballot: str, voter: str) -> JSON:
    """Return what the signature of a receipt signs: that this voter has voted; not what, not when."""
    return {"ballot": ballot, "format": RECEIPT_FORMAT, "ledger": ledger, "voter": voter}


def box_message(ledger: str, ballot: str, box: str) -> JSON:
    """Return what the signature of an envelope signs; `box` is its digest."""
    return {"ballot": ballot, "box": box, "format": BOX_FORMAT, "ledger": ledger}


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def written(time: datetime) -> str:
    """Write a time as events do: UTC, to the millisecond."""
    if time.tzinfo is None:
        raise LedgerError("the clock of a ledger needs a time zone", found=time.isoformat())
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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

    def signed_head(self, head: Head) -> bool:
        """Say whether the ledger's key signed a head."""
        return signed(self.public_key, head_message(self.ledger, head.height, head.hash), head.signature)

    def signed_receipt(self, ballot: str, voter: str, receipt: bytes) -> bool:
        """Say whether the ledger's key signed that a voter has voted."""
        return signed(self.public_key, receipt_message(self.ledger, ballot, voter), receipt.hex())


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


def check_links(connection: sqlite3.Connection, first: int, last: str) -> None:
    """See that the events from a height on are as they were written, each linked to the one before.

    Parameters
    ----------
    last
        The hash of the last event, which is signed.

    Raises
    ------
    LedgerError
        With the event that was changed, or lacks the one before it.
    """
    height, hash_ = first - 1, ""
    for row in connection.execute(
        "SELECT height, body, hash FROM congress_event WHERE height >= ? ORDER BY height", (first,)
    ):
        event = stored_event(*row)
        height += 1
        written_so = digest_of(row[1].encode()) == event.hash and row[0] == event.height == height
        if not written_so or (hash_ and event.previous != hash_):
            break
        hash_ = event.hash
    else:
        if hash_ == last:
            return
    raise LedgerError(
        "an event was changed since it was written",
        where=f"event {height}",
        mend="verify the ledger, and restore it from a backup",
    )


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


def refuse_second_ledger(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `LedgerError` if the database holds a ledger already."""
    if has_ledger(connection):
        raise LedgerError(
            "there is a ledger in this file already", where=str(path), mend="open it, or choose another file"
        )


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
