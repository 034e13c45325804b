"""What a stage's marginal values prove (docs/model.md section 6): prices, reduced costs, and a bound.

For max Σ c v subject to rows F v ≤, ≥, = b and v ≥ 0, any λ of the right signs with c − F* λ ≤ 0 proves
that no plan is worth more than λ b. Marginal values of the wrong sign are measured, then taken as zero, so
that the bound is proven by what is left.

Figures are judged by natural scales, below which a difference is rounding. A row is measured against its largest
term, or, if that is smaller, against ROW_GUARD times the largest term it would have if every variable were of the
typical size of its kind. A price is measured against its largest term, or against PRICE_GUARD times the price at
which all of its kind together would be worth the whole objective. No marginal value enters a guard, so that a large
one cannot hide a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lustrum.solving.verify.arrays import BOUND
from lustrum.solving.verify.families import NEEDS, production
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.objective import Aim, LivingStandard
from lustrum.solving.verify.terms import UNDATED, Array, Cells, Family, Layout, Prices, Values

#: Share of the typical size of a row or variable below which it counts as nothing.
ROW_GUARD = 1e-6
#: The same for prices.
PRICE_GUARD = 1e-3

TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, eq=False)
class EarlierStage:
    """An earlier stage held at its value: objective ≥ floor, with its marginal value (≤ 0).

    `size` is the sum of that objective's terms, for scales only.
    """

    aim: Aim
    floor: float
    size: float
    price: float


class Residuals(NamedTuple):
    """Relative residuals of a variable's prices, or of the signs of a family's marginal values."""

    name: str
    layout: Layout
    array: Array


@dataclass(frozen=True, eq=False)
class Proof:
    """What marginal values prove, and how far they fall short of a proof.

    Attributes
    ----------
    residuals
        Named "… (profit)", by variable: c − F* λ where it is above zero (for free variables: its size), relative
        to its terms. Named "… (sign)", by family: marginal values of the wrong sign, relative to the prices they
        would change most.
    bound
        Upper bound on the stage's objective; what profitable activities earn at the plan's own level is
        in it.
    """

    residuals: list[Residuals]
    bound: float

    @property
    def worst(self) -> float:
        """The largest of all residuals."""
        return float(np.max([0.0, *(r.array.max(initial=0.0) for r in self.residuals)]))


def prove(
    f: Frame,
    families: Sequence[Family],
    v: Values,
    typical: Values,
    aim: Aim,
    prices: Mapping[str, Cells],
    earlier: Sequence[EarlierStage],
    size: float,
) -> Proof:
    """Work out what a stage's marginal values prove.

    Parameters
    ----------
    v, typical
        The plan, and one of typical sizes (for scales only).
    prices
        Marginal values by family; zero where there is no row.
    earlier
        The stages before this one.
    size
        Size of the stage's objective, for scales only.
    """
    charged, worth = f.prices(), f.prices()
    include(worth, aim.worth)
    right: dict[str, Array] = {}
    bound = 0.0
    for fam in families:
        right[fam.name] = _right_part(fam, prices[fam.name].values)
        fam.transpose(right[fam.name], charged)
        bound += float((right[fam.name] * fam.rhs).sum())
    living_factor = 1.0 if aim.living is not None else 0.0
    for stage in earlier:
        weight = max(0.0, -stage.price)
        include(worth, stage.aim.worth, weight)
        bound -= weight * stage.floor
        size += weight * stage.size
        if stage.aim.living is not None:
            living_factor = weight

    sizes = price_sizes(f, v, typical, charged, worth, size)
    residuals: list[Residuals] = []
    for name, var in f.variables.items():
        reduced = np.where(var.exists, worth[name].total - charged[name].total, 0.0)
        wrong = np.abs(reduced) if var.free else np.maximum(reduced, 0.0)
        residuals.append(Residuals(f"{name} (profit)", var, wrong / sizes[name]))
        bound += float((wrong * np.abs(v[name].values)).sum())
    if "utility" in right:
        more, residual = LivingStandard(f).conjugate(living_factor, right["utility"])
        bound += more
        name, years = "last piece of worth", f.calendar.plan_years
        pieces = Layout(name, NEEDS, years, np.ones(residual.shape, dtype=bool), True)
        residuals.append(Residuals(f"{name} (profit)", pieces, residual))

    unit = {n: Cells(np.where(var.exists, 1 / sizes[n], 0.0), var.years) for n, var in f.variables.items()}
    for fam in families:
        wrong = np.abs(np.where(fam.exists, prices[fam.name].values, 0.0) - right[fam.name])
        if wrong.any():
            residuals.append(Residuals(f"{fam.name} (sign)", fam, wrong * fam.apply(unit).largest))
    for stage in earlier:
        if stage.price > 0:
            moved = [part.largest * unit[n].values for n, part in stage.aim.worth.items()]
            largest = max(float(part.max(initial=0.0)) for part in moved)
            name = f"{BOUND} {stage.aim.name}"
            row = Layout(name, (), UNDATED, np.ones(1, dtype=bool), False)
            residuals.append(Residuals(f"{name} (sign)", row, np.array([stage.price * max(largest, TINY)])))
    return Proof(residuals, bound)


def _right_part(fam: Family, lam: Array) -> Array:
    """Zero what has the wrong sign: ≤ rows have marginal values ≥ 0, ≥ rows ≤ 0."""
    low = np.where(np.isfinite(fam.lower), -np.inf, 0.0)
    high = np.where(np.isfinite(fam.upper), np.inf, 0.0)
    return np.where(fam.exists, np.clip(lam, low, high), 0.0)


def include(prices: Prices, other: Prices, factor: float = 1.0) -> None:
    """Add other prices times a factor."""
    if factor != 0.0:
        for name, part in prices.items():
            part.include(other[name], factor)


# --- scales -------------------------------------------------------------------------------------------


def typical_sizes(f: Frame, v: Values) -> dict[str, float]:
    """Return the typical size of each variable: its mean over all cells, or of what it is a part of."""

    def mean(name: str) -> float:
        exists = f.variables[name].exists
        return float(np.abs(v[name].values[exists]).mean()) if exists.any() else 0.0

    years = f.calendar.trade_years
    made = np.array([production(f, t).map.apply(v["output"].at(t)) for t in years])
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
        terms = np.maximum(charged[name].largest, worth[name].largest)
        whole = max(float(np.abs(v[name].values).sum()), float(typical[name].values.sum()), TINY)
        out[name] = np.maximum(terms, max(PRICE_GUARD * size / whole, TINY))
    return out
