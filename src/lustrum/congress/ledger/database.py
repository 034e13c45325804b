"""The database of a ledger: its tables, how it is opened, and what SQLite says put into words.

The triggers that guard the tables stop mistakes, not an owner of the file, who can drop them: `verify_chain` shows a
change. Every name begins with `congress_`. Other plain tables may live in the same file, and nothing else: a trigger, a
view or an index that someone plants could change what is read or written, so the schema is checked at every opening,
in every transaction, and by the proof.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from lustrum.errors import LedgerError
from lustrum.workspace.aside import plain_errors

TABLES = {
    # height, and the canonical JSON whose SHA-256 is the hash: kind, data and time stand in it and nowhere else
    "congress_event": "CREATE TABLE congress_event (height INTEGER PRIMARY KEY, body TEXT NOT NULL, "
    "hash TEXT NOT NULL) STRICT",
    "congress_head": "CREATE TABLE congress_head (height INTEGER PRIMARY KEY, hash TEXT NOT NULL, "
    "signature TEXT NOT NULL) STRICT",
    # heights of the events that opened and ended a ballot
    "congress_ballot": "CREATE TABLE congress_ballot (ballot TEXT PRIMARY KEY, opened INTEGER NOT NULL, "
    "ended INTEGER) STRICT, WITHOUT ROWID",
    # who may vote, with the receipt of who has: all zeros until then, so that a vote changes no row's size or place
    "congress_roll": "CREATE TABLE congress_roll (ballot TEXT NOT NULL, voter TEXT NOT NULL, weight INTEGER NOT NULL, "
    "receipt BLOB NOT NULL, PRIMARY KEY (ballot, voter)) STRICT, WITHOUT ROWID",
    # envelopes of open secret ballots; the name of one is its digest, which is as good as random
    "congress_box": "CREATE TABLE congress_box (ballot TEXT NOT NULL, name BLOB NOT NULL, box BLOB NOT NULL, "
    "signature BLOB NOT NULL, PRIMARY KEY (ballot, name)) STRICT, WITHOUT ROWID",
    # papers of closed secret ballots, numbered in the order of their canonical bytes
    "congress_urn": "CREATE TABLE congress_urn (ballot TEXT NOT NULL, number INTEGER NOT NULL, paper TEXT NOT NULL, "
    "PRIMARY KEY (ballot, number)) STRICT, WITHOUT ROWID",
}


def _guard(name: str, when: str, says: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"


_ENDED = "EXISTS (SELECT 1 FROM congress_ballot AS b WHERE b.ballot = OLD.ballot AND b.ended IS NOT NULL)"

GUARDS = {
    name: _guard(name, when, says)
    for name, when, says in (
        ("congress_event_update", "UPDATE ON congress_event", "events are never changed"),
        ("congress_event_delete", "DELETE ON congress_event", "events are never deleted"),
        # also against INSERT OR REPLACE, which deletes without asking the guard of DELETE
        (
            "congress_event_insert",
            "INSERT ON congress_event WHEN NEW.height <> (SELECT ifnull(max(height), 0) + 1 FROM congress_event)",
            "events are added at the end only",
        ),
        ("congress_head_update", "UPDATE ON congress_head", "heads are never changed"),
        ("congress_head_delete", "DELETE ON congress_head", "heads are never deleted"),
        (
            "congress_head_insert",
            "INSERT ON congress_head WHEN NEW.height <= (SELECT ifnull(max(height), 0) FROM congress_head)",
            "heads are added at the end only",
        ),
        (
            "congress_ballot_update",
            "UPDATE ON congress_ballot WHEN OLD.ended IS NOT NULL OR NEW.ballot <> OLD.ballot "
            "OR NEW.opened <> OLD.opened",
            "a ballot never reopens",
        ),
        ("congress_ballot_delete", "DELETE ON congress_ballot", "ballots are never deleted"),
        (
            "congress_ballot_insert",
            "INSERT ON congress_ballot WHEN EXISTS (SELECT 1 FROM congress_ballot WHERE ballot = NEW.ballot)",
            "a ballot opens once",
        ),
        (
            "congress_roll_update",
            "UPDATE ON congress_roll WHEN OLD.receipt <> zeroblob(64) OR NEW.ballot <> OLD.ballot "
            f"OR NEW.voter <> OLD.voter OR NEW.weight <> OLD.weight OR {_ENDED}",
            "a roll is never changed",
        ),
        ("congress_roll_delete", "DELETE ON congress_roll", "a roll is never changed"),
        (
            "congress_roll_insert",
            "INSERT ON congress_roll WHEN EXISTS (SELECT 1 FROM congress_ballot WHERE ballot = NEW.ballot)",
            "a roll is never changed",
        ),
        ("congress_box_update", "UPDATE ON congress_box", "sealed papers are never changed"),
        ("congress_box_delete", f"DELETE ON congress_box WHEN NOT {_ENDED}", "sealed papers stay until the close"),
        ("congress_urn_update", "UPDATE ON congress_urn", "papers are never changed"),
        ("congress_urn_delete", "DELETE ON congress_urn", "papers are never deleted"),
        (
            "congress_urn_insert",
            "INSERT ON congress_urn WHEN EXISTS (SELECT 1 FROM congress_urn "
            "WHERE ballot = NEW.ballot AND number = NEW.number)",
            "papers are never changed",
        ),
    )
}

SCHEMA = {**TABLES, **GUARDS}

#: What others may keep in the file: SQLite writes the statements of tables and indexes back with these beginnings.
_HARMLESS = ("CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ")


def schema_problems(connection: sqlite3.Connection) -> list[str]:
    """Return what stands in the schema of a ledger's database that the ledger did not put there, or lacks.

    Judged by the statements, which SQLite obeys; the columns beside them can be made to say anything.
    """
    rows = connection.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY rowid").fetchall()
    roots = [root for *_, root, _ in rows if root]
    found: set[str] = set()
    problems = []
    for kind, name, table, root, sql in rows:
        text = str(sql or "")
        if name in SCHEMA:
            same = text == SCHEMA[name] and kind == ("table" if name in TABLES else "trigger")
            if not same or name in found or roots.count(root) > 1:
                problems.append(f"{name} of the database was changed")
            found.add(name)
            continue
        ours = "congress_" in f"{name}\n{table}\n{text}".lower()
        plain = text.startswith(_HARMLESS) if sql is not None else str(name).startswith("sqlite_autoindex_")
        if ours or not plain:
            problems.append(f"{name} of the database is not the ledger's")
    problems += [f"{name} of the database is missing" for name in SCHEMA if name not in found]
    return sorted(problems)


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `LedgerError` if the schema is not as the ledger made it: something planted there may change votes."""
    if problems := schema_problems(connection):
        raise LedgerError(
            "the database of the ledger was tampered with",
            where=str(path),
            found="; ".join(problems[:3]) + (" …" if len(problems) > 3 else ""),
            expected="the ledger's own tables and guards, and plain tables of others",
            mend="read and write nothing with it: keep the file, find out who had it, and restore a backup",
        )


#: How long a writer waits for the others, in seconds.
PATIENCE = 60.0
_NEWEST = (3, 37, 0)  # the first with STRICT tables


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the database of a ledger.

    Parameters
    ----------
    mode
        `ro` to read, `rw` to write, `rwc` to write a file that may be new, which only its owner may then read.

    Raises
    ------
    LedgerError
        If there is no such file, or this Python's SQLite is too old. `WorkspaceError` if it cannot be made.
    """
    if sqlite3.sqlite_version_info < _NEWEST:
        raise LedgerError(
            "the SQLite of this Python is too old for a ledger",
            found=sqlite3.sqlite_version,
            expected="3.37 or newer",
            mend="use a newer Python",
        )
    if mode == "rwc":
        with plain_errors("making the ledger", path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif not path.is_file():
        raise LedgerError("there is no ledger here", where=str(path), mend="check the path, or create one")
    with plain_words(path):
        connection = _open(path, mode)
        try:
            # sealed papers and freed pages are overwritten, not left to be read
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA foreign_keys = ON")
            # statements that stand in the schema may call no function that does more than compute
            connection.execute("PRAGMA trusted_schema = OFF")
            if mode != "ro":
                connection.execute("PRAGMA journal_mode = WAL")
                # what was acknowledged is on the disk: the log is flushed at every commit
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    name = quote(str(path.resolve()))
    words = "ro" if mode == "ro" else "rw"
    connection = sqlite3.connect(
        f"file:{name}?mode={words}", uri=True, isolation_level=None, timeout=PATIENCE, check_same_thread=False
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        if mode == "ro" and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
            # a disk that cannot be written and a database nobody writes: SQLite needs to be told
            return sqlite3.connect(f"file:{name}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def cut_log(connection: sqlite3.Connection) -> None:
    """Empty the write-ahead log, which still holds what was sealed; not while someone reads for long.

    Then it is emptied at the next close of a ballot, or when the last connection is closed.
    """
    connection.execute("PRAGMA busy_timeout = 2000")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


@contextmanager
def plain_words(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into a LedgerError."""
    try:
        yield
    except sqlite3.Error as e:
        raise _in_words(e, path) from None


def _in_words(e: sqlite3.Error, path: Path) -> LedgerError:
    said = str(e)
    if "locked" in said or "busy" in said:
        return LedgerError(
            "others kept the ledger busy for too long",
            where=str(path),
            found=said,
            mend="try again; nothing was written",
        )
    if "not a database" in said or "malformed" in said:
        return LedgerError(
            "the ledger's file is damaged, or no database", where=str(path), found=said, mend="restore it from a backup"
        )
    if "readonly" in said:
        return LedgerError(
            "the ledger cannot be written",
            where=str(path),
            found=said,
            mend="check the rights of the file and of its folder",
        )
    if "full" in said:
        return LedgerError(
            "the disk is full", where=str(path), found=said, mend="free some room; nothing was half-written"
        )
    return LedgerError("the database refused", where=str(path), found=said)


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """See one state of the database throughout, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the right to write from the first statement on; keep everything, or nothing."""
    if connection.in_transaction:
        raise LedgerError("a transaction is under way already", mend="do everything through the one that is open")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):  # where SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise
