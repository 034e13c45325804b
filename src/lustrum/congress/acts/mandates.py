"""Mandates: taken up and ended."""

from __future__ import annotations

from lustrum.congress.acts.topic import Topic
from lustrum.congress.canonical import digest
from lustrum.congress.counting import next_in_count, papers_of
from lustrum.congress.events.mandates import MandateBegun, MandateEnded, VacancyFilled
from lustrum.congress.state import vacancies
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

    def fill(self, mandate: str) -> str:
        """Fill the seat of one who resigned or was recalled from the count that elected them; return the new mandate.

        Raises
        ------
        Refused
            If the statute fills it otherwise, or the count has no next one: then a by-election is held.
        """
        state = self._state
        left = find(state.mandates, mandate, "mandate")
        gone, sitting = vacancies.recount_of(state, left)
        ballot = state.ballots[left.ballot]
        papers = papers_of(ballot, () if ballot.imported else self._congress.ledger.closed_ballot(ballot.id).papers)
        result = next_in_count(ballot.frozen, papers, ballot.closing.get("seed"), gone, sitting)
        with self._acting() as act:
            made = act.state.new_id(left.body, act.state.mandates)
            act.do(VacancyFilled, mandate=mandate, made=made, result=result, result_hash=digest(result))
            return made

    def of(self, body: str) -> list[Mandate]:
        """Return the mandates of a body that are elected or active."""
        find(self._state.bodies, body, "body")
        return self._state.seated(body)

    def vacancies(self, body: str) -> int:
        """Return the number of seats that no one holds."""
        find(self._state.bodies, body, "body")
        return self._state.vacancies(body)
