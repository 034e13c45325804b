"""`lustrum plan`."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import examples, json_option, note, print_json, show, workspace_option
from lustrum.cli.working import Say, interruptible, working
from lustrum.errors import AnswerIsNo, CheckFailed, Infeasible, LimitReached, SpecError, Unbounded

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy
    from lustrum.planning.spec import PlanSpec


@click.command(
    "plan",
    short_help="Compute the best plan, prove it and save it.",
    epilog=examples("lustrum plan", "lustrum plan --workspace my-plan", "lustrum plan --json > plan.json"),
)
@workspace_option
@json_option
@click.pass_context
def command(ctx: click.Context, workspace: Path, as_json: bool) -> None:
    """Compute the best plan, prove it, and save it with a sheet for every sector.

    Prints the plan on one screen: needs per head, output, investment, labour and trade; the five limits
    that hold it back most, with what easing each by 1 % would gain; the certificate. If no plan is
    possible, says which limits clash and the least that must give way.
    """
    document = solve_and_save(workspace, as_json)
    if as_json:
        print_json(document)
    if document["status"] != "optimal":
        ctx.exit(1)


def solve_and_save(workspace: Path, quiet: bool) -> dict[str, Any]:
    """Plan a workspace; return the document. Unless `quiet`, show it too."""
    with working("reading the accounts") as say:
        from lustrum.planning.data import PlanData
        from lustrum.planning.diagnosis import diagnose
        from lustrum.solving.solve import solve_plan
        from lustrum.workspace import Workspace, save_plan
        from lustrum.workspace.plans import read_json

        home = Workspace.open(workspace)
        spec, text = home.plan_file()
        economy = home.economy(spec)
        require_sound(economy)
        with located(text):
            notes = diagnose(PlanData(economy, spec))
        began = time.perf_counter()
        try:
            with located(text):
                plan = interruptible(lambda: solve_plan(economy, spec, say))
        except (Infeasible, Unbounded, LimitReached) as e:
            say("looking for what clashes")
            document = _without_a_plan(e, economy, spec, notes, time.perf_counter() - began, say)
        else:
            say("saving")
            folder = save_plan(replace(plan, notes=tuple(notes)), home.plans, text)
            document = read_json(folder / "summary.json")
            document["folder"] = str(folder)
    if not quiet:
        _print(document)
    return document


def require_sound(economy: Economy) -> None:
    """Refuse accounts from which a plan would be wrong.

    Raises
    ------
    CheckFailed
        With the first errors that `check_economy` found.
    """
    from lustrum.accounts.checks import check_economy

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
        from lustrum.planning.plan_file import locate
        from lustrum.workspace.folder import PLAN_FILE

        raise locate(e, text.decode("utf-8-sig"), PLAN_FILE) from None


def _print(document: dict[str, Any]) -> None:
    from lustrum.cli.output import page
    from lustrum.reporting.answers import infeasible_screen
    from lustrum.reporting.plan import plan_screen, saved_line

    for text in document["warnings"]:
        note(f"note: {text}")
    if document["status"] == "optimal":
        show([*plan_screen(document, page().width), saved_line(document["folder"], document["first_sector"])])
    elif document["status"] == "infeasible":
        show(infeasible_screen(document))
    else:
        note(f"error: {document['message']}")


def _without_a_plan(
    error: AnswerIsNo, economy: Economy, spec: PlanSpec, notes: list[str], seconds: float, say: Say
) -> dict[str, Any]:
    status = {Infeasible: "infeasible", Unbounded: "unbounded"}.get(type(error), "limit")
    document: dict[str, Any] = {
        "status": status,
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
        "message": str(error),
        "warnings": notes,
    }
    if status == "infeasible":
        from lustrum.solving.conflict import explain

        conflict = interruptible(lambda: explain(economy, spec, say))
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
