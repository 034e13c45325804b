"""Aggregation against published sums, and the theorems on what it does to a model.

Theorems: Hatanaka, Econometrica 20 (1952) 301-303; Morimoto, Review of Economic Studies 37 (1970) 119-126; both in
Miller and Blair, Input-Output Analysis, 2nd ed. 2009, section 4.9.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.aggregate import Concordance, aggregate_economy, aggregate_table
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable

#: BEA's summary industries -> its sectors, by the beginning of the code (longest first).
SECTORS = {
    "111": "11",
    "113": "11",
    "21": "21",
    "22": "22",
    "23": "23",
    "42": "42",
    "44": "44RT",
    "45": "44RT",
    "4A": "44RT",
    "48": "48TW",
    "49": "48TW",
    "51": "51",
    "52": "FIRE",
    "HS": "FIRE",
    "ORE": "FIRE",
    "53": "FIRE",
    "54": "PROF",
    "55": "PROF",
    "56": "PROF",
    "61": "6",
    "62": "6",
    "7": "7",
    "81": "81",
    "G": "G",
    "3": "31G",
}


def sector(code: str) -> str:
    return next(SECTORS[code[:k]] for k in (3, 2, 1) if code[:k] in SECTORS)


def column(path: Path, year: str) -> dict[str, float]:
    with path.open(encoding="utf-8") as file:
        return {row["code"]: float(row[year]) for row in csv.DictReader(file)}


def test_71_industries_add_up_to_the_sectors_that_bea_publishes(test_data: Path) -> None:
    """Gross output by sector, 2019, million dollars, is a table of its own at BEA, rounded by itself."""
    economy = load_economy("us-2019")
    found = Concordance(
        {c: ((sector(c), 1.0),) for c in economy.codes("product")},
        dict.fromkeys(dict.fromkeys(map(sector, economy.codes("product"))), ""),
    )
    small = aggregate_economy(economy, products=found, activities=found)
    published = column(test_data / "us_bea_sector16" / "gross_output_1997_2023.csv", "2019")
    assert set(published) == set(small.codes("activity")) and len(published) == 15
    output = dict(zip(small.codes("activity"), small.values("output"), strict=True))
    for code, value in published.items():
        assert output[code] == pytest.approx(value, abs=10), code  # each of up to 19 industries is rounded
    assert published["31G"] == pytest.approx(5_941_397, abs=10)


# US supply and use 2021, domestic output at basic prices, use at purchasers' prices, million dollars, as BEA publishes
# them twice: by 71 industries and by 15 sectors (bea.gov/industry/input-output-accounts-data, public domain). Read in
# the package quantecon-book-networks 1.6 (PyPI; github.com/QuantEcon/quantecon-book-networks, data/csv_files).
BEA = Path(__file__).parent / "bea_2021"
#: Columns of final use: of 71 industries -> of 15 sectors.
FINAL = {"F010": "F010", "F02": "F02", "F030": "F030", "F040": "F040", "F06": "G", "F07": "G", "F10": "G"}
KINDS = {"F010": "household", "F02": "investment", "F030": "inventories", "F040": "exports", "G": "government"}


def published(size: int) -> FlowTable:
    """Supply and use of 2021 by 71 industries or 15 sectors."""

    def figures(name: str) -> tuple[list[str], list[str], Figures]:
        with (BEA / f"{name}_{size}.csv").open(encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        return [r[0] for r in rows], head[1:], np.array([[float(c or 0) for c in r[1:]] for r in rows])

    products, activities, supply = figures("supply")
    rows, columns, use = figures("use")
    n, m = len(products), len(activities)
    assert rows[:n] == products and columns[:m] == activities
    uses = tuple(FinalUse(c, c, KINDS[FINAL.get(c, FINAL.get(c[:3], "G"))]) for c in columns[m:])  # type: ignore[arg-type]
    return FlowTable(
        Source(f"BEA 2021, {size}", base_year=2021),
        Labels(tuple(products)),
        Labels(tuple(activities)),
        supply,
        use[:n, :m],
        uses,
        use[:n, m:],
        Labels(tuple(rows[n:])),
        use[n:, :m],
    )


def test_71_industries_are_the_sector_table_that_bea_prints() -> None:
    """Every cell of supply, use, final use and value added: S·V·Sᵀ and S·U·Sᵀ, as far as millions are rounded."""
    large, printed = published(71), published(15)
    own = ("Used", "Other")
    found = Concordance(
        {c: ((c if c in own else sector(c), 1.0),) for c in large.products.codes},
        dict.fromkeys(printed.products.codes, ""),
    )
    columns = {c.code: c for c in printed.final_uses}
    final = {u.code: columns[FINAL.get(u.code) or FINAL[u.code[:3]]] for u in large.final_uses}
    small = aggregate_table(large, products=found, activities=found, final=final)
    assert small.products.codes == printed.products.codes and small.activities.codes == printed.activities.codes
    assert small.final_uses == printed.final_uses
    parts = {"supply": 2, "use": 6, "final": 1, "value_added": 3}
    counted = replace(large, **{part: (getattr(large, part) != 0).astype(float) for part in parts})
    counted = aggregate_table(counted, products=found, activities=found, final=final)
    for part, worst in parts.items():
        apart = np.abs(getattr(small, part) - getattr(printed, part))
        # every figure is rounded by itself, so a sum of k of them may be (k + 1)/2 off
        assert (apart <= (getattr(counted, part) + 1) / 2).all(), part
        assert apart.max() == worst, part
    assert small.use.sum() == pytest.approx(18_089_683, abs=20)  # the total that is printed beside both tables


def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    A = rng.uniform(0, 1, (n, n))
    A *= 0.6 / A.sum(axis=0)
    return A, rng.uniform(1, 9, n)


MERGE = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])


def bias(A: Figures, f: Figures, output: Figures, merge: Figures) -> tuple[Figures, Figures]:
    """Outputs of the merged model for a final demand less those of the full model, and their first order.

    With S the merging and A* the coefficients of the merged table: (I − A*)⁻¹ S f − S (I − A)⁻¹ f and (A* S − S A) f
    (Miller and Blair, Input-Output Analysis, 2nd ed. 2009, section 4.9).
    """
    codes = [f"s{k}" for k in range(len(output))]
    labels, flows = Labels(tuple(codes)), A * output
    table = FlowTable(
        Source("t", base_year=2000),
        labels,
        labels,
        np.diag(output),
        flows,
        (FinalUse("C", "", "household"),),
        (output - flows.sum(axis=1))[:, None],
        Labels(("VA",)),
        (output - flows.sum(axis=0))[None, :],
    )
    new = [f"n{k}" for k in range(len(merge))]
    into = {c: ((new[int(np.argmax(merge[:, k]))], 1.0),) for k, c in enumerate(codes)}
    concordance = Concordance(into, dict.fromkeys(new, ""))
    merged = aggregate_table(table, products=concordance, activities=concordance)
    coefficients = merged.use / merged.output
    full, small = np.linalg.solve(np.eye(len(A)) - A, f), np.linalg.solve(np.eye(len(merge)) - coefficients, merge @ f)
    return small - merge @ full, (coefficients @ merge - merge @ A) @ f


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_hatanaka_no_bias_where_merged_sectors_buy_alike(seed: int) -> None:
    A, x = draw(seed, 5)
    for a, b in ((0, 1), (3, 4)):
        # same purchases from every new sector, though from other members of it
        A[:, b] = A[:, a]
        A[[0, 1], b] = A[[1, 0], a]
    total, first = bias(A, np.arange(1.0, 6.0), x, MERGE)
    np.testing.assert_allclose(first, 0, atol=1e-12)
    np.testing.assert_allclose(total, 0, atol=1e-10)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_morimoto_no_first_order_bias_for_demand_of_sectors_that_stay_alone(seed: int) -> None:
    A, x = draw(seed, 5)
    total, first = bias(A, np.array([0.0, 0, 7, 0, 0]), x, MERGE)
    np.testing.assert_allclose(first, 0, atol=1e-12)
    assert np.abs(total).max() > 0  # later rounds do have a bias


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_no_bias_for_the_demand_of_the_base_year(seed: int) -> None:
    """Coefficients weighted by base output give base output back: (I − A*) S x = S f."""
    A, x = draw(seed, 5)
    total, _ = bias(A, x - A @ x, x, MERGE)
    np.testing.assert_allclose(total, 0, atol=1e-9)


def test_bias_of_a_case_worked_by_hand() -> None:
    """Two sectors merged to one: A* = Σz / Σx = 3/10; for f = (1, 0) the merged model says 1/(1 − 0.3)."""
    flows, x = np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([4.0, 6.0])
    total, first = bias(flows / x, np.array([1.0, 0.0]), x, np.array([[1.0, 1.0]]))
    # full model: x1 = 1/(1 − 1/4) = 4/3, x2 = x1/2 = 2/3: 2 in all; first order: (0.3 − 0.75) · 1
    assert total[0] == pytest.approx(1 / 0.7 - 2)
    assert first[0] == pytest.approx(0.3 - 0.75)
