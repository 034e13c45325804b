"""From a workspace's folder to its plan and back: read, check, solve, save; or say why there is no plan.

The main walk: `Workspace` reads accounts and plan file, `Scenario` solves them, `save_plan` keeps the plan.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.errors import CheckFailed, SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.diagnosis import diagnose
from lustrum.planning.plan_file import locate
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.result import Result
from lustrum.scenario.scenario import Scenario
from lustrum.workspace.folder import PLAN_FILE, Workspace
from lustrum.workspace.plans import load_plan, read_json, save_plan

Progress = Callable[[str], None]

#: Plans that are looked at for one of today's plan file and accounts, the latest first.
LOOKED_AT = 3


def make_plan(home: Workspace, say: Progress) -> dict[str, Any]:
    """Plan a workspace and save the plan; return its document, that of `lustrum plan --json`.

    Raises
    ------
    BadInput
        If accounts or plan file cannot be used.
    CheckFailed
        If a plan from these accounts would be wrong.
    """
    spec, text = home.plan_file()
    economy = home.economy(spec)
    require_sound(economy)
    with located(text):
        notes = diagnose(PlanData(economy, spec))
        began = time.perf_counter()
        result = Scenario(economy, spec).solve(progress=say)
    if not result.ok:
        say("looking for what clashes")
        return _without_a_plan(result, notes, time.perf_counter() - began, say)
    say("saving")
    folder = save_plan(replace(result.plan, notes=tuple(notes)), home.plans, text)
    return {**read_json(folder / "summary.json"), "folder": str(folder)}


def workspace_scenario(home: Workspace, say: Progress) -> tuple[Scenario, str | None]:
    """Return the scenario of a workspace, and the id of the saved plan that it begins with (None: there is none).

    Raises
    ------
    BadInput, CheckFailed
        As for `make_plan`.
    """
    spec, text = home.plan_file()
    with located(text):
        economy = home.economy(spec)
        require_sound(economy)
        for name in reversed(home.plan_ids()[-LOOKED_AT:]):
            say(f"reading plan {name}")
            plan = load_plan(home.plans / name)
            if plan.spec == spec and plan.economy.digest == economy.digest:
                return Scenario(economy, spec, plan), name
    return Scenario(economy, spec), None


def require_sound(economy: Economy) -> None:
    """Refuse accounts from which a plan would be wrong.

    Raises
    ------
    CheckFailed
        With the first errors that `check_economy` found.
    """
    report = check_economy(economy)
    if not report.ok:
        errors = [f for f in report.findings if f.severity == "error"]
        lines = [f"  {f.where}: {f.what}" + (f"\n    mend: {f.mend}" if f.mend else "") for f in errors[:5]]
        more = f"\n  and {len(errors) - 5} more: `lustrum economy check` lists all" if len(errors) > 5 else ""
        raise CheckFailed("a plan from these accounts would be wrong\n" + "\n".join(lines) + more)


@contextmanager
def located(text: bytes) -> Iterator[None]:
    """Add file and line to errors that name a field of the plan file."""
    try:
        yield
    except SpecError as e:
        raise locate(e, text.decode("utf-8-sig"), PLAN_FILE) from None


def _without_a_plan(result: Result, notes: list[str], seconds: float, say: Progress) -> dict[str, Any]:
    """The document of a plan that there is not: the conflict, and what would have to give way."""
    spec: PlanSpec = result.program.spec
    document: dict[str, Any] = {
        "status": result.status,
        "objective": None,
        "objective_kind": spec.objective.kind,
        "method": None,
        "seconds": round(seconds, 3),
        "plan_id": None,
        "name": spec.name,
        "certificate": None,
        "needs": {},
        "activity": {},
        "investment": {},
        "limits": [],
        "conflict": [],
        "message": str(result.error),
        "warnings": notes,
    }
    if result.status == "infeasible":
        conflict = result.explain(say)
        way = conflict.advice or conflict.relaxation
        document["message"] = str(conflict)
        document["conflict"] = [
            {
                "name": m.name,
                "label": m.label,
                "year": m.year,
                "text": m.sentence,
                "relax_by": m.relax_by if math.isfinite(m.relax_by) else None,
            }
            for m in conflict.members
        ]
        document["relaxation"] = [
            {"name": e.name, "label": e.label, "year": e.year, "amount": e.amount, "advice": e.advice}
            for e in (way.entries if way else ())
        ]
        document["changes"] = [str(change) for change in (way.changes if way else ())]
    return document
