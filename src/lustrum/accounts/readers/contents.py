"""An economy laid out in tables, cell by cell: what its folder and its workbook hold alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.cells import CsvGrid
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME, FLOWS
from lustrum.accounts.provenance import COLUMNS
from lustrum.accounts.readers.forms import LABEL_COLUMNS, LABEL_TABLES, NAMES, PROVENANCE, TABLES
from lustrum.accounts.tables import read_rows
from lustrum.labels import labelled

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
