"""Tasks: linear statements over the plan, with shortfalls where they are elastic (constraint 12).

The quantities they speak of are also those of `least_cost`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lustrum.planning.tasks import ResolvedTerm
from lustrum.solving.verify.family import Family, family
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import UNDATED, Cells, Ledger, Terms, Values, plain
from lustrum.solving.verify.people import labour, price_labour, price_resource_use, resource_use
from lustrum.solving.verify.products import price_production, production


def quantity(f: Frame, v: Values, of: str, t: int) -> Terms:
    """Return a quantity by its labels in year t; zero where the plan has no variable."""
    if of == "production":
        return production(f, v, t)
    if of == "labour":
        return labour(f, v, t)
    if of == "resource":
        return resource_use(f, v, t)
    return plain(v[of].at(t))


def price_quantity(f: Frame, of: str, t: int, price: np.ndarray, charge: Prices) -> None:
    """Charge the variables behind a quantity at prices by its labels."""
    if of == "production":
        price_production(f, t, price, charge)
    elif of == "labour":
        price_labour(f, t, price, charge)
    elif of == "resource":
        price_resource_use(f, t, price, charge)
    else:
        charge.add(of, t, price)


def sum_of(f: Frame, v: Values, terms: Iterable[ResolvedTerm]) -> tuple[float, float]:
    """Σ of the terms of a task, and the largest single one."""
    total = largest = 0.0
    for term in terms:
        part = quantity(f, v, term.of, term.t)
        at = np.ix_(*term.where)
        total += term.factor * float(part.total[at].sum())
        largest = max(largest, abs(term.factor) * float(part.largest[at].max(initial=0.0)))
    return total, largest


def price_sum_of(f: Frame, terms: Iterable[ResolvedTerm], price: float, charge: Prices) -> None:
    """Charge the terms of a task at the price of its total."""
    shapes = {"production": ("product",), "labour": ("skill",), "resource": ("resource",)}
    for term in terms:
        dims = shapes[term.of] if term.of in shapes else f.variables[term.of].dims
        by_label = np.zeros(f.shape(dims))
        by_label[np.ix_(*term.where)] = price * term.factor
        price_quantity(f, term.of, term.t, by_label, charge)


def task_families(f: Frame) -> list[Family]:
    """lower ≤ Σ terms + shortfall − excess ≤ upper."""
    tasks = f.d.tasks
    if not tasks:
        return []
    lower = np.array([[task.lower] for task in tasks])
    upper = np.array([[task.upper] for task in tasks])
    return [family(f, "task", ("task",), UNDATED, (lower, upper), task_totals, price_tasks, dated=False)]


def task_totals(f: Frame, v: Values, left: Ledger) -> None:
    """Σ terms + shortfall − excess of every task."""
    sums = np.array([sum_of(f, v, task.terms) for task in f.d.tasks])
    left.add(0, Terms(sums[:, 0], sums[:, 1]))
    left.add(0, v["shortfall"].at(0))
    left.add(0, -v["excess"].at(0))


def price_tasks(f: Frame, price: Cells, charge: Prices) -> None:
    """Charge the plan's variables for the tasks they count towards."""
    p = price.at(0)
    for worth, task in zip(p, f.d.tasks, strict=True):
        if worth != 0.0:
            price_sum_of(f, task.terms, float(worth), charge)
    charge.add("shortfall", 0, p)
    charge.add("excess", 0, -p)
