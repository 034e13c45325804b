"""A line that says a change, as words and signs; and the parts that every kind of line has: codes, labels, a figure.

FIGURE   1.1 | 12 Mt | 1.1 in 2027 | 1.1 in 2027-2029 | 1.0 to 1.1 | 2000 growing 0.025 | 2026: 1.0, 2027: 1.1
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

_TOKEN = re.compile(r'\s*("[^"]*"|>=|<=|=|\+(?=\s)|\*|,|:(?=\s)|[^\s,=<>*":]+|[<>:"])')
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)
#: What can follow a figure and is no unit.
_AFTER_A_FIGURE = frozenset({"to", "growing", "in", "absolute", "base", "sum", "elastic", ",", ":"})
SIDES = {">=": "at_least", "<=": "at_most", "=": "equals"}


class Words:
    """The words of a line, read from left to right; complaints name the line and the word."""

    def __init__(self, line: str) -> None:
        self.line, self.at = line.strip(), 0
        self.unit: str | None = None
        self.tokens: list[str] = []
        place = 0
        while (match := _TOKEN.match(self.line, place)) is not None:
            self.tokens.append(match.group(1))
            place = match.end()
        if len(self.line) > 2000 or place < len(self.line) or '"' in self.tokens:
            self.fail("a line that cannot be read", mend="close the quotes, and write one change on one short line")

    def fail(self, what: str, **more: Any) -> NoReturn:
        """Complain about the word at which reading stands."""
        more.setdefault("found", self.next if self.next is not None else "the end of the line")
        raise SpecError(what, where=f"`{clip(self.line, 200)}`: word {self.at + 1}", **more)

    @property
    def next(self) -> str | None:
        """The next word, None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> str:
        """Take the next word."""
        word = self.next
        if word is None:
            self.fail("the line ends too early", mend="see docs/amendments.md for how it goes on")
        self.at += 1
        return word

    def taken(self, *words: str) -> str | None:
        """Take the next word if it is one of these."""
        if self.next in words:
            return self.take()
        return None

    def name(self) -> str:
        """Take a word, or words in quotes."""
        word = self.take()
        if word.startswith('"'):
            return word.strip('"')
        if word in (",", ":", "*", "+", "<", ">", *SIDES):
            self.at -= 1
            self.fail("a sign where a name belongs", expected="a name", mend="put a name with signs in quotes")
        return word

    def codes(self, economy: Economy, dim: str) -> list[str]:
        """Take codes of a set, separated by commas: each must be in the accounts; `all` stands for every one."""
        out = []
        while True:
            code = self.name()
            if code != "all" or economy.size(dim) == 0:
                self._known(economy, dim, code)
            out.append(code)
            if not self.taken(","):
                break
        if "all" in out and len(out) > 1:
            self.fail("`all` stands beside other codes", found="all", mend="write `all` alone")
        return out

    def _known(self, economy: Economy, dim: str, code: str) -> None:
        known = economy.codes(dim)
        if code in known:
            return
        self.at -= 1
        if not known:
            self.fail(f"the accounts have no {dim}", mend=f"leave {dim} out")
        expected, mend = unknown_label(code, known, dim)
        names = {c: economy.name_of(dim, c) for c in known}
        alike = [c for c, n in names.items() if code.lower() in n.lower()][:5]
        if alike and not mend.startswith("did"):
            mend = "did you mean " + " or ".join(f"{c!r} ({names[c]})" for c in alike) + "?"
        self.fail(f"unknown {dim} {clip(code)}", expected=expected, mend=mend)

    def number(self, what: str = "a number") -> float:
        """Take a number."""
        word = self.take()
        if not _NUMBER.fullmatch(word) or not math.isfinite(float(word)):
            self.at -= 1
            percent = word.endswith("%")
            self.fail(
                f"not {what}",
                found=word,
                expected="digits with a decimal point",
                mend="write a share: 0.05 for 5 %" if percent else "write it without separators",
            )
        return float(word)

    def side(self, *allowed: str) -> str:
        """Take `>=`, `<=` or `=` and return at_least, at_most or equals."""
        word = self.taken(*allowed)
        if word is None:
            self.fail("a comparison belongs here", expected=" or ".join(allowed), mend="say how the figure limits")
        return SIDES[word]

    def sign(self, *allowed: str) -> str:
        """Take one of the signs that compare."""
        self.side(*allowed)
        return self.tokens[self.at - 1]

    def figure(self) -> tuple[Any, list[int] | None]:
        """Take a figure: a number, a ramp or a growing value for all years (years None), or a number for some years."""
        first = self.take()
        if self.taken(":"):
            return self._by_year(first), None
        self.at -= 1
        value = self.number()
        self.unit = self._unit()
        if self.taken("to"):
            return {"from": value, "to": self.number()}, None
        if self.taken("growing"):
            return {"start": value, "growth": self.number("a rate")}, None
        if self.taken("in"):
            return value, self.years()
        return value, None

    def _unit(self) -> str | None:
        """Take the words of a unit after a figure, if there are any."""
        words = []
        while self.next is not None and self.next not in _AFTER_A_FIGURE:
            words.append(self.name())
        if words == ["%"]:
            self.fail("a figure in per cent", found="%", mend="write a share: 0.05 for 5 %")
        return " ".join(words) or None

    def _by_year(self, first: str) -> dict[str, float]:
        out: dict[str, float] = {}
        year = first
        while True:
            if not re.fullmatch(r"\d{4}", year, re.ASCII) or year in out:
                self.fail(
                    "not a year, or one named twice",
                    found=year,
                    expected="2027: 1.1, 2028: 1.2",
                    mend="name each calendar year once",
                )
            out[year] = self.number()
            if not self.taken(","):
                return out
            year = self.take()
            if not self.taken(":"):
                self.fail("a colon belongs after the year", mend="write 2027: 1.1, 2028: 1.2")

    def years(self) -> list[int]:
        """Take years: `2027`, `2027, 2029`, `2027-2029`."""
        out: list[int] = []
        while True:
            word = self.take()
            match = _YEARS.fullmatch(word)
            first, last = (int(match.group(1)), int(match.group(2) or match.group(1))) if match else (1, 0)
            if last < first or last - first > 100:
                self.at -= 1
                self.fail("not a year", found=word, expected="2027, or 2027-2029", mend="write calendar years")
            out += range(first, last + 1)
            if not self.taken(","):
                return sorted(set(out))

    def end(self) -> None:
        """Require that nothing is left."""
        if self.next is not None:
            self.fail("the line goes on where it should end", mend="one change on one line; see docs/amendments.md")
