"""`lustrum congress presence`: who is here, and who votes for whom."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, listed, look, plural, text_of
from lustrum.cli.output import examples


@click.group(
    "presence",
    cls=InOrder,
    short_help="Who is here, and who votes for whom.",
    epilog=examples("lustrum congress presence arrive session-1 d1 d2 d3"),
)
def group() -> None:
    """Presence is append-only: who leaves is a new entry. Only those present, or represented by one present, vote."""


@group.command(
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


@group.command(
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


@group.command(
    "proxy",
    short_help="Record that one votes for another.",
    epilog=examples("lustrum congress presence proxy session-1 d9 d1"),
)
@click.argument("session")
@click.argument("giver")
@click.argument("holder")
@act
def proxy(room: Room, session: str, giver: str, holder: str) -> Answer:
    """Record that HOLDER votes for GIVER in a session, where the statute allows proxies."""
    room.congress.credentials.give_proxy(session, giver, holder)
    return Answer([f"{holder} votes for {giver} in {session}."], {"session": session, "giver": giver, "holder": holder})


@group.command(
    "withdraw-proxy",
    short_help="Take a proxy back.",
    epilog=examples("lustrum congress presence withdraw-proxy session-1 d9"),
)
@click.argument("session")
@click.argument("giver")
@act
def withdraw_proxy(room: Room, session: str, giver: str) -> Answer:
    """Take a proxy back, between ballots."""
    room.congress.credentials.withdraw_proxy(session, giver)
    return Answer([f"{giver} votes in person again."], {"session": session, "giver": giver})


@group.command("list", short_help="List who is here.", epilog=examples("lustrum congress presence list session-1"))
@click.argument("session")
@look
def list_(room: Room, session: str) -> Answer:
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
    columns = (("credential", "left"), ("name", "rest"), ("votes for", "left"))
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
