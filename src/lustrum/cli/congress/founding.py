"""`lustrum congress new`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.room import KEY, LEDGER, Answer, say, text_of
from lustrum.cli.output import examples, json_option, workspace_option


@click.command(
    "new",
    short_help="Found a congress under a statute.",
    epilog=examples(
        'lustrum congress new "Congress of the North"',
        'lustrum congress new "River Cooperative" --statute votes-cast',
        'lustrum congress new "Metal Union" --statute statute.md --workspace union',
    ),
)
@click.argument("name")
@click.option(
    "--statute",
    default="congress",
    show_default=True,
    metavar="NAME|FILE",
    help="A statute that comes with lustrum (`lustrum congress statute list`), or a Markdown file.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    envvar="LUSTRUM_KEY",
    metavar="FILE",
    help=f"A key that is there already signs; else a new one is written there.  [default: {KEY}]",
)
@workspace_option
@json_option
def new(name: str, statute: str, key: Path | None, workspace: Path, as_json: bool) -> None:
    """Found a congress: a ledger in `lustrum.db`, and the key that signs it in `lustrum.key`.

    Whoever has the key can write the ledger on. Keep a copy of it apart from the ledger, and never publish it.
    """
    from lustrum.congress.assembly import Congress
    from lustrum.congress.ledger import SigningKey

    read = _statute(statute)
    file = key or workspace / KEY
    there = file.exists()
    signing = SigningKey.load(file) if there else SigningKey.generate()
    if not (workspace / LEDGER).exists() and not there:
        signing.save(file)
    try:
        with Congress.create(workspace / LEDGER, signing, name=name, statute=read) as congress:
            head, public, highest = congress.ledger.head, congress.ledger.public_key, congress.state.body
    except BaseException:
        if not there:
            file.unlink(missing_ok=True)
        raise
    lines = [
        f"{name} is founded: {workspace / LEDGER}, highest body {highest}.",
        f"Key: {file}{'' if there else ' (new; keep a copy elsewhere, and never publish it)'}",
        f"Signed by {public}",
        "Next: lustrum congress session convene, lustrum congress credential import",
    ]
    document = {
        "name": name,
        "ledger": str(workspace / LEDGER),
        "key": str(file),
        "public_key": public,
        "body": highest,
        "head": {"height": head.height, "hash": head.hash},
    }
    say(Answer(lines, document), as_json)


def _statute(name: str) -> Any:
    from lustrum.congress.statute import parse_statute, statute_names, statute_text

    if name in statute_names() or not (name.endswith(".md") or Path(name).exists() or name == "-"):
        return parse_statute(statute_text(name), f"{name}.md")
    return parse_statute(text_of(Path(name)), name)
