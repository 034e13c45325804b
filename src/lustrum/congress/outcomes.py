"""What a count does to a motion or an election: counting, drawing lots, certifying (rules 2, 4, 7 and 10)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lustrum.congress.amendments import (
    as_amended,
    change_of,
    mooted_by,
    redrafted,
)
from lustrum.congress.canonical import digest
from lustrum.congress.documents import DocumentVersion
from lustrum.congress.entities import Ballot, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Text, kind
from lustrum.congress.terms import same_frozen
from lustrum.errors import BadInput, Refused


def back_from_voting(state: State, ballot: Ballot) -> None:
    """After a void ballot its matter stands where it stood before."""
    if ballot.motion is not None:
        state.motions[ballot.motion].status = "debate"
        return
    election = state.elections[ballot.election or ""]
    election.rounds -= 1
    election.status = "reballot" if election.rounds else "closed"


def lots_due(ballot: Ballot) -> list[dict[str, Any]]:
    """Ties that only a lot can break now: those within a count, and those of places after a re-ballot.

    Where the statute has no re-ballot of ties the lot comes at once; where it has no lot, the re-ballot is repeated.
    """
    ways = ballot.frozen["rule"].get("ties", [])
    after = "lot" in ways and (ballot.round > 1 or "reballot" not in ways)
    ties = ballot.result.get("count", {}).get("ties", [])
    return [t for t in ties if t["purpose"] != "election" or after]


def check_lot(ballot: Ballot) -> None:
    """Refuse a lot where none is due: it comes after the method's own history and after a re-ballot, once.

    Raises
    ------
    Refused
        With what comes first.
    """
    if ballot.closing.get("seed"):
        raise Refused("the lot of this ballot is drawn", where=f"ballot {ballot.id}", mend="certify it")
    if not ballot.result.get("count", {}).get("ties"):
        raise Refused("there is no tie to break", where=f"ballot {ballot.id}", mend="certify it")
    if not lots_due(ballot):
        raise Refused(
            "a tie goes to a re-ballot among the tied before it goes to a lot",
            where=f"ballot {ballot.id}",
            mend="certify the count, then hold the re-ballot",
        )


def effects_of(state: State, ballot: Ballot) -> dict[str, Any]:
    """What a count does once it is certified: it follows from the count and the state alone.

    Raises
    ------
    Refused
        If a tie stands in the way that only a lot can break.
    """
    result = ballot.result
    if ballot.election is not None:
        stuck = lots_due(ballot)
        if stuck and result["outcome"] != "no_quorum":
            raise Refused(
                "the count stands still at a tie",
                where=f"ballot {ballot.id}",
                found=f"{', '.join(stuck[0]['options'])}: {stuck[0]['purpose']}",
                expected="a recorded lot",
                mend="draw it from a published seed",
            )
        return {key: result[key] for key in ("outcome", "elected", "contest", "places", "why")}
    motion = state.motions[ballot.motion or ""]
    effects: dict[str, Any] = {"outcome": result["outcome"]}
    if result["outcome"] != "adopted":
        return effects
    if motion.amendment is not None:
        effects["moot"] = mooted_by(state, motion)
        if motion.amendment.amends is not None:
            operation = redrafted(state, state.motions[motion.amendment.amends], motion)
            effects["operation"] = operation.to_json()
    elif motion.document is not None:
        effects["version"] = as_amended(state, motion).hash
    return effects


def settle(state: State, ballot: Ballot, effects: dict[str, Any], height: int, time: str) -> None:
    """Let a certified count take effect."""
    if ballot.election is not None:
        _settle_election(state, ballot, effects)
        return
    motion = state.motions[ballot.motion or ""]
    if "version" in effects:
        version, document = as_amended(state, motion), state.document_of(motion)
        since = "" if document.kind == "statute" else time
        document.versions.append(DocumentVersion(version.hash, version, height, "adopted", motion.id, since))
    if "operation" in effects:
        amended = state.motions[change_of(motion).amends or ""]
        change_of(amended).operation = redrafted(state, amended, motion)
    motion.status = effects["outcome"]
    for other in effects.get("moot", {}):
        state.motions[other].status, state.motions[other].made_moot_by = "moot", motion.id


def _settle_election(state: State, ballot: Ballot, effects: dict[str, Any]) -> None:
    if effects["outcome"] == "no_quorum":
        return back_from_voting(state, ballot)
    election = state.elections[ballot.election or ""]
    election.elected += effects["elected"]
    election.contest, election.contest_seats = tuple(effects["contest"]), effects["places"]
    election.contest_why = effects["why"]
    election.status = "reballot" if effects["outcome"] == "reballot" else "counted"


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
        ballot = state.ballots.find(self.ballot)
        same_frozen(ballot, self.frozen_hash)
        if self.seed is None:
            ballot.must(("closed",), "be counted")
        else:
            ballot.must(("counted",), "be decided by lot", "count it first")
            check_lot(ballot)
            if not self.seed_source:
                raise BadInput(
                    "a lot is drawn from a published seed",
                    expected="where the seed was published",
                    mend="name the source",
                )
        must_be(self.result_hash, digest(self.result), "the count is not what its hash says", f"ballot {ballot.id}")

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
        ballot = state.ballots.find(self.ballot).must(("counted",), "be certified", "count it first")
        must_be(
            self.result_hash,
            ballot.result_hash,
            "another count is certified than was counted",
            where=f"ballot {ballot.id}",
        )
        expected = effects_of(state, ballot)
        must_be(self.effects, expected, "the count does not have these effects", f"ballot {ballot.id}")

    def apply(self, state: State, now: Now) -> None:
        ballot = state.ballots[self.ballot]
        ballot.status, ballot.certified_by = "certified", self.by
        settle(state, ballot, self.effects, now.height, now.time)
