"""An economy brought to another year: its flows by `project`, and what stands beside them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from lustrum.accounts.checks.report import figures_or_zero
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.balance.result import Balanced
from lustrum.accounts.national.balance.tables import Method
from lustrum.accounts.national.balance.totals_file import Totals
from lustrum.accounts.national.from_economy import flows_of, put_back
from lustrum.accounts.national.project import Assumed, project
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


def project_economy(
    economy: Economy, totals: Totals, year: int, method: Method = "gras"
) -> tuple[Economy, Balanced, Assumed]:
    """Project an economy to another year; see `project`.

    Stocks of capital, transfers and debt move with output. Labour per unit of output stays, unless its totals are
    given; labour supply keeps its ratio to what is spent, unless it is known for the new year. Assets being built
    (`under_construction`) belong to the old year and are left out. The provenance says it.
    """
    table, result, assumed = project(flows_of(economy), totals, year, method)
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
    return Economy(new.source, new.sets, data, (*new.provenance, *changes)), result, assumed


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
