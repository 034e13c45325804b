"""Malformed tables, one by one: each is refused with its file, line and cell, what is wrong there, and a mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bad_input.reading import PLAN, TABLES, read_tables, refused, resolve

from lustrum.errors import BadInput


def table(name: str, old: str, new: str) -> dict[str, str | bytes]:
    assert old in TABLES[name], old
    return {name: TABLES[name].replace(old, new, 1)}


#: changed files; place; words; mend
FOLDERS: list[tuple[dict[str, str | bytes], str, str, str]] = [
    (table("output.csv", "100", ""), "output.csv:2:value", "not a number", "write 0"),
    (table("output.csv", "100", "#REF!"), "output.csv:2:value", "not a number", "spreadsheet error"),
    (table("output.csv", "100", "=A1+B1"), "output.csv:2:value", "not a number", "formula"),
    (table("output.csv", "100", '"1,000"'), "output.csv:2:value", "not a number", "thousands separators"),
    (table("output.csv", "100", "1_000"), "output.csv:2:value", "not a number", "thousands separators"),
    (table("output.csv", "100", "nan"), "output.csv:2:value", "not a number", "find the figure"),
    (table("output.csv", "100", "-inf"), "output.csv:2:value", "not a number", "find the figure"),
    (table("output.csv", "100", "1e400"), "output.csv:2:value", "too large", "millions"),
    (table("output.csv", "100", "1e-200"), "output.csv:2:value", "too small", "write 0"),
    (table("output.csv", "100", "１００"), "output.csv:2:value", "not a number", "plain number"),
    (table("output.csv", "100", "−100"), "output.csv:2:value", "not a number", "hyphen"),
    (table("output.csv", "100", "(100)"), "output.csv:2:value", "not a number", "minus sign"),
    (table("output.csv", "100", "10%"), "output.csv:2:value", "not a number", "share"),
    (table("output.csv", "100", "0"), "use_flows.csv: column farms", "no total to divide", "base output"),
    (table("output.csv", "100", "1e-90"), "use_flows.csv: column farms", "beyond measure", "one unit"),
    (table("output.csv", "farms", "farm"), "output.csv:2:activity", "unknown activity", "'farms'"),
    (table("output.csv", "farms", "mills"), "output.csv:3", "stand twice", "keep one"),
    (table("output.csv", "farms,100", "farms"), "output.csv:2", "different number of cells", "commas"),
    (table("output.csv", "farms,100", 'farms,"100'), "output.csv:4", "not well-formed CSV", "quotes"),
    (table("output.csv", "farms,100", 'farms,"1\n00"'), "output.csv:2", "line break", "one line"),
    (table("output.csv", "activity,value", "sector,value"), "output.csv:1", "columns do not fit", "as expected"),
    (table("output.csv", "activity,value", "activity;value"), "output.csv:1", "semicolons", ""),
    ({"output.csv": TABLES["output.csv"].replace(",", ";")}, "output.csv:1", "semicolons", "comma"),
    ({"output.csv": ""}, "output.csv", "file is empty", "fill it"),
    ({"output.csv": b"\xff\xfea\x00"}, "output.csv", "not UTF-8", "CSV UTF-8"),
    ({"output.csv": b"activity,value\nfarms,1\x00"}, "output.csv", "binary data", "CSV"),
    ({"output.csv": TABLES["use_flows.csv"]}, "output.csv:1", "header is not understood", "first line"),
    (table("use_flows.csv", "cloth,0,5,0\n", ""), "use_flows.csv", "a row is missing", "add the row"),
    (table("use_flows.csv", "corn,20,5,0", "corn,20,x,0"), "use_flows.csv:2:mills", "not a number", ""),
    (table("use_flows.csv", "farms,mills", "farms,farms"), "use_flows.csv:1:column 3", "stands twice", "keep one"),
    (table("labour_supply.csv", "2026", "²"), "labour_supply.csv:3:year", "not a year", "four digits"),
    (table("labour_supply.csv", "2026", "2026.5"), "labour_supply.csv:3:year", "not a year", "four digits"),
    (table("products.csv", "corn,Corn", ",Corn"), "products.csv:2:code", "code is empty", "give every label"),
    (table("products.csv", "cloth", "corn"), "products.csv:3:code", "stands twice", "own code"),
    (table("products.csv", "corn", "all"), "products.csv:2:code", "meaning of its own", "another code"),
    (table("products.csv", "code,name", "id,name"), "products.csv:1", "not understood", "as expected"),
    ({"products.csv": "code\n"}, "products.csv", "no labels", "list the codes"),
    (table("needs.csv", "food", "foot"), "need_shares.csv:1:column 2", "unknown need", "'foot'"),
    (table("need_shares.csv", "corn,1,0", "corn,0.9,0"), "need_shares.csv: corn", "do not add up", "sum to 1"),
    (table("need_shares.csv", "corn,1,0", "corn,-1,2"), "need_shares.csv: corn, food", "negative", "0 or more"),
    (
        table("consumption_flows.csv", "corn,town,30", "corn,town,-3"),
        "consumption_flows.csv: corn",
        "negative",
        "committed",
    ),
    ({"consumption.csv": "household,need,value\n"}, "consumption.csv", "both give", "keep one"),
    ({"labour_suply.csv": "x\n"}, "labour_suply.csv", "no table goes by this name", "labour_supply.csv"),
    ({"labour_supply.CSV": "x\n"}, "labour_supply.CSV", "no table goes by this name", ""),
    ({"use.xlsx": b"PK"}, "use.xlsx", "CSV files only", "save the sheet"),
    (table("economy.yaml", "2025", "'2025'"), "economy.yaml: base_year", "not a year", "no quotes"),
    (table("economy.yaml", "2025", "2025-01-01"), "economy.yaml: base_year", "not a year", "2019"),
    (table("economy.yaml", "economy/1", "economy/9"), "economy.yaml: format", "not one this version reads", "write"),
    (table("economy.yaml", "money: crowns", "money: 5"), "economy.yaml: money", "text", "quotes"),
    (table("economy.yaml", "money: crowns", "mony: crowns"), "economy.yaml:4", "unknown key 'mony'", "'money'"),
    (table("economy.yaml", "money: crowns", "name: crowns"), "economy.yaml:4", "stands twice", "keep one"),
    (table("economy.yaml", "- Made up.", "- a: b"), "economy.yaml: notes", "list of sentences", "colon in quotes"),
    ({"economy.yaml": "a: &a [x, x]\nb: *a\n"}, "economy.yaml:1", "anchors", ""),
    ({"economy.yaml": b"\xff\xfe"}, "economy.yaml", "not UTF-8", "UTF-8"),
    ({"economy.yaml": ""}, "economy.yaml", "empty", ""),
    ({"supply.csv": b"product,activity,value\n\xe9,a,1"}, "supply.csv", "not UTF-8", ""),
    (table("population.csv", "400", "0"), "population.csv: town", "above zero", "correct it"),
    (
        table("labour_supply.csv", "hands,2027,92\n", ""),
        "labour_supply.csv: year",
        "no figures for 2027",
        "add figures",
    ),
]


@pytest.mark.parametrize(("changes", "where", "words", "mend"), FOLDERS, ids=[f"{c[1]} {c[2]}"[:60] for c in FOLDERS])
def test_a_malformed_table_is_refused(
    tmp_path: Path, changes: dict[str, str | bytes], where: str, words: str, mend: str
) -> None:
    with pytest.raises(BadInput) as caught:
        resolve(read_tables(tmp_path / "economy", {**TABLES, **changes}), PLAN)
    refused(caught.value, where, words, mend)


@pytest.mark.parametrize(
    "missing",
    [
        "economy.yaml",
        "products.csv",
        "activities.csv",
        "supply.csv",
        "need_shares.csv",
        "output.csv",
        "partners.csv",
        "use_flows.csv",
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    tables: dict[str, str | bytes] = {k: v for k, v in TABLES.items() if k != missing}
    with pytest.raises(BadInput) as caught:
        read_tables(tmp_path / "economy", tables)
    refused(caught.value, "", missing.split(".")[0].replace("_flows", ""))


def test_a_folder_in_place_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "economy" / "output.csv").mkdir(parents=True)
    with pytest.raises(BadInput) as caught:
        read_tables(tmp_path / "economy", {k: v for k, v in TABLES.items() if k != "output.csv"})
    refused(caught.value, "output.csv", "not a file", "put a CSV file there")


def test_text_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    """A byte-order mark, CRLF or CR at line ends, quotes, spaces around cells and empty lines at the end."""
    plain = read_tables(tmp_path / "a", dict(TABLES))
    for name, end in (("b", "\r\n"), ("c", "\r")):
        odd: dict[str, str | bytes] = {
            k: b"\xef\xbb\xbf" + (v.replace(",", " , ") if k.endswith("flows.csv") else v).replace("\n", end).encode()
            for k, v in TABLES.items()
        }
        odd["output.csv"] = '"activity","value"\r\n"farms","100"\r\nmills,+5e1\r\nforges,40.\r\n,\r\n'
        assert read_tables(tmp_path / name, odd).digest == plain.digest
