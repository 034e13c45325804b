"""One transaction: events are appended and ballots opened and closed, all or nothing, and the last event is signed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from lustrum.congress.canonical import JSON, canonical, digest, digest_of
from lustrum.congress.ledger.ballot_box import (
    BLANK,
    ClosedBallot,
    Terms,
    check_terms,
    contents,
    find_terms,
    not_countable,
    refuse_ended,
    unseal_papers,
    who_voted,
)
from lustrum.congress.ledger.events import (
    CAST,
    CLOSED,
    OPENED,
    RESERVED,
    VOIDED,
    Event,
    Genesis,
    View,
    body,
    check_links,
    head_message,
    newest_head,
    read_event,
    written,
)
from lustrum.congress.ledger.keys import SigningKey, destroy_key, key_path, new_key
from lustrum.errors import BadInput, LedgerError, Refused


class Writing(View):
    """What may be done inside `with ledger.writing() as tx:`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        key: SigningKey,
        genesis: Genesis,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(connection)
        self._path, self._key, self._genesis, self._clock = path, key, genesis, clock
        self._height, self._hash = last_event(connection, genesis)
        self._signed_to = self._height
        self._made: list[Path] = []
        self._spent: list[Path] = []
        self._over = False

    def append(self, kind: str, data: JSON) -> Event:
        """Add an event; its data is as it will be read back.

        Raises
        ------
        BadInput
            If the data is no JSON, or the kind is one that the ledger keeps to itself.
        """
        if kind.startswith(RESERVED):
            raise BadInput(
                "a kind of event that the ledger keeps to itself",
                found=kind,
                expected=f"a kind that does not begin with {' or '.join(RESERVED)}",
            )
        return self._append(kind, data)

    def open_ballot(self, ballot: str, *, secret: bool, roll: Mapping[str, int], paper_bytes: int = 1024) -> Event:
        """Open a ballot; from now on it takes votes, and none of this changes any more.

        Parameters
        ----------
        roll
            Who may vote (mandates), and the weight of each. In a secret ballot all weigh the same, since a
            paper of a rare weight would be signed as good as by name.
        paper_bytes
            The size to which every paper of a secret ballot is filled up. None may be larger.

        Raises
        ------
        Refused
            If there was a ballot of this name. `BadInput` if it cannot be opened with this roll or size.
        """
        check_terms(ballot, secret, roll, paper_bytes)
        if self._connection.execute("SELECT 1 FROM congress_ballot WHERE ballot = ?", (ballot,)).fetchone():
            raise Refused("a ballot of this name has been opened before", where=ballot, mend="give it another name")
        public = None
        if secret:
            path = key_path(self._path, self._genesis.ledger, ballot)
            destroy_key(path)  # what a run left that died before it had opened the ballot
            self._made.append(path)
            public = new_key(path)
        event = self._append(
            OPENED,
            {"ballot": ballot, "key": public, "paper_bytes": paper_bytes, "roll": dict(roll), "secret": secret},
        )
        rows = ((ballot, voter, weight, BLANK) for voter, weight in sorted(roll.items()))
        self._connection.executemany("INSERT INTO congress_roll VALUES (?, ?, ?, ?)", rows)
        self._connection.execute("INSERT INTO congress_ballot VALUES (?, ?, NULL)", (ballot, event.height))
        return event

    def close_ballot(self, ballot: str) -> ClosedBallot:
        """Close a ballot: no vote after this one. Of a secret ballot, open the papers and destroy its key.

        Raises
        ------
        Refused
            If it is not open. `LedgerError` if its key is missing, or a sealed paper was changed.
        """
        terms = self._open_terms(ballot)
        check_links(self._connection, terms.opened, self._hash)
        path = key_path(self._path, self._genesis.ledger, ballot)
        papers = None
        if terms.secret:
            papers = unseal_papers(self._connection, self._genesis, terms, path)
            self._spent.append(path)
        box = contents(self._connection, terms, self._height + 1)
        if papers is not None and [canonical(vote.paper) for vote in box.votes] != papers:
            raise not_countable("the database does not hold the papers that were put into it", terms, "other papers")
        if len(box.votes) != len(box.voters):
            raise not_countable(
                "there are not as many votes as voters on the roll",
                terms,
                f"{len(box.votes)} votes, {len(box.voters)} voters",
            )
        if papers is None and {vote.voter for vote in box.votes} != set(box.voters):
            raise not_countable("who voted by the roll is not who voted by the events", terms, "other voters")
        self._end(
            CLOSED,
            {
                "ballot": ballot,
                "papers": len(box.votes),
                "papers_digest": box.papers_digest,
                "voters": len(box.voters),
                "voters_digest": box.voters_digest,
            },
        )
        return box

    def void_ballot(self, ballot: str) -> Event:
        """End a ballot without a result: its sealed papers and its key are destroyed uncounted.

        Raises
        ------
        Refused
            If it is not open.
        """
        terms = self._open_terms(ballot)
        if terms.secret:
            self._spent.append(key_path(self._path, self._genesis.ledger, ballot))
        voters = who_voted(self._connection, ballot)
        return self._end(VOIDED, {"ballot": ballot, "voters": len(voters), "voters_digest": digest(list(voters))})

    def enter_vote(self, ballot: str, voter: str, paper: JSON) -> Event:
        """Add the vote of an open ballot; `Ledger.cast` does, once the roll is marked."""
        return self._append(CAST, {"ballot": ballot, "paper": paper, "voter": voter})

    def sign(self) -> None:
        """Sign the head, if anything was added; the ledger does this as it commits."""
        if self._height == self._signed_to:
            return
        signature = self._key.sign(head_message(self._genesis.ledger, self._height, self._hash))
        self._connection.execute("INSERT INTO congress_head VALUES (?, ?, ?)", (self._height, self._hash, signature))
        self._signed_to = self._height

    def finish(self) -> bool:
        """After the commit: destroy the keys of the ballots that ended; say whether there were any."""
        self._over = True
        for path in self._spent:
            destroy_key(path)
        return bool(self._spent)

    def drop(self) -> None:
        """After a failure: destroy the keys of ballots that are now not opened."""
        self._over = True
        for path in self._made:
            destroy_key(path)

    def _append(self, kind: str, data: JSON) -> Event:
        if self._over:
            raise LedgerError("this transaction is over", mend="append inside `with ledger.writing()`")
        text = body(self._height + 1, written(self._clock()), kind, data, self._hash)
        event = read_event(text, digest_of(text))
        row = (event.height, text.decode(), event.hash)
        self._connection.execute("INSERT INTO congress_event VALUES (?, ?, ?)", row)
        self._height, self._hash = event.height, event.hash
        return event

    def _open_terms(self, ballot: str) -> Terms:
        terms, _ = find_terms(self._connection, ballot)
        refuse_ended(self._connection, ballot)
        return terms

    def _end(self, kind: str, data: JSON) -> Event:
        event = self._append(kind, data)
        ballot = data["ballot"]
        self._connection.execute("UPDATE congress_ballot SET ended = ? WHERE ballot = ?", (event.height, ballot))
        self._connection.execute("DELETE FROM congress_box WHERE ballot = ?", (ballot,))
        return event


def last_event(connection: sqlite3.Connection, genesis: Genesis) -> tuple[int, str]:
    """Return height and hash of the last event.

    Nothing is added to a ledger whose end is not signed as it stands: the next signature would stand for what someone
    without the key has changed.
    """
    row = connection.execute("SELECT height, body, hash FROM congress_event ORDER BY height DESC LIMIT 1").fetchone()
    head = newest_head(connection)
    stands = row is not None and row[0] == head.height and row[2] == head.hash == digest_of(row[1].encode())
    if not (stands and genesis.signed_head(head)):
        raise LedgerError(
            "the last event is not the one that was signed",
            where=f"event {head.height}",
            mend="verify the ledger, and restore it from a backup",
        )
    return head.height, head.hash
