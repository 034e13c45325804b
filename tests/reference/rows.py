"""Every constraint of the contract, one Python loop a family; here those of adjustment, the close and tasks."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.reading import Terms, add
from tests.reference.row import Row, Sense, TaskRow
from tests.reference.rows_production import ProductionRows
from tests.reference.rows_trade import TradeRows


class Rows(ProductionRows, TradeRows):
    """The constraint families, one method each."""

    def all(self) -> list[Row]:
        """Every row but those of tasks."""
        families = (
            self.product_balance,
            self.export_source,
            self.capacity,
            self.accumulation,
            self.under_construction,
            self.after_plan,
            self.labour,
            self.exchange,
            self.debt_ceiling,
            self.trade_limits,
            self.export_band,
            self.import_share,
            self.self_sufficiency,
            self.reserve,
            self.absorption,
            self.investment_ceiling,
            self.consumption_floor,
            self.no_fall,
            self.post_plan_consumption,
            self.resource,
            self.output_ceiling,
            self.output_bands,
            self.investment_bands,
            self.terminal_growth,
            self.terminal_stocks,
            self.output_floor,
            self.closing_stock,
        )
        return [row for family in families for row in family()]

    def output_ceiling(self) -> Iterator[Row]:
        r = self.r
        figures: dict[tuple[int, int], float] = {}
        for limit in r.spec.output.ceilings:
            for j in r.picked("activity", limit.activity):
                for t in r.output_years:
                    value = r.path(limit.at_most, t)
                    if value is not None:
                        figures[j, t] = value * (float(r.base("output")[j]) if limit.basis == "base" else 1.0)
        for (j, t), figure in figures.items():
            yield Row("output_ceiling", (self.c["activity"][j], self.cal(t)), {("x", j, t): 1.0}, "<=", figure)

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
