"""Objects of a schema that someone without the key plants in a ledger's file: refused wherever the ledger is used.

The first test is the attack that once turned 7:2 into 0:9, certified and verified.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import guards_down

from lustrum.congress.ledger import Ledger, SigningKey, backup, export_record, ledger, verify_chain, verify_record
from lustrum.errors import LedgerError

#: Whoever put a paper with "yes" into the box finds "no" in it.
_TURNED = """CREATE TRIGGER tidy BEFORE INSERT ON congress_urn WHEN NEW.paper = '"yes"' BEGIN
  INSERT INTO congress_urn VALUES (NEW.ballot, NEW.number, '"no"'); SELECT RAISE(IGNORE); END"""

_WRITABLE = "PRAGMA writable_schema = ON"
_NOTHING = "BEGIN SELECT 1; END"

#: What an owner of the file may try, each with what the proof says of it.
PLANTED = {
    "a trigger on the papers": ([_TURNED], "tidy"),
    **{
        f"a trigger on congress_{table}, {when}": (
            [f"CREATE TRIGGER tidy {when} ON congress_{table} {_NOTHING}"],
            "tidy",
        )
        for table in ("event", "head", "ballot", "roll", "box", "urn")
        for when in ("BEFORE INSERT", "AFTER UPDATE", "AFTER DELETE")
    },
    "a trigger in other letters": ([f"CREATE TRIGGER t AFTER INSERT ON CONGRESS_Urn {_NOTHING}"], "t"),
    "a trigger with a name like ours": (
        [f"CREATE TRIGGER congress_urn_close AFTER INSERT ON congress_urn {_NOTHING}"],
        "congress_urn_close",
    ),
    "a trigger beside our tables": (
        ["CREATE TABLE notes (a)", "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM congress_box; END"],
        "t of",
    ),
    "a view": (["CREATE VIEW papers AS SELECT * FROM congress_urn"], "papers"),
    "a view on nothing of ours": (
        ["CREATE VIEW v AS SELECT 1 AS a", f"CREATE TRIGGER i INSTEAD OF INSERT ON v {_NOTHING}"],
        "v of",
    ),
    "a view in the place of a table": (
        ["ALTER TABLE congress_urn RENAME TO notes", "CREATE VIEW congress_urn AS SELECT * FROM notes"],
        "congress_urn",
    ),
    "an index": (["CREATE INDEX quick ON congress_roll (ballot, voter, receipt)"], "quick"),
    "an index on an expression": (
        ["CREATE UNIQUE INDEX quick ON congress_urn (length(paper), ballot, number)"],
        "quick",
    ),
    "a foreign key": (["CREATE TABLE notes (a TEXT REFERENCES congress_ballot (ballot) ON DELETE CASCADE)"], "notes"),
    "a table with a name like ours": (["CREATE TABLE CONGRESS_more (a)"], "CONGRESS_more"),
    "a column more": (["ALTER TABLE congress_urn ADD COLUMN more TEXT"], "congress_urn"),
    "a generated column": (
        ["ALTER TABLE congress_urn ADD COLUMN more TEXT GENERATED ALWAYS AS ('\"no\"') VIRTUAL"],
        "congress_urn",
    ),
    "a generated column in the place of the paper": (
        [
            _WRITABLE,
            "UPDATE sqlite_master SET sql = replace(sql, 'paper TEXT NOT NULL', 'paper TEXT AS (ballot)') "
            "WHERE name = 'congress_urn'",
        ],
        "",
    ),
    "a collation": (
        [
            _WRITABLE,
            "UPDATE sqlite_master SET sql = replace(sql, 'voter TEXT NOT NULL', 'voter TEXT NOT NULL COLLATE NOCASE') "
            "WHERE name = 'congress_roll'",
        ],
        "congress_roll",
    ),
    "a trigger that calls itself a table": (
        [
            f"CREATE TRIGGER t AFTER INSERT ON congress_urn {_NOTHING}",
            _WRITABLE,
            "UPDATE sqlite_master SET type = 'table', tbl_name = 't' WHERE name = 't'",
        ],
        "",
    ),
    "a trigger that calls itself SQLite's": (
        [
            f"CREATE TRIGGER t AFTER INSERT ON congress_urn {_NOTHING}",
            _WRITABLE,
            "UPDATE sqlite_master SET name = 'sqlite_autoindex_notes_1', type = 'index', tbl_name = 'notes' "
            "WHERE name = 't'",
        ],
        "",
    ),
    "two tables on one page": (
        [
            "CREATE TABLE notes (ballot TEXT, number INTEGER, paper TEXT, PRIMARY KEY (ballot, number)) WITHOUT ROWID",
            _WRITABLE,
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'congress_urn') "
            "WHERE name = 'notes'",
        ],
        "congress_urn",
    ),
    "shadow tables of a search index": (["CREATE VIRTUAL TABLE congress USING fts5 (a)"], "congress_data"),
    "a virtual table": (["CREATE VIRTUAL TABLE notes USING fts5 (a)"], "notes"),
    "a guard that is gone": (["DROP TRIGGER congress_urn_update"], "congress_urn_update"),
    "a guard that does nothing": (
        [
            "DROP TRIGGER congress_urn_update",
            f"CREATE TRIGGER congress_urn_update BEFORE UPDATE ON congress_urn WHEN 0 {_NOTHING}",
        ],
        "congress_urn_update",
    ),
}


def plant(path: Path, statements: list[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()


def told_of(path: Path) -> str:
    """What the proof says; of a schema that SQLite itself does not read it can only say that."""
    try:
        return "\n".join(map(str, verify_chain(path)))
    except LedgerError as e:
        return str(e.found)


def opened_ballot(tmp_path: Path, key: SigningKey) -> Ledger:
    made = Ledger.create(tmp_path / "nine.db", key, {})
    with made.writing() as tx:
        tx.open_ballot("b", secret=True, roll={f"m{k}": 1 for k in range(9)}, paper_bytes=64)
    for k in range(9):
        made.cast("b", f"m{k}", "yes" if k < 7 else "no")
    return made


def test_a_trigger_does_not_turn_seven_to_two_into_nil_to_nine(tmp_path: Path, key: SigningKey) -> None:
    with opened_ballot(tmp_path, key) as open_before:
        plant(open_before.path, [_TURNED])
        with pytest.raises(LedgerError, match="tampered with") as refused, open_before.writing() as tx:
            tx.close_ballot("b")
        assert "tidy of the database is not the ledger's" in str(refused.value.found)
        with pytest.raises(LedgerError, match="tampered with"):
            Ledger.open(open_before.path, key)
        assert [str(p) for p in verify_chain(open_before.path)] == ["tidy of the database is not the ledger's"]
        plant(open_before.path, ["DROP TRIGGER tidy"])
        with open_before.writing() as tx:
            papers = tx.close_ballot("b").papers
        assert sorted(paper for paper, _ in papers) == ["no"] * 2 + ["yes"] * 7
        assert verify_chain(open_before.path) == []


def test_even_a_trigger_that_nobody_noticed_turns_nothing(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the close signs is what was taken out of the boxes, not what the database says it keeps."""
    with opened_ballot(tmp_path, key) as made:
        plant(made.path, [_TURNED])
        monkeypatch.setattr(ledger, "check_schema", lambda *_: None)
        with pytest.raises(LedgerError, match="does not hold the papers"), made.writing() as tx:
            tx.close_ballot("b")
        assert made.turnout("b") == (9, 9)


@pytest.mark.parametrize(("statements", "names"), PLANTED.values(), ids=PLANTED.keys())
def test_what_is_planted_is_refused_everywhere(
    ledger_file: Path, key: SigningKey, statements: list[str], names: str
) -> None:
    with Ledger.open(ledger_file, key) as open_before:
        plant(ledger_file, statements)
        with pytest.raises(LedgerError):
            open_before.cast("secret, open", "m19", "yes")
        with pytest.raises(LedgerError), open_before.writing() as tx:
            tx.close_ballot("secret, open")
        with pytest.raises(LedgerError):
            open_before.closed_ballot("secret")
    for by in (None, key):
        with pytest.raises(LedgerError):
            Ledger.open(ledger_file, by)
    with pytest.raises(LedgerError):
        export_record(ledger_file)
    assert names in (told := told_of(ledger_file)) and told


def test_plain_tables_of_others_may_stand_in_the_file(ledger_file: Path, key: SigningKey) -> None:
    plant(
        ledger_file,
        [
            "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)",
            "CREATE INDEX by_name ON runs (name)",
            "INSERT INTO runs (name) VALUES ('one')",
            "ANALYZE",
        ],
    )
    with Ledger.open(ledger_file, key) as made, made.writing() as tx:
        tx.close_ballot("secret, open")
    assert verify_chain(ledger_file) == []


def test_a_ledger_is_not_begun_beside_something_that_could_change_it(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "lustrum.db"
    plant(path, ["CREATE TABLE notes (a)", f"CREATE TRIGGER t AFTER INSERT ON notes {_NOTHING}"])
    with pytest.raises(LedgerError, match="tampered with"):
        Ledger.create(path, key, {})


@pytest.mark.parametrize(
    ("ballot", "deed"),
    [
        ("open, open", 'UPDATE congress_event SET body = replace(body, \'"paper":"yes"\', \'"paper":"no"\')'),
        ("open, open", "UPDATE congress_event SET body = replace(body, '\"m19\":20', '\"m19\":99')"),
        ("secret, open", "UPDATE congress_event SET body = replace(body, '\"m19\":1', '\"mm9\":1')"),
    ],
)
def test_a_close_does_not_sign_events_that_were_changed_before_it(
    ledger_file: Path, key: SigningKey, ballot: str, deed: str
) -> None:
    """The head's signature stands for the last event alone; the close looks at all since the opening."""
    with guards_down(ledger_file) as connection:
        last = connection.execute("SELECT max(height) FROM congress_event").fetchone()[0]
        connection.execute(f"{deed} WHERE height < {last} AND instr(body, '{ballot}')")
    with (
        Ledger.open(ledger_file, key) as made,
        pytest.raises(LedgerError, match="changed since it was written"),
        made.writing() as tx,
    ):
        tx.close_ballot(ballot)


def test_an_open_ballot_is_not_closed_with_other_voters_than_those_who_voted(
    ledger_file: Path, key: SigningKey
) -> None:
    with guards_down(ledger_file) as connection:
        for voter, receipt in (("m19", "x'" + "11" * 64 + "'"), ("m00", "zeroblob(64)")):
            connection.execute(
                f"UPDATE congress_roll SET receipt = {receipt} WHERE ballot = 'open, open' AND voter = '{voter}'"
            )
    with (
        Ledger.open(ledger_file, key) as made,
        pytest.raises(LedgerError, match="who voted by the roll"),
        made.writing() as tx,
    ):
        tx.close_ballot("open, open")


def test_a_file_that_takes_the_ledgers_place_while_it_is_open_gets_no_votes(ledger_file: Path, key: SigningKey) -> None:
    with Ledger.open(ledger_file, key) as made:
        backup(ledger_file, ledger_file.with_name("older.db"))
        ledger_file.with_name("older.db").replace(ledger_file)
        with pytest.raises(LedgerError, match="another file was put in the place"):
            made.cast("open, open", "m19", "yes")
        with pytest.raises(LedgerError, match="another file was put in the place"), made.writing():
            pass
        assert made.turnout("open, open")[0] == 5


def test_swapped_receipts_and_heads_that_are_missing_show(ledger_file: Path) -> None:
    with guards_down(ledger_file) as connection:
        (one, other) = connection.execute(
            "SELECT receipt FROM congress_roll WHERE ballot = 'secret' AND voter IN ('m00', 'm01') ORDER BY voter"
        ).fetchall()
        for voter, (receipt,) in (("m00", other), ("m01", one)):
            connection.execute(
                "UPDATE congress_roll SET receipt = ? WHERE ballot = 'secret' AND voter = ?", (receipt, voter)
            )
        vote = connection.execute("SELECT min(height) FROM congress_event WHERE instr(body, 'urn.cast/1')").fetchone()
        connection.execute("DELETE FROM congress_head WHERE height IN (1, ?)", vote)
    told = list(map(str, verify_chain(ledger_file)))
    missing = "the head that was signed with it is missing"
    assert told[:2] == [f"event 1: {missing}", f"event {vote[0]}: {missing}"]
    assert sum("without the ledger's signature" in problem for problem in told) == 2 and len(told) == 4


def test_a_voter_checks_a_receipt(ledger_file: Path) -> None:
    with Ledger.open(ledger_file) as made:
        given = made.receipt("secret", "m00")
        assert given is not None and made.check_receipt("secret", "m00", given.signature)
        for ballot, voter, signature in (
            ("open", "m00", given.signature),
            ("secret", "m01", given.signature),
            ("secret", "m00", "00" * 64),
            ("secret", "m00", "no receipt"),
        ):
            assert not made.check_receipt(ballot, voter, signature)


@pytest.mark.parametrize("place", [(), ("events", 3), ("heads", 0), ("urns", "secret")])
def test_nothing_stands_in_a_record_that_no_signature_covers(
    ledger_file: Path, key: SigningKey, place: tuple[str | int, ...]
) -> None:
    with Ledger.open(ledger_file, key) as made, made.writing() as tx:
        for ballot in ("secret, open", "open, open"):
            tx.close_ballot(ballot)
    record = export_record(ledger_file)
    assert verify_record(record) == []
    at: Any = record
    for step in place:
        at = at[step]
    at["note"] = "9 yes, 0 no"
    with pytest.raises(LedgerError, match="no signature covers"):
        verify_record(record)
