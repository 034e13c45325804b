"""Mandates: taken up, and ended by expiry, resignation or recall. They are made in `elections.py` alone."""

from __future__ import annotations

import calendar
from datetime import date

from pydantic import Field

from lustrum.congress.events.step import Id, Now, Step, kind
from lustrum.congress.state.guards import must
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
            raise Refused(f"{body.id} has no vacancy", found=f"{len(held)} of {body.seats} held",
                          mend="end the mandate that runs out first")  # fmt: skip
        if other := clash(state, mandate.person, body.id):
            raise Refused(f"{mandate.person} sits in {other}, which the statute declares incompatible with {body.id}",
                          mend=f"resign from {other} first, or decline the seat")  # fmt: skip

    def apply(self, state: State, now: Now) -> None:
        mandate = state.mandates[self.mandate]
        mandate.status, mandate.since = "active", now.day
        if term := state.bodies[mandate.body].term:
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
            raise Refused(f"mandate {mandate.id} has not expired", found=now.day,
                          expected=f"on or after {mandate.until or 'no date: it has no end'}",
                          mend="let its holder resign, or recall them by a motion")  # fmt: skip
        if self.how == "recalled":
            motion = find(state.motions, self.motion or "", "motion")
            if motion.recalls != mandate.id or motion.status != "adopted":
                raise Refused(f"motion {motion.id} does not recall mandate {mandate.id}",
                              found=f"it recalls {motion.recalls or 'nobody'} and is {motion.status}",
                              expected="an adopted motion that names this mandate",
                              mend="put the recall to a vote first")  # fmt: skip

    def apply(self, state: State, now: Now) -> None:
        mandate = state.mandates[self.mandate]
        mandate.status, mandate.ended = "ended", self.how
        mandate.until = now.day
        state.changed_roll(mandate.body)


def clash(state: State, person: str, body: str) -> str | None:
    """A body whose active seat the person holds and which the statute declares incompatible with `body`."""
    barred = {b for group in state.rulebook.incompatible if body in group for b in group} - {body}
    return next((m.body for m in state.mandates.values()
                 if m.person == person and m.status == "active" and m.body in barred), None)  # fmt: skip


def months_later(day: str, months: int) -> str:
    """Return the same day so many months later, or the last of that month where it has fewer days."""
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1])).isoformat()
