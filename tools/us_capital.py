"""Capital of the US economy: investment, stocks, depreciation by asset and activity (docs/model.md (3)).

Private non-residential stocks run forward from BEA's published stocks of end 2007; housing and
government from WIOD's capital of 2014. All in 2019 prices, million USD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from us_sources import ASSETS, Sources, Table

from lustrum.accounts.assemble.capital import deflate, opening_stock, perpetual_inventory

BASE = 2019
PRIVATE = ("structures", "equipment", "intellectual_property")
GOVERNMENT = ("gov_structures", "gov_equipment", "gov_intellectual_property")
OPENING = 2007  #: published private stocks of this year's end open the inventory
EARLIER = 1997  #: the same from here, as a second check

#: Government level -> the activities that hold its assets (split by gross operating surplus).
LEVELS = {"F06": ("GFGD",), "F07": ("GFGN", "GFE"), "F10": ("GSLG", "GSLE")}

#: Product whose price stands for an asset's; equipment goes by the bridge, other structures by
#: construction (23), other research and development by 5412OP.
PRICED_AS = {
    "SM01": "213",
    "SOMO": "321",
    "ENS1": "511",
    "ENS2": "5415",
    "ENS3": "5415",
    "AE10": "512",
    "AE20": "512",
    "AE30": "511",
    "AE40": "512",
    "AE50": "711AS",
}

#: The file's 0.0751 for gas structures is the rate of wells; inventories with it end at 46 % of BEA's
#: own stock. 0.0237 is the rate that the same file has for the other pipelines and for communication.
MENDED_RATES = {"SU40": 0.0237}

#: Government structures: the file's rate for highways, water and sewers. Government intellectual
#: property: its rate for research and development. Equipment: the private mean.
GOV_STRUCTURES_RATE, GOV_IP_RATE, GOV_GROWTH = 0.0225, 0.16, 0.02


@dataclass(frozen=True)
class Capital:
    """Asset × activity frames in the table's units, and what they were checked with."""

    investment: pd.DataFrame
    stock: pd.DataFrame
    stock_before: pd.DataFrame
    depreciation: pd.DataFrame
    check: pd.DataFrame
    history: pd.DataFrame
    figures: dict[str, float]


def rates(sources: Sources) -> pd.DataFrame:
    """BEA's assets with the mended rates; land, inventories and housing left out."""
    frame = sources.asset_rates()
    frame = frame[frame["group"].isin(PRIVATE)].copy()
    for asset, rate in MENDED_RATES.items():
        frame.loc[asset, "depreciation_rate"] = rate
    return frame


def asset_prices(sources: Sources, assets: pd.DataFrame) -> pd.DataFrame:
    """Price index of each asset (2019 = 1): gross-output prices of the products that make it up."""
    prices = sources.price_index()
    prices = prices.div(prices[BASE], axis=0)
    bridge = sources.equipment_bridge(BASE).drop(columns="Used").clip(lower=0)
    rows = {}
    for asset, row in assets.iterrows():
        if row["group"] == "equipment":
            weights = bridge.loc[row["nipa_line"]]
            rows[asset] = (weights / weights.sum()) @ prices.loc[weights.index]
        else:
            rows[asset] = prices.loc[PRICED_AS.get(asset, "23" if row["group"] == "structures" else "5412OP")]
    return pd.DataFrame(rows).T


def to_activities(by_industry: pd.DataFrame, sources: Sources, x: pd.Series) -> pd.DataFrame:
    """Fixed-assets industries (rows) to the table's; one that covers several is split by output."""
    crosswalk, out = sources.crosswalk(), {}
    for industry, row in by_industry.iterrows():
        members = crosswalk[industry]
        for code in members:
            out[code] = out.get(code, 0.0) + row * (x[code] / x[members].sum())
    return pd.DataFrame(out).T.reindex(sources.codes).fillna(0.0)


def year_end(prices: pd.DataFrame, year: int) -> np.ndarray:
    """Price of stocks at the close of a year: the mean of that year and the next."""
    return np.asarray((prices[year] + prices[year + 1]) / 2)


class PrivateInventory:
    """Private non-residential stocks by (industry, asset), 2019 prices, from published opening stocks."""

    def __init__(self, sources: Sources) -> None:
        self.assets = rates(sources)
        money, published = sources.asset_investment(), sources.asset_stock()
        self.index = money.index
        codes = self.index.get_level_values("asset")
        self.delta = self.assets["depreciation_rate"].reindex(codes).to_numpy()
        self.group = self.assets["group"].reindex(codes).to_numpy()
        prices = asset_prices(sources, self.assets).loc[codes]
        years = [t for t in prices.columns if t <= 2021]
        self.investment = pd.DataFrame(
            deflate(money[years], prices[years], years.index(BASE)), index=self.index, columns=years
        )
        published = published.reindex(self.index).fillna(0.0)
        self.published = {t: published[t].to_numpy() / year_end(prices, t) for t in (EARLIER, OPENING, 2017)}

    def run(self, opening: int, first_year: float) -> pd.DataFrame:
        """Stocks at the close of each year from `opening` to 2019."""
        years = list(range(opening + 1, BASE + 1))
        stock = perpetual_inventory(self.published[opening], self.investment[years], self.delta, first_year=first_year)
        return pd.DataFrame(stock, index=self.index, columns=[opening, *years])

    def by(self, values: np.ndarray | pd.Series) -> pd.DataFrame:
        """Sum over detailed assets: industry × asset group."""
        frame = pd.DataFrame({"value": np.asarray(values), "group": self.group}, index=self.index)
        return frame.groupby(["industry", "group"])["value"].sum().unstack("group").reindex(columns=PRIVATE).fillna(0.0)


def _private(sources: Sources, x: pd.Series) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    inventory = PrivateInventory(sources)
    run = inventory.run(OPENING, 0.0)
    wear = inventory.by(run[BASE].to_numpy() * inventory.delta)
    stocks = {
        name: to_activities(inventory.by(values), sources, x).T
        for name, values in (
            ("investment", inventory.investment[BASE]),
            ("stock", run[BASE]),
            ("stock_before", run[BASE - 1]),
        )
    }
    stocks["wear"] = to_activities(wear, sources, x).T
    mid = {t: inventory.run(t, 0.5)[2017] for t in (EARLIER, OPENING)}
    parts = [inventory.by(v) for v in (inventory.published[2017], mid[OPENING], mid[EARLIER])]
    check = pd.concat(
        [p.stack().rename(n) for p, n in zip(parts, ("published", f"from_{OPENING}", f"from_{EARLIER}"), strict=True)],
        axis=1,
    )
    yearly = {}
    for asset in PRIVATE:
        levels = pd.DataFrame({t: inventory.by(inventory.investment[t])[asset] for t in range(2014, BASE + 1)})
        yearly[asset] = to_activities(levels, sources, x)
    return stocks, check, pd.concat(yearly, names=["asset", "activity"])


def real_government_and_housing(sources: Sources) -> pd.DataFrame:
    """Investment by column of the use table, 1997-2019, at 2019 prices (2022 vintage), net of used sales."""
    money, prices = sources.gfcf_1997_2019(), sources.price_index()
    relative = prices.div(prices[BASE], axis=0)
    real = money / relative.T.reindex(money.index.get_level_values("year")).to_numpy()
    return real.sum(axis=1).unstack("col")


def government_shares(sources: Sources) -> pd.Series:
    """Weights within a level of government: gross operating surplus of 2019.

    For general government that is its consumption of fixed capital, by definition of the accounts.
    """
    return sources.table_2019().va.loc["V003"]


def _public(sources: Sources, equipment_rate: float, vintage: pd.Series) -> dict[str, pd.DataFrame]:
    real = real_government_and_housing(sources)
    price = sources.price_index().loc["23"]
    price = price / price[BASE]
    sea = sources.socio_economic(2014)["K"]
    end_2014 = float((price[2014] + price[2015]) / 2)
    year = list(real.index)
    delta = {
        "gov_structures": GOV_STRUCTURES_RATE,
        "gov_equipment": equipment_rate,
        "gov_intellectual_property": GOV_IP_RATE,
    }
    stock = {}
    for asset, columns in ((a, ASSETS[a]) for a in GOVERNMENT):
        n = real[list(columns)].T
        opening = opening_stock(n[[1997, 1998, 1999]].mean(axis=1), delta[asset], GOV_GROWTH)
        stock[asset] = pd.DataFrame(perpetual_inventory(opening, n, delta[asset]), index=columns, columns=[1996, *year])
    # structures: WIOD's capital of all government at the end of 2014, less equipment and the rest
    benchmark = sea["O84"] / end_2014 - sum(stock[a][2014].sum() for a in GOVERNMENT[1:])
    n = real[list(ASSETS["gov_structures"])].loc[2015:].T
    opening = stock["gov_structures"][2014] * (benchmark / stock["gov_structures"][2014].sum())
    figures = {
        "steady_state_structures": float(stock["gov_structures"][2014].sum()),
        "benchmark": float(benchmark),
    }
    stock["gov_structures"] = pd.DataFrame(
        perpetual_inventory(opening, n, GOV_STRUCTURES_RATE), index=n.index, columns=[2014, *n.columns]
    )
    # housing: WIOD's capital of real estate less BEA's non-residential stock of real estate
    estate = sources.asset_stock().loc["5310"][2014].sum()
    rate = float(sources.asset_rates().loc["RES", "depreciation_rate"])
    dwellings = float(sea["L68"] - estate) / end_2014
    estate_2000 = sources.asset_stock().loc["5310"][2000].sum()
    dwellings_2000 = float(sources.socio_economic(2000).loc["L68", "K"] - estate_2000) / float(
        (price[2000] + price[2001]) / 2
    )
    n_res = real["F02R"].loc[2015:].to_numpy()
    housing = perpetual_inventory(dwellings, n_res, rate)
    figures["housing_rate_implied"] = brentq(
        lambda d: float(perpetual_inventory(dwellings_2000, real["F02R"].loc[2001:2014], d)[-1]) - dwellings,
        0,
        0.1,
    )
    figures |= {
        "dwellings_2014_current": float(sea["L68"] - estate),
        "dwellings_2014": dwellings,
        "dwellings_2019": float(housing[-1]),
        "housing_rate": rate,
    }
    shares = government_shares(sources)
    frames = {}
    for name, t in (("stock", BASE), ("stock_before", BASE - 1)):
        frame = pd.DataFrame(0.0, index=[*GOVERNMENT, "housing"], columns=sources.codes)
        for asset in GOVERNMENT:
            level_stock = stock[asset][t] * (1.0 if asset == "gov_structures" else vintage[asset])
            for column in ASSETS[asset]:
                members = list(LEVELS[column[:3]])
                frame.loc[asset, members] = level_stock[column] * shares[members] / shares[members].sum()
        frame.loc["housing", "HS"] = housing[-1] if t == BASE else housing[-2]
        frames[name] = frame
    frames["wear"] = frames["stock"].mul(pd.Series({**delta, "housing": rate}), axis=0)
    frames["figures"] = pd.Series(figures)
    return frames


def build_capital(sources: Sources, table: Table) -> Capital:
    """Investment, stocks and depreciation, reconciled to the table's investment by asset."""
    x, codes = table.x, sources.codes
    cells = {a: table.F[list(columns)] for a, columns in ASSETS.items()}
    net = pd.Series({a: c.to_numpy().sum() for a, c in cells.items()})
    gross = pd.Series({a: c.clip(lower=0).to_numpy().sum() for a, c in cells.items()})
    private, check, yearly = _private(sources, x)
    factor = pd.Series({a: net[a] / private["investment"].loc[a].sum() for a in PRIVATE})
    old = real_government_and_housing(sources).loc[BASE]
    vintage = pd.Series({a: net[a] / old[list(ASSETS[a])].sum() for a in GOVERNMENT})
    for name in private:
        private[name] = private[name].mul(factor, axis=0)
    equipment_rate = private["wear"].loc["equipment"].sum() / private["stock"].loc["equipment"].sum()
    shares = government_shares(sources)
    public = _public(sources, equipment_rate, vintage)

    investment = pd.DataFrame(0.0, index=list(ASSETS), columns=codes)
    investment.loc[list(PRIVATE)] = private["investment"].loc[list(PRIVATE)]
    for asset in GOVERNMENT:
        for column in ASSETS[asset]:
            members = list(LEVELS[column[:3]])
            investment.loc[asset, members] = table.F[column].sum() * shares[members] / shares[members].sum()
    investment.loc["housing", "HS"] = net["housing"]
    investment = investment.mul(gross / net, axis=0)

    stock = pd.concat([private["stock"], public["stock"]]).reindex(list(ASSETS))
    before = pd.concat([private["stock_before"], public["stock_before"]]).reindex(list(ASSETS))
    wear = pd.concat([private["wear"], public["wear"]]).reindex(list(ASSETS))
    used = (gross - net) / stock.sum(axis=1)
    delta = (wear / stock.where(stock > 0, 1.0)).add(used, axis=0).where(stock > 0, 0.0)
    figures = {f"factor_{a}": factor[a] for a in PRIVATE}
    figures |= {f"vintage_{a}": vintage[a] for a in GOVERNMENT} | {f"used_{a}": used[a] for a in ASSETS}
    figures |= public["figures"].to_dict() | _against_flow_matrix(sources, investment, gross, net)
    history = _investment_history(sources, yearly)
    return Capital(investment, stock, before, delta, check, history, figures)


def _against_flow_matrix(
    sources: Sources, investment: pd.DataFrame, gross: pd.Series, net: pd.Series
) -> dict[str, float]:
    """Compare investment by activity with the columns of the derived capital flow matrix."""
    matrix = sources.capital_flow_2019().sum()
    ours = investment.mul(net / gross, axis=0).sum()
    shares = ours / ours.sum() - matrix / matrix.sum()
    ratio = (ours / ours.sum()) / (matrix / matrix.sum())
    return {
        "flow_total": float(matrix.sum()),
        "own_total": float(ours.sum()),
        "flow_correlation": float(np.corrcoef(ours, matrix)[0, 1]),
        "flow_moved_share": float(shares.abs().sum() / 2),
        "flow_ratio_low": float(ratio.quantile(0.1)),
        "flow_ratio_high": float(ratio.quantile(0.9)),
    }


def _investment_history(sources: Sources, private: pd.DataFrame) -> pd.DataFrame:
    """Real investment by (asset, activity), 2014-2019, at 2019 prices in the units of the sources."""
    real = real_government_and_housing(sources).loc[2014:BASE]
    shares = government_shares(sources)
    parts = {"housing": pd.DataFrame([real["F02R"]], index=["HS"])}
    for asset in GOVERNMENT:
        rows = {}
        for column in ASSETS[asset]:
            members = list(LEVELS[column[:3]])
            rows |= {code: real[column] * shares[code] / shares[members].sum() for code in members}
        parts[asset] = pd.DataFrame(rows).T
    return pd.concat([private, pd.concat(parts, names=["asset", "activity"])])
