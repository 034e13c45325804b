"""PlanData: accounts and plan file resolved, with limits and tasks as figures; both the model and `verify` read it.

Asked before limits are resolved: do the accounts reach as far as the plan, and does the plan read what it scales? So a
plan longer than its accounts is told so in one sentence, and no entry of `scale` is without effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lustrum.errors import SpecError, TableError
from lustrum.planning.figures import Figures
from lustrum.planning.limits import Limits, resolve_limits
from lustrum.planning.plan_file import LARGEST
from lustrum.planning.tasks import ResolvedTask, resolve_tasks

#: What to do instead of scaling a field that a plan does not read.
_MENDS = {
    "utilisation": "scale capital_coefficient: that is where the accounts use it",
    "population": "only its growth counts: name years",
}


@dataclass(frozen=True, eq=False)
class PlanData(Figures):
    """Everything the constraints need, by year."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for entry in sorted((e for some in self.scaling.values() for e in some), key=lambda e: e.place):
            name = entry.field.name
            if not _reads(self, name):
                raise SpecError(
                    f"scaling {name} has no effect: this plan does not read it",
                    where=f"{entry.where}.datum",
                    found=name,
                    mend=_MENDS.get(name, "remove the entry, or switch on what reads the figure"),
                )

    @cached_property
    def limits(self) -> Limits:
        """Floors, ceilings and budgets as figures by label and year.

        Raises
        ------
        SpecError
            For unknown labels or years, limits on what the plan does not have, and negative ceilings.
        TableError
            If the accounts do not reach as far as the plan.
        """
        require_coverage(self)
        return resolve_limits(self)

    @cached_property
    def tasks(self) -> list[ResolvedTask]:
        """Tasks as sums of terms on positions and years."""
        return resolve_tasks(self)


def _reads(d: Figures, name: str) -> bool:
    """Whether the figures of a field have any effect on this plan."""
    spec, kinds = d.spec, {"living_standard", "assortment"}
    costs = [*spec.objective.costs, *(term for task in spec.tasks for term in task.terms)]
    counted = {term.of for term in costs}
    leads = any(shares.size > 1 for shares in d.gestation)
    bands = spec.adjustment
    based = {limit.flow for limit in spec.trade.limits if limit.basis == "base"}
    appears = any(entry.entry.times in (None, 0) for entry in d.scaling.get(name, ()))  # or disappears
    labour = d.labour_limited or "labour" in counted or spec.objective.kind == "employment"
    people = any(floor.basis == "base" for floor in spec.living_standard.floors) or spec.living_standard.no_fall
    people |= spec.objective.people_first or spec.objective.kind in kinds
    share_band = spec.trade.import_share_band is not None and d.has_trade
    reads = {
        "output": bands.output.down is not None
        or bands.output.up is not None
        or share_band
        or spec.objective.tie_break
        or any(ceiling.basis == "base" for ceiling in spec.output.ceilings)
        or any(floor.basis == "base" for floor in spec.terminal.output_floors),
        "capital_coefficient": d.has_assets and spec.capacity.enforce,
        "asset_composition": d.has_assets,
        "depreciation": d.has_assets,
        "investment": d.has_assets
        and (
            leads
            or bands.investment.down is not None
            or bands.investment.up is not None
            or any(cap.basis == "base" for cap in spec.investment.ceilings)
        ),
        "capital_stock": d.has_assets,
        "utilisation": False,
        "under_construction": d.has_assets and leads,
        "labour_coefficient": labour,
        "building_labour": labour and d.has_assets,
        "labour_supply": d.labour_limited,
        "need_composition": d.has_needs,
        "consumption": d.has_needs and people,
        "population": d.has_needs
        and people
        and any(s.years is not None or s.entry.times is None for s in d.scaling.get("population", ())),
        "imports": d.has_trade and (share_band or appears or "imports" in based),
        "exports": d.has_trade and (share_band or appears or "exports" in based or spec.trade.export_band is not None),
        "import_price": d.exchange_enforced,
        "export_price": d.exchange_enforced,
        "opening_stock": bool(d.storable.any()),
        "storage_loss": bool(d.storable.any()),
        "re_export": d.has_trade,
        "opening_debt": d.exchange_enforced,
        "transfers": d.exchange_enforced,
        "resource_coefficient": d.economy.has("resource_budget") or bool(spec.resources) or "resource" in counted,
        "resource_budget": d.has_resources,
    }
    return reads.get(name, True)


def require_coverage(d: Figures) -> None:
    """Require figures for every year the plan reads, positive population, and finite capital needs.

    Raises
    ------
    TableError
        Naming the table, the years it has and the years the plan needs.
    """
    for name, first, last in _needed(d):
        _years(d, name, first, last)
    _population(d)
    _capital(d)


def _needed(d: Figures) -> list[tuple[str, int, int]]:
    """Fields with years that the plan reads: name, first and last year it needs (t, 0 is the base year)."""
    cal, e = d.calendar, d.economy
    whole = ["supply", "use", "need_composition", "resource_coefficient", "resource_budget", "labour_coefficient"]
    if d.spec.capacity.enforce:
        whole.append("capital_coefficient")
    if d.exchange_enforced:
        whole += ["import_price", "export_price", "transfers"]
    out = [(name, 1, cal.plan) for name in whole]
    out.append(("population", 0, cal.plan))
    out.append(("committed_demand", 1, cal.plan))
    if d.labour_limited:
        out.append(("labour_supply", cal.first_balance, cal.plan))
    if d.has_trade and d.spec.trade.import_share_band is not None:
        out.append(("supply", 0, cal.plan))  # the base-year share of imports in use
    lead = max((d.build_lead(a) for a in range(e.size("asset"))), default=0)
    if lead:
        out.append(("under_construction", cal.first_balance, cal.first_balance + lead - 1))
    return [row for row in out if e.has(row[0]) and "year" in e.data[row[0]].dims]


def _years(d: Figures, name: str, first: int, last: int) -> None:
    years = [int(y) for y in d.economy.data[name]["year"].values]
    needed = [d.calendar.year(t) for t in range(first, last + 1)]
    missing = [y for y in needed if y not in years]
    if not missing:
        return
    reach = next((y for y in needed if y not in years), needed[-1]) - d.calendar.base - 1
    mend = f"add figures for {missing[0]}" + (f"..{missing[-1]}" if len(missing) > 1 else "")
    if missing[0] > years[-1] and reach >= 1 and last == d.calendar.plan:
        mend += f", or plan for {reach} years (horizon.years)"
    raise TableError(
        f"{name} has no figures for {missing[0]}, which the plan needs",
        where=f"{name}.csv: year",
        found=f"years {years[0]}..{years[-1]}",
        expected=f"every year of {needed[0]}..{needed[-1]}",
        mend=mend + ", or drop the years so that it holds always",
    )


def _population(d: Figures) -> None:
    e = d.economy
    if not e.has("population"):
        return
    array = e.data["population"]
    values = np.asarray(array.values)
    if (values <= 0).any():
        at = np.argwhere(values <= 0)[0]
        place = ", ".join(str(array[dim].values[k]) for dim, k in zip(array.dims, at, strict=True))
        raise TableError(
            "population must be above zero",
            where=f"population.csv: {place}",
            found=values[tuple(at)],
            expected="a number above 0",
            mend="correct it, or remove the household group",
        )
    if values.max() > LARGEST * values.min():
        raise TableError(
            "population changes beyond measure",
            where="population.csv",
            found=f"{values.min():g} to {values.max():g}",
            mend="use one unit throughout",
        )


def _capital(d: Figures) -> None:
    """κ derived from stocks and base output must be a number."""
    e = d.economy
    if e.has("capital_coefficient") or not e.has("capital_stock", "output") or not d.spec.capacity.enforce:
        return
    output = e.values("output")
    used = np.abs(e.values("capital_stock") * e.value_or("utilisation", 1.0)).max(axis=0, initial=0.0)
    wrong = (output > 0) & (used > LARGEST * output)
    if wrong.any():
        j = int(np.flatnonzero(wrong)[0])
        raise TableError(
            "base output is too small beside the capital stock",
            where=f"output.csv: {e.codes('activity')[j]}",
            found=f"{output[j]:g} beside {used[j]:g}",
            mend="correct one of them",
        )
