"""Mandates: taken up and ended."""

from __future__ import annotations

from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.mandates import MandateBegun, MandateEnded
from lustrum.congress.state.people import Mandate
from lustrum.congress.state.state import find


class Mandates(Topic):
    """Seats that people hold."""

    def begin(self, *mandates: str) -> None:
        """Let those who were elected take their seats."""
        with self._acting() as act:
            for mandate in mandates:
                act.do(MandateBegun, mandate=mandate)

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
        with self._acting() as act:
            for mandate in mandates:
                act.do(MandateEnded, mandate=mandate, how="expired")

    def recall(self, mandate: str, motion: str) -> None:
        """End a mandate by a motion that recalled it."""
        self._do(MandateEnded, mandate=mandate, how="recalled", motion=motion)

    def of(self, body: str) -> list[Mandate]:
        """Return the mandates of a body that are elected or active."""
        find(self._state.bodies, body, "body")
        return self._state.seated(body)

    def vacancies(self, body: str) -> int:
        """Return the number of seats that no one holds."""
        find(self._state.bodies, body, "body")
        return self._state.vacancies(body)
