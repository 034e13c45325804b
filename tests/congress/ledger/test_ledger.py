"""Events are added, signed and never changed; what is no ledger, or not its key, is refused in words."""

from __future__ import annotations

import math
import os
import sqlite3
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.congress.ledger.tampering import guards_down

from lustrum.congress.ledger import Anchor, Ledger, SigningKey, canonical, digest, verify_chain
from lustrum.errors import BadInput, LedgerError

KEY = SigningKey.generate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Ledger.create(tmp_path / "lustrum.db", KEY, {"name": "an assembly"}):
        return tmp_path / "lustrum.db"


def test_an_event_is_read_back_as_it_was_given(path: Path) -> None:
    data = {"text": "Zürich", "whole": 3, "figure": 0.1, "large": 1e20, "list": [None, True, {}]}
    with Ledger.open(path, KEY) as ledger, ledger.writing() as tx:
        event = tx.append("motion.submitted/1", data)
        assert list(tx.events(1)) == [event]
    with Ledger.open(path) as ledger:
        first, second = ledger.events()
        assert second == event and second.data == data and second.previous == first.hash
        assert (first.height, first.kind, first.data["about"]) == (1, "ledger.genesis/1", {"name": "an assembly"})
        assert ledger.head.anchor == Anchor.parse(f"2:{event.hash}") == Anchor.parse(str(ledger.head.anchor))
        assert (ledger.id, ledger.public_key) == (first.data["ledger"], KEY.public)


def test_a_hash_is_that_of_the_canonical_json(path: Path) -> None:
    with Ledger.open(path) as ledger:
        (event,) = ledger.events()
    names = ("data", "height", "kind", "previous", "time")
    assert event.hash == digest({name: getattr(event, name) for name in names})


def test_the_time_is_the_clocks_in_utc(path: Path) -> None:
    moment = datetime(2026, 11, 23, 10, 0, 0, 5000, UTC)
    with Ledger.open(path, KEY, clock=lambda: moment) as ledger, ledger.writing() as tx:
        assert tx.append("a/1", {}).time == "2026-11-23T10:00:00.005Z"


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    with Ledger.open(path, KEY) as ledger:
        before = ledger.head
        with pytest.raises(ZeroDivisionError), ledger.writing() as tx:
            tx.append("a/1", {})
            _ = 1 // 0
        assert ledger.head == before and len(list(ledger.events())) == 1
        with pytest.raises(LedgerError, match="is over"):
            tx.append("a/1", {})
        with ledger.writing() as tx:
            tx.append("b/1", {})
        assert [e.kind for e in ledger.events(1)] == ["b/1"]


def test_a_transaction_without_events_signs_nothing(path: Path) -> None:
    with Ledger.open(path, KEY) as ledger:
        before = ledger.head
        with ledger.writing():
            pass
        assert ledger.head == before


def test_a_transaction_inside_another_is_refused(path: Path) -> None:
    with Ledger.open(path, KEY) as ledger, ledger.writing() as tx:
        tx.append("a/1", {})
        with pytest.raises(LedgerError, match="under way"), ledger.writing():
            pass
        tx.append("b/1", {})
    with Ledger.open(path) as ledger:
        assert len(list(ledger.events())) == 3


@pytest.mark.parametrize("data", [math.nan, math.inf, 2**53, {1: 2}, b"x", {"a": "\ud800"}, {"\ud800": 1}, {1, 2}])
def test_what_json_cannot_hold_is_refused(path: Path, data: object) -> None:
    with Ledger.open(path, KEY) as ledger:
        with pytest.raises(BadInput, match="canonical JSON"), ledger.writing() as tx:
            tx.append("a/1", data)
        assert ledger.head.height == 1


@pytest.mark.parametrize("kind", ["ledger.genesis/1", "urn.cast/1"])
def test_kinds_of_the_ledger_are_its_own(path: Path, kind: str) -> None:
    with Ledger.open(path, KEY) as ledger, pytest.raises(BadInput, match="keeps to itself"), ledger.writing() as tx:
        tx.append(kind, {})


def test_canonical_json_is_that_of_rfc_8785() -> None:
    # the example of its section 3.2.2 and 3.2.3
    data = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'"\\\\"/',
        "literals": [None, True, False],
    }
    wanted = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'\\"\\\\\\\\\\"/"}'
    )
    assert canonical(data) == wanted.encode()


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE congress_event SET body = '{}' WHERE height = 1",
        "DELETE FROM congress_event",
        "INSERT OR REPLACE INTO congress_event VALUES (1, '{}', 'sha256:0')",
        "INSERT INTO congress_event VALUES (9, '{}', 'sha256:0')",
        "UPDATE congress_head SET signature = ''",
        "DELETE FROM congress_head",
        "INSERT OR REPLACE INTO congress_head VALUES (1, '', '')",
    ],
)
def test_the_database_refuses_to_change_what_is_written(path: Path, deed: str) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"never|at the end only"):
        connection.execute(deed)
    connection.close()


def test_other_tables_may_live_in_the_same_file(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "lustrum.db")
    connection.execute("CREATE TABLE runs (id INTEGER)")
    connection.close()
    with Ledger.create(tmp_path / "lustrum.db", KEY, None) as ledger:
        assert ledger.head.height == 1
    connection = sqlite3.connect(tmp_path / "lustrum.db")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql NOTNULL")}
    connection.close()
    assert all(name == "runs" or name.startswith("congress_") for name in names)


def test_a_second_ledger_in_one_file_is_refused(path: Path) -> None:
    with pytest.raises(LedgerError, match="a ledger in this file already"):
        Ledger.create(path, KEY, {})


def test_without_the_key_it_can_only_be_read(path: Path) -> None:
    with Ledger.open(path) as ledger:
        with pytest.raises(LedgerError, match="without its key"), ledger.writing():
            pass
        with pytest.raises(LedgerError, match="without its key"):
            ledger.cast("b", "v", 1)


def test_another_key_is_refused(path: Path) -> None:
    with pytest.raises(LedgerError, match="not the one that signs this ledger"):
        Ledger.open(path, SigningKey.generate())


def test_what_is_no_ledger_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger here"):
        Ledger.open(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("no database, but some text that is long enough" * 20)
    with pytest.raises(LedgerError, match="damaged, or no database"):
        Ledger.open(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    with pytest.raises(LedgerError, match="holds no ledger"):
        Ledger.open(tmp_path / "empty.db")


def test_nothing_is_added_to_a_ledger_whose_end_is_not_signed(path: Path) -> None:
    with guards_down(path) as connection:
        connection.execute("UPDATE congress_event SET body = replace(body, 'assembly', 'Assembly')")
    with Ledger.open(path, KEY) as ledger, pytest.raises(LedgerError, match="not the one that was signed"):  # noqa: SIM117
        with ledger.writing():
            pass


def test_a_new_ledger_is_read_by_its_owner_alone(path: Path) -> None:
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_threads_that_share_a_ledger_take_turns(path: Path) -> None:
    with Ledger.open(path, KEY) as ledger:

        def add() -> None:
            for _ in range(20):
                with ledger.writing() as tx:
                    tx.append("a/1", {"after": tx.head.height})

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [e.data["after"] for e in ledger.events(1)] == list(range(1, 81))


def test_a_ledger_is_not_carried_into_a_fork(path: Path) -> None:
    with Ledger.open(path, KEY) as ledger:
        child = os.fork()
        if child == 0:
            try:
                _ = ledger.head
            except LedgerError as e:
                os._exit(7 if "forked" in str(e) else 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_ledger_on_a_disk_that_cannot_be_written_is_verified_there() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Ledger.create(folder / "lustrum.db", KEY, {}) as ledger, ledger.writing() as tx:
            tx.append("a/1", {})
        (folder / "lustrum.db").chmod(0o444)
        folder.chmod(0o555)
        child = os.fork()
        if child == 0:
            if os.getuid() == 0:  # whom no mode stops
                os.setgid(65534)
                os.setuid(65534)
            try:
                os._exit(len(verify_chain(folder / "lustrum.db")))
            finally:
                os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        folder.chmod(0o755)


@pytest.mark.parametrize("text", ["", "12", "0:sha256:" + "a" * 64, "1:sha256:xyz", "1:" + "a" * 64])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="not an anchor"):
        Anchor.parse(text)
