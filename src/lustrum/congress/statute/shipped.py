"""Statutes that come with the package: a full one to start from, three short ones that differ in how they decide."""

from __future__ import annotations

from importlib.resources import files

from lustrum.congress.statute.errors import StatuteError
from lustrum.congress.statute.statute import Statute, parse_statute
from lustrum.labels import unknown_label


def statute_names() -> list[str]:
    """Return the names of the shipped statutes."""
    folder = files("lustrum.congress.statute") / "texts"
    return sorted(f.name.removesuffix(".md") for f in folder.iterdir() if f.name.endswith(".md"))


def statute_text(name: str) -> str:
    """Return a shipped statute as Markdown.

    Raises
    ------
    StatuteError
        If there is none of this name.
    """
    if name not in statute_names():
        expected, mend = unknown_label(name, statute_names(), "statute")
        raise StatuteError(f"no shipped statute {name!r}", found=name, expected=expected, mend=mend)
    return (files("lustrum.congress.statute") / "texts" / f"{name}.md").read_text(encoding="utf-8")


def load_statute(name: str = "congress") -> Statute:
    """Read a shipped statute."""
    return parse_statute(statute_text(name), f"{name}.md")
