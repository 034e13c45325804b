"""Plans that are degenerate, hardly possible, or just not: no claim that HiGHS refutes, and few stages handed over."""

from __future__ import annotations

import pytest
from tests.reference.drawn_wide import wide_case

from lustrum.lp.certificate import certify, proves_no_plan
from lustrum.lp.highs import Options, maximise
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.presolve import reduce_problem
from lustrum.solving.staircase.structure import analyse

pytestmark = pytest.mark.slow

SEEDS = range(60)


def test_claims_agree() -> None:
    """First stages; where both find an optimum it is the same to 1e-7, and ours is proven to 1e-6, mostly to 1e-8."""
    figures, handed, refused = [], 0, 0
    for seed in SEEDS:
        kind, problem = wide_case(seed, 14, 5)
        goal = problem.goals[0]
        theirs = maximise(problem, goal.gradient, Options(threads=1))
        ours = maximise_staircase(problem, goal.gradient, natural=goal.size)
        if ours.status == "infeasible":
            assert proves_no_plan(problem, ours.row_dual)
            assert theirs.status != "optimal"
            refused += kind == "beyond"
        elif ours.status == "optimal":
            c = certify(problem, goal.gradient, 0.0, ours.values, ours.row_dual, 1e-6, goal.size)
            assert c.holds
            assert kind != "beyond"
            figures.append(max(c.primal_residual, c.dual_residual, c.gap))
            if theirs.status == "optimal":
                a, b = (float(goal.gradient @ x.values) for x in (theirs, ours))
                assert abs(a - b) <= 1e-7 * max(abs(a), abs(b), goal.size) + 1e-12
        else:
            handed += ours.status == "limit"
    assert refused >= 5
    assert handed <= 4
    assert sum(f <= 1e-8 for f in figures) >= 0.95 * len(figures)


def test_a_plan_without_pieces() -> None:
    """Nothing but a core: no capital, trade or stocks of its own (seed 3221 of bench/agreement.py)."""
    _, problem = wide_case(3221)
    goal = problem.goals[0]
    structure = analyse(reduce_problem(problem, goal.gradient).equilibrated())
    assert not structure.pieces
    assert not structure.rank_one.variables.size
    theirs = maximise(problem, goal.gradient, Options(threads=1))
    ours = maximise_staircase(problem, goal.gradient, natural=goal.size)
    assert ours.status == theirs.status == "optimal"
    assert goal.gradient @ ours.values == pytest.approx(goal.gradient @ theirs.values, rel=1e-7)
    assert certify(problem, goal.gradient, 0.0, ours.values, ours.row_dual, 1e-8, goal.size).holds
