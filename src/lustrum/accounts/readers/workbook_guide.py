"""What a workbook says to whoever fills it in: the sheets `guide` and `fields`, and the order of the sheets.

Everything that names a table is made from the tables of `lustrum.accounts.fields`, so that it never drifts.
"""

from __future__ import annotations

from collections.abc import Collection

from lustrum.accounts.fields import BY_NAME, FIELDS, FLOWS, SET_WORDS, SIGN_WORDS
from lustrum.accounts.readers.forms import FORMAT, LABEL_TABLES, NAMES, PROVENANCE, TABLES

#: The work in its order: heading, sheets, what to do. What stands nowhere here is for special cases.
STEPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Whose accounts these are",
        ("economy",),
        "Fill in the column value. A short name and the base year are needed; add a row notes for every remark.",
    ),
    (
        "What there is",
        ("products", "activities", "households", "needs", "partners", "regions"),
        "One row for each product, each industry, each group of households and so on. The code is what all other "
        "sheets use: short, and the same everywhere. The name is printed. The unit is needed only where it is not the "
        "money.",
    ),
    (
        "Who makes and uses what",
        ("output", "use_flows", "supply_flows"),
        "The input-output table of the base year. use_flows: what industries (columns) use of products (rows), "
        "domestic and imported together. Leave supply_flows out where every industry makes its own product alone.",
    ),
    (
        "What is consumed",
        ("consumption_flows", "need_shares", "committed_demand", "population"),
        "Purchases of households by product, and the share of each product that serves each need (a row sums to 1). "
        "Government, changes in inventories and every negative figure of final demand go to committed_demand.",
    ),
    (
        "Trade",
        ("imports", "exports", "transfers", "opening_debt"),
        "By product and partner. Leave all of it out for an economy without trade.",
    ),
    (
        "Capital",
        ("assets", "asset_flows", "investment", "capital_stock", "depreciation"),
        "What is built, who invests, what stands at the end of the base year, what share of it wears out each year.",
    ),
    (
        "Labour and resources",
        ("skills", "labour_flows", "labour_supply", "resources", "resource_flows", "resource_budget"),
        "Who works where, how many there are, and what else is scarce: land, water, emissions.",
    ),
)

#: Key of the sheet economy -> whether it is needed, and what it says.
KEY_WORDS: dict[str, tuple[bool, str]] = {
    "format": (True, f"leave it as it is: {FORMAT}"),
    "name": (True, "a short name on one line, such as three-valleys"),
    "title": (False, "the full title, such as Three valleys, 2024"),
    "base_year": (True, "the year of the accounts, a number; the plan begins in the year after"),
    "money": (False, "the unit of all money, such as million crowns"),
    "publisher": (False, "who published the figures"),
    "licence": (False, "under which terms"),
    "notes": (False, "a remark; add as many rows with the key notes as there are remarks"),
}

_RULES = (
    "Every sheet is one table. Its first row is the header; nothing stands above, beside or below the table. "
    "Sheets that you leave empty are not part of the plan: without labour tables labour is not counted.",
    "A cell holds one plain number: no unit, no percent sign, no blank for zero. Write 0 where there is nothing. "
    "Formulas are welcome once they are calculated; hidden rows, hidden columns and merged cells are not.",
    "A table with one column for each word of its header and a column value is long: what it does not list is zero. "
    "A table with codes down the first column and across the first row is wide: every code must be there.",
    "A sheet for remarks or reckoning of your own has a name that begins with #.",
    "To check the workbook: lustrum economy check FILE.xlsx. To plan with it: lustrum new my-plan --economy FILE.xlsx.",
)
_NEEDED = ("economy", "products", "activities")


def sheet_order() -> list[str]:
    """Every sheet of a table: those of the work in its order, then the special cases."""
    usual = [name for _, sheets, _ in STEPS for name in sheets]
    return [*usual, *(name for name in NAMES if name not in usual)]


def need_of(name: str) -> str:
    """Say whether a sheet must be filled in."""
    if name in _NEEDED:
        return "needed"
    if name in ("use_flows", "use"):
        return "needed: this one or " + ("use" if name == "use_flows" else "use_flows")
    if name == "output":
        return "needed with flows"
    return "optional"


def meaning_of(name: str) -> str:
    """What stands in a sheet, in one line."""
    dims = {table: dim for dim, table in LABEL_TABLES.items()}
    if name == "economy":
        return "whose accounts these are, and of which year"
    if name == PROVENANCE:
        return "what was done to the published figures; written by lustrum"
    if name in dims:
        return SET_WORDS[dims[name]]
    return TABLES[name].meaning


def guide_rows(filled: Collection[str], title: str) -> list[tuple[str, ...]]:
    """Rows of the sheet `guide`: kind ("title", "text", "head", "step", "sheet"), then its cells."""
    rows: list[tuple[str, ...]] = [
        ("title", title),
        *(("text", rule) for rule in _RULES),
        ("head", "Sheet", "Needed?", "Filled in?", "What stands in it"),
    ]
    usual = {name for _, sheets, _ in STEPS for name in sheets}
    special = tuple(name for name in NAMES if name not in usual)
    last = (
        "For special cases",
        special,
        "Coefficients in place of flows, new techniques, prices abroad, stocks. "
        "The documentation page docs/tables.md explains each.",
    )
    for number, (heading, sheets, words) in enumerate((*STEPS, last), 1):
        rows.append(("step", f"{number}. {heading}", words))
        rows += [("sheet", s, need_of(s), "yes" if s in filled else "", meaning_of(s)) for s in sheets]
    return rows


def field_rows() -> list[tuple[str, ...]]:
    """Header and rows of the sheet `fields`: every table of figures."""
    header = ("sheet", "rows", "columns", "years", "unit", "values", "meaning")
    rows: list[tuple[str, ...]] = []
    for f in FIELDS:
        rows.append(
            (
                f.name,
                f.dims[0],
                f.dims[1] if len(f.dims) > 1 else "",
                "may have a column year" if f.yearly else "",
                f.unit,
                SIGN_WORDS[f.sign],
                f.meaning,
            )
        )
    for flow in FLOWS:
        gives = BY_NAME[flow.gives]
        rows.append(
            (
                flow.name,
                flow.dims[0],
                flow.dims[1],
                "",
                "flows of the base year",
                SIGN_WORDS[">=0"],
                f"{flow.meaning}; in place of {gives.name}",
            )
        )
    return [header, *rows]


def hint(name: str) -> str:
    """What the program shows when the first cell of a sheet is chosen: at most 255 characters."""
    table = TABLES.get(name)
    yearly = name in BY_NAME and BY_NAME[name].yearly
    text = meaning_of(name)
    if table is not None:
        text += f". By {' and '.join(table.dims)}" + (", perhaps year" if yearly else "") + "."
    return text if len(text) <= 250 else text[:249] + "…"
