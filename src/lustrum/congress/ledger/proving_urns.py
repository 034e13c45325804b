"""Verifying urns: what the chain says of ballots, and whether rolls, votes and papers of the tables agree with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from lustrum.congress.canonical import canonical, digest, parse
from lustrum.congress.ledger.casting import check_box
from lustrum.congress.ledger.closed import BLANK, Terms, sorted_digest, terms_of
from lustrum.congress.ledger.event import CAST, CLOSED, GENESIS, OPENED, VOIDED, Event, receipt_message
from lustrum.congress.ledger.keys import signed
from lustrum.congress.ledger.view import Genesis
from lustrum.errors import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and with which event; None where it is with none in particular."""

    event: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.event is None else f"event {self.event}: {self.what}"


@dataclass
class ChainUrns:
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


def urn_problems(
    connection: sqlite3.Connection, genesis: Genesis, urns: ChainUrns, every_signature: bool
) -> Iterator[Problem]:
    """Yield where the tables of rolls, boxes and papers are not what the chain says."""
    ballots = {b: (opened, ended) for b, opened, ended in connection.execute("SELECT * FROM congress_ballot")}
    for table in ("ballot", "roll", "box", "urn"):
        for (ballot,) in connection.execute(f"SELECT DISTINCT ballot FROM congress_{table}"):
            if ballot not in urns.terms:
                yield Problem(None, f"congress_{table} has a ballot {ballot!r} that was never opened")
    for ballot, terms in urns.terms.items():
        end = urns.ended.get(ballot)
        if ballots.get(ballot) != (terms.opened, None if end is None else end.height):
            yield Problem(terms.opened, f"ballot {ballot!r}: its opening and end are not those of the events")
        yield from _Urn(connection, genesis, terms, urns.votes[ballot], end).problems(every_signature)


class _Urn:
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
        self._boxes = connection.execute(
            "SELECT name, box, signature FROM congress_box WHERE ballot = ?", name
        ).fetchall()
        self._papers = connection.execute(
            "SELECT number, CAST(paper AS BLOB) FROM congress_urn WHERE ballot = ? ORDER BY number", name
        ).fetchall()

    def problems(self, every_signature: bool) -> Iterator[Problem]:
        """Yield what does not agree."""
        yield from self._roll_problems()
        if not self._terms.secret:
            if self._voters != sorted(self._votes):
                yield self._problem("who voted by the roll is not who voted by the events")
            if self._boxes or self._papers:
                yield self._problem("it is open, and has papers of a secret one")
        elif self._end is None:
            yield from self._open_problems()
        else:
            yield from self._ended_problems(self._end)
        if every_signature or (self._terms.secret and self._end is None):
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
        yield from self._too_many(len(self._boxes), None)
        for name, box, signature in self._boxes:
            try:
                check_box(self._genesis, self._terms.ballot, name, box, signature)
            except ValueError as e:
                yield self._problem(str(e))

    def _ended_problems(self, end: Event) -> Iterator[Problem]:
        if self._boxes:
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
            yield self._problem("a paper of the urn cannot be read", end)
            return
        if sorted_digest(papers) != end.data["papers_digest"]:
            yield self._problem("the urn was changed after the close: its papers are not those of the digest", end)
        elif self._papers != list(enumerate(sorted(papers), 1)):
            yield self._problem("the papers of the urn are not in their order", end)

    def _too_many(self, papers: int, end: Event | None) -> Iterator[Problem]:
        if papers != len(self._voters):
            more = "more" if papers > len(self._voters) else "fewer"
            yield self._problem(f"{more} papers than voters: {papers} of {len(self._voters)}", end)

    def _receipt_problems(self) -> Iterator[Problem]:
        for voter in self._voters:
            message = receipt_message(self._genesis.ledger, self._terms.ballot, voter)
            if not signed(self._genesis.public_key, message, self._roll[voter][1].hex()):
                yield self._problem(f"{voter!r} is marked as having voted, without the ledger's signature")
