"""Every variable and every constraint of the contract, one Python loop a family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lustrum.planning.spec import Path_
from tests.reference.reading import Reading, Terms, Var, add

Sense = Literal["<=", ">=", "="]
INF = float("inf")


@dataclass
class Row:
    """Σ terms (<=, >=, =) rhs, with the labels of the contract: codes, and the calendar year last."""

    family: str
    label: tuple[str | int, ...]
    terms: Terms
    sense: Sense
    rhs: float


@dataclass
class TaskRow:
    """A task in one year (or over the sum): what its row says before shortfalls are let in."""

    name: str
    year: int
    terms: Terms
    sense: Sense
    target: float
    priority: int | None
    weight: float


def variables(r: Reading) -> dict[Var, tuple[float, float]]:
    """All variables of the contract with their bounds."""
    out: dict[Var, tuple[float, float]] = {}
    for j in r.activities:
        for t in r.output_years:
            out["x", j, t] = (0.0, INF)
    for a, j in r.pairs:
        for t in range(r.B, r.Z + r.lead(a) + 1):
            out["n", a, j, t] = (0.0, INF)
        for t in r.stock_years:
            out["k", a, j, t] = (0.0, INF)
    for flow, pairs in r.flows.items():
        for i, p in pairs:
            for t in r.trade_years:
                out[flow, i, p, t] = (0.0, INF)
    for i in r.products:
        if r.storable[i]:
            for t in r.balance_years:
                out["s", i, t] = (0.0, INF)
    for h in r.households:
        for g in r.needs:
            for t in r.trade_years:
                out["y", h, g, t] = (0.0, INF)
    if r.exchanging:
        for region in r.regions:
            for t in r.trade_years:
                out["d", region, t] = (-INF, INF)
    return out


class Rows:
    """The constraint families, one method each."""

    def __init__(self, reading: Reading) -> None:
        self.r = reading
        codes = reading.e.codes
        self.c = {d: list(codes(d)) for d in ("product", "activity", "asset", "skill", "household", "need",
                                              "partner", "resource")}  # fmt: skip

    def cal(self, t: int) -> int:
        """Calendar year of a label (not capped)."""
        return self.r.e.base_year + t

    def all(self) -> list[Row]:
        """Every row but those of tasks."""
        families = (
            self.product_balance, self.export_source, self.capacity, self.accumulation, self.under_construction,
            self.after_plan, self.labour, self.exchange, self.debt_ceiling, self.trade_limits, self.export_band,
            self.import_share, self.self_sufficiency, self.reserve, self.absorption, self.investment_ceiling,
            self.consumption_floor, self.no_fall, self.post_plan_consumption, self.resource, self.output_bands,
            self.investment_bands, self.terminal_growth, self.terminal_stocks, self.output_floor,
            self.closing_stock,
        )  # fmt: skip
        return [row for family in families for row in family()]

    # supply and use --------------------------------------------------------------------------------

    def product_balance(self) -> Iterator[Row]:
        r = self.r
        composition = r.base("asset_composition") if r.assets else None
        for t in r.balance_years:
            use = r.at("use", t + r.lam)
            mix = r.at("need_composition", t) if t >= 1 and r.households and r.needs else None
            committed = r.committed(t)
            for i in r.products:
                terms: Terms = {}
                rhs = -float(committed[i])
                for j in r.activities:
                    for var, factor in r.next_outputs(j, t):
                        add(terms, var, use[i, j] * factor)
                if mix is not None:
                    for g in r.needs:
                        for h in r.households:
                            add(terms, ("y", h, g, t), mix[i, g])
                for var in r.traded("exports", i, t):
                    add(terms, var, 1.0)
                if composition is not None:
                    for var, a, share in r.works(t):
                        add(terms, var, share * composition[i, a])
                if r.storable[i]:
                    add(terms, ("s", i, t), 1.0)
                for var, c in r.made(i, t).items():
                    add(terms, var, -c)
                for var in r.traded("imports", i, t):
                    add(terms, var, -1.0)
                if t == r.B:
                    rhs += float(r.kept[i] * r.s0[i])
                elif r.storable[i]:
                    add(terms, ("s", i, t - 1), -float(r.kept[i]))
                yield Row("product_balance", (self.c["product"][i], self.cal(t)), terms, "<=", rhs)

    def export_source(self) -> Iterator[Row]:
        r = self.r
        re_export = r.base("re_export")
        for i in r.products:
            if re_export[i] or not any(i == i2 for i2, _ in r.flows["exports"]):
                continue
            for t in r.trade_years:
                terms: Terms = {}
                rhs = 0.0
                for var in r.traded("exports", i, t):
                    add(terms, var, 1.0)
                for var, c in r.made(i, t).items():
                    add(terms, var, -c)
                if t == r.B:
                    rhs = float(r.kept[i] * r.s0[i])
                elif r.storable[i]:
                    add(terms, ("s", i, t - 1), -float(r.kept[i]))
                yield Row("export_source", (self.c["product"][i], self.cal(t)), terms, "<=", rhs)

    # assets ----------------------------------------------------------------------------------------

    def _pair(self, a: int, j: int, t: int) -> tuple[str | int, ...]:
        return (self.c["asset"][a], self.c["activity"][j], self.cal(t))

    def capacity(self) -> Iterator[Row]:
        r = self.r
        if r.kappa is None or not r.spec.capacity.enforce:
            return
        for a, j in r.pairs:
            for t in r.output_years:
                kappa = float(r.kappa_at(t)[a, j])
                if kappa > 0:
                    terms = {("x", j, t): kappa, ("k", a, j, t): -1.0}
                    yield Row("capacity", self._pair(a, j, t), terms, "<=", 0.0)

    def accumulation(self) -> Iterator[Row]:
        r = self.r
        depreciation = r.base("depreciation") if r.assets else None
        assert depreciation is not None or not r.pairs
        for a, j in r.pairs:
            first: Terms = {("k", a, j, 1): 1.0}
            if r.lam == 1:
                first["n", a, j, 0] = -1.0
            yield Row("accumulation", self._pair(a, j, 1), first, "=", float(r.stock0[a, j]))
            for t in r.stock_years[:-1]:
                terms: Terms = {("k", a, j, t + 1): 1.0}
                add(terms, ("k", a, j, t), -(1.0 - float(depreciation[a, j])))  # type: ignore[index]
                add(terms, ("n", a, j, t), -1.0)
                yield Row("accumulation", self._pair(a, j, t + 1), terms, "=", 0.0)

    def under_construction(self) -> Iterator[Row]:
        r = self.r
        for a, j in r.pairs:
            for t in range(r.B, r.B + r.lead(a)):
                yield Row("under_construction", self._pair(a, j, t), {("n", a, j, t): 1.0}, "=", r.building(a, j, t))

    def after_plan(self) -> Iterator[Row]:
        r = self.r
        for a, j in r.pairs:
            n0 = float(r.invested0[a, j])
            for t in range(r.Z + 1, r.Z + r.lead(a) + 1):
                if n0 > 0 and not r.is_building(a, t):
                    yield Row("after_plan", self._pair(a, j, t), {("n", a, j, t): 1.0}, ">=", (1 + r.g) * n0)

    def absorption(self) -> Iterator[Row]:
        r = self.r
        cap = r.spec.investment.stock_growth_cap
        if cap is None or not r.assets:
            return
        depreciation = r.base("depreciation")
        for a, j in r.pairs:
            for t in r.plan_years:
                if r.stock0[a, j] > 0 and not r.is_building(a, t):
                    terms: Terms = {("n", a, j, t): 1.0}
                    add(terms, ("k", a, j, t), -(float(depreciation[a, j]) + cap))
                    yield Row("absorption", self._pair(a, j, t), terms, "<=", 0.0)

    def investment_ceiling(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int, int], float] = {}
        for limit in r.spec.investment.ceilings:
            for a in r.picked("asset", limit.asset):
                for j in r.picked("activity", limit.activity):
                    for t in r.plan_years:
                        value = r.path(limit.value, t)
                        if value is not None:
                            figures[a, j, t] = value * (float(r.invested0[a, j]) if limit.basis == "base" else 1.0)
        for (a, j, t), figure in figures.items():
            if (a, j) in r.pairs and not r.is_building(a, t):
                yield Row("investment_ceiling", self._pair(a, j, t), {("n", a, j, t): 1.0}, "<=", figure)

    # labour, resources -----------------------------------------------------------------------------

    def labour(self) -> Iterator[Row]:
        r = self.r
        if not r.spec.labour.enforce or not r.e.has("labour_coefficient", "labour_supply"):
            return
        for s in r.skills:
            for t in r.labour_years:
                supply = float(r.labour_supply(t)[s])
                yield Row("labour", (self.c["skill"][s], self.cal(t)), r.labour_terms(s, t), "<=", supply)

    def resource(self) -> Iterator[Row]:
        r = self.r
        if not r.e.has("resource_coefficient"):
            return
        budgets: dict[tuple[int, int], float] = {}
        for t in range(1, max(r.T, r.Z) + 1):
            for q in r.resources:
                if r.e.has("resource_budget"):
                    budgets[q, t] = float(r.at("resource_budget", t)[q])
            own = dict(budgets)
            for limit in r.spec.resources:
                value = r.path(limit.at_most, t)
                for q in r.picked("resource", limit.resource):
                    if value is not None:
                        budgets[q, t] = value * own[q, t] if limit.basis == "base" else value
        for (q, t), budget in budgets.items():
            rho = r.at("resource_coefficient", t)
            terms: Terms = {}
            for j in r.activities:
                add(terms, ("x", j, t), float(rho[q, j]))
            yield Row("resource", (self.c["resource"][q], self.cal(t)), terms, "<=", budget)

    # trade -----------------------------------------------------------------------------------------

    def exchange(self) -> Iterator[Row]:
        r = self.r
        if not r.exchanging:
            return
        rate = r.spec.trade.interest_rate
        for region in r.regions:
            for t in r.trade_years:
                pay, earn = r.import_price(t), r.export_price(t)
                terms: Terms = {("d", region, t): -1.0}
                rhs = float(r.by_region("transfers", t)[region])
                for i, p in r.flows["imports"]:
                    if r.region_of[i] == region:
                        add(terms, ("imports", i, p, t), float(pay[i]))
                for i, p in r.flows["exports"]:
                    if r.region_of[i] == region:
                        add(terms, ("exports", i, p, t), -float(earn[i]))
                if t == 1:
                    rhs -= (1 + rate) * float(r.by_region("opening_debt", 0)[region])
                else:
                    add(terms, ("d", region, t - 1), 1 + rate)
                yield Row("exchange", (r.region_codes[region], self.cal(t)), terms, "<=", rhs)

    def debt_ceiling(self) -> Iterator[Row]:
        r = self.r
        if not r.exchanging:
            return
        trade = r.spec.trade
        for region in r.regions:
            opening = float(r.by_region("opening_debt", 0)[region])
            for t in r.trade_years:
                ceiling = opening if trade.debt_ceiling is None else r.path(trade.debt_ceiling, t)
                if t >= r.T:
                    final = opening if trade.final_debt_ceiling is None else trade.final_debt_ceiling
                    ceiling = final if ceiling is None else min(ceiling, final)
                if ceiling is not None:
                    label = (r.region_codes[region], self.cal(t))
                    yield Row("debt_ceiling", label, {("d", region, t): 1.0}, "<=", ceiling)

    def trade_limits(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[str, str, int, int, int], float] = {}
        for limit in r.spec.trade.limits:
            base = r.flow0(limit.flow)
            sides: tuple[tuple[str, Path_ | None], ...] = (("ceiling", limit.at_most), ("floor", limit.at_least))
            for side, path in sides:
                for i in r.picked("product", limit.product):
                    for p in r.picked("partner", limit.partner):
                        for t in r.trade_years:
                            value = r.path(path, t)
                            if value is not None:
                                scale = float(base[i, p]) if limit.basis == "base" else 1.0
                                figures[limit.flow, side, i, p, t] = value * scale
        for (flow, side, i, p, t), figure in figures.items():
            if (i, p) in r.flows[flow]:
                label = (self.c["product"][i], self.c["partner"][p], self.cal(t))
                family = f"{'import' if flow == 'imports' else 'export'}_{side}"
                yield Row(family, label, {(flow, i, p, t): 1.0}, "<=" if side == "ceiling" else ">=", figure)

    def export_band(self) -> Iterator[Row]:
        r = self.r
        band = r.spec.trade.export_band
        if band is None:
            return
        base = r.flow0("exports")
        for i, p in r.flows["exports"]:
            if base[i, p] > 0:
                for t in r.trade_years:
                    label = (self.c["product"][i], self.c["partner"][p], self.cal(t))
                    centre = float(base[i, p]) * r.grown(r.spec.trade.export_growth, t)
                    low, high = max(0.0, 1 - band) ** min(t, r.T), r.grown(band, t)
                    terms: Terms = {("exports", i, p, t): 1.0}
                    yield Row("export_band_low", label, dict(terms), ">=", centre * low)
                    yield Row("export_band_high", label, dict(terms), "<=", centre * high)

    def _share_terms(self, i: int, t: int, share: float) -> Terms:
        """m − share (S x + m − e)."""
        out: Terms = {}
        for var, c in self.r.made(i, t).items():
            add(out, var, -share * c)
        for var in self.r.traded("imports", i, t):
            add(out, var, 1 - share)
        for var in self.r.traded("exports", i, t):
            add(out, var, share)
        return out

    def import_share(self) -> Iterator[Row]:
        r = self.r
        band = r.spec.trade.import_share_band
        if band is None or not r.trading or not r.e.has("output"):
            return
        supply, x0 = r.at("supply", 0), r.base("output")
        for i in r.products:
            m0, e0 = float(r.flow0("imports")[i].sum()), float(r.flow0("exports")[i].sum())
            use = sum(float(supply[i, j] * x0[j]) for j in r.activities) + m0 - e0
            if m0 <= 0 or use <= 1e-9 * m0:
                continue
            for t in r.trade_years:
                label = (self.c["product"][i], self.cal(t))
                low = m0 / use * max(0.0, 1 - band) ** min(t, r.T)
                high = m0 / use * r.grown(band, t)
                yield Row("import_share_low", label, self._share_terms(i, t, low), ">=", 0.0)
                yield Row("import_share_high", label, self._share_terms(i, t, high), "<=", 0.0)

    def self_sufficiency(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int], float] = {}
        for rule in r.spec.trade.self_sufficiency:
            for i in r.picked("product", rule.product):
                for t in r.trade_years:
                    value = r.path(rule.at_least, t)
                    if value is not None:
                        figures[i, t] = value
        for (i, t), sigma in figures.items():
            terms: Terms = {}
            for var, c in r.made(i, t).items():
                add(terms, var, c * (1 - sigma))
            for var in r.traded("imports", i, t):
                add(terms, var, -sigma)
            for var in r.traded("exports", i, t):
                add(terms, var, sigma)
            yield Row("self_sufficiency", (self.c["product"][i], self.cal(t)), terms, ">=", 0.0)

    # product stocks --------------------------------------------------------------------------------

    def reserve(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int], float] = {}
        for rule in r.spec.reserves:
            for i in r.picked("product", rule.product):
                for t in r.plan_years:
                    value = r.path(rule.at_least, t)
                    if value is not None:
                        figures[i, t] = value * (float(r.s0[i]) if rule.basis == "base" else 1.0)
        for (i, t), figure in figures.items():
            if r.storable[i]:
                yield Row("reserve", (self.c["product"][i], self.cal(t)), {("s", i, t): 1.0}, ">=", figure)

    def closing_stock(self) -> Iterator[Row]:
        r = self.r
        if r.rule == "none" or not r.spec.terminal.product_stocks:
            return
        for i in r.products:
            if r.storable[i] and r.s0[i] > 0:
                figure = float(r.s0[i]) * (1 + r.g) ** r.T
                yield Row("closing_stock", (self.c["product"][i], self.cal(r.T)), {("s", i, r.T): 1.0}, ">=", figure)

    # consumption -----------------------------------------------------------------------------------

    def _eaten(self, h: int, g: int, t: int) -> tuple[str | int, ...]:
        return (self.c["household"][h], self.c["need"][g], self.cal(t))

    def consumption_floor(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int, int], float] = {}
        for floor in r.spec.living_standard.floors:
            for h in r.picked("household", floor.household):
                for g in r.picked("need", floor.need):
                    for t in r.plan_years:
                        value = r.path(floor.at_least, t)
                        if value is not None:
                            base = float(r.eaten0[h, g]) * r.heads(h, t)
                            figures[h, g, t] = value * (base if floor.basis == "base" else 1.0)
        for (h, g, t), figure in figures.items():
            yield Row("consumption_floor", self._eaten(h, g, t), {("y", h, g, t): 1.0}, ">=", figure)

    def no_fall(self) -> Iterator[Row]:
        r = self.r
        if not r.spec.living_standard.no_fall:
            return
        for h in r.households:
            for g in r.needs:
                if r.eaten0[h, g] <= 0:
                    continue
                for t in r.plan_years:
                    terms: Terms = {("y", h, g, t): 1.0}
                    ratio, rhs = r.heads(h, t) / r.heads(h, t - 1), 0.0
                    if t == 1:
                        rhs = ratio * float(r.eaten0[h, g])
                    else:
                        add(terms, ("y", h, g, t - 1), -ratio)
                    yield Row("no_fall", self._eaten(h, g, t), terms, ">=", rhs)

    def post_plan_consumption(self) -> Iterator[Row]:
        r = self.r
        for h in r.households:
            for g in r.needs:
                for t in range(r.T + 1, r.Z + 1):
                    terms: Terms = {("y", h, g, t): 1.0, ("y", h, g, t - 1): -1.0}
                    yield Row("post_plan_consumption", self._eaten(h, g, t), terms, ">=", 0.0)

    # adjustment ------------------------------------------------------------------------------------

    def output_bands(self) -> Iterator[Row]:
        r = self.r
        band = r.spec.adjustment.output
        known = r.e.has("output")
        x0 = r.base("output")
        for j in r.activities:
            code = self.c["activity"][j]
            if code in band.exempt:
                continue
            step = 0.0
            if known and x0[j] == 0:
                if band.step is None:
                    continue
                step = band.step
            for t in r.plan_years:
                if t == 1 and not known:
                    continue
                for family, sense, rate in (("output_down", ">=", band.down), ("output_up", "<=", band.up)):
                    if rate is None:
                        continue
                    factor = 1 - rate if sense == ">=" else 1 + rate
                    terms: Terms = {("x", j, t): 1.0}
                    rhs = step if sense == "<=" else 0.0
                    if t == 1:
                        rhs += factor * float(x0[j])
                    else:
                        add(terms, ("x", j, t - 1), -factor)
                    yield Row(family, (code, self.cal(t)), terms, sense, rhs)  # type: ignore[arg-type]

    def investment_bands(self) -> Iterator[Row]:
        r = self.r
        band = r.spec.adjustment.investment
        for a, j in r.pairs:
            if self.c["activity"][j] in band.exempt:
                continue
            n0, step = float(r.invested0[a, j]), 0.0
            if n0 == 0:
                if band.step is None:
                    continue
                step = band.step
            for t in range(r.B, r.T + 1):
                if r.is_building(a, t):
                    continue
                for family, sense, rate in (("investment_down", ">=", band.down), ("investment_up", "<=", band.up)):
                    if rate is None:
                        continue
                    factor = 1 - rate if sense == ">=" else 1 + rate
                    terms: Terms = {("n", a, j, t): 1.0}
                    rhs = step if sense == "<=" else 0.0
                    if t == r.B:
                        rhs += factor * n0
                    else:
                        add(terms, ("n", a, j, t - 1), -factor)
                    yield Row(family, self._pair(a, j, t), terms, sense, rhs)  # type: ignore[arg-type]

    # the close of the plan -------------------------------------------------------------------------

    def terminal_growth(self) -> Iterator[Row]:
        r = self.r
        if r.rule != "growth" or r.kappa is None or not r.spec.capacity.enforce:
            return
        for a, j in r.pairs:
            kappa = float(r.kappa_at(r.T)[a, j])
            if kappa > 0:
                terms = {("x", j, r.T): kappa * (1 + r.g), ("k", a, j, r.T + 1): -1.0}
                yield Row("terminal_growth", (self.c["asset"][a], self.c["activity"][j]), terms, "<=", 0.0)

    def terminal_stocks(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int], float] = {}
        if r.rule == "stocks":
            for floor in r.spec.terminal.stocks:
                for a in r.picked("asset", floor.asset):
                    for j in r.picked("activity", floor.activity):
                        figures[a, j] = floor.at_least * (float(r.stock0[a, j]) if floor.basis == "base" else 1.0)
        for (a, j), figure in figures.items():
            if (a, j) in r.pairs:
                label = (self.c["asset"][a], self.c["activity"][j])
                yield Row("terminal_stocks", label, {("k", a, j, r.T + 1): 1.0}, ">=", figure)

    def output_floor(self) -> Iterator[Row]:
        r = self.r
        figures: dict[int, float] = {}
        if r.rule == "output_floor":
            x0 = r.base("output")
            for floor in r.spec.terminal.output_floors:
                for j in r.picked("activity", floor.activity):
                    figures[j] = floor.at_least * (float(x0[j]) if floor.basis == "base" else 1.0)
        for j, figure in figures.items():
            for t in range(r.T + 1, r.H + 1):
                label = (self.c["activity"][j], self.cal(t))
                yield Row("output_floor", label, {("x", j, t): 1.0}, ">=", figure)

    # tasks -----------------------------------------------------------------------------------------

    def tasks(self) -> Iterator[TaskRow]:
        """The rows of tasks before shortfalls."""
        r = self.r
        for task in r.spec.tasks:
            years = [t for t in r.plan_years if task.years is None or self.cal(t) in task.years]
            sense: Sense = ">=" if task.at_least is not None else "<=" if task.at_most is not None else "="
            path = next(v for v in (task.at_least, task.at_most, task.equals) if v is not None)
            priority = None if task.elastic is None else task.elastic.priority
            weight = 1.0 if task.elastic is None else task.elastic.weight
            groups = [years] if task.over == "sum" else [[t] for t in years]
            for group in groups:
                terms: Terms = {}
                for t in group:
                    for term in task.terms:
                        for var, c in r.quantity(term, t).items():
                            add(terms, var, c)
                target = r.path(path, group[0])
                if target is not None:
                    # a sum stands under its last year
                    yield TaskRow(task.name, self.cal(group[-1]), terms, sense, target, priority, weight)
