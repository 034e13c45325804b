"""From BEA's commodities to needs (COICOP 2018): the concordance of needs_us.csv carried to industries.

The table's products are industries, whose output holds several commodities (universities and hospitals
are output of state and local government). Each industry's shares are those of the commodities that it
sells to households, weighted by the make table.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from us_sources import Sources

#: The thirteen divisions of COICOP 2018 for households, in their order.
NEEDS: dict[str, str] = {
    "food": "01 Food and non-alcoholic beverages",
    "alcohol_tobacco": "02 Alcoholic beverages and tobacco",
    "clothing": "03 Clothing and footwear",
    "housing": "04 Housing, water, electricity, gas and other fuels",
    "furnishings": "05 Furnishings, household equipment and maintenance",
    "health": "06 Health",
    "transport": "07 Transport",
    "communication": "08 Information and communication",
    "recreation": "09 Recreation, sport and culture",
    "education": "10 Education services",
    "restaurants_hotels": "11 Restaurants and accommodation services",
    "insurance_finance": "12 Insurance and financial services",
    "personal_misc": "13 Personal care, social protection and miscellaneous",
}


def concordance() -> pd.DataFrame:
    """Commodity × need shares of needs_us.csv; every row adds up to 1."""
    rows = pd.read_csv(Path(__file__).with_name("needs_us.csv"), dtype={"commodity": str, "need": str})
    shares = rows.pivot(index="commodity", columns="need", values="share").reindex(columns=list(NEEDS)).fillna(0.0)
    wrong = shares.index[(shares.sum(axis=1) - 1).abs() > 1e-9]
    if len(wrong):
        raise ValueError(f"needs_us.csv: shares of {list(wrong)} do not add up to 1")
    return shares


def need_shares(sources: Sources) -> pd.DataFrame:
    """Product × need shares of the 71 industries, six decimals, rows adding up to 1."""
    by_commodity = concordance()
    make, consumed, imported = sources.make_and_consumption_2019()
    imports = imported.clip(lower=0)
    home = (consumed - imported).clip(lower=0)
    sold = make / make.sum() * home
    for code in sources.codes:
        sold.loc[code, code] += imports[code]
    empty = sold.sum(axis=1) <= 0
    for code in sold.index[empty]:
        sold.loc[code, code] = 1.0
    shares = sold @ by_commodity.reindex(sold.columns)
    shares = shares.div(shares.sum(axis=1), axis=0).round(6)
    for code in shares.index:  # what rounding left goes to the largest share
        largest = shares.loc[code].idxmax()
        rest = 1 - shares.loc[code].drop(largest).sum()
        shares.loc[code, largest] = np.round(rest, 6)
    return shares
