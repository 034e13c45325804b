"""Model: the problem under construction, its variables (docs/model.md section 3), and the lag rule in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lustrum.lp.problem import Grid, ProblemBuilder
from lustrum.planning.data import PlanData
from lustrum.planning.families import FAMILIES

#: Families of rows that tie many years or parts of a plan together.
LINKING = frozenset(name for name, family in FAMILIES.items() if family.linking)


class Model(ProblemBuilder):
    """A problem builder that knows the plan's data.

    `var(name, t)` gives the positions of a variable family in year t: an array of -1 where the plan has no
    such variable or year, so that a definition needs no special case for what is absent.
    """

    def __init__(self, data: PlanData) -> None:
        super().__init__(LINKING)
        self.d = data
        self.cal = data.calendar
        self.e = data.economy

    def years(self, years: range) -> dict[str, Sequence[object]]:
        """Return the year labels of a range, as the last dimension of a family."""
        return {"year": self.cal.labels(years)}

    def sets(self, *dims: str) -> dict[str, Sequence[object]]:
        """Return labels of the accounts' sets."""
        return {d: (self.d.regions if d == "region" else self.e.codes(d)) for d in dims}

    def var(self, name: str, t: int) -> np.ndarray:
        """Return positions of a variable family in year t (-1: none)."""
        return _at(self.variables[name], self.cal.year(t))

    def row(self, grid: Grid, t: int) -> np.ndarray:
        """Return positions of a row family in year t."""
        return _at(grid, self.cal.year(t))

    def served_output(self, t: int) -> tuple[np.ndarray, int, float] | None:
        """Output whose inputs and labour are spent in year t: positions, year of its coefficients, factor.

        That is x_{t+λ}. One year after the plan, under the growth rule, (1 + g) x_T stands for it.
        """
        served = t + self.cal.lag
        if 1 <= served <= self.cal.last_output:
            return self.var("output", served), served, 1.0
        terminal = self.d.spec.terminal
        if served > self.cal.last_output and self.cal.post == 0 and terminal.rule == "growth":
            return self.var("output", self.cal.plan), self.cal.plan, 1 + terminal.growth
        return None

    def building(self, t: int) -> list[tuple[int, np.ndarray, float]]:
        """Assets worked on in year t: asset, positions of n_{a,·,t+τ}, share φ_τa."""
        out = []
        for a, shares in enumerate(self.d.gestation):
            for lead, share in enumerate(shares):
                if share > 0 and t + lead in self.d.investment_years(a):
                    out.append((a, self.var("investment", t + lead)[a], float(share)))
        return out

    def bound(
        self, family: str, variable: str, figures: np.ndarray, years: range, *, floor: bool = False, exists: Any = True
    ) -> None:
        """Add rows variable <= figures (>= for a floor) by label and year, where there is a figure."""
        grid = self.variables[variable]
        labels = self.sets(*(dim for dim in grid.dims if dim != "year")) | self.years(years)
        side = "lower" if floor else "upper"
        rows = self.add_rows(family, labels, exists & ~np.isnan(figures), **{side: figures})
        for t in years:
            self.put(self.row(rows, t), self.var(variable, t), 1.0)

    def limit(self, values: np.ndarray, t: int) -> np.ndarray:
        """Value of a limit (years on the last axis) in year t; post-plan years keep that of year T."""
        return np.asarray(values[..., min(t, self.cal.plan) - 1])

    def by_year(self, values: np.ndarray, years: range) -> np.ndarray:
        """Spread a limit over a range of years, year on the last axis."""
        return np.stack([self.limit(values, t) for t in years], axis=-1)


def _at(grid: Grid, year: int) -> np.ndarray:
    years = [int(str(y)) for y in grid.labels["year"]]
    if not years or not years[0] <= year <= years[-1]:
        return np.full(grid.index.shape[:-1], -1, dtype=np.int64)
    return grid.index[..., year - years[0]]


def define_variables(m: Model) -> None:
    """x, n, k, m, e, s, y, D, all >= 0 but debt, only where the plan has them."""
    d, cal = m.d, m.cal
    size = _typical(m)
    m.add_variables(
        "output", m.sets("activity") | m.years(cal.output_years), scale=_sized(d.base_output, size)[:, None]
    )
    _define_assets(m, size)
    trade = m.years(cal.trade_years)
    flows = m.sets("product", "partner") | trade
    m.add_variables(
        "imports", flows, (d.importable & d.has_trade)[:, :, None], scale=_sized(d.base_imports, size)[:, :, None]
    )
    m.add_variables(
        "exports", flows, (d.exportable & d.has_trade)[:, :, None], scale=_sized(d.base_exports, size)[:, :, None]
    )
    m.add_variables(
        "stock",
        m.sets("product") | m.years(cal.balance_years),
        d.storable[:, None],
        scale=_sized(d.opening_stock, size)[:, None],
    )
    m.add_variables(
        "consumption",
        m.sets("household", "need") | trade,
        d.consumes[:, :, None],
        scale=_sized(d.base_consumption, size)[:, :, None],
    )
    money = max(float(d.base_imports.sum()), size)
    exchange = np.full((len(d.regions), 1), d.exchange_enforced)
    m.add_variables("debt", m.sets("region") | trade, exchange, lower=-np.inf, scale=money)


def _define_assets(m: Model, size: float) -> None:
    d, cal = m.d, m.cal
    lead = max((d.build_lead(a) for a in range(m.e.size("asset"))), default=0)
    years = range(cal.first_balance, cal.last_balance + lead + 1)
    mask = np.zeros((*d.pairs.shape, len(years)), dtype=bool)
    for a in range(m.e.size("asset")):
        for k, t in enumerate(years):
            mask[a, :, k] = d.pairs[a] & (t in d.investment_years(a))
    m.add_variables(
        "investment",
        m.sets("asset", "activity") | m.years(years),
        mask,
        scale=_sized(d.base_investment, size)[:, :, None],
    )
    m.add_variables(
        "capital",
        m.sets("asset", "activity") | m.years(cal.stock_years),
        d.pairs[:, :, None],
        scale=_sized(d.capital_stock, size)[:, :, None],
    )


def _typical(m: Model) -> float:
    """Return a typical size of a flow in these accounts."""
    for values in (m.d.base_output, m.d.committed(1), m.d.capital_stock, m.d.opening_stock):
        positive = np.abs(values[values != 0])
        if positive.size:
            return float(positive.mean())
    return 1.0


def _sized(values: np.ndarray, typical: float) -> np.ndarray:
    """Base value as the size of a variable; a small share of the typical flow where the base is near zero."""
    return np.maximum(values, 1e-3 * typical)
