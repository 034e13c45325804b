"""Concordance files, and what they do to economies and tables of flows: many sectors to one, one to several by weights.

old,new,weight,name
farms,food_chain,,Food from field to plate
mills,food_chain,,
trade,food_chain,0.3,
trade,other,0.7,Everything else
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lustrum.accounts.aggregate import aggregate as merge
from lustrum.accounts.cells import number
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.national.disaggregate import Part, disaggregate
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.tables import read_records
from lustrum.errors import TableError
from lustrum.labels import unknown
from lustrum.strict_yaml import clip

NEEDED = ("old", "new")
STEP = "aggregation"


@dataclass(frozen=True)
class Concordance:
    """Old code -> (new code, share) pairs, shares of one old code adding up to 1; new codes in order, with names."""

    shares: Mapping[str, tuple[tuple[str, float], ...]]
    names: Mapping[str, str]
    where: str = "concordance"

    def matrix(self, old: Sequence[str]) -> Figures:
        """(new, old) shares."""
        out = np.zeros((len(self.names), len(old)))
        at = {c: k for k, c in enumerate(self.names)}
        for k, code in enumerate(old):
            for new, share in self.shares[code]:
                out[at[new], k] = share
        return out

    def require(self, codes: Sequence[str], what: str) -> None:
        """Raise TableError unless every code has a line."""
        if missing := [c for c in codes if c not in self.shares]:
            raise TableError(
                f"the concordance leaves out {len(missing)} of the {what} codes",
                where=self.where,
                found=", ".join(missing[:5]),
                expected=f"a line for each of the {len(codes)}",
                mend="map a label that stays alone to itself",
            )


def read_concordance(path: Path, known: Sequence[str]) -> Concordance:
    """Read `old,new[,weight][,name]`. An old code on several lines is split by its weights.

    Raises
    ------
    TableError
        With file, line and column: unknown old codes, missing weights, weights that do not add up to 1.
    """
    lines: dict[str, list[tuple[str, float | None, int]]] = {}
    names: dict[str, str] = {}
    empty = ("no sector is mapped", "give every old code a line")
    for line, row in read_records(path, NEEDED, ("weight", "name"), what="concordance", empty=empty):
        if row["old"] not in known:
            raise unknown(
                TableError,
                f"unknown sector {row['old']!r}",
                row["old"],
                known,
                "sector",
                where=f"{path.name}:{line}:old",
            )
        if not row["new"]:
            raise TableError(
                "the new code is empty", where=f"{path.name}:{line}:new", mend="write where the sector goes"
            )
        given = row.get("weight", "")
        weight = number(given, f"{path.name}:{line}:weight") if given else None
        if weight is not None and weight < 0:
            raise TableError(
                "a weight is below zero", where=f"{path.name}:{line}:weight", found=given, mend="0 or more"
            )
        before = lines.setdefault(row["old"], [])
        if same := next((b for b in before if b[0] == row["new"]), None):
            raise TableError(
                f"{row['old']!r} goes to {row['new']!r} twice",
                where=f"{path.name}:{line}",
                found=f"first on line {same[2]}",
                mend="keep one of the two",
            )
        before.append((row["new"], weight, line))
        name = row.get("name", "")
        if name and names.get(row["new"], name) != name:
            raise TableError(
                f"{row['new']!r} has two names",
                where=f"{path.name}:{line}:name",
                found=clip(name),
                expected=names[row["new"]],
                mend="keep one",
            )
        names[row["new"]] = names.get(row["new"], "") or name
    shares = {old: _shares(path.name, old, found) for old, found in lines.items()}
    return Concordance(shares, names, path.name)


def _shares(file: str, old: str, found: list[tuple[str, float | None, int]]) -> tuple[tuple[str, float], ...]:
    if len(found) == 1 and found[0][1] is None:
        return ((found[0][0], 1.0),)
    for _, weight, line in found:
        if weight is None:
            raise TableError(
                f"{old!r} goes to {len(found)} sectors, and a weight is missing",
                where=f"{file}:{line}:weight",
                expected="shares that add up to 1",
                mend="write the share of each",
            )
    total = sum(w or 0.0 for _, w, _ in found)
    if abs(total - 1) > 1e-6:
        raise TableError(
            f"weights of {old!r} do not add up to 1",
            where=f"{file}:{found[0][2]}:weight",
            found=f"{total:.9g}",
            expected="1",
            mend="change its weights so that they sum to 1",
        )
    return tuple((new, (w or 0.0) / total) for new, w, _ in found)


def aggregate_economy(
    economy: Economy, *, products: Concordance | None = None, activities: Concordance | None = None
) -> Economy:
    """Merge products, activities or both by concordances; see `lustrum.accounts.aggregate` for what adds up.

    An old code with several new ones is first split by its weights, as by `disaggregate`.
    """
    for dim, found in (("product", products), ("activity", activities)):
        if found is not None:
            found.require(economy.codes(dim), dim)
    maps: dict[str, dict[str, str]] = {}
    out = economy
    if products is not None and products is activities and economy.codes("product") == economy.codes("activity"):
        out, maps["product"] = _split_first(out, products, "product")
        maps["activity"] = maps["product"]
    else:
        for dim, found in (("product", products), ("activity", activities)):
            if found is not None and any(len(found.shares[c]) > 1 for c in out.codes(dim)):
                raise TableError(
                    "weights need one concordance for products and activities alike",
                    where=found.where,
                    mend="map every old code to one new code, or split it first with disaggregate",
                )
            if found is not None:
                maps[dim] = {c: found.shares[c][0][0] for c in out.codes(dim)}
    labels = {d: _labels(out.codes(d), m, products if d == "product" else activities) for d, m in maps.items()}
    return merge(
        out,
        product=maps.get("product"),
        activity=maps.get("activity"),
        products=labels.get("product"),
        activities=labels.get("activity"),
    )


def concordances(
    economy: Economy, by: Path | None = None, products: Path | None = None, activities: Path | None = None
) -> dict[str, Concordance | None]:
    """Read the concordance files of an economy: one for both sets, or one for each.

    One file for both merges each set that it covers; it must cover at least one of them, and leave none half done.
    """
    if by is None:
        return {
            "products": read_concordance(products, economy.codes("product")) if products else None,
            "activities": read_concordance(activities, economy.codes("activity")) if activities else None,
        }
    known = list(dict.fromkeys((*economy.codes("product"), *economy.codes("activity"))))
    found = read_concordance(by, known)
    use: dict[str, Concordance | None] = {}
    for key, dim in (("products", "product"), ("activities", "activity")):
        codes = economy.codes(dim)
        touched = any(c in found.shares for c in codes)
        if touched:
            found.require(codes, dim)
        use[key] = found if touched else None
    return use


def _split_first(economy: Economy, found: Concordance, dim: str) -> tuple[Economy, dict[str, str]]:
    parts: dict[str, list[Part]] = {}
    mapping: dict[str, str] = {}
    for code in economy.codes(dim):
        pairs = found.shares[code]
        if len(pairs) == 1:
            mapping[code] = pairs[0][0]
            continue
        parts[code] = [Part(f"{code} > {new}", "", share) for new, share in pairs]
        mapping |= {f"{code} > {new}": new for new, _ in pairs}
    return (disaggregate(economy, parts) if parts else economy), mapping


def _labels(old: Sequence[str], mapping: Mapping[str, str], found: Concordance | None) -> Labels:
    """New codes in the order of the concordance, those that are used."""
    assert found is not None
    used = {mapping[c] for c in old}
    codes = tuple(c for c in found.names if c in used)
    return Labels(codes, tuple(found.names[c] for c in codes))


def aggregate_table(
    table: FlowTable,
    *,
    products: Concordance | None = None,
    activities: Concordance | None = None,
    final: Mapping[str, FinalUse] | None = None,
) -> FlowTable:
    """Merge the rows, columns and final uses of a table of flows: all figures add up.

    Parameters
    ----------
    final
        Old code of a column of final use -> the column that takes it in.
    """
    rows = _matrix(table.products, products, "product")
    columns = _matrix(table.activities, activities, "activity")
    uses, gather = table.final_uses, np.eye(len(table.final_uses))
    if final is not None:
        into = [final.get(f.code, f) for f in uses]
        uses = tuple(dict.fromkeys(into))
        gather = np.array([[float(f == u) for u in uses] for f in into])
    G, H = rows[0], columns[0]
    split = table.use_imported is not None and table.final_imported is not None
    change = Change(
        STEP,
        f"{len(table.products.codes)} products, {len(table.activities.codes)} activities",
        f"merged to {len(rows[1].codes)} and {len(columns[1].codes)}",
        0.0,
        0.0,
        "by the concordance " + ", ".join(c.where for c in (products, activities) if c),
    )
    return table.changed(
        change,
        products=rows[1],
        activities=columns[1],
        supply=G @ table.supply @ H.T,
        use=G @ table.use @ H.T,
        final_uses=uses,
        final=G @ table.final @ gather,
        value_added=table.value_added @ H.T,
        imports=None if table.imports is None else G @ table.imports,
        use_imported=G @ table.use_imported @ H.T if split else None,  # type: ignore[operator]
        final_imported=G @ table.final_imported @ gather if split else None,  # type: ignore[operator]
        supply_columns={k: G @ c for k, c in table.supply_columns.items()},
        satellites={k: replace(s, figures=s.figures @ H.T) for k, s in table.satellites.items()},
    )


def _matrix(labels: Labels, found: Concordance | None, what: str) -> tuple[Figures, Labels]:
    if found is None:
        return np.eye(len(labels.codes)), labels
    found.require(labels.codes, what)
    shares = found.matrix(labels.codes)
    used = np.flatnonzero(shares.any(axis=1))
    codes = [list(found.names)[k] for k in used]
    regions = [{labels.regions[j] for j in np.flatnonzero(shares[k])} for k in used]
    common = tuple(r.pop() if len(r) == 1 else "" for r in regions)
    return shares[used], Labels(tuple(codes), tuple(found.names[c] for c in codes), (), common)
