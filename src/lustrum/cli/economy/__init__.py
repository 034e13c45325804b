"""`lustrum economy`: what is done with accounts before they are planned with. One module a command."""

from __future__ import annotations

from importlib import import_module

import click

from lustrum.cli.output import examples

#: Command -> module that holds it, in the order of the work.
COMMANDS = {
    "template": "lustrum.cli.economy.template",
    "import": "lustrum.cli.economy.import_",
    "check": "lustrum.cli.economy.check",
    "show": "lustrum.cli.economy.show",
    "compare": "lustrum.cli.economy.compare",
    "multipliers": "lustrum.cli.economy.multipliers",
    "aggregate": "lustrum.cli.economy.aggregate",
    "disaggregate": "lustrum.cli.economy.disaggregate",
    "balance": "lustrum.cli.economy.balance",
    "project": "lustrum.cli.economy.project",
    "deflate": "lustrum.cli.economy.deflate",
    "export": "lustrum.cli.economy.export",
}


class _Commands(click.Group):
    """Commands imported only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(COMMANDS[cmd_name]).command
        return found


@click.group(
    "economy",
    cls=_Commands,
    short_help="Bring accounts in, look into them, mend and convert them.",
    epilog=examples("lustrum economy check us-2019"),
)
def command() -> None:
    """Work with accounts before planning with them."""
