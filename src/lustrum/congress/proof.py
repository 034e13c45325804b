"""Proof of a congress from its file alone: the chain, every count again, every state rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lustrum.congress.canonical import digest
from lustrum.congress.counting import counted, next_in_count, papers_of
from lustrum.congress.entities import Ballot
from lustrum.congress.fold import Fold, fold
from lustrum.congress.ledger import Anchor, ClosedBallot, Event, Ledger, Problem, verify_chain
from lustrum.congress.mandates import VacancyFilled
from lustrum.congress.outcomes import BallotCounted
from lustrum.congress.plans import adopted_version, check_adopted
from lustrum.errors import LustrumError


def rebuild(events: Sequence[Event], closed: Mapping[str, ClosedBallot]) -> Iterator[Problem]:
    """Yield what the domain finds wrong in a ledger whose chain is whole.

    An event that the rules did not allow at its place, a step back that a later step rests on, a roll
    other than the one frozen, more ballots than voters, a count that does not reproduce.
    """
    fold = Fold()
    for refusal in fold.take(events):
        yield Problem(refusal.height, refusal.what)
    ballots = fold.state.ballots
    for ballot in ballots.values():
        if ballot.frozen and ballot.imported is None and ballot.id in closed:
            yield from _box_problems(ballot, closed[ballot.id])
    for event in events:
        step = fold.steps.get(event.height)
        if isinstance(step, BallotCounted) and step.ballot in ballots:
            what = _recount(step, ballots[step.ballot], closed)
        elif isinstance(step, VacancyFilled) and (left := fold.state.mandates.get(step.mandate)):
            what = _recount(step, ballots[left.ballot], closed)
        else:
            continue
        if what:
            yield Problem(event.height, what)


def _box_problems(ballot: Ballot, box: ClosedBallot) -> Iterator[Problem]:
    if digest(box.roll) != ballot.frozen["roll"]:
        yield Problem(None, f"ballot {ballot.id}: the roll is not the one that was frozen when it opened")
    if len(box.votes) > len(box.voters) or len(box.voters) > len(box.roll):
        yield Problem(
            None,
            f"ballot {ballot.id}: more ballots than voters: {len(box.votes)} ballots, {len(box.voters)} "
            f"who voted, {len(box.roll)} on the roll",
        )
    if strangers := sorted(set(box.voters) - box.roll.keys()):
        yield Problem(None, f"ballot {ballot.id}: a ballot from off the roll: {', '.join(strangers[:5])}")


def _recount(step: BallotCounted | VacancyFilled, ballot: Ballot, closed: Mapping[str, ClosedBallot]) -> str:
    """Count again what an event says was counted; return what is wrong, or nothing."""
    name = f"vacancy of {step.mandate}" if isinstance(step, VacancyFilled) else f"ballot {ballot.id}"
    of_ballot = isinstance(step, BallotCounted)
    if of_ballot and not ballot.frozen:
        return ""  # its opening was not allowed, which has been said
    if ballot.imported is None and ballot.id not in closed:
        said = not of_ballot or ballot.status == "void"
        return "" if said else f"{name}: counted, but there is no closed ballot box of it"
    papers = papers_of(ballot, closed[ballot.id].papers if ballot.imported is None else ())
    try:
        if isinstance(step, BallotCounted):
            again = counted(ballot, papers, step.seed)
        else:
            seed, result = ballot.closing.get("seed"), step.result
            again = next_in_count(ballot.frozen, papers, seed, result["gone"], result["sitting"])
    except (LustrumError, KeyError, TypeError, ValueError) as e:
        return f"{name}: cannot be counted again: {e}"
    if digest(again) == digest(step.result):
        return ""
    if isinstance(step, VacancyFilled):
        return f"{name}: the count does not reproduce: next is {again['next'] or 'none'}"
    return (
        f"{name}: the count does not reproduce: recorded {step.result.get('outcome')} "
        f"with {step.result_hash}, counted again {again['outcome']} with {digest(again)}"
    )


def verify(
    path: str | Path,
    anchor: str | Anchor | None = None,
    public_key: str | None = None,
    plans: str | Path | None = None,
) -> list[Problem]:
    """Verify a congress without trusting who kept it; return everything that is wrong, none if all holds.

    Parameters
    ----------
    anchor
        `height:hash` as a session's closing published it. Without one, a cut tail and a ledger rewritten by
        the holder of its key cannot be told.
    public_key
        Whose signatures are to count, if known from elsewhere.
    plans
        The folder in which the adopted plans are kept: each must prove itself and bear the seals in the ledger.

    Raises
    ------
    LedgerError
        If the file is no ledger, or the anchor none. A ledger that is wrong is no error: see what is returned.
    """
    found = verify_chain(path, anchor, public_key, rebuild)
    return found if found or plans is None else list(_plans(path, Path(plans)))


def _plans(path: str | Path, plans: Path) -> Iterator[Problem]:
    with Ledger.open(path) as ledger:
        state = fold(ledger.events()).state
    for adopted in state.plans:
        try:
            check_adopted(adopted, plans / adopted.plan_id, adopted_version(state, adopted.motion).version)
        except LustrumError as e:
            yield Problem(adopted.height, f"plan {adopted.plan_id}: {e}")
