"""Proofs that there is no optimum hold on the explicit problem, and nothing else passes for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.solving.staircase.cases import drawn, embedded, small, stages

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.lp.certificate import proves_no_limit, proves_no_plan
from lustrum.lp.highs import Options, maximise
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict.explain import check_proof
from lustrum.solving.staircase import Prepared, maximise_staircase
from lustrum.solving.staircase.maximise import farkas_vector, unbounded_ray

#: Random plans without any plan, as HiGHS says too.
IMPOSSIBLE = (6, 10, 31, 33, 39, 49, 52)


def too_much(name: str) -> Problem:
    """Return an embedded economy's plan that asks for more output than there can be."""
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    task = {"name": "too much", "terms": [{"of": "output"}], "at_least": 1e12}
    asked = PlanSpec.model_validate(spec.model_dump(exclude_unset=True, by_alias=True) | {"tasks": [task]})
    return build_problem(PlanData(load_economy(name), asked))


@pytest.mark.parametrize("name", ["island", "us-2019-16", *IMPOSSIBLE])
def test_no_plan_comes_with_a_farkas_vector(name: str | int) -> None:
    """The check is the one that explanations of conflicts go through; HiGHS says the same."""
    p = too_much(name) if isinstance(name, str) else drawn(name)
    found = maximise_staircase(p, p.goals[0].gradient, natural=p.goals[0].size)
    assert found.status == "infeasible"
    assert check_proof(p, found.row_dual).holds
    assert maximise(p, p.goals[0].gradient, Options(threads=1)).status == "infeasible"


def test_prices_of_the_iterations_are_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A need that is to grow by half every year: no second linear program is solved to prove that it cannot."""
    p = embedded("us-2019-16")
    lower = p.lower.copy()
    at = p.variables["consumption"].index[0, 1]
    lower[at] = 1.5 ** np.arange(1, at.size + 1) * p.scale[at]
    wrong = replace(p, lower=lower)

    def asked(*_: object) -> None:
        raise AssertionError("the elastic program was solved")

    monkeypatch.setattr("lustrum.solving.staircase.maximise.farkas_vector", asked)
    found = maximise_staircase(wrong, p.goals[0].gradient, natural=p.goals[0].size)
    assert found.status == "infeasible"
    assert found.method.endswith("Farkas vector")
    assert check_proof(wrong, found.row_dual).holds
    (drawn_one,) = Prepared(wrong, p.goals[0].gradient, natural=p.goals[0].size).solve(LimitSets.of(wrong, 1))
    assert drawn_one.status == "infeasible"
    assert proves_no_plan(wrong, drawn_one.row_dual)


@pytest.mark.parametrize(
    ("rows", "low", "high", "aim", "top", "status"),
    [
        # at least 3 of two things of which there is 1 each
        ([[1.0, 1.0]], [3.0], [np.inf], [-1.0, -1.0], 1.0, "infeasible"),
        # two equations that clash
        ([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0], [1.0, 2.0], [1.0, 0.0], np.inf, "infeasible"),
        # grows without end
        ([[1.0, -1.0]], [-np.inf], [1.0], [1.0, 0.0], np.inf, "unbounded"),
    ],
)
def test_textbook_programs_without_an_optimum(
    rows: list[list[float]], low: list[float], high: list[float], aim: list[float], top: float, status: str
) -> None:
    p = small(rows, low, high, aim, top)
    found = maximise_staircase(p, p.goals[0].gradient)
    assert found.status == status
    if status == "unbounded":
        way = found.values
        assert p.goals[0].gradient @ way > 0
        assert (p.matrix @ way <= 1e-9).all()
        assert (way >= 0).all()
    else:
        assert check_proof(p, found.row_dual).holds


@pytest.mark.parametrize("name", ["island", 7, 11, 56])
def test_nothing_is_proven_of_a_plan_with_an_optimum(name: str | int) -> None:
    """Neither by the search for a proof, nor by the prices and the way it ends with."""
    p = embedded(name) if isinstance(name, str) else drawn(name)
    case = next(stages(p))
    assert farkas_vector(p, 60.0) is None
    assert unbounded_ray(p, case.goal.gradient, 60.0) is None
    for sign in (1.0, -1.0):
        assert not proves_no_plan(p, sign * case.known.row_dual)
        assert not proves_no_limit(p, case.goal.gradient, sign * case.known.values)


def test_a_proof_that_is_slightly_off_is_none() -> None:
    """x1 + x2 >= 3 with 0 <= x <= 1 is impossible; with x2 <= 2 the same prices prove nothing."""
    rows, aim = [[1.0, 1.0]], [1.0, 0.0]
    price = np.array([-1.0])
    assert proves_no_plan(small(rows, [3.0], [np.inf], aim, 1.0), price)
    assert not proves_no_plan(small(rows, [3.0], [np.inf], aim, 1.5), price)
    assert not proves_no_plan(small(rows, [3.0], [np.inf], aim, np.inf), price)
    assert not proves_no_plan(small(rows, [3.0], [np.inf], aim, 1.0), -price)
    endless = small([[1.0, -1.0]], [-np.inf], [1.0], aim, np.inf)
    assert proves_no_limit(endless, endless.goals[0].gradient, np.array([1.0, 1.0]))
    assert not proves_no_limit(endless, endless.goals[0].gradient, np.array([1.0, 0.9]))
    assert not proves_no_limit(endless, endless.goals[0].gradient, np.array([-1.0, 0.0]))
