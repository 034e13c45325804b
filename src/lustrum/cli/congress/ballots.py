"""`lustrum congress ballot`: votes, from the question to the certified count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, plural, text_of
from lustrum.cli.output import examples


@click.group(
    "ballot",
    cls=InOrder,
    short_help="Open, cast, close, count and certify.",
    epilog=examples("lustrum congress ballot prepare --motion motion-1 --open"),
)
def group() -> None:
    """Ballots: draft, open, closed, counted, certified, or void. Opening freezes question, options, roll, rule, method;
    there is no result before closing; only a certified count decides; nothing reopens a ballot."""


@group.command(
    "prepare",
    short_help="Prepare a ballot.",
    epilog=examples(
        "lustrum congress ballot prepare --motion motion-1",
        "lustrum congress ballot prepare --election election-1 --open --id first",
    ),
)
@click.option("--motion", metavar="ID", help="The motion or amendment voted on.")
@click.option(
    "--election", metavar="ID", help="The election; after a re-ballot was certified, another ballot of the same."
)
@click.option("--question", help="The question as it is put.  [default: from the motion or body]")
@click.option("--open", "now", is_flag=True, help="Open it at once.")
@id_option("ballot")
@act
def prepare(
    room: Room, motion: str | None, election: str | None, question: str | None, now: bool, name: str | None
) -> Answer:
    """Prepare a ballot on a motion or in an election."""
    if (motion is None) == (election is None):
        raise click.UsageError("give --motion ID or --election ID")
    made = room.congress.ballots.prepare(motion=motion, election=election, question=question, ballot=name)
    words = f"{made}: {room.congress.state.ballots[made].question}"
    if not now:
        return Answer([words], {"ballot": made})
    opened = _opened(room, made)
    return Answer([words, *opened.lines], opened.document)


@group.command("open", short_help="Open a ballot.", epilog=examples("lustrum congress ballot open ballot-1"))
@click.argument("ballot")
@act
def open_(room: Room, ballot: str) -> Answer:
    """Open a ballot, and print the terms that this freezes."""
    return _opened(room, ballot)


def _opened(room: Room, ballot: str) -> Answer:
    frozen = room.congress.ballots.open(ballot)
    rule, names = frozen["rule"], names_of(room)
    quorum = rule["quorum"]
    options = ", ".join(f"{o} ({names[o]})" if o in names else o for o in frozen["options"])
    lines = [
        f"{ballot} is open: {'secret' if frozen['secret'] else 'open'} vote, {frozen['method']}.",
        f"  options: {options}",
        f"  {frozen['voters']} on the roll, {frozen['present']} of {frozen['members']} members present",
    ]
    if majority := rule.get("majority"):
        sign = "more than" if majority["strict"] else "at least"
        lines.append(f"  needed: {sign} {majority['num']}/{majority['den']} of {majority['base']}")
    lines.append(
        f"  quorum: {quorum['num']}/{quorum['den']} of members, at {quorum['at']}" if quorum["num"] else "  no quorum"
    )
    return Answer(lines, {"ballot": ballot, "frozen": frozen})


@group.command(
    "cast",
    short_help="Cast a vote.",
    epilog=examples(
        "lustrum congress ballot cast ballot-1 d1 yes",
        'lustrum congress ballot cast ballot-2 d1 "p3 > p1 = p4"',
        'lustrum congress ballot cast ballot-3 d1 "p3, p5, p8"',
        "lustrum congress ballot cast ballot-1 d9 no --by d1",
        "lustrum congress ballot cast ballot-4 d1",
    ),
)
@click.argument("ballot")
@click.argument("voter")
@click.argument("paper", required=False)
@click.option("--by", metavar="ID", help="The credential of the holder, where the vote is cast by proxy.")
@act
def cast(room: Room, ballot: str, voter: str, paper: str | None, by: str | None) -> Answer:
    """Cast the vote of a credential, and print the receipt: it says that the vote was taken, not which.

    PAPER is yes, no or abstain; a ranking `a > b > c`, with `=` between equals; marks `a, b` for approval; "" is blank.
    Left out, it is asked for (not shown if the vote is secret): so it does not stay in the shell's history.
    """
    from lustrum.congress.lists import read_paper
    from lustrum.congress.state.state import find

    secret = find(room.congress.state.ballots, ballot, "ballot").secret
    words = _asked(secret) if paper is None else paper
    receipt = room.congress.ballots.cast(ballot, voter, read_paper(words), by=by)
    return Answer([f"The vote of {voter} in {ballot} is taken.", f"Receipt: {receipt.signature}"], _receipt(receipt))


def _asked(secret: bool) -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Vote", hide_input=secret, default="", show_default=False, err=True))
    return sys.stdin.readline().rstrip("\n")


@group.command(
    "cast-list",
    short_help="Cast the votes of a list, as of a show of hands.",
    epilog=examples("lustrum congress ballot cast-list ballot-1 votes.csv"),
)
@click.argument("ballot")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@act
def cast_list(room: Room, ballot: str, file: Path) -> Answer:
    """Cast the votes of a CSV file with columns `voter` and `vote` (and `by` for proxies), in an open vote.

    A vote that is refused is named, and the others are cast; exit code 1 then. A secret vote is not taken from a list
    that says who voted how: let each cast it, or import what was counted elsewhere.
    """
    from lustrum.congress.lists import read_votes
    from lustrum.congress.state.state import find
    from lustrum.errors import LustrumError, Refused

    votes = read_votes(text_of(file), str(file))
    if find(room.congress.state.ballots, ballot, "ballot").secret:
        raise Refused(
            "a secret vote is not taken from a list that says who voted how",
            where=f"ballot {ballot}",
            mend="`ballot cast` by each voter, or `ballot import` of what was counted elsewhere",
        )
    refused: list[dict[str, Any]] = []
    for vote in votes:
        try:
            room.congress.ballots.cast(ballot, vote.voter, vote.paper, by=vote.by)
        except LustrumError as e:
            refused.append({"line": vote.line, "voter": vote.voter, "why": str(e)})
    taken = len(votes) - len(refused)
    lines = [f"{plural(taken, 'vote')} of {len(votes)} taken in {ballot}."]
    lines += [f"{file}: line {r['line']}: {r['why']}" for r in refused]
    return Answer(lines, {"ballot": ballot, "taken": taken, "refused": refused}, 1 if refused else 0)


@group.command(
    "receipt",
    short_help="Ask for a receipt again, or check one.",
    epilog=examples(
        "lustrum congress ballot receipt ballot-1 d1",
        "lustrum congress ballot receipt ballot-1 d1 --check 5f0c…",
    ),
)
@click.argument("ballot")
@click.argument("voter")
@click.option("--check", "given", metavar="RECEIPT", help="A receipt that the voter holds: did this ledger sign it?")
@act
def receipt(room: Room, ballot: str, voter: str, given: str | None) -> Answer:
    """Ask again for the receipt of a vote: the same each time; exit code 1 if there is no vote.

    With a receipt: whether this ledger signed it. Exit code 1 if not, or if it did and the roll knows of no vote.
    """
    found = room.congress.ledger.receipt(ballot, voter)
    if given is not None:
        signed = room.congress.ledger.check_receipt(ballot, voter, given)
        words = f"This ledger {'signed' if signed else 'did not sign'} this receipt of {voter} in {ballot}."
        if signed and found is None:
            words += " But the vote is missing from its roll: someone took it out. Show the receipt to the tellers."
        whole = signed and found is not None
        document = {"ballot": ballot, "voter": voter, "signed": signed, "on_the_roll": found is not None}
        return Answer([words], document, 0 if whole else 1)
    if found is None:
        return Answer([f"{voter} has not voted in {ballot}."], {"ballot": ballot, "voter": voter, "signature": None}, 1)
    return Answer([f"{voter} has voted in {ballot}.", f"Receipt: {found.signature}"], _receipt(found))


def _receipt(receipt: Any) -> dict[str, Any]:
    return {"ballot": receipt.ballot, "voter": receipt.voter, "signature": receipt.signature}


@group.command(
    "close", short_help="Close a ballot for good.", epilog=examples("lustrum congress ballot close ballot-1")
)
@click.argument("ballot")
@act
def close(room: Room, ballot: str) -> Answer:
    """Close a ballot for good. Nothing reopens it."""
    papers = room.congress.ballots.close(ballot)
    voters = room.congress.state.ballots[ballot].frozen["voters"]
    return Answer(
        [f"{ballot} is closed: {plural(papers, 'paper')} of {voters} on the roll."],
        {"ballot": ballot, "papers": papers, "voters": voters},
    )


@group.command(
    "import",
    short_help="Take the ballots of an election from elsewhere.",
    epilog=examples(
        "lustrum congress ballot import ballot-2 ward.blt --voters 480",
        'lustrum congress ballot import ballot-2 ballots.csv --voters 48 --source "Hall B, counted twice"',
    ),
)
@click.argument("ballot")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(["blt", "csv"]), help="[default: by the file's ending]")
@click.option(
    "--voters", type=click.IntRange(min=0), required=True, help="How many had the vote there; more ballots are refused."
)
@click.option("--source", help="Where they come from, for the record.  [default: the file's name]")
@act
def import_(room: Room, ballot: str, file: Path, form: str | None, voters: int, source: str | None) -> Answer:
    """Take ballots that were cast elsewhere, into a ballot of an election that is prepared and not opened.

    BLT is the form of most STV programs. CSV has a column for each candidate with its rank, and perhaps `weight`. The
    candidates are those nominated, by id or name.
    """
    kind = form or file.suffix.lower().removeprefix(".")
    if kind not in ("blt", "csv"):
        raise click.UsageError(f"say what {file.name} is: --form blt or --form csv")
    papers = room.congress.ballots.import_papers(
        ballot, text_of(file), form=kind, source=source or file.name, voters=voters
    )
    return Answer(
        [f"{ballot}: {plural(papers, 'paper')} of {voters} voters taken from {source or file.name}; it is closed."],
        {"ballot": ballot, "papers": papers, "voters": voters},
    )


def names_of(room: Room) -> dict[str, str]:
    """Return the name of everyone on the register."""
    return {p.id: p.name for p in room.congress.state.people.values()}
