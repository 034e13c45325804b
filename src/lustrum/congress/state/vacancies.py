"""Vacant seats: which are filled from the count that filled them, and who is in that count no more."""

from __future__ import annotations

from lustrum.congress.state.people import Mandate
from lustrum.congress.state.state import State
from lustrum.errors import Refused


def recount_of(state: State, left: Mandate) -> tuple[list[str], list[str]]:
    """Who has left the body since a count, and who sits by it, both sorted: the terms on which it is counted again.

    Raises
    ------
    Refused
        If the seat is not vacant, or the statute fills it otherwise.
    """
    body = state.bodies[left.body]
    if left.status != "ended" or left.ended == "expired":
        raise Refused(
            f"mandate {left.id} leaves no seat for the rest of its term",
            found=left.ended or left.status,
            expected="one that was resigned or recalled",
        )
    if left.followed_by is not None:
        raise Refused(f"the seat of {left.id} is filled", found=left.followed_by)
    if body.vacancies != "next_in_count":
        raise Refused(
            f"the statute does not fill seats of {body.id} from the count",
            found=body.vacancies,
            mend="hold a by-election" if body.vacancies == "by_election" else "leave it vacant",
        )
    certified = [b for b in state.elections[left.election].ballots if state.ballots[b].status == "certified"]
    if certified != [left.ballot]:
        raise Refused(
            f"the seats of election {left.election} come of several ballots",
            found=", ".join(certified),
            expected="one count",
            mend="hold a by-election",
        )
    from_count = [m for m in state.mandates.values() if m.election == left.election]
    gone = sorted({m.person for m in from_count if m.status == "ended"})
    return gone, sorted({m.person for m in state.seated(left.body)})
