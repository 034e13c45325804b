"""Floors, ceilings and budgets of the plan file as figures by label and year; NaN: no limit.

The last axis of a limit is the year, index 0 being plan year 1. Entries later in a list override earlier ones for the
same labels and year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.errors import SpecError
from lustrum.planning.calendar import positions
from lustrum.planning.figures import Figures
from lustrum.planning.sections import Section

ASSETS = ("asset", "activity")


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
    output_ceiling : j × T
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
    output_ceiling: np.ndarray
    self_sufficiency: np.ndarray
    reserve: np.ndarray
    investment_ceiling: np.ndarray
    resource_budget: np.ndarray
    debt_ceiling: np.ndarray
    closing_capital: np.ndarray
    closing_product_stock: np.ndarray
    output_floor: np.ndarray


def resolve_limits(d: Figures) -> Limits:
    """Resolve every limit of the plan file against the accounts.

    Raises
    ------
    SpecError
        For unknown labels or years, limits on what the plan does not have, and negative ceilings.
    """
    spec = d.spec
    trade, overridden = _trade_limits(d)
    band_low, band_high = _export_band(d, overridden["exports"])
    share_low, share_high = _import_share_band(d, overridden["imports"])
    return Limits(
        _consumption_floor(d),
        trade["imports", "at_most"],
        trade["imports", "at_least"],
        trade["exports", "at_most"],
        trade["exports", "at_least"],
        band_low,
        band_high,
        share_low,
        share_high,
        _output_ceiling(d),
        _filled(d, ("product",), spec.trade.self_sufficiency, "trade.self_sufficiency", "at_least"),
        _reserve(d),
        _filled(d, ASSETS, spec.investment.ceilings, "investment.ceilings", "at_most", d.base_investment, "investment"),
        _resource_budget(d),
        _debt_ceiling(d),
        np.where(d.pairs, _of_the_close(d, ASSETS, "stocks", "stocks", "closing stocks", d.capital_stock), np.nan),
        _closing_product_stock(d),
        _of_the_close(d, ("activity",), "output_floors", "output_floor", "output floors", d.base_output),
    )


def _nothing(d: Figures, *dims: str) -> np.ndarray:
    """No limit on any label in any year."""
    return np.full((*(d.economy.size(dim) for dim in dims), d.calendar.plan), np.nan)


def _level(d: Figures, entry: Section, where: str, key: str, on: str = "") -> np.ndarray:
    """Figures of an entry by plan year; those of a ceiling `on` something cannot be negative."""
    level = d.calendar.figure(getattr(entry, key), f"{where}.{key}")
    if on and np.any(level < 0):
        raise SpecError(
            f"a ceiling on {on} cannot be negative",
            where=f"{where}.{key}",
            found=float(np.nanmin(level)),
            expected="0 or more",
            mend=f"write 0 for no {on}",
        )
    return level


def _cells(d: Figures, entry: Section, dims: tuple[str, ...], where: str) -> tuple[np.ndarray, ...]:
    """Where the labels of an entry stand."""
    return np.ix_(*(positions(d.economy, dim, getattr(entry, dim), where) for dim in dims))


def _filled(
    d: Figures,
    dims: tuple[str, ...],
    entries: Sequence[Section],
    path: str,
    key: str,
    base: np.ndarray | None = None,
    on: str = "",
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Return the figures of a list by label and year.

    Parameters
    ----------
    dims
        Labels on which its entries stand.
    path, key
        The list in the plan file, and the key of its figures.
    base
        What a figure of basis `base` is a multiple of: by label, or by label and year.
    on
        What the list sets ceilings on; empty for floors.
    start
        Figures that hold where no entry speaks; absent: none.
    """
    out = _nothing(d, *dims) if start is None else start.copy()
    for k, entry in enumerate(entries):
        where = f"{path}[{k}]"
        level, at = _level(d, entry, where, key, on), _cells(d, entry, dims, where)
        figures = level
        if base is not None and getattr(entry, "basis", "") == "base":
            unit = base[at]
            figures = level * (unit if base.ndim == out.ndim else unit[..., None])
        out[at] = np.where(np.isnan(level), out[at], figures)
    return out


def _consumption_floor(d: Figures) -> np.ndarray:
    floors = d.spec.living_standard.floors
    if floors and not d.has_needs:
        raise SpecError(
            "the accounts have no needs to set a floor under",
            where="living_standard.floors[0]",
            mend="add need_composition.csv and consumption.csv, or remove the floor",
        )
    households = d.economy.size("household")
    heads = np.array([d.population_ratio(t) for t in d.calendar.plan_years]).T.reshape(households, d.calendar.plan)
    base = d.base_consumption[:, :, None] * heads[:, None, :]
    return _filled(d, ("household", "need"), floors, "living_standard.floors", "at_least", base)


def _trade_limits(d: Figures) -> tuple[dict[tuple[str, str], np.ndarray], dict[str, np.ndarray]]:
    """Ceilings and floors by flow and key (i, p, T), and by flow where a limit overrides the band."""
    both, sides = ("imports", "exports"), ("at_most", "at_least")
    trade = {(flow, key): _nothing(d, "product", "partner") for flow in both for key in sides}
    overridden = {flow: np.zeros(trade[flow, "at_most"].shape, dtype=bool) for flow in both}
    for k, limit in enumerate(d.spec.trade.limits):
        where = f"trade.limits[{k}]"
        if not d.has_trade:
            raise SpecError(
                "this plan has no trade to limit",
                where=where,
                mend="add partners.csv and imports or exports to the accounts, or remove it",
            )
        at = _cells(d, limit, ("product", "partner"), where)
        base = d.base_imports if limit.flow == "imports" else d.base_exports
        for key in sides:
            level = _level(d, limit, where, key, "trade" if key == "at_most" else "")
            figures = level * (base[at][..., None] if limit.basis == "base" else 1.0)
            target = trade[limit.flow, key]
            target[at] = np.where(np.isnan(level), target[at], figures)
            if limit.overrides_band:
                overridden[limit.flow][at] |= ~np.isnan(level)
    _floors_have_flows(d, trade)
    return trade, overridden


def _floors_have_flows(d: Figures, trade: dict[tuple[str, str], np.ndarray]) -> None:
    """Require a variable under every floor above zero: a floor on a flow that cannot be is no limit but a mistake."""
    for flow, possible in (("imports", d.importable), ("exports", d.exportable)):
        wrong = (np.nan_to_num(trade[flow, "at_least"]) > 0).any(axis=-1) & ~possible
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
                found=float(np.nanmax(trade[flow, "at_least"][i, p])),
                expected=f"{flow} that exist",
                mend="allow it with trade.new_trade: true, or name products that are traded",
            )


def base_import_share(d: Figures) -> np.ndarray:
    """μ0 (i): base imports over base domestic use (output + imports - exports).

    NaN where a share says nothing: no imports, no base output in the accounts, or no domestic use.
    """
    imports = d.base_imports.sum(axis=1)
    use = d.supply(0) @ d.base_output + imports - d.base_exports.sum(axis=1)
    known = (imports > 0) & (use > 1e-9 * np.maximum(imports, 1e-300)) & d.has_base_output
    return np.divide(imports, use, out=np.full_like(imports, np.nan), where=known)


def _export_band(d: Figures, overridden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest exports (i, p, T)."""
    a, t = d.spec.trade.export_band, np.arange(1, d.calendar.plan + 1)
    if a is None or not d.has_trade:
        return _nothing(d, "product", "partner"), _nothing(d, "product", "partner")
    centre = d.base_exports[:, :, None] * (1 + d.spec.trade.export_growth) ** t
    held = (d.base_exports > 0)[:, :, None] & ~overridden
    low, high = (np.where(held, centre * side**t, np.nan) for side in (max(0.0, 1 - a), 1 + a))
    return low, high


def _import_share_band(d: Figures, overridden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest share of imports in domestic use (i, T)."""
    a, t = d.spec.trade.import_share_band, np.arange(1, d.calendar.plan + 1)
    if a is None or not d.has_trade:
        return _nothing(d, "product"), _nothing(d, "product")
    share = np.where(overridden.any(axis=1), np.nan, base_import_share(d)[:, None])
    return share * max(0.0, 1 - a) ** t, share * (1 + a) ** t


def _output_ceiling(d: Figures) -> np.ndarray:
    ceilings = d.spec.output.ceilings
    for k, ceiling in enumerate(ceilings):
        if ceiling.basis == "base" and not d.has_base_output:
            raise SpecError(
                "the accounts have no output to relate to",
                where=f"output.ceilings[{k}].basis",
                mend="write basis: absolute",
            )
    return _filled(d, ("activity",), ceilings, "output.ceilings", "at_most", d.base_output, "output")


def _reserve(d: Figures) -> np.ndarray:
    for k, entry in enumerate(d.spec.reserves):
        for i in positions(d.economy, "product", entry.product, f"reserves[{k}]"):
            if not d.storable[i]:
                raise SpecError(
                    f"product {d.economy.codes('product')[i]!r} cannot be stored",
                    where=f"reserves[{k}].product",
                    mend="mark it in storable.csv, or remove the reserve",
                )
    return _filled(d, ("product",), d.spec.reserves, "reserves", "at_least", d.opening_stock)


def _resource_budget(d: Figures) -> np.ndarray:
    given = np.stack([d.resource_budget(t) for t in d.calendar.plan_years], axis=-1)
    for k, entry in enumerate(d.spec.resources):
        at = positions(d.economy, "resource", entry.resource, f"resources[{k}]")
        if entry.basis == "base" and np.isnan(given[at]).any():
            raise SpecError(
                "the accounts have no resource_budget to relate to",
                where=f"resources[{k}].basis",
                mend="write basis: absolute",
            )
    return _filled(d, ("resource",), d.spec.resources, "resources", "at_most", given, start=given)


def _debt_ceiling(d: Figures) -> np.ndarray:
    """D̄ (r, T): the opening debt unless a ceiling is given; the last year also keeps the final ceiling."""
    trade, cal = d.spec.trade, d.calendar
    out = np.repeat(d.opening_debt[:, None], cal.plan, axis=1)
    if trade.debt_ceiling is not None:
        level = cal.figure(trade.debt_ceiling, "trade.debt_ceiling")
        out = np.repeat(level[None, :], len(d.regions), axis=0)
    final = d.opening_debt if trade.final_debt_ceiling is None else np.full(len(d.regions), trade.final_debt_ceiling)
    out[:, -1] = np.fmin(out[:, -1], final)
    return out


def _of_the_close(d: Figures, dims: tuple[str, ...], key: str, rule: str, words: str, base: np.ndarray) -> np.ndarray:
    """Figures of a list of the terminal rule, on its labels; an error where the rule does not use it."""
    terminal = d.spec.terminal
    entries: Sequence[Section] = getattr(terminal, key)
    if entries and terminal.rule != rule:
        raise SpecError(
            f"{words} are given but the terminal rule does not use them",
            where=f"terminal.{key}",
            found=f"rule: {terminal.rule}",
            mend=f"write rule: {rule}, or remove them",
        )
    return _filled(d, dims, entries, f"terminal.{key}", "at_least", base)[..., -1]


def _closing_product_stock(d: Figures) -> np.ndarray:
    terminal = d.spec.terminal
    if terminal.rule == "none" or not terminal.product_stocks:
        return np.full(d.economy.size("product"), np.nan)
    target = d.opening_stock * (1 + terminal.growth) ** d.calendar.plan
    return np.where(d.storable & (d.opening_stock > 0), target, np.nan)
