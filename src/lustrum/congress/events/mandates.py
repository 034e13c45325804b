"""Mandates: taken up, ended by expiry, resignation or recall. They are made by elections and by their counts again."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from pydantic import Field

from lustrum.congress.canonical import digest
from lustrum.congress.events.step import Hash, Id, Now, Step, kind
from lustrum.congress.state import vacancies
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.people import Mandate
from lustrum.congress.state.state import State, find
from lustrum.errors import Refused


@kind("mandate.begun/1")
class MandateBegun(Step):
    """One who was elected takes the seat; the term of the body runs from this day."""

    mandate: Id

    def check(self, state: State, now: Now) -> None:
        mandate = find(state.mandates, self.mandate, "mandate")
        must(mandate.status, ("elected",), f"mandate {mandate.id}", "begin")
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
        mandate = find(state.mandates, self.mandate, "mandate")
        must(mandate.status, ("elected", "active"), f"mandate {mandate.id}", "end")
        if self.how == "expired" and not (mandate.until and now.day >= mandate.until):
            raise Refused(
                f"mandate {mandate.id} has not expired",
                found=now.day,
                expected=f"on or after {mandate.until or 'no date: it has no end'}",
                mend="let its holder resign, or recall them by a motion",
            )
        if self.how == "recalled":
            motion = find(state.motions, self.motion or "", "motion")
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
        left = find(state.mandates, self.mandate, "mandate")
        unused(state.mandates, self.made, "mandate", state)
        gone, sitting = vacancies.recount_of(state, left)
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
        find(state.people, self.result["next"], "person")

    def apply(self, state: State, now: Now) -> None:
        left = state.mandates[self.mandate]
        left.followed_by = self.made
        made = Mandate(self.made, self.result["next"], left.body, left.election, left.ballot)
        made.follows = left.id
        state.mandates[self.made] = made
