"""`to_economy`: a table of flows becomes an economy whose base year replicates exactly (docs/model.md section 2).

Needs, capital, labour and resources have files of their own; trade by partner, and the transfers that close the base
year's exchange (docs/model.md (5), (6)), are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from lustrum.accounts.assemble.assets import find_assets
from lustrum.accounts.assemble.capital import build_capital, regional_income
from lustrum.accounts.assemble.flows import Flows, clean
from lustrum.accounts.assemble.interpretation import Options, capital_income, regions_of, within
from lustrum.accounts.assemble.labour import find_labour, find_resources
from lustrum.accounts.assemble.needs import Needs, find_needs
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.labels import labelled


@dataclass(frozen=True)
class Assembled:
    """An economy, and the base-year flows behind its coefficients (for folders that people read)."""

    economy: Economy
    flows: Mapping[str, Figures]


def to_economy(table: FlowTable, options: Options | None = None) -> Economy:
    """Make an economy of a table of flows.

    Parameters
    ----------
    table
        At basic or producers' prices. Rows (or columns) of several regions give one economy with households,
        needs, labour and assets by region.
    options
        Choices; every default that was used is stated in the economy's provenance.

    Returns
    -------
    Economy
        Base-year balances hold to rounding: what rows of the table miss stands in `committed_demand`, as does every
        negative cell of final use, government consumption, changes in inventories, valuables and adjustments.

    Raises
    ------
    TableError
        If the table is at purchasers' prices, or its rows miss their balance by more than `options.largest_residual`.
    """
    return assemble(table, options).economy


def assemble(table: FlowTable, options: Options | None = None) -> Assembled:
    """Make an economy of a table of flows; the same as `to_economy`, with its base-year flows."""
    options = options or Options()
    flows = clean(table, options)
    kept = flows.table
    sets: dict[str, Labels] = {"product": kept.products, "activity": kept.activities}
    data: dict[str, ArrayLike] = {"output": flows.output, "committed_demand": flows.committed}
    tables: dict[str, Figures] = {"use_flows": flows.use}
    if np.array_equal(flows.supply, np.diag(flows.output)) and kept.products.codes == kept.activities.codes:
        data["supply"] = np.eye(len(flows.output))
    else:
        data["supply"] = flows.supply / flows.output
        tables["supply_flows"] = flows.supply
    data["use"] = flows.use / flows.output
    _add_needs(flows, options, sets, data, tables)
    _add_capital(flows, options, sets, data, tables)
    if (labour := find_labour(flows, options)) is not None:
        sets["skill"] = labour.labels
        data["labour_coefficient"] = labour.figures / flows.output
        data["labour_supply"] = labour.figures.sum(axis=1)
        tables["labour_flows"] = labour.figures
        flows.changes.append(
            Change(
                "labour",
                "labour_supply",
                "set to what the base year spends; it grows as the plan file says",
                0.0,
                0.0,
                "the source has no labour force",
            )
        )
    if (resources := find_resources(flows)) is not None:
        sets["resource"] = resources.labels
        data["resource_coefficient"] = resources.figures / flows.output
        tables["resource_flows"] = resources.figures
    _add_trade(flows, sets, data)
    source = replace(kept.source, name=options.name or kept.source.name, title=options.title or kept.source.title)
    arrays = {n: labelled(v, BY_NAME[n].dims, {d: sets[d].codes for d in BY_NAME[n].dims}, n) for n, v in data.items()}
    provenance = (*table.provenance, *flows.changes)
    return Assembled(Economy(source, sets, arrays, provenance), tables)


def _add_needs(
    flows: Flows, options: Options, sets: dict[str, Labels], data: dict[str, ArrayLike], tables: dict[str, Figures]
) -> None:
    """b and y0; a household and its needs for each region."""
    if flows.consumption.sum() <= 0:
        flows.changes.append(Change("needs", "households", "no needs: the table has no consumption of households"))
        return
    needs = find_needs(flows, options)
    table = flows.table
    homes = ("household", "nonprofit") if options.nonprofit == "households" else ("household",)
    columns = [table.final_uses[k] for k in table.columns(*homes)]
    regions = [
        r for r in regions_of(table.products) if flows.consumption[:, within([c.region for c in columns], r)].sum() > 0
    ]
    mixes, amounts, codes, names = [], [], [], []
    y0_rows: list[int] = []
    for h, region in enumerate(regions):
        spent = flows.consumption[:, within([c.region for c in columns], region)].sum(axis=1)
        by_need = spent[:, None] * needs.shares
        total = by_need.sum(axis=0)
        for g in np.flatnonzero(total > 0).tolist():
            mixes.append(by_need[:, g] / total[g])
            amounts.append(total[g])
            y0_rows.append(h)
            codes.append(f"{region}:{needs.labels.codes[g]}" if region else needs.labels.codes[g])
            names.append((f"{region}: " if region else "") + (needs.labels.names[g] or needs.labels.codes[g]))
    y0 = np.zeros((len(regions), len(codes)))
    y0[y0_rows, np.arange(len(codes))] = amounts
    sets["need"] = Labels(tuple(codes), tuple(names))
    sets["household"] = Labels(
        tuple(r or "all" for r in regions), tuple(f"Households of {r}" if r else "All households" for r in regions)
    )
    data["need_composition"], data["consumption"] = np.array(mixes).T, y0
    if regions == [""]:
        tables["consumption_flows"] = flows.consumption.sum(axis=1)[:, None]
        tables["need_shares"] = needs.shares
        _same_needs(sets["need"], needs)


def _same_needs(labels: Labels, needs: Needs) -> None:
    if labels.codes != needs.labels.codes:
        raise AssertionError("a need without consumption was kept")


def _add_capital(
    flows: Flows, options: Options, sets: dict[str, Labels], data: dict[str, ArrayLike], tables: dict[str, Figures]
) -> None:
    income, words = capital_income(flows.table)
    assets = find_assets(flows, options, regional_income(flows, income))
    if assets is None:
        return
    capital = build_capital(flows, assets, options, words)
    sets["asset"] = assets.labels
    tables["asset_flows"] = assets.flows
    data["asset_composition"] = assets.flows / assets.total
    data["investment"] = capital.investment
    data["capital_stock"] = capital.stock
    data["depreciation"] = capital.depreciation
    data["capital_coefficient"] = capital.coefficient


def _add_trade(flows: Flows, sets: dict[str, Labels], data: dict[str, ArrayLike]) -> None:
    regions = regions_of(flows.table.products)
    if len(regions) > 1:
        sets["region"] = Labels(tuple(regions))
    trade = find_trade(flows)
    if trade is None:
        return
    sets["partner"] = trade.partners
    data["imports"], data["exports"] = trade.imports, trade.exports
    if trade.re_export.any():
        data["re_export"] = trade.re_export
    if len(regions) == 1:
        sets["region"] = Labels((next((r for r in flows.table.products.regions if r), "home"),))
    per = [
        trade.imports[within(flows.table.products.regions, r)].sum()
        - trade.exports[within(flows.table.products.regions, r)].sum()
        for r in regions
    ]
    data["transfers"], data["opening_debt"] = np.array(per), np.zeros(len(per))


@dataclass(frozen=True)
class Trade:
    """Partners, (i, p) imports and exports, (i,) products exported beyond own output, and the base-year balance."""

    partners: Labels
    imports: Figures
    exports: Figures
    re_export: Figures
    balance: float  # imports less exports


def find_trade(flows: Flows) -> Trade | None:
    """Imports and exports by partner; None where the table has neither."""
    table = flows.table
    columns = [table.final_uses[k] for k in table.columns("exports")]
    if flows.imports.sum() <= 0 and flows.exports.sum() <= 0:
        return None
    partners = list(table.partners.codes)
    names = list(table.partners.names)
    for use in columns:
        if use.partner and use.partner not in partners:
            partners.append(use.partner)
            names.append(use.partner)
    imports = np.zeros((len(table.products.codes), len(partners)))
    imports[:, : flows.imports.shape[1]] = flows.imports
    exports = np.zeros_like(imports)
    for k, use in enumerate(columns):
        if use.partner or len(partners) == 1:
            exports[:, partners.index(use.partner) if use.partner else 0] += flows.exports[:, k]
            continue
        exports += _unnamed(flows, flows.exports[:, k], use.code, imports)
    traded = np.flatnonzero((imports.sum(axis=0) > 0) | (exports.sum(axis=0) > 0))
    imports, exports = imports[:, traded], exports[:, traded]
    made = flows.supply.sum(axis=1)
    beyond = exports.sum(axis=1) > made * (1 + 1e-9)
    if beyond.any():
        amount = float((exports.sum(axis=1) - made)[beyond].sum())
        flows.changes.append(
            Change(
                "trade",
                "exports of " + ", ".join(np.array(table.products.codes)[beyond][:6]),
                f"{int(beyond.sum())} products marked as re-exports",
                amount,
                float(exports.sum()),
                "their exports exceed what is made at home",
            )
        )
    balance = float(imports.sum() - exports.sum())
    flows.changes.append(
        Change(
            "trade",
            "transfers",
            "set to imports less exports of the base year",
            abs(balance),
            float(imports.sum() + exports.sum()),
            "so that the base year's foreign exchange closes without new debt",
        )
    )
    labels = Labels(tuple(partners[k] for k in traded), tuple(names[k] for k in traded))
    return Trade(labels, imports, exports, beyond, balance)


def _unnamed(flows: Flows, amount: Figures, code: str, imports: Figures) -> Figures:
    """Exports without a partner, split as the product's imports, or all imports, are."""
    row = imports.sum(axis=1, keepdims=True)
    size = imports.shape[1]
    whole = imports.sum(axis=0) / imports.sum() if imports.sum() > 0 else np.full(size, 1 / size)
    shares = np.where(row > 0, imports / np.where(row > 0, row, 1.0), whole[None, :])
    flows.changes.append(
        Change(
            "trade",
            f"exports: {code}",
            "split over partners as the imports of the product",
            float(amount.sum()),
            float(amount.sum()),
            "the source names no partner",
        )
    )
    return np.asarray(amount[:, None] * shares)
