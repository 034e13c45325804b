"""History as changes: what was done is data, and limits that reality broke are as wide as reality.

`fixed` turns decisions into data up to a year. `hull` widens exactly those limits that what really happened broke.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from lustrum.errors import SpecError
from lustrum.labels import labelled
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import IDENTITIES
from lustrum.planning.plan import Plan
from lustrum.scenario.change import Change
from lustrum.scenario.program import on_grid

#: Variables that a plan decides; asset stocks follow from them.
DECISIONS = ("output", "investment", "imports", "exports", "stock", "consumption", "debt")
#: A limit is broken where it is missed by more than this share of its largest term.
BROKEN = 1e-9


def fixed(given: Plan | Mapping[str, xr.DataArray], until: int, data: PlanData | None = None) -> tuple[Change, ...]:
    """Return changes that turn decisions into data up to a year: what is done cannot be decided again.

    Output, investment, trade, stocks, consumption and debt of the years up to `until` are held. So are assets that
    are put in place later but whose building began by then, and output whose inputs were bought by then. Asset stocks
    follow.

    Parameters
    ----------
    given
        A plan, or what really happened: arrays by variable, as `Plan.values`.
    until
        Last calendar year that is held.
    data
        Of the plan, where arrays alone are given: it says how long assets take to build.
    """
    if isinstance(given, Plan):
        data, values = given.data, given.values
    else:
        values = given
    lag = data.calendar.lag if data else 0
    out = []
    for name in DECISIONS:
        array = values.get(name)
        if array is None or "year" not in array.dims:
            continue
        array = array.transpose(..., "year")
        years = np.array([int(y) for y in array["year"].values])
        held = np.array(np.asarray(array.values, dtype=float))
        if name == "investment" and data is not None and "asset" in array.dims:
            assets = list(data.economy.codes("asset"))
            lead = np.array([data.build_lead(assets.index(str(a))) for a in array["asset"].values])
            late = years[None, :] > until + lead[:, None]
            held[np.broadcast_to(late[:, None, :], held.shape)] = np.nan
        else:
            held[..., years > until + (lag if name == "output" else 0)] = np.nan
        if np.isfinite(held).any():
            labels = {str(d): array[d].values.tolist() for d in array.dims}
            kept = [k for k in range(years.size) if np.isfinite(held[..., k]).any()]
            labels["year"] = [int(years[k]) for k in kept]
            out.append(Change(f"decision:{name}", to=labelled(held[..., kept], list(labels), labels, name)))
    return tuple(out)


def hull(
    problem: Problem, given: Plan | Mapping[str, xr.DataArray], until: int | None = None
) -> tuple[tuple[Change, ...], list[str]]:
    """Return changes that widen the limits which reality broke, up to a year; and what no change mends.

    Parameters
    ----------
    problem
        The linear program of the plan.
    given
        What really happened, by variable, as `Plan.values`. Limits on variables that are not given are passed over.
    until
        Last calendar year that is looked at; None: all.

    Returns
    -------
    changes
        One for each limit that was broken: its side moves by what was missing.
    identities
        Balances that these figures do not keep, in words: their figures are wrong, or incomplete.

    Raises
    ------
    SpecError
        If nothing of the plan is given.
    """
    values = given.values if isinstance(given, Plan) else given
    vector, known = np.zeros(problem.shape[1]), np.zeros(problem.shape[1], dtype=bool)
    for name, array in values.items():
        if name in problem.variables:
            index, figures = on_grid(problem.variables[name], array, name)
            here = (index >= 0) & np.isfinite(figures)
            vector[index[here]], known[index[here]] = figures[here], True
    if not known.any():
        raise SpecError("nothing of the plan is given", expected=", ".join(problem.variables), mend="name variables")
    complete = problem.coefficients.counts(~known) == 0
    activity = np.asarray(problem.coefficients @ vector)
    size = np.maximum(problem.coefficients.largest(np.abs(vector)), 1e-300)
    over = np.maximum(np.where(np.isfinite(problem.row_upper), activity - problem.row_upper, 0.0), 0.0)
    under = np.maximum(np.where(np.isfinite(problem.row_lower), problem.row_lower - activity, 0.0), 0.0)
    broken = complete & (np.maximum(over, under) > BROKEN * size)
    changes: list[Change] = []
    wrong: list[str] = []
    for name, grid in problem.rows.items():
        for place in np.argwhere((grid.index >= 0) & broken[np.maximum(grid.index, 0)]):
            at = {d: str(grid.labels[d][i]) for d, i in zip(grid.dims, place, strict=True)}
            row = int(grid.index[tuple(place)])
            year = int(at.pop("year")) if "year" in at else None
            if until is not None and year is not None and year > until:
                continue
            by = float(over[row] if over[row] > 0 else -under[row])
            if name in IDENTITIES:
                wrong.append(f"{name} of {', '.join(at.values())}{f' in {year}' if year else ''}: {by:+.6g}")
            else:
                where = {d: [code] for d, code in at.items()}
                changes.append(Change(f"limit:{name}", where, None if year is None else [year], plus=by))
    return tuple(changes), wrong
