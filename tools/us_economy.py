"""The economy us-2019: accounts of 71 products from the published tables (docs/model.md section 2)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from us_capital import Capital, build_capital
from us_labour import FRICTION, LABOUR_FORCE_2019, POPULATION_2019, employment, yearly
from us_needs import NEEDS, need_shares
from us_sources import (
    ADJUSTMENT,
    ASSETS,
    CONSUMPTION,
    EXPORTS,
    GOVERNMENT,
    INVENTORIES,
    INVESTMENT,
    Sources,
    Table,
)
from us_trend import coefficients, trend_growth, wear

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.flows import from_flows
from lustrum.accounts.readers.folder import write_folder
from lustrum.labels import labelled

ASSET_NAMES = {
    "structures": "Private non-residential structures",
    "equipment": "Private equipment",
    "intellectual_property": "Private software, research and originals",
    "housing": "Dwellings",
    "gov_structures": "Government structures",
    "gov_equipment": "Government equipment",
    "gov_intellectual_property": "Government software and research",
}


@dataclass(frozen=True)
class Built:
    """An economy with the flows it is written with."""

    economy: Economy
    flows: dict[str, np.ndarray]

    def with_notes(self, notes: list[str]) -> Built:
        """Return the same with notes in its source."""
        source = replace(self.economy.source, notes=tuple(notes))
        return Built(Economy(source, self.economy.sets, self.economy.data), self.flows)


@dataclass(frozen=True)
class Final:
    """Final demand of a table split as the plan sees it: positive cells by use, all else committed."""

    consumption: pd.Series
    assets: pd.DataFrame
    exports: pd.Series
    committed: pd.Series
    named: pd.Series

    @property
    def closing(self) -> pd.Series:
        """What committed demand holds beyond its named items: the rounding of the source."""
        return self.committed - self.named


def intermediate_use(table: Table) -> pd.DataFrame:
    """Positive cells of Z, three decimals: a coefficient below zero would be a by-product, not a use."""
    return table.Z.round(3).clip(lower=0)


def split_final_demand(table: Table) -> Final:
    """Give consumption, investment and exports their positive cells and committed demand the rest.

    x + m = Z 1 + C + Σ_a GFCF_a + e + f by product, so f is what closes the row. Its named items are
    government consumption, changes in inventories, import duties and the CIF adjustment, and every
    negative cell of consumption, investment, exports and (four small ones) intermediate use.
    """
    F = table.F.round(3)
    consumption, exports = F[CONSUMPTION].clip(lower=0), F[EXPORTS].clip(lower=0)
    assets = pd.DataFrame({a: F[list(c)].clip(lower=0).sum(axis=1) for a, c in ASSETS.items()}).round(3)
    committed = table.x + table.m - intermediate_use(table).sum(axis=1) - consumption - assets.sum(axis=1) - exports
    negative = F[[CONSUMPTION, *INVESTMENT, EXPORTS]].clip(upper=0).sum(axis=1) + table.Z.clip(upper=0).sum(axis=1)
    named = F[[*GOVERNMENT, INVENTORIES, ADJUSTMENT]].sum(axis=1) + negative
    return Final(consumption, assets, exports, committed.round(3), named)


def settle(cells: np.ndarray, totals: np.ndarray, digits: int = 3) -> np.ndarray:
    """Round each row and let its largest cell take up what is left to the row's total."""
    out = np.round(cells, digits)
    for row, total in zip(out, totals, strict=True):
        row[np.argmax(row)] += total - row.sum()
    return np.round(out, digits)


def make_economy(
    source: Source, sets: dict[str, Labels], data: dict[str, object], flows: dict[str, np.ndarray]
) -> Economy:
    """Build an economy as `read_folder` does: from fields (yearly ones as {year: figures}) and flows."""
    codes = {d: s.codes for d, s in sets.items()}
    arrays = {}
    for name, values in data.items():
        dims: tuple[str, ...] = BY_NAME[name].dims
        labels: dict[str, object] = {d: codes[d] for d in dims}
        if isinstance(values, dict):
            dims, labels["year"] = (*dims, "year"), list(values)
            values = np.stack([np.asarray(v, dtype=float) for v in values.values()], axis=-1)
        arrays[name] = labelled(values, dims, labels, name)
    return Economy(source, sets, from_flows(arrays, flows, codes))


def build_us_2019(sources: Sources) -> tuple[Built, Capital, Final]:
    """Build the 71-product economy; its source still without notes."""
    table, codes = sources.table_2019(), sources.codes
    final, capital = split_final_demand(table), build_capital(sources, table)
    asset_total = final.assets.sum().to_numpy().round(3)
    investment = settle(capital.investment.to_numpy(), asset_total)
    stock = np.round(capital.stock.to_numpy(), 3)
    jobs = employment(sources)
    flows = {
        "use_flows": intermediate_use(table).to_numpy(),
        "labour_flows": np.round(jobs.to_numpy(), 3)[None, :],
        "asset_flows": final.assets.to_numpy(),
        "consumption_flows": final.consumption.to_numpy()[:, None],
        "need_shares": need_shares(sources).to_numpy(),
    }
    m, e = table.m.round(3), final.exports
    demand = pd.DataFrame(
        {"private": final.consumption + final.assets.sum(axis=1), "committed": final.committed, "exports": e}
    )
    growth = trend_growth(intermediate_use(table), demand, m, table.x, jobs)
    worn = wear(capital.investment, capital.stock, growth)
    needed = coefficients(capital.investment, capital.stock, worn, growth, table.x)
    industries = sources.industries
    labels = Labels(tuple(codes), tuple(industries))
    sets = {
        "product": labels,
        "activity": labels,
        "asset": Labels(tuple(ASSETS), tuple(ASSET_NAMES[a] for a in ASSETS)),
        "skill": Labels(("all",), ("All workers",), ("thousand persons",)),
        "household": Labels(("all",), ("All households",), ("thousand persons",)),
        "need": Labels(tuple(NEEDS), tuple(NEEDS.values())),
        "partner": Labels(("world",), ("Rest of the world",)),
        "region": Labels(("us",), ("United States",)),
    }
    labour_force = yearly(LABOUR_FORCE_2019 * (1 - FRICTION))
    data: dict[str, object] = {
        "output": table.x.to_numpy(),
        "depreciation": np.round(worn.to_numpy(), 6),
        "investment": investment,
        "capital_stock": stock,
        "capital_coefficient": np.round(needed.fillna(0.0).to_numpy(), 8),
        "labour_supply": {t: [v] for t, v in labour_force.items()},
        "population": {t: [v] for t, v in yearly(POPULATION_2019).items()},
        "committed_demand": final.committed.to_numpy(),
        "imports": m.to_numpy()[:, None],
        "exports": e.to_numpy()[:, None],
        "opening_debt": np.zeros(1),
        "transfers": np.array([round(float(m.sum() - e.sum()), 3)]),
    }
    re_export = (e > table.x).to_numpy()
    if re_export.any():
        data["re_export"] = re_export
    source = Source(
        "us-2019",
        "United States 2019, 71 industries",
        2019,
        "million USD",
        "U.S. Bureau of Economic Analysis; employment after WIOD and the U.S. Bureau of Labor Statistics",
        "public domain (BEA, BLS); CC BY 4.0 (WIOD Socio-Economic Accounts, release 2016)",
    )
    return Built(make_economy(source, sets, data, flows), flows), capital, final


def write_economy(built: Built, folder: Path) -> None:
    """Write the folder with its flows, without the supply table that an identity makes needless."""
    shutil.rmtree(folder, ignore_errors=True)  # tables of an earlier build would be read with these
    write_folder(built.economy, folder, built.flows)
    (folder / "supply.csv").unlink()
