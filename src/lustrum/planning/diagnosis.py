"""What accounts and plan file show before anything is solved: rows that can hardly move, or not at all.

Each finding is a sentence for a planner. None of them is an error: `solving.conflict` proves what clashes.
"""

from __future__ import annotations

import numpy as np

from lustrum.planning.data import PlanData
from lustrum.planning.limits import base_import_share

#: Exports that take this share of a product's output leave so little at home that its import share swings
#: with every small change.
NEARLY_ALL = 0.8


def diagnose(data: PlanData) -> list[str]:
    """Return what a planner should know before solving, in sentences."""
    return [*_import_shares(data), *_exports(data), *_labour(data), *_capacity(data)]


def _named(data: PlanData, dim: str, positions: np.ndarray, notes: list[str]) -> str:
    """Names with a note each, the first five of them."""
    codes = data.economy.codes(dim)
    shown = [f"{data.economy.name_of(dim, codes[k])} ({note})" for k, note in zip(positions[:5], notes, strict=False)]
    more = f" and {len(positions) - 5} more" if len(positions) > 5 else ""
    return ", ".join(shown) + more


def _import_shares(d: PlanData) -> list[str]:
    """Import shares that a band holds where exports nearly exhaust output."""
    band = d.spec.trade.import_share_band
    if not d.has_trade or band is None:
        return []
    share = base_import_share(d)
    made, sold = d.supply(0) @ d.base_output, d.base_exports.sum(axis=1)
    taken = np.divide(sold, made, out=np.zeros_like(made), where=made > 0)
    held = np.isfinite(d.limits.import_share_high).any(axis=1)
    stiff = np.flatnonzero(held & (taken >= NEARLY_ALL))
    if not stiff.size:
        return []
    stiff = stiff[np.argsort(-taken[stiff])]
    named = _named(
        d, "product", stiff, [f"{share[i]:.0%} of use imported, {taken[i]:.0%} of output exported" for i in stiff]
    )
    return [
        f"import shares that can hardly move, because exports nearly exhaust output: {named}. "
        f"The band of {band:.0%} a year binds hard there; if no plan is found, widen trade.import_share_band"
    ]


def _exports(d: PlanData) -> list[str]:
    """Exports asked for that no output within the bands can supply."""
    up = d.spec.adjustment.output.up
    low = d.limits.export_band_low
    if not d.has_trade or up is None or not d.has_base_output or np.isnan(low).all():
        return []
    exempt = set(d.spec.adjustment.output.exempt)
    free = np.array([c in exempt for c in d.economy.codes("activity")])
    made = np.stack([d.supply(t) @ (d.base_output * (1 + up) ** t) for t in d.calendar.plan_years], axis=-1)
    asked = np.nansum(low, axis=1)
    anyone = (d.supply(0)[:, free] > 0).any(axis=1).reshape(-1)
    short = (asked > made * (1 + 1e-9)) & ~d.re_export[:, None] & ~d.storable[:, None] & ~anyone[:, None]
    stuck = np.flatnonzero(short.any(axis=1))
    if not stuck.size:
        return []
    years = [d.calendar.year(int(np.flatnonzero(short[i])[0]) + 1) for i in stuck]
    named = _named(d, "product", stuck, [f"from {year}" for year in years])
    return [
        f"exports must exceed what output can reach within its band: {named}. No plan can hold both: "
        "widen trade.export_band or adjustment.output.up, or mark the product in re_export.csv"
    ]


def _labour(d: PlanData) -> list[str]:
    """Labour that base output takes in the first year against its supply."""
    if not d.labour_limited or not d.has_base_output:
        return []
    need, supply = d.labour_coefficient(1) @ d.base_output, d.labour_supply(1)
    short = np.flatnonzero(need > supply * (1 + 1e-9))
    if not short.size:
        return []
    named = _named(d, "skill", short, [f"{need[s] / supply[s]:.1%} of supply" for s in short])
    return [f"base output alone would take more labour than year 1 has: {named}. Output must fall there"]


def _capacity(d: PlanData) -> list[str]:
    """Assets that base output needs in the first year against the opening stocks."""
    if not d.has_assets or not d.has_base_output or d.calendar.lag == 1:
        return []
    need, stock = d.capital_coefficient(1) * d.base_output, d.surviving(1) * d.capital_stock
    ratio = np.divide(need, stock, out=np.full_like(need, np.inf), where=stock > 0)
    worst = np.where(need > 0, ratio, 0.0).max(axis=0, initial=0.0)
    short = np.flatnonzero(worst > 1 + 1e-6)
    down = d.spec.adjustment.output.down
    if not short.size:
        return []
    short = short[np.argsort(-worst[short])]
    notes = [f"can make {1 / worst[j]:.1%} of it" for j in short]
    no_way = (
        ""
        if down is None or 1 / worst[short[0]] >= 1 - down
        else (f" That is a fall of more than adjustment.output.down = {down:.0%} allows: no plan can hold both")
    )
    return [f"opening assets cannot make base output: {_named(d, 'activity', short, notes)}.{no_way}"]
