"""PlanData: accounts and plan file resolved to one number for every label and year.

No constraint is written here; this is where rates become paths, `all` becomes every label, and a figure
relative to the base becomes a figure. NaN stands for "no limit". Both the model and `verify` read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.planning.calendar import Calendar
from lustrum.planning.limits import Limits, resolve_limits
from lustrum.planning.scale import Rescaling, resolve_scale
from lustrum.planning.spec import PlanSpec
from lustrum.planning.tasks import ResolvedTask, resolve_tasks

#: What to do instead of scaling a field that a plan does not read.
_MENDS = {
    "utilisation": "scale capital_coefficient: that is where the accounts use it",
    "population": "only its growth counts: name years",
}


@dataclass(frozen=True, eq=False)
class PlanData:
    """Everything the constraints need, by year.

    Axes are those of docs/model.md: i product, j activity, a asset, s skill, h household, g need, p partner,
    r region, q resource, in the order of the accounts. Methods with an argument `t` take years counted from
    the base year; in post-plan years every datum and limit holds its value of year T.
    """

    economy: Economy
    spec: PlanSpec
    calendar: Calendar = field(init=False)
    scaling: dict[str, list[Rescaling]] = field(init=False, repr=False)
    _kept: dict[tuple[object, ...], np.ndarray] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calendar", Calendar.of(self.spec, self.economy.base_year))
        object.__setattr__(self, "scaling", resolve_scale(self.economy, self.calendar, self.spec.scale))
        for asset in self.spec.technology.gestation:
            if asset not in self.economy.codes("asset"):
                raise SpecError(
                    f"unknown asset {asset!r}",
                    where="technology.gestation",
                    expected=", ".join(self.economy.codes("asset")) or "no assets in these accounts",
                    mend="use a code of assets.csv",
                )
        unread = [entry for name, some in self.scaling.items() if not self._reads(name) for entry in some]
        if unread:
            first = min(unread, key=lambda entry: int(entry.where.removeprefix("scale[").removesuffix("]")))
            raise SpecError(
                f"scaling {first.field.name} has no effect: this plan does not read it",
                where=f"{first.where}.datum",
                found=first.field.name,
                mend=_MENDS.get(first.field.name, "remove the entry, or switch on what reads the figure"),
            )

    def _reads(self, name: str) -> bool:
        """Whether the figures of a field have any effect on this plan."""
        spec, kinds = self.spec, {"living_standard", "assortment"}
        costs = [*spec.objective.costs, *(term for task in spec.tasks for term in task.terms)]
        counted = {term.of for term in costs}
        leads = any(shares.size > 1 for shares in self.gestation)
        bands = spec.adjustment
        based = {limit.flow for limit in spec.trade.limits if limit.basis == "base"}
        appears = any(entry.entry.times in (None, 0) for entry in self.scaling.get(name, ()))  # or disappears
        labour = self.labour_limited or "labour" in counted or spec.objective.kind == "employment"
        people = any(floor.basis == "base" for floor in spec.living_standard.floors) or spec.living_standard.no_fall
        people |= spec.objective.people_first or spec.objective.kind in kinds
        share_band = spec.trade.import_share_band is not None and self.has_trade
        reads = {
            "output": bands.output.down is not None
            or bands.output.up is not None
            or share_band
            or spec.objective.tie_break
            or any(floor.basis == "base" for floor in spec.terminal.output_floors),
            "capital_coefficient": self.has_assets and spec.capacity.enforce,
            "asset_composition": self.has_assets,
            "depreciation": self.has_assets,
            "investment": self.has_assets
            and (
                leads
                or bands.investment.down is not None
                or bands.investment.up is not None
                or any(cap.basis == "base" for cap in spec.investment.ceilings)
            ),
            "capital_stock": self.has_assets,
            "utilisation": False,
            "under_construction": self.has_assets and leads,
            "labour_coefficient": labour,
            "building_labour": labour and self.has_assets,
            "labour_supply": self.labour_limited,
            "need_composition": self.has_needs,
            "consumption": self.has_needs and people,
            "population": self.has_needs
            and people
            and any(s.years is not None or s.entry.times is None for s in self.scaling.get("population", ())),
            "imports": self.has_trade and (share_band or appears or "imports" in based),
            "exports": self.has_trade
            and (share_band or appears or "exports" in based or spec.trade.export_band is not None),
            "import_price": self.exchange_enforced,
            "export_price": self.exchange_enforced,
            "opening_stock": bool(self.storable.any()),
            "storage_loss": bool(self.storable.any()),
            "re_export": self.has_trade,
            "opening_debt": self.exchange_enforced,
            "transfers": self.exchange_enforced,
            "resource_coefficient": self.economy.has("resource_budget")
            or bool(spec.resources)
            or "resource" in counted,
            "resource_budget": self.has_resources,
        }
        return reads.get(name, True)

    def _scaled(self, name: str, figures: np.ndarray, t: int | None = None, key: object = None) -> np.ndarray:
        """Figures of a field with the `scale` entries of year t (None: of the whole plan), the same array every time.

        `key` tells figures of the same field apart: the year where they differ by year.
        """
        year = None if t is None else min(t, self.calendar.plan)
        entries = [s for s in self.scaling.get(name, ()) if s.applies(year)]
        if not entries:
            return figures
        kept = (name, key, *(s.where for s in entries))
        if kept not in self._kept:
            for entry in entries:
                figures = entry.apply(figures)
            self._kept[kept] = figures
        return self._kept[kept]

    def _base(self, name: str) -> np.ndarray:
        """Figures of a field without years, scaled; zeros where the accounts have none."""
        return self._scaled(name, self.economy.value_or(name, 0.0))

    def _year(self, t: int) -> int:
        return self.calendar.year(min(t, self.calendar.plan))

    def _growth(self, t: int, rate: float) -> float:
        return float((1 + rate) ** min(t, self.calendar.plan))

    def _yearly(self, name: str, t: int, rate: float = 0.0) -> np.ndarray:
        """Value in year t: by year where the accounts give years, else grown at `rate` from the base."""
        if "year" in self.economy.data[name].dims:
            return self._scaled(name, self.economy.values(name, self._year(t)), t, self._year(t))
        values = self.economy.values(name)
        if rate == 0.0:
            return self._scaled(name, values, t)
        return self._scaled(name, values * self._growth(t, rate), t, self._year(t))

    # --- products -----------------------------------------------------------------------------

    def supply(self, t: int) -> np.ndarray:
        """S (i, j)."""
        return self._yearly("supply", t)

    def use(self, t: int) -> np.ndarray:
        """U (i, j); dated by the year of the output it serves."""
        return self._yearly("use", t)

    @cached_property
    def base_output(self) -> np.ndarray:
        """x0 (j); zeros where the accounts have none."""
        return self._base("output")

    @cached_property
    def has_base_output(self) -> bool:
        """Whether the accounts state base output (bands on output need it for year 1)."""
        return self.economy.has("output")

    def committed(self, t: int) -> np.ndarray:
        """f (i). In a decision year 0: only what the accounts give for that year."""
        if not self.economy.has("committed_demand"):
            return np.zeros(self.economy.size("product"))
        array = self.economy.data["committed_demand"]
        if t == 0 and ("year" not in array.dims or self.calendar.base not in list(array["year"].values)):
            return np.zeros(self.economy.size("product"))
        return self._yearly("committed_demand", t, self.spec.committed_demand.growth)

    @cached_property
    def storable(self) -> np.ndarray:
        """Boolean mask (i)."""
        return self._scaled("storable", self.economy.storable_products).astype(bool)

    @cached_property
    def opening_stock(self) -> np.ndarray:
        """s0 (i), zero where not storable."""
        return np.where(self.storable, self._base("opening_stock"), 0.0)

    @cached_property
    def storage_loss(self) -> np.ndarray:
        """θ (i)."""
        return self._base("storage_loss")

    # --- assets -------------------------------------------------------------------------------

    @cached_property
    def has_assets(self) -> bool:
        """Whether there is anything to build or to be limited by."""
        return self.economy.size("asset") > 0 and bool(self.pairs.any())

    @cached_property
    def pairs(self) -> np.ndarray:
        """Boolean (a, j): which activity holds which asset."""
        e = self.economy
        shape = (e.size("asset"), e.size("activity"))
        mask = np.zeros(shape, dtype=bool)
        for name in ("capital_coefficient", "capital_stock", "investment", "under_construction"):
            if e.has(name):
                values = np.asarray(e.data[name].values)
                mask |= (values > 0).any(axis=-1) if values.ndim == 3 else values > 0
        if "capital_coefficient" in self.scaling:
            mask |= np.stack([self.capital_coefficient(t) > 0 for t in self.calendar.plan_years]).any(axis=0)
        return mask | (self.capital_stock > 0) | (self.base_investment > 0)

    def capital_coefficient(self, t: int) -> np.ndarray:
        """κ (a, j); zeros where the accounts have no capital or capacity is not enforced."""
        e = self.economy
        if not self.spec.capacity.enforce or e.size("asset") == 0:
            return np.zeros((e.size("asset"), e.size("activity")))
        yearly = e.has("capital_coefficient") and "year" in e.data["capital_coefficient"].dims
        kappa = e.capacity_coefficients(self._year(t) if yearly else None)
        if kappa is None:
            kappa = np.zeros((e.size("asset"), e.size("activity")))
        return self._scaled("capital_coefficient", kappa, t, self._year(t) if yearly else None)

    @cached_property
    def asset_composition(self) -> np.ndarray:
        """P (i, a)."""
        return self._base("asset_composition")

    @cached_property
    def depreciation(self) -> np.ndarray:
        """δ (a, j)."""
        return self._base("depreciation")

    @cached_property
    def base_investment(self) -> np.ndarray:
        """n0 (a, j)."""
        return self._base("investment")

    @cached_property
    def capital_stock(self) -> np.ndarray:
        """K0 (a, j)."""
        return self._base("capital_stock")

    def surviving(self, t: int) -> np.ndarray:
        """σ_t (a, j): the share of the stock at the start of year t that is not lost then."""
        out = np.ones(self.pairs.shape)
        for loss in self.scaling.get("capital_stock", ()):
            if loss.years is not None and t in loss.years:
                out = loss.apply(out)
        return out

    @cached_property
    def gestation(self) -> list[np.ndarray]:
        """φ of each asset: share of the building work done τ = 0, 1, 2 … years before it is put in place."""
        given = self.spec.technology.gestation
        out = []
        for a in self.economy.codes("asset"):
            shares = np.asarray(given.get(a, [1.0]), dtype=float)
            out.append(shares[: np.flatnonzero(shares)[-1] + 1])
        return out

    def build_lead(self, a: int) -> int:
        """Return the longest τ at which asset a is worked on."""
        return len(self.gestation[a]) - 1

    def investment_years(self, a: int) -> range:
        """Years in which asset a may be put in place."""
        return range(self.calendar.first_balance, self.calendar.last_balance + self.build_lead(a) + 1)

    def is_under_construction(self, a: int, t: int) -> bool:
        """Whether an asset put in place in t had building work due before the first balance year."""
        return t < self.calendar.first_balance + self.build_lead(a)

    def under_construction(self, t: int) -> np.ndarray:
        """n̄ (a, j) put in place in t where that is data."""
        e = self.economy
        if not e.has("under_construction"):
            return self._scaled("under_construction", e.value_or("investment", 0.0), t)
        dated = "year" in e.data["under_construction"].dims
        year = self.calendar.year(t) if dated else None
        return self._scaled("under_construction", e.values("under_construction", year), t, year)

    # --- labour and people --------------------------------------------------------------------

    @cached_property
    def has_labour(self) -> bool:
        """Whether labour is counted at all."""
        return self.economy.has("labour_coefficient")

    @cached_property
    def labour_limited(self) -> bool:
        """Whether labour is held to its supply."""
        return self.has_labour and self.economy.has("labour_supply") and self.spec.labour.enforce

    def labour_coefficient(self, t: int) -> np.ndarray:
        """ℓ (s, j); dated by the year of the output it serves."""
        rate = 1 / (1 + self.spec.technology.labour_productivity_growth) - 1
        return self._yearly("labour_coefficient", t, rate)

    def building_labour(self, t: int) -> np.ndarray:
        """ℓᵏ (s, a) in the year the work is done."""
        rate = 1 / (1 + self.spec.technology.labour_productivity_growth) - 1
        grown = self.economy.value_or("building_labour", 0.0) * self._growth(t, rate)
        return self._scaled("building_labour", grown, t, self._year(t))

    def labour_supply(self, t: int) -> np.ndarray:
        """L (s)."""
        return self._yearly("labour_supply", t, self.spec.labour.supply_growth)

    def labour_scale(self, t: int) -> np.ndarray:
        """Factor (s) on the labour supply of year t where the plan file only multiplies it; 1 where it does not."""
        out = np.ones(self.economy.size("skill"))
        for entry in self.scaling.get("labour_supply", ()):
            if entry.applies(min(t, self.calendar.plan)):
                out = entry.apply(out)
        return out

    @cached_property
    def has_needs(self) -> bool:
        """Whether households consume by need."""
        return self.economy.has("need_composition") and self.economy.size("household") > 0

    @cached_property
    def consumes(self) -> np.ndarray:
        """Which household has any use for which need (h, g); zero is as good as any consumption of the others.

        Those of the base year, or all where the plan file asks for more than the base year tells. In a world of many
        countries most pairs are of two different ones.
        """
        spec = self.spec
        terms = [*spec.objective.costs, *(term for task in spec.tasks for term in task.terms)]
        asked = (
            spec.objective.kind == "assortment"
            or any(floor.basis != "base" for floor in spec.living_standard.floors)
            or any(term.of == "consumption" for term in terms)
        )
        return np.asarray(self.has_needs & ((self.base_consumption > 0) | asked))

    def need_composition(self, t: int) -> np.ndarray:
        """b (i, g)."""
        return self._yearly("need_composition", t)

    @cached_property
    def base_consumption(self) -> np.ndarray:
        """y0 (h, g)."""
        return self._base("consumption")

    def population_ratio(self, t: int) -> np.ndarray:
        """N_t / N_0 (h)."""
        if not self.economy.has("population"):
            return np.full(self.economy.size("household"), self._growth(t, self.spec.population.growth))
        now = self._yearly("population", t, self.spec.population.growth)
        return np.asarray(now / self._yearly("population", 0, self.spec.population.growth))

    # --- trade --------------------------------------------------------------------------------

    @cached_property
    def has_trade(self) -> bool:
        """Whether there are partners to trade with."""
        return self.spec.trade.enabled and self.economy.size("partner") > 0

    @cached_property
    def base_imports(self) -> np.ndarray:
        """m0 (i, p)."""
        return self._base("imports")

    @cached_property
    def base_exports(self) -> np.ndarray:
        """e0 (i, p)."""
        return self._base("exports")

    @cached_property
    def importable(self) -> np.ndarray:
        """Boolean (i, p): imports allowed."""
        return (self.base_imports > 0) | self.spec.trade.new_trade

    @cached_property
    def exportable(self) -> np.ndarray:
        """Boolean (i, p): exports allowed."""
        return (self.base_exports > 0) | self.spec.trade.new_trade

    @cached_property
    def re_export(self) -> np.ndarray:
        """Boolean (i): exports may exceed own output and opening stock."""
        return self._base("re_export").astype(bool)

    def import_price(self, t: int) -> np.ndarray:
        """π (i)."""
        if self.economy.has("import_price"):
            return self._yearly("import_price", t)
        return self._scaled("import_price", np.ones(self.economy.size("product")), t)

    def export_price(self, t: int) -> np.ndarray:
        """πᵉ (i)."""
        e = self.economy
        if e.has("export_price"):
            return self._yearly("export_price", t)
        same = e.values("import_price", self._year(t)) if e.has("import_price") else np.ones(e.size("product"))
        return self._scaled("export_price", same, t, self._year(t))

    @cached_property
    def regions(self) -> list[str]:
        """Labels of the foreign-exchange balances: the regions, or one called `all`."""
        return list(self.economy.codes("region")) or ["all"]

    @cached_property
    def exchange_enforced(self) -> bool:
        """Whether constraint 5 holds."""
        return self.has_trade and self.spec.trade.exchange

    def transfers(self, t: int) -> np.ndarray:
        """Foreign exchange from elsewhere than exports (r)."""
        if not self.economy.has("transfers"):
            return np.zeros(len(self.regions))
        return self._yearly("transfers", t)

    @cached_property
    def opening_debt(self) -> np.ndarray:
        """D0 (r)."""
        return self._base("opening_debt") if self.economy.has("opening_debt") else np.zeros(len(self.regions))

    # --- resources ----------------------------------------------------------------------------

    @cached_property
    def has_resources(self) -> bool:
        """Whether resource use is counted."""
        return self.economy.has("resource_coefficient")

    def resource_coefficient(self, t: int) -> np.ndarray:
        """ρ (q, j)."""
        return self._yearly("resource_coefficient", t)

    # --- limits, tasks ------------------------------------------------------------------------

    @cached_property
    def limits(self) -> Limits:
        """Floors, ceilings and budgets as figures by label and year."""
        return resolve_limits(self)

    @cached_property
    def tasks(self) -> list[ResolvedTask]:
        """Tasks as sums of terms on positions and years."""
        return resolve_tasks(self)
