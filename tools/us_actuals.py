"""What happened in 2020-2023, and how fast activities grew in 2015-2019: files beside the economies.

Real figures are current ones over the gross-output price index of the product's industry (2019 = 1);
imports go by the same index, because the balance of a product can only close at one price.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from us_capital import BASE, Capital
from us_economy import intermediate_use, split_final_demand
from us_needs import need_shares
from us_sources import CONSUMPTION, EXPORTS, INVESTMENT, Sources

YEARS = (2020, 2021, 2022, 2023)


def actuals(sources: Sources, year: int) -> dict[str, pd.Series]:
    """Figures of one year by product, million 2019 USD, split as the base year is."""
    table = sources.table(year)
    final = split_final_demand(table)
    prices = sources.price_index()
    price = prices[year] / prices[BASE]
    return {
        "output": table.x / price,
        "intermediate_use": intermediate_use(table).sum(axis=1) / price,
        "consumption_by_product": final.consumption / price,
        "investment": final.assets.sum(axis=1) / price,
        "imports": table.m / price,
        "exports": final.exports / price,
        "committed_demand": final.committed / price,
    }


def write_actuals(sources: Sources, folder: Path, gather: Mapping[str, str] | None = None) -> None:
    """Write `actuals/<year>/*.csv`, for the industries or gathered into sectors."""
    shares = need_shares(sources)
    for year in YEARS:
        parts = actuals(sources, year)
        by_need = parts["consumption_by_product"] @ shares
        target = folder / "actuals" / str(year)
        target.mkdir(parents=True, exist_ok=True)
        _write(by_need.rename_axis("need"), target / "consumption.csv")
        for name, figures in parts.items():
            series = figures if gather is None else figures.groupby(gather, sort=False).sum()
            _write(series.rename_axis("product"), target / f"{name}.csv")


def _write(series: pd.Series, path: Path) -> None:
    rounded = series.round(3) + 0.0  # no minus zero
    rounded.rename("value").reset_index().to_csv(path, index=False, lineterminator="\n")


def write_history(sources: Sources, capital: Capital, folder: Path, gather: Mapping[str, str] | None = None) -> None:
    """Write `history.csv`, `history_assets.csv` and `history_products.csv`: real growth a year, 2015-2019."""
    years = list(range(2014, BASE + 1))
    prices = sources.price_index()
    prices = prices.div(prices[BASE], axis=0)
    output = (sources.gross_output() / prices)[years]
    assets = capital.history[years]
    if gather is not None:
        output = output.groupby(gather, sort=False).sum()
        frame = assets.reset_index()
        frame["activity"] = frame["activity"].map(gather)
        assets = frame.groupby(["asset", "activity"], sort=False)[years].sum()
    invested = assets.groupby("activity", sort=False).sum().reindex(output.index)
    history = _growth({"output_growth": output, "investment_growth": invested})
    _write_growth(history, folder / "history.csv", ["activity"])
    _write_growth(_growth({"investment_growth": assets}), folder / "history_assets.csv", ["asset", "activity"])

    levels: dict[str, dict[int, pd.Series]] = {}
    for year in years:
        table, price = sources.table(year), prices[year]
        for name, series in (
            ("investment_growth", table.F[list(INVESTMENT)].sum(axis=1)),
            ("consumption_growth", table.F[CONSUMPTION]),
            ("import_growth", table.m),
            ("export_growth", table.F[EXPORTS]),
        ):
            real = series / price
            levels.setdefault(name, {})[year] = real if gather is None else real.groupby(gather, sort=False).sum()
    frames = {name: pd.DataFrame(by_year) for name, by_year in levels.items()}
    _write_growth(_growth(frames), folder / "history_products.csv", ["product"])


def _growth(levels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Growth on the year before; left empty where either level is below 1 million or negative."""
    out = {}
    for name, frame in levels.items():
        before = frame.shift(axis=1)
        growth = (frame / before - 1).where((frame >= 1) & (before >= 1))
        out[name] = growth.drop(columns=growth.columns[0]).stack(future_stack=True)
    return pd.DataFrame(out)


def _write_growth(frame: pd.DataFrame, path: Path, names: list[str]) -> None:
    table = frame.round(6).dropna(how="all") + 0.0
    table.index = table.index.set_names([*names, "year"])
    table.reset_index().to_csv(path, index=False, lineterminator="\n")
