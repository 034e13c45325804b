"""The table workbook to fill in: its sheets as empty forms, or with a worked example."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.assemble.interpretation import role
from lustrum.accounts.checks.report import figures_or_zero
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Kind, ProductTable, flows_of
from lustrum.accounts.readers.office_sheets import ABOUT, FORMAT, LABELS, SHEETS
from lustrum.accounts.readers.primary_rows import known_kind
from lustrum.accounts.readers.workbook import require_excel

Cell = str | float
Rows = list[list[Cell]]

_DAY = datetime.datetime(2020, 1, 1)  # a date in the file would make no two writings alike
_COLOURS = {True: "#C0392B", False: "#8C8C8C"}
_STEPS = (
    "Every sheet is one part of the table. Its first row is the header; nothing stands above, beside or below it.",
    "Begin with about, products, industries and final_uses. Then fill use, final and value_added: every office "
    "publishes these three. Sheets that stay empty are left out.",
    "A cell holds one plain number: no unit, no percent sign, no dots for zero. Write 0 where there is nothing.",
    "Copy with 'paste values', so that no formula is left behind. A sheet for remarks has a name that begins with #.",
    "Then: lustrum economy import FILE.xlsx -o my-country. It says what it had to assume, line by line.",
)


def write_office_forms(path: str | Path, products: int) -> None:
    """Write empty forms for a symmetric table of so many products."""
    codes = [f"s{k:0{len(str(products))}}" for k in range(1, products + 1)]
    uses: Rows = [
        ["households", "Households", "household", ""],
        ["government", "Government", "government", ""],
        ["investment", "Fixed investment", "investment", ""],
        ["inventories", "Changes in inventories", "inventories", ""],
        ["exports", "Exports", "exports", ""],
    ]
    labels: dict[str, Rows] = {"products": [[c, ""] for c in codes], "industries": [], "final_uses": uses}
    added = {"wages": "wages", "taxes less subsidies": "taxes_on_production", "operating surplus": "surplus"}
    tables: dict[str, Rows] = {}
    for name, part in SHEETS.items():
        columns = {"industry": codes, "final use": [str(u[0]) for u in uses]}.get(part.columns, [])
        rows = codes if part.rows == "product" else [*added] if name == "value_added" else []
        columns = ["world"] if name == "imports" else columns
        blank: list[Cell] = [""] * len(columns)
        tables[name] = [[_corner(name), *columns], *([row, *blank] for row in rows)]
    _add_kinds(tables["value_added"], list(added.values()))
    _write(path, "A table to fill in", {}, labels, tables)


def write_office(path: str | Path, table: FlowTable) -> None:
    """Write a table as a filled-in workbook. Reading it gives the same figures, to sixteen digits.

    Satellites are written where a sheet holds their kind.
    """
    s = table.source
    about = {
        "name": s.name,
        "title": s.title,
        "year": s.base_year,
        "money": s.money,
        "publisher": s.publisher,
        "licence": s.licence,
        "valuation": table.valuation,
    }
    products, industries = table.products, table.activities
    same = products.codes == industries.codes
    labels: dict[str, Rows] = {
        "products": [[c, n] for c, n in zip(products.codes, products.names, strict=True)],
        "industries": [] if same else [[c, n] for c, n in zip(industries.codes, industries.names, strict=True)],
        "final_uses": [[u.code, u.name, u.kind, u.partner] for u in table.final_uses],
    }
    uses = [u.code for u in table.final_uses]
    rows, jcodes = products.codes, industries.codes
    parts: dict[str, tuple[Sequence[str], Sequence[str], Any]] = {
        "use": (rows, jcodes, table.use),
        "final": (rows, uses, table.final),
        "value_added": (table.value_added_rows.codes, jcodes, table.value_added),
    }
    if not (same and table.symmetric):
        parts["supply"] = (rows, jcodes, table.supply)
    if table.imports is not None:
        parts["imports"] = (rows, table.partners.codes, table.imports)
    if table.use_imported is not None:
        parts["use_imported"] = (rows, jcodes, table.use_imported)
        parts["final_imported"] = (rows, uses, table.final_imported)
    for name, kind in (("jobs", "labour"), ("resources", "resource"), ("capital", "capital")):
        for satellite in table.satellites.values():
            if satellite.kind == kind and name not in parts:
                parts[name] = (satellite.labels.codes, jcodes, satellite.figures)
    for name, key in (("purposes", "needs"), ("investment_by_industry", "investment_by_industry")):
        if key in table.tables:
            parts[name] = (rows, table.tables[key].labels.codes, table.tables[key].figures)
    if table.supply_columns:
        names = list(table.supply_columns)
        parts["supply_columns"] = (rows, names, [list(r) for r in zip(*table.supply_columns.values(), strict=True)])
    tables: dict[str, Rows] = {}
    for name in SHEETS:
        if name in parts:
            codes, columns, figures = parts[name]
            cells: Rows = [[c, *[float(x) for x in row]] for c, row in zip(codes, figures, strict=True)]
            tables[name] = [[_corner(name), *columns], *cells]
        else:
            tables[name] = [[_corner(name)]]
    added = table.value_added_rows
    kinds = [
        known_kind(c, n) or _KINDS.get(role(c, n), "value_added") for c, n in zip(added.codes, added.names, strict=True)
    ]
    _add_kinds(tables["value_added"], kinds)
    _write(path, f"A worked example: {s.title or s.name}", about, labels, tables)


#: Role that accounts read from a row of value added -> kind on the sheet.
_KINDS = {"wages": "wages", "surplus": "surplus", "taxes": "taxes_on_production", "imports": "imports"}


def _add_kinds(rows: Rows, kinds: Sequence[str]) -> None:
    """Put the column `kind` beside the labels."""
    for row, kind in zip(rows, ["kind", *kinds], strict=True):
        row.insert(1, kind)


def printed(economy: Economy) -> FlowTable:
    """Return an economy as an office prints it: `by_kind`, consumption by purpose, investment by industry."""
    tables: dict[str, ProductTable] = {}
    if economy.has("need_composition", "consumption"):
        spent = economy.values("consumption").sum(axis=0)
        tables["needs"] = ProductTable(economy.sets["need"], figures_or_zero(economy, "need_composition") * spent)
    if economy.has("asset_composition", "investment"):
        bought = economy.values("asset_composition") @ economy.values("investment")
        tables["investment_by_industry"] = ProductTable(economy.sets["activity"], bought)
    return by_kind(flows_of(economy)).changed(tables=tables)


def by_kind(table: FlowTable) -> FlowTable:
    """Add up the columns of final use of each kind, exports by partner: what an office prints on one page."""
    groups: dict[tuple[Kind, str], list[int]] = {}
    for k, use in enumerate(table.final_uses):
        groups.setdefault((use.kind, use.partner), []).append(k)
    uses = tuple(
        FinalUse(f"{kind}:{partner}" if partner else kind, kind.capitalize(), kind, partner=partner)
        for kind, partner in groups
    )

    def added(figures: Figures) -> Figures:
        return np.stack([figures[:, ks].sum(axis=1) for ks in groups.values()], axis=1)

    imported = None if table.final_imported is None else added(table.final_imported)
    return table.changed(final_uses=uses, final=added(table.final), final_imported=imported)


def _corner(name: str) -> str:
    part = SHEETS[name]
    return f"{part.rows} \\ {part.columns}"


def _write(
    path: str | Path, title: str, about: Mapping[str, object], labels: Mapping[str, Rows], tables: Mapping[str, Rows]
) -> None:
    xlsxwriter = require_excel("xlsxwriter")

    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        book = xlsxwriter.Workbook(str(aside), {"in_memory": True})
        book.set_properties({"title": title, "created": _DAY})
        _guide(book, title)
        _about(book, about)
        head, text = _looks(book)
        for name, (columns, _) in LABELS.items():
            sheet = book.add_worksheet(name)
            sheet.set_tab_color("#3C8D5A")
            sheet.set_column(0, 0, 18, text)
            sheet.set_column(1, 1, 60, text)
            sheet.set_column(2, 3, 16, text)
            _rows(sheet, [[*columns], *labels[name]], head, text)
        for name, part in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.set_tab_color(_COLOURS[part.needed])
            sheet.set_column(0, 0, 24, text)
            sheet.set_column(1, max(len(tables[name][0]) - 1, 1), 13)
            _rows(sheet, tables[name], head, text)
            sheet.freeze_panes(1, 1)
            sheet.write_comment(0, 0, part.meaning)
        book.close()
        os.replace(aside, target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()


def _looks(book: Any) -> tuple[Any, Any]:
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "num_format": "@"})
    return head, book.add_format({"num_format": "@"})


def _rows(sheet: Any, rows: Rows, head: Any, text: Any) -> None:
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                if cell or r == 0:
                    sheet.write_string(r, c, cell, text if r else head)
            else:
                sheet.write_number(r, c, cell)


def _guide(book: Any, title: str) -> None:
    sheet = book.add_worksheet("guide")
    sheet.hide_gridlines(2)
    sheet.set_tab_color("#E0A030")
    big = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F3A5A"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    head, _ = _looks(book)
    link = book.add_format({"font_color": "#2E6DA4", "underline": 1, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 100)
    sheet.write_string(0, 0, title, big)
    row = 1
    for k, words in enumerate(_STEPS, 1):
        sheet.write_number(row, 0, k, wrapped)
        sheet.merge_range(row, 1, row, 2, words, wrapped)
        sheet.set_row(row, 32)
        row += 1
    for c, word in enumerate(("Sheet", "Needed?", "What stands in it")):
        sheet.write_string(row, c, word, head)
    every = [("about", True, "whose table this is, of which year, in which money")]
    every += [(name, name != "industries", words) for name, (_, words) in LABELS.items()]
    every += [(name, part.needed, part.meaning) for name, part in SHEETS.items()]
    for name, needed, words in every:
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(row, 1, "needed" if needed else "optional", wrapped)
        sheet.write_string(row, 2, words, wrapped)
    sheet.activate()


def _about(book: Any, about: Mapping[str, object]) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_tab_color(_COLOURS[True])
    head, text = _looks(book)
    faint = book.add_format({"font_color": "#6B6B6B", "text_wrap": True})
    sheet.set_column(0, 0, 14, text)
    sheet.set_column(1, 1, 50)
    sheet.set_column(2, 2, 90)
    for c, word in enumerate(("key", "value", "meaning")):
        sheet.write_string(0, c, word, head)
    for r, (key, (needed, default, meaning)) in enumerate(ABOUT.items(), 1):
        sheet.write_string(r, 0, key, text)
        value = FORMAT if key == "format" else about.get(key, default if about else "")
        if isinstance(value, int):
            sheet.write_number(r, 1, value)
        elif value:
            sheet.write_string(r, 1, str(value), text)
        sheet.write_string(r, 2, f"{'needed' if needed else 'optional'}: {meaning}", faint)
    sheet.freeze_panes(1, 1)
