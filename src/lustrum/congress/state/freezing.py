"""What the opening of a ballot freezes (rule 1): question, options, roll, rule, method, and who is there."""

from __future__ import annotations

from typing import Any

from lustrum.congress.canonical import digest
from lustrum.congress.state import contests, ordering, rulebook
from lustrum.congress.state.deciding import Ballot
from lustrum.congress.state.rulebook import frozen_rule
from lustrum.congress.state.state import State
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
        "statute": _statute_hash(state),
        "matter": _matter(state, ballot),
    }
    if ballot.motion is not None:
        kind = state.motions[ballot.motion].decision
        rule = frozen_rule(rulebook.decision(state.rulebook, kind))
        terms |= {"options": list(YES_NO), "seats": 1, "round": 1, "constraints": []}
    else:
        election = state.elections[ballot.election or ""]
        kind, rule = election.rule, frozen_rule(rulebook.election(state.rulebook, election.rule))
        terms |= {
            "options": list(election.contest),
            "seats": election.contest_seats,
            "round": election.rounds + 1,
            "constraints": contests.constraints_of(state, election, election.contest, election.contest_seats),
        }
    return terms | {
        "kind": kind,
        "rule": rule,
        "rule_hash": digest(rule),
        "method": rule["method"],
        "secret": rule["ballot"] == "secret",
    }


def _statute_hash(state: State) -> str:
    return next(v.hash for v in reversed(state.papers[state.statute].versions) if v.status == "in_force")


def _matter(state: State, ballot: Ballot) -> str:
    """Hash of what is voted on: the motion's text, its change as it stands, and the document as amended so far."""
    if ballot.motion is None:
        election = state.elections[ballot.election or ""]
        return digest({"election": election.id, "body": election.body, "elected": election.elected})
    motion = state.motions[ballot.motion]
    change = motion.amendment
    passed = [m.id for m in ordering.amendments_to(state, motion) if m.status == "adopted"]
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
        if frozen.get(name) != expected.get(name):
            raise Refused(
                f"a ballot opens on the terms that hold: {name} differs",
                where=f"ballot {ballot.id}",
                found=frozen.get(name),
                expected=str(expected.get(name)),
            )
    if digest(frozen) != frozen_hash:
        raise Refused(
            "the terms are not what their hash says",
            where=f"ballot {ballot.id}",
            found=frozen_hash,
            expected=digest(frozen),
        )
