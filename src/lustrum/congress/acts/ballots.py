"""Ballots: prepared, opened, cast, closed, counted, certified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lustrum.congress.acts.topic import Topic
from lustrum.congress.canonical import canonical, digest
from lustrum.congress.counting import counted, papers_of
from lustrum.congress.events.ballots import (
    BallotCertified,
    BallotClosed,
    BallotCounted,
    BallotDrafted,
    BallotImported,
    BallotOpened,
    BallotVoided,
)
from lustrum.congress.ledger import Receipt
from lustrum.congress.ledger.events import View
from lustrum.congress.state import freezing, outcomes
from lustrum.congress.state.deciding import Ballot
from lustrum.congress.state.guards import must
from lustrum.congress.state.state import State, find
from lustrum.congress.voting import Ballots as Counted
from lustrum.congress.voting import fault, paper_of, read_blt, read_csv
from lustrum.congress.voting.ballots import REASONS
from lustrum.errors import BadInput, Refused


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
            if motion is not None:
                matter = find(state.motions, motion, "motion")
                session, words = matter.session, f"Shall motion {motion} be adopted: {matter.title}?"
            else:
                contest = find(state.elections, election or "", "election")
                name = state.bodies[contest.body].name
                session, words = contest.session, f"Who is elected: {name}?"
            made = ballot or state.new_id("ballot", state.ballots)
            act.do(
                BallotDrafted,
                ballot=made,
                session=session,
                motion=motion,
                election=election,
                question=(question or words)[:200],
            )
            return made

    def open(self, ballot: str) -> dict[str, Any]:
        """Open a ballot; return what that froze: question, options, roll, rule, method."""
        with self._acting() as act:
            found = find(act.state.ballots, ballot, "ballot")
            must(found.status, ("draft",), f"ballot {ballot}", "open", "nothing reopens a ballot: prepare another")
            # Whether the matter is ready comes first: the terms of one that is not cannot be told.
            outcomes.check_may_vote(act.state, found)
            frozen = freezing.frozen_of(act.state, found)
            act.do(BallotOpened, ballot=ballot, frozen=frozen, frozen_hash=digest(frozen))
            roll, _ = act.state.roll(act.state.sessions[found.session].body)
            act.tx.open_ballot(ballot, secret=frozen["secret"], roll=roll, paper_bytes=_paper_bytes(frozen["options"]))
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
            terms = find(self._state.ballots, ballot, "ballot")

            def allowed(view: View) -> None:
                check_voter(self._congress.seen(view), ballot, voter, by)

            return self._congress.ledger.cast(
                ballot, voter, _tiers(terms, paper), allowed=allowed, check=lambda given: _check(terms, given)
            )

    def close(self, ballot: str) -> int:
        """Close a ballot for good; return the number of papers. Nothing reopens it."""
        with self._acting() as act:
            found = find(act.state.ballots, ballot, "ballot")
            if found.status != "open":
                raise Refused(f"ballot {ballot} cannot close", found=f"it is {found.status}", expected="open")
            urn = act.tx.close_ballot(ballot)
            act.took_newest()
            act.do(
                BallotClosed,
                ballot=ballot,
                frozen_hash=found.frozen_hash,
                papers=len(urn.votes),
                papers_digest=urn.papers_digest,
                voters_digest=urn.voters_digest,
                present=act.state.present(act.state.sessions[found.session]),
            )
            return len(urn.votes)

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
            found = find(act.state.ballots, ballot, "ballot")
            if found.election is None:
                raise Refused("only ballots of an election are taken from elsewhere", found=f"ballot on {found.motion}")
            must(found.status, ("draft",), f"ballot {ballot}", "take ballots from elsewhere")
            outcomes.check_may_vote(act.state, found)
            frozen = freezing.frozen_of(act.state, found)
            document = _by_id(read, act.state, frozen["options"], source).document()
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
        outcomes.check_lot(find(self._state.ballots, ballot, "ballot"))
        return self._count(ballot, seed, source)

    def _count(self, ballot: str, seed: str | None, source: str) -> dict[str, Any]:
        found = find(self._state.ballots, ballot, "ballot")
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
            found = find(act.state.ballots, ballot, "ballot")
            if found.status != "counted":
                raise Refused(
                    f"ballot {ballot} cannot be certified",
                    found=f"it is {found.status}",
                    expected="counted",
                    mend="count it first",
                )
            effects = outcomes.effects_of(act.state, found)
            act.do(BallotCertified, ballot=ballot, result_hash=found.result_hash, by=by, effects=effects)
            return effects

    def void(self, ballot: str, reason: str) -> None:
        """Declare a ballot void before it is certified; its papers are not counted."""
        with self._acting() as act:
            was = find(act.state.ballots, ballot, "ballot").status
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
    terms = find(state.ballots, ballot, "ballot")
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


def _paper_bytes(options: list[str]) -> int:
    """Size to which secret papers are filled up: the largest ranking, every option in a tier of its own."""
    return max(256, 64 + sum(len(canonical(option)) + 4 for option in options))


def _tiers(terms: Ballot, paper: Any) -> list[list[str]]:
    """A paper as it is kept: tiers. One word is one mark; marks of a method without ranks are one tier."""
    given = [paper] if isinstance(paper, str) else paper
    tiers = [list(tier) for tier in paper_of(given)]
    if terms.frozen and terms.frozen["method"].split("/")[0] in ("plurality", "approval", "block-approval"):
        return [sorted(mark for tier in tiers for mark in tier)] if tiers else []
    return tiers


def _check(terms: Ballot, paper: Any) -> None:
    """Refuse a paper that would not count as it stands; an empty one may be cast, and counts as blank."""
    if not terms.frozen:
        return
    reason = fault(terms.frozen["method"], terms.options, paper_of(paper), seats=terms.seats)
    if reason is not None and reason != "blank":
        raise Refused(
            "this paper would be invalid",
            where=f"ballot {terms.id}",
            found=REASONS[reason],
            expected=f"marks among {', '.join(terms.options[:8])}",
            mend="mark it again",
        )


def _by_id(read: Counted, state: State, options: Iterable[str], source: str) -> Counted:
    """The same ballots with candidates by id, in the order of the ballot: a file may have their names."""
    wanted = tuple(options)
    names = {state.people[p].name: p for p in wanted}
    known = {o: o if o in wanted else names.get(o, "") for o in read.options}
    if sorted(known.values()) != sorted(wanted):
        raise BadInput(
            "the ballots are on other candidates",
            where=source,
            found=", ".join(read.options),
            expected=", ".join(wanted),
            mend="nominate those of the file, under their names",
        )
    papers = tuple((tuple(tuple(known.get(m, m) for m in tier) for tier in paper), w) for paper, w in read.papers)
    return Counted(wanted, papers)
