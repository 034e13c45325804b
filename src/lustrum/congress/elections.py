"""Elections: called, nominated, decided by ballots, declared. Declaring makes mandates, and needs a certified count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from lustrum.congress.entities import NOT_CLOSED, Candidate, Election, Mandate, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Id, Now, Step, Text, Topic, kind
from lustrum.congress.voting.constraints import Constraints
from lustrum.errors import BadInput, Refused


def candidates_of(election: Election) -> tuple[str, ...]:
    """The candidates who have not withdrawn, in the order of their ids."""
    return tuple(sorted(c.person for c in election.candidates.values() if not c.withdrawn))


def constraints_of(state: State, election: Election, options: tuple[str, ...], seats: int) -> list[dict[str, Any]]:
    """The quotas of the body that this contest has to meet: without what those who sit, or are elected, already fill.

    One who sits and stands again counts as a candidate only.
    """
    sitting = {m.person for m in state.seated(election.body)} - set(options)
    have = sitting | set(election.elected)
    out: list[dict[str, Any]] = []
    for quota in state.bodies[election.body].quotas:
        group = {p for p in (*have, *options) if state.people[p].attributes.get(quota["attribute"]) == quota["value"]}
        filled = len(group & have)
        entry: dict[str, Any] = {
            "name": f"{quota['attribute']}: {quota['value']}",
            "members": [p for p in options if p in group],
        }
        if quota["at_least"] is not None:
            entry["at_least"] = min(max(quota["at_least"] - filled, 0), seats)
        if quota["at_most"] is not None:
            entry["at_most"] = max(quota["at_most"] - filled, 0)
        out.append(entry)
    return out


def check_quotas(state: State, election: Election, options: tuple[str, ...], seats: int) -> None:
    """Refuse a contest that no set of candidates could fill within the quotas; `BadInput` says what is missing."""
    Constraints(options, seats, constraints_of(state, election, options, seats))


#: Methods that give seats to lists or decide motions.
_LISTS = ("dhondt", "sainte-lague", "hamilton", "yes-no")


@kind("election.called/1", makes="election")
class ElectionCalled(Step):
    """A session elects members of a body below its own, or the holder of an office, by the statute's rule for it."""

    election: Id
    session: Id
    body: Id
    seats: int = Field(ge=1, le=100_000)

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.elections, self.election)
        session = state.sessions.find(self.session).must(NOT_CLOSED, "call an election")
        body = state.bodies.find(self.body)
        if body.election is None or body.elected_by != session.body or body.dissolved:
            raise Refused(
                f"{session.body} does not elect {body.id}",
                found=f"session {session.id} of {session.body}",
                expected=f"a session of {body.elected_by}" if body.elected_by else "a body that is elected",
                mend="the statute says which body elects which",
            )
        method = state.rulebook.election_rule(body.election).method
        if method.split("/")[0] in _LISTS:
            raise Refused(
                f"{method} elects no people",
                where=f"election {body.election} of the statute",
                expected="a method by which people are elected",
                mend="amend the statute's article",
            )
        if self.seats > (body.seats or 0):
            raise Refused(f"{body.id} has fewer seats", found=self.seats, expected=f"at most {body.seats}")

    def apply(self, state: State, now: Now) -> None:
        rule = state.bodies[self.body].election or ""
        state.elections[self.election] = Election(self.election, self.session, self.body, self.seats, rule)


@kind("election.nominated/1")
class ElectionNominated(Step):
    """Someone is nominated. Where seats are only for members of a body, only they can be."""

    election: Id
    person: Id
    by: Text

    def check(self, state: State, now: Now) -> None:
        election = state.elections.find(self.election).must(("nominations",), "take nominations")
        state.people.find(self.person)
        if self.person in election.candidates and not election.candidates[self.person].withdrawn:
            raise Refused(f"{self.person} is nominated already", where=election.id)
        only = state.bodies[election.body].members_of
        if only is not None and not state.sits(self.person, only):
            raise Refused(
                f"{self.person} is no member of {only}",
                where=election.id,
                expected=f"seats of {election.body} are for members of {only}",
                mend="nominate a member",
            )

    def apply(self, state: State, now: Now) -> None:
        state.elections[self.election].candidates[self.person] = Candidate(self.person, self.by)


@kind("nomination.withdrawn/1")
class NominationWithdrawn(Step):
    """A candidate withdraws: before nominations close, or between ballots."""

    election: Id
    person: Id

    def check(self, state: State, now: Now) -> None:
        election = state.elections.find(self.election).must(("nominations", "closed", "reballot"), "lose a candidate")
        if (c := election.candidates.get(self.person)) is None or c.withdrawn:
            raise Refused(f"{self.person} is not nominated", where=election.id)
        if election.contest and len(set(election.contest) - {self.person}) < max(election.contest_seats, 1):
            raise Refused(
                "fewer candidates than seats would be left",
                where=election.id,
                found=len(election.contest) - 1,
                expected=f"at least {election.contest_seats}",
            )
        if election.contest:
            left = tuple(p for p in election.contest if p != self.person)
            check_quotas(state, election, left, election.contest_seats)

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.candidates[self.person].withdrawn = True
        election.contest = tuple(p for p in election.contest if p != self.person)


@kind("nominations.closed/1")
class NominationsClosed(Step):
    """Nominations close; the candidates are the options of the ballot, in the order of their ids."""

    election: Id

    def check(self, state: State, now: Now) -> None:
        election = state.elections.find(self.election).must(("nominations",), "close nominations")
        standing = candidates_of(election)
        if len(standing) < election.seats:
            raise Refused(
                "fewer candidates than seats",
                where=election.id,
                found=len(standing),
                expected=f"at least {election.seats}",
                mend="nominate more, or call it for fewer seats",
            )
        check_quotas(state, election, standing, election.seats)

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.status = "closed"
        election.contest, election.contest_seats = candidates_of(election), election.seats


@kind("election.declared/1", reversible=False)
class ElectionDeclared(Step):
    """The elected are declared: each gets the mandate named beside them. Only after a certified count."""

    election: Id
    mandates: dict[Id, Id] = Field(description="person -> id of the mandate made")

    def check(self, state: State, now: Now) -> None:
        election = state.elections.find(self.election).must(
            ("counted",), "be declared", "only a certified count makes a mandate"
        )
        if not election.elected or not any(state.ballots[b].status == "certified" for b in election.ballots):
            raise Refused(
                f"election {election.id} has elected nobody", found=election.contest_why, mend="call another election"
            )
        named, elected = (", ".join(sorted(people)) for people in (self.mandates, election.elected))
        must_be(named, elected, f"election {election.id} elected others")
        if len(set(self.mandates.values())) != len(self.mandates):
            raise BadInput("two mandates have one id", expected="an id for each")
        for person, mandate in self.mandates.items():
            state.check_unused(state.mandates, mandate)
            if any(m.person == person and m.status == "elected" for m in state.seated(election.body)):
                raise Refused(f"{person} is elected to {election.body} already")

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.status = "declared"
        ballot = next(b for b in reversed(election.ballots) if state.ballots[b].status == "certified")
        for person in election.elected:
            made = self.mandates[person]
            state.mandates[made] = Mandate(made, person, election.body, election.id, ballot)


class Elections(Topic):
    """Elections to bodies and offices."""

    def call(self, session: str, body: str, *, seats: int | None = None, election: str | None = None) -> str:
        """Call an election to a body or office (all its vacant seats, if no number is given); return its id."""
        with self._acting() as act:
            act.state.bodies.find(body)
            places = seats or max(act.state.vacancies(body), 1)
            return act.make(ElectionCalled, election, act.state.elections, session=session, body=body, seats=places)

    def nominate(self, election: str, *people: str, by: str) -> None:
        """Nominate people."""
        self._each(ElectionNominated, "person", people, election=election, by=by)

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
            found = act.state.elections.find(election)
            made: dict[str, str] = dict(mandates or {})
            taken = dict.fromkeys([*act.state.mandates, *made.values()])
            for person in found.elected:
                if person not in made:
                    made[person] = act.state.new_id(f"{found.body}", taken)
                    taken[made[person]] = None
            act.do(ElectionDeclared, election=election, mandates=made)
            return made
