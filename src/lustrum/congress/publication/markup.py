"""Markdown as the record writes it: text without surprises, tables, figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def plain(text: object) -> str:
    """Return text for one line of Markdown: no line breaks, and nothing that would be read as markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table, none if it has no rows; cells are plain text."""
    body = [[plain(cell) for cell in row] for row in rows]
    if not body:
        return []
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in body), ""]


def section(title: str, lines: Sequence[str], level: int = 2) -> list[str]:
    """Return a heading with what stands under it; nothing if that is nothing."""
    return ["#" * level + f" {plain(title)}", "", *lines] if lines else []


def figure(value: float | None) -> str:
    """Return a figure as people read it."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def percent(share: float | None) -> str:
    """Return a share in per cent."""
    return "" if share is None else f"{100 * share:.1f} %"
