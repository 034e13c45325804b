"""The figure of the plan file that each limit which gave way needs: an entry by label and year, or a rate for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lustrum.planning.limits import base_import_share
from lustrum.planning.sections import InvestmentBand, OutputBand
from lustrum.solving.conflict.words import Ground, Row, figure, lowered, percent, raised

Handler = Callable[[Ground, Sequence[Row]], None]


def consumption_floor(g: Ground, rows: Sequence[Row]) -> None:
    """y >= floor: later floors override earlier ones."""
    for row in rows:
        h, need = g.place(row, "household"), g.place(row, "need")
        unit = float(g.d.base_consumption[h, need] * g.d.population_ratio(g.t(row))[h])
        old, new, basis = _relative(g, row, unit, lowered)
        g.add(
            {"household": [row.at["household"]], "need": [row.at["need"]], "at_least": {row.year: new}, "basis": basis},
            "living_standard",
            "floors",
        )
        g.say(row, f"lower the {row.sentence} in {row.year} from {_scaled(old, basis)} to {_scaled(new, basis)}")


def no_fall(g: Ground, rows: Sequence[Row]) -> None:
    """Consumption may fall where it must: floors at base level (or at what can be reached) replace the rule."""
    if ("living_standard", "no_fall") in [c.path for c in g.advice.changes]:
        return
    g.set(False, "living_standard", "no_fall")
    g.add({"at_least": 1.0, "basis": "base"}, "living_standard", "floors")
    households, needs = g.e.codes("household"), g.e.codes("need")
    level = np.stack([g.flow("consumption", t) for t in g.cal.plan_years], axis=-1)
    head = np.stack([g.d.population_ratio(t) for t in g.cal.plan_years], axis=-1)
    years = [g.cal.year(t) for t in g.cal.plan_years]
    for h, household in enumerate(households):
        for n, need in enumerate(needs):
            unit = g.d.base_consumption[h, n] * head[h]
            floor = np.nan_to_num(g.d.limits.consumption_floor[h, n])
            base = bool(unit.min() > 0)
            reach, asked = (level[h, n] / unit, floor / unit) if base else (level[h, n], floor)
            path = {}
            for year, r, f in zip(years, reach.tolist(), asked.tolist(), strict=True):
                target = max(f, 1.0 if base else 0.0)
                path[year] = target if r >= target * (1 - 1e-9) else max(lowered(r), 0.0)
            if any(v != (1.0 if base else 0.0) for v in path.values()):
                g.add(
                    {
                        "household": [household],
                        "need": [need],
                        "at_least": path,
                        "basis": "base" if base else "absolute",
                    },
                    "living_standard",
                    "floors",
                )
    for row in rows:
        h, n, t = g.place(row, "household"), g.place(row, "need"), g.t(row)
        share = level[h, n, t - 1] / (g.d.base_consumption[h, n] * head[h, t - 1])
        g.say(
            row, f"let {row.what} fall in {row.year}, to {figure(lowered(share))} of base: no_fall gives way to floors"
        )


def _trade(g: Ground, rows: Sequence[Row]) -> None:
    for row in rows:
        flow, _, side = row.name.partition("_")
        flow += "s"
        base = g.d.base_imports if flow == "imports" else g.d.base_exports
        unit = float(base[g.place(row, "product"), g.place(row, "partner")])
        old, new, basis = _relative(g, row, unit, raised if side == "ceiling" else lowered)
        key = "at_most" if side == "ceiling" else "at_least"
        g.add(
            {
                "flow": flow,
                "product": [row.at["product"]],
                "partner": [row.at["partner"]],
                key: {g.plan_year(row): new},
                "basis": basis,
            },
            "trade",
            "limits",
        )
        verb = "raise" if side == "ceiling" else "lower"
        g.say(row, f"{verb} the {row.sentence} in {row.year} from {_scaled(old, basis)} to {_scaled(new, basis)}")


def self_sufficiency(g: Ground, rows: Sequence[Row]) -> None:
    """S x >= σ (S x + m - e)."""
    for row in rows:
        t, i = row.year - g.cal.base, g.place(row, "product")
        made = float(g.d.supply(t)[i] @ g.flow("output", t))
        use = made + float(g.flow("imports", t)[i].sum() - g.flow("exports", t)[i].sum())
        new = lowered(made / use) if use > 0 else 0.0
        g.add({"product": [row.code], "at_least": {g.plan_year(row): new}}, "trade", "self_sufficiency")
        old = float(g.d.limits.self_sufficiency[i, g.t(row) - 1])
        g.say(row, f"lower {row.sentence} in {row.year} from {figure(old)} to {figure(new)}")


def reserve(g: Ground, rows: Sequence[Row]) -> None:
    """s >= figure."""
    for row in rows:
        new = lowered(float(g.activity[row.index]))
        g.add({"product": [row.code], "at_least": {row.year: new}, "basis": "absolute"}, "reserves")
        g.say(row, f"lower the {row.sentence} in {row.year} from {figure(g.side(row))} to {figure(new)}")


def investment_ceiling(g: Ground, rows: Sequence[Row]) -> None:
    """n <= figure."""
    for row in rows:
        unit = float(g.d.base_investment[g.place(row, "asset"), g.place(row, "activity")])
        old, new, basis = _relative(g, row, unit, raised)
        g.add(
            {"asset": [row.at["asset"]], "activity": [row.at["activity"]], "at_most": {row.year: new}, "basis": basis},
            "investment",
            "ceilings",
        )
        g.say(row, f"raise the {row.sentence} in {row.year} from {_scaled(old, basis)} to {_scaled(new, basis)}")


def output_ceiling(g: Ground, rows: Sequence[Row]) -> None:
    """x <= figure."""
    for row in rows:
        unit = float(g.d.base_output[g.place(row, "activity")])
        old, new, basis = _relative(g, row, unit, raised)
        g.add({"activity": [row.code], "at_most": {g.plan_year(row): new}, "basis": basis}, "output", "ceilings")
        g.say(row, f"raise the {row.sentence} in {row.year} from {_scaled(old, basis)} to {_scaled(new, basis)}")


def resource(g: Ground, rows: Sequence[Row]) -> None:
    """ρ x <= budget."""
    for row in rows:
        new = raised(float(g.activity[row.index]))
        g.add({"resource": [row.code], "at_most": {g.plan_year(row): new}, "basis": "absolute"}, "resources")
        g.say(row, f"raise the {row.sentence} in {row.year} from {figure(g.side(row))} to {figure(new)}")


def task(g: Ground, rows: Sequence[Row]) -> None:
    """Σ terms against a target by year, or one target over the sum of years."""
    for name in dict.fromkeys(row.label for row in rows):
        spec = next(t for t in g.spec.tasks if t.name == name)
        key = next(k for k in ("at_least", "at_most", "equals") if getattr(spec, k) is not None)
        path = g.cal.figure(getattr(spec, key), name)
        years = [g.cal.year(t) for t in g.cal.plan_years if spec.years is None or g.cal.year(t) in spec.years]
        figures = {y: float(path[y - g.cal.base - 1]) for y in years if np.isfinite(path[y - g.cal.base - 1])}
        for row in (r for r in rows if r.label == name):
            now = float(g.activity[row.index])
            new = lowered(now) if key == "at_least" else raised(now) if key == "at_most" else now
            figures[row.year] = new
            g.say(row, f"{row.sentence}: {key} {figure(new)} in {row.year} instead of {figure(g.side(row))}")
        value = next(figures[r.year] for r in rows if r.label == name) if spec.over == "sum" else figures
        g.set(value, "tasks", name, key)


def terminal_stocks(g: Ground, rows: Sequence[Row]) -> None:
    """k_{T+1} >= figure."""
    for row in rows:
        unit = float(g.d.capital_stock[g.place(row, "asset"), g.place(row, "activity")])
        old, new, basis = _relative(g, row, unit, lowered)
        g.add(
            {"asset": [row.at["asset"]], "activity": [row.at["activity"]], "at_least": new, "basis": basis},
            "terminal",
            "stocks",
        )
        g.say(row, f"lower the {row.sentence} from {_scaled(old, basis)} to {_scaled(new, basis)}")


def output_floor(g: Ground, rows: Sequence[Row]) -> None:
    """x >= figure in every post-plan year."""
    for code in dict.fromkeys(row.code for row in rows):
        mine = [r for r in rows if r.code == code]
        new = lowered(min(float(g.activity[r.index]) for r in mine))
        g.add({"activity": [code], "at_least": new, "basis": "absolute"}, "terminal", "output_floors")
        for row in mine:
            g.say(row, f"lower the floor under {row.sentence} from {figure(g.side(row))} to {figure(new)}")


def closing_stock(g: Ground, rows: Sequence[Row]) -> None:
    """s_T >= s0 (1 + g)^T: reserves of the last year replace the rule, product by product."""
    g.set(False, "terminal", "product_stocks")
    stock, last = g.flow("stock", g.cal.plan), g.cal.year(g.cal.plan)
    short = {row.code: row for row in rows}
    for i, code in enumerate(g.e.codes("product")):
        target = float(g.d.limits.closing_product_stock[i])
        if np.isnan(target):
            continue
        new = lowered(float(stock[i])) if code in short else target
        if code in short:
            g.say(
                short[code],
                f"lower the {short[code].sentence} from {figure(target)} to {figure(new)}:"
                " reserves of the last year replace terminal.product_stocks",
            )
        kept = float(np.nan_to_num(g.d.limits.reserve[i, -1]))
        if kept <= stock[i] * (1 + 1e-9):
            new = max(new, kept)
        g.add({"product": [code], "at_least": {last: new}, "basis": "absolute"}, "reserves")


def debt_ceiling(g: Ground, rows: Sequence[Row]) -> None:
    """D <= figure: one for all regions, so that of the region that needs most."""
    new = g.d.limits.debt_ceiling.copy()
    for row in rows:
        r, t = g.place(row, "region"), g.t(row)
        new[r, t - 1] = max(raised(float(g.activity[row.index])), new[r, t - 1])
        g.say(row, f"raise the {row.sentence} in {row.year} from {figure(g.side(row))} to {figure(new[r, t - 1])}")
    most = np.max(np.where(np.isnan(new), np.inf, new), axis=0)
    named = {g.cal.year(t): float(most[t - 1]) for t in g.cal.plan_years if np.isfinite(most[t - 1])}
    g.set(named, "trade", "debt_ceiling")
    g.set(float(most[-1]), "trade", "final_debt_ceiling")


def _relative(g: Ground, row: Row, unit: float, outward: Callable[[float], float]) -> tuple[float, float, str]:
    """Old and new figure in the unit of the base year's, where there is one, rounded outward; and the basis."""
    new, basis = float(g.activity[row.index]), "base"
    if unit <= 0:
        unit, basis = 1.0, "absolute"
    return g.side(row) / unit, max(outward(new / unit), 0.0), basis


def _scaled(value: float, basis: str) -> str:
    return figure(value) + (" of base" if basis == "base" else "")


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


HANDLERS: dict[str, Handler] = {
    "consumption_floor": consumption_floor,
    "no_fall": no_fall,
    "import_ceiling": _trade,
    "import_floor": _trade,
    "export_ceiling": _trade,
    "export_floor": _trade,
    "self_sufficiency": self_sufficiency,
    "reserve": reserve,
    "investment_ceiling": investment_ceiling,
    "output_ceiling": output_ceiling,
    "resource": resource,
    "task": task,
    "terminal_stocks": terminal_stocks,
    "output_floor": output_floor,
    "closing_stock": closing_stock,
    "debt_ceiling": debt_ceiling,
    "export_band_low": export_band,
    "export_band_high": export_band,
    "import_share_low": import_share,
    "import_share_high": import_share,
    "absorption": absorption,
    "labour": labour,
    "output_down": output_band,
    "output_up": output_band,
    "investment_down": investment_band,
    "investment_up": investment_band,
    "terminal_growth": terminal_growth,
    "after_plan": terminal_growth,
}
