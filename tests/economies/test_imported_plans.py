"""Published tables imported and planned with the default plan file: what docs/imported-tables.md says of them holds."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tools.build_imported_docs import HEAD, line
from tools.derived_tables import guess
from tools.imported_cases import Case, Judged, judge, run

import lustrum as lu
from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.assemble.interpretation import Options
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.extract_region import extract_region
from lustrum.accounts.readers.seam import Wanted

PAGE = Path(__file__).resolve().parents[2] / "docs" / "imported-tables.md"
CASES = (
    Case("us_bea_sector16/ixi_2019"),
    Case("sweden_siot_2008_2016/siot_2008_2016.parquet", 2009),
    Case("wiod2016_national/USA_NIOT_2000_2014.parquet", 2014),
    Case("wiod2013_mrio/wiot_2011.parquet", country="DEU"),
    Case("wiod2013_mrio/wiot_2011.parquet", country="LUX"),
)


def row(case: Case) -> dict[str, str]:
    """The row of the page that speaks of a case."""
    name = f"{case.country} (2011)" if case.country else case.path
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in text.strip("|").split(" | ")]
        if cells[0] == name or cells[0].startswith(name + ", "):
            return dict(zip(HEAD, cells, strict=True))
    raise AssertionError(f"docs/imported-tables.md says nothing of {name}")


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"[-+]?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c.name.replace("/", "-"))
def judged(request: pytest.FixtureRequest, test_data: Path) -> tuple[Case, Judged]:
    case: Case = request.param
    return case, run(case, test_data)[1]


def test_the_page_says_what_comes_out(judged: tuple[Case, Judged]) -> None:
    case, found = judged
    shown, fresh = row(case), dict(zip(HEAD, line(case.name, [found]), strict=True))
    assert fresh["products × activities"] in shown["products × activities"]
    assert fresh["labour in"] == shown["labour in"]
    # other solvers may stop at another plan that is equally good: figures agree to a fifth of a per cent
    for name in ("moved", "consumption per head", "output", "investment", "worst year"):
        said, (value,) = numbers(shown[name]), numbers(fresh[name])
        assert min(said) - 0.2 <= value <= max(said) + 0.2, name


def test_the_plan_is_sane(judged: tuple[Case, Judged]) -> None:
    _, found = judged
    assert found.worst <= 1e-6
    assert found.lowest_investment > -0.1
    assert found.kink < 0.015
    assert found.stuck_share < 0.05
    assert 1.0 < found.consumption < 1.2
    assert 1.0 < found.output < 1.2


def test_accounts_of_us_2019_agree_with_those_made_by_hand(test_data: Path) -> None:
    folder = test_data / "us_bea_summary71" / "ixi_2019"
    general, by_hand = to_economy(guess(folder)[0].read(folder, Wanted())), lu.load_economy("us-2019")
    rows = [general.codes("product").index(c) for c in by_hand.codes("product")]
    assert general.codes("activity") == by_hand.codes("activity")
    for name in ("use", "imports"):
        ours, theirs = general.values(name)[rows], by_hand.values(name)
        assert np.abs(ours - theirs).max() <= 1e-6 * max(1.0, float(np.abs(theirs).max())), name
    # purchases of visitors stand among exports of the federal government and, below zero, in consumption: by hand the
    # latter are committed demand, the reader takes both sides out
    visitors = np.where(np.array(by_hand.codes("product")) == "GFGN", 200_936.986, 0.0)
    assert general.values("exports")[rows, 0] == pytest.approx(by_hand.values("exports")[:, 0] - visitors, abs=0.01)
    committed = by_hand.values("committed_demand") + visitors
    assert general.values("committed_demand")[rows] == pytest.approx(committed, abs=0.01)
    assert general.values("output") == pytest.approx(by_hand.values("output"))
    assert general.codes("need") == by_hand.codes("need")
    mix = general.values("need_composition")[rows] * general.values("consumption")[0]
    theirs = by_hand.values("need_composition") * by_hand.values("consumption")[0]
    assert np.abs(mix - theirs).max() < 1e-6 * theirs.max()
    built = (general.values("asset_composition") @ general.values("investment").sum(axis=1))[rows]
    assert built == pytest.approx(
        by_hand.values("asset_composition") @ by_hand.values("investment").sum(axis=1), abs=0.01
    )


def test_stocks_by_inventory_over_published_years_give_a_sane_plan(test_data: Path) -> None:
    path = test_data / "us_bea_sector16" / "ixi_derived_2012_2023.parquet"
    tables = [guess(path)[0].read(path, Wanted(year)) for year in range(2012, 2024)]
    economy = to_economy(tables[-1], Options(history=tuple(tables[:-1])))
    steady = to_economy(tables[-1])
    ratio = economy.values("capital_stock").sum() / steady.values("capital_stock").sum()
    assert 0.5 < ratio < 1.0  # in the prices of each year, which rose
    found = judge(economy, tables[-1])
    assert found.worst <= 1e-6
    assert found.lowest_investment > -0.1


def test_partners_of_a_carved_country_are_those_of_the_world_table(test_data: Path) -> None:
    path = test_data / "wiod2013_mrio" / "wiot_2011.parquet"
    world = guess(path)[0].read(path, Wanted())
    table = extract_region(world, "SWE", partners=3)
    economy: Economy = to_economy(table)
    assert economy.size("partner") == len(table.partners.codes) >= 4
    assert table.imports is not None
    assert economy.values("imports").sum() == pytest.approx(table.imports.clip(min=0).sum())


def test_the_world_is_one_economy_of_regions(test_data: Path) -> None:
    path = test_data / "wiod2013_mrio" / "wiot_2011.parquet"
    economy = to_economy(guess(path)[0].read(path, Wanted()))
    assert economy.size("region") == economy.size("household") == 41
    assert economy.size("product") == economy.size("activity") > 1400
    e = economy
    made = e.values("supply") @ e.values("output")
    used = (
        e.values("use") @ e.values("output")
        + e.values("committed_demand")
        + e.values("need_composition") @ e.values("consumption").sum(axis=0)
        + e.values("asset_composition") @ e.values("investment").sum(axis=1)
    )
    assert np.abs(made - used).max() < 1e-9 * made.max()
