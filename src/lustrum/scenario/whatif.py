"""One question answered whole: the plan with its changes beside the first, or how far they can go, and the conflict.

A case that has a plan gets it. One that has none gets, in this order: what the case asks for, cut back as little as it
must be while nothing else gives way, and that plan file solved; else the plan in which limits of the plan file are
broken at a price; then why there is no plan. Nothing is computed that a reader must wait for before the first answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lustrum.errors import BadInput, LimitReached
from lustrum.planning import quantities as q
from lustrum.planning.plan import Plan
from lustrum.planning.summary import every_limit, objective_unit
from lustrum.scenario.change import Case
from lustrum.scenario.compare import differences
from lustrum.scenario.result import Result
from lustrum.scenario.scenario import Scenario
from lustrum.solving.conflict.advice import advise, apply_changes
from lustrum.solving.conflict.report import Conflict
from lustrum.solving.conflict.words import label_rows

Progress = Callable[[str], None]

#: How many limits of the new plan are listed.
LIMITS = 5


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found.

    Attributes
    ----------
    first
        The plan without the changes.
    result
        The answer with every limit held.
    plan
        The plan to look at: that of `result`; where there is none, that of the cut-back case, or of soft limits.
    cut
        What the case asks for, cut back: the plan file's figures that have a plan, in words.
    followed
        Whether `plan` is that of the plan file with those figures, held in full.
    soft
        The answer in which limits gave way, where that was needed.
    """

    first: Plan
    result: Result
    plan: Plan | None
    cut: tuple[str, ...] = ()
    followed: bool = False
    soft: Result | None = None
    lines: tuple[str, ...] = field(default=())

    @property
    def has_plan(self) -> bool:
        """Whether the case as it was asked has a plan."""
        return self.result.ok


def ask(scenario: Scenario, case: Case, progress: Progress | None = None) -> Answer:
    """Answer a case as quickly as can be; the conflict is left to `Result.explain`.

    Raises
    ------
    SpecError
        For a change that does not fit.
    Infeasible, Unbounded, LimitReached
        If there is no plan without the changes either.
    """
    say = progress or (lambda words: None)
    first = scenario.plan
    say("solving with the changes")
    result = scenario.solve(case, progress=progress)
    lines = tuple(str(change) for change in result.program.changes)
    if result.ok or result.status != "infeasible":
        return Answer(first, result, result.plan if result.ok else None, lines=lines)
    say("how far the changes can go")
    own = scenario.solve(case, soft="own", progress=progress) if scenario.asks_for_limits(result.program) else result
    if own.ok and own.gave_way:
        answer = _cut_back(scenario, first, result, own)
        return replace(answer, lines=lines)
    say("which limits would have to give way")
    soft = scenario.solve(case, soft=True, progress=progress)
    return Answer(first, result, soft.plan if soft.ok else None, soft=soft, lines=lines)


def _cut_back(scenario: Scenario, first: Plan, result: Result, own: Result) -> Answer:
    """Cut the case back to what has a plan, follow that advice, and solve it with every limit held."""
    program = own.program
    missed = {(g.name, g.label, g.year) for g in own.gave_way}
    rows = [r for r in label_rows(program.data, program.problem) if (r.name, r.label, r.year) in missed]
    advice = advise(program.data, program.problem, own.solution.values[: program.problem.shape[1]], rows)
    words = tuple(dict.fromkeys(advice.words[r.index] for r in rows if r.index in advice.words))
    if not advice.missing and not program.outside:
        try:
            spec = apply_changes(program.spec, advice.changes)
            followed = scenario.solve_spec(program.economy, spec)
        except BadInput:
            followed = None
        if followed is not None and followed.ok:
            return Answer(first, result, followed.plan, words, True, own)
    return Answer(first, result, own.plan, words, False, own)


def document(answer: Answer, base: str | None, plan_id: str | None, conflict: Conflict | None = None) -> dict[str, Any]:
    """Return an answer as plain figures: what `lustrum whatif --json` prints."""
    result, plan, first = answer.result, answer.plan, answer.first
    out: dict[str, Any] = {
        "base": base,
        "case": result.case.name,
        "changes": list(answer.lines),
        "status": result.status,
        "plan_id": plan_id,
        "objective": None,
        "objective_unit": objective_unit(first),
        "objective_change": None,
        "penalty": 0.0,
        "needs": {},
        "gains": [],
        "losses": [],
        "binds": [],
        "gave_way": [],
        "lifted": result.lifted,
        "notes": _notes(answer),
        "advice": list(answer.cut),
        "advice_works": answer.followed,
        "conflict": [],
        "conflict_words": "",
        "method": result.way,
        "seconds": round(result.seconds, 3),
        "comparison": None,
    }
    if plan is not None:
        tables = differences(first, plan)
        out |= _figures(first, plan, tables)
        out["comparison"] = tables
        objective = tables["objective"]
        still = objective["comparable"] and objective["change"] == 0
        if result.ok and still and not any(row["change"] for row in tables["needs"]):
            out["notes"].append("The change does not bind: no need gains or pays, and the objective stays what it was.")
    if answer.soft is not None and answer.soft.ok:
        out["gave_way"] = [
            {"name": g.name, "label": g.label, "year": g.year, "amount": g.amount, "share": g.share, "text": g.text}
            for g in answer.soft.gave_way
        ]
        out["penalty"] = answer.soft.penalty if not answer.followed else 0.0
    if conflict is not None:
        named = zip(conflict.to_list(), conflict.members, strict=True)
        out["conflict"] = [
            {**entry, "relax_by": m.relax_by if math.isfinite(m.relax_by) else None, "text": m.sentence}
            for entry, m in named
        ]
        out["conflict_words"] = str(conflict)
    return out


def _notes(answer: Answer) -> list[str]:
    """What a reader must know of the changes themselves."""
    changes = answer.result.program.changes
    notes = [
        f"`{later}` replaces what `{earlier}` says."
        for k, earlier in enumerate(changes)
        for later in changes[k + 1 :]
        if later.way == earlier.way == "to"
        and (later.what, later.where) == (earlier.what, earlier.where)
        and (earlier.years is None or later.years is None or set(earlier.years) & set(later.years))
    ]
    return notes


def _figures(first: Plan, plan: Plan, tables: dict[str, Any]) -> dict[str, Any]:
    """Objective, needs by year, who gains and pays, and what then holds the plan back."""
    years = [str(y) for y in plan.data.calendar.labels(plan.data.calendar.plan_years)]
    needs = {
        row["code"]: {
            year: row["after"][year] - row["before"][year]
            for year in years
            if row["after"].get(year) is not None and row["before"].get(year) is not None
        }
        for row in tables["needs"]
    }
    rows = [("need", row) for row in tables["needs"]]
    rows += [("household", row) for row in tables["households"]] if len(tables["households"]) > 1 else []
    who = [{"kind": kind, "label": r["code"], "name": r["name"], "change": r["change"]} for kind, r in rows]
    status = {(x["name"], x["label"]): x["status"] for x in tables["limits"]}
    return {
        "objective": q.objective(plan),
        "objective_change": tables["objective"]["change"] if tables["objective"]["comparable"] else None,
        "needs": needs,
        "gains": sorted((w for w in who if w["change"] > 0), key=lambda w: -w["change"]),
        "losses": sorted((w for w in who if w["change"] < 0), key=lambda w: w["change"]),
        "binds": [
            {
                "name": x.family,
                "label": " / ".join(x.labels),
                "year": None,
                "gain": x.gain,
                "text": x.text,
                "by_year": [abs(v) for v in x.marginal_values.values()],
                "status": status.get((x.family, " / ".join(x.labels)), "as before"),
            }
            for x in every_limit(plan)[:LIMITS]
        ],
    }


def conflict_of(answer: Answer, progress: Progress | None = None) -> Conflict | None:
    """Say why there is no plan; None where there is one, or where the reason was not found in time."""
    if answer.has_plan or answer.result.status != "infeasible":
        return None
    try:
        return answer.result.explain(progress)
    except LimitReached:
        return None
