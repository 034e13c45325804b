"""Two refusals that every kind of event makes: from the wrong state, and of an id that is taken."""

from __future__ import annotations

from collections.abc import Container

from lustrum.congress.state.state import State
from lustrum.errors import Refused


def must(status: str, allowed: tuple[str, ...], what: str, to: str, mend: str = "") -> None:
    """Refuse a step from a state that does not lead to it.

    Raises
    ------
    Refused
        With the state found and the states expected.
    """
    if status not in allowed:
        raise Refused(f"{what} cannot {to}", found=f"it is {status}", expected=f"{' or '.join(allowed)}", mend=mend)


def unused(things: Container[str], name: str, what: str, state: State) -> None:
    """Refuse an id that is taken, or was, by a thing that was taken back."""
    if name in things or name in state.retired:
        raise Refused(
            f"there is already a {what} {name!r}",
            expected="an id of its own",
            mend="choose another id, or leave it out",
        )
