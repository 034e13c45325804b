"""`lustrum congress session`: sittings of bodies, from the call to the anchor that is published."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, day_option, id_option, listed, look
from lustrum.cli.output import examples


@click.group(
    "session",
    cls=InOrder,
    short_help="Convene, open, suspend and close sessions.",
    epilog=examples('lustrum congress session convene "Ordinary congress"'),
)
def group() -> None:
    """Sittings of bodies: convened, accrediting, open, suspended, closed."""


@group.command(
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


def _step(name: str, short: str, words: str, help_: str) -> None:
    @group.command(name, short_help=short, help=help_, epilog=examples(f"lustrum congress session {name} session-1"))
    @click.argument("session")
    @act
    def step(room: Room, session: str) -> Answer:
        getattr(room.congress.sessions, name)(session)
        return Answer(
            [f"{session} {words}."], {"session": session, "status": room.congress.state.sessions[session].status}
        )


_step("accredit", "Begin to record who is there.", "takes credentials and presence", "Begin to record who is there.")
_step("open", "Open a session.", "is open", "Open a session: it can debate and vote.")
_step("suspend", "Suspend a session.", "is suspended", "Suspend a session; presence stays as it is.")
_step("resume", "Take a suspended session up again.", "is open again", "Take a suspended session up again.")


@group.command(
    "close",
    short_help="Close a session, and print the anchor to publish.",
    epilog=examples("lustrum congress session close session-1"),
)
@click.argument("session")
@act
def close(room: Room, session: str) -> Answer:
    """Close a session for good, and print its anchor.

    Publish the anchor where you cannot change it: in the printed report, in a newspaper, with every delegate. Whoever
    has it can tell whether the ledger was cut or rewritten since: `lustrum congress verify --anchor ANCHOR`.
    """
    anchor = room.congress.sessions.close(session)
    return Answer([f"{session} is closed.", "Publish this anchor:", anchor], {"session": session, "anchor": anchor})


@group.command("list", short_help="List sessions.", epilog=examples("lustrum congress session list"))
@look
def list_(room: Room) -> Answer:
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
    columns = (
        ("session", "left"),
        ("title", "rest"),
        ("body", "left"),
        ("date", "left"),
        ("state", "left"),
        ("present", "right"),
    )
    return Answer(
        listed(columns, [list(r.values()) for r in found], "No session was convened yet."), {"sessions": found}
    )
