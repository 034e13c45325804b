"""Rebuilding and recounting: every event is judged again by the rules at its place, every count is made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lustrum.congress.canonical import digest
from lustrum.congress.counting import counted, next_in_count, papers_of
from lustrum.congress.entities import Ballot
from lustrum.congress.fold import Fold
from lustrum.congress.ledger import ClosedUrn, Event, Problem
from lustrum.congress.mandates import VacancyFilled
from lustrum.congress.outcomes import BallotCounted
from lustrum.errors import LustrumError


def rebuild(events: Sequence[Event], urns: Mapping[str, ClosedUrn]) -> Iterator[Problem]:
    """Yield what the domain finds wrong in a ledger whose chain is whole.

    An event that the rules did not allow at its place, a step back that a later step rests on, a roll
    other than the one frozen, more ballots than voters, a count that does not reproduce.
    """
    fold = Fold()
    for refusal in fold.take(events):
        yield Problem(refusal.height, refusal.what)
    ballots = fold.state.ballots
    for ballot in ballots.values():
        if ballot.frozen and ballot.imported is None and ballot.id in urns:
            yield from _urn_problems(ballot, urns[ballot.id])
    for event in events:
        step = fold.steps.get(event.height)
        if isinstance(step, BallotCounted) and step.ballot in ballots:
            yield from _recount(event.height, step, ballots[step.ballot], urns)
        elif isinstance(step, VacancyFilled) and (left := fold.state.mandates.get(step.mandate)):
            yield from _recount_vacancy(event.height, step, ballots[left.ballot], urns)


def _urn_problems(ballot: Ballot, urn: ClosedUrn) -> Iterator[Problem]:
    if digest(urn.roll) != ballot.frozen["roll"]:
        yield Problem(None, f"ballot {ballot.id}: the roll is not the one that was frozen when it opened")
    if len(urn.votes) > len(urn.voters) or len(urn.voters) > len(urn.roll):
        yield Problem(
            None,
            f"ballot {ballot.id}: more ballots than voters: {len(urn.votes)} ballots, {len(urn.voters)} "
            f"who voted, {len(urn.roll)} on the roll",
        )
    if strangers := sorted(set(urn.voters) - urn.roll.keys()):
        yield Problem(None, f"ballot {ballot.id}: a ballot from off the roll: {', '.join(strangers[:5])}")


def _recount(height: int, step: BallotCounted, ballot: Ballot, urns: Mapping[str, ClosedUrn]) -> Iterator[Problem]:
    if not ballot.frozen:
        return  # its opening was not allowed, which has been said
    if ballot.imported is None and ballot.id not in urns:
        if ballot.status != "void":
            yield Problem(height, f"ballot {ballot.id}: counted, but there is no closed urn of it")
        return
    try:
        papers = papers_of(ballot, urns[ballot.id].papers if ballot.imported is None else ())
        again = counted(ballot, papers, step.seed)
    except (LustrumError, KeyError, TypeError, ValueError) as e:
        yield Problem(height, f"ballot {ballot.id}: cannot be counted again: {e}")
        return
    if digest(again) != digest(step.result):
        yield Problem(
            height,
            f"ballot {ballot.id}: the count does not reproduce: recorded {step.result.get('outcome')} "
            f"with {step.result_hash}, counted again {again['outcome']} with {digest(again)}",
        )


def _recount_vacancy(
    height: int, step: VacancyFilled, ballot: Ballot, urns: Mapping[str, ClosedUrn]
) -> Iterator[Problem]:
    if ballot.imported is None and ballot.id not in urns:
        return  # said of the ballot
    papers = papers_of(ballot, urns[ballot.id].papers if ballot.imported is None else ())
    try:
        again = next_in_count(
            ballot.frozen, papers, ballot.closing.get("seed"), step.result["gone"], step.result["sitting"]
        )
    except (LustrumError, KeyError, TypeError, ValueError) as e:
        yield Problem(height, f"vacancy of {step.mandate}: cannot be counted again: {e}")
        return
    if digest(again) != digest(step.result):
        yield Problem(
            height, f"vacancy of {step.mandate}: the count does not reproduce: next is {again['next'] or 'none'}"
        )
