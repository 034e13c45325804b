"""Opening the database of a ledger, and what SQLite says put into words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from lustrum.errors import LedgerError
from lustrum.workspace.aside import plain_errors

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
