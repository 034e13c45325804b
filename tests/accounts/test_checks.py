"""Checks of accounts: sound ones pass, and every broken identity, sign and label is found where it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.checks import check_economy
from lustrum.accounts.checks.report import Finding, Report
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.embedded import embedded_names, load_economy

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*/economy"))


def two_sectors(**changes: object) -> Economy:
    """Wheat and iron in money: x0 = U x0 + b y0 + P n0 + f + e0 - m0."""
    data: dict[str, object] = {
        "supply": np.eye(2),
        "use": np.array([[0.2, 0.1], [0.3, 0.2]]),
        "output": np.array([100.0, 100.0]),
        "labour_coefficient": np.array([[0.5, 0.4]]),
        "labour_supply": np.array([100.0]),
        "need_composition": np.array([[1.0], [0.0]]),
        "consumption": np.array([[70.0]]),
        "asset_composition": np.array([[0.0], [1.0]]),
        "investment": np.array([[20.0, 10.0]]),
        "capital_stock": np.array([[200.0, 100.0]]),
        "depreciation": np.array([[0.1, 0.1]]),
        "committed_demand": np.array([0.0, 20.0]),
        "imports": np.array([[5.0], [10.0]]),
        "exports": np.array([[5.0], [10.0]]),
        "population": np.array([1000.0]),
    }
    data.update(changes)
    sets = {
        "product": ("wheat", "iron"),
        "activity": ("wheat", "iron"),
        "asset": ("tools",),
        "skill": ("all",),
        "household": ("all",),
        "need": ("food",),
        "partner": ("world",),
    }
    return Economy.build(
        Source("two", base_year=2020, money="marks"), sets, {k: v for k, v in data.items() if v is not None}
    )  # type: ignore[misc]


def found(report: Report, where: str) -> Finding:
    """The one finding at a place."""
    here = [f for f in report.findings if where in f.where]
    assert len(here) == 1, report.findings
    assert here[0].mend, here[0]
    return here[0]


def test_sound_accounts_pass_without_a_word() -> None:
    report = check_economy(two_sectors())
    assert report.ok
    assert report.findings == ()
    assert report.residuals == {"rows": 0.0, "columns": 0.0}
    assert report.productive


@pytest.mark.parametrize("name", embedded_names())
def test_embedded_economies_pass(name: str) -> None:
    economy = load_economy(name)
    report = check_economy(economy)
    assert report.ok
    assert not [f for f in report.findings if f.severity == "warning"]
    assert report.residuals["rows"] < 1e-9
    assert report.residuals["columns"] < 1e-9
    assert report.productive
    assert report.sectors == economy.size("activity")


@pytest.mark.parametrize("folder", EXAMPLES, ids=[p.parent.name for p in EXAMPLES])
def test_examples_pass(folder: Path) -> None:
    report = check_economy(load_economy(folder))
    assert report.ok, report.findings
    assert report.productive


def test_the_document_has_the_promised_fields() -> None:
    document = json.loads(json.dumps(check_economy(load_economy("us-2019")).document()))
    assert document["ok"] is True
    assert document["sectors"] == 71
    assert set(document["residuals"]) == {"rows", "columns"}
    assert all({"severity", "where", "what"} <= set(f) for f in document["findings"])


@pytest.mark.parametrize(("off", "severity"), [(1e-9, None), (1e-4, "warning"), (0.05, "error"), (-0.05, "error")])
def test_a_balance_that_does_not_close_is_found_at_its_product(off: float, severity: str | None) -> None:
    size = 105.0  # output and imports of wheat
    report = check_economy(two_sectors(committed_demand=np.array([off * size, 20.0])))
    assert report.residuals["rows"] == pytest.approx(abs(off), rel=0.06)
    if severity is None:
        assert report.ok
        return
    finding = found(report, "product balance: wheat")
    assert finding.severity == severity
    assert ("use exceeds supply" in finding.what) == (off > 0)
    assert report.ok == (severity == "warning")


def test_the_residual_is_by_hand() -> None:
    report = check_economy(two_sectors(consumption=np.array([[60.0]])))
    assert report.rows["wheat"] == pytest.approx(10 / 105)
    assert report.rows["iron"] == 0.0


@pytest.mark.parametrize(
    ("field", "values", "where"),
    [
        ("use", [[0.2, -0.1], [0.3, 0.2]], "use: wheat, iron"),
        ("consumption", [[-70.0]], "consumption: all, food"),
        ("depreciation", [[0.1, 1.5]], "depreciation: tools, iron"),
        ("population", [0.0], "population: all"),
        ("labour_supply", [-1.0], "labour_supply: all"),
    ],
)
def test_a_wrong_sign_is_an_error_at_its_cell(field: str, values: list[object], where: str) -> None:
    report = check_economy(two_sectors(**{field: np.array(values)}))
    assert not report.ok
    assert [f for f in report.findings if f.where == where and f.severity == "error"], report.findings


def test_hawkins_simon() -> None:
    """Iron that eats 1.2 tons of iron a ton cannot feed a country; with imports of iron it may live."""
    hungry = np.array([[0.2, 0.1], [0.3, 1.2]])
    closed = check_economy(two_sectors(use=hungry, output=None, imports=None, exports=None))
    assert not closed.productive
    assert closed.spectral_radius == pytest.approx(np.abs(np.linalg.eigvals(hungry)).max())
    assert found(closed, "use: iron").severity == "error"
    open_to_trade = check_economy(two_sectors(use=hungry, output=None, imports=np.array([[0.0], [9.0]])))
    assert found(open_to_trade, "use: iron").severity == "warning"


@pytest.mark.parametrize("scale", [0.999, 1.001])
def test_productive_exactly_where_the_spectral_radius_is_below_one(scale: float) -> None:
    draw = np.random.default_rng(3)
    use = draw.uniform(0, 1, (12, 12))
    use *= scale / np.abs(np.linalg.eigvals(use)).max()
    codes = tuple(f"c{i}" for i in range(12))
    economy = Economy.build(Source("draw"), {"product": codes, "activity": codes}, {"supply": np.eye(12), "use": use})
    report = check_economy(economy)
    assert report.spectral_radius == pytest.approx(scale)
    assert report.productive == (scale < 1)


def test_one_good_technique_is_enough() -> None:
    """Of two ways to make bread one wastes more than it makes; the economy is productive by the other."""
    sets = {"product": ("grain", "bread"), "activity": ("field", "waste", "bake")}
    supply = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    use = np.array([[0.1, 0.5, 0.5], [0.1, 1.5, 0.1]])
    good = Economy.build(Source("bread"), sets, {"supply": supply, "use": use})
    assert check_economy(good).productive
    use[:, 2] = [0.5, 1.01]
    assert not check_economy(Economy.build(Source("bread"), sets, {"supply": supply, "use": use})).productive


def test_columns_must_sum_to_one_where_units_are_money() -> None:
    report = check_economy(two_sectors(need_composition=np.array([[0.9], [0.0]]), output=None))
    assert report.columns["need_composition: food"] == pytest.approx(-0.1)
    assert found(report, "need_composition: food").severity == "error"
    empty = check_economy(two_sectors(need_composition=np.array([[0.0], [0.0]]), output=None))
    assert "met for nothing" in found(empty, "need_composition: food").what
    # an asset without a unit may be counted in plants
    plants = check_economy(two_sectors(asset_composition=np.array([[0.0], [7.0]]), output=None))
    assert found(plants, "asset_composition: tools").severity == "warning"


def test_activities_that_make_something_of_nothing() -> None:
    use = np.array([[0.2, 0.0], [0.3, 0.0]])
    bare = check_economy(
        two_sectors(use=use, labour_coefficient=np.array([[0.5, 0.0]]), capital_stock=None, output=None)
    )
    assert "output of nothing" in found(bare, "use: iron").what
    new = check_economy(two_sectors(output=np.array([100.0, 0.0])))
    assert found(new, "capital_coefficient: iron").severity == "error"
    nobody = check_economy(two_sectors(supply=np.array([[1.0, 1.0], [0.0, 0.0]]), imports=None, output=None))
    assert found(nobody, "supply: iron").severity == "error"


def test_trade_that_cannot_be() -> None:
    report = check_economy(two_sectors(exports=np.array([[150.0], [10.0]]), imports=np.array([[150.0], [10.0]])))
    assert "exceed output" in found(report, "exports: wheat").what
    assert "domestic use" in found(report, "imports: wheat").what
    deficit = check_economy(two_sectors(imports=np.array([[25.0], [10.0]])))
    assert found(deficit, "exchange: all").severity == "warning"
    paid = check_economy(two_sectors(exports=np.array([[25.0], [10.0]])))
    assert found(paid, "exchange: all").severity == "note"


def test_what_the_base_year_cannot_have_used() -> None:
    report = check_economy(two_sectors(labour_supply=np.array([80.0])))
    assert "spends 90" in found(report, "labour_supply: all").what
    stock = check_economy(two_sectors(capital_coefficient=np.array([[2.5, 1.0]])))
    assert "needs 250" in found(stock, "capital_stock: tools, wheat").what


def test_regions_units_and_years() -> None:
    base = two_sectors()
    sets = dict(base.sets)
    sets["region"] = Labels(("north", "south"))
    sets["product"] = Labels(("wheat", "iron"), regions=("north", "suoth"), units=("t", ""))
    sets["activity"] = Labels(("wheat", "iron"), units=("kg", ""))
    report = check_economy(Economy(base.source, sets, base.data))
    assert not report.ok
    assert "'south'" in next(f for f in report.findings if "suoth" in f.what and f.severity == "error").mend
    assert "have none: iron" in next(f for f in report.findings if "unit" in f.what).what
    assert "counted in kg" in found(report, "activities.csv: wheat").what
    yearly = Economy.build(
        base.source,
        {d: s.codes for d, s in base.sets.items()},
        {n: a.values for n, a in base.data.items()} | {"labour_supply": np.array([[99.0, 99.0, 99.0]])},
        {"labour_supply": [2020, 2021, 2023]},
    )
    assert "2022" in next(f for f in check_economy(yearly).findings if f.severity == "error").what


def test_a_large_table_is_checked_in_seconds_and_in_few_words() -> None:
    n = 600
    codes = tuple(f"c{i}" for i in range(n))
    use = np.random.default_rng(1).uniform(0, 1.2 / n, (n, n))
    report = check_economy(
        Economy.build(
            Source("large", money="m"),
            {"product": codes, "activity": codes},
            {"supply": np.eye(n), "use": use, "output": np.ones(n)},
        )
    )
    assert not report.ok
    assert len(report.findings) < 60
    assert report.productive
