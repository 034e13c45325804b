"""The CSV files of this folder as rows."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a shipped file, by column name."""
    text = (files("lustrum.accounts.concordances") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
