"""`lustrum congress agenda`: the items of a session."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look
from lustrum.cli.output import examples


@click.group(
    "agenda",
    cls=InOrder,
    short_help="Place, call, conclude and defer items.",
    epilog=examples('lustrum congress agenda place session-1 "Report on the last plan"'),
)
def group() -> None:
    """Items of the agenda: planned, open, closed, deferred."""


@group.command(
    "place",
    short_help="Place an item.",
    epilog=examples(
        'lustrum congress agenda place session-1 "Report on the last plan"',
        'lustrum congress agenda place session-1 "Elections" --number 5',
    ),
)
@click.argument("session")
@click.argument("title")
@click.option("--number", type=click.IntRange(min=1), help="Its place.  [default: last]")
@id_option("item")
@act
def place(room: Room, session: str, title: str, number: int | None, name: str | None) -> Answer:
    """Place an item on the agenda of a session."""
    made = room.congress.agenda.place(session, title, number=number, item=name)
    number = room.congress.state.items[made].number
    return Answer([f"{made}: item {number} of {session}, {title}."], {"item": made, "number": number})


@group.command("open", short_help="Call an item.", epilog=examples("lustrum congress agenda open item-1"))
@click.argument("item")
@act
def open_(room: Room, item: str) -> Answer:
    """Call an item: the session takes it up."""
    room.congress.agenda.open(item)
    return Answer([f"{item} is open."], {"item": item, "status": "open"})


@group.command(
    "close",
    short_help="Conclude an item.",
    epilog=examples('lustrum congress agenda close item-1 --note "Taken note of"'),
)
@click.argument("item")
@click.option("--note", default="", help="What came of it.")
@act
def close(room: Room, item: str, note: str) -> Answer:
    """Conclude an item."""
    room.congress.agenda.close(item, note)
    return Answer([f"{item} is closed."], {"item": item, "status": "closed"})


@group.command(
    "defer",
    short_help="Put an item off.",
    epilog=examples('lustrum congress agenda defer item-3 --note "To the next session"'),
)
@click.argument("item")
@click.option("--note", default="", help="Why, or until when.")
@act
def defer(room: Room, item: str, note: str) -> Answer:
    """Put an item off. None is dropped in silence."""
    room.congress.agenda.defer(item, note)
    return Answer([f"{item} is deferred."], {"item": item, "status": "deferred"})


@group.command("list", short_help="List the agenda.", epilog=examples("lustrum congress agenda list session-1"))
@click.argument("session", required=False)
@look
def list_(room: Room, session: str | None) -> Answer:
    """List the agenda of a session, or of all."""

    state = room.congress.state
    if session is not None:
        state.sessions.find(session)
    items = [i for i in state.items.values() if session in (None, i.session)]
    items.sort(key=lambda i: (list(state.sessions).index(i.session), i.number))
    found = [
        {"item": i.id, "session": i.session, "number": i.number, "title": i.title, "status": i.status, "note": i.note}
        for i in items
    ]
    columns = (
        ("item", "left"),
        ("session", "left"),
        ("no.", "right"),
        ("title", "rest"),
        ("state", "left"),
        ("note", "left"),
    )
    return Answer(listed(columns, [list(r.values()) for r in found], "The agenda is empty."), {"agenda": found})
