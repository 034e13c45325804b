"""Model: the problem under construction, with variables by name and year and the lag rule in one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.lp.problem import Grid, ProblemBuilder
from lustrum.planning.data import PlanData


class Model(ProblemBuilder):
    """A problem builder that knows the plan's data.

    `var(name, t)` gives the positions of a variable family in year t: an array of -1 where the plan has no
    such variable or year, so that a definition needs no special case for what is absent.
    """

    def __init__(self, data: PlanData) -> None:
        super().__init__()
        self.d = data
        self.cal = data.calendar
        self.e = data.economy

    def years(self, years: range) -> dict[str, Sequence[object]]:
        """Return the year labels of a range, as the last dimension of a family."""
        return {"year": self.cal.labels(years)}

    def sets(self, *dims: str) -> dict[str, Sequence[object]]:
        """Return labels of the accounts' sets."""
        return {d: (self.d.regions if d == "region" else self.e.codes(d)) for d in dims}

    def var(self, name: str, t: int) -> np.ndarray:
        """Return positions of a variable family in year t (-1: none)."""
        return _at(self.variables[name], self.cal.year(t))

    def row(self, grid: Grid, t: int) -> np.ndarray:
        """Return positions of a row family in year t."""
        return _at(grid, self.cal.year(t))

    def served_output(self, t: int) -> tuple[np.ndarray, int, float] | None:
        """Output whose inputs and labour are spent in year t: positions, year of its coefficients, factor.

        That is x_{t+λ}. One year after the plan, under the growth rule, (1 + g) x_T stands for it.
        """
        served = t + self.cal.lag
        if 1 <= served <= self.cal.last_output:
            return self.var("output", served), served, 1.0
        terminal = self.d.spec.terminal
        if served > self.cal.last_output and self.cal.post == 0 and terminal.rule == "growth":
            return self.var("output", self.cal.plan), self.cal.plan, 1 + terminal.growth
        return None

    def building(self, t: int) -> list[tuple[int, np.ndarray, float]]:
        """Assets worked on in year t: asset, positions of n_{a,·,t+τ}, share φ_τa."""
        out = []
        for a, shares in enumerate(self.d.gestation):
            for lead, share in enumerate(shares):
                if share > 0 and t + lead in self.d.investment_years(a):
                    out.append((a, self.var("investment", t + lead)[a], float(share)))
        return out

    def limit(self, values: np.ndarray, t: int) -> np.ndarray:
        """Value of a limit (years on the last axis) in year t; post-plan years keep that of year T."""
        return np.asarray(values[..., min(t, self.cal.plan) - 1])

    def by_year(self, values: np.ndarray, years: range) -> np.ndarray:
        """Spread a limit over a range of years, year on the last axis."""
        return np.stack([self.limit(values, t) for t in years], axis=-1)


def _at(grid: Grid, year: int) -> np.ndarray:
    years = [int(str(y)) for y in grid.labels["year"]]
    if not years or not years[0] <= year <= years[-1]:
        return np.full(grid.index.shape[:-1], -1, dtype=np.int64)
    return grid.index[..., year - years[0]]
