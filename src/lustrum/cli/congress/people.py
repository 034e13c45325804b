"""`lustrum congress person`, `body`, `credential`, `presence`: the register, who may vote, who is here and for whom."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look, plural, step, table, text_of
from lustrum.cli.output import examples


@click.group(
    "person",
    cls=InOrder,
    short_help="The register of people.",
    epilog=examples('lustrum congress person register "Ada Berg"'),
)
def person() -> None:
    """The register of people: whoever holds a credential or a seat, stands for one, or answers for a task."""


@person.command(
    "register",
    short_help="Enter someone on the register.",
    epilog=examples(
        'lustrum congress person register "Ada Berg"',
        'lustrum congress person register "Ada Berg" --id ada --attribute region=north',
    ),
)
@click.argument("full_name", metavar="NAME")
@click.option(
    "--attribute", "attributes", multiple=True, metavar="KEY=VALUE", help="What quotas of the statute look at."
)
@id_option("person")
@act
def register(room: Room, full_name: str, attributes: tuple[str, ...], name: str | None) -> Answer:
    """Enter someone on the register. Those of a roll are entered by `credential import`."""
    given: dict[str, str] = {}
    for pair in attributes:
        key, sign, value = pair.partition("=")
        if not (key and sign and value):
            raise click.UsageError(f"--attribute takes KEY=VALUE, not {pair!r}")
        given[key] = value
    made = room.congress.people.register(full_name, attributes=given, person=name)
    return Answer([f"{made}: {full_name}."], {"person": made, "name": full_name, "attributes": given})


@person.command("list", short_help="List the register.", epilog=examples("lustrum congress person list"))
@look
def list_people(room: Room) -> Answer:
    """List the register of people."""
    found = [asdict(p) for p in room.congress.state.people.values()]
    rows = [(p["id"], p["name"], ", ".join(f"{k}={v}" for k, v in p["attributes"].items())) for p in found]
    return table("people", found, ("person", "name", "*attributes"), "Nobody is on the register yet.", rows)


@click.group(
    "body", cls=InOrder, short_help="Bodies, and who sits in them.", epilog=examples("lustrum congress body list")
)
def body() -> None:
    """Bodies and offices. Those that are elected stand in the statute; others can be founded to answer for tasks."""


@body.command(
    "found",
    short_help="Found a body that answers for tasks.",
    epilog=examples('lustrum congress body found "Steel works" --id steel-works'),
)
@click.argument("title", metavar="NAME")
@click.option("--within", metavar="BODY", help="The body above it.  [default: the highest]")
@id_option("body")
@act
def found(room: Room, title: str, within: str | None, name: str | None) -> Answer:
    """Found a body that the statute does not found, such as a works or a department."""
    made = room.congress.bodies.found(title, parent=within, body=name)
    return Answer([f"{made}: {title}."], {"body": made, "name": title})


@body.command("list", short_help="List bodies with seats and vacancies.", epilog=examples("lustrum congress body list"))
@look
def list_bodies(room: Room) -> Answer:
    """List bodies and offices: seats, who elects them, how many are vacant."""
    state = room.congress.state
    found = [
        {
            "body": b.id,
            "name": b.name,
            "within": b.parent,
            "elected_by": b.elected_by,
            "seats": b.seats,
            "vacant": state.vacancies(b.id) if b.seats else None,
            "office": b.office,
        }
        for b in state.bodies.values()
    ]
    return table(
        "bodies",
        found,
        ("body", "*name", "within", "elected by", ">seats", ">vacant"),
        "",
        [list(r.values())[:6] for r in found],
    )


@click.group(
    "credential",
    cls=InOrder,
    short_help="Issue, import, accredit and revoke credentials.",
    epilog=examples("lustrum congress credential import roll.csv"),
)
def credential() -> None:
    """Credentials: issued, accredited, revoked. Who is accredited is on the roll and may vote when present."""


@credential.command(
    "import",
    short_help="Take a roll of delegates from a CSV file.",
    epilog=examples(
        "lustrum congress credential import roll.csv --accredit",
        "lustrum congress credential import members.csv --body assembly",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--body", metavar="BODY", help="The body they are of.  [default: the highest]")
@click.option("--accredit", is_flag=True, help="Accredit them at once.")
@act
def import_roll(room: Room, file: Path, body: str | None, accredit: bool) -> Answer:
    """Register delegates and issue their credentials from a roll: all of them, or none.

    FILE is CSV text with a column `name`, and if wanted `person` and `credential` (ids), `weight`, `delegation`. Every
    other column is an attribute of the person. `-` reads what comes in.
    """
    from lustrum.congress.lists import read_roll

    rows = read_roll(text_of(file), str(file))
    made = room.congress.credentials.issue_delegates(rows, body=body)
    if accredit:
        room.congress.credentials.accredit(*made)
    words = f"{plural(len(made), 'credential')} issued{' and accredited' if accredit else ''}: {_span(made)}."
    return Answer([words], {"credentials": made, "accredited": accredit})


@credential.command(
    "issue",
    short_help="Issue one credential.",
    epilog=examples(
        "lustrum congress credential issue person-1",
        "lustrum congress credential issue ada --id d251 --delegation North",
    ),
)
@click.argument("person")
@click.option("--body", metavar="BODY", help="The body it is of.  [default: the highest]")
@click.option("--weight", type=int, default=1, show_default=True, help="How many votes it has.")
@click.option("--delegation", default="", help="Where the delegate comes from.")
@click.option("--mandate", metavar="ID", help="The mandate it rests on, in a body that is elected.")
@id_option("credential")
@act
def issue(
    room: Room, person: str, body: str | None, weight: int, delegation: str, mandate: str | None, name: str | None
) -> Answer:
    """Issue a credential to someone on the register."""
    made = room.congress.credentials.issue(
        person, body=body, weight=weight, mandate=mandate, delegation=delegation, credential=name
    )
    return Answer([f"{made} is issued to {person}."], {"credential": made, "person": person})


@credential.command(
    "members",
    short_help="Issue credentials to the members of an elected body.",
    epilog=examples("lustrum congress credential members committee"),
)
@click.argument("body")
@act
def members(room: Room, body: str) -> Answer:
    """Issue and accredit credentials for the active mandates of an elected body that have none yet."""

    room.congress.state.bodies.find(body)
    made = room.congress.credentials.issue_members(body)
    return Answer([f"{plural(len(made), 'credential')} issued and accredited: {_span(made)}."], {"credentials": made})


@credential.command(
    "accredit",
    short_help="Accredit credentials.",
    epilog=examples("lustrum congress credential accredit d1 d2 d3", "lustrum congress credential accredit --all"),
)
@click.argument("credentials", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All that are issued and not yet accredited.")
@act
def accredit(room: Room, credentials: tuple[str, ...], everyone: bool) -> Answer:
    """Accredit credentials: their holders are on the roll from now on. All of those named, or none."""
    if everyone == bool(credentials):
        raise click.UsageError("name credentials, or give --all")
    if everyone:
        credentials = tuple(c.id for c in room.congress.state.credentials.values() if c.status == "issued")
    room.congress.credentials.accredit(*credentials)
    return Answer([f"{plural(len(credentials), 'credential')} accredited."], {"credentials": list(credentials)})


step(
    credential,
    "revoke",
    "Revoke a credential.",
    "Revoke a credential: its holder votes no more, even in ballots that are open.",
    "credential",
    click.option("--reason", required=True, help="Why."),
    example='lustrum congress credential revoke d7 --reason "Left the union"',
    does="credentials.revoke",
    says="{credential} is revoked.",
    tells="credential status=revoked",
)


@credential.command(
    "list", short_help="List credentials.", epilog=examples("lustrum congress credential list --body committee")
)
@click.option("--body", metavar="BODY", help="Of this body alone.")
@look
def list_credentials(room: Room, body: str | None) -> Answer:
    """List credentials with their holders and states."""

    state = room.congress.state
    if body is not None:
        state.bodies.find(body)
    found = [
        {
            "credential": c.id,
            "person": c.person,
            "name": state.people[c.person].name,
            "body": c.body,
            "weight": c.weight,
            "delegation": c.delegation,
            "status": c.status,
        }
        for c in state.credentials.values()
        if body in (None, c.body)
    ]
    return table(
        "credentials",
        found,
        ("credential", "person", "*name", "body", ">weight", "delegation", "state"),
        "No credential was issued yet.",
    )


def _span(made: list[str]) -> str:
    return ", ".join(made) if len(made) <= 4 else f"{made[0]}, {made[1]}, …, {made[-1]}"


@click.group(
    "presence",
    cls=InOrder,
    short_help="Who is here, and who votes for whom.",
    epilog=examples("lustrum congress presence arrive session-1 d1 d2 d3"),
)
def presence() -> None:
    """Presence is append-only: who leaves is a new entry. Only those present, or represented by one present, vote."""


@presence.command(
    "arrive",
    short_help="Record that delegates are here.",
    epilog=examples(
        "lustrum congress presence arrive session-1 d1 d2 d3",
        "lustrum congress presence arrive session-1 --all",
        "lustrum congress presence arrive session-1 --from door.txt",
    ),
)
@click.argument("session")
@click.argument("credentials", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All who are accredited and not here yet.")
@click.option("--from", "file", type=click.Path(path_type=Path), metavar="FILE", help="A credential on each line.")
@act
def arrive(room: Room, session: str, credentials: tuple[str, ...], everyone: bool, file: Path | None) -> Answer:
    """Record that delegates are present: all of those named, or none."""

    if sum([bool(credentials), everyone, file is not None]) != 1:
        raise click.UsageError("name credentials, or give --all or --from FILE")
    sitting = room.congress.state.sessions.find(session)
    if file is not None:
        credentials = tuple(dict.fromkeys(text_of(file).split()))
    if everyone:
        roll, _ = room.congress.state.roll(sitting.body)
        credentials = tuple(c for c in roll if c not in sitting.present)
    room.congress.credentials.arrive(session, *credentials)
    return _present(room, session, f"{plural(len(credentials), 'delegate')} arrived", credentials)


@presence.command(
    "leave",
    short_help="Record that delegates have left.",
    epilog=examples("lustrum congress presence leave session-1 d2"),
)
@click.argument("session")
@click.argument("credentials", nargs=-1, required=True)
@act
def leave(room: Room, session: str, credentials: tuple[str, ...]) -> Answer:
    """Record that delegates have left."""
    room.congress.credentials.leave(session, *credentials)
    return _present(room, session, f"{plural(len(credentials), 'delegate')} left", credentials)


step(
    presence,
    "proxy",
    "Record that one votes for another.",
    "Record that HOLDER votes for GIVER in a session, where the statute allows proxies.",
    "session",
    "giver",
    "holder",
    example="lustrum congress presence proxy session-1 d9 d1",
    does="credentials.give_proxy",
    says="{holder} votes for {giver} in {session}.",
    tells="session giver holder",
)
step(
    presence,
    "withdraw-proxy",
    "Take a proxy back.",
    "Take a proxy back, between ballots.",
    "session",
    "giver",
    example="lustrum congress presence withdraw-proxy session-1 d9",
    does="credentials.withdraw_proxy",
    says="{giver} votes in person again.",
    tells="session giver",
)


@presence.command("list", short_help="List who is here.", epilog=examples("lustrum congress presence list session-1"))
@click.argument("session")
@look
def list_present(room: Room, session: str) -> Answer:
    """List who is present in a session, and for whom each votes."""

    state = room.congress.state
    sitting = state.sessions.find(session)
    found = [
        {
            "credential": c,
            "name": state.people[state.credentials[c].person].name,
            "proxies": [p.giver for p in state.proxies if p.session == session and p.holder == c],
        }
        for c in state.credentials
        if c in sitting.present
    ]
    columns = ("credential", "*name", "votes for")
    rows = [(r["credential"], r["name"], ", ".join(r["proxies"])) for r in found]
    there = state.present(sitting)
    return Answer(
        [*listed(columns, rows, "Nobody is here."), f"Present {there} of {state.members(sitting.body)} members."],
        {"session": session, "present": there, "members": state.members(sitting.body), "list": found},
    )


def _present(room: Room, session: str, words: str, credentials: tuple[str, ...]) -> Answer:
    state = room.congress.state
    sitting = state.sessions[session]
    there, members = state.present(sitting), state.members(sitting.body)
    document = {"session": session, "credentials": list(credentials), "present": there, "members": members}
    return Answer([f"{words}; {there} of {members} members are present."], document)
