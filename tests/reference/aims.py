"""The stages of the objective, each as linear terms with the variables and rows it brings along.

The worth curve is written as its hypograph (worth below every line of the concave curve), not as segments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tests.reference.reading import Reading, Terms, Var, add
from tests.reference.row import INF, Row, TaskRow
from tests.reference.rows import Rows


@dataclass
class Stage:
    """Maximise the terms; `bounds` and `rows` come with the stage and stay for later ones."""

    name: str
    terms: Terms
    bounds: dict[Var, tuple[float, float]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def worth_lines(r: Reading) -> list[tuple[float, float]]:
    """(slope, intercept) of the lines whose least is the worth curve."""
    o = r.spec.objective
    low, high, eta = o.utility_floor, o.utility_ceiling, o.elasticity

    def u(ratio: float) -> float:
        return math.log(ratio) if eta == 1 else (ratio ** (1 - eta) - 1) / (1 - eta)

    points = [1.0]
    below = 0
    if low < 1:
        below = max(1, round(o.segments * math.log(1 / low) / math.log(high / low)))
        points = [low ** (1 - k / below) for k in range(below)] + [1.0]
    if high > 1:
        above = max(1, o.segments - below)
        points += [high ** (k / above) for k in range(1, above + 1)]
    first = low**-eta
    lines = [(first, u(points[0]) - first * points[0])]
    for left, right in pairwise(points):
        slope = (u(right) - u(left)) / (right - left)
        lines.append((slope, u(left) - slope * left))
    return lines


def task_classes(tasks: list[TaskRow]) -> list[int]:
    """Priority classes that have elastic rows, ascending."""
    return sorted({t.priority for t in tasks if t.priority is not None})


def shortfall_vars(number: int, task: TaskRow) -> list[tuple[Var, float]]:
    """z of an elastic row with the sign it enters the row with."""
    out: list[tuple[Var, float]] = []
    if task.priority is not None and task.sense in (">=", "="):
        out.append((("z+", number), 1.0))
    if task.priority is not None and task.sense in ("<=", "="):
        out.append((("z-", number), -1.0))
    return out


def shortfall_cost(task: TaskRow) -> float:
    """Weight of one unit of shortfall in its class."""
    return task.weight / (abs(task.target) or 1.0)


def basket(r: Reading) -> dict[tuple[int, int, int], float]:
    """basket_hgt of the assortment objective."""
    out: dict[tuple[int, int, int], float] = {}
    items = r.spec.objective.basket
    for t in r.plan_years:
        for h in r.households:
            for g in r.needs:
                if not items:
                    out[h, g, t] = float(r.eaten0[h, g]) * r.heads(h, t)
        for item in items:
            for h in r.picked("household", item.household):
                for g in r.picked("need", item.need):
                    amount = r.path(item.amount, t)
                    if amount is not None:
                        head = float(r.eaten0[h, g]) * r.heads(h, t)
                        out[h, g, t] = amount * (head if item.basis == "base" else 1.0)
    return {key: amount for key, amount in out.items() if amount > 0}


def main_terms(r: Reading) -> Terms:
    """The linear main objectives (all but living_standard and assortment)."""
    o, out = r.spec.objective, Terms()
    names = list(r.e.codes("activity"))
    if o.kind == "terminal_capacity":
        t = r.T + 1 if o.year is None else o.year - r.e.base_year
        for a, j in r.pairs:
            add(out, ("k", a, j, t), o.weights.get(names[j], 1.0))
    elif o.kind == "output":
        for t in r.plan_years:
            if o.years is None or r.e.base_year + t in o.years:
                for j in r.activities:
                    add(out, ("x", j, t), o.weights.get(names[j], 1.0))
    elif o.kind == "employment":
        for t in r.plan_years:
            for s in r.skills:
                for var, c in r.labour_terms(s, t).items():
                    add(out, var, c)
    elif o.kind == "least_cost":
        for t in r.plan_years:
            for cost in o.costs:
                if cost.years is None or r.e.base_year + t in cost.years:
                    for var, c in r.quantity(cost, t).items():
                        add(out, var, -c * o.discount**t)
    return out


def _eaten_label(r: Reading, h: int, g: int, t: int) -> tuple[str | int, ...]:
    return (r.e.codes("household")[h], r.e.codes("need")[g], r.e.base_year + t)


def _living_standard(r: Reading) -> Stage:
    o, needs = r.spec.objective, list(r.e.codes("need"))
    stage = Stage("living_standard", {})
    lines = worth_lines(r)
    for h in r.households:
        for g in r.needs:
            y0 = float(r.eaten0[h, g])
            if y0 <= 0:
                continue
            for t in r.plan_years:
                z: Var = ("u", h, g, t)
                add(stage.terms, z, o.discount**t * y0 * o.weights.get(needs[g], 1.0))
                stage.bounds[z] = (-INF, INF)
                for slope, intercept in lines:
                    terms: Terms = {z: 1.0, ("y", h, g, t): -slope / (y0 * r.heads(h, t))}
                    stage.rows.append(Row("worth", (), terms, "<=", intercept))
    return stage


def _assortment(r: Reading) -> Stage:
    stage = Stage("assortment", {})
    for t in r.plan_years:
        stage.terms["sets", t] = 1.0
        stage.bounds["sets", t] = (0.0, INF)
    for (h, g, t), amount in basket(r).items():
        terms: Terms = {("y", h, g, t): 1.0, ("sets", t): -amount}
        stage.rows.append(Row("basket", _eaten_label(r, h, g, t), terms, ">=", 0.0))
    return stage


def _people_first(r: Reading) -> Stage:
    stage = Stage("people_first", {("lowest",): 1.0}, {("lowest",): (0.0, INF)})
    for h in r.households:
        for g in r.needs:
            for t in r.plan_years:
                head = float(r.eaten0[h, g]) * r.heads(h, t)
                if head > 0:
                    terms: Terms = {("y", h, g, t): 1.0, ("lowest",): -head}
                    stage.rows.append(Row("lowest", _eaten_label(r, h, g, t), terms, ">=", 0.0))
    return stage


def _tie_break(r: Reading) -> Stage:
    stage = Stage("tie_break", {})
    x0 = r.base("output")
    some = [j for j in r.activities if x0[j] > 0]
    total = float(sum(x0[j] for j in some))
    for t in r.plan_years:
        for j in some:
            # away >= |x_j/x0_j - X|
            away: Var = ("away", j, t)
            stage.bounds[away] = (0.0, INF)
            stage.terms[away] = -float(x0[j]) / total
            for sign in (1.0, -1.0):
                terms: Terms = {away: 1.0}
                for k in some:
                    add(terms, ("x", k, t), -sign * ((1.0 / float(x0[j]) if k == j else 0.0) - 1.0 / total))
                stage.rows.append(Row("away", (), terms, ">=", 0.0))
    return stage


def stages(r: Reading) -> list[Stage]:
    """All stages in order."""
    tasks = list(Rows(r).tasks())
    out: list[Stage] = []
    for priority in task_classes(tasks):
        stage = Stage(f"tasks_{priority}", {})
        for number, task in enumerate(tasks):
            if task.priority == priority:
                for z, _ in shortfall_vars(number, task):
                    add(stage.terms, z, -shortfall_cost(task))
        out.append(stage)
    o = r.spec.objective
    if o.people_first:
        out.append(_people_first(r))
    if o.kind == "living_standard":
        out.append(_living_standard(r))
    elif o.kind == "assortment":
        out.append(_assortment(r))
    else:
        out.append(Stage(o.kind, main_terms(r)))
    if o.tie_break:
        out.append(_tie_break(r))
    return out


def stage_values(r: Reading, x: Mapping[Var, float]) -> list[float]:
    """Each stage's objective at given figures, shortfalls taken as the least that the figures need."""

    def total(terms: Terms) -> float:
        return sum(c * x.get(var, 0.0) for var, c in terms.items())

    tasks = list(Rows(r).tasks())
    o, out = r.spec.objective, []
    for priority in task_classes(tasks):
        missed = 0.0
        for task in tasks:
            if task.priority == priority:
                gap = task.target - total(task.terms)
                short = max(gap, 0.0) if task.sense == ">=" else max(-gap, 0.0) if task.sense == "<=" else abs(gap)
                missed += shortfall_cost(task) * short
        out.append(-missed)
    heads = {
        (h, g, t): float(r.eaten0[h, g]) * r.heads(h, t)
        for h in r.households
        for g in r.needs
        for t in r.plan_years
        if r.eaten0[h, g] > 0
    }
    if o.people_first:
        out.append(min(x["y", h, g, t] / head for (h, g, t), head in heads.items()))
    if o.kind == "living_standard":
        lines, needs, value = worth_lines(r), list(r.e.codes("need")), 0.0
        for (h, g, t), head in heads.items():
            ratio = x["y", h, g, t] / head
            worth = min(slope * ratio + intercept for slope, intercept in lines)
            value += o.discount**t * float(r.eaten0[h, g]) * o.weights.get(needs[g], 1.0) * worth
        out.append(value)
    elif o.kind == "assortment":
        sets = dict.fromkeys(r.plan_years, INF)
        for (h, g, t), amount in basket(r).items():
            sets[t] = min(sets[t], x["y", h, g, t] / amount)
        out.append(sum(sets.values()))
    else:
        out.append(total(main_terms(r)))
    if o.tie_break:
        x0 = r.base("output")
        some = [j for j in r.activities if x0[j] > 0]
        whole, away = float(sum(x0[j] for j in some)), 0.0
        for t in r.plan_years:
            level = sum(x["x", j, t] for j in some) / whole
            away += sum(abs(x["x", j, t] / float(x0[j]) - level) * float(x0[j]) / whole for j in some)
        out.append(-away)
    return out
