"""The frame of a plan: its variables, the years and labels of each, and where each exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lustrum.planning.calendar import Calendar
from lustrum.planning.data import PlanData
from lustrum.solving.verify.terms import UNDATED, Cells, Layout, Mask, TermSum


@dataclass(frozen=True, eq=False)
class Variable(Layout):
    """A variable of the plan; it is at least 0 unless it is `free`."""

    free: bool = False

    def cells(self, value: float = 0.0) -> Cells:
        """Return cells of one value where the variable exists, zero elsewhere."""
        return Cells(np.where(self.exists, value, 0.0), self.years)


@dataclass(frozen=True, eq=False)
class Frame:
    """Accounts and plan file as `verify` sees them."""

    d: PlanData

    @property
    def calendar(self) -> Calendar:
        """Which years each part of the plan covers."""
        return self.d.calendar

    def size(self, dim: str) -> int:
        """Return the number of labels of a dimension."""
        return len(self.labels(dim))

    def labels(self, dim: str) -> Sequence[str]:
        """Return the labels of a dimension other than the year."""
        if dim == "region":
            return self.d.regions
        if dim == "task":
            return [f"{task.name} @ {task.year}" for task in self.d.tasks]
        return self.d.economy.codes(dim)

    def shape(self, dims: Sequence[str]) -> tuple[int, ...]:
        """Return the number of labels of each dimension."""
        return tuple(self.size(dim) for dim in dims)

    # --- years ----------------------------------------------------------------------------------

    @cached_property
    def investment_years(self) -> range:
        """B .. Z + the longest lead of any asset."""
        lead = max((self.d.build_lead(a) for a in range(self.size("asset"))), default=0)
        return range(self.calendar.first_balance, self.calendar.last_balance + lead + 1)

    def served(self, t: int) -> tuple[int, float] | None:
        """Output that the inputs and labour of year t serve: its year, and the factor on it.

        x_{t+λ}; after the plan's last year (1+g) x_T under the rule `growth`, else nothing.
        """
        year = t + self.calendar.lag
        if year in self.calendar.output_years:
            return year, 1.0
        if year == self.calendar.plan + 1 and self.d.spec.terminal.rule == "growth":
            return self.calendar.plan, 1.0 + self.d.spec.terminal.growth
        return None

    def within_plan(self, t: int) -> int:
        """Return the index of year t on a plan-year axis: post-plan years keep the value of year T."""
        return min(t, self.calendar.plan) - 1

    def yearly(self, figures: np.ndarray, years: range) -> np.ndarray:
        """Return figures on a plan-year axis (index 0 is year 1) for the years asked for."""
        return np.asarray(figures)[..., [self.within_plan(t) for t in years]]

    @cached_property
    def started(self) -> Mask:
        """(a, t over investment years): put in place in t, but begun before the first balance year."""
        rows = [[self.d.is_under_construction(a, t) for t in self.investment_years] for a in range(self.size("asset"))]
        return np.array(rows, dtype=bool).reshape(self.size("asset"), len(self.investment_years))

    def free_to_invest(self, years: range) -> Mask:
        """(a, j, years): pairs whose investment of that year is not already under construction."""
        first = years.start - self.investment_years.start
        started = self.started[:, first : first + len(years)]
        return self.d.pairs[:, :, None] & ~started[:, None, :]

    def building_share(self, tau: int) -> np.ndarray:
        """φ_τ of every asset (a); zero where its building takes less."""
        return np.array([shares[tau] if tau < len(shares) else 0.0 for shares in self.d.gestation])

    @cached_property
    def building_years(self) -> range:
        """τ = 0 .. the longest lead."""
        return range(len(self.investment_years) - len(self.calendar.balance_years) + 1)

    def over(self, years: range, figure: Callable[[int], np.ndarray], dims: Sequence[str]) -> np.ndarray:
        """Stack a datum by year: labels, then the year."""
        out = np.empty((*self.shape(dims), len(years)))
        for k, t in enumerate(years):
            out[..., k] = figure(t)
        return out

    # --- people -----------------------------------------------------------------------------------

    @cached_property
    def living(self) -> Mask:
        """(h, g) with base consumption."""
        return np.asarray(self.d.base_consumption > 0)

    @cached_property
    def base_level(self) -> Cells:
        """y0 N_t / N_0 (h, g) over plan years."""
        years = self.calendar.plan_years
        levels = [self.d.base_consumption * self.d.population_ratio(t)[:, None] for t in years]
        return Cells(np.stack(levels, axis=-1), years)

    @cached_property
    def basket(self) -> np.ndarray:
        """Amounts of one basket (h, g, plan years), 0 where a need is not in it; later entries win."""
        d, cal, per_base = self.d, self.calendar, self.base_level.values
        if d.spec.objective.kind != "assortment" or not d.has_needs:
            return np.zeros(per_base.shape)
        if not d.spec.objective.basket:
            return per_base
        out = np.zeros(per_base.shape)
        for k, item in enumerate(d.spec.objective.basket):
            level = cal.figure(item.amount, f"objective.basket[{k}]")
            for h, household in enumerate(self.labels("household")):
                for g, need in enumerate(self.labels("need")):
                    if _named(household, item.household) and _named(need, item.need):
                        scale = per_base[h, g] if item.basis == "base" else np.ones(cal.plan)
                        out[h, g] = np.where(np.isnan(level), out[h, g], level * scale)
        return out

    @property
    def basket_years(self) -> Mask:
        """Plan years that have a basket: the others do not count."""
        return np.asarray((self.basket > 0).any(axis=(0, 1)))

    @cached_property
    def share_of_output(self) -> np.ndarray:
        """x0 / Σ x0 (j)."""
        x0 = np.maximum(self.d.base_output, 0.0)
        return np.asarray(x0 / max(float(x0.sum()), np.finfo(float).tiny))

    # --- variables --------------------------------------------------------------------------------

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Every variable by name."""
        d, cal, spec = self.d, self.calendar, self.d.spec
        leads = np.array([cal.last_balance + d.build_lead(a) for a in range(self.size("asset"))], dtype=int)
        buildable = np.array(self.investment_years)[None, :] <= leads[:, None]
        elastic = np.array([task.elastic is not None for task in d.tasks], dtype=bool)
        below = elastic & np.array([np.isfinite(task.lower) for task in d.tasks], dtype=bool)
        above = elastic & np.array([np.isfinite(task.upper) for task in d.tasks], dtype=bool)
        based = (d.base_output > 0) & spec.objective.tie_break

        def dated(name: str, dims: tuple[str, ...], years: range, mask: Mask, free: bool = False) -> Variable:
            exists = np.repeat(np.broadcast_to(mask, self.shape(dims))[..., None], len(years), axis=-1)
            return Variable(name, dims, years, exists, True, free)

        def yes(answer: bool) -> Mask:
            return np.array(answer)

        every = [
            dated("output", ("activity",), cal.output_years, yes(True)),
            Variable(
                "investment",
                ("asset", "activity"),
                self.investment_years,
                d.pairs[:, :, None] & buildable[:, None, :],
                True,
            ),
            dated("capital", ("asset", "activity"), cal.stock_years, d.pairs),
            dated("imports", ("product", "partner"), cal.trade_years, d.importable & d.has_trade),
            dated("exports", ("product", "partner"), cal.trade_years, d.exportable & d.has_trade),
            dated("stock", ("product",), cal.balance_years, d.storable),
            dated("consumption", ("household", "need"), cal.trade_years, yes(d.has_needs)),
            dated("debt", ("region",), cal.trade_years, yes(d.exchange_enforced), free=True),
            Variable("shortfall", ("task",), UNDATED, below[:, None], False),
            Variable("excess", ("task",), UNDATED, above[:, None], False),
            Variable("assortment", (), cal.plan_years, self.basket_years, True),
            Variable("lowest", (), UNDATED, np.array([spec.objective.people_first]), False),
            dated("above", ("activity",), cal.plan_years, based),
            dated("below", ("activity",), cal.plan_years, based),
        ]
        return {variable.name: variable for variable in every}

    def prices(self) -> dict[str, TermSum]:
        """Return empty sums for what one more unit of every variable costs."""
        return {name: TermSum(var.exists.shape[:-1], var.years) for name, var in self.variables.items()}


def _named(code: str, codes: list[str]) -> bool:
    return codes == ["all"] or code in codes
