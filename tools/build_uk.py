"""Rebuild the embedded economy uk-2019 from the published tables.

    python tools/build_uk.py [--data DIR] [--out DIR]

The data default to the folder that LUSTRUM_TEST_DATA names, or shared/data beside the repository. The same tables give
the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))  # uk_sources reads tables by tools.derived_tables

from uk_sources import NEEDS, YEAR, table_2019

from lustrum.accounts.assemble.economy import Assembled, assemble
from lustrum.accounts.assemble.interpretation import Options
from lustrum.accounts.economy import Economy, Source
from lustrum.accounts.readers.folder import write_folder

REPOSITORY = Path(__file__).resolve().parents[1]
#: Growth behind stocks and plan file: labour supply 0.5 % a year and productivity 1 %.
GROWTH = 0.015
#: With the opening stocks an activity can make what growth at trend asks in 2020, and 0.3 % more (as in us-2019).
ROOM = 1 - 1 / ((1 + GROWTH) * 1.003)
SOURCE = Source(
    "uk-2019",
    "United Kingdom 2019, 104 products and industries",
    YEAR,
    "million GBP",
    "Office for National Statistics: supply and use tables 1997-2022 (Blue Book 2024); Business Register and "
    "Employment Survey 2019",
    "Open Government Licence v3.0",
    (
        "Contains public sector information licensed under the Open Government Licence v3.0. Derived from tables of "
        "the Office for National Statistics, which has not endorsed it.",
        "What was done to the published figures stands in provenance.csv, line by line; README.md says it in words.",
    ),
)


def build(data: Path, out: Path) -> None:
    """Write uk-2019 into `out`."""
    table = table_2019(data)
    built = assemble(table, Options(name=SOURCE.name, title=SOURCE.title, growth=GROWTH, room=ROOM))
    economy = _settled(built)
    folder = out / SOURCE.name
    flows = {n: np.round(f, 2) for n, f in built.flows.items()} | {"need_shares": _shares(built.flows["need_shares"])}
    shutil.rmtree(folder / "economy", ignore_errors=True)
    write_folder(economy, folder / "economy", flows)
    readme = (Path(__file__).with_name("uk_readme.md")).read_text(encoding="utf-8")
    (folder / "README.md").write_text(readme.format(**_words(economy)), encoding="utf-8")


def _shares(shares: np.ndarray, digits: int = 6) -> np.ndarray:
    """Round shares and let the largest of each row take up what is left to 1."""
    out = np.round(shares, digits)
    for row in out:
        if row.any():
            k = int(np.argmax(row))
            row[k] = np.round(1 - np.delete(row, k).sum(), digits)
    return out


def _settled(built: Assembled) -> Economy:
    """Round what is not a flow to the digits that mean something, and keep investment adding up by asset."""
    e = built.economy
    investment = np.round(e.values("investment"), 2)
    total = built.flows["asset_flows"].sum(axis=0)
    for row, amount in zip(investment, total, strict=True):
        row[np.argmax(row)] += amount - row.sum()
    changed = e.with_data(
        investment=np.round(investment, 2),
        capital_stock=np.round(e.values("capital_stock"), 1),
        capital_coefficient=np.round(e.values("capital_coefficient"), 8),
        committed_demand=np.round(e.values("committed_demand"), 3),
        output=np.round(e.values("output"), 1),
        imports=np.round(e.values("imports"), 1),
        exports=np.round(e.values("exports"), 1),
        labour_supply=np.round(e.values("labour_supply"), 2),
        transfers=np.round(e.values("transfers"), 1),
    )
    steps = tuple(replace(c, amount=round(c.amount, 1), of=round(c.of, 1)) for c in e.provenance)
    return Economy(SOURCE, changed.sets, changed.data, steps)


def _words(e: Economy) -> dict[str, str]:
    def bn(x: float) -> str:
        return f"{x / 1000:,.1f}"

    built = dict(zip(e.codes("asset"), e.values("investment").sum(axis=1).tolist(), strict=True))
    stock = dict(zip(e.codes("asset"), e.values("capital_stock").sum(axis=1).tolist(), strict=True))
    spending = zip(e.codes("need"), e.values("consumption")[0].tolist(), strict=True)
    partners = e.codes("partner")
    return {
        "output": bn(float(e.values("output").sum())),
        "committed": bn(float(e.values("committed_demand").sum())),
        "imports": ", ".join(f"{p} {bn(v)}" for p, v in zip(partners, e.values("imports").sum(axis=0), strict=True)),
        "exports": ", ".join(f"{p} {bn(v)}" for p, v in zip(partners, e.values("exports").sum(axis=0), strict=True)),
        "investment": ", ".join(f"{a} {bn(v)}" for a, v in built.items()),
        "stocks": ", ".join(f"{a} {bn(v)}" for a, v in stock.items()),
        "spending": ", ".join(f"{n} {bn(v)}" for n, v in spending),
        "needs": str(len(NEEDS)),
        "jobs": f"{e.values('labour_supply')[0]:,.0f}",
        "growth": f"{GROWTH:.1%}",
    }


def main() -> None:
    """Read the command line and build."""
    named = os.environ.get("LUSTRUM_TEST_DATA")
    data = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    out = REPOSITORY / "src" / "lustrum" / "economies"
    parser = argparse.ArgumentParser(description="Rebuild uk-2019 from the published tables.")
    parser.add_argument("--data", type=Path, default=data, help="folder of the published tables")
    parser.add_argument("--out", type=Path, default=out, help="folder to write the economy into")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
