"""The ledger: one file of SQLite to which events are added, each with the hash of the one before, and never changed."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from lustrum.congress.canonical import JSON, canonical, digest_of
from lustrum.congress.ledger.ballot_box import (
    BLANK,
    ClosedBallot,
    Receipt,
    Terms,
    find_terms,
    make_receipt,
    read_closed,
    refuse_ended,
    seal_paper,
    take_turn,
)
from lustrum.congress.ledger.database import SCHEMA, check_schema, connect, cut_log, plain_words, reading, transaction
from lustrum.congress.ledger.events import (
    GENESIS,
    LEDGER_FORMAT,
    NOTHING,
    Event,
    Head,
    View,
    body,
    genesis_of,
    has_ledger,
    head_message,
    newest_head,
    next_page,
    refuse_second_ledger,
    utc_now,
    written,
)
from lustrum.congress.ledger.keys import SigningKey, ballot_keys, destroy_key, key_path
from lustrum.congress.ledger.writing import Writing
from lustrum.errors import LedgerError, Refused

Clock = Callable[[], datetime]


class Ledger:
    """An open ledger, from `create` or `open`; leave it with `close`, or use it in a `with`.

    Threads may share one: they take turns. A process opens its own, also after a fork.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, key: SigningKey | None, clock: Clock) -> None:
        self._connection, self._clock, self._key = connection, clock, key
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._terms: dict[str, Terms] = {}
        self.path = path
        self._file = _identity(path)
        if has_ledger(connection):
            check_schema(connection, path)
        self._genesis = genesis_of(connection, str(path))
        if key is not None and key.public != self._genesis.public_key:
            raise LedgerError(
                "this key is not the one that signs this ledger",
                where=str(path),
                found=key.public,
                expected=self._genesis.public_key,
                mend="use the key it was created with",
            )

    @classmethod
    def create(cls, path: str | Path, key: SigningKey, genesis: JSON, clock: Clock = utc_now) -> Ledger:
        """Begin a ledger in a new file, or in a database that holds none yet.

        Parameters
        ----------
        key
            Signs every head; its public half stands in the first event.
        genesis
            What the first event says of the ledger, as JSON.

        Raises
        ------
        LedgerError
            If there is a ledger already.
        """
        path = Path(path)
        data = {"about": genesis, "format": LEDGER_FORMAT, "ledger": secrets.token_hex(16), "public_key": key.public}
        text = body(1, written(clock()), GENESIS, data, NOTHING)
        connection = connect(path, "rwc")
        try:
            with plain_words(path), transaction(connection):
                refuse_second_ledger(connection, path)
                for statement in SCHEMA.values():
                    connection.execute(statement)
                hash_ = digest_of(text)
                connection.execute("INSERT INTO congress_event VALUES (1, ?, ?)", (text.decode(), hash_))
                signature = key.sign(head_message(data["ledger"], 1, hash_))
                connection.execute("INSERT INTO congress_head VALUES (1, ?, ?)", (hash_, signature))
                check_schema(connection, path)
            return cls(connection, path, key, clock)
        except BaseException:
            connection.close()
            raise

    @classmethod
    def open(cls, path: str | Path, key: SigningKey | None = None, clock: Clock = utc_now) -> Ledger:
        """Open a ledger; without the key it can only be read.

        Raises
        ------
        LedgerError
            If there is none, it is damaged, or the key is another's.
        """
        path = Path(path)
        connection = connect(path, "ro" if key is None else "rw")
        try:
            with plain_words(path):
                ledger = cls(connection, path, key, clock)
                if key is not None:
                    ledger._sweep_keys()
            return ledger
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def id(self) -> str:
        """The ledger's random name."""
        return self._genesis.ledger

    @property
    def public_key(self) -> str:
        """Whose signatures count: `ed25519:<hex>`."""
        return self._genesis.public_key

    @property
    def head(self) -> Head:
        """The newest signed head; publish its `anchor`."""
        with self._turn():
            return newest_head(self._connection)

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the events above a height, oldest first, up to those added meanwhile."""
        while True:
            with self._turn():
                page = next_page(self._connection, after)
            if not page:
                return
            yield from page
            after = page[-1].height

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Give a transaction: all of it is kept, signed and on the disk when it ends well, or none of it.

        Others wait until it is over, so ask people nothing inside.

        Raises
        ------
        LedgerError
            If the ledger was opened without its key, or others kept it busy for over a minute.
        """
        key = self._signing_key()
        with self._turn():
            with transaction(self._connection):
                self._check_file()
                tx = Writing(self._connection, self.path, key, self._genesis, self._clock)
                try:
                    yield tx
                    tx.sign()
                except BaseException:
                    tx.drop()
                    raise
            if tx.finish():
                cut_log(self._connection)

    def cast(
        self,
        ballot: str,
        voter: str,
        paper: JSON,
        *,
        allowed: Callable[[View], None] | None = None,
        check: Callable[[JSON], None] | None = None,
    ) -> Receipt:
        """Take one vote. When this returns the vote is on the disk; when it raises there is none.

        Parameters
        ----------
        voter
            The mandate that is used, as on the roll.
        paper
            The vote as JSON.
        allowed
            Asked inside the transaction, with a view of the ledger, whether this mandate may vote now; raises if not.
        check
            Asked before it whether the paper is well-formed; raises if not.

        Raises
        ------
        Refused
            If the ballot is not open, or the mandate is not on its roll or was used. `BadInput` if the paper is
            larger than the ballot's papers can be.
        """
        key = self._signing_key()
        if check is not None:
            check(paper)
        text = canonical(paper)
        with self._turn():
            terms = self._terms_of(ballot)
            receipt = make_receipt(key, self._genesis, ballot, voter)
            envelope = seal_paper(key, self._genesis, terms, text) if terms.secret else None
            with transaction(self._connection):
                self._check_file()
                refuse_ended(self._connection, ballot)
                if allowed is not None:
                    allowed(View(self._connection))
                take_turn(self._connection, terms, voter, receipt.signature)
                if envelope is not None:
                    row = (ballot, envelope.name, envelope.sealed, envelope.signature)
                    self._connection.execute("INSERT INTO congress_box VALUES (?, ?, ?, ?)", row)
                else:
                    tx = Writing(self._connection, self.path, key, self._genesis, self._clock)
                    tx.enter_vote(ballot, voter, paper)
                    tx.sign()
        return receipt

    def receipt(self, ballot: str, voter: str) -> Receipt | None:
        """Return the receipt of a voter who has voted, None of one who has not: for whoever lost the answer."""
        with self._turn():
            terms = self._terms_of(ballot)
            row = self._connection.execute(
                "SELECT receipt FROM congress_roll WHERE ballot = ? AND voter = ?", (ballot, voter)
            ).fetchone()
        if voter not in terms.roll or row is None:
            raise Refused("not on the roll of this ballot", where=f"{ballot}, {voter}")
        return None if row[0] == BLANK else Receipt(ballot, voter, row[0].hex())

    def check_receipt(self, ballot: str, voter: str, signature: str) -> bool:
        """Say whether this ledger's key signed a receipt, whatever the roll says: so a voter can show it to anyone."""
        with suppress(ValueError):
            return self._genesis.signed_receipt(ballot, voter, bytes.fromhex(signature))
        return False

    def turnout(self, ballot: str) -> tuple[int, int]:
        """Return how many have voted, and how many may."""
        with self._turn():
            terms = self._terms_of(ballot)
            (cast,) = self._connection.execute(
                "SELECT count(*) FROM congress_roll WHERE ballot = ? AND receipt <> ?", (ballot, BLANK)
            ).fetchone()
        return cast, len(terms.roll)

    def closed_ballot(self, ballot: str) -> ClosedBallot:
        """Return the contents of a closed ballot box.

        Raises
        ------
        Refused
            If there is no such ballot, it is still open, or it was voided.
        """
        with self._turn(), reading(self._connection):
            check_schema(self._connection, self.path)
            return read_closed(self._connection, ballot)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if os.getpid() != self._process:
            raise LedgerError(
                "a ledger cannot be used in a process that was forked from its own",
                where=str(self.path),
                mend="open it again in the new process",
            )
        with self._lock, plain_words(self.path):
            yield

    def _check_file(self) -> None:
        """See, inside a transaction, that the file is the one that was opened and holds nothing that was planted."""
        check_schema(self._connection, self.path)
        if _identity(self.path) != self._file:
            raise LedgerError(
                "another file was put in the place of this ledger while it was open",
                where=str(self.path),
                mend="nothing was written; find out who did it, and open the ledger again",
            )

    def _signing_key(self) -> SigningKey:
        if self._key is None:
            raise LedgerError(
                "this ledger was opened without its key, so it can only be read",
                where=str(self.path),
                mend="open it with the signing key",
            )
        return self._key

    def _terms_of(self, ballot: str) -> Terms:
        if ballot not in self._terms:
            self._terms[ballot] = find_terms(self._connection, ballot)[0]
        return self._terms[ballot]

    def _sweep_keys(self) -> None:
        """Destroy the keys of ballots that have ended; a run that was killed just then left them."""
        if found := ballot_keys(self.path):
            rows = self._connection.execute("SELECT ballot FROM congress_ballot WHERE ended IS NOT NULL").fetchall()
            for path in found & {key_path(self.path, self.id, ballot) for (ballot,) in rows}:
                destroy_key(path)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of the same name."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None
