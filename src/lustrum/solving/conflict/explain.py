"""Explain an infeasible plan (docs/model.md section 6): proof, irreducible conflict, least relaxation.

1. The elastic form over all limits gives the least relaxation (facts weigh more than choices).
2. The search narrows to a conflict, deletes what it does not need, and its duals are the proof.
3. What gave way becomes changes of the plan file, which is solved again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import BadInput
from lustrum.lp.certificate import dual_bound
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.elastic import Answer, Elastic
from lustrum.lp.highs import Options, maximise, prefer
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.families import ENDOWMENTS, IDENTITIES
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict.advice import advise, apply_changes, expressible
from lustrum.solving.conflict.report import Conflict, Member, Proof, Relaxation, Relaxed
from lustrum.solving.conflict.search import TOLERANCE, Found, Search
from lustrum.solving.conflict.words import ENDOWMENT_WEIGHT, Row, label_rows
from lustrum.solving.staircase import maximise_staircase
from lustrum.solving.staircase.maximise import farkas_vector
from lustrum.solving.staircase.pieces import FAILURES

Progress = Callable[[str], None]


def explain(
    economy: Economy, spec: PlanSpec, progress: Progress | None = None, hint: np.ndarray | None = None
) -> Conflict:
    """Explain why no plan satisfies all limits, and what would have to give way.

    Parameters
    ----------
    economy, spec
        Accounts and plan file.
    progress
        Called with a line of words whenever a new part of the work begins.
    hint
        Row duals that prove that there is no plan, where a solver has left them. Limits with the largest ones are
        looked at first; nothing that is said rests on them.

    Returns
    -------
    Conflict
        With `feasible` True, and nothing else, where there is a plan after all.

    Raises
    ------
    SpecError
        If the plan file does not fit the accounts.
    LimitReached
        If a solve ended without an answer.
    """
    data = PlanData(economy, spec)
    return explain_problem(data, build_problem(data), progress, hint)


def explain_problem(
    data: PlanData,
    problem: Problem,
    progress: Progress | None = None,
    hint: np.ndarray | None = None,
    *,
    from_file: bool = True,
) -> Conflict:
    """Explain a program that has no solution, as `explain` does.

    Parameters
    ----------
    data, problem
        Accounts and plan file, and their program.
    progress, hint
        As for `explain`.
    from_file
        Whether the program is what the plan file says. Where its sides or bounds were moved directly, no change of the
        plan file can be tried: advice is then words, and `Relaxation.works` is False.
    """
    began = time.perf_counter()
    say = progress or (lambda words: None)
    rows = label_rows(data, problem)
    limits = np.array([r.name not in IDENTITIES for r in rows], dtype=bool)
    weight = np.array([ENDOWMENT_WEIGHT if r.name in ENDOWMENTS else 1.0 for r in rows])
    say("least relaxation of all limits")
    model = Elastic(problem, limits, data.spec.solver.time_limit)
    least = model.solve(np.where(limits, weight, 0.0))
    if least is None:
        return _laws(problem, rows, ~limits, say, began)
    if least.cost <= TOLERANCE:
        return Conflict(True, None, (), False, (), None, None, time.perf_counter() - began)
    if hint is None or hint.size != problem.shape[0] or not hint.any():
        hint = _refuted(problem, data.spec.solver.time_limit)
    found = Search(problem, rows, limits, say, hint).run(least)
    say("turning the relaxation into advice")
    relaxation = _relaxation(data, problem, rows, least, model.size, from_file)
    alternative = None
    if from_file and not (relaxation.expressible and relaxation.works):
        can = np.array([expressible(data, r) for r in rows], dtype=bool) & limits
        say("least relaxation that the plan file can express")
        other = model.solve(np.where(can, weight, 0.0), np.where(can, np.inf, 0.0), anew=True)
        if other is not None:
            alternative = _relaxation(data, problem, rows, other, model.size)
            alternative = alternative if alternative.works else None
    proof = _proof(problem, found, least)
    members = _members(rows, found)
    sound = found is not None and found.irreducible
    return Conflict(False, proof, members, sound, (), relaxation, alternative, time.perf_counter() - began)


def _laws(problem: Problem, rows: list[Row], laws: np.ndarray, say: Progress, began: float) -> Conflict:
    """The accounts clash by themselves: search among the laws."""
    say("the accounts clash by themselves: searching their balances")
    keep = np.flatnonzero(laws)
    only = replace(
        problem,
        coefficients=Coefficients(problem.matrix[keep]),
        row_lower=problem.row_lower[keep],
        row_upper=problem.row_upper[keep],
    )
    own = [replace(rows[r], index=k) for k, r in enumerate(keep)]
    first = Elastic(only, np.ones(keep.size, dtype=bool)).solve(np.ones(keep.size))
    found = Search(only, own, np.ones(keep.size, dtype=bool), say).run(first) if first is not None else None
    vector = np.zeros(len(rows))
    if found is not None:
        vector[keep] = found.dual
    proof = check_proof(problem, vector)
    return Conflict(
        False,
        proof if proof.holds else None,
        (),
        found is not None and found.irreducible,
        _members(own, found),
        None,
        None,
        time.perf_counter() - began,
    )


def _members(rows: list[Row], found: Found | None) -> tuple[Member, ...]:
    if found is None:
        return ()
    named = ((rows[r], by) for r, by in zip(found.rows, found.relax_by, strict=True))
    return tuple(Member(r.name, r.label, r.year, by, r.sentence) for r, by in named)


def _proof(problem: Problem, found: Found | None, least: Answer) -> Proof | None:
    """The proof on the members alone, or the one on all limits; None if neither passes its check."""
    for vector in ([found.dual] if found is not None else []) + [least.dual]:
        proof = check_proof(problem, vector)
        if proof.holds:
            return proof
    return None


def check_proof(problem: Problem, vector: np.ndarray) -> Proof:
    """Measure a Farkas vector against the explicit problem."""
    vector = np.where(np.isinf(problem.row_upper), np.minimum(vector, 0.0), vector)
    vector = np.where(np.isinf(problem.row_lower), np.maximum(vector, 0.0), vector)
    nothing = np.zeros(problem.shape[1])
    residual, bound = dual_bound(problem, nothing, vector)
    reduced = -np.asarray(problem.coefficients.T @ vector)
    wrong = np.where(np.isinf(problem.upper), np.maximum(reduced, 0.0), 0.0)
    wrong += np.where(np.isinf(problem.lower), np.maximum(-reduced, 0.0), 0.0)
    sides = np.where(vector > 0, problem.row_upper, problem.row_lower)
    terms = np.abs(vector * np.where(vector == 0, 0.0, sides)).max(initial=0.0)
    open_ = float(wrong @ problem.scale)
    reach = -bound / open_ if open_ > 0 else float("inf")
    return Proof(vector, residual, float(bound / max(terms, 1e-300)), reach)


def _relaxation(
    data: PlanData, problem: Problem, rows: list[Row], answer: Answer, size: np.ndarray, from_file: bool = True
) -> Relaxation:
    """Check a relaxation, word it, and try the changed plan file."""
    relative = answer.amount / size
    gave = [rows[r] for r in np.argsort(-relative) if relative[r] > 1e-2 * TOLERANCE]
    advice = advise(data, problem, answer.values, gave)
    moved = np.where(relative > 1e-2 * TOLERANCE, answer.amount * (1 + 1e-6) + 1e-9 * size, 0.0)
    checked = _has_plan(replace(problem, row_lower=problem.row_lower - moved, row_upper=problem.row_upper + moved))
    works = False
    if from_file and not advice.missing:
        changed = apply_changes(data.spec, advice.changes)
        try:
            works = _has_plan(build_problem(PlanData(data.economy, changed)))
        except BadInput:
            works = False
    entries = tuple(
        Relaxed(
            r.name,
            r.label,
            r.year,
            float(answer.amount[r.index]),
            float(relative[r.index]),
            advice.words[r.index],
            r.index not in advice.missing,
        )
        for r in gave
    )
    return Relaxation(entries, answer.cost, tuple(advice.changes), checked, works)


def _refuted(problem: Problem, seconds: float) -> np.ndarray | None:
    """Row duals that prove that there is no plan, where the staircase solver is quick to find them."""
    if prefer("auto", problem)[0] != "staircase":
        return None
    try:
        return farkas_vector(problem, seconds)
    except FAILURES:
        return None


def _has_plan(problem: Problem) -> bool:
    """Whether any plan keeps all limits: solved, with nothing to maximise."""
    nothing = np.zeros(problem.shape[1])
    if prefer("auto", problem)[0] == "staircase" and maximise_staircase(problem, nothing).status == "optimal":
        return True
    for options in (Options("auto", 60.0, crossover=False), Options("simplex", 60.0)):
        status = maximise(problem, nothing, options).status
        if status in ("optimal", "infeasible"):
            return status == "optimal"
    return False
