"""Shares of needs by product, and kinds of assets by product, for a list of sectors that is known."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.concordances.classify import ISIC4, Classified
from lustrum.accounts.concordances.files import rows

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
