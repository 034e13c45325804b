"""Fewer products, fewer activities: an economy seen through a concordance of old labels to new ones.

Flows and stocks add up; coefficients are averaged with the base-year weights that keep those sums, so
that the product balance (1), labour (4), foreign exchange (5) and resources (11) of docs/model.md hold in
the base year for the aggregate as they do for the parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME, SETS
from lustrum.accounts.provenance import Change
from lustrum.errors import LabelError, TableError
from lustrum.labels import labelled, unknown

Figures = NDArray[np.float64]

#: Field -> the field whose base-year figures weigh its merged labels, along (activity | product).
#: Fields that are not listed add up.
_WEIGHED_BY_ACTIVITY = {
    "supply": "output",
    "use": "output",
    "capital_coefficient": "output",
    "labour_coefficient": "output",
    "resource_coefficient": "output",
    "utilisation": "capital_stock",
    "depreciation": "capital_stock",
}
_WEIGHED_BY_PRODUCT = {"import_price": "imports", "export_price": "exports", "storage_loss": "opening_stock"}
_ANY = ("storable", "re_export")
#: Fields whose figures hold for each part of a label as they do for the whole; all others are shared out.
SHARED_BY_ACTIVITY = tuple(name for name in _WEIGHED_BY_ACTIVITY)
SHARED_BY_PRODUCT = (*_WEIGHED_BY_PRODUCT, *_ANY)


def aggregate(
    economy: Economy,
    *,
    product: Mapping[str, str] | None = None,
    activity: Mapping[str, str] | None = None,
    products: Labels | None = None,
    activities: Labels | None = None,
    source: Source | None = None,
) -> Economy:
    """Merge products, activities or both, many to one.

    Parameters
    ----------
    economy
        The accounts to merge.
    product, activity
        Old code -> new code, one entry for every old code. Left out: that set stays as it is.
    products, activities
        Order and names of the new labels; if left out, order of first appearance and codes as names.
    source
        Source of the result; the old one if left out.

    Returns
    -------
    Economy
        Output, use, imports, exports, investment, stocks, consumption and committed demand are sums.
        Coefficients per unit of activity are weighted by base output; depreciation and utilisation by
        capital stock (by base output where there are no stocks); prices by imports or exports (export
        prices by import prices where none are given); storage losses by opening stocks. A product is
        storable, or a re-export, if one of its parts is. Yearly figures keep their years, with the
        base-year weights in each.

    Notes
    -----
    Weights are those of the base year: an activity without base output (a new technique) leaves no
    trace in the coefficients of the label that takes it in, and where a whole group has none the mean is
    taken. κ is exact when given; where it comes from stocks and utilisation, the merged utilisation
    keeps κ exact for the value of all assets together, not for each.

    Raises
    ------
    LabelError
        If a concordance leaves out an old code, names one that is not there, or `products` or
        `activities` do not list exactly its new codes.
    TableError
        If merged labels have different units or lie in different regions.
    """
    mergers: dict[str, tuple[Figures, Labels]] = {}
    for dim, concordance, labels in (("product", product, products), ("activity", activity, activities)):
        if concordance is not None:
            mergers[dim] = _merger(economy, dim, concordance, labels)
    sets = {d: mergers[d][1] if d in mergers else s for d, s in economy.sets.items()}
    merged = {name: _merge(economy, name, array, mergers) for name, array in economy.data.items()}
    data = {}
    for name, (values, dims) in merged.items():
        labels_of: dict[str, Sequence[object]] = {d: sets[d].codes for d in dims if d != "year"}
        if "year" in dims:
            labels_of["year"] = [int(y) for y in economy.data[name]["year"].values]
        data[name] = labelled(values, dims, labels_of, name)
    change = Change(
        "aggregation",
        ", ".join(f"{economy.size(d)} {SETS[d].removesuffix('.csv')}" for d in mergers),
        "merged to " + ", ".join(str(len(m[1].codes)) for m in mergers.values()),
        0.0,
        0.0,
        "flows and stocks add up; coefficients are weighted by base-year output",
    )
    return Economy(source or economy.source, sets, data, (*economy.provenance, *([change] if mergers else [])))


def _merger(
    economy: Economy, dim: str, concordance: Mapping[str, str], labels: Labels | None
) -> tuple[Figures, Labels]:
    """Matrix of zeros and ones, new × old, and the new labels."""
    old = economy.sets[dim]
    for code in concordance:
        if code not in old.codes:
            raise unknown(LabelError, f"the concordance names an unknown {dim}", code, old.codes, dim, found=repr(code))
    missing = [c for c in old.codes if c not in concordance]
    if missing:
        raise LabelError(
            f"the concordance leaves out {len(missing)} of the {dim} codes",
            found=str(missing[:5]),
            expected=f"an entry for each of the {len(old.codes)}",
            mend="map a label that stays alone to itself",
        )
    used = list(dict.fromkeys(concordance[c] for c in old.codes))
    if labels is None:
        kept = {c: n for c, n in zip(old.codes, old.names, strict=True) if concordance[c] == c}
        labels = Labels(tuple(used), tuple(kept.get(c, "") for c in used))
    elif set(labels.codes) != set(used):
        raise LabelError(
            f"new {dim} labels are not those of the concordance",
            found=f"only listed: {sorted(set(labels.codes) - set(used))[:5]}; "
            f"only in the concordance: {sorted(set(used) - set(labels.codes))[:5]}",
            mend="list exactly the codes that the concordance maps to",
        )
    position = {c: k for k, c in enumerate(labels.codes)}
    matrix = np.zeros((len(labels.codes), len(old.codes)))
    matrix[[position[concordance[c]] for c in old.codes], np.arange(len(old.codes))] = 1.0
    common = {
        "units": _common(old.units, matrix, labels, dim, "unit"),
        "regions": _common(old.regions, matrix, labels, dim, "region"),
    }
    return matrix, Labels(labels.codes, labels.names, common["units"], common["regions"])


def _common(given: Sequence[str], matrix: Figures, labels: Labels, dim: str, what: str) -> tuple[str, ...]:
    """The unit or region that merged labels share."""
    out = []
    for row, code in zip(matrix, labels.codes, strict=True):
        found = sorted({given[int(k)] for k in np.flatnonzero(row)})
        if len(found) > 1:
            raise TableError(
                f"{dim} {code!r} would merge labels of different {what}s",
                found=str(found),
                mend=f"merge only what has one {what}",
            )
        out.append(found[0])
    return tuple(out)


def _merge(
    economy: Economy, name: str, array: xr.DataArray, mergers: Mapping[str, tuple[Figures, Labels]]
) -> tuple[np.ndarray, tuple[str, ...]]:
    dims = tuple(str(d) for d in array.dims)
    values = np.asarray(array.values)
    for axis, dim in enumerate(dims):
        if dim not in mergers:
            continue
        matrix = mergers[dim][0]
        if name in _ANY:
            values = np.tensordot(matrix, values.astype(float), axes=(1, axis)) > 0
            continue
        weights = _weights(economy, name, dim, values.ndim, axis)
        values = _sum(values, matrix, axis) if weights is None else _mean(values, weights, matrix, axis)
    return values, dims


def _weights(economy: Economy, name: str, dim: str, ndim: int, axis: int) -> Figures | None:
    """Weights that broadcast to the field, or None where the field adds up along `dim`."""
    table = _WEIGHED_BY_ACTIVITY if dim == "activity" else _WEIGHED_BY_PRODUCT
    if name not in table:
        return None
    chosen = table[name]
    if chosen == "capital_stock":
        if not economy.has("capital_stock"):
            chosen = "output"
        elif name == "depreciation":
            return economy.values("capital_stock")
    if chosen == "exports" and not economy.has("exports"):
        chosen = "imports"
    weights = economy.value_or(chosen, 0.0) if _known(economy, chosen) else np.zeros(economy.size(dim))
    along = BY_NAME[chosen].dims.index(dim)
    if weights.ndim > 1:
        weights = np.moveaxis(weights, along, 0).reshape(weights.shape[along], -1).sum(axis=1)
    shape = [1] * ndim
    shape[axis] = weights.size
    return np.asarray(weights.reshape(shape))


def _known(economy: Economy, name: str) -> bool:
    return all(d in economy.sets for d in BY_NAME[name].dims)


def _sum(values: np.ndarray, matrix: Figures, axis: int) -> np.ndarray:
    return np.moveaxis(np.tensordot(matrix, values, axes=(1, axis)), 0, axis)


def _mean(values: np.ndarray, weights: Figures, matrix: Figures, axis: int) -> np.ndarray:
    """Weighted mean of each group; the plain mean where a group has no weight."""
    weights = np.broadcast_to(weights, values.shape)
    total = _sum(weights, matrix, axis)
    weighted = _sum(values * weights, matrix, axis)
    plain = _sum(values, matrix, axis) / _sum(np.ones_like(values), matrix, axis)
    mean = np.divide(weighted, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(np.where(total > 0, mean, plain))
