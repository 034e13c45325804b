"""Amendments before a congress: their order and what excludes what (rule 6), whether one is stale (rule 5), whose turn
it is. The order itself is computed in `documents`."""

from __future__ import annotations

from lustrum.congress.documents import (
    Operation,
    Proposal,
    Version,
    VotingOrder,
    amend_draft,
    apply_all,
    check,
    draft_of,
    moot,
    voting_order,
)
from lustrum.congress.state.business import ENDED, SETTLED, Amendment, Motion
from lustrum.congress.state.state import State, find
from lustrum.errors import Refused

_WAITING = ("admitted", "debate", "voting")


def amendments_to(state: State, main: Motion) -> list[Motion]:
    """All amendments to a motion, those to other amendments too, in the order in which they came."""
    return [state.motions[m] for m in state.amendments.get(main.id, [])]


def change_of(motion: Motion) -> Amendment:
    """What an amendment changes; only for motions that are one."""
    assert motion.amendment is not None
    return motion.amendment


def voting_has_begun(state: State, main: Motion) -> bool:
    """Whether a ballot on an amendment to this motion, or on itself, was opened and not voided."""
    ballots = [b for m in (main, *amendments_to(state, main)) for b in m.ballots]
    return any(state.ballots[b].status not in ("draft", "void") for b in ballots)


def proposal(motion: Motion) -> Proposal:
    """An amendment as `documents` orders it."""
    change = change_of(motion)
    return Proposal(motion.id, change.operation, change.reach, change.amends)


def order_of(state: State, main: Motion) -> VotingOrder:
    """The order of voting on the amendments to a motion that are admitted."""
    version = state.papers[main.document or ""].current.version
    return voting_order(standing(state, main), version, main.id)


def standing(state: State, main: Motion) -> list[Proposal]:
    """The amendments to a motion that wait for their vote, in the order in which they came."""
    return [proposal(m) for m in amendments_to(state, main) if m.status in _WAITING]


def mooted_by(state: State, passed: Motion) -> dict[str, str]:
    """Amendments that fall when one passes, each with the reason: by what they change, and by declaration."""
    main = state.motions[passed.parent or ""]
    waiting = [m for m in amendments_to(state, main) if m.status not in ENDED and m.id != passed.id]
    out = moot(proposal(passed), [proposal(m) for m in waiting])
    declared = {b for pair in main.incompatible for b in pair if passed.id in pair}
    for m in waiting:
        if m.id in declared:
            out.setdefault(m.id, f"{passed.id} passed: declared incompatible when the order was fixed")
    for m in waiting:
        if change_of(m).amends in out:
            out.setdefault(m.id, f"{change_of(m).amends}, which it amends, is moot")
    return dict(sorted(out.items()))


def passed_operations(state: State, main: Motion) -> list[Operation]:
    """The operations of the amendments to the document that were adopted, as amended."""
    adopted = [change_of(m) for m in amendments_to(state, main) if m.status == "adopted"]
    return [c.operation for c in adopted if c.amends is None]


def as_amended(state: State, main: Motion) -> Version:
    """The document of a motion with exactly what the adopted amendments say."""
    version = state.papers[main.document or ""].current.version
    return apply_all(version, passed_operations(state, main))


def redrafted(state: State, amended: Motion, also: Motion) -> Operation:
    """An amendment's operation once `also`, an amendment to it, passes with those that passed before."""
    main = state.motions[amended.parent or ""]
    earlier = [
        change_of(m).operation
        for m in amendments_to(state, main)
        if change_of(m).amends == amended.id and m.status == "adopted"
    ]
    return amend_draft(amended.id, change_of(amended).proposed, [*earlier, change_of(also).operation])


def check_fresh(state: State, main: Motion, operation: Operation, amends: str | None) -> None:
    """Refuse an amendment that names another version or unit than the one that stands: it must be rebased.

    Raises
    ------
    Stale, DocumentError
        With both hashes.
    Refused
        If it amends an amendment that is settled, or one that amends another (one level).
    """
    paper = find(state.papers, main.document or "", "document")
    if amends is None:
        check(paper.current.version, operation)
        return
    amended = find(state.motions, amends, "motion")
    if amended.parent != main.id or amended.amendment is None or amended.amendment.amends is not None:
        raise Refused(
            "amendments to amendments go one level deep",
            found=amended.id,
            expected=f"an amendment to the document of {main.id} itself",
            mend="amend the amendment above it",
        )
    if amended.status in SETTLED:
        raise Refused(f"amendment {amended.id} is settled", found=amended.status, mend="move a motion of its own")
    check(draft_of(amended.id, amended.amendment.proposed), operation)


def check_turn(state: State, motion: Motion) -> None:
    """Refuse a vote out of order: before the order is logged, before its turn, on the whole before its parts.

    Raises
    ------
    Refused
        Naming what must be voted first.
    """
    main = state.motions[motion.parent] if motion.parent else motion
    waits = [p.id for p in standing(state, main)]
    if motion is main:
        if waits:
            raise Refused(
                f"amendments to {main.id} are to be voted first",
                found=", ".join(waits),
                expected="the whole as amended, last",
                mend="vote on them, in the logged order",
            )
        return
    if main.order is None or motion.id not in main.order:
        raise Refused(
            "the order of voting is logged before the first vote",
            where=motion.id,
            expected=f"an order of the amendments to {main.id} that holds it",
            mend="fix the order",
        )
    before = main.order[: main.order.index(motion.id)]
    if waiting := [m for m in before if state.motions[m].status not in SETTLED]:
        raise Refused(
            "it is not its turn",
            where=motion.id,
            found=f"before it come {', '.join(waiting)}",
            mend="vote in the logged order",
        )
    if missing := [m for m in waits if m not in main.order]:
        raise Refused("the logged order is not of all amendments", found=", ".join(missing), mend="fix the order again")
