"""`lustrum congress show`, `log` and `reverse`: what stands, what happened, and one step back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from lustrum.cli.congress.room import Answer, Room, act, listed, look, plural
from lustrum.cli.output import examples

#: Sections of the record, as JSON has them, in which `show ID` looks.
_SECTIONS = (
    "sessions",
    "agenda",
    "documents",
    "motions",
    "ballots",
    "elections",
    "bodies",
    "mandates",
    "credentials",
    "people",
    "tasks",
)


@click.command(
    "show",
    short_help="Print where the congress stands, or one thing in it.",
    epilog=examples("lustrum congress show", "lustrum congress show motion-3"),
)
@click.argument("name", metavar="[ID]", required=False)
@look
def show(room: Room, name: str | None) -> Answer:
    """Print where the congress stands: sessions, what waits, what is open. With an ID, all that is known of it."""
    from lustrum.congress.publication import as_json
    from lustrum.congress.state import Things

    if name is None:
        return _overview(room)
    found = as_json(room.congress)
    things = {key: found[section][key] for section in reversed(_SECTIONS) for key in found[section]}
    thing = Things("thing", things).find(name)
    return Answer(list(_told(thing)), thing)


def _overview(room: Room) -> Answer:
    state, head = room.congress.state, room.congress.ledger.head
    lines = [f"{state.name}: {plural(head.height, 'event')}, head {head.anchor}"]
    for s in state.sessions.values():
        present = (
            f", {state.present(s)} of {state.members(s.body)} present"
            if s.status in ("accrediting", "open", "suspended")
            else ""
        )
        lines.append(f"  session {s.id}: {s.title} ({s.body}, {s.date}), {s.status}{present}")
    counts = {}
    for what, things in (
        ("motion", state.motions),
        ("ballot", state.ballots),
        ("election", state.elections),
        ("task", state.tasks),
    ):
        by: dict[str, list[str]] = {}
        for thing in things.values():
            by.setdefault(thing.status, []).append(thing.id)
        counts[what] = {status: len(ids) for status, ids in by.items()}
        if by:
            lines.append(
                f"  {what}s: " + ", ".join(f"{len(ids)} {status.replace('_', ' ')}" for status, ids in by.items())
            )
    open_ = [b.id for b in state.open_ballots()]
    lines += [f"  ballot {b} is open" for b in open_]
    lines += [f"  plan {p.plan_id} is adopted" for p in state.plans]
    return Answer(
        lines,
        {
            "name": state.name,
            "head": {"height": head.height, "hash": head.hash},
            "counts": counts,
            "open_ballots": open_,
            "public_key": room.congress.ledger.public_key,
            "sessions": {s.id: s.status for s in state.sessions.values()},
        },
    )


def _told(thing: dict[str, Any], indent: str = "") -> Iterator[str]:
    """A thing as indented lines, `key: value`; what is empty is left out."""
    for key, value in thing.items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _told(value, indent + "  ")
        elif isinstance(value, list) and any(isinstance(v, dict) for v in value):
            yield f"{indent}{key}:"
            for entry in value:
                if isinstance(entry, dict):
                    told = list(_told(entry, indent + "    "))
                    yield f"{indent}  - {told[0].strip()}" if told else f"{indent}  -"
                    yield from told[1:]
                else:
                    yield f"{indent}  - {entry}"
        else:
            yield f"{indent}{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}"


@click.command(
    "log",
    short_help="Print what happened, event by event.",
    epilog=examples(
        "lustrum congress log --last 10", "lustrum congress log --kind motion", "lustrum congress log --after 120"
    ),
)
@click.option("--after", type=click.IntRange(min=0), default=0, help="Events above this height alone.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The last N alone.")
@click.option("--kind", metavar="WORD", help="Kinds that begin so: motion, ballot.certified …")
@look
def log(room: Room, after: int, last: int | None, kind: str | None) -> Answer:
    """Print what happened: height, time (UTC), kind, and what it says. The height is what `reverse` takes."""
    if last is not None:
        after = max(after, room.congress.ledger.head.height - last)
    events = [e for e in room.congress.ledger.events(after) if kind is None or e.kind.startswith(kind)]
    rows = [(e.height, e.time[:19].replace("T", " "), e.kind.split("/")[0], _summary(e.data)) for e in events]
    columns = (("event", "right"), ("time", "left"), ("kind", "left"), ("", "rest"))
    return Answer(
        listed(columns, rows, "No such event."),
        {
            "events": [
                {"height": e.height, "time": e.time, "kind": e.kind, "data": e.data, "hash": e.hash} for e in events
            ]
        },
    )


def _summary(data: dict[str, Any]) -> str:
    short = {
        k: v
        for k, v in data.items()
        if isinstance(v, (str, int, bool)) and v != "" and not str(v).startswith("sha256:")
    }
    return ", ".join(f"{k} {v}" for k, v in short.items())


@click.command(
    "reverse",
    short_help="Take a step back by a recorded event.",
    epilog=examples('lustrum congress reverse 41 --reason "Entered for the wrong delegate"'),
)
@click.argument("event", type=int)
@click.option("--reason", required=True, help="Why.")
@act
def reverse(room: Room, event: int, reason: str) -> Answer:
    """Take an earlier step back by a reversing event; both stay in the ledger. `log` prints the numbers of events.

    Refused if a later step rests on it, or if it stands for good: an opened ballot, a certified count, presence, a
    closed session.
    """
    room.congress.reverse(event, reason)
    return Answer([f"Event {event} is taken back."], {"reversed": event})
