"""Limits that the plan file sets as one rate for all labels: the rate that the plan in hand needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.planning.limits import base_import_share
from lustrum.planning.sections import InvestmentBand, OutputBand
from lustrum.solving.conflict.words import Ground, Row, lowered, percent, raised


def export_band(g: Ground, rows: Sequence[Row]) -> None:
    """e within e0 (1 + growth)^t (1 ± a)^t."""
    trade = g.spec.trade
    assert trade.export_band is not None
    needed = [trade.export_band]
    for row in rows:
        t = g.t(row)
        centre = g.d.base_exports[g.place(row, "product"), g.place(row, "partner")] * (1 + trade.export_growth) ** t
        needed.append(_away(float(g.activity[row.index]) / centre, t, row.name.endswith("low")))
        g.say(
            row,
            f"exports of {row.what} in {row.year} must be able to move {percent(raised(needed[-1]))} a year"
            f" away from their centre instead of {percent(trade.export_band)}: set trade.export_band",
        )
    g.set(_at_most(max(needed), 10.0), "trade", "export_band")


def import_share(g: Ground, rows: Sequence[Row]) -> None:
    """m / use within μ0 (1 ± a)^t."""
    band = g.spec.trade.import_share_band
    assert band is not None
    share, needed = base_import_share(g.d), [band]
    for row in rows:
        t, i = row.year - g.cal.base, g.place(row, "product")
        imports = float(g.flow("imports", t)[i].sum())
        use = float(g.d.supply(t)[i] @ g.flow("output", t)) + imports - float(g.flow("exports", t)[i].sum())
        ratio = imports / use / float(share[i]) if use > 0 else float("inf")
        needed.append(_away(ratio, g.t(row), row.name.endswith("low")))
        g.say(
            row,
            f"the import share of {row.what} in {row.year} must be able to move {percent(raised(needed[-1]))}"
            f" a year instead of {percent(band)}: set trade.import_share_band",
        )
    g.set(_at_most(max(needed), 10.0), "trade", "import_share_band")


def _away(ratio: float, t: int, low: bool) -> float:
    """Rate a year that takes a path to `ratio` of its centre in t years."""
    return 1 - max(ratio, 0.0) ** (1 / t) if low else ratio ** (1 / t) - 1


def _at_most(rate: float, most: float) -> float | None:
    """Round the rate up; None, no limit, where the plan file takes no rate as large."""
    rounded = raised(rate)
    return rounded if rounded <= most else None


def absorption(g: Ground, rows: Sequence[Row]) -> None:
    """n <= (δ + cap) k."""
    cap = g.spec.investment.stock_growth_cap
    assert cap is not None
    needed = [cap]
    for row in rows:
        t, a, j = g.t(row), g.place(row, "asset"), g.place(row, "activity")
        stock, built = float(g.flow("capital", t)[a, j]), float(g.flow("investment", t)[a, j])
        needed.append(built / stock - float(g.d.depreciation[a, j]) if stock > 0 else float("inf"))
        g.say(
            row,
            f"{row.what} must be able to grow {percent(raised(needed[-1]))} in {row.year} instead of"
            f" {percent(cap)}: set investment.stock_growth_cap",
        )
    g.set(_at_most(max(needed), 100.0), "investment", "stock_growth_cap")


def labour(g: Ground, rows: Sequence[Row]) -> None:
    """L (1 + growth)^t, where the accounts give one supply for all years; times what the plan file scales it by."""
    base, old = g.e.values("labour_supply"), g.spec.labour.supply_growth
    needed = [old]
    for row in rows:
        t = g.t(row)
        s = g.place(row, "skill")
        unscaled = float(g.activity[row.index]) / g.d.labour_scale(t)[s]
        needed.append((unscaled / float(base[s])) ** (1 / t) - 1)
        g.say(
            row,
            f"labour supply of {row.what} must reach {raised(float(g.activity[row.index])):,.6g} in {row.year}"
            f" (now {g.side(row):,.6g}): set labour.supply_growth to {percent(raised(needed[-1]))}",
        )
    growth = raised(max(needed))
    if growth <= 0.5:
        g.set(growth, "labour", "supply_growth")
    else:  # no growth the plan file takes is enough
        g.advice.missing.extend(row.index for row in rows)


def output_band(g: Ground, rows: Sequence[Row]) -> None:
    """x_t within (1 - a⁻) and (1 + a⁺) of the year before."""
    _band(g, rows, "output", g.spec.adjustment.output, g.d.base_output, 1)


def investment_band(g: Ground, rows: Sequence[Row]) -> None:
    """n_t within (1 - a⁻) and (1 + a⁺) of the year before."""
    _band(g, rows, "investment", g.spec.adjustment.investment, g.d.base_investment, g.cal.first_balance)


def _band(
    g: Ground, rows: Sequence[Row], kind: str, band: OutputBand | InvestmentBand, base: np.ndarray, first: int
) -> None:
    """Widen the rate where a moderate one is enough; give the activity that needs more its own corridor."""
    free: list[str] = []
    needed: dict[str, float] = {}
    step = band.step or 0.0
    for row in rows:
        t, side = row.year - g.cal.base, row.name.rpartition("_")[2]
        where = tuple(g.place(row, d) for d in ("asset", "activity") if d in row.at)
        now = float(g.flow(kind, t)[where])
        before = (
            float(base[where])
            if t == first and (kind != "output" or g.d.has_base_output)
            else float(g.flow(kind, t - 1)[where])
        )
        old = band.up if side == "up" else band.down
        assert old is not None
        if side == "up" and float(base[where]) <= 0 and band.step is not None:
            step = max(step, raised(now - (1 + old) * before))
            g.say(row, f"{kind} band of {row.what}: a step of {step:g} in {row.year} instead of {band.step:g}")
            continue
        rate = (now / before - 1 if side == "up" else 1 - now / before) if before > 0 else float("inf")
        verb, needs = ("rise", raised(rate)) if side == "up" else ("fall", min(raised(rate), 1.0))
        if needs <= max(2 * old, old + 0.05):
            needed[side] = max(needed.get(side, old), needs)
            g.say(
                row,
                f"{kind} band of {row.what}: in {row.year} it must be able to {verb} {percent(needs)}"
                f" instead of {percent(old)}",
            )
        else:
            free.append(row.code)
            g.say(
                row,
                f"{kind} band of {row.what}: in {row.year} it would have to {verb} {percent(rate)} where"
                f" {percent(old)} is allowed: exempt {row.code}, with a corridor of its own as tasks",
            )
    for code in dict.fromkeys(free):
        g.add(code, "adjustment", kind, "exempt")
        _corridor(g, code, kind, band, base)
    for side, rate in needed.items():
        g.set(rate, "adjustment", kind, side)
    if step != (band.step or 0.0):
        g.set(step, "adjustment", kind, "step")


def _corridor(g: Ground, code: str, kind: str, band: OutputBand | InvestmentBand, base: np.ndarray) -> None:
    """Tasks that hold an exempt activity between the path of its band from the base year and the plan in hand."""
    j = g.e.codes("activity").index(code)
    for asset in g.e.codes("asset") if kind == "investment" else [None]:
        where = (j,) if asset is None else (g.e.codes("asset").index(asset), j)
        start = float(base[where])
        if start <= 0:
            continue
        term = {"of": kind, "activity": [code]} | ({} if asset is None else {"asset": [asset]})
        now = {t: float(g.flow(kind, t)[where]) for t in g.cal.plan_years}
        if band.up is not None:
            most = {g.cal.year(t): raised(max(x, start * (1 + band.up) ** t)) for t, x in now.items()}
            g.add({"name": _task_name(kind, "up", code, asset), "terms": [term], "at_most": most}, "tasks")
        if band.down is not None:
            least = {g.cal.year(t): lowered(min(x, start * (1 - band.down) ** t)) for t, x in now.items()}
            g.add({"name": _task_name(kind, "down", code, asset), "terms": [term], "at_least": least}, "tasks")


def _task_name(kind: str, side: str, code: str, asset: str | None) -> str:
    return f"{kind} corridor {side}: {code}{' ' + asset if asset else ''}"[:80]


def terminal_growth(g: Ground, rows: Sequence[Row]) -> None:
    """κ x_T (1 + g) <= k_{T+1}, and building after the plan of at least (1 + g) times the base."""
    old = g.spec.terminal.growth
    needed = [old]
    kappa = g.d.capital_coefficient(g.cal.plan)
    for row in rows:
        where = g.place(row, "asset"), g.place(row, "activity")
        if row.name == "after_plan":
            able = float(g.activity[row.index]) / float(g.d.base_investment[where]) - 1
        else:
            used = float(kappa[where]) * float(g.flow("output", g.cal.plan)[where[1]])
            able = float(g.flow("capital", g.cal.plan + 1)[where]) / used - 1 if used > 0 else old
        needed.append(able)
        g.say(
            row,
            f"{row.sentence}: only {percent(lowered(able))} a year can be kept up, not {percent(old)}:"
            " lower terminal.growth",
        )
    least = lowered(min(needed))
    if least >= -0.5:
        g.set(least, "terminal", "growth")
    elif any(row.name == "after_plan" for row in rows):
        g.advice.missing.extend(row.index for row in rows)
    else:
        g.set("none", "terminal", "rule")
