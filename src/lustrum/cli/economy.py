"""`lustrum economy`: what can be done with accounts before they are planned with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lustrum.cli.output import examples, json_option, print_json, show, workspace_option
from lustrum.cli.working import working

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy


@click.group("economy", short_help="Look into accounts: check.", epilog=examples("lustrum economy check us-2019"))
def command() -> None:
    """Look into accounts before planning with them."""


@command.command(
    "check",
    short_help="Check identities, signs, labels and productivity.",
    epilog=examples("lustrum economy check", "lustrum economy check my-country/economy --json"),
)
@click.argument("source", required=False, metavar="[SRC]")
@workspace_option
@json_option
@click.pass_context
def check(ctx: click.Context, source: str | None, workspace: Path, as_json: bool) -> None:
    """Check accounts: identities of the base year, signs, labels, units, and whether they can produce.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own.
    An error means that a plan from these accounts would be wrong; `lustrum plan` then refuses them.
    """
    with working("checking"):
        from lustrum.accounts.checks import check_economy

        report = check_economy(_accounts(source, workspace))
    if as_json:
        print_json(report.document())
    else:
        from lustrum.reporting.accounts import check_screen

        show(check_screen(report))
    if not report.ok:
        ctx.exit(1)


def _accounts(source: str | None, workspace: Path) -> Economy:
    if source is not None:
        from lustrum.accounts.embedded import load_economy

        return load_economy(source)
    from lustrum.workspace import Workspace

    home = Workspace.open(workspace)
    return home.economy(home.plan_file()[0])
