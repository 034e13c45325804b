"""What the rows of value added are: wages, surplus, taxes, imports. Read from their codes and names."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.national.table import FlowTable

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
    """
    for pattern, found in _ROLES:
        if re.search(pattern, code.lower()):
            return found
    for pattern, found in sorted(
        _ROLES, key=lambda r: r[1] == "imports"
    ):  # "taxes on production and imports" are taxes
        if re.search(pattern, name.lower()):
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
