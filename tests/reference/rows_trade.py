"""Constraint families of trade, product stocks and consumption."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.reading import Terms, add
from tests.reference.row import Book, Row

from lustrum.planning.sections import Path_


class TradeRows(Book):
    """Trade, product stocks and consumption, one method a family."""

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

    def _overridden(self, flow: str, i: int, p: int, t: int) -> bool:
        """Whether a limit on this flow says that its band does not hold in year t."""
        r = self.r
        return any(
            limit.overrides_band
            and limit.flow == flow
            and i in r.picked("product", limit.product)
            and p in r.picked("partner", limit.partner)
            and (r.path(limit.at_most, t) is not None or r.path(limit.at_least, t) is not None)
            for limit in r.spec.trade.limits
        )

    def export_band(self) -> Iterator[Row]:
        r = self.r
        band = r.spec.trade.export_band
        if band is None:
            return
        base = r.flow0("exports")
        for i, p in r.flows["exports"]:
            if base[i, p] > 0:
                for t in (t for t in r.trade_years if not self._overridden("exports", i, p, t)):
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
                if any(self._overridden("imports", i, p, t) for p in r.partners):
                    continue
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
