"""The stages of the objective, in order, each a maximisation (docs/model.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.planning.tasks import resolve_term
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Values
from lustrum.solving.verify.people import price_labour
from lustrum.solving.verify.tasks import price_sum_of
from lustrum.solving.verify.utility import LivingStandard


@dataclass(frozen=True, eq=False)
class Aim:
    """One stage's objective: Σ worth · v, plus the living standard where that is the aim.

    `scale` is the size below which a difference in this objective means nothing: 1 for aims that are
    counted in relative terms (shortfall of a whole target, deviation from proportions), one basket a year
    for `assortment`, else 0.
    """

    name: str
    worth: Prices
    living: LivingStandard | None = None
    scale: float = 0.0

    def value(self, f: Frame, v: Values) -> tuple[float, float]:
        """Return the objective of a plan, and the sum of its terms' sizes."""
        total = size = 0.0
        for name, ledger in self.worth.of.items():
            terms = ledger.total * v[name].values
            total += float(terms.sum())
            size += float(np.abs(terms).sum())
        if self.living is not None:
            eaten = v["consumption"].values[..., : f.calendar.plan]
            more, parts = self.living.value(eaten)
            total, size = total + more, size + parts
        return total, size


def aims(f: Frame) -> list[Aim]:
    """Every stage of a plan in order: shortfalls by class, people first, its own aim, tie-break."""
    o = f.d.spec.objective
    classes = sorted({task.elastic.priority for task in f.d.tasks if task.elastic is not None})
    out = [shortfall(f, priority) for priority in classes]
    if o.people_first:
        worth = Prices(f)
        worth.add("lowest", 0, np.array(1.0))
        out.append(Aim("people_first", worth, scale=1.0))
    out.append(own_aim(f))
    if o.tie_break:
        worth = Prices(f)
        for t in f.calendar.plan_years:
            worth.add("above", t, -f.share_of_output)
            worth.add("below", t, -f.share_of_output)
        out.append(Aim("tie_break", worth, scale=1.0))
    return out


def shortfall(f: Frame, priority: int) -> Aim:
    """Minus Σ weight · z / |target| over the elastic tasks of a class."""
    weight = np.array(
        [
            task.elastic.weight / abs(task.target) if task.elastic and task.elastic.priority == priority else 0.0
            for task in f.d.tasks
        ]
    )
    worth = Prices(f)
    worth.add("shortfall", 0, -weight)
    worth.add("excess", 0, -weight)
    return Aim(f"shortfall {priority}", worth, scale=1.0)


def own_aim(f: Frame) -> Aim:
    """The plan's own aim, by kind."""
    o, cal, d = f.d.spec.objective, f.calendar, f.d
    worth = Prices(f)
    weight = np.array([o.weights.get(code, 1.0) for code in f.labels("activity")])
    living, scale = None, 0.0
    if o.kind == "living_standard":
        living = LivingStandard(f)
    elif o.kind == "assortment":
        scale = float(cal.plan)
        for t in cal.plan_years:
            worth.add("assortment", t, np.array(1.0))
    elif o.kind == "terminal_capacity":
        t = cal.plan + 1 if o.year is None else o.year - cal.base
        worth.add("capital", t, np.broadcast_to(weight, f.shape(("asset", "activity"))))
    elif o.kind == "output":
        years = cal.labels(cal.plan_years) if o.years is None else o.years
        for year in sorted(set(years)):
            worth.add("output", year - cal.base, weight)
    elif o.kind == "employment":
        for t in cal.plan_years:
            price_labour(f, t, np.ones(f.size("skill")), worth)
    else:
        for k, cost in enumerate(o.costs):
            years = cal.labels(cal.plan_years) if cost.years is None else cost.years
            for t in sorted({year - cal.base for year in years}):
                if term := resolve_term(d, cost, t, f"objective.costs[{k}]"):
                    price_sum_of(f, [term], -(o.discount**t), worth)
    return Aim(o.kind, worth, living, scale)
