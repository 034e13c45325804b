"""Readers of the tables in `../shared/data` that were made for tests, in layouts that no office publishes.

Users never meet these files: `lustrum economy import` reads what offices ship. The embedded economies are built from
some of them, and tests compare with them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from lustrum.accounts.readers import seam
from lustrum.accounts.readers.seam import Reader

#: In the order in which they look at a path.
READERS = ("wide", "long", "wiod_national", "bea", "ons")


def guess(path: Path) -> tuple[Reader, str]:
    """Find the reader of a derived table, or of any other that `lustrum.accounts.readers` knows.

    Raises
    ------
    TableError
        If no reader knows it.
    """
    for name in READERS:
        found: Reader = import_module(f"tools.derived_tables.{name}").READER
        if reason := found.guess(path):
            return found, reason
    return seam.guess(path)
