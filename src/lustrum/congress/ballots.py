"""Ballots: drafted, opened, cast, closed, counted, certified, or void.

Rule 1: opening a ballot fixes question, options, roll, rule and method, by their hash. Rule 9: there is no result
before it closes. Once a ballot is open, none of its steps can be taken back, and a closed ballot is never reopened.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lustrum.congress.canonical import digest
from lustrum.congress.counting import by_id, check_paper, counted, paper_bytes, papers_of, tiers_of
from lustrum.congress.entities import Ballot, Election, Motion, must_be
from lustrum.congress.ledger import Receipt, View
from lustrum.congress.outcomes import (
    BallotCertified,
    BallotCounted,
    back_from_voting,
    check_lot,
    effects_of,
)
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Text, Topic, kind
from lustrum.congress.terms import begin_voting, check_frozen, check_may_vote, frozen_of, same_frozen
from lustrum.congress.voting import read_blt, read_csv
from lustrum.errors import BadInput, Refused


def _matter_of(state: State, motion: str | None, election: str | None) -> Motion | Election:
    return state.motions.find(motion) if motion else state.elections.find(election or "")


@kind("ballot.drafted/1", makes="ballot")
class BallotDrafted(Step):
    """A ballot on a motion or in an election is prepared."""

    ballot: Id
    session: Id
    motion: Id | None = None
    election: Id | None = None
    question: Text

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.ballots, self.ballot)
        state.sessions.find(self.session)
        if (self.motion is None) == (self.election is None):
            raise BadInput("a ballot is on one motion or in one election", mend="name one of the two")
        matter = _matter_of(state, self.motion, self.election)
        must_be(self.session, matter.session, "a ballot is held in the session of its matter")
        if going := [b for b in matter.ballots if state.ballots[b].status not in ("certified", "void")]:
            raise Refused("there is a ballot on this already", found=going[0], mend="certify or void it first")

    def apply(self, state: State, now: Now) -> None:
        made = Ballot(self.ballot, self.session, self.motion or self.election or "", self.motion, self.election)
        made.question = self.question
        state.ballots[self.ballot] = made
        _matter_of(state, self.motion, self.election).ballots.append(self.ballot)


@kind("ballot.opened/1", reversible=False)
class BallotOpened(Step):
    """Voting begins. `frozen` is what no later event can change; `urn.opened` of the ledger follows with the roll."""

    ballot: Id
    frozen: dict[str, Any]
    frozen_hash: Hash

    def check(self, state: State, now: Now) -> None:
        ballot = state.ballots.find(self.ballot).must(("draft",), "open", "prepare another ballot")
        state.sessions[ballot.session].must(("open",), "open a ballot")
        check_may_vote(state, ballot)
        check_frozen(state, ballot, self.frozen, self.frozen_hash)

    def apply(self, state: State, now: Now) -> None:
        begin_voting(state, state.ballots[self.ballot], self.frozen, self.frozen_hash)


@kind("ballot.imported/1", reversible=False)
class BallotImported(Step):
    """Ballots of an election that were cast elsewhere: opened, filled and closed in one step, marked as imported."""

    ballot: Id
    frozen: dict[str, Any]
    frozen_hash: Hash
    source: Text
    form: Text
    text_hash: Hash
    ballots: dict[str, Any]
    voters: int = Field(ge=0)

    def check(self, state: State, now: Now) -> None:
        ballot = state.ballots.find(self.ballot).must(("draft",), "take ballots from elsewhere")
        if ballot.election is None:
            raise Refused("only ballots of an election are taken from elsewhere", found=f"ballot on {ballot.motion}")
        state.sessions[ballot.session].must(("open",), "take ballots")
        check_may_vote(state, ballot)
        check_frozen(state, ballot, self.frozen, self.frozen_hash)
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
        begin_voting(state, ballot, self.frozen, self.frozen_hash)
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
    """Voting ends. The digests of the sorted papers and of the roll-call are those of the ledger's `urn.closed`."""

    ballot: Id
    frozen_hash: Hash
    papers: int = Field(ge=0)
    papers_digest: Hash
    voters_digest: Hash
    present: int = Field(ge=0)

    def check(self, state: State, now: Now) -> None:
        ballot = state.ballots.find(self.ballot).must(("open",), "close", "a ballot is closed once")
        same_frozen(ballot, self.frozen_hash)
        if self.papers > ballot.frozen["voters"]:
            raise Refused(
                "more ballots than voters",
                where=f"ballot {ballot.id}",
                found=self.papers,
                expected=f"at most {ballot.frozen['voters']}",
            )
        box = ballot.closing.get("urn", {})
        if (box.get("papers"), box.get("papers_digest"), box.get("voters_digest")) != (
            self.papers,
            self.papers_digest,
            self.voters_digest,
        ):
            raise Refused("the ballot box was closed with other papers", where=f"ballot {ballot.id}")
        must_be(self.present, state.present(state.sessions[ballot.session]), "not as many are present")

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        ballot.closing = {
            "papers": self.papers,
            "present": self.present,
            "papers_digest": self.papers_digest,
            "voters_digest": self.voters_digest,
        }
        ballot.status = "closed"


@kind("ballot.voided/1", reversible=False)
class BallotVoided(Step):
    """A ballot is declared void before it is certified; its matter waits for another one."""

    ballot: Id
    reason: Text

    def check(self, state: State, now: Now) -> None:
        state.ballots.find(self.ballot).must(
            ("draft", "open", "closed", "counted"), "be declared void", "a certified count stands"
        )

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        voting = ballot.status != "draft"
        ballot.status = "void"
        ballot.closing["void_because"] = self.reason
        if voting:
            back_from_voting(state, ballot)


class Ballots(Topic):
    """Votes on motions and in elections."""

    def prepare(
        self,
        *,
        motion: str | None = None,
        election: str | None = None,
        question: str | None = None,
        ballot: str | None = None,
    ) -> str:
        """Prepare a ballot on a motion or in an election; return its id."""
        with self._acting() as act:
            state = act.state
            matter = _matter_of(state, motion, election)
            if isinstance(matter, Motion):
                words = f"Shall motion {motion} be adopted: {matter.title}?"
            else:
                words = f"Who is elected: {state.bodies[matter.body].name}?"
            return act.make(
                BallotDrafted,
                ballot,
                state.ballots,
                session=matter.session,
                motion=motion,
                election=election,
                question=(question or words)[:200],
            )

    def open(self, ballot: str) -> dict[str, Any]:
        """Open a ballot; return what that froze: question, options, roll, rule, method."""
        with self._acting() as act:
            found = act.state.ballots.find(ballot).must(("draft",), "open", "nothing reopens a ballot: prepare another")
            # Whether the matter is ready comes first: the terms of one that is not cannot be told.
            check_may_vote(act.state, found)
            frozen = frozen_of(act.state, found)
            act.do(BallotOpened, ballot=ballot, frozen=frozen, frozen_hash=digest(frozen))
            roll, _ = act.state.roll(act.state.sessions[found.session].body)
            act.tx.open_ballot(ballot, secret=frozen["secret"], roll=roll, paper_bytes=paper_bytes(frozen["options"]))
            act.took_newest()
            return frozen

    def cast(self, ballot: str, voter: str, paper: Any, *, by: str | None = None) -> Receipt:
        """Cast a vote.

        Parameters
        ----------
        voter
            Credential whose vote it is.
        paper
            "yes", "no", "abstain"; a ranking, best first: `["a", "b"]`, `[["a"], ["b", "c"]]`; or marks for approval.
        by
            Credential of the holder, where the vote is cast by proxy.

        Raises
        ------
        Refused
            A second vote, one outside the ballot's time, of someone absent, revoked or off the roll, one beside a
            proxy, or a paper that would be invalid.
        """
        with self._congress.turn():
            terms = self._state.ballots.find(ballot)

            def allowed(view: View) -> None:
                check_voter(self._congress.seen(view), ballot, voter, by)

            return self._congress.ledger.cast(
                ballot, voter, tiers_of(terms, paper), allowed=allowed, check=lambda given: check_paper(terms, given)
            )

    def close(self, ballot: str) -> int:
        """Close a ballot for good; return the number of papers. Nothing reopens it."""
        with self._acting() as act:
            found = act.state.ballots.find(ballot).must(("open",), "close")
            closed = act.tx.close_ballot(ballot)
            act.took_newest()
            act.do(
                BallotClosed,
                ballot=ballot,
                frozen_hash=found.frozen_hash,
                papers=len(closed.votes),
                papers_digest=closed.papers_digest,
                voters_digest=closed.voters_digest,
                present=act.state.present(act.state.sessions[found.session]),
            )
            return len(closed.votes)

    def import_papers(self, ballot: str, text: str, *, form: str, source: str, voters: int) -> int:
        """Take the ballots of an election from elsewhere, in BLT or CSV text; return their number.

        Parameters
        ----------
        form
            `blt` or `csv`. The candidates in it are the ids of those nominated, or their names.
        voters
            How many had the vote there: more ballots than that are refused.
        """
        if form not in ("blt", "csv"):
            raise BadInput("not a form of ballots that can be read", found=form, expected="blt or csv")
        read = read_blt(text, source).ballots if form == "blt" else read_csv(text, source)
        with self._acting() as act:
            found = act.state.ballots.find(ballot)
            if found.election is None:
                raise Refused("only ballots of an election are taken from elsewhere", found=f"ballot on {found.motion}")
            found.must(("draft",), "take ballots from elsewhere")
            check_may_vote(act.state, found)
            frozen = frozen_of(act.state, found)
            document = by_id(
                read, {act.state.people[p].name: p for p in frozen["options"]}, frozen["options"], source
            ).document()
            act.do(
                BallotImported,
                ballot=ballot,
                frozen=frozen,
                frozen_hash=digest(frozen),
                source=source,
                form=form,
                text_hash=digest(text),
                ballots=document,
                voters=voters,
            )
            return read.weight

    def count(self, ballot: str) -> dict[str, Any]:
        """Count a closed ballot; return the result. It decides nothing until it is certified."""
        return self._count(ballot, None, "")

    def draw_lot(self, ballot: str, seed: str, source: str) -> dict[str, Any]:
        """Break the ties of a count by lots drawn from a published seed; return the result.

        Only for ties that a re-ballot cannot break, or has not broken; and once.
        """
        check_lot(self._state.ballots.find(ballot))
        return self._count(ballot, seed, source)

    def _count(self, ballot: str, seed: str | None, source: str) -> dict[str, Any]:
        found = self._state.ballots.find(ballot)
        if found.status not in ("closed", "counted"):
            raise Refused(
                "there is no result before the ballot is closed",
                where=f"ballot {ballot}",
                found=f"it is {found.status}",
                expected="closed",
            )
        papers = papers_of(found, () if found.imported else self._congress.ledger.closed_ballot(ballot).papers)
        result = counted(found, papers, seed)
        self._do(
            BallotCounted,
            ballot=ballot,
            frozen_hash=found.frozen_hash,
            result=result,
            result_hash=digest(result),
            seed=seed,
            seed_source=source,
        )
        return result

    def certify(self, ballot: str, by: str) -> dict[str, Any]:
        """Certify a count; return what it decides."""
        with self._acting() as act:
            found = act.state.ballots.find(ballot).must(("counted",), "be certified", "count it first")
            effects = effects_of(act.state, found)
            act.do(BallotCertified, ballot=ballot, result_hash=found.result_hash, by=by, effects=effects)
            return effects

    def void(self, ballot: str, reason: str) -> None:
        """Declare a ballot void before it is certified; its papers are not counted."""
        with self._acting() as act:
            was = act.state.ballots.find(ballot).status
            act.do(BallotVoided, ballot=ballot, reason=reason)
            if was == "open":
                act.tx.void_ballot(ballot)
                act.took_newest()


def check_voter(state: State, ballot: str, voter: str, by: str | None) -> None:
    """Refuse the vote of someone who may not vote now.

    Raises
    ------
    Refused
        Off the roll, revoked, absent; or beside a proxy.
    """
    terms = state.ballots.find(ballot)
    session = state.sessions[terms.session]
    credential = state.credentials.get(voter)
    if terms.status != "open":
        raise Refused(f"ballot {ballot} takes no votes", found=f"it is {terms.status}", expected="open")
    if credential is None or credential.body != session.body:
        raise Refused(f"{voter} is not on the roll of {session.body}")
    if voter not in state.roll(session.body)[0]:
        raise Refused(f"{voter} may not vote", found=f"the credential is {credential.status}", expected="accredited")
    proxy = state.proxy_of(session.id, voter)
    if proxy is not None and by != proxy.holder:
        raise Refused(
            f"{voter} has given a proxy to {proxy.holder}: one mandate has one vote",
            mend="let the holder vote, or withdraw the proxy before the ballot opens",
        )
    if proxy is None and by not in (None, voter):
        raise Refused(f"{by} holds no proxy of {voter}")
    who = by or voter
    if who not in session.present or who not in state.roll(session.body)[0]:
        raise Refused(f"{who} is not present", expected="one who is here", mend="record the arrival first")
