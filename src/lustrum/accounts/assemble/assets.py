"""Kinds of assets: what investment is made of, and which activities each column of it may belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.assemble.clean import Flows
from lustrum.accounts.assemble.codes import plain_codes, regions_of, within
from lustrum.accounts.assemble.options import Options
from lustrum.accounts.concordances import ASSETS, asset_of, classify
from lustrum.accounts.concordances.files import rows
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FinalUse
from lustrum.accounts.provenance import Change

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
