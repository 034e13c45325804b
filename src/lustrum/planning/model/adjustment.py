"""Adjustment (13): how fast output and investment may move from one year to the next."""

from __future__ import annotations

import numpy as np

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.model.context import Model
from lustrum.planning.sections import InvestmentBand, OutputBand


def _bound(m: Model, band: OutputBand | InvestmentBand, where: str) -> np.ndarray:
    """Activities under a band."""
    codes = m.e.codes("activity")
    for code in band.exempt:
        if code not in codes:
            expected, mend = unknown_label(code, codes, "activity")
            raise SpecError(f"unknown activity {code!r}", where=where, expected=expected, mend=mend)
    return np.array([c not in band.exempt for c in codes])


def define_output_bands(m: Model) -> None:
    """x_t within (1 - a⁻) and (1 + a⁺) of the year before; an activity new to the economy has a step or no band."""
    band, d, cal = m.d.spec.adjustment.output, m.d, m.cal
    banded = _bound(m, band, "adjustment.output.exempt")
    first = 1 if d.has_base_output else 2
    years = range(first, cal.plan + 1)
    new = (d.base_output <= 0) & d.has_base_output
    step = np.where(new, band.step or 0.0, 0.0)
    if band.step is None:
        banded &= ~new
    labels = m.sets("activity") | m.years(years)
    for family, rate, sign in (("output_down", band.down, -1.0), ("output_up", band.up, 1.0)):
        if rate is None or not years:
            continue
        factor = 1 + sign * rate
        side = np.tile((step if sign > 0 else 0.0 * step)[:, None], len(years))
        if first == 1:
            side[:, 0] += factor * d.base_output
        sides = {"upper": side} if sign > 0 else {"lower": side}
        rows = m.add_rows(family, labels, banded[:, None], **sides)
        for t in years:
            m.put(m.row(rows, t), m.var("output", t), 1.0)
            m.put(m.row(rows, t), m.var("output", t - 1), -factor)


def define_investment_bands(m: Model) -> None:
    """The same for assets put in place; nothing is asked of what is already under construction."""
    band, d, cal = m.d.spec.adjustment.investment, m.d, m.cal
    banded = _bound(m, band, "adjustment.investment.exempt")[None, :] & d.pairs
    years = range(cal.first_balance, cal.plan + 1)
    new = d.base_investment <= 0
    step = np.where(new, band.step or 0.0, 0.0)
    if band.step is None:
        banded &= ~new
    decided = np.array([[not d.is_under_construction(a, t) for t in years] for a in range(m.e.size("asset"))])
    if not d.has_assets:
        return
    labels = m.sets("asset", "activity") | m.years(years)
    for family, rate, sign in (("investment_down", band.down, -1.0), ("investment_up", band.up, 1.0)):
        if rate is None:
            continue
        factor = 1 + sign * rate
        side = np.repeat((step if sign > 0 else 0.0 * step)[:, :, None], len(years), axis=2)
        side[:, :, 0] += factor * d.base_investment
        sides = {"upper": side} if sign > 0 else {"lower": side}
        rows = m.add_rows(family, labels, banded[:, :, None] & decided[:, None, :], **sides)
        for t in years:
            m.put(m.row(rows, t), m.var("investment", t), 1.0)
            if t > cal.first_balance:
                m.put(m.row(rows, t), m.var("investment", t - 1), -factor)
