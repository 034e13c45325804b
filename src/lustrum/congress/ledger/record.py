"""Copies of a ledger that is in use: a backup of its file, and its record as JSON, verified and read back elsewhere."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lustrum.congress.canonical import JSON, canonical, parse
from lustrum.congress.ledger.ballot_box import BLANK
from lustrum.congress.ledger.database import GUARDS, TABLES, check_schema, connect, plain_words, reading, transaction
from lustrum.congress.ledger.events import (
    CLOSED,
    OPENED,
    VOIDED,
    Anchor,
    Event,
    events_after,
    genesis_of,
    read_event,
    refuse_second_ledger,
)
from lustrum.congress.ledger.proving import Problem, Rebuild, prove
from lustrum.errors import BadInput, LedgerError, NotVerified, Refused
from lustrum.workspace.aside import PREFIX, flush, plain_errors, sweep, write_through

RECORD_FORMAT = "lustrum-record/1"
#: Keys of the record, and of what it lists. Nothing else may stand beside them: no signature would cover it.
_RECORD = ("format", "events", "heads", "urns")
_EVENT = ("height", "time", "kind", "data", "previous", "hash")
_HEAD = ("height", "hash", "signature")
_BOX = ("papers", "receipts")


def export_record(path: str | Path) -> dict[str, JSON]:
    """Return the whole record of a ledger as JSON: events, signed heads, and the contents of closed ballot boxes.

    Raises
    ------
    Refused
        If a ballot is open: there is no result before the close.
    """
    connection = connect(Path(path), "ro")
    try:
        with plain_words(Path(path)), reading(connection):
            genesis_of(connection, str(path))
            check_schema(connection, Path(path))
            row = connection.execute("SELECT ballot FROM congress_ballot WHERE ended IS NULL LIMIT 1").fetchone()
            if row is not None:
                raise Refused(
                    "a ballot is open, and there is no result before the close",
                    where=row[0],
                    mend="close or void it first; a backup can be made at any time",
                )
            heads = connection.execute("SELECT height, hash, signature FROM congress_head ORDER BY height")
            ballots = connection.execute("SELECT ballot FROM congress_ballot ORDER BY ballot").fetchall()
            return {
                "format": RECORD_FORMAT,
                "events": [{n: getattr(e, n) for n in _EVENT} for e in events_after(connection, 0)],
                "heads": [dict(zip(_HEAD, row, strict=True)) for row in heads],
                "urns": {ballot: _contents(connection, ballot) for (ballot,) in ballots},
            }
    finally:
        connection.close()


def _contents(connection: sqlite3.Connection, ballot: str) -> JSON:
    voters = connection.execute(
        "SELECT voter, lower(hex(receipt)) FROM congress_roll WHERE ballot = ? AND receipt <> ? ORDER BY voter",
        (ballot, BLANK),
    )
    papers = connection.execute("SELECT paper FROM congress_urn WHERE ballot = ? ORDER BY number", (ballot,))
    return {"papers": [parse(text) for (text,) in papers], "receipts": dict(voters.fetchall())}


def import_record(
    record: JSON, path: str | Path, anchor: Anchor | str | None = None, public_key: str | None = None
) -> None:
    """Make a ledger of a record, in a new file or in a database that holds none; it is verified before it is kept.

    Raises
    ------
    LedgerError
        If it is no record, or there is a ledger already. `NotVerified` if it does not prove itself.
    """
    path = Path(path)
    new = not path.exists()
    connection = connect(path, "rwc")
    try:
        with plain_words(path), transaction(connection):
            refuse_second_ledger(connection, path)
            _fill(connection, record)
            problems = prove(connection, anchor, public_key, None, True)
            if problems:
                told = "\n".join(f"  {p}" for p in problems[:5])
                raise NotVerified(f"the record does not prove itself; nothing was imported\n{told}")
    except BaseException:
        connection.close()
        if new:
            for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                name.unlink(missing_ok=True)
        raise
    connection.close()


def verify_record(
    record: JSON, anchor: Anchor | str | None = None, public_key: str | None = None, rebuild: Rebuild | None = None
) -> list[Problem]:
    """Look for every change of an exported record, as `verify_chain` does in a ledger.

    Raises
    ------
    LedgerError
        If it is no record.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _fill(connection, record)
        return prove(connection, anchor, public_key, rebuild, True)
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, record: JSON) -> None:
    """Write what a record holds into the tables of a ledger; whether it is true, `prove` says."""
    for statement in TABLES.values():
        connection.execute(statement)
    with _read_as_record():
        if record["format"] != RECORD_FORMAT:
            raise LedgerError("not a record that this version reads", found=record["format"], expected=RECORD_FORMAT)
        _keys(record, _RECORD, "the record")
        for place, e in enumerate(record["events"], 1):
            _keys(e, _EVENT, f"event {place}")
            body = {n: e[n] for n in ("data", "height", "kind", "previous", "time")}
            text = canonical(body)
            connection.execute("INSERT INTO congress_event VALUES (?, ?, ?)", (place, text.decode(), e["hash"]))
            _open_or_end(connection, read_event(text, e["hash"]), record["urns"])
        for h in record["heads"]:
            _keys(h, _HEAD, f"head {h['height']}")
            connection.execute("INSERT INTO congress_head VALUES (?, ?, ?)", (h["height"], h["hash"], h["signature"]))
        for ballot, box in record["urns"].items():
            _keys(box, _BOX, f"ballot {ballot}")
            for number, paper in enumerate(box["papers"], 1):
                row = (ballot, number, canonical(paper).decode())
                connection.execute("INSERT INTO congress_urn VALUES (?, ?, ?)", row)
    for statement in GUARDS.values():  # last: a record that is wrong is to be proven wrong, not refused halfway
        connection.execute(statement)


def _keys(found: JSON, known: tuple[str, ...], where: str) -> None:
    """Refuse what stands in a record beside what a ledger writes and signs."""
    if more := sorted(set(found) - set(known)):
        raise LedgerError(
            "a record holds what no signature covers",
            where=where,
            found=", ".join(more)[:100],
            expected=", ".join(known),
            mend="take the record from whoever exported it; nobody vouches for the rest",
        )


def _open_or_end(connection: sqlite3.Connection, event: Event, urns: Any) -> None:
    """Fill in what an event says of a ballot: its roll, with the receipts of those who voted, and its end."""
    if event.kind == OPENED:
        ballot = event.data["ballot"]
        receipts = {v: bytes.fromhex(r) for v, r in urns.get(ballot, {"receipts": {}})["receipts"].items()}
        connection.execute("INSERT INTO congress_ballot VALUES (?, ?, NULL)", (ballot, event.height))
        roll = dict(event.data["roll"])
        for voter in sorted({*roll, *receipts}):
            row = (ballot, voter, roll.get(voter, 0), receipts.get(voter, BLANK))
            connection.execute("INSERT INTO congress_roll VALUES (?, ?, ?, ?)", row)
    elif event.kind in (CLOSED, VOIDED):
        connection.execute(
            "UPDATE congress_ballot SET ended = ? WHERE ballot = ?", (event.height, event.data["ballot"])
        )


@contextmanager
def _read_as_record() -> Iterator[None]:
    """Put into words whatever is not as a record has it."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError, sqlite3.Error) as e:
        raise LedgerError(
            "this is no record of a ledger, or a damaged one",
            found=f"{type(e).__name__}: {e}"[:100],
            expected=f"a document of format {RECORD_FORMAT}",
        ) from None
    except BadInput as e:
        if isinstance(e, LedgerError):
            raise
        raise LedgerError("this record holds what no ledger can hold", found=e.found) from None


def backup(path: str | Path, to: str | Path) -> None:
    """Copy the database of a ledger while it is in use: one state of it, in one new file.

    The copy is written anew, table by table in the order of their keys, so it holds no traces of what was deleted and
    none of the order in which rows came. Keys are not part of it: of a secret ballot that is open, the copy holds
    sealed papers that can only be counted where the key of the ballot box is.

    Raises
    ------
    LedgerError
        If there is no ledger, or a file already at the copy's place.
    """
    path, to = Path(path), Path(to)
    connection = connect(path, "ro")
    try:
        with new_file(to) as aside:
            os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            with plain_words(to):
                connection.execute("VACUUM INTO ?", (str(aside),))
            flush(aside)
    finally:
        connection.close()


def save_record(path: str | Path, to: str | Path) -> None:
    """Write the record of a ledger to a new JSON file.

    Raises
    ------
    Refused
        If a ballot is open. `LedgerError` if there is a file already.
    """
    record = export_record(path)
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    with new_file(Path(to)) as aside:
        write_through(aside, text.encode())


def load_record(file: str | Path) -> JSON:
    """Read a record that `save_record` wrote.

    Raises
    ------
    LedgerError
        If it is no JSON. `WorkspaceError` if it cannot be read.
    """
    with plain_errors("reading the record", Path(file)):
        content = Path(file).read_bytes()
    try:
        return parse(content)
    except (ValueError, RecursionError) as e:
        raise LedgerError(
            "this file holds no record", where=str(file), found=str(e)[:80], expected="JSON, as the export wrote it"
        ) from None


@contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """Give a path aside, and put what was written there in its place, whole, where nothing was before."""
    aside = place.with_name(f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}")
    taken = LedgerError(
        "there is a file already where the copy should be", where=str(place), mend="choose another name"
    )
    if place.exists():
        raise taken
    sweep(place.parent)
    try:
        with plain_errors("writing the copy", place):
            yield aside
            try:
                os.link(aside, place)  # unlike a rename it replaces nothing
            except FileExistsError:
                raise taken from None
            flush(place.parent)
    finally:
        aside.unlink(missing_ok=True)
