"""`lustrum economy`: what is done with accounts before they are planned with. Here: its commands, and their sources."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import Command, examples

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

#: Command -> module that holds it, in the order of the work.
COMMANDS = {
    "template": "write",
    "import": "import_",
    "check": "look",
    "show": "look",
    "compare": "look",
    "multipliers": "look",
    "aggregate": "change",
    "disaggregate": "change",
    "balance": "change",
    "project": "change",
    "deflate": "change",
    "export": "write",
}


class _Commands(click.Group):
    """Commands imported only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module: Any = import_module(f"lustrum.cli.economy.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found


@click.group(
    "economy",
    cls=_Commands,
    short_help="Bring accounts in, look into them, mend and convert them.",
    epilog=examples("lustrum economy check us-2019"),
)
def command() -> None:
    """Work with accounts before planning with them."""


def accounts(source: str | None, workspace: Path) -> Economy:
    """Load an economy: embedded, folder, file, or (None) the workspace's own."""
    if source is not None:
        from lustrum.accounts.embedded import load_economy

        return load_economy(source)
    from lustrum.workspace import Workspace

    home = Workspace.open(workspace)
    return home.economy(home.plan_file()[0])


def file_option(*names: str, help: str, required: bool = False) -> Callable[[Command], Command]:
    """Add an option that names a file to read."""
    return click.option(*names, type=click.Path(path_type=Path), required=required, metavar="FILE", help=help)
