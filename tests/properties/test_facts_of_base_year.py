"""The base year repeats where nothing moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.properties.economies import Case, random_case
from tests.properties.facts import (
    FEW,
    Document,
    problem_of,
    solve,
)

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_names, load_economy
from lustrum.errors import Infeasible
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan


def final_status(economy: Economy) -> Economy:
    """Accounts of the base year alone, without the limits, with committed demand the residual of the balance."""
    kept = (
        "supply",
        "use",
        "output",
        "asset_composition",
        "depreciation",
        "investment",
        "capital_stock",
        "need_composition",
        "consumption",
        "imports",
        "exports",
    )
    data = {n: economy.values(n) for n in kept if economy.has(n)}
    closed = Economy.build(economy.source, economy.sets, data)
    return closed.with_data(committed_demand=_made(closed) - _taken(closed))


def _made(e: Economy) -> np.ndarray:
    return np.asarray(e.values("supply") @ e.values("output") + e.value_or("imports", 0.0).sum(axis=1))


def _taken(e: Economy) -> np.ndarray:
    return np.asarray(
        e.values("use") @ e.values("output")
        + e.value_or("need_composition", 0.0) @ e.value_or("consumption", 0.0).sum(axis=0)
        + e.value_or("asset_composition", 0.0) @ e.value_or("investment", 0.0).sum(axis=1)
        + e.value_or("committed_demand", 0.0)
        + e.value_or("exports", 0.0).sum(axis=1)
    )


def base_year_plan(e: Economy, *, outputs: Sequence[str]) -> PlanSpec:
    """One year with y, n, m, e (and the named outputs) fixed at base by tasks, and the least output that does it."""
    tasks: list[Document] = []

    def fix(of: str, values: np.ndarray, *dims: str) -> None:
        for at in np.argwhere(values > 0):
            labels = {d: [e.codes(d)[k]] for d, k in zip(dims, at, strict=True)}
            name = f"{of} {' '.join(v[0] for v in labels.values())}"
            tasks.append({"name": name[:80], "terms": [{"of": of, **labels}], "equals": float(values[tuple(at)])})

    fix("consumption", e.value_or("consumption", 0.0), "household", "need")
    fix("investment", e.value_or("investment", 0.0), "asset", "activity")
    fix("imports", e.value_or("imports", 0.0), "product", "partner")
    fix("exports", e.value_or("exports", 0.0), "product", "partner")
    known = np.array([j in outputs for j in e.codes("activity")])
    fix("output", np.where(known, e.values("output"), 0.0), "activity")
    tasks += [
        {"name": f"no {j}", "terms": [{"of": "output", "activity": j}], "at_most": 0.0}
        for j, x in zip(e.codes("activity"), e.values("output"), strict=True)
        if x == 0
    ]
    return PlanSpec.model_validate(
        {
            "horizon": {"years": 1},
            "tasks": tasks,
            "terminal": {"rule": "none", "product_stocks": False},
            "labour": {"enforce": False},
            "capacity": {"enforce": False},
            "trade": {"exchange": False},
            "objective": {"kind": "least_cost", "costs": [{"of": "output"}]},
        }
    )


def balance_slack(case: Case, values: np.ndarray) -> np.ndarray:
    """What is left of each product, as a share of what there is of it."""
    problem = problem_of(case)
    rows = problem.rows["product_balance"].index[:, 0]
    return np.asarray((problem.row_upper - problem.matrix @ values)[rows] / np.maximum(_made(case[0]), 1e-12))


def not_sole_makers(e: Economy) -> list[str]:
    """Where two activities make a product, or one makes two, the balance alone does not say how much each does."""
    made = e.values("supply") > 0
    alone = made & (made.sum(axis=1) == 1)[:, None]
    return [
        c
        for c, j in zip(e.codes("activity"), range(made.shape[1]), strict=True)
        if not (made[:, j].sum() == 1 and alone[:, j].any())
    ]


@FEW
@given(st.integers(0, 10**6))
def test_the_base_year_repeats(seed: int) -> None:
    """With y, n, m, e fixed at base, x = x0 and nothing is left over of any product."""
    economy, _ = random_case(seed, 6, 1)
    assume(economy.has("output", "consumption"))
    economy = final_status(economy)
    held = not_sole_makers(economy)
    spec = base_year_plan(economy, outputs=held)
    problem, solution = solve((economy, spec))
    output = problem.variables["output"].array(solution.values).values[:, 0]
    idle = economy.values("output") == 0
    scale = economy.values("output").max()
    np.testing.assert_allclose(output[~idle], economy.values("output")[~idle], rtol=1e-7, atol=1e-9 * scale)
    assert np.abs(balance_slack((economy, spec), solution.values)).max() < 1e-7


@pytest.mark.parametrize("name", embedded_names())
def test_the_base_year_of_an_embedded_economy_repeats(name: str) -> None:
    """As shipped, with its own committed demand: outputs follow from final demand (and the choice of technique)."""
    economy = load_economy(name).with_data(opening_stock=None, storable=None)  # or the stock would be used up
    techniques = not_sole_makers(economy)
    if len(techniques) > economy.size("activity") / 2:
        techniques = []  # a square make table with little beside its diagonal: the balances alone say who makes what
    spec = base_year_plan(economy, outputs=techniques)
    spec = spec.model_copy(update={"solver": spec.solver.model_copy(update={"method": "simplex"})})
    output = solve_plan(economy, spec).values["output"].values[:, 0]
    np.testing.assert_allclose(output, economy.values("output"), rtol=1e-6)


def test_a_base_year_that_does_not_balance_does_not_repeat() -> None:
    """The test above can fail: one unit more committed demand, and the outputs of base do not make it."""
    economy = final_status(random_case(1, 6, 1)[0])
    more = economy.values("committed_demand") + 0.01 * _made(economy)
    spec = base_year_plan(economy, outputs=economy.codes("activity"))
    solve_plan(economy, spec)
    with pytest.raises(Infeasible):
        solve_plan(economy.with_data(committed_demand=more), spec)
