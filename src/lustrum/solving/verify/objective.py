"""What a plan is for: tasks, the rows that carry an objective, its stages, and the worth of consumption.

Docs/model.md, constraint 12 and section 5. Each stage is a maximisation. A stage's objective is a list of terms like a
constraint's: applied to a plan they give its value, transposed the worth of each variable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lustrum.planning.tasks import QUANTITY_DIMS, ResolvedTerm, resolve_term
from lustrum.solving.verify.families import NEEDS, at_least, at_most, equal, family, labour, production, resource_use
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.terms import (
    UNDATED,
    Array,
    Cells,
    Family,
    LinearMap,
    Mask,
    Prices,
    Repeat,
    Scale,
    Select,
    Term,
    Total,
    Values,
    transpose_terms,
)

# --- tasks: constraint 12 -----------------------------------------------------------------------------


def task_families(f: Frame) -> Iterator[Family]:
    """lower ≤ Σ terms + shortfall − excess ≤ upper."""
    tasks = f.d.tasks
    if not tasks:
        return
    terms = [
        term.then(Select(k, (len(tasks),)).transposed)
        for k, task in enumerate(tasks)
        for resolved in task.terms
        for term in quantity(f, resolved)
    ]
    terms += [Term(0, "shortfall", 0), Term(0, "excess", 0, Scale(-1.0))]
    lower = np.array([[task.lower] for task in tasks])
    upper = np.array([[task.upper] for task in tasks])
    yield family("task", ("task",), None, (lower, upper), terms)


def quantity(f: Frame, asked: ResolvedTerm) -> Iterator[Term]:
    """Factor times the sum over the chosen labels of a quantity in one year: a single figure."""
    of, t = asked.of, asked.t
    if of == "production":
        terms = [production(f, t)]
    elif of == "labour":
        terms = list(labour(f, t))
    elif of == "resource":
        terms = [resource_use(f, t)]
    else:
        terms = [Term(t, of, t)]
    dims = QUANTITY_DIMS[of]
    chosen = Select(np.ix_(*asked.where), f.shape(dims))
    for term in terms:
        yield term.then(Scale(asked.factor) @ Total(tuple(range(len(dims)))) @ chosen, row=0)


# --- rows that carry an objective ---------------------------------------------------------------------


def standard_families(f: Frame) -> Iterator[Family]:
    """The auxiliary rows that the plan's stages need; they stand in the program of every stage."""
    o, years = f.d.spec.objective, f.calendar.plan_years
    living = np.repeat(f.living[:, :, None], len(years), axis=2)
    if o.kind == "living_standard" and f.d.has_needs:
        # Σ_k segment_k − y ≤ 0; the segments are not of the plan, and are left out
        terms = [Term(t, "consumption", t, Scale(-1.0)) for t in years]
        yield family("utility", NEEDS, years, at_most(np.zeros(living.shape)), terms, living)
    if o.kind == "assortment" and f.d.has_needs:
        yield proportional(f, "basket", "assortment", f.basket, f.basket > 0)
    if o.people_first and f.d.has_needs:
        yield proportional(f, "lowest", "lowest", f.base_level.values, living)
    if o.tie_break:
        rows = np.repeat((f.d.base_output > 0)[:, None], len(years), axis=1)
        yield family("proportion", ("activity",), years, equal(np.zeros(rows.shape)), proportion(f), rows)


def proportional(f: Frame, name: str, level: str, amounts: Array, rows: Mask) -> Family:
    """Consumption beyond a level common to all: y − level · amount ≥ 0, level u_t or v."""
    years, dated = f.calendar.plan_years, f.variables[level].dated
    terms = []
    for t in years:
        terms.append(Term(t, "consumption", t))
        terms.append(Term(t, level, t if dated else 0, Scale(-amounts[..., t - 1]) @ Repeat((0, 1))))
    return family(name, NEEDS, years, at_least(np.zeros(amounts.shape)), terms, rows)


def proportion(f: Frame) -> Iterator[Term]:
    """Deviation from base proportions: x_jt/x0_j − X_t − above + below.

    X_t = Σ x_jt / Σ x0 over activities with x0 > 0.
    """
    x0 = f.d.base_output
    base = x0 > 0
    per_base = np.asarray(np.divide(1.0, x0, out=np.zeros_like(x0), where=base))
    total = max(float(x0[base].sum()), np.finfo(float).tiny)
    mean = Scale(-1.0 / total) @ Repeat((0,)) @ Total((0,)) @ Scale(base.astype(float))
    for t in f.calendar.plan_years:
        yield Term(t, "output", t, Scale(per_base))
        yield Term(t, "output", t, mean)
        yield Term(t, "above", t, Scale(-1.0))
        yield Term(t, "below", t)


# --- stages -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Aim:
    """One stage's objective: the sum of its terms, plus the living standard where that is the aim.

    `scale` is the size below which a difference in this objective means nothing: 1 for aims that are
    counted in relative terms (shortfall of a whole target, deviation from proportions), one basket a year
    for `assortment`, else 0.
    """

    f: Frame
    name: str
    terms: tuple[Term, ...] = ()
    living: LivingStandard | None = None
    scale: float = 0.0

    @cached_property
    def worth(self) -> Prices:
        """What one more unit of every variable adds to the objective."""
        worth = self.f.prices()
        transpose_terms(self.terms, Cells(np.ones(1), UNDATED), worth)
        return worth

    def value(self, v: Values) -> tuple[float, float]:
        """Return the objective of a plan, and the sum of its terms' sizes."""
        total = size = 0.0
        for name, worth in self.worth.items():
            parts = worth.total * v[name].values
            total += float(parts.sum())
            size += float(np.abs(parts).sum())
        if self.living is not None:
            eaten = v["consumption"].values[..., : self.f.calendar.plan]
            more, parts_of_it = self.living.value(eaten)
            total, size = total + more, size + parts_of_it
        return total, size


def aims(f: Frame) -> list[Aim]:
    """Every stage of a plan in order: shortfalls by class, people first, its own aim, tie-break."""
    o = f.d.spec.objective
    classes = sorted({task.elastic.priority for task in f.d.tasks if task.elastic is not None})
    out = [shortfall(f, priority) for priority in classes]
    if o.people_first:
        out.append(Aim(f, "people_first", (Term(0, "lowest", 0),), scale=1.0))
    out.append(own_aim(f))
    if o.tie_break:
        share = summed(-f.share_of_output)
        terms = [Term(0, side, t, share) for t in f.calendar.plan_years for side in ("above", "below")]
        out.append(Aim(f, "tie_break", tuple(terms), scale=1.0))
    return out


def summed(weights: Array) -> LinearMap:
    """Σ weight · v over all labels."""
    return Total(tuple(range(weights.ndim))) @ Scale(weights)


def shortfall(f: Frame, priority: int) -> Aim:
    """Minus Σ weight · z / |target| over the elastic tasks of a class."""
    weight = np.array(
        [
            task.elastic.weight / abs(task.target) if task.elastic and task.elastic.priority == priority else 0.0
            for task in f.d.tasks
        ]
    )
    terms = (Term(0, "shortfall", 0, summed(-weight)), Term(0, "excess", 0, summed(-weight)))
    return Aim(f, f"shortfall {priority}", terms, scale=1.0)


def own_aim(f: Frame) -> Aim:
    """The plan's own aim, by kind."""
    o, cal = f.d.spec.objective, f.calendar
    if o.kind == "living_standard":
        return Aim(f, o.kind, living=LivingStandard(f))
    if o.kind == "assortment":
        return Aim(f, o.kind, tuple(Term(0, "assortment", t) for t in cal.plan_years), scale=float(cal.plan))
    return Aim(f, o.kind, tuple(worth_terms(f)))


def worth_terms(f: Frame) -> Iterator[Term]:
    """The terms of an aim that is a sum over quantities."""
    o, cal = f.d.spec.objective, f.calendar
    weight = np.array([o.weights.get(code, 1.0) for code in f.labels("activity")])
    if o.kind == "terminal_capacity":
        t = cal.plan + 1 if o.year is None else o.year - cal.base
        yield Term(0, "capital", t, summed(np.broadcast_to(weight, f.shape(("asset", "activity")))))
    elif o.kind == "output":
        years = cal.labels(cal.plan_years) if o.years is None else o.years
        for year in sorted(set(years)):
            yield Term(0, "output", year - cal.base, summed(weight))
    elif o.kind == "employment":
        for t in cal.plan_years:
            for term in labour(f, t):
                yield term.then(summed(np.ones(f.size("skill"))), row=0)
    else:
        for k, cost in enumerate(o.costs):
            years = cal.labels(cal.plan_years) if cost.years is None else cost.years
            for t in sorted({year - cal.base for year in years}):
                if asked := resolve_term(f.d, cost, t, f"objective.costs[{k}]"):
                    for term in quantity(f, asked):
                        yield term.then(Scale(-(o.discount**t)))


# --- the worth of consumption -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curve:
    """u(r): chords through the breakpoints; slope of the floor below them, of the last chord above.

    `starts` and `slopes` of the pieces from r = 0 on; r = 1 starts a piece; the last piece has no end.
    """

    starts: np.ndarray
    slopes: np.ndarray

    @cached_property
    def lengths(self) -> np.ndarray:
        """Length of every piece; the last is infinite."""
        return np.append(np.diff(self.starts), np.inf)

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """u(r) for r ≥ 0, counted from r = 1."""
        above = self.starts >= 1
        used = np.clip(r[..., None] - self.starts, 0.0, self.lengths)
        missed = np.where(above, 0.0, self.lengths) - np.where(above, 0.0, used)
        return np.asarray(np.where(above, used, 0.0) @ self.slopes - missed @ self.slopes)


def worth(r: np.ndarray, elasticity: float) -> np.ndarray:
    """(r^{1−η} − 1)/(1−η), ln r for η = 1."""
    if elasticity == 1.0:
        return np.asarray(np.log(r))
    return np.asarray((r ** (1 - elasticity) - 1) / (1 - elasticity))


def worth_curve(floor: float, ceiling: float, segments: int, elasticity: float) -> Curve:
    """Cut the curve into `segments` equal ratios between floor and ceiling, split at r = 1."""
    below = above = 0
    if floor < 1:
        below = max(1, round(segments * math.log(1 / floor) / math.log(ceiling / floor)))
    if ceiling > 1:
        above = max(1, segments - below)
    points = [floor ** (1 - k / below) for k in range(below)] + [1.0]
    points += [ceiling ** (k / above) for k in range(1, above + 1)]
    r = np.array(points)
    u = worth(r, elasticity)
    first = r[0] ** -elasticity
    chords = np.diff(u) / np.diff(r)
    # the slope of the last chord goes on for ever, as a piece of its own
    return Curve(np.append(0.0, r), np.concatenate([[first], chords, chords[-1:] if chords.size else [first]]))


@dataclass(frozen=True, eq=False)
class LivingStandard:
    """Σ_t β^t Σ_{h,g} w_hg u(r_hgt), r = y / (y0 N_t/N_0), w = y0 · weight_g."""

    f: Frame

    @cached_property
    def curve(self) -> Curve:
        """The worth curve of the plan file."""
        o = self.f.d.spec.objective
        return worth_curve(o.utility_floor, o.utility_ceiling, o.segments, o.elasticity)

    @cached_property
    def weight(self) -> np.ndarray:
        """β^t w (h, g, t), zero without base consumption."""
        f, o = self.f, self.f.d.spec.objective
        by_need = np.array([o.weights.get(need, 1.0) for need in f.labels("need")])
        w = np.where(f.living, f.d.base_consumption * by_need, 0.0)
        return np.asarray(w[:, :, None] * o.discount ** np.array(f.calendar.plan_years))

    @cached_property
    def level(self) -> np.ndarray:
        """y0 N_t / N_0 (h, g, t), 1 without base consumption."""
        return np.where(self.f.living[:, :, None], self.f.base_level.values, 1.0)

    @cached_property
    def size(self) -> float:
        """Natural size of the aim: Σ β^t w, what base spending of all years is worth at the base level."""
        return float(self.weight.sum())

    def value(self, consumption: np.ndarray) -> tuple[float, float]:
        """Value of consumption (h, g, plan years), and the natural size of the aim."""
        u = self.curve(np.maximum(consumption, 0.0) / self.level)
        return float((self.weight * u).sum()), self.size

    def conjugate(self, factor: float, price: np.ndarray) -> tuple[float, np.ndarray]:
        """What the pieces can add to the bound at prices q of consumption, and the residual of the last.

        Counted from the base level, so that nothing cancels: Σ max(0, s_k − q) · length_k over pieces above
        it, Σ max(0, q − s_k) · length_k over those below, less q times the base level; s = factor·β^t w slope
        / level. The last piece has no end: what it earns above its price is a residual, relative to the
        larger of both.
        """
        living = np.broadcast_to(self.f.living[:, :, None], price.shape)
        bound = -float((price * self.level)[living].sum())
        earned = factor * self.weight / self.level
        pieces = zip(self.curve.starts[:-1], self.curve.slopes[:-1], self.curve.lengths[:-1], strict=True)
        for start, slope, length in pieces:
            profit = earned * slope - price if start >= 1 else price - earned * slope
            bound += float((np.maximum(profit, 0.0) * length * self.level)[living].sum())
        last = earned * self.curve.slopes[-1]
        size = np.maximum(np.maximum(np.abs(last), np.abs(price)), np.finfo(float).tiny)
        return bound, np.where(living, np.maximum(last - price, 0.0) / size, 0.0)
