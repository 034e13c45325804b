"""`lustrum schema` and `lustrum parameters`: what a plan file may say, for editors and for people."""

from __future__ import annotations

from dataclasses import asdict

import click

from lustrum.cli.output import csv_option, examples, json_option, print_bytes, print_json, show


@click.command(
    "schema", short_help="Print the plan file's JSON Schema.", epilog=examples("lustrum schema > lustrum.schema.json")
)
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of the plan file, for editors that complete and check while one types.

    `lustrum new` writes it into the workspace already. With or without --json it is the same document.
    """
    from lustrum.planning.spec import PlanSpec

    print_bytes((PlanSpec.json_schema() + "\n").encode())


@click.command(
    "parameters",
    short_help="Print every number of the plan file.",
    epilog=examples("lustrum parameters", "lustrum parameters trade", "lustrum parameters --csv > parameters.csv"),
)
@click.argument("section", required=False)
@json_option
@csv_option
def parameters(section: str | None, as_json: bool, as_csv: bool) -> None:
    """Print every number and switch of the plan file: default, unit, range, meaning.

    SECTION shows one part of it, such as trade or adjustment.output.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    from rich.text import Text

    from lustrum.errors import SpecError
    from lustrum.labels import unknown_label
    from lustrum.planning.parameters import PARAMETERS
    from lustrum.reporting.answers import csv_text

    chosen = [
        p for path, p in PARAMETERS.items() if section is None or path == section or path.startswith(f"{section}.")
    ]
    if not chosen:
        expected, mend = unknown_label(section, list(dict.fromkeys(p.split(".")[0] for p in PARAMETERS)), "section")
        raise SpecError(f"no parameters under {section!r}", expected=expected, mend=mend)
    if as_json:
        print_json({"parameters": [asdict(p) for p in chosen]})
        return
    if as_csv:
        rows = [["path", "default", "unit", "low", "high", "meaning"]]
        rows += [["" if v is None else str(v) for v in asdict(p).values()] for p in chosen]
        print_bytes(csv_text(rows).encode())
        return
    parts = []
    for p in chosen:
        default = "off" if p.default is None else str(p.default).lower() if isinstance(p.default, bool) else p.default
        span = f"{p.low:g}..{p.high:g}" if p.low is not None and p.high is not None else ""
        parts.append(Text.assemble((p.path, "bold"), f" = {default}", (f"  {p.unit}  {span}".rstrip(), "dim")))
        parts.append(Text(f"    {p.meaning}"))
    show(parts)
