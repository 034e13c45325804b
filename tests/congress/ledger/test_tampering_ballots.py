"""Rolls, votes, sealed papers and urns that were changed in the file: found by the proof, or stopped at the close."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import Body, do, guards_down, height_of, rewrite

from lustrum.congress.ledger import (
    Ledger,
    Problem,
    SigningKey,
    digest,
    verify_chain,
)
from lustrum.errors import LedgerError, Refused


def told(path: Path, **asked: Any) -> str:
    return "\n".join(map(str, verify_chain(path, **asked)))


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("UPDATE congress_roll SET weight = 9 WHERE ballot = 'open' AND voter = 'm03'", "'m03' had weight 4 and has 9"),
        ("DELETE FROM congress_roll WHERE ballot = 'open' AND voter = 'm19'", "'m19' had weight 20 and has None"),
        ("INSERT INTO congress_roll VALUES ('open', 'new', 1, zeroblob(64))", "'new' had weight None and has 1"),
        ("UPDATE congress_roll SET voter = 'new' WHERE ballot = 'open' AND voter = 'm19'", "'new' had weight None"),
    ],
)
def test_a_roll_that_was_changed_after_opening(ledger_file: Path, deed: str, says: str) -> None:
    opening = height_of(ledger_file, "urn.opened/1", ballot="open")
    do(ledger_file, deed)
    assert f"event {opening}: ballot 'open': the roll was changed after opening: " in told(ledger_file)
    assert says in told(ledger_file)


def test_a_roll_that_was_changed_in_the_opening_event(ledger_file: Path) -> None:
    opening = height_of(ledger_file, "urn.opened/1", ballot="open")
    do(
        ledger_file,
        f"UPDATE congress_event SET body = replace(body, '\"m03\":4', '\"m03\":9') WHERE height = {opening}",
        "UPDATE congress_roll SET weight = 9 WHERE ballot = 'open' AND voter = 'm03'",
    )
    assert verify_chain(ledger_file) == [Problem(opening, "its content is not what its hash says")]


def test_more_papers_than_voters(ledger_file: Path) -> None:
    closing = height_of(ledger_file, "urn.closed/1", ballot="secret")
    do(ledger_file, "INSERT INTO congress_urn VALUES ('secret', 16, '\"yes\"')")
    found = told(ledger_file)
    assert f"event {closing}: ballot 'secret': more papers than voters: 16 of 15" in found
    assert "the ballot box was changed after the close" in found


def test_more_papers_than_voters_signed_by_the_keeper_itself(ledger_file: Path, key: SigningKey) -> None:
    papers = sorted([*(["yes", "no", "abstain"] * 5), "yes"])

    def change(events: list[Body]) -> None:
        (closing,) = (e for e in events if e["kind"] == "urn.closed/1" and e["data"]["ballot"] == "secret")
        closing["data"].update(papers=16, papers_digest=digest(papers))

    rewrite(ledger_file, change, key)
    with guards_down(ledger_file) as connection:
        connection.execute("DELETE FROM congress_urn WHERE ballot = 'secret'")
        rows = [("secret", n, json.dumps(p)) for n, p in enumerate(papers, 1)]
        connection.executemany("INSERT INTO congress_urn VALUES (?, ?, ?)", rows)
    assert "ballot 'secret': 16 papers of 15 voters" in told(ledger_file)


def test_a_paper_in_the_urn_of_an_open_secret_ballot(ledger_file: Path) -> None:
    do(ledger_file, "INSERT INTO congress_box VALUES ('secret, open', x'aa', x'bb', x'cc')")
    assert "more papers than voters: 6 of 5" in told(ledger_file)
    assert "a sealed paper without the ledger's signature" in told(ledger_file)


def test_a_sealed_paper_exchanged_for_one_of_another_ballot(ledger_file: Path, key: SigningKey) -> None:
    with Ledger.open(ledger_file, key) as ledger:
        with ledger.writing() as tx:
            tx.open_ballot("other", secret=True, roll={"m1": 1}, paper_bytes=64)
        ledger.cast("other", "m1", "no")
    do(
        ledger_file,
        "DELETE FROM congress_box WHERE ballot = 'secret, open' AND name = (SELECT min(name) FROM congress_box "
        "WHERE ballot = 'secret, open')",
        "INSERT INTO congress_box SELECT 'secret, open', name, box, signature FROM congress_box WHERE ballot = 'other'",
    )
    assert "ballot 'secret, open': a sealed paper without the ledger's signature" in told(ledger_file)
    with Ledger.open(ledger_file, key) as ledger:  # noqa: SIM117
        with pytest.raises(LedgerError, match="the ledger did not take"), ledger.writing() as tx:
            tx.close_ballot("secret, open")


def test_a_sealed_paper_taken_out(ledger_file: Path, key: SigningKey) -> None:
    do(ledger_file, "DELETE FROM congress_box WHERE name = (SELECT min(name) FROM congress_box)")
    assert "fewer papers than voters: 4 of 5" in told(ledger_file)
    with Ledger.open(ledger_file, key) as ledger:  # noqa: SIM117
        with pytest.raises(LedgerError, match="not as many votes as voters"), ledger.writing() as tx:
            tx.close_ballot("secret, open")


def test_a_voter_marked_as_having_voted(ledger_file: Path) -> None:
    do(
        ledger_file,
        "UPDATE congress_roll SET receipt = (SELECT receipt FROM congress_roll WHERE ballot = 'secret, open' AND "
        "voter = 'm00') WHERE ballot = 'secret, open' AND voter = 'm10'",
    )
    assert "'m10' is marked as having voted, without the ledger's signature" in told(ledger_file)


def test_a_voter_marked_as_having_voted_stops_the_close(ledger_file: Path, key: SigningKey) -> None:
    """Even where another was unmarked for it, so that the numbers agree."""
    do(
        ledger_file,
        "UPDATE congress_roll SET receipt = (SELECT receipt FROM congress_roll WHERE ballot = 'secret, open' AND "
        "voter = 'm00') WHERE ballot = 'secret, open' AND voter = 'm10'",
        "UPDATE congress_roll SET receipt = zeroblob(64) WHERE ballot = 'secret, open' AND voter = 'm00'",
    )
    with Ledger.open(ledger_file, key) as ledger:  # noqa: SIM117
        with pytest.raises(LedgerError, match="marked whose vote the ledger did not take"), ledger.writing() as tx:
            tx.close_ballot("secret, open")


def test_a_voter_unmarked_in_an_open_ballot_who_votes_again(ledger_file: Path, key: SigningKey) -> None:
    do(ledger_file, "UPDATE congress_roll SET receipt = zeroblob(64) WHERE ballot = 'open, open' AND voter = 'm00'")
    with Ledger.open(ledger_file, key) as ledger:
        ledger.cast("open, open", "m00", "no")
        with pytest.raises(LedgerError, match="6 votes, 5 voters"), ledger.writing() as tx:
            tx.close_ballot("open, open")
    assert "a second vote of 'm00'" in told(ledger_file)


def test_a_voter_added_to_the_table_of_the_roll_may_not_vote(ledger_file: Path, key: SigningKey) -> None:
    do(ledger_file, "INSERT INTO congress_roll VALUES ('secret, open', 'new', 1, zeroblob(64))")
    with Ledger.open(ledger_file, key) as ledger, pytest.raises(Refused, match="not on the roll"):
        ledger.cast("secret, open", "new", "yes")


def test_what_was_changed_without_the_key_is_not_signed_by_the_next_event(ledger_file: Path, key: SigningKey) -> None:
    def change(events: list[Body]) -> None:
        events[1]["data"]["rule"]["den"] = 3

    rewrite(ledger_file, change)
    do(
        ledger_file,
        "UPDATE congress_head SET hash = (SELECT hash FROM congress_event AS e WHERE e.height = congress_head.height)",
    )
    with Ledger.open(ledger_file, key) as ledger:
        with pytest.raises(LedgerError, match="not the one that was signed"), ledger.writing():
            pass
        with pytest.raises(LedgerError, match="not the one that was signed"):
            ledger.cast("open, open", "m15", "yes")


def test_a_roll_call_altered_after_the_close(ledger_file: Path) -> None:
    closing = height_of(ledger_file, "urn.closed/1", ballot="secret")
    do(
        ledger_file,
        "UPDATE congress_roll SET receipt = randomblob(64) WHERE ballot = 'secret' AND voter = 'm19'",
        "UPDATE congress_roll SET receipt = zeroblob(64) WHERE ballot = 'secret' AND voter = 'm00'",
    )
    assert Problem(closing, "ballot 'secret': those who voted by the roll are not those it ended with") in (
        verify_chain(ledger_file)
    )


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("UPDATE congress_urn SET paper = '\"yes\"' WHERE number = 1", "the ballot box was changed after the close"),
        ("DELETE FROM congress_urn WHERE number = 1", "the ballot box was changed after the close"),
        ("UPDATE congress_urn SET paper = '{' WHERE number = 1", "a paper of the ballot box cannot be read"),
        ("UPDATE congress_urn SET paper = '\"\\ud800\"' WHERE number = 1", "a paper of the ballot box cannot be read"),
        ("UPDATE congress_urn SET number = 99 WHERE number = 1", "not in their order"),
        ("INSERT INTO congress_box VALUES ('secret', x'aa', x'bb', x'cc')", "sealed papers are left"),
        ("INSERT INTO congress_urn VALUES ('void', 1, '1')", "it was voided, and has papers"),
        ("INSERT INTO congress_urn VALUES ('open', 1, '1')", "it is open, and has papers of a secret one"),
        ("INSERT INTO congress_urn VALUES ('secret, open', 1, '1')", "not closed, and its papers lie open"),
        ("INSERT INTO congress_urn VALUES ('never', 1, '1')", "a ballot 'never' that was never opened"),
        ("UPDATE congress_ballot SET ended = NULL WHERE ballot = 'secret'", "not those of the events"),
        ("UPDATE congress_ballot SET ended = 2 WHERE ballot = 'open, open'", "not those of the events"),
        ("DELETE FROM congress_ballot WHERE ballot = 'secret'", "not those of the events"),
        (
            "UPDATE congress_roll SET receipt = randomblob(64) WHERE ballot = 'open' AND voter = 'm19'",
            "who voted by the roll is not who voted by the events",
        ),
    ],
)
def test_an_urn_that_was_altered(ledger_file: Path, deed: str, says: str) -> None:
    do(ledger_file, deed)
    assert says in told(ledger_file)


def add(events: list[Body], kind: str, **data: object) -> None:
    events.append({"kind": kind, "data": data, "time": events[-1]["time"]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: add(e, "urn.cast/1", ballot="open, open", voter="stranger", paper=1), "who is not on the roll"),
        (lambda e: add(e, "urn.cast/1", ballot="open, open", voter="m01", paper=1), "a second vote of 'm01'"),
        (lambda e: add(e, "urn.cast/1", ballot="open", voter="m19", paper=1), "which is not open here"),
        (lambda e: add(e, "urn.cast/1", ballot="never", voter="m19", paper=1), "which is not open here"),
        (lambda e: add(e, "urn.cast/1", ballot="secret, open", voter="m19", paper=1), "an open vote in the secret"),
        (
            lambda e: add(e, "urn.closed/1", ballot="open", papers=1, papers_digest="", voters=1, voters_digest=""),
            "the end of ballot 'open', which is not open here",
        ),
        (
            lambda e: add(
                e, "urn.closed/1", ballot="open, open", papers=5, papers_digest="", voters=5, voters_digest=""
            ),
            "the votes are not those it closed with",
        ),
        (
            lambda e: add(
                e, "urn.closed/1", ballot="secret, open", papers=30, papers_digest="", voters=30, voters_digest=""
            ),
            "30 voters on a roll of 20",
        ),
        (
            lambda e: add(e, "urn.opened/1", ballot="open", secret=False, roll={"a": 1}, paper_bytes=64, key=None),
            "is opened a second time",
        ),
        (
            lambda e: add(e, "urn.opened/1", ballot="new", secret=False, roll={"a": -1}, paper_bytes=64, key=None),
            "weights that are no whole numbers",
        ),
        (lambda e: add(e, "urn.cast/1", ballot="open, open"), "not of the form of urn.cast/1"),
        (lambda e: add(e, "ledger.genesis/1"), "a second beginning"),
        (lambda e: add(e, "urn.reopened/1"), "a kind of event that the ledger does not write"),
    ],
)
def test_what_the_keeper_signs_though_the_ledger_would_refuse_it(
    ledger_file: Path, key: SigningKey, change: Callable[[list[Body]], None], says: str
) -> None:
    rewrite(ledger_file, change, key)
    assert says in told(ledger_file)
