"""Rows and prices are transposes of each other: ⟨λ, F v⟩ = ⟨F* λ, v⟩ for every family."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.test_verify_cases import PLANS, frame

from lustrum.solving.verify.check import all_families
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.ledger import Cells
from lustrum.solving.verify.objective import aims
from lustrum.solving.verify.utility import worth, worth_curve


def random_values(f: Frame, rng: np.random.Generator) -> dict[str, Cells]:
    return {
        name: Cells(np.where(var.exists, rng.normal(size=var.exists.shape), 0.0), var.years)
        for name, var in f.variables.items()
    }


@pytest.mark.parametrize("name", PLANS)
def test_prices_are_the_transpose_of_rows(name: str) -> None:
    f, rng = frame(name), np.random.default_rng(1)
    for family in all_families(f):
        v = random_values(f, rng)
        lam = Cells(np.where(family.rows, rng.normal(size=family.rows.shape), 0.0), family.years)
        left, charged = family.forward(v), family.adjoint(lam)
        rows = float((lam.values * left.total).sum())
        columns = sum(float((charged.of[n].total * v[n].values).sum()) for n in f.variables)
        size = float(np.abs(lam.values * left.total).sum())
        assert rows == pytest.approx(columns, rel=1e-12, abs=1e-12 * size), family.name


@pytest.mark.parametrize("name", PLANS)
def test_no_single_term_is_larger_than_the_largest_term(name: str) -> None:
    """With one variable at a time, every row is a single term."""
    f, rng = frame(name), np.random.default_rng(2)
    v = random_values(f, rng)
    families = all_families(f)
    peak = {family.name: np.zeros(family.rows.shape) for family in families}
    for variable, var in f.variables.items():
        cells = np.argwhere(var.exists)
        for at in cells[rng.permutation(len(cells))[:12]]:
            single = {n: Cells(np.zeros(o.exists.shape), o.years) for n, o in f.variables.items()}
            single[variable].values[tuple(at)] = v[variable].values[tuple(at)]
            for family in families:
                peak[family.name] = np.maximum(peak[family.name], np.abs(family.forward(single).total))
    for family in families:
        largest = family.forward(v).largest
        # an activity stands in both terms of its proportion, and in both skills of a sum over skills
        times = 2 if family.name in ("proportion", "task") else 1
        assert (peak[family.name] <= times * largest * (1 + 1e-12))[family.rows].all(), family.name


@pytest.mark.parametrize("name", PLANS)
def test_objectives_are_linear_in_what_they_price(name: str) -> None:
    f, rng = frame(name), np.random.default_rng(3)
    a, b = random_values(f, rng), random_values(f, rng)
    both = {n: Cells(a[n].values + 2 * b[n].values, a[n].years) for n in a}
    for aim in aims(f):
        if aim.living is None:
            total = aim.value(f, a)[0] + 2 * aim.value(f, b)[0]
            assert aim.value(f, both)[0] == pytest.approx(total, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize(
    ("floor", "ceiling", "segments"), [(0.5, 2.0, 40), (1.0, 3.0, 5), (0.2, 1.0, 3), (1.0, 1.0, 2)]
)
def test_the_worth_curve_is_concave_and_meets_worth(
    elasticity: float, floor: float, ceiling: float, segments: int
) -> None:
    curve = worth_curve(floor, ceiling, segments, elasticity)
    assert curve(np.array([1.0]))[0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(curve.slopes) <= 1e-12).all()
    points = curve.starts[1:]
    if len(points):
        assert curve(points) == pytest.approx(worth(points, elasticity), abs=1e-9)
    between = np.linspace(floor, ceiling, 50)
    assert (curve(between) <= worth(between, elasticity) + 1e-9).all()
    ends = curve(np.array([ceiling])) if ceiling > 1 else curve(np.array([floor]))
    assert ends == pytest.approx(worth(np.array([ceiling if ceiling > 1 else floor]), elasticity), abs=1e-9)


def test_the_conjugate_is_the_most_a_need_can_add() -> None:
    """Σ over needs of max_y factor·w u(y) − q y, against a search over y."""
    f = frame("open")
    living = next(aim.living for aim in aims(f) if aim.living is not None)
    rng = np.random.default_rng(4)
    slope = living.weight * living.curve.slopes[-1] / living.level
    price = slope * rng.uniform(1.0, 20.0, slope.shape)
    bound, residual = living.conjugate(1.0, price)
    assert residual.max() == 0.0
    r = np.append(0.0, np.linspace(0.5, 2.0, 200_001))
    best = 0.0
    for at in np.argwhere(living.weight > 0):
        k = tuple(at)
        best += float((living.weight[k] * living.curve(r) - price[k] * r * living.level[k]).max())
    assert bound == pytest.approx(best, rel=1e-5)
    assert living.conjugate(1.0, 0.5 * slope)[1].max() == pytest.approx(0.5)
