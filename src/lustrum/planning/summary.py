"""A plan in a few figures (`lustrum plan --json`, `summary.json`), and the limits that hold it back most.

A limit is a row of a family over all its years. Its strength is what the plan would gain, by its marginal values
(docs/model.md section 6), if 1 % more were allowed of the limited quantity (1 % less asked, for a floor) in every year.
Marginal values hold at the margin and need not be unique: strengths of different limits do not add up to what relaxing
all of them would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lustrum.planning import quantities as q
from lustrum.planning.families import FAMILIES, limit_size
from lustrum.planning.plan import Plan

Document = dict[str, Any]


@dataclass(frozen=True)
class Limit:
    """One row of a family over its years.

    Attributes
    ----------
    family, labels
        Constraint family and the codes of the row.
    text
        The limit in words.
    marginal_values
        By year (None for a row without years): gain in the objective for one more unit of the right-hand
        side; below zero on a floor.
    gain
        What 1 % more room in every year would add to the objective, by these marginal values.
    """

    family: str
    labels: tuple[str, ...]
    text: str
    marginal_values: dict[int | None, float]
    gain: float


@dataclass(frozen=True)
class FamilyTotal:
    """Gains of all rows of a group of families together, and how many of its rows are limits in some year."""

    text: str
    gain: float
    binding: int


def every_limit(plan: Plan) -> list[Limit]:
    """Return every limit with a marginal value other than zero, the strongest first."""
    out: list[Limit] = []
    for family, array in q.main_stage(plan).marginal_values.items():
        if not FAMILIES[family].limit:
            continue
        dims = [str(d) for d in array.dims if d != "year"]
        years: list[int | None] = [int(y) for y in array["year"].values] if "year" in array.dims else [None]
        marginal = np.nan_to_num(np.asarray(array.values))
        marginal = marginal if "year" in array.dims else marginal[..., None]
        size = np.stack([limit_size(plan, family, y) for y in years], axis=-1)
        gain = (np.abs(marginal) * size).sum(axis=-1) * 0.01
        codes = [[str(c) for c in array[d].values] for d in dims]
        for at in np.argwhere((marginal != 0).any(axis=-1)):
            labels = tuple(codes[k][i] for k, i in enumerate(at))
            by_year = {y: float(v) for y, v in zip(years, marginal[tuple(at)], strict=True)}
            out.append(Limit(family, labels, _wording(plan, family, dims, labels), by_year, float(gain[tuple(at)])))
    return sorted(out, key=lambda limit: -limit.gain)


def strongest_limits(plan: Plan, count: int = 5) -> list[Limit]:
    """Return the limits whose easing by 1 % would add most to the objective."""
    return every_limit(plan)[:count]


def family_totals(plan: Plan, limits: list[Limit] | None = None) -> list[FamilyTotal]:
    """Return gains by group of families, the largest first: bands bind in dozens, each of them little."""
    groups: dict[str, list[Limit]] = {}
    for limit in every_limit(plan) if limits is None else limits:
        groups.setdefault(FAMILIES[limit.family].group, []).append(limit)
    totals = [FamilyTotal(text, sum(x.gain for x in group), len(group)) for text, group in groups.items()]
    return sorted(totals, key=lambda total: -total.gain)


def _wording(plan: Plan, family: str, dims: list[str], labels: tuple[str, ...]) -> str:
    """Phrase and names; a set with one label (one partner, one household) is not worth naming beside another."""
    e = plan.economy
    named = [
        e.name_of(dim, code) if code in e.codes(dim) else code
        for dim, code in zip(dims, labels, strict=True)
        if dim not in e.sets or e.size(dim) > 1 or len(dims) == 1
    ]
    joined = " of " if dims == ["asset", "activity"] else ", "
    if dims == ["region"] and len(plan.data.regions) == 1:
        named = []
    words = FAMILIES[family].limit
    return f"{words}: {joined.join(named)}" if named else words


def document(plan: Plan, plan_id: str | None = None, count: int = 5) -> Document:
    """Summarise a plan. Years are keys as text; a figure that does not exist is None.

    `needs` are per head of the population of that year, 1 being the base year; `activity` and `investment`
    are totals against the base year. `strongest` are the limits of `limits` in words, with what 1 % more
    room would add to the objective.
    """
    e, d, cal = plan.economy, plan.data, plan.data.calendar
    years = list(cal.plan_years)
    base_and_years = [0, *years]
    found = every_limit(plan)
    strongest = found[:count]
    certificate = plan.certificate
    return {
        "status": plan.status,
        "objective": q.objective(plan),
        "objective_kind": plan.spec.objective.kind,
        "objective_unit": objective_unit(plan),
        "method": plan.method,
        "seconds": plan.seconds,
        "plan_id": plan_id,
        "name": plan.spec.name,
        "economy": {
            "name": e.source.name,
            "title": e.source.title,
            "base_year": e.base_year,
            "money": e.source.money,
            "digest": e.digest,
        },
        "years": [cal.year(t) for t in years],
        "first_sector": _leading_sector(plan, found),
        "certificate": {
            "primal_residual": certificate.primal_residual,
            "dual_residual": certificate.dual_residual,
            "gap": certificate.gap,
            "tolerance": certificate.tolerance,
            "holds": certificate.holds,
        },
        "stages": [{"name": s.name, "objective": s.objective} for s in plan.stages],
        "needs": _needs(plan, years),
        "needs_names": {g: e.name_of("need", g) for g in e.codes("need")},
        "households": _households(plan, years),
        "floors": _floors(plan, years),
        "activity": _series(
            plan, years, lambda t: q.index_to_base(plan, "activity", q.variable(plan, "output", t), d.base_output)
        ),
        "investment": _series(
            plan,
            years,
            lambda t: q.index_to_base(
                plan, "asset", q.variable(plan, "investment", t).sum(axis=1), d.base_investment.sum(axis=1)
            ),
        )
        if d.has_assets
        else {},
        "labour": _labour(plan, years),
        "trade": _trade(plan, base_and_years) if d.has_trade else {},
        "self_sufficiency": _series(plan, base_and_years, lambda t: q.share_at_home(plan, t)),
        "tasks": _tasks(plan),
        "limits": [entry for limit in strongest for entry in _entries(limit)],
        "strongest": [
            {"text": x.text, "name": x.family, "label": " / ".join(x.labels), "gain": x.gain} for x in strongest
        ],
        "families": [{"text": f.text, "gain": f.gain, "binding": f.binding} for f in family_totals(plan, found)],
        "conflict": [],
        "warnings": list(plan.notes),
    }


def _leading_sector(plan: Plan, limits: list[Limit]) -> str:
    """Return the sector to look at first: the one that the strongest limits speak of, else the largest."""
    sectors = plan.economy.codes("activity")
    named = next((x for limit in limits for x in limit.labels if x in sectors), None)
    return named or sectors[int(np.argmax(q.variable(plan, "output", 1)))]


def objective_unit(plan: Plan) -> str:
    """What one unit of the objective is."""
    e, o = plan.economy, plan.spec.objective
    money = e.source.money or "unit"
    later = f", later years weighing {o.discount:g} of the year before" if o.discount != 1 else ""
    activities = {e.unit_of("activity", c) for c in e.codes("activity")}
    assets = {e.unit_of("asset", c) for c in e.codes("asset")}
    skills = {e.unit_of("skill", c) for c in e.codes("skill")}
    return {
        "living_standard": f"{money} of base-year consumption at base level per head{later}",
        "assortment": "the basket of one year",
        "terminal_capacity": f"{_one(assets)} of assets",
        "output": f"{_one(activities)} of output",
        "employment": f"{_one(skills)} of labour",
        "least_cost": f"cost as the plan file counts it{later}",
    }[o.kind]


def _one(units: set[str]) -> str:
    """The unit that all labels share, or a word for none."""
    return (len(units) == 1 and units.pop()) or "a unit"


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _series(plan: Plan, years: list[int], figure: Any) -> dict[str, float | None]:
    return {str(plan.data.calendar.year(t)): _number(float(figure(t))) for t in years}


def _needs(plan: Plan, years: list[int]) -> dict[str, dict[str, float | None]]:
    if not plan.data.has_needs:
        return {}
    levels = {t: q.consumption_per_head(plan, t) for t in years}
    return {
        need: _series(plan, years, lambda t, k=k: levels[t][k])
        for k, need in enumerate(plan.economy.codes("need"))
        if not np.isnan(levels[years[0]][k])
    }


def _households(plan: Plan, years: list[int]) -> Document:
    """Needs by household, where there is more than one."""
    e = plan.economy
    if not plan.data.has_needs or e.size("household") < 2:
        return {}
    levels = {t: q.level_per_head(plan, t) for t in years}
    return {
        house: {
            need: _series(plan, years, lambda t, h=h, g=g: levels[t][h, g])
            for g, need in enumerate(e.codes("need"))
            if not np.isnan(levels[years[0]][h, g])
        }
        for h, house in enumerate(e.codes("household"))
    }


def _floors(plan: Plan, years: list[int]) -> Document:
    """By need: the highest floor of any household, and the least room above a floor of any of them."""
    if not plan.data.has_needs:
        return {}
    floors = np.stack([q.floor_per_head(plan, t) for t in years], axis=-1)
    room = np.stack([q.level_per_head(plan, t) for t in years], axis=-1) - floors
    out = {}
    for g, need in enumerate(plan.economy.codes("need")):
        if np.isfinite(floors[:, g]).any():
            highest = np.fmax.reduce(floors[:, g], axis=0)
            out[need] = {
                **_series(plan, years, lambda t, highest=highest: highest[t - 1]),
                "room": float(np.nanmin(room[:, g])),
            }
    return out


def _labour(plan: Plan, years: list[int]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Labour used, the supply, and the share of it that is used, by skill."""
    d = plan.data
    if not d.has_labour:
        return {}
    used = {t: q.labour(plan, t) for t in years}
    supply = {t: d.labour_supply(t) if plan.economy.has("labour_supply") else used[t] * np.nan for t in years}
    return {
        skill: {
            "used": _series(plan, years, lambda t, k=k: used[t][k]),
            "supply": _series(plan, years, lambda t, k=k: supply[t][k]),
            "share": _series(plan, years, lambda t, k=k: used[t][k] / supply[t][k] if supply[t][k] > 0 else math.nan),
        }
        for k, skill in enumerate(plan.economy.codes("skill"))
    }


def _trade(plan: Plan, years: list[int]) -> dict[str, dict[str, float | None]]:
    """Imports, exports and their balance at foreign prices, what comes in besides, and foreign debt."""
    d = plan.data
    out = {
        "imports": _series(plan, years, lambda t: q.import_bill(plan, t).sum()),
        "exports": _series(plan, years, lambda t: q.export_earnings(plan, t).sum()),
        "balance": _series(plan, years, lambda t: (q.export_earnings(plan, t) - q.import_bill(plan, t)).sum()),
        "transfers": _series(plan, years, lambda t: d.transfers(t).sum()),
    }
    if d.exchange_enforced:
        out["debt"] = _series(plan, years, lambda t: q.variable(plan, "debt", t).sum())
    return out


def _tasks(plan: Plan) -> list[Document]:
    """Every task of the plan file with what was asked and what is reached."""
    out = []
    for task in plan.data.tasks:
        value = q.task_value(plan, task)
        miss = max(task.lower - value, value - task.upper, 0.0)
        out.append(
            {
                "task": task.name,
                "year": task.year,
                "at_least": _number(task.lower),
                "at_most": _number(task.upper),
                "reached": value,
                "missed_by": miss if miss > 1e-6 * task.target else 0.0,
                "elastic": task.elastic is not None,
            }
        )
    return out


def _entries(limit: Limit) -> list[Document]:
    return [
        {"name": limit.family, "label": " / ".join(limit.labels), "year": year, "marginal_value": value}
        for year, value in limit.marginal_values.items()
    ]
