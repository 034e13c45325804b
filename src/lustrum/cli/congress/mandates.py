"""`lustrum congress mandate`: seats that people hold."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, listed, look, plural
from lustrum.cli.output import examples


@click.group(
    "mandate",
    cls=InOrder,
    short_help="Seats: begin, resign, recall, fill.",
    epilog=examples("lustrum congress mandate list committee"),
)
def group() -> None:
    """Mandates: elected, active, ended (expired, resigned, recalled). Each cites the election that made it."""


@group.command(
    "begin",
    short_help="Let the elected take their seats.",
    epilog=examples(
        "lustrum congress mandate begin committee-1 committee-2", "lustrum congress mandate begin --body committee"
    ),
)
@click.argument("mandates", nargs=-1)
@click.option("--body", metavar="BODY", help="All who are elected to this body.")
@act
def begin(room: Room, mandates: tuple[str, ...], body: str | None) -> Answer:
    """Let those who were elected take their seats: all of those named, or none."""

    if (body is None) != bool(mandates):
        raise click.UsageError("name mandates, or give --body BODY")
    if body is not None:
        room.congress.state.bodies.find(body)
        mandates = tuple(room.congress.mandates.begin_all(body))
    else:
        room.congress.mandates.begin(*mandates)
    return Answer([f"{plural(len(mandates), 'mandate')} begun."], {"mandates": list(mandates)})


@group.command(
    "resign",
    short_help="Record that a holder resigned.",
    epilog=examples('lustrum congress mandate resign committee-3 --reason "Moves abroad"'),
)
@click.argument("mandate")
@click.option("--reason", default="", help="Why.")
@act
def resign(room: Room, mandate: str, reason: str) -> Answer:
    """Record that a holder resigned, or declined the seat."""
    room.congress.mandates.resign(mandate, reason)
    return Answer([f"{mandate} has ended: resigned."], {"mandate": mandate, "ended": "resigned"})


@group.command(
    "expire",
    short_help="End mandates whose term is over.",
    epilog=examples("lustrum congress mandate expire committee-1"),
)
@click.argument("mandates", nargs=-1, required=True)
@act
def expire(room: Room, mandates: tuple[str, ...]) -> Answer:
    """End mandates whose term is over."""
    room.congress.mandates.expire(*mandates)
    return Answer([f"{plural(len(mandates), 'mandate')} expired."], {"mandates": list(mandates), "ended": "expired"})


@group.command(
    "recall",
    short_help="End a mandate by a motion that recalled it.",
    epilog=examples("lustrum congress mandate recall committee-4 motion-9"),
)
@click.argument("mandate")
@click.argument("motion")
@act
def recall(room: Room, mandate: str, motion: str) -> Answer:
    """End a mandate by an adopted motion that recalls it (`motion draft --recalls`)."""
    room.congress.mandates.recall(mandate, motion)
    return Answer(
        [f"{mandate} has ended: recalled by {motion}."], {"mandate": mandate, "ended": "recalled", "motion": motion}
    )


@group.command(
    "fill",
    short_help="Fill a vacant seat from the count.",
    epilog=examples("lustrum congress mandate fill committee-3"),
)
@click.argument("mandate")
@act
def fill(room: Room, mandate: str) -> Answer:
    """Fill the seat of one who resigned or was recalled with the next in the count that elected them.

    Only where the statute says so (`vacancies: next_in_count`); else call another election.
    """
    made = room.congress.mandates.fill(mandate)
    person = room.congress.state.people[room.congress.state.mandates[made].person]
    return Answer(
        [f"{made}: {person.name} ({person.id}) follows {mandate}."],
        {"mandate": made, "person": person.id, "follows": mandate},
    )


@group.command(
    "list",
    short_help="List who sits where.",
    epilog=examples("lustrum congress mandate list", "lustrum congress mandate list committee"),
)
@click.argument("body", required=False)
@look
def list_(room: Room, body: str | None) -> Answer:
    """List mandates, those that ended too, and how many seats are vacant."""

    state = room.congress.state
    if body is not None:
        state.bodies.find(body)
    found = [
        {
            "mandate": m.id,
            "body": m.body,
            "person": m.person,
            "name": state.people[m.person].name,
            "status": m.status,
            "since": m.since,
            "until": m.until,
            "ended": m.ended,
        }
        for m in state.mandates.values()
        if body in (None, m.body)
    ]
    columns = (
        ("mandate", "left"),
        ("body", "left"),
        ("person", "left"),
        ("name", "rest"),
        ("state", "left"),
        ("since", "left"),
        ("until", "left"),
        ("ended", "left"),
    )
    lines = listed(columns, [list(r.values()) for r in found], "Nobody was elected yet.")
    vacant = room.congress.mandates.vacancies(body) if body is not None and state.bodies[body].seats else None
    if vacant is not None:
        lines.append(f"{plural(vacant, 'seat')} of {state.bodies[body or ''].seats} vacant.")
    return Answer(lines, {"mandates": found, "vacant": vacant})
