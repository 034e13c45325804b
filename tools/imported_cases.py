"""Every table under the folder of published tables that is an economy, and how its import and plan are judged."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tools.derived_tables import guess

import lustrum as lu
from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.extract_region import extract_region
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.national.transform import to_basic
from lustrum.accounts.readers.seam import Wanted
from lustrum.planning.plan import Plan
from lustrum.planning.quantities import variable
from lustrum.workspace.template import imported_plan

#: Countries carved out of the world table of 2011: all of them.
COUNTRIES = re.findall(
    "[A-Z]{3}",
    """
    AUS AUT BEL BGR BRA CAN CHN CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IDN IND IRL ITA JPN KOR LTU LUX LVA MEX MLT
    NLD POL PRT ROM RUS SVK SVN SWE TUR TWN USA""",
)
#: Steps of provenance in which figures changed their place.
MOVED = ("negative", "committed demand", "rows that do not close", "sectors of nothing", "imports without a product")


@dataclass(frozen=True)
class Case:
    """One table: where it lies, and which year or country of it."""

    path: str
    year: int | None = None
    region: str | None = None
    country: str | None = None

    @property
    def name(self) -> str:
        """What the documentation calls it."""
        return " ".join(str(p) for p in (self.path, self.year, self.region, self.country) if p)

    def table(self, data: Path) -> FlowTable:
        """Read it."""
        path = data / self.path
        wanted = Wanted(self.year, self.region)
        if self.country:
            return extract_region(guess(path)[0].read(path, wanted), self.country)
        table = guess(path)[0].read(path, wanted)
        return table if table.valuation != "purchaser" else to_basic(table)


def cases() -> Iterator[Case]:
    """Every case, in the order of the documentation."""
    for year in (2017, 2019, 2020, 2023):
        yield Case(f"us_bea_summary71/ixi_{year}")
    for year in range(2012, 2024):
        yield Case("us_bea_summary71/ixi_derived_2012_2023.parquet", year)
    for year in range(1997, 2022):
        yield Case("us_bea_summary71/ixi_derived_v2022_1997_2021.parquet", year)
    yield Case("us_bea_summary71/bea_summary_v2017_use_import_1997_2016.parquet", 2016)
    for year in range(1997, 2022):
        yield Case("us_bea_summary71/bea_summary_v2022_use_make_1997_2021.parquet", year)
    for year in range(2012, 2024):
        yield Case("us_bea_summary71/bea_summary_use_import_make_2012_2023.parquet", year)
    for year in (2019, 2023):
        yield Case(f"us_bea_sector16/ixi_{year}")
    for year in range(2012, 2024):
        yield Case("us_bea_sector16/ixi_derived_2012_2023.parquet", year)
    for year in (2019, 2020):
        yield Case(f"uk_ons_ioat/ixi_{year}")
    for year in range(1997, 2023):
        yield Case("uk_ons_sut_1997_2022", year)
    yield Case("uk_ons_ioat/pxp_domestic_2017_2022.parquet", 2019)
    for year in range(2008, 2017):
        yield Case("sweden_siot_2008_2016/siot_2008_2016.parquet", year)
    for year in range(2000, 2015):
        yield Case("wiod2016_national/USA_NIOT_2000_2014.parquet", year)
    yield Case("wiod2016_national/USA_2014")
    for country in COUNTRIES:
        yield Case("wiod2013_mrio/wiot_2011.parquet", None, None, country)
    for country in ("CHN", "DEU", "USA"):
        yield Case("wiod2013_mrio/wiot_2007.parquet", None, None, country)


#: What lies in the folder and is no economy, or not a whole one.
NO_ECONOMIES = (
    "us_bea_fixed_assets",
    "us_bea_fixed_assets/capital_flow_2019.csv",
    "wiod2013_bilateral_trade",
    "covid_sector_shocks",
    "scottish_ward",
    "disasters",
)


@dataclass(frozen=True)
class Judged:
    """What the documentation says of one table; shares and indices as plain numbers."""

    products: int
    activities: int
    residual: float  # of the source's rows, share of supply
    moved: float  # figures that went to committed demand but for government, share of supply
    needs: int
    assets: int
    labour: str  # what labour is counted in
    worst: float  # certificate: largest of its three figures
    consumption: float  # per head, last year against the base
    output: float
    investment: float
    lowest_investment: float  # smallest yearly growth of total investment
    kink: float  # largest change of growth from year to year of output, consumption, investment
    stuck: int  # activities on their output band for three years or more
    stuck_share: float
    limits: tuple[str, ...]
    seconds: float


def judge(economy: Economy, table: FlowTable) -> Judged:
    """Check, plan five years with the default plan file, and measure."""
    report = check_economy(economy)
    if not report.ok:
        raise AssertionError(f"{economy.source.name}: " + "; ".join(f.what for f in report.findings))
    began = time.perf_counter()
    plan = lu.solve(economy, lu.PlanSpec.from_text(imported_plan(economy, "#")))
    seconds = time.perf_counter() - began
    supply = float(table.output.sum() + table.total_imports.sum())
    changes = [c for c in economy.provenance if c.step.startswith(MOVED) and "government" not in c.what]
    return Judged(
        economy.size("product"),
        economy.size("activity"),
        float(np.abs(table.row_residuals()).sum()) / supply,
        sum(c.amount for c in changes if c.step != "rows that do not close") / supply,
        economy.size("need"),
        economy.size("asset"),
        _labour(economy),
        _worst(plan),
        *_pace(plan),
        tuple(limit.text for limit in lu.strongest_limits(plan, count=2)),
        seconds,
    )


def _labour(economy: Economy) -> str:
    if "skill" not in economy.sets:
        return "none"
    name = economy.sets["skill"].names[0].lower()
    return "wages" if "compensation" in name else "value added" if "value added" in name else "persons"


def _worst(plan: Plan) -> float:
    if not plan.certificate.holds:
        raise AssertionError("the certificate does not hold")
    c = plan.certificate
    return float(max(c.primal_residual, c.dual_residual, abs(c.gap)))


def _pace(plan: Plan) -> tuple[float, float, float, float, float, int, float]:
    last = plan.data.calendar.plan
    heads = np.array([plan.data.population_ratio(t).mean() for t in range(last + 1)])
    total = {
        n: np.array([variable(plan, n, t).sum() for t in range(last + 1)])
        for n in ("consumption", "output", "investment")
    }
    total["consumption"] = total["consumption"] / heads
    growth = {n: v[1:] / v[:-1] - 1 for n, v in total.items() if v[0] > 0}
    output = np.array([variable(plan, "output", t) for t in range(last + 1)])
    pace = output[1:] / output[:-1] - 1
    band = plan.spec.adjustment.output
    at = (pace < -(band.down or 1) + 1e-4) | (pace > (band.up or 1e9) - 1e-4)
    stuck = at.sum(axis=0) >= 3
    return (
        total["consumption"][-1] / total["consumption"][0],
        output[-1].sum() / output[0].sum(),
        total["investment"][-1] / total["investment"][0],
        float(growth["investment"].min()),
        max(float(np.abs(np.diff(g)).max()) for g in growth.values()),
        int(stuck.sum()),
        float(output[0][stuck].sum() / output[0].sum()),
    )


def run(case: Case, data: Path) -> tuple[Economy, Judged]:
    """Import, check, plan and judge one case."""
    table = case.table(data)
    economy = to_economy(table)
    return economy, judge(economy, table)
