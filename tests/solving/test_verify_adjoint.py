"""Rows and prices are transposes of each other: ⟨λ, F v⟩ = ⟨F* λ, v⟩ for every family."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.test_verify_cases import PLANS, frame

from lustrum.solving.verify.check import all_families
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.objective import aims, worth, worth_curve
from lustrum.solving.verify.terms import (
    UNDATED,
    Cells,
    LinearMap,
    Matrix,
    Place,
    Repeat,
    Scale,
    Select,
    TermSum,
    Total,
    apply_terms,
)


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
        lam = np.where(family.exists, rng.normal(size=family.exists.shape), 0.0)
        left, charged = family.apply(v), f.prices()
        family.transpose(lam, charged)
        rows = float((lam * left.total).sum())
        columns = sum(float((charged[n].total * v[n].values).sum()) for n in f.variables)
        size = float(np.abs(lam * left.total).sum())
        assert rows == pytest.approx(columns, rel=1e-12, abs=1e-12 * size), family.name


@pytest.mark.parametrize("name", PLANS)
def test_no_single_term_is_larger_than_the_largest_term(name: str) -> None:
    """With one variable at a time, every row is a single term."""
    f, rng = frame(name), np.random.default_rng(2)
    v = random_values(f, rng)
    families = all_families(f)
    peak = {family.name: np.zeros(family.exists.shape) for family in families}
    for variable, var in f.variables.items():
        cells = np.argwhere(var.exists)
        for at in cells[rng.permutation(len(cells))[:12]]:
            single = {n: Cells(np.zeros(o.exists.shape), o.years) for n, o in f.variables.items()}
            single[variable].values[tuple(at)] = v[variable].values[tuple(at)]
            for family in families:
                peak[family.name] = np.maximum(peak[family.name], np.abs(family.apply(single).total))
    for family in families:
        largest = family.apply(v).largest
        # an activity stands in both terms of its proportion, and in both skills of a sum over skills
        times = 2 if family.name in ("proportion", "task") else 1
        assert (peak[family.name] <= times * largest * (1 + 1e-12))[family.exists].all(), family.name


@pytest.mark.parametrize("name", PLANS)
def test_objectives_are_linear_in_what_they_price(name: str) -> None:
    f, rng = frame(name), np.random.default_rng(3)
    a, b = random_values(f, rng), random_values(f, rng)
    both = {n: Cells(a[n].values + 2 * b[n].values, a[n].years) for n in a}
    for aim in aims(f):
        if aim.living is None:
            total = aim.value(a)[0] + 2 * aim.value(b)[0]
            assert aim.value(both)[0] == pytest.approx(total, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", PLANS)
def test_the_value_of_an_objective_is_the_sum_of_its_terms(name: str) -> None:
    """Worth times quantities, by the transposed terms, is what the terms applied to the plan add up to."""
    f, rng = frame(name), np.random.default_rng(5)
    v = random_values(f, rng)
    for aim in aims(f):
        if aim.living is None:
            applied = TermSum((), UNDATED)
            apply_terms(aim.terms, v, applied)
            value, size = aim.value(v)
            assert applied.total[0] == pytest.approx(value, rel=1e-12, abs=1e-12 * size)


MATRIX = np.random.default_rng(6).normal(size=(3, 4))
#: Each kind of map, and some in chains, with the shape of what it takes.
MAPS: dict[str, tuple[LinearMap, tuple[int, ...]]] = {
    "one factor": (Scale(-2.0), (3, 4)),
    "a factor for each label": (Scale(MATRIX), (3, 4)),
    "matrix": (Matrix(MATRIX), (4,)),
    "total over one axis": (Total((1,)), (3, 1)),
    "repeated along an axis": (Scale(MATRIX) @ Repeat((0,)), (4,)),
    "repeated along all axes": (Scale(MATRIX) @ Repeat((0, 1)), ()),
    "selected cells": (Select(np.ix_([0, 2], [1, 3]), (3, 4)), (3, 4)),
    "placed cells": (Place(np.ix_([0, 2], [1, 3]), (3, 4)), (2, 2)),
    "matrix of totals": (Matrix(MATRIX.T) @ Total((1,)) @ Scale(MATRIX), (3, 4)),
    "a selected row of a matrix": (Scale(0.3) @ Total((0,)) @ Select(np.ix_([2]), (3,)) @ Matrix(MATRIX), (4,)),
    "one of several totals": (Place(1, (3,)) @ Total((0, 1)) @ Scale(MATRIX), (3, 4)),
}


@pytest.mark.parametrize("name", MAPS)
def test_every_map_has_its_transpose_and_its_largest_term(name: str) -> None:
    """⟨p, A v⟩ = ⟨Aᵀ p, v⟩, and `largest` is the largest |A_ij v_j| of each row, taken from A column by column."""
    linear, shape = MAPS[name]
    rng = np.random.default_rng(7)
    v = rng.normal(size=shape)
    units = np.eye(v.size).reshape((v.size, *shape))
    columns = np.array([linear.apply(unit) * x for unit, x in zip(units, v.ravel(), strict=True)])
    made = linear.apply(v)
    p = rng.normal(size=made.shape)
    assert made == pytest.approx(columns.sum(axis=0), rel=1e-12, abs=1e-12)
    assert linear.largest(np.abs(v)) == pytest.approx(np.abs(columns).max(axis=0), rel=1e-12)
    assert float((p * made).sum()) == pytest.approx(float((linear.transposed.apply(p) * v).sum()), rel=1e-12)
    assert linear.transposed.transposed.apply(v) == pytest.approx(made)


def test_a_figure_that_reaches_a_row_twice_counts_as_two_terms() -> None:
    """2 v − 2 v is nothing, but what was added up is of the size of 2 v."""
    both = Total((0,)) @ Scale(np.array([2.0, -2.0])) @ Repeat((0,))
    v = np.array(3.0)
    assert both.apply(v) == 0.0
    assert both.largest(v) == 6.0
    assert both.transposed.apply(v) == 0.0


def test_a_year_outside_is_an_error_and_not_another_year() -> None:
    cells = Cells(np.zeros((2, 3)), range(1, 4))
    with pytest.raises(IndexError, match=r"year 0 outside range\(1, 4\)"):
        cells.at(0)
    with pytest.raises(IndexError, match="year 4 outside"):
        TermSum((2,), range(1, 4)).add(4, Scale(1.0), np.ones(2))


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
