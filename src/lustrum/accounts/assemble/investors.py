"""Investment by activity where the source has it: a table by product and industry, or a row of totals by activity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.accounts.assemble.assets import Assets
from lustrum.accounts.assemble.clean import Flows
from lustrum.accounts.assemble.codes import plain_codes
from lustrum.accounts.concordances import asset_of, classify
from lustrum.accounts.concordances.classify import isic4_divisions
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change


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
    found, steps = balance(assets.holders, assets.total, totals)
    flows.changes.append(
        Change(
            "capital",
            "investment by activity",
            f"published totals by activity met with the table's totals by asset in {steps} rounds of RAS",
            float(np.abs(found - assets.holders).sum()),
            float(assets.total.sum()),
            "begun from investment in proportion to capital income",
        )
    )
    return found


def balance(
    start: Figures, rows: Figures, columns: Figures, rounds: int = 500, close: float = 1e-10
) -> tuple[Figures, int]:
    """RAS: scale rows and columns of `start` in turn until they sum to `rows` and `columns` (Bacharach 1970).

    Columns that nothing of `start` can fill are opened with the mean row mix. The last step is on rows, so rows are
    exact and columns as close as the zeros of `start` allow.
    """
    out = start.astype(float).copy()
    shut = (out.sum(axis=0) == 0) & (columns > 0)
    out[:, shut] = rows[:, None] * columns[shut] / max(rows.sum(), 1e-300)
    for step in range(1, rounds + 1):
        for axis, totals in ((0, columns), (1, rows)):
            size = out.sum(axis=axis, keepdims=True)
            want = totals[None, :] if axis == 0 else totals[:, None]
            out = out * np.divide(want, size, out=np.zeros_like(size), where=size > 0)
        if np.abs(out.sum(axis=0) - columns).max() <= close * max(columns.max(), 1e-300):
            return out, step
    return out, rounds


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
