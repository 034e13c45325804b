"""What a ballot may be held on, and what a certified count makes of it (rules 2, 4, 7 and 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lustrum.congress.canonical import digest
from lustrum.congress.documents import Operation
from lustrum.congress.state import ordering
from lustrum.congress.state.business import Motion, PaperVersion
from lustrum.congress.state.deciding import Ballot, Election
from lustrum.congress.state.guards import must
from lustrum.congress.state.rulebook import rules_of
from lustrum.congress.state.state import State
from lustrum.errors import BadInput, Refused


def what_is_solved(state: State, motion: Motion) -> tuple[str, str]:
    """The version of the plan and the hash of the operations whose consequences a motion needs.

    Raises
    ------
    Refused
        If the motion is not on a plan.
    """
    main = state.motions[motion.parent] if motion.parent else motion
    if main.document is None or state.papers[main.document].kind != "plan":
        raise Refused(f"motion {motion.id} changes no plan", mend="only amendments to a plan are solved")
    return state.papers[main.document].current.hash, digest([o.to_json() for o in operations_of(state, motion)])


def operations_of(state: State, motion: Motion) -> list[Operation]:
    """What a motion on a document would do to it: an amendment its own change, the whole all that passed."""
    change = motion.amendment
    if change is None:
        return ordering.passed_operations(state, motion)
    if change.amends is None:
        return [change.operation]
    return [ordering.redrafted(state, state.motions[change.amends], motion)]


def check_consequences(state: State, motion: Motion, result: Mapping[str, Any]) -> None:
    """Require that consequences are those of this change of this plan on its accounts, and say if it is feasible.

    Raises
    ------
    BadInput
        If they are not.
    """
    main = state.motions[motion.parent] if motion.parent else motion
    paper = state.papers[main.document or ""]
    done = [{k: v for k, v in o.items() if k != "words"} for o in result.get("operations", [])]
    wanted = [o.to_json() for o in operations_of(state, motion)]
    if result.get("version", {}).get("before") != paper.current.hash or digest(done) != digest(wanted):
        raise BadInput(
            "consequences of another change than this one",
            where=motion.id,
            found=done,
            expected=str(wanted),
            mend="solve this one",
        )
    if paper.economy and result.get("economy") != paper.economy:
        raise BadInput(
            "consequences on other accounts than those the plan was filed with",
            where=motion.id,
            found=result.get("economy"),
            expected=paper.economy,
        )
    if not isinstance(result.get("feasible"), bool):
        raise BadInput("consequences say whether a plan is feasible at all", expected="feasible: true or false")


def check_may_vote(state: State, ballot: Ballot) -> None:
    """Refuse a ballot on a matter that is not ready for it.

    Raises
    ------
    Refused
        Naming what is missing: debate, the order of voting, fresh hashes, consequences, candidates.
    """
    if ballot.election is not None:
        _check_election(state.elections[ballot.election])
        return
    motion = state.motions[ballot.motion or ""]
    must(motion.status, ("debate",), f"motion {motion.id}", "be put to a vote", "bring it to debate first")
    main = state.motions[motion.parent] if motion.parent else motion
    if main is not motion:
        must(main.status, ("debate",), f"motion {main.id}", "have amendments voted on", "bring it to debate first")
    if main.document is not None and (current := state.papers[main.document].current.hash) != main.base:
        raise Refused(
            f"{main.document} has another version than motion {main.id} was moved on",
            found=main.base,
            expected=current,
            mend="withdraw the motion, and move it on the version that stands",
        )
    ordering.check_turn(state, motion)
    if motion.amendment is not None:
        ordering.check_fresh(state, main, motion.amendment.operation, motion.amendment.amends)
    elif motion.document == state.statute:
        # A statute whose rules do not hold together cannot be voted; StatuteError says where.
        rules_of(ordering.as_amended(state, motion))
    elif motion.document is not None and state.papers[motion.document].kind == "plan":
        # Nor can what is no plan file; SpecError says why.
        from lustrum.congress.plan_change import amended  # planning and solving are slow to import

        amended(state.papers[motion.document].current.version, ordering.passed_operations(state, motion))
    _check_consequences(state, main, motion)


def _check_consequences(state: State, main: Motion, motion: Motion) -> None:
    if main.document is None or state.papers[main.document].kind != "plan":
        return
    if motion is main and not ordering.passed_operations(state, main):
        return
    base, operations = what_is_solved(state, motion)
    attached = motion.consequences
    if attached is None or (attached.base, attached.operations_hash) != (base, operations):
        raise Refused(
            "a change of the plan is solved before it is voted",
            where=motion.id,
            found="no consequences" if attached is None else "consequences of what it was before",
            expected="what it costs, who pays, and whether it is feasible at all",
            mend="attach its consequences",
        )


def _check_election(election: Election) -> None:
    must(
        election.status,
        ("closed", "reballot"),
        f"election {election.id}",
        "be put to a vote",
        "close nominations first",
    )


def begin_voting(state: State, ballot: Ballot, frozen: dict[str, Any], frozen_hash: str) -> None:
    """Freeze the terms on a ballot and let its matter be voted on."""
    ballot.status, ballot.frozen, ballot.frozen_hash = "open", frozen, frozen_hash
    ballot.options, ballot.secret = tuple(frozen["options"]), frozen["secret"]
    ballot.seats, ballot.round = frozen["seats"], frozen["round"]
    if ballot.motion is not None:
        state.motions[ballot.motion].status = "voting"
        return
    election = state.elections[ballot.election or ""]
    election.status, election.rounds = "voting", election.rounds + 1


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
        effects["moot"] = ordering.mooted_by(state, motion)
        if motion.amendment.amends is not None:
            redrafted = ordering.redrafted(state, state.motions[motion.amendment.amends], motion)
            effects["operation"] = redrafted.to_json()
    elif motion.document is not None:
        effects["version"] = ordering.as_amended(state, motion).hash
    return effects


def settle(state: State, ballot: Ballot, effects: dict[str, Any], height: int, time: str) -> None:
    """Let a certified count take effect."""
    if ballot.election is not None:
        _settle_election(state.elections[ballot.election], effects)
        return
    motion = state.motions[ballot.motion or ""]
    version = ordering.as_amended(state, motion) if "version" in effects else None
    operation = None
    if "operation" in effects and motion.amendment:
        operation = ordering.redrafted(state, state.motions[motion.amendment.amends or ""], motion)
    motion.status = effects["outcome"]
    if version is not None:
        paper = state.papers[motion.document or ""]
        paper.versions.append(
            PaperVersion(version.hash, version, height, "adopted", motion.id, time if paper.kind != "statute" else "")
        )
    if operation is not None and motion.amendment:
        ordering.change_of(state.motions[motion.amendment.amends or ""]).operation = operation
    for other in effects.get("moot", {}):
        state.motions[other].status, state.motions[other].made_moot_by = "moot", motion.id


def _settle_election(election: Election, effects: dict[str, Any]) -> None:
    if effects["outcome"] == "no_quorum":
        election.rounds -= 1
        election.status = "reballot" if election.rounds else "closed"
        return
    election.elected += effects["elected"]
    election.contest, election.contest_seats = tuple(effects["contest"]), effects["places"]
    election.contest_why = effects["why"]
    election.status = "reballot" if effects["outcome"] == "reballot" else "counted"
