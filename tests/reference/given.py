"""The accounts and the plan file read by plan year, straight from the contract (docs/model.md).

Nothing here imports the product's own resolution of a plan: only the arrays of the Economy and the
fields of the PlanSpec. `t` is always a plan year, 0 the base year; figures after the plan are those of T.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME
from lustrum.planning.sections import Growing, Path_, Ramp, Scaling
from lustrum.planning.spec import PlanSpec

Var = tuple[str | int, ...]
Terms = dict[Var, float]


def add(into: Terms, var: Var, coefficient: float) -> None:
    """Add to the coefficient of a variable."""
    if coefficient != 0.0:
        into[var] = into.get(var, 0.0) + coefficient


class Given:
    """Sets, years and data of one plan, by position and plan year."""

    def __init__(self, economy: Economy, spec: PlanSpec) -> None:
        self.e, self.spec = economy, spec
        self.T = spec.horizon.years
        self.lam = spec.technology.input_lag
        self.rule = spec.terminal.rule
        self.n_post = spec.terminal.years if self.rule == "output_floor" else 0
        self.H = self.T + self.n_post
        self.B = 1 - self.lam
        self.Z = self.T if self.n_post == 0 else self.H - 1
        self.g = spec.terminal.growth
        self.balance_years = range(self.B, self.Z + 1)
        self.trade_years = range(1, self.Z + 1)
        self.output_years = range(1, self.H + 1)
        self.stock_years = range(1, max(self.T + 1, self.H) + 1)
        self.labour_years = range(self.B, max(self.Z, self.H - self.lam) + 1)
        self.plan_years = range(1, self.T + 1)
        self.products = range(economy.size("product"))
        self.activities = range(economy.size("activity"))
        self.assets = range(economy.size("asset"))
        self.skills = range(economy.size("skill"))
        self.households = range(economy.size("household"))
        self.needs = range(economy.size("need"))
        self.partners = range(economy.size("partner"))
        self.resources = range(economy.size("resource"))
        self.region_codes = list(economy.codes("region")) or ["all"]
        self.regions = range(len(self.region_codes))

    # figures ---------------------------------------------------------------------------------------

    def calendar(self, t: int) -> int:
        """Return the calendar year whose data hold in plan year t."""
        return self.e.base_year + min(t, self.T)

    def by_year(self, name: str) -> bool:
        """Tell whether a field carries a year axis."""
        return name in self.e.data and "year" in self.e.data[name].dims

    def at(self, name: str, t: int) -> np.ndarray:
        """Return a field in plan year t."""
        return self.scaled(name, self.e.values(name, self.calendar(t)), t)

    def base(self, name: str, default: float = 0.0) -> np.ndarray:
        """Return a field of the base year, or the default where the accounts lack it."""
        return self.scaled(name, self.e.value_or(name, default, self.e.base_year), 0)

    def scaled(self, name: str, figures: np.ndarray, t: int) -> np.ndarray:
        """Return the figures of plan year t after the entries of `scale`; losses of stocks by year are not in them."""
        out = np.array(figures, dtype=float)
        for entry in self.spec.scale:
            loss = name == "capital_stock" and entry.years is not None
            if entry.datum == name and not loss and (entry.years is None or self.calendar(t) in entry.years):
                for cell in self._cells(entry):
                    out[cell] = (
                        out[cell] * entry.times
                        if entry.times is not None
                        else out[cell] + entry.plus
                        if entry.plus is not None
                        else entry.to
                    )
        return out

    def _cells(self, entry: Scaling) -> list[tuple[int, ...]]:
        dims = BY_NAME[entry.datum].dims
        return list(product(*(self.picked(dim, getattr(entry, dim)) for dim in dims)))

    def survives(self, a: int, j: int, t: int) -> float:
        """σ: the share of a stock that is not lost at the start of year t."""
        out = 1.0
        for entry in self.spec.scale:
            if entry.datum == "capital_stock" and entry.years is not None and self.e.base_year + t in entry.years:
                assert entry.times is not None
                out *= entry.times if (a, j) in self._cells(entry) else 1.0
        return out

    def path(self, figure: Path_ | None, t: int) -> float | None:
        """Return the figure of a path in plan year t, None where it does not name the year."""
        t = min(t, self.T)
        if figure is None:
            return None
        if isinstance(figure, dict):
            return figure.get(self.e.base_year + t)
        if isinstance(figure, Growing):
            return figure.start * (1 + figure.growth) ** t
        if isinstance(figure, Ramp):
            return figure.begin + (figure.end - figure.begin) * t / self.T
        return float(figure)

    def grown(self, rate: float, t: int) -> float:
        """Return (1 + rate)^t, no longer growing after the plan."""
        return (1 + rate) ** min(t, self.T)

    def picked(self, dim: str, codes: Sequence[str]) -> list[int]:
        """Return the positions of the codes named, all of the set for `all`."""
        own = self.region_codes if dim == "region" else list(self.e.codes(dim))
        if list(codes) == ["all"]:
            return list(range(len(own)))
        return [own.index(c) for c in codes]

    # data with a rule of their own -----------------------------------------------------------------

    @cached_property
    def kappa(self) -> dict[int, np.ndarray] | None:
        """κ by plan year 1..T, None without capital."""
        if self.e.has("capital_coefficient"):
            return {t: self.at("capital_coefficient", t) for t in self.plan_years}
        if not self.e.has("capital_stock", "output"):
            return None
        x0, stock = self.e.values("output"), self.e.values("capital_stock")
        used = self.e.value_or("utilisation", 1.0)
        derived = np.zeros_like(stock)
        for a in self.assets:
            for j in self.activities:
                if x0[j] > 0:
                    derived[a, j] = stock[a, j] * used[j] / x0[j]
        return {t: self.scaled("capital_coefficient", derived, t) for t in self.plan_years}

    def kappa_at(self, t: int) -> np.ndarray:
        """κ of plan year t >= 1."""
        assert self.kappa is not None
        return self.kappa[min(t, self.T)]

    @cached_property
    def stock0(self) -> np.ndarray:
        """K0."""
        return self.base("capital_stock") if self.assets else np.zeros((0, len(self.activities)))

    @cached_property
    def invested0(self) -> np.ndarray:
        """n0."""
        return self.base("investment") if self.assets else np.zeros((0, len(self.activities)))

    def building(self, a: int, j: int, t: int) -> float:
        """n̄: what is already being built and put in place in t."""
        if not self.e.has("under_construction"):
            figures = self.e.value_or("investment", 0.0)
        elif self.by_year("under_construction"):
            figures = self.e.values("under_construction", self.e.base_year + t)
        else:
            figures = self.e.values("under_construction")
        return float(self.scaled("under_construction", figures, t)[a, j])

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """(a, j) with any of κ, K0, n0, n̄ positive."""
        known = np.zeros((len(self.assets), len(self.activities)), dtype=bool)
        if self.kappa is not None:
            for kappa in self.kappa.values():
                known |= kappa > 0
        if self.assets:
            known |= (self.e.value_or("capital_stock", 0.0) > 0) | (self.e.value_or("investment", 0.0) > 0)
            if self.e.has("capital_coefficient"):
                array = np.asarray(self.e.data["capital_coefficient"].values)
                known |= (array > 0).any(axis=-1) if self.by_year("capital_coefficient") else array > 0
        known |= self.stock0 > 0
        known |= self.invested0 > 0
        if self.assets and self.e.has("under_construction"):
            array = np.asarray(self.e.data["under_construction"].values)
            known |= (array > 0).any(axis=-1) if self.by_year("under_construction") else array > 0
        return [(a, j) for a in self.assets for j in self.activities if known[a, j]]

    @cached_property
    def shares(self) -> dict[int, list[float]]:
        """φ by asset."""
        codes = self.e.codes("asset")
        return {a: self.spec.technology.gestation.get(codes[a], [1.0]) for a in self.assets}

    def lead(self, a: int) -> int:
        """Largest τ with φ_τa > 0."""
        return max(tau for tau, share in enumerate(self.shares[a]) if share > 0)

    def is_building(self, a: int, t: int) -> bool:
        """Tell whether what is put in place in t was begun before the first balance year."""
        return self.B <= t < self.B + self.lead(a)

    def committed(self, t: int) -> np.ndarray:
        """f_t."""
        if not self.e.has("committed_demand"):
            return np.zeros(len(self.products))
        if self.by_year("committed_demand"):
            held = [int(y) for y in self.e.data["committed_demand"]["year"].values]
            if t == 0 and self.e.base_year not in held:
                return np.zeros(len(self.products))
            return self.at("committed_demand", t)
        if t == 0:
            return np.zeros(len(self.products))
        figures = self.e.values("committed_demand") * self.grown(self.spec.committed_demand.growth, t)
        return self.scaled("committed_demand", figures, t)

    def labour_need(self, t_output: int) -> np.ndarray:
        """ℓ of the year of the output."""
        if not self.e.has("labour_coefficient"):
            return np.zeros((len(self.skills), len(self.activities)))
        if self.by_year("labour_coefficient"):
            return self.at("labour_coefficient", t_output)
        falling = self.grown(self.spec.technology.labour_productivity_growth, t_output)
        return self.scaled("labour_coefficient", self.e.values("labour_coefficient") / falling, t_output)

    def building_labour(self, t: int) -> np.ndarray:
        """ℓᵏ_t."""
        if not self.assets or not self.skills:
            return np.zeros((len(self.skills), len(self.assets)))
        falling = self.grown(self.spec.technology.labour_productivity_growth, t)
        return self.scaled("building_labour", self.e.value_or("building_labour", 0.0) / falling, t)

    def labour_supply(self, t: int) -> np.ndarray:
        """L_t."""
        if self.by_year("labour_supply"):
            return self.at("labour_supply", t)
        growing = self.grown(self.spec.labour.supply_growth, t)
        return self.scaled("labour_supply", self.e.values("labour_supply") * growing, t)

    def heads(self, h: int, t: int) -> float:
        """N_t / N_0 of a household group."""
        if self.by_year("population"):
            return float(self.at("population", t)[h] / self.at("population", 0)[h])
        if not self.e.has("population"):
            return self.grown(self.spec.population.growth, t)
        people = [self.e.values("population") * self.grown(self.spec.population.growth, year) for year in (t, 0)]
        return float(self.scaled("population", people[0], t)[h] / self.scaled("population", people[1], 0)[h])

    @cached_property
    def eaten0(self) -> np.ndarray:
        """y0 (h × g)."""
        if not self.households or not self.needs:
            return np.zeros((len(self.households), len(self.needs)))
        return self.base("consumption")

    @cached_property
    def s0(self) -> np.ndarray:
        """Opening product stocks."""
        return self.base("opening_stock")

    @cached_property
    def kept(self) -> np.ndarray:
        """1 − θ."""
        return 1.0 - self.base("storage_loss")

    @cached_property
    def storable(self) -> list[bool]:
        """Products with a stock variable."""
        return [bool(v) for v in self.scaled("storable", np.asarray(self.e.storable_products, dtype=float), 0)]

    @cached_property
    def trading(self) -> bool:
        """Whether there is any trade."""
        return self.spec.trade.enabled and len(self.partners) > 0

    def flow0(self, flow: str) -> np.ndarray:
        """m0 or e0 (i × p)."""
        if not self.partners:
            return np.zeros((len(self.products), 0))
        return self.base(flow)

    @cached_property
    def flows(self) -> dict[str, list[tuple[int, int]]]:
        """(i, p) that have a variable, by flow."""
        out: dict[str, list[tuple[int, int]]] = {"imports": [], "exports": []}
        if self.trading:
            for flow, into in out.items():
                base = self.flow0(flow)
                for i in self.products:
                    for p in self.partners:
                        if base[i, p] > 0 or self.spec.trade.new_trade:
                            into.append((i, p))
        return out

    @cached_property
    def exchanging(self) -> bool:
        """Whether foreign exchange is held (trade that is switched off needs none)."""
        return self.spec.trade.exchange and self.trading

    def import_price(self, t: int) -> np.ndarray:
        """π_t."""
        if self.e.has("import_price"):
            return self.at("import_price", t)
        return self.scaled("import_price", np.ones(len(self.products)), t)

    def export_price(self, t: int) -> np.ndarray:
        """πᵉ_t."""
        if self.e.has("export_price"):
            return self.at("export_price", t)
        if self.e.has("import_price"):
            return self.scaled("export_price", self.e.values("import_price", self.calendar(t)), t)
        return self.scaled("export_price", np.ones(len(self.products)), t)

    def by_region(self, name: str, t: int) -> np.ndarray:
        """A field by region, zero where the accounts lack it."""
        return self.at(name, t) if self.e.has(name) else np.zeros(len(self.regions))

    @cached_property
    def region_of(self) -> list[int]:
        """Region of each product."""
        if len(self.region_codes) == 1:
            return [0 for _ in self.products]
        return [self.region_codes.index(r) for r in self.e.sets["product"].regions]
