"""One sector split into several by weights, so that aggregating again gives the old accounts exactly.

Without further knowledge the parts are alike: same inputs, same labour, same users. Shares of their own may be given
for exports, imports and final use; what a part sells to other producers then closes its row, by RAS within the old row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.aggregate import SHARED_BY_ACTIVITY, SHARED_BY_PRODUCT
from lustrum.accounts.cells import number
from lustrum.accounts.checks.report import figures_or_zero
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.national.gras import gras
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.accounts.tables import read_records
from lustrum.errors import TableError
from lustrum.labels import labelled, unknown
from lustrum.strict_yaml import clip

#: Uses for which a part may have its own share, beside that of output.
OWN = ("imports", "exports", "consumption", "investment", "committed_demand")
NEEDED = ("new", "old", "weight")


@dataclass(frozen=True)
class Part:
    """A new sector: code, name, and its share of the old one's output; other shares where they differ."""

    code: str
    name: str
    weight: float
    own: Mapping[str, float] = field(default_factory=dict)


Parts = Mapping[str, Sequence[Part]]


def read_weights(path: Path, known: Sequence[str]) -> dict[str, list[Part]]:
    """Read `new,old,weight[,name][,imports,exports,consumption,investment,committed_demand]`.

    Old codes that are not listed stay as they are. Weights are shares of output, or any figures in proportion to them
    (their sum is made 1).

    Raises
    ------
    TableError
        With file, line and column: unknown codes, weights that are no numbers or add up to nothing, a new code twice.
    """
    out: dict[str, list[Part]] = {}
    first: dict[str, int] = {}
    empty = ("no sector is split", "write one part a line: new,old,weight")
    for line, row in read_records(path, NEEDED, ("name", *OWN), what="weights file", empty=empty):
        new, old = row["new"], row["old"]
        if old not in known:
            raise unknown(TableError, f"unknown sector {old!r}", old, known, "sector", where=f"{path.name}:{line}:old")
        if not new or new in first or (new in known and new != old):
            found = (
                f"first on line {first[new]}"
                if new in first
                else "empty"
                if not new
                else "another sector of the accounts"
            )
            raise TableError(
                f"new code {new!r} cannot be used",
                where=f"{path.name}:{line}:new",
                found=found,
                mend="give each part its own code",
            )
        first[new] = line
        figures = {c: _share(row[c], f"{path.name}:{line}:{c}") for c in ("weight", *OWN) if c in row}
        weight = figures.pop("weight")
        out.setdefault(old, []).append(Part(new, row.get("name", ""), weight, figures))
    return {old: _normal(path.name, old, parts) for old, parts in out.items()}


def _share(cell: str, where: str) -> float:
    value = number(cell, where)
    if value < 0:
        raise TableError("a weight is below zero", where=where, found=clip(cell), mend="give 0 or more")
    return value


def _normal(file: str, old: str, parts: list[Part]) -> list[Part]:
    """Make weights, and each set of own shares, add up to one."""
    total = sum(p.weight for p in parts)
    sums = {c: sum(p.own[c] for p in parts) for c in parts[0].own}
    for what, s in (("weight", total), *sums.items()):
        if s <= 0:
            raise TableError(
                f"the parts of {old!r} have no {what}",
                where=f"{file}: {old}",
                found=f"sum {s:g}",
                expected="a sum above zero",
                mend="give at least one part a figure",
            )
    return [Part(p.code, p.name, p.weight / total, {c: v / sums[c] for c, v in p.own.items()}) for p in parts]


def disaggregate(economy: Economy, parts: Parts) -> Economy:
    """Split products and activities of these codes.

    A code that is both a product and an activity is split on both sides: each new activity makes its own new
    product. Coefficients per unit are those of the old sector; flows and stocks are shared by weight.

    Raises
    ------
    TableError
        If a code is neither product nor activity, or own shares leave a part less than nothing to sell.
    """
    for old in parts:
        if old not in economy.codes("product") and old not in economy.codes("activity"):
            known = [*economy.codes("product"), *economy.codes("activity")]
            raise unknown(TableError, f"unknown sector {old!r}", old, known, "sector", where="weights")
    spread = {dim: _spread(economy.sets[dim], parts) for dim in ("product", "activity")}
    sets = {**economy.sets, **{dim: labels for dim, (labels, _, _) in spread.items()}}
    data: dict[str, xr.DataArray] = {}
    for name, array in economy.data.items():
        values, dims = np.asarray(array.values), tuple(str(d) for d in array.dims)
        for axis, dim in enumerate(dims):
            if dim not in spread:
                continue
            _, at, weight = spread[dim]
            shared = name not in (SHARED_BY_ACTIVITY if dim == "activity" else SHARED_BY_PRODUCT)
            values = np.take(values, at, axis=axis)
            if shared:
                values = values * weight.reshape([-1 if k == axis else 1 for k in range(values.ndim)])
        if name == "supply":
            values = _own_product(values, spread, sets, parts, economy)
        labels: dict[str, Sequence[object]] = {d: sets[d].codes for d in dims if d != "year"}
        if "year" in dims:
            labels["year"] = [int(y) for y in array["year"].values]
        data[name] = labelled(values, dims, labels, name)
    count = sum(len(p) for p in parts.values())
    flows = float((figures_or_zero(economy, "use") * economy.value_or("output", 0.0)).sum())
    split = [economy.codes("product").index(c) for c in parts if c in economy.codes("product")]
    moved = float((figures_or_zero(economy, "use")[split] * economy.value_or("output", 0.0)).sum())
    change = Change(
        "disaggregation",
        ", ".join(parts)[:200],
        f"{len(parts)} sectors split into {count} by weights",
        moved,
        flows,
        "parts have the inputs, labour and users of the whole, unless shares of their own were given",
    )
    new = Economy(economy.source, sets, data, (*economy.provenance, change))
    return _own_shares(economy, new, parts)


def _spread(labels: Labels, parts: Parts) -> tuple[Labels, np.ndarray, Figures]:
    """New labels, the old position of each, and its share of the old label."""
    columns: list[tuple[str, str, str, str]] = []
    at: list[int] = []
    weight: list[float] = []
    for k, code in enumerate(labels.codes):
        rest = (labels.units[k], labels.regions[k])
        for part in parts.get(code, (Part(code, labels.names[k], 1.0),)):
            name = part.name or (labels.names[k] if part.code == code else "")
            columns.append((part.code, name, *rest))
            at.append(k)
            weight.append(part.weight)
    codes, names, units, regions = (tuple(c[k] for c in columns) for k in range(4))
    return Labels(codes, names, units, regions), np.array(at), np.array(weight)


def _own_product(
    values: Figures,
    spread: Mapping[str, tuple[Labels, np.ndarray, Figures]],
    sets: Mapping[str, Labels],
    parts: Parts,
    economy: Economy,
) -> Figures:
    """Each part of an activity makes the part of the product that has its code, and nothing of the other parts."""
    out = values.copy()
    for old, found in parts.items():
        if old not in economy.codes("product") or old not in economy.codes("activity"):
            continue
        i, j = economy.codes("product").index(old), economy.codes("activity").index(old)
        rows, columns = (np.flatnonzero(spread[d][1] == k) for d, k in (("product", i), ("activity", j)))
        weights = np.array([p.weight for p in found])
        whole = out[np.ix_(rows, columns)].sum(axis=0)  # the old coefficient, in every column (and year)
        block = np.zeros_like(out[np.ix_(rows, columns)])
        for k in range(len(weights)):
            block[k, k] = whole[k]
        out[np.ix_(rows, columns)] = block
    return out


def _own_shares(old: Economy, new: Economy, parts: Parts) -> Economy:
    """Give parts their own shares of trade and final use; sales to producers close each row."""
    asked = {
        code: [p.own for p in found] for code, found in parts.items() if found[0].own and code in old.codes("product")
    }
    if not asked:
        return new
    yearly = [n for n in ("use", "need_composition", *OWN) if n in new.data and "year" in new.data[n].dims]
    if yearly or not new.has("output"):
        raise TableError(
            "own shares need base-year figures without years, and base output",
            where="weights",
            found=", ".join(yearly),
            mend="leave out the columns beside weight, or drop the years",
        )
    data = {n: np.array(new.values(n)) for n in ("use", "need_composition", "asset_composition", *OWN) if new.has(n)}
    x = new.values("output")
    fields = {
        "imports": "imports",
        "exports": "exports",
        "committed_demand": "committed_demand",
        "consumption": "need_composition",
        "investment": "asset_composition",
    }
    scale = {
        "need_composition": new.value_or("consumption", 0.0).sum(axis=0) if new.has("consumption") else 0.0,
        "asset_composition": new.value_or("investment", 0.0).sum(axis=1) if new.has("investment") else 0.0,
    }
    moved = 0.0
    for code, own in asked.items():
        rows = [new.codes("product").index(p.code) for p in parts[code]]
        balance = np.zeros(len(rows))  # what a part has more for producers than it would have by weight
        for what in own[0]:
            name = fields[what]
            if name not in data:
                continue
            share = np.array([o[what] for o in own])
            before = data[name][rows]
            after = share.reshape(-1, *[1] * (before.ndim - 1)) * before.sum(axis=0)
            gap = (after - before) * scale.get(name, 1.0)
            gap = gap.reshape(len(rows), -1).sum(axis=1)
            balance += gap if what == "imports" else -gap
            data[name][rows] = after
        flows = data["use"][rows] * x
        wanted = flows.sum(axis=1) + balance
        for k in np.flatnonzero(wanted < -1e-9 * max(float(flows.sum()), 1e-300))[:1].tolist():
            raise TableError(
                f"{parts[code][k].code!r} would sell less than nothing to producers",
                where=f"weights: {code}",
                found=f"{wanted[k]:.6g}",
                expected="0 or more: output + imports − final use",
                mend="give it a larger weight, or smaller shares of exports and final use",
            )
        totals = flows.sum(axis=0)
        wanted = np.maximum(wanted, 0.0)
        wanted = wanted * totals.sum() / wanted.sum() if wanted.sum() > 0 else wanted
        result = gras(
            flows, wanted, totals, method="ras", rows=[p.code for p in parts[code]], columns=new.codes("activity")
        )
        moved += float(np.abs(result.matrix - flows).sum())
        data["use"][rows] = np.divide(result.matrix, x, out=data["use"][rows].copy(), where=x > 0)
    change = Change(
        "disaggregation",
        ", ".join(asked),
        "parts with shares of their own: sales to producers by RAS within each old row",
        moved,
        float((new.values("use") * x).sum()),
        "rows of the parts close, their sum is the old row",
    )
    changed = new.with_data(**{n: v for n, v in data.items() if n not in ("consumption", "investment")})
    return Economy(changed.source, changed.sets, changed.data, (*changed.provenance, change))
