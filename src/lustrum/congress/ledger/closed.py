"""The contents of an urn: what a ballot was opened with, and, once it is closed, its papers in sorted order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from lustrum.congress.canonical import JSON, canonical, digest, digest_of, parse
from lustrum.congress.ledger.event import CAST, CLOSED, Event
from lustrum.congress.ledger.view import stored_event
from lustrum.errors import LedgerError, Refused

#: What a row of the roll holds until its voter has voted.
BLANK = bytes(64)


@dataclass(frozen=True)
class Terms:
    """What a ballot was opened with; none of it ever changes."""

    ballot: str
    secret: bool
    roll: dict[str, int]
    paper_bytes: int
    key: str | None
    opened: int


@dataclass(frozen=True, slots=True)
class Vote:
    """A paper, what it weighs, and in an open ballot whose it is."""

    paper: JSON
    weight: int
    voter: str | None


@dataclass(frozen=True)
class ClosedUrn:
    """A closed ballot as its counters get it.

    Attributes
    ----------
    roll
        Who might vote, and with what weight.
    voters
        Who did, sorted.
    votes
        The papers: of a secret ballot sorted by their canonical bytes, of an open one by voter.
    """

    ballot: str
    secret: bool
    roll: dict[str, int]
    voters: tuple[str, ...]
    votes: tuple[Vote, ...] = field(repr=False)

    @property
    def papers(self) -> tuple[tuple[JSON, int], ...]:
        """Papers with their weights."""
        return tuple((v.paper, v.weight) for v in self.votes)

    @cached_property
    def papers_digest(self) -> str:
        """Digest of the sorted papers; of an open ballot, of pairs of voter and paper."""
        return sorted_digest(canonical(v.paper if v.voter is None else [v.voter, v.paper]) for v in self.votes)

    @cached_property
    def voters_digest(self) -> str:
        """Digest of the sorted list of those who voted."""
        return digest(sorted(self.voters))


def sorted_digest(items: Iterable[bytes]) -> str:
    """Return the digest of the canonical JSON list of items that are canonical already, sorted by their bytes."""
    return digest_of(b"[" + b",".join(sorted(items)) + b"]")


def terms_of(opened: Event) -> Terms:
    """Return the terms that an event `urn.opened/1` holds."""
    d = opened.data
    return Terms(d["ballot"], d["secret"], d["roll"], d["paper_bytes"], d["key"], opened.height)


def find_terms(connection: sqlite3.Connection, ballot: str) -> tuple[Terms, int | None]:
    """Return the terms of a ballot and the height of the event that ended it.

    Raises
    ------
    Refused
        If no ballot of that name was opened.
    """
    row = connection.execute(
        "SELECT e.height, e.body, e.hash, b.ended FROM congress_ballot AS b JOIN congress_event AS e "
        "ON e.height = b.opened WHERE b.ballot = ?",
        (ballot,),
    ).fetchone()
    if row is None:
        raise Refused("no ballot of this name has been opened", where=ballot)
    return terms_of(stored_event(*row[:3])), row[3]


def refuse_ended(connection: sqlite3.Connection, ballot: str) -> None:
    """Raise `Refused` if a ballot was closed or voided."""
    row = connection.execute("SELECT ended FROM congress_ballot WHERE ballot = ?", (ballot,)).fetchone()
    if row is None or row[0] is not None:
        raise Refused(
            "this ballot has ended; nothing reopens it",
            where=ballot,
            found="no ballot" if row is None else f"ended by event {row[0]}",
        )


def who_voted(connection: sqlite3.Connection, ballot: str) -> tuple[str, ...]:
    """Return who has voted, sorted."""
    rows = connection.execute(
        "SELECT voter FROM congress_roll WHERE ballot = ? AND receipt <> ? ORDER BY voter", (ballot, BLANK)
    )
    return tuple(voter for (voter,) in rows)


def open_votes(connection: sqlite3.Connection, terms: Terms, ended: int) -> tuple[Vote, ...]:
    """Return the votes of an open ballot from the chain, sorted by voter."""
    rows = connection.execute(
        "SELECT height, body, hash FROM congress_event WHERE height > ? AND height < ? AND instr(body, ?)",
        (terms.opened, ended, f'"kind":"{CAST}"'),
    )
    events = (stored_event(*row) for row in rows)
    mine = [e.data for e in events if e.kind == CAST and e.data["ballot"] == terms.ballot]
    try:
        mine.sort(key=lambda d: str(d["voter"]))
        return tuple(Vote(d["paper"], terms.roll[d["voter"]], d["voter"]) for d in mine)
    except KeyError as e:
        raise LedgerError(
            "a vote from off the roll stands in the ledger",
            where=terms.ballot,
            found=str(e),
            mend="verify the ledger, and restore it from a backup",
        ) from None


def secret_votes(connection: sqlite3.Connection, terms: Terms) -> tuple[Vote, ...]:
    """Return the papers of a closed secret ballot in their order."""
    weight = next(iter(terms.roll.values()), 1)
    rows = connection.execute("SELECT paper FROM congress_urn WHERE ballot = ? ORDER BY number", (terms.ballot,))
    try:
        return tuple(Vote(parse(text), weight, None) for (text,) in rows)
    except (ValueError, RecursionError) as e:
        raise LedgerError(
            "a paper of the urn is damaged",
            where=terms.ballot,
            found=str(e)[:80],
            mend="verify the ledger, and restore it from a backup",
        ) from None


def read_urn(connection: sqlite3.Connection, ballot: str) -> ClosedUrn:
    """Return a closed urn.

    Raises
    ------
    Refused
        If the ballot is not closed, or was voided: there is no result before the close, and none of a void ballot.
    """
    terms, ended = find_terms(connection, ballot)
    if ended is None:
        raise Refused("there is no result before the ballot is closed", where=ballot)
    last = connection.execute("SELECT height, body, hash FROM congress_event WHERE height = ?", (ended,)).fetchone()
    if stored_event(*last).kind != CLOSED:
        raise Refused("this ballot was voided; its papers were destroyed uncounted", where=ballot)
    return contents(connection, terms, ended)


def contents(connection: sqlite3.Connection, terms: Terms, ended: int) -> ClosedUrn:
    """Return what an urn holds, whose ballot ends with the event of height `ended`."""
    votes = secret_votes(connection, terms) if terms.secret else open_votes(connection, terms, ended)
    return ClosedUrn(terms.ballot, terms.secret, terms.roll, who_voted(connection, terms.ballot), votes)
