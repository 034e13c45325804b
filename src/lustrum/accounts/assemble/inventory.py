"""Stocks by perpetual inventory over tables of earlier years: equation (3) of docs/model.md run over the past."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.assemble.assets import Assets, find_assets
from lustrum.accounts.assemble.clean import Flows, clean
from lustrum.accounts.assemble.options import Options
from lustrum.accounts.capital import deflate, opening_stock, perpetual_inventory
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

#: Years whose mean investment opens the inventory.
OPENING_YEARS = 3


def from_history(flows: Flows, assets: Assets, options: Options, investment: Figures, rate: Figures) -> Figures:
    """Stocks at the close of the base year from investment by asset of `options.history` and the table itself.

    Raises
    ------
    TableError
        If the years are not an unbroken run that ends before the base year, or a price is missing.
    """
    base = flows.table.source.base_year
    tables = sorted(options.history, key=lambda t: t.source.base_year)
    years = [*(t.source.base_year for t in tables), base]
    if years != list(range(years[0], base + 1)):
        raise TableError(
            "the years of investment have gaps",
            where="history",
            found=str(years),
            expected=f"every year up to {base - 1}",
            mend="give one table for each year",
        )
    money = np.zeros((len(assets.kinds), len(years)))
    for t, table in enumerate(tables):
        past = clean(table, options)
        found = find_assets(past, options, past.output)
        if found is None:
            raise TableError(
                "a table of the history has no investment", where=str(years[t]), mend="begin the history later"
            )
        for a, label in enumerate(assets.labels.codes):
            if label in found.labels.codes:
                money[a, t] = found.total[found.labels.codes.index(label)]
    money[:, -1] = assets.total
    if options.prices:
        if missing := [y for y in years if y not in options.prices]:
            raise TableError(
                "a price of investment is missing",
                where="prices",
                found=f"none for {missing[0]}",
                mend="give a price for every year of the history",
            )
        money = deflate(money, [options.prices[y] for y in years])
    first = money[:, : min(OPENING_YEARS, len(years))].mean(axis=1)
    held = perpetual_inventory(opening_stock(first, rate, options.growth), money, rate)[:, -1]
    size = investment.sum(axis=1, keepdims=True)
    stock = np.divide(investment * held[:, None], size, out=np.zeros_like(investment), where=size > 0)
    flows.changes.append(
        Change(
            "capital",
            "stocks",
            f"perpetual inventory {years[0]}–{base} by asset, opened at I / (g + δ) of "
            f"the first {min(OPENING_YEARS, len(years))} years, shared out as investment",
            float(stock.sum()),
            0.0,
            "in the prices of each year" if not options.prices else "in prices of the base year",
        )
    )
    return np.asarray(stock)
