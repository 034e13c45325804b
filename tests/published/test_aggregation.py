"""Aggregation against published sums, and the theorems on what it does to a model.

Theorems: Hatanaka, Econometrica 20 (1952) 301-303; Morimoto, Review of Economic Studies 37 (1970) 119-126; both in
Miller and Blair, Input-Output Analysis, 2nd ed. 2009, section 4.9.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.aggregate import Concordance, aggregate_economy, aggregation_bias

#: BEA's summary industries -> its sectors, by the beginning of the code (longest first).
SECTORS = {
    "111": "11", "113": "11", "21": "21", "22": "22", "23": "23", "42": "42", "44": "44RT", "45": "44RT", "4A": "44RT",
    "48": "48TW", "49": "48TW", "51": "51", "52": "FIRE", "HS": "FIRE", "ORE": "FIRE", "53": "FIRE", "54": "PROF",
    "55": "PROF", "56": "PROF", "61": "6", "62": "6", "7": "7", "81": "81", "G": "G", "3": "31G",
}  # fmt: skip


def sector(code: str) -> str:
    return next(SECTORS[code[:k]] for k in (3, 2, 1) if code[:k] in SECTORS)


def column(path: Path, year: str) -> dict[str, float]:
    with path.open(encoding="utf-8") as file:
        return {row["code"]: float(row[year]) for row in csv.DictReader(file)}


def test_71_industries_add_up_to_the_sectors_that_bea_publishes(test_data: Path) -> None:
    """Gross output by sector, 2019, million dollars, is a table of its own at BEA, rounded by itself."""
    economy = load_economy("us-2019")
    found = Concordance({c: ((sector(c), 1.0),) for c in economy.codes("product")},
                        dict.fromkeys(dict.fromkeys(map(sector, economy.codes("product"))), ""))  # fmt: skip
    small = aggregate_economy(economy, products=found, activities=found)
    published = column(test_data / "us_bea_sector16" / "gross_output_1997_2023.csv", "2019")
    assert set(published) == set(small.codes("activity")) and len(published) == 15
    output = dict(zip(small.codes("activity"), small.values("output"), strict=True))
    for code, value in published.items():
        assert output[code] == pytest.approx(value, abs=10), code  # each of up to 19 industries is rounded
    assert published["31G"] == pytest.approx(5_941_397, abs=10)


def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    A = rng.uniform(0, 1, (n, n))
    A *= 0.6 / A.sum(axis=0)
    return A, rng.uniform(1, 9, n)


MERGE = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_hatanaka_no_bias_where_merged_sectors_buy_alike(seed: int) -> None:
    A, x = draw(seed, 5)
    for a, b in ((0, 1), (3, 4)):
        # same purchases from every new sector, though from other members of it
        A[:, b] = A[:, a]
        A[[0, 1], b] = A[[1, 0], a]
    total, first = aggregation_bias(A, np.arange(1.0, 6.0), x, MERGE)
    np.testing.assert_allclose(first, 0, atol=1e-12)
    np.testing.assert_allclose(total, 0, atol=1e-10)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_morimoto_no_first_order_bias_for_demand_of_sectors_that_stay_alone(seed: int) -> None:
    A, x = draw(seed, 5)
    total, first = aggregation_bias(A, np.array([0.0, 0, 7, 0, 0]), x, MERGE)
    np.testing.assert_allclose(first, 0, atol=1e-12)
    assert np.abs(total).max() > 0  # later rounds do have a bias


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_no_bias_for_the_demand_of_the_base_year(seed: int) -> None:
    """Coefficients weighted by base output give base output back: (I − A*) S x = S f."""
    A, x = draw(seed, 5)
    total, _ = aggregation_bias(A, x - A @ x, x, MERGE)
    np.testing.assert_allclose(total, 0, atol=1e-9)


def test_bias_of_a_case_worked_by_hand() -> None:
    """Two sectors merged to one: A* = Σz / Σx = 3/10; for f = (1, 0) the merged model says 1/(1 − 0.3)."""
    flows, x = np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([4.0, 6.0])
    total, first = aggregation_bias(flows / x, np.array([1.0, 0.0]), x, np.array([[1.0, 1.0]]))
    # full model: x1 = 1/(1 − 1/4) = 4/3, x2 = x1/2 = 2/3: 2 in all; first order: (0.3 − 0.75) · 1
    assert total[0] == pytest.approx(1 / 0.7 - 2)
    assert first[0] == pytest.approx(0.3 - 0.75)
