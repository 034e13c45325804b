"""Models A to D on the examples of two manuals, to every printed digit.

Eurostat (2008), Manual of Supply, Use and Input-Output Tables, chapter 11; United Nations (2018), Handbook on Supply
and Use Tables and Input-Output Tables with Extensions and Applications, chapter 12. Both were read in a public
transcription (github.com/Albertuken/Quadrium, validators/run_almon_eurostat.py and run_handbook_transformations.py).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.national.transform import MODELS, symmetric

Rows = list[list[Fraction]]

# Eurostat, box 11.4, p. 328: cheese, ice cream, chocolate, rennet, other. Scenario B moves four cells of use by one.
# The manual prints the results of model A alone.
SUPPLY = [[70, 30, 0, 0, 0], [20, 180, 0, 0, 0], [0, 0, 100, 0, 0], [0, 0, 0, 20, 0], [0, 0, 0, 0, 535]]
USE = {
    "A": [[0] * 5, [0] * 5, [4, 36, 0, 0, 0], [14, 6, 0, 0, 0], [28, 72, 30, 5, 0]],
    "B": [[0] * 5, [0] * 5, [3, 37, 0, 0, 0], [15, 5, 0, 0, 0], [28, 72, 30, 5, 0]],
}
FINAL, VALUE_ADDED = [[100], [200], [60], [0], [400]], [[44, 96, 70, 15, 535]]
PRINTED = {
    "A": [[0] * 5, [0] * 5, [0, 40, 0, 0, 0], [20, 0, 0, 0, 0], [30, 70, 30, 5, 0]],
    "B": [[0] * 5, [0] * 5, [-1.67, 41.67, 0, 0, 0], [21.67, -1.67, 0, 0, 0], [30, 70, 30, 5, 0]],
}
#: Caterers: the chocolate works take 30 of the cheese (not in the manual), so that C has something to show as well.
CATERED = [[0, 0, 30, 0, 0], [0] * 5, [4, 36, 0, 0, 0], [14, 6, 0, 0, 0], [28, 72, 30, 5, 0]]


def table(supply: object, use: object, final: object, value_added: object, **more: object) -> FlowTable:
    s, u, y, w = (np.array(a, float) for a in (supply, use, final, value_added))
    return FlowTable(
        Source("example"),
        Labels(tuple(f"p{k + 1}" for k in range(s.shape[0]))),
        Labels(tuple(f"a{k + 1}" for k in range(s.shape[1]))),
        s,
        u,
        tuple(FinalUse(f"f{k + 1}", "", "household") for k in range(y.shape[1])),
        y,
        Labels(tuple(f"v{k + 1}" for k in range(w.shape[0]))),
        w,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("scenario", ["A", "B"])
def test_product_technology_is_that_of_the_eurostat_manual(scenario: str) -> None:
    result = symmetric(table(SUPPLY, USE[scenario], FINAL, VALUE_ADDED), "A")
    assert np.round(result.use, 2).tolist() == PRINTED[scenario]
    negatives = [c for c in result.provenance if "below zero" in c.where]
    if scenario == "B":
        assert negatives[0].where == "use: 2 cells below zero"
        assert negatives[0].amount == pytest.approx(2 * 5 / 3)
    else:
        assert not negatives


# --- B to D of the same example: not printed, so worked out from what each model says, in fractions ----------
#
# Eurostat, pp. 348-357 (by the public code that transcribes its formulas). A, a product has one recipe wherever it is
# made; B, an industry has one recipe whatever it makes; C, an industry sells all its products to the same customers;
# D, a product goes to the same customers whoever makes it. No transformation matrix is formed here, and none of the
# code of the package is used.


def solve(matrix: Rows, right: list[Fraction]) -> list[Fraction]:
    """Gauss and Jordan, exact."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [a / rows[k][k] for a in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[k]:
                rows[i] = [a - row[k] * b for a, b in zip(row, rows[k], strict=True)]
    return [row[-1] for row in rows]


def exact(figures: list[list[int]]) -> Rows:
    return [[Fraction(a) for a in row] for row in figures]


def product_technology(s: Rows, u: Rows) -> Rows:
    """What industry j uses is Σ recipe of h · its output of h: solved for the recipes of each input."""
    n = len(s)
    recipes = [solve([[s[h][j] for h in range(n)] for j in range(n)], row) for row in u]
    return [[recipe[h] * sum(s[h]) for h in range(n)] for recipe in recipes]


def industry_technology(s: Rows, u: Rows) -> Rows:
    """A product takes from industry j the share of j's inputs that it has in j's output."""
    n, made = len(s), [sum(row[j] for row in s) for j in range(len(s))]
    return [[sum((row[j] * s[h][j] / made[j] for j in range(n)), Fraction(0)) for h in range(n)] for row in u]


def fixed_industry_sales(s: Rows, u: Rows) -> Rows:
    """What user j buys of product h is Σ (h's share in k's output) · what j buys of k: solved for k, user by user."""
    n, made = len(s), [sum(row[k] for row in s) for k in range(len(s))]
    mix = [[s[h][k] / made[k] for k in range(n)] for h in range(n)]
    users = [solve(mix, [u[h][j] for h in range(n)]) for j in range(len(u[0]))]
    return [[users[j][k] for j in range(len(users))] for k in range(n)]


def fixed_product_sales(s: Rows, u: Rows) -> Rows:
    """User j buys product h from each of its makers in proportion to what they make of it."""
    n = len(s)
    return [
        [sum((u[h][j] * s[h][k] / sum(s[h]) for h in range(n)), Fraction(0)) for j in range(len(u[0]))]
        for k in range(n)
    ]


WORKED: dict[str, Callable[[Rows, Rows], Rows]] = {
    "A": product_technology,
    "B": industry_technology,
    "C": fixed_industry_sales,
    "D": fixed_product_sales,
}
#: Results by hand, to check the check: chocolate and rennet, bought by (or for) cheese and ice cream.
BY_HAND = {
    "B": [
        [Fraction(4 * 70, 90) + Fraction(36 * 30, 210), Fraction(4 * 20, 90) + Fraction(36 * 180, 210)],
        [Fraction(14 * 70, 90) + Fraction(6 * 30, 210), Fraction(14 * 20, 90) + Fraction(6 * 180, 210)],
    ],
    "C": [[4, 36], [14, 6]],  # each product that is bought has one maker: rows stay as they are
    "D": [[4, 36], [14, 6]],
}


SCENARIOS = {"A": USE["A"], "B": USE["B"], "catered": CATERED}
#: Below zero: the manual's two cells (-1.67 each), and -10.5 of cheese from the ice cream works.
NEGATIVES = {("A", "B"): "use: 2 cells below zero", ("C", "catered"): "use: 1 cells below zero"}


@pytest.mark.parametrize("scenario", list(SCENARIOS))
@pytest.mark.parametrize("model", list(MODELS))
def test_every_model_does_what_the_manual_says_of_it(model: str, scenario: str) -> None:
    use = SCENARIOS[scenario]
    final = [[row[0] - 30 * (scenario == "catered" and i == 0)] for i, row in enumerate(FINAL)]
    made = np.array(SUPPLY).sum(axis=0)
    result = symmetric(table(SUPPLY, use, final, (made - np.array(use).sum(axis=0))[None, :]), model)
    supply, worked = exact(SUPPLY), WORKED[model]
    np.testing.assert_allclose(result.use, np.array(worked(supply, exact(use)), float), atol=1e-11)
    if model in "CD":
        np.testing.assert_allclose(result.final, np.array(worked(supply, exact(final)), float), atol=1e-11)
    below = [c.where for c in result.provenance if "below zero" in c.where]
    assert below == ([NEGATIVES[model, scenario]] if (model, scenario) in NEGATIVES else [])


@pytest.mark.parametrize("model", list(BY_HAND))
def test_the_check_agrees_with_results_by_hand(model: str) -> None:
    assert np.array(WORKED[model](exact(SUPPLY), exact(USE["A"])))[2:4, :2].tolist() == BY_HAND[model]


def test_catering_by_hand() -> None:
    """Mixes of the two works: 7/9 and 2/9, 1/7 and 6/7; determinant 40/63. 30 cheese: 30·6/7, -30·2/9, over that."""
    assert fixed_industry_sales(exact(SUPPLY), exact(CATERED))[0][2] == Fraction(81, 2)
    assert fixed_industry_sales(exact(SUPPLY), exact(CATERED))[1][2] == Fraction(-21, 2)


# --- United Nations, Handbook --------------------------------------------------------------------------------
#
# Table 12.3, p. 376: agriculture; manufacturing and construction; services. Results: table 12.5, p. 387 (A), 12.7,
# p. 388 (B), 12.12, p. 392 (C), 12.16, p. 396 (D).
UN_SUPPLY = np.array([[25.77, 5.15, 7.04], [1.35, 402.51, 40.21], [13.32, 25.64, 717.41]])
UN_USE = np.array([[4.35, 9.28, 0.61], [8.08, 107.80, 46.29], [3.78, 62.72, 211.40]])
UN_FINAL = np.array([[13.18, 0.08, 10.47], [32.04, 73.94, 175.94], [344.77, 20.75, 112.95]])
UN_USE_IMPORTED = np.array([[0.77, 6.40, 0.48], [1.49, 100.14, 35.30], [0.28, 17.20, 42.52]])
UN_FINAL_IMPORTED = np.array([[1.25, 0.03, 6.45], [61.07, 31.49, 171.55], [13.02, 4.98, 66.81]])
UN_VALUE_ADDED = np.array([[21.70, 129.78, 428.07]])
UN_GIVEN = (UN_SUPPLY, UN_USE, UN_FINAL, UN_USE_IMPORTED, UN_FINAL_IMPORTED, UN_VALUE_ADDED)
UN_PRINTED = {
    "A": {
        "domestic": [[6.40, 9.33, -1.50], [10.45, 116.03, 35.68], [-0.33, 61.13, 217.11]],
        "imported": [[1.11, 6.91, -0.37], [1.01, 109.33, 26.58], [-0.79, 17.48, 43.31]],
        "value added": [[20.10, 123.88, 435.56]],
    },
    "B": {
        "domestic": [[2.89, 8.80, 2.55], [6.85, 102.84, 52.47], [5.10, 69.51, 203.30]],
        "imported": [[0.57, 6.00, 1.08], [2.47, 94.92, 39.53], [0.77, 18.22, 41.00]],
        "value added": [[19.31, 143.79, 416.45]],
    },
    "C": {
        "domestic": [[6.65, 11.66, -2.98], [8.39, 112.47, 37.25], [1.17, 55.66, 224.02]],
        "final": [[15.22, -1.60, 11.51], [13.49, 78.65, 183.05], [361.28, 17.72, 104.80]],
    },
    "D": {
        "domestic": [[3.04, 7.73, 4.28], [8.04, 101.09, 49.20], [5.13, 70.97, 204.82]],
        "imported": [[0.53, 4.96, 1.18], [1.46, 92.21, 33.50], [0.54, 26.57, 43.61]],
        "final": [[15.12, 0.64, 9.64], [42.52, 67.73, 164.72], [332.35, 26.39, 125.00]],
    },
}
PRINTED_CELLS = np.concatenate([np.ravel(p) for parts in UN_PRINTED.values() for p in parts.values()])
#: Figures are printed to two decimals.
HALF = 0.005


def handbook(given: Figures) -> FlowTable:
    """The table of 12.3 from its 48 cells in a row."""
    cuts = np.cumsum([a.size for a in UN_GIVEN])[:-1]
    s, u, y, um, ym, w = (part.reshape(a.shape) for part, a in zip(np.split(given, cuts), UN_GIVEN, strict=True))
    return table(
        s, u + um, y + ym, w, imports=(um.sum(axis=1) + ym.sum(axis=1))[:, None], use_imported=um, final_imported=ym
    )


def results(given: Figures) -> Figures:
    """All printed cells of the four models, in the order of `UN_PRINTED`."""
    out: list[Figures] = []
    for model, parts in UN_PRINTED.items():
        r = symmetric(handbook(given), model)
        assert r.use_imported is not None and r.final_imported is not None
        found = {
            "domestic": r.use - r.use_imported,
            "imported": r.use_imported,
            "final": r.final - r.final_imported,
            "value added": r.value_added,
        }
        out += [found[part].ravel() for part in parts]
    return np.concatenate(out)


@pytest.fixture(scope="module")
def near() -> tuple[Figures, Figures, Figures]:
    """The printed cells of 12.3, what follows from them, and how each of the 87 results moves with each of them."""
    given = np.concatenate([a.ravel() for a in UN_GIVEN])
    step = 1e-5
    slopes = [(results(given + step * e) - results(given - step * e)) / (2 * step) for e in np.eye(given.size)]
    return given, results(given), np.array(slopes).T


def test_every_model_is_that_of_the_handbook_as_far_as_its_rounded_table_says(
    near: tuple[Figures, Figures, Figures],
) -> None:
    """Each cell within half a unit of its last digit, and what half a unit of every printed input can move it."""
    _, found, slopes = near
    reach = HALF * np.abs(slopes).sum(axis=1)
    apart = np.abs(found - PRINTED_CELLS)
    assert (apart <= HALF + reach + 1e-9).all()
    assert apart.max() == pytest.approx(0.0113, abs=5e-5)  # value added of agriculture, model A
    assert np.count_nonzero(apart > HALF + 1e-9) == 28


def test_one_table_that_rounds_to_the_printed_one_gives_every_printed_digit(
    near: tuple[Figures, Figures, Figures],
) -> None:
    """The Handbook worked with more digits than it prints. Some balanced table of them gives all 87 results.

    A linear programme finds it: cells within half a unit of the printed ones, rows and columns in balance, and the
    largest distance from a printed result as small as can be.
    """
    given, found, slopes = near

    def gaps(cells: Figures) -> Figures:
        t = handbook(cells)
        assert t.imports is not None
        return np.concatenate([t.row_residuals(), t.column_residuals()])

    balance = np.array([gaps(given + e) - gaps(given) for e in np.eye(given.size)]).T
    ones = -np.ones((PRINTED_CELLS.size, 1))
    best = linprog(
        np.r_[np.zeros(given.size), 1.0],
        A_ub=np.block([[slopes, ones], [-slopes, ones]]),
        b_ub=np.r_[PRINTED_CELLS - found, found - PRINTED_CELLS],
        A_eq=np.c_[balance, np.zeros(len(balance))],
        b_eq=-gaps(given),
        bounds=[(-HALF, HALF)] * given.size + [(0, None)],
    )
    assert best.status == 0
    whole = given + best.x[:-1]
    assert np.abs(gaps(whole)).max() < 1e-9
    assert np.abs(whole - given).max() <= HALF + 1e-12
    assert np.abs(results(whole) - PRINTED_CELLS).max() < HALF


@pytest.mark.parametrize("model", list(MODELS))
def test_cells_below_zero_are_where_the_handbook_prints_them(model: str) -> None:
    """A and C may give cells below zero, B and D cannot (figure 12.2, p. 378)."""
    given = np.concatenate([a.ravel() for a in UN_GIVEN])
    result = symmetric(handbook(given), model)
    assert any("below zero" in c.what for c in result.provenance) == (model in "AC")
    assert result.use_imported is not None
    home = result.use - result.use_imported
    assert ((home < 0) == (np.array(UN_PRINTED[model]["domestic"]) < 0)).all()
