"""`lustrum congress person` and `lustrum congress body`: the register of people, and bodies with who sits in them."""

from __future__ import annotations

from dataclasses import asdict

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look
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
    columns = (("person", "left"), ("name", "left"), ("attributes", "rest"))
    return Answer(listed(columns, rows, "Nobody is on the register yet."), {"people": found})


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
    columns = (
        ("body", "left"),
        ("name", "rest"),
        ("within", "left"),
        ("elected by", "left"),
        ("seats", "right"),
        ("vacant", "right"),
    )
    return Answer(listed(columns, [list(r.values())[:6] for r in found], ""), {"bodies": found})
