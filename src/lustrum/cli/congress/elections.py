"""`lustrum congress election` and `mandate`: from the call to the mandates, and the seats that people hold."""

from __future__ import annotations

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look, plural, step, table
from lustrum.cli.output import examples


@click.group(
    "election",
    cls=InOrder,
    short_help="Call, nominate, declare.",
    epilog=examples("lustrum congress election call session-1 committee"),
)
def election() -> None:
    """Elections: nominations, closed, voting, counted, perhaps a re-ballot, declared. The vote itself is a `ballot`."""


@election.command(
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


@election.command(
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


step(
    election,
    "withdraw",
    "Record that a candidate withdrew.",
    "Record that a candidate withdrew, before nominations close.",
    "election",
    "person",
    example="lustrum congress election withdraw election-1 p3",
    does="elections.withdraw",
    says="{person} no longer stands in {election}.",
    tells="election person",
)


@election.command(
    "close", short_help="Close nominations.", epilog=examples("lustrum congress election close election-1")
)
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


@election.command(
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


@election.command("list", short_help="List elections.", epilog=examples("lustrum congress election list"))
@look
def list_elections(room: Room) -> Answer:
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
    return table(
        "elections",
        found,
        ("election", "body", ">seats", "state", ">candidates", "*elected"),
        "No election was called yet.",
        rows,
    )


@click.group(
    "mandate",
    cls=InOrder,
    short_help="Seats: begin, resign, recall, fill.",
    epilog=examples("lustrum congress mandate list committee"),
)
def mandate() -> None:
    """Mandates: elected, active, ended (expired, resigned, recalled). Each cites the election that made it."""


@mandate.command(
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


step(
    mandate,
    "resign",
    "Record that a holder resigned.",
    "Record that a holder resigned, or declined the seat.",
    "mandate",
    click.option("--reason", default="", help="Why."),
    example='lustrum congress mandate resign committee-3 --reason "Moves abroad"',
    does="mandates.resign",
    says="{mandate} has ended: resigned.",
    tells="mandate ended=resigned",
)


@mandate.command(
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


step(
    mandate,
    "recall",
    "End a mandate by a motion that recalled it.",
    "End a mandate by an adopted motion that recalls it (`motion draft --recalls`).",
    "mandate",
    "motion",
    example="lustrum congress mandate recall committee-4 motion-9",
    does="mandates.recall",
    says="{mandate} has ended: recalled by {motion}.",
    tells="mandate ended=recalled motion",
)


@mandate.command(
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


@mandate.command(
    "list",
    short_help="List who sits where.",
    epilog=examples("lustrum congress mandate list", "lustrum congress mandate list committee"),
)
@click.argument("body", required=False)
@look
def list_mandates(room: Room, body: str | None) -> Answer:
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
    columns = ("mandate", "body", "person", "*name", "state", "since", "until", "ended")
    lines = listed(columns, [list(r.values()) for r in found], "Nobody was elected yet.")
    vacant = room.congress.mandates.vacancies(body) if body is not None and state.bodies[body].seats else None
    if vacant is not None:
        lines.append(f"{plural(vacant, 'seat')} of {state.bodies[body or ''].seats} vacant.")
    return Answer(lines, {"mandates": found, "vacant": vacant})
