"""What a user may decide about an economy made from a table; every default is stated in its provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
