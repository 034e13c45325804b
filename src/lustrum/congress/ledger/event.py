"""What a ledger is made of: events, each with the hash of the one before; heads, which are signed; anchors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from lustrum.congress.canonical import JSON, canonical, parse
from lustrum.errors import LedgerError

LEDGER_FORMAT = "lustrum-ledger/1"
HEAD_FORMAT = "lustrum-head/1"
RECEIPT_FORMAT = "lustrum-receipt/1"
BOX_FORMAT = "lustrum-box/1"

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
    """Return what the signature of a sealed paper signs; `box` is the digest of the box."""
    return {"ballot": ballot, "box": box, "format": BOX_FORMAT, "ledger": ledger}


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def written(time: datetime) -> str:
    """Write a time as events do: UTC, to the millisecond."""
    if time.tzinfo is None:
        raise LedgerError("the clock of a ledger needs a time zone", found=time.isoformat())
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
