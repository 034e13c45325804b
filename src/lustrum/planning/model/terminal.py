"""Terminal rules (14): what the close of the plan must leave behind."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model


def define_terminal(m: Model) -> None:
    """Capacity able to grow at g (`growth`), given stocks (`stocks`), or output after the plan (`output_floor`)."""
    d, cal, terminal = m.d, m.cal, m.d.spec.terminal
    closing = m.var("capital", cal.plan + 1)
    pairs = m.sets("asset", "activity")
    if terminal.rule == "growth":
        kappa = d.capital_coefficient(cal.plan)
        rows = m.add_rows("terminal_growth", pairs, kappa > 0, upper=0.0)
        m.put(rows.index, m.var("output", cal.plan)[None, :], (1 + terminal.growth) * kappa)
        m.put(rows.index, closing, -1.0)
    elif terminal.rule == "stocks":
        floor = d.limits.closing_capital
        rows = m.add_rows("terminal_stocks", pairs, ~np.isnan(floor), lower=floor)
        m.put(rows.index, closing, 1.0)
    elif terminal.rule == "output_floor":
        years = range(cal.plan + 1, cal.last_output + 1)
        floor = np.repeat(d.limits.output_floor[:, None], len(years), axis=1)
        rows = m.add_rows("output_floor", m.sets("activity") | m.years(years), ~np.isnan(floor), lower=floor)
        for t in years:
            m.put(m.row(rows, t), m.var("output", t), 1.0)


def define_closing_stocks(m: Model) -> None:
    """Product stocks at the close of at least s0 (1 + g)^T."""
    floor = m.d.limits.closing_product_stock
    rows = m.add_rows("closing_stock", m.sets("product"), ~np.isnan(floor), lower=floor)
    m.put(rows.index, m.var("stock", m.cal.plan), 1.0)
