"""The sheets of the table workbook: one table for its reader, its template and its guide."""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "lustrum-table/1"
VALUATIONS = ("basic", "producer", "purchaser")
USE_HOLDS = ("total", "domestic")
#: Kind of a column of final use that holds imports with a minus sign.
IMPORTS = "imports"

#: Key of the sheet `about` -> needed, default, meaning.
ABOUT: dict[str, tuple[bool, str, str]] = {
    "format": (True, "", f"leave it as it is: {FORMAT}"),
    "name": (True, "", "a short name on one line, such as three-valleys-2024"),
    "title": (False, "", "the full title, such as Three Valleys 2024, 30 industries"),
    "year": (True, "", "the year of the table; a plan begins in the year after"),
    "money": (True, "", "the unit of all figures, such as million crowns"),
    "publisher": (False, "", "the statistical office"),
    "licence": (False, "", "under which terms it publishes"),
    "valuation": (
        False,
        "basic",
        "prices of use and final: basic, producer or purchaser; with purchaser give the sheet supply_columns",
    ),
    "use_holds": (
        False,
        "total",
        "total: use and final hold domestic and imported goods together; domestic: only "
        "domestic goods, imported ones stand in use_imported and final_imported",
    ),
}

#: Sheets of labels -> columns, meaning.
LABELS: dict[str, tuple[tuple[str, ...], str]] = {
    "products": (("code", "name"), "the rows of the table"),
    "industries": (("code", "name"), "its columns; leave the sheet empty if they are the same as the products"),
    "final_uses": (
        ("code", "name", "kind", "partner"),
        "the columns of final use; kind is household, nonprofit, government, investment, inventories, "
        "valuables, exports, adjustment, or imports (figures with a minus sign); partner may stay empty",
    ),
}


@dataclass(frozen=True)
class Part:
    """A sheet of figures: what its rows and columns are, whether every table has it, and what it means.

    `rows` and `columns` are "product", "industry", "final use", or "row", "column" where the sheet names its own.
    """

    rows: str
    columns: str
    needed: bool
    meaning: str


SHEETS: dict[str, Part] = {
    "use": Part("product", "industry", True, "what each industry buys of each product"),
    "final": Part("product", "final use", True, "what households, government, investors, foreigners buy"),
    "value_added": Part(
        "row",
        "industry",
        True,
        "wages, taxes, surplus and other inputs that are no product, by industry; name the rows as the office does; "
        "kind says what each is: wages, surplus, taxes_on_production, taxes_on_products, imports, value_added",
    ),
    "supply": Part(
        "product",
        "industry",
        False,
        "what each industry makes of each product, at basic prices; leave it "
        "empty for a symmetric table, whose output is then the sum of each column",
    ),
    "imports": Part("product", "column", False, "imports by product; one column for each partner, or one called world"),
    "use_imported": Part("product", "industry", False, "the imported part of use"),
    "final_imported": Part("product", "final use", False, "the imported part of final"),
    "supply_columns": Part(
        "product",
        "column",
        False,
        "what stands between basic and purchasers' prices: trade "
        "margins, transport margins, taxes less subsidies, a column each",
    ),
    "jobs": Part("row", "industry", False, "people at work, or hours; one row, or a row for each skill"),
    "capital": Part("row", "industry", False, "net capital stock at the end of the year, by kind of asset"),
    "resources": Part("row", "industry", False, "use of land, energy, water, CO2 and the like"),
    "purposes": Part("product", "column", False, "household consumption by purpose (food, housing …), a column each"),
    "investment_by_industry": Part(
        "product",
        "column",
        False,
        "fixed capital formation by product and investing industry, a column for each industry",
    ),
}
