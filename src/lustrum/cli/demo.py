"""`lustrum demo`."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.output import examples, json_option, page, print_json, show


@click.command(
    "demo",
    short_help="The whole story on an embedded economy.",
    epilog=examples("lustrum demo", "lustrum demo /tmp/look --economy island"),
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("lustrum-demo"))
@click.option("--economy", default="us-2019", show_default=True, metavar="NAME", help="The embedded economy to use.")
@json_option
@click.pass_context
def command(ctx: click.Context, folder: Path, economy: str, as_json: bool) -> None:
    """The whole story in a fresh folder: accounts, plan, a sector's sheet, verification.

    Works in DIR (./lustrum-demo), or in the next free name if that is taken.
    """
    from lustrum.cli.plan import solve_and_save
    from lustrum.cli.verify import verified
    from lustrum.reporting.answers import verification_screen
    from lustrum.reporting.plan import sheet_screen
    from lustrum.workspace import new_workspace
    from lustrum.workspace.plans import read_sheet

    def step(text: str) -> None:
        if not as_json:
            from rich.rule import Rule
            from rich.text import Text

            show([Text(), Rule(Text(text, style="bold"), align="left"), Text()])

    place = _free(folder)
    step(f"lustrum new {place} --economy {economy}")
    home = new_workspace(place, economy)
    if not as_json:
        click.echo("The accounts are in economy/, the plan file is lustrum.yaml: tables and text to read and change.")
    step("lustrum plan")
    document = solve_and_save(home.root, as_json)
    if document["status"] != "optimal":
        if as_json:
            print_json({"workspace": str(home.root), "plan": document, "sheet": None, "verify": None})
        ctx.exit(1)
    sector = document["first_sector"]
    sheet = read_sheet(Path(document["folder"]), sector)
    step(f"lustrum show --sector {sector}")
    if not as_json:
        show(sheet_screen(sheet, page().width))
    step("lustrum verify")
    found = verified(document["folder"], home.root)
    if as_json:
        print_json({"workspace": str(home.root), "plan": document, "sheet": sheet, "verify": found})
    else:
        show(verification_screen(found))
        step("Now you")
        click.echo(
            f"  cd {home.root}\n"
            "  lustrum show                      the plan again\n"
            "  lustrum show --table output       output of every sector\n"
            "  lustrum show --limit capacity     what one more machine or building is worth, and where\n"
            "  edit lustrum.yaml, then\n"
            "  lustrum plan                      your own plan, beside the first one"
        )
    if not found["ok"]:
        ctx.exit(1)


def _free(folder: Path) -> Path:
    """The folder, or the next name beside it that is free."""
    if not folder.exists():
        return folder
    number = 2
    while (there := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    return there
