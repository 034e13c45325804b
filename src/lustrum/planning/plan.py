"""Plan: what comes out, on its labels, with marginal values and certificate (docs/model.md section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.accounts.extras import require
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.lp.solution import Certificate, Status
from lustrum.planning.data import PlanData
from lustrum.planning.spec import PlanSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """One stage of the objective as it was solved.

    `objective` is in the maximisation sense (costs and shortfalls negative). `marginal_values` holds, by
    constraint family, the gain in this stage's objective for one more unit of the right-hand side.
    """

    name: str
    objective: float
    marginal_values: Mapping[str, xr.DataArray]
    certificate: Certificate

    def __repr__(self) -> str:
        return f"<Stage {self.name}: {self.objective:,.6g}, {len(self.marginal_values)} families of marginal values>"


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """A solved plan.

    Attributes
    ----------
    values
        `output` (activity, year), `investment` and `capital` (asset, activity, year), `imports` and
        `exports` (product, partner, year), `stock` (product, year), `consumption` (household, need,
        year), `debt` (region, year), `shortfall` and `excess` (task); NaN where the plan has no such
        variable. Families a plan does not have are absent.
    stages
        The stages of the objective in order; the last one is the plan's own aim.
    """

    economy: Economy
    spec: PlanSpec
    status: Status
    values: Mapping[str, xr.DataArray]
    stages: tuple[Stage, ...]
    method: str
    seconds: float
    notes: tuple[str, ...] = ()

    @cached_property
    def data(self) -> PlanData:
        """The accounts and plan file resolved by year."""
        return PlanData(self.economy, self.spec)

    @property
    def objective(self) -> float:
        """Value of the last stage (a cost is given as a cost)."""
        value = self.stages[-1].objective
        return -value if self.spec.objective.kind == "least_cost" and self.stages[-1].name == "least_cost" else value

    @property
    def certificate(self) -> Certificate:
        """The worst figures over all stages."""
        out = self.stages[0].certificate
        for stage in self.stages[1:]:
            out = out.worst(stage.certificate)
        return out

    def marginal_values(self, family: str) -> xr.DataArray:
        """Return the marginal values of a constraint family in the last stage.

        The gain in the objective (in the maximisation sense) for one more unit of the right-hand side,
        earlier stages held: at least 0 on limits from above (capacity, labour, ceilings), at most 0 on
        floors and targets, in a plan with one stage. They need not be unique.
        """
        found = self.stages[-1].marginal_values
        if family not in found:
            expected, mend = unknown_label(family, sorted(found), "constraint")
            raise SpecError(f"this plan has no constraint {family!r}", expected=expected, mend=mend)
        return found[family]

    def to_frame(self, name: str = "") -> pd.DataFrame:
        """Return a table: one variable with its labels as rows and years as columns, or consumption per head by need.

        Parameters
        ----------
        name
            A variable such as `output` or `investment`, or a constraint family such as `labour` for its marginal
            values. Left out: consumption by need against the base year, per head.

        Raises
        ------
        SpecError
            If the plan has no such variable or family.

        Examples
        --------
        >>> import lustrum as lu
        >>> spec = lu.PlanSpec.from_text("economy: island")
        >>> lu.solve(lu.load_economy("island"), spec).to_frame("output").columns.to_list()
        [2026, 2027, 2028, 2029, 2030]
        """
        if not name:
            return self._needs()
        known = {**self.stages[-1].marginal_values, **self.values}
        if name not in known:
            expected, mend = unknown_label(name, sorted(known), "table")
            raise SpecError(f"this plan has no table {name!r}", expected=expected, mend=mend)
        array = known[name]
        if "year" not in array.dims or array.ndim == 1:
            return array.to_series().to_frame(name)
        frame: pd.DataFrame = array.to_series().unstack("year")
        return frame.dropna(how="all")

    def _needs(self) -> pd.DataFrame:
        """Consumption by need over base consumption of as many people; 1 is the base level."""
        import pandas as pd

        d, codes = self.data, self.economy.codes("need")
        if "consumption" not in self.values:
            return pd.DataFrame(index=pd.Index([], name="need"))
        columns = {}
        for t in d.calendar.plan_years:
            base = (d.base_consumption * d.population_ratio(t)[:, None]).sum(axis=0)
            now = np.nan_to_num(self.values["consumption"].sel(year=d.calendar.year(t)).values).sum(axis=0)
            columns[d.calendar.year(t)] = np.divide(now, base, out=np.full_like(base, np.nan), where=base > 0)
        index = pd.Index([self.economy.name_of("need", c) for c in codes], name="need")
        return pd.DataFrame(columns, index=index).rename_axis(columns="year").dropna(how="all")

    def to_excel(self, path: str | Path) -> Path:
        """Write a workbook: needs, every variable and every family of marginal values, a sheet each.

        Raises
        ------
        TableError
            If the extra `excel` is not installed.
        """
        import pandas as pd

        require("xlsxwriter", "excel", "workbooks need")
        file = Path(path)
        aside = file.with_name(f".{file.name}.new")
        try:
            with pd.ExcelWriter(aside, engine="xlsxwriter") as book:
                self._needs().to_excel(book, sheet_name="needs")
                for name in self.values:
                    self.to_frame(name).to_excel(book, sheet_name=name[:31])
                for name in self.stages[-1].marginal_values:
                    if name not in self.values:
                        self.to_frame(name).to_excel(book, sheet_name=f"price {name}"[:31])
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)
        return file

    def __repr__(self) -> str:
        years = self.data.calendar.labels(self.data.calendar.plan_years)
        c = self.certificate
        needs = self._needs()
        lines = [
            f"<Plan {self.spec.name!r}: {self.economy.source.name}, {years[0]}-{years[-1]}, {self.status}>",
            f"  {self.spec.objective.kind} {self.objective:,.6g}; {self.method}, {self.seconds:.2f} s",
            f"  primal {c.primal_residual:.1e}, dual {c.dual_residual:.1e}, gap {c.gap:.1e}, allowed {c.tolerance:.1e}",
            f"  tables: {', '.join(self.values)}",
        ]
        if len(needs):
            last = needs[years[-1]]
            lines.append(
                f"  needs per head in {years[-1]}, base 1: {last.min():.3f} ({last.idxmin()}) to {last.max():.3f}"
                f" ({last.idxmax()})"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """A notebook's view: the lines of the repr, and needs per head by year."""
        head = escape(repr(self))
        needs = self._needs()
        return f"<pre>{head}</pre>" + (needs.to_html(float_format="{:.3f}".format) if len(needs) else "")
