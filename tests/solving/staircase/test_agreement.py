"""The staircase solver comes to the optimum HiGHS comes to, and the certificate says so."""

from __future__ import annotations

import numpy as np
import pytest
from tests.solving.staircase.cases import Case, drawn, embedded, small, stages

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import Infeasible
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.solving.staircase import maximise_staircase

#: Plans whose stages the solver takes; several goals, lags, gestation, tasks and bands are among them.
SEEDS = (7, 11, 15, 18, 23, 26, 27, 32, 46, 54, 56, 58)


def agrees(case: Case) -> bool:
    """Solve a stage; hold an optimum to HiGHS's and to the certificate. False where none was claimed."""
    found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size)
    if found.status != "optimal":
        return False
    ours, theirs = case.objective(found.values), case.objective(case.known.values)
    size = max(abs(ours), abs(theirs), case.goal.size)
    assert abs(ours - theirs) <= 1e-7 * size + 1e-12
    assert case.certificate(found).holds
    return True


@pytest.mark.parametrize("name", ["island", "us-2019-16", "us-2019"])
def test_embedded_economies(name: str) -> None:
    """Island with two households, stocks and partners; the United States aggregated and in full."""
    for case in stages(embedded(name)):
        assert agrees(case)
        found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size)
        certificate = case.certificate(found)
        figures = (certificate.primal_residual, certificate.dual_residual, certificate.gap)
        assert max(figures) <= 1e-8


def test_random_plans() -> None:
    """Nothing that is called an optimum is another one; and almost every first stage is solved."""
    solved = [agrees(case) for seed in SEEDS for case in list(stages(drawn(seed)))[:1]]
    assert len(solved) >= 10
    assert sum(solved) >= len(solved) - 1


def test_later_stages_are_held_to_the_same() -> None:
    """Lexicographic bounds leave later stages almost no slack; a solver may pass them on, not get them wrong."""
    done = [agrees(case) for seed in (11, 26, 54, 56, 59) for case in list(stages(drawn(seed)))[1:]]
    assert any(done)


def test_marginal_values_agree_where_they_are_unique() -> None:
    """On the island both solvers put the same price on labour and on every product."""
    (case,) = stages(embedded("island"))
    found = maximise_staircase(case.problem, case.goal.gradient, natural=case.goal.size)
    for family in ("labour", "product_balance"):
        at = case.problem.rows[family].index
        ours, theirs = found.row_dual[at[at >= 0]], case.known.row_dual[at[at >= 0]]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


def test_a_plan_file_can_ask_for_it() -> None:
    """The plan says who solved it, and is the plan that HiGHS finds."""
    spec = PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")
    economy = load_economy("island")
    asked = spec.model_copy(update={"solver": spec.solver.model_copy(update={"method": "staircase"})})
    ours, theirs = solve_plan(economy, asked), solve_plan(economy, spec)
    assert ours.method.startswith("staircase")
    assert theirs.method.startswith("HiGHS")
    assert ours.stages[-1].objective == pytest.approx(theirs.stages[-1].objective, rel=1e-8)
    assert ours.certificate.holds


def test_a_plan_file_without_a_plan() -> None:
    """The walk over the stages ends there, as with HiGHS."""
    spec = PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")
    impossible = {"name": "too much", "terms": [{"of": "output"}], "at_least": 1e9}
    asked = PlanSpec.model_validate(
        spec.model_dump(exclude_unset=True, by_alias=True) | {"tasks": [impossible], "solver": {"method": "staircase"}}
    )
    with pytest.raises(Infeasible):
        solve_plan(load_economy("island"), asked)


def test_a_program_without_any_structure() -> None:
    """Dantzig's textbook case: two products, three workshops; 2 and 6, worth 36, at prices 0, 3/2 and 1."""
    inf = np.inf
    p = small([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]], [-inf] * 3, [4.0, 12.0, 18.0], [3.0, 5.0], inf)
    found = maximise_staircase(p, p.goals[0].gradient)
    assert found.status == "optimal"
    np.testing.assert_allclose(found.values, [2.0, 6.0], atol=1e-7)
    np.testing.assert_allclose(found.row_dual, [0.0, 1.5, 1.0], atol=1e-7)
