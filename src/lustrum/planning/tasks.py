"""Tasks and costs as sums of terms on positions and years (constraint 12)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.errors import SpecError
from lustrum.planning.calendar import positions, require_labels_of
from lustrum.planning.figures import Figures
from lustrum.planning.sections import Elastic, Task, Term
from lustrum.strict_yaml import clip

#: Dimensions of each quantity a term can name, in the axis order of the plan's variables.
QUANTITY_DIMS: dict[str, tuple[str, ...]] = {
    "output": ("activity",),
    "production": ("product",),
    "imports": ("product", "partner"),
    "exports": ("product", "partner"),
    "stock": ("product",),
    "investment": ("asset", "activity"),
    "capital": ("asset", "activity"),
    "consumption": ("household", "need"),
    "debt": ("region",),
    "labour": ("skill",),
    "resource": ("resource",),
}


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


def resolve_term(d: Figures, term: Term, t: int, where: str) -> ResolvedTerm | None:
    """Resolve one term in year t; None where its factor is not set for that year.

    Raises
    ------
    SpecError
        For a quantity the plan does not have, and for labels it has not or that are not in the accounts.
    """
    dims = QUANTITY_DIMS[term.of]
    require_labels_of(term.of, dims, term, where)
    absent = {
        "imports": not d.has_trade,
        "exports": not d.has_trade,
        "debt": not d.exchange_enforced,
        "labour": not d.has_labour,
        "resource": not d.has_resources,
        "consumption": not d.has_needs,
        "investment": not d.has_assets,
        "capital": not d.has_assets,
        "stock": not d.storable.any(),
    }
    if absent.get(term.of, False):
        raise SpecError(
            f"this plan has no {term.of}",
            where=f"{where}.of",
            found=term.of,
            mend="remove the term, or add what it speaks of to the accounts and the plan",
        )
    factor = d.calendar.figure(term.factor, f"{where}.factor")[t - 1]
    if np.isnan(factor):
        return None
    if term.of == "debt" and not d.economy.codes("region"):
        if term.region != ["all"]:
            raise SpecError(
                "the accounts have no regions", where=f"{where}.region", found=clip(term.region), mend="remove region"
            )
        return ResolvedTerm(term.of, (np.arange(1),), t, float(factor))
    chosen = tuple(positions(d.economy, dim, getattr(term, dim), where) for dim in dims)
    return ResolvedTerm(term.of, chosen, t, float(factor))


def resolve_tasks(d: Figures) -> list[ResolvedTask]:
    """Resolve all tasks of a plan file into one statement a year, or one over the sum of years."""
    out: list[ResolvedTask] = []
    for k, task in enumerate(d.spec.tasks):
        where = f"tasks[{k}]"
        years = _years(d, task, where)
        least, most = _targets(d, task, where)
        if task.over == "sum":
            terms = tuple(r for t in years for r in _terms(d, task, t, where))
            out.append(_one(task, d.calendar.year(years[-1]), _some(task, terms, years, d, where), least[0], most[0]))
            continue
        named = [t for t in d.calendar.plan_years if not (np.isnan(least[t - 1]) and np.isnan(most[t - 1]))]
        lost = [t for t in named if t not in years]
        if lost and _by_year(task):
            raise SpecError(
                f"task {task.name!r} has a target for {d.calendar.year(lost[0])}, not among its years",
                where=f"{where}.years",
                found=[d.calendar.year(t) for t in years],
                mend="add the year, or remove its target",
            )
        for t in (t for t in years if t in named):
            terms = _some(task, _terms(d, task, t, where), [t], d, where)
            out.append(_one(task, d.calendar.year(t), terms, least[t - 1], most[t - 1]))
    return out


def _by_year(task: Task) -> bool:
    return isinstance(next(v for v in (task.at_least, task.at_most, task.equals) if v is not None), dict)


def _targets(d: Figures, task: Task, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper target in each plan year."""
    both = d.calendar.figure(task.equals, f"{where}.equals")
    least = both if task.equals is not None else d.calendar.figure(task.at_least, f"{where}.at_least")
    most = both if task.equals is not None else d.calendar.figure(task.at_most, f"{where}.at_most")
    return least, most


def _terms(d: Figures, task: Task, t: int, where: str) -> tuple[ResolvedTerm, ...]:
    resolved = (resolve_term(d, term, t, f"{where}.terms[{n}]") for n, term in enumerate(task.terms))
    return tuple(r for r in resolved if r is not None)


def _some(
    task: Task, terms: tuple[ResolvedTerm, ...], years: list[int], d: Figures, where: str
) -> tuple[ResolvedTerm, ...]:
    """Require that a target has something to be met with."""
    if not terms:
        raise SpecError(
            f"no term of task {task.name!r} has a factor for {d.calendar.year(years[0])}",
            where=f"{where}.terms",
            expected="at least one term a year",
            mend="give the factor for that year, or one number for all",
        )
    return terms


def _years(d: Figures, task: Task, where: str) -> list[int]:
    if task.years is None:
        return list(d.calendar.plan_years)
    if not task.years:
        raise SpecError("years is empty", where=f"{where}.years", mend="name at least one year, or leave years out")
    return sorted({d.calendar.offset(y, f"{where}.years") for y in task.years})


def _one(task: Task, year: int, terms: tuple[ResolvedTerm, ...], least: float, most: float) -> ResolvedTask:
    lower = -np.inf if np.isnan(least) else float(least)
    upper = np.inf if np.isnan(most) else float(most)
    target = abs(lower if np.isfinite(lower) else upper) or 1.0
    return ResolvedTask(task.name, year, terms, lower, upper, task.elastic, target)
