"""Kinds of assets: what investment is made of, which activities may hold it, and investment by activity.

Investment by activity comes from the source's table by product and industry, or from its totals by activity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.assemble.flows import Flows
from lustrum.accounts.assemble.interpretation import Options, plain_codes, regions_of, within
from lustrum.accounts.concordances import ASSETS, asset_of, classify, isic4_divisions, rows
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.gras import gras
from lustrum.accounts.national.table import Figures, FinalUse
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

ONE = "fixed_capital"
#: Divisions whose activities belong to the state where investment has a column of its own for it.
_PUBLIC = ("O84", "P85", "Q86", "Q87", "Q88")


@dataclass(frozen=True)
class Assets:
    """Kinds of assets by region, what they are made of, and who may hold them.

    `kinds` is the kind of each asset, `flows` (i, a) its products in the base year, `holders` (a, j) how much of the
    asset's investment the rule for columns of investment lets an activity have: 0 or a positive factor.
    """

    labels: Labels
    kinds: tuple[str, ...]
    flows: Figures
    holders: Figures

    @property
    def total(self) -> Figures:
        """(a,) investment of the base year by asset."""
        return np.asarray(self.flows.sum(axis=0))


@dataclass(frozen=True)
class _Rule:
    """What is known of a column of investment: its kind of asset, and activities it is for or not for."""

    asset: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def find_assets(flows: Flows, options: Options, income: Figures) -> Assets | None:
    """Sort investment by kind of asset; None where the table has no investment. `income` weights the holders."""
    if flows.investment.sum() <= 0:
        flows.changes.append(Change("capital", "investment", "no assets: the table has no investment"))
        return None
    kinds, kind_of = _kinds(flows, options)
    table = flows.table
    columns = [table.final_uses[k] for k in table.columns("investment")]
    labels: list[str] = []
    names: list[str] = []
    asset_kinds: list[str] = []
    made: list[Figures] = []
    held: list[Figures] = []
    regions = regions_of(table.activities)
    activities = plain_codes(table.activities)
    for region in regions:
        here = np.array(within(table.activities.regions, region))
        amount = np.zeros((len(kinds), len(kind_of), len(columns)))
        for c, use in enumerate(columns):
            if region and use.region != region:
                continue
            rule = _rule(use, activities)
            for a, kind in enumerate(kinds):
                mine = (kind_of == kind) if rule.asset not in kinds else np.full(len(kind_of), rule.asset == kind)
                amount[a, :, c] = np.where(mine, flows.investment[:, c], 0.0)
        for a, kind in enumerate(kinds):
            if amount[a].sum() <= 0:
                continue
            labels.append(f"{region}:{kind}" if region else kind)
            names.append((f"{region}: " if region else "") + ASSETS.get(kind, "Fixed capital"))
            asset_kinds.append(kind)
            made.append(amount[a].sum(axis=1))
            held.append(_holders(kind, amount[a].sum(axis=0), columns, activities, income * here))
    return Assets(Labels(tuple(labels), tuple(names)), tuple(asset_kinds), np.array(made).T, np.array(held))


def _kinds(flows: Flows, options: Options) -> tuple[list[str], np.ndarray]:
    codes = plain_codes(flows.table.products)
    found = None if options.assets == "one" else classify(codes)
    amount = float(flows.investment.sum())
    if found is None:
        flows.changes.append(
            Change(
                "capital",
                "investment",
                "counted as one kind of asset",
                amount,
                amount,
                "asked for" if options.assets == "one" else "no shipped list knows the codes",
            )
        )
        return [ONE], np.full(len(codes), ONE)
    kind_of = np.array([asset_of(found, c) or "equipment" for c in codes])
    unknown = [c for c in codes if asset_of(found, c) is None]
    flows.changes.append(
        Change(
            "capital",
            "investment",
            "sorted into kinds of assets by the products they are made of (" + found.title + ")",
            amount,
            amount,
            "margins count as equipment, design and the cost of "
            "transfers as structures" + (f"; {', '.join(unknown[:4])} as equipment" if unknown else ""),
        )
    )
    return list(ASSETS), kind_of


def _rule(use: FinalUse, activities: Sequence[str]) -> _Rule:
    words = f"{use.code} {use.name}".lower()
    for r in rows("investment_columns.csv"):
        if r["column"] == use.code:
            named = r["activities"].split()
            only = tuple(a for a in named if not a.startswith("-") and a in activities)
            return _Rule(r["asset"], only, tuple(a[1:] for a in named if a.startswith("-") and a[1:] in activities))
    if "gov" in words:
        return _Rule("", only=_public(activities))
    if any(w in words for w in ("business", "priv")):
        found = classify(activities)
        return _Rule("", without=tuple(a for a in activities if found and found.divisions.get(a) == ("O84",)))
    return _Rule("")


def _public(activities: Sequence[str]) -> tuple[str, ...]:
    found = classify(activities)
    return tuple(
        a for a in activities if found and a in found.divisions and all(d in _PUBLIC for d in found.divisions[a])
    )


def _holders(
    kind: str, amounts: Figures, columns: Sequence[FinalUse], activities: Sequence[str], weights: Figures
) -> Figures:
    """(j,) an asset's investment by activity: each column over the activities it is for, in proportion to `weights`."""
    found = classify(activities)
    letting = np.array([found is not None and set(found.divisions.get(a, ())) == {"L68"} for a in activities])
    # the income of real estate is rent: it holds buildings, and hardly any equipment or software
    open_to = np.ones(len(activities), dtype=bool) if kind in ("structures", ONE) else ~letting
    out = np.zeros(len(activities))
    for amount, use in zip(amounts, columns, strict=True):
        if amount <= 0:
            continue
        rule = _rule(use, activities)
        mask = np.array([(a in rule.only if rule.only else True) and a not in rule.without for a in activities])
        for share in (weights * mask * open_to, weights * mask, weights * open_to, weights):
            if share.sum() > 0:
                out += amount * share / share.sum()
                break
    return out


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
    codes, total = assets.labels.codes, assets.total
    try:
        found = gras(start, total, totals, method="ras", rows=codes, columns=activities)
        how = f"met with the table's totals by asset in {found.iterations} rounds of RAS"
    except TableError:
        # an activity that may hold buildings alone can have a total larger than all buildings
        found = gras(start, total, totals, method="kras", column_give=1.0, rows=codes, columns=activities)
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
