"""How a published table is to be read: the user's options, codes without regions, and what rows of value added are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable

#: Depreciation a year by kind of asset where nothing is known: geometric rates rounded from those of EU KLEMS
#: (structures 0.031 and dwellings 0.011, machinery 0.131, research 0.2 and software 0.315). `fixed_capital`: all
#: kinds as one.
DEPRECIATION: dict[str, float] = {
    "structures": 0.025,
    "equipment": 0.13,
    "intellectual_property": 0.25,
    "other": 0.13,
    "fixed_capital": 0.06,
}


@dataclass(frozen=True)
class Options:
    """Choices of `to_economy`.

    Attributes
    ----------
    name, title
        Of the economy; the table's own where empty.
    needs
        CSV file with the columns product, need, share; None: the shipped concordance that fits the codes.
    nonprofit
        Consumption of non-profit institutions serving households: with the households, or committed.
    assets
        "kinds": structures, equipment, intellectual property, other (where the codes are known); "one": a single asset.
    growth
        Growth a year behind the steady-state rule K = I / (g + δ), where stocks are not known.
    room
        Share of the opening stock that base output did not need.
    depreciation
        Rates by asset in place of `DEPRECIATION`.
    labour
        Name of the satellite, or of its row, that counts labour; None: persons, else hours, else wages.
    outside_imports
        Imports that belong to no product (a row of value added): a product of their own that is imported only, or
        left aside, neither used nor paid for.
    largest_residual
        Rows may miss their balance by this share of the table's flows; above it the table is refused.
    history
        Tables of earlier years in the same classification, for stocks by perpetual inventory.
    prices
        Price of investment by year (any base), for `history`; without it figures are taken as they stand.
    """

    name: str = ""
    title: str = ""
    needs: Path | None = None
    nonprofit: Literal["committed", "households"] = "committed"
    assets: Literal["kinds", "one"] = "kinds"
    growth: float = 0.02
    room: float = 0.03
    depreciation: Mapping[str, float] = field(default_factory=dict)
    labour: str | None = None
    outside_imports: Literal["product", "aside"] = "product"
    largest_residual: float = 0.02
    history: tuple[FlowTable, ...] = ()
    prices: Mapping[int, float] = field(default_factory=dict)


def plain_codes(labels: Labels) -> list[str]:
    """Codes with a leading region code and its separator taken off."""
    out = []
    for code, region in zip(labels.codes, labels.regions, strict=True):
        cut = code[len(region) :] if region and code.startswith(region) else code
        out.append(cut.lstrip(".|:_- ") if cut != code else code)
    return out


def regions_of(labels: Labels) -> list[str]:
    """Regions of a table in the order they appear; one empty name where there is no more than one."""
    found = list(dict.fromkeys(labels.regions))
    return found if len(found) > 1 else [""]


def within(regions: Sequence[str], region: str) -> list[bool]:
    """Which labels belong to a region; all where the region has no name."""
    return [region in ("", r) for r in regions]


Role = Literal["wages", "surplus", "imports", "taxes", "value_added", "unknown"]

#: Patterns in the order in which they are tried, on "code name" in lower case.
_ROLES: tuple[tuple[str, Role], ...] = (
    (r"^imp[ _-]|^imp\b|import|noncomparable", "imports"),
    (r"^(v001|d1|d11|d12|comp|lab|cofe)\b|^d1[12]?_|compensation of employees|\bwages?\b|salar", "wages"),
    (
        r"^(v003|b2|b3|b2b3|b2a3g|cap|gos|nos|cfc|k1|p51c|omi|cofc)\b|^b[23]|surplus|mixed income|"
        r"consumption of fixed capital|^cfc",
        "surplus",
    ),
    (
        r"^(v002|d2|d21|d29|d3|d31|d39|d29x39|d21x31|tls|tlsp|txsp|vat|customs|ottm|ntexp)\b|^(d2|d3|tls|vat)|tax|subsid|dut",
        "taxes",
    ),
    (r"^(va|gva|vabp|b1g|b1)\b|value added|gross value", "value_added"),
)


def role(code: str, name: str) -> Role:
    """Tell what a row of value added is.

    Examples
    --------
    >>> role("D1", "Compensation of employees"), role("V003", ""), role("IMP_cif", "Imports, cif")
    ('wages', 'surplus', 'imports')
    >>> role("taxes on production and imports, less subsidies", ""), role("Import duties", "")
    ('taxes', 'taxes')
    """
    for text, roles in (
        (code.lower(), _ROLES),
        (name.lower(), sorted(_ROLES, key=lambda r: r[1] == "imports")),
    ):
        for pattern, found in roles:
            # "taxes on production and imports, less subsidies" and "import duties" are taxes
            if re.search(pattern, text) and not (found == "imports" and re.search("tax|subsid|dut", text)):
                return found
    return "unknown"


def rows_of(table: FlowTable, *roles: Role) -> list[int]:
    """Positions of the rows of value added that play these roles."""
    labels = table.value_added_rows
    return [k for k, (c, n) in enumerate(zip(labels.codes, labels.names, strict=True)) if role(c, n) in roles]


def primary(table: FlowTable, *roles: Role) -> NDArray[np.float64] | None:
    """(j,) sum of the rows that play these roles; None where there is none with anything in it."""
    found = rows_of(table, *roles)
    if not found or not np.any(table.value_added[found]):
        return None
    return np.asarray(table.value_added[found].sum(axis=0))


def capital_income(table: FlowTable) -> tuple[NDArray[np.float64], str]:
    """(j,) what stands for the income of capital, not negative, and which rule made it."""
    for roles, words in (
        (("surplus",), "operating surplus with consumption of fixed capital"),
        (("value_added", "wages", "unknown"), "value added"),
    ):
        found = primary(table, *roles)
        if found is not None and found.clip(min=0).sum() > 0:
            return found.clip(min=0), words
    return np.asarray(table.output.clip(min=0)), "output"
