"""The published UK tables of 2019 as flows at basic prices, with employment: what build_uk.py starts from."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from tools.derived_tables.ons import READER

from lustrum.accounts.concordances import classify
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable, ProductTable, Satellite
from lustrum.accounts.national.transform import to_basic
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Wanted

YEAR = 2019
#: Divisions of COICOP 1999, by the two digits that the ONS codes begin with.
NEEDS: dict[str, tuple[str, str]] = {
    "01": ("food", "01 Food and non-alcoholic beverages"),
    "02": ("alcohol_tobacco", "02 Alcoholic beverages, tobacco and narcotics"),
    "03": ("clothing", "03 Clothing and footwear"),
    "04": ("housing", "04 Housing, water, electricity, gas and other fuels"),
    "05": ("furnishings", "05 Furnishings, household equipment and maintenance"),
    "06": ("health", "06 Health"),
    "07": ("transport", "07 Transport"),
    "08": ("communication", "08 Communication"),
    "09": ("recreation", "09 Recreation and culture"),
    "10": ("education", "10 Education"),
    "11": ("restaurants_hotels", "11 Restaurants and hotels"),
    "12": ("miscellaneous", "12 Miscellaneous goods and services"),
}


def table_2019(data: Path) -> FlowTable:
    """The supply-use table of 2019 at basic prices, flows rounded to 0.1 million pounds, with jobs and twelve needs."""
    table = to_basic(READER.read(data / "uk_ons_sut_1997_2022", Wanted(YEAR)))
    products = Labels(tuple(c.removeprefix("CPA_") for c in table.products.codes), table.products.names)
    table = replace(table, products=products, supply_columns={})
    table = replace(table, tables={**table.tables, "needs": _twelve(table.tables["needs"])})
    return _jobs(_rounded(table), data / "uk_ons_ioat" / "employment_bres_2019.csv")


def _rounded(table: FlowTable, digits: int = 1) -> FlowTable:
    """Flows in the digits that the folder shows; what rounding opens in a row is stated by `assemble`."""
    parts = {n: getattr(table, n).round(digits) for n in ("supply", "use", "final", "imports")}
    moved = sum(float(np.abs(getattr(table, n) - v).sum()) for n, v in parts.items())
    return table.changed(
        Change(
            "rounding",
            "all flows",
            "rounded to 0.1 million pounds",
            moved,
            float(table.use.sum() + table.final.sum()),
            "so that the files stay small",
        ),
        **parts,
    )


def _twelve(purposes: ProductTable) -> ProductTable:
    """Purposes of COICOP added up to its twelve divisions."""
    figures = np.zeros((purposes.figures.shape[0], len(NEEDS)))
    for k, code in enumerate(purposes.labels.codes):
        figures[:, list(NEEDS).index(code[:2])] += purposes.figures[:, k]
    labels = Labels(tuple(c for c, _ in NEEDS.values()), tuple(n for _, n in NEEDS.values()))
    return replace(purposes, labels=labels, figures=figures)


def _jobs(table: FlowTable, path: Path) -> FlowTable:
    """Jobs by SIC division, split by compensation of employees where several activities share a division."""
    found = classify(table.activities.codes)
    assert found is not None
    wages = table.value_added[table.value_added_rows.codes.index("D1")].clip(min=0)
    jobs, divided, unused = np.zeros(len(wages)), 0.0, 0.0
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            count = float(row["GB"]) / 1000
            members = [
                j for j, c in enumerate(table.activities.codes) if any(d[1:] == row["sic"] for d in found.divisions[c])
            ]
            if not members or wages[members].sum() <= 0:
                unused += count
                continue
            jobs[members] += count * wages[members] / wages[members].sum()
            divided += count if len(members) > 1 else 0.0
    home, like = (table.activities.codes.index(c) for c in ("T97", "S96"))
    jobs[home] = wages[home] * jobs[like] / wages[like]  # the survey does not ask households
    satellite = Satellite(
        Labels(("jobs",), ("Jobs in Great Britain",), ("thousand jobs",)), jobs.round(2)[None, :], "labour"
    )
    say = Change(
        "employment",
        "employment_bres_2019.csv",
        "jobs by SIC division of Great Britain stand for those of the "
        f"United Kingdom; divisions of several industries split by compensation, "
        f"domestic servants at the pay of other personal services ({unused:.0f} thousand jobs left out)",
        divided,
        float(jobs.sum()),
        "the survey leaves out Northern Ireland and small traders without payroll",
    )
    return table.changed(say, satellites={**table.satellites, "jobs": satellite})
