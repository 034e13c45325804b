"""Voting: what a ballot may be opened with, one vote in a transaction of its own, and the emptying of sealed papers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lustrum.congress.canonical import canonical, digest_of, parse
from lustrum.congress.ledger.closed import BLANK, Terms
from lustrum.congress.ledger.event import box_message, receipt_message
from lustrum.congress.ledger.keys import SigningKey, signed
from lustrum.congress.ledger.sealing import load_key, seal, unseal
from lustrum.congress.ledger.view import Genesis
from lustrum.errors import BadInput, LedgerError, Refused


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
class Box:
    """A sealed paper and the ledger's signature of it."""

    name: bytes
    box: bytes
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


def seal_paper(key: SigningKey, genesis: Genesis, terms: Terms, paper: bytes) -> Box:
    """Seal a paper for the urn of a secret ballot, and sign the box, so that no other gets among them."""
    if terms.key is None:
        raise LedgerError("this ballot has no key", where=terms.ballot)
    box = seal(terms.key, genesis.ledger, terms.ballot, paper, terms.paper_bytes)
    name = digest_of(box)
    signature = key.sign(box_message(genesis.ledger, terms.ballot, name))
    return Box(bytes.fromhex(name.removeprefix("sha256:")), box, bytes.fromhex(signature))


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


def fill_urn(connection: sqlite3.Connection, genesis: Genesis, terms: Terms, path: Path) -> None:
    """Open the sealed papers of a ballot and put them into the urn in the order of their bytes.

    Raises
    ------
    Refused
        If the urn's key is not there. `LedgerError` if there are not as many good boxes as voters.
    """
    if not path.exists():
        raise Refused(
            "the key of this urn is not here, so its papers cannot be opened",
            where=terms.ballot,
            found=f"no file {path}",
            mend="restore the file; if it is lost, void the ballot and vote again",
        )
    private = load_key(path, str(terms.key))
    papers = []
    for name, box, signature in connection.execute(
        "SELECT name, box, signature FROM congress_box WHERE ballot = ?", (terms.ballot,)
    ):
        try:
            check_box(genesis, terms.ballot, name, box, signature)
            paper = unseal(private, genesis.ledger, terms.ballot, box)
            papers.append(canonical(parse(paper)))
        except ValueError as e:
            raise not_countable("a sealed paper that the ledger did not take", terms, str(e)) from None
    for voter, receipt in connection.execute(
        "SELECT voter, receipt FROM congress_roll WHERE ballot = ? AND receipt <> ?", (terms.ballot, BLANK)
    ):
        message = receipt_message(genesis.ledger, terms.ballot, voter)
        if voter not in terms.roll or not signed(genesis.public_key, message, receipt.hex()):
            raise not_countable("a voter is marked whose vote the ledger did not take", terms, voter)
    rows = ((terms.ballot, number, paper.decode()) for number, paper in enumerate(sorted(papers), 1))
    connection.executemany("INSERT INTO congress_urn VALUES (?, ?, ?)", rows)


def not_countable(what: str, terms: Terms, found: str) -> LedgerError:
    """Return the error of a ballot whose tables someone changed while it was open."""
    return LedgerError(
        what,
        where=terms.ballot,
        found=found,
        mend="the ballot cannot be counted: void it, and find out who changed the file",
    )


def check_box(genesis: Genesis, ballot: str, name: bytes, box: bytes, signature: bytes) -> None:
    """See that the ledger's key signed a box.

    Raises
    ------
    ValueError
        If it did not.
    """
    known = digest_of(box)
    if known != f"sha256:{name.hex()}" or not signed(
        genesis.public_key, box_message(genesis.ledger, ballot, known), signature.hex()
    ):
        raise ValueError("a sealed paper without the ledger's signature")
