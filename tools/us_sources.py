"""The published US tables as labelled frames: what build_us.py reads, and nothing is derived here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

#: Final demand categories of BEA's use table, grouped.
CONSUMPTION = "F010"
GOVERNMENT = ("F06C", "F07C", "F10C")
INVENTORIES = "F030"
EXPORTS = "F040"
ADJUSTMENT = "F050ADJ"
#: Asset type -> the investment columns of the use table that it gathers.
ASSETS: dict[str, tuple[str, ...]] = {
    "structures": ("F02S",),
    "equipment": ("F02E",),
    "intellectual_property": ("F02N",),
    "housing": ("F02R",),
    "gov_structures": ("F06S", "F07S", "F10S"),
    "gov_equipment": ("F06E", "F07E", "F10E"),
    "gov_intellectual_property": ("F06N", "F07N", "F10N"),
}
INVESTMENT = tuple(c for columns in ASSETS.values() for c in columns)


@dataclass(frozen=True)
class Table:
    """One year of the industry-by-industry table, million current USD.

    Z and F hold domestic output and competing imports together; m is imports of each product for
    all uses; `va` has value-added rows and the imports that have no product (IMP_Used, IMP_Other).
    """

    Z: pd.DataFrame
    F: pd.DataFrame
    m: pd.Series
    va: pd.DataFrame
    x: pd.Series


class Sources:
    """The folder of published tables."""

    def __init__(self, folder: Path) -> None:
        self.bea = folder / "us_bea_summary71"
        self.fixed_assets = folder / "us_bea_fixed_assets"
        self.sector16 = folder / "us_bea_sector16"
        self.wiod = folder / "wiod2016_national"
        self.industries = self._codes(self.bea / "industries.csv")
        self.codes = list(self.industries.index)
        self._ixi = pd.read_parquet(self.bea / "ixi_derived_2012_2023.parquet")
        self._ixi_2022 = pd.read_parquet(self.bea / "ixi_derived_v2022_1997_2021.parquet")

    @staticmethod
    def _codes(path: Path) -> pd.Series:
        return pd.read_csv(path, dtype=str).set_index("code")["name"]

    def table_2019(self) -> Table:
        """The wide table of 2019 (three decimals)."""
        parts = {
            n: pd.read_csv(self.bea / "ixi_2019" / f"{n}.csv", index_col=0)
            for n in ("Z_dom", "Z_imp", "F_dom", "F_imp", "VA", "x")
        }
        return self._table(parts)

    def table(self, year: int) -> Table:
        """The table of one year 2012-2023 (2024 vintage)."""
        rows = self._ixi[self._ixi["year"] == year]
        parts = {}
        for name in ("Z_dom", "Z_imp", "F_dom", "F_imp", "VA", "x"):
            part = rows[rows["table"] == name].astype({"row": str, "col": str})
            parts[name] = part.pivot(index="row", columns="col", values="value").fillna(0.0)
        return self._table(parts)

    def _table(self, parts: dict[str, pd.DataFrame]) -> Table:
        c, f = self.codes, [CONSUMPTION, *INVESTMENT, INVENTORIES, EXPORTS, *GOVERNMENT, ADJUSTMENT]
        square = {n: parts[n].reindex(index=c, columns=c).fillna(0.0) for n in ("Z_dom", "Z_imp")}
        final = {n: parts[n].reindex(index=c, columns=f).fillna(0.0) for n in ("F_dom", "F_imp")}
        return Table(
            Z=square["Z_dom"] + square["Z_imp"],
            F=final["F_dom"] + final["F_imp"],
            m=square["Z_imp"].sum(axis=1) + final["F_imp"].sum(axis=1),
            va=parts["VA"].reindex(columns=c).fillna(0.0),
            x=parts["x"].iloc[:, 0].reindex(c),
        )

    def noncomparable_2019(self) -> pd.DataFrame:
        """Imports to final demand that belong to no product."""
        return pd.read_csv(self.bea / "ixi_2019" / "F_imp_noncomparable.csv", index_col=0).fillna(0.0)

    def gfcf_1997_2019(self) -> pd.DataFrame:
        """Investment by (year, column of the use table) and product: one vintage (2022), current USD."""
        rows = self._ixi_2022[self._ixi_2022["table"].isin(["F_dom", "F_imp"])]
        rows = rows.astype({"row": str, "col": str})
        rows = rows[rows["row"].isin(self.codes) & rows["col"].isin(INVESTMENT) & (rows["year"] <= 2019)]
        return (
            rows.groupby(["year", "col", "row"])["value"].sum().unstack("row").reindex(columns=self.codes).fillna(0.0)
        )

    def price_index(self) -> pd.DataFrame:
        """Gross-output price index by industry (rows) and year 1997-2023 (columns)."""
        frame = pd.read_csv(self.bea / "gross_output_price_index_2017eq100_1997_2023.csv", index_col=0)
        frame.columns = frame.columns.astype(int)
        return frame.reindex(self.codes)

    def gross_output(self) -> pd.DataFrame:
        """Gross output by industry and year 1997-2023, current USD."""
        frame = pd.read_csv(self.bea / "gross_output_1997_2023.csv", index_col=0)
        frame.columns = frame.columns.astype(int)
        return frame.reindex(self.codes)

    def make_and_consumption_2019(self) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
        """Make table (industry × commodity), and consumption of each commodity in all and imported."""
        path = self.bea / "bea_summary_use_import_make_2012_2023.parquet"
        rows = pd.read_parquet(path)
        rows = rows[rows["year"] == 2019].astype({"table": str, "row": str, "col": str})
        commodities = [*self.codes, "Used", "Other"]
        make = rows[rows["table"] == "make"].pivot(index="row", columns="col", values="value")
        pce = rows[rows["col"] == CONSUMPTION]
        by = {
            t: pce[pce["table"] == t].set_index("row")["value"].reindex(commodities).fillna(0.0)
            for t in ("use", "import")
        }
        return make.reindex(index=self.codes, columns=commodities).fillna(0.0), by["use"], by["import"]

    def asset_rates(self) -> pd.DataFrame:
        """BEA's assets: depreciation rate, group, line of the equipment bridge."""
        return pd.read_csv(self.fixed_assets / "assets_depreciation.csv").set_index("asset")

    def crosswalk(self) -> dict[str, list[str]]:
        """Fixed-assets industry -> industries of the table."""
        frame = pd.read_csv(self.fixed_assets / "industries_crosswalk.csv", dtype=str)
        return {r.fa_industry: r.bea_summary_io_codes.split(";") for r in frame.itertuples()}

    def asset_investment(self) -> pd.DataFrame:
        """Investment by (industry, asset) and year 1901-2021, current USD."""
        frame = pd.read_parquet(self.fixed_assets / "investment_by_industry_asset_1901_2021.parquet")
        return frame.pivot(index=["industry", "asset"], columns="year", values="investment").fillna(0.0)

    def asset_stock(self) -> pd.DataFrame:
        """Net stock by (industry, asset) at the end of each year 1947-2017, current cost."""
        frame = pd.read_parquet(self.fixed_assets / "net_stock_current_cost_by_industry_asset_1947_2017.parquet")
        return frame.pivot(index=["industry", "asset"], columns="year", values="net_stock").fillna(0.0)

    def equipment_bridge(self, year: int) -> pd.DataFrame:
        """Line of the equipment bridge × commodity: purchasers' value with margins on their own rows."""
        frame = pd.read_parquet(self.fixed_assets / "peq_bridge_1997_2021.parquet")
        frame = frame[frame["year"] == year]
        goods = frame.pivot_table(index="nipa_line", columns="commodity", values="producers", aggfunc="sum")
        margins = frame.groupby("nipa_line")[["transport", "wholesale", "retail"]].sum()
        margins.columns = ["484", "42", "4A0"]
        return goods.fillna(0.0).join(margins)

    def capital_flow_2019(self) -> pd.DataFrame:
        """The derived capital flow matrix: commodity × investing industry."""
        return pd.read_csv(self.fixed_assets / "capital_flow_2019.csv", index_col=0).reindex(columns=self.codes)

    def socio_economic(self, year: int) -> pd.DataFrame:
        """WIOD socio-economic accounts of the US in one year, by sector."""
        frame = pd.read_csv(self.wiod / "USA_SEA_2000_2014.csv.gz")
        return frame[frame["year"] == year].set_index("code")

    def sectors16(self) -> pd.Series:
        """Codes and names of the 16 sectors."""
        return self._codes(self.sector16 / "ixi_2019" / "sectors.csv")

    def table16_2019(self) -> dict[str, pd.DataFrame]:
        """The published folder of the 16-sector table, to check the aggregate against."""
        folder = self.sector16 / "ixi_2019"
        return {
            n: pd.read_csv(folder / f"{n}.csv", index_col=0) for n in ("Z_dom", "Z_imp", "F_dom", "F_imp", "VA", "x")
        }

    def stock16_2017(self) -> pd.DataFrame:
        """Private non-residential net stock by the 16 sectors at the end of 2017."""
        return pd.read_csv(self.sector16 / "private_nonres_capital_stock_2017.csv", index_col=0)
