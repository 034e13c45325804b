"""The ballot box: what a ballot is opened with, one vote put in, and, once it is closed, its papers in sorted order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lustrum.congress.canonical import JSON, canonical, digest, digest_of, parse
from lustrum.congress.ledger.events import CAST, CLOSED, Event, Genesis, box_message, receipt_message, stored_event
from lustrum.congress.ledger.keys import SigningKey, load_key, seal, signed, unseal
from lustrum.errors import BadInput, LedgerError, Refused

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
class ClosedBallot:
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
            "a paper of the ballot box is damaged",
            where=terms.ballot,
            found=str(e)[:80],
            mend="verify the ledger, and restore it from a backup",
        ) from None


def read_closed(connection: sqlite3.Connection, ballot: str) -> ClosedBallot:
    """Return the contents of a closed ballot box.

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


def contents(connection: sqlite3.Connection, terms: Terms, ended: int) -> ClosedBallot:
    """Return what a ballot box holds, whose ballot ends with the event of height `ended`."""
    votes = secret_votes(connection, terms) if terms.secret else open_votes(connection, terms, ended)
    return ClosedBallot(terms.ballot, terms.secret, terms.roll, who_voted(connection, terms.ballot), votes)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The ledger's word that a voter has voted; it says neither what nor when.

    It is the same each time it is asked for, and `signature` is by the ledger's key: a voter who holds one can
    prove that the vote was taken, should the roll-call not have it.
    """

    ballot: str
    voter: str
    signature: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed paper, its digest, and the ledger's signature of that."""

    name: bytes
    sealed: bytes
    signature: bytes


def check_terms(ballot: str, secret: bool, roll: Mapping[str, int], paper_bytes: int) -> None:
    """Refuse what a ballot cannot be opened with."""
    if not roll:
        raise BadInput("a ballot needs a roll of those who may vote", where=ballot)
    for voter, weight in roll.items():
        if type(weight) is not int or weight < 1:
            raise BadInput("a weight must be a whole number above zero", where=f"{ballot}, {voter}", found=weight)
    if secret and len(set(roll.values())) > 1:
        raise BadInput(
            "a secret ballot whose papers weigh differently: a rare weight would tell whose paper it is",
            where=ballot,
            found=f"weights {sorted(set(roll.values()))[:6]}",
            mend="give each mandate a paper of its own, or hold the ballot openly",
        )
    if type(paper_bytes) is not int or not 16 <= paper_bytes <= 1_000_000:
        raise BadInput(
            "a size of papers that cannot be", where=ballot, found=repr(paper_bytes), expected="16 to 1000000 bytes"
        )


def seal_paper(key: SigningKey, genesis: Genesis, terms: Terms, paper: bytes) -> Envelope:
    """Seal a paper for a secret ballot, and sign its envelope, so that no other gets among them."""
    if terms.key is None:
        raise LedgerError("this ballot has no key", where=terms.ballot)
    sealed = seal(terms.key, genesis.ledger, terms.ballot, paper, terms.paper_bytes)
    name = digest_of(sealed)
    signature = key.sign(box_message(genesis.ledger, terms.ballot, name))
    return Envelope(bytes.fromhex(name.removeprefix("sha256:")), sealed, bytes.fromhex(signature))


def take_turn(connection: sqlite3.Connection, terms: Terms, voter: str, receipt: str) -> None:
    """Mark on the roll that a voter has voted; of two at once the database lets one through.

    Raises
    ------
    Refused
        If the voter is not on the roll, or has voted.
    """
    if voter not in terms.roll:  # as the chain has it
        raise Refused(
            "not on the roll of this ballot",
            where=f"{terms.ballot}, {voter}",
            mend="the roll was fixed when the ballot was opened",
        )
    done = connection.execute(
        "UPDATE congress_roll SET receipt = ? WHERE ballot = ? AND voter = ? AND receipt = ?",
        (bytes.fromhex(receipt), terms.ballot, voter, BLANK),
    )
    if done.rowcount != 1:
        raise Refused(
            "this mandate has voted in this ballot",
            where=f"{terms.ballot}, {voter}",
            mend="a vote that was taken stands; ask for its receipt",
        )


def make_receipt(key: SigningKey, genesis: Genesis, ballot: str, voter: str) -> Receipt:
    """Sign that a voter has voted."""
    return Receipt(ballot, voter, key.sign(receipt_message(genesis.ledger, ballot, voter)))


def unseal_papers(connection: sqlite3.Connection, genesis: Genesis, terms: Terms, path: Path) -> list[bytes]:
    """Open the sealed papers of a ballot, store them in the order of their bytes, and return them.

    Raises
    ------
    Refused
        If the key of the ballot box is not there. `LedgerError` if there are not as many good envelopes as voters.
    """
    if not path.exists():
        raise Refused(
            "the key of this ballot box is not here, so its papers cannot be opened",
            where=terms.ballot,
            found=f"no file {path}",
            mend="restore the file; if it is lost, void the ballot and vote again",
        )
    private = load_key(path, str(terms.key))
    papers = []
    for name, sealed, signature in connection.execute(
        "SELECT name, box, signature FROM congress_box WHERE ballot = ?", (terms.ballot,)
    ):
        try:
            check_envelope(genesis, terms.ballot, name, sealed, signature)
            paper = unseal(private, genesis.ledger, terms.ballot, sealed)
            papers.append(canonical(parse(paper)))
        except ValueError as e:
            raise not_countable("a sealed paper that the ledger did not take", terms, str(e)) from None
    for voter, receipt in connection.execute(
        "SELECT voter, receipt FROM congress_roll WHERE ballot = ? AND receipt <> ?", (terms.ballot, BLANK)
    ):
        if voter not in terms.roll or not genesis.signed_receipt(terms.ballot, voter, receipt):
            raise not_countable("a voter is marked whose vote the ledger did not take", terms, voter)
    papers.sort()
    rows = ((terms.ballot, number, paper.decode()) for number, paper in enumerate(papers, 1))
    connection.executemany("INSERT INTO congress_urn VALUES (?, ?, ?)", rows)
    return papers


def not_countable(what: str, terms: Terms, found: str) -> LedgerError:
    """Return the error of a ballot whose tables someone changed while it was open."""
    return LedgerError(
        what,
        where=terms.ballot,
        found=found,
        mend="the ballot cannot be counted: void it, and find out who changed the file",
    )


def check_envelope(genesis: Genesis, ballot: str, name: bytes, sealed: bytes, signature: bytes) -> None:
    """See that the ledger's key signed an envelope.

    Raises
    ------
    ValueError
        If it did not.
    """
    known = digest_of(sealed)
    if known != f"sha256:{name.hex()}" or not signed(
        genesis.public_key, box_message(genesis.ledger, ballot, known), signature.hex()
    ):
        raise ValueError("a sealed paper without the ledger's signature")
