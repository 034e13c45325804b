"""An old table or economy brought to another year by its known totals: outputs, value added, final use, imports.

The new table is the one nearest to the old one (RAS or GRAS) that has these totals; see `balance`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from lustrum.accounts.checks.report import figures_or_zero
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.balance import (
    ROUNDING,
    Frame,
    Totals,
    apply,
    column_totals,
    frame_of,
    set_output,
    supplied,
    table_of,
)
from lustrum.accounts.national.gras import Balanced, Method
from lustrum.accounts.national.table import Figures, FlowTable, flows_of, put_back
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


def project(table: FlowTable, totals: Totals, year: int, method: Method = "gras") -> tuple[FlowTable, Balanced, float]:
    """Project a table to another year.

    Parameters
    ----------
    table
        The old table.
    totals
        `output` of every activity is needed. What else is not given is assumed: value added keeps its share of
        output; columns of final use and imports that are not given move by one common factor, which closes GDP.
        Imports given product by product stand still.
    year
        The year of the totals.

    Returns
    -------
    FlowTable, Balanced, float
        The new table, the result of balancing, and the factor by which columns that were not given moved.

    Raises
    ------
    TableError
        If an output is missing, or all is given and GDP from production is not GDP from expenditure.

    Notes
    -----
    Activities keep their mix of products, jobs and assets per unit of output. Prices are those of the totals.
    """
    if method == "kras":
        raise TableError(
            "project takes ras or gras", where="method", mend="balance the projected table with kras after"
        )
    if missing := [c for c in table.activities.codes if c not in totals.output]:
        raise TableError(
            f"outputs of {len(missing)} activities are missing",
            where=totals.where,
            found=", ".join(missing[:5]),
            expected=f"output of all {len(table.activities.codes)}",
            mend="add lines output,CODE,VALUE",
        )
    changes: list[Change] = []
    old_output, old_inputs = table.output, table.use.sum(axis=0)
    table = set_output(table, totals.output)
    if totals.imports:
        table = _set_imports(table, totals, changes)
    frame = frame_of(table)
    columns, known = column_totals(table, frame, totals, changes)
    inputs = np.divide(old_inputs, old_output, out=np.zeros_like(old_inputs), where=old_output > 0) * table.output
    free = ~known[: frame.activities]
    columns[: frame.activities] = np.where(free, inputs, columns[: frame.activities])
    if free.any():
        changes.append(
            Change(
                "projection",
                f"{int(free.sum())} activities",
                "value added keeps its share of output",
                0.0,
                0.0,
                "it was not given",
            )
        )
    if totals.imports or "imports" in totals.groups:
        known[frame.imported] = True
    rows = supplied(table)
    columns, scale = _close(rows, columns, known, frame, changes, totals.where)
    frame, growth = _grown(frame, rows, bool(totals.imports))
    changes.append(
        Change(
            "projection",
            "all cells",
            f"grown by {growth:.6g}, the growth of all supply, before balancing",
            0.0,
            0.0,
            "GRAS holds negative cells back while positive ones grow: so both start alike",
        )
    )
    result = apply(method, frame, rows, columns, imports_still=bool(totals.imports))
    new = table_of(table, frame, result.matrix, *changes, *(replace(c, step="projection") for c in result.changes))
    source = replace(
        table.source,
        base_year=year,
        notes=(*table.source.notes, f"Projected from {table.source.base_year} to {year} by {method.upper()}."),
    )
    return replace(new, source=source), result, scale


def _set_imports(table: FlowTable, totals: Totals, changes: list[Change]) -> FlowTable:
    """Imports of single products as given; partners keep their shares."""
    if table.imports is None:
        raise TableError("the accounts have no imports", where=totals.where, mend="delete the lines of imports")
    if "imports" in totals.groups:
        raise TableError("imports are given for all together and by product", where=totals.where, mend="keep one")
    if missing := [
        c for c, m in zip(table.products.codes, table.total_imports, strict=True) if m and c not in totals.imports
    ]:
        raise TableError(
            f"imports of {len(missing)} products are missing",
            where=totals.where,
            found=", ".join(missing[:5]),
            expected="imports of every product that was imported",
            mend="add lines imports,CODE,VALUE, or give imports,all only",
        )
    new = table.total_imports.copy()
    for code, value in totals.imports.items():
        new[table.products.codes.index(code)] = value
    old = table.total_imports
    share = np.divide(
        table.imports,
        old[:, None],
        out=np.full_like(table.imports, 1 / len(table.partners.codes)),
        where=old[:, None] > 0,
    )
    changes.append(
        Change(
            "new imports",
            f"{len(totals.imports)} products",
            "imports set as given",
            float(np.abs(new - old).sum()),
            float(old.sum()),
            "partners keep their shares",
        )
    )
    return table.changed(imports=share * new[:, None])


def _close(
    rows: Figures, columns: Figures, known: np.ndarray, frame: Frame, changes: list[Change], where: str
) -> tuple[Figures, float]:
    """Move the columns that are not given by one factor, so that supply is use: GDP from both sides."""
    gap = float(rows.sum() - columns.sum())
    free = ~known
    free[: frame.activities] = False
    present = float(columns[free].sum())
    if free.any() and present != 0:
        scale = 1 + gap / present
        if not 0.2 < scale < 5:
            raise TableError(
                "the totals leave no room for what is not given",
                where=where,
                found=f"final use and imports not given would move by the factor {scale:.3g}",
                expected="a factor near the growth of output",
                mend="check units and year of the totals",
            )
        changes.append(
            Change(
                "projection",
                ", ".join(c for c, f in zip(frame.columns, free, strict=True) if f)[:300],
                f"{int(free.sum())} columns not given, moved by the factor {scale:.6g}",
                abs(gap),
                float(np.abs(columns[free]).sum()),
                "one factor that makes supply equal use",
            )
        )
        return np.where(free, columns * scale, columns), scale
    size = float(np.abs(rows).sum())
    if abs(gap) > ROUNDING * size:
        raise TableError(
            "GDP from production is not GDP from expenditure",
            where=where,
            found=f"supply {rows.sum():.12g}, uses {columns.sum():.12g}, difference {gap:.6g}",
            expected="output + imports = intermediate use + final use",
            mend="correct a total, or leave one out so that it closes the table",
        )
    share = np.abs(columns)
    share[frame.imported] = 0.0
    if gap:
        changes.append(
            Change(
                "projection",
                "all columns but imports",
                f"totals of uses moved by {gap:.6g}",
                abs(gap),
                size,
                "rounding of the given totals, spread in proportion",
            )
        )
    return columns + gap * share / share.sum(), 1.0


def _grown(frame: Frame, rows: Figures, imports_still: bool) -> tuple[Frame, float]:
    """Return the frame with all its cells grown as all supply grows; imports that are given stand."""
    present = float(frame.matrix.sum())
    growth = float(rows.sum()) / present if present > 0 else 1.0
    matrix = frame.matrix * growth
    if imports_still:
        matrix[:, frame.imported] = frame.matrix[:, frame.imported]
    return replace(frame, matrix=matrix), growth


def project_economy(
    economy: Economy, totals: Totals, year: int, method: Method = "gras"
) -> tuple[Economy, Balanced, float]:
    """Project an economy to another year; see `project`.

    Stocks of capital, transfers and debt move with output. Labour per unit of output stays, unless its totals are
    given; labour supply keeps its ratio to what is spent, unless it is known for the new year. Assets being built
    (`under_construction`) belong to the old year and are left out. The provenance says it.
    """
    table, result, scale = project(flows_of(economy), totals, year, method)
    new = put_back(economy, table, year)
    data = dict(new.data)
    changes: list[Change] = []
    before, after = economy.values("output"), new.values("output")
    ratio = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    if "capital_stock" in data and np.any(ratio != 1):
        stock = economy.values("capital_stock")
        data["capital_stock"] = data["capital_stock"].copy(data=stock * ratio)
        changes.append(
            Change(
                "projection",
                "capital_stock",
                "stocks of each activity moved with its output",
                float(np.abs(stock * ratio - stock).sum()),
                float(stock.sum()),
                "capital per unit of output is that of the old table; replace it by published stocks",
            )
        )
    if "under_construction" in data:
        figures = np.asarray(data.pop("under_construction").values)
        changes.append(
            Change(
                "projection",
                "under_construction",
                "left out",
                float(np.abs(figures).sum()),
                float(np.abs(figures).sum()),
                "it tells what was being built in the old base year",
            )
        )
    growth = float(after.sum() / before.sum()) if before.sum() > 0 else 1.0
    for name in ("transfers", "opening_debt"):
        if name in data and growth != 1 and np.any(data[name].values):
            old = np.asarray(data[name].values)
            data[name] = data[name].copy(data=old * growth)
            changes.append(
                Change(
                    "projection",
                    name,
                    f"moved by {growth:.6g}, as all output did",
                    float(np.abs(old * growth - old).sum()),
                    float(np.abs(old).sum()),
                    "trade grew and what pays for it was not given; replace it by published figures",
                )
            )
    if "labour_coefficient" in data:
        data["labour_coefficient"], change = _labour(data["labour_coefficient"], new, totals)
        changes.append(change)
        if "labour_supply" in data:
            changes += _labour_supply(economy, Economy(new.source, new.sets, data), data, totals)
    elif totals.labour or "labour" in totals.groups:
        raise TableError("the accounts have no labour", where=totals.where, mend="delete the lines of labour")
    return Economy(new.source, new.sets, data, (*new.provenance, *changes)), result, scale


def _labour(held: xr.DataArray, economy: Economy, totals: Totals) -> tuple[xr.DataArray, Change]:
    """Scale labour to its totals: of each activity given, or of all; skills keep their shares."""
    output = economy.values("output")
    first = np.asarray(held.values if "year" not in held.dims else held.values[..., 0])
    spent = (first * output).sum(axis=0)
    if not totals.labour and "labour" not in totals.groups:
        return held, Change(
            "projection",
            "labour_coefficient",
            "kept per unit of output",
            0.0,
            0.0,
            "no labour was given; where prices rose between the years this overstates labour: give "
            "labour totals, or deflate first",
        )
    factor = np.ones_like(output)
    for code, value in totals.labour.items():
        j = economy.codes("activity").index(code)
        if spent[j] <= 0 < value:
            raise TableError(
                f"{code!r} has no labour in the old accounts, and is to have some",
                where=f"labour: {code}",
                found=f"{value:g}",
                mend="give it labour_coefficient first",
            )
        factor[j] = value / spent[j] if spent[j] > 0 else 1.0
    if "labour" in totals.groups:
        factor[:] = totals.groups["labour"] / spent.sum() if spent.sum() > 0 else 1.0
    shape = [1, -1] + [1] * (held.ndim - 2)
    scaled = held.copy(data=np.asarray(held.values) * factor.reshape(shape))
    moved = float(np.abs(spent * factor - spent).sum())
    return scaled, Change(
        "projection",
        "labour_coefficient",
        "scaled to the labour given",
        moved,
        float(spent.sum()),
        "skills keep their shares within each activity",
    )


def _labour_supply(economy: Economy, new: Economy, data: dict[str, xr.DataArray], totals: Totals) -> list[Change]:
    """Keep the ratio of labour supply to labour spent; supply by year stays where the labour spent is given as well."""
    supply = data["labour_supply"]
    if "year" in supply.dims and (totals.labour or "labour" in totals.groups):
        return []
    spent = (figures_or_zero(economy, "labour_coefficient") * economy.values("output")).sum(axis=1)
    spends = (figures_or_zero(new, "labour_coefficient") * new.values("output")).sum(axis=1)
    was, held = figures_or_zero(economy, "labour_supply"), figures_or_zero(new, "labour_supply")
    factor = np.divide(was * spends, spent * held, out=np.ones_like(was), where=(spent > 0) & (held > 0))
    if np.allclose(factor, 1, rtol=1e-12, atol=0):
        return []
    shape = [-1] + [1] * (supply.ndim - 1)
    data["labour_supply"] = supply.copy(data=np.asarray(supply.values) * factor.reshape(shape))
    return [
        Change(
            "projection",
            "labour_supply",
            "kept in its ratio to the labour spent",
            float(np.abs(held * factor - held).sum()),
            float(held.sum()),
            "the labour of the new year was not given; replace it by published figures",
        )
    ]
