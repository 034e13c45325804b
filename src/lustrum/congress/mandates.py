"""Mandates: begun, ended by expiry, resignation or recall; and vacant seats, which may be filled from the old count."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from pydantic import Field

from lustrum.congress.canonical import digest
from lustrum.congress.counting import next_in_count, papers_of
from lustrum.congress.entities import Mandate
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Topic, kind
from lustrum.errors import Refused


def recount_of(state: State, left: Mandate) -> tuple[list[str], list[str]]:
    """Who was elected by a count and has left since, and who holds a seat now, both sorted: what a recount leaves out.

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


@kind("mandate.begun/1")
class MandateBegun(Step):
    """One who was elected takes the seat; the term of the body runs from this day."""

    mandate: Id

    def check(self, state: State, now: Now) -> None:
        mandate = state.mandates.find(self.mandate).must(("elected",), "begin")
        body = state.bodies[mandate.body]
        held = [m.id for m in state.seated(body.id) if m.status == "active"]
        if len(held) >= (body.seats or 0):
            raise Refused(
                f"{body.id} has no vacancy",
                found=f"{len(held)} of {body.seats} held",
                mend="end the mandate that runs out first",
            )
        if other := clash(state, mandate.person, body.id):
            raise Refused(
                f"{mandate.person} sits in {other}, which the statute declares incompatible with {body.id}",
                mend=f"resign from {other} first, or decline the seat",
            )

    def apply(self, state: State, now: Now) -> None:
        mandate = state.mandates[self.mandate]
        mandate.status, mandate.since = "active", now.day
        before = state.mandates[mandate.follows].until if mandate.follows else ""
        if before:
            mandate.until = before
        elif term := state.bodies[mandate.body].term:
            mandate.until = months_later(now.day, term)
        state.changed_roll(mandate.body)


@kind("mandate.ended/1")
class MandateEnded(Step):
    """A seat falls vacant: the term is over, its holder resigned, or a motion recalled them."""

    mandate: Id
    how: str = Field(pattern="^(expired|resigned|recalled)$")
    motion: Id | None = None
    reason: str = Field("", max_length=2000)

    def check(self, state: State, now: Now) -> None:
        mandate = state.mandates.find(self.mandate).must(("elected", "active"), "end")
        if self.how == "expired" and not (mandate.until and now.day >= mandate.until):
            raise Refused(
                f"mandate {mandate.id} has not expired",
                found=now.day,
                expected=f"on or after {mandate.until or 'no date: it has no end'}",
                mend="let its holder resign, or recall them by a motion",
            )
        if self.how == "recalled":
            motion = state.motions.find(self.motion or "")
            if motion.recalls != mandate.id or motion.status != "adopted":
                raise Refused(
                    f"motion {motion.id} does not recall mandate {mandate.id}",
                    found=f"it recalls {motion.recalls or 'nobody'} and is {motion.status}",
                    expected="an adopted motion that names this mandate",
                    mend="put the recall to a vote first",
                )

    def apply(self, state: State, now: Now) -> None:
        mandate = state.mandates[self.mandate]
        mandate.status, mandate.ended = "ended", self.how
        mandate.ended_on = now.day
        state.changed_roll(mandate.body)


def clash(state: State, person: str, body: str) -> str | None:
    """A body whose active seat the person holds and which the statute declares incompatible with `body`."""
    barred = {b for group in state.rulebook.incompatible if body in group for b in group} - {body}
    return next(
        (m.body for m in state.mandates.values() if m.person == person and m.status == "active" and m.body in barred),
        None,
    )


def months_later(day: str, months: int) -> str:
    """Return the same day so many months later, or the last of that month where it has fewer days."""
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1])).isoformat()


@kind("vacancy.filled/1", reversible=False)
class VacancyFilled(Step):
    """A vacant seat goes to the next in the count that filled it, for the rest of the term.

    The certified ballots are counted again without those who left; `verify` counts them too.
    """

    mandate: Id
    made: Id
    result: dict[str, Any]
    result_hash: Hash

    def check(self, state: State, now: Now) -> None:
        left = state.mandates.find(self.mandate)
        state.check_unused(state.mandates, self.made)
        gone, sitting = recount_of(state, left)
        if digest(self.result) != self.result_hash:
            raise Refused("the count is not what its hash says", where=f"vacancy of {left.id}")
        if self.result.get("gone") != gone or self.result.get("sitting") != sitting:
            raise Refused(
                "a count without others than those who left",
                where=f"vacancy of {left.id}",
                found=self.result.get("gone"),
                expected=", ".join(gone),
            )
        if not self.result.get("next"):
            raise Refused(
                "the count has no next one",
                where=f"vacancy of {left.id}",
                found=self.result.get("why"),
                mend="hold a by-election",
            )
        state.people.find(self.result["next"])

    def apply(self, state: State, now: Now) -> None:
        left = state.mandates[self.mandate]
        left.followed_by = self.made
        made = Mandate(self.made, self.result["next"], left.body, left.election, left.ballot)
        made.follows = left.id
        state.mandates[self.made] = made


class Mandates(Topic):
    """Seats that people hold."""

    def begin(self, *mandates: str) -> None:
        """Let those who were elected take their seats."""
        self._each(MandateBegun, "mandate", mandates)

    def begin_all(self, body: str) -> list[str]:
        """Let all who are elected to a body take their seats; return the mandates."""
        with self._acting() as act:
            waiting = [m.id for m in act.state.seated(body) if m.status == "elected"]
            for mandate in waiting:
                act.do(MandateBegun, mandate=mandate)
            return waiting

    def resign(self, mandate: str, reason: str = "") -> None:
        """Record that a holder resigned, or declined the seat."""
        self._do(MandateEnded, mandate=mandate, how="resigned", reason=reason)

    def expire(self, *mandates: str) -> None:
        """End mandates whose term is over."""
        self._each(MandateEnded, "mandate", mandates, how="expired")

    def recall(self, mandate: str, motion: str) -> None:
        """End a mandate by a motion that recalled it."""
        self._do(MandateEnded, mandate=mandate, how="recalled", motion=motion)

    def fill(self, mandate: str) -> str:
        """Fill the seat of one who resigned or was recalled from the count that elected them; return the new mandate.

        Raises
        ------
        Refused
            If the statute fills it otherwise, or the count has no next one: then a by-election is held.
        """
        state = self._state
        left = state.mandates.find(mandate)
        gone, sitting = recount_of(state, left)
        ballot = state.ballots[left.ballot]
        papers = papers_of(ballot, () if ballot.imported else self._congress.ledger.closed_ballot(ballot.id).papers)
        result = next_in_count(ballot.frozen, papers, ballot.closing.get("seed"), gone, sitting)
        with self._acting() as act:
            made = act.state.new_id(left.body, act.state.mandates)
            act.do(VacancyFilled, mandate=mandate, made=made, result=result, result_hash=digest(result))
            return made

    def of(self, body: str) -> list[Mandate]:
        """Return the mandates of a body that are elected or active."""
        self._state.bodies.find(body)
        return self._state.seated(body)

    def vacancies(self, body: str) -> int:
        """Return the number of seats that no one holds."""
        self._state.bodies.find(body)
        return self._state.vacancies(body)
