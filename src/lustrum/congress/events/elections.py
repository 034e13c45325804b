"""Elections: called, nominated, decided by ballots, declared. Declaring makes mandates, and needs a certified count."""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.events.step import Id, Now, Step, Text, kind
from lustrum.congress.state import contests
from lustrum.congress.state.deciding import Candidate, Election
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.people import Mandate
from lustrum.congress.state.rulebook import election as election_rule
from lustrum.congress.state.state import State, find
from lustrum.errors import BadInput, Refused

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
        unused(state.elections, self.election, "election", state)
        session = find(state.sessions, self.session, "session")
        must(
            session.status,
            ("convened", "accrediting", "open", "suspended"),
            f"session {session.id}",
            "call an election",
        )
        body = find(state.bodies, self.body, "body")
        if body.election is None or body.elected_by != session.body or body.dissolved:
            raise Refused(
                f"{session.body} does not elect {body.id}",
                found=f"session {session.id} of {session.body}",
                expected=f"a session of {body.elected_by}" if body.elected_by else "a body that is elected",
                mend="the statute says which body elects which",
            )
        method = election_rule(state.rulebook, body.election).method
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
        election = find(state.elections, self.election, "election")
        must(election.status, ("nominations",), f"election {election.id}", "take nominations")
        find(state.people, self.person, "person")
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
        election = find(state.elections, self.election, "election")
        must(election.status, ("nominations", "closed", "reballot"), f"election {election.id}", "lose a candidate")
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
            contests.check_quotas(state, election, left, election.contest_seats)

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.candidates[self.person].withdrawn = True
        election.contest = tuple(p for p in election.contest if p != self.person)


@kind("nominations.closed/1")
class NominationsClosed(Step):
    """Nominations close; the candidates are the options of the ballot, in the order of their ids."""

    election: Id

    def check(self, state: State, now: Now) -> None:
        election = find(state.elections, self.election, "election")
        must(election.status, ("nominations",), f"election {election.id}", "close nominations")
        standing = contests.standing(election)
        if len(standing) < election.seats:
            raise Refused(
                "fewer candidates than seats",
                where=election.id,
                found=len(standing),
                expected=f"at least {election.seats}",
                mend="nominate more, or call it for fewer seats",
            )
        contests.check_quotas(state, election, standing, election.seats)

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.status = "closed"
        election.contest, election.contest_seats = contests.standing(election), election.seats


@kind("election.declared/1", reversible=False)
class ElectionDeclared(Step):
    """The elected are declared: each gets the mandate named beside them. Only after a certified count."""

    election: Id
    mandates: dict[Id, Id] = Field(description="person -> id of the mandate made")

    def check(self, state: State, now: Now) -> None:
        election = find(state.elections, self.election, "election")
        must(
            election.status,
            ("counted",),
            f"election {election.id}",
            "be declared",
            "only a certified count makes a mandate",
        )
        if not election.elected or not any(state.ballots[b].status == "certified" for b in election.ballots):
            raise Refused(
                f"election {election.id} has elected nobody", found=election.contest_why, mend="call another election"
            )
        if sorted(self.mandates) != sorted(election.elected):
            raise Refused(
                f"election {election.id} elected others",
                found=", ".join(sorted(self.mandates)),
                expected=", ".join(sorted(election.elected)),
            )
        if len(set(self.mandates.values())) != len(self.mandates):
            raise BadInput("two mandates have one id", expected="an id for each")
        for person, mandate in self.mandates.items():
            unused(state.mandates, mandate, "mandate", state)
            if any(m.person == person and m.status == "elected" for m in state.seated(election.body)):
                raise Refused(f"{person} is elected to {election.body} already")

    def apply(self, state: State, now: Now) -> None:
        election = state.elections[self.election]
        election.status = "declared"
        ballot = next(b for b in reversed(election.ballots) if state.ballots[b].status == "certified")
        for person in election.elected:
            made = self.mandates[person]
            state.mandates[made] = Mandate(made, person, election.body, election.id, ballot)
