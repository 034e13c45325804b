"""`lustrum congress motion`: what is moved, on its way to a ballot. Also what all commands that amend share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, id_option, look, step, table, text_of
from lustrum.cli.output import examples

if TYPE_CHECKING:
    from lustrum.congress.documents import Operation


def moving(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --by, --support, --title, --text, --reach and --id."""
    for option in (
        id_option("motion"),
        click.option(
            "--reach",
            type=int,
            default=0,
            show_default=True,
            help="How far it goes, as the mover declares: of two on one entry the larger is voted first.",
        ),
        click.option("--text", default="", help="The reasons."),
        click.option("--title", default="", help="A heading.  [default: what it changes]"),
        support_option,
        click.option(
            "--by", "proposer", required=True, metavar="ID", help="The mover: a credential, or a body that may move."
        ),
    ):
        command = option(command)
    return command


support_option = click.option(
    "--support",
    "supporters",
    multiple=True,
    metavar="ID[,ID…]",
    help="Credentials that support it; the statute says how many there must be.",
)


def supporting(supporters: tuple[str, ...]) -> list[str]:
    """Return the credentials of --support, which may be given again and hold several."""
    return [s.strip() for given in supporters for s in given.split(",") if s.strip()]


def moved(
    room: Room,
    motion: str,
    operation: Operation,
    *,
    proposer: str,
    supporters: tuple[str, ...],
    title: str,
    text: str,
    reach: int,
    name: str | None,
    amends: str | None = None,
) -> Answer:
    """Draft an amendment and say so."""
    made = room.congress.motions.amend(
        motion,
        operation,
        proposer=proposer,
        title=title,
        text=text,
        reach=reach,
        supporters=supporting(supporters),
        amends=amends,
        motion=name,
    )
    found = room.congress.state.motions[made]
    words = f"{made}: {found.title}, drafted by {proposer}."
    return Answer([words], {"motion": made, "title": found.title, "operation": operation.to_json()})


@click.group(
    "motion",
    cls=InOrder,
    short_help="Draft motions and bring them to debate.",
    epilog=examples('lustrum congress motion draft session-1 "Shorter terms" --by d1 --support d2,d3,d4,d5'),
)
def motion() -> None:
    """Motions: draft, submitted, admitted, debate, voting; then adopted, rejected, withdrawn, referred, adjourned,
    no_quorum or moot. Only a certified count adopts or rejects one."""


@motion.command(
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


for name, short, help_, says, status in (
    (
        "submit",
        "Submit motions.",
        "Submit: mover and supporters are checked, and that nothing it names has changed.",
        "submitted",
        "submitted",
    ),
    (
        "admit",
        "Admit motions to the agenda.",
        "Admit to the agenda: all of those named, or none.",
        "admitted",
        "admitted",
    ),
    (
        "debate",
        "Open the debate on motions.",
        "Open the debate: all of those named, or none.",
        "in debate",
        "debate",
    ),
    (
        "resume",
        "Take motions up again.",
        "Take up again what was referred, adjourned, or met no quorum.",
        "in debate again",
        "debate",
    ),
):
    step(
        motion,
        name,
        short,
        help_,
        "motions…",
        example=(f"lustrum congress motion {name} motion-1", f"lustrum congress motion {name} motion-1 motion-2"),
        does=f"motions.{name}",
        says=f"{{motions}}: {says}.",
        tells=f"motions status={status}",
    )
for name, short, more, says in (
    ("withdraw", "Record that the mover withdrew a motion.", " Amendments to it fall with it.", "withdrawn"),
    ("refer", "Refer a motion to a body.", "", "referred"),
    ("adjourn", "Put a motion off.", "", "adjourned"),
):
    step(
        motion,
        name,
        short,
        short + more,
        "motion",
        click.option("--note", default="", help="Why, or where to."),
        example=f'lustrum congress motion {name} motion-3 --note "Agreed with the mover"',
        does=f"motions.{name}",
        says=f"{{motion}}: {says}.",
        tells=f"motion status={says}",
    )
step(
    motion,
    "carry",
    "Take a motion over into another session.",
    "Take a motion that was referred, adjourned or met no quorum over into another session of the same body.",
    "motion",
    "session",
    example="lustrum congress motion carry motion-3 session-2",
    does="motions.carry",
    says="{motion} is before {session}.",
    tells="motion session",
)


@motion.command(
    "list",
    short_help="List motions and amendments.",
    epilog=examples("lustrum congress motion list", "lustrum congress motion list --status debate"),
)
@click.option("--status", help="Those in this state alone.")
@click.option("--to", "parent", metavar="MOTION", help="Amendments to this motion alone.")
@look
def list_motions(room: Room, status: str | None, parent: str | None) -> Answer:
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
    return table(
        "motions", found, ("motion", "*title", "on", "by", "state", "solved"), "No motion was drafted yet.", rows
    )
