"""`lustrum plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import (
    examples,
    interruptible,
    json_option,
    note,
    print_json,
    show,
    working,
    workspace_option,
)

if TYPE_CHECKING:
    pass


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
        from lustrum.workspace import Workspace
        from lustrum.workspace.making import make_plan

        home = Workspace.open(workspace)
        document = interruptible(lambda: make_plan(home, say))
    if not quiet:
        _print(document)
    return document


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
