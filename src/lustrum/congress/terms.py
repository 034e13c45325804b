"""Opening a ballot: whether its motion or election is ready for it, and the terms that are fixed then (rule 1)."""

from __future__ import annotations

from typing import Any

from lustrum.congress.amendments import (
    amendments_to,
    as_amended,
    check_fresh,
    check_turn,
    passed_operations,
    what_is_solved,
)
from lustrum.congress.canonical import digest
from lustrum.congress.elections import constraints_of
from lustrum.congress.entities import Ballot, Motion, must_be
from lustrum.congress.state import State
from lustrum.congress.statute.statute import rules_of
from lustrum.congress.voting import YES_NO
from lustrum.errors import Refused


def frozen_of(state: State, ballot: Ballot) -> dict[str, Any]:
    """The terms on which a ballot opens now, as the statute in force and the register say."""
    session = state.sessions[ballot.session]
    roll, roll_hash = state.roll(session.body)
    terms: dict[str, Any] = {
        "question": ballot.question,
        "roll": roll_hash,
        "voters": len(roll),
        "weight": sum(roll.values()),
        "members": state.members(session.body),
        "present": state.present(session),
        "statute": state.documents[state.statute].in_force.hash,
        "matter": _matter(state, ballot),
    }
    if ballot.motion is not None:
        kind = state.motions[ballot.motion].decision
        rule = state.rulebook.decision_rule(kind).model_dump(mode="json")
        terms |= {"options": list(YES_NO), "seats": 1, "round": 1, "constraints": []}
    else:
        election = state.elections[ballot.election or ""]
        kind, rule = election.rule, state.rulebook.election_rule(election.rule).model_dump(mode="json")
        terms |= {
            "options": list(election.contest),
            "seats": election.contest_seats,
            "round": election.rounds + 1,
            "constraints": constraints_of(state, election, election.contest, election.contest_seats),
        }
    return terms | {
        "kind": kind,
        "rule": rule,
        "rule_hash": digest(rule),
        "method": rule["method"],
        "secret": rule["ballot"] == "secret",
    }


def _matter(state: State, ballot: Ballot) -> str:
    """Hash of what is voted on: the motion's text, its change as it stands, and the document as amended so far."""
    if ballot.motion is None:
        election = state.elections[ballot.election or ""]
        return digest({"election": election.id, "body": election.body, "elected": election.elected})
    motion = state.motions[ballot.motion]
    change = motion.amendment
    passed = [m.id for m in amendments_to(state, motion) if m.status == "adopted"]
    return digest(
        {
            "motion": motion.id,
            "title": motion.title,
            "text": motion.text,
            "document": motion.document,
            "base": motion.base,
            "operation": change.operation.to_json() if change else None,
            "adopted": passed,
            "consequences": motion.consequences.hash if motion.consequences else None,
        }
    )


def check_frozen(state: State, ballot: Ballot, frozen: dict[str, Any], frozen_hash: str) -> None:
    """Refuse terms that are not those of the statute and the register, or not of their hash.

    Raises
    ------
    Refused
        Naming the first term that differs.
    """
    expected = frozen_of(state, ballot)
    for name in sorted({*expected, *frozen}):
        must_be(
            frozen.get(name),
            expected.get(name),
            f"a ballot opens on the terms that hold: {name} differs",
            where=f"ballot {ballot.id}",
        )
    must_be(frozen_hash, digest(frozen), "the terms are not what their hash says", f"ballot {ballot.id}")


def same_frozen(ballot: Ballot, frozen_hash: str) -> None:
    """Refuse a step on other terms than those that were frozen when the ballot was opened."""
    expected = ballot.frozen_hash or "a ballot that was opened"
    must_be(frozen_hash, expected, "these are not the terms on which the ballot was opened", f"ballot {ballot.id}")


def begin_voting(state: State, ballot: Ballot, frozen: dict[str, Any], frozen_hash: str) -> None:
    """Fix the terms of a ballot, and put its motion or election to the vote."""
    ballot.status, ballot.frozen, ballot.frozen_hash = "open", frozen, frozen_hash
    ballot.options, ballot.secret = tuple(frozen["options"]), frozen["secret"]
    ballot.seats, ballot.round = frozen["seats"], frozen["round"]
    if ballot.motion is not None:
        state.motions[ballot.motion].status = "voting"
        return
    election = state.elections[ballot.election or ""]
    election.status, election.rounds = "voting", election.rounds + 1


def check_may_vote(state: State, ballot: Ballot) -> None:
    """Refuse a ballot on a motion or in an election that is not ready for the vote.

    Raises
    ------
    Refused
        Naming what is missing: debate, the order of voting, fresh hashes, consequences, candidates.
    """
    if ballot.election is not None:
        state.elections[ballot.election].must(("closed", "reballot"), "be put to a vote", "close nominations first")
        return
    motion = state.motions[ballot.motion or ""]
    motion.must(("debate",), "be put to a vote", "bring it to debate first")
    main = state.whole(motion)
    if main is not motion:
        main.must(("debate",), "have amendments voted on", "bring it to debate first")
    if main.document is not None and (current := state.documents[main.document].newest.hash) != main.base:
        raise Refused(
            f"{main.document} has another version than motion {main.id} was moved on",
            found=main.base,
            expected=current,
            mend="withdraw the motion, and move it on the version that stands",
        )
    check_turn(state, motion)
    if motion.amendment is not None:
        check_fresh(state, main, motion.amendment.operation, motion.amendment.amends)
    elif motion.document == state.statute:
        # A statute whose rules do not hold together cannot be voted; StatuteError says where.
        rules_of(as_amended(state, motion))
    elif state.on_plan(motion):
        # Nor can what is no plan file; SpecError says why.
        from lustrum.congress.plan_change import amended  # planning and solving are slow to import

        amended(state.document_of(motion).newest.version, passed_operations(state, motion))
    _check_consequences(state, main, motion)


def _check_consequences(state: State, main: Motion, motion: Motion) -> None:
    if not state.on_plan(motion) or (motion is main and not passed_operations(state, main)):
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
