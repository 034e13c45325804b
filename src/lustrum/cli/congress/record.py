"""`lustrum congress show`, `log`, `reverse`, `verify`, `publish`, `export`, `import` and `backup`.

What stands and what happened, one step back; and the record as it leaves the house and is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.room import LEDGER, Answer, Room, act, day_option, ledger_in, look, plural, say, table
from lustrum.cli.output import examples, json_option, print_bytes, working, workspace_option

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
def show_thing(room: Room, name: str | None) -> Answer:
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
    return table(
        "events",
        [{"height": e.height, "time": e.time, "kind": e.kind, "data": e.data, "hash": e.hash} for e in events],
        (">event", "time", "kind", "*"),
        "No such event.",
        rows,
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


@click.command(
    "verify",
    short_help="Verify a congress without trusting who kept it.",
    epilog=examples(
        "lustrum congress verify",
        "lustrum congress verify record.json",
        "lustrum congress verify --anchor 412:sha256:9f2b…",
    ),
)
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(path_type=Path))
@click.option("--anchor", metavar="HEIGHT:HASH", help="As the closing of a session published it.")
@click.option("--public-key", metavar="KEY", help="Whose signatures are to count, if you know it from elsewhere.")
@click.option(
    "--plans",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder with the adopted plans: each must prove itself and be the one that was adopted.",
)
@workspace_option
@json_option
def verify(
    file: Path | None, anchor: str | None, public_key: str | None, plans: Path | None, workspace: Path, as_json: bool
) -> None:
    """Verify the whole chain, judge every event again by the rules at its place, and count every ballot again.

    FILE is a ledger or an exported record; left out, the workspace's ledger. Without an anchor, a tail that was cut and
    a ledger that its keeper wrote anew cannot be told. Exit code 1 if anything is wrong.
    """
    with working("verifying"):
        problems, head = _verified(file or ledger_in(workspace), anchor, public_key, plans)
    document = {"ok": not problems, "head": head, "problems": [{"event": p.event, "what": p.what} for p in problems]}
    if problems:
        lines = [f"Not verified: {plural(len(problems), 'problem')}.", *(f"  {p}" for p in problems)]
    else:
        at = f" up to head {head['height']}:{head['hash']}" if head else ""
        known = (
            "the anchor is in it" if anchor else "without an anchor: a cut tail or a ledger written anew cannot be told"
        )
        lines = [f"Verified: chain, signatures, rules and counts hold{at}; {known}."]
    say(Answer(lines, document, 1 if problems else 0), as_json)


def _verified(path: Path, anchor: str | None, public_key: str | None, plans: Path | None) -> tuple[list, dict | None]:  # type: ignore[type-arg]
    from lustrum.congress.ledger import load_record, verify_record
    from lustrum.congress.proof import rebuild, verify
    from lustrum.errors import LedgerError, LustrumError

    if not path.is_file():
        raise LedgerError("there is no such file", where=str(path), expected="a ledger or an exported record")
    with path.open("rb") as file:
        is_record = file.read(16) != b"SQLite format 3\0"
    if is_record and plans is not None:
        raise LedgerError(
            "plans are proven beside a ledger, not beside an exported record",
            where=str(path),
            mend="import the record, and verify the ledger it makes",
        )
    if is_record:
        record = load_record(path)
        problems = verify_record(record, anchor, public_key, rebuild)
        heads = record.get("heads") or [] if isinstance(record, dict) else []
        return problems, {k: heads[-1][k] for k in ("height", "hash")} if heads else None
    problems = verify(path, anchor, public_key, plans)
    try:
        from lustrum.congress.ledger import Ledger

        with Ledger.open(path) as ledger:
            return problems, {"height": ledger.head.height, "hash": ledger.head.hash}
    except LustrumError:
        return problems, None


@click.command(
    "publish",
    short_help="Write the record for people, or for programs.",
    epilog=examples(
        "lustrum congress publish -o record.md",
        "lustrum congress publish --format json -o record.json",
        "lustrum congress publish | less",
    ),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="Markdown for people; JSON for programs that show it.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A new file.  [default: the screen]"
)
@day_option("day", "The day on which the register of tasks is read.  [default: that of the last event]")
@look
def publish(room: Room, form: str, output: Path | None, day: str | None) -> Answer:
    """Publish sessions, motions with what amendments cost, counts, who is elected, tasks, and the ledger's head.

    Both forms are made from the ledger alone. What proves them is the exported ledger: see `export`.
    """
    import json

    from lustrum.congress.publication import as_json, as_markdown

    record = as_json(room.congress, day)
    text = (
        as_markdown(room.congress, day)
        if form == "markdown"
        else json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    )
    if output is None:
        if not click.get_current_context().params.get("as_json"):
            print_bytes(text.encode())
        return Answer([], record)
    _write_new(output, text)
    head = room.congress.ledger.head
    return Answer(
        [f"Published: {output}, as of {head.anchor}"], {"file": str(output), "format": form, "anchor": str(head.anchor)}
    )


def _write_new(place: Path, text: str) -> None:
    from lustrum.congress.ledger.record import new_file
    from lustrum.workspace.aside import write_through

    with new_file(place) as aside:
        write_through(aside, text.encode())


@click.command(
    "export",
    short_help="Write the whole ledger as one JSON file.",
    epilog=examples("lustrum congress export record.json"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def export(file: Path, workspace: Path, as_json: bool) -> None:
    """Write the whole ledger as one JSON file that another machine can verify or import. No ballot may be open."""
    from lustrum.congress.ledger import save_record

    save_record(ledger_in(workspace), file)
    size = file.stat().st_size
    say(
        Answer(
            [f"Exported: {file} ({size / 1e6:,.1f} MB)", f"Anyone can check it: lustrum congress verify {file}"],
            {"file": str(file), "bytes": size},
        ),
        as_json,
    )


@click.command(
    "import",
    short_help="Make a ledger of an exported record.",
    epilog=examples("lustrum congress import record.json --workspace copy"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def import_(file: Path, workspace: Path, as_json: bool) -> None:
    """Make `lustrum.db` of an exported record that holds. It is read without a key, and written on with it."""
    from lustrum.congress.ledger import Ledger, import_record, load_record
    from lustrum.workspace.aside import plain_errors

    with plain_errors("making the workspace", workspace):
        workspace.mkdir(parents=True, exist_ok=True)
    with working("verifying"):
        import_record(load_record(file), workspace / LEDGER)
    with Ledger.open(workspace / LEDGER) as ledger:
        anchor = str(ledger.head.anchor)
    say(
        Answer(
            [f"Imported: {workspace / LEDGER}, head {anchor}"], {"ledger": str(workspace / LEDGER), "anchor": anchor}
        ),
        as_json,
    )


@click.command(
    "backup",
    short_help="Copy the ledger while it is in use.",
    epilog=examples("lustrum congress backup /media/stick/2026-11-23.db"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def backup(file: Path, workspace: Path, as_json: bool) -> None:
    """Copy the ledger as it is at one moment, while others write. Keys are not in it: copy `lustrum.key` by hand.

    Papers of a secret ballot that is open are sealed in it, and can be counted only where the ballot's key is.
    """
    from lustrum.congress.ledger import Ledger
    from lustrum.congress.ledger import backup as copy

    path = ledger_in(workspace)
    with Ledger.open(path):  # a database that holds no ledger is not copied as one
        copy(path, file)
    say(Answer([f"Copied: {file}"], {"file": str(file), "bytes": file.stat().st_size}), as_json)
