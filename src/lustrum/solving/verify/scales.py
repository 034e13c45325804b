"""Natural scales: the size below which a figure is rounding, so that rows of nothing are not judged by it.

A row is measured against its largest term, or, if that is smaller, against ROW_GUARD times the largest
term it would have if every variable were of the typical size of its kind. A price is measured against its
largest term, or against PRICE_GUARD times the price at which all of its kind together would be worth the
whole objective. No marginal value enters a guard, so that a large one cannot hide a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Array, Cells, Values
from lustrum.solving.verify.products import production

#: Share of the typical size of a row or variable below which it counts as nothing.
ROW_GUARD = 1e-6
#: The same for prices.
PRICE_GUARD = 1e-3

TINY = float(np.finfo(float).tiny)


def typical_sizes(f: Frame, v: Values) -> dict[str, float]:
    """Return the typical size of each variable: its mean over all cells, or of what it is a part of."""

    def mean(name: str) -> float:
        exists = f.variables[name].exists
        return float(np.abs(v[name].values[exists]).mean()) if exists.any() else 0.0

    years = f.calendar.trade_years
    made = np.array([production(f, v, t).total for t in years])
    product = float(np.abs(made).mean())
    asset = mean("capital")
    paid = [float(np.abs(v[flow].at(t)).sum()) for flow in ("imports", "exports") for t in years]
    sizes = dict.fromkeys(f.variables, 1.0) | {
        "output": mean("output"),
        "investment": max(mean("investment"), 0.1 * asset),
        "capital": asset,
        "imports": max(mean("imports"), product),
        "exports": max(mean("exports"), product),
        "stock": max(mean("stock"), product),
        "consumption": mean("consumption") or product,
        "debt": max(mean("debt"), float(np.mean(paid)) / max(f.size("region"), 1)),
    }
    return {name: max(size, TINY) for name, size in sizes.items()}


def typical_values(f: Frame, sizes: Mapping[str, float]) -> dict[str, Cells]:
    """Return a plan in which every variable has its typical size."""
    out = {name: var.cells(sizes[name]) for name, var in f.variables.items()}
    targets = np.array([[abs(task.target)] for task in f.d.tasks]).reshape(-1, 1)
    for name in ("shortfall", "excess"):
        out[name] = Cells(np.where(f.variables[name].exists, targets, 0.0), f.variables[name].years)
    return out


def price_sizes(f: Frame, v: Values, typical: Values, charged: Prices, worth: Prices, size: float) -> dict[str, Array]:
    """Return what a reduced cost of each variable is measured against.

    Its largest price term; at least PRICE_GUARD · size / Σ |v| over its kind, `size` being the sum of the
    objective's terms.
    """
    out: dict[str, Array] = {}
    for name in f.variables:
        terms = np.maximum(charged.of[name].largest, worth.of[name].largest)
        whole = max(float(np.abs(v[name].values).sum()), float(typical[name].values.sum()), TINY)
        out[name] = np.maximum(terms, max(PRICE_GUARD * size / whole, TINY))
    return out
