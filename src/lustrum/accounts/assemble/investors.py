"""Investment by activity where the source has it: a table by product and industry, or a row of totals by activity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.accounts.assemble.assets import Assets
from lustrum.accounts.assemble.clean import Flows
from lustrum.accounts.assemble.codes import plain_codes
from lustrum.accounts.concordances import asset_of, classify
from lustrum.accounts.concordances.classify import isic4_divisions
from lustrum.accounts.national.balance import kras, ras
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

#: A total by activity counts as met below this share of the largest.
NEAR = 1e-8


def by_industry(flows: Flows, assets: Assets) -> Figures | None:
    """(a, j) investment as the source has it, not yet scaled to the table's totals; None where it has none."""
    if "investment_by_industry" in flows.table.tables:
        return _from_table(flows, assets)
    rows = next((s for s in flows.table.satellites.values() if s.kind == "investment" and s.figures.sum() > 0), None)
    if rows is None:
        return None
    figures = rows.figures.clip(min=0)
    if set(assets.kinds) <= set(rows.labels.codes):
        found = figures[[rows.labels.codes.index(k) for k in assets.kinds]]
        flows.changes.append(
            Change(
                "capital",
                "investment by activity",
                "by asset, as published, scaled to the table's investment by asset",
                float(np.abs(found.sum(axis=1) - assets.total).sum()),
                float(assets.total.sum()),
            )
        )
        return np.asarray(found)
    totals = figures.sum(axis=0)
    totals = totals * (assets.total.sum() / totals.sum())
    return _to_published_totals(flows, assets, totals)


def _to_published_totals(flows: Flows, assets: Assets, totals: Figures) -> Figures:
    """Investment by capital income (`assets.holders`) brought to totals by asset and by activity (j,).

    An activity with a total and no asset of its own (no capital income) is opened with the mean mix of assets. Where
    the zeros allow no table with both totals, those by activity give way, by as little as can be.
    """
    start, activities = assets.holders.astype(float), flows.table.activities.codes
    shut = (start.sum(axis=0) == 0) & (totals > 0)
    if shut.any():
        start[:, shut] = assets.total[:, None] * totals[shut] / assets.total.sum()
        names = [activities[j] for j in np.flatnonzero(shut)]
        flows.changes.append(
            Change(
                "capital",
                "investment by activity",
                f"begun from the table's mix of assets: {', '.join(names[:5])}"
                + (f" and {len(names) - 5} more" if len(names) > 5 else ""),
                float(totals[shut].sum()),
                float(totals.sum()),
                "they invest and have no capital income",
            )
        )
    try:
        found = ras(start, assets.total, totals, rows=assets.labels.codes, columns=activities)
        how = f"met with the table's totals by asset in {found.iterations} rounds of RAS"
    except TableError:
        # an activity that may hold buildings alone can have a total larger than all buildings
        found = kras(start, assets.total, totals, column_give=1.0, rows=assets.labels.codes, columns=activities)
        how = "brought as near to the table's totals by asset as the assets that each may hold allow"
    missed = np.abs(found.matrix.sum(axis=0) - totals)
    near = missed <= NEAR * totals.max()
    if not near.all():
        worst = int(missed.argmax())
        how += (
            f"; {np.count_nonzero(~near)} totals gave way by {missed.sum():,.6g} in all, most {activities[worst]} "
            f"(published {totals[worst]:,.6g})"
        )
    flows.changes.append(
        Change(
            "capital",
            "investment by activity",
            f"published totals by activity {how}",
            float(np.abs(found.matrix - assets.holders).sum()),
            float(assets.total.sum()),
            "begun from investment in proportion to capital income",
        )
    )
    return found.matrix


def _from_table(flows: Flows, assets: Assets) -> Figures:
    """The source's table of investment by product and industry, its columns brought to the table's activities."""
    table = flows.table.tables["investment_by_industry"]
    codes, activities = plain_codes(flows.table.products), plain_codes(flows.table.activities)
    products = classify(codes)
    figures = table.figures.clip(min=0)
    below = float(-table.figures.clip(max=0).sum())
    weights = assets.holders.sum(axis=0)
    bridge = np.zeros((len(table.labels.codes), len(activities)))
    lost = []
    # where dwellings have a column of their own, owner-occupiers hold nothing else
    housed = any(_is_housing(c, n) for c, n in zip(table.labels.codes, table.labels.names, strict=True))
    owners = [
        a
        for a, n in zip(activities, flows.table.activities.names, strict=True)
        if any(w in n.lower() for w in ("owner-occup", "owner occup", "imputed rent")) and "exclud" not in n.lower()
    ]
    for k, (code, name) in enumerate(zip(table.labels.codes, table.labels.names, strict=True)):
        members = _members(code, name, activities)
        if housed and len(members) > 1 and not _is_housing(code, name):
            members = [m for m in members if m not in owners] or members
        if not members:
            lost.append(k)
            continue
        at = [activities.index(m) for m in members]
        share = weights[at] if weights[at].sum() > 0 else np.ones(len(at))
        bridge[k, at] = share / share.sum()
    by_kind = np.zeros((len(assets.kinds), len(activities)))
    for a, kind in enumerate(assets.kinds):
        mine = [(asset_of(products, c) or "equipment") == kind if products else True for c in codes]
        by_kind[a] = figures[np.array(mine)].sum(axis=0) @ bridge
    dropped = float(figures[:, lost].sum())
    moved = float(np.abs(by_kind.sum(axis=1) - assets.total).sum())
    flows.changes.append(
        Change(
            "capital",
            "investment by activity",
            "the source's table by product and industry, scaled to the "
            "table's investment by asset; columns that cover several activities split by capital income",
            moved,
            float(assets.total.sum()),
            f"its cells below zero ({below:,.0f}) are left out"
            + (f", and {len(lost)} columns that no activity goes by ({dropped:,.0f})" if lost else ""),
        )
    )
    empty = by_kind.sum(axis=1) <= 0
    by_kind[empty] = assets.holders[empty]
    return by_kind


def _members(code: str, name: str, activities: Sequence[str]) -> list[str]:
    """Activities that a column of investment by industry covers: the same code, dwellings, or the same divisions."""
    if code in activities:
        return [code]
    found = classify(activities)
    if found is None:
        return []
    letting = [a for a in activities if set(found.divisions.get(a, ())) == {"L68"}]
    if _is_housing(code, name) or "transfer cost" in f"{code} {name}".lower():
        return letting
    wanted = set(isic4_divisions(code))
    inside = [a for a in activities if wanted and found.divisions.get(a) and set(found.divisions[a]) <= wanted]
    return inside or [a for a in activities if wanted and wanted <= set(found.divisions.get(a, ()))]


def _is_housing(code: str, name: str) -> bool:
    return "dwelling" in f"{code} {name}".lower()
