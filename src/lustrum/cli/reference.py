"""docs/cli.md, made from the commands themselves: `python -m lustrum.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from lustrum.cli.app import cli

_HEAD = """\
# The command line

This page lists every command with its options, as `--help` prints them. A typical session is

```
lustrum new my-plan --economy us-2019     make a workspace: accounts and a plan file
cd my-plan
lustrum plan                              compute the plan, prove it and save it
lustrum show --sector 23                  read it back, here the sheet of one sector
lustrum verify                            check it without the solver
```

(The page is generated: `python -m lustrum.cli.reference > docs/cli.md`. A test checks that it is up to date.)

Commands work in the workspace of the current folder, or in the one that `--workspace` names. With `--json`
a command prints one JSON document on stdout and nothing else; an error is printed as `{"error": {…}}`. Progress
is shown on stderr, and only in a terminal.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | the answer is no, and the reason is printed: no plan is possible, or a plan is not verified |
| 2 | bad input, or a place that cannot be read or written; the message says what was found, where, and how to mend it |
| 70 | a bug in lustrum, with a traceback to report |
| 130 | stopped with Ctrl-C |
| 141 | the output pipe was closed (`lustrum show \\| head -1`) |

A plan is saved whole or not at all, even if the command is killed, and is never overwritten.
"""


def render() -> str:
    """Return the page."""
    parts = [_HEAD, "## lustrum\n", _help(cli, click.Context(cli, info_name="lustrum"))]
    for path, context in leaves_and_groups():
        parts += [f"## lustrum {path}\n", _help(context.command, context)]
    return "\n".join(parts)


def leaves_and_groups() -> Iterator[tuple[str, click.Context]]:
    """Yield every command below `lustrum`, groups before what is in them, with its name and context."""
    yield from _below("", click.Context(cli, info_name="lustrum"))


def _below(path: str, parent: click.Context) -> Iterator[tuple[str, click.Context]]:
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield f"{path}{name}", context
        if isinstance(command, click.Group):
            yield from _below(f"{path}{name} ", context)


def _help(command: click.Command, context: click.Context) -> str:
    context.terminal_width = 90
    context.help_option_names = ["-h", "--help"]
    lines = [line.rstrip() for line in command.get_help(context).splitlines()]
    return "```\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    sys.stdout.write(render())
