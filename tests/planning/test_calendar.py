"""Years: which part of the model covers which, in every combination of lag, post-plan years and rule."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.errors import SpecError
from lustrum.planning.calendar import Calendar
from lustrum.planning.sections import Growing, Ramp
from lustrum.planning.spec import PlanSpec

BASE = 2020
RULES = ("growth", "stocks", "output_floor", "none")


def calendar(rule: str, years: int, lag: int, post: int) -> Calendar:
    spec = PlanSpec.model_validate(
        {
            "horizon": {"years": years},
            "technology": {"input_lag": lag},
            "terminal": {"rule": rule, "years": post},
        }
    )
    return Calendar.of(spec, BASE)


@pytest.mark.parametrize(("rule", "years", "lag", "post"), list(product(RULES, (1, 2, 5), (0, 1), (1, 2, 4))))
def test_years_are_those_of_the_exact_statement(rule: str, years: int, lag: int, post: int) -> None:
    """docs/model.md: H = T + N, B = 1 - λ, Z = T or H - 1, and the years of each part from them."""
    c = calendar(rule, years, lag, post)
    after = post if rule == "output_floor" else 0
    H, B = years + after, 1 - lag
    Z = years if after == 0 else H - 1
    assert (c.plan, c.post, c.lag) == (years, after, lag)
    assert c.last_output == H
    assert c.balance_years == range(B, Z + 1)
    assert c.trade_years == range(1, Z + 1)
    assert c.output_years == range(1, H + 1)
    assert c.stock_years == range(1, max(years + 1, H) + 1)
    assert c.labour_years == range(B, max(Z, H - lag) + 1)
    assert c.plan_years == range(1, years + 1)


@pytest.mark.parametrize(("rule", "lag", "post"), list(product(RULES, (0, 1), (1, 3))))
def test_every_output_has_its_inputs_labour_and_assets_counted(rule: str, lag: int, post: int) -> None:
    """Inputs of an output of year t are due in t - λ: a balance year, but for the last post-plan output."""
    c = calendar(rule, 4, lag, post)
    for t in c.output_years:
        assert t in c.stock_years
        assert t - lag in c.labour_years
        if t - lag not in c.balance_years:
            assert t == c.last_output > c.plan
    assert set(c.trade_years) <= set(c.balance_years)
    assert set(c.plan_years) <= set(c.trade_years)
    assert set(c.balance_years) <= set(c.labour_years)


def test_calendar_years_count_from_the_base_year() -> None:
    c = calendar("none", 3, 1, 1)
    assert c.year(0) == BASE
    assert c.labels(c.balance_years) == [2020, 2021, 2022, 2023]
    assert c.offset(2023, "tasks[0]") == 3


@pytest.mark.parametrize("year", [1, 2020, 2024, 20210])
def test_a_year_outside_the_plan_is_named_with_the_plan(year: int) -> None:
    with pytest.raises(SpecError, match=rf"tasks\[0\]: {year} is not a year of this plan(.|\n)*2021\.\.2023"):
        calendar("none", 3, 0, 1).offset(year, "tasks[0]")


# figures ------------------------------------------------------------------------------------------------


def figure(path: float | dict[int, float] | Growing | Ramp | None, years: int = 4) -> list[float]:
    return calendar("none", years, 0, 1).figure(path, "here").tolist()


def test_a_number_holds_in_every_year() -> None:
    assert figure(2.5) == [2.5] * 4
    assert figure(0) == [0.0] * 4


def test_no_figure_sets_none() -> None:
    assert np.isnan(figure(None)).all()


def test_named_years_only() -> None:
    got = figure({2022: 7.0, 2024: 0.0})
    np.testing.assert_array_equal(got, [np.nan, 7, np.nan, 0])
    with pytest.raises(SpecError, match="2020 is not a year"):
        figure({2020: 1.0})


def test_a_growing_figure_starts_in_the_base_year() -> None:
    np.testing.assert_allclose(figure(Growing(start=100, growth=0.1)), [110, 121, 133.1, 146.41])


def test_a_ramp_ends_in_the_last_plan_year() -> None:
    np.testing.assert_allclose(figure(Ramp.model_validate({"from": 10, "to": 20})), [12.5, 15, 17.5, 20])
    assert figure(Ramp.model_validate({"from": 10, "to": 20}), 1) == [20]


@given(st.floats(-1e6, 1e6), st.integers(1, 20))
def test_no_growth_a_level_ramp_and_a_number_are_the_same(value: float, years: int) -> None:
    flat = np.full(years, value)
    np.testing.assert_array_equal(figure(value, years), flat)
    np.testing.assert_array_equal(figure(Growing(start=value, growth=0.0), years), flat)
    np.testing.assert_array_equal(figure(Ramp.model_validate({"from": value, "to": value}), years), flat)
    np.testing.assert_array_equal(figure({BASE + t: value for t in range(1, years + 1)}, years), flat)


def test_a_figure_that_grows_beyond_counting_is_an_error() -> None:
    with pytest.raises(SpecError, match="too large"):
        figure(Growing(start=1e9, growth=10.0), 60)
