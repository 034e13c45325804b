"""Which limits hold a plan back most: marginal value times the size of what is limited (docs/model.md section 6).

A limit is a row of a family over all its years. Its strength is what the plan would gain, by its marginal
values, if 1 % more were allowed of the limited quantity (1 % less asked, for a floor), in every year.
Marginal values hold at the margin and need not be unique: strengths of different limits do not add up to
what relaxing all of them would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lustrum.planning.plan import Plan
from lustrum.planning.summary import quantities as q

#: Identities and helper rows: they limit nothing that a planner could relax.
NOT_LIMITS = frozenset(
    {
        "product_balance",
        "accumulation",
        "utility",
        "basket",
        "lowest",
        "proportion",
        "lexicographic_bound",
        "under_construction",
        "after_plan",
    }
)

#: Words for a family, and for the group whose total is given.
WORDS: dict[str, tuple[str, str]] = {
    "capacity": ("capacity", "capacity"),
    "labour": ("labour", "labour"),
    "exchange": ("foreign exchange", "foreign exchange and debt"),
    "debt_ceiling": ("ceiling on foreign debt", "foreign exchange and debt"),
    "import_ceiling": ("ceiling on imports", "limits on trade by product"),
    "import_floor": ("floor under imports", "limits on trade by product"),
    "export_ceiling": ("ceiling on exports", "limits on trade by product"),
    "export_floor": ("floor under exports", "limits on trade by product"),
    "export_band_low": ("exports may not fall faster", "bands on exports"),
    "export_band_high": ("exports may not rise faster", "bands on exports"),
    "import_share_low": ("import share may not fall faster", "bands on import shares"),
    "import_share_high": ("import share may not rise faster", "bands on import shares"),
    "export_source": ("exports come from own output", "exports come from own output"),
    "self_sufficiency": ("self-sufficiency asked", "self-sufficiency"),
    "reserve": ("reserve asked", "reserves"),
    "absorption": ("stock may not grow faster", "absorption of investment"),
    "investment_ceiling": ("ceiling on investment", "ceilings on investment"),
    "consumption_floor": ("floor under living standard", "floors under living standard"),
    "no_fall": ("living standard may not fall", "living standard may not fall"),
    "post_plan_consumption": ("living standard kept after the plan", "what must be left at the close"),
    "resource": ("resource", "resources"),
    "task": ("task", "tasks"),
    "output_down": ("output may not fall faster", "bands on output"),
    "output_up": ("output may not rise faster", "bands on output"),
    "investment_down": ("investment may not fall faster", "bands on investment"),
    "investment_up": ("investment may not rise faster", "bands on investment"),
    "terminal_growth": ("capacity asked at the close", "what must be left at the close"),
    "terminal_stocks": ("stocks asked at the close", "what must be left at the close"),
    "output_floor": ("output asked after the plan", "what must be left at the close"),
    "closing_stock": ("product stock asked at the close", "what must be left at the close"),
}


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
        if family in NOT_LIMITS:
            continue
        dims = [str(d) for d in array.dims if d != "year"]
        years: list[int | None] = [int(y) for y in array["year"].values] if "year" in array.dims else [None]
        marginal = np.nan_to_num(np.asarray(array.values))
        marginal = marginal if "year" in array.dims else marginal[..., None]
        size = np.stack([_size(plan, family, y) for y in years], axis=-1)
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
        groups.setdefault(_words(limit.family)[1], []).append(limit)
    totals = [FamilyTotal(text, sum(x.gain for x in group), len(group)) for text, group in groups.items()]
    return sorted(totals, key=lambda total: -total.gain)


def _words(family: str) -> tuple[str, str]:
    plain = family.replace("_", " ")
    return WORDS.get(family, (plain, plain))


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
    return f"{_words(family)[0]}: {joined.join(named)}" if named else _words(family)[0]


def _size(plan: Plan, family: str, year: int | None) -> np.ndarray:
    """Size of what the rows of a family limit in a year, on the family's other labels."""
    d, cal = plan.data, plan.data.calendar
    t = cal.plan if year is None else year - cal.base
    if family == "task":
        return np.array([task.target for task in d.tasks])
    if family in ("terminal_growth", "terminal_stocks"):
        return q.variable(plan, "capital", cal.plan + 1)
    size = _SIZES.get(family)
    return np.zeros(()) if size is None else np.abs(size(plan, t))


def _of(name: str) -> Callable[[Plan, int], np.ndarray]:
    return lambda plan, t: q.variable(plan, name, t)


_SIZES: dict[str, Callable[[Plan, int], np.ndarray]] = {
    "capacity": _of("capital"),
    "labour": lambda plan, t: plan.data.labour_supply(t),
    "exchange": q.import_bill,
    "debt_ceiling": _of("debt"),
    "import_ceiling": _of("imports"),
    "import_floor": _of("imports"),
    "export_ceiling": _of("exports"),
    "export_floor": _of("exports"),
    "export_band_low": _of("exports"),
    "export_band_high": _of("exports"),
    "import_share_low": q.imports,
    "import_share_high": q.imports,
    "export_source": q.production,
    "self_sufficiency": q.production,
    "reserve": _of("stock"),
    "closing_stock": _of("stock"),
    "absorption": _of("investment"),
    "investment_ceiling": _of("investment"),
    "investment_down": _of("investment"),
    "investment_up": _of("investment"),
    "consumption_floor": _of("consumption"),
    "no_fall": _of("consumption"),
    "post_plan_consumption": _of("consumption"),
    "output_down": _of("output"),
    "output_up": _of("output"),
    "output_floor": _of("output"),
    "resource": lambda plan, t: plan.data.resource_coefficient(t) @ q.variable(plan, "output", t),
}
