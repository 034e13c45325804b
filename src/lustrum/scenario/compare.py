"""Who gains and who pays: two plans on the same accounts side by side. Needs and household groups per head of their
population, sectors by what they make, invest and employ. Plain figures for JSON; years are keys as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lustrum.planning import quantities as q
from lustrum.planning.plan import Plan
from lustrum.planning.summary import every_limit, objective_unit
from lustrum.scenario.result import Result
from lustrum.scenario.telling import told_differences

if TYPE_CHECKING:
    import pandas as pd

Table = dict[str, Any]

#: Smaller changes are the solver's rounding.
ROUNDING = 1e-6
#: A change of the objective below this share of it is rounding too.
NOTHING = 1e-9
#: How many sectors are listed by each measure.
SECTORS = 12


def objective(before: Plan, after: Plan, bound: float | None) -> Table:
    """Return the objective of both plans; `comparable` says whether the same thing was counted in both.

    `at_best` is what the marginal values of the old plan allowed before the new one was solved.
    """
    old, new = q.objective(before), q.objective(after)
    change = new - old if abs(new - old) > NOTHING * max(abs(old), 1.0) else 0.0
    same = before.spec.objective == after.spec.objective and before.spec.horizon == after.spec.horizon
    return {
        "kind": after.spec.objective.kind,
        "unit": objective_unit(after),
        "comparable": same,
        "before": old,
        "after": new,
        "change": change,
        "relative": change / abs(old) if old else None,
        "at_best": bound,
    }


def needs(before: Plan, after: Plan) -> list[Table]:
    """Return every need per head, 1 being the base year, by year before and after; most gained first."""
    if not after.data.has_needs:
        return []
    e = after.economy
    return _ranked(
        [
            _row(before, after, g, e.name_of("need", g), lambda plan, t, k=k: float(q.consumption_per_head(plan, t)[k]))
            for k, g in enumerate(e.codes("need"))
        ]
    )


def households(before: Plan, after: Plan) -> list[Table]:
    """Return every household group's needs together, weighed by what it spent in the base year."""
    e = after.economy
    if not after.data.has_needs:
        return []

    def level(plan: Plan, t: int, h: int) -> float:
        weight = plan.data.base_consumption[h]
        used = weight > 0
        levels = q.level_per_head(plan, t)[h]
        return float((levels[used] * weight[used]).sum() / weight[used].sum()) if used.any() else math.nan

    return _ranked(
        [
            _row(before, after, code, e.name_of("household", code), lambda plan, t, h=h: level(plan, t, h))
            for h, code in enumerate(e.codes("household"))
        ]
    )


def sectors(before: Plan, after: Plan) -> Table:
    """Return the sectors whose output, investment or labour changes most over the plan, most gained first."""
    e = after.economy
    measures: dict[str, Callable[[Plan, int], np.ndarray]] = {"output": lambda plan, t: q.variable(plan, "output", t)}
    if after.data.has_assets:
        measures["investment"] = lambda plan, t: q.variable(plan, "investment", t).sum(axis=0)
    if after.data.has_labour:
        measures["labour"] = lambda plan, t: (plan.data.labour_coefficient(t) * q.variable(plan, "output", t)).sum(
            axis=0
        )
    out: Table = {}
    for name, measure in measures.items():
        old, new = _total(before, measure), _total(after, measure)
        least = ROUNDING * np.maximum(np.abs(old), 1e-6 * (np.abs(old).sum() or 1.0))
        rows = [
            {
                "sector": code,
                "name": e.name_of("activity", code),
                "before": float(old[j]),
                "after": float(new[j]),
                "change": float(new[j] - old[j]),
                "relative": float(new[j] / old[j] - 1) if old[j] > 0 else None,
            }
            for j, code in enumerate(e.codes("activity"))
            if abs(new[j] - old[j]) > least[j]
        ]
        rows.sort(key=lambda row: -abs(float(str(row["change"]))))
        out[name] = {"changed": len(rows), "most": sorted(rows[:SECTORS], key=lambda r: -float(str(r["change"])))}
    return out


def trade(before: Plan, after: Plan) -> Table:
    """Return imports, exports, their balance and foreign debt by year before and after."""
    if not after.data.has_trade:
        return {}
    series: dict[str, Callable[[Plan, int], float]] = {
        "imports": lambda plan, t: q.import_bill(plan, t).sum(),
        "exports": lambda plan, t: q.export_earnings(plan, t).sum(),
        "balance": lambda plan, t: (q.export_earnings(plan, t) - q.import_bill(plan, t)).sum(),
    }
    if before.data.exchange_enforced and after.data.exchange_enforced:
        series["debt"] = lambda plan, t: q.variable(plan, "debt", t).sum()
    return {name: _sides(before, after, figure) for name, figure in series.items()}


def employment(before: Plan, after: Plan) -> Table:
    """Return labour spent by skill and year before and after."""
    if not after.data.has_labour:
        return {}
    return {
        skill: _sides(before, after, lambda plan, t, k=k: float(q.labour(plan, t)[k]))
        for k, skill in enumerate(after.economy.codes("skill"))
    }


def _total(plan: Plan, measure: Callable[[Plan, int], np.ndarray]) -> np.ndarray:
    return np.sum([measure(plan, t) for t in plan.data.calendar.plan_years], axis=0)


def _sides(before: Plan, after: Plan, figure: Callable[..., float]) -> dict[str, dict[str, float | None]]:
    out: dict[str, dict[str, float | None]] = {}
    for side, plan in (("before", before), ("after", after)):
        cal = plan.data.calendar
        out[side] = {str(cal.year(t)): _finite(float(figure(plan, t))) for t in cal.plan_years}
    return out


def _row(before: Plan, after: Plan, code: str, name: str, figure: Callable[..., float]) -> Table:
    """One need or group: both series, and the mean change over the years that both plans have."""
    sides = _sides(before, after, figure)
    both = [
        (float(old), float(new))
        for year, old in sides["before"].items()
        if old is not None and (new := sides["after"].get(year)) is not None
    ]
    change = float(np.mean([new - old for old, new in both])) if both else 0.0
    return {"code": code, "name": name, **sides, "change": change if abs(change) > ROUNDING else 0.0}


def _ranked(rows: list[Table]) -> list[Table]:
    known = [r for r in rows if any(v is not None for v in r["after"].values())]
    return sorted(known, key=lambda r: -float(r["change"]))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


#: Strengths of limits below this share of the strongest are rounding.
SMALL = 1e-4
#: How many limits are listed.
MOST = 12


def changed_limits(before: Plan, after: Plan) -> list[Table]:
    """Return limits whose strength differs between two plans, the largest difference first.

    Strength is what 1 % more room would add to the objective, by marginal values (they need not be unique). `status`:
    new (no strength before), gone, stronger, weaker.
    """
    old, new = ({(x.family, x.labels): x for x in every_limit(plan)} for plan in (before, after))
    largest = max((x.gain for x in (*old.values(), *new.values())), default=0.0)
    rows = []
    for key in {*old, *new}:
        was, now = (side[key].gain if key in side else 0.0 for side in (old, new))
        if abs(now - was) <= max(SMALL * largest, 0.01 * max(was, now)):
            continue
        none = SMALL * largest
        status = "new" if was <= none else "gone" if now <= none else "stronger" if now > was else "weaker"
        limit = new.get(key) or old[key]
        values = limit.marginal_values if key in new else {}
        rows.append(
            {
                "text": limit.text,
                "name": key[0],
                "label": " / ".join(key[1]),
                "status": status,
                "gain_before": was,
                "gain_after": now,
                "marginal_values": {str(y): v for y, v in values.items() if y is not None},
            }
        )
    rows.sort(key=lambda r: (-abs(float(str(r["gain_after"])) - float(str(r["gain_before"]))), str(r["text"])))
    return rows[:MOST]


def differences(before: Plan, after: Plan, bound: float | None = None) -> Table:
    """Return everything that two plans on the same accounts are compared by, as plain figures for JSON.

    `objective`, `needs`, `households`, `sectors`, `trade`, `employment`, `limits` and the new plan's `certificate`.
    """
    c = after.certificate
    return {
        "objective": objective(before, after, bound),
        "needs": needs(before, after),
        "households": households(before, after),
        "sectors": sectors(before, after),
        "trade": trade(before, after),
        "employment": employment(before, after),
        "limits": changed_limits(before, after),
        "certificate": {
            "primal_residual": c.primal_residual,
            "dual_residual": c.dual_residual,
            "gap": c.gap,
            "tolerance": c.tolerance,
            "holds": c.holds,
        },
    }


class Comparison:
    """Two plans side by side: `tables` as plain figures, and as words when printed.

    Examples
    --------
    >>> import lustrum as lu
    >>> from lustrum.accounts.embedded import embedded_folder
    >>> economy = lu.load_economy("us-2019-16")
    >>> spec = lu.PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")
    >>> base = lu.Scenario(economy, spec)
    >>> found = lu.compare(base.solve(), base.solve("scale labour 0.98 in 2021-2022"))
    >>> found.tables["objective"]["change"] < 0
    True
    """

    def __init__(self, before: Plan, after: Plan) -> None:
        self.tables = differences(before, after)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each need: its level by year before and after, and the mean change."""
        import pandas as pd

        rows = {
            row["code"]: {
                **{("before", year): v for year, v in row["before"].items()},
                **{("after", year): v for year, v in row["after"].items()},
                ("change", "mean"): row["change"],
            }
            for row in self.tables["needs"]
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def __str__(self) -> str:
        return "\n".join(told_differences(self.tables))

    __repr__ = __str__


def compare(before: Plan | Result, after: Plan | Result) -> Comparison:
    """Set two plans, or the results of two cases, side by side: who gains, who pays, what then holds the plan back.

    Raises
    ------
    Infeasible, Unbounded, LimitReached
        If a result has no plan.
    """
    old, new = (x if isinstance(x, Plan) else x.plan for x in (before, after))
    return Comparison(old, new)
