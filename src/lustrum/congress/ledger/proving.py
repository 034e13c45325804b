"""Verifying a ledger from its file alone: the chain, its signatures, and the ballot boxes against the chain.

What only the rules of the assembly can tell (a count that does not reproduce, a rule that was changed) is asked of a
function that the caller passes in, once the chain itself is whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lustrum.congress.canonical import canonical, digest, digest_of, parse, parse_canonical
from lustrum.congress.ledger.ballot_box import (
    BLANK,
    ClosedBallot,
    Terms,
    check_envelope,
    read_closed,
    sorted_digest,
    terms_of,
)
from lustrum.congress.ledger.database import connect, reading, schema_problems
from lustrum.congress.ledger.events import (
    CAST,
    CLOSED,
    GENESIS,
    NOTHING,
    OPENED,
    RESERVED,
    VOIDED,
    Anchor,
    Event,
    Genesis,
    Head,
    as_anchor,
    genesis_of,
    has_ledger,
    read_event,
)
from lustrum.congress.ledger.keys import check_public
from lustrum.errors import BadInput, LedgerError


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and with which event; None where it is with none in particular."""

    event: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.event is None else f"event {self.event}: {self.what}"


@dataclass
class ChainBallots:
    """The ballots as the chain has them, gathered event by event."""

    terms: dict[str, Terms] = field(default_factory=dict)
    votes: dict[str, dict[str, Event]] = field(default_factory=dict)
    ended: dict[str, Event] = field(default_factory=dict)

    def heed(self, event: Event) -> Iterator[Problem]:
        """Take up an event of the ledger's own kinds; yield what it may not be."""
        try:
            match event.kind:
                case k if k == GENESIS:
                    if event.height != 1:
                        yield Problem(event.height, "a second beginning")
                case k if k == OPENED:
                    yield from self._opened(event)
                case k if k == CAST:
                    yield from self._cast(event)
                case k if k in (CLOSED, VOIDED):
                    yield from self._ended(event)
                case _:
                    yield Problem(event.height, f"a kind of event that the ledger does not write: {event.kind}")
        except (KeyError, TypeError, AttributeError) as e:
            yield Problem(event.height, f"not of the form of {event.kind}: {e!r}")

    def _opened(self, event: Event) -> Iterator[Problem]:
        terms = terms_of(event)
        if terms.ballot in self.terms:
            yield Problem(event.height, f"ballot {terms.ballot!r} is opened a second time")
            return
        if any(type(w) is not int or w < 1 for w in terms.roll.values()):
            yield Problem(event.height, f"the roll of ballot {terms.ballot!r} has weights that are no whole numbers")
        self.terms[terms.ballot] = terms
        self.votes[terms.ballot] = {}

    def _cast(self, event: Event) -> Iterator[Problem]:
        ballot, voter = event.data["ballot"], event.data["voter"]
        _ = event.data["paper"]
        terms = self.terms.get(ballot)
        if terms is None or ballot in self.ended:
            yield Problem(event.height, f"a vote in ballot {ballot!r}, which is not open here")
        elif terms.secret:
            yield Problem(event.height, f"an open vote in the secret ballot {ballot!r}")
        elif voter not in terms.roll:
            yield Problem(event.height, f"a vote of {voter!r}, who is not on the roll of ballot {ballot!r}")
        elif voter in self.votes[ballot]:
            yield Problem(event.height, f"a second vote of {voter!r} in ballot {ballot!r}")
        else:
            self.votes[ballot][voter] = event

    def _ended(self, event: Event) -> Iterator[Problem]:
        d, ballot = event.data, event.data["ballot"]
        if ballot not in self.terms or ballot in self.ended:
            yield Problem(event.height, f"the end of ballot {ballot!r}, which is not open here")
            return
        self.ended[ballot] = event
        terms, votes = self.terms[ballot], self.votes[ballot]
        if d["voters"] > len(terms.roll):
            yield Problem(event.height, f"ballot {ballot!r}: {d['voters']} voters on a roll of {len(terms.roll)}")
        if event.kind == CLOSED and d["papers"] != d["voters"]:
            yield Problem(event.height, f"ballot {ballot!r}: {d['papers']} papers of {d['voters']} voters")
        if not terms.secret:
            if d["voters_digest"] != digest(sorted(votes)):
                yield Problem(event.height, f"ballot {ballot!r}: those who voted are not those it closed with")
            papers = sorted_digest(canonical([voter, e.data["paper"]]) for voter, e in votes.items())
            if event.kind == CLOSED and d["papers_digest"] != papers:
                yield Problem(event.height, f"ballot {ballot!r}: the votes are not those it closed with")


def ballot_problems(connection: sqlite3.Connection, genesis: Genesis, chain: ChainBallots) -> Iterator[Problem]:
    """Yield where the tables of rolls, envelopes and papers are not what the chain says."""
    rows = {b: (opened, ended) for b, opened, ended in connection.execute("SELECT * FROM congress_ballot")}
    for table in ("ballot", "roll", "box", "urn"):
        for (ballot,) in connection.execute(f"SELECT DISTINCT ballot FROM congress_{table}"):
            if ballot not in chain.terms:
                yield Problem(None, f"congress_{table} has a ballot {ballot!r} that was never opened")
    for ballot, terms in chain.terms.items():
        end = chain.ended.get(ballot)
        if rows.get(ballot) != (terms.opened, None if end is None else end.height):
            yield Problem(terms.opened, f"ballot {ballot!r}: its opening and end are not those of the events")
        yield from _BallotTables(connection, genesis, terms, chain.votes[ballot], end).problems()


class _BallotTables:
    """One ballot: its terms and votes by the chain, beside its rows in the tables."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        genesis: Genesis,
        terms: Terms,
        votes: dict[str, Event],
        end: Event | None,
    ) -> None:
        self._genesis, self._terms, self._votes, self._end = genesis, terms, votes, end
        name = (terms.ballot,)
        self._roll = {
            voter: (weight, receipt)
            for voter, weight, receipt in connection.execute(
                "SELECT voter, weight, receipt FROM congress_roll WHERE ballot = ?", name
            )
        }
        self._voters = sorted(voter for voter, (_, receipt) in self._roll.items() if receipt != BLANK)
        self._envelopes = connection.execute(
            "SELECT name, box, signature FROM congress_box WHERE ballot = ?", name
        ).fetchall()
        self._papers = connection.execute(
            "SELECT number, CAST(paper AS BLOB) FROM congress_urn WHERE ballot = ? ORDER BY number", name
        ).fetchall()

    def problems(self) -> Iterator[Problem]:
        """Yield what does not agree."""
        yield from self._roll_problems()
        if not self._terms.secret:
            if self._voters != sorted(self._votes):
                yield self._problem("who voted by the roll is not who voted by the events")
            if self._envelopes or self._papers:
                yield self._problem("it is open, and has papers of a secret one")
        elif self._end is None:
            yield from self._open_problems()
        else:
            yield from self._ended_problems(self._end)
        yield from self._receipt_problems()

    def _problem(self, what: str, event: Event | None = None) -> Problem:
        return Problem(event.height if event else self._terms.opened, f"ballot {self._terms.ballot!r}: {what}")

    def _roll_problems(self) -> Iterator[Problem]:
        now = {voter: weight for voter, (weight, _) in self._roll.items()}
        for voter in sorted(now.keys() | self._terms.roll.keys()):
            if now.get(voter) != self._terms.roll.get(voter):
                yield self._problem(
                    f"the roll was changed after opening: {voter!r} had weight "
                    f"{self._terms.roll.get(voter)} and has {now.get(voter)}"
                )
        for voter in self._voters:
            if voter not in self._terms.roll:
                yield self._problem(f"a vote of {voter!r}, who is not on the roll")

    def _open_problems(self) -> Iterator[Problem]:
        if self._papers:
            yield self._problem("it is not closed, and its papers lie open")
        yield from self._too_many(len(self._envelopes), None)
        for name, sealed, signature in self._envelopes:
            try:
                check_envelope(self._genesis, self._terms.ballot, name, sealed, signature)
            except ValueError as e:
                yield self._problem(str(e))

    def _ended_problems(self, end: Event) -> Iterator[Problem]:
        if self._envelopes:
            yield self._problem("it has ended, and sealed papers are left", end)
        if digest(self._voters) != end.data["voters_digest"]:
            yield self._problem("those who voted by the roll are not those it ended with", end)
        if end.kind == VOIDED:
            if self._papers:
                yield self._problem("it was voided, and has papers", end)
            return
        yield from self._too_many(len(self._papers), end)
        try:
            papers = [canonical(parse(text)) for _, text in self._papers]
        except (ValueError, RecursionError, BadInput):
            yield self._problem("a paper of the ballot box cannot be read", end)
            return
        if sorted_digest(papers) != end.data["papers_digest"]:
            yield self._problem(
                "the ballot box was changed after the close: its papers are not those of the digest", end
            )
        elif self._papers != list(enumerate(sorted(papers), 1)):
            yield self._problem("the papers of the ballot box are not in their order", end)

    def _too_many(self, papers: int, end: Event | None) -> Iterator[Problem]:
        if papers != len(self._voters):
            more = "more" if papers > len(self._voters) else "fewer"
            yield self._problem(f"{more} papers than voters: {papers} of {len(self._voters)}", end)

    def _receipt_problems(self) -> Iterator[Problem]:
        for voter in self._voters:
            if not self._genesis.signed_receipt(self._terms.ballot, voter, self._roll[voter][1]):
                yield self._problem(f"{voter!r} is marked as having voted, without the ledger's signature")


Rebuild = Callable[[list[Event], dict[str, ClosedBallot]], Iterable[Problem]]

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
        Asked for further problems with all events and all closed ballots, if there are none so far.
    every_signature
        Check the signatures of all heads, not of the last head alone, which stands for all events.

    Raises
    ------
    LedgerError
        If there is no ledger, or anchor or key are not of their form.
    """
    path = Path(path)
    anchor = as_anchor(anchor)
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
    anchor: Anchor | str | None,
    public_key: str | None,
    rebuild: Rebuild | None,
    every_signature: bool,
) -> list[Problem]:
    """Return the problems of the ledger in a database that is open; see `verify_chain`."""
    anchor = as_anchor(anchor)
    problems = [Problem(None, what) for what in schema_problems(connection)]
    if problems:
        return problems  # whatever is read through such a schema proves nothing
    try:
        genesis = genesis_of(connection, "event 1")
    except LedgerError as e:
        return [Problem(1, f"{e.what}: {e.found or 'not there'}")]
    chain = Chain(connection, keep=rebuild is not None)
    problems = [*_key_problems(genesis, public_key), *chain.problems()]
    problems += _head_problems(connection, genesis, chain, every_signature)
    if anchor is not None:
        problems += _anchor_problems(connection, chain, anchor)
    problems += ballot_problems(connection, genesis, chain.ballots)
    if rebuild is not None and not problems:
        closed = {b: read_closed(connection, b) for b, end in chain.ballots.ended.items() if end.kind == CLOSED}
        problems = list(rebuild(chain.events, closed))
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
        self.ballots = ChainBallots()
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
                    yield from self.ballots.heed(event)
                if self._keep:
                    self.events.append(event)
            self.height, self.hash = height, hash_


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
    # the beginning and every open vote were transactions of their own, so each has a head
    alone = [1, *(e.height for votes in chain.ballots.votes.values() for e in votes.values())]
    there = {height for (height,) in connection.execute("SELECT height FROM congress_head")}
    for height in alone:
        if height not in there:
            yield Problem(height, "the head that was signed with it is missing")
    heads = connection.execute("SELECT height, hash, signature FROM congress_head ORDER BY height DESC")
    last = heads.fetchone()
    if last is None or last[0] < chain.height:
        yield Problem(chain.height, f"events after {0 if last is None else last[0]} are not signed")
    if last is not None:
        for head in [last, *(heads if every_signature else ())]:
            if not genesis.signed_head(Head(*head)):
                yield Problem(head[0], "the signature of this head is not by the ledger's key")


def _anchor_problems(connection: sqlite3.Connection, chain: Chain, anchor: Anchor) -> Iterator[Problem]:
    row = connection.execute("SELECT hash FROM congress_event WHERE height = ?", (anchor.height,)).fetchone()
    if row is None:
        yield Problem(
            anchor.height, f"the tail is cut: the anchor is event {anchor.height}, the last is {chain.height}"
        )
    elif row[0] != anchor.hash:
        yield Problem(anchor.height, "the ledger was written anew: this event's hash is not the anchor's")
