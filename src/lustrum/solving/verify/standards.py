"""Rows that carry an objective: utility, basket, lowest, proportion."""

from __future__ import annotations

import numpy as np

from lustrum.solving.verify.family import Family, at_least, at_most, equal, family
from lustrum.solving.verify.frame import Frame, Prices
from lustrum.solving.verify.ledger import Cells, Ledger, Terms, Values, plain

NEEDS = ("household", "need")


def standard_families(f: Frame) -> list[Family]:
    """The auxiliary rows that the plan's stages need; they stand in the program of every stage."""
    o, years = f.d.spec.objective, f.calendar.plan_years
    out: list[Family] = []
    living = np.repeat(f.living[:, :, None], len(years), axis=2)
    zero = np.zeros(living.shape)
    if o.kind == "living_standard" and f.d.has_needs:
        out.append(family(f, "utility", NEEDS, years, at_most(zero), utility, price_utility, living))
    if o.kind == "assortment" and f.d.has_needs:
        amounts = f.basket
        out.append(proportional(f, "basket", "assortment", amounts, amounts > 0))
    if o.people_first and f.d.has_needs:
        out.append(proportional(f, "lowest", "lowest", f.base_level.values, living))
    if o.tie_break:
        rows = np.repeat((f.d.base_output > 0)[:, None], len(years), axis=1)
        out.append(
            family(
                f, "proportion", ("activity",), years, equal(np.zeros(rows.shape)), proportion, price_proportion, rows
            )
        )
    return out


def utility(f: Frame, v: Values, left: Ledger) -> None:
    """Σ_k segment_k − y; the segments are not of the plan, and are left out here."""
    for t in f.calendar.plan_years:
        left.add(t, -v["consumption"].at(t))


def price_utility(f: Frame, price: Cells, charge: Prices) -> None:
    """Consumption earns the price of what it is worth."""
    for t in f.calendar.plan_years:
        charge.add("consumption", t, -price.at(t))


def proportional(f: Frame, name: str, variable: str, amounts: np.ndarray, rows: np.ndarray) -> Family:
    """Consumption beyond a level common to all: y − level · amount ≥ 0, level u_t or v."""
    years = f.calendar.plan_years
    dated = f.variables[variable].dated

    def forward(f: Frame, v: Values, left: Ledger) -> None:
        for t in years:
            left.add(t, v["consumption"].at(t))
            left.add(t, -amounts[..., t - 1] * v[variable].at(t if dated else 0))

    def adjoint(f: Frame, premium: Cells, charge: Prices) -> None:
        for t in years:
            p = premium.at(t)
            earned = amounts[..., t - 1] * p
            charge.add("consumption", t, p)
            all_of_it = Terms(np.asarray(-earned.sum()), np.asarray(np.abs(earned).max(initial=0.0)))
            charge.add(variable, t if dated else 0, all_of_it)

    return family(f, name, NEEDS, years, at_least(np.zeros(amounts.shape)), forward, adjoint, rows)


def proportion(f: Frame, v: Values, left: Ledger) -> None:
    """Deviation from base proportions: x_jt/x0_j − X_t − above + below.

    X_t = Σ x_jt / Σ x0 over activities with x0 > 0.
    """
    per_base, base = _per_base(f), f.d.base_output > 0
    total = max(float(f.d.base_output[base].sum()), np.finfo(float).tiny)
    for t in f.calendar.plan_years:
        x = np.where(base, v["output"].at(t), 0.0)
        left.add(t, per_base * x)
        left.add(t, Terms(np.full(x.shape, -x.sum() / total), np.full(x.shape, np.abs(x).max() / total)))
        left.add(t, -v["above"].at(t))
        left.add(t, v["below"].at(t))


def price_proportion(f: Frame, price: Cells, charge: Prices) -> None:
    """Output pays for its own proportion, and earns what it moves the others' yardstick."""
    per_base, base = _per_base(f), f.d.base_output > 0
    total = max(float(f.d.base_output[base].sum()), np.finfo(float).tiny)
    for t in f.calendar.plan_years:
        p = price.at(t)
        charge.add("output", t, plain(per_base * p))
        charge.add("output", t, Terms(-p.sum() / total * base, np.abs(p).max() / total * base))
        charge.add("above", t, -p)
        charge.add("below", t, p)


def _per_base(f: Frame) -> np.ndarray:
    x0 = f.d.base_output
    return np.asarray(np.divide(1.0, x0, out=np.zeros_like(x0), where=x0 > 0))
