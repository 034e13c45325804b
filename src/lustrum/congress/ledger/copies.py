"""Files that are whole or not there: backups of a ledger that is in use, and its record as a JSON file."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lustrum.congress.canonical import JSON, parse
from lustrum.congress.ledger.database import connect, plain_words
from lustrum.congress.ledger.record import export_record
from lustrum.errors import LedgerError
from lustrum.workspace.aside import PREFIX, STALE_SECONDS, flush, plain_errors, write_through


def backup(path: str | Path, to: str | Path) -> None:
    """Copy the database of a ledger while it is in use: one state of it, in one new file.

    The copy is written anew, table by table in the order of their keys, so it holds no traces of what was deleted and
    none of the order in which rows came. Keys are not part of it: of a secret ballot that is open, the copy holds
    sealed papers that can only be counted where the urn's key is.

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


def _sweep(folder: Path) -> None:
    """Remove the copies that killed runs left half-written."""
    with suppress(OSError):
        for file in folder.glob(f"{PREFIX}*"):
            if file.is_file() and time.time() - file.stat().st_mtime > STALE_SECONDS:
                file.unlink(missing_ok=True)


@contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """Give a path aside, and put what was written there in its place, whole, where nothing was before."""
    aside = place.with_name(f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}")
    taken = LedgerError(
        "there is a file already where the copy should be", where=str(place), mend="choose another name"
    )
    if place.exists():
        raise taken
    _sweep(place.parent)
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
