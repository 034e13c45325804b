"""Ballots: drafted, opened, closed, counted, certified, or void.

Rule 1: opening freezes question, options, roll, rule and method, by hash. Rule 9: nothing of a result exists before
closing. Rule 10: a certified count alone changes a motion or an election. No kind of event here can be taken back
once a ballot is open: nothing reopens it.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lustrum.congress.canonical import digest
from lustrum.congress.events.step import Hash, Id, Now, Step, Text, kind
from lustrum.congress.state import freezing, outcomes
from lustrum.congress.state.deciding import Ballot
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.state import State, find
from lustrum.errors import BadInput, Refused


@kind("ballot.drafted/1", makes="ballot")
class BallotDrafted(Step):
    """A ballot on a motion or in an election is prepared."""

    ballot: Id
    session: Id
    motion: Id | None = None
    election: Id | None = None
    question: Text

    def check(self, state: State, now: Now) -> None:
        unused(state.ballots, self.ballot, "ballot", state)
        find(state.sessions, self.session, "session")
        if (self.motion is None) == (self.election is None):
            raise BadInput("a ballot is on one motion or in one election", mend="name one of the two")
        session = (
            find(state.motions, self.motion, "motion").session
            if self.motion
            else find(state.elections, self.election or "", "election").session
        )
        if session != self.session:
            raise Refused("a ballot is held in the session of its matter", found=self.session, expected=session)
        others = state.motions[self.motion].ballots if self.motion else state.elections[self.election or ""].ballots
        if going := [b for b in others if state.ballots[b].status not in ("certified", "void")]:
            raise Refused("there is a ballot on this already", found=going[0], mend="certify or void it first")

    def apply(self, state: State, now: Now) -> None:
        made = Ballot(self.ballot, self.session, self.motion or self.election or "", self.motion, self.election)
        made.question = self.question
        state.ballots[self.ballot] = made
        holder = state.motions[self.motion] if self.motion else state.elections[self.election or ""]
        holder.ballots.append(self.ballot)


@kind("ballot.opened/1", reversible=False)
class BallotOpened(Step):
    """Voting begins. `frozen` is what no later event can change; `urn.opened` of the ledger follows with the roll."""

    ballot: Id
    frozen: dict[str, Any]
    frozen_hash: Hash

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        must(ballot.status, ("draft",), f"ballot {ballot.id}", "open", "prepare another ballot")
        must(state.sessions[ballot.session].status, ("open",), f"session {ballot.session}", "open a ballot")
        outcomes.check_may_vote(state, ballot)
        freezing.check_frozen(state, ballot, self.frozen, self.frozen_hash)

    def apply(self, state: State, now: Now) -> None:
        outcomes.begin_voting(state, state.ballots[self.ballot], self.frozen, self.frozen_hash)


@kind("ballot.imported/1", reversible=False)
class BallotImported(Step):
    """Ballots of an election that were counted elsewhere: opened, filled and closed in one, and marked as such."""

    ballot: Id
    frozen: dict[str, Any]
    frozen_hash: Hash
    source: Text
    form: Text
    text_hash: Hash
    ballots: dict[str, Any]
    voters: int = Field(ge=0)

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        must(ballot.status, ("draft",), f"ballot {ballot.id}", "take ballots from elsewhere")
        if ballot.election is None:
            raise Refused("only ballots of an election are taken from elsewhere", found=f"ballot on {ballot.motion}")
        must(state.sessions[ballot.session].status, ("open",), f"session {ballot.session}", "take ballots")
        outcomes.check_may_vote(state, ballot)
        freezing.check_frozen(state, ballot, self.frozen, self.frozen_hash)
        if list(self.ballots.get("options", [])) != list(self.frozen["options"]):
            raise Refused(
                "the ballots from elsewhere are on other options",
                found=self.ballots.get("options"),
                expected=self.frozen["options"],
                mend="nominate the candidates under the file's names",
            )
        papers = sum(int(weight) for weight, _ in self.ballots.get("papers", []))
        if papers > self.voters:
            raise Refused(
                "more ballots than voters", where=self.source, found=papers, expected=f"at most {self.voters}"
            )

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        outcomes.begin_voting(state, ballot, self.frozen, self.frozen_hash)
        ballot.imported = {
            "source": self.source,
            "form": self.form,
            "text_hash": self.text_hash,
            "ballots": self.ballots,
            "voters": self.voters,
        }
        ballot.closing = {"papers": sum(int(w) for w, _ in self.ballots["papers"]), "present": self.voters}
        ballot.status = "closed"


@kind("ballot.closed/1", reversible=False)
class BallotClosed(Step):
    """Voting ends. The digests of the sorted urn and of the roll-call are those of the ledger's `urn.closed`."""

    ballot: Id
    frozen_hash: Hash
    papers: int = Field(ge=0)
    papers_digest: Hash
    voters_digest: Hash
    present: int = Field(ge=0)

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        must(ballot.status, ("open",), f"ballot {ballot.id}", "close", "a ballot is closed once")
        same_frozen(ballot, self.frozen_hash)
        if self.papers > ballot.frozen["voters"]:
            raise Refused(
                "more ballots than voters",
                where=f"ballot {ballot.id}",
                found=self.papers,
                expected=f"at most {ballot.frozen['voters']}",
            )
        urn = ballot.closing.get("urn", {})
        if (urn.get("papers"), urn.get("papers_digest"), urn.get("voters_digest")) != (
            self.papers,
            self.papers_digest,
            self.voters_digest,
        ):
            raise Refused("the urn was closed with other papers", where=f"ballot {ballot.id}")
        if self.present != (here := state.present(state.sessions[ballot.session])):
            raise Refused("not as many are present", found=self.present, expected=str(here))

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        ballot.closing = {
            "papers": self.papers,
            "present": self.present,
            "papers_digest": self.papers_digest,
            "voters_digest": self.voters_digest,
        }
        ballot.status = "closed"


@kind("ballot.counted/1", reversible=False)
class BallotCounted(Step):
    """The papers are counted. `verify` counts them again. A lot's seed is given once, and counted with from then on."""

    ballot: Id
    frozen_hash: Hash
    result: dict[str, Any]
    result_hash: Hash
    seed: str | None = Field(None, max_length=400)
    seed_source: str = Field("", max_length=400)

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        same_frozen(ballot, self.frozen_hash)
        if self.seed is None:
            must(ballot.status, ("closed",), f"ballot {ballot.id}", "be counted")
        else:
            must(ballot.status, ("counted",), f"ballot {ballot.id}", "be decided by lot", "count it first")
            outcomes.check_lot(ballot)
            if not self.seed_source:
                raise BadInput(
                    "a lot is drawn from a published seed",
                    expected="where the seed was published",
                    mend="name the source",
                )
        if digest(self.result) != self.result_hash:
            raise Refused(
                "the count is not what its hash says",
                where=f"ballot {ballot.id}",
                found=self.result_hash,
                expected=digest(self.result),
            )

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        ballot.status, ballot.result, ballot.result_hash = "counted", self.result, self.result_hash
        if self.seed is not None:
            ballot.closing |= {"seed": self.seed, "seed_source": self.seed_source}


@kind("ballot.certified/1", reversible=False)
class BallotCertified(Step):
    """The count is certified, and with that decides: `effects` says what, and follows from the count alone."""

    ballot: Id
    result_hash: Hash
    by: Text
    effects: dict[str, Any]

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        must(ballot.status, ("counted",), f"ballot {ballot.id}", "be certified", "count it first")
        if self.result_hash != ballot.result_hash:
            raise Refused(
                "another count is certified than was counted",
                where=f"ballot {ballot.id}",
                found=self.result_hash,
                expected=ballot.result_hash,
            )
        expected = outcomes.effects_of(state, ballot)
        if self.effects != expected:
            raise Refused(
                "the count does not have these effects",
                where=f"ballot {ballot.id}",
                found=self.effects,
                expected=str(expected),
            )

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        ballot.status, ballot.certified_by = "certified", self.by
        outcomes.settle(state, ballot, self.effects, now.height, now.time)


@kind("ballot.voided/1", reversible=False)
class BallotVoided(Step):
    """A ballot is declared void before it is certified; its matter waits for another one."""

    ballot: Id
    reason: Text

    def check(self, state: State, now: Now) -> None:
        ballot = find(state.ballots, self.ballot, "ballot")
        must(
            ballot.status,
            ("draft", "open", "closed", "counted"),
            f"ballot {ballot.id}",
            "be declared void",
            "a certified count stands",
        )

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        voting = ballot.status != "draft"
        ballot.status = "void"
        ballot.closing["void_because"] = self.reason
        if voting:
            outcomes.back_from_voting(state, ballot)


def same_frozen(ballot: Ballot, frozen_hash: str) -> None:
    """Refuse a step on other terms than those that were frozen when the ballot was opened."""
    if frozen_hash != ballot.frozen_hash:
        raise Refused(
            "these are not the terms on which the ballot was opened",
            where=f"ballot {ballot.id}",
            found=frozen_hash,
            expected=ballot.frozen_hash or "a ballot that was opened",
        )
