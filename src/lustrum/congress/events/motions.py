"""Motions and amendments on their way to a ballot. What a ballot makes of them is in `deciding.py`.

Rule 5: an amendment names the hashes of the version and the unit it changes. Rule 6: the order of voting is logged
before the first vote. Rule 7: an amendment to a plan carries its consequences before its ballot can open.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lustrum.congress.canonical import digest
from lustrum.congress.documents import Operation, operation_from_json
from lustrum.congress.events.step import Hash, Id, Now, Step, Text, kind
from lustrum.congress.state import ordering, outcomes, rulebook
from lustrum.congress.state.business import ENDED, Amendment, Consequences, Motion
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.state import State, find
from lustrum.errors import BadInput, Refused

#: Step of a motion -> from which states, to which.
_WALK = {
    "submit": (("draft",), "submitted"),
    "admit": (("submitted",), "admitted"),
    "debate": (("admitted",), "debate"),
    "withdraw": (("draft", "submitted", "admitted", "debate"), "withdrawn"),
    "refer": (("admitted", "debate"), "referred"),
    "adjourn": (("admitted", "debate"), "adjourned"),
    "resume": (("referred", "adjourned", "no_quorum"), "debate"),
}


class Change(BaseModel):
    """What an amendment changes: an operation with its hashes; on the draft of another amendment if it `amends` one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    operation: dict[str, Any]
    reach: int = Field(0, ge=0, le=1_000_000, description="further-reaching ones are voted first")
    amends: Id | None = None

    @property
    def read(self) -> Operation:
        """The operation, checked for its form."""
        return operation_from_json(self.operation)

    def amendment(self) -> Amendment:
        """The change as the state keeps it."""
        return Amendment(self.read, self.read, self.reach, self.amends)


@kind("motion.drafted/1", makes="motion")
class MotionDrafted(Step):
    """A motion, or with `change` an amendment to the document of its parent, or to another amendment (one level)."""

    motion: Id
    session: Id
    title: Text
    text: str = Field("", max_length=200_000)
    proposer: Id = Field(description="credential of the mover, or the body that moves")
    supporters: list[Id] = Field(default_factory=list)
    decision: Id
    document: Id | None = None
    base: Hash | None = None
    parent: Id | None = None
    recalls: Id | None = None
    item: Id | None = None
    change: Change | None = None

    def check(self, state: State, now: Now) -> None:
        unused(state.motions, self.motion, "motion", state)
        session = find(state.sessions, self.session, "session")
        must(session.status, ("convened", "accrediting", "open", "suspended"), f"session {session.id}", "take a motion")
        rulebook.decision(state.rulebook, self.decision)
        if self.item is not None:
            find(state.items, self.item, "item")
        if self.recalls is not None:
            self._check_recall(state, session.body)
        if self.change is None:
            self._check_whole(state)
        else:
            self._check_amendment(state, self.change)

    def _check_whole(self, state: State) -> None:
        if self.parent is not None:
            raise BadInput("a motion with a parent is an amendment", expected="what it changes", mend="give the change")
        if self.document is None:
            return
        paper = find(state.papers, self.document, "document")
        if self.base != paper.current.hash:
            raise Refused(
                f"the motion is on another version of {paper.id}",
                found=self.base,
                expected=paper.current.hash,
                mend="name the version that stands",
            )
        _ruled_by(self.decision, rulebook.decision_on(paper.kind, False), f"a motion on a {paper.kind}")

    def _check_recall(self, state: State, body: str) -> None:
        mandate = find(state.mandates, self.recalls or "", "mandate")
        must(mandate.status, ("elected", "active"), f"mandate {mandate.id}", "be recalled")
        seat = state.bodies[mandate.body]
        if seat.recall is None or seat.elected_by != body:
            raise Refused(
                f"{body} does not recall members of {seat.id}",
                expected=f"a session of {seat.elected_by}" if seat.recall else "a statute that allows recall",
                mend="the body that elected may recall, where the statute says so",
            )
        _ruled_by(self.decision, seat.recall, "a recall")

    def _check_amendment(self, state: State, change: Change) -> None:
        main = find(state.motions, self.parent or "", "motion")
        if main.document is None or main.amendment is not None:
            raise Refused(
                "an amendment belongs to a motion on a document",
                found=f"parent {main.id}",
                expected="the motion on the whole",
                mend="name that motion as parent",
            )
        if self.document is not None or self.recalls is not None or self.base is not None:
            raise BadInput("an amendment changes the document of its parent and does nothing else")
        must(
            main.status,
            ("draft", "submitted", "admitted", "debate", "adjourned", "no_quorum"),
            f"motion {main.id}",
            "be amended",
        )
        if ordering.voting_has_begun(state, main):
            raise Refused(
                f"voting on the amendments to {main.id} has begun", expected="amendments before the first vote"
            )
        kind = rulebook.decision_on(state.papers[main.document].kind, True)
        _ruled_by(self.decision, kind, f"an amendment to a {state.papers[main.document].kind}")
        ordering.check_fresh(state, main, change.read, change.amends)

    def apply(self, state: State, now: Now) -> None:
        change = self.change.amendment() if self.change else None
        if self.parent is not None:
            state.amendments.setdefault(self.parent, []).append(self.motion)
        state.motions[self.motion] = Motion(
            self.motion,
            self.session,
            self.title,
            self.text,
            self.proposer,
            self.decision,
            self.document,
            self.parent,
            self.recalls,
            self.item,
            change,
            base=self.base,
            supporters=list(self.supporters),
        )


@kind("motion.moved/1")
class MotionMoved(Step):
    """A motion is submitted, admitted, debated, withdrawn, referred, adjourned or resumed: all but decided."""

    motion: Id
    step: str = Field(pattern="^(submit|admit|debate|withdraw|refer|adjourn|resume)$")
    note: str = Field("", max_length=20_000)

    def check(self, state: State, now: Now) -> None:
        motion = find(state.motions, self.motion, "motion")
        must(motion.status, _WALK[self.step][0], f"motion {motion.id}", self.step)
        if self.step in ("debate", "resume"):
            must(state.sessions[motion.session].status, ("open",), f"session {motion.session}", "debate")
        if self.step == "submit":
            _check_movers(state, motion)
        if motion.amendment is not None:
            if self.step == "submit":
                main, change = state.motions[motion.parent or ""], motion.amendment
                ordering.check_fresh(state, main, change.operation, change.amends)
            main = state.motions[motion.parent or ""]
            late = self.step == "admit" or (self.step == "resume" and motion.id not in (main.order or []))
            if late and ordering.voting_has_begun(state, main):
                raise Refused(
                    f"voting on the amendments to {motion.parent} has begun",
                    expected="amendments before the first vote",
                )

    def apply(self, state: State, now: Now) -> None:
        state.motions[self.motion].status = _WALK[self.step][1]
        if self.step == "withdraw":
            _fall_with(state, self.motion)


@kind("motion.carried/1")
class MotionCarried(Step):
    """A motion that was referred, adjourned or met no quorum goes to another session, and its amendments with it."""

    motion: Id
    session: Id

    def check(self, state: State, now: Now) -> None:
        motion = find(state.motions, self.motion, "motion")
        must(motion.status, ("referred", "adjourned", "no_quorum"), f"motion {motion.id}", "be carried over")
        session = find(state.sessions, self.session, "session")
        must(session.status, ("convened", "accrediting", "open"), f"session {session.id}", "take a motion")
        if session.body != state.sessions[motion.session].body:
            raise Refused(
                "a motion stays with its body", found=session.body, expected=state.sessions[motion.session].body
            )

    def apply(self, state: State, now: Now) -> None:
        main = state.motions[self.motion]
        for motion in (main, *ordering.amendments_to(state, main)):
            if motion.status not in ENDED:
                motion.session = self.session


@kind("order.fixed/1")
class OrderFixed(Step):
    """The order of voting on the amendments to a motion, and which of them are declared to exclude each other.

    Those that exclude each other by what they change need no declaration.
    """

    motion: Id
    order: list[Id] = Field(min_length=1)
    incompatible: list[tuple[Id, Id]] = Field(default_factory=list)

    def check(self, state: State, now: Now) -> None:
        main = find(state.motions, self.motion, "motion")
        if main.document is None:
            raise Refused(f"motion {main.id} is on no document", expected="a motion that has amendments")
        if ordering.voting_has_begun(state, main):
            raise Refused(
                f"voting on the amendments to {main.id} has begun", expected="the order before the first vote"
            )
        expected = [step.motion for step in ordering.order_of(state, main).steps][:-1]
        if self.order != expected:
            raise Refused(
                "not the order of voting",
                found=", ".join(self.order),
                expected=", ".join(expected) or "amendments that are admitted",
                mend="amendments to amendments first, then by unit, the furthest-reaching first",
            )
        for a, b in self.incompatible:
            if a == b or a not in expected or b not in expected:
                raise Refused(
                    "two amendments of the order exclude each other",
                    found=f"{a} and {b}",
                    expected="two of the order",
                    mend="name them as they stand in the order",
                )

    def apply(self, state: State, now: Now) -> None:
        main = state.motions[self.motion]
        main.order, main.incompatible = list(self.order), list(self.incompatible)


@kind("consequences.attached/1")
class ConsequencesAttached(Step):
    """What an amendment to the plan costs and who pays, solved before it is voted (rule 7); on the motion on the whole,
    what the amendments that passed cost together."""

    motion: Id
    base: Hash
    operations_hash: Hash
    result: dict[str, Any]
    result_hash: Hash

    def check(self, state: State, now: Now) -> None:
        motion = find(state.motions, self.motion, "motion")
        must(motion.status, ("draft", "submitted", "admitted", "debate"), f"motion {motion.id}", "take consequences")
        base, operations = outcomes.what_is_solved(state, motion)
        if digest(self.result) != self.result_hash:
            raise Refused(
                "the consequences are not what their hash says", found=self.result_hash, expected=digest(self.result)
            )
        if (self.base, self.operations_hash) != (base, operations):
            raise Refused(f"consequences of something else than {motion.id} as it stands", mend="solve it again")
        outcomes.check_consequences(state, motion, self.result)

    def apply(self, state: State, now: Now) -> None:
        found = Consequences(self.result_hash, self.base, self.operations_hash, self.result)
        state.motions[self.motion].consequences = found


def _fall_with(state: State, withdrawn: str) -> None:
    """With a motion fall the amendments to it, and those to an amendment with that one."""
    motion = state.motions[withdrawn]
    main = state.motions[motion.parent] if motion.parent else motion
    for m in ordering.amendments_to(state, main):
        if withdrawn in (m.parent, ordering.change_of(m).amends) and m.status not in ENDED:
            m.status, m.made_moot_by = "moot", withdrawn


def _ruled_by(found: str, expected: str | None, what: str) -> None:
    if found != expected:
        raise Refused(
            f"{what} is decided by its own rule",
            found=found,
            expected=str(expected),
            mend=f"make it a decision of kind {expected}",
        )


def _check_movers(state: State, motion: Motion) -> None:
    """Refuse a motion of one who may not move it, or without enough supporters. A body that moves needs none."""
    rule = rulebook.decision(state.rulebook, motion.decision).moved_by
    if motion.proposer in rule.bodies:
        return
    rolls = [state.roll(body)[0] for body in rule.bodies]
    if not any(motion.proposer in roll for roll in rolls):
        raise Refused(
            f"{motion.proposer} may not move this",
            where=motion.id,
            expected=f"an accredited member of {' or '.join(rule.bodies)}, or one of these bodies",
            mend="let one of them move it",
        )
    support = {s for s in motion.supporters if s != motion.proposer and any(s in roll for roll in rolls)}
    if len(support) < rule.supporters:
        raise Refused(
            "too few supporters",
            where=motion.id,
            found=len(support),
            expected=f"{rule.supporters} accredited members besides the mover",
            mend="name those who support it",
        )
