"""`lustrum schema`."""

from __future__ import annotations

import click

from lustrum.cli.output import examples, json_option, print_bytes


@click.command(
    "schema", short_help="Print the plan file's JSON Schema.", epilog=examples("lustrum schema > lustrum.schema.json")
)
@json_option
def command(as_json: bool) -> None:
    """Print the JSON Schema of the plan file, for editors that complete and check while one types.

    `lustrum new` writes it into the workspace already. With or without --json it is the same document.
    """
    from lustrum.planning.spec import PlanSpec

    print_bytes((PlanSpec.json_schema() + "\n").encode())
