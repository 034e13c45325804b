"""The seam of the readers: what each reader of published tables is, and how the right one is found.

A reader is a module with `READER`, a `Reader`. It turns files of one publisher into a `FlowTable`, does
nothing silently, and writes whatever it moved into the table's provenance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from lustrum.accounts.national.table import FlowTable
from lustrum.errors import TableError
from lustrum.labels import unknown_label


@dataclass(frozen=True)
class Wanted:
    """What the user asks of a reader, beyond the path. None: the reader's own choice, which it states.

    Attributes
    ----------
    year
        Year of the table, where the source holds several.
    region
        Country, where the source holds several as separate national tables.
    """

    year: int | None = None
    region: str | None = None


@dataclass(frozen=True)
class Reader:
    """A reader of published tables.

    Attributes
    ----------
    name, title
        For `--format`, and for people.
    guess
        Look at a path (cheaply) and say in one sentence why it is this format, or return None.
    read
        Read the table. Raises TableError with file, sheet, cell and mend.
    regions
        Whether a source of this format can hold several countries, so that one may be asked for.
    """

    name: str
    title: str
    guess: Callable[[Path], str | None]
    read: Callable[[Path, Wanted], FlowTable]
    regions: bool = False


#: Reader -> module that holds it as `READER`, in the order in which they look at a path.
READERS: dict[str, str] = {
    "office": "lustrum.accounts.readers.office",
    "layout": "lustrum.accounts.readers.mapped",
    "world": "lustrum.accounts.readers.wiod_world",
    "mrio": "lustrum.accounts.readers.pymrio_files",
    "sdmx": "lustrum.accounts.readers.sdmx",
}


def reader(name: str) -> Reader:
    """Return a reader by name."""
    if name not in READERS:
        expected, mend = unknown_label(name, list(READERS), "format")
        raise TableError(f"unknown format {name!r}", expected=expected, mend=mend)
    found: Reader = import_module(READERS[name]).READER
    return found


def guess(path: Path) -> tuple[Reader, str]:
    """Find the reader for a path, and the reason in one sentence.

    Raises
    ------
    TableError
        If no reader knows it; the message lists those that there are.
    """
    for name in READERS:
        found = reader(name)
        if reason := found.guess(path):
            return found, reason
    raise TableError(
        "no reader knows this table",
        where=str(path),
        expected="one of " + ", ".join(READERS),
        mend="have a mapping of it written: lustrum economy import FILE --guess import.yaml (docs/import.md); or fill "
        "in our template: lustrum economy template FILE.xlsx --published",
    )
