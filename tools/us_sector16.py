"""The 71 industries gathered into BEA's 16 sectors, and the economy us-2019-16 made by `aggregate`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from us_economy import Built, make_economy, settle
from us_sources import Sources

from lustrum.accounts.aggregate import aggregate
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME

MEMBERS: dict[str, str] = {
    "11": "111CA 113FF",
    "21": "211 212 213",
    "22": "22",
    "23": "23",
    "31G_D": "321 327 331 332 333 334 335 3361MV 3364OT 337 339",
    "31G_ND": "311FT 313TT 315AL 322 323 324 325 326",
    "42": "42",
    "44RT": "441 445 452 4A0",
    "48TW": "481 482 483 484 485 486 487OS 493",
    "51": "511 512 513 514",
    "FIRE": "521CI 523 524 525 HS ORE 532RL",
    "PROF": "5411 5415 5412OP 55 561 562",
    "6": "61 621 622 623 624",
    "7": "711AS 713 721 722",
    "81": "81",
    "G": "GFGD GFGN GFE GSLG GSLE",
}
TO_SECTOR = {code: sector for sector, members in MEMBERS.items() for code in members.split()}


def build_us_2019_16(sources: Sources, whole: Economy, notes: list[str]) -> Built:
    """Aggregate us-2019; figures rounded to three decimals, exact sums of its cells."""
    names = sources.sectors16().reindex(list(MEMBERS))
    labels = Labels(tuple(MEMBERS), tuple(names))
    source = Source(
        "us-2019-16",
        "United States 2019, 16 sectors",
        2019,
        whole.source.money,
        whole.source.publisher,
        whole.source.licence,
        tuple(notes),
    )
    merged = aggregate(whole, product=TO_SECTOR, activity=TO_SECTOR, products=labels, activities=labels, source=source)
    x, y = merged.values("output"), merged.values("consumption")
    by_need = merged.values("need_composition") * y.sum(axis=0)
    consumed = by_need.sum(axis=1)
    shares = np.divide(by_need, consumed[:, None], out=np.zeros_like(by_need), where=consumed[:, None] > 0)
    flows = {
        "use_flows": np.round(merged.values("use") * x, 3),
        "labour_flows": np.round(merged.values("labour_coefficient") * x, 3),
        "asset_flows": np.round(merged.values("asset_composition") * merged.values("investment").sum(axis=1), 3),
        "consumption_flows": np.round(consumed, 3)[:, None],
        "need_shares": settle(shares, (consumed > 0).astype(float), 9),
    }
    replaced = {"supply", "use", "labour_coefficient", "asset_composition", "consumption", "need_composition"}
    data: dict[str, object] = {}
    for name, array in merged.data.items():
        if name in replaced:
            continue
        values = np.asarray(array.values)
        digits = 6 if BY_NAME[name].unit.startswith("share") else 3
        values = values if values.dtype == bool else np.round(values, 8 if name == "capital_coefficient" else digits)
        data[name] = values
        if "year" in array.dims:
            data[name] = {int(t): values[..., k] for k, t in enumerate(array["year"].values)}
    return Built(make_economy(source, dict(merged.sets), data, flows), flows)


def compare(sources: Sources, built: Built) -> pd.DataFrame:
    """Largest differences from the published 16-sector table, million USD, item by item."""
    published, codes = sources.table16_2019(), list(MEMBERS)
    final = (published["F_dom"] + published["F_imp"]).reindex(codes)
    e = built.economy
    investment = e.values("asset_composition") @ e.values("investment").sum(axis=1)
    pairs = {
        "output": (e.values("output"), published["x"]["output"].reindex(codes).to_numpy()),
        "intermediate use": (
            built.flows["use_flows"],
            (published["Z_dom"] + published["Z_imp"]).reindex(index=codes, columns=codes).to_numpy(),
        ),
        "exports": (e.values("exports")[:, 0], final["EXPORT"].to_numpy()),
        "imports": (
            e.values("imports")[:, 0],
            (published["Z_imp"].sum(axis=1) + published["F_imp"].sum(axis=1)).reindex(codes).to_numpy(),
        ),
        "final demand without exports": (
            built.flows["consumption_flows"][:, 0] + investment + e.values("committed_demand"),
            final.drop(columns="EXPORT").sum(axis=1).to_numpy(),
        ),
    }
    rows = {k: {"largest_difference": np.abs(a - b).max(), "total": b.sum()} for k, (a, b) in pairs.items()}
    return pd.DataFrame(rows).T
