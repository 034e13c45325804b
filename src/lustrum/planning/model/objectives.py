"""Stages of the objective (docs/model.md section 5), in the order they are solved; all are maximised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.calendar import positions
from lustrum.planning.model.context import Model
from lustrum.planning.model.uses import labour_terms, term_parts
from lustrum.planning.tasks import resolve_term

Parts = list[tuple[np.ndarray, np.ndarray | float]]


def define_objectives(m: Model) -> None:
    """Shortfalls class by class, then the lowest living standard, then the main aim, then base proportions."""
    objective = m.d.spec.objective
    tolerance = objective.stage_tolerance
    _shortfalls(m, tolerance)
    if objective.people_first:
        _people_first(m, tolerance)
    parts, size = _MAIN[objective.kind](m)
    m.add_goal(objective.kind, parts, 0.0, tolerance, size)
    if objective.tie_break:
        _tie_break(m, tolerance)


def _shortfalls(m: Model, tolerance: float) -> None:
    tasks = m.d.tasks
    for priority in sorted({t.elastic.priority for t in tasks if t.elastic}):
        parts: Parts = []
        for k, task in enumerate(tasks):
            if task.elastic and task.elastic.priority == priority:
                price = -task.elastic.weight / task.target
                parts += [(m.variables[z].index[k : k + 1], price) for z in ("shortfall", "excess")]
        m.add_goal(f"shortfall {priority}", parts, 0.0, tolerance, 1.0)


def _need_needs(m: Model, kind: str) -> None:
    if not m.d.has_needs or not (m.d.base_consumption > 0).any():
        raise SpecError(
            f"{kind} needs base consumption by need",
            where="objective",
            mend="add need_composition.csv and consumption.csv, or choose another aim",
        )


def _base_by_year(m: Model) -> np.ndarray:
    """y0 N_t/N_0 (h, g, T)."""
    ratio = np.stack([m.d.population_ratio(t) for t in m.cal.plan_years], axis=-1)
    return np.asarray(m.d.base_consumption[:, :, None] * ratio[:, None, :])


def _people_first(m: Model, tolerance: float) -> None:
    """max v with y >= v · y0 N_t/N_0 for every household and need."""
    _need_needs(m, "people_first")
    base = _base_by_year(m)
    lowest = m.add_variables("lowest", {})
    rows = m.add_rows("lowest", m.sets("household", "need") | m.years(m.cal.plan_years), base > 0, lower=0.0)
    for t in m.cal.plan_years:
        m.put(m.row(rows, t), m.var("consumption", t), 1.0)
        m.put(m.row(rows, t), lowest.index, -base[:, :, t - 1])
    m.add_goal("people_first", [(lowest.index, 1.0)], 0.0, tolerance, 1.0)


def _living_standard(m: Model) -> tuple[Parts, float]:
    """Σ β^t Σ w u(r), counted from the base level so that nothing cancels: pieces above it add, pieces below it
    that are done without take away (rows `utility`: pieces above - pieces done without - y <= -base)."""
    _need_needs(m, "living_standard")
    o, d = m.d.spec.objective, m.d
    curve = worth_curve(o.elasticity, o.utility_floor, o.utility_ceiling, o.segments)
    base = _base_by_year(m)
    weight = d.base_consumption * need_weights(m)[None, :]
    exists = base > 0
    pieces = len(curve.slope)
    labels = m.sets("household", "need") | {"segment": list(range(pieces))} | m.years(m.cal.plan_years)
    sign = np.where(curve.start >= 1, 1.0, -1.0)[None, None, :, None]
    length = curve.length[None, None, :, None] * np.where(exists, base, 1.0)[:, :, None, :]
    segments = m.add_variables(
        "segment", labels, exists[:, :, None, :], upper=length, scale=np.maximum(base, 1e-300)[:, :, None, :] / pieces
    )
    rows = m.add_rows("utility", m.sets("household", "need") | m.years(m.cal.plan_years), exists, upper=-base)
    m.put(rows.index[:, :, None, :], segments.index, sign)
    m.put(rows.index, m.variables["consumption"].index[..., : m.cal.plan], -1.0)
    beta = o.discount ** np.arange(1, m.cal.plan + 1)
    # worth per unit of consumption: slope · w / base, so that one unit at base level is worth β^t
    per_unit = np.divide(weight[:, :, None], base, out=np.zeros_like(base), where=exists) * beta
    worth = sign * curve.slope[None, None, :, None] * per_unit[:, :, None, :]
    return [(segments.index, worth)], float((per_unit * base).sum())


def need_weights(m: Model) -> np.ndarray:
    """Factor on each need's base spending."""
    return _weights(m, "need")


def _weights(m: Model, dim: str) -> np.ndarray:
    out = np.ones(m.e.size(dim))
    for code, value in m.d.spec.objective.weights.items():
        if code not in m.e.codes(dim):
            expected, mend = unknown_label(code, m.e.codes(dim), dim)
            raise SpecError(f"unknown {dim} {code!r}", where="objective.weights", expected=expected, mend=mend)
        out[m.e.codes(dim).index(code)] = value
    return out


def _assortment(m: Model) -> tuple[Parts, float]:
    """Σ_t u_t with y_t >= u_t · basket_t (rows `basket`)."""
    basket = basket_by_year(m)
    if not (basket > 0).any():
        raise SpecError("the basket is empty", where="objective.basket", mend="name at least one need with an amount")
    level = m.add_variables("assortment", m.years(m.cal.plan_years), np.asarray((basket > 0).any(axis=(0, 1))))
    rows = m.add_rows("basket", m.sets("household", "need") | m.years(m.cal.plan_years), basket > 0, lower=0.0)
    for t in m.cal.plan_years:
        m.put(m.row(rows, t), m.var("consumption", t), 1.0)
        m.put(m.row(rows, t), m.var("assortment", t), -basket[:, :, t - 1])
    return [(level.index, 1.0)], float(m.cal.plan)


def basket_by_year(m: Model) -> np.ndarray:
    """Basket (h, g, T): base consumption per head unless the plan file gives amounts."""
    if not m.d.has_needs:
        raise SpecError(
            "assortment needs a composition of needs",
            where="objective",
            mend="add need_composition.csv to the accounts",
        )
    base = _base_by_year(m)
    if not m.d.spec.objective.basket:
        return base
    out = np.zeros_like(base)
    for k, item in enumerate(m.d.spec.objective.basket):
        where = f"objective.basket[{k}]"
        amount = m.cal.figure(item.amount, where)
        for h in positions(m.e, "household", item.household, where):
            for g in positions(m.e, "need", item.need, where):
                scaled = amount * (base[h, g] if item.basis == "base" else 1.0)
                out[h, g] = np.where(np.isnan(amount), out[h, g], scaled)
    return out


def _terminal_capacity(m: Model) -> tuple[Parts, float]:
    """Assets at the start of a named year, by activity weight."""
    year = m.d.spec.objective.year
    t = m.cal.plan + 1 if year is None else year - m.cal.base
    if t not in m.cal.stock_years:
        raise SpecError(
            f"{year} is not a year at whose start this plan counts assets",
            where="objective.year",
            expected=f"{m.cal.year(1)}..{m.cal.year(m.cal.stock_years[-1])}",
        )
    if not m.d.has_assets:
        raise SpecError("terminal_capacity needs assets", where="objective", mend="add assets.csv and its tables")
    return [(m.var("capital", t), _weights(m, "activity")[None, :])], 0.0


def _output(m: Model) -> tuple[Parts, float]:
    """Output of the named years, by activity weight."""
    years = m.d.spec.objective.years
    chosen = list(m.cal.plan_years) if years is None else [m.cal.offset(y, "objective.years") for y in years]
    return [(m.var("output", t), _weights(m, "activity")) for t in chosen], 0.0


def _employment(m: Model) -> tuple[Parts, float]:
    """Labour of years 1..T as spent under (4)."""
    if not m.d.has_labour:
        raise SpecError("employment needs labour_coefficient", where="objective", mend="add it to the accounts")
    return [(c, v.sum(axis=0)) for t in m.cal.plan_years for c, v in labour_terms(m, t)], 0.0


def _least_cost(m: Model) -> tuple[Parts, float]:
    """Minus the discounted sum of costs."""
    o = m.d.spec.objective
    parts: Parts = []
    for k, cost in enumerate(o.costs):
        where = f"objective.costs[{k}]"
        years = list(m.cal.plan_years) if cost.years is None else [m.cal.offset(y, where) for y in cost.years]
        for t in years:
            if term := resolve_term(m.d, cost, t, where):
                parts += [(c, -(o.discount**t) * np.asarray(v)) for c, v in term_parts(m, term)]
    return parts, 0.0


_MAIN = {
    "living_standard": _living_standard,
    "assortment": _assortment,
    "terminal_capacity": _terminal_capacity,
    "output": _output,
    "employment": _employment,
    "least_cost": _least_cost,
}


def _tie_break(m: Model, tolerance: float) -> None:
    """Minus the weighted distance of every activity's growth from the growth of all (rows `proportion`)."""
    base = m.d.base_output
    total = base.sum()
    if total <= 0:
        raise SpecError(
            "tie_break needs base output", where="objective.tie_break", mend="add output.csv, or leave it out"
        )
    labels = m.sets("activity") | m.years(m.cal.plan_years)
    exists = (base > 0)[:, None]
    above = m.add_variables("above", labels, exists)
    below = m.add_variables("below", labels, exists)
    rows = m.add_rows("proportion", labels, exists, lower=0.0, upper=0.0)
    own = np.divide(1.0, base, out=np.zeros_like(base), where=base > 0)
    for t in m.cal.plan_years:
        r, x = m.row(rows, t), m.var("output", t)
        m.put(r, x, own)
        m.put(r[:, None], np.where(base > 0, x, -1)[None, :], -1 / total)
    m.put(rows.index, above.index, -1.0)
    m.put(rows.index, below.index, 1.0)
    share = -(base / total)[:, None]
    m.add_goal("tie_break", [(above.index, share), (below.index, share)], 0.0, tolerance, 1.0)


# --- the worth curve u(r) = (r^{1-η} - 1)/(1-η) as pieces, with its error stated ---------------------------


@dataclass(frozen=True, eq=False)
class WorthCurve:
    """Concave chords through u, with u(1) = 0.

    Attributes
    ----------
    start, slope, length
        Of each piece from r = 0 on, slopes falling; r = 1 is the start of a piece; the last is endless.
    error
        Largest distance to u between the first and the last breakpoint.
    """

    start: np.ndarray
    slope: np.ndarray
    length: np.ndarray
    error: float

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """Worth at level r, counted from r = 1."""
        above = self.start >= 1
        used = np.clip(np.asarray(r, dtype=float)[..., None] - self.start, 0.0, self.length)
        missed = np.where(above, 0.0, self.length) - np.where(above, 0.0, used)
        return np.asarray((np.where(above, used, 0.0) * self.slope).sum(-1) - (missed * self.slope).sum(-1))


def utility(r: np.ndarray, elasticity: float) -> np.ndarray:
    """u(r): ln r for η = 1."""
    if elasticity == 1.0:
        return np.log(r)
    return np.asarray((r ** (1 - elasticity) - 1) / (1 - elasticity))


@cache
def worth_curve(elasticity: float, floor: float, ceiling: float, segments: int) -> WorthCurve:
    """Build the pieces: equal ratios between floor and ceiling with 1 always a breakpoint, linear outside."""
    whole = np.log(ceiling / floor)
    below = max(1, round(segments * float(-np.log(floor) / whole))) if floor < 1 else 0
    above = max(1, segments - below) if ceiling > 1 else 0
    points = np.concatenate(
        [np.geomspace(floor, 1.0, below + 1)[:-1], [1.0], np.geomspace(1.0, ceiling, above + 1)[1:]]
    )
    values = utility(points, elasticity)
    chords = np.diff(values) / np.diff(points)
    first = floor ** (-elasticity)
    slope = np.concatenate([[first], chords, chords[-1:] if chords.size else [first]])
    length = np.concatenate([[points[0]], np.diff(points), [np.inf]])
    mean = np.linspace(points[:-1], points[1:], 33)
    chord = values[:-1] + chords * (mean - points[:-1])
    error = float(np.max(np.abs(utility(mean, elasticity) - chord), initial=0.0))
    return WorthCurve(np.concatenate([[0.0], points]), slope, length, error)
