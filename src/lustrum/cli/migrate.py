"""`lustrum migrate`. A short file: the work is in `lustrum.workspace.migrating`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lustrum.cli.output import examples, json_option, print_json, workspace_option


@click.command(
    "migrate",
    short_help="Bring a workspace of an older version up to date.",
    epilog=examples("lustrum migrate", "lustrum migrate --workspace my-plan"),
)
@workspace_option
@json_option
def command(workspace: Path, as_json: bool) -> None:
    """Bring a workspace of an older version up to date.

    Reads the plan file and the accounts, and the version of every saved plan. Saved plans are sealed and
    stay as they are. There has been one version so far: if every file is of that version, nothing is
    changed. A file of a newer version is refused.
    """
    from lustrum.workspace.migrating import migrate

    files = migrate(workspace)
    if as_json:
        print_json({"workspace": str(workspace), "files": [asdict(file) for file in files], "changed": []})
        return
    width = max(len(file.file) for file in files)
    for file in files:
        click.echo(f"{file.file:<{width}}  {file.kind}, version {file.version}")
    click.echo("Every file is of the current version: there is nothing to do.")
