"""Elections: called, nominated, declared. Their ballots are in `ballots.py`."""

from __future__ import annotations

from collections.abc import Mapping

from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.elections import (
    ElectionCalled,
    ElectionDeclared,
    ElectionNominated,
    NominationsClosed,
    NominationWithdrawn,
)
from lustrum.congress.state.state import find


class Elections(Topic):
    """Elections to bodies and offices."""

    def call(self, session: str, body: str, *, seats: int | None = None, election: str | None = None) -> str:
        """Call an election to a body or office (all its vacant seats, if no number is given); return its id."""
        with self._acting() as act:
            made = election or act.state.new_id("election", act.state.elections)
            find(act.state.bodies, body, "body")
            places = seats or max(act.state.vacancies(body), 1)
            act.do(ElectionCalled, election=made, session=session, body=body, seats=places)
            return made

    def nominate(self, election: str, *people: str, by: str) -> None:
        """Nominate people."""
        with self._acting() as act:
            for person in people:
                act.do(ElectionNominated, election=election, person=person, by=by)

    def withdraw(self, election: str, person: str) -> None:
        """Record that a candidate withdrew."""
        self._do(NominationWithdrawn, election=election, person=person)

    def close_nominations(self, election: str) -> tuple[str, ...]:
        """Close nominations; return the candidates."""
        with self._acting() as act:
            act.do(NominationsClosed, election=election)
            return act.state.elections[election].contest

    def declare(self, election: str, mandates: Mapping[str, str] | None = None) -> dict[str, str]:
        """Declare who is elected; return the mandate made for each person."""
        with self._acting() as act:
            found = find(act.state.elections, election, "election")
            made: dict[str, str] = dict(mandates or {})
            taken = dict.fromkeys([*act.state.mandates, *made.values()])
            for person in found.elected:
                if person not in made:
                    made[person] = act.state.new_id(f"{found.body}", taken)
                    taken[made[person]] = None
            act.do(ElectionDeclared, election=election, mandates=made)
            return made
