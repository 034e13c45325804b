"""The rules of all articles put together, with the line of each for complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lustrum.congress.statute.agreement import disagreements
from lustrum.congress.statute.errors import StatuteError, complaint, path_of
from lustrum.congress.statute.rules import Rules
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip, kind, line_of, parse

#: Sections whose entries may stand in several articles; the others stand in one.
_BY_NAME = ("decisions", "elections", "bodies")


@dataclass(frozen=True)
class Block:
    """A fenced block: the line of the statute on which its text begins (from 1), and its text."""

    line: int
    text: str

    @property
    def padded(self) -> str:
        """The text on its own lines of the statute."""
        return "\n" * (self.line - 1) + self.text


def read_rules(blocks: Sequence[tuple[Block, str]], where: str) -> Rules:
    """Put the rules of all blocks together, each with the number of its article.

    Raises
    ------
    StatuteError
        For the first that is wrong: not YAML, an unknown key, a rule given twice, names that are nowhere.
    """
    merged: dict[str, Any] = {}
    places: dict[tuple[str, ...], tuple[Block, str]] = {}
    for block, article in blocks:
        raw = parse(block.padded, where, error=StatuteError, what="block of rules")
        for section, content in raw.items():
            _add(str(section), content, block, article, where, merged, places)
    try:
        rules = Rules.model_validate(merged)
    except ValidationError as e:
        path, words = complaint(e, Rules)
        raise StatuteError(where=_place(path, places, where), **words) from None
    for wrong in disagreements(rules):
        raise StatuteError(
            wrong.what,
            where=_place(wrong.path, places, where),
            found=wrong.found,
            expected=wrong.expected,
            mend=wrong.mend,
        )
    return rules


def _add(
    section: str,
    content: Any,
    block: Block,
    article: str,
    where: str,
    merged: dict[str, Any],
    places: dict[tuple[str, ...], tuple[Block, str]],
) -> None:
    at = f"{where}:{line_of(block.padded, [section])}"
    if section not in Rules.model_fields:
        expected, mend = unknown_label(section, sorted(Rules.model_fields), "section")
        raise StatuteError(
            f"unknown section of rules {clip(section)}", where=at, found=clip(section), expected=expected, mend=mend
        )
    names: list[tuple[str, ...]] = [(section,)]
    if section in _BY_NAME:
        if not isinstance(content, dict):
            raise StatuteError(
                f"{kind(content)} where names and rules belong",
                where=at,
                found=clip(content),
                expected="`name:` lines with rules below",
                mend="indent them",
            )
        names = [(section, str(name)) for name in content]
    for name in names:
        if name in places:
            raise StatuteError(
                f"{path_of(name)} is ruled twice",
                where=f"{where}:{line_of(block.padded, name)}",
                found=f"articles {places[name][1]} and {article}",
                expected="one article that rules it",
                mend="keep one of the two",
            )
        places[name] = (block, article)
    if section in _BY_NAME:
        merged.setdefault(section, {}).update({str(k): v for k, v in content.items()})
    else:
        merged[section] = content


def _place(path: tuple[str | int, ...], places: dict[tuple[str, ...], tuple[Block, str]], where: str) -> str:
    """File, line, article and path of a rule; the file alone where no article has it."""
    words = tuple(str(p) for p in path)
    own = next((places[words[:n]] for n in (2, 1) if words[:n] in places), None)
    own = own or next((p for name, p in places.items() if words and name[0] == words[0]), None)
    if own is None:
        return ": ".join(x for x in (where, path_of(path)) if x)
    return f"{where}:{line_of(own[0].padded, path)}: article {own[1]}: {path_of(path)}"
