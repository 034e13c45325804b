"""`lustrum congress statute`: read it, amend it, put an adopted version in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.moving import moved, moving
from lustrum.cli.congress.room import Answer, InOrder, Room, act, day_option, look, say, text_of
from lustrum.cli.output import examples, json_option


@click.group(
    "statute", cls=InOrder, short_help="Read and amend the statute.", epilog=examples("lustrum congress statute show")
)
def group() -> None:
    """The statute: numbered articles in Markdown, with the rules that the program reads beside the text."""


@group.command(
    "list", short_help="List the statutes that come with lustrum.", epilog=examples("lustrum congress statute list")
)
@json_option
def list_(as_json: bool) -> None:
    """List the statutes to start from."""
    from lustrum.congress.statute import load_statute, statute_names

    found = [{"name": n, "title": load_statute(n).title} for n in statute_names()]
    say(Answer([f"{f['name']:20} {f['title']}" for f in found], {"statutes": found}), as_json)


@group.command(
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

    statute = room.congress.statutes.in_force(at)
    articles = Things("article", {a.number: a for a in statute.articles})
    text = statute.text if article is None else articles.find(article).text + "\n"
    document = {
        "title": statute.title,
        "version": statute.version().hash,
        "text": text,
        "rules": statute.rules.model_dump(mode="json"),
    }
    return Answer([text.rstrip("\n")], document)


@group.command(
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


@group.command(
    "in-force", short_help="Let an adopted version take effect.", epilog=examples("lustrum congress statute in-force")
)
@act
def in_force(room: Room) -> Answer:
    """Let the version of the statute that was adopted last take effect. Open ballots keep the rules they froze."""
    version = room.congress.statutes.put_in_force()
    return Answer(["The statute as amended is in force.", version], {"version": version})
