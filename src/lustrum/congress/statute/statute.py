"""A statute: numbered articles in Markdown, with the rules that the program reads in fenced `yaml` blocks beside.

    # Title
    preamble
    ## Article 1. Heading
    text, and perhaps ```yaml … ```

In its normal form (line ends, one blank line between articles) text -> statute -> text is exact.

Four statutes come with the package: a full one to start from, and three short ones that differ in how they decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from lustrum.congress.documents import Insert, Replace, Unit, Version, insert, replace_unit
from lustrum.congress.statute.reading import Block, StatuteError, read_rules
from lustrum.congress.statute.rules import Rules
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

PREAMBLE = "preamble"
_HEADING = re.compile(r"^## Article ([1-9]\d{0,3})([a-z]?)\. (\S.*)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*(\S*)\s*$")


@dataclass(frozen=True)
class Article:
    """One article: its number (`12` or `12a`), heading, and whole text with the heading."""

    number: str
    heading: str
    text: str

    @property
    def id(self) -> str:
        """Id of its unit: `article-12a`."""
        return f"article-{self.number}"


@dataclass(frozen=True)
class Statute:
    """Title, what stands before the first article, the articles, and the rules that they give."""

    title: str
    preamble: str
    articles: tuple[Article, ...]
    rules: Rules

    @property
    def text(self) -> str:
        """The statute as Markdown, in its normal form."""
        return "\n\n".join([self.preamble, *(a.text for a in self.articles)]) + "\n"

    def version(self, document: str = "statute") -> Version:
        """Return the statute as a version: the preamble and each article a unit."""
        return Version(document, (Unit(PREAMBLE, self.preamble), *(Unit(a.id, a.text) for a in self.articles)))


def parse_statute(text: str, where: str = "statute.md") -> Statute:
    """Read a statute.

    Raises
    ------
    StatuteError
        With file and line, what was found, what was expected, and the mend.
    """
    lines = [line.rstrip() for line in text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")]
    starts, blocks = _structure(lines, where)
    title = next((line[2:].strip() for line in lines[: starts[0] if starts else None] if line.startswith("# ")), "")
    if not title:
        raise StatuteError(
            "the statute has no title",
            where=f"{where}:1",
            found=clip(lines[0] if lines else ""),
            expected="# Statute of …",
            mend="begin with a line `# ` and the title",
        )
    if not starts:
        raise StatuteError(
            "the statute has no articles",
            where=where,
            expected="## Article 1. Heading",
            mend="begin each article with such a line",
        )
    articles = list(_articles(lines, starts, where))
    named = [(b, _article_of(b.line, starts, articles)) for b in blocks]
    for block, article in named:
        if article is None:
            raise StatuteError(
                "rules before the first article",
                where=f"{where}:{block.line}",
                expected="rules inside an article",
                mend="move them below a heading",
            )
    rules = read_rules([(b, a.number) for b, a in named if a is not None], where)
    return Statute(title, _trimmed(lines[: starts[0]]), tuple(articles), rules)


def statute_of(version: Version) -> Statute:
    """Read a statute from a version, and so check that it is whole: numbers in order, rules that agree.

    Raises
    ------
    StatuteError
        If it is not; also if a unit holds another article than its id says.
    """
    for unit in version.units:
        if not isinstance(unit.value, str):
            raise StatuteError("an article is text", where=unit.id, found=clip(unit.value), mend="write its text")
    text = "\n\n".join(str(u.value) for u in version.units) + "\n"
    statute = parse_statute(text, version.document)
    for unit, own in zip(version.units, statute.version(version.document).units, strict=False):
        if unit != own:
            raise StatuteError(
                "a unit holds something else than its id says",
                where=unit.id,
                found=own.id,
                expected=unit.id,
                mend="number the article as its id, one article a unit, without blank lines around it",
            )
    if len(version.units) != len(statute.articles) + 1:
        raise StatuteError("a unit holds more than one article", where=version.document, mend="one article a unit")
    return statute


def insert_article(version: Version, text: str) -> Insert:
    """Write the insertion of an article, where its number belongs (`12a` stands after 12).

    Raises
    ------
    StatuteError
        If the text is not one article with its heading, or the number is in use.
    """
    article = _single(text)
    if article.id in version:
        raise StatuteError(
            f"there is an article {article.number}",
            where=article.id,
            mend="replace it, or give the new one a letter: 12a",
        )
    before = [
        u.id for u in version.units if u.id == PREAMBLE or _rank(u.id.removeprefix("article-")) < _rank(article.number)
    ]
    return insert(version, article.id, article.text, before[-1])


def replace_article(version: Version, text: str) -> Replace:
    """Write the replacement of the article that has the number of the text's heading."""
    article = _single(text)
    return replace_unit(version, article.id, article.text)


def _single(text: str) -> Article:
    lines = [line.rstrip() for line in text.strip().replace("\r\n", "\n").split("\n")]
    starts, _ = _structure(lines, "article")
    if starts != [0]:
        raise StatuteError(
            "not one article",
            where="article",
            found=clip(lines[0]),
            expected="a first line `## Article 12a. Heading`, and no second one",
            mend="one operation for each article",
        )
    return next(_articles(lines, starts, "article"))


def _structure(lines: Sequence[str], where: str) -> tuple[list[int], list[Block]]:
    """Lines at which articles begin, and the fenced blocks of rules."""
    starts: list[int] = []
    blocks: list[Block] = []
    fence, begin, language = "", 0, ""
    for k, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            if found and found.group(1).startswith(fence) and not found.group(2):
                if language == "yaml":
                    blocks.append(Block(begin + 1, "\n".join(lines[begin:k])))
                fence = ""
        elif found:
            fence, begin, language = found.group(1), k + 1, found.group(2)
        elif line.startswith("## "):
            if not _HEADING.match(line):
                raise StatuteError(
                    "not the heading of an article",
                    where=f"{where}:{k + 1}",
                    found=clip(line),
                    expected="## Article 12. Heading",
                    mend="number it, with a point and a heading; use ### for headings inside an article",
                )
            starts.append(k)
    if fence:
        raise StatuteError(
            "a block of rules without an end",
            where=f"{where}:{begin}",
            expected=fence,
            mend="close it with a line of the same marks",
        )
    return starts, blocks


def _articles(lines: Sequence[str], starts: Sequence[int], where: str) -> Iterator[Article]:
    last = ""
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _HEADING.match(lines[begin])
        assert match is not None  # as `_structure` found it
        number = match.group(1) + match.group(2)
        if last and _rank(number) <= _rank(last):
            raise StatuteError(
                "articles out of order",
                where=f"{where}:{begin + 1}",
                found=f"{number} after {last}",
                expected=f"a number above {last}",
                mend="a new article between two takes a letter: 12a; numbers of repealed ones stay unused",
            )
        last = number
        yield Article(number, match.group(3), _trimmed(lines[begin:end]))


def _article_of(line: int, starts: Sequence[int], articles: Sequence[Article]) -> Article | None:
    return next((a for s, a in reversed(list(zip(starts, articles, strict=True))) if s < line), None)


def _rank(number: str) -> tuple[int, str]:
    digits = number.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits), number[len(digits) :]


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


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
