"""Limits that the plan file sets by label and year: the entry that the plan in hand needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lustrum.solving.conflict import rates
from lustrum.solving.conflict.words import Ground, Row, figure, lowered, raised

Handler = Callable[[Ground, Sequence[Row]], None]


def consumption_floor(g: Ground, rows: Sequence[Row]) -> None:
    """y >= floor: later floors speak over earlier ones."""
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
    "resource": resource,
    "task": task,
    "terminal_stocks": terminal_stocks,
    "output_floor": output_floor,
    "closing_stock": closing_stock,
    "debt_ceiling": debt_ceiling,
    "export_band_low": rates.export_band,
    "export_band_high": rates.export_band,
    "import_share_low": rates.import_share,
    "import_share_high": rates.import_share,
    "absorption": rates.absorption,
    "labour": rates.labour,
    "output_down": rates.output_band,
    "output_up": rates.output_band,
    "investment_down": rates.investment_band,
    "investment_up": rates.investment_band,
    "terminal_growth": rates.terminal_growth,
    "after_plan": rates.terminal_growth,
}
