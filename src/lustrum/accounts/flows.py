"""From base-year flows to coefficients: S = V/x0, U = Z/x0, ℓ = jobs/x0, P = GFCF/total, b and y0 from
consumption and a needs concordance (docs/model.md section 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from lustrum.accounts.cells import LARGEST
from lustrum.accounts.fields import FLOWS
from lustrum.errors import TableError
from lustrum.labels import labelled


def from_flows(
    data: Mapping[str, xr.DataArray], flows: Mapping[str, np.ndarray], codes: Mapping[str, Sequence[str]]
) -> dict[str, xr.DataArray]:
    """Return `data` with the fields that base-year flow tables give.

    Where a flow table and its coefficient table are both there, the coefficients speak for activities
    without base output (new techniques), the flows for all others.

    Raises
    ------
    TableError
        If flows need an `output` that is missing, an activity without output has flows, both tables
        speak for one activity, or a concordance does not add up.
    """
    out = dict(data)
    for flow in FLOWS:
        if flow.name not in flows or flow.per not in ("output", "asset total"):
            continue
        table = flows[flow.name]
        given = np.asarray(data[flow.gives].values) if flow.gives in data else None
        if flow.per == "output":
            if "output" not in data:
                raise TableError(
                    f"{flow.name} needs output.csv",
                    where=f"{flow.name}.csv",
                    mend="give the base-year output of every activity in output.csv",
                )
            base = np.asarray(data["output"].values)
        else:
            base = table.sum(axis=0)
        coefficients = _per_unit(flow.name, table, base, given, codes[flow.dims[1]])
        out[flow.gives] = labelled(coefficients, flow.dims, {d: codes[d] for d in flow.dims}, flow.gives)
    if "supply" not in out and list(codes["product"]) == list(codes["activity"]):
        eye = np.eye(len(codes["product"]))
        out["supply"] = labelled(eye, ("product", "activity"), dict(codes), "supply")
    if ("consumption_flows" in flows) != ("need_shares" in flows):
        missing = "need_shares" if "consumption_flows" in flows else "consumption_flows"
        raise TableError(
            f"{missing}.csv is missing",
            where=f"{missing}.csv",
            mend="consumption_flows and need_shares go together: add it",
        )
    for name in ("need_composition", "consumption") if "consumption_flows" in flows else ():
        if name in data:
            raise TableError(
                f"{name}.csv and consumption_flows.csv both give {name}",
                where=f"{name}.csv",
                mend="keep one of the two",
            )
    if "consumption_flows" in flows:
        b, y0 = needs_from_flows(flows["consumption_flows"], flows["need_shares"], codes)
        out["need_composition"] = labelled(b, ("product", "need"), dict(codes), "need_composition")
        out["consumption"] = labelled(y0, ("household", "need"), dict(codes), "consumption")
    return out


def _per_unit(
    name: str, table: np.ndarray, base: np.ndarray, given: np.ndarray | None, columns: Sequence[str]
) -> np.ndarray:
    idle = base <= 0
    for j in np.flatnonzero(idle).tolist():
        if np.any(table[:, j]):
            raise TableError(
                f"{columns[j]!r} has flows but no total to divide them by",
                where=f"{name}.csv: column {columns[j]}",
                mend="give its base output, or clear the column and give coefficients per unit",
            )
    with np.errstate(over="ignore", under="ignore"):
        coefficients = np.divide(table, base, out=np.zeros_like(table), where=~idle)
    if not np.all(np.abs(coefficients) <= LARGEST):
        i, j = np.argwhere(~(np.abs(coefficients) <= LARGEST))[0].tolist()
        raise TableError(
            f"flows of {columns[j]!r} are beyond measure beside its total",
            where=f"{name}.csv: column {columns[j]}",
            found=f"{table[i, j]:g} beside {base[j]:g}",
            mend="use one unit for flows and output",
        )
    if given is not None:
        for j in np.flatnonzero(~idle).tolist():
            if np.any(given[:, j]):
                raise TableError(
                    f"{columns[j]!r} has both flows and coefficients",
                    where=f"{name}.csv: column {columns[j]}",
                    mend="keep coefficients for activities without base output only",
                )
        coefficients[:, idle] = given[:, idle]
    return coefficients


def needs_from_flows(
    consumption: np.ndarray, shares: np.ndarray, codes: Mapping[str, Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Split consumption by product (product × household) over needs.

    Returns
    -------
    b : product × need
        Product mix of each need, columns summing to 1 (all households together).
    y0 : household × need
        Base consumption, so that ``b @ y0.sum(axis=0)`` is consumption by product again.

    Notes
    -----
    docs/model.md has one mix per need for all households. A household's own spending on a need is its sum
    over products of consumption × share; with several households that buy a need in different
    mixes, products replicate for all together, not for each.
    """
    if np.any(consumption < 0):
        i, h = np.argwhere(consumption < 0)[0].tolist()
        raise TableError(
            "household consumption is negative",
            where=f"consumption_flows.csv: {codes['product'][i]}",
            found=consumption[i, h],
            mend="move negative cells of final demand to committed_demand.csv",
        )
    if np.any(shares < 0):
        i, g = np.argwhere(shares < 0)[0].tolist()
        raise TableError(
            "a share is negative",
            where=f"need_shares.csv: {codes['product'][i]}, {codes['need'][g]}",
            found=shares[i, g],
            expected="0..1",
            mend="write a share of 0 or more",
        )
    total = shares.sum(axis=1)
    for i in np.flatnonzero(consumption.sum(axis=1) > 0).tolist():
        if abs(total[i] - 1) > 1e-9:
            raise TableError(
                f"shares of {codes['product'][i]!r} do not add up",
                where=f"need_shares.csv: {codes['product'][i]}",
                found=f"{total[i]:.12g}",
                expected="1 for every product that households consume",
                mend="change the shares of the row so that they sum to 1",
            )
    y0 = consumption.T @ shares
    by_need = consumption.sum(axis=1)[:, None] * shares
    spending = by_need.sum(axis=0)
    b = np.divide(by_need, spending, out=np.zeros_like(by_need), where=spending > 0)
    return b, y0
