"""Which list of sectors a table uses, read from its codes, and the ISIC rev. 4 divisions behind each code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lustrum.accounts.concordances.files import rows

ISIC4 = "isic4"
#: What people call the lists.
TITLES = {
    ISIC4: "ISIC rev. 4 / NACE rev. 2 / CPA codes",
    "wiod2013": "the 35 sectors of WIOD 2013 (ISIC rev. 3)",
    "isic3": "ISIC rev. 3 codes",
    "eora26": "the 26 sectors of Eora",
    "exiobase3_ixi": "the 163 industries of EXIOBASE 3",
    "exiobase3_pxp": "the 200 products of EXIOBASE 3",
    "bea71": "BEA's 71 industries",
    "bea16": "BEA's 16 sectors",
}
#: A list is taken for the table's where it knows at least this share of the codes; sectors of their own may be added.
KNOWN = 0.8


@dataclass(frozen=True)
class Classified:
    """The list a table uses. `divisions` holds ISIC rev. 4 divisions by code; codes it does not know are absent."""

    name: str
    divisions: Mapping[str, tuple[str, ...]]

    @property
    def title(self) -> str:
        """The list in words."""
        return TITLES[self.name]


@cache
def _divisions() -> dict[str, str]:
    """Two digits -> division with its letter: "01" -> "A01"."""
    return {r["division"][1:]: r["division"] for r in rows("isic4_divisions.csv")}


@cache
def _lists() -> dict[str, dict[str, tuple[str, ...]]]:
    out: dict[str, dict[str, tuple[str, ...]]] = {}
    for r in rows("lists.csv"):
        out.setdefault(r["list"], {})[r["code"]] = tuple(r["divisions"].split())
    return out


def classify(codes: Sequence[str]) -> Classified | None:
    """Find the list that a table's codes belong to; None where no list knows four in five of them."""
    if not codes:
        return None
    named = [(sum(c in known for c in codes), name) for name, known in _lists().items()]
    best, name = max(named)
    if best >= KNOWN * len(codes):
        return Classified(name, {c: _lists()[name][c] for c in codes if c in _lists()[name]})
    parsed = {c: found for c in codes if (found := isic4_divisions(c))}
    return Classified(ISIC4, parsed) if len(parsed) >= KNOWN * len(codes) else None


@cache
def isic4_divisions(code: str) -> tuple[str, ...]:
    """Read a code made of ISIC rev. 4 sections, divisions or parts of them; empty where it is none.

    Examples
    --------
    >>> isic4_divisions("C10T12")
    ('C10', 'C11', 'C12')
    >>> isic4_divisions("CPA_L68BXL683"), isic4_divisions("J59_60"), isic4_divisions("C102_3")
    (('L68',), ('J59', 'J60'), ('C10',))
    """
    text = re.sub(r"^(CPA|P|I|NACE)_(?=[A-U])", "", code.strip())
    text = re.sub(r"\.\d+(-\d+)?", "", text)  # K65.1-2: parts of a division
    text = re.sub(r"(?<=\d)T(?=[A-U]?\d)", "-", text)  # C10T12 is a range
    out: list[str] = []
    letter = last = ""
    for part in re.split(r"[&,\s_/+]+", text):
        ends = []
        for end in part.split("-"):
            match = re.fullmatch(r"([A-U])?(?:(\d{1,4})([A-Z][A-Z0-9]*)?)?", end)
            if not match or not end:
                return ()
            letter = match[1] or letter
            digits = match[2] or ""
            if len(digits) == 1 and len(last) > 2:  # the 3 of C102_3: another part of the same division
                digits = last
            last = digits or last
            ends.append((letter, digits[:2]))
        found = _range(ends)
        if not found:
            return ()
        out += [d for d in found if d not in out]
    return tuple(out)


def _range(ends: list[tuple[str, str]]) -> list[str]:
    known = _divisions()
    if len(ends) > 2:
        return []
    (a, first), (b, last) = ends[0], ends[-1]
    if bool(first) != bool(last):
        return []
    if not first:
        return [d for d in known.values() if a <= d[0] <= b]
    if known.get(first, "")[:1] != a or known.get(last, "")[:1] != b:
        return []
    return [d for n, d in known.items() if first <= n <= last]
