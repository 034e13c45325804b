"""What people read about the two economies: notes in economy.yaml, README.md, and the capital check."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from us_capital import BASE, EARLIER, OPENING, PRIVATE, Capital
from us_economy import Built, Final
from us_labour import EMPLOYED_2019, FRICTION, GROWTH, LABOUR_FORCE_2019, POPULATION_2019
from us_sector16 import TO_SECTOR, compare
from us_sources import ADJUSTMENT, ASSETS, CONSUMPTION, EXPORTS, GOVERNMENT, INVENTORIES, INVESTMENT, Sources
from us_trend import EXPORT_GROWTH, PRODUCTIVITY, ROOM

TRN = 1e6  # million in a trillion


def measure(sources: Sources, capital: Capital, final: Final, built: Built) -> dict[str, float]:
    """The figures that the words need."""
    table = sources.table_2019()
    outside, va, F = sources.noncomparable_2019(), table.va, table.F
    f = capital.figures
    check = capital.check.groupby("group").sum()
    worn = pd.DataFrame(built.economy.values("depreciation"), capital.stock.index, capital.stock.columns)
    return {
        "gdp": va.loc[["V001", "V002", "V003"]].to_numpy().sum(),
        "outside": va.loc[["IMP_Used", "IMP_Other"]].to_numpy().sum() + outside.to_numpy().sum(),
        "outside_home": outside[CONSUMPTION].sum(),
        "adjustment": F[ADJUSTMENT].sum(),
        "government": F[list(GOVERNMENT)].to_numpy().sum(),
        "inventories": F[INVENTORIES].sum(),
        "negative_consumption": F[CONSUMPTION].clip(upper=0).sum(),
        "negative_investment": F[list(INVESTMENT)].clip(upper=0).to_numpy().sum(),
        "negative_exports": F[EXPORTS].clip(upper=0).sum(),
        "negative_use": table.Z.clip(upper=0).to_numpy().sum(),
        "committed": final.committed.sum(),
        "closing_total": final.closing.sum(),
        "closing_largest": final.closing.abs().max(),
        "imports": table.m.sum(),
        "exports": final.exports.sum(),
        "consumption": final.consumption.sum(),
        **{f"stock_{a}": capital.stock.loc[a].sum() for a in ASSETS},
        **{f"rate_{a}": np.average(capital.depreciation.loc[a], weights=capital.stock.loc[a]) for a in ASSETS},
        **{f"wear_{a}": np.average(worn.loc[a], weights=capital.stock.loc[a]) for a in ASSETS},
        "without_wear": int(((worn == 0) & (capital.investment > 0)).to_numpy().sum()),
        **{f"{c}_{a}": check.loc[a, c] / check.loc[a, "published"] - 1 for a in PRIVATE for c in check.columns[1:]},
        **{f"{c}_all": check[c].sum() / check["published"].sum() - 1 for c in check.columns[1:]},
        **f,
    }


def notes(f: Mapping[str, float]) -> list[str]:
    """Sentences for economy.yaml: the lines of us_notes.txt with their figures."""
    return [line.format(**_words(f)) for line in NOTES.splitlines() if line.strip()]


def notes16(f: Mapping[str, float]) -> list[str]:
    """Sentences for the economy.yaml of the aggregate."""
    return [
        "us-2019 aggregated to BEA's 16 sectors: flows and stocks are sums, coefficients weighted by output, "
        "depreciation by capital.",
        *notes(f)[1:],
    ]


def capital_check(sources: Sources, capital: Capital) -> pd.DataFrame:
    """Published private stocks of end 2017 against the inventory, by fixed-assets industry; 2019 prices."""
    crosswalk = sources.crosswalk()
    frame = capital.check.copy()
    total = frame.groupby("industry").sum()
    total.index = pd.MultiIndex.from_product([total.index, ["all"]], names=frame.index.names)
    sums = pd.concat([frame.groupby("group").sum().reindex(PRIVATE), frame.sum().to_frame("all").T])
    sums.index = pd.MultiIndex.from_product([["all"], sums.index], names=frame.index.names)
    whole = pd.concat([frame, total]).sort_index(level=0, sort_remaining=False)
    whole = pd.concat([whole[whole["published"] > 0], sums]).reset_index()
    whole.insert(1, "activities", [";".join(crosswalk.get(i, ["all"])) for i in whole["industry"]])
    return _with_differences(whole.rename(columns={"group": "asset", "industry": "fa_industry"}))


def _with_differences(frame: pd.DataFrame) -> pd.DataFrame:
    for start in (OPENING, EARLIER):
        frame[f"difference_{start}"] = (frame[f"from_{start}"] / frame["published"] - 1).round(4) + 0.0
    return frame.round({"published": 0, f"from_{OPENING}": 0, f"from_{EARLIER}": 0}).rename(
        columns={"published": "published_2017"}
    )


def capital_check16(sources: Sources, capital: Capital) -> pd.DataFrame:
    """The same by sector, with the sector file's own stock (current cost)."""
    crosswalk = sources.crosswalk()
    sector = {i: TO_SECTOR[c[0]] for i, c in crosswalk.items()}
    by = capital.check.groupby("industry").sum()
    by = by.groupby(by.index.map(sector)).sum().reindex([s for s in sources.sectors16().index if s != "G"])
    by.insert(0, "sector_file_current_cost", sources.stock16_2017()["net_stock"].reindex(by.index))
    by.loc["all"] = by.sum()
    return _with_differences(by.rename_axis("activity").reset_index())


def wear_table(capital: Capital, built: Built) -> pd.DataFrame:
    """Depreciation after BEA, growth of the stock with it in 2019, and the wear of the accounts, by pair."""
    stock = capital.stock.rename_axis(index="asset", columns="activity")
    worn = pd.DataFrame(built.economy.values("depreciation"), stock.index, stock.columns)
    frames = {
        "bea_rate": capital.depreciation,
        "stock_growth": capital.investment / stock - capital.depreciation,
        "wear": worn,
    }
    frame = pd.DataFrame({name: values.where(stock > 0).stack() for name, values in frames.items()})
    return (frame.dropna().round(6) + 0.0).rename_axis(["asset", "activity"]).reset_index()


def own_current_cost_2017(sources: Sources) -> float:
    """Published private non-residential stock of end 2017 in its own prices."""
    return float(sources.asset_stock()[2017].sum())


def _words(f: Mapping[str, float]) -> dict[str, float]:
    """The figures under the names that the text files use."""
    start, early = f"from_{OPENING}_", f"from_{EARLIER}_"
    out = {k: float(v) for k, v in f.items()}
    out |= {"opening": OPENING, "earlier": EARLIER, "base": BASE, "deficit": f["imports"] - f["exports"]}
    out |= {f"t_{a}": f[f"stock_{a}"] / TRN for a in ASSETS}
    for short, asset in (("s", PRIVATE[0]), ("e", PRIVATE[1]), ("i", PRIVATE[2]), ("all", "all")):
        out |= {f"o_{short}": f[start + asset], f"e_{short}": f[early + asset]}
    out |= {"gov14": f["benchmark"] / TRN, "gov14_steady": f["steady_state_structures"] / TRN}
    out |= {"dwell14": f["dwellings_2014_current"] / TRN}
    out |= {"employed": EMPLOYED_2019, "force": LABOUR_FORCE_2019, "friction": FRICTION}
    out |= {
        "room": ROOM,
        "productivity": PRODUCTIVITY,
        "exports_grow": EXPORT_GROWTH,
        "growth": GROWTH,
        "residents": POPULATION_2019,
    }
    return out


def readme(f: Mapping[str, float], built: Built) -> str:
    """README.md of us-2019."""
    spending = built.economy.values("consumption")[0] / 1000
    needs = zip(built.economy.codes("need"), spending, strict=True)
    return README.format(**_words(f), spending=", ".join(f"{need} {value:,.0f}" for need, value in needs))


def readme16(sources: Sources, built: Built, capital: Capital) -> str:
    """README.md of us-2019-16."""
    rows = compare(sources, built)
    table = "\n".join(
        f"| {name} | {row['total']:,.0f} | {row['largest_difference']:,.3f} |" for name, row in rows.iterrows()
    )
    check = capital_check16(sources, capital)
    whole = check[check["activity"] == "all"].iloc[0]
    worst = check.loc[check[f"difference_{OPENING}"].abs().idxmax()]
    return README16.format(
        table=table,
        current=whole["sector_file_current_cost"],
        moved=whole["published_2017"],
        own=whole[f"from_{OPENING}"],
        fa=own_current_cost_2017(sources),
        all=whole[f"difference_{OPENING}"],
        worst=worst["activity"],
        worst_by=worst[f"difference_{OPENING}"],
        opening=OPENING,
    )


NOTES = (Path(__file__).parent / "us_notes.txt").read_text(encoding="utf-8")
README = (Path(__file__).parent / "us_readme.md").read_text(encoding="utf-8")
README16 = (Path(__file__).parent / "us_readme16.md").read_text(encoding="utf-8")
