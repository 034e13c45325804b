"""`lustrum congress motion`: what is moved, on its way to a ballot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.moving import support_option, supporting
from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, listed, look, text_of
from lustrum.cli.output import examples


@click.group(
    "motion",
    cls=InOrder,
    short_help="Draft motions and bring them to debate.",
    epilog=examples('lustrum congress motion draft session-1 "Shorter terms" --by d1 --support d2,d3,d4,d5'),
)
def group() -> None:
    """Motions: draft, submitted, admitted, debate, voting; then adopted, rejected, withdrawn, referred, adjourned,
    no_quorum or moot. Only a certified count adopts or rejects one."""


@group.command(
    "draft",
    short_help="Draft a motion.",
    epilog=examples(
        'lustrum congress motion draft session-1 "Shorter terms" --by d1 --support d2,d3,d4,d5',
        'lustrum congress motion draft session-1 "Take note of the report" --by committee --document report',
        'lustrum congress motion draft session-1 "Adopt the plan" --by d1 --document plan --id adopt',
    ),
)
@click.argument("session")
@click.argument("title")
@click.option("--by", "proposer", required=True, metavar="ID", help="The mover: a credential, or a body that may move.")
@support_option
@click.option("--text", default="", help="The motion's text.")
@click.option(
    "--text-file", type=click.Path(path_type=Path), metavar="FILE", help="The motion's text, from a Markdown file."
)
@click.option("--document", metavar="ID", help="What it is to adopt, as amended: a plan, the statute, a report.")
@click.option(
    "--decision", metavar="KIND", help="The statute's rule that decides it.  [default: that of its document, or motion]"
)
@click.option("--recalls", metavar="MANDATE", help="The mandate it would end.")
@click.option("--item", metavar="ITEM", help="The item of the agenda it belongs to.")
@id_option("motion")
@act
def draft(
    room: Room,
    session: str,
    title: str,
    proposer: str,
    supporters: tuple[str, ...],
    text: str,
    text_file: Path | None,
    document: str | None,
    decision: str | None,
    recalls: str | None,
    item: str | None,
    name: str | None,
) -> Answer:
    """Draft a motion. Mover and supporters are checked when it is submitted."""
    if text and text_file:
        raise click.UsageError("--text and --text-file exclude each other")
    made = room.congress.motions.draft(
        session,
        title,
        proposer=proposer,
        supporters=supporting(supporters),
        text=text_of(text_file) if text_file else text,
        document=document,
        decision=decision,
        recalls=recalls,
        item=item,
        motion=name,
    )
    decided = room.congress.state.motions[made].decision
    return Answer(
        [f"{made}: {title}, drafted by {proposer}; the rule for {decided} decides it."],
        {"motion": made, "title": title, "decision": decided},
    )


def _several(name: str, short: str, words: str, help_: str) -> None:
    @group.command(
        name,
        short_help=short,
        help=help_,
        epilog=examples(
            f"lustrum congress motion {name} motion-1", f"lustrum congress motion {name} motion-1 motion-2"
        ),
    )
    @click.argument("motions", nargs=-1, required=True)
    @act
    def step(room: Room, motions: tuple[str, ...]) -> Answer:
        getattr(room.congress.motions, name)(*motions)
        status = room.congress.state.motions[motions[0]].status
        return Answer([f"{', '.join(motions)}: {words}."], {"motions": list(motions), "status": status})


_several(
    "submit",
    "Submit motions.",
    "submitted",
    "Submit: mover and supporters are checked, and that nothing it names has changed.",
)
_several("admit", "Admit motions to the agenda.", "admitted", "Admit to the agenda: all of those named, or none.")
_several("debate", "Open the debate on motions.", "in debate", "Open the debate: all of those named, or none.")
_several(
    "resume",
    "Take motions up again.",
    "in debate again",
    "Take up again what was referred, adjourned, or met no quorum.",
)


def _one(name: str, short: str, words: str, help_: str) -> None:
    @group.command(
        name,
        short_help=short,
        help=help_,
        epilog=examples(f'lustrum congress motion {name} motion-3 --note "Agreed with the mover"'),
    )
    @click.argument("motion")
    @click.option("--note", default="", help="Why, or where to.")
    @act
    def step(room: Room, motion: str, note: str) -> Answer:
        getattr(room.congress.motions, name)(motion, note)
        return Answer([f"{motion}: {words}."], {"motion": motion, "status": room.congress.state.motions[motion].status})


_one(
    "withdraw",
    "Record that the mover withdrew a motion.",
    "withdrawn",
    "Record that the mover withdrew a motion. Amendments to it fall with it.",
)
_one("refer", "Refer a motion to a body.", "referred", "Refer a motion to a body.")
_one("adjourn", "Put a motion off.", "adjourned", "Put a motion off.")


@group.command(
    "carry",
    short_help="Take a motion over into another session.",
    epilog=examples("lustrum congress motion carry motion-3 session-2"),
)
@click.argument("motion")
@click.argument("session")
@act
def carry(room: Room, motion: str, session: str) -> Answer:
    """Take a motion that was referred, adjourned or met no quorum over into another session of the same body."""
    room.congress.motions.carry(motion, session)
    return Answer([f"{motion} is before {session}."], {"motion": motion, "session": session})


@group.command(
    "list",
    short_help="List motions and amendments.",
    epilog=examples("lustrum congress motion list", "lustrum congress motion list --status debate"),
)
@click.option("--status", help="Those in this state alone.")
@click.option("--to", "parent", metavar="MOTION", help="Amendments to this motion alone.")
@look
def list_(room: Room, status: str | None, parent: str | None) -> Answer:
    """List motions and amendments with their states."""

    state = room.congress.state
    if parent is not None:
        state.motions.find(parent)
    found = [
        {
            "motion": m.id,
            "title": m.title,
            "to": (m.amendment.amends if m.amendment else None) or m.parent,
            "document": m.document,
            "proposer": m.proposer,
            "status": m.status,
            "moot_by": m.made_moot_by,
            "solved": None if m.consequences is None else bool(m.consequences.result["feasible"]),
        }
        for m in state.motions.values()
        if status in (None, m.status) and parent in (None, m.parent)
    ]
    solved: dict[Any, str] = {None: "", True: "feasible", False: "infeasible"}
    rows = [
        (r["motion"], r["title"], r["to"] or r["document"] or "", r["proposer"], r["status"], solved[r["solved"]])
        for r in found
    ]
    columns = (
        ("motion", "left"),
        ("title", "rest"),
        ("on", "left"),
        ("by", "left"),
        ("state", "left"),
        ("solved", "left"),
    )
    return Answer(listed(columns, rows, "No motion was drafted yet."), {"motions": found})
