"""`lustrum congress session` and `agenda`: sittings of bodies, from the call to the anchor that is published."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, day_option, id_option, look, step, table
from lustrum.cli.output import examples


@click.group(
    "session",
    cls=InOrder,
    short_help="Convene, open, suspend and close sessions.",
    epilog=examples('lustrum congress session convene "Ordinary congress"'),
)
def session() -> None:
    """Sittings of bodies: convened, accrediting, open, suspended, closed."""


@session.command(
    "convene",
    short_help="Call a body together.",
    epilog=examples(
        'lustrum congress session convene "Ordinary congress" --date 2026-11-23',
        'lustrum congress session convene "First plenary" --body committee',
    ),
)
@click.argument("title")
@day_option("date", "The day.  [default: today]")
@click.option("--body", metavar="BODY", help="The body that sits.  [default: the highest]")
@id_option("session")
@act
def convene(room: Room, title: str, date: str | None, body: str | None, name: str | None) -> Answer:
    """Call a body together for a day."""
    from datetime import datetime

    day = date or datetime.now().date().isoformat()
    made = room.congress.sessions.convene(title, day, body=body, session=name)
    session = room.congress.state.sessions[made]
    words = f"{made}: {title}, {session.body}, convened for {day}."
    return Answer([words], {"session": made, "body": session.body, "date": day})


for name, short, help_, says, status in (
    ("accredit", "Begin to record who is there.", "", "takes credentials and presence", "accrediting"),
    ("open", "Open a session.", "Open a session: it can debate and vote.", "is open", "open"),
    ("suspend", "Suspend a session.", "Suspend a session; presence stays as it is.", "is suspended", "suspended"),
    ("resume", "Take a suspended session up again.", "", "is open again", "open"),
):
    step(
        session,
        name,
        short,
        help_ or short,
        "session",
        example=f"lustrum congress session {name} session-1",
        does=f"sessions.{name}",
        says=f"{{session}} {says}.",
        tells=f"session status={status}",
    )


@session.command(
    "close",
    short_help="Close a session, and print the anchor to publish.",
    epilog=examples("lustrum congress session close session-1"),
)
@click.argument("session")
@act
def close_session(room: Room, session: str) -> Answer:
    """Close a session for good, and print its anchor.

    Publish the anchor where you cannot change it: in the printed report, in a newspaper, with every delegate. Whoever
    has it can tell whether the ledger was cut or rewritten since: `lustrum congress verify --anchor ANCHOR`.
    """
    anchor = room.congress.sessions.close(session)
    return Answer([f"{session} is closed.", "Publish this anchor:", anchor], {"session": session, "anchor": anchor})


@session.command("list", short_help="List sessions.", epilog=examples("lustrum congress session list"))
@look
def list_sessions(room: Room) -> Answer:
    """List sessions with their state and how many are present."""
    state = room.congress.state
    found = [
        {
            "session": s.id,
            "title": s.title,
            "body": s.body,
            "date": s.date,
            "status": s.status,
            "present": state.present(s),
        }
        for s in state.sessions.values()
    ]
    return table(
        "sessions", found, ("session", "*title", "body", "date", "state", ">present"), "No session was convened yet."
    )


@click.group(
    "agenda",
    cls=InOrder,
    short_help="Place, call, conclude and defer items.",
    epilog=examples('lustrum congress agenda place session-1 "Report on the last plan"'),
)
def agenda() -> None:
    """Items of the agenda: planned, open, closed, deferred."""


@agenda.command(
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


step(
    agenda,
    "open",
    "Call an item.",
    "Call an item: the session takes it up.",
    "item",
    example="lustrum congress agenda open item-1",
    does="agenda.open",
    says="{item} is open.",
    tells="item status=open",
)
step(
    agenda,
    "close",
    "Conclude an item.",
    "Conclude an item.",
    "item",
    click.option("--note", default="", help="What came of it."),
    example='lustrum congress agenda close item-1 --note "Taken note of"',
    does="agenda.close",
    says="{item} is closed.",
    tells="item status=closed",
)
step(
    agenda,
    "defer",
    "Put an item off.",
    "Put an item off. None is dropped in silence.",
    "item",
    click.option("--note", default="", help="Why, or until when."),
    example='lustrum congress agenda defer item-3 --note "To the next session"',
    does="agenda.defer",
    says="{item} is deferred.",
    tells="item status=deferred",
)


@agenda.command("list", short_help="List the agenda.", epilog=examples("lustrum congress agenda list session-1"))
@click.argument("session", required=False)
@look
def list_items(room: Room, session: str | None) -> Answer:
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
    return table("agenda", found, ("item", "session", ">no.", "*title", "state", "note"), "The agenda is empty.")
