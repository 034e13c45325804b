"""The default plan of every embedded economy is one a planner would sign: it stays in the region that
docs/default-plans.md describes, its tables are those of the page, and `verify` passes it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tools.build_plan_docs import PAGE, limits, shape
from tools.judged_plans import NAMES, History, Judged, default_plan, history, judge

import lustrum as lu

#: Share of (asset, activity) pairs that may stay on their band for three years or more, and their share in investment.
STUCK = {"us-2019": (0.23, 0.07), "us-2019-16": (0.18, 0.05), "uk-2019": (0.24, 0.08), "island": (0.21, 0.11)}


@pytest.fixture(scope="module", params=NAMES)
def planned(request: pytest.FixtureRequest) -> tuple[str, lu.Plan, Judged]:
    plan = default_plan(request.param)
    return request.param, plan, judge(plan)


def fields(table: str) -> dict[str, list[str]]:
    """Cells of a table in Markdown by the first of each row."""
    rows = [[c.strip() for c in line.strip("| ").split(" | ")] for line in table.splitlines() if "---" not in line]
    return {r[0]: r[1:] for r in rows}


def shown(name: str) -> str:
    """A table of the page by its mark."""
    return PAGE.read_text(encoding="utf-8").split(f"<!-- built: {name} -->\n", 1)[1].split("\n<!-- end -->", 1)[0]


@pytest.mark.slow
def test_a_stranger_can_verify_it(planned: tuple[str, lu.Plan, Judged], tmp_path: Path) -> None:
    name, plan, judged = planned
    assert judged.certificate <= 1e-6
    found = lu.verify(lu.save_plan(plan, tmp_path / name))
    assert found.ok
    assert found.certificate.holds


def test_the_page_has_its_figures(planned: tuple[str, lu.Plan, Judged]) -> None:
    name, _, judged = planned
    said, fresh = fields(shown("shape")), fields(shape({name: judged}, {}))
    column = said["measure"].index(name)
    for measure, (figure,) in fresh.items():
        if measure == "measure" or measure.startswith("certificate"):
            continue
        ours, theirs = ([float(x) for x in re.findall(r"-?\d+\.?\d*", c)] for c in (figure, said[measure][column]))
        # another solver may stop at another plan that is equally good, on whose pairs single bands differ
        np.testing.assert_allclose(ours, theirs, atol=1.6 if "band" in measure else 0.11, err_msg=measure)
    assert set(fields(limits({name: judged}))[name]) == set(fields(shown("limits"))[name])


def test_sectors_spread_no_more_than_they_did_in_fact(planned: tuple[str, lu.Plan, Judged], past: History) -> None:
    name, _, j = planned
    low, _, high = (past.output[q] for q in range(3))
    assert j.output[0].min() >= low.min()
    assert j.output[2].max() <= high.max()
    low, _, high = (past.sectors[q] for q in range(3))
    assert j.sectors[0].min() >= low.min() - 0.01
    assert j.sectors[2].max() <= high.max()
    assert j.sectors[1].min() >= (-0.05 if name == "island" else -0.01)  # its median is a single sector


def test_last_year_is_like_the_others(planned: tuple[str, lu.Plan, Judged]) -> None:
    """Neither output nor investment of sectors runs to its band in the last year."""
    _, plan, j = planned
    up = plan.spec.adjustment.output.up
    assert up is not None
    assert j.output[2, -1] < 0.7 * up
    assert j.output[2, -1] - j.output[0, -1] < 0.05
    assert j.sectors[1, -1] > -0.01
    assert j.bound_pairs[-1] <= 0.41


def test_totals_have_no_kinks(planned: tuple[str, lu.Plan, Judged]) -> None:
    name, _, j = planned
    assert j.total_investment.min() >= (-0.005 if name == "island" else 0.01)
    assert j.total_investment.max() <= 0.04
    assert j.total_output.min() >= (0.005 if name == "island" else 0.015)
    assert j.total_output.max() <= 0.022
    assert j.consumption.min() >= 0.009
    assert j.consumption.max() <= 0.025
    assert abs(j.first_kink) < 0.015
    assert abs(j.last_kink) < 0.015
    for asset, pace in j.assets.items():
        assert pace.min() > (-0.03 if name == "island" else -0.01), asset
        assert pace.max() < (0.06 if name == "island" else 0.05), asset


def test_few_stay_on_their_band(planned: tuple[str, lu.Plan, Judged]) -> None:
    name, plan, j = planned
    pairs, weight = STUCK[name]
    assert j.stuck_outputs < 0.02
    assert j.stuck_pairs <= pairs
    assert j.stuck_weight <= weight
    if name == "island":
        n = plan.values["investment"]
        steam = n.sel(asset="machines", activity="steam").values
        assert np.all(np.diff(steam) < 0)  # the one that stays: run down on purpose


def test_the_close_leaves_what_growth_needs(planned: tuple[str, lu.Plan, Judged]) -> None:
    _, plan, j = planned
    for asset, pace in j.stocks.items():
        assert 0.005 < pace < plan.spec.terminal.growth + 0.005, asset  # the island's wind park starts from nothing


def test_trade_and_labour_are_plausible(planned: tuple[str, lu.Plan, Judged]) -> None:
    _, _, j = planned
    assert np.abs(j.deficit - j.deficit[0]).max() < 1e-3
    assert j.labour.min() > 0.99
    assert j.labour.max() <= 1 + 1e-6


def test_a_workers_worth_falls_without_a_break(planned: tuple[str, lu.Plan, Judged]) -> None:
    """As people have more, a worker's worth falls; only the island has hands to spare in its last year."""
    name, _, j = planned
    if name == "island":
        assert j.labour_fall == pytest.approx(0, abs=1e-9)
    else:
        assert j.labour_fall > 0.7
        assert j.limits[0].startswith("labour")


@pytest.fixture(scope="module")
def past() -> History:
    return history("us-2019")
