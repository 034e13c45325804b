"""What must not depend on the order of labels, on the calendar, or on how figures by year are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.properties.economies import Case
from tests.properties.facts import (
    FEW,
    OPTIONS,
    TOLERANCE,
    assert_same_values,
    cases,
    problem_of,
    rewritten,
    setting,
    solve,
    stage_values,
)

from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.fields import BY_NAME
from lustrum.planning.spec import PlanSpec
from lustrum.solving.stages import solve_problem


def permuted(economy: Economy, rng: np.random.Generator) -> Economy:
    """The same accounts with the labels of every set in another order."""
    sets, order = {}, {}
    for dim, labels in economy.sets.items():
        order[dim] = rng.permutation(len(labels.codes))
        columns = (labels.codes, labels.names, labels.units, labels.regions)
        sets[dim] = Labels(*(tuple(column[k] for k in order[dim]) for column in columns))
    data = {
        name: array.isel({d: order[str(d)] for d in array.dims if d != "year"}) for name, array in economy.data.items()
    }
    return Economy(economy.source, sets, data)


@FEW
@given(cases(), st.integers(0, 99))
def test_the_order_of_labels_says_nothing(case: Case, seed: int) -> None:
    _, solution = solve(case)
    other = permuted(case[0], np.random.default_rng(seed))
    assert_same_values(solve_problem(problem_of((other, case[1])), OPTIONS, TOLERANCE), stage_values(solution))


def later(case: Case, years: int) -> Case:
    """The same accounts and plan, dated some years later."""
    economy, spec = case
    source = replace(economy.source, base_year=economy.base_year + years)
    data = {
        n: a.assign_coords(year=[int(y) + years for y in a["year"].values]) if "year" in a.dims else a
        for n, a in economy.data.items()
    }

    def shift(value: Any) -> Any:
        if isinstance(value, dict):
            return {shift_key(k): shift_named(k, v) for k, v in value.items()}
        return [shift(v) for v in value] if isinstance(value, list) else value

    def shift_key(key: Any) -> Any:
        return int(key) + years if str(key).isdigit() else key

    def shift_named(key: Any, value: Any) -> Any:
        if key == "years" and isinstance(value, list):
            return [y + years for y in value]
        return value + years if key == "year" and isinstance(value, int) else shift(value)

    document = shift(spec.model_dump(mode="json", by_alias=True))
    return Economy(source, economy.sets, data), PlanSpec.model_validate(document)


@FEW
@given(cases(), st.integers(-30, 60))
def test_the_date_of_the_base_year_says_nothing(case: Case, years: int) -> None:
    problem, solution = solve(case)
    other = problem_of(later(case, years))
    assert (abs(other.matrix - problem.matrix)).max() == 0
    for side in ("row_lower", "row_upper", "lower", "upper"):
        np.testing.assert_array_equal(getattr(other, side), getattr(problem, side))
    year = problem.variables["output"].labels["year"]
    assert other.variables["output"].labels["year"] == tuple(y + years for y in year)  # type: ignore[operator]
    assert_same_values(solve_problem(other, OPTIONS, TOLERANCE), stage_values(solution), 1e-9)


#: A rate of the plan file -> the field whose yearly figures say the same.
RATES = (
    ("population", "population", "growth"),
    ("labour", "labour_supply", "supply_growth"),
    ("committed_demand", "committed_demand", "growth"),
    ("technology", "labour_coefficient", "labour_productivity_growth"),
)


@FEW
@given(cases(), st.sampled_from(RATES), st.floats(-0.03, 0.03))
def test_a_rate_is_the_same_as_figures_by_year(case: Case, rate: tuple[str, str, str], growth: float) -> None:
    """Population, labour, committed demand and labour per unit: grown by the plan file, or given year by year."""
    section, name, key = rate
    economy = case[0]
    if name == "population":
        economy = economy.with_data(population=np.arange(1.0, economy.size("household") + 1))
    assume(economy.has(name))
    flat = np.asarray(economy.data[name].values)
    flat = flat[..., -1] if "year" in economy.data[name].dims else flat
    economy = economy.with_data(building_labour=None) if section == "technology" else economy
    constant = economy.with_data(**{name: flat})
    _, spec = rewritten(case, setting(section, key, value=growth))
    years = list(range(case[1].horizon.years + 1))
    factor = 1 / (1 + growth) if section == "technology" else 1 + growth
    stacked = np.stack([flat * factor**t for t in years], axis=-1)
    skip = 1 if name == "committed_demand" else 0  # with figures for the base year there is demand in it
    dims = BY_NAME[name].dims
    coords = {d: list(economy.codes(d)) for d in dims} | {"year": [economy.base_year + t for t in years[skip:]]}
    yearly = economy.with_data(**{name: xr.DataArray(stacked[..., skip:], dims=(*dims, "year"), coords=coords)})
    left, right = problem_of((constant, spec)), problem_of((yearly, spec))
    assert left.shape == right.shape
    np.testing.assert_allclose((left.matrix - right.matrix).toarray(), 0, atol=1e-12 * abs(left.matrix).max())
    for side in ("row_lower", "row_upper"):
        np.testing.assert_allclose(getattr(left, side), getattr(right, side), rtol=1e-12)


@FEW
@given(cases())
def test_only_the_growth_of_population_matters(case: Case) -> None:
    """Persons or thousands of persons; and twice as many people with the same growth are the same accounts."""
    assume(case[0].has("population"))
    other = case[0].with_data(population=case[0].data["population"] * 1000.0)
    left, right = problem_of(case), problem_of((other, case[1]))
    np.testing.assert_allclose((left.matrix - right.matrix).toarray(), 0, atol=1e-12 * abs(left.matrix).max())
    np.testing.assert_allclose(left.row_lower, right.row_lower, rtol=1e-12)
