"""Floors, ceilings and budgets of the plan file as arrays by label and year; NaN: no limit.

The last axis is the year, index 0 being plan year 1. Entries later in a list speak over earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lustrum.errors import SpecError
from lustrum.planning.coverage import require_coverage
from lustrum.planning.select import positions

if TYPE_CHECKING:
    from lustrum.planning.data import PlanData


@dataclass(frozen=True, eq=False)
class Limits:
    """Resolved limits; T plan years on the last axis.

    Attributes
    ----------
    consumption_floor : h × g × T
    import_ceiling, import_floor, export_ceiling, export_floor : i × p × T
    export_band_low, export_band_high : i × p × T
    import_share_low, import_share_high : i × T
        Bounds on imports of all partners as a share of domestic use.
    self_sufficiency : i × T
    reserve : i × T
    investment_ceiling : a × j × T
    resource_budget : q × T
    debt_ceiling : r × T
    closing_capital : a × j
    closing_product_stock : i
    output_floor : j
        For every post-plan year.
    """

    consumption_floor: np.ndarray
    import_ceiling: np.ndarray
    import_floor: np.ndarray
    export_ceiling: np.ndarray
    export_floor: np.ndarray
    export_band_low: np.ndarray
    export_band_high: np.ndarray
    import_share_low: np.ndarray
    import_share_high: np.ndarray
    self_sufficiency: np.ndarray
    reserve: np.ndarray
    investment_ceiling: np.ndarray
    resource_budget: np.ndarray
    debt_ceiling: np.ndarray
    closing_capital: np.ndarray
    closing_product_stock: np.ndarray
    output_floor: np.ndarray


def resolve_limits(d: PlanData) -> Limits:
    """Resolve every limit of the plan file against the accounts.

    Raises
    ------
    SpecError
        For unknown labels or years, limits on what the plan does not have, and negative ceilings.
    TableError
        If the accounts do not reach as far as the plan.
    """
    require_coverage(d)
    e, spec, cal = d.economy, d.spec, d.calendar
    nothing = np.full(cal.plan, np.nan)
    products, partners = e.size("product"), e.size("partner")

    floors = np.full((e.size("household"), e.size("need"), cal.plan), np.nan)
    per_head = np.array([d.population_ratio(t) for t in cal.plan_years]).T.reshape(e.size("household"), cal.plan)
    for k, floor in enumerate(spec.living_standard.floors):
        where = f"living_standard.floors[{k}]"
        if not d.has_needs:
            raise SpecError(
                "the accounts have no needs to set a floor under",
                where=where,
                mend="add need_composition.csv and consumption.csv, or remove the floor",
            )
        level = cal.figure(floor.at_least, f"{where}.at_least")
        for h in positions(e, "household", floor.household, where):
            for g in positions(e, "need", floor.need, where):
                scale = d.base_consumption[h, g] * per_head[h] if floor.basis == "base" else 1.0
                floors[h, g] = np.where(np.isnan(level), floors[h, g], level * scale)

    trade, lifted = _trade_limits(d)
    t = np.arange(1, cal.plan + 1)
    band_low = band_high = np.full((products, partners, cal.plan), np.nan)
    if d.has_trade and spec.trade.export_band is not None:
        a = spec.trade.export_band
        centre = d.base_exports[:, :, None] * (1 + spec.trade.export_growth) ** t
        known = (d.base_exports > 0)[:, :, None]
        known = known & ~lifted["exports"]
        band_low = np.where(known, centre * max(0.0, 1 - a) ** t, np.nan)
        band_high = np.where(known, centre * (1 + a) ** t, np.nan)

    share_low = share_high = np.full((products, cal.plan), np.nan)
    if d.has_trade and spec.trade.import_share_band is not None:
        a = spec.trade.import_share_band
        share = np.where(lifted["imports"].any(axis=1), np.nan, base_import_share(d)[:, None])
        share_low, share_high = share * max(0.0, 1 - a) ** t, share * (1 + a) ** t

    sigma = np.full((products, cal.plan), np.nan)
    for k, entry in enumerate(spec.trade.self_sufficiency):
        where = f"trade.self_sufficiency[{k}]"
        level = cal.figure(entry.at_least, f"{where}.at_least")
        for i in positions(e, "product", entry.product, where):
            sigma[i] = np.where(np.isnan(level), sigma[i], level)

    reserve = np.full((products, cal.plan), np.nan)
    for k, res in enumerate(spec.reserves):
        where = f"reserves[{k}]"
        level = cal.figure(res.at_least, f"{where}.at_least")
        for i in positions(e, "product", res.product, where):
            if not d.storable[i]:
                raise SpecError(
                    f"product {e.codes('product')[i]!r} cannot be stored",
                    where=f"{where}.product",
                    mend="mark it in storable.csv, or remove the reserve",
                )
            scaled = level * (d.opening_stock[i] if res.basis == "base" else 1.0)
            reserve[i] = np.where(np.isnan(level), reserve[i], scaled)

    assets, activities = e.size("asset"), e.size("activity")
    ceiling = np.full((assets, activities, cal.plan), np.nan)
    for k, cap in enumerate(spec.investment.ceilings):
        where = f"investment.ceilings[{k}]"
        level = cal.figure(cap.value, f"{where}.at_most")
        if np.any(level < 0):
            raise SpecError(
                "a ceiling on investment cannot be negative",
                where=f"{where}.at_most",
                found=float(np.nanmin(level)),
                expected="0 or more",
                mend="write 0 for no investment",
            )
        for a_ in positions(e, "asset", cap.asset, where):
            for j in positions(e, "activity", cap.activity, where):
                scaled = level * (d.base_investment[a_, j] if cap.basis == "base" else 1.0)
                ceiling[a_, j] = np.where(np.isnan(level), ceiling[a_, j], scaled)

    return Limits(
        floors,
        trade["imports.most"],
        trade["imports.least"],
        trade["exports.most"],
        trade["exports.least"],
        band_low,
        band_high,
        share_low,
        share_high,
        sigma,
        reserve,
        ceiling,
        _budgets(d),
        _debt(d, nothing),
        _closing_capital(d),
        _closing_product_stock(d),
        _output_floor(d),
    )


def _trade_limits(d: PlanData) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Ceilings and floors on imports and exports (i, p, T), and where a limit overrides the band of its flow.

    The first has keys `imports.most`, `imports.least` and so on, the second `imports` and `exports`.
    """
    e, cal = d.economy, d.calendar
    shape = (e.size("product"), e.size("partner"), cal.plan)
    trade = {f"{flow}.{side}": np.full(shape, np.nan) for flow in ("imports", "exports") for side in ("most", "least")}
    lifted = {flow: np.zeros(shape, dtype=bool) for flow in ("imports", "exports")}
    for k, limit in enumerate(d.spec.trade.limits):
        where = f"trade.limits[{k}]"
        if not d.has_trade:
            raise SpecError(
                "this plan has no trade to limit",
                where=where,
                mend="add partners.csv and imports or exports to the accounts, or remove it",
            )
        base = d.base_imports if limit.flow == "imports" else d.base_exports
        at = np.ix_(positions(e, "product", limit.product, where), positions(e, "partner", limit.partner, where))
        for side, path in (("most", limit.at_most), ("least", limit.at_least)):
            level = cal.figure(path, f"{where}.at_{side}")
            if side == "most" and np.any(level < 0):
                raise SpecError(
                    "a ceiling on trade cannot be negative",
                    where=f"{where}.at_most",
                    found=float(np.nanmin(level)),
                    expected="0 or more",
                    mend="write 0 for no trade",
                )
            if path is None:
                continue
            figures = level * (base[at] if limit.basis == "base" else np.ones_like(base[at]))[:, :, None]
            target = trade[f"{limit.flow}.{side}"]
            target[at] = np.where(np.isnan(figures), target[at], figures)
            if limit.overrides_band:
                lifted[limit.flow][at] |= ~np.isnan(level)
    _floors_have_flows(d, trade)
    return trade, lifted


def _floors_have_flows(d: PlanData, trade: dict[str, np.ndarray]) -> None:
    """Require a variable under every floor above zero: a floor on a flow that cannot be is no limit but a mistake."""
    for flow, possible in (("imports", d.importable), ("exports", d.exportable)):
        wrong = (np.nan_to_num(trade[f"{flow}.least"]) > 0).any(axis=-1) & ~possible
        for i, p in np.argwhere(wrong):
            product, partner = d.economy.codes("product")[i], d.economy.codes("partner")[p]
            entry = max(
                k
                for k, limit in enumerate(d.spec.trade.limits)
                if limit.flow == flow
                and limit.at_least is not None
                and (limit.product == ["all"] or product in limit.product)
                and (limit.partner == ["all"] or partner in limit.partner)
            )
            raise SpecError(
                f"a floor under {flow} of {product!r} with {partner!r}, which had none in the base year",
                where=f"trade.limits[{entry}].at_least",
                found=float(np.nanmax(trade[f"{flow}.least"][i, p])),
                expected=f"{flow} that exist",
                mend="allow it with trade.new_trade: true, or name products that are traded",
            )


def base_import_share(d: PlanData) -> np.ndarray:
    """μ0 (i): base imports over base domestic use (output + imports - exports).

    NaN where a share says nothing: no imports, no base output in the accounts, or no domestic use.
    """
    imports = d.base_imports.sum(axis=1)
    use = d.supply(0) @ d.base_output + imports - d.base_exports.sum(axis=1)
    known = (imports > 0) & (use > 1e-9 * np.maximum(imports, 1e-300)) & d.has_base_output
    return np.divide(imports, use, out=np.full_like(imports, np.nan), where=known)


def _budgets(d: PlanData) -> np.ndarray:
    e, cal = d.economy, d.calendar
    out = np.full((e.size("resource"), cal.plan), np.nan)
    if e.has("resource_budget"):
        for t in cal.plan_years:
            out[:, t - 1] = d._yearly("resource_budget", t)
    given = out.copy()
    for k, budget in enumerate(d.spec.resources):
        where = f"resources[{k}]"
        level = cal.figure(budget.at_most, f"{where}.at_most")
        for q in positions(e, "resource", budget.resource, where):
            if budget.basis == "base" and np.isnan(given[q]).any():
                raise SpecError(
                    "the accounts have no resource_budget to relate to",
                    where=f"{where}.basis",
                    mend="write basis: absolute",
                )
            scaled = level * (given[q] if budget.basis == "base" else 1.0)
            out[q] = np.where(np.isnan(level), out[q], scaled)
    return out


def _debt(d: PlanData, nothing: np.ndarray) -> np.ndarray:
    """D̄ (r, T): the opening debt unless a ceiling is given; the last year also keeps the final ceiling."""
    trade, cal = d.spec.trade, d.calendar
    out = np.repeat(d.opening_debt[:, None], cal.plan, axis=1)
    if trade.debt_ceiling is not None:
        level = cal.figure(trade.debt_ceiling, "trade.debt_ceiling")
        out = np.where(np.isnan(level), np.inf, level)[None, :].repeat(len(d.regions), axis=0)
        out = np.where(np.isinf(out), np.nan, out)
    final = d.opening_debt if trade.final_debt_ceiling is None else np.full(len(d.regions), trade.final_debt_ceiling)
    out[:, -1] = np.fmin(out[:, -1], final)
    return out


def _closing_capital(d: PlanData) -> np.ndarray:
    e, terminal = d.economy, d.spec.terminal
    out = np.full((e.size("asset"), e.size("activity")), np.nan)
    if terminal.rule != "stocks":
        if terminal.stocks:
            raise SpecError(
                "closing stocks are given but the terminal rule does not use them",
                where="terminal.stocks",
                found=f"rule: {terminal.rule}",
                mend="write rule: stocks, or remove them",
            )
        return out
    for k, floor in enumerate(terminal.stocks):
        where = f"terminal.stocks[{k}]"
        for a in positions(e, "asset", floor.asset, where):
            for j in positions(e, "activity", floor.activity, where):
                out[a, j] = floor.at_least * (d.capital_stock[a, j] if floor.basis == "base" else 1.0)
    return np.where(d.pairs, out, np.nan)


def _closing_product_stock(d: PlanData) -> np.ndarray:
    terminal = d.spec.terminal
    if terminal.rule == "none" or not terminal.product_stocks:
        return np.full(d.economy.size("product"), np.nan)
    target = d.opening_stock * (1 + terminal.growth) ** d.calendar.plan
    return np.where(d.storable & (d.opening_stock > 0), target, np.nan)


def _output_floor(d: PlanData) -> np.ndarray:
    e, terminal = d.economy, d.spec.terminal
    out = np.full(e.size("activity"), np.nan)
    if terminal.rule != "output_floor":
        if terminal.output_floors:
            raise SpecError(
                "output floors are given but the terminal rule does not use them",
                where="terminal.output_floors",
                found=f"rule: {terminal.rule}",
                mend="write rule: output_floor, or remove them",
            )
        return out
    for k, floor in enumerate(terminal.output_floors):
        where = f"terminal.output_floors[{k}]"
        for j in positions(e, "activity", floor.activity, where):
            out[j] = floor.at_least * (d.base_output[j] if floor.basis == "base" else 1.0)
    return out
