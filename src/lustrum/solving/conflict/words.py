"""Every row of a problem on its readable label, with the sentence of its family (`planning.families`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import FAMILIES

#: Giving way on an endowment costs this much more than on a choice.
ENDOWMENT_WEIGHT = 10.0

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
        return FAMILIES[self.name].sentence.format(what=self.what)


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
