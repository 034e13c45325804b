"""`lustrum verify`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from lustrum.cli.output import examples, json_option, print_json, show, working, workspace_option
from lustrum.errors import LustrumError


@click.command(
    "verify",
    short_help="Check a plan without trusting who made it.",
    epilog=examples(
        "lustrum verify", "lustrum verify 2026-11-23-001", "lustrum verify ~/received/2026-11-23-001 --json"
    ),
)
@click.argument("plan", required=False)
@workspace_option
@json_option
@click.pass_context
def command(ctx: click.Context, plan: str | None, workspace: Path, as_json: bool) -> None:
    """Check a plan without trusting who made it.

    PLAN is an id, a folder, or nothing for the latest. Only the plan's own files are used: every
    constraint is recomputed in economic terms, and optimality is proven from the stored marginal values.
    """
    with working("verifying"):
        document = verified(plan, workspace)
    if as_json:
        print_json(document)
    else:
        from lustrum.reporting.answers import verification_screen

        show(verification_screen(document))
    if not document["ok"]:
        ctx.exit(1)


def verified(plan: str | None, workspace: Path) -> dict[str, Any]:
    """Verify a plan; return the document."""
    from lustrum.workspace import find_plan, verify
    from lustrum.workspace.plans import read_certificate

    folder = find_plan(plan, workspace)
    found = verify(folder)
    c = found.certificate
    figures = {k: getattr(c, k) for k in ("primal_residual", "dual_residual", "gap", "tolerance")}
    return {
        "ok": found.ok,
        "plan_id": folder.resolve().name,
        "certificate": {k: v if math.isfinite(v) else None for k, v in figures.items()},
        "worst": [
            {
                "constraint": w.constraint,
                "label": w.label,
                "year": w.year,
                "violation": w.violation if math.isfinite(w.violation) else None,
            }
            for w in found.worst
        ],
        "problems": found.problems,
        "economy": _economy(folder, read_certificate(folder)),
    }


def _economy(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    """Compare the plan's accounts with those of the workspace it stands in, if it stands in one."""
    from lustrum.workspace import Workspace

    economy = record.get("economy")
    digest = economy.get("digest") if isinstance(economy, dict) else None
    out: dict[str, Any] = {"digest": digest, "same_as_workspace": None, "note": ""}
    root = folder.resolve().parent.parent
    if folder.resolve().parent.name != "plans" or not (root / "lustrum.yaml").is_file():
        return out
    try:
        home = Workspace.open(root)
        now = home.economy(home.plan_file()[0]).digest
    except LustrumError as e:
        return out | {"note": f"those of the workspace cannot be read now: {str(e).splitlines()[0]}"}
    same = now == digest
    note = "the same as in the workspace now" if same else "changed in the workspace since this plan was made"
    return out | {"same_as_workspace": same, "note": note}
