"""Constraint families of production: products, assets, labour, resources."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.reading import Terms, add
from tests.reference.row import Book, Row


class ProductionRows(Book):
    """Products, assets, labour and resources, one method a family."""

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
                first["n", a, j, 0] = -r.survives(a, j, 1)
            opening = r.survives(a, j, 1) * float(r.stock0[a, j])
            yield Row("accumulation", self._pair(a, j, 1), first, "=", opening)
            for t in r.stock_years[:-1]:
                terms: Terms = {("k", a, j, t + 1): 1.0}
                kept = r.survives(a, j, t + 1)
                add(terms, ("k", a, j, t), -kept * (1.0 - float(depreciation[a, j])))  # type: ignore[index]
                add(terms, ("n", a, j, t), -kept)
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
