"""Malformed workbooks, one by one: how each is made, the place its error names, what it says, and the mend."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.bad_input.books import DALE, Touch, book, cell, edit, sheet_part

Maker = Callable[[Path], Path]


def changed(changes: Mapping[str, list[list[Any]] | None]) -> Maker:
    return lambda path: book(path, changes)


def touched(touch: Touch, changes: Mapping[str, list[list[Any]] | None] | None = None) -> Maker:
    return lambda path: book(path, changes, touch)


def edited(sheet: str, old: bytes, new: bytes) -> Maker:
    return lambda path: edit(book(path), sheet_part(sheet), old, new)


def _date(sheets: Any, workbook: Any) -> None:
    look = workbook.add_format({"num_format": "d mmm"})
    sheets["output"].write_datetime(1, 1, datetime.datetime(2025, 5, 1), look)


def _date_code(sheets: Any, workbook: Any) -> None:
    look = workbook.add_format({"num_format": "d mmm"})
    sheets["products"].write_datetime(1, 0, datetime.datetime(2025, 2, 1), look)


_FLOWS = DALE["use_flows"]
_ABOVE = [["Use table, million crowns"], [], *_FLOWS]
_LEFT = [[None, *row] for row in _FLOWS]

#: what it is: maker, place (after "x.xlsx: "), words, mend
BOOKS: dict[str, tuple[Maker, str, str, str]] = {
    "an empty cell": (changed(cell("use_flows", 1, 2, None)), "use_flows!C2", "cell is empty", "write 0"),
    "a word for a number": (changed(cell("use_flows", 1, 2, "five")), "use_flows!C2", "not a number", "plain number"),
    "a number stored as text": (changed(cell("use_flows", 1, 2, "5")), "use_flows!C2", "stored as text", "Convert"),
    "a decimal comma": (changed(cell("use_flows", 1, 2, "5,25")), "use_flows!C2", "decimal comma", "decimal sign"),
    "thousands separators": (changed(cell("output", 1, 1, "1,234,567")), "output!B2", "not a number", "thousands"),
    "spaces for thousands": (changed(cell("output", 1, 1, "1 234")), "output!B2", "not a number", "thousands"),
    "a percent sign in text": (changed(cell("output", 1, 1, "5 %")), "output!B2", "not a number", "share"),
    "two dots for no figure": (changed(cell("output", 1, 1, "..")), "output!B2", "not a number", "find the figure"),
    "n/a for no figure": (changed(cell("output", 1, 1, "n/a")), "output!B2", "not a number", "find the figure"),
    "a dash for no figure": (changed(cell("output", 1, 1, "-")), "output!B2", "not a number", "find the figure"),
    "a number in brackets": (changed(cell("output", 1, 1, "(100)")), "output!B2", "not a number", "minus sign"),
    "a space for nothing": (changed(cell("output", 1, 1, " ")), "output!B2", "cell is empty", "write 0"),
    "TRUE for a number": (changed(cell("output", 1, 1, True)), "output!B2", "TRUE or FALSE", "figure"),
    "a date for a number": (touched(_date), "output!B2", "a date stands", "format as Number"),
    "a date for a code": (touched(_date_code), "products!A2", "a date stands", "format as Text"),
    "a number for a code": (changed(cell("products", 1, 0, 1)), "products!A2", "a number stands", "format Text"),
    "TRUE for a code": (changed(cell("products", 1, 0, True)), "products!A2", "TRUE or FALSE", "Text"),
    "a word for a truth value": (
        changed(cell("storable", 1, 1, "perhaps")),
        "storable!B2",
        "not true or false",
        "true",
    ),
    "too large a number": (changed(cell("output", 1, 1, 1e19)), "output!B2", "too large", "larger units"),
    "too small a number": (changed(cell("output", 1, 1, 1e-200)), "output!B2", "too small", "write 0"),
    "#REF!": (
        touched(lambda s, _: s["output"].write_formula(1, 1, "=#REF!", None, "#REF!")),
        "output!B2",
        "formula error",
        "mend the formula",
    ),
    "#DIV/0!": (
        touched(lambda s, _: s["use_flows"].write_formula(2, 3, "=1/0", None, "#DIV/0!")),
        "use_flows!D3",
        "formula error",
        "mend the formula",
    ),
    "#N/A in a header": (
        touched(lambda s, _: s["use_flows"].write_formula(0, 1, "=NA()", None, "#N/A")),
        "use_flows!B1",
        "formula error",
        "mend the formula",
    ),
    "a formula never calculated": (
        touched(lambda s, _: s["output"].write_formula(1, 1, "=50+50")),
        "output!B2",
        "formula without a value",
        "open the workbook",
    ),
    "a formula without a value": (
        lambda path: edit(
            edit(
                book(path, touch=lambda s, _: s["output"].write_formula(1, 1, "=50+50", None, "")),
                "xl/workbook.xml",
                b' fullCalcOnLoad="1"',
                b"",
            ),
            sheet_part("output"),
            b"<f>50+50</f><v></v>",
            b"<f>50+50</f>",
        ),
        "output!B2",
        "formula without a value",
        "open the workbook",
    ),
    "merged cells": (
        touched(lambda s, _: s["use_flows"].merge_range("B2:C2", 20)),
        "use_flows!B2:C2",
        "merged",
        "unmerge",
    ),
    "a hidden row": (
        touched(lambda s, _: s["use_flows"].set_row(2, None, None, {"hidden": True})),
        "use_flows!A3",
        "row is hidden",
        "unhide",
    ),
    "a row of no height": (
        touched(lambda s, _: s["use_flows"].set_row(2, 0)),
        "use_flows!A3",
        "row is hidden",
        "unhide",
    ),
    "a hidden column": (
        touched(lambda s, _: s["use_flows"].set_column("C:D", None, None, {"hidden": True})),
        "use_flows!C1",
        "column is hidden",
        "unhide",
    ),
    "a hidden sheet": (touched(lambda s, _: s["output"].hide()), "output!A1", "is hidden", "unhide it"),
    "a very hidden sheet": (touched(lambda s, _: s["output"].very_hidden()), "output!A1", "is hidden", "unhide it"),
    "a sheet misspelt": (changed({"labour_suply": [["x"]]}), "'labour_suply'!A1", "no table goes by", "labour_supply"),
    "a hidden sheet misspelt": (
        touched(lambda s, w: w.add_worksheet("Tabelle1").hide()),
        "'Tabelle1'!A1",
        "no table goes by",
        "begins with #",
    ),
    "a chart for a sheet": (
        touched(lambda s, w: _chart(s, w), {"skills": None, "labour_supply": None}),
        "skills!A1",
        "not a sheet of cells",
        "worksheet",
    ),
    "no sheet economy": (changed({"economy": None}), "economy!A1", "is missing", "template"),
    "an empty sheet economy": (changed({"economy": [["key", "value"]]}), "economy!B2", "not filled in", "base_year"),
    "a key misspelt": (changed(cell("economy", 4, 0, "mony")), "economy!B5", "unknown key 'mony'", "'money'"),
    "a key twice": (changed(cell("economy", 4, 0, "name")), "economy!A5", "stands twice", "keep one"),
    "another format": (
        changed(cell("economy", 1, 1, "lustrum-economy/9")),
        "economy!B2",
        "not one this version reads",
        "write",
    ),
    "no base year": (changed(cell("economy", 3, 1, None)), "economy!B4", "base_year is not a year", "2019"),
    "half a base year": (changed(cell("economy", 3, 1, 2025.5)), "economy!B4", "not a year", "number"),
    "no products": (changed({"products": None}), "x.xlsx", "sheet products is missing", "list the product codes"),
    "no table of use": (changed({"use_flows": None}), "x.xlsx", "needs 'use'", "sheet use_flows"),
    "a form of use nobody filled in": (
        changed({"use_flows": [r[:1] if k else r for k, r in enumerate(_FLOWS)]}),
        "x.xlsx",
        "needs 'use'",
        "sheet use_flows",
    ),
    "a table without its set": (changed({"skills": None}), "x.xlsx", "sheet labour_supply needs sheet skills", "list"),
    "a code missing": (changed(cell("products", 1, 0, None)), "products!A2", "code is empty", "give every label"),
    "a code twice": (changed(cell("products", 2, 0, "corn")), "products!A3", "stands twice", "own code"),
    "a code with a line break": (changed(cell("products", 1, 0, "co\nrn")), "products!A2", "line break", "one line"),
    "a code with a meaning": (changed(cell("products", 1, 0, "value")), "products!A2", "meaning of its own", "another"),
    "a code too long": (changed(cell("products", 1, 0, "c" * 101)), "products!A2", "too long", "shorten"),
    "columns of labels misnamed": (changed(cell("products", 0, 0, "id")), "products!A1", "not understood", "name the"),
    "a row label unknown": (changed(cell("use_flows", 1, 0, "korn")), "use_flows!A2", "unknown product", "'corn'"),
    "a column label unknown": (changed(cell("use_flows", 0, 2, "mill")), "use_flows!C1", "unknown activity", "'mills'"),
    "a row label missing": (
        changed(cell("use_flows", 1, 0, None)),
        "use_flows!A2",
        "unknown product",
        "write the label",
    ),
    "a header missing": (changed(cell("use_flows", 0, 2, None)), "use_flows!C1", "unknown activity", "write the label"),
    "a row twice": (changed({"use_flows": [*_FLOWS, _FLOWS[1]]}), "use_flows!A5", "'corn' stands twice", "keep one"),
    "a column twice": (
        changed({"use_flows": [[*r, r[1]] for r in _FLOWS]}),
        "use_flows!E1",
        "'farms' stands twice",
        "keep one",
    ),
    "a row left out": (changed({"use_flows": _FLOWS[:3]}), "x.xlsx: use_flows", "a row is missing", "add the row"),
    "a column left out": (
        changed({"use_flows": [r[:3] for r in _FLOWS]}),
        "x.xlsx: use_flows",
        "a column is missing",
        "add the column",
    ),
    "the wrong sheet": (changed({"use_flows": DALE["products"]}), "use_flows!B1", "unknown activity", "use one of"),
    "a title above the table": (changed({"use_flows": _ABOVE}), "use_flows!A2", "blank", "delete the row"),
    "a column left of the table": (
        changed({"use_flows": _LEFT}),
        "use_flows!A1",
        "does not begin in",
        "delete the rows",
    ),
    "a note beside the table": (
        changed(cell("use_flows", 2, 5, "revised")),
        "use_flows!F3",
        "outside of the table",
        "begins with #",
    ),
    "a total below a blank row": (
        changed({"output": [*DALE["output"], [], ["total", 190]]}),
        "output!A5",
        "blank",
        "delete the row",
    ),
    "same labels twice": (changed({"output": [*DALE["output"], ["farms", 1]]}), "output!A5", "stand twice", "keep one"),
    "a long table with a column too many": (
        changed(cell("output", 0, 2, "source")),
        "output!A1",
        "columns do not fit",
        "as expected",
    ),
    "a year in words": (changed(cell("labour_supply", 1, 1, "next")), "labour_supply!B2", "not a year", "four digits"),
    "half a year": (changed(cell("labour_supply", 1, 1, 2025.5)), "labour_supply!B2", "not a year", "number"),
    "flows without output": (
        changed(cell("output", 1, 1, 0)),
        "sheet use_flows: column farms",
        "no total to divide",
        "base output",
    ),
    "a figure that is no number": (
        edited("output", b"<v>100</v>", b"<v>NaN</v>"),
        "output!B2",
        "not a number",
        "again",
    ),
    "an infinite figure": (edited("output", b"<v>100</v>", b"<v>1e999</v>"), "output!B2", "not a number", "again"),
}


def _chart(sheets: Any, workbook: Any) -> None:
    chart = workbook.add_chart({"type": "line"})
    chart.add_series({"values": "=output!$B$2:$B$4"})
    workbook.add_chartsheet("skills").set_chart(chart)
