"""Verification and conflict on the screen, and tables of arrays as rows."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.layout import YearTable, amount, name, plain_table, tiny


def verification_screen(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Yield what `verify` found, from its document."""
    ok, c = found["ok"], found["certificate"]
    yield Text.assemble(
        (f"plan {found['plan_id']}  ", "bold"),
        ("verified" if ok else "not verified", "bold green" if ok else "bold red"),
    )
    yield Text(
        f" every constraint recomputed from the accounts: primal {tiny(c['primal_residual'])}\n"
        f" optimality proven from the marginal values:     dual {tiny(c['dual_residual'])}, gap {tiny(c['gap'])}"
        f"  (allowed {tiny(c['tolerance'])})"
    )
    for problem in found["problems"]:
        yield Text.assemble((" problem: ", "red"), name(problem))
    worst = found["worst"]
    if ok and worst:
        w = worst[0]
        place = ", ".join(str(x) for x in (w["label"], w["year"]) if x)
        yield Text(f" largest residual: {w['constraint']}, {name(place)}: {tiny(w['violation'])}", style="dim")
    elif worst:
        yield Text()
        rows = [(f" {w['constraint']}", w["label"], str(w["year"] or ""), tiny(w["violation"])) for w in worst[:5]]
        columns = [(" largest residuals", "left"), ("label", "rest"), ("year", "left"), ("residual", "right")]
        yield plain_table(columns, rows)
    if found["economy"]["note"]:
        yield Text(f" accounts: {found['economy']['note']}", style="dim")


def infeasible_screen(document: dict[str, Any], most: int = 12) -> Iterator[RenderableType]:
    """Yield a conflict and the advice that goes with it, from the document of an infeasible plan."""
    entries = 0
    for line in str(document["message"]).splitlines():
        entry = line.startswith("  - ")
        entries = entries + 1 if entry else 0
        if entries == most + 1:
            yield Text("  … and more: add --json for all of them", style="dim")
        if not entry:
            yield Text(name(line), style="bold red" if line.startswith("No plan") else "bold")
        elif entries <= most:
            words = Table.grid(padding=0)
            words.add_row("  - ", name(line[4:]))  # what does not fit goes on below, not at the edge
            yield words


def array_screen(array: xr.DataArray, names: dict[str, dict[str, str]], width: int, most: int = 200) -> Iterator[Any]:
    """Yield a labelled array as a table, years across; rows without figures are left out."""
    labels, years, values = array_cells(array)
    if years:
        out = YearTable([str(y) for y in years])
        shown = 0
        for row, figures in zip(labels, values, strict=True):
            if np.isfinite(figures).any() and shown < most:
                shown += 1
                series = {str(y): float(v) for y, v in zip(years, figures, strict=True)}
                out.row(_named(array, names, row), {y: v if math.isfinite(v) else None for y, v in series.items()})
        yield out.table(width)
    else:
        rows = [
            (_named(array, names, row), amount(float(v[0])))
            for row, v in zip(labels, values, strict=True)
            if np.isfinite(v).any()
        ]
        shown = min(len(rows), most)
        yield plain_table([("", "rest"), ("value", "right")], rows[:most])
    hidden = int(np.isfinite(values).any(axis=1).sum()) - shown
    if hidden > 0:
        yield Text(f" and {hidden} more rows: add --csv", style="dim")


def _named(array: xr.DataArray, names: dict[str, dict[str, str]], row: Sequence[object]) -> str:
    dims = [str(d) for d in array.dims if d != "year"]
    shown = [k for k, d in enumerate(dims) if len(dims) == 1 or array.sizes[d] > 1]
    # codes, and the name of the last: two long names would not fit
    parts = [names.get(dims[k], {}).get(str(row[k]), str(row[k])) if k == shown[-1] else str(row[k]) for k in shown]
    return ", ".join(parts) or "total"


def array_cells(array: xr.DataArray) -> tuple[list[tuple[str, ...]], list[int], np.ndarray]:
    """Return the labels of every row, the years (none: no year axis), and figures as rows × years."""
    dims = [str(d) for d in array.dims if d != "year"]
    has_years = "year" in array.dims
    ordered = array.transpose(*dims, "year") if has_years else array
    codes = [[str(c) for c in array[d].values] for d in dims]
    labels = [tuple(codes[k][i] for k, i in enumerate(at)) for at in np.ndindex(*(len(c) for c in codes))]
    years = [int(y) for y in array["year"].values] if has_years else []
    return labels, years, np.asarray(ordered.values, dtype=float).reshape(len(labels), max(len(years), 1))


def array_table(array: xr.DataArray, value: str) -> list[list[str]]:
    """Return an array as rows of a long table with a header; full precision, missing figures left out."""
    dims = [str(d) for d in array.dims if d != "year"]
    labels, years, values = array_cells(array)
    out = [[*dims, *(["year"] if years else []), value]]
    for row, figures in zip(labels, values, strict=True):
        for year, figure in zip([[str(y)] for y in years] or [[]], figures.tolist(), strict=True):
            if math.isfinite(figure):
                out.append([*row, *year, repr(figure)])
    return out


def summary_table(plan: dict[str, Any]) -> list[list[str]]:
    """Return the figures of a plan's document as rows of a long table with a header."""
    out = [["section", "item", "year", "value"]]
    sections: list[tuple[str, str, dict[str, Any]]] = [("needs", need, s) for need, s in plan["needs"].items()]
    sections += [("activity", "total", plan["activity"]), ("investment", "total", plan["investment"])]
    for skill, labour in plan["labour"].items():
        sections += [("labour", f"{skill}: {key}", series) for key, series in labour.items()]
    sections += [("trade", key, series) for key, series in plan["trade"].items()]
    sections.append(("self_sufficiency", "total", plan["self_sufficiency"]))
    for section, item, series in sections:
        out += [[section, item, year, repr(v)] for year, v in series.items() if v is not None]
    return out


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
