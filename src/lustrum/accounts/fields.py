"""The table of everything an economy can hold: docs/model.md section 2, one row a field.

Documentation (docs/tables.md), the CSV reader and writer, the checks and `Economy` itself are all made
from this table, so a field is added here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The sets, in the order of docs/model.md section 1: dimension name -> file of its labels.
SETS: dict[str, str] = {
    "product": "products.csv",
    "activity": "activities.csv",
    "asset": "assets.csv",
    "skill": "skills.csv",
    "household": "households.csv",
    "need": "needs.csv",
    "partner": "partners.csv",
    "resource": "resources.csv",
    "region": "regions.csv",
}

#: What the labels of each set are, in words.
SET_WORDS: dict[str, str] = {
    "product": "products",
    "activity": "industries and techniques",
    "asset": "kinds of assets",
    "skill": "kinds of labour",
    "household": "groups of households",
    "need": "what people need",
    "partner": "trading partners",
    "resource": "land, water, emissions and other things with a budget",
    "region": "regions with a foreign exchange balance each",
}

#: What the figures of a field may be, in words, by its sign.
SIGN_WORDS: dict[str, str] = {
    ">=0": "0 or more",
    ">0": "above 0",
    "0..1": "0 to 1",
    "any": "any",
    "bool": "true or false",
}


@dataclass(frozen=True)
class Field:
    """One datum of an economy.

    Attributes
    ----------
    name, symbol
        Name in code and files; symbol in docs/model.md.
    dims
        Dimensions in order.
    unit
        Unit of measure in words.
    meaning
        One line for the documentation.
    yearly
        May carry a `year` dimension (last).
    sign
        ``">=0"``, ``">0"``, ``"0..1"``, ``"any"`` or ``"bool"``: what the checks hold it to.
    """

    name: str
    symbol: str
    dims: tuple[str, ...]
    unit: str
    meaning: str
    yearly: bool = False
    sign: str = ">=0"


FIELDS: tuple[Field, ...] = (
    Field(
        "supply",
        "S",
        ("product", "activity"),
        "product units per unit of activity",
        "output of each product per unit of each activity; identity for a symmetric table",
        True,
    ),
    Field(
        "use",
        "U",
        ("product", "activity"),
        "product units per unit of activity",
        "use of each product, domestic and competing imports together, per unit of activity",
        True,
    ),
    Field("output", "x0", ("activity",), "activity units per year", "output of the base year"),
    Field(
        "capital_coefficient",
        "κ",
        ("asset", "activity"),
        "asset units per unit of activity",
        "asset needed per unit of capacity; if absent: capital_stock · utilisation / output",
        True,
    ),
    Field(
        "asset_composition",
        "P",
        ("product", "asset"),
        "product units per asset unit",
        "products that make up one unit of an asset; columns sum to 1 when values are money",
    ),
    Field("depreciation", "δ", ("asset", "activity"), "share per year", "depreciation rate", False, "0..1"),
    Field("investment", "n0", ("asset", "activity"), "asset units per year", "assets put in place in the base year"),
    Field(
        "capital_stock",
        "K0",
        ("asset", "activity"),
        "asset units",
        "stocks at the opening of plan year 1 (the close of the base year)",
    ),
    Field(
        "utilisation",
        "υ",
        ("activity",),
        "share",
        "base-year output as a share of what the opening stock could make",
        False,
        ">0",
    ),
    Field(
        "under_construction",
        "n̄",
        ("asset", "activity"),
        "asset units, by year",
        "assets already being built, by the year they are put in place; default: base investment",
        True,
    ),
    Field(
        "labour_coefficient",
        "ℓ",
        ("skill", "activity"),
        "labour units per unit of activity",
        "labour spent per unit of activity",
        True,
    ),
    Field(
        "building_labour",
        "ℓᵏ",
        ("skill", "asset"),
        "labour units per asset unit",
        "labour spent per unit of asset built, where it is not already in asset_composition",
    ),
    Field("labour_supply", "L", ("skill",), "labour units", "labour available in a year", True),
    Field(
        "need_composition",
        "b",
        ("product", "need"),
        "product units per unit of need",
        "product mix of a need; columns sum to 1 when values are money",
        True,
    ),
    Field("consumption", "y0", ("household", "need"), "need units per year", "base-year consumption"),
    Field("population", "N", ("household",), "persons (any unit)", "population; only its growth matters", True, ">0"),
    Field(
        "committed_demand",
        "f",
        ("product",),
        "product units per year",
        "demand that the plan does not choose: government, non-profits, changes in inventories, "
        "and every negative cell of final demand",
        True,
        "any",
    ),
    Field("imports", "m0", ("product", "partner"), "product units per year", "imports of the base year"),
    Field("exports", "e0", ("product", "partner"), "product units per year", "exports of the base year"),
    Field("import_price", "π", ("product",), "foreign currency per product unit", "1 if absent", True),
    Field("export_price", "πᵉ", ("product",), "foreign currency per product unit", "import_price if absent", True),
    Field(
        "opening_stock",
        "s0",
        ("product",),
        "product units",
        "product stocks at the close of the base year; a product without one may still be storable",
    ),
    Field("storage_loss", "θ", ("product",), "share per year", "lost in a year of storage", False, "0..1"),
    Field(
        "storable",
        "-",
        ("product",),
        "true/false",
        "may be carried from year to year; if absent: products with an opening stock",
        False,
        "bool",
    ),
    Field(
        "re_export",
        "-",
        ("product",),
        "true/false",
        "may be exported beyond own output and opening stock",
        False,
        "bool",
    ),
    Field(
        "opening_debt",
        "D0",
        ("region",),
        "foreign currency",
        "foreign debt at the close of the base year",
        False,
        "any",
    ),
    Field(
        "transfers",
        "-",
        ("region",),
        "foreign currency per year",
        "foreign exchange that comes in without exports: incomes, aid, capital inflow that goes on",
        True,
        "any",
    ),
    Field(
        "resource_coefficient",
        "ρ",
        ("resource", "activity"),
        "resource units per unit of activity",
        "use of a resource per unit of activity",
        True,
    ),
    Field("resource_budget", "-", ("resource",), "resource units per year", "what there is of a resource", True),
)

BY_NAME: dict[str, Field] = {f.name: f for f in FIELDS}


@dataclass(frozen=True)
class Flow:
    """A base-year flow table that may stand in a folder in place of coefficients.

    `gives` is the field that is derived; `per` names what the flow is divided by.
    """

    name: str
    dims: tuple[str, ...]
    gives: str
    per: str
    meaning: str


FLOWS: tuple[Flow, ...] = (
    Flow("supply_flows", ("product", "activity"), "supply", "output", "the supply (make) table of the base year"),
    Flow("use_flows", ("product", "activity"), "use", "output", "the intermediate use table of the base year"),
    Flow("labour_flows", ("skill", "activity"), "labour_coefficient", "output", "employment by activity"),
    Flow("resource_flows", ("resource", "activity"), "resource_coefficient", "output", "resource use by activity"),
    Flow(
        "asset_flows",
        ("product", "asset"),
        "asset_composition",
        "asset total",
        "fixed capital formation by product and asset type",
    ),
    Flow(
        "consumption_flows",
        ("product", "household"),
        "consumption",
        "need_shares",
        "household consumption by product; split over needs by need_shares",
    ),
    Flow(
        "need_shares",
        ("product", "need"),
        "need_composition",
        "consumption_flows",
        "concordance: the share of each consumed product that serves each need; rows sum to 1",
    ),
)
