"""What all commands that move an amendment share: who moves and supports it, how far it reaches, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.congress.room import Answer, Room, id_option

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
