"""The worth curve: concave chords through u, linear outside, with its error stated."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lustrum.errors import SpecError
from lustrum.planning.model.objectives import utility, worth_curve
from lustrum.planning.spec import PlanSpec


def admitted(eta: float, low: float, high: float, pieces: int) -> bool:
    """Whether a plan file may ask for the curve."""
    try:
        PlanSpec.from_text(
            f"name: x\nobjective: {{elasticity: {eta!r}, utility_floor: {low!r}, "
            f"utility_ceiling: {high!r}, segments: {pieces}}}\n"
        )
    except SpecError:
        return False
    return True


CURVES = (st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5]), st.floats(0.05, 1.0), st.floats(1.0, 20.0), st.integers(2, 60))


@example(0.0, 0.9999999999999999, 1.0, 3)
@example(2.0, 1.0, 1.0001, 9)
@given(*CURVES)
def test_the_curve_is_concave_and_worth_nothing_at_base(eta: float, low: float, high: float, pieces: int) -> None:
    assume(low < high and admitted(eta, low, high, pieces))
    curve = worth_curve(eta, low, high, pieces)
    assert (np.diff(curve.slope) <= 1e-9 * curve.slope[0]).all()
    assert curve.length[-1] == np.inf
    assert (curve.length > 0).all()
    assert curve(np.array(1.0)) == pytest.approx(0.0, abs=1e-9 * curve.slope[0])


@given(*CURVES)
def test_its_error_is_what_it_states(eta: float, low: float, high: float, pieces: int) -> None:
    """Chords lie below a concave curve: never above u, at most `error` below it, between the breakpoints."""
    assume(low < high and admitted(eta, low, high, pieces))
    curve = worth_curve(eta, low, high, pieces)
    r = np.linspace(low, high, 2001)
    gap = utility(r, eta) - curve(r)
    size = np.abs(utility(r, eta)).max() + 1e-9
    assert gap.min() >= -1e-9 * size
    assert gap.max() <= 1.05 * curve.error + 1e-9 * size


@given(*CURVES)
def test_outside_it_is_linear(eta: float, low: float, high: float, pieces: int) -> None:
    assume(low < high and admitted(eta, low, high, pieces))
    curve = worth_curve(eta, low, high, pieces)
    below, above = curve(np.array([0.0, low / 2, low])), curve(np.array([high, high + 1, high + 2]))
    size = np.abs(below).max() + np.abs(above).max() + 1e-9
    assert below[1] - below[0] == pytest.approx(below[2] - below[1], abs=1e-9 * size)
    assert (below[2] - below[0]) / low == pytest.approx(low**-eta, rel=1e-6)
    assert above[1] - above[0] == pytest.approx(above[2] - above[1], abs=1e-9 * size)


def test_more_pieces_err_less() -> None:
    errors = [worth_curve(2.0, 0.5, 2.0, n).error for n in (4, 8, 16, 32)]
    assert all(a / b == pytest.approx(4, rel=0.3) for a, b in pairwise(errors))  # like 1/n²


def test_base_is_always_a_breakpoint() -> None:
    for n in (2, 3, 7, 40):
        points = np.cumsum(worth_curve(2.0, 0.5, 3.0, n).length[:-1])
        assert np.isclose(points, 1.0).any()
        assert len(points) == n + 1


def test_with_no_aversion_every_unit_is_worth_the_same() -> None:
    np.testing.assert_allclose(worth_curve(0.0, 0.5, 2.0, 10).slope, 1.0)


def test_the_logarithm_is_the_limit() -> None:
    r = np.linspace(0.3, 3, 50)
    np.testing.assert_allclose(utility(r, 1.0), np.log(r))
    np.testing.assert_allclose(utility(r, 1 + 1e-7), np.log(r), atol=1e-5)


def test_pieces_too_short_to_compute_are_refused() -> None:
    assert not admitted(2.0, 0.9999999999999999, 1.0, 3)
    assert not admitted(2.0, 1.0, 1.0001, 1000)
    assert admitted(2.0, 1.0, 1.0001, 9)
    assert admitted(2.0, 1.0, 1.0, 10)
