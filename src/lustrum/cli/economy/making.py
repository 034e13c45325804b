"""What the commands share that make new accounts of old ones: their options, and what is said at the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.economy.new_file import write_new
from lustrum.cli.output import json_option, workspace_option

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

Command = Callable[..., Any]


def making(command: Command) -> Command:
    """Add what every command has that makes new accounts: SRC, -o, --name, --workspace, --json."""
    for add in (
        json_option,
        workspace_option,
        click.option("--name", metavar="NAME", help="Short name of the new accounts; SRC's own if left out."),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            required=True,
            metavar="DIR",
            help="Folder to write; nothing may be there yet.",
        ),
        click.argument("source", required=False, metavar="[SRC]"),
    ):
        command = add(command)
    return command


def file_option(*names: str, help: str, required: bool = False) -> Callable[[Command], Command]:
    """Add an option that names a file to read."""
    return click.option(*names, type=click.Path(path_type=Path), required=required, metavar="FILE", help=help)


def require_free(folder: Path) -> None:
    """Refuse, before any work is done, a place that something is in already."""
    from lustrum.errors import WorkspaceError

    if os.path.lexists(folder):
        raise WorkspaceError(
            "something is there already, and nothing is ever overwritten",
            where=str(folder),
            mend="choose another folder with -o, or delete it first",
        )


def finish(economy: Economy, before: int, output: Path, name: str | None, as_json: bool, **more: Any) -> None:
    """Write accounts in one move, check them, and say what was moved on the way.

    Parameters
    ----------
    before
        Entries that the provenance had when the accounts were read: what came after is said.
    more
        Further entries of the JSON document.
    """
    from lustrum.accounts.checks import check_economy
    from lustrum.accounts.economy import Economy as Accounts
    from lustrum.accounts.readers.folder import write_folder
    from lustrum.cli.output import print_json, show
    from lustrum.reporting.accounts import made_document, made_screen

    if name:
        economy = Accounts(replace(economy.source, name=name), economy.sets, economy.data, economy.provenance)
    write_new(output, lambda aside: write_folder(economy, aside))
    document = made_document(economy, economy.provenance[before:], check_economy(economy), str(output), more)
    if as_json:
        print_json(document)
    else:
        show(made_screen(document))
