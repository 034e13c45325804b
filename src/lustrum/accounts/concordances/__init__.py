"""Concordances shipped with the package: from lists of sectors to needs (COICOP) and to kinds of assets.

All of them rest on the 88 divisions of ISIC rev. 4 (NACE rev. 2 and CPA 2.1 have the same). `isic4_needs.csv` says
which needs the products of a division serve. `isic4_divisions.csv` says how much households spend on each division
(weights for sectors of several divisions: billion pounds in the United Kingdom, 2019, ONS supply and use tables,
rounded) and which kind of asset its products are when they are invested. `lists.csv` gives the divisions of other
lists. BEA's two lists have need shares of their own, those of the embedded economies us-2019 and us-2019-16.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a shipped file, by column name."""
    text = (files("lustrum.accounts.concordances") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


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


#: Kinds of assets by the products they are made of.
ASSETS: dict[str, str] = {
    "structures": "Dwellings and other structures",
    "equipment": "Equipment, with the margins on it",
    "intellectual_property": "Software, research and originals",
    "other": "Cultivated and other assets",
}


@cache
def need_names() -> dict[str, str]:
    """Code -> name of the thirteen needs (divisions of COICOP 2018)."""
    return {r["code"]: r["name"] for r in rows("needs.csv")}


@cache
def _weights() -> dict[str, float]:
    return {r["division"]: float(r["weight"]) for r in rows("isic4_divisions.csv")}


@cache
def _division_shares() -> dict[str, NDArray[np.float64]]:
    needs = list(need_names())
    out: dict[str, NDArray[np.float64]] = {}
    for r in rows("isic4_needs.csv"):
        out.setdefault(r["division"], np.zeros(len(needs)))[needs.index(r["need"])] += float(r["share"])
    return out


@cache
def _own_shares(name: str) -> dict[str, NDArray[np.float64]]:
    needs = list(need_names())
    return {next(iter(r.values())): np.array([float(r[n]) for n in needs]) for r in rows(f"{name}_needs.csv")}


def need_shares(found: Classified, code: str) -> NDArray[np.float64] | None:
    """Shares of the needs (in the order of `need_names`) that a product serves; None where the list lacks it.

    A sector of several divisions takes their shares weighted by what households spend on each.
    """
    if code not in found.divisions:
        return None
    if found.name.startswith("bea"):
        return _own_shares(found.name)[code]
    divisions = found.divisions[code]
    total = sum(_weights()[d] for d in divisions)
    shares = sum((_weights()[d] / total * _division_shares()[d] for d in divisions), np.zeros(len(need_names())))
    return np.asarray(shares / shares.sum())


def asset_of(found: Classified, code: str) -> str | None:
    """Kind of asset that a product is when it is invested; None where the list lacks the code.

    A sector of several divisions is what most of them are, unless `lists.csv` says otherwise.
    """
    if code not in found.divisions:
        return None
    if found.name != ISIC4:
        for r in rows("lists.csv"):
            if (r["list"], r["code"]) == (found.name, code) and r["asset"]:
                return r["asset"]
    kinds = {r["division"]: r["asset"] for r in rows("isic4_divisions.csv")}
    named = [kinds[d] for d in found.divisions[code]]
    return max(named, key=lambda kind: (named.count(kind), -named.index(kind)))
