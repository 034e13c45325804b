"""`lustrum economy check`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.economy.sources import accounts
from lustrum.cli.output import examples, json_option, print_json, show, workspace_option
from lustrum.cli.working import working


@click.command(
    "check",
    short_help="Check identities, signs, labels and productivity.",
    epilog=examples("lustrum economy check", "lustrum economy check my-country/economy --json"),
)
@click.argument("source", required=False, metavar="[SRC]")
@workspace_option
@json_option
@click.pass_context
def command(ctx: click.Context, source: str | None, workspace: Path, as_json: bool) -> None:
    """Check accounts: identities of the base year, signs, labels, units, and whether they can produce.

    SRC is a folder of tables, a file, the name of an embedded economy, or nothing for the workspace's own.
    An error means that a plan from these accounts would be wrong; `lustrum plan` then refuses them.
    """
    with working("checking"):
        from lustrum.accounts.checks import check_economy

        report = check_economy(accounts(source, workspace))
    if as_json:
        print_json(report.document())
    else:
        from lustrum.reporting.accounts import check_screen

        show(check_screen(report))
    if not report.ok:
        ctx.exit(1)
