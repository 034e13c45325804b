"""What a stage's marginal values prove (docs/model.md section 6): prices, reduced costs, and a bound.

For max Σ c v subject to rows F v ≤, ≥, = b and v ≥ 0, any λ of the right signs with c − F* λ ≤ 0 proves
that no plan is worth more than λ b. Marginal values of the wrong sign are measured, then taken as zero, so
that the bound is proven by what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.solving.verify.family import Family
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Array, Cells, Values
from lustrum.solving.verify.objective import Aim
from lustrum.solving.verify.scales import TINY, price_sizes
from lustrum.solving.verify.utility import LivingStandard


@dataclass(frozen=True, eq=False)
class Lock:
    """An earlier stage held at its value: objective ≥ floor, with its marginal value (≤ 0).

    `size` is the sum of that objective's terms, for scales only.
    """

    aim: Aim
    floor: float
    size: float
    price: float


@dataclass(frozen=True, eq=False)
class Proof:
    """Relative residuals of prices by variable and of signs by family, and the bound they prove.

    Attributes
    ----------
    profits
        By variable: c − F* λ where it is above zero (for free variables: its size), relative to its terms.
    signs
        By family: marginal values of the wrong sign, relative to the prices they would change most.
    bound
        Upper bound on the stage's objective; what profitable activities earn at the plan's own level is
        in it.
    """

    profits: Mapping[str, Array]
    signs: Mapping[str, Array]
    bound: float

    def figures(self) -> Iterator[tuple[str, Array]]:
        """Yield every array of residuals with its name."""
        yield from self.profits.items()
        yield from self.signs.items()

    @property
    def residual(self) -> float:
        """The largest of all."""
        return float(np.max([0.0, *(r.max(initial=0.0) for _, r in self.figures())]))


def prove(
    f: Frame,
    families: Sequence[Family],
    v: Values,
    typical: Values,
    aim: Aim,
    prices: Mapping[str, Cells],
    locks: Sequence[Lock],
    size: float,
) -> Proof:
    """Work out what a stage's marginal values prove.

    Parameters
    ----------
    v, typical
        The plan, and one of typical sizes (for scales only).
    prices
        Marginal values by family; zero where there is no row.
    locks
        The stages before this one.
    size
        Size of the stage's objective, for scales only.
    """
    charged, worth = Prices(f), Prices(f)
    worth.include(aim.worth)
    right: dict[str, Array] = {}
    bound = 0.0
    for fam in families:
        right[fam.name] = _right_part(fam, prices[fam.name].values)
        charged.include(fam.adjoint(Cells(right[fam.name], fam.years)))
        bound += float((right[fam.name] * fam.rhs).sum())
    living_factor = 1.0 if aim.living is not None else 0.0
    for lock in locks:
        weight = max(0.0, -lock.price)
        worth.include(lock.aim.worth, weight)
        bound -= weight * lock.floor
        size += weight * lock.size
        if lock.aim.living is not None:
            living_factor = weight

    sizes = price_sizes(f, v, typical, charged, worth, size)
    profits: dict[str, Array] = {}
    for name, var in f.variables.items():
        reduced = np.where(var.exists, worth.of[name].total - charged.of[name].total, 0.0)
        wrong = np.abs(reduced) if var.free else np.maximum(reduced, 0.0)
        profits[f"{name} (profit)"] = wrong / sizes[name]
        bound += float((wrong * np.abs(v[name].values)).sum())
    if "utility" in right:
        more, residual = LivingStandard(f).conjugate(living_factor, right["utility"])
        bound += more
        profits["last piece of worth (profit)"] = residual

    unit = {n: Cells(np.where(var.exists, 1 / sizes[n], 0.0), var.years) for n, var in f.variables.items()}
    signs: dict[str, Array] = {}
    for fam in families:
        wrong = np.abs(np.where(fam.rows, prices[fam.name].values, 0.0) - right[fam.name])
        if wrong.any():
            signs[f"{fam.name} (sign)"] = wrong * fam.forward(unit).largest
    for lock in locks:
        if lock.price > 0:
            moved = [ledger.largest * unit[n].values for n, ledger in lock.aim.worth.of.items()]
            largest = max(float(part.max(initial=0.0)) for part in moved)
            signs[f"lexicographic_bound {lock.aim.name} (sign)"] = np.array([lock.price * max(largest, TINY)])
    return Proof(profits, signs, bound)


def _right_part(fam: Family, lam: Array) -> Array:
    """Zero what has the wrong sign: ≤ rows have marginal values ≥ 0, ≥ rows ≤ 0."""
    low = np.where(np.isfinite(fam.lower), -np.inf, 0.0)
    high = np.where(np.isfinite(fam.upper), np.inf, 0.0)
    return np.where(fam.rows, np.clip(lam, low, high), 0.0)
