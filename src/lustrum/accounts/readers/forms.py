"""From the tables of one form, folder or workbook, to an economy: the walk that both take.

Each form brings its tables as grids; only it knows how they lie on the disk and what a place in them is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.cells import CsvGrid, Grid
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME, FIELDS, FLOWS, SETS, Field, Flow
from lustrum.accounts.flows import from_flows
from lustrum.accounts.provenance import COLUMNS, Change
from lustrum.accounts.tables import read_grid, read_rows
from lustrum.accounts.words import LONGEST_CODE, LONGEST_NAME, RESERVED, meaning
from lustrum.errors import BadInput, TableError
from lustrum.labels import labelled, unknown_label
from lustrum.strict_yaml import CONTROL, clip

FORMAT = "lustrum-economy/1"
KEYS = ("format", "name", "title", "base_year", "money", "publisher", "licence", "notes")
LABEL_COLUMNS = ("code", "name", "unit", "region")
PROVENANCE = "provenance"
#: Every table of figures, by its name.
TABLES: dict[str, Field | Flow] = {**{f.name: f for f in FIELDS}, **{f.name: f for f in FLOWS}}
#: Set -> name of its table of labels: "product" -> "products".
LABEL_TABLES: dict[str, str] = {dim: file.removesuffix(".csv") for dim, file in SETS.items()}
#: Every table there can be.
NAMES: tuple[str, ...] = (*LABEL_TABLES.values(), *TABLES, PROVENANCE)


@dataclass(frozen=True)
class Form:
    """One folder or workbook of tables.

    Attributes
    ----------
    where
        The folder or file, for errors.
    call
        Table -> what people call it there: "use.csv", "sheet use".
    grid
        Table -> its cells; None where the form does not have it.
    """

    where: str
    call: Callable[[str], str]
    grid: Callable[[str], Grid | None]


def assemble(form: Form, source: Source) -> Economy:
    """Read every table of a form and make the economy.

    Raises
    ------
    TableError
        With the place of what is wrong.
    """
    sets: dict[str, Labels] = {}
    for dim, name in LABEL_TABLES.items():
        grid = form.grid(name)
        if grid is not None:
            sets[dim] = read_labels(grid)
    for needed in ("product", "activity"):
        if needed not in sets:
            raise TableError(
                f"{form.call(LABEL_TABLES[needed])} is missing", where=form.where, mend=f"list the {needed} codes in it"
            )
    codes: dict[str, Sequence[str]] = {d: s.codes for d, s in sets.items()}
    data: dict[str, xr.DataArray] = {}
    flows: dict[str, np.ndarray] = {}
    for name, table in TABLES.items():
        grid = form.grid(name)
        if grid is None:
            continue
        for dim in table.dims:
            if dim not in sets:
                raise TableError(
                    f"{form.call(name)} needs {form.call(LABEL_TABLES[dim])}",
                    where=form.where,
                    mend=f"list the {dim} codes in it",
                )
        _read_table(grid, name, table, codes, data, flows)
    record = form.grid(PROVENANCE)
    provenance = () if record is None else read_provenance(record)
    try:
        return Economy(source, sets, from_flows(data, flows, codes), provenance)
    except BadInput as e:  # what concerns the tables together names no file of its own
        raise (
            e if e.where else type(e)(e.what, where=form.where, found=e.found, expected=e.expected, mend=e.mend)
        ) from None


def _read_table(
    grid: Grid,
    name: str,
    table: Field | Flow,
    codes: Mapping[str, Sequence[str]],
    data: dict[str, xr.DataArray],
    flows: dict[str, np.ndarray],
) -> None:
    field = BY_NAME.get(name)
    is_bool = field is not None and field.sign == "bool"
    yearly = field is not None and field.yearly
    array, years = read_grid(grid, table.dims, codes, yearly=yearly, is_bool=is_bool)
    if field is None:
        flows[name] = array
        return
    labels: dict[str, Sequence[object]] = {d: codes[d] for d in table.dims}
    dims = table.dims
    if years:
        dims, labels["year"] = (*dims, "year"), years
    data[name] = labelled(array.astype(bool) if is_bool else array, dims, labels, name)


def source_of(raw: Mapping[str, object], where: Callable[[str], str]) -> Source:
    """Check the keys that say where the accounts come from.

    Parameters
    ----------
    raw
        Key -> what stands there: text, a whole number, or (notes) a list.
    where
        Key -> its place, for errors.
    """
    for key in raw:
        if key not in KEYS:
            expected, mend = unknown_label(key, KEYS, "key")
            raise TableError(f"unknown key {clip(key)}", where=where(key), expected=expected, mend=mend)
    if raw.get("format") != FORMAT:
        raise TableError(
            "format is not one this version reads",
            where=where("format"),
            found=clip(raw.get("format")),
            expected=FORMAT,
            mend=f"write `format: {FORMAT}`",
        )
    year = raw.get("base_year")
    if not isinstance(year, int) or isinstance(year, bool) or not 0 <= year <= 9999:
        raise TableError(
            "base_year is not a year",
            where=where("base_year"),
            found="nothing" if year is None else clip(year),
            expected="a calendar year such as 2019",
            mend="write base_year: 2019, a plain number, no quotes",
        )
    name = raw.get("name")
    if not isinstance(name, str) or not name or len(name) > 200 or CONTROL.search(name):
        raise TableError(
            "name is missing or no name",
            where=where("name"),
            found="nothing" if name is None else clip(name),
            expected="a short name on one line",
            mend="write name: and a word",
        )
    notes = raw.get("notes") or []
    if not isinstance(notes, list) or not all(isinstance(n, str) for n in notes):
        raise TableError(
            "notes must be a list of sentences",
            where=where("notes"),
            found=clip(notes),
            mend="begin each note with a dash; put notes with a colon in quotes",
        )
    words = {}
    for key in ("title", "money", "publisher", "licence"):
        text = raw.get(key, "")
        if not isinstance(text, str) or CONTROL.search(text):
            raise TableError(
                f"{key} must be text on one line",
                where=where(key),
                found=clip(text),
                mend="put it in quotes, on one line",
            )
        words[key] = text
    try:
        return Source(name, base_year=year, notes=tuple(notes), **words)
    except TableError as e:
        raise TableError(
            e.what, where=where(e.where.split(": ")[-1]), found=e.found, expected=e.expected, mend=e.mend
        ) from None


def read_labels(grid: Grid) -> Labels:
    """Read the labels of one set.

    Raises
    ------
    TableError
        If a column is not understood, or a code is none that every table can hold.
    """
    header = grid.header
    if "code" not in header or not set(header) <= set(LABEL_COLUMNS) or len(set(header)) != len(header):
        raise TableError(
            "columns of a label file are not understood",
            where=grid.place(0),
            found=grid.shown(0),
            expected="code,name,unit,region (the last three optional)",
            mend="name the columns as expected",
        )
    columns = {h: grid.column(k) for k, h in enumerate(header)}
    at = header.index("code")
    first: dict[str, int] = {}
    for row, code in enumerate(columns["code"], 1):
        place = grid.place(row, at)
        if not code:
            raise TableError("code is empty", where=place, mend="give every label a code")
        if code in RESERVED and (code != "all" or len(grid.rows) > 2):
            raise TableError(
                f"code {code!r} has a meaning of its own", where=place, found=meaning(code), mend="choose another code"
            )
        if len(code) > LONGEST_CODE:
            raise TableError(
                "code is too long",
                where=place,
                found=clip(code),
                expected=f"at most {LONGEST_CODE} characters",
                mend="shorten it; long names go in the name column",
            )
        if code in first:
            raise TableError(
                f"code {code!r} stands twice",
                where=place,
                found=f"first on {grid.line(first[code])}",
                mend="give each label its own code",
            )
        first[code] = row
    for column, texts in columns.items():
        for row, text in enumerate(texts, 1):
            if len(text) > LONGEST_NAME:
                raise TableError(
                    f"{column} is too long",
                    where=grid.place(row, header.index(column)),
                    found=clip(text),
                    expected=f"at most {LONGEST_NAME:,} characters",
                    mend="shorten it",
                )
    if not first:
        raise TableError(
            "no labels",
            where=grid.name,
            expected="at least one row below the header",
            mend="list the codes, or leave the table out",
        )
    try:
        return Labels(tuple(columns["code"]), *(tuple(columns.get(c, ())) for c in ("name", "unit", "region")))
    except BadInput as e:
        raise TableError(e.what, where=grid.name, found=e.found, expected=e.expected, mend=e.mend) from None


def read_provenance(grid: Grid) -> tuple[Change, ...]:
    """Read the record of what was done to the figures.

    Raises
    ------
    TableError
        If its columns are not those of `Change`, or an amount is no number.
    """
    if tuple(grid.header) != COLUMNS:
        raise TableError(
            "columns of the provenance record are not understood",
            where=grid.place(0),
            found=grid.shown(0),
            expected=",".join(COLUMNS),
            mend="restore them, or leave the record out",
        )
    out = []
    for row in range(1, len(grid.rows)):
        words = {c: grid.text(row, k) for k, c in enumerate(COLUMNS) if c not in ("amount", "of")}
        figures = {c: grid.any_number(row, COLUMNS.index(c)) for c in ("amount", "of")}
        for column, figure in figures.items():
            if not math.isfinite(figure):
                raise TableError(
                    "not a number",
                    where=grid.place(row, COLUMNS.index(column)),
                    found=clip(grid.rows[row][COLUMNS.index(column)]),
                    mend="write 0 if no figure moved",
                )
        out.append(Change(words["step"], words["where"], words["what"], figures["amount"], figures["of"], words["why"]))
    return tuple(out)


Cell = str | float | int | bool
Rows = list[list[Cell]]


def contents_of(economy: Economy, flows: Mapping[str, np.ndarray] | None = None) -> dict[str, Rows]:
    """Lay an economy out: table -> header and rows. Figures are floats, years ints, truth values bools.

    `flows` replaces coefficients by named base-year flow tables.
    """
    out: dict[str, Rows] = {}
    for dim, labels in economy.sets.items():
        columns = [c for c in LABEL_COLUMNS if c == "code" or any(getattr(labels, c + "s"))]
        rows: Rows = [[getattr(labels, c + "s")[k] for c in columns] for k in range(len(labels.codes))]
        out[LABEL_TABLES[dim]] = [[*columns], *rows]
    replaced = {f.gives for f in FLOWS if flows and f.name in flows}
    for name, array in economy.data.items():
        if name not in replaced:
            out[name] = _rows(array)
    for flow in FLOWS:
        if flows and flow.name in flows:
            codes = {d: economy.codes(d) for d in flow.dims}
            out[flow.name] = _rows(labelled(flows[flow.name], flow.dims, codes, flow.name))
    if economy.provenance:
        changes: Rows = [[c.step, c.where, c.what, c.amount, c.of, c.why] for c in economy.provenance]
        out[PROVENANCE] = [[*COLUMNS], *changes]
    return out


def _rows(array: xr.DataArray) -> Rows:
    """Wide where a quarter of the cells or more are filled, long else."""
    dims = [str(d) for d in array.dims]
    labels: list[list[Cell]] = [[int(c) if d == "year" else str(c) for c in array[d].values] for d in dims]
    values = np.asarray(array.values)
    if len(dims) == 2 and "year" not in dims and np.count_nonzero(values) > 0.25 * values.size:
        head: list[Cell] = [f"{dims[0]} \\ {dims[1]}", *labels[1]]
        return [head, *([label, *row] for label, row in zip(labels[0], values.tolist(), strict=True))]
    keep = np.argwhere((values != 0) if len(dims) > 1 else np.ones_like(values, dtype=bool))
    if "year" in dims:  # a year whose cells are all zero must still be there when read again
        empty = [t for t in range(values.shape[-1]) if not np.any(values[..., t])]
        keep = np.concatenate([keep, [[0] * (len(dims) - 1) + [t] for t in empty]]) if empty else keep
    elif not len(keep):  # a table without any row is a form that nobody filled in
        keep = np.zeros((1, len(dims)), dtype=int)
    rows: Rows = [[*(labels[k][i] for k, i in enumerate(at)), values[tuple(at)].item()] for at in keep.tolist()]
    return [[*dims, "value"], *rows]


def contents_of_folder(folder: Path) -> dict[str, Rows]:
    """Lay out the tables of a sound folder as they stand: flows stay flows, wide tables wide."""
    out: dict[str, Rows] = {}
    for name in NAMES:
        path = folder / f"{name}.csv"
        if not path.exists():
            continue
        grid = CsvGrid(path.name, read_rows(path))
        header = grid.header
        figures: dict[int, str] = {}
        if name in TABLES:
            kind = "boolean" if name in BY_NAME and BY_NAME[name].sign == "bool" else "number"
            wide = "value" not in header
            kinds = {"value": kind, "year": "year"}
            figures = {k: kind if wide else kinds[h] for k, h in enumerate(header) if (wide and k) or h in kinds}
        elif name == PROVENANCE:
            figures = {k: "any_number" for k, h in enumerate(header) if h in ("amount", "of")}
        out[name] = [[*header], *(_typed(grid, r, figures) for r in range(1, len(grid.rows)))]
    return out


def _typed(grid: CsvGrid, row: int, figures: Mapping[int, str]) -> list[Cell]:
    cells: list[Cell] = list(grid.rows[row])
    for k, kind in figures.items():
        value = getattr(grid, kind)(row, k)
        cells[k] = bool(value) if kind == "boolean" else value
    return cells


def digits(x: float) -> str:
    """Shortest decimal that reads back as the same float; no trailing `.0`."""
    text = repr(float(x))
    return text[:-2] if text.endswith(".0") else text


def as_text(cells: Sequence[Cell]) -> list[str]:
    """Cells as a CSV file holds them."""
    return [
        c
        if isinstance(c, str)
        else str(c).lower()
        if isinstance(c, bool)
        else str(c)
        if isinstance(c, int)
        else digits(c)
        for c in cells
    ]
