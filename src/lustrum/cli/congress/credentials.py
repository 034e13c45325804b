"""`lustrum congress credential`: who may sit and vote."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look, plural, text_of
from lustrum.cli.output import examples


@click.group(
    "credential",
    cls=InOrder,
    short_help="Issue, import, accredit and revoke credentials.",
    epilog=examples("lustrum congress credential import roll.csv"),
)
def group() -> None:
    """Credentials: issued, accredited, revoked. Who is accredited is on the roll and may vote when present."""


@group.command(
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
def import_(room: Room, file: Path, body: str | None, accredit: bool) -> Answer:
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


@group.command(
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


@group.command(
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


@group.command(
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


@group.command(
    "revoke",
    short_help="Revoke a credential.",
    epilog=examples('lustrum congress credential revoke d7 --reason "Left the union"'),
)
@click.argument("credential")
@click.option("--reason", required=True, help="Why.")
@act
def revoke(room: Room, credential: str, reason: str) -> Answer:
    """Revoke a credential: its holder votes no more, even in ballots that are open."""
    room.congress.credentials.revoke(credential, reason)
    return Answer([f"{credential} is revoked."], {"credential": credential, "status": "revoked"})


@group.command(
    "list", short_help="List credentials.", epilog=examples("lustrum congress credential list --body committee")
)
@click.option("--body", metavar="BODY", help="Of this body alone.")
@look
def list_(room: Room, body: str | None) -> Answer:
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
    columns = (
        ("credential", "left"),
        ("person", "left"),
        ("name", "rest"),
        ("body", "left"),
        ("weight", "right"),
        ("delegation", "left"),
        ("state", "left"),
    )
    return Answer(
        listed(columns, [list(r.values()) for r in found], "No credential was issued yet."), {"credentials": found}
    )


def _span(made: list[str]) -> str:
    return ", ".join(made) if len(made) <= 4 else f"{made[0]}, {made[1]}, …, {made[-1]}"
