"""Families of limits in the planner's words, and every row of a problem on its readable label.

`law` rows follow from arithmetic and technology and are held; `fact` rows are what the economy has; all
others are what the plan file chose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData

LAWS = frozenset(
    {
        "product_balance",
        "accumulation",
        "export_source",
        "under_construction",
        "utility",
        "basket",
        "lowest",
        "proportion",
        "lexicographic_bound",
    }
)
FACTS = frozenset({"capacity", "labour", "resource", "exchange"})
#: What a plan file asks for by name; other choices are rates that hold for all.
ASKED = frozenset(
    {
        "consumption_floor",
        "import_ceiling",
        "import_floor",
        "export_ceiling",
        "export_floor",
        "self_sufficiency",
        "reserve",
        "investment_ceiling",
        "task",
        "terminal_stocks",
        "output_floor",
        "debt_ceiling",
    }
)
#: Giving way on a fact costs this much more than on a choice.
FACT_WEIGHT = 10.0

WORDS: dict[str, str] = {
    "product_balance": "uses of {what} within its supply",
    "accumulation": "stocks of {what} follow from investment",
    "export_source": "exports of {what} come from own output",
    "under_construction": "building of {what} already under way",
    "capacity": "capacity of {what}",
    "labour": "labour supply: {what}",
    "exchange": "foreign exchange: {what}",
    "resource": "budget of {what}",
    "debt_ceiling": "debt ceiling: {what}",
    "import_ceiling": "ceiling on imports of {what}",
    "import_floor": "floor under imports of {what}",
    "export_ceiling": "ceiling on exports of {what}",
    "export_floor": "floor under exports of {what}",
    "export_band_low": "exports of {what} must not fall below their band",
    "export_band_high": "exports of {what} must not rise above their band",
    "import_share_low": "import share of {what} must not fall below its band",
    "import_share_high": "import share of {what} must not rise above its band",
    "self_sufficiency": "self-sufficiency in {what}",
    "reserve": "reserve of {what}",
    "absorption": "investment that {what} can absorb",
    "investment_ceiling": "ceiling on investment of {what}",
    "consumption_floor": "floor under {what}",
    "no_fall": "no fall in {what}",
    "post_plan_consumption": "no fall in {what} after the plan",
    "task": "task {what!r}",
    "output_down": "output of {what} falls no faster than its band",
    "output_up": "output of {what} rises no faster than its band",
    "investment_down": "investment of {what} falls no faster than its band",
    "investment_up": "investment of {what} rises no faster than its band",
    "after_plan": "building of {what} goes on after the plan",
    "terminal_growth": "{what} able to grow after the plan",
    "terminal_stocks": "closing stock of {what}",
    "output_floor": "output of {what} after the plan",
    "closing_stock": "closing stock of {what}",
}

_FIRST = ("product", "activity", "need", "skill", "region", "resource")


@dataclass(frozen=True)
class Row:
    """One row: family, readable label in codes, the same in names, main code, calendar year, its labels."""

    index: int
    name: str
    label: str
    what: str
    code: str
    year: int
    at: dict[str, object]

    @property
    def sentence(self) -> str:
        """The limit in the planner's words, without its year."""
        return WORDS.get(self.name, self.name.replace("_", " ") + ": {what}").format(what=self.what)


def label_rows(data: PlanData, problem: Problem) -> list[Row]:
    """Return every row of a problem on its label; rows without a year belong to the last plan year."""
    last = data.calendar.year(data.calendar.plan)
    out: list[Row | None] = [None] * problem.shape[0]
    names: dict[tuple[str, object], str] = {}
    for grid in problem.rows.values():
        for place in np.argwhere(grid.index >= 0):
            at = {d: grid.labels[d][i] for d, i in zip(grid.dims, place, strict=True)}
            index, year = int(grid.index[tuple(place)]), int(str(at.get("year", last)))
            if "task" in at:
                name, _, when = str(at["task"]).rpartition(" @ ")
                out[index] = Row(index, grid.name, name, name, name, int(when), at)
                continue
            dims = sorted((d for d in at if d != "year"), key=lambda d: d not in _FIRST)
            for d in dims:
                if (d, at[d]) not in names:
                    names[d, at[d]] = _named(data, d, str(at[d]))
            code = str(at[dims[0]]) if dims else grid.name
            rest = [f"({d} {at[d]})" for d in dims[1:]]
            more = [names[d, at[d]] for d in dims[1:] if d == "asset" or data.economy.size(d) > 1]
            what = ", ".join([names[dims[0], at[dims[0]]], *more]) if dims else grid.name
            out[index] = Row(index, grid.name, " ".join([code, *rest]), what, code, year, at)
    return [row for row in out if row is not None]


def _named(data: PlanData, dim: str, code: str) -> str:
    if dim not in data.economy.sets or code not in data.economy.codes(dim):
        return code
    name = data.economy.name_of(dim, code)
    return code if name == code else f"{code} ({name})" if dim != "asset" else name


def merge_years(years: Iterable[int]) -> str:
    """Write years as ranges: `2020-2022, 2024`."""
    ordered = sorted(set(years))
    runs: list[list[int]] = []
    for year in ordered:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def figure(value: float) -> str:
    """Write a figure as people read it."""
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
