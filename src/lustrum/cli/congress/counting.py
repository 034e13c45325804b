"""`lustrum congress ballot`, after the vote: counted, decided by lot, certified, void, looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.ballots import group, names_of
from lustrum.cli.congress.room import Answer, Room, act, listed, look, plural
from lustrum.cli.output import examples, page


@group.command("count", short_help="Count a closed ballot.", epilog=examples("lustrum congress ballot count ballot-1"))
@click.argument("ballot")
@act
def count(room: Room, ballot: str) -> Answer:
    """Count a closed ballot, and print the count stage by stage. It decides nothing until it is certified."""
    result = room.congress.ballots.count(ballot)
    return Answer([f"{ballot} is counted.", *_screen(room, result)], {"ballot": ballot, **result})


@group.command(
    "lot",
    short_help="Break ties by a lot from a published seed.",
    epilog=examples(
        'lustrum congress ballot lot ballot-2 --seed "7 19 23 31 40 44" --source "State lottery of 21 November"'
    ),
)
@click.argument("ballot")
@click.option("--seed", required=True, help="Something that nobody could choose, published after the close.")
@click.option("--source", required=True, help="Where it was published.")
@act
def lot(room: Room, ballot: str, seed: str, source: str) -> Answer:
    """Break the ties of a count by lots drawn from a published seed: anyone can draw them again.

    Once, and after a re-ballot where the statute has one.
    """
    result = room.congress.ballots.draw_lot(ballot, seed, source)
    return Answer([f"{ballot}: the lot is drawn.", *_screen(room, result)], {"ballot": ballot, **result})


@group.command(
    "certify",
    short_help="Certify a count: this decides.",
    epilog=examples('lustrum congress ballot certify ballot-1 --by "Ada Berg, returning officer"'),
)
@click.argument("ballot")
@click.option("--by", required=True, metavar="WHO", help="Who certifies.")
@act
def certify(room: Room, ballot: str, by: str) -> Answer:
    """Certify a count. Only this changes the state of a motion, or makes someone elected."""
    effects = room.congress.ballots.certify(ballot, by)
    found, names = room.congress.state.ballots[ballot], names_of(room)
    if found.motion is not None:
        lines = [f"{found.motion} is {effects['outcome'].replace('_', ' ')}."]
        lines += [f"  {m} is moot: {why}" for m, why in effects.get("moot", {}).items()]
    else:
        elected = ", ".join(names.get(p, p) for p in effects["elected"])
        lines = [
            f"{found.election}: {effects['outcome'].replace('_', ' ')}." + (f" Elected: {elected}." if elected else "")
        ]
        if effects["contest"]:
            lines.append(
                f"  {effects['why']}; a re-ballot for {plural(effects['places'], 'place')} between "
                f"{', '.join(names.get(p, p) for p in effects['contest'])}: prepare another ballot"
            )
    return Answer(lines, {"ballot": ballot, "effects": effects})


@group.command(
    "void",
    short_help="Declare a ballot void.",
    epilog=examples('lustrum congress ballot void ballot-1 --reason "The microphone failed"'),
)
@click.argument("ballot")
@click.option("--reason", required=True, help="Why.")
@act
def void(room: Room, ballot: str, reason: str) -> Answer:
    """Declare a ballot void before it is certified. Its papers are not counted; its matter waits for another ballot."""
    room.congress.ballots.void(ballot, reason)
    return Answer([f"{ballot} is void."], {"ballot": ballot, "status": "void"})


@group.command(
    "show",
    short_help="Print a ballot, with its count if there is one.",
    epilog=examples("lustrum congress ballot show ballot-1"),
)
@click.argument("ballot")
@look
def show(room: Room, ballot: str) -> Answer:
    """Print a ballot: question, state, turnout; and after the count, the count. While it is open there is no result."""
    from lustrum.congress.state.state import find

    found = find(room.congress.state.ballots, ballot, "ballot")
    lines: list[Any] = [f"{ballot}: {found.question}", f"state: {found.status}"]
    document: dict[str, Any] = {
        "ballot": ballot,
        "question": found.question,
        "status": found.status,
        "frozen": found.frozen,
        "result": found.result or None,
    }
    if found.status == "open":
        taken, roll = room.congress.ledger.turnout(ballot)
        lines.append(f"{taken} of {roll} have voted")
        document |= {"taken": taken, "roll": roll}
    if found.result:
        lines += _screen(room, found.result)
    return Answer(lines, document)


@group.command(
    "export",
    short_help="Write the papers of a counted ballot as BLT.",
    epilog=examples("lustrum congress ballot export ballot-2 ward.blt"),
)
@click.argument("ballot")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--ids", is_flag=True, help="Write candidates by their ids, not by their names.")
@look
def export(room: Room, ballot: str, file: Path, ids: bool) -> Answer:
    """Write the papers of a counted ballot to a new file in BLT, for counting them again with another program.

    Equal papers stand together with their number. Who cast which is not in it, nor is the rule by which they count.
    """
    from lustrum.congress.counting import as_blt, papers_of
    from lustrum.congress.ledger.record import new_file
    from lustrum.congress.state.state import find
    from lustrum.workspace.aside import write_through

    found = find(room.congress.state.ballots, ballot, "ballot")
    counted = found.status in ("counted", "certified") and not found.imported
    papers = papers_of(found, room.congress.ledger.closed_ballot(ballot).papers if counted else ())
    text = as_blt(found, papers, {} if ids else names_of(room))
    with new_file(file) as aside:
        write_through(aside, text.encode())
    number = sum(weight for _, weight in papers)
    return Answer([f"{ballot}: {plural(number, 'paper')} written to {file}."], {"file": str(file), "papers": number})


@group.command("list", short_help="List ballots.", epilog=examples("lustrum congress ballot list"))
@look
def list_(room: Room) -> Answer:
    """List ballots with their states and outcomes."""
    found = [
        {
            "ballot": b.id,
            "on": b.motion or b.election,
            "status": b.status,
            "secret": b.secret,
            "round": b.round,
            "outcome": b.result.get("outcome"),
        }
        for b in room.congress.state.ballots.values()
    ]
    rows = [(r["ballot"], r["on"], r["status"], "secret" if r["secret"] else "open", r["outcome"] or "") for r in found]
    columns = (("ballot", "left"), ("on", "left"), ("state", "left"), ("vote", "left"), ("outcome", "left"))
    return Answer(listed(columns, rows, "No ballot was prepared yet."), {"ballots": found})


def _screen(room: Room, result: dict[str, Any]) -> list[Any]:
    from lustrum.reporting.counts import count_screen

    return list(count_screen(result, names_of(room), page().width))
