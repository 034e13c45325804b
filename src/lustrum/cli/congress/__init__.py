"""`lustrum congress`: every step of a secretary. One module a group; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from lustrum.cli.output import examples

#: Command -> module and name in it, in the order of a congress.
COMMANDS = {
    "new": "founding:new",
    "statute": "founding:statute",
    "person": "people:person",
    "body": "people:body",
    "credential": "people:credential",
    "presence": "people:presence",
    "session": "sessions:session",
    "agenda": "sessions:agenda",
    "document": "documents:document",
    "motion": "motions:motion",
    "amendment": "amendments:amendment",
    "ballot": "ballots:ballot",
    "election": "elections:election",
    "mandate": "elections:mandate",
    "plan": "documents:plan",
    "task": "tasks:task",
    "show": "record:show_thing",
    "log": "record:log",
    "reverse": "record:reverse",
    "verify": "record:verify",
    "publish": "record:publish",
    "export": "record:export",
    "import": "record:import_",
    "backup": "record:backup",
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
