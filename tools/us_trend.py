"""The growth that the accounts of the base year can keep up, and the capital coefficients and wear that fit it.

In 2019 stocks of software and equipment grew faster than output ever could with the labour there is, and many
stocks of structures grew more slowly: capital per unit of output was moving. With BEA's depreciation and fixed
coefficients a plan would therefore need far less investment than the base year had, and run it down for years. Here
what moves capital per unit of output is counted as wear, so that the base year lies on a path of balanced growth.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from us_labour import GROWTH

#: Room: with the opening stock an activity can make this much more than its output at trend growth.
ROOM = 0.003
#: What the default plan file says of labour productivity, exports, and (as `GROWTH`) labour and committed demand.
PRODUCTIVITY, EXPORT_GROWTH = 0.012, 0.02


def trend_growth(
    use: pd.DataFrame, demand: pd.DataFrame, imports: pd.Series, output: pd.Series, jobs: pd.Series
) -> pd.Series:
    """Growth of each activity in a year in which consumption and investment rise alike.

    They rise as far as the labour force and productivity allow; exports and committed demand follow their own
    rates; import shares stay. With domestic shares h = 1 - m / (x + m - e): x = h (U x + C + I + f) + e.

    Parameters
    ----------
    use
        Intermediate flows U x, product × activity.
    demand
        Columns `private` (consumption and investment), `committed` and `exports`, by product.
    imports, output, jobs
        By product or activity.

    Returns
    -------
    Growth rate of output by activity.
    """
    x = output.to_numpy()
    exports = demand["exports"].to_numpy()
    home = 1 - imports.to_numpy() / (x + imports.to_numpy() - exports)
    system = np.eye(x.size) - home[:, None] * (use.to_numpy() / x)
    private, committed = home * demand["private"].to_numpy(), home * demand["committed"].to_numpy()
    given = np.linalg.solve(system, private + committed * (1 + GROWTH) + exports * (1 + EXPORT_GROWTH))
    more = np.linalg.solve(system, private)
    per_unit = jobs.to_numpy() / x
    force = jobs.sum() * (1 + GROWTH) * (1 + PRODUCTIVITY)
    rate = (force - per_unit @ given) / (per_unit @ more)
    return pd.Series((given + rate * more) / x - 1, index=output.index)


def wear(investment: pd.DataFrame, stock: pd.DataFrame, growth: pd.Series) -> pd.DataFrame:
    """Share of a stock that must be renewed in a year for the same output: (1 + g) n0 / K0 - g, not below zero.

    It is the depreciation with which investment, grown at g from the base year, lets the stock grow at g:
    K0 (1 + g) = (1 - wear) K0 + (1 + g) n0.
    """
    rate = investment.div(stock.where(stock > 0)).mul(1 + growth) - growth
    return rate.clip(lower=0.0, upper=1.0).fillna(0.0)


def coefficients(
    investment: pd.DataFrame, stock: pd.DataFrame, wear: pd.DataFrame, growth: pd.Series, output: pd.Series
) -> pd.DataFrame:
    """κ: asset per unit of output, such that the opening stock makes (1 + g) x0, with `ROOM` on top.

    Government, which grows more slowly, has the room of the median: the close of a plan asks for the
    same growth of all.

    A stock that base investment cannot keep up even without wear is not all needed: it counts as far as
    investment keeps it growing at g, (1 + g) n0 / (wear + g).
    """
    kept_up = investment.mul(1 + growth).div(wear.add(growth))
    first = 1 + growth.clip(lower=growth.median())
    return stock.where(stock < kept_up, kept_up) / output / first / (1 + ROOM)
