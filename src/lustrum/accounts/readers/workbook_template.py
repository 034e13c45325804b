"""The workbook to fill in: every sheet there can be, with a worked example or as empty forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lustrum.accounts.economy import Source
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.readers.contents import Rows, contents_of, contents_of_folder
from lustrum.accounts.readers.folder import read_folder, read_source
from lustrum.accounts.readers.forms import LABEL_COLUMNS, LABEL_TABLES, NAMES, PROVENANCE, TABLES
from lustrum.accounts.readers.workbook_write import write_sheets
from lustrum.errors import TableError

#: Forms with more cells than this have their header only.
MAX_FORM = 100_000
MOST_PRODUCTS = 2_000


def write_example(path: str | Path, folder: Path, empty: bool = False) -> int:
    """Write a template filled in with the tables of a folder, as they stand there.

    Parameters
    ----------
    empty
        Keep the labels only: the figures are left to fill in.

    Returns
    -------
    int
        Number of sheets for tables.

    Raises
    ------
    TableError
        If the folder cannot be read.
    """
    economy = read_folder(folder)
    contents = contents_of_folder(folder)
    title = economy.source.title or economy.source.name
    source: Source | None = read_source(folder / "economy.yaml")
    if empty:
        contents = {k: v for k, v in contents.items() if k in LABEL_TABLES.values()}
        return _write(path, None, contents, f"A workbook to fill in, with the labels of: {title}")
    return _write(path, source, contents, f"A worked example, to look at and to replace: {title}")


def write_example_of(path: str | Path, file: Path, empty: bool = False) -> int:
    """Write a template filled in with an economy from a file, its flows already turned into coefficients."""
    from lustrum.accounts.embedded import load_economy

    economy = load_economy(file)
    contents = contents_of(economy)
    title = economy.source.title or economy.source.name
    if empty:
        contents = {k: v for k, v in contents.items() if k in LABEL_TABLES.values()}
        return _write(path, None, contents, f"A workbook to fill in, with the labels of: {title}")
    return _write(path, economy.source, contents, f"A worked example, to look at and to replace: {title}")


def write_forms(path: str | Path, products: int = 0) -> int:
    """Write a template without figures, for `products` products that are made by as many industries.

    Raises
    ------
    TableError
        If there are more products than a plan can be made for.
    """
    if not 0 <= products <= MOST_PRODUCTS:
        raise TableError(
            "number of products is out of range",
            where="--products",
            found=products,
            expected=f"1 to {MOST_PRODUCTS:,}",
            mend="give a number within it",
        )
    contents: dict[str, Rows] = {}
    if products:
        codes = [f"s{k:0{len(str(products))}}" for k in range(1, products + 1)]
        rows: Rows = [[code, "", ""] for code in codes]
        contents = {name: [["code", "name", "unit"], *rows] for name in ("products", "activities")}
    return _write(path, None, contents, "A workbook to fill in: the tables of an economy")


def _write(path: str | Path, source: Source | None, contents: Mapping[str, Rows], title: str) -> int:
    forms = {name: _form(name, contents) for name in NAMES if name not in contents and name != PROVENANCE}
    write_sheets(path, source, contents, title, forms)
    return len(forms) + len(contents)


def _form(name: str, contents: Mapping[str, Rows]) -> Rows:
    """A sheet still to be filled in, with the labels where they are known."""
    if name not in TABLES:
        columns = LABEL_COLUMNS if name == "products" else LABEL_COLUMNS[:3]
        return [[*columns]]
    dims = TABLES[name].dims
    labels = [_codes(contents, LABEL_TABLES[d]) for d in dims]
    if len(dims) == 1:
        rows: Rows = [[code, ""] for code in labels[0]]
        return [[dims[0], "value"], *rows]
    head = f"{dims[0]} \\ {dims[1]}"
    sparse = name in BY_NAME and BY_NAME[name].yearly and name not in ("use", "supply")
    if not all(labels) or len(labels[0]) * len(labels[1]) > MAX_FORM or sparse:
        return [[*dims, "value"]] if sparse else [[head]]
    blank = [""] * len(labels[1])
    wide: Rows = [[code, *blank] for code in labels[0]]
    return [[head, *labels[1]], *wide]


def _codes(contents: Mapping[str, Rows], table: str) -> Sequence[str]:
    rows = contents.get(table)
    return [] if rows is None else [str(row[rows[0].index("code")]) for row in rows[1:]]
