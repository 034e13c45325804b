"""Do the accounts reach as far as the plan: years of every field it reads, people, and sizes that can be divided by.

Asked before limits are resolved, so that a plan longer than its accounts is told so in one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lustrum.errors import TableError
from lustrum.planning.spec_shape import LARGEST

if TYPE_CHECKING:
    from lustrum.planning.data import PlanData


def require_coverage(d: PlanData) -> None:
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


def _needed(d: PlanData) -> list[tuple[str, int, int]]:
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


def _years(d: PlanData, name: str, first: int, last: int) -> None:
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


def _population(d: PlanData) -> None:
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


def _capital(d: PlanData) -> None:
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
