"""Ceilings on output, adjustment bands and post-plan output (constraints 6b, 13 and 14)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lustrum.solving.verify.family import Family, at_least, at_most, follow, limit
from lustrum.solving.verify.frame import Frame


def adjustment_families(f: Frame) -> list[Family]:
    """output_ceiling, output_down, output_up, investment_down, investment_up, output_floor."""
    return [output_ceiling(f), *output_bands(f), *investment_bands(f), *output_floor(f)]


def output_ceiling(f: Frame) -> Family:
    """x_t ≤ figure in every year with output."""
    years = f.calendar.output_years
    return limit(f, "output_ceiling", "output", at_most(f.yearly(f.d.limits.output_ceiling, years)), years)


def output_bands(f: Frame) -> list[Family]:
    """x_t − (1−a⁻) x_{t−1} ≥ 0 and x_t − (1+a⁺) x_{t−1} ≤ 0 (or a step, from nothing).

    Year 0 is base output, a figure on the right. Accounts without output have bands from year 2.
    """
    d, years, band = f.d, f.calendar.plan_years, f.d.spec.adjustment.output
    bound = np.array([code not in band.exempt for code in f.labels("activity")])
    base = d.base_output
    rows = np.repeat(bound[:, None], len(years), axis=1)
    step = np.zeros(base.shape)
    if d.has_base_output:
        fresh = base <= 0
        if band.step is None:
            rows &= ~fresh[:, None]
        else:
            step = np.where(fresh, band.step, 0.0)
    else:
        rows[:, 0] = False
    out: list[Family] = []
    for name, rate, sides, extra in (
        ("output_down", None if band.down is None else 1 - band.down, at_least, np.zeros(base.shape)),
        ("output_up", None if band.up is None else 1 + band.up, at_most, step),
    ):
        if rate is not None:
            figure = np.repeat(extra[:, None], len(years), axis=1)
            figure[:, 0] += rate * base
            out.append(follow(f, name, "output", sides(figure), years, rows, constant(rate), before=0))
    return out


def investment_bands(f: Frame) -> list[Family]:
    """The same for assets put in place in B..T, base investment being the figure of the year before B."""
    d, cal, band = f.d, f.calendar, f.d.spec.adjustment.investment
    if not d.has_assets:
        return []
    years = range(cal.first_balance, cal.plan + 1)
    bound = np.array([code not in band.exempt for code in f.labels("activity")])
    base = d.base_investment
    fresh = base <= 0
    rows = f.free_to_invest(years) & bound[None, :, None]
    if band.step is None:
        rows &= ~fresh[:, :, None]
    step = np.where(fresh, band.step or 0.0, 0.0)
    out: list[Family] = []
    for name, rate, sides, extra in (
        ("investment_down", None if band.down is None else 1 - band.down, at_least, np.zeros(base.shape)),
        ("investment_up", None if band.up is None else 1 + band.up, at_most, step),
    ):
        if rate is not None:
            figure = np.repeat(extra[:, :, None], len(years), axis=2)
            figure[..., 0] += rate * base
            out.append(
                follow(f, name, "investment", sides(figure), years, rows, constant(rate), before=years.start - 1)
            )
    return out


def constant(rate: float) -> Callable[[int], float]:
    """Return a factor that is the same in every year."""
    return lambda t: rate


def output_floor(f: Frame) -> list[Family]:
    """x_t ≥ figure in every post-plan year."""
    cal = f.calendar
    years = range(cal.plan + 1, cal.last_output + 1)
    if not len(years):
        return []
    floor = np.repeat(f.d.limits.output_floor[:, None], len(years), axis=1)
    return [limit(f, "output_floor", "output", at_least(floor), years)]
