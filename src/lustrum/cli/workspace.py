"""`lustrum new` and `lustrum migrate`: a workspace made, and one of an older version brought up to date."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lustrum.cli.output import examples, json_option, print_json, workspace_option


@click.command(
    "new",
    short_help="Make a workspace from an embedded economy or your own tables.",
    epilog=examples(
        "lustrum new my-plan",
        "lustrum new my-plan --economy island",
        "lustrum new my-plan --economy ~/tables/my-country",
        "lustrum new my-plan --economy my-country.xlsx",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--economy",
    default="us-2019",
    show_default=True,
    metavar="NAME|FOLDER|FILE",
    help="An embedded economy (`lustrum doctor` lists them), or a folder or file of your own.",
)
@json_option
def new(folder: Path, economy: str, as_json: bool) -> None:
    """Make a workspace: accounts, a commented plan file, and its schema for editors.

    DIR must be new or empty: nothing is ever overwritten.
    """
    from lustrum.workspace import new_workspace

    home = new_workspace(folder, economy)
    spec, _ = home.plan_file()
    accounts = home.economy(spec)
    if as_json:
        print_json(
            {
                "workspace": str(home.root),
                "economy": accounts.source.name,
                "plan_file": "lustrum.yaml",
                "sectors": accounts.size("activity"),
                "base_year": accounts.base_year,
            }
        )
        return
    click.echo(
        f"Made {home.root}: {accounts.source.title or accounts.source.name}, "
        f"{accounts.size('activity')} sectors, base year {accounts.base_year}."
    )
    click.echo("  economy/       the accounts\n  lustrum.yaml   the plan, to read and change")
    click.echo(f"Next: cd {home.root} && lustrum plan")


@click.command(
    "migrate",
    short_help="Bring a workspace of an older version up to date.",
    epilog=examples("lustrum migrate", "lustrum migrate --workspace my-plan"),
)
@workspace_option
@json_option
def migrate(workspace: Path, as_json: bool) -> None:
    """Bring a workspace of an older version up to date.

    Reads the plan file and the accounts, and the version of every saved plan. Saved plans are sealed and
    stay as they are. There has been one version so far: if every file is of that version, nothing is
    changed. A file of a newer version is refused.
    """
    from lustrum.workspace.migrating import migrate as bring_up_to_date

    files = bring_up_to_date(workspace)
    if as_json:
        print_json({"workspace": str(workspace), "files": [asdict(file) for file in files], "changed": []})
        return
    width = max(len(file.file) for file in files)
    for file in files:
        click.echo(f"{file.file:<{width}}  {file.kind}, version {file.version}")
    click.echo("Every file is of the current version: there is nothing to do.")
