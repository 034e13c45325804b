"""`lustrum economy compare`."""

from __future__ import annotations

import click

from lustrum.cli.output import examples, json_option, page, print_json, show
from lustrum.cli.working import working


@click.command(
    "compare",
    short_help="Tell what differs between two tables, and by how much.",
    epilog=examples(
        "lustrum economy compare us-2019-16 us-2019",
        "lustrum economy compare my-country/economy balanced --json > differences.json",
    ),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@json_option
def command(a: str, b: str, as_json: bool) -> None:
    """Compare two economies: sums, cells, input coefficients and output multipliers.

    A and B are folders, files or embedded economies. Only what both have is compared; what one has alone is listed. The
    weighted absolute percentage error, WAPE, is the sum of all differences over the sum of A's figures.
    """
    with working("comparing"):
        from lustrum.accounts.embedded import load_economy
        from lustrum.accounts.national.compare import compare

        document = compare(load_economy(a), load_economy(b)).document()
    if as_json:
        print_json(document)
    else:
        from lustrum.reporting.accounts import compare_screen

        show(compare_screen(document, page().width))
