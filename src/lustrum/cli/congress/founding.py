"""`lustrum congress new` and `statute`: a congress is founded under a statute, which is read, amended, put in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.motions import moved, moving
from lustrum.cli.congress.room import KEY, LEDGER, Answer, InOrder, Room, act, day_option, look, say, text_of
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


@click.group(
    "statute", cls=InOrder, short_help="Read and amend the statute.", epilog=examples("lustrum congress statute show")
)
def statute() -> None:
    """The statute: numbered articles in Markdown, with the rules that the program reads beside the text."""


@statute.command(
    "list", short_help="List the statutes that come with lustrum.", epilog=examples("lustrum congress statute list")
)
@json_option
def list_statutes(as_json: bool) -> None:
    """List the statutes to start from."""
    from lustrum.congress.statute import load_statute, statute_names

    found = [{"name": n, "title": load_statute(n).title} for n in statute_names()]
    say(Answer([f"{f['name']:20} {f['title']}" for f in found], {"statutes": found}), as_json)


@statute.command(
    "show",
    short_help="Print the statute, as it is or was.",
    epilog=examples(
        "lustrum congress statute show",
        "lustrum congress statute show --article 7",
        "lustrum congress statute show --at 2026-11-23",
        "lustrum congress statute show > statute.md",
    ),
)
@click.option("--article", metavar="NUMBER", help="This article alone.")
@day_option("at", "As it was in force at the end of this day.")
@look
def show(room: Room, article: str | None, at: str | None) -> Answer:
    """Print the statute in force, exactly as it is written; with --json also the rules that are read."""
    from lustrum.congress.state import Things

    found = room.congress.statutes.in_force(at)
    articles = Things("article", {a.number: a for a in found.articles})
    text = found.text if article is None else articles.find(article).text + "\n"
    document = {
        "title": found.title,
        "version": found.version().hash,
        "text": text,
        "rules": found.rules.model_dump(mode="json"),
    }
    return Answer([text.rstrip("\n")], document)


@statute.command(
    "amend",
    short_help="Move an amendment to the statute.",
    epilog=examples(
        "lustrum congress statute amend motion-1 --by d1 --article article-7.md",
        "lustrum congress statute amend motion-1 --by committee --delete 13",
    ),
)
@click.argument("motion")
@click.option(
    "--article",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The article as it is to read, with its heading. A number that is not in use is a new article.",
)
@click.option("--delete", "number", metavar="NUMBER", help="The article to strike out.")
@moving
@act
def amend(room: Room, motion: str, file: Path | None, number: str | None, **given: Any) -> Answer:
    """Draft an amendment to the statute, on a motion on it (`motion draft --document statute`)."""
    from lustrum.congress.documents import delete
    from lustrum.congress.statute import insert_article, replace_article

    if (file is None) == (number is None):
        raise click.UsageError("give --article FILE or --delete NUMBER")
    version = room.congress.documents.version(room.congress.state.statute)
    if number is not None:
        return moved(room, motion, delete(version, f"article-{number}"), **given)
    text = text_of(file) if file is not None else ""
    words = text.split()
    known = len(words) > 2 and f"article-{words[2].rstrip('.')}" in version
    return moved(room, motion, replace_article(version, text) if known else insert_article(version, text), **given)


@statute.command(
    "in-force", short_help="Let an adopted version take effect.", epilog=examples("lustrum congress statute in-force")
)
@act
def in_force(room: Room) -> Answer:
    """Let the version of the statute that was adopted last take effect. Open ballots keep the rules they froze."""
    version = room.congress.statutes.put_in_force()
    return Answer(["The statute as amended is in force.", version], {"version": version})
