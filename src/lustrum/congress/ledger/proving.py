"""Verifying a ledger from its file alone: the chain, its signatures, and the urns against the chain.

What only the rules of the assembly can tell (a count that does not reproduce, a rule that was changed) is asked of a
function that the caller passes in, once the chain itself is whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lustrum.congress.canonical import digest_of, parse_canonical
from lustrum.congress.ledger.closed import ClosedUrn, read_urn
from lustrum.congress.ledger.database import connect, reading
from lustrum.congress.ledger.event import CLOSED, NOTHING, RESERVED, Anchor, Event, Head, head_message, read_event
from lustrum.congress.ledger.keys import check_public, signed
from lustrum.congress.ledger.proving_urns import ChainUrns, Problem, urn_problems
from lustrum.congress.ledger.schema import SCHEMA
from lustrum.congress.ledger.view import Genesis, genesis_of, has_ledger
from lustrum.errors import LedgerError

Rebuild = Callable[[list[Event], dict[str, ClosedUrn]], Iterable[Problem]]

#: After so many problems the rest is only counted.
_ENOUGH = 100


def verify_chain(
    path: str | Path,
    anchor: Anchor | str | None = None,
    public_key: str | None = None,
    rebuild: Rebuild | None = None,
    *,
    every_signature: bool = False,
) -> list[Problem]:
    """Look for every change of a ledger that its file can show; an empty list means there is none.

    Parameters
    ----------
    anchor
        A head that was published: it shows a tail cut off, and a ledger written anew by whoever holds the key.
    public_key
        The key that is known to be the assembly's: it shows a ledger written anew with another.
    rebuild
        Asked for further problems with all events and all closed urns, if there are none so far.
    every_signature
        Check the signatures of all heads and receipts, not of the last head alone, which stands for all events.

    Raises
    ------
    LedgerError
        If there is no ledger, or anchor or key are not of their form.
    """
    path = Path(path)
    anchor = Anchor.parse(anchor) if isinstance(anchor, str) else anchor
    if public_key is not None:
        check_public(public_key, "public_key")
    connection = connect(path, "ro")
    try:
        with reading(connection):
            if not has_ledger(connection):
                raise LedgerError("this file holds no ledger", where=str(path), mend="check the path")
            return prove(connection, anchor, public_key, rebuild, every_signature)
    except sqlite3.Error as e:
        return [Problem(None, f"the file is damaged: {e}")]
    finally:
        connection.close()


def prove(
    connection: sqlite3.Connection,
    anchor: Anchor | None,
    public_key: str | None,
    rebuild: Rebuild | None,
    every_signature: bool,
) -> list[Problem]:
    """Return the problems of the ledger in a database that is open; see `verify_chain`."""
    try:
        genesis = genesis_of(connection, "event 1")
    except LedgerError as e:
        return [Problem(1, f"{e.what}: {e.found or 'not there'}")]
    chain = Chain(connection, keep=rebuild is not None)
    problems = [*_schema_problems(connection), *_key_problems(genesis, public_key), *chain.problems()]
    problems += _head_problems(connection, genesis, chain, every_signature)
    if anchor is not None:
        problems += _anchor_problems(connection, chain, anchor)
    problems += urn_problems(connection, genesis, chain.urns, every_signature)
    if rebuild is not None and not problems:
        urns = {b: read_urn(connection, b) for b, end in chain.urns.ended.items() if end.kind == CLOSED}
        problems = list(rebuild(chain.events, urns))
    if len(problems) > _ENOUGH:
        problems = [*problems[:_ENOUGH], Problem(None, f"{len(problems) - _ENOUGH} more problems")]
    return problems


class Chain:
    """The events of a ledger, walked through once."""

    def __init__(self, connection: sqlite3.Connection, keep: bool) -> None:
        self._rows = connection.execute(
            "SELECT height, CAST(body AS BLOB), CAST(hash AS TEXT) FROM congress_event ORDER BY height"
        )
        self._keep = keep
        self.events: list[Event] = []
        self.urns = ChainUrns()
        self.height, self.hash = 0, NOTHING

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with each event, and with its place."""
        for height, text, hash_ in self._rows:
            if height != self.height + 1:
                yield Problem(height, f"the event before it is missing: the one there is has number {self.height}")
            if digest_of(text) != hash_:
                yield Problem(height, "its content is not what its hash says")
            try:
                event = read_event(text, hash_, parse_canonical)
            except (ValueError, RecursionError) as e:
                yield Problem(height, f"it cannot be read: {e}")
            else:
                if event.height != height:
                    yield Problem(height, f"it was written as event {event.height}")
                if event.previous != self.hash:
                    yield Problem(height, "it does not follow the event before it: their hashes differ")
                if event.kind.startswith(RESERVED):
                    yield from self.urns.heed(event)
                if self._keep:
                    self.events.append(event)
            self.height, self.hash = height, hash_


def _schema_problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'congress~_%' ESCAPE '~'")
    found = {name: sql for name, sql in rows if sql is not None}
    for name in sorted(SCHEMA.keys() | found.keys()):
        if found.get(name) != SCHEMA.get(name):
            what = "is missing" if name not in found else "was changed" if name in SCHEMA else "is not the ledger's"
            yield Problem(None, f"{name} of the database {what}")


def _key_problems(genesis: Genesis, public_key: str | None) -> Iterator[Problem]:
    if public_key is not None and public_key != genesis.public_key:
        yield Problem(1, f"it is another key's ledger: signed by {genesis.public_key}")


def _head_problems(
    connection: sqlite3.Connection, genesis: Genesis, chain: Chain, every_signature: bool
) -> Iterator[Problem]:
    strangers = connection.execute(
        "SELECT h.height FROM congress_head AS h LEFT JOIN congress_event AS e ON e.height = h.height "
        "WHERE e.hash IS NOT h.hash ORDER BY h.height"
    )
    for (height,) in strangers:
        yield Problem(height, "the head signed here is not this event's hash, or there is no such event")
    heads = connection.execute("SELECT height, hash, signature FROM congress_head ORDER BY height DESC")
    last = heads.fetchone()
    if last is None or last[0] < chain.height:
        yield Problem(chain.height, f"events after {0 if last is None else last[0]} are not signed")
    if last is not None:
        for head in [last, *(heads if every_signature else ())]:
            if not _signed_head(genesis, Head(*head)):
                yield Problem(head[0], "the signature of this head is not by the ledger's key")


def _signed_head(genesis: Genesis, head: Head) -> bool:
    return signed(genesis.public_key, head_message(genesis.ledger, head.height, head.hash), head.signature)


def _anchor_problems(connection: sqlite3.Connection, chain: Chain, anchor: Anchor) -> Iterator[Problem]:
    row = connection.execute("SELECT hash FROM congress_event WHERE height = ?", (anchor.height,)).fetchone()
    if row is None:
        yield Problem(
            anchor.height, f"the tail is cut: the anchor is event {anchor.height}, the last is {chain.height}"
        )
    elif row[0] != anchor.hash:
        yield Problem(anchor.height, "the ledger was written anew: this event's hash is not the anchor's")
