"""`lustrum congress`: every step of a secretary. One module a group; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from lustrum.cli.output import examples

#: Command -> module and name in it, in the order of a congress.
COMMANDS = {
    "new": "founding:new",
    "statute": "statute:group",
    "person": "people:person",
    "body": "people:body",
    "credential": "credentials:group",
    "presence": "presence:group",
    "session": "sessions:group",
    "agenda": "agenda:group",
    "document": "papers:group",
    "motion": "motions:group",
    "amendment": "amendments:group",
    "ballot": "counting:group",
    "election": "elections:group",
    "mandate": "mandates:group",
    "plan": "plans:group",
    "task": "tasks:group",
    "show": "looking:show",
    "log": "looking:log",
    "reverse": "looking:reverse",
    "verify": "proving:verify",
    "publish": "proving:publish",
    "export": "proving:export",
    "import": "proving:import_",
    "backup": "proving:backup",
}


class _Commands(click.Group):
    """Commands imported only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found: click.Command = getattr(import_module(f"lustrum.cli.congress.{module}"), name)
        return found


@click.group(
    "congress",
    cls=_Commands,
    short_help="Amend and adopt a plan, elect, entrust, publish.",
    epilog=examples('lustrum congress new "Congress of the North"', "lustrum congress show"),
)
def command() -> None:
    """The congress around a plan: every step is an event in a ledger that proves itself.

    Works on `lustrum.db` in the current folder, or in the one that --workspace names. The key in `lustrum.key` signs
    each step; commands that only read do not need it. A step is taken back by `reverse` until it is certified.
    """
