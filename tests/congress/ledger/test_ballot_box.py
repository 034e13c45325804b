"""Ballots: each mandate votes once, between opening and close; whatever else is tried is refused."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import closed_ballots

from lustrum.congress.ledger import Ledger, SigningKey, View, digest, verify_chain
from lustrum.congress.ledger.keys import signed
from lustrum.errors import BadInput, LedgerError, Refused

ROLL = {f"m{k}": 1 for k in range(9)}


@pytest.fixture(params=[True, False], ids=["secret", "open"])
def secret(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def ledger(tmp_path: Path, key: SigningKey) -> Any:
    with Ledger.create(tmp_path / "lustrum.db", key, {}) as ledger:
        yield ledger


def opened(ledger: Ledger, secret: bool, name: str = "b") -> None:
    with ledger.writing() as tx:
        tx.open_ballot(name, secret=secret, roll=ROLL)


def test_what_was_cast_is_what_is_counted(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    papers = {"m3": ["a", "b"], "m1": ["b"], "m7": ["a", "b"], "m2": []}
    for voter, paper in papers.items():
        ledger.cast("b", voter, paper)
    assert ledger.turnout("b") == (4, 9)
    with ledger.writing() as tx:
        urn = tx.close_ballot("b")
        event = list(tx.events(tx.head.height))[-1]
    assert urn == ledger.closed_ballot("b") and closed_ballots(ledger) == [urn]
    assert urn.voters == ("m1", "m2", "m3", "m7") and urn.roll == ROLL
    assert sorted(p for p, _ in urn.papers) == sorted(papers.values()) and {w for _, w in urn.papers} == {1}
    assert event.kind == "urn.closed/1" and (event.data["papers"], event.data["voters"]) == (4, 4)
    assert event.data["voters_digest"] == digest(["m1", "m2", "m3", "m7"])
    if secret:
        assert {v.voter for v in urn.votes} == {None}
        assert event.data["papers_digest"] == digest([["a", "b"], ["a", "b"], ["b"], []])  # by their bytes
    else:
        assert {v.voter: v.paper for v in urn.votes} == papers
        assert event.data["papers_digest"] == digest([[v, papers[v]] for v in sorted(papers)])
    assert verify_chain(ledger.path, every_signature=True) == []


def test_a_second_vote_is_refused_and_the_first_stands(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    ledger.cast("b", "m1", "yes")
    with pytest.raises(Refused, match="has voted"):
        ledger.cast("b", "m1", "no")
    with ledger.writing() as tx:
        assert tx.close_ballot("b").papers == (("yes", 1),)


def test_a_vote_before_opening_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="no ballot of this name"):
        ledger.cast("b", "m1", "yes")


def test_a_vote_after_the_close_is_refused(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    with ledger.writing() as tx:
        tx.close_ballot("b")
    with pytest.raises(Refused, match="has ended"):
        ledger.cast("b", "m1", "yes")
    assert ledger.receipt("b", "m1") is None and ledger.closed_ballot("b").papers == ()


def test_a_vote_from_off_the_roll_is_refused(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    with pytest.raises(Refused, match="not on the roll"):
        ledger.cast("b", "stranger", "yes")
    with pytest.raises(Refused, match="not on the roll"):
        ledger.receipt("b", "stranger")
    assert ledger.turnout("b") == (0, 9)


def test_closing_twice_is_refused(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    with ledger.writing() as tx:
        tx.close_ballot("b")
    for deed in ("close_ballot", "void_ballot"):
        with pytest.raises(Refused, match="has ended"), ledger.writing() as tx:
            getattr(tx, deed)("b")
    with pytest.raises(Refused, match="no ballot of this name"), ledger.writing() as tx:
        tx.close_ballot("never")


def test_opening_twice_is_refused(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    with pytest.raises(Refused, match="opened before"):
        opened(ledger, secret)
    with ledger.writing() as tx:
        tx.close_ballot("b")
    with pytest.raises(Refused, match="opened before"):
        opened(ledger, not secret)


def test_there_is_no_result_before_the_close(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    ledger.cast("b", "m1", "yes")
    with pytest.raises(Refused, match="no result before"):
        ledger.closed_ballot("b")
    assert closed_ballots(ledger) == []


def test_a_void_ballot_has_no_result(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    ledger.cast("b", "m1", "yes")
    with ledger.writing() as tx:
        tx.void_ballot("b")
    with pytest.raises(Refused, match="voided"):
        ledger.closed_ballot("b")
    assert closed_ballots(ledger) == [] and verify_chain(ledger.path) == []
    assert list(ledger.path.parent.glob("*.key")) == []


def test_two_at_once_from_one_voter_leave_one_vote(ledger: Ledger, key: SigningKey, secret: bool) -> None:
    opened(ledger, secret)
    together = threading.Barrier(8)
    answers: list[object] = []

    def vote(paper: int) -> None:
        with Ledger.open(ledger.path, key) as mine:
            together.wait()
            try:
                mine.cast("b", "m1", paper)
                answers.append(paper)
            except Refused as e:
                answers.append(e)

    threads = [threading.Thread(target=vote, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [a for a in answers if isinstance(a, int)]
    assert len(answers) == 8 and len(taken) == 1
    with ledger.writing() as tx:
        assert tx.close_ballot("b").papers == ((taken[0], 1),)


def test_who_may_not_vote_now_is_asked_inside_the_transaction(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)

    def present(view: View) -> None:
        if not any(e.kind == "arrived/1" for e in view.events(1)):
            raise Refused("absent")

    with pytest.raises(Refused, match="absent"):
        ledger.cast("b", "m1", "yes", allowed=present)
    assert ledger.turnout("b") == (0, 9) and ledger.receipt("b", "m1") is None
    with ledger.writing() as tx:
        tx.append("arrived/1", {})
    ledger.cast("b", "m1", "yes", allowed=present)
    assert ledger.turnout("b") == (1, 9)


def test_a_malformed_paper_is_refused(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)

    def ranking(paper: Any) -> None:
        if len(set(paper)) != len(paper):
            raise Refused("an option stands twice")

    with pytest.raises(Refused, match="stands twice"):
        ledger.cast("b", "m1", ["a", "a"], check=ranking)
    with pytest.raises(BadInput, match="canonical JSON"):
        ledger.cast("b", "m1", float("nan"))
    assert ledger.turnout("b") == (0, 9)
    ledger.cast("b", "m1", ["a", "b"], check=ranking)


def test_a_secret_paper_that_is_too_large_is_refused(ledger: Ledger) -> None:
    opened(ledger, True)
    ledger.cast("b", "m1", "x" * 1022)
    with pytest.raises(BadInput, match="1025 bytes"):
        ledger.cast("b", "m2", "x" * 1023)
    assert ledger.turnout("b") == (1, 9)


@pytest.mark.parametrize(
    ("roll", "size", "says"),
    [
        ({}, 64, "needs a roll"),
        ({"a": 0}, 64, "whole number above zero"),
        ({"a": True}, 64, "whole number above zero"),
        ({"a": 1.5}, 64, "whole number above zero"),
        ({"a": 1, "b": 2}, 64, "papers weigh differently"),
        ({"a": 1}, 0, "size of papers"),
    ],
)
def test_a_ballot_that_cannot_be_is_refused(ledger: Ledger, roll: dict[str, Any], size: int, says: str) -> None:
    with pytest.raises(BadInput, match=says), ledger.writing() as tx:
        tx.open_ballot("b", secret=True, roll=roll, paper_bytes=size)
    assert ledger.head.height == 1 and list(ledger.path.parent.glob("*.key")) == []


def test_a_receipt_says_who_has_voted_and_nothing_more(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    receipt = ledger.cast("b", "m1", "yes")
    assert ledger.receipt("b", "m1") == receipt and ledger.receipt("b", "m2") is None
    message = {"ballot": "b", "format": "lustrum-receipt/1", "ledger": ledger.id, "voter": "m1"}
    assert signed(ledger.public_key, message, receipt.signature)


def test_an_opening_that_fails_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.writing() as tx:
        tx.open_ballot("b", secret=True, roll=ROLL)
        _ = 1 // 0
    assert list(ledger.path.parent.glob("*.key")) == []
    opened(ledger, True)


def test_a_close_that_fails_leaves_the_ballot_open(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    ledger.cast("b", "m1", "yes")
    with pytest.raises(ZeroDivisionError), ledger.writing() as tx:
        tx.close_ballot("b")
        _ = 1 // 0
    ledger.cast("b", "m2", "no")
    with ledger.writing() as tx:
        assert sorted(tx.close_ballot("b").papers) == [("no", 1), ("yes", 1)]


def test_without_the_urns_key_a_secret_ballot_cannot_be_counted_but_voided(ledger: Ledger, key: SigningKey) -> None:
    opened(ledger, True)
    ledger.cast("b", "m1", "yes")
    (urn_key,) = ledger.path.parent.glob("*.key")
    assert urn_key.stat().st_mode & 0o777 == 0o600
    kept = urn_key.read_bytes()
    urn_key.unlink()
    with pytest.raises(Refused, match="key of this ballot box is not here"), ledger.writing() as tx:
        tx.close_ballot("b")
    for wrong, says in (("nothing", "no key of a ballot box"), ("ab" * 32, "key of another ballot box")):
        urn_key.write_text(wrong)
        urn_key.chmod(0o600)
        with pytest.raises(LedgerError, match=says), ledger.writing() as tx:
            tx.close_ballot("b")
    urn_key.write_bytes(kept)
    with ledger.writing() as tx:
        assert tx.close_ballot("b").papers == (("yes", 1),)
    opened(ledger, True, "c")
    next(iter(ledger.path.parent.glob("*.key"))).unlink()
    with ledger.writing() as tx:
        tx.void_ballot("c")
    assert verify_chain(ledger.path) == []


def test_the_key_of_a_ballot_that_ended_is_destroyed_when_the_ledger_is_next_opened(
    ledger: Ledger, key: SigningKey
) -> None:
    opened(ledger, True)
    opened(ledger, True, "still open")
    keys = {p: p.read_bytes() for p in ledger.path.parent.glob("*.key")}
    with ledger.writing() as tx:
        tx.close_ballot("b")
    ((left, content),) = ((p, c) for p, c in keys.items() if not p.exists())
    left.write_bytes(content)  # as if killed between the close and the end of its key
    with Ledger.open(ledger.path, key):
        assert not left.exists() and len(list(ledger.path.parent.glob("*.key"))) == 1


def test_a_close_does_not_wait_for_readers(ledger: Ledger, secret: bool) -> None:
    opened(ledger, secret)
    ledger.cast("b", "m1", "yes")
    reader = sqlite3.connect(ledger.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM congress_event").fetchone()
    began = time.perf_counter()
    with ledger.writing() as tx:
        tx.close_ballot("b")
    assert time.perf_counter() - began < 30  # the reader never ends
    assert not list(ledger.path.parent.glob("*.key"))
    reader.close()


def test_the_order_of_casting_and_who_cast_what_leave_no_trace_in_a_closed_urn(tmp_path: Path, key: SigningKey) -> None:
    with Ledger.create(tmp_path / "lustrum.db", key, {}) as ledger:
        urns = []
        for name in ("a", "b"):
            opened(ledger, True, name)
            voters, papers = list(ROLL), ["yes"] * 4 + ["no"] * 5
            random.Random(name).shuffle(voters)
            random.Random(name + name).shuffle(papers)
            for voter, paper in zip(voters, papers, strict=True):
                ledger.cast(name, voter, paper)
            with ledger.writing() as tx:
                urns.append(tx.close_ballot(name))
        assert urns[0].votes == urns[1].votes and urns[0].papers_digest == urns[1].papers_digest
