"""Tasks and costs as sums of terms on positions and years (constraint 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lustrum.errors import SpecError
from lustrum.planning.select import positions
from lustrum.planning.spec import Elastic, Task, Term

if TYPE_CHECKING:
    from lustrum.planning.data import PlanData

#: Dimensions of each quantity a term can name, in the axis order of the plan's variables.
QUANTITY_DIMS: dict[str, tuple[str, ...]] = {
    "output": ("activity",), "production": ("product",), "imports": ("product", "partner"),
    "exports": ("product", "partner"), "stock": ("product",), "investment": ("asset", "activity"),
    "capital": ("asset", "activity"), "consumption": ("household", "need"), "debt": ("region",),
    "labour": ("skill",), "resource": ("resource",),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ResolvedTerm:
    """factor × Σ of a quantity over `where` (one index array a dimension, crossed) in year t."""

    of: str
    where: tuple[np.ndarray, ...]
    t: int
    factor: float


@dataclass(frozen=True, eq=False)
class ResolvedTask:
    """One linear statement: lower <= Σ terms <= upper.

    `year` is the calendar year it belongs to; the last one for a task over the sum of years.
    `target` is what a shortfall is counted against (1 where the target is zero).
    """

    name: str
    year: int
    terms: tuple[ResolvedTerm, ...]
    lower: float
    upper: float
    elastic: Elastic | None
    target: float


def resolve_term(d: PlanData, term: Term, t: int, where: str) -> ResolvedTerm | None:
    """Resolve one term in year t; None where its factor is not set for that year."""
    dims = QUANTITY_DIMS[term.of]
    for dim in ("activity", "product", "partner", "asset", "household", "need", "region", "skill", "resource"):
        if dim not in dims and getattr(term, dim) != ["all"]:
            raise SpecError(f"{term.of} has no {dim}", where=where, found=f"{dim}: {getattr(term, dim)}",
                            expected=f"labels of {', '.join(dims)}", mend=f"remove {dim}")  # fmt: skip
    absent = {
        "imports": not d.has_trade, "exports": not d.has_trade, "debt": not d.exchange_enforced,
        "labour": not d.has_labour, "resource": not d.has_resources, "consumption": not d.has_needs,
        "investment": not d.has_assets, "capital": not d.has_assets, "stock": not d.storable.any(),
    }  # fmt: skip
    if absent.get(term.of, False):
        raise SpecError(f"this plan has no {term.of}", where=where,
                        mend="remove the term, or add what it speaks of to the accounts and the plan")  # fmt: skip
    factor = d.calendar.figure(term.factor, where)[t - 1]
    if np.isnan(factor):
        return None
    if term.of == "debt" and not d.economy.codes("region"):
        if term.region != ["all"]:
            raise SpecError("the accounts have no regions", where=where, mend="remove region")
        return ResolvedTerm(term.of, (np.arange(1),), t, float(factor))
    chosen = tuple(positions(d.economy, dim, getattr(term, dim), where) for dim in dims)
    return ResolvedTerm(term.of, chosen, t, float(factor))


def resolve_tasks(d: PlanData) -> list[ResolvedTask]:
    """Resolve all tasks of a plan file into one statement a year, or one over the sum of years."""
    out: list[ResolvedTask] = []
    for k, task in enumerate(d.spec.tasks):
        where = f"tasks[{k}] ({task.name})"
        years = _years(d, task, where)
        least = d.calendar.figure(task.at_least if task.equals is None else task.equals, where)
        most = d.calendar.figure(task.at_most if task.equals is None else task.equals, where)
        if task.over == "sum":
            terms = tuple(r for t in years for term in task.terms if (r := resolve_term(d, term, t, where)))
            out.append(_one(task, d.calendar.year(years[-1]), terms, least[0], most[0]))
            continue
        for t in years:
            if np.isnan(least[t - 1]) and np.isnan(most[t - 1]):
                continue
            terms = tuple(r for term in task.terms if (r := resolve_term(d, term, t, where)))
            out.append(_one(task, d.calendar.year(t), terms, least[t - 1], most[t - 1]))
    return out


def _years(d: PlanData, task: Task, where: str) -> list[int]:
    if task.years is None:
        return list(d.calendar.plan_years)
    if not task.years:
        raise SpecError("years is empty", where=where, mend="name at least one year, or leave years out")
    return sorted({d.calendar.offset(y, where) for y in task.years})


def _one(task: Task, year: int, terms: tuple[ResolvedTerm, ...], least: float, most: float) -> ResolvedTask:
    lower = -np.inf if np.isnan(least) else float(least)
    upper = np.inf if np.isnan(most) else float(most)
    target = abs(lower if np.isfinite(lower) else upper) or 1.0
    return ResolvedTask(task.name, year, terms, lower, upper, task.elastic, target)
