"""Backups of a ledger in use and the record as one file: whole or not there, and verified where they arrive."""

from __future__ import annotations

import copy
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import closed_ballots

from lustrum.congress.ledger import (
    Ledger,
    SigningKey,
    backup,
    export_record,
    import_record,
    load_record,
    save_record,
    verify_chain,
    verify_record,
)
from lustrum.errors import LedgerError, NotVerified, WorkspaceError


@pytest.fixture
def closed_file(ledger_file: Path, key: SigningKey) -> Path:
    """The ledger with all ballots ended."""
    with Ledger.open(ledger_file, key) as ledger, ledger.writing() as tx:
        tx.close_ballot("open, open")
        tx.void_ballot("secret, open")
    return ledger_file


def test_a_backup_is_the_ledger_itself(ledger_file: Path, tmp_path: Path, key: SigningKey) -> None:
    backup(ledger_file, tmp_path / "copy.db")
    assert verify_chain(tmp_path / "copy.db", every_signature=True) == []
    with Ledger.open(ledger_file) as one, Ledger.open(tmp_path / "copy.db", key) as two:
        assert list(one.events()) == list(two.events()) and one.head == two.head
        assert closed_ballots(one) == closed_ballots(two)
        with two.writing() as tx:
            tx.append("a/1", {})
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_backup_made_while_others_write_is_one_state_of_it(
    ledger_file: Path, tmp_path: Path, key: SigningKey
) -> None:
    done = threading.Event()

    def write() -> None:
        with Ledger.open(ledger_file, key) as ledger:
            k = 0
            while not done.is_set():
                with ledger.writing() as tx:
                    tx.append("pair/1", {"k": k})
                    tx.append("pair/1", {"k": k})
                    k += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for k in range(5):
            backup(ledger_file, tmp_path / f"{k}.db")
    finally:
        done.set()
        writer.join()
    heights = []
    for k in range(5):
        assert verify_chain(tmp_path / f"{k}.db") == []
        with Ledger.open(tmp_path / f"{k}.db") as ledger:
            pairs = [e.data["k"] for e in ledger.events() if e.kind == "pair/1"]
            assert pairs == [i // 2 for i in range(len(pairs))] and len(pairs) % 2 == 0
            heights.append(ledger.head.height)
    assert heights == sorted(heights)
    assert verify_chain(ledger_file) == []


def test_a_record_is_a_ledger_again_elsewhere(closed_file: Path, tmp_path: Path, key: SigningKey) -> None:
    save_record(closed_file, tmp_path / "record.json")
    record = load_record(tmp_path / "record.json")
    with Ledger.open(closed_file) as ledger:
        anchor = str(ledger.head.anchor)
        import_record(record, tmp_path / "elsewhere.db", anchor, key.public)
        with Ledger.open(tmp_path / "elsewhere.db", key) as other:
            assert list(ledger.events()) == list(other.events())
            assert closed_ballots(ledger) == closed_ballots(other)
            assert other.receipt("secret", "m03") == ledger.receipt("secret", "m03") is not None
            assert ledger.turnout("void") == other.turnout("void")
    assert verify_chain(tmp_path / "elsewhere.db", anchor, key.public, every_signature=True) == []
    assert export_record(tmp_path / "elsewhere.db") == record
    assert verify_record(record, anchor, key.public) == []


def test_a_record_may_come_into_a_database_that_holds_other_things(closed_file: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "mine.db")
    connection.execute("CREATE TABLE runs (id INTEGER)")
    connection.close()
    import_record(export_record(closed_file), tmp_path / "mine.db")
    assert verify_chain(tmp_path / "mine.db") == []
    with pytest.raises(LedgerError, match="a ledger in this file already"):
        import_record(export_record(closed_file), tmp_path / "mine.db")


def edit_event(record: Any) -> None:
    record["events"][1]["data"]["rule"]["den"] = 3


def drop_event(record: Any) -> None:
    del record["events"][1]


def swap_events(record: Any) -> None:
    record["events"][2], record["events"][3] = record["events"][3], record["events"][2]


def cut_tail(record: Any) -> None:
    del record["events"][-1]


def stuff_urn(record: Any) -> None:
    record["urns"]["secret"]["papers"].append("yes")


def change_paper(record: Any) -> None:
    record["urns"]["secret"]["papers"][0] = "yes"


def add_voter(record: Any) -> None:
    record["urns"]["secret"]["receipts"]["stranger"] = "ab" * 64


def false_receipt(record: Any) -> None:
    record["urns"]["secret"]["receipts"]["m03"] = "ab" * 64


def strange_urn(record: Any) -> None:
    record["urns"]["never"] = {"papers": ["yes"], "receipts": {}}


@pytest.mark.parametrize(
    "deed",
    [edit_event, drop_event, swap_events, cut_tail, stuff_urn, change_paper, add_voter, false_receipt, strange_urn],
)
def test_a_record_that_was_changed_is_not_imported(
    closed_file: Path, tmp_path: Path, deed: Callable[[Any], None]
) -> None:
    record = export_record(closed_file)
    deed(record)
    assert verify_record(record) != []
    with pytest.raises(NotVerified, match="does not prove itself"):
        import_record(record, tmp_path / "elsewhere.db")
    assert not (tmp_path / "elsewhere.db").exists() and not list(tmp_path.glob("elsewhere*"))


def test_a_shorter_record_shows_against_an_anchor(closed_file: Path, tmp_path: Path, key: SigningKey) -> None:
    before = export_record(closed_file)
    with Ledger.open(closed_file, key) as ledger:
        with ledger.writing() as tx:
            tx.append("motion.decided/1", {})
        anchor = str(ledger.head.anchor)
    assert verify_record(before) == []
    assert "the tail is cut" in str(verify_record(before, anchor)[0])
    with pytest.raises(NotVerified, match="the tail is cut"):
        import_record(before, tmp_path / "elsewhere.db", anchor)


def broken(record: dict[str, Any]) -> list[Any]:
    out: list[Any] = [None, [], 3, "text", {}, {"format": "lustrum-record/1"}, {**record, "format": "other/1"}]
    for name in ("events", "heads", "urns"):
        for value in (None, 3, "x", [None], [{}], {"secret": None}, {"secret": {}}):
            out.append({**record, name: value})
    for name, value in (("height", "1"), ("height", 2**70), ("hash", None), ("time", {}), ("data", {"a": "\ud800"})):
        bad = copy.deepcopy(record)
        bad["events"][1][name] = value
        out.append(bad)
    return out


def test_what_is_no_record_is_refused_in_words(closed_file: Path, tmp_path: Path) -> None:
    for bad in broken(export_record(closed_file)):
        with pytest.raises((LedgerError, NotVerified)):
            import_record(bad, tmp_path / "elsewhere.db")
        assert not list(tmp_path.glob("elsewhere*"))
    for text in (b"{", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000):
        (tmp_path / "text.json").write_bytes(text)
        with pytest.raises(LedgerError, match="holds no record"):
            load_record(tmp_path / "text.json")
    with pytest.raises(WorkspaceError, match="reading the record failed"):
        load_record(tmp_path / "none.json")


def test_copies_replace_no_file(closed_file: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for deed in (backup, save_record):
        with pytest.raises(LedgerError, match="a file already"):
            deed(closed_file, tmp_path / "there")
        with pytest.raises((LedgerError, WorkspaceError)):
            deed(closed_file, tmp_path / "no folder" / "copy")
        with pytest.raises(LedgerError, match="no ledger here"):
            deed(tmp_path / "none.db", tmp_path / "copy")
    assert (tmp_path / "there").read_text() == "mine" and not list(tmp_path.glob(".tmp-*"))


def test_what_a_killed_run_left_is_swept_away_when_it_is_old(closed_file: Path, tmp_path: Path) -> None:
    for name, age in ((".tmp-1-old", 7200), (".tmp-1-old-journal", 7200), (".tmp-2-new", 60)):
        (tmp_path / name).write_text("half a copy")
        moment = time.time() - age
        os.utime(tmp_path / name, (moment, moment))
    backup(closed_file, tmp_path / "copy.db")
    assert {p.name for p in tmp_path.glob(".tmp-*")} == {".tmp-2-new"}
