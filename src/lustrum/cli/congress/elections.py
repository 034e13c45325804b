"""`lustrum congress election`: from the call to the mandates."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look, plural
from lustrum.cli.output import examples


@click.group(
    "election",
    cls=InOrder,
    short_help="Call, nominate, declare.",
    epilog=examples("lustrum congress election call session-1 committee"),
)
def group() -> None:
    """Elections: nominations, closed, voting, counted, perhaps a re-ballot, declared. The vote itself is a `ballot`."""


@group.command(
    "call",
    short_help="Call an election to a body or office.",
    epilog=examples(
        "lustrum congress election call session-1 committee",
        "lustrum congress election call session-2 general_secretary --id secretary",
    ),
)
@click.argument("session")
@click.argument("body")
@click.option("--seats", type=click.IntRange(min=1), help="[default: all that are vacant]")
@id_option("election")
@act
def call(room: Room, session: str, body: str, seats: int | None, name: str | None) -> Answer:
    """Call an election in a session of the body that elects, as the statute says."""
    made = room.congress.elections.call(session, body, seats=seats, election=name)
    found = room.congress.state.elections[made]
    rule = room.congress.statutes.rules()["elections"][found.rule]
    title, places = room.congress.state.bodies[body].name, plural(found.seats, "seat")
    words = f"{made}: {title}, {places}, {rule['method']}, {rule['ballot']} vote."
    return Answer([words], {"election": made, "body": body, "seats": found.seats, "method": rule["method"]})


@group.command(
    "nominate",
    short_help="Nominate people.",
    epilog=examples("lustrum congress election nominate election-1 p1 p2 p3 --by d1"),
)
@click.argument("election")
@click.argument("people", nargs=-1, required=True)
@click.option("--by", required=True, metavar="WHO", help="Who nominates.")
@act
def nominate(room: Room, election: str, people: tuple[str, ...], by: str) -> Answer:
    """Nominate people on the register: all of those named, or none."""
    room.congress.elections.nominate(election, *people, by=by)
    standing = len([c for c in room.congress.state.elections[election].candidates.values() if not c.withdrawn])
    return Answer([f"{plural(standing, 'candidate')} for {election}."], {"election": election, "candidates": standing})


@group.command(
    "withdraw",
    short_help="Record that a candidate withdrew.",
    epilog=examples("lustrum congress election withdraw election-1 p3"),
)
@click.argument("election")
@click.argument("person")
@act
def withdraw(room: Room, election: str, person: str) -> Answer:
    """Record that a candidate withdrew, before nominations close."""
    room.congress.elections.withdraw(election, person)
    return Answer([f"{person} no longer stands in {election}."], {"election": election, "person": person})


@group.command("close", short_help="Close nominations.", epilog=examples("lustrum congress election close election-1"))
@click.argument("election")
@act
def close(room: Room, election: str) -> Answer:
    """Close nominations: the candidates are the options of the ballot."""
    names = room.congress.elections.close_nominations(election)
    return Answer(
        [
            f"Nominations for {election} are closed: {', '.join(names)}.",
            f"Next: lustrum congress ballot prepare --election {election}",
        ],
        {"election": election, "candidates": list(names)},
    )


@group.command(
    "declare",
    short_help="Declare who is elected.",
    epilog=examples("lustrum congress election declare election-1 --begin"),
)
@click.argument("election")
@click.option("--begin", is_flag=True, help="Let them take their seats at once.")
@act
def declare(room: Room, election: str, begin: bool) -> Answer:
    """Declare who is elected, after a certified count: each gets a mandate, which begins with `mandate begin`."""
    made = room.congress.elections.declare(election)
    if begin:
        room.congress.mandates.begin(*made.values())
    people = room.congress.state.people
    lines = [f"{plural(len(made), 'mandate')} {'begun' if begin else 'made'}:"]
    lines += [f"  {mandate}  {people[person].name} ({person})" for person, mandate in made.items()]
    return Answer(lines, {"election": election, "mandates": made, "begun": begin})


@group.command("list", short_help="List elections.", epilog=examples("lustrum congress election list"))
@look
def list_(room: Room) -> Answer:
    """List elections with candidates, states and who is elected."""
    found = [
        {
            "election": e.id,
            "body": e.body,
            "seats": e.seats,
            "status": e.status,
            "candidates": [c.person for c in e.candidates.values() if not c.withdrawn],
            "elected": e.elected,
            "contest": list(e.contest),
        }
        for e in room.congress.state.elections.values()
    ]
    rows = [
        (
            e.id,
            e.body,
            e.seats,
            e.status,
            len([c for c in e.candidates.values() if not c.withdrawn]),
            ", ".join(e.elected),
        )
        for e in room.congress.state.elections.values()
    ]
    columns = (
        ("election", "left"),
        ("body", "left"),
        ("seats", "right"),
        ("state", "left"),
        ("candidates", "right"),
        ("elected", "rest"),
    )
    return Answer(listed(columns, rows, "No election was called yet."), {"elections": found})
